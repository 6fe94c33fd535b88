//! The part of a file on which proposals are judged first: the function, class or top-level statements
//! around a fault, small enough to be parsed hundreds of times.

use std::ops::Range;

use ruff_python_ast::PythonVersion;

use super::Edit;
use super::judge;
use super::proposal::{Site, applied};
use super::scan::Scan;

/// What makes an indented region a module.
const WRAP: &str = "if 1:\n";

/// Some whole lines of a text.
pub(super) struct Region {
    /// Bytes of the text.
    pub range: Range<usize>,
    nested: bool,
    /// Bytes from the first fault to the end of the region.
    pub remaining: usize,
    /// Faults in it.
    pub count: usize,
    /// End of the first line of the statement or definition after the one with the fault: what is wrong
    /// behind this is another fault.
    pub tight: usize,
}

impl Region {
    /// The smallest region around the fault of `site` that shows a fault at all.
    pub fn around(site: &Site, version: PythonVersion) -> Region {
        let scan = site.scan;
        let whole = Region {
            range: 0..scan.text.len(),
            nested: false,
            count: 1,
            tight: scan.text.len(),
            remaining: scan.text.len() - site.fault.at.min(scan.text.len()),
        };
        if scan.tokens.iter().any(|t| t.triple && t.unclosed) {
            let count = judge::first_fault(scan.text, version).map_or(1, |f| f.1);
            return Region { count, ..whole };
        }
        let first = first_line(site);
        let columns = columns(scan, first, site.line);
        for column in columns {
            let Some((range, tight)) = lines(scan, first, site.line, column) else {
                continue;
            };
            let mut region = Region {
                range,
                nested: column > 0,
                remaining: 0,
                count: 1,
                tight,
            };
            let text = region.text(scan.text, &[]);
            if let Some((at, count)) = judge::first_fault(&text, version) {
                region.count = count;
                region.remaining = text.len() - at.min(text.len());
                return region;
            }
        }
        whole
    }

    /// Whether all edits lie inside.
    pub fn holds(&self, edits: &[Edit]) -> bool {
        edits
            .iter()
            .all(|e| e.range.start >= self.range.start && e.range.end <= self.range.end)
    }

    /// The region as a module, after edits that lie inside.
    pub fn text(&self, whole: &str, edits: &[Edit]) -> String {
        let local: Vec<Edit> = edits
            .iter()
            .map(|e| Edit {
                range: e.range.start - self.range.start..e.range.end - self.range.start,
                replacement: e.replacement.clone(),
            })
            .collect();
        let text = applied(&whole[self.range.clone()], &local);
        if self.nested { format!("{WRAP}{text}") } else { text }
    }
}

/// The line of the fault, or that of a bracket left open above it.
fn first_line(site: &Site) -> usize {
    let scan = site.scan;
    scan.brackets
        .iter()
        .filter(|b| b.line.abs_diff(site.line) <= 1)
        .filter_map(|b| b.open)
        .map(|open| scan.tokens[open].line)
        .fold(site.line, usize::min)
}

fn starts_block(scan: &Scan, line: usize) -> bool {
    let l = &scan.lines[line];
    !l.blank
        && !l.in_string
        && l.depth == 0
        && !l.continued
        && matches!(scan.at(l.token), "def" | "class" | "async" | "@")
}

/// Columns of the definitions around the lines, innermost first, then that of the module.
fn columns(scan: &Scan, first: usize, last: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut limit = scan
        .lines
        .get(last)
        .map_or(0, |l| if l.blank { usize::MAX } else { l.column });
    for line in (0..first).rev() {
        let column = scan.lines[line].column;
        if column > 0 && column <= limit && starts_block(scan, line) {
            found.push(column);
            limit = column - 1;
        }
        if column == 0 && starts_block(scan, line) {
            break;
        }
    }
    found.push(0);
    found
}

/// From the definition or statement at `column` before `first` to the end of the one after `last`.
fn lines(scan: &Scan, first: usize, last: usize, column: usize) -> Option<(Range<usize>, usize)> {
    let sibling = |l: usize| {
        let line = &scan.lines[l];
        !line.blank
            && !line.in_string
            && line.depth == 0
            && !line.continued
            && line.column == column
            && !matches!(
                scan.at(line.token),
                "else" | "elif" | "except" | "finally" | ")" | "]" | "}"
            )
    };
    let outer = |l: usize| {
        let line = &scan.lines[l];
        !line.blank && !line.in_string && line.depth == 0 && line.column < column
    };
    let begins = |l: usize| {
        if column > 0 {
            sibling(l) && starts_block(scan, l)
        } else {
            sibling(l)
        }
    };
    let mut start = scan.code_above(first).unwrap_or(0).min(first);
    while !begins(start) {
        if start == 0 || outer(start) {
            if column > 0 {
                return None;
            }
            break;
        }
        start -= 1;
    }
    // A decorator belongs to what follows it.
    while let Some(above) = scan
        .code_above(start)
        .filter(|&a| sibling(a) && scan.at(scan.lines[a].token) == "@")
    {
        start = above;
    }
    let mut end = last + 1;
    let mut seen = 0;
    let mut tight = None;
    while end < scan.lines.len() && !outer(end) {
        let decorated = scan
            .code_above(end)
            .is_some_and(|a| sibling(a) && scan.at(scan.lines[a].token) == "@");
        if sibling(end) && !decorated {
            seen += 1;
            tight = tight.or(Some(scan.lines[end].next));
            if seen > 1 {
                break;
            }
        }
        end += 1;
    }
    let stop = scan.lines.get(end).map_or(scan.text.len(), |l| l.start);
    Some((scan.lines[start].start..stop, tight.map_or(stop, |t| t.min(stop))))
}
