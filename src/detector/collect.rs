//! Hits and reports of a scan, bounded, and what a report's lines say about places.

use std::collections::HashMap;

use super::keep::Keep;
use super::scan::{Frame, Hit, ReportHit};
use crate::pattern::StepMatch;

/// Hits so far, bounded for each rule.
#[derive(Debug, Default)]
pub struct Collected {
    limit: usize,
    hits: HashMap<usize, Keep<Hit>>,
    reports: HashMap<(String, usize), Keep<ReportHit>>,
    total: u64,
}

impl Collected {
    /// An empty store for so many hits of each rule.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Hits so far, those not kept too.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty() && self.reports.is_empty()
    }

    /// Adds a rule's hit.
    pub fn hit(&mut self, hit: Hit) {
        self.total += 1;
        let limit = self.limit;
        self.hits.entry(hit.rule).or_insert_with(|| Keep::new(limit)).push(hit);
    }

    /// Adds a report.
    pub fn report(&mut self, report: ReportHit) {
        let limit = self.limit;
        self.reports
            .entry((report.environment.clone(), report.report))
            .or_insert_with(|| Keep::new(limit))
            .push(report);
    }

    /// All that was kept, in the order it arrived.
    #[must_use]
    pub fn sorted(self) -> (Vec<Hit>, Vec<ReportHit>) {
        let mut hits: Vec<Hit> = self.hits.into_values().flat_map(Keep::into_all).collect();
        hits.sort_by_key(|h| (h.at, h.lines, h.rule));
        let mut reports: Vec<ReportHit> = self.reports.into_values().flat_map(Keep::into_all).collect();
        reports
            .sort_by(|a, b| (a.at, a.lines, &a.environment, a.report).cmp(&(b.at, b.lines, &b.environment, b.report)));
        (hits, reports)
    }
}

/// The places that a report's lines name: each line with a group `file` begins one, lines after it
/// fill in what it lacks.
#[must_use]
pub fn frames(done: &StepMatch) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for (_, line) in &done.lines {
        let text = |name: &str| line.captures.get(name).filter(|t| !t.is_empty()).cloned();
        let number = |name: &str| text(name).and_then(|t| t.parse().ok());
        let this = Frame {
            file: text("file").unwrap_or_default(),
            line: number("line"),
            column: number("column"),
            function: text("function"),
            source: text("source").map(|s| s.trim().to_owned()),
        };
        if !this.file.is_empty() {
            frames.push(this);
        } else if let Some(frame) = frames.last_mut() {
            frame.line = frame.line.or(this.line);
            frame.column = frame.column.or(this.column);
            frame.function = frame.function.take().or(this.function);
            frame.source = frame.source.take().or(this.source);
        }
    }
    frames
}
