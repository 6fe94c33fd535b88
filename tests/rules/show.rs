//! `heal rules list` and `heal rules show`: layer, state, and where each part came from.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{heal, text};

const BASE: &str = r#"heal: 1
pack: { name: base, version: 1.0.0 }
rules:
  - id: widget
    title: A widget is broken
    match:
      regex: '^widget (?P<name>\w+) is broken'
    cause: It broke.
    confidence: 0.9
    fix: [ { title: Mend it, safety: manual, advice: "Mend {{name}}." } ]
  - { id: gadget, title: A gadget is broken, match: { regex: '^gadget is broken' }, cause: It broke. }
"#;

const SITE: &str = r#"heal: 1
pack: { name: site, version: 1.0.0 }
rules:
  - { id: own, title: Our own, match: { regex: '^our own failure' }, cause: x, fix: [ { title: Run, run: [git, status] } ] }
overrides:
  - rule: base/widget
    because: here widgets are thrown away
    base: HASH
    replace:
      fix:
        - { title: Throw it away, safety: manual, advice: "Throw {{name}} away." }
    add:
      when: [ { file_exists: bin.txt } ]
  - { rule: base/gadget, because: we have none, disable: true }
"#;

fn project(site: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("home/.config/heal/rules/base.yaml", BASE);
    write(".heal/rules/site.yaml", site);
    folder
}

fn shown(folder: &Path, id: &str) -> Value {
    let out = heal(folder, &["rules", "show", id, "--format", "json"]);
    serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&out.stderr)))
}

#[test]
fn a_list_shows_layer_state_and_origin() {
    let folder = project(SITE);
    let list = text(&heal(folder.path(), &["rules", "list"]).stdout);
    let line = |id: &str| {
        list.lines()
            .find(|l| l.contains(id))
            .unwrap_or_else(|| panic!("{id} in {list}"))
            .to_owned()
    };
    let widget = line("base/widget");
    assert!(
        widget.contains("user") && widget.contains("rules/base.yaml]"),
        "{widget}"
    );
    assert!(
        widget.contains("changed by site: here widgets are thrown away"),
        "{widget}"
    );
    // A project that nobody trusts changed it.
    assert!(widget.starts_with("untrusted"), "{widget}");
    let gadget = line("base/gadget");
    assert!(
        gadget.starts_with("off") && gadget.contains("switched off by site: we have none"),
        "{gadget}"
    );
    assert!(line("site/own").starts_with("untrusted project"), "{list}");
    assert!(
        line("python/missing-module").starts_with("on        built-in"),
        "{list}"
    );
    heal(folder.path(), &["trust"]);
    let list = text(&heal(folder.path(), &["rules", "list"]).stdout);
    assert!(
        list.lines().any(|l| l.starts_with("on        project  site/own")),
        "{list}"
    );
}

#[test]
fn a_rule_is_shown_as_it_is_in_force_with_the_origin_of_each_part() {
    let folder = project(SITE);
    let value = shown(folder.path(), "base/widget");
    let part = |key: &str| {
        let parts = value["parts"].as_array().unwrap();
        parts
            .iter()
            .find(|p| p["key"] == key)
            .unwrap_or_else(|| panic!("{key} in {value:#}"))
    };
    assert_eq!(
        (&part("match")["how"], &part("match")["from"]["line"]),
        (&"own".into(), &6.into())
    );
    let fix = part("fix");
    assert_eq!(
        (&fix["how"], &fix["from"]["layer"], &fix["from"]["line"]),
        (&"replaced".into(), &"project".into(), &10.into())
    );
    assert_eq!(fix["from"]["because"], "here widgets are thrown away");
    assert_eq!(
        fix["text"],
        "fix:\n  - { title: Throw it away, safety: manual, advice: \"Throw {{name}} away.\" }"
    );
    assert_eq!(part("when")["how"], "added");
    let said = text(&heal(folder.path(), &["rules", "show", "base/widget"]).stdout);
    for piece in [
        "# base/widget (untrusted): pack base 1.0.0, user layer",
        "match:\n  regex: '^widget (?P<name>\\w+) is broken'\n",
        "# `fix` is replaced by site (project layer",
        "site.yaml:10): here widgets are thrown away\nfix:\n  - { title: Throw it away",
    ] {
        assert!(said.contains(piece), "{piece:?} is missing in:\n{said}");
    }
    assert!(!said.contains("Mend"), "what was replaced is not in force: {said}");
    assert_eq!(shown(folder.path(), "base/gadget")["state"], "off");
}

#[test]
fn the_hash_that_is_shown_is_the_one_that_an_override_names() {
    let folder = project(SITE);
    let hash = shown(folder.path(), "base/widget")["hash"].as_str().unwrap().to_owned();
    let stale = |site: &str| {
        fs::write(folder.path().join(".heal/rules/site.yaml"), site).unwrap();
        let both = [
            "check",
            "--rules",
            "home/.config/heal/rules",
            ".heal/rules",
            "--concise",
        ];
        text(&heal(folder.path(), &both).stdout).contains("W607")
    };
    assert!(stale(&SITE.replace("HASH", "0000000000000000")));
    assert!(!stale(&SITE.replace("HASH", &hash)));
}

#[test]
fn an_unknown_id_comes_with_the_nearest_one() {
    let folder = project(SITE);
    let out = heal(folder.path(), &["rules", "show", "base/wigdet"]);
    assert!(!out.status.success() && text(&out.stderr).contains("did you mean `base/widget`?"));
}
