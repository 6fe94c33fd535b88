//! A folder copied, and what became different in the copy.
//!
//! Copies share their blocks with the original where the file system can do that (the kernel's
//! `copy_file_range` behind [`std::fs::copy`] does it on btrfs and XFS); elsewhere they are plain.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{Bounds, SandboxError};
use crate::world::temporary_name;

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Link,
    /// Anything else; it is not copied.
    Other,
}

/// A difference between a copy and its original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The path in the real project.
    pub path: PathBuf,
    /// What was there when the copy was made.
    pub before: Option<Kind>,
    /// What is there in the copy now.
    pub now: Option<Kind>,
    /// Where the new state is kept; of a folder only its mode counts.
    pub kept: PathBuf,
}

/// What a path was like when it was copied.
#[derive(Debug, Clone, PartialEq)]
struct Leaf {
    kind: Kind,
    original: Stamp,
    copy: Stamp,
}

/// What changes when a path changes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stamp {
    len: u64,
    mode: u32,
    changed: (i64, i64),
    modified: (i64, i64),
    ino: u64,
}

impl Stamp {
    fn of(about: &Metadata) -> Self {
        Self {
            len: about.len(),
            mode: about.mode(),
            changed: (about.ctime(), about.ctime_nsec()),
            modified: (about.mtime(), about.mtime_nsec()),
            ino: about.ino(),
        }
    }

    /// For a folder, size and times say only what its content says too.
    fn same(&self, other: &Self, kind: Kind) -> bool {
        match kind {
            Kind::Dir => self.mode == other.mode,
            _ => self == other,
        }
    }
}

/// A folder, or a single file, and its copy.
#[derive(Debug)]
pub(super) struct Copy {
    pub real: PathBuf,
    pub copy: PathBuf,
    leaves: BTreeMap<PathBuf, Leaf>,
}

/// How much was copied so far.
#[derive(Debug, Default)]
pub(super) struct Used {
    entries: u64,
    bytes: u64,
}

