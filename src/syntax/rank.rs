//! How likely a proposal is what the author meant: rule of thumb plus trained integer weights.
//!
//! Everything is integers and a fixed hash, so the same text gives the same order on every machine.

use super::proposal::{Proposal, Site};
use super::scan::{Kind, Scan};
use super::table::{NONE_BIAS, WEIGHTS};

/// Names of the things the ranking looks at, hashed.
pub(super) type Features = Vec<u32>;

/// FNV-1a over the parts with a separator.
fn hash(parts: &[&str]) -> u32 {
    let mut h: u32 = 0x811c_9dc5;
    for part in parts {
        for b in part.bytes().chain(std::iter::once(b'|')) {
            h = (h ^ u32::from(b)).wrapping_mul(0x0100_0193);
        }
    }
    h
}

/// Class of a token as the ranking sees it.
fn class<'a>(scan: &Scan<'a>, index: Option<usize>) -> &'a str {
    let Some(token) = index.and_then(|i| scan.tokens.get(i)) else {
        return "EDGE";
    };
    match token.kind {
        Kind::Name => match scan.str(token) {
            "print" => "print",
            "self" => "self",
            _ => "N",
        },
        Kind::Number => "0",
        Kind::Str => {
            if token.triple {
                "T"
            } else {
                "S"
            }
        }
        Kind::Newline => "NL",
        Kind::Comment => "#",
        _ => scan.str(token),
    }
}

fn bucket(n: usize) -> &'static str {
    match n {
        0 => "0",
        1 => "1",
        2 => "2",
        3 => "3",
        4 | 5 => "5",
        6..=9 => "9",
        10..=19 => "19",
        20..=59 => "59",
        _ => "x",
    }
}

/// Everything the weights may refer to for one proposal.
pub(super) fn features(site: &Site, p: &Proposal) -> Features {
    let scan = site.scan;
    let mut out = Vec::with_capacity(24);
    let Some(first) = p.edits.first() else {
        return out;
    };
    let kind = p.kind;
    let text = if p.edits.len() == 1 && first.replacement.len() <= 8 {
        first.replacement.trim()
    } else {
        "~"
    };
    let removed = scan.text.get(first.range.clone()).unwrap_or("");
    let removed = if removed.len() <= 8 && !removed.chars().any(char::is_alphanumeric) || KEPT.contains(&removed) {
        removed.trim()
    } else {
        "~"
    };
    let what = [kind, text, removed];
    let error = site.fault.class.as_str();
    let right_index = scan.token_from(first.range.end);
    let right = class(scan, Some(right_index).filter(|i| *i < scan.tokens.len()));
    let left_index = scan.tokens[..scan.token_from(first.range.start)]
        .iter()
        .rposition(|t| t.end <= first.range.start);
    let left = class(scan, left_index);
    let left2 = class(scan, left_index.and_then(|i| i.checked_sub(1)));
    let right2 = class(scan, Some(right_index + 1));
    let mut push = |parts: &[&str]| {
        let mut all: Vec<&str> = Vec::with_capacity(8);
        all.extend_from_slice(&what);
        all.extend_from_slice(parts);
        out.push(hash(&all));
    };
    push(&["k"]);
    push(&["t", p.tag]);
    push(&["e", error]);
    push(&["te", p.tag, error]);
    push(&["l", left]);
    push(&["r", right]);
    push(&["lr", left, right]);
    push(&["l2", left2, left]);
    push(&["r2", right, right2]);
    push(&["l2r", left2, left, right]);
    push(&["lr2", left, right, right2]);
    let edit_line = scan.line_of(first.range.start);
    let lines = if edit_line <= site.line {
        site.line - edit_line
    } else {
        100 + edit_line - site.line
    };
    let direction = if edit_line <= site.line { "up" } else { "down" };
    push(&["dl", direction, bucket(lines % 100)]);
    let edit_token = scan.token_from(first.range.start);
    let side = if edit_token <= site.token { "before" } else { "after" };
    push(&["dt", side, bucket(edit_token.abs_diff(site.token))]);
    push(&["dte", side, bucket(edit_token.abs_diff(site.token)), error]);
    push(&["n", bucket(p.edits.len())]);
    let head = scan.lines.get(edit_line).map_or("", |l| class(scan, Some(l.token)));
    push(&["h", head]);
    push(&["ht", head, p.tag]);
    // What surrounds it: the innermost bracket that is open there.
    let around = enclosing(scan, edit_token);
    push(&["b", around]);
    push(&["blr", around, left, right]);
    let next_line = scan.code_below(edit_line);
    let depth = match next_line {
        None => "none",
        Some(n) => match scan.lines[n]
            .column
            .cmp(&scan.lines[edit_line.min(scan.lines.len() - 1)].column)
        {
            std::cmp::Ordering::Less => "less",
            std::cmp::Ordering::Equal => "same",
            std::cmp::Ordering::Greater => "more",
        },
    };
    push(&["nl", depth]);
    push(&["nlt", depth, p.tag]);
    let eol = matches!(right, "NL" | "EDGE" | "#");
    push(&[
        "eol",
        if eol { "y" } else { "n" },
        next_line.map_or("", |n| class(scan, Some(scan.lines[n].token))),
    ]);
    if matches!(kind, "indent" | "dedent") {
        let delta = first.replacement.len() + 100 - removed.len().min(100);
        let unit = scan.unit.len().max(1);
        let columns = |l: usize| scan.lines.get(l).map_or(0, |l| l.column);
        let odd = columns(edit_line) % unit != 0;
        let odd = if odd { "odd" } else { "even" };
        let direction = if delta < 100 { "left" } else { "right" };
        let by = bucket(delta.abs_diff(100));
        out.push(hash(&["col", direction, by, odd]));
        out.push(hash(&["colt", direction, by, odd, p.tag]));
        out.push(hash(&["cole", direction, by, odd, error]));
        out.push(hash(&["odd", odd, p.tag]));
    }
    if kind.starts_with("bracket") {
        // A name that the file always calls wants its brackets.
        let name = left_index.map_or("", |i| scan.at(i));
        let called = scan.pairs.contains(&(name, "("));
        let bare = scan.pairs.contains(&(name, ")")) || scan.pairs.contains(&(name, ","));
        let habit = match (called, bare) {
            (true, false) => "called",
            (true, true) => "both",
            (false, true) => "bare",
            (false, false) => "unknown",
        };
        out.push(hash(&["habit", kind, p.tag, habit]));
        out.push(hash(&["habit2", kind, left2, left, right, habit]));
    }
    out.push(hash(&["tag", kind, p.tag]));
    out.push(hash(&["kind", kind]));
    out.push(hash(&["kinderr", kind, error]));
    // Pairs that the edit creates, seen elsewhere in the file or not.
    if p.edits.len() == 1 {
        let before = left_index.map_or("", |i| scan.at(i));
        let after = scan.at(right_index);
        let fresh = first.replacement.trim();
        let (a, b) = if fresh.is_empty() {
            (scan.pairs.contains(&(before, after)), true)
        } else {
            (
                scan.pairs.contains(&(before, fresh)),
                scan.pairs.contains(&(fresh, after)),
            )
        };
        let seen = match (a, b) {
            (true, true) => "both",
            (true, false) => "left",
            (false, true) => "right",
            _ => "no",
        };
        out.push(hash(&["seen", kind, seen]));
        out.push(hash(&["seen", kind, text, removed, seen]));
    }
    out
}

