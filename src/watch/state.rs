//! What is kept over restarts: how far each log was read, by which file it was, and what was applied
//! when. One file, written as a whole.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::reload::Status;
use crate::exec::{LockError, ProjectLock, Wait};
use crate::logdir;
use crate::world::{Meta, World};

/// Bytes at the start of a file that tell it from another.
const HEAD: u64 = 1024;
/// Fewer than this tell too little.
const TELLING: u64 = 32;

/// The first bytes of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// How many of them, at most 1024.
    pub len: u64,
    /// Their blake3, hex.
    pub hash: String,
}

impl Fingerprint {
    /// Of the first bytes of a file, at most `len`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(file: &File, len: u64) -> io::Result<Self> {
        let wanted = len.min(HEAD);
        let mut bytes = vec![0; usize::try_from(wanted).unwrap_or(0)];
        let mut have = 0;
        while have < bytes.len() {
            match file.read_at(&mut bytes[have..], have as u64) {
                Ok(0) => break,
                Ok(n) => have += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(have);
        Ok(Self {
            len: have as u64,
            hash: blake3::hash(&bytes).to_hex().to_string(),
        })
    }

    /// Whether a file begins so.
    #[must_use]
    pub fn fits(&self, file: &File) -> bool {
        self.len == 0 || Self::of(file, self.len).is_ok_and(|now| now == *self)
    }

    /// Whether it is long enough to tell one log from another by itself.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.len >= TELLING
    }

    /// Whether it could grow with the file.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.len < HEAD
    }
}

/// How far a log was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// Inode of the file; 0 where there is none yet.
    pub inode: u64,
    /// Its first bytes.
    pub fingerprint: Fingerprint,
    /// Where the first line begins that was not decided, in bytes.
    pub offset: u64,
    /// So many bytes of that line were decided already, as it had no newline.
    pub partial: u64,
    /// Complete lines before `offset`, where they were counted from the file's start.
    pub lines: Option<u64>,
    /// Errors found in it, all together.
    pub errors: u64,
    /// Fixes applied because of it, all together.
    pub fixes: u64,
    /// The last error, masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// Everything that is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Version of this format: 1.
    pub version: u32,
    /// The process that wrote it.
    pub pid: u32,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it was last written.
    pub updated: DateTime<Utc>,
    /// The rules in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Status>,
    /// Logs, by absolute path.
    pub files: BTreeMap<PathBuf, FileState>,
    /// What was applied when, in seconds since 1970: see `Limiter`.
    pub applied: BTreeMap<String, i64>,
}

/// The folder of a watch's own files in a log directory.
#[must_use]
pub fn folder(log_dir: &Path) -> PathBuf {
    log_dir.join("watch")
}

fn file(log_dir: &Path) -> PathBuf {
    folder(log_dir).join("state.json")
}

/// Reads the state; none where nothing was watched yet.
///
/// # Errors
/// It cannot be read, or is damaged.
pub fn load(world: &dyn World, log_dir: &Path) -> io::Result<Option<State>> {
    match world.read(&file(log_dir)) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the state, atomically.
///
/// # Errors
/// The system's.
pub fn save(world: &dyn World, log_dir: &Path, state: &State) -> io::Result<()> {
    let text = serde_json::to_string_pretty(state).map_err(io::Error::other)?;
    let bytes = crate::diagnostic::clean_json(text).into_bytes();
    world.write_atomic(&file(log_dir), &bytes, Some(&Meta::of_new_file(logdir::FILE_MODE)))
}

/// Takes the lock that only one watch of a log directory holds.
///
/// # Errors
/// Another has it, or the folder cannot be made.
pub fn lock(world: &dyn World, log_dir: &Path) -> Result<ProjectLock, LockError> {
    let path = folder(log_dir).join("lock");
    let made = logdir::prepare(world, log_dir)
        .and_then(|()| world.create_dir_all(&folder(log_dir), logdir::FOLDER_MODE).map(drop));
    if let Err(source) = made {
        return Err(LockError::Io { path, source });
    }
    ProjectLock::acquire(&path, Wait::No)
}

/// Whether a watch is at work there.
#[must_use]
pub fn is_running(log_dir: &Path) -> bool {
    let path = folder(log_dir).join("lock");
    path.exists() && matches!(ProjectLock::acquire(&path, Wait::No), Err(LockError::Held { .. }))
}
