//! The other commands, as people type them.

use crate::project::{EDIT, HEAL, Project, healable, pack};

#[test]
fn help_names_every_command() {
    let project = Project::new(&[]);
    let help = project.unchanged_by(|p| p.heal(&["--help"]));
    for command in [
        "run",
        "fix",
        "scan",
        "check",
        "rules",
        "explain",
        "undo",
        "gc",
        "log",
        "stats",
        "trust",
        "init",
        "completions",
        "man",
    ] {
        assert!(
            help.out().contains(&format!("\n  {command}")),
            "{command}\n{}",
            help.out()
        );
        let own = project.heal(&[command, "--help"]);
        assert!(own.code == 0 && own.out().contains("Usage:"), "{command}: {own:?}");
    }
    assert!(project.heal(&["--version"]).out().starts_with("heal "));
}

#[test]
fn completions_and_the_manual() {
    let project = Project::new(&[]);
    for shell in ["bash", "zsh", "fish"] {
        assert!(project.heal(&["completions", shell]).out().contains("heal"));
    }
    let script = project.heal(&["completions", "bash"]);
    project.write("heal.bash", script.out());
    assert_eq!(project.bare(&["bash", "-n", "heal.bash"]).code, 0);
    assert!(project.heal(&["man"]).out().contains(".TH"));
}

#[test]
fn rules_can_be_listed_and_shown() {
    let project = healable();
    let list = project.heal(&["rules", "list", "--pack", "site.yaml"]);
    assert!(list.code == 0 && list.out().contains("site/broken"), "{}", list.stderr);
    let show = project.heal(&["rules", "show", "--pack", "site.yaml", "site/broken"]);
    assert!(
        show.out().contains("BROKEN") && show.out().contains("1.2.3"),
        "{show:?}"
    );
    let absent = project.heal(&["rules", "show", "--pack", "site.yaml", "site/brokn"]);
    assert!(absent.code != 0 && absent.stderr.contains("brokn"), "{absent:?}");
    let schema: serde_json::Value = serde_json::from_str(project.heal(&["rules", "schema"]).out()).unwrap();
    assert!(schema["properties"]["rules"].is_object());
}

#[test]
fn what_init_writes_is_right() {
    let project = Project::new(&[]);
    let ended = project.heal(&["init"]);
    ended.expect(0, &[]);
    assert!(project.root().join("heal.toml").exists());
    project.heal(&["run", "--", "true"]).expect(0, &[]);
    let packs: Vec<_> = project.tree().0.into_keys().filter(|p| p.ends_with(".yaml")).collect();
    assert!(!packs.is_empty());
    for pack in packs {
        let checked = project.heal(&["check", "--rules", &pack]);
        assert_eq!(checked.code, 0, "{}{}", checked.out(), checked.stderr);
    }
    // A second time it keeps what is there.
    project.write("heal.toml", "enabled = true\n");
    let _ = project.heal(&["init"]);
    assert_eq!(project.read("heal.toml"), "enabled = true\n");
}

#[test]
fn reports_for_programs() {
    let project = healable();
    let argv = [&["run", "--format", "json"], &HEAL[1..]].concat();
    let ended = project.heal(&argv);
    assert_eq!(ended.code, 0);
    let text = format!("{}{}", ended.out(), ended.stderr);
    let start = text.find("{\"version\"").expect("a report");
    let report = text[start..].lines().next().unwrap();
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    assert_eq!(report["result"], "success");
    assert_eq!(report["applied"][0]["rule"], "site/broken");
    assert_eq!(report["errors"][0]["rule"], "site/broken");
}

#[test]
fn a_captured_log_is_healed_by_the_same_corridor() {
    let project = healable();
    project.write("build.log", "some words\nBROKEN app.conf\n");
    let scan = project.unchanged_by(|p| p.heal(&["scan", "--pack", "site.yaml", "build.log"]));
    assert!(
        format!("{}{}", scan.out(), scan.stderr).contains("site/broken"),
        "{scan:?}"
    );
    project
        .heal(&["fix", "--pack", "site.yaml", "build.log"])
        .expect(0, &["heal: applied", "not proven"]);
    assert!(project.read("app.conf").contains("mode = new"));
}

#[test]
fn source_files_are_checked() {
    let project = Project::new(&[
        ("good.py", "x = 1\n"),
        ("bad.py", "def f(:\n    pass\n"),
        ("bad.sh", "if true; then\n"),
    ]);
    assert_eq!(project.unchanged_by(|p| p.heal(&["check", "good.py"]).code), 0);
    for bad in ["bad.py", "bad.sh"] {
        let ended = project.unchanged_by(|p| p.heal(&["check", bad]));
        assert!(
            ended.code == 1 && format!("{}{}", ended.out(), ended.stderr).contains(bad),
            "{ended:?}"
        );
    }
}

#[test]
fn quiet_is_quiet() {
    let project = healable();
    let argv = [&["run", "-q"], &HEAL[1..]].concat();
    let ended = project.heal(&argv);
    assert_eq!((ended.code, &*ended.stderr), (0, "BROKEN app.conf\n"));
}

#[test]
fn a_sites_rule_goes_before_a_built_in_one_for_the_same_line() {
    let site = pack(EDIT).replace(
        "^BROKEN (?P<word>\\S+)",
        "^ConnectionResetError: .*: (?P<word>app\\.conf)$",
    );
    let run = "import sys\nif 'old' in open('app.conf').read():\n    sys.exit('ConnectionResetError: [Errno 104] Connection reset by peer: app.conf')\n";
    let project = Project::new(&[("run.py", run), ("app.conf", "mode = old\n"), ("site.yaml", &site)]);
    let built_in = project.heal(&["run", "--dry-run", "--", "python3", "run.py"]);
    built_in.expect(1, &["error[python-system/network"]);
    project
        .heal(&["run", "--pack", "site.yaml", "--", "python3", "run.py"])
        .expect(0, &["error[site/broken]", "heal: fixed"]);
}
