//! `heal rules new` and `heal stats --unclassified`: drafts of rules from logs of every kind, with
//! their blanks filled in by a machine, hold in a strict check and know their failure again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{heal, text};

fn logs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/logs");
    let mut logs: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    logs.sort();
    assert!(logs.len() >= 12, "logs are missing");
    logs
}

/// What a person would do, without thinking.
fn filled(draft: &str) -> String {
    regex::Regex::new(r"\[\[FILL IN[^\]]*\]\]")
        .unwrap()
        .replace_all(draft, "Filled in")
        .into_owned()
}

/// The marks of a draft are told, and nothing else is wrong with it; then it knows its failure.
fn holds(log: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let name = log.file_stem().unwrap().to_string_lossy().into_owned();
    let from = log.to_str().unwrap();
    let made = heal(folder.path(), &["rules", "new", "--from", from]);
    assert!(made.status.success(), "{name}: {}", text(&made.stderr));
    let draft = text(&made.stdout);
    assert!(
        !text(&made.stderr).contains("more than its blanks"),
        "{name}: {}\n{draft}",
        text(&made.stderr)
    );
    fs::write(folder.path().join("draft.yaml"), filled(&draft)).unwrap();
    let checked = heal(folder.path(), &["check", "--rules", "draft.yaml", "--deny", "all"]);
    assert!(checked.status.success(), "{name}: {}\n{draft}", text(&checked.stdout));
    // The log that it came from is known from now on.
    let scanned = heal(
        folder.path(),
        &["scan", "--pack", "draft.yaml", from, "--format", "json"],
    );
    let report: Value = serde_json::from_slice(&scanned.stdout).unwrap();
    let errors = report["errors"].as_array().unwrap();
    let mut rules = errors
        .iter()
        .filter_map(|e| e["rule_id"].as_str().or(e["rule"].as_str()));
    assert!(rules.any(|r| r.starts_with("site/")), "{name}: {report:#}\n{draft}");
}

#[test]
fn a_draft_holds_in_a_strict_check_once_its_blanks_are_filled_in() {
    let logs = logs();
    std::thread::scope(|scope| {
        for half in logs.chunks(logs.len().div_ceil(2)) {
            scope.spawn(move || half.iter().for_each(|log| holds(log)));
        }
    });
}

#[test]
fn blanks_are_told_until_they_are_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    let log = logs().remove(0);
    let draft = text(&heal(folder.path(), &["rules", "new", "--from", log.to_str().unwrap()]).stdout);
    fs::write(folder.path().join("draft.yaml"), &draft).unwrap();
    let checked = heal(folder.path(), &["check", "--rules", "draft.yaml", "--concise"]);
    let told = text(&checked.stdout);
    assert_eq!(
        told.matches("error[E707]").count(),
        draft.matches("[[FILL IN").count(),
        "{told}\n{draft}"
    );
    assert!(!told.contains("error[E1") && !told.contains("error[E5"), "{told}");
}

#[test]
fn values_become_typed_captures_with_the_names_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("log"),
        "start\nbuild.cfg:12: error: module 'core-net' needs port 8080 after 30 seconds\nend\n",
    )
    .unwrap();
    let draft = text(
        &heal(
            folder.path(),
            &["rules", "new", "--from", "log", "--id", "needs-port", "--env", "bash"],
        )
        .stdout,
    );
    for piece in [
        "environment: bash",
        "- id: needs-port",
        r"regex: '^(?P<file>[^\s:]+):(?P<line>\d+): error: module ''(?P<module>[^'']+)'' needs port (?P<port>\d+) after (?P<seconds>\d+) seconds'",
        "file: path",
        "line: integer",
        "module: name",
        "port: integer",
        "module: 'core-net'",
    ] {
        assert!(draft.contains(piece), "{piece:?} is missing in:\n{draft}");
    }
}

#[test]
fn a_failure_that_a_rule_knows_is_not_drafted_again_unless_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("log"),
        "x\nModuleNotFoundError: No module named 'yaml'\n",
    )
    .unwrap();
    let refused = heal(folder.path(), &["rules", "new", "--from", "log"]);
    assert!(!refused.status.success());
    let why = text(&refused.stderr);
    assert!(
        why.contains("python/") && why.contains("line 2") && why.contains("--line"),
        "{why}"
    );
    let made = heal(folder.path(), &["rules", "new", "--from", "log", "--line", "2"]);
    assert!(text(&made.stdout).contains("(?P<module>"), "{}", text(&made.stderr));
    let none = heal(folder.path(), &["rules", "new", "--from", "log", "--line", "9"]);
    assert!(text(&none.stderr).contains("has no line 9"));
}

