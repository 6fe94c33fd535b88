//! What heal does not do, whoever says so: protected paths, other folders, other commands, hostile text.

use crate::project::{EDIT, HEAL, Project, RUN, healable, pack};

/// Nothing changes, the reason is told, and the changelog asks for a person.
#[track_caller]
fn refuses(project: &Project, args: &[&str], code: i32, words: &[&str]) {
    let ended = project.unchanged_by(|p| p.heal(args));
    ended.expect(code, words);
    let events = project.events();
    assert!(events.iter().any(|e| e == "manual_intervention_required"), "{events:?}");
    assert!(!events.iter().any(|e| e == "fix_applied"), "{events:?}");
}

#[test]
fn a_protected_path() {
    let project = Project::new(&[
        ("run.sh", &RUN.replace("app.conf", "locked/app.conf")),
        ("locked/app.conf", "mode = old\n"),
        ("site.yaml", &pack(EDIT)),
        ("heal.toml", "[safety]\nprotected_paths = [\"locked\"]\n"),
    ]);
    refuses(&project, &HEAL, 3, &["refused", "protected"]);
}

#[test]
fn a_path_outside_of_the_project() {
    let project = Project::new(&[
        ("run.sh", &RUN.replace("app.conf", "../app.conf")),
        ("site.yaml", &pack(EDIT)),
    ]);
    let outside = project.beside("app.conf");
    std::fs::write(&outside, "mode = old\n").unwrap();
    refuses(&project, &HEAL, 3, &["nothing was changed"]);
    assert_eq!(std::fs::read_to_string(outside).unwrap(), "mode = old\n");
}

#[test]
fn a_link_out_of_the_project() {
    let project = Project::new(&[("run.sh", RUN), ("site.yaml", &pack(EDIT))]);
    let outside = project.beside("real.conf");
    std::fs::write(&outside, "mode = old\n").unwrap();
    std::os::unix::fs::symlink(&outside, project.root().join("app.conf")).unwrap();
    refuses(&project, &HEAL, 3, &["nothing was changed"]);
    assert_eq!(std::fs::read_to_string(outside).unwrap(), "mode = old\n");
}

#[test]
fn version_control_and_heals_own_records() {
    for folder in [".git", "self_healing_logs"] {
        let script = RUN.replace("app.conf", &format!("{folder}/app.conf"));
        let project = Project::new(&[("run.sh", &script), ("site.yaml", &pack(EDIT))]);
        project.write(&format!("{folder}/app.conf"), "mode = old\n");
        project.heal(&HEAL).expect(3, &["nothing was changed"]);
        assert_eq!(project.read(&format!("{folder}/app.conf")), "mode = old\n");
    }
}

#[test]
fn a_command_that_is_not_on_the_allow_list() {
    let fix = |argv: &str| {
        pack(&format!(
            "          - {{ title: Do it, safety: safe, run: {argv}, undo: [rm, -f, made] }}\n"
        ))
    };
    let only_true = "[safety]\nallowed_external_commands = [\"true\"]\n";
    for argv in ["[touch, made]", "[sh, -c, 'touch made']", "[/usr/bin/touch, made]"] {
        let files = [
            ("run.sh", RUN),
            ("app.conf", "old\n"),
            ("site.yaml", &fix(argv)),
            ("heal.toml", only_true),
        ];
        refuses(&Project::new(&files), &HEAL, 3, &["allow-list"]);
        // Approval given in advance lifts no refusal.
        let with_yes = [&["run", "--yes"], &HEAL[1..]].concat();
        refuses(&Project::new(&files), &with_yes, 3, &["allow-list"]);
    }
    // A short name stands for the declared argument prefixes, not for the program.
    let tool = "[safety]\nallowed_external_commands = [\"tool\"]\n";
    let files = [
        ("run.sh", RUN),
        ("app.conf", "old\n"),
        ("site.yaml", &fix("[touch, other]")),
        ("heal.toml", tool),
    ];
    refuses(&Project::new(&files), &HEAL, 3, &["allow-list"]);
}

#[test]
fn a_program_in_the_current_folder_does_not_answer_to_a_bare_name() {
    let fix = "          - { title: Make it, safety: safe, run: [touch, made], undo: [rm, -f, made] }\n";
    let script = "#!/bin/sh\n[ -e made ] || { echo BROKEN made >&2; exit 3; }\n";
    let tool = "[safety]\nallowed_external_commands = [\"tool\"]\n";
    let evil = "#!/bin/sh\necho done > evil\n";
    let usual = crate::support::tools::path();
    // Empty and relative entries mean the current folder, for a shell; not for a fix.
    for path in [
        format!(":{usual}"),
        format!(".:{usual}"),
        format!("bin:{usual}"),
        format!("{usual}:"),
    ] {
        let project = Project::new(&[
            ("run.sh", script),
            ("touch", evil),
            ("bin/touch", evil),
            ("rm", evil),
            ("site.yaml", &pack(fix)),
            ("heal.toml", tool),
        ])
        .env("PATH", &path);
        project.heal(&HEAL).expect(0, &["heal: fixed"]);
        project.heal(&["undo"]).expect(0, &[]);
        assert!(!project.root().join("evil").exists(), "{path}");
        assert!(!project.root().join("made").exists(), "{path}");
    }
    // An absolute entry inside the project is refused as a whole.
    let project = Project::new(&[
        ("run.sh", script),
        ("bin/touch", evil),
        ("site.yaml", &pack(fix)),
        ("heal.toml", tool),
    ]);
    let path = format!("{}:{usual}", project.root().join("bin").display());
    let project = project.env("PATH", &path);
    refuses(&project, &HEAL, 3, &["a file of the project itself"]);
}

