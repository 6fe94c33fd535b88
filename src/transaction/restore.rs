//! Taking changes back, newest first.
//!
//! The same code serves a rollback, the recovery after a crash and a later undo, and it can
//! break off and start again at any point: a path that is as it was before is left alone. A path
//! that is neither as it was before nor as heal left it belongs to somebody else now, and is
//! never touched.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::journal::{Change, Entry, Name, State, Tree, hash};
use super::{CouldNotUndo, Restored, RunUndo, tree};
use crate::world::{Expect, Kind, Meta, World};

/// What is at a path now, and its content if it is a file.
pub(super) fn look(world: &dyn World, path: &Path) -> io::Result<(State, Vec<u8>)> {
    match world.metadata(path) {
        Ok(meta) => Ok(match meta.kind {
            Kind::File => {
                let content = world.read(path)?;
                (State::file(&content, &meta), content)
            }
            Kind::Dir => (State::Dir, Vec::new()),
            Kind::Symlink => {
                let to = Name(world.read_link(path)?);
                (State::Link { to }, Vec::new())
            }
            Kind::Other => (State::Other, Vec::new()),
        }),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok((State::Absent, Vec::new()))
        }
        Err(error) => Err(error),
    }
}

/// As [`look`], but a folder with all that is in it.
pub(super) fn look_inside(world: &dyn World, path: &Path) -> io::Result<(State, Vec<u8>)> {
    match look(world, path)? {
        (State::Dir, _) => Ok((
            State::Tree {
                leaves: tree::walk(world, path, None)?,
            },
            Vec::new(),
        )),
        found => Ok(found),
    }
}

/// What came of taking entries back.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub restored: Restored,
    /// Whether something failed that may work another time (a full disk, say).
    pub retry: bool,
}

/// Takes back `entries[from..]`. `undone` is called with the position of each command whose undo
/// was tried, before the next step, so that it is not tried twice.
pub(super) fn take_back(
    world: &dyn World,
    entries: &[Entry],
    from: usize,
    run: RunUndo<'_>,
    undone: &mut dyn FnMut(usize),
) -> Taken {
    let mut taken = Taken::default();
    let mut files = BTreeSet::new();
    let mut done = BTreeSet::new();
    for (position, entry) in entries.iter().enumerate().skip(from).rev() {
        match entry {
            Entry::Change(change) => {
                // All changes of a path between two commands are one: from the oldest state
                // before to the newest after.
                if done.insert(&change.path) {
                    let chain = chain(&entries[from..=position], &change.path.0);
                    if restore(world, &chain, &mut taken) && chain.changes() {
                        files.insert(change.path.0.clone());
                    }
                }
            }
            Entry::Command(command) => {
                done.clear();
                if command.undone {
                    continue;
                }
                let reason = match (&command.undo, command.ended) {
                    // The watched paths are put back by their own entries.
                    (None, _) if command.watched => None,
                    // It ran to an end and did not succeed: what its undo would take away may
                    // have been there before.
                    (_, Some(ended)) if ended.status != Some(0) => {
                        Some("it did not succeed; what it left, if anything, is still there".to_owned())
                    }
                    (None, _) => Some("the command has no undo".to_owned()),
                    (Some(undo), _) => match run(undo) {
                        Ok(()) => {
                            taken.restored.commands_undone.push(undo.clone());
                            None
                        }
                        Err(reason) => Some(format!("its undo failed: {reason}")),
                    },
                };
                undone(position);
                if let Some(reason) = reason {
                    taken.restored.could_not_undo.push(CouldNotUndo {
                        what: command.description.clone(),
                        reason,
                        before: None,
                    });
                }
            }
        }
    }
    taken.restored.files = files.into_iter().collect();
    taken
}

/// The changes of one path that belong together.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    pub path: &'a Path,
    /// Newest first, never empty.
    changes: Vec<&'a Change>,
}

