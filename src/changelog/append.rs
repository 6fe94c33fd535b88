//! Writing the changelog.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Incident, Redactor};
use crate::world::World;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ChangelogError {
    /// A file operation failed.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
}

/// The changelog of a log directory, open for appending by this process and others.
#[derive(Debug)]
pub struct Changelog {
    world: Arc<dyn World>,
    path: PathBuf,
    redactor: Redactor,
}

impl Changelog {
    /// The changelog `file_name` in `log_dir`. Nothing is created before the first append.
    pub fn new(world: Arc<dyn World>, log_dir: &Path, file_name: &str, redactor: Redactor) -> Self {
        Self {
            world,
            path: log_dir.join(file_name),
            redactor,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Masks secrets in the incidents and appends them, all or none.
    ///
    /// Returns the name that a damaged changelog was set aside under, if that was necessary.
    pub fn append(&self, incidents: &[Incident]) -> Result<Option<PathBuf>, ChangelogError> {
        let _ = (&self.world, &self.redactor, incidents);
        todo!()
    }
}
