//! A world that exists only in memory: for the examples inside rules, and for tests.

mod files;
mod handle;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::{FileTime, Kind, Meta};

/// A file system, environment and clock in memory. Clones share one state.
///
/// It starts with the folders `/` and the current one, `/project`; no variable is set, and the
/// clock stands still at 2024-01-15 10:30:00 UTC until [`Memory::set_now`].
#[derive(Debug, Clone)]
pub struct Memory {
    state: Arc<Mutex<State>>,
}

/// The user, and the group, of whoever is not root.
const USER: u32 = 1000;

#[derive(Debug)]
struct State {
    nodes: BTreeMap<PathBuf, Node>,
    env: HashMap<String, OsString>,
    cwd: PathBuf,
    now: DateTime<Utc>,
    root: bool,
    next_inode: u64,
}

#[derive(Debug, Clone)]
struct Node {
    meta: Meta,
    /// The bytes of a file, shared with the handles that are open on it.
    content: Arc<Content>,
    /// Where a symlink points.
    link: PathBuf,
}

#[derive(Debug, Default)]
struct Content {
    bytes: Mutex<Vec<u8>>,
    locked: Mutex<bool>,
    unlocked: Condvar,
}

/// A panic elsewhere leaves plain data behind, which is as good as before.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn error(kind: io::ErrorKind) -> io::Error {
    io::Error::from(kind)
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// An empty world.
    pub fn new() -> Self {
        let now = DateTime::from_timestamp(1_705_314_600, 0).unwrap_or_default();
        let mut state = State {
            nodes: BTreeMap::new(),
            env: HashMap::new(),
            cwd: PathBuf::from("/project"),
            now,
            root: false,
            next_inode: 1,
        };
        state.add_dirs(Path::new("/project"));
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Adds a file (mode 0644) and the folders above it. Relative to the current folder.
    #[must_use]
    pub fn with_file(self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        self.put(path.as_ref(), content.as_ref(), 0o644);
        self
    }

    /// Adds an executable file (mode 0755) that does nothing, at an absolute path or, for a bare
    /// name, in `/usr/bin`, and makes sure that its folder is on `PATH`.
    #[must_use]
    pub fn with_program(self, name: impl AsRef<Path>) -> Self {
        let path = Path::new("/usr/bin").join(name.as_ref());
        self.put(&path, b"#!/bin/true\n", 0o755);
        let folder = path.parent().unwrap_or_else(|| Path::new("/")).to_path_buf();
        let mut state = hold(&self.state);
        let mut entries: Vec<PathBuf> = state
            .env
            .get("PATH")
            .map(|path| std::env::split_paths(path).collect())
            .unwrap_or_default();
        if !entries.contains(&folder) {
            entries.push(folder);
        }
        if let Ok(joined) = std::env::join_paths(entries) {
            state.env.insert("PATH".to_owned(), joined);
        }
        drop(state);
        self
    }

    /// Adds an empty folder and those above it.
    #[must_use]
    pub fn with_dir(self, path: impl AsRef<Path>) -> Self {
        let mut state = hold(&self.state);
        let path = state.absolute(path.as_ref());
        state.add_dirs(&path);
        drop(state);
        self
    }

    /// Adds a symlink.
    #[must_use]
    pub fn with_link(self, path: impl AsRef<Path>, target: impl AsRef<Path>) -> Self {
        let mut state = hold(&self.state);
        let path = state.absolute(path.as_ref());
        if let Some(parent) = path.parent() {
            state.add_dirs(parent);
        }
        let mut node = state.new_node(Kind::Symlink, 0o777, &[]);
        node.link = target.as_ref().to_path_buf();
        state.nodes.insert(path, node);
        drop(state);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn with_env(self, name: impl Into<String>, value: impl Into<OsString>) -> Self {
        hold(&self.state).env.insert(name.into(), value.into());
        self
    }

    /// Sets the current folder and creates it.
    #[must_use]
    pub fn with_cwd(self, path: impl AsRef<Path>) -> Self {
        let mut state = hold(&self.state);
        let path = state.absolute(path.as_ref());
        state.add_dirs(&path);
        state.cwd = path;
        drop(state);
        self
    }

    /// Says whether heal runs as root.
    #[must_use]
    pub fn with_root(self, root: bool) -> Self {
        hold(&self.state).root = root;
        self
    }

    /// Sets the clock.
    pub fn set_now(&self, now: DateTime<Utc>) {
        hold(&self.state).now = now;
    }

    /// Adds or replaces a file with this mode, and adds the folders above it.
    pub fn put(&self, path: &Path, content: &[u8], mode: u32) {
        let mut state = hold(&self.state);
        let path = state.absolute(path);
        if let Some(parent) = path.parent() {
            state.add_dirs(parent);
        }
        let node = state.new_node(Kind::File, mode, content);
        state.nodes.insert(path, node);
    }
}

/// Removes `.` and `..` by name only.
fn normalise(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

impl State {
    fn absolute(&self, path: &Path) -> PathBuf {
        normalise(&self.cwd.join(path))
    }

    fn new_node(&mut self, kind: Kind, mode: u32, content: &[u8]) -> Node {
        let inode = self.next_inode;
        self.next_inode += 1;
        let mtime = FileTime {
            seconds: self.now.timestamp(),
            nanos: self.now.timestamp_subsec_nanos(),
        };
        Node {
            meta: Meta {
                kind,
                len: 0,
                mode,
                uid: if self.root { 0 } else { USER },
                gid: if self.root { 0 } else { USER },
                mtime,
                atime: mtime,
                nlink: 1,
                dev: 1,
                ino: inode,
            },
            content: Arc::new(Content {
                bytes: Mutex::new(content.to_vec()),
                ..Content::default()
            }),
            link: PathBuf::new(),
        }
    }

    fn add_dirs(&mut self, path: &Path) {
        let ancestors: Vec<PathBuf> = path.ancestors().map(Path::to_path_buf).collect();
        for folder in ancestors.into_iter().rev() {
            if !self.nodes.contains_key(&folder) {
                let node = self.new_node(Kind::Dir, 0o755, &[]);
                self.nodes.insert(folder, node);
            }
        }
    }

    /// The path without symlinks; with `follow`, the last component is followed too. The last
    /// component need not exist.
    fn resolve(&self, path: &Path, follow: bool) -> io::Result<PathBuf> {
        let mut rest: Vec<PathBuf> = split(&self.cwd.join(path));
        let mut at = PathBuf::from("/");
        let mut links = 0;
        while let Some(name) = rest.pop() {
            if name.as_os_str() == ".." {
                at.pop();
                continue;
            }
            let next = at.join(&name);
            match self.nodes.get(&next) {
                Some(node) if node.meta.is_symlink() && (follow || !rest.is_empty()) => {
                    links += 1;
                    if links > 40 {
                        return Err(io::Error::from(rustix::io::Errno::LOOP));
                    }
                    if node.link.is_absolute() {
                        at = PathBuf::from("/");
                    }
                    rest.extend(split(&node.link));
                }
                Some(node) => {
                    if !rest.is_empty() && !node.meta.is_dir() {
                        return Err(error(io::ErrorKind::NotADirectory));
                    }
                    at = next;
                }
                None if rest.is_empty() => at = next,
                None => return Err(error(io::ErrorKind::NotFound)),
            }
        }
        Ok(at)
    }

    fn find(&self, path: &Path, follow: bool) -> io::Result<(PathBuf, &Node)> {
        let path = self.resolve(path, follow)?;
        let node = self.nodes.get(&path).ok_or_else(|| error(io::ErrorKind::NotFound))?;
        Ok((path, node))
    }

    fn find_mut(&mut self, path: &Path) -> io::Result<&mut Node> {
        let path = self.resolve(path, true)?;
        self.nodes.get_mut(&path).ok_or_else(|| error(io::ErrorKind::NotFound))
    }

    fn has_children(&self, path: &Path) -> bool {
        self.nodes.keys().any(|other| other.parent() == Some(path))
    }
}

/// The named components of a path, last first.
fn split(path: &Path) -> Vec<PathBuf> {
    path.components()
        .rev()
        .filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir))
        .map(|part| PathBuf::from(part.as_os_str()))
        .collect()
}

fn meta_of(node: &Node) -> Meta {
    Meta {
        len: hold(&node.content.bytes).len() as u64,
        ..node.meta
    }
}
