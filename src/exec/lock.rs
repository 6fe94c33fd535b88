//! One heal per project: an advisory lock on a file.
//!
//! The file stays when the lock goes: removing it would let two processes lock two files of the
//! same name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a waiting heal looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Whether to wait for a lock that somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Give up at once.
    No,
    /// Give up after this long.
    UpTo(Duration),
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("{} is locked by {}", .path.display(), holder(.pid))]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Who holds it, where the file tells.
        pid: Option<u32>,
    },
    /// The file cannot be opened, written or locked.
    #[error("cannot lock {}: {source}", .path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn holder(pid: &Option<u32>) -> String {
    pid.map_or_else(|| "another heal".into(), |pid| format!("another heal (process {pid})"))
}

/// A lock that lasts until it is dropped, or until its process ends, however it ends.
#[derive(Debug)]
pub struct ProjectLock {
    file: File,
}

impl ProjectLock {
    /// Locks the file `path`, which is created if need be (its folder is not).
    ///
    /// # Errors
    /// [`LockError::Held`] when somebody else has it and `wait` is over.
    pub fn acquire(path: &Path, wait: Wait) -> Result<Self, LockError> {
        let io_error = |source| LockError::Io {
            path: path.to_path_buf(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(io_error)?;
        let until = match wait {
            Wait::No => None,
            Wait::UpTo(time) => Instant::now().checked_add(time),
        };
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(source)) => return Err(io_error(source)),
                Err(TryLockError::WouldBlock) => {}
            }
            let left = until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Err(LockError::Held {
                    path: path.to_path_buf(),
                    pid: read_pid(&mut file),
                });
            }
            std::thread::sleep(left.min(LOOK_AGAIN));
        }
        // Only for the message of others; the lock holds whatever the file says.
        file.set_len(0).map_err(io_error)?;
        file.rewind().map_err(io_error)?;
        writeln!(file, "{}", std::process::id()).map_err(io_error)?;
        Ok(Self { file })
    }
}

impl Drop for ProjectLock {
    fn drop(&mut self) {
        // Whoever looks between now and the next owner must not be told a pid that is gone.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_holds_it_and_gets_it_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = ProjectLock::acquire(&path, Wait::No).unwrap();
        let refused = ProjectLock::acquire(&path, Wait::No).unwrap_err();
        assert!(
            refused
                .to_string()
                .ends_with(&format!("(process {})", std::process::id())),
            "{refused}"
        );
        drop(first);
        ProjectLock::acquire(&path, Wait::No).unwrap();
    }

    #[test]
    fn waiting_ends_when_the_holder_lets_go_or_time_is_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = ProjectLock::acquire(&path, Wait::No).unwrap();
        let start = Instant::now();
        assert!(ProjectLock::acquire(&path, Wait::UpTo(Duration::from_millis(120))).is_err());
        assert!(start.elapsed() >= Duration::from_millis(120));
        let letting_go = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            drop(first);
        });
        ProjectLock::acquire(&path, Wait::UpTo(Duration::from_secs(20))).unwrap();
        letting_go.join().unwrap();
    }
}
