//! Which module may use which, and that the engine names no tool: the layout of ARCHITECTURE.md as
//! a test. A module that is not in the table has to be put there first.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Module, and the modules that it may use. `*` stands for all but `cli`.
const LAYERS: &[(&str, &[&str])] = &[
    ("yaml", &[]),
    ("diagnostic", &[]),
    ("syntax", &["brackets"]),
    ("brackets", &[]),
    ("shell", &["brackets"]),
    ("world", &[]),
    ("exec", &[]),
    ("sandbox", &["exec", "world"]),
    ("pack", &["yaml", "diagnostic", "world"]),
    ("pattern", &["diagnostic"]),
    ("structure", &["pack"]),
    (
        "language",
        &["brackets", "pack", "shell", "structure", "syntax", "yaml"],
    ),
    ("template", &["pack"]),
    ("logdir", &["world"]),
    ("config", &["pack", "diagnostic", "world", "yaml"]),
    ("transaction", &["logdir", "world"]),
    ("changelog", &["diagnostic", "logdir", "pack", "world"]),
    ("detector", &["pack", "pattern", "world"]),
    (
        "analyzer",
        &[
            "detector",
            "language",
            "pack",
            "pattern",
            "structure",
            "template",
            "world",
        ],
    ),
    (
        "fixer",
        &[
            "analyzer",
            "detector",
            "exec",
            "language",
            "pack",
            "sandbox",
            "structure",
            "syntax",
            "template",
            "transaction",
            "world",
            "yaml",
        ],
    ),
    (
        "validator",
        &["config", "exec", "fixer", "language", "pack", "template", "world"],
    ),
    (
        "orchestrator",
        &[
            "analyzer",
            "changelog",
            "config",
            "detector",
            "diagnostic",
            "exec",
            "fixer",
            "language",
            "logdir",
            "pack",
            "pattern",
            "sandbox",
            "syntax",
            "template",
            "transaction",
            "validator",
            "world",
        ],
    ),
    (
        // Examples run through the code that heals, down to how its candidates are ordered.
        "check",
        &[
            "orchestrator",
            // What fixes may run and how long they wait by default.
            "config",
            "analyzer",
            "detector",
            "diagnostic",
            "fixer",
            "language",
            "pack",
            "pattern",
            "structure",
            "syntax",
            "template",
            "world",
            "yaml",
        ],
    ),
    ("draft", &["detector", "pack", "pattern", "template"]),
    ("environment", &["*"]),
    ("api", &["*"]),
    ("watch", &["*"]),
    ("cli", &["*", "cli"]),
];

/// Names of tools that only packs may know. As words: `pip` is one, `pipe` is none.
const TOOLS: [&str; 9] = [
    "terraform",
    "tofu",
    "ansible",
    "pip",
    "apt",
    "apt-get",
    "yum",
    "npm",
    "pytest",
];

/// Where tools are named to people: façades, the command line's help, the catalogue's samples.
const NAMING: [&str; 4] = [
    "src/environment",
    "src/cli",
    "src/diagnostic/catalogue",
    "src/diagnostic/sample",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("src can be read")
        .map(|e| e.expect("src can be read").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// A line with its number.
type Numbered = (usize, String);

/// Files with their module and their code: no comments, no tests.
fn code() -> Vec<(String, String, Vec<Numbered>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    files
        .into_iter()
        .filter_map(|file| {
            let shown = file.strip_prefix(root).expect("inside").display().to_string();
            if shown.ends_with("/tests.rs") || shown.contains("/tests/") {
                return None;
            }
            let module = shown.strip_prefix("src/")?;
            let module = module.split(['/', '.']).next()?.to_owned();
            let text = fs::read_to_string(&file).expect("a text");
            let lines: Vec<&str> = text.lines().collect();
            let tests = lines
                .windows(2)
                .position(|w| w[0].trim() == "#[cfg(test)]" && w[1].trim_start().starts_with("mod "));
            let lines = lines[..tests.unwrap_or(lines.len())]
                .iter()
                .enumerate()
                .filter(|(_, l)| !l.trim_start().starts_with("//"))
                .map(|(k, l)| (k + 1, l.split(" // ").next().unwrap_or_default().to_owned()))
                .collect();
            Some((shown, module, statements(lines)))
        })
        .collect()
}

/// Brings a `use` that goes over several lines together on its first.
fn statements(lines: Vec<Numbered>) -> Vec<Numbered> {
    let mut found: Vec<Numbered> = Vec::new();
    for (number, line) in lines {
        match found.last_mut() {
            Some((_, open)) if open.trim_start().starts_with("use ") && !open.contains(';') => {
                open.push_str(line.trim());
            }
            _ => found.push((number, line)),
        }
    }
    found
}

/// Modules that a line names after `crate::`, alone or in braces.
fn named(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        // `$crate::` and `my_crate::` are others.
        if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &line[at + "crate::".len()..];
        let parts: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                list.split(|c: char| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    c == ',' && depth == 0
                })
                .collect()
            }
            None => vec![rest],
        };
        for part in parts {
            let name: String = part
                .trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if name.starts_with(|c: char| c.is_ascii_lowercase()) {
                found.push(name);
            }
        }
    }
    found
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let known: BTreeSet<&str> = LAYERS.iter().map(|(m, _)| *m).collect();
    let mut wrong = Vec::new();
    for (file, module, lines) in code() {
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(m, _)| *m == module) else {
            wrong.push(format!(
                "{file}: module `{module}` has no place in the table of this test"
            ));
            continue;
        };
        for (number, line) in lines {
            for used in named(&line) {
                let fine = used == module
                    || allowed.contains(&used.as_str())
                    || (allowed.contains(&"*") && used != "cli")
                    || !known.contains(used.as_str());
                if !fine {
                    wrong.push(format!("{file}:{number}: `{module}` must not use `{used}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_word_at(line: &str, at: usize, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part)
}

#[test]
fn only_packs_know_tools() {
    let mut wrong = Vec::new();
    for (file, _, lines) in code() {
        if NAMING.iter().any(|n| file.starts_with(n)) {
            continue;
        }
        for (number, line) in lines {
            let lower = line.to_lowercase();
            for tool in TOOLS {
                if lower.match_indices(tool).any(|(at, _)| is_word_at(&lower, at, tool)) {
                    wrong.push(format!("{file}:{number}: `{tool}` in {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn uses_are_read_as_written() {
    assert_eq!(named("use crate::pack::{a, b};"), ["pack"]);
    assert_eq!(named("use crate::{pack::{a, b}, yaml, Top};"), ["pack", "yaml"]);
    let over = ["use crate::{", "    pack,", "    yaml::T,", "};"].map(|l| (1, l.to_owned()));
    assert_eq!(named(&statements(over.to_vec())[0].1), ["pack", "yaml"]);
    assert_eq!(named("    crate::world::X, $crate::y::z"), ["world"]);
    assert!(is_word_at("run pip now", 4, "pip") && !is_word_at("a pipe", 2, "pip"));
}
