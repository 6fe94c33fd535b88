//! Past sessions: listing, recovery after a crash, undo, and dropping what is old.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::changes::diff;
use super::journal::{Entry, Journal, Outcome, Record, Replay};
use super::restore::{paths, take_back, whole_chain};
use super::{CouldNotUndo, Restored, RunUndo, TransactionError, io_error, store};
use crate::logdir::{self, FILE_MODE};
use crate::world::{Lock, World};

/// A session whose process died, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The session.
    pub session: String,
    /// What was taken back.
    pub restored: Restored,
    /// Whether something is left to try again later, as on a full disk.
    pub unfinished: bool,
}

/// What [`undo`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoReport {
    /// The session.
    pub session: String,
    /// What was taken back.
    pub restored: Restored,
}

/// Why a past session was not undone. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// There is no such session.
    #[error("there is no session `{0}`")]
    Unknown(String),
    /// Several sessions begin with these letters.
    #[error("`{0}` could be any of {list}", list = .1.join(", "))]
    Ambiguous(String, Vec<String>),
    /// There is no session that changed anything.
    #[error("there is nothing to undo")]
    Nothing,
    /// The session is still running in another process.
    #[error("session {0} is still running")]
    Running(String),
    /// The session was taken back already.
    #[error("session {0} was taken back already")]
    Already(String),
    /// A file is no longer what heal left there. The three versions can be compared.
    #[error("{path} was changed after heal had changed it")]
    ChangedSince {
        /// The file as it is now.
        path: PathBuf,
        /// A copy of what it was before heal; `None`: it did not exist.
        before: Option<PathBuf>,
        /// A copy of what heal left there; `None`: it did not exist.
        after: Option<PathBuf>,
    },
    /// A file operation failed.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
}

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Its process is alive.
    Running,
    /// Its process is gone, and it has not been taken back yet.
    BrokenOff,
    /// Its changes stand.
    Committed,
    /// It failed, and everything was taken back.
    RolledBack,
    /// It was undone later.
    Undone,
}

/// A session that changed something, as `heal undo --list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// Its id.
    pub session: String,
    /// The project.
    pub root: PathBuf,
    /// When it made its first change.
    pub started: DateTime<Utc>,
    /// How it stands.
    pub state: SessionState,
    /// Files and folders that it changed.
    pub files: Vec<PathBuf>,
    /// Commands that it ran, and whether each has an undo.
    pub commands: Vec<(Vec<String>, bool)>,
    /// Whether its journal has a line that cannot be read.
    pub damaged: bool,
}

/// A session's folder, its journal read; the journal itself where nobody else holds it.
pub(super) struct Found {
    pub journal: Option<Journal>,
    pub replay: Replay,
    pub id: String,
}

/// Which sessions to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// All of them.
    All,
    /// Those that are not marked as ended: nearly always none, however many there were.
    NotEnded,
}

/// Sessions of a log directory, in the order of their names.
pub(super) fn find(world: &dyn World, log_dir: &Path, which: Which) -> Result<Vec<Found>, TransactionError> {
    let folder = logdir::sessions(log_dir);
    let folders = match world.read_dir(&folder) {
        Ok(folders) => folders,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io_error("read", &folder, error)),
    };
    let mut found = Vec::new();
    for folder in folders {
        let Some(id) = folder.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        match open(world, log_dir, id, which) {
            Ok(Some(session)) => found.push(session),
            Ok(None) => {}
            Err(error) => return Err(io_error("read", &store::journal(log_dir, id), error)),
        }
    }
    Ok(found)
}

fn open(world: &dyn World, log_dir: &Path, id: &str, which: Which) -> io::Result<Option<Found>> {
    let names = [store::journal(log_dir, id), store::ended_journal(log_dir, id)];
    let path = match names.into_iter().position(|path| world.is_file(&path)) {
        Some(0) => store::journal(log_dir, id),
        Some(_) if which == Which::All => store::ended_journal(log_dir, id),
        _ => return Ok(None),
    };
    // A journal makes heal write files and run commands. One that heal itself wrote belongs to
    // this user, and nobody else could write it; one that came with a project (a checkout, an
    // archive) is a stranger's word, as is another user's.
    let meta = world.metadata(&path)?;
    if !meta.is_file() || meta.uid != world.uid() || meta.mode & 0o077 != 0 {
        return Ok(None);
    }
    // A log directory may be read-only for us; listing must work all the same.
    let (journal, replay) = match world.open(&path, FILE_MODE, Lock::TryExclusive) {
        Ok(file) => {
            let (journal, replay) = Journal::take(file)?;
            (Some(journal), replay)
        }
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            (None, Replay::read(&world.read(&path)?))
        }
        Err(error) => return Err(error),
    };
    // An empty journal: its process died, or lives, before it changed anything.
    let started = replay.started.is_some();
    Ok(started.then(|| Found {
        journal,
        replay,
        id: id.to_owned(),
    }))
}

