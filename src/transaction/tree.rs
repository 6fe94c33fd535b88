//! Folders that a command is known to change: what is in them, and putting that back.
//!
//! Such a folder (a tool's cache of plugins, say) may hold thousands of files and hundreds of
//! megabytes. What is new in it can always be removed; what was there is copied up to a bound,
//! and beyond the bound only noticed.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::journal::{Leaf, Name, State, Tree, hash};
use super::store;
use crate::world::{Expect, Kind, Meta, World, temporary_name};

/// Things in a folder; one with more is not watched.
const MAX_LEAVES: usize = 50_000;

/// A larger file is known by its size and time, and not copied.
const MAX_FILE: u64 = 16 << 20;

/// Bytes that are copied of one folder.
const MAX_BYTES: u64 = 64 << 20;

/// What is in a folder. With `keep`, a prefix of paths, copies of the files are made there.
pub(super) fn walk(world: &dyn World, root: &Path, keep: Option<&Path>) -> io::Result<Tree> {
    let mut tree = Tree::new();
    let mut folders = vec![root.to_path_buf()];
    let mut room = MAX_BYTES;
    while let Some(folder) = folders.pop() {
        for path in world.read_dir(&folder)? {
            if tree.len() >= MAX_LEAVES {
                return Err(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    "there is too much in the folder",
                ));
            }
            let meta = world.metadata(&path)?;
            let leaf = match meta.kind {
                Kind::Dir => {
                    folders.push(path.clone());
                    Leaf::Dir { mode: meta.mode }
                }
                Kind::Symlink => Leaf::Link {
                    to: Name(world.read_link(&path)?),
                },
                Kind::Other => Leaf::Other,
                Kind::File if meta.len > MAX_FILE => Leaf::File {
                    hash: format!("{} bytes, {}.{:09}", meta.len, meta.mtime.seconds, meta.mtime.nanos),
                    mode: meta.mode,
                    mtime: meta.mtime,
                    backup: None,
                },
                Kind::File => {
                    let content = world.read(&path)?;
                    let fits = keep.filter(|_| meta.len <= room);
                    let backup = fits.and_then(|prefix| {
                        let mut name = prefix.as_os_str().to_os_string();
                        name.push(format!("-{}", tree.len()));
                        let copy = PathBuf::from(name);
                        store::keep(world, &copy, &content).ok().map(|()| Name(copy))
                    });
                    room -= if backup.is_some() { meta.len } else { 0 };
                    Leaf::File {
                        hash: hash(&content),
                        mode: meta.mode,
                        mtime: meta.mtime,
                        backup,
                    }
                }
            };
            let inside = path.strip_prefix(root).unwrap_or(&path);
            tree.insert(Name::from(inside), leaf);
        }
    }
    Ok(tree)
}

/// The tree of a state that is one; of any other it is empty.
fn leaves(state: &State) -> Option<&Tree> {
    match state {
        State::Tree { leaves } => Some(leaves),
        _ => None,
    }
}

/// Removes from a folder, and from what is known to be in it, the temporary files that a death in
/// the middle of [`put_back`] left.
pub(super) fn sweep(world: &dyn World, root: &Path, now: &mut Tree, before: &State) {
    let Some(before) = leaves(before) else { return };
    let left: BTreeSet<(Option<&Path>, String)> = before
        .keys()
        .map(|name| (name.0.parent(), temporary_name(&name.0).0))
        .collect();
    now.retain(|name, leaf| {
        let file = name.0.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        // The part of the name that differs from one temporary file to the next has no hyphen.
        let begin = file.rfind('-').map_or("", |at| &file[..=at]);
        let ours = matches!(leaf, Leaf::File { .. })
            && file.ends_with(temporary_name(&name.0).1)
            && left.contains(&(name.0.parent(), begin.to_owned()));
        !(ours && world.remove_file(&root.join(&name.0)).is_ok())
    });
}

/// Whether all that is there now was there before, or was left by heal: also in the middle of
/// being put back.
pub(super) fn knows(now: &Tree, before: &State, after: &State) -> bool {
    let (before, after) = (leaves(before), leaves(after));
    let same = |tree: Option<&Tree>, name, leaf: &Leaf| {
        tree.and_then(|tree| tree.get(name))
            .is_some_and(|other| other.same(leaf))
    };
    now.iter()
        .all(|(name, leaf)| same(before, name, leaf) || same(after, name, leaf))
}

/// Puts a folder back as it was, or removes it where it was not.
pub(super) fn put_back(world: &dyn World, root: &Path, now: &Tree, before: &State) -> io::Result<()> {
    let empty = Tree::new();
    let was = leaves(before).unwrap_or(&empty);
    let gone = |name: &Name, leaf: &Leaf| {
        was.get(name)
            .is_none_or(|other| std::mem::discriminant(other) != std::mem::discriminant(leaf))
    };
    // Deepest first, so that folders are empty when their turn comes.
    for (name, leaf) in now.iter().rev().filter(|(name, leaf)| gone(name, leaf)) {
        let path = root.join(&name.0);
        match leaf {
            Leaf::Dir { .. } => world.remove_dir(&path)?,
            Leaf::File { .. } | Leaf::Link { .. } => world.remove_file(&path)?,
            Leaf::Other => return Err(io::Error::new(io::ErrorKind::InvalidData, "there is a device in it")),
        }
    }
    if *before == State::Absent {
        return world.remove_dir(root);
    }
    for (name, leaf) in was {
        let there = now.get(name).filter(|leaf| !gone(name, leaf));
        if there.is_some_and(|there| there.same(leaf)) {
            // Death may have come between content and times.
            if let (Leaf::File { mtime, .. }, Some(Leaf::File { mtime: now, .. })) = (leaf, there)
                && mtime != now
            {
                world.set_times(&root.join(&name.0), *mtime, *mtime)?;
            }
            continue;
        }
        restore_leaf(world, &root.join(&name.0), leaf, there.is_some())?;
    }
    Ok(())
}

fn restore_leaf(world: &dyn World, path: &Path, leaf: &Leaf, there: bool) -> io::Result<()> {
    match leaf {
        Leaf::Dir { mode } => world.create_dir(path, *mode),
        Leaf::Link { to } => {
            if there {
                world.remove_file(path)?;
            }
            world.symlink(&to.0, path)
        }
        Leaf::File {
            hash: expected,
            mode,
            mtime,
            backup,
        } => {
            let missing = || io::Error::new(io::ErrorKind::InvalidData, "a file in it was too large to be backed up");
            let content = world.read(&backup.as_ref().ok_or_else(missing)?.0)?;
            if hash(&content) != *expected {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the backup of a file in it was changed",
                ));
            }
            let like = world.metadata(path).unwrap_or_else(|_| Meta::of_new_file(*mode));
            world.replace(path, &content, Some(&Meta { mode: *mode, ..like }), Expect::Anything)?;
            world.set_times(path, *mtime, *mtime)
        }
        Leaf::Other => Err(io::Error::new(io::ErrorKind::InvalidData, "a device in it is gone")),
    }
}
