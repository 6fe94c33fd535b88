//! What a project declares that it wants: requirements, lock files, manifests, as the environment's
//! pack says where they are and how they are written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::names::glob_files;
use super::verdict::Scope;
use crate::pack::model::{Manifest, ManifestFormat};

/// Deepest chain of files that include files.
const DEEPEST: usize = 6;

/// One declared name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declared {
    /// The name as it is written.
    pub name: String,
    /// The exact version, where a lock or `==` gives one.
    pub version: Option<String>,
    /// The whole entry as it is written.
    pub raw: String,
    /// The file.
    pub file: PathBuf,
    /// 1-based line; 0 where the format does not tell.
    pub line: u32,
    /// From a lock file.
    pub lock: bool,
}

/// The entry of a name, a manifest's before a lock file's. Names are compared without regard to case and to `-`, `_`, `.`.
#[must_use]
pub fn declared(name: &str, scope: &Scope<'_>) -> Option<Declared> {
    let wanted = fold(name);
    let mut found: Vec<Declared> = all(scope).into_iter().filter(|d| fold(&d.name) == wanted).collect();
    found.sort_by_key(|d| d.lock);
    let exact = found.iter().find_map(|d| d.version.clone());
    let mut first = found.into_iter().next()?;
    first.version = first.version.or(exact);
    Some(first)
}

/// Everything that the project declares, for the environment of the rule.
#[must_use]
pub fn all(scope: &Scope<'_>) -> Vec<Declared> {
    let environment = scope
        .rule
        .environment
        .as_ref()
        .and_then(|name| scope.context.rules.environments.get(name));
    let Some(environment) = environment else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = vec![scope.context.project.to_path_buf(), scope.context.cwd.to_path_buf()];
    if let Some(location) = &scope.error.location
        && let Some(folder) = location.file.parent()
        && folder.starts_with(scope.context.project)
    {
        folders.push(folder.to_path_buf());
    }
    let mut seen = BTreeSet::new();
    let mut entries = Vec::new();
    for manifest in &environment.manifests {
        for folder in &folders {
            for glob in &manifest.files {
                for file in glob_files(scope, &folder.join(glob).to_string_lossy()) {
                    read(scope, manifest, &file, 0, &mut seen, &mut entries);
                }
            }
        }
    }
    entries
}

/// A name as names are compared.
#[must_use]
pub fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if matches!(c, '-' | '_' | '.') {
            '-'
        } else {
            c.to_ascii_lowercase()
        };
        if !(c == '-' && folded.ends_with('-')) {
            folded.push(c);
        }
    }
    folded
}

fn read(
    scope: &Scope<'_>,
    manifest: &Manifest,
    file: &Path,
    depth: usize,
    seen: &mut BTreeSet<(PathBuf, usize)>,
    out: &mut Vec<Declared>,
) {
    let identity = std::ptr::from_ref(manifest) as usize;
    if depth > DEEPEST || !seen.insert((file.to_path_buf(), identity)) {
        return;
    }
    let Some(bytes) = scope.context.read(file) else {
        return;
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if manifest.format == ManifestFormat::Lines {
        lines(scope, manifest, file, &text, depth, seen, out);
        return;
    }
    let Some(tree) = parse(manifest.format, &text) else {
        return;
    };
    let regex = manifest.regex.as_ref().and_then(|r| regex::Regex::new(r).ok());
    for path in &manifest.at {
        let (path, keys) = match path.strip_suffix(".@keys") {
            Some(path) => (path, true),
            None => (path.as_str(), false),
        };
        let mut values = Vec::new();
        select(&tree, &path.split('.').collect::<Vec<_>>(), &mut values);
        for value in values {
            for (raw, version) in entries(value, keys) {
                let captures = regex.as_ref().map(|r| r.captures(&raw));
                let (name, found) = match captures {
                    Some(None) => continue,
                    Some(Some(c)) => (
                        c.name("name")
                            .or_else(|| c.get(0))
                            .map_or(raw.clone(), |m| m.as_str().to_owned()),
                        c.name("version").map(|m| m.as_str().to_owned()),
                    ),
                    None => (raw.clone(), None),
                };
                let line = line_of(&text, &raw);
                out.push(Declared {
                    name,
                    version: found.or(version),
                    raw,
                    file: file.to_path_buf(),
                    line,
                    lock: manifest.lock,
                });
            }
        }
    }
}

fn lines(
    scope: &Scope<'_>,
    manifest: &Manifest,
    file: &Path,
    text: &str,
    depth: usize,
    seen: &mut BTreeSet<(PathBuf, usize)>,
    out: &mut Vec<Declared>,
) {
    let Some(regex) = manifest.regex.as_ref().and_then(|r| regex::Regex::new(r).ok()) else {
        return;
    };
    let includes = manifest.includes.as_ref().and_then(|r| regex::Regex::new(r).ok());
    for (number, line) in text.lines().enumerate() {
        if let Some(further) = includes
            .as_ref()
            .and_then(|r| r.captures(line))
            .and_then(|c| c.name("file"))
        {
            let path = file.parent().unwrap_or(Path::new("")).join(further.as_str());
            read(scope, manifest, &path, depth + 1, seen, out);
        } else if let Some(captures) = regex.captures(line)
            && let Some(name) = captures.name("name")
        {
            out.push(Declared {
                name: name.as_str().to_owned(),
                version: captures.name("version").map(|m| m.as_str().to_owned()),
                raw: line.trim().to_owned(),
                file: file.to_path_buf(),
                line: u32::try_from(number + 1).unwrap_or(0),
                lock: manifest.lock,
            });
        }
    }
}

fn parse(format: ManifestFormat, text: &str) -> Option<Json> {
    match format {
        ManifestFormat::Toml => {
            let value: toml::Value = toml::from_str(text).ok()?;
            serde_json::to_value(value).ok()
        }
        ManifestFormat::Json => serde_json::from_str(text).ok(),
        ManifestFormat::Yaml => serde_yaml::from_str::<Json>(text).ok(),
        ManifestFormat::Ini => Some(ini(text)),
        ManifestFormat::Lines => None,
    }
}

/// A value of a structured file, as text; lists and mappings give their number of entries.
#[must_use]
pub fn data(bytes: &[u8], path: &Path, at: &str) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let format = match path.extension().and_then(|e| e.to_str()) {
        Some("toml") => ManifestFormat::Toml,
        Some("yaml" | "yml") => ManifestFormat::Yaml,
        Some("ini" | "cfg") => ManifestFormat::Ini,
        _ => ManifestFormat::Json,
    };
    let tree = parse(format, &text)?;
    let mut found = Vec::new();
    select(&tree, &at.split('.').collect::<Vec<_>>(), &mut found);
    match found.first()? {
        Json::String(text) => Some(text.clone()),
        Json::Array(items) => Some(items.len().to_string()),
        Json::Object(map) => Some(map.len().to_string()),
        Json::Null => None,
        other => Some(other.to_string()),
    }
}

