//! The outside world behind one trait: files, environment variables, `PATH`, the clock.
//!
//! Everything that heal reads from or changes on a machine passes through [`World`], so that a
//! rule's example can run against files that exist only in memory ([`Memory`]) and a test can
//! make any single operation fail. It must not know what the files mean: no journal, no policy,
//! no configuration here.

mod faulty;
mod memory;
#[cfg(test)]
mod outage;
mod real;

use std::ffi::OsString;
use std::fmt::Debug;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

pub use faulty::{Faulty, Plan};
pub use memory::Memory;
#[cfg(test)]
pub use outage::{Disk, Recording, Survive};
pub use real::Real;

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link (only [`World::metadata`] reports it; [`World::stat`] follows).
    Symlink,
    /// A device, socket or pipe: heal never reads or writes one.
    Other,
}

/// A moment as a file system keeps it: seconds and nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct FileTime {
    /// Whole seconds since 1970-01-01 UTC; negative before.
    pub seconds: i64,
    /// Nanoseconds within the second, 0 to 999,999,999.
    pub nanos: u32,
}

/// What the file system knows of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// What the path is.
    pub kind: Kind,
    /// Size in bytes.
    pub len: u64,
    /// Permission bits including setuid, setgid and sticky (`0o7777`).
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change of the content.
    pub mtime: FileTime,
    /// Last read of the content, as far as the mount keeps it.
    pub atime: FileTime,
    /// How many names the file has; above 1 it is hard-linked.
    pub nlink: u64,
    /// Device, with `ino` the identity of the file.
    pub dev: u64,
    /// Inode number.
    pub ino: u64,
}

/// As an owner or group: leave what the system gives a new file.
pub const KEEP_OWNER: u32 = u32::MAX;

impl Meta {
    /// The description of a file that does not exist yet, for [`World::replace`]: these
    /// permission bits, the owner that the system gives.
    pub fn of_new_file(mode: u32) -> Self {
        Self {
            kind: Kind::File,
            len: 0,
            mode,
            uid: KEEP_OWNER,
            gid: KEEP_OWNER,
            mtime: FileTime::default(),
            atime: FileTime::default(),
            nlink: 1,
            dev: 0,
            ino: 0,
        }
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Whether it is a folder.
    pub fn is_dir(&self) -> bool {
        self.kind == Kind::Dir
    }

    /// Whether it is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        self.kind == Kind::Symlink
    }
}

/// What must be at a path, immediately before it is replaced, for the replacement to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect<'a> {
    /// Whatever is there may be replaced.
    Anything,
    /// Nothing may be there: the file is new.
    Absent,
    /// A file with exactly this content. Anything else fails with
    /// [`io::ErrorKind::ResourceBusy`]: somebody else changed it.
    Content(&'a [u8]),
}

/// How the names of the temporary files begin that [`World::replace`] writes for a target, and
/// how they end. A process that dies between writing and renaming leaves one behind; by its name
/// [`World::sweep`] finds it.
pub fn temporary_name(target: &Path) -> (String, &'static str) {
    use std::os::unix::ffi::OsStrExt;
    let hash = blake3::hash(target.file_name().unwrap_or_default().as_bytes()).to_hex();
    (format!(".heal-{}-", &hash[..16]), ".tmp")
}

/// How [`World::open`] opens a file for writing in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// No lock.
    None,
    /// Wait until nobody else holds the lock, then hold it until the handle is dropped.
    Exclusive,
    /// As `Exclusive`, but fail with [`io::ErrorKind::WouldBlock`] instead of waiting.
    TryExclusive,
}

/// An open file that is written in place: journals and the changelog, never a user's file.
pub trait RawFile: Read + Write + Seek + Send + Debug {
    /// Cuts or extends the file.
    fn set_len(&mut self, len: u64) -> io::Result<()>;
    /// Returns when content and size are on the disk.
    fn sync(&mut self) -> io::Result<()>;
    /// What the file system knows of the open file (not of the path, which may have moved on).
    fn meta(&self) -> io::Result<Meta>;
}

/// Files, environment, `PATH` and clock of the place where heal works.
///
/// Paths that are not absolute are relative to [`World::cwd`]. Every error is the operating
/// system's own.
pub trait World: Send + Sync + Debug {
    /// The whole content of a file, symlinks followed.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// What the path itself is: a symlink is reported as one (`lstat`).
    fn metadata(&self, path: &Path) -> io::Result<Meta>;
    /// What the path leads to: symlinks followed (`stat`).
    fn stat(&self, path: &Path) -> io::Result<Meta>;
    /// The paths inside a folder (each joined to `path`), sorted by name.
    fn read_dir(&self, path: &Path) -> io::Result<Vec<PathBuf>>;
    /// Where a symlink points, as written in it.
    fn read_link(&self, path: &Path) -> io::Result<PathBuf>;
    /// The absolute path without symlinks, `.` and `..`; it must exist.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf>;

    /// An environment variable.
    fn env(&self, name: &str) -> Option<OsString>;
    /// The current folder, absolute.
    fn cwd(&self) -> PathBuf;
    /// The time.
    fn now(&self) -> DateTime<Utc>;
    /// Whether heal runs with the rights of root.
    fn is_root(&self) -> bool;
    /// The user whose rights heal has, as in [`Meta::uid`].
    fn uid(&self) -> u32;

