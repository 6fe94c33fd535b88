//! The fuzz targets over their committed corpora, without the fuzzer: what was found once stays found.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// No input of a few kilobytes takes this long, on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn inputs(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn every_target_takes_its_corpus() {
    for (target, body) in bodies::ALL {
        let files = inputs(target);
        assert!(files.len() >= 3, "{target} has only {} inputs", files.len());
        for file in files {
            let bytes = fs::read(&file).unwrap();
            let start = Instant::now();
            let taken = std::panic::catch_unwind(|| body(&bytes));
            assert!(taken.is_ok(), "{}", file.display());
            assert!(
                start.elapsed() < PATIENCE,
                "{} took {:?}",
                file.display(),
                start.elapsed()
            );
        }
    }
}

/// The fuzzer's programs are written by hand, one line each: none may be missing.
#[test]
fn every_target_has_its_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for (target, _) in bodies::ALL {
        let program = fs::read_to_string(folder.join(format!("fuzz_targets/{target}.rs"))).unwrap();
        assert!(program.contains(&format!("bodies::{target}(bytes)")));
        assert!(manifest.contains(&format!("name = \"{target}\"")));
    }
}