#[test]
fn variables_that_change_what_a_shell_does_do_not_reach_a_fix() {
    let fix = "          - { title: Make it, safety: safe, run: [bash, fix], undo: [rm, -f, made] }\n";
    let project = Project::new(&[
        (
            "run.sh",
            "#!/bin/sh\n[ -e made ] || { echo BROKEN made >&2; exit 3; }\n",
        ),
        (
            "fix",
            "env | grep -E '^(BASH_ENV|ENV|CDPATH|BASH_FUNC_.*)=' > seen\ntouch made\n",
        ),
        ("evil", "echo done > evil-ran\n"),
        ("site.yaml", &pack(fix)),
        ("heal.toml", "[safety]\nallowed_external_commands = [\"bash fix\"]\n"),
    ]);
    let evil = project.root().join("evil").display().to_string();
    let project = project
        .env("BASH_ENV", &evil)
        .env("ENV", &evil)
        .env("CDPATH", "/")
        .env("BASH_FUNC_touch%%", "() { echo done > evil-ran; }");
    project.heal(&HEAL).expect(0, &["heal: fixed"]);
    assert_eq!(project.read("seen"), "");
    assert!(!project.root().join("evil-ran").exists());
}

#[test]
fn a_log_line_that_wants_more_than_it_may() {
    let run = "          - { title: Do it, safety: safe, run: [touch, '{{word}}'], undo: [rm, '{{word}}'] }\n";
    for word in [
        "--reference=/etc/passwd",
        "-rf",
        "$(touch${IFS}made)",
        "../../etc/x",
        "a\u{7}b",
        "{{ctx.home}}",
    ] {
        let script = "#!/bin/sh\ncat hostile >&2\nexit 3\n";
        let project = Project::new(&[
            ("run.sh", script),
            ("hostile", &format!("BROKEN {word}\n")),
            ("site.yaml", &pack(run)),
            ("heal.toml", "[safety]\nallowed_external_commands = [\"touch\"]\n"),
        ]);
        let before = project.tree();
        let ended = project.heal(&HEAL);
        assert_eq!(ended.code, 3);
        assert!(
            before.differing(&project.tree(), true).is_empty(),
            "{word}: {}",
            ended.stderr
        );
        assert!(!project.beside("home").join("x").exists());
        assert!(
            !ended.stderr.contains('\u{7}') || word.contains('\u{7}'),
            "control characters are not shown"
        );
    }
}

#[test]
fn without_network_what_needs_it_is_advice() {
    let fix =
        "          - { title: Fetch it, safety: safe, effects: [network], run: [touch, made], undo: [rm, -f, made] }\n";
    let project = Project::new(&[
        ("run.sh", RUN),
        ("app.conf", "old\n"),
        ("site.yaml", &pack(fix)),
        ("heal.toml", "[safety]\nallowed_external_commands = [\"tool\"]\n"),
    ]);
    let argv = [&["run", "--offline"], &HEAL[1..]].concat();
    let ended = project.unchanged_by(|p| p.heal(&argv));
    ended.expect(3, &["offline", "touch made"]);
}

#[test]
fn what_needs_approval_is_not_done_unasked() {
    let fix = EDIT.replace("safety: safe", "safety: unsafe");
    let project = Project::new(&[
        ("run.sh", RUN),
        ("app.conf", "mode = old\n"),
        ("site.yaml", &pack(&fix)),
    ]);
    project.unchanged_by(|p| p.heal(&HEAL).expect(3, &["not done by itself"]).code);
    let ask = [&["run", "--ask"], &HEAL[1..]].concat();
    project.unchanged_by(|p| p.heal(&ask).expect(3, &["not done by itself"]).code);
    let yes = [&["run", "--yes"], &HEAL[1..]].concat();
    project.heal(&yes).expect(0, &["heal: fixed"]);
    // The whole site may be set to approval.
    let project = healable();
    project.write("heal.toml", "[safety]\nrequire_approval = true\n");
    project.unchanged_by(|p| p.heal(&HEAL).expect(3, &["every change needs approval"]).code);
}

#[test]
fn a_projects_own_packs_run_commands_only_when_trusted() {
    let fix = "          - { title: Make it, safety: safe, run: [touch, made], undo: [rm, -f, made] }\n";
    let script = "#!/bin/sh\n[ -e made ] || { echo BROKEN made >&2; exit 3; }\n";
    let project = Project::new(&[
        ("run.sh", script),
        (".heal/rules/site.yaml", &pack(fix)),
        ("heal.toml", "[safety]\nallowed_external_commands = [\"tool\"]\n"),
    ]);
    project.unchanged_by(|p| p.heal(&["run", "--", "./run.sh"]).expect(3, &["not trusted"]).code);
    project.heal(&["trust"]).expect(0, &[]);
    project.heal(&["run", "--", "./run.sh"]).expect(0, &["heal: fixed"]);
}

#[test]
fn limits_of_a_fix() {
    let project = healable();
    project.write("heal.toml", "[limits]\nmax_lines = 1\n");
    let fix = EDIT.replace("find: old, with: new", "find: old, with: new, all: true");
    project.write("site.yaml", &pack(&fix));
    project.write("app.conf", "old\nold\nold\n");
    refuses(&project, &HEAL, 3, &["more than the limits allow"]);
}
