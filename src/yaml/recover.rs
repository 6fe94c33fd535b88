//! Goes on after text that is not YAML.
//!
//! The parser stops at its first error. To find the others, the list item around the error (in a
//! pack: the rule) is blanked out, offsets unchanged, and the rest is parsed again. What is blanked
//! is missing from the tree; everything else is there.

use std::collections::BTreeSet;
use std::ops::Range;

use super::build::{Stop, run};
use super::parse::{Limits, Parsed};
use super::problem::{ErrorCode, YamlError};
use super::syntax;
use super::tree::{Node, Span};

/// Most bytes that all passes together may read; keeps a hostile file from costing seconds.
const TOTAL_BYTES: usize = 64 << 20;
/// Most passes over one file.
const MAX_PASSES: usize = 40;

pub(super) fn parse_with_recovery(source: &str, limits: &Limits) -> Parsed {
    let mut text = source.to_owned();
    let mut errors: BTreeSet<Keyed> = BTreeSet::new();
    let mut comments = BTreeSet::new();
    let mut read = 0;
    for round in 0..=MAX_PASSES {
        let pass = run(source, &text, limits, false);
        read += text.len();
        errors.extend(pass.errors.into_iter().map(Keyed));
        comments.extend(pass.comments);
        let Some(stop) = pass.stop else {
            return finish(pass.root, errors, comments, limits);
        };
        if round == MAX_PASSES {
            break;
        }
        let (error, place) = locate(source, &text, limits, &stop);
        errors.insert(Keyed(on_characters(source, error)));
        let length = text.len();
        let around = region(&text, place);
        // Out of patience, or no item to leave out: keep what stands before.
        let last = round + 1 == MAX_PASSES || read + text.len() > TOTAL_BYTES;
        if (last || !blank(&mut text, around.clone())) && !blank(&mut text, around.start..length) {
            break;
        }
    }
    finish(None, errors, comments, limits)
}

fn finish(root: Option<Node>, errors: BTreeSet<Keyed>, comments: BTreeSet<Span>, limits: &Limits) -> Parsed {
    let errors = errors.into_iter().map(|Keyed(e)| e).take(limits.max_errors).collect();
    Parsed {
        root,
        errors,
        comments: comments.into_iter().collect(),
    }
}

/// The error in words, and the offset around which the text is unusable.
///
/// A quote or bracket that is never closed swallows text until the next one, and the parser
/// complains there. The strict pass notices the first line that lies too far left, which is much
/// nearer to the mistake.
fn locate(source: &str, text: &str, limits: &Limits, stop: &Stop) -> (YamlError, usize) {
    let strict = run(source, text, limits, true);
    if let Some(earlier) = strict
        .stop
        .filter(|Stop { at, error, .. }| *at < stop.at && syntax::is_left_of_key(error))
    {
        let error = syntax::explain(text, &earlier);
        let place = error.span.start;
        return (error, place);
    }
    let error = syntax::explain(text, stop);
    let place = error.span.start;
    (error, place)
}

/// Widens the spans of an error to whole characters of the original: a blanked character of three
/// bytes looks like three characters to the parser.
fn on_characters(source: &str, mut error: YamlError) -> YamlError {
    let widen = |span: Span| {
        let end = source.ceil_char_boundary(span.end.min(source.len()));
        Span::new(source.floor_char_boundary(span.start), end)
    };
    error.span = widen(error.span);
    if let Some(secondary) = &mut error.secondary {
        secondary.span = widen(secondary.span);
    }
    error
}

/// The lines to blank out for an error at `at`: the outermost list item around it, or the line.
fn region(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
    // The top-level key under which the error lies.
    let section = lines_up(text, line)
        .find(|(_, content)| indent(content) == 0 && !content.starts_with(['-', '#', ' ', '\t']))
        .map_or(0, |(start, _)| start);
    let dash = text[section..]
        .split_inclusive('\n')
        .find(|line| line.trim_start_matches(' ').starts_with("- "))
        .map(indent);
    let Some(dash) = dash else {
        return whole_line(text, line);
    };
    let is_item = |content: &str| indent(content) == dash && content.trim_start_matches(' ').starts_with("- ");
    let begin = lines_up(text, line)
        .take_while(|&(start, _)| start >= section)
        .find(|(_, content)| is_item(content))
        .map(|(start, _)| start);
    let Some(begin) = begin else {
        return whole_line(text, line);
    };
    let mut end = whole_line(text, line).end;
    while end < text.len() {
        let next = whole_line(text, end);
        let content = &text[next.clone()];
        let blank = content.trim().is_empty();
        let outside = indent(content) == 0 && !content.starts_with(['\t', '#']);
        if !blank && (is_item(content) || outside) {
            break;
        }
        end = next.end;
    }
    begin..end
}

/// The lines from the one that begins at `start` upwards.
fn lines_up(text: &str, start: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let start = next?;
        next = (start > 0).then(|| text[..start - 1].rfind('\n').map_or(0, |n| n + 1));
        Some((start, &text[whole_line(text, start)]))
    })
}

fn whole_line(text: &str, start: usize) -> Range<usize> {
    let end = text[start..].find('\n').map_or(text.len(), |n| start + n + 1);
    start..end
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Replaces everything but line ends by spaces; `false` if there was nothing left to replace.
fn blank(text: &mut String, region: Range<usize>) -> bool {
    let Some(old) = text.get(region.clone()) else {
        return false;
    };
    if old.trim().is_empty() {
        return false;
    }
    let spaces: String = old.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(region, &spaces);
    true
}

/// Orders errors by place, and takes the same one found by two passes for one.
#[derive(Debug)]
struct Keyed(YamlError);

impl Keyed {
    fn key(&self) -> (usize, usize, ErrorCode) {
        (self.0.span.start, self.0.span.end, self.0.code)
    }
}

impl PartialEq for Keyed {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Keyed {}

impl PartialOrd for Keyed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Keyed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}
