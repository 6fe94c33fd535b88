//! What the detector asks of the file system.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::world::World;

/// Files and PATH as the detector needs them; read only.
pub trait Files {
    /// The first `limit` bytes of a file; `None` where it cannot be read or is no file.
    fn read(&self, path: &Path, limit: usize) -> Option<Vec<u8>>;
    /// Whether the path exists (as anything).
    fn exists(&self, path: &Path) -> bool;
    /// The executable file of this name on the command's PATH.
    fn which(&self, name: &str) -> Option<PathBuf>;
}

/// The files of a [`World`].
#[derive(Debug, Clone, Copy)]
pub struct WorldFiles<'a>(pub &'a dyn World);

impl Files for WorldFiles<'_> {
    fn read(&self, path: &Path, limit: usize) -> Option<Vec<u8>> {
        // A FIFO or a device would block or never end.
        if !self.0.is_file(path) {
            return None;
        }
        let mut text = Vec::new();
        let file = self.0.open_read(path).ok()?;
        file.take(limit as u64).read_to_end(&mut text).ok()?;
        Some(text)
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.exists(path)
    }

    fn which(&self, name: &str) -> Option<PathBuf> {
        self.0.which(name)
    }
}
