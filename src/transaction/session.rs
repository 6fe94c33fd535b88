//! The open session of this process.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::journal::{Change, Command, Entry, Journal, Name, Outcome, Record, Replay, State};
use super::restore::{look, paths, whole_chain};
use super::{CommandId, Mark, Restored, RunUndo, TransactionError, io_error, store};
use crate::world::{Expect, Meta, World};

/// A session that is open: changes go through it, and can be taken back until it ends.
///
/// Nothing is written, not even a folder, before the first change. A transaction that is dropped
/// without an end (a panic) stays open on the disk: [`super::recover`] takes it back.
#[derive(Debug)]
pub struct Transaction {
    pub(super) world: Arc<dyn World>,
    pub(super) root: PathBuf,
    pub(super) roots: Vec<PathBuf>,
    pub(super) log_dir: PathBuf,
    pub(super) session: String,
    pub(super) keep_backups: bool,
    pub(super) journal: Option<Journal>,
    pub(super) log: Replay,
    /// A commit was tried, and nobody knows whether it is on the disk.
    pub(super) commit_failed: bool,
    /// How many copies and patches were numbered so far.
    pub(super) numbered: usize,
}

impl Transaction {
    /// Prepares a session in the project at `root`. `session` is its id, unique in `log_dir`,
    /// and the name of its folder there.
    pub fn open(world: Arc<dyn World>, root: &Path, log_dir: &Path, session: &str) -> Self {
        let log_dir = world.absolute(log_dir);
        let root = world.canonicalize(root).unwrap_or_else(|_| world.absolute(root));
        Self {
            world,
            roots: vec![root.clone()],
            root,
            log_dir,
            session: session.to_owned(),
            keep_backups: true,
            journal: None,
            log: Replay::default(),
            commit_failed: false,
            numbered: 0,
        }
    }

    /// Lets the session change files below another folder too.
    pub fn allow_root(&mut self, root: &Path) {
        self.roots.push(self.world.absolute(root));
    }

    /// Says whether backups outlive the session. Without them it cannot be undone later.
    pub fn keep_backups(&mut self, keep: bool) {
        self.keep_backups = keep;
    }

    /// The id of the session.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// Whether nothing was changed or run, or all of it was taken back.
    pub fn is_empty(&self) -> bool {
        self.log.entries.is_empty()
    }

    /// Replaces the content of a file, or creates one; links are written through. `read` is the
    /// content that `bytes` was made from, `None` for a file that must not exist yet. The folder
    /// must exist: see [`Transaction::create_dirs`]. Returns the backup, where there was a file.
    ///
    /// # Errors
    /// Whatever the error is, the file is as it was.
    pub fn write_file(
        &mut self,
        path: &Path,
        bytes: &[u8],
        read: Option<&[u8]>,
    ) -> Result<Option<PathBuf>, TransactionError> {
        let path = self.resolve(path)?;
        let found = self.file(&path)?;
        let (before, content) = match (found, read) {
            (Some((meta, content)), Some(read)) if content == read => (Some(meta), content),
            (None, None) => (None, Vec::new()),
            _ => return Err(TransactionError::ChangedMeanwhile { path }),
        };
        if before.is_some() && content == bytes {
            return Ok(None);
        }
        let state = before.map_or(State::Absent, |meta| State::file(&content, &meta));
        let mut after = State::file(bytes, &before.unwrap_or_else(|| Meta::of_new_file(0)));
        if let State::File { mode, .. } = &mut after
            && before.is_none()
        {
            *mode = None;
        }
        self.start()?;
        let backup = match before {
            Some(_) => Some(self.back_up(&path, &content)?),
            None => None,
        };
        let kept = self.keep(bytes);
        let entry = self.intend(Change {
            path: Name(path.clone()),
            before: state,
            after,
            backup: backup.as_deref().map(Name::from),
            kept: kept.as_deref().map(Name::from),
        })?;
        let expect = if before.is_some() {
            Expect::Content(&content)
        } else {
            Expect::Absent
        };
        if let Err(error) = self.world.replace(&path, bytes, before.as_ref(), expect) {
            self.forget_from(entry);
            return Err(match error.kind() {
                io::ErrorKind::ResourceBusy | io::ErrorKind::AlreadyExists => {
                    TransactionError::ChangedMeanwhile { path }
                }
                _ => io_error("write", &path, error),
            });
        }
        self.settle(entry, false);
        Ok(backup)
    }