impl Found {
    fn state(&self) -> SessionState {
        match (self.replay.is_open(), &self.journal, self.replay.outcome) {
            (true, None, _) => SessionState::Running,
            (true, Some(_), _) => SessionState::BrokenOff,
            _ if self.replay.undone => SessionState::Undone,
            (_, _, Some(Outcome::RolledBack)) => SessionState::RolledBack,
            _ => SessionState::Committed,
        }
    }

    fn info(&self) -> SessionInfo {
        let entries = &self.replay.entries;
        SessionInfo {
            session: self.id.clone(),
            root: self.replay.root.clone(),
            started: self.replay.started.unwrap_or_default(),
            state: self.state(),
            files: paths(entries),
            commands: entries
                .iter()
                .filter_map(|entry| match entry {
                    Entry::Command(command) => Some((command.argv.clone(), command.undo.is_some())),
                    Entry::Change(_) => None,
                })
                .collect(),
            damaged: self.replay.damaged,
        }
    }
}

/// All sessions of a log directory that changed something, newest first.
pub fn list(world: &dyn World, log_dir: &Path) -> Result<Vec<SessionInfo>, TransactionError> {
    let mut all: Vec<SessionInfo> = find(world, log_dir, Which::All)?.iter().map(Found::info).collect();
    all.sort_by(|a, b| (b.started, &b.session).cmp(&(a.started, &a.session)));
    Ok(all)
}

/// Takes back every session of the project at `root` that is open though its process is gone,
/// and every undo that broke off. Newest first; what a living process holds is left alone.
pub fn recover(
    world: &Arc<dyn World>,
    root: &Path,
    log_dir: &Path,
    run: RunUndo<'_>,
) -> Result<Vec<Recovered>, TransactionError> {
    let world = &**world;
    let root = world.canonicalize(root).unwrap_or_else(|_| world.absolute(root));
    let mut broken = Vec::new();
    for found in find(world, log_dir, Which::NotEnded)? {
        if found.state() == SessionState::BrokenOff && found.replay.root == root {
            broken.push(found);
        } else if found.journal.is_some() && !found.replay.is_open() {
            // It ended, and died before it could mark that.
            store::mark_ended(world, log_dir, &found.id);
        }
    }
    broken.sort_by_key(|found| std::cmp::Reverse(found.replay.started));
    let mut recovered = Vec::new();
    for mut found in broken {
        let Some(journal) = &mut found.journal else {
            continue;
        };
        if found.replay.entries.is_empty() && !found.replay.damaged {
            let at = world.now();
            let outcome = Outcome::RolledBack;
            if journal.append(&Record::End { outcome, at }, true).is_ok() {
                store::mark_ended(world, log_dir, &found.id);
            }
            continue;
        }
        let patch = diff(world, &root, &found.replay.entries);
        let (restored, unfinished) = restore(world, log_dir, &found.id, journal, &found.replay, run);
        let patch = save_patch(world, log_dir, &found.id, &patch);
        recovered.push(Recovered {
            session: found.id,
            restored: Restored {
                patches: patch.into_iter().collect(),
                ..restored
            },
            unfinished,
        });
    }
    Ok(recovered)
}

