//! A project's copy, in which a fix is tried.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::confine::confined;
use super::snapshot::{Copy, Edit, Kind, Used};
use super::{Limits, Ran, Reach, SandboxError, support};
use crate::exec::Command;

/// How the folders of trials begin.
const PREFIX: &str = "heal-trial-";

/// How long the finest clock of a file system may stand still: what is changed after that has
/// another time than the copy.
const TICK: Duration = Duration::from_millis(12);

/// How much may be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Files, folders and links.
    pub entries: u64,
    /// Bytes of content.
    pub bytes: u64,
}

impl Default for Bounds {
    /// 300,000 entries, 4 GiB.
    fn default() -> Self {
        Self {
            entries: 300_000,
            bytes: 4 << 30,
        }
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files or {} MiB", self.entries, self.bytes >> 20)
    }
}

/// A copy of a project, gone when it is dropped.
#[derive(Debug)]
pub struct Trial {
    folder: tempfile::TempDir,
    /// Held for as long as the trial lives, so that nobody sweeps it away.
    _lock: File,
    copies: Vec<Copy>,
    /// Whether commands see the copy at the project's own path.
    pub(super) namespaces: bool,
}

impl Trial {
    /// Copies the project at `root`, and other places where the fix writes; what lies at `skip`
    /// is left out. All paths absolute, without links.
    ///
    /// # Errors
    /// Nothing is left behind then.
    pub fn new(root: &Path, others: &[PathBuf], skip: &[PathBuf], bounds: &Bounds) -> Result<Self, SandboxError> {
        let (folder, lock) = room(root).map_err(|source| SandboxError::Copy {
            path: root.to_path_buf(),
            source,
        })?;
        let mut trial = Self {
            folder,
            _lock: lock,
            copies: Vec::new(),
            namespaces: support().namespaces,
        };
        let mut used = Used::default();
        let places = std::iter::once(root).chain(others.iter().map(PathBuf::as_path));
        for (number, place) in places.enumerate() {
            if number > 0 && place.starts_with(root) {
                continue;
            }
            if number > 0 && (!place.exists() || !trial.namespaces) {
                return Err(SandboxError::Place {
                    path: place.to_path_buf(),
                });
            }
            let copy = trial.inside().join(number.to_string());
            trial.copies.push(Copy::make(place, copy, skip, bounds, &mut used)?);
        }
        std::thread::sleep(TICK);
        Ok(trial)
    }

    /// All that a command in the trial may write.
    fn inside(&self) -> PathBuf {
        self.folder.path().join("in")
    }

    /// Where a path of the project lies in the copy, for heal itself.
    #[must_use]
    pub fn copy_of(&self, real: &Path) -> Option<PathBuf> {
        self.copies.iter().find_map(|copy| {
            let name = real.strip_prefix(&copy.real).ok()?;
            Some(if name.as_os_str().is_empty() {
                copy.copy.clone()
            } else {
                copy.copy.join(name)
            })
        })
    }

    /// The file in the copy that a path of the project means, its links followed there and not
    /// here.
    ///
    /// # Errors
    /// It leads out of the copies.
    fn target(&self, real: &Path) -> Result<PathBuf, SandboxError> {
        let outside = || SandboxError::Place {
            path: real.to_path_buf(),
        };
        let mut missing = Vec::new();
        let mut at = real;
        let found = loop {
            match fs::canonicalize(at) {
                Ok(found) => break found,
                Err(_) => {
                    missing.push(at.file_name().ok_or_else(outside)?);
                    at = at.parent().ok_or_else(outside)?;
                }
            }
        };
        let path = missing.iter().rev().fold(found, |path, name| path.join(name));
        let copy = self.copy_of(&path).ok_or_else(outside)?;
        // A link to nothing would be written through.
        match fs::symlink_metadata(&copy) {
            Ok(about) if about.is_symlink() => Err(outside()),
            _ => Ok(copy),
        }
    }

    /// Does something to the file in the copy that a path of the project means.
    ///
    /// # Errors
    /// The path leads out of the copies, or the system's.
    pub fn change(&self, real: &Path, change: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), SandboxError> {
        let copy = self.target(real)?;
        change(&copy).map_err(|source| SandboxError::Copy {
            path: real.to_path_buf(),
            source,
        })
    }

    /// Runs a command in the copy; it sees the copy at the project's path where namespaces allow.
    ///
    /// # Errors
    /// It was not run.
    pub fn run(&self, command: &Command, network: bool, limits: &Limits) -> Result<Ran, SandboxError> {
        let (inside, scratch) = (self.inside(), self.inside().join("tmp"));
        let mut reach = Reach {
            writable: vec![inside.clone()],
            shown_at: Vec::new(),
            network,
        };
        let mut command = command.clone();
        if self.namespaces {
            let shown = self.copies.iter().map(|copy| (copy.copy.clone(), copy.real.clone()));
            reach.shown_at.extend(shown);
            if Path::new("/dev/shm").is_dir() {
                reach.shown_at.push((inside.join("shm"), PathBuf::from("/dev/shm")));
            }
        } else {
            for word in &mut command.argv {
                *word = std::ffi::OsString::from_vec(self.moved(word.as_bytes()));
            }
            for value in command.env.iter_mut().filter_map(|(_, value)| value.as_mut()) {
                *value = std::ffi::OsString::from_vec(self.moved(value.as_bytes()));
            }
            command.cwd = command.cwd.map(|cwd| self.copy_of(&cwd).unwrap_or(cwd));
        }
        for name in ["TMPDIR", "TMP", "TEMP"] {
            command = command.with_env(name, scratch.as_os_str());
        }
        if !support().landlock {
            return Err(SandboxError::NoLandlock);
        }
        confined(&command, &reach, limits, self.namespaces)
    }

