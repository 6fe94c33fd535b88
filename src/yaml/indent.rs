//! Recognises a key that stands in the wrong column.
//!
//! The parser notices a mis-indented key as "expected '-'", "expected key" or "mapping values are
//! not allowed", often on another line. A person sees at once what it is; so does this.

use std::cmp::Reverse;

use super::problem::{ErrorCode, YamlError};
use super::tree::Span;

/// One line that has content, as far as indentation is concerned.
#[derive(Debug, Clone, Copy)]
struct Line<'s> {
    /// Byte offset of its first character that is not a blank.
    start: usize,
    /// The text from there on.
    text: &'s str,
    /// Columns (= bytes, blanks are ASCII) before it.
    indent: usize,
}

impl Line<'_> {
    /// Columns at which a key on this line opens a mapping: of the line itself, and behind each
    /// `- ` in front of the key.
    fn key_columns(&self) -> Vec<usize> {
        let mut columns = Vec::new();
        let (mut text, mut column) = (self.text, self.indent);
        loop {
            columns.push(column);
            let Some(rest) = text.strip_prefix("- ") else {
                return columns;
            };
            let blanks = rest.len() - rest.trim_start_matches(' ').len();
            column += 2 + blanks;
            text = rest.trim_start_matches(' ');
        }
    }

    /// The key of `key: …` or `key:`, with quotes if it has them.
    fn key(&self) -> Option<&str> {
        let text = self.text;
        let end = text
            .find(": ")
            .or_else(|| text.trim_end().strip_suffix(':').map(str::len))?;
        let key = text.get(..end)?;
        let plain = !key.is_empty() && !key.contains(['{', '[', '#', '"', '\'']);
        (plain && !key.starts_with("- ")).then_some(key)
    }
}

/// Describes the line of `at` as mis-indented, if it is.
pub(super) fn explain(source: &str, at: usize) -> Option<YamlError> {
    let line_start = source[..at].rfind('\n').map_or(0, |n| n + 1);
    let current = line_at(source, line_start)?;
    let key = current.key()?;
    // Block scalars and multi-line texts above may hold anything; only lines that open a block on
    // the way outwards count.
    let mut columns: Vec<(usize, usize)> = Vec::new();
    let mut limit = usize::MAX;
    let mut offset = line_start;
    let mut above = None;
    while offset > 0 && limit > 0 {
        let start = source[..offset - 1].rfind('\n').map_or(0, |n| n + 1);
        offset = start;
        let Some(line) = line_at(source, start) else {
            continue;
        };
        if line.text.starts_with('#') || line.indent >= limit {
            continue;
        }
        above.get_or_insert(line);
        for column in line.key_columns().into_iter().rev() {
            if column < limit {
                columns.push((column, line.start));
            }
        }
        limit = line.indent;
    }
    let above = above?;
    if columns.iter().any(|&(column, _)| column == current.indent) {
        return None;
    }
    // Deeper than the line above is right below a key without value.
    let opens_block = above.text.trim_end().ends_with(':');
    if current.indent > above.indent && opens_block {
        return None;
    }
    let (nearest, sibling) = columns
        .iter()
        .copied()
        .min_by_key(|&(column, _)| (column.abs_diff(current.indent), Reverse(column)))?;
    let span = Span::new(current.start, current.start + key.len());
    let shown = current.indent + 1;
    let message = format!("`{key}` is indented wrongly");
    let direction = if nearest > current.indent { "right" } else { "left" };
    let distance = nearest.abs_diff(current.indent);
    let spaces = if distance == 1 { "space" } else { "spaces" };
    let sibling = line_at(source, source[..sibling].rfind('\n').map_or(0, |n| n + 1))
        .map_or(Span::at(sibling), |line| place_in(&line, nearest));
    Some(
        YamlError::new(ErrorCode::Syntax, span, message)
            .label(format!("in column {shown}, where no block stands"))
            .secondary(sibling, format!("this block stands in column {}", nearest + 1))
            .help(format!("move the line {distance} {spaces} to the {direction}")),
    )
}

/// The word that begins in `column` of `line`.
fn place_in(line: &Line<'_>, column: usize) -> Span {
    let skip = column.saturating_sub(line.indent);
    let start = line.start + skip;
    let word = line.text.get(skip..).unwrap_or("");
    let end = word.find([':', ' ']).unwrap_or(word.trim_end().len());
    Span::new(start, start + end.max(usize::from(!word.is_empty())))
}

/// The line that begins at `start`, unless it is blank.
fn line_at(source: &str, start: usize) -> Option<Line<'_>> {
    let text = source[start..].lines().next()?;
    let content = text.trim_start_matches(' ');
    let indent = text.len() - content.len();
    (!content.trim_end().is_empty()).then_some(Line {
        start: start + indent,
        text: content,
        indent,
    })
}
