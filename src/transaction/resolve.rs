//! Which file a path really names, and whether a session may change it.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::{TransactionError, io_error};
use crate::world::World;

/// Folders that belong to version control, wherever they are in a path.
const RESERVED: [&str; 4] = [".git", ".hg", ".svn", ".jj"];

/// The path without links, `.` and `..`, if it lies below one of `roots` and belongs to the
/// project itself. The last components may be missing.
pub(super) fn resolve(
    world: &dyn World,
    roots: &[PathBuf],
    log_dir: &Path,
    path: &Path,
) -> Result<PathBuf, TransactionError> {
    let target = real_path(world, &world.absolute(path)).map_err(|error| io_error("resolve", path, error))?;
    let below = roots.iter().find_map(|root| {
        let root = world.canonicalize(root).ok()?;
        target.strip_prefix(&root).ok().map(Path::to_path_buf)
    });
    let Some(below) = below.filter(|below| below.components().next().is_some()) else {
        return Err(TransactionError::OutsideRoot { path: target });
    };
    let reserved = below.components().any(|part| {
        RESERVED
            .iter()
            .any(|name| part.as_os_str() == std::ffi::OsStr::new(name))
    });
    let own = real_path(world, &world.absolute(log_dir)).unwrap_or_else(|_| log_dir.to_path_buf());
    if reserved || target.starts_with(own) {
        return Err(TransactionError::Reserved { path: target });
    }
    Ok(target)
}

/// `canonicalize` for a path whose last components may not exist yet.
fn real_path(world: &dyn World, path: &Path) -> io::Result<PathBuf> {
    let mut missing = Vec::new();
    let mut at = path;
    loop {
        match world.canonicalize(at) {
            Ok(real) => {
                return Ok(missing.iter().rev().fold(real, |path, name| path.join(name)));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(error) => {
                // A link to nothing exists itself: writing through it would create its target.
                let dangling = world.metadata(at).is_ok();
                let (Some(parent), Some(Component::Normal(name))) = (at.parent(), at.components().next_back()) else {
                    return Err(error);
                };
                if dangling {
                    return Err(error);
                }
                missing.push(name.to_os_string());
                at = parent;
            }
        }
    }
}
