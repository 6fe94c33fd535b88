//! One check from files to diagnostics.

use std::path::PathBuf;

use super::lint::{self, Known};
use super::place::Place;
use super::since::Since;
use super::{examples, packs, problem};
use crate::diagnostic::{Counts, Diagnostic, Format, Severity, render, sort};
use crate::pack::Sources;
use crate::pack::load::Loaded;
use crate::world::World;
use crate::yaml::Node;

/// What to check, and how strictly.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Pack files and folders; empty: the packs of the usual layers.
    pub paths: Vec<PathBuf>,
    /// The usual layers.
    pub sources: Sources,
    /// Leave the built-in packs out where `paths` are given: nothing competes with what is there.
    pub without_built_in: bool,
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
    let set = packs::read(world, &options.paths, &options.sources, options.without_built_in);
    check_set(&set, options, None)
}

/// Checks packs that were read already, beside the built-in ones of `last`. What did not change since
/// `last`, which was found good, is looked at only where a change has to do with it; errors are
/// found as by [`check`], warnings not all.
#[must_use]
pub fn again(now: &[Loaded], last: &[Loaded]) -> Outcome {
    let set = packs::of(now, last);
    let since = Since::of(&set, last);
    check_set(&set, &Options::default(), since.as_ref())
}

fn check_set(set: &packs::Set, options: &Options, since: Option<&Since>) -> Outcome {
    let files = set.packs.files.iter().zip(&set.problems);
    let places: Vec<Place<'_>> = files.map(|(f, p)| Place::new(&f.document, p)).collect();
    let known = Known::of(set);
    let mut diagnostics = Vec::new();
    for (place, _) in places.iter().zip(&set.asked).filter(|(_, asked)| **asked) {
        diagnostics.extend(lint::file(place, &known, set, since));
    }
    for (index, found) in &set.packs.cross {
        // What has the same id is found again, with both places.
        if set.asked.get(*index).copied().unwrap_or(false) && (since.is_some() || found.code != "E601") {
            diagnostics.push(problem::convert(found, &places[*index]));
        }
    }
    // But for ids, which the loader compares as well, this is about warnings and overrides.
    if since.is_none() {
        diagnostics.extend(lint::cross(set, &places));
    }
    let mut ran = 0;
    if !options.without_examples {
        let broken = broken(&diagnostics);
        let outcome = examples::run(set, &places, &|case| {
            let as_it_was = || since.is_some_and(|s| s.holds(&case.rule, case.example));
            as_it_was()
                || case.rule_place.as_ref().is_some_and(|(place, node)| {
                    let own = broken.iter().filter(|(file, _)| *file == place.file.name);
                    own.into_iter()
                        .any(|(_, at)| node.span.range().contains(at) && !in_examples(node, *at))
                })
        });
        diagnostics.extend(outcome.diagnostics);
        diagnostics.extend(lint::unreachable(&outcome.beaten));
        ran = outcome.count;
    }
    for (place, _) in places.iter().zip(&set.asked).filter(|(_, asked)| **asked) {
        lint::apply_allows(place, &mut diagnostics);
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

/// Places of errors that make running examples pointless: patterns and names that are wrong.
fn broken(diagnostics: &[Diagnostic]) -> Vec<(String, usize)> {
    diagnostics
        .iter()
        .filter(|d| {
            d.severity == Severity::Error && ["E0", "E1", "E2", "E3"].iter().any(|f| d.info.code.0.starts_with(f))
        })
        .filter_map(Diagnostic::place)
        .map(|label| (label.file.name.clone(), label.span.start))
        .collect()
}

fn in_examples(rule: &Node, at: usize) -> bool {
    let keys = ["examples", "counterexamples"];
    keys.iter()
        .any(|k| rule.get(k).is_some_and(|n| n.span.range().contains(&at)))
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
