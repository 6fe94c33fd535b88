//! Power cuts, simulated: what a disk holds when everything that nobody synced may be lost.
//!
//! A [`Recording`] is a world that notes, before and after every operation, what of the tree would
//! survive: the content of files as of their last sync, the names in folders as of theirs, and
//! whatever subset of the rest a disk may have got round to. Changes that a command makes behind
//! its back are found by looking; nobody synced those. [`Disk::restore`] makes a folder look as it
//! would after the power came back.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};

use super::{Expect, FileTime, Kind, Lock, Meta, RawFile, World};

/// What survives of that which nobody synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survive {
    /// Nothing.
    Nothing,
    /// Names of files, not their content: what a file system does that writes names first.
    Names,
    /// Any of it, by a number that decides.
    Some(u64),
    /// Everything: the process died, the machine did not.
    Everything,
}

/// Permission bits and the time of the last change.
type Attributes = (u32, FileTime);

/// A file, folder or link, by its inode.
#[derive(Debug, Clone)]
struct Node {
    kind: Kind,
    target: PathBuf,
    /// What the disk holds, then each later state.
    content: Vec<Arc<Vec<u8>>>,
    attributes: Vec<Attributes>,
    /// What the disk holds of a folder, and what happened to its names since.
    names: BTreeMap<OsString, u64>,
    pending: Vec<(OsString, Option<u64>)>,
    live: BTreeMap<OsString, u64>,
}

/// A tree, as the disk has it and as programs see it.
#[derive(Debug, Clone)]
pub struct Disk {
    nodes: BTreeMap<u64, Node>,
    top: u64,
}

impl Disk {
    fn look(root: &Path) -> io::Result<Self> {
        let mut disk = Self {
            nodes: BTreeMap::new(),
            top: fs::metadata(root)?.ino(),
        };
        disk.rescan(root)?;
        disk.settle_all();
        Ok(disk)
    }

    /// Takes in what is there now; nothing of it is on the disk yet.
    fn rescan(&mut self, path: &Path) -> io::Result<u64> {
        let about = fs::symlink_metadata(path)?;
        let ino = about.ino();
        let modified = FileTime {
            seconds: about.mtime(),
            nanos: u32::try_from(about.mtime_nsec()).unwrap_or(0),
        };
        let attributes = (about.mode() & 0o7777, modified);
        let kind = about.file_type();
        let (kind, target, content) = if kind.is_symlink() {
            (Kind::Symlink, fs::read_link(path)?, Vec::new())
        } else if kind.is_dir() {
            (Kind::Dir, PathBuf::new(), Vec::new())
        } else {
            (Kind::File, PathBuf::new(), fs::read(path)?)
        };
        let mut live = BTreeMap::new();
        if kind == Kind::Dir {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                live.insert(entry.file_name(), self.rescan(&entry.path())?);
            }
        }
        let node = self.nodes.entry(ino).or_insert_with(|| Node {
            kind,
            target,
            // A file that was never synced may be found empty.
            content: vec![Arc::default()],
            attributes: vec![attributes],
            names: BTreeMap::new(),
            pending: Vec::new(),
            live: BTreeMap::new(),
        });
        if node.content.last().is_none_or(|last| **last != content) {
            node.content.push(Arc::new(content));
        }
        if node.attributes.last() != Some(&attributes) {
            node.attributes.push(attributes);
        }
        let names: BTreeSet<OsString> = node.live.keys().chain(live.keys()).cloned().collect();
        for name in names {
            let now = live.get(&name).copied();
            if node.live.get(&name).copied() != now {
                node.pending.push((name, now));
            }
        }
        node.live = live;
        Ok(ino)
    }

    fn settle_content(&mut self, ino: u64) {
        if let Some(node) = self.nodes.get_mut(&ino) {
            node.content.drain(..node.content.len() - 1);
            node.attributes.drain(..node.attributes.len() - 1);
        }
    }

    fn settle_names(&mut self, ino: u64) {
        if let Some(node) = self.nodes.get_mut(&ino) {
            node.names = node.live.clone();
            node.pending.clear();
        }
    }

    fn settle_all(&mut self) {
        let all: Vec<u64> = self.nodes.keys().copied().collect();
        for ino in all {
            self.settle_content(ino);
            self.settle_names(ino);
        }
    }

    /// Makes `root` what the disk holds; `root` itself stays.
    pub fn restore(&self, root: &Path, survive: Survive) -> io::Result<()> {
        for entry in fs::read_dir(root)? {
            let path = entry?.path();
            if path.is_dir() && !path.is_symlink() {
                fs::remove_dir_all(path)?;
            } else {
                fs::remove_file(path)?;
            }
        }
        let mut dice = Dice(match survive {
            Survive::Some(seed) => seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            _ => 1,
        });
        self.write(self.top, root, survive, &mut dice)
    }

    fn write(&self, ino: u64, path: &Path, survive: Survive, dice: &mut Dice) -> io::Result<()> {
        let Some(node) = self.nodes.get(&ino) else {
            return Ok(());
        };
        let version = |count: usize, dice: &mut Dice| match survive {
            Survive::Nothing | Survive::Names => 0,
            Survive::Some(_) => dice.below(count),
            Survive::Everything => count - 1,
        };
        match node.kind {
            Kind::Symlink => return std::os::unix::fs::symlink(&node.target, path),
            Kind::Dir => {
                if ino != self.top {
                    fs::create_dir(path)?;
                }
                for (name, ino) in Self::names(node, survive, dice) {
                    self.write(ino, &path.join(name), survive, dice)?;
                }
            }
            Kind::File | Kind::Other => {
                let chosen = version(node.content.len(), dice);
                let mut content = node.content[chosen].as_slice();
                // A block that was on its way may have arrived in part.
                if chosen > 0 && matches!(survive, Survive::Some(_)) && dice.below(4) == 0 {
                    // What is appended to a file cannot take away what was there.
                    let there = &node.content[0];
                    let kept = if content.starts_with(there) { there.len() } else { 0 };
                    content = &content[..kept + (content.len() - kept) / 2];
                }
                fs::write(path, content)?;
            }
        }
        let (mode, time) = node.attributes[version(node.attributes.len(), dice)];
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        super::Real.set_times(path, time, time)
    }

    /// The names of a folder that survive: of what happened to one name, a beginning.
    fn names(node: &Node, survive: Survive, dice: &mut Dice) -> BTreeMap<OsString, u64> {
        let mut names = node.names.clone();
        let mut lost = BTreeSet::new();
        for (name, to) in &node.pending {
            let happens = match survive {
                Survive::Nothing => false,
                Survive::Names | Survive::Everything => true,
                Survive::Some(_) => !lost.contains(name) && dice.below(2) == 0,
            };
            if !happens {
                lost.insert(name);
                continue;
            }
            match to {
                Some(ino) => names.insert(name.clone(), *ino),
                None => names.remove(name),
            };
        }
        names
    }
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(0) % count
    }
}

