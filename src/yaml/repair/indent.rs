//! Lines that stand too far left or right: where else the levels above allow them to stand.

use std::collections::BTreeSet;

use super::Proposal;
use super::line::{Lines, parts, word};

/// A line is moved by at most this many columns.
const FURTHEST: usize = 4;

pub(super) fn propose(lines: &Lines<'_>, number: usize, into: &mut Vec<Proposal>) {
    let depth = lines.depth(number);
    if lines.get(number).starts_with('\t') {
        return;
    }
    let below: Vec<usize> = (number + 1..lines.len())
        .take_while(|&n| !lines.says(n) || lines.depth(n) > depth)
        .filter(|&n| lines.says(n))
        .collect();
    for level in levels(lines, number) {
        let distance = level.abs_diff(depth);
        if distance == 0 || distance > FURTHEST {
            continue;
        }
        // A slip of one column is likelier by far than one of three.
        let probability = match distance {
            1 => 0.92,
            2 => 0.82,
            3 => 0.67,
            _ => 0.6,
        };
        // Below `module: key=value` a deeper line is the same thing in the other way of writing.
        let is_pairs = |n: usize| pairs(parts(lines.get(n)).value);
        let mixed = if level < depth {
            lines.before(number).is_some_and(is_pairs)
        } else {
            is_pairs(number)
        };
        let probability = if mixed { 0.5 } else { probability };
        let moved = |n: usize| {
            let line = lines.get(n).trim_start_matches(' ');
            let to = (lines.depth(n) + level).saturating_sub(depth);
            (n, format!("{}{line}", " ".repeat(to)))
        };
        let description = format!("line {}: indent by {level} instead of {depth} spaces", number + 1);
        into.push(Proposal {
            lines: vec![moved(number)],
            probability,
            description: description.clone(),
        });
        if !below.is_empty() {
            into.push(Proposal {
                lines: std::iter::once(number)
                    .chain(below.iter().copied())
                    .map(moved)
                    .collect(),
                probability: probability - 0.01,
                description: format!("{description}, with what belongs to it"),
            });
        }
    }
}

/// `key=value …`
fn pairs(value: &str) -> bool {
    value.split_whitespace().next().is_some_and(|first| {
        first
            .split_once('=')
            .is_some_and(|(key, rest)| !key.is_empty() && word(key) == key && !rest.starts_with('='))
    })
}

/// Columns at which the lines above let a line begin: those of the blocks that are open, and one
/// step deeper below a key that waits for its value. The line below counts as well: a first line
/// that stands wrong is told by its siblings.
fn levels(lines: &Lines<'_>, number: usize) -> BTreeSet<usize> {
    let mut levels = BTreeSet::new();
    let mut lowest = usize::MAX;
    let mut at = number;
    if let Some(above) = lines.before(number) {
        let p = parts(lines.get(above));
        if p.value.is_empty() && p.key.is_some() {
            levels.insert(p.lead.len() + lines.unit());
        }
    }
    while let Some(above) = lines.before(at) {
        let depth = lines.depth(above);
        if depth < lowest {
            levels.insert(depth);
            levels.insert(parts(lines.get(above)).lead.len());
            lowest = depth;
        }
        if depth == 0 || number - above > 400 {
            break;
        }
        at = above;
    }
    if let Some(below) = lines.after(number) {
        levels.insert(lines.depth(below));
    }
    levels
}
