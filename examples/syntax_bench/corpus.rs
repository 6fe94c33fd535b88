//! Real files to put faults into, and cases made from them.

use crate::inject::{FAMILIES, File, Rng, inject};
use heal::syntax::{PyVersion, check};
use std::path::{Path, PathBuf};

/// A broken text with the text it was made from.
#[allow(dead_code)]
pub struct Case {
    pub family: String,
    pub broken: String,
    pub fixed: String,
}

/// Python files below `root`, sorted, tests and templates for other versions left out.
fn files(root: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(root) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        if path.is_dir() {
            if !matches!(
                name.as_str(),
                "test" | "tests" | "__pycache__" | "lib2to3" | "idle_test"
            ) {
                files(&path, out);
            }
        } else if name.ends_with(".py") {
            out.push(path);
        }
    }
}

/// Where the machine's Python keeps its standard library.
pub fn standard_library() -> Option<PathBuf> {
    let script = "import sysconfig; print(sysconfig.get_path('stdlib'))";
    let out = std::process::Command::new("python3")
        .args(["-c", script])
        .output()
        .ok()?;
    Some(PathBuf::from(String::from_utf8(out.stdout).ok()?.trim()))
}

/// Valid files of 10 to 500 lines.
pub fn valid_files(root: &Path, target: PyVersion) -> Vec<String> {
    let mut paths = Vec::new();
    files(root, &mut paths);
    paths
        .iter()
        .filter_map(|p| std::fs::read_to_string(p).ok())
        .filter(|t| (10..500).contains(&t.lines().count()))
        .filter(|t| check(t.as_bytes(), target).is_empty())
        .collect()
}

/// `per_family` faults of each family, and as many files with two of them.
pub fn cases(texts: &[String], per_family: usize, seed: u64, target: PyVersion) -> Vec<Case> {
    let mut out = Vec::new();
    for (n, family) in FAMILIES.iter().chain(&["double"]).enumerate() {
        let mut rng = Rng(seed.wrapping_mul(1000).wrapping_add(n as u64));
        let mut made = 0;
        for _ in 0..per_family * 60 {
            if made >= per_family || texts.is_empty() {
                break;
            }
            let whole = &texts[rng.below(texts.len())];
            // Every third is a short piece of a file, as people paste it.
            let piece = if rng.below(3) == 0 {
                snippet(whole, &mut rng)
            } else {
                None
            };
            let text = piece.as_ref().unwrap_or(whole);
            if piece.is_some() && !check(text.as_bytes(), target).is_empty() {
                continue;
            }
            let broken = if *family == "double" {
                double(text, &mut rng, target)
            } else {
                inject(family, &File::new(text), &mut rng)
            };
            let Some(broken) = broken else { continue };
            if broken != *text && !check(broken.as_bytes(), target).is_empty() {
                out.push(Case {
                    family: (*family).to_string(),
                    broken,
                    fixed: text.clone(),
                });
                made += 1;
            }
        }
    }
    out
}

/// Two faults: the second is put before the first, where the text is still the original.
fn double(text: &str, rng: &mut Rng, target: PyVersion) -> Option<String> {
    let families = &FAMILIES[..11];
    let first = inject(families[rng.below(families.len())], &File::new(text), rng)?;
    let second = inject(families[rng.below(families.len())], &File::new(text), rng)?;
    // Each must be a fault of its own, or nobody could see that it is one.
    let wrong = |t: &str| !check(t.as_bytes(), target).is_empty();
    if !wrong(&first) || !wrong(&second) {
        return None;
    }
    merge(text, &first, &second)
}

/// Both changes of `text`, if they do not touch.
fn merge(text: &str, a: &str, b: &str) -> Option<String> {
    let change = |x: &str| {
        let head = text.bytes().zip(x.bytes()).take_while(|(p, q)| p == q).count();
        let most = text.len().min(x.len()) - head;
        let tail = text
            .bytes()
            .rev()
            .zip(x.bytes().rev())
            .take(most)
            .take_while(|(p, q)| p == q)
            .count();
        (head, text.len() - tail, x.len() - tail)
    };
    let (a, b, x, y) = {
        let (ca, cb) = (change(a), change(b));
        if ca.0 <= cb.0 { (ca, cb, a, b) } else { (cb, ca, b, a) }
    };
    if a.1 + 1 >= b.0 {
        return None;
    }
    let parts = [x.get(..a.2)?, text.get(a.1..b.0)?, y.get(b.0..)?];
    Some(parts.concat())
}

/// Some consecutive lines of a file that may stand alone: a function, a method, a few statements.
fn snippet(text: &str, rng: &mut Rng) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let start = rng.below(lines.len());
    let width = |l: &str| l.len() - l.trim_start().len();
    let first = (start..lines.len()).find(|&i| {
        let l = lines[i].trim_start();
        !l.trim().is_empty()
            && !l.starts_with(['#', ')', ']', '}', '"', '\''])
            && !l.starts_with("else")
            && !l.starts_with("el")
    })?;
    let column = width(lines[first]);
    let most = 2 + rng.below(24);
    let mut end = first + 1;
    while end < lines.len() && end - first < most && (lines[end].trim().is_empty() || width(lines[end]) >= column) {
        end += 1;
    }
    let piece: String = lines[first..end]
        .iter()
        .map(|l| {
            if l.trim().is_empty() {
                "\n"
            } else {
                &l[column.min(width(l))..]
            }
        })
        .collect();
    (end - first > 1).then(|| format!("{}\n", piece.trim_end()))
}
