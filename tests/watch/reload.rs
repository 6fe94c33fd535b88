//! Packs that are edited in every way that editors and mounts have.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use heal::config::SelfHealingConfig;
use heal::orchestrator::Setup;
use heal::pack::Sources;
use heal::watch::{Outcome, ReloadOptions, Reloader};
use heal::world::Real;
use tempfile::TempDir;

use crate::support::until;

struct Site {
    folder: TempDir,
}

/// A pack with one rule; `word` is what tells its versions apart.
fn pack(name: &str, word: &str) -> String {
    format!(
        "heal: 1\npack: {{ name: {name}, version: 1.0.0, about: A pack }}\nrules:\n  - id: rule\n    title: It says {word}\n    \
         type: value\n    severity: error\n    match: {{ regex: 'it says {word} here' }}\n    explain: because\n    \
         confidence: {{ base: 0.5 }}\n    fix: [ {{ title: Look, safety: manual, advice: look }} ]\n"
    )
}

impl Site {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn reloader(&self) -> Reloader {
        self.reloader_of(&self.path("rules"))
    }

    fn reloader_of(&self, folder: &Path) -> Reloader {
        let setup = Setup {
            world: Arc::new(Real),
            config: SelfHealingConfig::default(),
            root: self.folder.path().to_path_buf(),
            log_dir: self.path("logs"),
            sources: Sources {
                without_built_in: true,
                system: Some(folder.to_path_buf()),
                ..Sources::default()
            },
        };
        let options = ReloadOptions {
            debounce: Duration::from_millis(50),
            // Far apart: what is noticed is noticed by being told.
            poll: Duration::from_secs(600),
            ..ReloadOptions::default()
        };
        Reloader::start(setup, options)
    }
}

fn titles(reloader: &Reloader) -> Vec<String> {
    let engine = reloader.engine();
    engine.rules().rules.iter().map(|r| r.rule.title.clone()).collect()
}

fn until_titles(reloader: &Reloader, wanted: &[&str]) {
    until(&format!("{wanted:?}"), || (titles(reloader) == wanted).then_some(()));
}

#[test]
fn a_good_save_is_in_force_and_a_broken_one_changes_nothing() {
    let site = Site::new();
    fs::create_dir(site.path("rules")).unwrap();
    fs::write(site.path("rules/a.yaml"), pack("a", "one")).unwrap();
    fs::write(site.path("rules/b.yaml"), pack("b", "other")).unwrap();
    let reloader = site.reloader();
    assert_eq!(reloader.status().generation, 0);
    let before = reloader.engine();

    fs::write(site.path("rules/a.yaml"), pack("a", "two")).unwrap();
    until_titles(&reloader, &["It says two", "It says other"]);
    assert_eq!(reloader.engine().rules().generation, 1);
    // Whoever holds the old set keeps it.
    assert_eq!(before.rules().rules[0].rule.title, "It says one");

    // A regex that does not compile: the line is named, the last good version stays.
    fs::write(site.path("rules/a.yaml"), pack("a", "two(")).unwrap();
    let status = until("the broken pack is told", || {
        Some(reloader.status()).filter(|s| s.outcome == Outcome::Partial)
    });
    assert_eq!(status.generation, 1);
    assert!(status.broken[0].kept);
    let line = format!("{}:8:", site.path("rules/a.yaml").display());
    assert!(status.broken[0].errors[0].starts_with(&line), "{:?}", status.broken);
    assert_eq!(titles(&reloader), ["It says two", "It says other"]);

    // Emptied, as it is for a moment when an editor writes in place: no reason to be without it.
    fs::write(site.path("rules/a.yaml"), "").unwrap();
    until("the empty pack is told", || {
        let broken = reloader.status().broken;
        broken.first().filter(|b| !b.errors[0].starts_with(&line)).map(drop)
    });
    assert_eq!(titles(&reloader), ["It says two", "It says other"]);
    assert_eq!(reloader.engine().rules().generation, 1);

    // Another pack goes on; the broken one stays as it was and is still told.
    fs::write(site.path("rules/b.yaml"), pack("b", "more")).unwrap();
    until_titles(&reloader, &["It says two", "It says more"]);
    assert_eq!(reloader.status().outcome, Outcome::Partial);
    assert_eq!(reloader.engine().rules().generation, 2);

    fs::write(site.path("rules/a.yaml"), pack("a", "three")).unwrap();
    until_titles(&reloader, &["It says three", "It says more"]);
    assert_eq!(reloader.status().outcome, Outcome::Loaded);
}

#[test]
fn two_packs_that_do_not_go_together_leave_the_older_in_force() {
    let site = Site::new();
    fs::create_dir(site.path("rules")).unwrap();
    fs::write(site.path("rules/a.yaml"), pack("a", "one")).unwrap();
    let reloader = site.reloader();
    fs::write(site.path("rules/b.yaml"), pack("a", "second")).unwrap();
    let status = until("the second is told", || {
        Some(reloader.status()).filter(|s| s.outcome == Outcome::Partial)
    });
    assert_eq!(status.broken.len(), 1);
    assert_eq!(status.broken[0].file, site.path("rules/b.yaml"));
    assert!(!status.broken[0].kept);
    assert_eq!(titles(&reloader), ["It says one"]);
}

