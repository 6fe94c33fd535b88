//! Whether every match of a regex contains one of some literals.
//!
//! Answered exactly (but for assertions such as `^` and `\b`, which are taken to hold anywhere):
//! the regex is walked with the set of states in which an automaton that looks for the literals can
//! be. If every state that is left at the end has found one, each match contains one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use regex_syntax::hir::{Class, Hir, HirKind};
use regex_syntax::utf8::Utf8Sequences;

use super::literals::parse;

/// Rounds after which a repetition's states are taken to be complete; there are never more states
/// than bytes in the literals, and each round that matters adds one.
const MOST_STATES: usize = 4096;

/// Whether every match of the regex contains this literal.
#[must_use]
pub fn implies(regex: &str, literal: &str) -> bool {
    implies_any(regex, &[literal])
}

/// Whether every match of the regex contains at least one of these literals. False where the regex
/// does not parse or the literals are too many to tell.
#[must_use]
pub fn implies_any(regex: &str, literals: &[&str]) -> bool {
    if literals.iter().any(|l| l.is_empty()) {
        return true;
    }
    if literals.iter().map(|l| l.len()).sum::<usize>() > MOST_STATES {
        return false;
    }
    let Some(hir) = parse(regex) else {
        return false;
    };
    let automaton = Automaton::new(literals);
    let ends = automaton.run(&hir, &BTreeSet::from([0]));
    !ends.is_empty() && ends.iter().all(|&s| s == Automaton::FOUND)
}

type States = BTreeSet<usize>;

/// States are prefixes of the literals.
struct Automaton {
    /// By state: the next state for each byte that leads anywhere but to what `fail` says.
    next: Vec<BTreeMap<u8, usize>>,
    fail: Vec<usize>,
    found: Vec<bool>,
    /// Bytes that occur in the literals; all others lead to the start.
    bytes: BTreeSet<u8>,
}

impl Automaton {
    /// The one state from which nothing leads away.
    const FOUND: usize = usize::MAX;

    fn new(literals: &[&str]) -> Self {
        let mut a = Self {
            next: vec![BTreeMap::new()],
            fail: vec![0],
            found: vec![false],
            bytes: literals.iter().flat_map(|l| l.bytes()).collect(),
        };
        for literal in literals {
            let mut state = 0;
            for byte in literal.bytes() {
                state = match a.next[state].get(&byte) {
                    Some(&s) => s,
                    None => {
                        let fresh = a.next.len();
                        a.next.push(BTreeMap::new());
                        a.fail.push(0);
                        a.found.push(false);
                        a.next[state].insert(byte, fresh);
                        fresh
                    }
                };
            }
            a.found[state] = true;
        }
        let mut queue: VecDeque<usize> = a.next[0].values().copied().collect();
        while let Some(state) = queue.pop_front() {
            a.found[state] |= a.found[a.fail[state]];
            for (byte, child) in a.next[state].clone() {
                a.fail[child] = a.step_raw(a.fail[state], byte);
                queue.push_back(child);
            }
        }
        a
    }

    fn step_raw(&self, mut state: usize, byte: u8) -> usize {
        loop {
            if let Some(&s) = self.next[state].get(&byte) {
                return s;
            }
            if state == 0 {
                return 0;
            }
            state = self.fail[state];
        }
    }

    fn step(&self, state: usize, byte: u8) -> usize {
        if state == Self::FOUND {
            return state;
        }
        let next = self.step_raw(state, byte);
        if self.found[next] { Self::FOUND } else { next }
    }

    fn range(&self, from: &States, low: u8, high: u8) -> States {
        let mut to = States::new();
        for &state in from {
            if state == Self::FOUND {
                to.insert(state);
                continue;
            }
            let known = self.bytes.range(low..=high);
            let mut count = 0;
            for &byte in known {
                to.insert(self.step(state, byte));
                count += 1;
            }
            if count < usize::from(high) - usize::from(low) + 1 {
                to.insert(0);
            }
        }
        to
    }

    fn run(&self, hir: &Hir, from: &States) -> States {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => from.clone(),
            HirKind::Literal(l) => l.0.iter().fold(from.clone(), |states, &byte| {
                states.iter().map(|&s| self.step(s, byte)).collect()
            }),
            HirKind::Class(Class::Bytes(c)) => c
                .ranges()
                .iter()
                .flat_map(|r| self.range(from, r.start(), r.end()))
                .collect(),
            HirKind::Class(Class::Unicode(c)) => {
                let mut to = States::new();
                for r in c.ranges() {
                    for sequence in Utf8Sequences::new(r.start(), r.end()) {
                        to.extend(
                            sequence
                                .as_slice()
                                .iter()
                                .fold(from.clone(), |states, b| self.range(&states, b.start, b.end)),
                        );
                    }
                }
                to
            }
            HirKind::Capture(c) => self.run(&c.sub, from),
            HirKind::Concat(parts) => parts.iter().fold(from.clone(), |states, part| self.run(part, &states)),
            HirKind::Alternation(parts) => parts.iter().flat_map(|part| self.run(part, from)).collect(),
            HirKind::Repetition(r) => self.repeat(r, from),
        }
    }

    fn repeat(&self, r: &regex_syntax::hir::Repetition, from: &States) -> States {
        let mut states = from.clone();
        for _ in 0..r.min {
            let next = self.run(&r.sub, &states);
            if next == states {
                break;
            }
            states = next;
        }
        let more = r.max.map_or(u32::MAX, |max| max - r.min);
        let mut all = states.clone();
        for _ in 0..more {
            states = self.run(&r.sub, &states);
            let before = all.len();
            all.extend(&states);
            if all.len() == before {
                break;
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_literal_that_hides_a_match_is_seen() {
        assert!(implies("Permission denied", "denied"));
        assert!(implies(r"a(?:b|c)d: x", "d: "));
        assert!(!implies(r"(?:Permission|Access) denied", "Permission"));
        assert!(implies_any(r"(?:Permission|Access) denied", &["Permission", "Access"]));
        assert!(!implies(r"(?i)denied", "denied"));
        assert!(!implies(r"x(?:denied)*", "denied"));
        assert!(implies(r"x(?:denied)+", "denied"));
        assert!(implies(r"ab{3}c", "bbb"));
        assert!(!implies(r"ab{2,3}c", "bbb"));
        assert!(implies(r"[aä]+ \w+: no", " "));
        assert!(!implies(r"\w+", "_"));
        assert!(implies("aaab", "aab"));
    }
}