/// A world that notes what would survive a power cut at each moment.
#[derive(Debug, Clone)]
pub struct Recording {
    inner: Arc<dyn World>,
    root: PathBuf,
    disk: Arc<Mutex<Disk>>,
    moments: Arc<Mutex<Vec<Disk>>>,
}

impl Recording {
    /// Wraps a world over real files; all that is below `root` now is on the disk.
    pub fn new(inner: Arc<dyn World>, root: &Path) -> io::Result<Self> {
        Ok(Self {
            inner,
            root: root.to_path_buf(),
            disk: Arc::new(Mutex::new(Disk::look(root)?)),
            moments: Arc::default(),
        })
    }

    /// What the disk could hold at each moment so far, oldest first.
    pub fn moments(&self) -> Vec<Disk> {
        self.note(|_| ());
        std::mem::take(&mut *self.moments.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Takes in what happened, notes the moment, then lets something settle.
    fn note(&self, settle: impl FnOnce(&mut Disk)) {
        let mut disk = self.disk.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // What vanishes while we look is looked at again the next time.
        let _ = disk.rescan(&self.root);
        let mut moments = self.moments.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        moments.push(disk.clone());
        settle(&mut disk);
    }

    fn change<T>(&self, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.note(|_| ());
        run()
    }

    fn ino(path: &Path) -> Option<u64> {
        fs::metadata(path).ok().map(|about| about.ino())
    }
}

impl World for Recording {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.inner.read(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<Meta> {
        self.inner.metadata(path)
    }

    fn stat(&self, path: &Path) -> io::Result<Meta> {
        self.inner.stat(path)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        self.inner.read_dir(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.inner.read_link(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.inner.canonicalize(path)
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
        self.change(|| self.inner.replace(path, bytes, like, expect))?;
        // The new file was synced before it got its name, the name after that.
        let real = self.inner.canonicalize(path)?;
        let (file, folder) = (Self::ino(&real), real.parent().and_then(Self::ino));
        let mut disk = self.disk.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = disk.rescan(&self.root);
        file.into_iter().for_each(|ino| disk.settle_content(ino));
        drop(disk);
        self.note(|disk| folder.into_iter().for_each(|ino| disk.settle_names(ino)));
        Ok(())
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.change(|| self.inner.set_mode(path, mode))
    }

    fn set_times(&self, path: &Path, atime: FileTime, mtime: FileTime) -> io::Result<()> {
        self.change(|| self.inner.set_times(path, atime, mtime))
    }

    fn create_dir(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.change(|| self.inner.create_dir(path, mode))
    }

    fn symlink(&self, target: &Path, path: &Path) -> io::Result<()> {
        self.change(|| self.inner.symlink(target, path))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.change(|| self.inner.remove_file(path))
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.change(|| self.inner.remove_dir(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(|| self.inner.rename(from, to))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.inner.sync(path)?;
        let ino = Self::ino(path);
        self.note(|disk| {
            if let Some(ino) = ino {
                disk.settle_content(ino);
                disk.settle_names(ino);
            }
        });
        Ok(())
    }

    fn sync_tree(&self, path: &Path) -> io::Result<()> {
        self.inner.sync_tree(path)?;
        let mut inside = Vec::new();
        let mut open = vec![path.to_path_buf()];
        while let Some(path) = open.pop() {
            inside.extend(Self::ino(&path));
            if path.is_dir() && !path.is_symlink() {
                open.extend(self.inner.read_dir(&path)?);
            }
        }
        self.note(|disk| {
            for ino in inside {
                disk.settle_content(ino);
                disk.settle_names(ino);
            }
        });
        Ok(())
    }

    fn open(&self, path: &Path, mode: u32, lock: Lock) -> io::Result<Box<dyn RawFile>> {
        let file = self.change(|| self.inner.open(path, mode, lock))?;
        Ok(Box::new(Handle {
            file,
            world: self.clone(),
        }))
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn RawFile>> {
        self.inner.open_read(path)
    }
}

/// An open file of a recorded world.
#[derive(Debug)]
struct Handle {
    file: Box<dyn RawFile>,
    world: Recording,
}

impl Read for Handle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Write for Handle {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let Self { file, world } = self;
        world.change(|| file.write(buffer))
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
        world.change(|| file.set_len(len))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()?;
        let ino = self.file.meta()?.ino;
        self.world.note(|disk| disk.settle_content(ino));
        Ok(())
    }

    fn meta(&self) -> io::Result<Meta> {
        self.file.meta()
    }
}
