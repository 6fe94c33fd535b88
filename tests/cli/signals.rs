//! Signals reach the command, and heal leaves nothing half done.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::project::{EDIT, HEAL, Project, pack};

fn start(project: &Project, args: &[&str]) -> Child {
    let mut command = project.command(env!("CARGO_BIN_EXE_heal"), args);
    command.process_group(0).spawn().unwrap()
}

fn signal(name: &str, to: &str) {
    assert!(Command::new("kill").args([name, "--", to]).status().unwrap().success());
}

/// Waits until a file is there that the command writes when it has come so far.
fn wait_for(project: &Project, file: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    while !project.beside(file).exists() {
        assert!(Instant::now() < until, "{file} never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Fails, is healed, and then runs for long.
const LONG: &str = "#!/bin/sh
if grep -q old app.conf; then echo BROKEN app.conf >&2; exit 3; fi
trap 'kill $!; echo told > ../told; exit 130' INT
trap 'kill $!; echo told > ../told; exit 143' TERM
trap 'kill $!; exit 129' HUP
sleep 30 &
: > ../second
wait
";

fn long() -> Project {
    Project::new(&[
        ("run.sh", LONG),
        ("app.conf", "mode = old\n"),
        ("site.yaml", &pack(EDIT)),
    ])
}

#[test]
fn the_command_gets_the_signal_and_its_code_is_kept() {
    for (name, code) in [("-TERM", 143), ("-INT", 130)] {
        let project = Project::new(&[("run.sh", LONG), ("app.conf", "new\n")]);
        let ended = project.unchanged_by(|p| {
            let child = start(p, &["run", "--", "./run.sh"]);
            wait_for(p, "second");
            // As a terminal does it (the whole group) and as a supervisor does it (heal alone).
            let group = if name == "-INT" { "-" } else { "" };
            signal(name, &format!("{group}{}", child.id()));
            p.ended(child)
        });
        assert_eq!(ended.code, code, "{}", ended.stderr);
        assert!(project.beside("told").exists(), "the command was told");
    }
}

#[test]
fn interrupted_while_proving_everything_is_put_back() {
    for name in ["-TERM", "-INT", "-HUP"] {
        let project = long();
        let ended = project.unchanged_by(|p| {
            let child = start(p, &HEAL);
            wait_for(p, "second");
            assert_eq!(
                p.read("app.conf"),
                "mode = new\n",
                "the fix is in place while it is proven"
            );
            signal(name, &child.id().to_string());
            p.ended(child)
        });
        ended.expect(ended.code, &["everything is as it was"]);
        assert!(ended.code > 128, "{}", ended.code);
    }
}

#[test]
fn killed_while_proving_the_next_heal_puts_everything_back() {
    let project = long();
    let before = project.tree();
    let child = start(&project, &HEAL);
    wait_for(&project, "second");
    signal("-KILL", &format!("-{}", child.id()));
    project.ended(child);
    assert_eq!(project.read("app.conf"), "mode = new\n");
    project
        .heal(&["run", "--", "true"])
        .expect(0, &["was interrupted; put back", "app.conf"]);
    assert!(before.differing(&project.tree(), true).is_empty());
}

#[test]
fn waiting_for_the_next_attempt_can_be_interrupted() {
    let retry = "          - { title: Try again, safety: safe, retry: { attempts: 3, backoff: { first: 60s, max: 60s, jitter: none } } }\n";
    let script = "#!/bin/sh\necho BROKEN link >&2; : > ../second; exit 6\n";
    let project = Project::new(&[("run.sh", script), ("site.yaml", &pack(retry))]);
    let started = Instant::now();
    let child = start(&project, &HEAL);
    wait_for(&project, "second");
    std::thread::sleep(Duration::from_millis(1500));
    signal("-INT", &child.id().to_string());
    let ended = project.ended(child);
    assert!(
        started.elapsed() < Duration::from_secs(30) && ended.code != 0,
        "{}",
        ended.stderr
    );
    assert!(fs::read_dir(project.root()).is_ok());
}
