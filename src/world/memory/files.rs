//! The operations of a world in memory.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};

use super::handle::Handle;
use super::{Memory, USER, error, hold, meta_of};
use crate::world::{Expect, FileTime, KEEP_OWNER, Kind, Lock, Meta, RawFile, World};

impl World for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let state = hold(&self.state);
        let (_, node) = state.find(path, true)?;
        match node.meta.kind {
            Kind::File => Ok(hold(&node.content.bytes).clone()),
            Kind::Dir => Err(error(io::ErrorKind::IsADirectory)),
            Kind::Symlink | Kind::Other => Err(error(io::ErrorKind::InvalidInput)),
        }
    }

    fn metadata(&self, path: &Path) -> io::Result<Meta> {
        hold(&self.state).find(path, false).map(|(_, node)| meta_of(node))
    }

    fn stat(&self, path: &Path) -> io::Result<Meta> {
        hold(&self.state).find(path, true).map(|(_, node)| meta_of(node))
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let state = hold(&self.state);
        let (folder, node) = state.find(path, true)?;
        if !node.meta.is_dir() {
            return Err(error(io::ErrorKind::NotADirectory));
        }
        Ok(state
            .nodes
            .keys()
            .filter(|other| other.parent() == Some(&folder))
            .filter_map(|other| other.file_name().map(|name| path.join(name)))
            .collect())
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        let state = hold(&self.state);
        let (_, node) = state.find(path, false)?;
        if node.meta.is_symlink() {
            Ok(node.link.clone())
        } else {
            Err(error(io::ErrorKind::InvalidInput))
        }
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        hold(&self.state).find(path, true).map(|(path, _)| path)
    }

    fn env(&self, name: &str) -> Option<OsString> {
        hold(&self.state).env.get(name).cloned()
    }

    fn cwd(&self) -> PathBuf {
        hold(&self.state).cwd.clone()
    }

    fn now(&self) -> DateTime<Utc> {
        hold(&self.state).now
    }

    fn is_root(&self) -> bool {
        hold(&self.state).root
    }

    fn uid(&self) -> u32 {
        if self.is_root() { 0 } else { USER }
    }

    fn replace(&self, path: &Path, bytes: &[u8], like: Option<&Meta>, expect: Expect<'_>) -> io::Result<()> {
        let mut state = hold(&self.state);
        let path = state.resolve(path, true)?;
        if !state
            .nodes
            .get(path.parent().unwrap_or(&path))
            .is_some_and(|node| node.meta.is_dir())
        {
            return Err(error(io::ErrorKind::NotFound));
        }
        let there = state.nodes.get(&path).cloned();
        if there.as_ref().is_some_and(|there| !there.meta.is_file()) {
            return Err(error(io::ErrorKind::InvalidInput));
        }
        match (expect, &there) {
            (Expect::Absent, Some(_)) => return Err(error(io::ErrorKind::AlreadyExists)),
            (Expect::Content(_), None) => return Err(error(io::ErrorKind::ResourceBusy)),
            (Expect::Content(content), Some(there)) if hold(&there.content.bytes).as_slice() != content => {
                return Err(error(io::ErrorKind::ResourceBusy));
            }
            _ => {}
        }
        let mut node = state.new_node(Kind::File, 0o644, bytes);
        if let Some(like) = like.or(there.as_ref().map(|there| &there.meta)) {
            node.meta.mode = like.mode;
            if like.uid != KEEP_OWNER {
                node.meta.uid = like.uid;
                node.meta.gid = like.gid;
            }
        }
        state.nodes.insert(path, node);
        Ok(())
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        hold(&self.state).find_mut(path)?.meta.mode = mode & 0o7777;
        Ok(())
    }

    fn set_times(&self, path: &Path, atime: FileTime, mtime: FileTime) -> io::Result<()> {
        let mut state = hold(&self.state);
        let meta = &mut state.find_mut(path)?.meta;
        meta.atime = atime;
        meta.mtime = mtime;
        Ok(())
    }

    fn create_dir(&self, path: &Path, mode: u32) -> io::Result<()> {
        let mut state = hold(&self.state);
        let path = state.resolve(path, false)?;
        if state.nodes.contains_key(&path) {
            return Err(error(io::ErrorKind::AlreadyExists));
        }
        let node = state.new_node(Kind::Dir, mode, &[]);
        state.nodes.insert(path, node);
        Ok(())
    }

    fn symlink(&self, target: &Path, path: &Path) -> io::Result<()> {
        let mut state = hold(&self.state);
        let path = state.resolve(path, false)?;
        if state.nodes.contains_key(&path) {
            return Err(error(io::ErrorKind::AlreadyExists));
        }
        let mut node = state.new_node(Kind::Symlink, 0o777, &[]);
        node.link = target.to_path_buf();
        state.nodes.insert(path, node);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = hold(&self.state);
        let (path, node) = state.find(path, false)?;
        if node.meta.is_dir() {
            return Err(error(io::ErrorKind::IsADirectory));
        }
        state.nodes.remove(&path);
        Ok(())
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = hold(&self.state);
        let (path, node) = state.find(path, false)?;
        if !node.meta.is_dir() {
            return Err(error(io::ErrorKind::NotADirectory));
        }
        if state.has_children(&path) {
            return Err(error(io::ErrorKind::DirectoryNotEmpty));
        }
        state.nodes.remove(&path);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = hold(&self.state);
        let (from, _) = state.find(from, false)?;
        let to = state.resolve(to, false)?;
        let moved: Vec<PathBuf> = state
            .nodes
            .keys()
            .filter(|path| path.starts_with(&from))
            .cloned()
            .collect();
        for path in moved {
            if let Some(node) = state.nodes.remove(&path) {
                let rest = path.strip_prefix(&from).unwrap_or_else(|_| Path::new(""));
                let target = if rest.as_os_str().is_empty() {
                    to.clone()
                } else {
                    to.join(rest)
                };
                state.nodes.insert(target, node);
            }
        }
        Ok(())
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.stat(path).map(drop)
    }

    fn open(&self, path: &Path, mode: u32, lock: Lock) -> io::Result<Box<dyn RawFile>> {
        if matches!(self.stat(path), Err(missing) if missing.kind() == io::ErrorKind::NotFound) {
            match self.replace(path, &[], None, Expect::Absent) {
                Err(raced) if raced.kind() == io::ErrorKind::AlreadyExists => {}
                other => {
                    other?;
                    self.set_mode(path, mode)?;
                }
            }
        }
        let mut handle = self.handle(path)?;
        if lock != Lock::None {
            let content = Arc::clone(&handle.content);
            let mut locked = hold(&content.locked);
            while *locked {
                if lock == Lock::TryExclusive {
                    return Err(error(io::ErrorKind::WouldBlock));
                }
                locked = content.unlocked.wait(locked).unwrap_or_else(PoisonError::into_inner);
            }
            *locked = true;
            handle.locks = true;
        }
        Ok(Box::new(handle))
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn RawFile>> {
        Ok(Box::new(self.handle(path)?))
    }
}

impl Memory {
    fn handle(&self, path: &Path) -> io::Result<Handle> {
        let state = hold(&self.state);
        let (_, node) = state.find(path, true)?;
        if !node.meta.is_file() {
            return Err(error(io::ErrorKind::IsADirectory));
        }
        Ok(Handle {
            content: Arc::clone(&node.content),
            at: 0,
            meta: node.meta,
            locks: false,
        })
    }
}