#[test]
fn editors_that_rename_or_write_in_halves_and_ten_saves_in_a_second() {
    let site = Site::new();
    fs::create_dir(site.path("rules")).unwrap();
    let file = site.path("rules/a.yaml");
    fs::write(&file, pack("a", "one")).unwrap();
    let reloader = site.reloader();

    fs::write(site.path("rules/.a.yaml.swp"), pack("a", "two")).unwrap();
    fs::rename(site.path("rules/.a.yaml.swp"), &file).unwrap();
    until_titles(&reloader, &["It says two"]);

    let text = pack("a", "three");
    let (first, rest) = text.split_at(text.len() / 2);
    fs::write(&file, first).unwrap();
    // The half may be seen; what is in force is the whole before and the whole after.
    assert!(["It says two"] == titles(&reloader)[..]);
    fs::write(&file, [first, rest].concat()).unwrap();
    until_titles(&reloader, &["It says three"]);

    for k in 0..10 {
        let word = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "last"][k];
        fs::write(&file, pack("a", word)).unwrap();
        std::thread::sleep(Duration::from_millis(10));
    }
    until_titles(&reloader, &["It says last"]);
}

#[test]
fn a_link_that_is_turned_round_as_mounted_configuration_is() {
    let site = Site::new();
    for (version, word) in [("v1", "one"), ("v2", "two")] {
        fs::create_dir_all(site.path("rules").join(format!("..{version}"))).unwrap();
        fs::write(site.path("rules").join(format!("..{version}/a.yaml")), pack("a", word)).unwrap();
    }
    symlink("..v1", site.path("rules/..data")).unwrap();
    symlink("..data/a.yaml", site.path("rules/a.yaml")).unwrap();
    let reloader = site.reloader();
    assert_eq!(titles(&reloader), ["It says one"]);
    symlink("..v2", site.path("rules/..data_tmp")).unwrap();
    fs::rename(site.path("rules/..data_tmp"), site.path("rules/..data")).unwrap();
    until_titles(&reloader, &["It says two"]);
}

#[test]
fn folders_that_come_go_and_come_again() {
    let site = Site::new();
    let reloader = site.reloader_of(&site.path("not/yet/rules"));
    assert_eq!(titles(&reloader), [""; 0]);
    fs::create_dir_all(site.path("not/yet/rules")).unwrap();
    fs::write(site.path("not/yet/rules/a.yaml"), pack("a", "one")).unwrap();
    until_titles(&reloader, &["It says one"]);
    fs::remove_dir_all(site.path("not")).unwrap();
    until_titles(&reloader, &[]);
    fs::create_dir_all(site.path("not/yet/rules")).unwrap();
    fs::write(site.path("not/yet/rules/a.yaml"), pack("a", "two")).unwrap();
    until_titles(&reloader, &["It says two"]);
    // And in the new folder changes are noticed as in the old.
    fs::write(site.path("not/yet/rules/a.yaml"), pack("a", "three")).unwrap();
    until_titles(&reloader, &["It says three"]);
}

#[test]
fn asking_for_it_reloads_at_once_and_a_touch_is_no_change() {
    let site = Site::new();
    fs::create_dir(site.path("rules")).unwrap();
    let file = site.path("rules/a.yaml");
    fs::write(&file, pack("a", "one")).unwrap();
    let reloader = site.reloader();
    fs::write(&file, pack("a", "one")).unwrap();
    reloader.reload_now();
    assert_eq!(reloader.engine().rules().generation, 0);
    fs::write(&file, pack("a", "two")).unwrap();
    reloader.reload_now();
    assert_eq!(titles(&reloader), ["It says two"]);
    assert_eq!(reloader.engine().rules().generation, 1);
}

/// Only what changed is looked at again; what a change does to other rules' examples is found all the
/// same.
#[test]
fn a_changed_rule_that_takes_another_rules_example_is_noticed() {
    let site = Site::new();
    let rules = |second: &str| {
        format!(
            "heal: 1\npack: {{ name: site, version: 1.0.0 }}\nrules:\n  - id: first\n    title: First\n    match: {{ regex: '^widget broke' }}\n    cause: x\n    examples: [ \"widget broke at noon\" ]\n  - id: second\n    title: Second\n    match: {{ regex: '{second}' }}\n    cause: x\n    examples: [ \"gadget broke at noon\" ]\n"
        )
    };
    std::fs::create_dir_all(site.path("rules")).unwrap();
    std::fs::write(site.path("rules/site.yaml"), rules("^gadget broke")).unwrap();
    let reloader = site.reloader();
    assert!(reloader.status().broken.is_empty());
    std::fs::write(site.path("rules/site.yaml"), rules("^(?:gadget|widget) broke at noon")).unwrap();
    reloader.reload_now();
    let broken = reloader.status().broken;
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].errors.iter().any(|e| e.contains("E507")), "{broken:?}");
    std::fs::write(
        site.path("rules/site.yaml"),
        rules("^(?:gadget|sprocket) broke at noon"),
    )
    .unwrap();
    reloader.reload_now();
    assert!(reloader.status().broken.is_empty(), "{:?}", reloader.status().broken);
    // A mistake in a rule that did change, beside one that did not.
    std::fs::write(site.path("rules/site.yaml"), rules("^(?:gadget|sprocket broke")).unwrap();
    reloader.reload_now();
    assert!(reloader.status().broken[0].errors.iter().any(|e| e.contains("E201")));
}
