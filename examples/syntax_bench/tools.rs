//! Other programs on the same faults, as far as the machine has them.

use crate::corpus::Case;
use crate::score::{Score, score_other};
use heal::syntax::PyVersion;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Name, and the command that changes a file (its last argument) in place.
const TOOLS: [(&str, &[&str]); 4] = [
    (
        "ruff check --fix --unsafe-fixes",
        &["ruff", "check", "--quiet", "--fix", "--unsafe-fixes", "--no-cache"],
    ),
    ("ruff format", &["ruff", "format", "--quiet", "--no-cache"]),
    ("autopep8 -aa", &["autopep8", "--in-place", "-a", "-a"]),
    ("lib2to3", &["python3", "-W", "ignore", "-m", "lib2to3", "-w", "-n"]),
];

/// The score of every installed tool on every case.
pub fn run(cases: &[Case], target: PyVersion) -> Vec<(&'static str, Vec<Score>)> {
    let folder = std::env::temp_dir().join(format!("syntax-bench-{}", std::process::id()));
    if std::fs::create_dir_all(&folder).is_err() {
        return Vec::new();
    }
    let file = folder.join("case.py");
    let mut out = Vec::new();
    for (name, command) in TOOLS {
        let scores: Option<Vec<Score>> = cases.iter().map(|c| one(command, &file, c, target)).collect();
        if let Some(scores) = scores {
            out.push((name, scores));
        }
    }
    // Nothing but the one file above is in it.
    let _ = std::fs::remove_dir_all(&folder);
    out
}

fn one(command: &[&str], file: &Path, case: &Case, target: PyVersion) -> Option<Score> {
    std::fs::write(file, &case.broken).ok()?;
    let begin = Instant::now();
    Command::new(command.first()?)
        .args(&command[1..])
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    let time = begin.elapsed();
    let output = std::fs::read_to_string(file).ok()?;
    Some(score_other(&case.broken, output, &case.fixed, time, target))
}
