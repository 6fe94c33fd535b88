//! Repair of the structure of shell scripts: where a `fi`, `done`, `esac`, `}`, quote, bracket,
//! `then`, `do` or space is missing.
//!
//! A shell reports where it gave up, mostly the last line. [`repair`] looks for the place where the
//! structure (indentation, and what follows) says the missing piece belongs, proves that the whole
//! script parses with it, and says [`Outcome::Unclear`] where two places are equally good. It knows
//! shell grammar and no command, reads no file and runs nothing: the caller still lets the real
//! shell check the result.

mod blocks;
mod lex;
mod lines;
mod outline;
mod parse;
mod quotes;
#[cfg(test)]
mod tests;
mod words;

use std::ops::Range;

use lines::Lines;
use outline::{Outline, Stop};

/// Scripts beyond this size are not repaired: nobody wrote them by hand.
const MAX_BYTES: usize = 1 << 20;
/// At this probability one repair stands for what the author meant …
const CLEAR: f64 = 0.8;
/// … if the next best is at least this much less likely.
const LEAD: f64 = 0.2;
/// Repairs shown where none is clear.
const SHOWN: usize = 4;

/// Bytes to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Range in the source; empty for an insertion.
    pub range: Range<usize>,
    /// What to put there.
    pub replacement: String,
}

/// A repair after which the whole script parses.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Edits in ascending order, not overlapping.
    pub edits: Vec<Edit>,
    /// How likely it is what the author meant, 0 to 1.
    pub probability: f64,
    /// What kind of fault it cures, e.g. `missing-fi`.
    pub kind: String,
    /// Why here, for people.
    pub description: String,
}

impl Candidate {
    /// The repaired script.
    #[must_use]
    pub fn apply(&self, source: &[u8]) -> Vec<u8> {
        apply(source, &self.edits)
    }
}

/// What [`repair`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The structure is sound: the fault lies elsewhere.
    Valid,
    /// One repair is clearly what was meant.
    Repaired {
        /// That repair.
        best: Candidate,
        /// What else would parse, likeliest first.
        runners_up: Vec<Candidate>,
    },
    /// No repair is clear.
    Unclear {
        /// What is wrong, and why a person must decide.
        reason: String,
        /// What would parse, likeliest first; may be empty.
        candidates: Vec<Candidate>,
    },
}

/// How a proposal is judged beyond parsing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Plain,
    Delete,
    /// The quotations of this line (start and end offset before the edit) must look as people write them.
    Quote {
        line: (usize, usize),
    },
}

/// A repair that nobody has tried yet.
#[derive(Debug, Clone)]
struct Proposal {
    edits: Vec<Edit>,
    probability: f64,
    kind: String,
    description: String,
    shape: Shape,
}

impl Proposal {
    fn new(edits: Vec<Edit>, probability: f64, kind: &str, description: &str) -> Self {
        Self {
            edits,
            probability,
            kind: kind.to_owned(),
            description: description.to_owned(),
            shape: Shape::Plain,
        }
    }

    fn insert(at: usize, text: &str, probability: f64, kind: &str, description: &str) -> Self {
        Self::new(
            vec![Edit {
                range: at..at,
                replacement: text.to_owned(),
            }],
            probability,
            kind,
            description,
        )
    }
}

/// What is wrong with a script's structure, and in which line (1-based); `None` where nothing is.
///
/// Never panics, whatever the bytes.
#[must_use]
pub fn fault(source: &[u8]) -> Option<(u32, String)> {
    let outline = parse::outline(source);
    let lines = Lines::new(source, &outline);
    let at = match (&outline.fault, outline.heredocs.first()) {
        (Some(fault), _) => fault.at,
        (None, Some(doc)) => doc.operator,
        (None, None) => return None,
    };
    let line = u32::try_from(lines.line_of(at) + 1).unwrap_or(u32::MAX);
    Some((line, describe(&outline, &lines, usize::MAX)))
}

/// Looks for the one repair of a script's structure.
///
/// `hint_line` (1-based) is the line a shell reported: a fault lies there or before it.
/// Never panics, whatever the bytes.
#[must_use]
pub fn repair(source: &[u8], hint_line: Option<u32>) -> Outcome {
    if source.len() > MAX_BYTES || source.contains(&0) {
        return Outcome::Unclear {
            reason: "not a script that a person wrote".to_owned(),
            candidates: Vec::new(),
        };
    }
    let outline = parse::outline(source);
    if outline.is_clean() {
        return Outcome::Valid;
    }
    let lines = Lines::new(source, &outline);
    if let Some(line) = (0..lines.count()).find(|&l| is_conflict_marker(lines.bytes(l))) {
        let reason = format!(
            "line {} is a merge conflict's marker: a person must choose a side",
            line + 1
        );
        return Outcome::Unclear {
            reason,
            candidates: Vec::new(),
        };
    }
    let mut proposals = Vec::new();
    if let Some(fault) = &outline.fault {
        blocks::propose(&outline, &lines, fault, &mut proposals);
    }
    quotes::propose(&outline, &lines, outline.fault.as_ref(), &mut proposals);
    words::propose(&outline, &lines, outline.fault.as_ref(), &mut proposals);
    let mut candidates = prove(source, &outline, proposals);
    if let Some(hint) = hint_line {
        demote_after(&mut candidates, &lines, hint as usize);
    }
    candidates.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    candidates.truncate(SHOWN);
    let lead = match candidates.as_slice() {
        [] => None,
        [only] => Some(only.probability),
        [best, second, ..] => (best.probability - second.probability >= LEAD).then_some(best.probability),
    };
    if lead.is_some_and(|p| p >= CLEAR) {
        let best = candidates.remove(0);
        return Outcome::Repaired {
            best,
            runners_up: candidates,
        };
    }
    Outcome::Unclear {
        reason: describe(&outline, &lines, candidates.len()),
        candidates,
    }
}

