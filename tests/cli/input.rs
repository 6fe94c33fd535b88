//! Bad input: one clear error that names the place, exit 125, nothing changed, nothing run.

use crate::project::{HEAL, Project, healable, pack};

/// The command must not even be started.
#[track_caller]
fn refused(project: &Project, args: &[&str], words: &[&str]) {
    let ended = project.unchanged_by(|p| p.heal(args));
    ended.expect(125, words);
    assert_eq!(ended.out(), "", "the command was run");
    assert!(ended.stderr.lines().count() < 25, "{}", ended.stderr);
}

#[test]
fn configurations() {
    let run = ["run", "--", "echo", "ran"];
    for (name, text, words) in [
        (
            "heal.toml",
            "[retry]\nmax_atempts = 3\n",
            &["heal.toml:2", "max_atempts", "max_attempts"][..],
        ),
        (
            "heal.toml",
            "[retry]\nmax_attempts = 0\n",
            &["heal.toml:2", "max_attempts"],
        ),
        ("heal.toml", "[retry]\nmax_attempts = \"three\"\n", &["heal.toml:2"]),
        ("heal.toml", "[retry\n", &["heal.toml:1"]),
        ("heal.toml", "[confidence]\nauto = 1.5\n", &["heal.toml:2", "auto"]),
        (
            "heal.toml",
            "[packs]\ntrust_project = true\n",
            &["heal.toml:2", "vouch"],
        ),
        (
            "self_healing_config.json",
            "{\n  \"enabled\": true,\n  \"saftey\": {}\n}\n",
            &["self_healing_config.json:3", "safety"],
        ),
        (
            "self_healing_config.json",
            "{\n  \"enabled\": true\n",
            &["self_healing_config.json"],
        ),
    ] {
        refused(&Project::new(&[(name, text)]), &run, words);
    }
    refused(
        &Project::new(&[]),
        &["run", "--config", "absent.toml", "--", "echo", "ran"],
        &["absent.toml"],
    );
    let project = Project::new(&[]).env("SELF_HEAL_MAX_ATTEMPTS", "many");
    refused(&project, &run, &["SELF_HEAL_MAX_ATTEMPTS", "many"]);
    let project = Project::new(&[]).env("SELF_HEAL_ENABLED", "maybe");
    refused(&project, &run, &["SELF_HEAL_ENABLED", "maybe"]);
}

#[test]
fn the_specifications_configuration() {
    let text = r#"{
  "enabled": true,
  "environments": ["python", "terraform", "ansible", "bash"],
  "retry": { "max_attempts": 3, "backoff_multiplier": 2.0, "initial_delay_seconds": 1.0 },
  "logging": { "log_directory": "./elsewhere", "verbose": true },
  "safety": { "dry_run": false, "backup_before_fix": true }
}"#;
    let project = healable();
    project.write("self_healing_config.json", text);
    // The environment goes before the file, and flags before the environment.
    let dry = healable().env("SELF_HEAL_DRY_RUN", "true");
    dry.write("self_healing_config.json", text);
    dry.unchanged_by(|p| p.heal(&HEAL).expect(3, &["dry run"]).code);
    // The pack speaks for an environment of its own, which that file does not name.
    project.write(
        "site.yaml",
        &pack(crate::project::EDIT).replace("name: site\n  commands", "name: bash\n  commands"),
    );
    let _ = project.heal(&HEAL);
    let logs = Project::new(&[("self_healing_config.json", text)]);
    logs.heal(&["run", "--", "sh", "-c", "echo strange >&2; exit 4"])
        .expect(4, &[]);
    assert!(logs.root().join("elsewhere/healing_changelog.json").exists() && !logs.has_logs());
    let argv = ["run", "--log-dir", "flag", "--", "sh", "-c", "echo strange >&2; exit 4"];
    logs.heal(&argv).expect(4, &[]);
    assert!(logs.root().join("flag/healing_changelog.json").exists());
}

#[test]
fn packs() {
    for (text, words) in [
        (
            "heal: 1\npack: { name: x, version: 1.0.0 }\nruels: []\n",
            &["site.yaml:3", "ruels", "rules"][..],
        ),
        ("heal: 1\npack: { name: x\n", &["site.yaml:"]),
        (
            &pack(crate::project::EDIT).replace("(?P<word>\\S+)", "(?P<word>"),
            &["site.yaml:11"],
        ),
        (
            &pack(crate::project::EDIT).replace("Repair {{word}}", "Repair {{wrod}}"),
            &["site.yaml:", "wrod"],
        ),
    ] {
        refused(
            &Project::new(&[("site.yaml", text), ("run.sh", "#!/bin/sh\necho ran\n")]),
            &HEAL,
            words,
        );
    }
    refused(
        &Project::new(&[("run.sh", "#!/bin/sh\necho ran\n")]),
        &HEAL,
        &["site.yaml"],
    );
}

#[test]
fn logs_of_any_kind() {
    let project = Project::new(&[("empty.log", ""), ("folder/x", "")]);
    std::fs::write(
        project.root().join("binary.log"),
        (0..=255u8).cycle().take(300_000).collect::<Vec<_>>(),
    )
    .unwrap();
    std::fs::write(project.root().join("one-line.log"), vec![b'x'; 20 << 20]).unwrap();
    for file in ["empty.log", "binary.log", "one-line.log"] {
        let ended = project.unchanged_by(|p| p.heal(&["scan", file]));
        assert!(ended.code < 2, "{file}: {ended:?}");
        assert!(
            ended.stderr.len() < 5000 && ended.stdout.len() < 5000,
            "{file}: too many words"
        );
    }
    for file in ["absent.log", "folder"] {
        project.unchanged_by(|p| p.heal(&["scan", file])).expect(125, &[file]);
        project.unchanged_by(|p| p.heal(&["fix", file])).expect(125, &[file]);
    }
    let ended = project.heal_with_input(&["scan", "-"], b"ModuleNotFoundError: No module named 'yaml'\n");
    assert!(format!("{}{}", ended.out(), ended.stderr).contains("yaml"), "{ended:?}");
}

#[test]
fn commands_lines() {
    let project = Project::new(&[]);
    for args in [
        &["run"][..],
        &["run", "--max-attempts", "0", "--", "true"],
        &["run", "--pack"],
        &["nonsense"],
    ] {
        let ended = project.unchanged_by(|p| p.heal(args));
        assert!(ended.code == 2 || ended.code == 125, "{args:?}: {ended:?}");
        assert!(!ended.stderr.is_empty());
    }
}
