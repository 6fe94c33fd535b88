//! A world in which things go wrong: for tests that show that nothing is left half-done.

use std::ffi::OsString;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};

use super::{Expect, FileTime, Lock, Meta, RawFile, World, temporary_name};

/// What goes wrong, and at which of the operations that change something, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Nothing; the operations are counted.
    Count,
    /// This one operation fails, and changes nothing.
    Once(u64, io::ErrorKind),
    /// From this one on all that need room fail; removing still works. A full disk.
    From(u64, io::ErrorKind),
    /// This one of the operations that only look fails, counted by themselves from 1.
    Look(u64, io::ErrorKind),
    /// From this one on nothing can be changed any more, not even removed: a disk that the system
    /// has made read-only.
    ReadOnly(u64),
    /// At this one the process dies, as far as the disk can tell: a write in place is half made,
    /// a replacement has written its temporary file, and nothing works any more.
    Death(u64),
    /// At this one the process really kills itself with SIGKILL.
    Kill(u64),
}

/// Another world, with faults.
#[derive(Debug, Clone)]
pub struct Faulty {
    inner: Arc<dyn World>,
    plan: Plan,
    count: Arc<AtomicU64>,
    looks: Arc<AtomicU64>,
}

/// Whether an operation needs room on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Needed,
    NotNeeded,
}

/// What becomes of an operation.
enum Fate {
    Works,
    Fails(io::Error),
    Dies,
}

fn dead() -> io::Error {
    io::Error::other("the process is dead")
}

impl Faulty {
    /// Wraps a world.
    pub fn new(inner: Arc<dyn World>, plan: Plan) -> Self {
        Self {
            inner,
            plan,
            count: Arc::default(),
            looks: Arc::default(),
        }
    }

    /// How many operations only looked.
    pub fn looks(&self) -> u64 {
        self.looks.load(Ordering::SeqCst)
    }

    /// How many operations changed something, or tried to.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    fn fate(&self, room: Room) -> Fate {
        let now = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        match self.plan {
            Plan::Once(at, kind) if now == at => Fate::Fails(kind.into()),
            Plan::From(at, kind) if now >= at && room == Room::Needed => Fate::Fails(kind.into()),
            Plan::ReadOnly(at) if now >= at => Fate::Fails(io::ErrorKind::ReadOnlyFilesystem.into()),
            Plan::Death(at) if now == at => Fate::Dies,
            Plan::Death(at) if now > at => Fate::Fails(dead()),
            Plan::Kill(at) if now == at => {
                let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
                Fate::Dies
            }
            _ => Fate::Works,
        }
    }

    fn change<T>(&self, room: Room, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.fate(room) {
            Fate::Works => run(),
            Fate::Fails(error) => Err(error),
            Fate::Dies => Err(dead()),
        }
    }

    fn look<T>(&self, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let now = self.looks.fetch_add(1, Ordering::SeqCst) + 1;
        match self.plan {
            Plan::Death(at) if self.count() >= at => Err(dead()),
            Plan::Look(at, kind) if now == at => Err(kind.into()),
            _ => run(),
        }
    }
}

impl World for Faulty {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.look(|| self.inner.read(path))
    }

    fn metadata(&self, path: &Path) -> io::Result<Meta> {
        self.look(|| self.inner.metadata(path))
    }

    fn stat(&self, path: &Path) -> io::Result<Meta> {
        self.look(|| self.inner.stat(path))
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        self.look(|| self.inner.read_dir(path))
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.look(|| self.inner.read_link(path))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.look(|| self.inner.canonicalize(path))
    }

    fn env(&self, name: &str) -> Option<OsString> {
        self.inner.env(name)
    }

    fn cwd(&self) -> PathBuf {
        self.inner.cwd()
    }

    fn now(&self) -> DateTime<Utc> {
        self.inner.now()
    }

    fn is_root(&self) -> bool {
        self.inner.is_root()
    }

    fn uid(&self) -> u32 {
        self.inner.uid()
    }

    fn replace(&self, path: &Path, bytes: &[u8], like: Option<&Meta>, expect: Expect<'_>) -> io::Result<()> {
        match self.fate(Room::Needed) {
            Fate::Works => self.inner.replace(path, bytes, like, expect),
            Fate::Fails(error) => Err(error),
            Fate::Dies => {
                let half = &bytes[..bytes.len() / 2];
                let (begin, end) = temporary_name(path);
                let temporary = path.with_file_name(format!("{begin}dead{end}"));
                let mut file = self.inner.open(&temporary, 0o600, Lock::None)?;
                file.write_all(half)?;
                Err(dead())
            }
        }
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.change(Room::NotNeeded, || self.inner.set_mode(path, mode))
    }

    fn set_times(&self, path: &Path, atime: FileTime, mtime: FileTime) -> io::Result<()> {
        self.change(Room::NotNeeded, || self.inner.set_times(path, atime, mtime))
    }

    fn create_dir(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.change(Room::Needed, || self.inner.create_dir(path, mode))
    }

    fn symlink(&self, target: &Path, path: &Path) -> io::Result<()> {
        self.change(Room::Needed, || self.inner.symlink(target, path))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.change(Room::NotNeeded, || self.inner.remove_file(path))
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.change(Room::NotNeeded, || self.inner.remove_dir(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(Room::NotNeeded, || self.inner.rename(from, to))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.change(Room::NotNeeded, || self.inner.sync(path))
    }

    fn sync_tree(&self, path: &Path) -> io::Result<()> {
        self.change(Room::NotNeeded, || self.inner.sync_tree(path))
    }

    fn open(&self, path: &Path, mode: u32, lock: Lock) -> io::Result<Box<dyn RawFile>> {
        let file = self.change(Room::Needed, || self.inner.open(path, mode, lock))?;
        Ok(Box::new(Handle {
            file,
            world: self.clone(),
        }))
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn RawFile>> {
        let file = self.look(|| self.inner.open_read(path))?;
        Ok(Box::new(Handle {
            file,
            world: self.clone(),
        }))
    }
}

/// An open file of a world with faults.
#[derive(Debug)]
struct Handle {
    file: Box<dyn RawFile>,
    world: Faulty,
}

impl Read for Handle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Self { file, world } = self;
        world.look(|| file.read(buffer))
    }
}

impl Write for Handle {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self.world.fate(Room::Needed) {
            Fate::Works => self.file.write(buffer),
            Fate::Fails(error) => Err(error),
            Fate::Dies => {
                self.file.write_all(&buffer[..buffer.len() / 2])?;
                Err(dead())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Handle {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl RawFile for Handle {
    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let Self { file, world } = self;
        world.change(Room::NotNeeded, || file.set_len(len))
    }

    fn sync(&mut self) -> io::Result<()> {
        let Self { file, world } = self;
        world.change(Room::NotNeeded, || file.sync())
    }

    fn meta(&self) -> io::Result<Meta> {
        self.file.meta()
    }
}
