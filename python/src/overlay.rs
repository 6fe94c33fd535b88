//! The machine, and source that is in no file: cells of a notebook, input of a prompt, code that was executed from a
//! string. Rules ask for the line that failed; only the running interpreter knows such lines.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use heal::world::{Expect, FileTime, Kind, Lock, Meta, RawFile, Real, World};

/// See the module. What is only in memory can be read and never written.
#[derive(Debug, Default)]
pub struct Overlay {
    sources: Mutex<BTreeMap<PathBuf, String>>,
}

impl Overlay {
    /// Source that counts as the content of a file.
    pub fn know(&self, sources: BTreeMap<PathBuf, String>) {
        // Those of earlier sessions are of no use any more.
        *self.sources.lock().unwrap_or_else(PoisonError::into_inner) = sources;
    }

    fn source(&self, path: &Path) -> Option<String> {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        sources.get(path).cloned()
    }

    fn meta(&self, path: &Path) -> Option<Meta> {
        let text = self.source(path)?;
        Some(Meta {
            kind: Kind::File,
            len: text.len() as u64,
            ..Meta::of_new_file(0o400)
        })
    }

    fn writable(&self, path: &Path) -> io::Result<()> {
        match self.source(path) {
            None => Ok(()),
            Some(_) => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "this source is in no file",
            )),
        }
    }
}

impl World for Overlay {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.source(path)
            .map_or_else(|| Real.read(path), |text| Ok(text.into_bytes()))
    }
    fn metadata(&self, path: &Path) -> io::Result<Meta> {
        self.meta(path).map_or_else(|| Real.metadata(path), Ok)
    }
    fn stat(&self, path: &Path) -> io::Result<Meta> {
        self.meta(path).map_or_else(|| Real.stat(path), Ok)
    }
    fn read_dir(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        Real.read_dir(path)
    }
    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        Real.read_link(path)
    }
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        if self.source(path).is_some() {
            return Ok(path.to_path_buf());
        }
        Real.canonicalize(path)
    }
    fn env(&self, name: &str) -> Option<OsString> {
        Real.env(name)
    }
    fn cwd(&self) -> PathBuf {
        Real.cwd()
    }
    fn now(&self) -> DateTime<Utc> {
        Real.now()
    }
    fn is_root(&self) -> bool {
        Real.is_root()
    }
    fn uid(&self) -> u32 {
        Real.uid()
    }
    fn replace(&self, path: &Path, bytes: &[u8], like: Option<&Meta>, expect: Expect<'_>) -> io::Result<()> {
        self.writable(path)?;
        Real.replace(path, bytes, like, expect)
    }
    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.writable(path)?;
        Real.set_mode(path, mode)
    }
    fn set_times(&self, path: &Path, atime: FileTime, mtime: FileTime) -> io::Result<()> {
        Real.set_times(path, atime, mtime)
    }
    fn create_dir(&self, path: &Path, mode: u32) -> io::Result<()> {
        Real.create_dir(path, mode)
    }
    fn symlink(&self, target: &Path, path: &Path) -> io::Result<()> {
        Real.symlink(target, path)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        Real.remove_file(path)
    }
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        Real.remove_dir(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Real.rename(from, to)
    }
    fn sync(&self, path: &Path) -> io::Result<()> {
        Real.sync(path)
    }
    fn open(&self, path: &Path, mode: u32, lock: Lock) -> io::Result<Box<dyn RawFile>> {
        Real.open(path, mode, lock)
    }
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn RawFile>> {
        Real.open_read(path)
    }
}
