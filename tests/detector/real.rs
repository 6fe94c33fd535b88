//! Outputs of real tools (see their file names for the versions), and what is made of them.

use std::path::Path;

use heal::detector::{DetectContext, DetectedError, Recognised, detect};

use crate::packs::{BOXES, LANGUAGE, SHELL};
use crate::support::{NoFiles, errors, rules, scan, together};

fn output(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/detector/output")
        .join(name);
    std::fs::read_to_string(path).expect("the output is there")
}

fn in_app(name: &str, pack: &str) -> Vec<DetectedError> {
    let set = rules(pack);
    let context = DetectContext {
        cwd: Path::new("/tmp/app"),
        project_root: Path::new("/tmp/app"),
        recognised: &Recognised::default(),
        exit_code: Some(1),
        files: &NoFiles,
    };
    detect(&scan(&set, &output(name)), &set, &context)
}

fn ids(set: &str, found: &[DetectedError]) -> Vec<String> {
    let set = rules(set);
    found
        .iter()
        .map(|e| e.rule.map_or("-".to_owned(), |r| set.rules[r].rule.id.clone()))
        .collect()
}

/// A traceback that was logged and survived, then an error raised while another was handled: the
/// root of the last story is the cause.
#[test]
fn the_root_of_the_fatal_story_comes_first() {
    let found = in_app("python-3.11-chain.txt", LANGUAGE);
    assert_eq!(ids(LANGUAGE, &found), ["missing-module", "import", "key", "key"]);
    let first = &found[0];
    assert_eq!(first.captures["module"], "yaml_that_is_not_there");
    assert_eq!(first.alternatives, [1]);
    assert_eq!(found[1].alternative_of, Some(0));
    let place = first.location.as_ref().expect("in the project");
    assert_eq!((place.shown.as_str(), place.line), ("lib/load.py", Some(2)));
    assert_eq!(place.function.as_deref(), Some("parse"));
    assert_eq!(place.source.as_deref(), Some("import yaml_that_is_not_there"));
    assert_eq!(first.frames.len(), 2);
    // What was survived is older, what followed is a cascade.
    assert_eq!(found[2].captures["key"], "early");
    assert!(found[3].cascade && found[3].captures["key"] == "settings");
}

#[test]
fn a_syntax_error_lies_where_it_says() {
    let found = in_app("python-3.11-syntax.txt", LANGUAGE);
    assert_eq!(ids(LANGUAGE, &found), ["colon"]);
    let place = found[0].location.as_ref().expect("in the project");
    assert_eq!((place.shown.as_str(), place.line), ("syn.py", Some(1)));
    assert_eq!(place.source.as_deref(), Some("def f(x)"));
}

#[test]
fn a_rules_own_groups_are_the_location() {
    let found = in_app("bash-5.2-command.txt", SHELL);
    assert_eq!(found.len(), 1);
    let place = found[0].location.as_ref().expect("named");
    assert_eq!(place.file, Path::new("/tmp/app/deploy.sh"));
    assert_eq!((place.shown.as_str(), place.line), ("deploy.sh", Some(4)));
}

#[test]
fn sentences_are_whole_at_every_width() {
    for name in ["40", "60", "80", "100", "pipe", "plain"] {
        let found = errors(&rules(BOXES), &output(&format!("terraform-1.11-backend-{name}.txt")));
        assert_eq!(ids(BOXES, &found), ["backend", "advice"], "{name}");
        assert_eq!(
            found[0].message,
            "Error: Backend initialization required: please run \"terraform init\""
        );
    }
    for name in ["40", "100"] {
        let found = errors(&rules(BOXES), &output(&format!("terraform-1.11-module-{name}.txt")));
        assert_eq!(ids(BOXES, &found), ["module"], "{name}");
        let place = found[0].location.as_ref().expect("named");
        assert_eq!((place.shown.as_str(), place.line), ("main.tf", Some(1)));
        assert_eq!(place.source.as_deref(), Some("module \"net\" {"));
    }
}