/// The proposals after which the script is sound, once each.
fn prove(source: &[u8], before: &Outline, proposals: Vec<Proposal>) -> Vec<Candidate> {
    let mut proven: Vec<(Vec<u8>, Candidate)> = Vec::new();
    let mut least = usize::MAX;
    let mut swallowing: Vec<(Vec<u8>, usize)> = Vec::new();
    for proposal in proposals {
        if !ordered(&proposal.edits, source.len()) {
            continue;
        }
        let text = apply(source, &proposal.edits);
        let after = parse::outline(&text);
        let sound = after.fault.is_none()
            && after.brackets.len() <= before.brackets.len()
            && after.heredocs.len() <= before.heredocs.len()
            && (before.fault.is_some()
                || after.brackets.len() + after.heredocs.len() < before.brackets.len() + before.heredocs.len());
        if !sound {
            continue;
        }
        if let Shape::Quote { line } = proposal.shape {
            let grown = proposal.edits.iter().map(|e| e.replacement.len()).sum::<usize>();
            if !quotes::plausible(&after, &text, line.0..line.1 + grown) {
                continue;
            }
        }
        let over = quotes::running_over(&after, &text);
        least = least.min(over);
        swallowing.push((text.clone(), over));
        let Proposal {
            edits,
            probability,
            kind,
            description,
            ..
        } = proposal;
        let candidate = Candidate {
            edits,
            probability,
            kind,
            description,
        };
        match proven.iter_mut().find(|(t, _)| *t == text) {
            Some((_, known)) if known.probability < candidate.probability => *known = candidate,
            Some(_) => {}
            None => proven.push((text, candidate)),
        }
    }
    for (text, candidate) in &mut proven {
        if swallowing.iter().any(|(t, over)| t == text && *over > least) {
            candidate.probability *= 0.5;
        }
    }
    // A word that was meant to be the missing keyword explains the fault better than a lost line.
    if proven.iter().any(|(_, c)| explains(&c.kind)) {
        proven
            .iter_mut()
            .filter(|(_, c)| !explains(&c.kind))
            .for_each(|(_, c)| c.probability *= 0.7);
    }
    // The only place that parses and reads well is clear even where no habit speaks for it.
    let mut likely: Vec<&mut Candidate> = proven
        .iter_mut()
        .map(|(_, c)| c)
        .filter(|c| c.probability >= 0.6)
        .collect();
    if let [only] = likely.as_mut_slice()
        && matches!(only.kind.as_str(), "missing-quote" | "missing-closer")
    {
        only.probability = only.probability.max(0.9);
    }
    proven.into_iter().map(|(_, candidate)| candidate).collect()
}

fn explains(kind: &str) -> bool {
    matches!(
        kind,
        "misspelt-keyword" | "else-if" | "apostrophe" | "heredoc-end" | "test-brackets"
    )
}

fn demote_after(candidates: &mut [Candidate], lines: &Lines<'_>, hint: usize) {
    for candidate in candidates {
        let first = candidate.edits.first().map_or(0, |e| e.range.start);
        let quoted = matches!(
            candidate.kind.as_str(),
            "missing-quote" | "missing-closer" | "heredoc-end" | "apostrophe"
        );
        if !quoted && lines.line_of(first) > hint {
            candidate.probability *= 0.7;
        }
    }
}

fn ordered(edits: &[Edit], len: usize) -> bool {
    edits.windows(2).all(|w| w[0].range.end <= w[1].range.start)
        && edits.iter().all(|e| e.range.start <= e.range.end && e.range.end <= len)
        && !edits.is_empty()
}

fn apply(source: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut text = source.to_vec();
    for edit in edits.iter().rev() {
        text.splice(edit.range.clone(), edit.replacement.bytes());
    }
    text
}

fn is_conflict_marker(line: &[u8]) -> bool {
    line.starts_with(b"<<<<<<< ") || line.starts_with(b">>>>>>> ") || line == b"======="
}

/// What is wrong, in a sentence.
fn describe(outline: &Outline, lines: &Lines<'_>, places: usize) -> String {
    let choice = match places {
        0 => "no single change makes the script parse",
        1 => "one change would make it parse, but nothing shows that it is what was meant",
        usize::MAX => "the script does not parse",
        _ => "several places are equally likely",
    };
    let Some(fault) = &outline.fault else {
        return choice.to_owned();
    };
    let line = lines.line_of(fault.at) + 1;
    let open = fault.open.last().map(|&i| &outline.frames[i]);
    let what = match (&fault.stop, open) {
        (Stop::TooDeep, _) => format!("nested too deeply at line {line}"),
        (Stop::Eof, Some(frame)) => {
            let opened = lines.line_of(frame.start) + 1;
            let mark = frame
                .kind
                .closing_word()
                .or(frame.kind.closing_mark())
                .unwrap_or("its end")
                .trim();
            format!("what line {opened} opens is never closed (`{mark}`)")
        }
        (Stop::Unexpected(token), _) => format!("`{token}` in line {line} cannot stand there"),
        (Stop::EmptyBody, _) => format!("the body that ends in line {line} has no command"),
        (Stop::Pattern, _) => format!("line {line} is no pattern of the `case` it stands in"),
        (Stop::NoDo, _) => format!("the loop's head in line {line} has no `do`"),
        (Stop::NoFunctionBody, _) => format!("the function's head in line {line} has no body"),
        (Stop::Eof, None) => "the script ends in the middle of a command".to_owned(),
    };
    format!("{what}: {choice}")
}
