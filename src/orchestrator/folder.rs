//! The folder that a failed command really worked in: its own, the one that an argument names, or,
//! where a wrapper (a Makefile, a script) changed to another, the one in which the reported files are.
//!
//! It knows reports and files, and no tool.

use std::path::{Component, Path, PathBuf};

use crate::detector::{Frame, Scan};
use crate::pack::RuleSet;
use crate::world::World;

/// Folders that are looked at before the search is given up: then nothing is evident.
const MOST_FOLDERS: usize = 4_000;
/// How deep below the project's root a folder may lie.
const DEEPEST: usize = 8;
/// Files beyond this size are not compared with what a tool showed.
const LARGEST: u64 = 4 << 20;
/// Folders whose files nobody wrote here.
const FOREIGN: [&str; 5] = ["node_modules", "__pycache__", "site-packages", "vendor", "target"];

/// The folder that the command works in: its own, or the one that an argument names.
#[must_use]
pub fn base_folder(rules: &RuleSet, world: &dyn World, argv: &[String], cwd: &Path) -> PathBuf {
    let Some((program, args)) = argv.split_first() else {
        return cwd.to_path_buf();
    };
    let name = Path::new(program)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for environment in rules.environments.values().filter(|e| e.commands.contains(&name)) {
        for base in &environment.base {
            for (index, argument) in args.iter().enumerate() {
                let folder = match base.argument.split_once('*') {
                    Some((before, _)) => argument.strip_prefix(before).map(str::to_owned),
                    None if *argument == base.argument && base.next => args.get(index + 1).cloned(),
                    None => None,
                };
                if let Some(folder) = folder.map(|f| cwd.join(f)).filter(|f| world.is_dir(f)) {
                    return folder;
                }
            }
        }
    }
    cwd.to_path_buf()
}

/// The one folder of the project in which the reported files are, where `base` has none of them.
///
/// Only relative paths count. Where the tool showed a source line, the file must hold it. Several
/// folders that fit are as good as none.
#[must_use]
pub fn folder_of_reports(scan: &Scan, world: &dyn World, root: &Path, base: &Path) -> Option<PathBuf> {
    let frames: Vec<&Frame> = (scan.reports.iter().flat_map(|r| r.frames.first()))
        .filter(|f| is_relative_name(&f.file))
        .collect();
    // A wrapper's own file (a Makefile) lies here; what it called may still have worked elsewhere.
    let lost: Vec<&Frame> = (frames.iter().copied())
        .filter(|f| !fits(world, base, f) && (f.source.is_some() || !world.exists(&base.join(&f.file))))
        .collect();
    let first = lost.first()?;
    let mut found = Vec::new();
    let mut visited = 0;
    descend(world, root, DEEPEST, &mut visited, &mut |folder| {
        if folder != base && fits(world, folder, first) {
            found.push(folder.to_path_buf());
        }
    });
    match found.as_slice() {
        [one] if visited < MOST_FOLDERS => Some(one.clone()),
        _ => None,
    }
}

/// `main.tf`, `lib/a.sh`: neither a program of the system nor a pseudo file.
fn is_relative_name(file: &str) -> bool {
    let path = Path::new(file);
    path.is_relative() && path.extension().is_some() && !(path.components()).any(|c| matches!(c, Component::ParentDir))
}

/// Whether a folder has the reported file, with the source line that the tool showed.
fn fits(world: &dyn World, folder: &Path, frame: &Frame) -> bool {
    let file = folder.join(&frame.file);
    if !world.is_file(&file) {
        return false;
    }
    let Some(source) = &frame.source else { return true };
    if world.stat(&file).is_ok_and(|m| m.len > LARGEST) {
        return false;
    }
    (world.read(&file)).is_ok_and(|text| {
        let text = String::from_utf8_lossy(&text);
        text.lines().any(|line| line.trim() == source.trim())
    })
}

fn descend(world: &dyn World, folder: &Path, depth: usize, visited: &mut usize, each: &mut dyn FnMut(&Path)) {
    *visited += 1;
    if *visited >= MOST_FOLDERS {
        return;
    }
    each(folder);
    if depth == 0 {
        return;
    }
    for path in world.read_dir(folder).unwrap_or_default() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let own = !name.starts_with('.') && !FOREIGN.contains(&name.as_ref());
        if own && world.metadata(&path).is_ok_and(|m| m.is_dir()) {
            descend(world, &path, depth - 1, visited, each);
        }
    }
}
