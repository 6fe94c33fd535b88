//! Where packs may change: the folders to be told about, and a quick look whether anything did.
//!
//! Folders are watched, never files: an editor replaces a file by renaming another over it, and a
//! mounted configuration is a link that is turned round.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::pack::load::Loaded;
use crate::pack::{Layer, Sources, trust};
use crate::world::World;

/// Deepest folder below a layer's that is looked into (tables lie beside their packs).
const DEEPEST: usize = 4;
/// Most entries of a layer that are looked at.
const MOST: usize = 20_000;

/// What the file system says about one path, without reading it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Stamp(PathBuf, [i64; 6]);

/// How the layers look. Two looks that are equal mean that nothing changed; where they differ,
/// contents decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look(BTreeSet<Stamp>);

impl Look {
    /// Looks at all layers.
    #[must_use]
    pub fn at(world: &dyn World, sources: &Sources, files: &[Loaded]) -> Self {
        let mut look = Self::default();
        for root in roots(sources) {
            look.descend(world, root, 0);
        }
        // Tables of packs that were named one by one lie outside every folder.
        for file in files.iter().filter(|f| f.origin.layer == Layer::Given) {
            let folder = file.document.file.parent().unwrap_or(Path::new(""));
            for name in file.table_files.keys() {
                look.stamp(&folder.join(name));
            }
        }
        if let Some(store) = trust::store(world) {
            look.stamp(&store);
        }
        look
    }

    fn stamp(&mut self, path: &Path) -> Option<bool> {
        use std::os::unix::fs::MetadataExt as _;
        let meta = std::fs::metadata(path).ok()?;
        let ids = [meta.dev().cast_signed(), meta.ino().cast_signed()];
        // A folder's times change with every temporary file in it; what counts is in its entries. The
        // time of change, not of modification: no tool can set it back.
        let rest = if meta.is_dir() {
            [0; 4]
        } else {
            [meta.len().cast_signed(), meta.ctime(), meta.ctime_nsec(), meta.mtime()]
        };
        let stamp = [ids[0], ids[1], rest[0], rest[1], rest[2], rest[3]];
        self.0.insert(Stamp(path.to_path_buf(), stamp));
        Some(meta.is_dir())
    }

    fn descend(&mut self, world: &dyn World, path: &Path, depth: usize) {
        if self.0.len() >= MOST || self.stamp(path) != Some(true) || depth > DEEPEST {
            return;
        }
        for entry in world.read_dir(path).unwrap_or_default() {
            let hidden = entry.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
            if !hidden {
                self.descend(world, &entry, depth + 1);
            }
        }
    }
}

/// Device and inode: a path whose file was replaced has another.
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.dev(), meta.ino()))
}

fn roots(sources: &Sources) -> impl Iterator<Item = &Path> {
    [&sources.system, &sources.user, &sources.project]
        .into_iter()
        .flatten()
        .chain(&sources.given)
        .map(PathBuf::as_path)
}

/// Folders to be told about, each with its identity: a folder that was deleted and made again must be
/// watched anew. For a layer that does not exist it is the nearest folder above it.
#[must_use]
pub fn to_watch(world: &dyn World, sources: &Sources) -> BTreeSet<(PathBuf, u64, u64)> {
    let mut folders = BTreeSet::new();
    let mut add = |path: &Path| {
        if let Some((dev, ino)) = identity(path) {
            folders.insert((path.to_path_buf(), dev, ino));
        }
    };
    for root in roots(sources) {
        let root = world.absolute(root);
        let mut folder = root.as_path();
        // The folder above is watched as well: the layer itself may be a link, or be replaced.
        if world.is_dir(folder) {
            descend(world, folder, 0, &mut add);
        }
        while let Some(above) = folder.parent() {
            folder = above;
            if world.is_dir(folder) {
                add(folder);
                break;
            }
        }
    }
    folders
}

fn descend(world: &dyn World, folder: &Path, depth: usize, add: &mut impl FnMut(&Path)) {
    add(folder);
    if depth >= DEEPEST {
        return;
    }
    for entry in world.read_dir(folder).unwrap_or_default() {
        if world.is_dir(&entry) {
            descend(world, &entry, depth + 1, add);
        }
    }
}
