//! Reads a text as YAML, and weighs what a change made of its lines.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use granit_parser::{Event, Parser, ScalarStyle};

use super::line::{Lines, parts};

/// Where the parser stopped; lines and columns 0-based.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
    /// The line on which the last thing before it ended.
    pub(super) last: usize,
    /// A line that a quotation or bracket reaches although it lies too far left, where there is one.
    pub(super) left: Option<usize>,
    /// The line of the innermost bracket that is still open.
    pub(super) open: Option<usize>,
}

/// What a text says.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) fault: Option<Fault>,
    /// All values in order, whatever their layout: equal texts mean the same.
    pub(super) values: String,
    /// Lines and columns at which keys begin.
    keys: BTreeSet<(usize, usize)>,
    /// First and last lines of texts over several lines, block texts left out.
    long: Vec<(usize, usize)>,
    /// First and last lines of block texts (`|`, `>`).
    blocks: Vec<(usize, usize)>,
    /// Lines on which a plain text stands alone, as the value of a key above.
    alone: Vec<usize>,
    /// Keys that begin with a dash: list items without their space.
    dashed: usize,
    /// Keys that stand twice in one mapping.
    twice: usize,
}

struct Frame {
    mapping: bool,
    flow: bool,
    at: usize,
    wants_key: bool,
    key_line: usize,
    seen: BTreeSet<String>,
}

/// Reads a text: what it says, or where it stops being YAML.
pub(super) fn read(text: &str) -> Reading {
    let mut reading = pass(text, false);
    if let Some(fault) = &mut reading.fault {
        // A quote that is never closed swallows text up to the next one; the strict pass notices the
        // first line that lies too far left.
        fault.left = pass(text, true).fault.map(|f| f.line).filter(|&l| l < fault.line);
    }
    reading
}

fn pass(text: &str, strict: bool) -> Reading {
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        strict_indentation: strict,
        max_buffered_comment_events: 1 << 20,
        flow_nesting_limit: 64,
        block_nesting_limit: 64,
    };
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let place = |offset: usize| {
        let line = starts.partition_point(|&s| s <= offset).saturating_sub(1);
        (line, offset.saturating_sub(starts[line]))
    };
    let mut reading = Reading::default();
    let mut frames: Vec<Frame> = Vec::new();
    let mut last = 0;
    for item in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match item {
            Ok(item) => item,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(last).min(text.len());
                let (line, column) = place(at);
                reading.fault = Some(Fault {
                    line,
                    column,
                    message: error.kind().to_string(),
                    last: place(last).0,
                    left: None,
                    open: frames.iter().rev().find(|f| f.flow).map(|f| f.at),
                });
                return reading;
            }
        };
        let start = span.start.byte_offset().unwrap_or(last);
        let end = span.end.byte_offset().unwrap_or(start);
        let (line, column) = place(start);
        let is_node = matches!(
            event,
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(..)
        );
        let mut key = false;
        if let (true, Some(frame)) = (is_node, frames.last_mut())
            && frame.mapping
        {
            key = frame.wants_key;
            frame.wants_key = !key;
            if key {
                frame.key_line = line;
            } else if let Event::Scalar(value, ScalarStyle::Plain, ..) = &event
                && !value.is_empty()
                && line > frame.key_line
            {
                reading.alone.push(line);
            }
            if let (true, Event::Scalar(value, ..)) = (key, &event) {
                reading.keys.insert((line, column));
                reading.dashed += usize::from(value.starts_with('-') && value.len() > 1);
                if !frame.seen.insert(value.to_string()) {
                    reading.twice += 1;
                }
            }
        }
        match &event {
            Event::Scalar(value, style, ..) => {
                last = end.max(last);
                let _ = write!(reading.values, "{}{value:?} ", if key { "?" } else { "=" });
                let plain_nothing = *style == ScalarStyle::Plain && value.is_empty();
                let ends = place(end.saturating_sub(1).max(start)).0;
                match style {
                    ScalarStyle::Literal | ScalarStyle::Folded => reading.blocks.push((line, ends)),
                    _ if ends > line && !plain_nothing => reading.long.push((line, ends)),
                    _ => {}
                }
            }
            Event::Alias(..) => reading.values.push_str("* "),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let mapping = matches!(event, Event::MappingStart(..));
                reading.values.push_str(if mapping { "{" } else { "[" });
                frames.push(Frame {
                    mapping,
                    flow: text.get(start..).is_some_and(|t| t.starts_with(['[', '{'])),
                    at: line,
                    wants_key: true,
                    key_line: line,
                    seen: BTreeSet::new(),
                });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                last = end.max(last);
                reading.values.push(')');
                frames.pop();
            }
            _ => {}
        }
    }
    reading
}

/// How plausible a text is after some of its lines were changed, 0 to 1.
///
/// `unit` is by how much the text indents, as it did before.
pub(super) fn weigh(reading: &Reading, lines: &Lines<'_>, changed: &[usize], unit: usize) -> f64 {
    let mut weight: f64 = 1.0;
    if reading.twice > 0 {
        weight *= 0.3;
    }
    if reading.dashed > 0 {
        weight *= 0.2;
    }
    let near = |n: usize| changed.iter().any(|&c| c.abs_diff(n) <= 2);
    if reading.alone.iter().any(|&n| near(n)) {
        weight *= 0.3;
    }
    for &(first, last) in &reading.long {
        for number in first + 1..=last {
            if looks_like_structure(lines.get(number)) {
                weight *= 0.1;
            } else if near(number) {
                weight *= 0.6;
            }
        }
    }
    let in_text = |n: usize| {
        reading
            .long
            .iter()
            .chain(&reading.blocks)
            .any(|&(a, b)| a < n && n <= b)
    };
    for number in (0..lines.len()).filter(|&n| lines.says(n) && !in_text(n)) {
        let p = parts(lines.get(number));
        if changed.contains(&number) && p.key.is_some() && !reading.keys.contains(&(number, p.lead.len())) {
            weight *= 0.2;
        }
        let Some(next) = lines.after(number).filter(|&n| !in_text(n)) else {
            continue;
        };
        if !changed.contains(&number) && !changed.contains(&next) {
            continue;
        }
        let opens = p.key.is_some() && p.value.is_empty();
        let list = lines.get(next).trim_start().starts_with('-');
        let depth = lines.depth(next);
        if opens && (depth < p.lead.len() || (depth == p.lead.len() && !list)) {
            // A key that waits for what belongs below it, and does not get it.
            weight *= 0.3;
        } else if opens && depth > p.lead.len() && !(depth - p.lead.len()).is_multiple_of(unit) {
            weight *= 0.7;
        } else if opens && depth > p.lead.len() + unit {
            weight *= 0.75;
        }
    }
    weight
}

/// `- x` or `key: x`.
fn looks_like_structure(line: &str) -> bool {
    let text = line.trim_start();
    text.starts_with("- ") || parts(text).key.is_some()
}
