//! Every setting of heal: the specification's options, and a few of heal's own.
//!
//! Precedence: defaults, then a file (`heal.toml`, or the specification's JSON), then
//! environment variables, then flags. This module finds, reads and checks settings; it must not
//! know what anybody does with them.

mod check;
mod decode;
mod file;
mod load;
mod model;
mod tree;

use std::path::{Path, PathBuf};

use crate::world::World;

pub use file::parse;
pub use load::{VARIABLES, load};
pub use model::{
    Confidence, Level, Limits, Logging, Packs, Redact, Retry, Roots, Safety, SelfHealingConfig, Validation,
};

/// Where in a file something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub path: PathBuf,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// The bytes of the file that are meant.
    pub span: std::ops::Range<usize>,
}

/// Why a configuration was refused. Nothing is used of a refused one.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The file could not be written.
    #[error("cannot write {path}: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The file is not valid, or a setting in it is not.
    #[error("{}:{}:{}: {message}{}", at.path.display(), at.line, at.column, help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default())]
    Invalid {
        /// Where.
        at: Location,
        /// What is wrong.
        message: String,
        /// What would be right.
        help: Option<String>,
    },
    /// An environment variable has a value that is none of the possible ones.
    #[error("environment variable {name}: {message}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A flag has a value that is out of range.
    #[error("{name}: {message}")]
    Flag {
        /// The setting that the flag sets.
        name: &'static str,
        /// What is wrong and what would be right.
        message: String,
    },
}

/// Settings from the command line; `None` leaves what file and environment say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flags {
    /// `--dry-run`
    pub dry_run: Option<bool>,
    /// `--ask` is true, `--yes` false: `safety.require_approval`.
    pub require_approval: Option<bool>,
    /// `--max-attempts N`
    pub max_attempts: Option<u32>,
    /// `--log-dir DIR`, relative to the current folder.
    pub log_dir: Option<PathBuf>,
    /// `-v`
    pub verbose: Option<bool>,
    /// `--env NAME`, once or more often: these environments only.
    pub environments: Option<Vec<String>>,
    /// `--pack PATH`, in addition to those of the file.
    pub packs: Vec<PathBuf>,
    /// `--trust-project`
    pub trust_project: Option<bool>,
}

/// Settings in force, and where they come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The settings.
    pub config: SelfHealingConfig,
    /// The file that was read; `None` where there is none.
    pub file: Option<PathBuf>,
    /// The log directory, absolute. Relative ones are relative to the folder of the file that
    /// names them, to the current folder for flag and variable, to the project root by default.
    pub log_dir: PathBuf,
    /// The project root: the nearest folder at or above the current one that is under version
    /// control, else the current one.
    pub root: PathBuf,
}

/// The nearest folder at or above `from` that holds a version control folder, else `from`.
pub fn project_root(world: &dyn World, from: &Path) -> PathBuf {
    let from = world.absolute(from);
    from.ancestors()
        .find(|folder| {
            [".git", ".hg", ".svn", ".jj"]
                .iter()
                .any(|name| world.exists(&folder.join(name)))
        })
        .unwrap_or(&from)
        .to_path_buf()
}

/// The JSON Schema of the configuration, for `schemas/config.v1.json`.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(SelfHealingConfig).to_value()
}

#[cfg(test)]
mod tests;
