//! Appending to the changelog, by many processes at once.
//!
//! # How the file stays whole
//!
//! * **One writer at a time**: an operating system's lock on `.CHANGELOG.lock` beside the
//!   changelog is held for the microseconds of an append. The lock is not on the changelog
//!   itself, because a damaged one is renamed, and a lock would go with it. The system frees it
//!   when its process dies, however it dies.
//! * **One write**: the closing `]}` is overwritten by the new incidents and a new closing, in one
//!   positioned write. The file grows only at its end, so its length never has to shrink, and
//!   the cost of an append does not depend on the length of the file.
//! * **Valid at every moment**: before the write the old closing is there, after it the new one.
//!   A reader that honours the lock (heal's does) never sees the middle of it. The kernel
//!   carries such a write out as a whole unless the machine stops, or the process is killed
//!   between two pages of a long one. Then the file ends inside the new incidents, and everything
//!   before them is untouched: the next append cuts the torn part off ([`whole_part`]), keeps it
//!   in `CHANGELOG.torn-TIME`, and goes on.
//! * **Nobody is trusted**: the lock file holds length and time of the changelog as the last append
//!   left it. Where they differ (a person's editor, another program, a crash) the file is read
//!   and checked as a whole before it is written to. What is not a changelog is renamed to
//!   `CHANGELOG.damaged-TIME`, a new one is begun, and the caller is told.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::{CLOSING, SEPARATOR, is_empty, is_valid, opening, relaid, whole_part};
use super::{Incident, Redactor};
use crate::diagnostic::clean_json;
use crate::logdir::{self, FILE_MODE};
use crate::world::{Expect, FileTime, Lock, Meta, RawFile, World};

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
    /// The file is not a changelog.
    #[error("{path}:{line}: {message}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
}

/// What had to be set aside so that writing could go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// The file that holds it now.
    pub path: PathBuf,
    /// Whether it is the whole changelog, or only the torn end of it.
    pub whole: bool,
}

/// The changelog of a log directory, open for appending by this process and others.
#[derive(Debug, Clone)]
pub struct Changelog {
    world: Arc<dyn World>,
    log_dir: PathBuf,
    path: PathBuf,
    redactor: Redactor,
}

impl Changelog {
    /// The changelog `file_name` in `log_dir`. Nothing is created before the first append.
    pub fn new(world: Arc<dyn World>, log_dir: &Path, file_name: &str, redactor: Redactor) -> Self {
        let log_dir = world.absolute(log_dir);
        Self {
            path: log_dir.join(file_name),
            world,
            log_dir,
            redactor,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What masks secrets in it.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Masks secrets in the incidents and appends them, all or none. Says what had to be set
    /// aside, if the file was damaged.
    ///
    /// # Errors
    /// The operating system's; the changelog is as it was then, except on a dying disk.
    pub fn append(&self, incidents: &[Incident]) -> Result<Option<SetAside>, ChangelogError> {
        if incidents.is_empty() {
            return Ok(None);
        }
        let mut addition = Vec::new();
        for incident in incidents {
            addition.extend_from_slice(SEPARATOR);
            let text = serde_json::to_string(&incident.redacted(&self.redactor))
                .map_err(|error| self.error("write", error.into()))?;
            // Somebody will look at the file with `cat`.
            addition.extend_from_slice(clean_json(text).as_bytes());
        }
        logdir::prepare(&*self.world, &self.log_dir).map_err(|error| self.error("create", error))?;
        let mut lock = self.lock().map_err(|error| self.error("lock", error))?;
        let (mut file, aside) = self.ready(&mut *lock)?;
        self.write(&mut *file, &mut addition)
            .map_err(|error| self.error("write", error))?;
        // Without the stamp the next append looks at the whole file, nothing worse.
        let _ = file.meta().and_then(|meta| write_stamp(&mut *lock, &meta));
        Ok(aside)
    }

    /// Returns when everything appended so far is on the disk; for the end of a session.
    pub fn sync(&self) -> Result<(), ChangelogError> {
        match self.world.sync(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.error("sync", error)),
            _ => Ok(()),
        }
    }

    pub(super) fn error(&self, action: &'static str, source: io::Error) -> ChangelogError {
        ChangelogError::Io {
            action,
            path: self.path.clone(),
            source,
        }
    }

    pub(super) fn world(&self) -> &dyn World {
        &*self.world
    }

    /// Waits for the lock that writers and readers hold while they are at the file.
    pub(super) fn lock(&self) -> io::Result<Box<dyn RawFile>> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let path = self.path.with_file_name(format!(".{name}.lock"));
        self.world.open(&path, FILE_MODE, Lock::Exclusive)
    }