    /// Replaces a file as a whole, or creates it, if what is there is what `expect` says.
    ///
    /// A temporary file in the same folder is written, synced and renamed; at every instant the
    /// path holds the old or the new content. A symlink is written through: its target is
    /// replaced, the link stays. Mode, owner and extended attributes are those of `like`, or of
    /// the file that is there, or the defaults of a new file; an owner or attribute that this
    /// user may not set is left out (then without setuid and setgid bits). A hard link is cut
    /// from its other names: see [`Meta::nlink`].
    ///
    /// # Errors
    /// [`io::ErrorKind::ResourceBusy`] or [`io::ErrorKind::AlreadyExists`] where `expect` does
    /// not hold; nothing has changed then, nor after any other error.
    fn replace(&self, path: &Path, bytes: &[u8], like: Option<&Meta>, expect: Expect<'_>) -> io::Result<()>;
    /// Sets the permission bits (`0o7777`), symlinks followed.
    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()>;
    /// Sets the times of last read and last change, symlinks followed.
    fn set_times(&self, path: &Path, atime: FileTime, mtime: FileTime) -> io::Result<()>;
    /// Creates one folder with these permission bits; its parent must exist.
    fn create_dir(&self, path: &Path, mode: u32) -> io::Result<()>;
    /// Creates a symlink.
    fn symlink(&self, target: &Path, path: &Path) -> io::Result<()>;
    /// Removes a file or a symlink.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;
    /// Renames within one file system; an existing target file is replaced.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Returns when the content of the file, or the names in the folder, are on the disk.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// Returns when everything at and below a path is on the disk, whoever wrote it. Links are not
    /// followed; what vanishes meanwhile is left out.
    fn sync_tree(&self, path: &Path) -> io::Result<()> {
        let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        let kind = match self.metadata(path) {
            Ok(meta) => meta.kind,
            Err(error) if gone(&error) => return Ok(()),
            Err(error) => return Err(error),
        };
        if kind == Kind::Dir {
            for inside in self.read_dir(path)? {
                self.sync_tree(&inside)?;
            }
        }
        if !matches!(kind, Kind::File | Kind::Dir) {
            return Ok(());
        }
        match self.sync(path) {
            // What may not even be read is not ours to sync.
            Err(error) if gone(&error) || error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            synced => synced,
        }
    }
    /// Opens a file for reading and writing in place, creating it with `mode` if it is missing.
    fn open(&self, path: &Path, mode: u32, lock: Lock) -> io::Result<Box<dyn RawFile>>;
    /// Opens a file for reading in place, without creating or locking it.
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn RawFile>>;

    /// Replaces or creates a file whatever is there; see [`World::replace`].
    fn write_atomic(&self, path: &Path, bytes: &[u8], like: Option<&Meta>) -> io::Result<()> {
        self.replace(path, bytes, like, Expect::Anything)
    }

    /// Whether the path leads to anything (a symlink to nothing does not).
    fn exists(&self, path: &Path) -> bool {
        self.stat(path).is_ok()
    }

    /// Whether the path leads to a regular file.
    fn is_file(&self, path: &Path) -> bool {
        self.stat(path).is_ok_and(|meta| meta.is_file())
    }

    /// Whether the path leads to a folder.
    fn is_dir(&self, path: &Path) -> bool {
        self.stat(path).is_ok_and(|meta| meta.is_dir())
    }

    /// The content as text; invalid UTF-8 is an [`io::ErrorKind::InvalidData`] error.
    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        String::from_utf8(self.read(path)?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
    }

    /// The absolute form of a path, without touching the file system.
    fn absolute(&self, path: &Path) -> PathBuf {
        if path.is_absolute() {
            path.to_path_buf()
        } else {
            self.cwd().join(path)
        }
    }

    /// Where a program is, as `execvp` would find it, except that relative and empty entries of
    /// `PATH` are skipped: a program that lies in the current folder is found only when it is
    /// named with a slash. `None` where there is no executable file of that name.
    fn which(&self, program: &str) -> Option<PathBuf> {
        let runnable = |path: &Path| {
            self.stat(path)
                .is_ok_and(|meta| meta.is_file() && meta.mode & 0o111 != 0)
        };
        if program.is_empty() {
            return None;
        }
        if program.contains('/') {
            let path = self.absolute(Path::new(program));
            return runnable(&path).then_some(path);
        }
        let path = self.env("PATH")?;
        std::env::split_paths(&path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(program))
            .find(|candidate| runnable(candidate))
    }

    /// Removes the temporary files that processes left which died while they replaced `path`; one
    /// that a living process is writing stays, as it is locked.
    fn sweep(&self, path: &Path) -> io::Result<()> {
        let (begin, end) = temporary_name(path);
        let Some(folder) = path.parent() else {
            return Ok(());
        };
        for candidate in self.read_dir(folder)? {
            let ours = candidate
                .file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with(&begin) && name.ends_with(end));
            if !ours || !self.metadata(&candidate).is_ok_and(|meta| meta.is_file()) {
                continue;
            }
            match self.open(&candidate, 0o600, Lock::TryExclusive) {
                Ok(_unheld) => self.remove_file(&candidate)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Creates a folder and the missing ones above it, each with these permission bits; those
    /// that exist keep theirs. Returns the folders it created, outermost first; their names are on
    /// the disk then.
    fn create_dir_all(&self, path: &Path, mode: u32) -> io::Result<Vec<PathBuf>> {
        let path = self.absolute(path);
        let mut missing = Vec::new();
        let mut at = path.as_path();
        while !self.is_dir(at) {
            missing.push(at.to_path_buf());
            match at.parent() {
                Some(parent) => at = parent,
                None => break,
            }
        }
        missing.reverse();
        for folder in &missing {
            match self.create_dir(folder, mode) {
                // Another process may have been quicker; that is as good.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.is_dir(folder) => {}
                other => other?,
            }
            folder.parent().map_or(Ok(()), |parent| self.sync(parent))?;
        }
        Ok(missing)
    }
}

#[cfg(test)]
mod tests;
