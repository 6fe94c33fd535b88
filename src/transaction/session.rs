//! The open session of this process.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::journal::{Change, Command, Entry, Journal, Name, Outcome, Record, Replay, State, VERSION};
use super::patch::{Side, unified};
use super::restore::{look, paths, take_back, whole_chain};
use super::{CommandId, Mark, Restored, RunUndo, TransactionError, io_error, resolve, store};
use crate::logdir::{self, FILE_MODE, FOLDER_MODE};
use crate::world::{Expect, Kind, Lock, Meta, World};

/// A session that is open: changes go through it, and can be taken back until it ends.
///
/// Nothing is written, not even a folder, before the first change. A transaction that is dropped
/// without an end (a panic) stays open on the disk: [`super::recover`] takes it back.
#[derive(Debug)]
pub struct Transaction {
    world: Arc<dyn World>,
    root: PathBuf,
    roots: Vec<PathBuf>,
    log_dir: PathBuf,
    session: String,
    keep_backups: bool,
    journal: Option<Journal>,
    log: Replay,
    /// How many copies and patches were numbered so far.
    numbered: usize,
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
        Ok(())
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
        Ok(())
    }

    /// Says that a command is about to run; call it before starting the command. `watch` are
    /// files that it is known to change (a lock file, say): they are taken back with it.
    pub fn command_started(
        &mut self,
        argv: &[String],
        undo: Option<&[String]>,
        description: &str,
        watch: &[PathBuf],
    ) -> Result<CommandId, TransactionError> {
        self.start()?;
        for path in watch {
            let path = self.resolve(path)?;
            let (before, content) = look(&*self.world, &path).map_err(|error| io_error("read", &path, error))?;
            let backup = match before {
                State::Absent => None,
                State::File { .. } => Some(self.back_up(&path, &content)?),
                _ => continue,
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
        let patch = self.keep_patch(mark.0);
        let taken = self.take_back_from(mark.0, run);
        if !taken.retry {
            self.forget_from(mark.0);
        }
        Ok(Restored {
            patch,
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
        self.record(
            Record::End {
                outcome: Outcome::Committed,
                at,
            },
            true,
        )?;
        if !self.keep_backups {
            super::sessions::forget(&*self.world, &self.log_dir, &self.session, &self.log);
        }
        self.close();
        Ok(())
    }

    /// Takes everything back and ends the session; what it had changed is kept as a patch.
    ///
    /// Where something could not be taken back that may work later (a full disk), the session
    /// stays open on the disk for [`super::recover`].
    pub fn rollback(&mut self, run: RunUndo<'_>) -> Result<Restored, TransactionError> {
        if self.journal.is_none() {
            return Ok(Restored::default());
        }
        let patch = self.keep_patch(0);
        let taken = self.take_back_from(0, run);
        if !taken.retry {
            let at = self.world.now();
            // Everything is as before; without this line the next recovery finds that out.
            let _ = self.record(
                Record::End {
                    outcome: Outcome::RolledBack,
                    at,
                },
                true,
            );
        }
        self.close();
        Ok(Restored {
            patch,
            ..taken.restored
        })
    }

    fn close(&mut self) {
        self.journal = None;
        self.log = Replay::default();
    }

    fn resolve(&self, path: &Path) -> Result<PathBuf, TransactionError> {
        resolve::resolve(&*self.world, &self.roots, &self.log_dir, path)
    }

    /// The regular file at a path, if there is anything.
    fn file(&self, path: &Path) -> Result<Option<(Meta, Vec<u8>)>, TransactionError> {
        let meta = match self.world.metadata(path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("read", path, error)),
        };
        if meta.kind != Kind::File {
            return Err(TransactionError::NotAFile {
                path: path.to_path_buf(),
            });
        }
        if meta.nlink > 1 {
            return Err(TransactionError::HardLinked {
                path: path.to_path_buf(),
                links: meta.nlink,
            });
        }
        let content = self.world.read(path).map_err(|error| io_error("read", path, error))?;
        Ok(Some((meta, content)))
    }

    /// Creates the journal, before the first change.
    fn start(&mut self) -> Result<(), TransactionError> {
        if self.journal.is_some() {
            return Ok(());
        }
        let id = &self.session;
        let valid = !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let taken = || TransactionError::BadSession {
            session: self.session.clone(),
        };
        if !valid {
            return Err(taken());
        }
        let folder = store::session_dir(&self.log_dir, id);
        let path = store::journal(&self.log_dir, id);
        let create = || -> io::Result<(Journal, Replay)> {
            logdir::prepare(&*self.world, &self.log_dir)?;
            let created = self.world.create_dir_all(&folder, FOLDER_MODE)?;
            // Waits for a recovery that looks at the new, empty file just now.
            let opened = Journal::take(self.world.open(&path, FILE_MODE, Lock::Exclusive)?)?;
            for folder in created.iter().chain([&folder]) {
                self.world.sync(folder.parent().unwrap_or(folder))?;
            }
            self.world.sync(&folder)?;
            Ok(opened)
        };
        let (journal, found) = create().map_err(|error| io_error("create", &path, error))?;
        if found != Replay::default() {
            return Err(taken());
        }
        self.journal = Some(journal);
        let started = self.world.now();
        let opened = self.record(
            Record::Open {
                version: VERSION,
                session: self.session.clone(),
                root: Name(self.root.clone()),
                pid: std::process::id(),
                started,
            },
            true,
        );
        if opened.is_err() {
            self.journal = None;
        }
        opened
    }

    fn record(&mut self, record: Record, sync: bool) -> Result<(), TransactionError> {
        if let Some(journal) = &mut self.journal {
            journal
                .append(&record, sync)
                .map_err(|error| io_error("write", &store::journal(&self.log_dir, &self.session), error))?;
        }
        self.log.apply(record);
        Ok(())
    }

    /// Journals a change that is about to be made, and returns its position.
    fn intend(&mut self, change: Change) -> Result<usize, TransactionError> {
        let entry = self.log.entries.len();
        self.record(Record::Change { change }, true)?;
        Ok(entry)
    }

    /// Drops entries that were taken back, or never made.
    fn forget_from(&mut self, entry: usize) {
        let record = Record::Back { to: entry };
        if self.record(record.clone(), true).is_err() {
            // Only this process knows then; a recovery finds the paths as they were before.
            self.log.apply(record);
        }
    }

    /// Journals what is really at a path after the change, where that differs from what was
    /// foreseen (an owner that could not be kept, a command's work).
    fn settle(&mut self, entry: usize, always: bool) {
        let Some(Entry::Change(change)) = self.log.entries.get(entry) else {
            return;
        };
        let path = change.path.0.clone();
        let foreseen = change.after.clone();
        let Ok((after, content)) = look(&*self.world, &path) else {
            return;
        };
        let owned_mode = matches!(&foreseen, State::File { mode: Some(_), .. });
        // Content that is not ours is somebody else's, and must not count as ours.
        if !always && (!after.same_content(&foreseen) || (owned_mode && after.same(&foreseen))) {
            return;
        }
        let kept = if always && matches!(after, State::File { .. }) {
            self.keep(&content)
        } else {
            None
        };
        let kept = kept.as_deref().map(Name::from);
        let record = Record::Settled { entry, after, kept };
        if self.record(record.clone(), false).is_err() {
            self.log.apply(record);
        }
    }

    fn back_up(&mut self, path: &Path, content: &[u8]) -> Result<PathBuf, TransactionError> {
        store::back_up(&*self.world, &self.log_dir, path, content).map_err(|error| io_error("back up", path, error))
    }

    /// Keeps a copy of what heal leaves, for comparing; where that fails, there is none.
    fn keep(&mut self, content: &[u8]) -> Option<PathBuf> {
        self.numbered += 1;
        let name = format!("after-{}", self.numbered);
        let path = store::session_dir(&self.log_dir, &self.session).join(name);
        store::keep(&*self.world, &path, content).ok().map(|()| path)
    }

    fn keep_patch(&mut self, from: usize) -> Option<PathBuf> {
        let patch = self.diff_from(from);
        if patch.is_empty() || self.journal.is_none() {
            return None;
        }
        let name = if from == 0 {
            "changes.patch".to_owned()
        } else {
            self.numbered += 1;
            format!("attempt-{}.patch", self.numbered)
        };
        let path = store::session_dir(&self.log_dir, &self.session).join(name);
        store::keep(&*self.world, &path, &patch).ok().map(|()| path)
    }

    fn diff_from(&self, from: usize) -> Vec<u8> {
        let entries = self.log.entries.get(from..).unwrap_or_default();
        super::sessions::diff(&*self.world, &self.root, entries)
    }

    fn take_back_from(&mut self, from: usize, run: RunUndo<'_>) -> super::restore::Taken {
        let journal = &mut self.journal;
        take_back(&*self.world, &self.log.entries, from, run, &mut |entry| {
            if let Some(journal) = journal {
                // Not written: a recovery would run the undo once more, which it must bear.
                let _ = journal.append(&Record::CommandUndone { entry }, true);
            }
        })
    }
}

/// The diff between two states of a path, from the copies.
pub(super) fn diff_of(
    world: &dyn World,
    root: &Path,
    path: &Path,
    before: (&State, Option<&Path>),
    after: (&State, Option<&Path>),
) -> Vec<u8> {
    let content = |(state, copy): (&State, Option<&Path>)| match state {
        State::File { .. } => copy.and_then(|copy| world.read(copy).ok()),
        _ => None,
    };
    let mode = |state: &State| match state {
        State::File { mode, .. } => *mode,
        _ => None,
    };
    let (old, new) = (content(before), content(after));
    unified(
        path.strip_prefix(root).unwrap_or(path),
        Side {
            content: old.as_deref(),
            mode: mode(before.0),
        },
        Side {
            content: new.as_deref(),
            mode: mode(after.0),
        },
    )
}
