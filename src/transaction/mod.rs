//! The transaction of a session: every change of a file and every command is journalled before
//! it happens, so that all of it can be taken back, by this process or after its death.
//!
//! It must not know why something is changed, nor whether it is allowed: the policy gate has
//! spoken before. It is the second line, though: outside its roots it changes nothing.

mod changes;
mod gc;
mod journal;
mod patch;
mod record;
mod resolve;
mod restore;
mod session;
mod sessions;
mod store;
mod tree;

use std::path::PathBuf;

pub use gc::{Collected, Retention, gc};
pub use patch::{Side, unified};
pub use session::Transaction;
pub use sessions::{Recovered, SessionInfo, SessionState, UndoError, UndoReport, list, recover, undo};

/// Runs the undo of a command: gets its argv, says why it failed. The argv comes from a file, so
/// it has to pass the policy gate as any other command.
pub type RunUndo<'a> = &'a mut dyn FnMut(&[String]) -> Result<(), String>;

/// Why a change was not made, or a session not taken back. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// A file operation failed.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The path leads out of the project and the other writable roots.
    #[error("{path} lies outside the project")]
    OutsideRoot {
        /// The path, links resolved.
        path: PathBuf,
    },
    /// Somebody else changed the file since it was read.
    #[error("{path} was changed by somebody else meanwhile")]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
    /// The file has more than one name; replacing it would cut it from the others.
    #[error("{path} has {links} hard links: a person must decide which of them change")]
    HardLinked {
        /// The file.
        path: PathBuf,
        /// How many names it has.
        links: u64,
    },
    /// The path is not a regular file.
    #[error("{path} is not a regular file")]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The path is in version control's own folder, or in heal's log directory.
    #[error("{path} is not a file of the project's own")]
    Reserved {
        /// The path, links resolved.
        path: PathBuf,
    },
    /// The id of the session cannot be the name of a folder, or is in use.
    #[error("`{session}` cannot be used as the id of a session")]
    BadSession {
        /// The id.
        session: String,
    },
}

/// A point in a session to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(pub(crate) usize);

/// A command that the session started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandId(pub(crate) usize);

/// What could not be taken back, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouldNotUndo {
    /// A path, or a command's description.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The copy of what was there before heal, where there is one.
    pub before: Option<PathBuf>,
}

/// What was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restored {
    /// Files and folders, each once.
    pub files: Vec<PathBuf>,
    /// Undo commands that ran, newest first.
    pub commands_undone: Vec<Vec<String>>,
    /// The honest rest.
    pub could_not_undo: Vec<CouldNotUndo>,
    /// Where the patches of what was taken back are kept, oldest first.
    pub patches: Vec<PathBuf>,
}

impl Restored {
    /// Whether everything is as it was before.
    pub fn is_complete(&self) -> bool {
        self.could_not_undo.is_empty()
    }

    /// Whether there was nothing to take back.
    pub fn is_nothing(&self) -> bool {
        self.files.is_empty() && self.commands_undone.is_empty() && self.could_not_undo.is_empty()
    }

    /// Adds what was taken back later in the same session.
    pub fn add(&mut self, later: Self) {
        // What could be put back in the end was put back.
        self.could_not_undo
            .retain(|rest| !later.files.iter().any(|file| file.display().to_string() == rest.what));
        for rest in later.could_not_undo {
            if !self.could_not_undo.contains(&rest) {
                self.could_not_undo.push(rest);
            }
        }
        for file in later.files {
            if !self.files.contains(&file) {
                self.files.push(file);
            }
        }
        self.commands_undone.extend(later.commands_undone);
        self.patches.extend(later.patches);
    }
}

fn io_error(action: &'static str, path: &std::path::Path, source: std::io::Error) -> TransactionError {
    TransactionError::Io {
        action,
        path: path.to_path_buf(),
        source,
    }
}

#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod outage_tests;
#[cfg(test)]
mod tests;
