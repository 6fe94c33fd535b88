//! Dropping what is old: backups and journals past their retention.

use std::path::Path;

use chrono::TimeDelta;

use super::journal::Replay;
use super::sessions::{Which, find};
use super::{TransactionError, store};
use crate::logdir;
use crate::world::World;

/// How long backups and journals of ended sessions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Sessions older than this are dropped.
    pub max_age: TimeDelta,
    /// Of the younger ones, at most this many are kept, the newest.
    pub max_sessions: usize,
}

/// What [`gc`] dropped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collected {
    /// The sessions, which cannot be undone any more.
    pub sessions: Vec<String>,
    /// Bytes that were freed.
    pub bytes: u64,
}

/// Drops backups and journals that are past the retention; never those of an open session.
pub fn gc(world: &dyn World, log_dir: &Path, retention: Retention) -> Result<Collected, TransactionError> {
    let mut all = find(world, log_dir, Which::All)?;
    all.sort_by_key(|found| std::cmp::Reverse(found.replay.started));
    let oldest = world.now().checked_sub_signed(retention.max_age);
    let mut collected = Collected::default();
    let ended = all
        .into_iter()
        .filter(|found| !found.replay.is_open() && found.journal.is_some());
    for (position, found) in ended.enumerate() {
        let old = oldest.is_some_and(|oldest| found.replay.started < Some(oldest));
        if old || position >= retention.max_sessions {
            collected.bytes += forget(world, log_dir, &found.id, &found.replay);
            collected.sessions.push(found.id);
        }
    }
    Ok(collected)
}

/// Removes the backups and the folder of a session; returns the bytes that were freed. What
/// cannot be removed stays: it is only a copy.
pub(super) fn forget(world: &dyn World, log_dir: &Path, session: &str, replay: &Replay) -> u64 {
    let mut freed = 0;
    let mut remove = |path: &Path| {
        let len = world.metadata(path).map_or(0, |meta| meta.len);
        if world.remove_file(path).is_ok() {
            freed += len;
        }
    };
    let backups = logdir::backups(log_dir);
    // A journal is data: only what lies among the backups is removed on its word.
    replay
        .backups
        .iter()
        .filter(|path| path.parent() == Some(&backups))
        .for_each(|path| remove(path));
    let folder = store::session_dir(log_dir, session);
    // The journal last, so that a collection that breaks off can be repeated.
    let mut files = world.read_dir(&folder).unwrap_or_default();
    files.sort_by_key(|path| path.ends_with("journal") || path.ends_with("journal.ended"));
    files.iter().for_each(|path| remove(path));
    let _ = world.remove_dir(&folder);
    freed
}