impl<'a> Chain<'a> {
    /// The state before the oldest change, with the copy of its content.
    pub fn before(&self) -> (&'a State, Option<&'a Path>) {
        let oldest = self.changes[self.changes.len() - 1];
        (&oldest.before, oldest.backup.as_ref().map(|name| name.0.as_path()))
    }

    /// The state after the newest change, with the copy of its content.
    pub fn after(&self) -> (&'a State, Option<&'a Path>) {
        (
            &self.changes[0].after,
            self.changes[0].kept.as_ref().map(|name| name.0.as_path()),
        )
    }

    /// Whether the path differs between before and after.
    pub fn changes(&self) -> bool {
        !self.before().0.same(self.after().0)
    }

    /// Whether a command was known to change it, so that a folder means all that is in it.
    pub fn is_watched(&self) -> bool {
        let watched = |state: &State| matches!(state, State::Unknown | State::Tree { .. });
        self.changes
            .iter()
            .any(|change| watched(&change.before) || watched(&change.after))
    }

    /// What is at the path now.
    pub fn look(&self, world: &dyn World) -> io::Result<(State, Vec<u8>)> {
        if self.is_watched() {
            look_inside(world, self.path)
        } else {
            look(world, self.path)
        }
    }

    /// Whether heal may have left the path in this state.
    fn knows(&self, state: &State) -> bool {
        if let State::Tree { leaves } = state
            && self
                .changes
                .iter()
                .any(|change| tree::knows(leaves, &change.before, &change.after))
        {
            return true;
        }
        self.changes
            .iter()
            .any(|change| change.after == State::Unknown || state.same(&change.after) || state.same(&change.before))
    }
}

/// The changes of `path` at the end of `entries`, back to the last command.
pub(super) fn chain<'a>(entries: &'a [Entry], path: &'a Path) -> Chain<'a> {
    let changes = entries
        .iter()
        .rev()
        .map_while(|entry| match entry {
            Entry::Change(change) => Some(change),
            Entry::Command(_) => None,
        })
        .filter(|change| change.path.0 == path)
        .collect();
    Chain { path, changes }
}

/// Puts a path back; `true` where it is now as it was.
fn restore(world: &dyn World, chain: &Chain<'_>, taken: &mut Taken) -> bool {
    let (before, backup) = chain.before();
    let mut refuse = |reason: String| {
        taken.restored.could_not_undo.push(CouldNotUndo {
            what: chain.path.display().to_string(),
            reason,
            before: backup.map(Path::to_path_buf),
        });
        false
    };
    // What a death in the middle of a write left beside the file. Not removing it is no reason
    // for not restoring the file.
    let _ = world.sweep(chain.path);
    let (mut now, content) = match chain.look(world) {
        Ok(found) => found,
        Err(error) => {
            taken.retry = true;
            return refuse(error.to_string());
        }
    };
    if let State::Tree { leaves } = &mut now {
        tree::sweep(world, chain.path, leaves, before);
    }
    if !chain.knows(&now) {
        return refuse("somebody else changed it since; it was left alone".to_owned());
    }
    match put_back(world, chain.path, &now, &content, before, backup) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            refuse("the folder is not empty any more".to_owned())
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::ResourceBusy | io::ErrorKind::AlreadyExists) => {
            refuse("somebody else is changing it; it was left alone".to_owned())
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => refuse(error.to_string()),
        Err(error) => {
            taken.retry = true;
            refuse(error.to_string())
        }
    }
}

