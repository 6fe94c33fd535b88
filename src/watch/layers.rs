//! The packs of all layers with the last good version of each: what is broken now is left as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::check;
use crate::diagnostic::{Severity, clean_line};
use crate::pack::load::{self, Loaded};
use crate::pack::{Layer, Packs, Sources};
use crate::world::World;

/// A pack that cannot be used as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Broken {
    /// Its file.
    pub file: PathBuf,
    /// Each error as `file:line:column: [code] message`.
    pub errors: Vec<String>,
    /// An earlier version of it stays in force; otherwise its rules are not.
    pub kept: bool,
}

/// What reading all layers came to.
#[derive(Debug)]
pub struct Read {
    /// What is to be in force.
    pub packs: Packs,
    /// What is not as it is on disk.
    pub broken: Vec<Broken>,
    /// Content on disk by file, `blake3` of the pack with its tables; also of broken ones.
    pub contents: BTreeMap<PathBuf, String>,
}

/// Reads the packs of all layers. `last` are the files in force so far, `known` their contents on
/// disk when they were last read, `broken` what was not good then. With `full` what changed, or was
/// broken before, is checked as `heal check --rules` does, its examples too.
#[must_use]
pub fn read(
    world: &dyn World,
    sources: &Sources,
    last: &[Loaded],
    known: &BTreeMap<PathBuf, String>,
    broken: &[Broken],
    full: bool,
) -> Read {
    let mut built_in: Vec<Loaded> = last
        .iter()
        .filter(|f| f.origin.layer == Layer::BuiltIn)
        .cloned()
        .collect();
    if built_in.is_empty() && !sources.without_built_in {
        let only = Sources::default();
        built_in = load::load(world, &only).files;
    }
    let site = Sources {
        without_built_in: true,
        ..sources.clone()
    };
    let now = load::load(world, &site);
    let contents: BTreeMap<PathBuf, String> = now
        .files
        .iter()
        .map(|f| (f.document.file.clone(), content(f)))
        .collect();
    let changed: BTreeSet<PathBuf> = contents
        .iter()
        .filter(|(file, hash)| known.get(*file) != Some(hash) || broken.iter().any(|b| b.file == **file))
        .map(|(file, _)| file.clone())
        .collect();
    let mut errors: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for file in &now.files {
        let mut own = own_errors(file);
        if own.is_empty() && file.document.pack.is_none() {
            own.push(format!(
                "{}:1:1: [E004] there is no pack in it",
                file.document.file.display()
            ));
        }
        if !own.is_empty() {
            errors.insert(file.document.file.clone(), own);
        }
    }
    if full && !changed.is_empty() {
        let before = if last.is_empty() { &built_in } else { last };
        for (file, found) in checked(&now.files, before) {
            if changed.contains(&file) {
                errors.entry(file).or_default().extend(found);
            }
        }
    }
    put_together(built_in, now.files, last, errors, contents)
}

/// Puts good files together, and in the place of each bad one its last good version. A file whose
/// version makes the set as a whole wrong (an id that is there twice) is bad, too.
fn put_together(
    built_in: Vec<Loaded>,
    now: Vec<Loaded>,
    last: &[Loaded],
    mut errors: BTreeMap<PathBuf, Vec<String>>,
    contents: BTreeMap<PathBuf, String>,
) -> Read {
    let earlier = |file: &PathBuf| last.iter().find(|l| l.document.file == *file).cloned();
    loop {
        let mut files = built_in.clone();
        for file in &now {
            let bad = errors.contains_key(&file.document.file);
            match bad.then(|| earlier(&file.document.file)) {
                None => files.push(file.clone()),
                Some(Some(mut good)) => {
                    // Whether it may run commands is asked anew each time; a version that is not on
                    // disk any more keeps what was said of it.
                    good.document.problems.retain(|p| !p.is_error());
                    files.push(good);
                }
                Some(None) => {}
            }
        }
        let packs = load::assemble(files);
        let mut more = false;
        for (index, problem) in packs.cross.iter().filter(|(_, p)| p.is_error()) {
            let Some(file) = packs.files.get(*index) else {
                continue;
            };
            let path = &file.document.file;
            if !errors.contains_key(path) && file.origin.layer != Layer::BuiltIn {
                let (line, column) = file.document.line_column(problem.span.start);
                errors.insert(
                    path.clone(),
                    vec![format!(
                        "{}:{line}:{column}: [{}] {}",
                        path.display(),
                        problem.code,
                        problem.title
                    )],
                );
                more = true;
            }
        }
        if more {
            continue;
        }
        let broken = errors
            .into_iter()
            .map(|(file, mut errors)| {
                let mut seen = BTreeSet::new();
                errors.retain(|e| seen.insert(e.clone()));
                Broken {
                    kept: earlier(&file).is_some(),
                    file,
                    errors,
                }
            })
            .collect();
        return Read {
            packs,
            broken,
            contents,
        };
    }
}

/// What a file is made of: itself, what lies beside it, and whether it is trusted.
fn content(file: &Loaded) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(file.document.source.as_bytes());
    for (name, text) in &file.table_files {
        hasher.update(name.as_bytes());
        match text {
            Ok(text) => hasher.update(text.as_bytes()),
            Err(why) => hasher.update(why.as_bytes()),
        };
    }
    hasher.update(&[u8::from(file.origin.trusted)]);
    // A file that cannot be read has no source; why it cannot be is its content then.
    for problem in &file.document.problems {
        hasher.update(problem.title.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

fn own_errors(file: &Loaded) -> Vec<String> {
    file.document
        .problems
        .iter()
        .filter(|p| p.is_error())
        .map(|p| {
            let (line, column) = file.document.line_column(p.span.start);
            format!(
                "{}:{line}:{column}: [{}] {}",
                file.document.file.display(),
                p.code,
                p.title
            )
        })
        .collect()
}

/// Errors that a full check finds in site packs, by file.
fn checked(now: &[Loaded], last: &[Loaded]) -> Vec<(PathBuf, Vec<String>)> {
    let mut found: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for diagnostic in check::again(now, last).diagnostics {
        if diagnostic.severity != Severity::Error {
            continue;
        }
        let Some(label) = diagnostic.place() else { continue };
        let at = label.file.position(label.span.start);
        let file = PathBuf::from(&label.file.name);
        let text = format!(
            "{}:{}:{}: [{}] {}",
            file.display(),
            at.line,
            at.column,
            diagnostic.code().0,
            clean_line(&diagnostic.title)
        );
        found.entry(file).or_default().push(text);
    }
    found.into_iter().collect()
}
