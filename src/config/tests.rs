//! What a person who writes a configuration notices.

use std::path::{Path, PathBuf};

use super::*;
use crate::world::Memory;

fn world() -> Memory {
    Memory::new().with_dir("/project/.git").with_cwd("/project/sub")
}

fn refused(name: &str, text: &str) -> String {
    parse(Path::new(name), text).unwrap_err().to_string()
}

#[test]
fn defaults_are_the_specifications() {
    let config = SelfHealingConfig::default();
    assert!(config.enabled);
    assert_eq!(config.environments, ["python", "terraform", "ansible", "bash"]);
    assert_eq!(
        config.retry,
        Retry {
            max_attempts: 3,
            backoff_multiplier: 2.0,
            initial_delay_seconds: 1.0,
            max_delay_seconds: 60.0,
        }
    );
    assert_eq!(config.logging.log_directory, Path::new("./self_healing_logs"));
    for command in ["pip", "npm", "terraform", "ansible", "apt-get", "yum"] {
        assert!(config.safety.allowed_external_commands.iter().any(|it| it == command));
    }
    for path in ["/etc", "/usr", "/bin", "/sbin", "/var", "/root"] {
        assert!(config.safety.protected_paths.iter().any(|it| it == Path::new(path)));
    }
    assert!(config.safety.backup_before_fix && !config.safety.dry_run);
    assert_eq!(parse(Path::new("x.toml"), "").unwrap(), config);
    assert_eq!(parse(Path::new("x.json"), "{}").unwrap(), config);
}

#[test]
fn the_specifications_file_is_read() {
    let text = r#"{
  "enabled": true,
  "environments": ["python", "terraform", "ansible", "bash"],
  "retry": { "max_attempts": 5, "backoff_multiplier": 2, "initial_delay_seconds": 1.0 },
  "logging": { "log_directory": "./logs", "verbose": true },
  "safety": { "dry_run": true, "backup_before_fix": true }
}"#;
    let config = parse(Path::new("self_healing_config.json"), text).unwrap();
    assert_eq!(config.retry.max_attempts, 5);
    assert!(config.safety.dry_run);
    assert_eq!(config.logging.log_directory, Path::new("./logs"));
    assert_eq!(config.retry.max_delay_seconds, 60.0);
}

#[test]
fn what_is_saved_is_read_again() {
    let world = world();
    let mut config = SelfHealingConfig::default();
    config.retry.max_attempts = 7;
    config.validation.level = Level::Thorough;
    config.redact.patterns = vec!["a\"b\\\\c".to_owned()];
    for name in ["/project/a.json", "/project/a.toml"] {
        config.write_to(&world, Path::new(name)).unwrap();
        assert_eq!(
            parse(Path::new(name), &world.read_to_string(Path::new(name)).unwrap()).unwrap(),
            config
        );
    }
}

#[test]
fn mistakes_have_a_place_and_a_better_word() {
    for (name, text, expected) in [
        (
            "h.toml",
            "[retry]\nmax_atempts = 3\n",
            "h.toml:2:1: unknown key `max_atempts` (did you mean `max_attempts`?)",
        ),
        (
            "h.toml",
            "[retri]\nx = 3\n",
            "h.toml:1:2: unknown key `retri` (did you mean `retry`?)",
        ),
        (
            "h.toml",
            "enabled = \"yes\"",
            "h.toml:1:11: true or false is expected, this is string \"yes\"",
        ),
        (
            "h.toml",
            "retry.max_attempts = 0",
            "h.toml:1:22: retry.max_attempts: 0 is out of range (from 1 to 100)",
        ),
        (
            "h.toml",
            "retry.max_attempts = -1",
            "h.toml:1:22: a whole number that is not negative is expected, this is integer `-1`",
        ),
        (
            "h.toml",
            "[confidence]\nauto = 0.4\nask = 0.6",
            "h.toml:3:7: confidence.ask: 0.6 is above confidence.auto, which is 0.4 (a fix that is sure enough to be applied must be sure enough to be offered)",
        ),
        (
            "h.toml",
            "[validation]\nlevel = \"thorouh\"",
            "h.toml:2:9: unknown value `thorouh` (did you mean `thorough`?)",
        ),
        (
            "h.toml",
            "retry = 3",
            "h.toml:1:9: a section with keys of its own is expected, this is integer `3`",
        ),
        (
            "h.json",
            "{\n  \"safety\": {\"dryrun\": true}\n}",
            "h.json:2:14: unknown key `dryrun` (did you mean `dry_run`?)",
        ),
        (
            "h.json",
            "{\"enabled\": true,}",
            "h.json:1:18: a key in double quotes is expected here",
        ),
        ("h.json", "{\"enabled\": True}", "h.json:1:13: `True` is no JSON value"),
        (
            "h.json",
            "{\"enabled\": true, \"enabled\": false}",
            "h.json:1:19: the key `enabled` is there twice",
        ),
        (
            "h.json",
            "{\"retry\": {\"backoff_multiplier\": 0.5}}",
            "h.json:1:34: retry.backoff_multiplier: 0.5 is out of range (from 1 to 100)",
        ),
        ("h.json", "", "h.json:1:1: a value is missing"),
        (
            "h.json",
            "[]",
            "h.json:1:1: a section with keys of its own is expected, this is a list",
        ),
    ] {
        assert_eq!(refused(name, text), expected);
    }
    assert!(refused("h.toml", "[redact]\npatterns = [\"ok\", \"(\"]").starts_with("h.toml:2:19: redact.patterns.1: "));
    assert!(refused("h.toml", "enabled = \n").starts_with("h.toml:1:"));
    assert!(refused("h.toml", "confidence.auto = nan").contains("out of range"));
    assert!(refused("h.toml", "a = 1\na = 2").starts_with("h.toml:2:1: "));
    assert!(refused("h.toml", "[logging]\nchangelog_file = \"../x\"").contains("no name of a file"));
}

