//! Undo, and sessions that do not end well: everything is as it was.

use std::collections::BTreeSet;

use crate::project::{EDIT, HEAL, Project, RUN, healable, pack};

#[test]
fn healed_then_undone_byte_for_byte() {
    let project = healable();
    project.mode("app.conf", 0o640);
    let before = project.tree();
    project
        .heal(&HEAL)
        .expect(0, &["error[site/broken]", "heal: fixed", "heal undo"]);
    assert_eq!(project.read("app.conf"), "# comment\r\nmode = new\r\nname = \u{e9}");
    assert_eq!(
        before.differing(&project.tree(), true),
        BTreeSet::from(["app.conf".to_owned()])
    );
    project.heal(&["undo"]).expect(0, &["app.conf"]);
    assert_eq!(before.differing(&project.tree(), true), BTreeSet::new());
    project.heal(&["undo"]).expect(1, &["nothing to undo"]);
}

#[test]
fn undo_does_not_overwrite_later_work() {
    let project = healable();
    project.heal(&HEAL).expect(0, &["heal: fixed"]);
    project.write("app.conf", "mode = newer\n");
    project.unchanged_by(|p| {
        p.heal(&["undo"])
            .expect(1, &["changed after heal", "before heal:", "after heal:"])
            .code
    });
}

