//! Every program in `examples/` that shows a use of the library does what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{copy, tools};

/// An example, built.
pub fn program(name: &str) -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", name])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs, it has built this test");
    assert!(built.success(), "the example builds");
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples").join(name)
}

fn run(name: &str, folder: &Path, args: &[&str]) -> (String, i32) {
    let home = tempfile::tempdir().unwrap();
    let output: Output = Command::new(program(name))
        .args(args)
        .current_dir(folder)
        .env("PATH", tools::path())
        .env("HOME", home.path())
        .env_remove("XDG_CONFIG_HOME")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let code = output.status.code().unwrap_or(-1);
    (format!("{said}{}", String::from_utf8_lossy(&output.stderr)), code)
}

#[track_caller]
fn says(name: &str, words: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (said, code) = run(name, folder.path(), &[]);
    assert_eq!(code, 0, "{said}");
    for word in words {
        assert!(said.contains(word), "no `{word}` in\n{said}");
    }
    // Nothing is left behind where the program was started.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    said
}

#[test]
fn protect() {
    says("protect", &["applied:", "+fi", "3 rows"]);
}

#[test]
fn command() {
    says("command", &["Hello Ada\nHello Grace\n", "fixed: "]);
}

#[test]
fn preview() {
    says("preview", &["python/missing-module: ModuleNotFoundError"]);
}

#[test]
fn by_hand() {
    says(
        "by_hand",
        &[
            "Syntax error in line Some(",
            "+done",
            "checked: true",
            "taken back: true",
        ],
    );
}

#[test]
fn callbacks() {
    let said = says(
        "callbacks",
        &["asked: ", "own.sh: Success", "2 errors", "1 proven, 1 failed"],
    );
    assert!(said.contains("made.sh: ManualInterventionRequired"), "{said}");
}

#[test]
fn panic_hook() {
    says(
        "panic_hook",
        &[
            "Connection refused",
            "thread 'worker'",
            "panicked at",
            "incidents on record",
        ],
    );
}

#[test]
fn a_pipeline_around_terraform() {
    if !tools::has("terraform") {
        eprintln!("SKIPPED: terraform is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("infrastructure");
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/terraform"),
        &project,
    );
    let (said, code) = run("terraform_pipeline", folder.path(), &["infrastructure"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("validate: Success"), "{said}");
    assert!(project.join(".terraform").is_dir());
}

#[test]
fn a_script_for_ci() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    std::fs::write(
        folder.path().join("tests.sh"),
        "set -e\nif [ 1 -lt 2 ]; then\n  echo 1 passed\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("lint.sh"), "echo clean\n").unwrap();
    let (said, code) = run("ci", folder.path(), &["."]);
    assert_eq!(code, 0, "{said}");
    for word in [
        "1 passed",
        "tests.sh: Success",
        "clean",
        "lint.sh: exit 0",
        "1 of 1 fixes proven",
    ] {
        assert!(said.contains(word), "no `{word}` in\n{said}");
    }
    // What the checks find is reported, and no check is bent until it passes.
    std::fs::write(folder.path().join("lint.sh"), "echo 'two errors'; exit 1\n").unwrap();
    let (said, code) = run("ci", folder.path(), &["."]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("two errors"), "{said}");
}