#[test]
fn a_file_is_looked_for_up_to_the_project_root_then_at_the_users() {
    let flags = Flags::default();
    let found = |world: &Memory| load(world, None, &flags).unwrap().file;
    let world = world().with_env("HOME", "/home/me").with_file("/heal.toml", "nonsense");
    assert_eq!(found(&world), None, "outside the project nothing is read");
    let world = world.with_file("/home/me/.config/heal/config.toml", "");
    assert_eq!(found(&world), Some(PathBuf::from("/home/me/.config/heal/config.toml")));
    let world = world.with_file("/project/self_healing_config.json", "{}");
    assert_eq!(found(&world), Some(PathBuf::from("/project/self_healing_config.json")));
    let world = world.with_file("/project/.heal/config.toml", "logging.log_directory = 'l'");
    let loaded = load(&world, None, &flags).unwrap();
    assert_eq!(loaded.file, Some(PathBuf::from("/project/.heal/config.toml")));
    assert_eq!(loaded.log_dir, Path::new("/project/l"));
    let world = world.with_file("/project/sub/heal.toml", "logging.log_directory = 'l'");
    assert_eq!(load(&world, None, &flags).unwrap().log_dir, Path::new("/project/sub/l"));
    assert!(load(&world, Some(Path::new("missing.toml")), &flags).is_err());
}

#[test]
fn file_is_below_environment_is_below_flags() {
    let world = world()
        .with_file(
            "/project/heal.toml",
            "enabled = false\n[retry]\nmax_attempts = 4\n[safety]\ndry_run = true\n",
        )
        .with_env("SELF_HEAL_MAX_ATTEMPTS", "5")
        .with_env("SELF_HEAL_DRY_RUN", "No")
        .with_env("SELF_HEAL_VERBOSE", "0")
        .with_env("SELF_HEAL_BACKUP", "");
    let loaded = load(&world, None, &Flags::default()).unwrap();
    assert_eq!(loaded.config.retry.max_attempts, 5);
    assert!(!loaded.config.enabled && !loaded.config.safety.dry_run && !loaded.config.logging.verbose);
    assert!(loaded.config.safety.backup_before_fix, "an empty variable is none");
    assert_eq!(loaded.log_dir, Path::new("/project/self_healing_logs"));
    assert_eq!(loaded.root, Path::new("/project"));
    let flags = Flags {
        max_attempts: Some(6),
        log_dir: Some("l".into()),
        dry_run: Some(true),
        ..Flags::default()
    };
    let world = world.with_env("SELF_HEAL_LOG_DIR", "/var/log/heal");
    assert_eq!(
        load(&world, None, &Flags::default()).unwrap().log_dir,
        Path::new("/var/log/heal")
    );
    let loaded = load(&world, None, &flags).unwrap();
    assert_eq!(loaded.config.retry.max_attempts, 6);
    assert!(loaded.config.safety.dry_run);
    assert_eq!(loaded.log_dir, Path::new("/project/sub/l"));
}

#[test]
fn bad_variables_and_flags_are_refused_by_name() {
    for (name, value) in [
        ("SELF_HEAL_ENABLED", "maybe"),
        ("SELF_HEAL_MAX_ATTEMPTS", "many"),
        ("SELF_HEAL_MAX_ATTEMPTS", "0"),
        ("SELF_HEAL_DRY_RUN", "2"),
    ] {
        let error = load(&world().with_env(name, value), None, &Flags::default()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(name) && text.contains(value), "{text}");
    }
    let flags = Flags {
        max_attempts: Some(0),
        ..Flags::default()
    };
    let text = load(&world(), None, &flags).unwrap_err().to_string();
    assert!(
        text.contains("--max-attempts") && text.contains("from 1 to 100"),
        "{text}"
    );
}

#[test]
fn a_project_cannot_vouch_for_itself() {
    let world = world().with_file("/project/heal.toml", "[packs]\ntrust_project = true");
    let text = load(&world, None, &Flags::default()).unwrap_err().to_string();
    assert!(text.contains("/project/heal.toml:2:17"), "{text}");
    let file = Some(Path::new("/project/heal.toml"));
    assert!(
        load(&world, file, &Flags::default())
            .unwrap()
            .config
            .packs
            .trust_project
    );
}

#[test]
fn the_schema_knows_every_key() {
    let schema = schema().to_string();
    for key in [
        "max_attempts",
        "protected_paths",
        "level",
        "total_time_seconds",
        "trust_project",
    ] {
        assert!(schema.contains(key), "{key}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(?s).*", seed in "[\\[\\]{}\",:a-z0-9.= \n\\\\]*") {
        for text in [&text, &seed] {
            let _ = parse(Path::new("a.json"), text);
            let _ = parse(Path::new("a.toml"), text);
        }
    }
}
