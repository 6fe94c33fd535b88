//! Every diagnostic of `heal check --rules`, each by a pack that has it and the text that is said
//! about it: `tests/check/<CODE>-<what>.yaml` and `.stderr`. `UPDATE=1 cargo test --test check`
//! writes the texts anew; look at the difference before you commit it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use heal::check::{Options, check, report};
use heal::diagnostic::{Format, catalogue};
use heal::world::{Memory, Real};

fn packs() -> Vec<PathBuf> {
    let mut packs: Vec<PathBuf> = std::fs::read_dir("tests/check")
        .expect("the folder is part of the project")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    packs.sort();
    packs
}

fn options(pack: &Path) -> Options {
    Options {
        paths: vec![pack.to_path_buf()],
        without_built_in: true,
        ..Options::default()
    }
}

fn code_of(pack: &Path) -> String {
    let name = pack.file_stem().expect("a name").to_string_lossy().into_owned();
    name.split('-').next().expect("a first part").to_owned()
}

#[test]
fn every_pack_is_told_what_is_wrong_with_it() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut differ = Vec::new();
    for pack in packs() {
        let (text, _) = report(&Real, &options(&pack), Format::Full, false, 100);
        let golden = pack.with_extension("stderr");
        if update {
            std::fs::write(&golden, &text).expect("writable");
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != text {
            differ.push(format!("{}:\n{text}", pack.display()));
        }
    }
    assert!(
        differ.is_empty(),
        "not as in the .stderr files (UPDATE=1 writes them):\n{}",
        differ.join("\n")
    );
}

#[test]
fn every_pack_has_the_code_that_it_is_named_after() {
    for pack in packs() {
        let code = code_of(&pack);
        if code == "ALL" {
            continue;
        }
        let found = check(&Real, &options(&pack)).diagnostics;
        assert!(
            found.iter().any(|d| d.info.code.0 == code),
            "{} yields {:?}",
            pack.display(),
            found.iter().map(|d| d.info.code.0).collect::<Vec<_>>()
        );
    }
}

#[test]
fn every_code_has_a_pack() {
    let have: BTreeSet<String> = packs().iter().map(|p| code_of(p)).collect();
    let missing: Vec<&str> = catalogue::all()
        .map(|info| info.code.0)
        .filter(|code| !have.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no pack in tests/check shows {missing:?}");
}

#[test]
fn twelve_mistakes_in_one_rule_are_told_in_one_run() {
    let found = check(&Real, &options(Path::new("tests/check/ALL-twelve-mistakes.yaml"))).diagnostics;
    let places: BTreeSet<_> = found
        .iter()
        .filter_map(|d| Some((d.info.code.0, d.place()?.span.start)))
        .collect();
    assert!(places.len() >= 12, "{places:?}");
}

/// A generator of numbers that is the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

#[test]
fn packs_that_were_damaged_are_told_so_without_a_panic() {
    let pieces: [&[u8]; 12] = [
        b"{",
        b"}",
        b"[",
        b"'",
        b"\"",
        b"{{",
        b"(?P<",
        b"\xff",
        b"\n  ",
        b"- ",
        b": ",
        "é\u{301}→".as_bytes(),
    ];
    let mut numbers = Numbers(7);
    for pack in packs() {
        let bytes = std::fs::read(&pack).expect("readable");
        for _ in 0..6 {
            let mut damaged = bytes.clone();
            for _ in 0..=numbers.below(3) {
                let at = numbers.below(damaged.len());
                match numbers.below(3) {
                    0 => damaged.truncate(at),
                    1 => drop(damaged.splice(at..at, pieces[numbers.below(pieces.len())].iter().copied())),
                    _ => drop(damaged.drain(at..(at + 1 + numbers.below(4)).min(damaged.len()))),
                }
            }
            let world = Memory::new().with_file("/project/pack.yaml", &damaged);
            let (text, code) = report(
                &world,
                &options(Path::new("/project/pack.yaml")),
                Format::Full,
                false,
                80,
            );
            assert!(!text.is_empty() && code < 2);
        }
    }
}
