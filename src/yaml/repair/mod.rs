//! Repair of YAML that does not parse: tabs, indentation, a missing colon or space, quotes, brackets.
//!
//! A parser says where it gave up; the fault lies there or above. [`repair`] tries small changes on
//! the lines in question, keeps those after which the whole text parses, and weighs what became of
//! the lines: a key must still be a key, a list item an item. Changes that lead to the same values
//! are one repair. Where two lead to different values and neither is clearly likelier, it says
//! [`Outcome::Unclear`]. It knows YAML and no tool, reads no file and runs nothing.

mod indent;
mod judge;
mod line;
mod propose;
mod quotes;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use judge::{Reading, read};
use line::Lines;

/// Texts beyond this size are not repaired: nobody wrote them by hand.
const MAX_BYTES: usize = 256 << 10;
/// At this probability one repair stands for what the author meant …
const CLEAR: f64 = 0.8;
/// … if the next best is at least this much less likely.
const LEAD: f64 = 0.2;
/// Faults of one text that are repaired together.
const MOST_FAULTS: usize = 4;
/// Texts that are parsed before the search is given up.
const MOST_READINGS: usize = 600;
/// Half-repaired texts that are followed up in each round.
const BEAM: usize = 6;
/// Repairs shown where none is clear.
const SHOWN: usize = 4;

/// A repair after which the whole text parses.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The whole text afterwards.
    pub text: String,
    /// How likely it is what the author meant, 0 to 1.
    pub probability: f64,
    /// What it does, for people.
    pub description: String,
}

/// What [`repair`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It parses.
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
        /// Why a person must decide.
        reason: String,
        /// What would parse, likeliest first; may be empty.
        candidates: Vec<Candidate>,
    },
}

/// A change of some lines that nobody has tried yet.
#[derive(Debug, Clone, PartialEq)]
struct Proposal {
    /// Line numbers (0-based) and what they become.
    lines: Vec<(usize, String)>,
    probability: f64,
    description: String,
}

/// A text on the way to one that parses.
#[derive(Debug, Clone)]
struct State {
    text: String,
    changed: Vec<usize>,
    probability: f64,
    descriptions: Vec<String>,
    reading: Reading,
}

/// Where a text does not parse: 1-based line and column, and the parser's words.
#[must_use]
pub fn fault(source: &str) -> Option<(u32, u32, String)> {
    let fault = read(source).fault?;
    let number = |n: usize| u32::try_from(n + 1).unwrap_or(0);
    Some((number(fault.line), number(fault.column), fault.message))
}

/// Looks for a repair; `hint` is a line (1-based) that a tool named.
#[must_use]
pub fn repair(source: &str, hint: Option<u32>) -> Outcome {
    let first = read(source);
    if first.fault.is_none() {
        return Outcome::Valid;
    }
    let unclear = |reason: &str, candidates: Vec<Candidate>| Outcome::Unclear {
        reason: reason.to_owned(),
        candidates,
    };
    if source.len() > MAX_BYTES {
        return unclear("it is too large to have been written by hand", Vec::new());
    }
    if source
        .lines()
        .any(|l| l.starts_with("<<<<<<< ") || l.starts_with(">>>>>>> "))
    {
        return unclear("it holds an unresolved merge conflict", Vec::new());
    }
    let hint = hint
        .and_then(|l| usize::try_from(l).ok())
        .and_then(|l| l.checked_sub(1));
    let mut candidates = search(source, first, hint);
    candidates.sort_by(|a, b| b.0.probability.total_cmp(&a.0.probability));
    let mut seen = BTreeSet::new();
    candidates.retain(|(_, values)| seen.insert(values.clone()));
    let mut ranked = candidates.into_iter().map(|(c, _)| c);
    let Some(best) = ranked.next() else {
        return unclear("no small change makes it parse", Vec::new());
    };
    let runners_up: Vec<Candidate> = ranked.take(SHOWN - 1).collect();
    let second = runners_up.first().map_or(0.0, |c| c.probability);
    if best.probability >= CLEAR && best.probability - second >= LEAD {
        return Outcome::Repaired { best, runners_up };
    }
    let reason = if second > 0.0 && best.probability - second < LEAD {
        "several changes make it parse, with different meanings"
    } else {
        "the change that makes it parse is not clearly what was meant"
    };
    unclear(reason, std::iter::once(best).chain(runners_up).collect())
}

/// Every repair that was found, with the values that it leads to.
fn search(source: &str, first: Reading, hint: Option<usize>) -> Vec<(Candidate, String)> {
    let mut found = Vec::new();
    let mut budget = MOST_READINGS;
    let unit = Lines::of(source).unit();
    let mut beam = vec![State {
        text: source.to_owned(),
        changed: Vec::new(),
        probability: 1.0,
        descriptions: Vec::new(),
        reading: first,
    }];
    for round in 0..MOST_FAULTS {
        let mut next: Vec<State> = Vec::new();
        for state in &beam {
            let Some(fault) = &state.reading.fault else { continue };
            let lines = Lines::of(&state.text);
            let hint = hint.filter(|_| round == 0);
            for proposal in propose::all(&lines, fault, hint, &state.changed) {
                if budget == 0 {
                    return found;
                }
                budget -= 1;
                let text = lines.with(&proposal.lines);
                let reading = read(&text);
                let mut changed = state.changed.clone();
                changed.extend(proposal.lines.iter().map(|(n, _)| *n));
                let mut descriptions = state.descriptions.clone();
                descriptions.push(proposal.description);
                let probability = state.probability * proposal.probability;
                match &reading.fault {
                    None => {
                        let weight = judge::weigh(&reading, &Lines::of(&text), &changed, unit);
                        found.push((
                            Candidate {
                                text,
                                probability: probability * weight,
                                description: descriptions.join("; "),
                            },
                            reading.values,
                        ));
                    }
                    // Something else is in the way further down: a fault of its own.
                    Some(later) if later.line > fault.line => next.push(State {
                        text,
                        changed,
                        probability,
                        descriptions,
                        reading,
                    }),
                    Some(_) => {}
                }
            }
        }
        // A text that one change mends has one fault.
        if !found.is_empty() {
            break;
        }
        next.sort_by(|a, b| {
            let at = |s: &State| s.reading.fault.as_ref().map_or(usize::MAX, |f| f.line);
            b.probability.total_cmp(&a.probability).then(at(b).cmp(&at(a)))
        });
        next.dedup_by(|a, b| a.text == b.text);
        next.truncate(BEAM);
        beam = next;
    }
    found
}
