//! The settings as types, with their defaults. What a value means stands at the value.

use std::path::PathBuf;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lists whose entries name tools and folders of the machine: data, so not in the code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    environments: Vec<String>,
    protected_paths: Vec<PathBuf>,
    allowed_external_commands: Vec<String>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    toml::from_str(include_str!("../../rules/defaults.toml"))
        .expect("rules/defaults.toml is part of the program and read by a test")
});

/// All settings of heal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SelfHealingConfig {
    /// Master switch: `false` makes heal pass commands through and do nothing else.
    pub enabled: bool,
    /// The environments to heal in; a pack that brings a new one in adds its name here.
    pub environments: Vec<String>,
    /// How often and how fast to try again.
    pub retry: Retry,
    /// Where and how much to record.
    pub logging: Logging,
    /// What heal may do.
    pub safety: Safety,
    /// How a fix is proven.
    pub validation: Validation,
    /// How sure heal must be.
    pub confidence: Confidence,
    /// Bounds of a session.
    pub limits: Limits,
    /// More rule packs.
    pub packs: Packs,
    /// What to mask besides the known shapes of secrets.
    pub redact: Redact,
    /// Folders outside the project that fixes may write to.
    pub roots: Roots,
}

impl Default for SelfHealingConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            environments: LISTS.environments.clone(),
            retry: Retry::default(),
            logging: Logging::default(),
            safety: Safety::default(),
            validation: Validation::default(),
            confidence: Confidence::default(),
            limits: Limits::default(),
            packs: Packs::default(),
            redact: Redact::default(),
            roots: Roots::default(),
        }
    }
}

/// How often and how fast to try again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Attempts per distinct error, 1 to 100.
    #[schemars(range(min = 1, max = 100))]
    pub max_attempts: u32,
    /// Each delay is the previous one times this, 1 to 100.
    #[schemars(range(min = 1, max = 100))]
    pub backoff_multiplier: f64,
    /// The first delay in seconds, 0 to 3600.
    #[schemars(range(min = 0, max = 3600))]
    pub initial_delay_seconds: f64,
    /// No delay is longer than this many seconds; 0 to 86400, and not below the first.
    #[schemars(range(min = 0, max = 86400))]
    pub max_delay_seconds: f64,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            backoff_multiplier: 2.0,
            initial_delay_seconds: 1.0,
            max_delay_seconds: 60.0,
        }
    }
}

/// Where and how much to record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Logging {
    /// Folder of the changelog, the backups and the sessions.
    pub log_directory: PathBuf,
    /// Name of the changelog inside that folder.
    pub changelog_file: String,
    /// Tell more.
    pub verbose: bool,
    /// Tell what happens on stderr.
    pub log_to_console: bool,
    /// Write the changelog. Backups and journals are written in any case.
    pub log_to_file: bool,
}

impl Default for Logging {
    fn default() -> Self {
        Self {
            log_directory: PathBuf::from("./self_healing_logs"),
            changelog_file: "healing_changelog.json".to_owned(),
            verbose: true,
            log_to_console: true,
            log_to_file: true,
        }
    }
}

/// What heal may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Safety {
    /// Show what would be done, change nothing.
    pub dry_run: bool,
    /// Ask before every fix; without a terminal nothing is done then.
    pub require_approval: bool,
    /// Keep the backups of a healed session, so that it can be undone. Until a session has ended
    /// they are kept in any case.
    pub backup_before_fix: bool,
    /// Try a fix in a copy of the project first.
    pub sandbox_execution: bool,
    /// Folders in which nothing is ever changed.
    pub protected_paths: Vec<PathBuf>,
    /// The programs that fixes may run: a short name stands for the fix commands that packs
    /// declare for that tool, several words (`["tool", "sub"]` written as `tool sub`) for
    /// exactly these leading arguments.
    pub allowed_external_commands: Vec<String>,
}

impl Default for Safety {
    fn default() -> Self {
        Self {
            dry_run: false,
            require_approval: false,
            backup_before_fix: true,
            sandbox_execution: false,
            protected_paths: LISTS.protected_paths.clone(),
            allowed_external_commands: LISTS.allowed_external_commands.clone(),
        }
    }
}

/// How thoroughly a fix is proven before the command is run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Syntax of every touched file.
    Quick,
    /// Syntax, then the linter where it is installed.
    #[default]
    Standard,
    /// Syntax, linter, tests.
    Thorough,
}

/// How a fix is proven.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Validation {
    /// Which checks are made.
    pub level: Level,
    /// Run the project's tests where the level asks for them.
    pub run_tests_after_fix: bool,
    /// Check the syntax of every touched file.
    pub syntax_check_after_fix: bool,
    /// Take a fix back that did not pass.
    pub rollback_on_failure: bool,
}

impl Default for Validation {
    fn default() -> Self {
        Self {
            level: Level::Standard,
            run_tests_after_fix: true,
            syntax_check_after_fix: true,
            rollback_on_failure: true,
        }
    }
}

/// How sure heal must be, on a scale from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Confidence {
    /// At or above this a fix may be applied by itself.
    #[schemars(range(min = 0, max = 1))]
    pub auto: f64,
    /// At or above this a fix is offered, below it is advice; not above `auto`.
    #[schemars(range(min = 0, max = 1))]
    pub ask: f64,
}

impl Default for Confidence {
    fn default() -> Self {
        Self { auto: 0.8, ask: 0.5 }
    }
}

/// Bounds of a session. Reaching one ends in rollback and manual intervention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Attempts of a session over all its errors, 1 to 1000.
    #[schemars(range(min = 1, max = 1000))]
    pub total_attempts: u32,
    /// Seconds for healing, the command's own runs not counted; 1 to 604800.
    #[schemars(range(min = 1, max = 604800))]
    pub total_time_seconds: f64,
    /// Files that one fix may change, 1 to 10000.
    #[schemars(range(min = 1, max = 10000))]
    pub max_files: u32,
    /// Lines that one fix may change, 1 to 1000000.
    #[schemars(range(min = 1, max = 1000000))]
    pub max_lines: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total_attempts: 20,
            total_time_seconds: 1800.0,
            max_files: 20,
            max_lines: 500,
        }
    }
}

/// More rule packs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Packs {
    /// Files and folders with packs, later ones win.
    pub paths: Vec<PathBuf>,
    /// Let the project's own packs run commands without `heal trust`.
    pub trust_project: bool,
}

/// What to mask besides the known shapes of secrets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Redact {
    /// Regular expressions; what matches (or the group `secret` in it) is masked.
    pub patterns: Vec<String>,
}

/// Folders outside the project that fixes may write to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Roots {
    /// The folders; relative ones as for the log directory.
    pub writable: Vec<PathBuf>,
}
