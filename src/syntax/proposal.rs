//! One possible repair step, and the place that the generators look at.

use std::collections::HashMap;

use super::Edit;
use super::judge::Fault;
use super::scan::Scan;

/// A step on the way to a repair: some edits of the current text.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    /// Sorted, not overlapping, offsets of the current text.
    pub edits: Vec<Edit>,
    /// Short name of what is done.
    pub kind: &'static str,
    /// What the generator knows about the place, for the ranking.
    pub tag: &'static str,
    /// Rule of thumb in thousandths of a nat, before the trained weights.
    pub prior: i32,
    /// May be applied without asking if it is probable enough.
    pub auto: bool,
}

/// What a generator sees.
pub(super) struct Site<'a> {
    pub scan: &'a Scan<'a>,
    pub fault: &'a Fault,
    /// 0-based physical line of the fault.
    pub line: usize,
    /// First token that ends after the start of the fault.
    pub token: usize,
}

/// Collects proposals; the same edits from two generators count once, with the better prior.
#[derive(Default)]
pub(super) struct Out {
    pub list: Vec<Proposal>,
    seen: HashMap<Vec<(usize, usize, String)>, usize>,
}

impl Out {
    /// Adds edits in any order; overlapping ones are refused.
    pub fn many(&mut self, kind: &'static str, tag: &'static str, prior: i32, mut edits: Vec<Edit>) {
        edits.sort_by_key(|e| (e.range.start, e.range.end));
        if edits.is_empty() || edits.windows(2).any(|p| p[0].range.end > p[1].range.start) {
            return;
        }
        let key: Vec<_> = edits
            .iter()
            .map(|e| (e.range.start, e.range.end, e.replacement.clone()))
            .collect();
        let proposal = Proposal {
            edits,
            kind,
            tag,
            prior,
            auto: true,
        };
        match self.seen.get(&key) {
            Some(&i) if self.list[i].prior >= prior => {}
            Some(&i) => self.list[i] = proposal,
            None => {
                self.seen.insert(key, self.list.len());
                self.list.push(proposal);
            }
        }
    }

    /// Inserts `text` at `at`.
    pub fn insert(&mut self, kind: &'static str, tag: &'static str, prior: i32, at: usize, text: &str) {
        self.replace(kind, tag, prior, at..at, text);
    }

    /// Replaces `range` by `text`.
    pub fn replace(
        &mut self,
        kind: &'static str,
        tag: &'static str,
        prior: i32,
        range: std::ops::Range<usize>,
        text: &str,
    ) {
        self.many(
            kind,
            tag,
            prior,
            vec![Edit {
                range,
                replacement: text.to_string(),
            }],
        );
    }
}

/// Shorthand for an edit.
pub(super) fn edit(range: std::ops::Range<usize>, text: &str) -> Edit {
    Edit {
        range,
        replacement: text.to_string(),
    }
}

/// `text` after `edits` (sorted, inside the text).
pub(super) fn applied(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for e in edits {
        out.push_str(text.get(at..e.range.start).unwrap_or(""));
        out.push_str(&e.replacement);
        at = e.range.end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}
