//! A fix: its verbs, how safe they are, how they are undone and proven.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Conditions, Edit, Map, Repair, Rewrite, Set};
use crate::pack::short::Text;

/// A fix: a title, what kind of change it is, and exactly one verb.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Fix {
    /// What it does, in the imperative (a template).
    pub title: String,
    /// Kind of change.
    #[serde(default)]
    pub safety: Safety,
    /// What it touches beyond the project's files.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// When it is possible.
    #[serde(default, rename = "if")]
    pub when: Conditions,
    /// Taken off (or added to) the cause's confidence for this alternative.
    #[serde(default)]
    pub add: f64,
    /// Run a command: argv, each element a template; never a shell.
    #[serde(default)]
    pub run: Option<Vec<String>>,
    /// Commands that `run` needs to have run first (refreshing a list of packages). Same gate, no undo.
    #[serde(default)]
    pub before: Vec<Vec<String>>,
    /// Folder to run the command in (a template; default: the failed command's own).
    #[serde(default)]
    pub cwd: Option<String>,
    /// Longest time of the command, in seconds (default 600).
    #[serde(default)]
    pub timeout: Option<u32>,
    /// Edit lines of a file.
    #[serde(default)]
    pub edit: Option<Edit>,
    /// Rewrite one node of a source file.
    #[serde(default)]
    pub rewrite: Option<Rewrite>,
    /// Repair the syntax of a source file.
    #[serde(default)]
    pub repair: Option<Repair>,
    /// Set a key in a configuration file.
    #[serde(default)]
    pub set: Option<Set>,
    /// Change a mode.
    #[serde(default)]
    pub chmod: Option<Chmod>,
    /// Make a folder (with its parents).
    #[serde(default)]
    pub mkdir: Option<String>,
    /// Environment variables for the next run only.
    #[serde(default)]
    pub env: Option<Map<Text>>,
    /// Run the failed command again after a while.
    #[serde(default)]
    pub retry: Option<Retry>,
    /// Run this instead of the failed command when it is run again (argv; e.g. resume where it stopped).
    #[serde(default)]
    pub rerun: Option<Vec<String>>,
    /// What a person should do.
    #[serde(default)]
    pub advice: Option<String>,
    /// The command that takes a `run` back, or the paths to put back as they were, or `none`.
    #[serde(default)]
    pub undo: Option<Undo>,
    /// How it is proven.
    #[serde(default)]
    pub verify: Option<Verify>,
}

/// Kinds of change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord, Deserialize, serde::Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Safety {
    /// Restores what the author evidently meant.
    Safe,
    /// Changes behaviour: a person agrees first.
    Unsafe,
    /// Only ever shown.
    #[default]
    Manual,
}

/// What a fix touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Opens network connections.
    Network,
    /// Installs into a language's package environment.
    #[serde(alias = "python-env")]
    Packages,
    /// Installs system packages or changes the system.
    System,
    /// Needs root.
    Sudo,
    /// Writes files of the project.
    ProjectFiles,
    /// Changes modes of files.
    FileMode,
    /// Changes shared state outside this machine.
    RemoteState,
    /// Deletes something.
    Delete,
    /// Cannot be taken back.
    Destructive,
    /// Writes below the user's home folder.
    UserFiles,
}

/// Change a mode.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Chmod {
    /// The file whose mode changes (a template).
    pub path: String,
    /// Symbolic mode: `u+x` and the like.
    pub mode: String,
}

/// Retry with exponential backoff.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Retry {
    /// Runs beyond the failed one.
    #[serde(default = "three")]
    pub attempts: u32,
    /// Waiting times; missing: the config's `retry` section.
    #[serde(default)]
    pub backoff: Option<Backoff>,
}

fn three() -> u32 {
    3
}

/// Waiting times between attempts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Backoff {
    /// First wait, e.g. `2s`, `500ms`.
    #[serde(default)]
    pub first: Option<Text>,
    /// Each wait is this many times the one before.
    #[serde(default)]
    pub factor: Option<f64>,
    /// Longest wait.
    #[serde(default)]
    pub max: Option<Text>,
    /// Randomness, so that many clients do not come back at once.
    #[serde(default)]
    pub jitter: Option<Jitter>,
}

/// Randomness of waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// None.
    None,
    /// Between nothing and the whole wait.
    Full,
    /// Between half and the whole wait.
    Equal,
}

/// How a command is taken back.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub enum Undo {
    /// It cannot be: `none`.
    None(String),
    /// By this command.
    Command(Vec<String>),
    /// By putting these paths back as they were (removed where they did not exist).
    Restore {
        /// Paths (templates), relative to the command's folder.
        restore: Vec<String>,
    },
}

/// How a fix is proven.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Verify {
    /// Run the failed command again (the default).
    #[serde(default)]
    pub rerun: Option<bool>,
    /// A cheaper command that must succeed first.
    #[serde(default)]
    pub run: Option<Vec<String>>,
}
