//! The transaction of a session: every change of a file and every command is journalled before
//! it happens, so that all of it can be taken back, by this process or after its death.
//!
//! It must not know why something is changed, nor whether it is allowed: the policy gate has
//! spoken before. It is the second line, though: outside its roots it changes nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::world::World;

/// Runs the undo of a command: gets its argv, says why it failed.
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
    /// The session has ended already, or its journal could not be written.
    #[error("session {session} takes no more changes")]
    Closed {
        /// The session.
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
    /// Where the patch of what was taken back is kept.
    pub patch: Option<PathBuf>,
}

/// An open session: see the module.
#[derive(Debug)]
pub struct Transaction {
    world: Arc<dyn World>,
    root: PathBuf,
    log_dir: PathBuf,
    session: String,
}

impl Transaction {
    /// Prepares a session. Nothing is written before its first change.
    pub fn open(world: Arc<dyn World>, root: &Path, log_dir: &Path, session: &str) -> Self {
        Self {
            world,
            root: root.to_path_buf(),
            log_dir: log_dir.to_path_buf(),
            session: session.to_owned(),
        }
    }

    /// Lets the session change files below another folder too.
    pub fn allow_root(&mut self, root: &Path) {
        let _ = (root, &self.world, &self.root, &self.log_dir, &self.session);
    }

    /// Whether anything was changed or run.
    pub fn is_empty(&self) -> bool {
        todo!()
    }

    /// Replaces the content of a file; `read` is what the caller based `bytes` on, `None` for a
    /// file that must not exist yet. Folders above must exist: [`Transaction::create_dirs`].
    pub fn write_file(&mut self, path: &Path, bytes: &[u8], read: Option<&[u8]>) -> Result<(), TransactionError> {
        let _ = (path, bytes, read);
        todo!()
    }

    /// Sets the permission bits of a file.
    pub fn set_mode(&mut self, path: &Path, mode: u32) -> Result<(), TransactionError> {
        let _ = (path, mode);
        todo!()
    }

    /// Creates a folder and the missing ones above it.
    pub fn create_dirs(&mut self, path: &Path) -> Result<(), TransactionError> {
        let _ = path;
        todo!()
    }

    /// Removes a file.
    pub fn remove_file(&mut self, path: &Path, read: &[u8]) -> Result<(), TransactionError> {
        let _ = (path, read);
        todo!()
    }

    /// Says that a command is about to run. `watch` are files that it is known to change (a lock
    /// file, say): they are kept and taken back with the session.
    pub fn command_started(
        &mut self,
        argv: &[String],
        undo: Option<&[String]>,
        description: &str,
        watch: &[PathBuf],
    ) -> Result<CommandId, TransactionError> {
        let _ = (argv, undo, description, watch);
        todo!()
    }

    /// Says how it ended; `None` where it was killed.
    pub fn command_finished(&mut self, command: CommandId, status: Option<i32>) -> Result<(), TransactionError> {
        let _ = (command, status);
        todo!()
    }

    /// The point to which [`Transaction::rollback_to`] goes back.
    pub fn checkpoint(&self) -> Mark {
        todo!()
    }

    /// Takes back everything after the mark; the session stays open.
    pub fn rollback_to(&mut self, mark: Mark, run: RunUndo<'_>) -> Result<Restored, TransactionError> {
        let _ = (mark, run);
        todo!()
    }

    /// What the session has changed in files so far, as a unified diff.
    pub fn diff(&self) -> Vec<u8> {
        todo!()
    }

    /// Files that the session has changed so far, each once.
    pub fn files(&self) -> Vec<PathBuf> {
        todo!()
    }

    /// Ends the session in success: its changes stay, and can be undone later.
    pub fn commit(self) -> Result<(), TransactionError> {
        todo!()
    }

    /// Ends the session and takes everything back; what it had changed is kept as a patch.
    pub fn rollback(self, run: RunUndo<'_>) -> Result<Restored, TransactionError> {
        let _ = run;
        todo!()
    }
}

/// A session whose process died, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The session.
    pub session: String,
    /// What was taken back.
    pub restored: Restored,
}

/// Takes back every session of `root` that is open though its process is gone.
pub fn recover(
    world: &Arc<dyn World>,
    root: &Path,
    log_dir: &Path,
    run: RunUndo<'_>,
) -> Result<Vec<Recovered>, TransactionError> {
    let _ = (world, root, log_dir, run);
    todo!()
}

/// What [`undo`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoReport {
    /// The session.
    pub session: String,
    /// What was taken back.
    pub restored: Restored,
}

/// Why a past session was not undone. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// There is no such session.
    #[error("there is no session `{0}`")]
    Unknown(String),
    /// Several sessions begin with these letters.
    #[error("`{0}` could be any of {1:?}")]
    Ambiguous(String, Vec<String>),
    /// There is no session that changed anything.
    #[error("there is nothing to undo")]
    Nothing,
    /// The session is still running in another process.
    #[error("session {0} is still running")]
    Running(String),
    /// The session was taken back already.
    #[error("session {0} was taken back already")]
    Already(String),
    /// A file is no longer what heal left there. The three versions can be compared.
    #[error("{path} was changed after heal had changed it")]
    ChangedSince {
        /// The file as it is now.
        path: PathBuf,
        /// A copy of what it was before heal; `None`: it did not exist.
        before: Option<PathBuf>,
        /// A copy of what heal left there; `None`: it did not exist.
        after: Option<PathBuf>,
    },
    /// A file operation failed.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
}

/// Takes back a past session: the newest that is committed (of any process), or the one whose id
/// begins with `session`.
pub fn undo(
    world: &Arc<dyn World>,
    log_dir: &Path,
    session: Option<&str>,
    run: RunUndo<'_>,
) -> Result<UndoReport, UndoError> {
    let _ = (world, log_dir, session, run);
    todo!()
}
