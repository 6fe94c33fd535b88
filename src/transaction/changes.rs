//! What a session changed, as a diff, from the copies that it kept.

use std::path::Path;

use super::journal::{Entry, State};
use super::patch::{Side, unified};
use super::restore::{paths, whole_chain};
use crate::world::World;

/// The diff over some entries, of every path from its first to its last state.
pub(super) fn diff(world: &dyn World, root: &Path, entries: &[Entry]) -> Vec<u8> {
    let mut paths = paths(entries);
    paths.sort();
    paths
        .iter()
        .flat_map(|path| {
            let chain = whole_chain(entries, path);
            diff_of(world, root, path, chain.before(), chain.after())
        })
        .collect()
}

/// The diff between two states of a path, from the copies.
fn diff_of(
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