/// Short alphanumeric texts whose removal the weights tell apart.
const KEPT: [&str; 12] = [
    "is", "in", "if", "or", "and", "not", "for", "else", "as", "from", "import", "def",
];

fn enclosing<'a>(scan: &Scan<'a>, at: usize) -> &'a str {
    let mut depth = 0usize;
    for i in (at.saturating_sub(200)..at.min(scan.tokens.len())).rev() {
        match scan.at(i) {
            ")" | "]" | "}" => depth += 1,
            open @ ("(" | "[" | "{") => {
                if depth == 0 {
                    return open;
                }
                depth -= 1;
            }
            _ => {}
        }
    }
    ""
}

/// Score in thousandths of a nat; higher is likelier.
pub(super) fn score(p: &Proposal, features: &[u32]) -> i64 {
    // What only silences the fault stays behind everything that repairs it.
    if matches!(p.kind, "comment-out" | "drop-line") {
        return i64::from(p.prior);
    }
    i64::from(p.prior) + features.iter().map(|f| weight(*f)).sum::<i64>()
}

fn weight(feature: u32) -> i64 {
    WEIGHTS
        .binary_search_by_key(&feature, |w| w.0)
        .map_or(0, |i| i64::from(WEIGHTS[i].1))
}

/// Features of the possibility that none of the proposals is meant.
pub(super) fn none_features(error: &str, best: &Proposal, count: usize) -> Features {
    vec![
        hash(&["none", "e", error]),
        hash(&["none", "k", best.kind]),
        hash(&["none", "t", best.kind, best.tag]),
        hash(&["none", "n", bucket(count)]),
    ]
}

/// Score of the possibility that none of the proposals is meant.
pub(super) fn none_score(features: &[u32]) -> i64 {
    NONE_BIAS + features.iter().map(|f| weight(*f)).sum::<i64>()
}