#[test]
fn fallback_rules_and_reports_without_a_rule() {
    let text = "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    g()\nValueError: odd\n";
    let found = errors(&rules(LANGUAGE), text);
    assert_eq!(ids(LANGUAGE, &found), ["any"]);
    let text = text.replace("ValueError: odd", "SystemExit: 3");
    let found = errors(&rules(LANGUAGE), &text);
    assert_eq!(ids(LANGUAGE, &found), ["-"]);
    assert_eq!(found[0].message, "SystemExit: 3");
    assert_eq!(found[0].location.as_ref().and_then(|l| l.line), Some(3));
    assert_eq!(found[0].environment.as_deref(), Some("python"));
}

/// A program calls a tool that fails: what the tool said is the cause.
#[test]
fn a_tools_error_comes_before_what_follows_from_it() {
    let set = together(vec![rules(LANGUAGE), rules(BOXES)]);
    let text = format!(
        "{}Traceback (most recent call last):\n  File \"a.py\", line 3, in f\n    run()\nsubprocess.CalledProcessError: exit 1\n",
        output("terraform-1.11-module-100.txt")
    );
    let found = errors(&set, &text);
    assert_eq!(found[0].environment.as_deref(), Some("terraform"));
    assert!(found.last().is_some_and(|e| e.cascade));
}

#[test]
fn the_users_own_frame_is_the_location() {
    let text = "Traceback (most recent call last):\n  File \"/w/a.py\", line 3, in f\n    g()\n  File \"/w/venv/lib/python3.11/site-packages/x/y.py\", line 9, in g\n    h()\n  File \"/usr/lib/python3.11/json.py\", line 1, in h\n    i()\n  File \"<string>\", line 1, in i\nKeyError: 'a'\n";
    let found = errors(&rules(LANGUAGE), text);
    let place = found[0].location.as_ref().expect("in the project");
    assert_eq!((place.shown.as_str(), place.line), ("a.py", Some(3)));
    assert_eq!(found[0].frames.len(), 4);
}

#[test]
fn the_same_error_is_one_and_has_one_fingerprint() {
    let one = "KeyError: 'a'\nKeyError: 'b'\nKeyError: 'a'\n";
    let found = errors(&rules(LANGUAGE), one);
    assert_eq!(
        found.iter().map(|e| e.captures["key"].as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );
    let again = errors(&rules(LANGUAGE), &format!("2024-05-01T00:00:00Z start\n{one}"));
    assert_eq!(found[0].fingerprint, again[0].fingerprint);
    assert_ne!(found[0].fingerprint, found[1].fingerprint);
}

#[test]
fn nothing_known_is_one_unclassified_error() {
    let found = errors(&rules(LANGUAGE), "starting\nsrc/a.c:3:9: error: no such thing\nbye\n");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].rule, found[0].message.as_str()),
        (None, "src/a.c:3:9: error: no such thing")
    );
    let found = errors(&rules(LANGUAGE), "");
    assert_eq!(found.len(), 1);
    assert!(!found[0].message.is_empty());
}

/// Ten thousand times the same, and a line without end: bounded, and both ends are kept.
#[test]
fn memory_is_bounded() {
    let mut text = String::new();
    for k in 0..10_000 {
        text += &format!("KeyError: 'k{k}'\n");
    }
    text += &"x".repeat(3 << 20);
    text += "\nKeyError: 'last'\n";
    let scan = scan(&rules(LANGUAGE), &text);
    assert_eq!(scan.totals.hits, 20_002, "the rule and the fallback");
    assert_eq!((scan.totals.lines, scan.totals.cut), (10_002, 1));
    let keys: Vec<&str> = scan
        .hits
        .iter()
        .filter_map(|h| h.captures.get("key"))
        .map(String::as_str)
        .collect();
    assert_eq!((keys.len(), keys[0], keys[199]), (200, "k0", "last"));
    assert_eq!((scan.head.len(), scan.tail.len()), (100, 400));
    assert!(scan.tail.iter().all(|l| l.text.len() < 4096));
}