#[test]
fn a_draft_is_added_to_a_pack_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("one"),
        "widget 'a' is not ready: error 12 in cell 7\n",
    )
    .unwrap();
    fs::write(folder.path().join("two"), "gadget 'b' failed to spin up its rotor\n").unwrap();
    let pack = folder.path().join(".heal/rules/site.yaml");
    for log in ["one", "two"] {
        let made = heal(
            folder.path(),
            &["rules", "new", "--from", log, "--into", ".heal/rules/site.yaml"],
        );
        assert!(made.status.success(), "{}", text(&made.stderr));
        let now = fs::read_to_string(&pack).unwrap();
        fs::write(&pack, filled(&now)).unwrap();
    }
    let checked = heal(folder.path(), &["check", "--rules", ".heal/rules", "--deny", "all"]);
    let said = text(&checked.stdout);
    assert!(
        checked.status.success() && said.contains("2 rules"),
        "{said}\n{}",
        fs::read_to_string(&pack).unwrap()
    );
}

#[test]
fn secrets_do_not_get_into_drafts_and_figures() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("log"),
        "login error: password=hunter2secret was refused by the gate\n",
    )
    .unwrap();
    let draft = heal(folder.path(), &["rules", "new", "--from", "log"]);
    let stats = heal(
        folder.path(),
        &["stats", "--unclassified", "--from", "log", "--format", "json"],
    );
    for said in [text(&draft.stdout), text(&stats.stdout)] {
        assert!(said.contains("gate") && !said.contains("hunter2secret"), "{said}");
    }
}

#[test]
fn unknown_failures_are_grouped_by_template_the_most_frequent_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = String::new();
    for k in 0..40 {
        log.push_str(&format!(
            "2024-01-15 10:30:{:02} ERROR widget 'w{k}' is not ready: {k} of 40 parts\n",
            k % 60
        ));
        log.push_str("2024-01-15 10:31:00 INFO all is well\n");
        if k % 10 == 0 {
            log.push_str("2024-01-15 10:31:07 ERROR gadget exploded\nModuleNotFoundError: No module named 'yaml'\n");
        }
    }
    fs::write(folder.path().join("log"), log).unwrap();
    let stats = heal(
        folder.path(),
        &["stats", "--unclassified", "--from", "log", "--format", "json"],
    );
    let value: Value = serde_json::from_slice(&stats.stdout).unwrap();
    let rows = value["clusters"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{value:#}");
    assert_eq!((&rows[0]["count"], &rows[1]["count"]), (&40.into(), &4.into()));
    assert_eq!(
        rows[0]["template"],
        "ERROR widget '<widget>' is not ready: <number> of <parts> parts"
    );
    assert_eq!(rows[0]["first"]["time"], "2024-01-15 10:30:00");
    assert_eq!(rows[0]["last"]["line"], 87);
    let shown = text(&heal(folder.path(), &["stats", "--unclassified", "--from", "log"]).stdout);
    assert!(
        shown.contains("     40  2024-01-15 10:30:00") && shown.contains("heal rules new --from log"),
        "{shown}"
    );
}

#[test]
fn failures_of_runs_are_kept_for_the_figures() {
    let folder = tempfile::tempdir().unwrap();
    for k in 0..3 {
        let script = format!("echo \"flux capacitor error: charge {k} is too low\" >&2; exit 3");
        heal(folder.path(), &["run", "-q", "--", "sh", "-c", &script]);
    }
    let stats = heal(folder.path(), &["stats", "--unclassified", "--format", "json"]);
    let value: Value = serde_json::from_slice(&stats.stdout).unwrap();
    assert_eq!(value["clusters"][0]["count"], 3, "{value:#}");
    assert_eq!(
        value["clusters"][0]["template"],
        "flux capacitor error: charge <charge> is too low"
    );
    assert!(value["clusters"][0]["first"]["time"].as_str().is_some());
}
