//! What can go wrong with healing itself.

use crate::changelog::{ChangelogError, RedactError};
use crate::config::ConfigError;
use crate::orchestrator::{EngineError, SubjectError};
use crate::transaction::UndoError;

/// Why something could not be done. Nothing has changed then, unless a variant says otherwise.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("heal.toml");
/// std::fs::write(&file, "[retry]\nmax_atempts = 3\n")?;
/// let error = heal::Config::from_file(&file).unwrap_err();
/// assert!(matches!(error, heal::Error::Config(_)));
/// assert!(error.to_string().contains("max_attempts"), "{error}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is not right; the message names file, line and what would be right.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Rule packs cannot be used: every error in them, `file:line:column: [code] message` each.
    #[error(transparent)]
    Packs(#[from] EngineError),
    /// A pattern of `redact.patterns` is no regular expression.
    #[error(transparent)]
    Redact(#[from] RedactError),
    /// What is to be healed cannot be run.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// The changelog cannot be read.
    #[error(transparent)]
    Changelog(#[from] ChangelogError),
    /// A session cannot be taken back.
    #[error(transparent)]
    Undo(#[from] UndoError),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: std::path::PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// No program is known that could run this.
    #[error("{0}")]
    NotRunnable(String),
    /// The policy gate does not let a fix through: `decision` is its word, `reason` why.
    #[error("{}{}", decision.words(), if reason.is_empty() { String::new() } else { format!(": {reason}") })]
    NotAllowed {
        /// Its word: never [`super::Decision::Allow`].
        decision: super::Decision,
        /// Why.
        reason: String,
    },
    /// A fix was begun and could not be finished; what had been done of it was taken back, unless the message
    /// says what could not be.
    #[error("{0}")]
    Apply(String),
}