fn kind(about: &Metadata) -> Kind {
    let kind = about.file_type();
    match (kind.is_file(), kind.is_dir(), kind.is_symlink()) {
        (true, ..) => Kind::File,
        (_, true, _) => Kind::Dir,
        (.., true) => Kind::Link,
        _ => Kind::Other,
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> SandboxError {
    let path = path.to_path_buf();
    move |source| SandboxError::Copy { path, source }
}

impl Copy {
    /// Copies `real` to `copy`, without what lies at or below `skip`.
    pub fn make(
        real: &Path,
        copy: PathBuf,
        skip: &[PathBuf],
        bounds: &Bounds,
        used: &mut Used,
    ) -> Result<Self, SandboxError> {
        let mut leaves = BTreeMap::new();
        let mut open = vec![PathBuf::new()];
        while let Some(name) = open.pop() {
            let (from, to) = (real.join(&name), copy.join(&name));
            // `join` with nothing adds a slash, which follows links.
            let (from, to) = if name.as_os_str().is_empty() {
                (real, &*copy)
            } else {
                (&*from, &*to)
            };
            let about = fs::symlink_metadata(from).map_err(failed(from))?;
            let kind = kind(&about);
            used.entries += 1;
            used.bytes += if kind == Kind::File { about.len() } else { 0 };
            if used.entries > bounds.entries || used.bytes > bounds.bytes {
                return Err(SandboxError::TooLarge {
                    path: real.to_path_buf(),
                    limit: bounds.to_string(),
                });
            }
            duplicate(from, to, kind, &about).map_err(failed(from))?;
            if kind == Kind::Dir {
                for entry in fs::read_dir(from).map_err(failed(from))? {
                    let entry = entry.map_err(failed(from))?;
                    if !skip.contains(&entry.path()) {
                        open.push(name.join(entry.file_name()));
                    }
                }
            }
            if kind != Kind::Other {
                let copied = fs::symlink_metadata(to).map_err(failed(to))?;
                let (original, copy) = (Stamp::of(&about), Stamp::of(&copied));
                leaves.insert(name, Leaf { kind, original, copy });
            }
        }
        Ok(Self {
            real: real.to_path_buf(),
            copy,
            leaves,
        })
    }

    /// What is different in the copy now, outermost first; each new state is kept below `keep`.
    pub fn edits(&self, keep: &Path) -> io::Result<Vec<Edit>> {
        let mut now = BTreeMap::new();
        let mut open = vec![PathBuf::new()];
        while let Some(name) = open.pop() {
            let path = if name.as_os_str().is_empty() {
                self.copy.clone()
            } else {
                self.copy.join(&name)
            };
            let about = match fs::symlink_metadata(&path) {
                Ok(about) => about,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            if about.is_dir() {
                for entry in fs::read_dir(&path)? {
                    open.push(name.join(entry?.file_name()));
                }
            }
            now.insert(name, about);
        }
        let mut names: Vec<&PathBuf> = now.keys().chain(self.leaves.keys()).collect();
        names.sort();
        names.dedup();
        let mut edits: Vec<Edit> = Vec::new();
        for name in names {
            let (was, is) = (self.leaves.get(name), now.get(name));
            let unchanged = match (was, is) {
                (Some(was), Some(is)) => was.kind == kind(is) && self.unchanged(name, was, is)?,
                _ => false,
            };
            if unchanged {
                continue;
            }
            let kept = keep.join(format!("{}-{}", edits.len(), "kept"));
            if let Some(is) = is {
                duplicate(&self.copy.join(name), &kept, kind(is), is)?;
            }
            edits.push(Edit {
                path: self.real.join(name),
                before: was.map(|leaf| leaf.kind),
                now: is.map(kind),
                kept,
            });
        }
        Ok(edits)
    }

    fn unchanged(&self, name: &Path, was: &Leaf, is: &Metadata) -> io::Result<bool> {
        if was.copy.same(&Stamp::of(is), was.kind) {
            return Ok(true);
        }
        let (copy, real) = (self.copy.join(name), self.real.join(name));
        match was.kind {
            Kind::File => Ok(was.copy.mode == is.mode() && same_content(&copy, &real)?),
            Kind::Link => Ok(fs::read_link(copy)? == fs::read_link(real)?),
            Kind::Dir | Kind::Other => Ok(false),
        }
    }

    /// Whether the original is still what was copied.
    pub fn original_is_untouched(&self, path: &Path) -> Option<bool> {
        let name = path.strip_prefix(&self.real).ok()?;
        let now = fs::symlink_metadata(path).ok();
        Some(match (self.leaves.get(name), now) {
            (Some(leaf), Some(now)) => leaf.kind == kind(&now) && leaf.original.same(&Stamp::of(&now), leaf.kind),
            (None, None) => true,
            _ => false,
        })
    }
}

/// Does to the real project what was proven in the copy: removals first, deepest first, then what
/// is new or different, outermost first.
///
/// # Errors
/// The system's; what was done until then stays, for the caller to take back.
pub fn carry(edits: &[Edit]) -> io::Result<()> {
    let replaced = |edit: &&Edit| edit.before.is_some() && edit.before != edit.now;
    for edit in edits.iter().rev().filter(replaced) {
        match edit.before {
            Some(Kind::Dir) => fs::remove_dir(&edit.path)?,
            _ => fs::remove_file(&edit.path)?,
        }
    }
    for edit in edits {
        let Some(kind) = edit.now.filter(|kind| *kind != Kind::Other) else {
            continue;
        };
        let about = fs::symlink_metadata(&edit.kept)?;
        if kind == Kind::Dir {
            duplicate(&edit.kept, &edit.path, kind, &about)?;
            continue;
        }
        // Under a name by which a later recovery finds it, should this process die here.
        let (begin, end) = temporary_name(&edit.path);
        let temporary = edit.path.with_file_name(format!("{begin}trial{end}"));
        duplicate(&edit.kept, &temporary, kind, &about)?;
        if kind == Kind::File {
            File::open(&temporary)?.sync_all()?;
        }
        fs::rename(&temporary, &edit.path)?;
    }
    Ok(())
}

/// Copies one thing, without what is in a folder. Times and owner are kept as far as allowed.
pub(super) fn duplicate(from: &Path, to: &Path, kind: Kind, about: &Metadata) -> io::Result<()> {
    match kind {
        Kind::File => drop(fs::copy(from, to)?),
        Kind::Dir => {
            fs::create_dir_all(to)?;
            // Its owner must get in, for the copy's sake.
            fs::set_permissions(to, fs::Permissions::from_mode(about.mode() & 0o7777))?;
        }
        Kind::Link => std::os::unix::fs::symlink(fs::read_link(from)?, to)?,
        Kind::Other => return Ok(()),
    }
    let own = rustix::process::geteuid().as_raw();
    if about.uid() != own || kind != Kind::Link {
        // Only root may give files away; then they are this user's in the copy.
        let _ = std::os::unix::fs::lchown(to, Some(about.uid()), Some(about.gid()));
    }
    if kind == Kind::File {
        fs::set_permissions(to, fs::Permissions::from_mode(about.mode() & 0o7777))?;
        let times = fs::FileTimes::new()
            .set_accessed(about.accessed()?)
            .set_modified(about.modified()?);
        // A file that may not be opened for writing keeps the time of its copying.
        if let Ok(file) = File::open(to) {
            let _ = file.set_times(times);
        }
    }
    Ok(())
}

fn same_content(a: &Path, b: &Path) -> io::Result<bool> {
    let (mut a, mut b) = match (File::open(a), File::open(b)) {
        (Ok(a), Ok(b)) => (io::BufReader::new(a), io::BufReader::new(b)),
        _ => return Ok(false),
    };
    let (mut x, mut y) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let (m, n) = (fill(&mut a, &mut x)?, fill(&mut b, &mut y)?);
        if m != n || x[..m] != y[..n] {
            return Ok(false);
        }
        if m == 0 {
            return Ok(true);
        }
    }
}

fn fill(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    while len < into.len() {
        match from.read(&mut into[len..])? {
            0 => break,
            more => len += more,
        }
    }
    Ok(len)
}