/// INI as sections of keys; a value that goes on over indented lines is a list.
fn ini(text: &str) -> Json {
    let mut root = serde_json::Map::new();
    let mut section = String::new();
    let mut key: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            section = name.trim().to_owned();
            key = None;
            continue;
        }
        let values = root
            .entry(section.clone())
            .or_insert_with(|| Json::Object(serde_json::Map::new()));
        let Some(values) = values.as_object_mut() else { continue };
        if line.starts_with([' ', '\t']) {
            if let Some(list) = key
                .as_ref()
                .and_then(|k| values.get_mut(k))
                .and_then(Json::as_array_mut)
            {
                list.push(Json::String(trimmed.to_owned()));
            }
            continue;
        }
        let (name, value) = trimmed.split_once(['=', ':']).unwrap_or((trimmed, ""));
        let list = if value.trim().is_empty() {
            Vec::new()
        } else {
            vec![Json::String(value.trim().to_owned())]
        };
        values.insert(name.trim().to_owned(), Json::Array(list));
        key = Some(name.trim().to_owned());
    }
    Json::Object(root)
}

fn select<'a>(value: &'a Json, path: &[&str], out: &mut Vec<&'a Json>) {
    let Some((first, rest)) = path.split_first() else {
        out.push(value);
        return;
    };
    match value {
        Json::Object(map) if *first == "*" => map.values().for_each(|v| select(v, rest, out)),
        Json::Object(map) => {
            if let Some(inner) = map.get(*first) {
                select(inner, rest, out);
            }
        }
        Json::Array(items) if *first == "*" => items.iter().for_each(|v| select(v, rest, out)),
        Json::Array(items) => items.iter().for_each(|v| select(v, path, out)),
        _ => {}
    }
}

/// The entries that a selected value holds: keys of a mapping, items of a list, or itself.
fn entries(value: &Json, keys: bool) -> Vec<(String, Option<String>)> {
    match value {
        Json::Object(map) if keys => map
            .iter()
            .map(|(key, value)| {
                let version = value
                    .as_str()
                    .or_else(|| value.get("version").and_then(Json::as_str))
                    .map(|v| v.trim_start_matches("==").to_owned())
                    .filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
                (key.clone(), version)
            })
            .collect(),
        Json::Object(map) => {
            let text = |key: &str| map.get(key).and_then(Json::as_str).map(str::to_owned);
            text("name").map(|name| (name, text("version"))).into_iter().collect()
        }
        Json::Array(items) => items.iter().flat_map(|item| entries(item, keys)).collect(),
        Json::String(text) => vec![(text.clone(), None)],
        _ => Vec::new(),
    }
}

fn line_of(text: &str, entry: &str) -> u32 {
    text.lines()
        .position(|line| line.contains(entry))
        .and_then(|i| u32::try_from(i + 1).ok())
        .unwrap_or(0)
}
