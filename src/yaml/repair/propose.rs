//! Changes worth a try, line by line: colons, spaces, dashes, brackets, tabs.

use std::collections::BTreeSet;

use super::judge::Fault;
use super::line::{Lines, parts, with_value, word};
use super::{Proposal, indent, quotes};

/// Lines above the one at which the parser stopped that may hold the fault.
const ABOVE: usize = 3;

/// All changes for a fault, on the lines where it may lie.
pub(super) fn all(lines: &Lines<'_>, fault: &Fault, hint: Option<usize>, done: &[usize]) -> Vec<Proposal> {
    let mut places = BTreeSet::new();
    let mut above = Some(fault.line.min(lines.len().saturating_sub(1)));
    for _ in 0..=ABOVE {
        let Some(number) = above else { break };
        places.insert(number);
        above = lines.before(number);
    }
    // The lines that open the blocks around it: one of them may stand wrong, far above.
    let (mut lowest, mut at) = (usize::MAX, fault.line.min(lines.len()));
    while let Some(above) = lines.before(at).filter(|_| lowest > 0) {
        if lines.depth(above) < lowest {
            lowest = lines.depth(above);
            places.insert(above);
        }
        at = above;
    }
    places.extend([fault.last, fault.last + 1]);
    places.extend(fault.open);
    places.extend(hint);
    if let Some(left) = fault.left {
        places.insert(left);
        places.extend(lines.before(left));
    }
    if let Some(next) = hint.and_then(|n| lines.before(n)) {
        places.insert(next);
    }
    // What opens a quotation that is never closed may lie far above.
    places.extend(
        (0..fault.line.min(lines.len()))
            .rev()
            .filter(|&n| quotes::is_open(lines.get(n)))
            .take(4),
    );
    let mut proposals = tabs(lines);
    for number in places.into_iter().filter(|&n| lines.says(n) && !done.contains(&n)) {
        colon(lines, number, &mut proposals);
        dash(lines, number, &mut proposals);
        bracket(lines, number, &mut proposals);
        quotes::propose(lines, number, &mut proposals);
        indent::propose(lines, number, &mut proposals);
    }
    proposals
}

pub(super) fn one(number: usize, line: String, probability: f64, what: &str) -> Proposal {
    Proposal {
        lines: vec![(number, line)],
        probability,
        description: format!("line {}: {what}", number + 1),
    }
}

/// Tabs at the start of lines become spaces, everywhere alike.
fn tabs(lines: &Lines<'_>) -> Vec<Proposal> {
    let indentation = |n: usize| {
        let line = lines.get(n);
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    };
    let tabbed: Vec<usize> = (0..lines.len()).filter(|&n| indentation(n).contains('\t')).collect();
    let Some(first) = tabbed.first() else { return Vec::new() };
    let mut widths = vec![lines.unit(), 2, 4, 8];
    let mut seen = BTreeSet::new();
    widths.retain(|w| seen.insert(*w));
    let mut proposals = Vec::new();
    for width in widths {
        let changed = tabbed
            .iter()
            .map(|&n| {
                let old = indentation(n);
                let spaces: usize = old.chars().map(|c| if c == '\t' { width } else { 1 }).sum();
                (n, format!("{}{}", " ".repeat(spaces), &lines.get(n)[old.len()..]))
            })
            .collect();
        proposals.push(Proposal {
            lines: changed,
            probability: 0.93,
            description: format!("line {}: spaces for the tabs at the start of lines", first + 1),
        });
    }
    proposals
}

/// A colon without a space, a key without a colon, `=` in its place.
fn colon(lines: &Lines<'_>, number: usize, into: &mut Vec<Proposal>) {
    let line = lines.get(number);
    let p = parts(line);
    if p.key.is_some() {
        return;
    }
    let rest = &line[p.lead.len()..];
    let key = word(rest);
    if key.len() < 2 {
        return;
    }
    let after = &rest[key.len()..];
    let insert = |at: usize, text: &str| format!("{}{text}{}", &line[..at], &line[at..]);
    let end = p.lead.len() + key.len();
    if let Some(value) = after.strip_prefix(':') {
        // `http://host` and `C:\x` are no keys.
        if !value.starts_with("//") && !value.starts_with(['\\', ':']) {
            into.push(one(number, insert(end + 1, " "), 0.93, "write a space after the colon"));
        }
        return;
    }
    if after.trim_end().is_empty() {
        let opens = lines.after(number).is_some_and(|n| {
            let depth = lines.depth(n);
            depth > lines.depth(number) || (depth == p.lead.len() && lines.get(n).trim_start().starts_with("- "))
        });
        if opens {
            into.push(one(number, insert(end, ":"), 0.93, "write the colon after the key"));
        }
        return;
    }
    let value = after.trim_start();
    if let Some(value) = value.strip_prefix('=') {
        let value = value.trim();
        let single = !value.contains('=') && !value.is_empty() && !value.starts_with([':', '=']);
        if single {
            let text = format!("{}{key}: {value}{}", p.lead, p.tail);
            into.push(one(number, text, 0.85, "write `: ` for `=`"));
        }
    } else if after.starts_with(' ') && !p.value.contains(": ") && !value.starts_with(['=', '|', '>', '-']) {
        into.push(one(number, insert(end, ":"), 0.86, "write the colon after the key"));
    } else if after.starts_with(' ') && matches!(value, "|" | ">" | "|-" | ">-") {
        into.push(one(number, insert(end, ":"), 0.93, "write the colon after the key"));
    }
}

/// List items without a space after the dash: this one, and those beside it that are alike.
fn dash(lines: &Lines<'_>, number: usize, into: &mut Vec<Proposal>) {
    let split = |n: usize| {
        let line = lines.get(n);
        let depth = lines.depth(n);
        let text = &line[depth..];
        let glued = text
            .strip_prefix('-')
            .is_some_and(|r| r.starts_with(|c: char| c.is_alphabetic() || matches!(c, '"' | '\'' | '{')));
        glued.then(|| (depth, format!("{}- {}", &line[..depth], &text[1..])))
    };
    let Some((depth, _)) = split(number) else { return };
    let changed: Vec<(usize, String)> = (0..lines.len())
        .filter_map(|n| split(n).filter(|(d, _)| *d == depth).map(|(_, text)| (n, text)))
        .filter(|(n, _)| n.abs_diff(number) < 40)
        .collect();
    into.push(Proposal {
        lines: changed,
        probability: 0.92,
        description: format!("line {}: write a space after the dash", number + 1),
    });
}

/// A `[` or `{` that is opened on this line and not closed.
fn bracket(lines: &Lines<'_>, number: usize, into: &mut Vec<Proposal>) {
    let line = lines.get(number);
    let p = parts(line);
    let mut open: Vec<char> = Vec::new();
    let mut quote = None;
    for c in p.value.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if c == q => quote = None,
            (None, '[') => open.push(']'),
            (None, '{') => open.push('}'),
            (None, ']' | '}') if open.last() == Some(&c) => drop(open.pop()),
            _ => {}
        }
    }
    if open.is_empty() || quote.is_some() || p.value.starts_with("{{") || p.value.ends_with([',', '[', '{']) {
        return;
    }
    let closing: String = open.iter().rev().collect();
    into.push(one(
        number,
        with_value(line, &format!("{}{closing}", p.value)),
        0.92,
        &format!("close with `{closing}`"),
    ));
}
