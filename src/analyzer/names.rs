//! Where names come from, and which of them is near enough to be meant.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::condition::probe_output;
use super::manifest;
use super::verdict::Scope;
use crate::pack::model::Among;
use crate::template::Vars;

/// Most files that are read for names, and most names that are kept.
const MOST_FILES: usize = 400;
const MOST_NAMES: usize = 50_000;

/// All names that `among` speaks of, in order, each once.
#[must_use]
pub fn collect(among: &Among, vars: &Vars, scope: &Scope<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for table in among.tables.iter() {
        if let Some(table) = scope.table(table) {
            names.extend(table.keys().map(str::to_owned));
        }
    }
    let regex = among.regex.as_ref().and_then(|r| scope.regex(r, vars));
    if let Some(probe) = &among.probe
        && let Some(output) = probe_output(probe, vars, scope)
    {
        match &regex {
            Some(regex) => names.extend(values(regex, &output.stdout)),
            None => names.extend(
                output
                    .stdout
                    .lines()
                    .map(|l| l.trim().to_owned())
                    .filter(|l| !l.is_empty()),
            ),
        }
    }
    for file in globbed(&among.files, vars, scope) {
        let name = if among.paths {
            file.strip_prefix(scope.context.cwd)
                .unwrap_or(&file)
                .to_string_lossy()
                .into_owned()
        } else {
            file.file_stem()
                .map(|s| s.to_string_lossy().into_owned())
                .unwrap_or_default()
        };
        names.insert(name);
    }
    if let Some(regex) = &regex {
        for file in globbed(&among.in_files, vars, scope) {
            if let Some(bytes) = scope.context.read(&file) {
                names.extend(values(regex, &String::from_utf8_lossy(&bytes)));
            }
        }
    }
    if among.declared {
        names.extend(manifest::all(scope).into_iter().map(|d| d.name));
    }
    if among.programs
        && let Some(path) = scope.context.world.env("PATH")
    {
        for folder in std::env::split_paths(&path).filter(|p| p.is_absolute()) {
            for file in scope.context.world.read_dir(&folder).unwrap_or_default() {
                names.extend(file.file_name().map(|n| n.to_string_lossy().into_owned()));
            }
        }
    }
    for template in &among.names {
        let Ok(text) = scope.context.renderer.text(template, vars) else {
            continue;
        };
        match &among.split {
            Some(separator) => names.extend(text.split(separator.as_str()).map(|n| n.trim().to_owned())),
            None => drop(names.insert(text)),
        }
    }
    if let Some(of) = &among.names_of {
        for file in globbed(&of.files, vars, scope) {
            if let Some(bytes) = scope.context.read(&file) {
                let source = String::from_utf8_lossy(&bytes);
                for pattern in of.patterns.iter() {
                    names.extend(crate::structure::bound(of.language, &source, pattern, "NAME"));
                }
            }
        }
    }
    names.remove("");
    while names.len() > MOST_NAMES {
        names.pop_last();
    }
    names
}

/// The one nearest name that differs; none where two are equally near.
#[must_use]
pub fn nearest(name: &str, among: &Among, vars: &Vars, scope: &Scope<'_>) -> Option<String> {
    let names = collect(among, vars, scope);
    nearest_of(
        name,
        names.iter().map(String::as_str),
        among.distance.map(|d| d as usize),
    )
    .map(str::to_owned)
}

/// See [`nearest`]. A name that differs only in case or in `-`/`_` counts as nearer than any other.
#[must_use]
pub fn nearest_of<'a>(name: &str, names: impl Iterator<Item = &'a str>, limit: Option<usize>) -> Option<&'a str> {
    let length = name.chars().count();
    let limit = limit.unwrap_or(match length {
        0..=4 => 1,
        5..=8 => 2,
        _ => 3,
    });
    let fold = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let folded = fold(name);
    let mut best: Option<(usize, &str)> = None;
    let mut tie = false;
    for candidate in names {
        if candidate == name || candidate.chars().count().abs_diff(length) > limit {
            continue;
        }
        let distance = if fold(candidate) == folded {
            0
        } else {
            strsim::osa_distance(name, candidate)
        };
        // Very short names are near to everything: half of the letters must agree.
        if distance > limit || distance * 2 > length.max(2) {
            continue;
        }
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, _)) if distance == least => tie = true,
            _ => {
                best = Some((distance, candidate));
                tie = false;
            }
        }
    }
    best.filter(|_| !tie).map(|(_, candidate)| candidate)
}

fn values(regex: &regex::Regex, text: &str) -> Vec<String> {
    regex
        .captures_iter(text)
        .filter_map(|c| c.name("value").or_else(|| c.get(0)).map(|m| m.as_str().to_owned()))
        .take(MOST_NAMES)
        .collect()
}

/// Files that match templates of globs, relative to the command's folder.
#[must_use]
pub fn globbed(globs: &[String], vars: &Vars, scope: &Scope<'_>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for glob in globs {
        if let Ok(glob) = scope.context.renderer.text(glob, vars) {
            files.extend(glob_files(scope, &glob));
        }
    }
    files.sort();
    files.dedup();
    files.truncate(MOST_FILES);
    files
}

/// Files that match one glob (`*`, `?`, `**`, `{a,b}`), relative to the command's folder.
#[must_use]
pub fn glob_files(scope: &Scope<'_>, glob: &str) -> Vec<PathBuf> {
    let world = scope.context.world;
    let pattern = scope.context.path(glob);
    let special = |p: &str| p.contains(['*', '?', '[', '{']);
    let mut base = PathBuf::new();
    for part in pattern.components() {
        if special(&part.as_os_str().to_string_lossy()) {
            break;
        }
        base.push(part);
    }
    if base == pattern {
        return if world.exists(&base) { vec![base] } else { Vec::new() };
    }
    let text = pattern.to_string_lossy().into_owned();
    let Ok(matcher) = globset::GlobBuilder::new(&text)
        .literal_separator(true)
        .build()
        .map(|g| g.compile_matcher())
    else {
        return Vec::new();
    };
    let depth = if text.contains("**") {
        8
    } else {
        pattern.components().count() - base.components().count()
    };
    let mut found = Vec::new();
    let mut visited = 0;
    descend(world, &base, depth, &mut visited, &mut |path| {
        if matcher.is_match(path) {
            found.push(path.to_path_buf());
        }
    });
    found.sort();
    found
}

fn descend(
    world: &dyn crate::world::World,
    folder: &Path,
    depth: usize,
    visited: &mut usize,
    each: &mut dyn FnMut(&Path),
) {
    const MOST_VISITED: usize = 20_000;
    for path in world.read_dir(folder).unwrap_or_default() {
        *visited += 1;
        if *visited > MOST_VISITED {
            return;
        }
        each(&path);
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        // Version control and links to folders are not the project's own names.
        if depth > 1 && name != ".git" && world.metadata(&path).is_ok_and(|m| m.is_dir()) {
            descend(world, &path, depth - 1, visited, each);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::nearest_of;

    #[test]
    fn near_names_are_found_and_ties_are_not_guessed() {
        let near = |name, names: &[&'static str]| nearest_of(name, names.iter().copied(), None);
        assert_eq!(near("utlis", &["utils", "data", "main"]), Some("utils"));
        assert_eq!(near("Config", &["config", "confit"]), Some("config"));
        assert_eq!(near("id", &["os", "sys"]), None);
        assert_eq!(near("cat", &["bat", "hat"]), None, "two are equally near");
        assert_eq!(near("helpers", &["helpers"]), None, "the name itself is no correction");
    }
}
