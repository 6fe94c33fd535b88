//! A folder as it is on disk, so that two moments of it can be compared to the byte.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// One thing in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    /// A folder, with its mode.
    Folder(u32),
    /// A link, and where it points.
    Link(String),
    /// A file: mode, modification time in nanoseconds, content.
    File(u32, i128, Vec<u8>),
}

impl Leaf {
    fn same(&self, other: &Self, times: bool) -> bool {
        match (self, other) {
            (Self::File(m, t, c), Self::File(n, u, d)) => m == n && c == d && (!times || t == u),
            _ => self == other,
        }
    }
}

/// Everything below a folder, by relative path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree(pub BTreeMap<String, Leaf>);

impl Tree {
    /// Reads a folder. heal's own logs, the version control's data and byte code caches are left out.
    pub fn read(root: &Path) -> Self {
        let mut tree = Self::default();
        tree.walk(root, "");
        tree
    }

    fn walk(&mut self, folder: &Path, prefix: &str) {
        for entry in fs::read_dir(folder).expect("readable folder") {
            let entry = entry.expect("readable entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            if matches!(&*name, ".git" | "self_healing_logs" | "__pycache__") {
                continue;
            }
            let path = format!("{prefix}{name}");
            let meta = entry.metadata().expect("metadata");
            let leaf = if meta.is_symlink() {
                Leaf::Link(fs::read_link(entry.path()).expect("link").display().to_string())
            } else if meta.is_dir() {
                Leaf::Folder(meta.mode() & 0o7777)
            } else if !meta.is_file() {
                // A pipe would be waited at.
                Leaf::Link(format!("{:?}", meta.file_type()))
            } else {
                let time = i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec());
                Leaf::File(
                    meta.mode() & 0o7777,
                    time,
                    fs::read(entry.path()).unwrap_or_else(|e| e.to_string().into_bytes()),
                )
            };
            let is_folder = matches!(leaf, Leaf::Folder(_));
            self.0.insert(path.clone(), leaf);
            if is_folder {
                self.walk(&entry.path(), &format!("{path}/"));
            }
        }
    }

    /// Paths that differ from another tree; `times`: modification times count too.
    pub fn differing(&self, other: &Self, times: bool) -> BTreeSet<String> {
        let all: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        all.into_iter()
            .filter(|path| match (self.0.get(*path), other.0.get(*path)) {
                (Some(a), Some(b)) => !a.same(b, times),
                _ => true,
            })
            .cloned()
            .collect()
    }

    /// The lines that another tree's file has other than this one's, each with its `-` or `+`.
    pub fn diff(&self, other: &Self, path: &str) -> Vec<String> {
        let text = |tree: &Self| match tree.0.get(path) {
            Some(Leaf::File(_, _, content)) => String::from_utf8_lossy(content).into_owned(),
            _ => String::new(),
        };
        let (before, after) = (text(self), text(other));
        similar::TextDiff::from_lines(&before, &after)
            .iter_all_changes()
            .filter(|change| change.tag() != similar::ChangeTag::Equal)
            .map(|change| format!("{}{}", change.tag(), change.value().trim_end_matches('\n')))
            .collect()
    }
}