fn put_back(
    world: &dyn World,
    path: &Path,
    now: &State,
    content: &[u8],
    before: &State,
    backup: Option<&Path>,
) -> io::Result<()> {
    match (before, now) {
        (State::Absent, State::Absent) | (State::Dir, State::Dir) => Ok(()),
        (State::Absent, State::File { .. } | State::Link { .. }) => {
            world.remove_file(path)?;
            sync_parent(world, path)
        }
        (State::Link { to }, State::Link { .. } | State::File { .. } | State::Absent) => {
            if now != before {
                if *now != State::Absent {
                    world.remove_file(path)?;
                }
                world.symlink(&to.0, path)?;
            }
            sync_parent(world, path)
        }
        (State::File { .. }, State::Link { .. }) => {
            world.remove_file(path)?;
            put_back(world, path, &State::Absent, &[], before, backup)
        }
        (State::Absent, State::Dir) => {
            world.remove_dir(path)?;
            sync_parent(world, path)
        }
        (State::Absent, State::Tree { leaves }) => {
            tree::put_back(world, path, leaves, before)?;
            sync_parent(world, path)
        }
        (State::Tree { .. }, State::Tree { leaves }) => {
            tree::put_back(world, path, leaves, before)?;
            world.sync_tree(path)
        }
        (State::Tree { .. }, State::Absent) => {
            world.create_dir(path, 0o755)?;
            tree::put_back(world, path, &Tree::new(), before)?;
            world.sync_tree(path)?;
            sync_parent(world, path)
        }
        (
            State::File {
                mode,
                uid,
                gid,
                mtime,
                atime,
                ..
            },
            State::File { .. } | State::Absent,
        ) => {
            if !now.same_content(before) {
                let original = original(world, before, backup)?;
                let like = Meta {
                    uid: *uid,
                    gid: *gid,
                    ..Meta::of_new_file(mode.unwrap_or(0o644))
                };
                let expect = match now {
                    State::Absent => Expect::Absent,
                    _ => Expect::Content(content),
                };
                match world.replace(path, &original, Some(&like), expect) {
                    Err(error) if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
                        give_backup(world, path, &like, backup).map_err(|_| error)?;
                    }
                    other => other?,
                }
            } else if let Some(mode) = mode
                && !now.same(before)
            {
                world.set_mode(path, *mode)?;
            }
            world.set_times(path, *atime, *mtime)?;
            world.sync(path)
        }
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it became something else than a file",
        )),
    }
}

/// On a full disk there is no room for a second copy, so the backup itself becomes the file. It
/// needs no new block, only its place on the same file system.
fn give_backup(world: &dyn World, path: &Path, like: &Meta, backup: Option<&Path>) -> io::Result<()> {
    let backup = backup.ok_or(io::ErrorKind::NotFound)?;
    let meta = world.metadata(backup)?;
    if (meta.uid, meta.gid) != (like.uid, like.gid) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    world.set_mode(backup, like.mode)?;
    world.rename(backup, path)?;
    sync_parent(world, path)
}

/// The content to restore, proven to be the one that was backed up.
fn original(world: &dyn World, before: &State, backup: Option<&Path>) -> io::Result<Vec<u8>> {
    let missing = || io::Error::new(io::ErrorKind::InvalidData, "its backup is missing");
    let path = backup.ok_or_else(missing)?;
    let content = world.read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => missing(),
        _ => error,
    })?;
    match before {
        State::File { hash: expected, .. } if *expected == hash(&content) => Ok(content),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "its backup was changed")),
    }
}

fn sync_parent(world: &dyn World, path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |parent| world.sync(parent))
}

/// The paths that entries are about, each once, in the order of their first change.
pub(super) fn paths(entries: &[Entry]) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Change(change) => Some(&change.path.0),
            Entry::Command(_) => None,
        })
        .filter(|path| seen.insert(path.as_path()))
        .cloned()
        .collect()
}

/// All changes of one path over the whole session, commands in between or not.
pub(super) fn whole_chain<'a>(entries: &'a [Entry], path: &'a Path) -> Chain<'a> {
    let changes = entries
        .iter()
        .rev()
        .filter_map(|entry| match entry {
            Entry::Change(change) if change.path.0 == path => Some(change),
            _ => None,
        })
        .collect();
    Chain { path, changes }
}