    /// Sets the permission bits (`0o7777`) of a file.
    pub fn set_mode(&mut self, path: &Path, mode: u32) -> Result<(), TransactionError> {
        let path = self.resolve(path)?;
        let Some((meta, content)) = self.file(&path)? else {
            return Err(TransactionError::NotAFile { path });
        };
        if meta.mode == mode {
            return Ok(());
        }
        // The content is backed up too: the file may be lost by other means before the undo.
        self.start()?;
        let backup = self.back_up(&path, &content)?;
        let entry = self.intend(Change {
            path: Name(path.clone()),
            before: State::file(&content, &meta),
            after: State::file(&content, &Meta { mode, ..meta }),
            backup: Some(Name(backup.clone())),
            kept: Some(Name(backup)),
        })?;
        if let Err(error) = self.world.set_mode(&path, mode) {
            self.forget_from(entry);
            return Err(io_error("change the mode of", &path, error));
        }
        self.settled_on_disk(&path)
    }

    /// Creates a folder and the missing ones above it, with the usual permissions (0755).
    pub fn create_dirs(&mut self, path: &Path) -> Result<(), TransactionError> {
        let path = self.resolve(path)?;
        let mut missing: Vec<PathBuf> = path
            .ancestors()
            .take_while(|folder| !self.world.is_dir(folder))
            .map(Path::to_path_buf)
            .collect();
        missing.reverse();
        for folder in missing {
            self.start()?;
            let entry = self.intend(Change {
                path: Name(folder.clone()),
                before: State::Absent,
                after: State::Dir,
                backup: None,
                kept: None,
            })?;
            if let Err(error) = self.world.create_dir(&folder, 0o755) {
                self.forget_from(entry);
                return Err(io_error("create", &folder, error));
            }
            self.settled_on_disk(folder.parent().unwrap_or(&folder))?;
        }
        Ok(())
    }

    /// Removes a file whose content is still `read`.
    pub fn remove_file(&mut self, path: &Path, read: &[u8]) -> Result<(), TransactionError> {
        let path = self.resolve(path)?;
        let (meta, content) = match self.file(&path)? {
            Some((meta, content)) if content == read => (meta, content),
            _ => return Err(TransactionError::ChangedMeanwhile { path }),
        };
        self.start()?;
        let backup = self.back_up(&path, &content)?;
        let entry = self.intend(Change {
            path: Name(path.clone()),
            before: State::file(&content, &meta),
            after: State::Absent,
            backup: Some(Name(backup)),
            kept: None,
        })?;
        if let Err(error) = self.world.remove_file(&path) {
            self.forget_from(entry);
            return Err(io_error("remove", &path, error));
        }
        self.settled_on_disk(path.parent().unwrap_or(&path))
    }

    /// Says that a command is about to run; call it before starting the command. `watch` are
    /// files and folders that it is known to change (a lock file, a folder of plugins): they are
    /// taken back with it, whole folders with all that is in them.
    pub fn command_started(
        &mut self,
        argv: &[String],
        undo: Option<&[String]>,
        description: &str,
        watch: &[PathBuf],
    ) -> Result<CommandId, TransactionError> {
        self.start()?;
        let mut watched = !watch.is_empty();
        for path in watch {
            // A link itself may be replaced; where it leads, too.
            if let Some(link) = self.watched_link(path) {
                let before = State::Link {
                    to: Name(
                        self.world
                            .read_link(&link)
                            .map_err(|error| io_error("read", &link, error))?,
                    ),
                };
                self.intend(Change {
                    path: Name(link),
                    before,
                    after: State::Unknown,
                    backup: None,
                    kept: None,
                })?;
            }
            let path = self.resolve_watched(path)?;
            let (mut before, content) = look(&*self.world, &path).map_err(|error| io_error("read", &path, error))?;
            let backup = match before {
                State::Absent => None,
                State::File { .. } => Some(self.back_up(&path, &content)?),
                State::Dir => match self.keep_folder(&path) {
                    Some(leaves) => {
                        before = State::Tree { leaves };
                        None
                    }
                    // Too much, or unreadable: it is left as the command leaves it.
                    None => {
                        watched = false;
                        continue;
                    }
                },
                _ => {
                    watched = false;
                    continue;
                }
            };
            self.intend(Change {
                path: Name(path),
                before,
                after: State::Unknown,
                backup: backup.as_deref().map(Name::from),
                kept: None,
            })?;
        }
        let entry = self.log.entries.len();
        self.record(
            Record::Command {
                command: Command {
                    argv: argv.to_vec(),
                    undo: undo.map(<[String]>::to_vec),
                    description: description.to_owned(),
                    watched,
                    ended: None,
                    undone: false,
                },
            },
            true,
        )?;
        Ok(CommandId(entry))
    }

