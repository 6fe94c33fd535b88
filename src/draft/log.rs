//! The lines of a log that name a failure and that no rule knows, while the log flows by.

use std::collections::VecDeque;
use std::sync::Arc;

use super::clusters::{Cluster, Clusters, Seen};
use super::token;
use crate::detector::normalise::normalise;
use crate::detector::{Loudness, Matcher, StreamKind, loudness, scan_all};
use crate::pack::RuleSet;

/// Lines that are kept before and after the one that is looked at.
const BEFORE: usize = 40;
const AFTER: usize = 10;
/// Within so many lines a clear message makes a vague one a part of its story.
const NEAR: usize = 10;
/// Most bytes of one line, and of a failure with its surroundings.
const LINE: usize = 2_048;
const SURROUNDINGS: usize = 16_384;

/// A failure that no rule knows, with the lines around it.
#[derive(Debug, Clone)]
pub struct Unknown {
    /// The lines, normalised.
    pub lines: Vec<String>,
    /// Which of them names the failure.
    pub at: usize,
}

/// See the module.
#[derive(Debug)]
pub struct Log<'r> {
    rules: &'r RuleSet,
    matcher: Arc<Matcher>,
    /// The lines from `BEFORE` before the one to be decided to the last one read.
    window: VecDeque<(String, Option<Loudness>)>,
    /// Lines in the window before the one to be decided.
    behind: usize,
    /// The number of the line that is decided next.
    number: u64,
    partial: Vec<u8>,
    clusters: Clusters,
    unknown: Vec<Unknown>,
    /// Ids of rules that knew a failure, with the last line each.
    pub known: std::collections::BTreeMap<String, u64>,
    wanted: Option<u64>,
    found: Option<Unknown>,
}

impl<'r> Log<'r> {
    /// Of a log in which these rules are asked. `line`: this line counts as a failure whatever it says.
    #[must_use]
    pub fn new(rules: &'r RuleSet, line: Option<u64>) -> Self {
        Self {
            rules,
            matcher: Arc::new(Matcher::new(rules)),
            window: VecDeque::new(),
            behind: 0,
            number: 1,
            partial: Vec::new(),
            clusters: Clusters::default(),
            unknown: Vec::new(),
            known: std::collections::BTreeMap::new(),
            wanted: line,
            found: None,
        }
    }

    /// Takes the next bytes, cut anywhere. `hide` masks what must not be kept.
    pub fn feed(&mut self, bytes: &[u8], hide: &dyn Fn(&str) -> String) {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            let room = LINE.saturating_sub(self.partial.len());
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            self.partial.extend_from_slice(&text[..text.len().min(room)]);
            if piece.ends_with(b"\n") {
                self.line(hide);
            }
        }
    }

    fn line(&mut self, hide: &dyn Fn(&str) -> String) {
        let raw = std::mem::take(&mut self.partial);
        let text = String::from_utf8_lossy(&normalise(&raw).text).trim_end().to_owned();
        let text: String = text.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        let loud = loudness(token::message(&text));
        // Masking costs more than looking, and only what fails is kept.
        self.window.push_back((hide(&text), loud));
        while self.window.len() > self.behind + AFTER {
            self.decide();
        }
    }

    /// Decides the oldest line that was not.
    fn decide(&mut self) {
        let (text, loud) = &self.window[self.behind];
        let wanted = self.wanted == Some(self.number);
        let quiet = match loud {
            _ if wanted => false,
            Some(Loudness::Clear) => false,
            // A heading, whose story comes below it.
            Some(Loudness::Vague) if text.trim_end().ends_with(':') => true,
            Some(Loudness::Vague) => {
                let low = self.behind.saturating_sub(NEAR);
                self.window.range(low..).any(|(_, l)| *l == Some(Loudness::Clear))
            }
            None => true,
        };
        if !quiet {
            let text = text.clone();
            let seen = Seen {
                line: Some(self.number),
                time: token::time(&text).map(str::to_owned),
            };
            if wanted {
                self.found = Some(self.around());
            }
            let mark = self.unknown.len();
            if self.clusters.add(&text, seen, mark) {
                let around = self.around();
                self.unknown.push(around);
            }
        }
        self.number += 1;
        if self.behind < BEFORE {
            self.behind += 1;
        } else {
            self.window.pop_front();
        }
    }

    /// The line to be decided with what is around it.
    fn around(&self) -> Unknown {
        let mut low = self.behind;
        let mut bytes = self.window[low].0.len();
        while low > 0 && bytes + self.window[low - 1].0.len() < SURROUNDINGS / 2 {
            low -= 1;
            bytes += self.window[low].0.len();
        }
        let mut high = self.behind + 1;
        while high < self.window.len() && bytes + self.window[high].0.len() < SURROUNDINGS {
            bytes += self.window[high].0.len();
            high += 1;
        }
        Unknown {
            lines: self.window.range(low..high).map(|(text, _)| text.clone()).collect(),
            at: self.behind - low,
        }
    }

    /// The end: failures that no rule knows, the most frequent first, with their surroundings.
    #[must_use]
    pub fn finish(mut self, hide: &dyn Fn(&str) -> String) -> Failures {
        if !self.partial.is_empty() {
            self.line(hide);
        }
        while self.window.len() > self.behind {
            self.decide();
        }
        let last = (0..self.behind).rev().find(|k| !self.window[*k].0.trim().is_empty());
        let last = last.map(|k| {
            let number = self.number - (self.behind - k) as u64;
            self.behind = k;
            (number, self.around())
        });
        let (rules, matcher) = (self.rules, self.matcher);
        let mut known = self.known;
        let mut all = Vec::new();
        let beyond = self.clusters.beyond;
        for cluster in self.clusters.most_frequent() {
            let unknown = &self.unknown[cluster.mark];
            match rule_of(rules, &matcher, unknown) {
                Some(id) => {
                    known.insert(id, cluster.last.line.unwrap_or(0));
                }
                None => all.push((cluster, unknown.clone())),
            }
        }
        let last = last.filter(|(_, unknown)| rule_of(rules, &matcher, unknown).is_none());
        Failures {
            unknown: all,
            known,
            beyond,
            last,
            wanted: self.found,
        }
    }
}

/// What a log held.
#[derive(Debug)]
pub struct Failures {
    /// Groups that no rule knows, the most frequent first.
    pub unknown: Vec<(Cluster, Unknown)>,
    /// Rules that know others, with the last line of each.
    pub known: std::collections::BTreeMap<String, u64>,
    /// Lines that belong to no group that was kept.
    pub beyond: u64,
    /// The last line that says anything at all, where no rule knows it.
    pub last: Option<(u64, Unknown)>,
    /// The line that was asked for.
    pub wanted: Option<Unknown>,
}

/// The rule that knows a line, in the light of those around it. Rules for want of a better one do
/// not count.
fn rule_of(rules: &RuleSet, matcher: &Arc<Matcher>, unknown: &Unknown) -> Option<String> {
    let text = unknown.lines.join("\n") + "\n";
    let line = unknown.at as u64 + 1;
    let scan = scan_all(matcher, StreamKind::Both, text.as_bytes());
    scan.hits
        .iter()
        .filter(|hit| hit.lines.0 <= line && line <= hit.lines.1)
        .filter_map(|hit| rules.rules.get(hit.rule))
        .find(|rule| !rule.rule.fallback)
        .map(|rule| rule.id.clone())
}
