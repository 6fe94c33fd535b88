//! Which of a project's packs may act by themselves: those whose content somebody trusted.
//!
//! Trust is kept outside the project, in the user's state folder, by content hash; a file's time
//! says nothing about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::world::World;

/// The file that keeps trusted hashes, one `hash<TAB>path` a line.
#[must_use]
pub fn store(world: &dyn World) -> Option<PathBuf> {
    let state = world
        .env("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|p| p.is_absolute())
        .or_else(|| world.env("HOME").map(|home| PathBuf::from(home).join(".local/state")))?;
    Some(state.join("heal/trusted"))
}

/// Whether this content of this file is trusted.
#[must_use]
pub fn is_trusted(world: &dyn World, file: &Path, hash: &str) -> bool {
    let Some(text) = store(world).and_then(|path| world.read_to_string(&path).ok()) else {
        return false;
    };
    let file = world.canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
    text.lines()
        .filter_map(|line| line.split_once('\t'))
        .any(|(known, path)| known == hash && Path::new(path) == file)
}

/// Trusts this content of this file; an earlier content of it is forgotten.
///
/// # Errors
/// The store cannot be written.
pub fn trust(world: &dyn World, file: &Path, hash: &str) -> io::Result<()> {
    let path = store(world)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "neither HOME nor XDG_STATE_HOME is set"))?;
    let file = world.canonicalize(file)?;
    let old = world.read_to_string(&path).unwrap_or_default();
    let mut lines: Vec<String> = old
        .lines()
        .filter(|line| line.split_once('\t').is_some_and(|(_, p)| Path::new(p) != file))
        .map(str::to_owned)
        .collect();
    lines.push(format!("{hash}\t{}", file.display()));
    if let Some(folder) = path.parent() {
        world.create_dir_all(folder, 0o700)?;
    }
    world.write_atomic(&path, (lines.join("\n") + "\n").as_bytes(), None)?;
    world.set_mode(&path, 0o600)
}