    /// Says how it ended: its exit status, `None` where it was killed.
    pub fn command_finished(&mut self, command: CommandId, status: Option<i32>) -> Result<(), TransactionError> {
        let watched: Vec<usize> = self.log.entries[..command.0.min(self.log.entries.len())]
            .iter()
            .enumerate()
            .rev()
            .map_while(|(position, entry)| match entry {
                Entry::Change(change) if change.after == State::Unknown => Some(position),
                _ => None,
            })
            .collect();
        // A command does not sync what it writes. The journal must not know more than the disk.
        let mut places = vec![self.root.clone()];
        for entry in &watched {
            if let Some(Entry::Change(change)) = self.log.entries.get(*entry)
                && !change.path.0.starts_with(&self.root)
            {
                places.push(change.path.0.clone());
            }
        }
        for place in places {
            self.world
                .sync_tree(&place)
                .map_err(|error| io_error("write to the disk", &place, error))?;
        }
        for entry in watched {
            self.settle(entry, true);
        }
        self.record(
            Record::Finished {
                entry: command.0,
                status,
            },
            true,
        )
    }

    /// The point to which [`Transaction::rollback_to`] goes back.
    pub fn checkpoint(&self) -> Mark {
        Mark(self.log.entries.len())
    }

    /// Takes back everything after the mark; the session stays open. What was taken back is kept
    /// as a patch.
    pub fn rollback_to(&mut self, mark: Mark, run: RunUndo<'_>) -> Result<Restored, TransactionError> {
        if mark.0 >= self.log.entries.len() {
            return Ok(Restored::default());
        }
        let patches = self.keep_patch(mark.0, "attempt").into_iter().collect();
        let taken = self.take_back_from(mark.0, run);
        if !taken.retry {
            self.forget_from(mark.0);
        }
        Ok(Restored {
            patches,
            ..taken.restored
        })
    }

    /// What the session has changed in files so far, as a unified diff that `git apply` takes.
    /// What commands changed is in it only for the files that they were watched for.
    pub fn diff(&self) -> Vec<u8> {
        self.diff_from(0)
    }

    /// The same since a mark.
    pub fn diff_since(&self, mark: Mark) -> Vec<u8> {
        self.diff_from(mark.0)
    }

    /// Files and folders that differ from what they were when the session began, each once.
    pub fn files(&self) -> Vec<PathBuf> {
        paths(&self.log.entries)
            .into_iter()
            .filter(|path| whole_chain(&self.log.entries, path).changes())
            .collect()
    }

    /// Ends the session in success: its changes stay, and can be undone later.
    ///
    /// # Errors
    /// Where the end cannot be written the session is still open, and the next recovery would
    /// take it back: the caller must roll back, or say so.
    pub fn commit(&mut self) -> Result<(), TransactionError> {
        if self.journal.is_none() {
            return Ok(());
        }
        let at = self.world.now();
        let outcome = Outcome::Committed;
        let ended = self.record(Record::End { outcome, at }, true);
        self.commit_failed = ended.is_err();
        ended?;
        if !self.keep_backups {
            super::gc::forget(&*self.world, &self.log_dir, &self.session, &self.log);
        }
        self.close();
        Ok(())
    }

    /// Takes everything back and ends the session; what it had changed is kept as a patch.
    ///
    /// Where something could not be taken back that may work later (a full disk), the session
    /// stays open on the disk for [`super::recover`].
    ///
    /// # Errors
    /// A commit failed before, and cannot be taken out of the journal: nothing was taken back, and
    /// the next recovery does what the journal on the disk says.
    pub fn rollback(&mut self, run: RunUndo<'_>) -> Result<Restored, TransactionError> {
        let Some(journal) = &mut self.journal else {
            return Ok(Restored::default());
        };
        // After a commit that failed half-way the journal may say that everything stands. While
        // that cannot be taken out, nothing may be taken back: the next recovery goes by it.
        if let Err(error) = journal.mend()
            && self.commit_failed
        {
            let path = store::journal(&self.log_dir, &self.session);
            self.close();
            return Err(io_error("take the commit out of", &path, error));
        }
        let patches = self.keep_patch(0, "changes").into_iter().collect();
        let taken = self.take_back_from(0, run);
        if !taken.retry {
            let at = self.world.now();
            // Everything is as before; without this line the next recovery finds that out.
            if self
                .record(
                    Record::End {
                        outcome: Outcome::RolledBack,
                        at,
                    },
                    true,
                )
                .is_ok()
            {
                store::mark_ended(&*self.world, &self.log_dir, &self.session);
            }
        }
        self.close();
        Ok(Restored {
            patches,
            ..taken.restored
        })
    }
}

impl Drop for Transaction {
    /// A session of which nothing is left ends by itself; any other stays open on the disk.
    fn drop(&mut self) {
        if self.journal.is_some() && self.is_empty() {
            let at = self.world.now();
            if self
                .record(
                    Record::End {
                        outcome: Outcome::RolledBack,
                        at,
                    },
                    true,
                )
                .is_ok()
            {
                store::mark_ended(&*self.world, &self.log_dir, &self.session);
            }
        }
    }
}
