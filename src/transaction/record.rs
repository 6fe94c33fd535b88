//! What an open session does behind each change: the journal, the copies, the way back.

use std::io;
use std::path::{Path, PathBuf};

use super::journal::{Change, Entry, Journal, Name, Record, Replay, State, Tree, VERSION};
use super::restore::{Taken, look_inside, take_back};
use super::session::Transaction;
use super::{RunUndo, TransactionError, io_error, resolve, store, tree};
use crate::logdir::{self, FILE_MODE, FOLDER_MODE};
use crate::world::{Kind, Lock, Meta};

impl Transaction {
    pub(super) fn close(&mut self) {
        self.journal = None;
        self.log = Replay::default();
    }

    pub(super) fn resolve(&self, path: &Path) -> Result<PathBuf, TransactionError> {
        resolve::resolve(&*self.world, &self.roots, &self.log_dir, path)
    }

    /// A path that a command of a fix will write: besides the roots, what lies in the user's home
    /// folder, where package managers install. heal writes there only to put it back as it was.
    pub(super) fn resolve_watched(&self, path: &Path) -> Result<PathBuf, TransactionError> {
        match (self.resolve(path), self.world.env("HOME")) {
            (Err(TransactionError::OutsideRoot { .. }), Some(home)) => {
                resolve::resolve(&*self.world, &[PathBuf::from(home)], &self.log_dir, path)
            }
            (result, _) => result,
        }
    }

    /// The link at a path, its folder resolved, where there is one inside the roots.
    pub(super) fn watched_link(&self, path: &Path) -> Option<PathBuf> {
        let path = self.world.absolute(path);
        let meta = self.world.metadata(&path).ok()?;
        // The folder's own path cannot be asked for: a root is no place to write.
        let beside = path.parent()?.join("x");
        let folder = self.resolve_watched(&beside).ok()?;
        meta.is_symlink()
            .then(|| folder.with_file_name(path.file_name().unwrap_or_default()))
    }

    /// The regular file at a path, if there is anything.
    pub(super) fn file(&self, path: &Path) -> Result<Option<(Meta, Vec<u8>)>, TransactionError> {
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
    pub(super) fn start(&mut self) -> Result<(), TransactionError> {
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
            self.world.create_dir_all(&folder, FOLDER_MODE)?;
            // Waits for a recovery that looks at the new, empty file just now.
            let opened = Journal::take(self.world.open(&path, FILE_MODE, Lock::Exclusive)?)?;
            // Whoever made these folders may not have waited until they were on the disk.
            let above = [
                self.log_dir.parent(),
                Some(&self.log_dir),
                folder.parent(),
                Some(&folder),
            ];
            for folder in above.into_iter().flatten() {
                self.world.sync(folder)?;
            }
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

    pub(super) fn record(&mut self, record: Record, sync: bool) -> Result<(), TransactionError> {
        if let Some(journal) = &mut self.journal {
            journal
                .append(&record, sync)
                .map_err(|error| io_error("write", &store::journal(&self.log_dir, &self.session), error))?;
        }
        self.log.apply(record);
        Ok(())
    }

    /// Waits until a change is on the disk: a commit must not be there without it.
    pub(super) fn settled_on_disk(&self, path: &Path) -> Result<(), TransactionError> {
        self.world
            .sync(path)
            .map_err(|error| io_error("write to the disk", path, error))
    }

    /// Journals a change that is about to be made, and returns its position.
    pub(super) fn intend(&mut self, change: Change) -> Result<usize, TransactionError> {
        let entry = self.log.entries.len();
        self.record(Record::Change { change }, true)?;
        Ok(entry)
    }

    /// Drops entries that were taken back, or never made.
    pub(super) fn forget_from(&mut self, entry: usize) {
        let record = Record::Back { to: entry };
        if self.record(record.clone(), true).is_err() {
            // Only this process knows then; a recovery finds the paths as they were before.
            self.log.apply(record);
        }
    }

    /// Journals what is really at a path after the change, where that differs from what was
    /// foreseen (an owner that could not be kept, a command's work).
    pub(super) fn settle(&mut self, entry: usize, always: bool) {
        let Some(Entry::Change(change)) = self.log.entries.get(entry) else {
            return;
        };
        let path = change.path.0.clone();
        let foreseen = change.after.clone();
        let Ok((after, content)) = look_inside(&*self.world, &path) else {
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

    pub(super) fn back_up(&mut self, path: &Path, content: &[u8]) -> Result<PathBuf, TransactionError> {
        store::back_up(&*self.world, &self.log_dir, path, content).map_err(|error| io_error("back up", path, error))
    }

    /// Keeps a copy of what heal leaves, for comparing; where that fails, there is none.
    pub(super) fn keep(&mut self, content: &[u8]) -> Option<PathBuf> {
        self.numbered += 1;
        let name = format!("after-{}", self.numbered);
        let path = store::session_dir(&self.log_dir, &self.session).join(name);
        store::keep(&*self.world, &path, content).ok().map(|()| path)
    }

    /// What is in a folder that a command is about to change, with copies.
    pub(super) fn keep_folder(&mut self, path: &Path) -> Option<Tree> {
        self.numbered += 1;
        let prefix = format!("watched-{}", self.numbered);
        let prefix = store::session_dir(&self.log_dir, &self.session).join(prefix);
        let tree = tree::walk(&*self.world, path, Some(&prefix)).ok()?;
        // Copies that are to be restored from must be there before the command begins.
        self.world.sync_tree(prefix.parent()?).ok()?;
        Some(tree)
    }

    /// Keeps what is about to be taken back as a patch, under a name of its own.
    pub(super) fn keep_patch(&mut self, from: usize, name: &str) -> Option<PathBuf> {
        let patch = self.diff_from(from);
        if patch.is_empty() || self.journal.is_none() {
            return None;
        }
        self.numbered += 1;
        let name = format!("{name}-{}.patch", self.numbered);
        let path = store::session_dir(&self.log_dir, &self.session).join(name);
        store::keep(&*self.world, &path, &patch).ok().map(|()| path)
    }

    pub(super) fn diff_from(&self, from: usize) -> Vec<u8> {
        let entries = self.log.entries.get(from..).unwrap_or_default();
        super::changes::diff(&*self.world, &self.root, entries)
    }

    pub(super) fn take_back_from(&mut self, from: usize, run: RunUndo<'_>) -> Taken {
        let (journal, world, root) = (&mut self.journal, &*self.world, &self.root);
        take_back(world, &self.log.entries, from, run, &mut |entry| {
            if let Some(journal) = journal
                && world.sync_tree(root).is_ok()
            {
                // Not written: a recovery would run the undo once more, which it must bear.
                let _ = journal.append(&Record::CommandUndone { entry }, true);
            }
        })
    }
}
