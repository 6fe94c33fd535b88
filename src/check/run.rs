//! One check from files to diagnostics.

use std::path::PathBuf;

use super::place::Place;
use super::{examples, packs, problem};
use crate::diagnostic::{Counts, Diagnostic, Format, Severity, render, sort};
use crate::pack::Sources;
use crate::world::World;

/// What to check, and how strictly.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Pack files and folders; empty: the packs of the usual layers.
    pub paths: Vec<PathBuf>,
    /// The usual layers.
    pub sources: Sources,
    /// Leave the examples out.
    pub without_examples: bool,
    /// Codes (or `all`) whose warnings count as errors.
    pub deny: Vec<String>,
}

/// What a check found.
#[derive(Debug)]
pub struct Outcome {
    /// Diagnostics in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that were checked.
    pub files: usize,
    /// Rules that were checked.
    pub rules: usize,
    /// Examples and counterexamples that were run.
    pub examples: usize,
}

impl Outcome {
    /// 0: nothing that counts; 1: errors; 2: nothing could be checked.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.files == 0 {
            2
        } else {
            u8::from(self.diagnostics.iter().any(|d| d.severity == Severity::Error))
        }
    }
}

/// Checks packs.
#[must_use]
pub fn check(world: &dyn World, options: &Options) -> Outcome {
    let set = packs::read(world, &options.paths, &options.sources);
    let places: Vec<Place<'_>> = set.packs.files.iter().map(|f| Place::new(&f.document)).collect();
    let mut diagnostics = Vec::new();
    for (index, problems) in set.problems.iter().enumerate() {
        if set.asked[index] {
            diagnostics.extend(problems.iter().map(|p| problem::convert(p, &places[index])));
        }
    }
    for (index, found) in &set.packs.cross {
        if set.asked.get(*index).copied().unwrap_or(false) {
            diagnostics.push(problem::convert(found, &places[*index]));
        }
    }
    let mut ran = 0;
    if !options.without_examples {
        let (found, count) = examples::run(&set, &places);
        diagnostics.extend(found);
        ran = count;
    }
    for diagnostic in &mut diagnostics {
        let denied = |code: &String| code == "all" || code.eq_ignore_ascii_case(diagnostic.info.code.0);
        if diagnostic.severity == Severity::Warning && options.deny.iter().any(denied) {
            diagnostic.severity = Severity::Error;
        }
    }
    sort(&mut diagnostics);
    let asked = || set.packs.files.iter().zip(&set.asked).filter(|(_, asked)| **asked);
    Outcome {
        diagnostics,
        files: asked().count(),
        rules: asked()
            .filter_map(|(f, _)| f.document.pack.as_ref())
            .map(|p| p.rules.len())
            .sum(),
        examples: ran,
    }
}

/// The diagnostics of packs.
#[must_use]
pub fn run(world: &dyn World, options: &Options) -> Vec<Diagnostic> {
    check(world, options).diagnostics
}

/// A check as text, with the exit code.
#[must_use]
pub fn report(world: &dyn World, options: &Options, format: Format, color: bool, width: usize) -> (String, u8) {
    let outcome = check(world, options);
    let mut text = render(&outcome.diagnostics, format, color, width);
    if matches!(format, Format::Full | Format::Concise) {
        if !text.is_empty() && format == Format::Full {
            text.push('\n');
        }
        text.push_str(&format!(
            "{}: {}\n",
            Counts::of(&outcome.diagnostics),
            checked(&outcome)
        ));
    }
    (text, outcome.exit_code())
}

fn checked(outcome: &Outcome) -> String {
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    format!(
        "{}, {}, {}",
        plural(outcome.files, "file"),
        plural(outcome.rules, "rule"),
        plural(outcome.examples, "example")
    )
}
