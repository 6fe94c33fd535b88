//! `safety.sandbox_execution`: fixes are tried in a copy, confined, and only what is proven there
//! is done in the project. Most fixes here misbehave on purpose.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::net::TcpListener;

use crate::project::{Ended, HEAL, Project, RUN, healable, pack};
use crate::support::tree::Tree;

const ON: &str = "[safety]\nsandbox_execution = true\nallowed_external_commands = [\"bash fix\"]\n";

/// Fails until `made` says `good`.
const NEEDS_MADE: &str = "#!/bin/sh
if [ \"$(cat made 2>/dev/null)\" != good ]; then echo BROKEN made >&2; exit 3; fi
echo fine
";

/// A project whose only fix is a script; it may use the network if `network`.
fn project(fix: &str, effects: &str) -> Project {
    let run = format!(
        "          - {{ title: Fix it, safety: safe, effects: [{effects}], run: [bash, fix], timeout: 2, undo: {{ restore: [made] }} }}\n"
    );
    let project = Project::new(&[
        ("run.sh", NEEDS_MADE),
        ("fix", fix),
        ("keep/me", "as I am\n"),
        ("site.yaml", &pack(&run)),
        ("heal.toml", ON),
    ]);
    std::fs::write(project.beside("secret"), "mine\n").unwrap();
    project
}

/// Whether heal can confine anything on this machine; where not, it must say so and do nothing.
fn can() -> bool {
    let project = project("echo good > made\n", "");
    let ended = project.heal(&HEAL);
    if ended.stderr.contains("no Landlock") {
        ended.expect(3, &["refused", "sandbox_execution"]);
        return false;
    }
    true
}

/// Nothing in or beside the project differs afterwards.
#[track_caller]
fn harmless(project: &Project, words: &[&str]) -> Ended {
    let home = Tree::read(&project.beside("home"));
    let ended = project.unchanged_by(|p| p.heal(&HEAL));
    ended.expect(3, words);
    let secret = std::fs::read_to_string(project.beside("secret")).unwrap();
    assert_eq!(secret, "mine\n");
    assert_eq!(
        home.differing(&Tree::read(&project.beside("home")), true),
        BTreeSet::new()
    );
    ended
}

#[test]
fn what_is_proven_in_the_copy_is_carried_over_and_can_be_undone() {
    if !can() {
        return;
    }
    let fix = "mkdir -p lib/deep && echo x > lib/deep/f && ln -s deep/f lib/l && chmod 700 keep/me && rm -f gone && echo good > made\n";
    let project = project(fix, "");
    project.write("gone", "soon\n");
    let before = project.tree();
    let ended = project.heal(&HEAL);
    ended.expect(0, &["tried in a copy", "heal: fixed"]);
    assert_eq!(ended.out(), "fine\n", "the rehearsal is not seen");
    assert_eq!(project.read("made"), "good\n");
    assert_eq!(
        before.differing(&project.tree(), true),
        BTreeSet::from(["gone", "keep/me", "lib", "lib/deep", "lib/deep/f", "lib/l", "made"].map(str::to_owned))
    );
    project.heal(&["undo"]).expect(0, &["made", "lib"]);
    assert_eq!(before.differing(&project.tree(), true), BTreeSet::new());
}

#[test]
fn edits_are_tried_in_a_copy_too() {
    if !can() {
        return;
    }
    let project = healable();
    project.write("heal.toml", ON);
    let before = project.tree();
    project.heal(&HEAL).expect(0, &["tried in a copy", "heal: fixed"]);
    assert_eq!(
        before.differing(&project.tree(), true),
        BTreeSet::from(["app.conf".to_owned()])
    );
    // One that does not cure never reaches the project.
    let project = healable();
    project.write("heal.toml", ON);
    project.write("run.sh", "#!/bin/sh\ncat app.conf\necho BROKEN app.conf >&2; exit 3\n");
    let ended = project.unchanged_by(|p| p.heal(&HEAL));
    ended.expect(3, &["in a copy", "the same error came again"]);
    assert!(
        !ended.out().contains("new"),
        "the project itself was never changed: {}",
        ended.out()
    );
}

#[test]
fn a_command_that_does_not_cure_changes_nothing() {
    if !can() {
        return;
    }
    harmless(
        &project("echo bad > made; rm -r keep\n", ""),
        &["the same error came again"],
    );
    harmless(&project("echo good > made; exit 4\n", ""), &["exit code 4"]);
}

#[test]
fn nothing_outside_the_project_is_written() {
    if !can() {
        return;
    }
    for outside in [
        "echo x > ../secret",
        "echo x > \"$PWD/../secret\"",
        "ln -s ../secret s; echo x > s",
        "echo x > ~/.profile",
        "rm -f ../secret",
        "mv ../secret .",
    ] {
        let project = project(&format!("set -e\n{outside}\necho good > made\n"), "");
        harmless(&project, &["`bash fix` ended with"]);
    }
}

#[test]
fn the_rest_of_the_fix_counts_not_what_it_tried_outside() {
    if !can() {
        return;
    }
    // It does not mind that writing outside fails: what it did inside is proven and kept.
    let project = project("echo x > ../secret; echo good > made\n", "");
    project.heal(&HEAL).expect(0, &["heal: fixed"]);
    assert_eq!(std::fs::read_to_string(project.beside("secret")).unwrap(), "mine\n");
}

#[test]
fn protected_paths_and_version_control_hold_for_commands_too() {
    if !can() {
        return;
    }
    let in_git = project("echo x > .git/config; echo good > made\n", "");
    harmless(&in_git, &["belongs to version control"]);
    let protected = project("echo x > keep/me; echo good > made\n", "");
    protected.write("heal.toml", &format!("{ON}protected_paths = [\"keep\"]\n"));
    harmless(&protected, &["is protected"]);
}

#[test]
fn the_network_is_cut_unless_the_fix_declares_it() {
    if !can() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let fix = format!("exec 3<>/dev/tcp/127.0.0.1/{port} || exit 9\necho good > made\n");
    harmless(&project(&fix, ""), &["exit code 9"]);
    project(&fix, "network").heal(&HEAL).expect(0, &["heal: fixed"]);
}

#[test]
fn one_that_forks_or_never_ends_is_ended() {
    if !can() {
        return;
    }
    let forks = "n=0; while [ $n -lt 3000 ]; do sleep 60 & n=$((n+1)); done; wait; echo good > made\n";
    let ended = project(forks, "").unchanged_by(|p| p.heal(&HEAL));
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    let stubborn = "trap '' TERM INT HUP; while :; do sleep 0.1; done\n";
    harmless(&project(stubborn, ""), &["did not end in time"]);
}

#[test]
fn a_daemon_left_behind_is_ended_and_told() {
    if !can() {
        return;
    }
    let fix = "setsid sh -c 'sleep 3; echo late > late' >/dev/null 2>&1 </dev/null &\nsleep 0.3; echo good > made\n";
    let project = project(fix, "");
    project
        .heal(&HEAL)
        .expect(0, &["left 2 processes running", "heal: fixed"]);
    std::thread::sleep(std::time::Duration::from_secs(4));
    assert!(!project.root().join("late").exists());
}

#[test]
fn a_file_that_somebody_changes_meanwhile_is_not_overwritten() {
    if !can() {
        return;
    }
    // The user's command runs in the copy while "somebody" is at work in the project: what the
    // copy sees at the project's path is not what lies there.
    let project = project("echo good > made\n", "");
    project.write("made", "bad\n");
    let made = project.root().join("made");
    let slow = NEEDS_MADE.replace("echo fine", "sleep 1.5; echo fine");
    project.write("run.sh", &slow);
    let child = project.command(env!("CARGO_BIN_EXE_heal"), &HEAL).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(900));
    std::fs::write(&made, "theirs\n").unwrap();
    let ended = project.ended(child);
    // Too late for the copy: either it was seen, or it came after everything was done.
    if ended.code != 0 {
        ended.expect(3, &["changed by somebody else"]);
        assert_eq!(project.read("made"), "theirs\n");
    }
}

#[test]
fn a_rehearsal_reads_the_same_input() {
    if !can() {
        return;
    }
    let script = "#!/bin/sh\nread line\nif grep -q old app.conf; then echo BROKEN app.conf >&2; exit 3; fi\n[ \"$line\" = hello ]\n";
    let project = healable();
    project.write("run.sh", script);
    project.write("heal.toml", ON);
    project.heal_with_input(&HEAL, b"hello\n").expect(0, &["heal: fixed"]);
}

#[test]
fn off_by_default() {
    let project = Project::new(&[
        ("run.sh", RUN),
        ("app.conf", "mode = old\n"),
        ("site.yaml", &pack(crate::project::EDIT)),
    ]);
    let ended = project.heal(&HEAL);
    ended.expect(0, &["heal: fixed"]);
    assert!(!ended.stderr.contains("copy"));
}
