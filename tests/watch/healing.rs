//! Healing from a log: by policy, not twice, and never called proven.

use crate::support::{Project, kind};

const SHORT: &str = "timeout of 5s is too short\n";

#[test]
fn without_heal_nothing_changes() {
    let project = Project::new();
    project.write("app.conf", "timeout = 5\n");
    project.write("app.log", SHORT);
    let events = project.once(&["app.log"]);
    let found = events.iter().find(|e| kind(e) == "detected").unwrap();
    assert_eq!(found["error"]["causes"][0]["fixes"][0]["title"], "Raise the timeout");
    assert_eq!(project.read("app.conf"), "timeout = 5\n");
}

#[test]
fn a_dry_run_changes_nothing_and_uses_nothing_up() {
    let project = Project::new();
    project.write("app.conf", "timeout = 5\n");
    project.write("app.log", SHORT);
    let events = project.once(&["--heal", "--dry-run", "app.log"]);
    assert!(!events.iter().any(|e| kind(e) == "applied"), "{events:?}");
    assert_eq!(project.read("app.conf"), "timeout = 5\n");
    project.append("app.log", SHORT);
    project.once(&["--heal", "app.log"]);
    assert_eq!(project.read("app.conf"), "timeout = 30\n");
}

#[test]
fn a_fix_is_applied_once_within_its_window_and_undo_takes_it_back() {
    let project = Project::new();
    project.write("app.conf", "timeout = 5\n");
    project.write("app.log", SHORT);
    let watch = project.watch(&["--heal", "--from-start", "app.log"]);
    let applied = watch.until_event("applied");
    assert_eq!(applied["session"]["result"], "applied");
    assert_eq!(applied["session"]["applied"][0]["title"], "Raise the timeout");
    assert_eq!(project.read("app.conf"), "timeout = 30\n");
    // Somebody puts it back, and it goes wrong again.
    project.write("app.conf", "timeout = 5\n");
    project.append("app.log", SHORT);
    let left = watch.until_event("not_applied");
    assert!(
        left["reason"].as_str().unwrap().contains("the same fix was tried"),
        "{left}"
    );
    watch.stop();
    assert_eq!(project.read("app.conf"), "timeout = 5\n");
    // A restart forgets nothing.
    project.append("app.log", SHORT);
    let events = project.once(&["--heal", "app.log"]);
    assert!(events.iter().any(|e| kind(e) == "not_applied"), "{events:?}");
    assert_eq!(project.read("app.conf"), "timeout = 5\n");
    // With a window of nothing it is done again.
    project.append("app.log", SHORT);
    let events = project.once(&["--heal", "--window", "0s", "app.log"]);
    assert!(events.iter().any(|e| kind(e) == "applied"), "{events:?}");
    assert_eq!(project.read("app.conf"), "timeout = 30\n");
    let undone = project.heal(&["undo"]);
    assert!(undone.status.success(), "{undone:?}");
    assert_eq!(project.read("app.conf"), "timeout = 5\n");
    let log = project.heal(&["log"]);
    let text = String::from_utf8_lossy(&log.stdout);
    assert!(text.contains("fix_applied [site/short-timeout]"), "{text}");
    assert!(!text.contains("fix_validated"), "a log proves nothing: {text}");
}

#[test]
fn commands_have_to_be_switched_on() {
    let project = Project::new();
    project.write("heal.toml", "[safety]\nallowed_external_commands = [\"touch\"]\n");
    project.write("app.log", "marker blue is missing\n");
    let events = project.once(&["--heal", "--yes", "app.log"]);
    let left = events
        .iter()
        .find(|e| kind(e) == "not_applied")
        .unwrap_or_else(|| panic!("{events:?}"));
    assert!(left["reason"].as_str().unwrap().contains("--allow-commands"), "{left}");
    assert!(!project.path("marker-blue").exists());
    project.append("app.log", "marker blue is missing\n");
    let events = project.once(&["--heal", "--yes", "--allow-commands", "app.log"]);
    assert!(project.path("marker-blue").exists(), "{events:?}");
}

#[test]
fn several_errors_of_one_moment_are_each_healed() {
    let project = Project::new();
    project.write("heal.toml", "[safety]\nallowed_external_commands = [\"touch\"]\n");
    project.write("app.conf", "timeout = 5\n");
    project.write("app.log", &format!("marker red is missing\nfine\nfine\nfine\n{SHORT}"));
    let events = project.once(&["--heal", "--yes", "--allow-commands", "app.log"]);
    assert_eq!(events.iter().filter(|e| kind(e) == "applied").count(), 2, "{events:?}");
    assert_eq!(project.read("app.conf"), "timeout = 30\n");
    assert!(project.path("marker-red").exists());
}