fn restore(
    world: &dyn World,
    log_dir: &Path,
    session: &str,
    journal: &mut Journal,
    replay: &Replay,
    run: RunUndo<'_>,
) -> (Restored, bool) {
    let mut taken = take_back(world, &replay.entries, 0, run, &mut |entry| {
        // What the undo did has to be on the disk before the journal says that it was done.
        if world.sync_tree(&replay.root).is_ok() {
            let _ = journal.append(&Record::CommandUndone { entry }, true);
        }
    });
    if replay.damaged {
        taken.restored.could_not_undo.push(CouldNotUndo {
            what: "the session's journal".to_owned(),
            reason: "a line of it was damaged; what that line said could not be taken back".to_owned(),
            before: None,
        });
    }
    if !taken.retry {
        let at = world.now();
        let end = if replay.outcome == Some(Outcome::Committed) {
            Record::Undone { at }
        } else {
            Record::End {
                outcome: Outcome::RolledBack,
                at,
            }
        };
        // Should this fail, the next recovery finds that there is nothing to do.
        if journal.append(&end, true).is_ok() {
            store::mark_ended(world, log_dir, session);
        }
    }
    (taken.restored, taken.retry)
}

/// Takes back a past session of the project at `root`: the newest whose changes stand, or the
/// one whose id begins with `session`.
///
/// # Errors
/// [`UndoError::ChangedSince`] and all others leave everything as it is.
pub fn undo(
    world: &Arc<dyn World>,
    root: &Path,
    log_dir: &Path,
    session: Option<&str>,
    run: RunUndo<'_>,
) -> Result<UndoReport, UndoError> {
    let world = &**world;
    let mut found = choose(world, root, log_dir, session)?;
    let state = found.state();
    let Some(journal) = &mut found.journal else {
        return Err(UndoError::Running(found.id));
    };
    if matches!(state, SessionState::Undone | SessionState::RolledBack) {
        return Err(UndoError::Already(found.id));
    }
    if state == SessionState::Committed {
        for path in paths(&found.replay.entries) {
            let chain = whole_chain(&found.replay.entries, &path);
            let (now, _) = chain.look(world).map_err(|error| io_error("read", &path, error))?;
            let ((before, was), (after, left)) = (chain.before(), chain.after());
            if !now.same(after) && !now.same(before) {
                return Err(UndoError::ChangedSince {
                    before: was.map(Path::to_path_buf),
                    after: left.map(Path::to_path_buf),
                    path,
                });
            }
        }
        // From here on a recovery must find it.
        let names = (
            store::ended_journal(log_dir, &found.id),
            store::journal(log_dir, &found.id),
        );
        if world.is_file(&names.0) {
            world
                .rename(&names.0, &names.1)
                .and_then(|()| world.sync(&store::session_dir(log_dir, &found.id)))
                .map_err(|error| io_error("reopen", &names.0, error))?;
        }
        journal
            .append(&Record::UndoStarted, true)
            .map_err(|error| io_error("write", &store::journal(log_dir, &found.id), error))?;
    }
    let (restored, _) = restore(world, log_dir, &found.id, journal, &found.replay, run);
    Ok(UndoReport {
        session: found.id,
        restored,
    })
}

fn choose(world: &dyn World, root: &Path, log_dir: &Path, session: Option<&str>) -> Result<Found, UndoError> {
    let mut all = find(world, log_dir, Which::All)?;
    all.sort_by(|a, b| (a.replay.started, &a.id).cmp(&(b.replay.started, &b.id)));
    let Some(prefix) = session else {
        let root = world.canonicalize(root).unwrap_or_else(|_| world.absolute(root));
        return all
            .into_iter()
            .rev()
            .filter(|found| found.replay.root == root)
            .find(|found| matches!(found.state(), SessionState::Committed | SessionState::BrokenOff))
            .ok_or(UndoError::Nothing);
    };
    if let Some(exact) = all.iter().position(|found| found.id == prefix) {
        return Ok(all.swap_remove(exact));
    }
    all.retain(|found| !prefix.is_empty() && found.id.starts_with(prefix));
    if all.len() > 1 {
        let ids = all.into_iter().map(|found| found.id).collect();
        return Err(UndoError::Ambiguous(prefix.to_owned(), ids));
    }
    all.pop().ok_or_else(|| UndoError::Unknown(prefix.to_owned()))
}

fn save_patch(world: &dyn World, log_dir: &Path, session: &str, patch: &[u8]) -> Option<PathBuf> {
    if patch.is_empty() {
        return None;
    }
    let path = store::session_dir(log_dir, session).join("changes.patch");
    store::keep(world, &path, patch).ok().map(|()| path)
}
