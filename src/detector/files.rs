//! What the detector asks of the file system.

use std::path::{Path, PathBuf};

/// Files and PATH as the detector needs them; read only.
pub trait Files {
    /// The first `limit` bytes of a file; `None` where it cannot be read or is no file.
    fn read(&self, path: &Path, limit: usize) -> Option<Vec<u8>>;
    /// Whether the path exists (as anything).
    fn exists(&self, path: &Path) -> bool;
    /// The executable file of this name on the command's PATH.
    fn which(&self, name: &str) -> Option<PathBuf>;
}

/// The machine itself.
#[derive(Debug, Clone, Default)]
pub struct RealFiles {
    /// PATH of the command.
    pub path: std::ffi::OsString,
}

impl RealFiles {
    /// With this process's PATH.
    #[must_use]
    pub fn new() -> Self {
        Self {
            path: std::env::var_os("PATH").unwrap_or_default(),
        }
    }
}

impl Files for RealFiles {
    fn read(&self, path: &Path, limit: usize) -> Option<Vec<u8>> {
        use std::io::Read;
        // A FIFO or a device would block or never end.
        if !std::fs::metadata(path).ok()?.is_file() {
            return None;
        }
        let mut text = Vec::new();
        std::fs::File::open(path)
            .ok()?
            .take(limit as u64)
            .read_to_end(&mut text)
            .ok()?;
        Some(text)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn which(&self, name: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path)
            .map(|folder| folder.join(name))
            .find(|file| is_executable(file))
    }
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}
