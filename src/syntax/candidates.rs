//! Solutions of the search as candidates for people and programs: grouped by what they mean, with their
//! probability and one sentence each.

use super::proposal;
use super::scan::Scan;
use super::search::Solution;
use super::{Candidate, Edit, GATE, decode, evident, judge, lines};
use ruff_python_ast::PythonVersion;

/// Solutions with the same tree.
struct Group {
    tree: u64,
    /// Probability with "none of these" as one more possibility.
    probability: f64,
    /// Share among the solutions.
    share: f64,
    shown: Solution,
}

/// Solutions as candidates, likeliest first: the same tree once, with the sum of the probabilities.
pub(super) fn ranked(decoded: &decode::Decoded, scan: &Scan, solutions: Vec<Solution>) -> Vec<Candidate> {
    let Some(best) = solutions.first().map(|s| s.score) else {
        return Vec::new();
    };
    let mut groups = grouped(solutions, best);
    // Stable: equal probabilities keep the order of the scores.
    groups.sort_by(|a, b| chance(b).total_cmp(&chance(a)));
    let mut out: Vec<Candidate> = Vec::with_capacity(groups.len());
    for (n, g) in groups.iter().enumerate() {
        let mut probability = chance(g);
        if n == 0 {
            probability = evident::weighed(scan, &g.shown, probability, g.share);
        }
        if !g.shown.auto {
            probability = probability.min(GATE - 0.01);
        }
        let Some(edits) = decoded.edits(&g.shown.edits) else {
            continue;
        };
        let kind = match g.shown.steps.first() {
            Some(first) if g.shown.steps.iter().all(|s| s.kind == first.kind) => first.kind.to_string(),
            _ => "several".to_string(),
        };
        out.push(Candidate {
            edits,
            probability,
            kind,
            description: describe(scan, &g.shown.edits),
        });
    }
    out
}

fn chance(g: &Group) -> f64 {
    g.probability.min(g.share).clamp(0.0, 1.0)
}

fn grouped(solutions: Vec<Solution>, best: i64) -> Vec<Group> {
    let weight = |s: &Solution| ((s.score - best) as f64 / 1000.0).exp();
    let total: f64 = solutions.iter().map(weight).sum();
    let mut groups: Vec<Group> = Vec::new();
    for s in solutions {
        let share = weight(&s) / total;
        match groups.iter_mut().find(|g| g.tree == s.tree) {
            Some(g) => {
                g.probability += s.probability;
                g.share += share;
                if smaller(&s, &g.shown) {
                    g.shown = s;
                }
            }
            None => groups.push(Group {
                tree: s.tree,
                probability: s.probability,
                share,
                shown: s,
            }),
        }
    }
    groups
}

/// Of two repairs with the same tree, whether the first is the one to show: `f(x))` loses a bracket
/// rather than becoming `f((x))`, and a docstring that ends in two quotes gets its third.
fn smaller(a: &Solution, b: &Solution) -> bool {
    let marks = |s: &Solution| {
        s.steps.len() == 1
            && ["bracket-", "triple-", "untab"]
                .iter()
                .any(|k| s.steps[0].kind.starts_with(k))
    };
    let size = |s: &Solution| {
        let fresh: usize = s.edits.iter().map(|e| e.replacement.len()).sum();
        let gone: usize = s.edits.iter().map(|e| e.range.len()).sum();
        (fresh + gone, fresh)
    };
    marks(a) && marks(b) && a.auto == b.auto && size(a) < size(b)
}

/// One candidate for each side of the complete merge conflicts.
pub(super) fn of_conflicts(decoded: &decode::Decoded, scan: &Scan, version: PythonVersion) -> Vec<Candidate> {
    [
        ("ours", "keep the first side"),
        ("theirs", "keep the second side"),
        ("both", "keep both sides"),
    ]
    .into_iter()
    .filter_map(|(side, words)| {
        let edits = lines::resolve(scan, side);
        let text = proposal::applied(&decoded.text, &edits);
        judge::faults(&text, version).is_empty().then_some(())?;
        Some(Candidate {
            edits: decoded.edits(&edits)?,
            probability: 0.3,
            kind: "conflict".into(),
            description: format!("{words} of every conflict"),
        })
    })
    .collect()
}

/// One sentence about the edits.
fn describe(scan: &Scan, edits: &[Edit]) -> String {
    let Some(first) = edits.first() else {
        return "nothing".into();
    };
    let line = scan.line_of(first.range.start) + 1;
    if edits.len() > 1 {
        let mut lines: Vec<usize> = edits.iter().map(|e| scan.line_of(e.range.start) + 1).collect();
        lines.dedup();
        return match lines.as_slice() {
            [one] => format!("change line {one} in {} places", edits.len()),
            [a, b] => format!("change lines {a} and {b}"),
            [a, .., b] => format!("change {} lines between line {a} and line {b}", lines.len()),
            [] => String::new(),
        };
    }
    let removed = scan.text.get(first.range.clone()).unwrap_or("");
    let l = scan.lines.get(line - 1);
    let shown = |t: &str| -> String {
        let t = t.trim_matches(['\r', '\n']);
        if t.trim().is_empty() && !t.is_empty() {
            format!("{} blank(s)", t.chars().count())
        } else {
            format!("`{}`", t.trim())
        }
    };
    let at_end = l.is_some_and(|l| scan.text[first.range.end.min(l.end)..l.end].trim().is_empty());
    let at_start = l.is_some_and(|l| first.range.start <= l.text);
    let place = if at_end {
        "at the end of"
    } else if at_start {
        "at the start of"
    } else {
        "in"
    };
    match (removed.is_empty(), first.replacement.is_empty()) {
        (true, _) => format!("insert {} {place} line {line}", shown(&first.replacement)),
        (false, true) => format!("remove {} {place} line {line}", shown(removed)),
        _ => format!(
            "replace {} by {} on line {line}",
            shown(removed),
            shown(&first.replacement)
        ),
    }
}