    /// Opens a file that is known to end in the closing.
    fn ready(&self, lock: &mut dyn RawFile) -> Result<(Box<dyn RawFile>, Option<SetAside>), ChangelogError> {
        let open = || {
            self.world
                .open(&self.path, FILE_MODE, Lock::None)
                .map_err(|error| self.error("open", error))
        };
        let mut file = open()?;
        let meta = file.meta().map_err(|error| self.error("read", error))?;
        if meta.len == 0 {
            self.begin(&mut *file).map_err(|error| self.error("write", error))?;
            return Ok((file, None));
        }
        if read_stamp(lock).is_ok_and(|stamp| stamp == (meta.len, meta.mtime)) {
            return Ok((file, None));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|error| self.error("read", error))?;
        if is_valid(&bytes) {
            if !bytes.ends_with(CLOSING) {
                let Some(relaid) = relaid(&bytes) else {
                    return self.set_aside();
                };
                self.world
                    .replace(&self.path, &relaid, None, Expect::Content(&bytes))
                    .map_err(|error| self.error("write", error))?;
                file = open()?;
            }
            return Ok((file, None));
        }
        let Some(whole) = whole_part(&bytes) else {
            return self.set_aside();
        };
        let torn = self.aside("torn", &bytes[whole..])?;
        file.seek(SeekFrom::Start(whole as u64))
            .and_then(|_| file.write_all(CLOSING))
            .and_then(|()| file.set_len((whole + CLOSING.len()) as u64))
            .map_err(|error| self.error("mend", error))?;
        Ok((
            file,
            Some(SetAside {
                path: torn,
                whole: false,
            }),
        ))
    }

    fn begin(&self, file: &mut dyn RawFile) -> io::Result<()> {
        let mut empty = opening(self.world.now());
        empty.extend_from_slice(CLOSING);
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&empty)
    }

    /// Renames a file that is not a changelog, and begins a new one.
    fn set_aside(&self) -> Result<(Box<dyn RawFile>, Option<SetAside>), ChangelogError> {
        let aside = self.free_name("damaged");
        self.world
            .rename(&self.path, &aside)
            .map_err(|error| self.error("set aside", error))?;
        let mut file = self
            .world
            .open(&self.path, FILE_MODE, Lock::None)
            .map_err(|error| self.error("create", error))?;
        self.begin(&mut *file).map_err(|error| self.error("write", error))?;
        Ok((
            file,
            Some(SetAside {
                path: aside,
                whole: true,
            }),
        ))
    }

    fn aside(&self, why: &str, content: &[u8]) -> Result<PathBuf, ChangelogError> {
        let path = self.free_name(why);
        self.world
            .replace(&path, content, Some(&Meta::of_new_file(FILE_MODE)), Expect::Absent)
            .map_err(|error| self.error("set aside", error))?;
        Ok(path)
    }

    /// A name beside the changelog that nobody has; the lock keeps it free.
    fn free_name(&self, why: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{why}-{}", self.world.now().format("%Y%m%d_%H%M%S")));
        let first = self.path.with_file_name(&name);
        let mut path = first.clone();
        let mut number = 1;
        while self.world.metadata(&path).is_ok() {
            number += 1;
            let mut next = name.clone();
            next.push(format!("-{number}"));
            path = first.with_file_name(next);
        }
        path
    }

    /// Overwrites the closing by the addition and a new closing.
    fn write(&self, file: &mut dyn RawFile, addition: &mut Vec<u8>) -> io::Result<()> {
        let len = file.meta()?.len;
        let at = len.saturating_sub(CLOSING.len() as u64);
        // One byte of what is before the closing tells whether a comma is needed.
        let mut tail = vec![0_u8; CLOSING.len() + 1];
        file.seek(SeekFrom::Start(at.saturating_sub(1)))?;
        file.read_exact(&mut tail)?;
        if &tail[1..] != CLOSING {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "its end is not where it was",
            ));
        }
        if is_empty(&tail[..1]) {
            addition.remove(0);
        }
        addition.extend_from_slice(CLOSING);
        file.seek(SeekFrom::Start(at))?;
        let written = file.write_all(addition);
        if written.is_err() {
            // A full disk: put the old end back over what was written of the new one.
            file.seek(SeekFrom::Start(at))?;
            file.write_all(CLOSING)?;
            file.set_len(len)?;
        }
        written
    }
}

/// Length and time of the changelog as the last append left it.
fn read_stamp(lock: &mut dyn RawFile) -> io::Result<(u64, FileTime)> {
    let mut text = String::new();
    lock.seek(SeekFrom::Start(0))?;
    lock.take(128).read_to_string(&mut text)?;
    let mut parts = text.split_whitespace();
    let mut next = || parts.next().ok_or(io::ErrorKind::InvalidData);
    let (len, seconds, nanos) = (next()?, next()?, next()?);
    let invalid = |_| io::Error::from(io::ErrorKind::InvalidData);
    let time = FileTime {
        seconds: seconds.parse().map_err(invalid)?,
        nanos: nanos.parse().map_err(invalid)?,
    };
    Ok((len.parse().map_err(invalid)?, time))
}

fn write_stamp(lock: &mut dyn RawFile, meta: &Meta) -> io::Result<()> {
    // Padded, so that a shorter one leaves nothing of a longer one behind.
    let stamp = format!("{:<20} {:<20} {:<10}\n", meta.len, meta.mtime.seconds, meta.mtime.nanos);
    lock.seek(SeekFrom::Start(0))?;
    lock.write_all(stamp.as_bytes())
}