    /// A text with every path of the project led into the copy.
    fn moved(&self, text: &[u8]) -> Vec<u8> {
        let mut out = text.to_vec();
        for copy in &self.copies {
            let (from, to) = (copy.real.as_os_str().as_bytes(), copy.copy.as_os_str().as_bytes());
            let mut at = 0;
            while let Some(found) = memchr::memmem::find(&out[at..], from).map(|found| found + at) {
                let end = found + from.len();
                let whole = matches!(out.get(end), None | Some(b'/' | b':' | b',' | b' ' | b'"' | b'\''));
                if whole {
                    out.splice(found..end, to.iter().copied());
                    at = found + to.len();
                } else {
                    at = end;
                }
            }
        }
        out
    }

    /// What is different in the copy now; the new states are kept, whatever runs in it later.
    ///
    /// # Errors
    /// Also where something that was written holds the path of the copy: carried over, it would
    /// lead nowhere.
    pub fn edits(&self) -> Result<Vec<Edit>, SandboxError> {
        let mut all = Vec::new();
        for (number, copy) in self.copies.iter().enumerate() {
            let keep = self
                .folder
                .path()
                .join(format!("kept-{number}-{}", uuid::Uuid::new_v4().simple()));
            let failed = |source| SandboxError::Copy {
                path: copy.real.clone(),
                source,
            };
            fs::create_dir(&keep).map_err(failed)?;
            let edits = copy.edits(&keep).map_err(failed)?;
            for edit in edits.iter().filter(|edit| edit.now.is_some()) {
                if self.is_named_in(edit).map_err(failed)? {
                    return Err(SandboxError::NamesCopy {
                        path: edit.path.clone(),
                    });
                }
            }
            all.extend(edits);
        }
        Ok(all)
    }

    fn is_named_in(&self, edit: &Edit) -> io::Result<bool> {
        let own = self.folder.path().as_os_str().as_bytes();
        let finder = memchr::memmem::Finder::new(own);
        match edit.now {
            Some(Kind::Link) => Ok(finder.find(fs::read_link(&edit.kept)?.as_os_str().as_bytes()).is_some()),
            Some(Kind::File) => {
                let mut file = File::open(&edit.kept)?;
                let mut chunk = vec![0; 256 << 10];
                let mut held = 0;
                loop {
                    let read = file.read(&mut chunk[held..])?;
                    if finder.find(&chunk[..held + read]).is_some() {
                        return Ok(true);
                    }
                    if read == 0 {
                        return Ok(false);
                    }
                    // The path may lie across two reads.
                    let keep = own.len().min(held + read);
                    chunk.copy_within(held + read - keep..held + read, 0);
                    held = keep;
                }
            }
            _ => Ok(false),
        }
    }

    /// Whether a path of the project is still what it was when the copy was made.
    #[must_use]
    pub fn original_is_untouched(&self, path: &Path) -> bool {
        self.copies
            .iter()
            .find_map(|copy| copy.original_is_untouched(path))
            .unwrap_or(false)
    }
}

/// A private folder outside the project; those of dead trials are removed on the way.
fn room(root: &Path) -> io::Result<(tempfile::TempDir, File)> {
    let places = [std::env::temp_dir(), PathBuf::from("/var/tmp"), PathBuf::from("/tmp")];
    let place = places
        .into_iter()
        .filter_map(|place| fs::canonicalize(place).ok())
        .find(|place| !place.starts_with(root))
        .ok_or_else(|| io::Error::other("every folder for temporary files lies inside it"))?;
    sweep(&place);
    let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(place)?;
    // Locked before it has its name: a lock file that nobody holds belongs to a dead trial.
    let lock = File::create(folder.path().join("lock.new"))?;
    lock.lock()?;
    fs::rename(folder.path().join("lock.new"), folder.path().join("lock"))?;
    for name in ["in", "in/tmp", "in/shm"] {
        fs::create_dir(folder.path().join(name))?;
    }
    Ok((folder, lock))
}

/// Removes trials whose process was killed.
fn sweep(place: &Path) {
    let own = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let ours = entry.file_name().as_bytes().starts_with(PREFIX.as_bytes())
            && entry.metadata().is_ok_and(|about| about.is_dir() && about.uid() == own);
        // One whose lock is not there yet is being made just now.
        let dead = || File::open(entry.path().join("lock")).is_ok_and(|lock| lock.try_lock().is_ok());
        if ours && dead() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