#[test]
fn a_fix_that_does_not_cure_is_taken_back() {
    let project = Project::new(&[
        ("run.sh", "#!/bin/sh\ncat app.conf\necho BROKEN app.conf >&2; exit 3\n"),
        ("app.conf", "mode = old\n"),
        ("site.yaml", &pack(EDIT)),
    ]);
    let ended = project.unchanged_by(|p| p.heal(&HEAL));
    ended.expect(
        3,
        &[
            "taken back",
            "the same error came again",
            "not fixed",
            "everything is as it was",
        ],
    );
    assert!(!ended.stderr.contains("nothing was changed"), "{}", ended.stderr);
    assert_eq!(ended.out(), "mode = old\nmode = new\n", "it was tried");
    // What was tried is kept as a patch, and can be applied by whoever wants it.
    let kept = ended.stderr.split("what was tried is kept in ").nth(1).unwrap();
    let patch = kept.lines().next().unwrap();
    let applied = project.bare(&["git", "apply", patch]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    assert_eq!(project.read("app.conf"), "mode = new\n");
    let events = project.events();
    for event in [
        "fix_applied",
        "fix_failed",
        "rollback_performed",
        "manual_intervention_required",
    ] {
        assert!(events.iter().any(|e| e == event), "{event} is not in {events:?}");
    }
}

#[test]
fn every_fix_that_was_tried_is_kept_as_a_patch_of_its_own() {
    let fixes = EDIT.replace("with: new", "with: one") + &EDIT.replace("with: new", "with: two");
    let project = Project::new(&[
        ("run.sh", "#!/bin/sh\necho BROKEN app.conf >&2; exit 3\n"),
        ("app.conf", "mode = old\n"),
        ("site.yaml", &pack(&fixes)),
    ]);
    let out = project.beside("out.patch");
    let argv = [&["run", "--patch", out.to_str().unwrap()], &HEAL[1..]].concat();
    let ended = project.unchanged_by(|p| p.heal(&argv));
    ended.expect(3, &["not fixed", "everything is as it was"]);
    let patches: Vec<String> = ended
        .stderr
        .split("what was tried is kept in ")
        .skip(1)
        .map(|rest| std::fs::read_to_string(rest.lines().next().unwrap()).unwrap())
        .collect();
    assert_eq!(patches.len(), 2, "{}", ended.stderr);
    assert!(
        patches[0].contains("+mode = one") && patches[1].contains("+mode = two"),
        "{patches:?}"
    );
    assert_eq!(
        std::fs::read_to_string(out).unwrap(),
        patches[1],
        "the last of them is the session's"
    );
}

#[test]
fn half_a_cure_is_no_cure() {
    // The first error is healed, then another one comes that nobody knows.
    let script = "#!/bin/sh
if grep -q old app.conf; then echo BROKEN app.conf >&2; exit 3; fi
echo 'the gadget is missing' >&2; exit 4
";
    let project = Project::new(&[
        ("run.sh", script),
        ("app.conf", "mode = old\n"),
        ("site.yaml", &pack(EDIT)),
    ]);
    let ended = project.unchanged_by(|p| p.heal(&HEAL));
    ended.expect(4, &["the gadget is missing", "everything is as it was"]);
}

#[test]
fn a_dry_run_changes_nothing_at_all() {
    let project = healable();
    let argv = [&["run", "--dry-run"], &HEAL[1..]].concat();
    let ended = project.unchanged_by(|p| p.heal(&argv));
    ended.expect(3, &["-mode = old", "+mode = new", "dry run, nothing was changed"]);
    assert!(!project.has_logs());
    let command = pack(TOUCH);
    let project = Project::new(&[("run.sh", RUN), ("app.conf", "old"), ("site.yaml", &command)]);
    let ended = project.unchanged_by(|p| p.heal(&argv));
    ended.expect(3, &["touch made"]);
    assert!(!project.has_logs());
}

#[test]
fn a_patch_is_written_where_asked() {
    let project = healable();
    let patch = project.beside("out.patch");
    let argv = [&["run", "--dry-run", "--patch", patch.to_str().unwrap()], &HEAL[1..]].concat();
    project.unchanged_by(|p| p.heal(&argv).code);
    let bare = project.bare(&["git", "apply", "--unsafe-paths", patch.to_str().unwrap()]);
    assert_eq!(bare.code, 0, "{}", bare.stderr);
    assert!(project.read("app.conf").contains("mode = new"));
}

#[test]
fn a_commands_undo_is_run() {
    let script = "#!/bin/sh\n[ -e made ] || { echo BROKEN made >&2; exit 3; }\n";
    let project = Project::new(&[("run.sh", script), ("site.yaml", &pack(TOUCH)), ("heal.toml", ALLOW)]);
    let before = project.tree();
    project.heal(&HEAL).expect(0, &["heal: fixed"]);
    assert!(project.root().join("made").exists());
    project.heal(&["undo"]).expect(0, &["rm -f made"]);
    assert_eq!(before.differing(&project.tree(), true), BTreeSet::new());
}

#[test]
fn only_the_last_attempt_reaches_a_regular_file() {
    let script =
        "#!/bin/sh\necho begin\nif grep -q old app.conf; then echo BROKEN app.conf >&2; exit 3; fi\necho end\n";
    let project = Project::new(&[("run.sh", script), ("app.conf", "old\n"), ("site.yaml", &pack(EDIT))]);
    let file = project.beside("stdout");
    let mut command = project.command(env!("CARGO_BIN_EXE_heal"), &HEAL);
    let status = command.stdout(std::fs::File::create(&file).unwrap()).status().unwrap();
    assert!(status.success());
    assert_eq!(std::fs::read_to_string(file).unwrap(), "begin\nend\n");
    project.heal(&["undo"]).expect(0, &[]);
    assert_eq!(
        project.heal(&HEAL).out(),
        "begin\nbegin\nend\n",
        "a pipe gets everything at once"
    );
}

#[test]
fn the_next_attempt_reads_the_same_input() {
    let script = "#!/bin/sh\nwc -c\nif grep -q old app.conf; then echo BROKEN app.conf >&2; exit 3; fi\n";
    let project = Project::new(&[("run.sh", script), ("app.conf", "old\n"), ("site.yaml", &pack(EDIT))]);
    let ended = project.heal_with_input(&HEAL, b"twelve bytes");
    ended.expect(0, &["heal: fixed"]);
    assert_eq!(ended.out(), "12\n12\n");
}

#[test]
fn fail_on_heal_and_no_rerun() {
    let project = healable();
    let argv = |option: &'static str| [&["run", option], &HEAL[1..]].concat();
    project.heal(&argv("--fail-on-heal")).expect(86, &["heal: fixed"]);
    project.heal(&["undo"]).expect(0, &[]);
    let ended = project.heal(&argv("--no-rerun"));
    ended.expect(3, &["heal: applied", "not proven"]);
    assert!(project.read("app.conf").contains("mode = new"));
}

const TOUCH: &str = "          - title: Make the file
            safety: safe
            run: [touch, made]
            undo: [rm, -f, made]
";
const ALLOW: &str = "[safety]\nallowed_external_commands = [\"tool\"]\n";
