//! What each rule costs on an output: the time that its regexes take, on how many lines they are asked,
//! and how often the rule matches.
//!
//! Hits are those of the scanner itself. Time is measured on the same lines with the same regexes, by
//! a pass of its own, so that scanning pays nothing for being measurable.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::matcher::{Matcher, Owner};
use super::normalise::normalise;
use super::scan::{ScanOptions, StreamKind};
use super::scanner::Scanner;

/// Longest line that is measured, in bytes: the scanner's cap.
const LINE: usize = 64 << 10;

/// Bytes that are scanned before hits are counted.
const PIECE: usize = 64 << 10;

/// What one rule costs.
#[derive(Debug, Clone, Default)]
pub struct Cost {
    /// Time that its regexes took.
    pub time: Duration,
    /// Lines on which one of its regexes was asked.
    pub candidates: u64,
    /// Matches of the rule.
    pub hits: u64,
    /// It has a regex without a literal, which is asked on every line.
    pub every_line: bool,
}

/// What all rules cost.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// By the index of the rule.
    pub rules: Vec<Cost>,
    /// Time of the scan as it is done while healing.
    pub scan: Duration,
    /// Lines of the output.
    pub lines: u64,
    /// Its bytes.
    pub bytes: u64,
}

/// Measures while an output flows by.
#[derive(Debug)]
pub struct Profiler {
    matcher: Arc<Matcher>,
    scanner: Scanner,
    /// By pattern: the rules that use it.
    users: Vec<Vec<usize>>,
    /// Patterns without literals.
    always: Vec<u32>,
    partial: Vec<u8>,
    /// By rule: the last line on which it was a candidate.
    last: Vec<u64>,
    profile: Profile,
}

impl Profiler {
    /// For so many rules, which the matcher is made of.
    #[must_use]
    pub fn new(matcher: Arc<Matcher>, rules: usize) -> Self {
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); matcher.patterns.len()];
        for single in &matcher.singles {
            users[single.pattern].push(single.rule);
        }
        for program in &matcher.programs {
            if let Owner::Rule(rule) = program.owner {
                for &pattern in &program.patterns {
                    if !users[pattern].contains(&rule) {
                        users[pattern].push(rule);
                    }
                }
            }
        }
        let mut profile = Profile {
            rules: vec![Cost::default(); rules],
            ..Profile::default()
        };
        for rule in matcher.without_literals() {
            if let Some(cost) = profile.rules.get_mut(rule) {
                cost.every_line = true;
            }
        }
        // A later step without literals is asked only while its rule is under way.
        let always = matcher.always_singles.iter().map(|&s| matcher.singles[s].pattern);
        let steps = matcher.always_programs.iter().flat_map(|&p| {
            let program = &matcher.programs[p];
            program.steps.starters().map(|s| program.patterns[s])
        });
        let mut always: Vec<u32> = always
            .chain(steps)
            .filter(|&p| !matcher.selective[p])
            .filter_map(|p| u32::try_from(p).ok())
            .collect();
        always.sort_unstable();
        always.dedup();
        Self {
            // Hits are taken after each piece, so all of them can be counted.
            scanner: Scanner::new(
                Arc::clone(&matcher),
                ScanOptions {
                    hits_per_rule: PIECE,
                    ..ScanOptions::default()
                },
            ),
            last: vec![0; rules],
            partial: Vec::new(),
            matcher,
            users,
            always,
            profile,
        }
    }

    /// Takes the next bytes, cut anywhere.
    pub fn feed(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(PIECE) {
            let begun = Instant::now();
            self.scanner.feed(StreamKind::Both, piece);
            self.profile.scan += begun.elapsed();
            self.count();
        }
        self.profile.bytes += bytes.len() as u64;
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            let room = LINE.saturating_sub(self.partial.len());
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            self.partial.extend_from_slice(&text[..text.len().min(room)]);
            if piece.ends_with(b"\n") {
                self.line();
            }
        }
    }

    /// What was measured.
    #[must_use]
    pub fn finish(mut self) -> Profile {
        if !self.partial.is_empty() {
            self.line();
        }
        let begun = Instant::now();
        let scan = self.scanner.close();
        self.profile.scan += begun.elapsed();
        self.add(&scan);
        self.profile
    }

    fn count(&mut self) {
        if self.scanner.has_found() {
            let scan = self.scanner.take();
            self.add(&scan);
        }
    }

    fn add(&mut self, scan: &super::scan::Scan) {
        for hit in &scan.hits {
            self.profile.rules[hit.rule].hits += 1;
        }
    }

    fn line(&mut self) {
        self.profile.lines += 1;
        let line = normalise(&self.partial);
        self.partial.clear();
        let mut asked = self.matcher.candidates(&line.text);
        asked.extend(&self.always);
        for pattern in asked {
            let pattern = pattern as usize;
            let begun = Instant::now();
            let found = self.matcher.patterns[pattern].all(&line.text, 1);
            let took = begun.elapsed();
            drop(found);
            for &rule in &self.users[pattern] {
                let cost = &mut self.profile.rules[rule];
                cost.time += took;
                if self.last[rule] != self.profile.lines {
                    self.last[rule] = self.profile.lines;
                    cost.candidates += 1;
                }
            }
        }
    }
}
