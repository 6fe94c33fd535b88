//! `# heal: allow W206`: warnings that somebody looked at and wants to keep.
//!
//! A comment is about the rule that it stands in or directly above; one above the first key of the
//! pack is about the whole file. Errors cannot be allowed.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::check::place::{Place, diagnostic};
use crate::diagnostic::{Diagnostic, Severity};
use crate::yaml::{Node, NodeKind};

static ALLOW: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"#\s*heal:\s*allow\s+(?P<codes>[A-Za-z]\d{3}(?:\s*,?\s*[A-Za-z]\d{3})*)").ok());
static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[A-Za-z]\d{3}").ok());

/// One allowed code.
struct Allow {
    code: String,
    /// Where the code stands.
    place: Range<usize>,
    /// Where it counts.
    scope: Range<usize>,
    used: bool,
}

/// Takes away what is allowed, and reports allowances that allow nothing.
pub fn apply(place: &Place<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut allows = collect(place);
    if allows.is_empty() {
        return;
    }
    diagnostics.retain(|d| {
        let Some(label) = d.place().filter(|l| *l.file == *place.file) else {
            return true;
        };
        if d.severity == Severity::Error {
            return true;
        }
        let covers = |a: &&mut Allow| a.code == d.info.code.0 && a.scope.contains(&label.span.start);
        match allows.iter_mut().find(covers) {
            Some(allow) => {
                allow.used = true;
                false
            }
            None => true,
        }
    });
    for allow in allows.into_iter().filter(|a| !a.used) {
        let known = crate::diagnostic::catalogue::find(&allow.code);
        let why = match known {
            None => "there is no such code",
            Some(info) if info.severity == Severity::Error => "errors cannot be allowed",
            Some(_) => "there is no such warning here",
        };
        diagnostics.push(
            diagnostic("W704", format!("`allow {}` allows nothing", allow.code))
                .primary(&place.file, allow.place.clone(), why)
                .patch(&place.file, removal(place.source(), &allow.place), "", "remove it"),
        );
    }
}

/// What to remove: the code, or the whole comment where it is the only one.
fn removal(source: &str, code: &Range<usize>) -> Range<usize> {
    let line_start = source[..code.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = source[code.start..]
        .find('\n')
        .map_or(source.len(), |at| code.start + at);
    let hash = source[line_start..code.start]
        .rfind('#')
        .map_or(line_start, |at| line_start + at);
    let comment = &source[hash..line_end];
    let codes = CODE.as_ref().map_or(0, |r| r.find_iter(comment).count());
    if codes > 1 {
        let rest = &source[code.end..line_end];
        let gap = rest.len() - rest.trim_start_matches([' ', ',']).len();
        return code.start..code.end + gap;
    }
    let before = source[line_start..hash].trim_end().len();
    if before == 0 {
        line_start..(line_end + 1).min(source.len())
    } else {
        line_start + before..line_end
    }
}

fn collect(place: &Place<'_>) -> Vec<Allow> {
    let (source, Some(tree)) = (place.source(), &place.document.tree) else {
        return Vec::new();
    };
    let (Some(allow), Some(code)) = (ALLOW.as_ref(), CODE.as_ref()) else {
        return Vec::new();
    };
    if !source.contains("heal:") {
        return Vec::new();
    }
    let rules: Vec<&Node> = ["rules", "overrides"]
        .iter()
        .flat_map(|key| tree.get(key).map(Node::items).unwrap_or_default())
        .collect();
    let first_key = tree.head().start;
    let mut allows = Vec::new();
    for found in allow.captures_iter(source) {
        let (Some(whole), Some(codes)) = (found.get(0), found.name("codes")) else {
            continue;
        };
        if in_scalar(tree, whole.start()) {
            continue;
        }
        let scope = if whole.start() < first_key {
            0..source.len() + 1
        } else {
            let own = rules.iter().enumerate().find(|(k, rule)| {
                let end = rules
                    .get(k + 1)
                    .map_or(rule.span.end, |next| line_start(source, next.span.start));
                // A comment directly above a rule is that one's, not the one's before it.
                let above = own_line(source, whole.start()) && above_next(source, whole.start(), rule.span.start);
                let inside = rule.span.start <= whole.start() && whole.start() < end.max(rule.span.end);
                let taken = rules.get(k + 1).is_some_and(|next| {
                    own_line(source, whole.start()) && above_next(source, whole.start(), next.span.start)
                });
                above || (inside && !taken)
            });
            match own {
                Some((_, rule)) => line_start(source, rule.span.start)..rule.span.end + 1,
                None => 0..0,
            }
        };
        for one in code.find_iter(codes.as_str()) {
            let start = codes.start() + one.start();
            allows.push(Allow {
                code: one.as_str().to_ascii_uppercase(),
                place: start..start + one.len(),
                scope: scope.clone(),
                used: false,
            });
        }
    }
    allows
}

fn line_start(source: &str, at: usize) -> usize {
    source[..at].rfind('\n').map_or(0, |n| n + 1)
}

/// Whether the comment is all that its line holds.
fn own_line(source: &str, at: usize) -> bool {
    source[line_start(source, at)..at].trim().is_empty()
}

/// Whether nothing but comments and the list's dash lies between a comment and a rule.
fn above_next(source: &str, comment: usize, rule: usize) -> bool {
    if comment >= rule {
        return false;
    }
    let between = &source[line_start(source, comment)..rule];
    between.lines().all(|l| {
        let l = l.trim();
        l.starts_with('#') || l == "-" || (!l.is_empty() && l.trim_start_matches('-').is_empty())
    })
}

/// Whether an offset lies inside a scalar: a `#` there is text.
fn in_scalar(node: &Node, at: usize) -> bool {
    if at < node.span.start || at >= node.span.end {
        return false;
    }
    match &node.kind {
        NodeKind::Scalar(_) => true,
        NodeKind::Null => false,
        NodeKind::Sequence(items) => items.iter().any(|n| in_scalar(n, at)),
        NodeKind::Mapping(entries) => entries.iter().any(|(k, v)| in_scalar(k, at) || in_scalar(v, at)),
    }
}
