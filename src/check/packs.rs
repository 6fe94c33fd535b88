//! Reading the packs to check, and what they are checked against.

use std::path::{Path, PathBuf};

use crate::pack::document::Problem;
use crate::pack::load::{self, Loaded};
use crate::pack::{Layer, Packs, Sources};
use crate::world::World;

/// Deepest folder below a given one that is looked into.
const DEEPEST: usize = 8;

/// Packs, put together.
#[derive(Debug)]
pub struct Set {
    /// All of them, overrides applied. Files with mistakes take part with their good rules.
    pub packs: Packs,
    /// The same without overrides, where there are any: what a rule's own examples are about.
    pub plain: Option<Packs>,
    /// By file: it is to be reported about (built-in packs only compete).
    pub asked: Vec<bool>,
    /// By file: the loader's problems.
    pub problems: Vec<Vec<Problem>>,
}

/// Reads the packs at `paths`; where there are none, those of the usual layers.
#[must_use]
pub fn read(world: &dyn World, paths: &[PathBuf], sources: &Sources, without_built_in: bool) -> Set {
    let mut files = Vec::new();
    let mut asked = Vec::new();
    if paths.is_empty() {
        files = load::load(
            world,
            &Sources {
                examples: true,
                ..sources.clone()
            },
        )
        .files;
        asked = vec![true; files.len()];
    } else {
        let given: Vec<Loaded> = files_below(world, paths)
            .iter()
            .map(|path| load::read_file(world, path, Layer::Given, true))
            .collect();
        // A working copy of a built-in pack takes its place.
        let names: Vec<String> = given.iter().filter_map(name).collect();
        let only_built_in = Sources {
            without_built_in,
            ..Sources::default()
        };
        let built_in = load::load(world, &only_built_in).files;
        files.extend(
            built_in
                .into_iter()
                .filter(|f| name(f).is_none_or(|n| !names.contains(&n))),
        );
        asked.resize(files.len(), false);
        files.extend(given);
        asked.resize(files.len(), true);
    }
    put_together(files, asked)
}

/// Packs that were read already, beside the built-in ones among `last`.
#[must_use]
pub fn of(now: &[Loaded], last: &[Loaded]) -> Set {
    let names: Vec<String> = now.iter().filter_map(name).collect();
    let built_in = last.iter().filter(|f| f.origin.layer == Layer::BuiltIn);
    let mut files: Vec<Loaded> = built_in
        .filter(|f| name(f).is_none_or(|n| !names.contains(&n)))
        .cloned()
        .collect();
    let mut asked = vec![false; files.len()];
    files.extend(now.iter().cloned().map(|mut file| {
        // Whether its commands run by themselves is no question of a check.
        file.origin.layer = Layer::Given;
        file.origin.trusted = true;
        file
    }));
    asked.resize(files.len(), true);
    put_together(files, asked)
}

fn put_together(mut files: Vec<Loaded>, asked: Vec<bool>) -> Set {
    let mut problems: Vec<Vec<Problem>> = files
        .iter_mut()
        .map(|f| std::mem::take(&mut f.document.problems))
        .collect();
    let overrides = files
        .iter()
        .any(|f| f.document.pack.as_ref().is_some_and(|p| !p.overrides.is_empty()));
    let plain = overrides.then(|| {
        let mut files = files.clone();
        for file in &mut files {
            if let Some(pack) = &mut file.document.pack {
                pack.overrides.clear();
            }
        }
        load::assemble(files)
    });
    let mut packs = load::assemble(files);
    // What putting together found in a file (tables that cannot be read) belongs to the others.
    for (file, known) in packs.files.iter_mut().zip(&mut problems) {
        known.append(&mut file.document.problems);
        known.sort_by_key(|p| (p.span.start, p.code));
    }
    Set {
        packs,
        plain,
        asked,
        problems,
    }
}

fn name(file: &Loaded) -> Option<String> {
    // The name is known even where the rest of the head is wrong.
    let node = file.document.tree.as_ref()?.get("pack")?.get("name")?;
    node.as_str().map(str::to_owned)
}

/// Pack files at and below some paths, by name. A path that does not exist is kept: reading it says so.
fn files_below(world: &dyn World, paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in paths {
        if world.is_dir(path) {
            descend(world, path, 0, &mut found);
        } else {
            found.push(path.clone());
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|path| seen.insert(path.clone()));
    found
}

fn descend(world: &dyn World, folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    for path in world.read_dir(folder).unwrap_or_default() {
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if world.is_file(&path) {
            if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
                found.push(path);
            }
        } else if depth < DEEPEST && world.metadata(&path).is_ok_and(|m| m.is_dir()) {
            descend(world, &path, depth + 1, found);
        }
    }
}
