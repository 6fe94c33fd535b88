//! One log's scanner: feeds it what grows, and says when what it found is worth looking at.
//!
//! Found things wait a moment for what belongs to them (the report around a line, the rest of a
//! paragraph), at most [`LONGEST`]; silence ends the waiting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::detector::{Scan, ScanOptions, Scanner, StreamKind};
use crate::orchestrator::Engine;

/// Silence after which a line is decided without waiting for the next.
pub const SETTLE: Duration = Duration::from_millis(200);
/// Silence after which a report of several lines is taken to be over.
pub const PAUSE: Duration = Duration::from_secs(1);
/// Longest that something found waits in a log that never pauses.
const LONGEST: Duration = Duration::from_secs(2);

/// Something found, with the rules that found it.
#[derive(Debug)]
pub struct Batch {
    /// Hits hold indices into this engine's rules.
    pub engine: Arc<Engine>,
    /// What was found.
    pub scan: Scan,
    /// Lines of the file before the scan's first, where they were counted.
    pub base: Option<u64>,
}

/// See the module.
#[derive(Debug)]
pub struct Live {
    engine: Arc<Engine>,
    scanner: Scanner,
    fed: Option<Instant>,
    /// When the lines that are not decided began to come.
    begun: Option<Instant>,
    found: Option<Instant>,
    settled: bool,
    paused: bool,
    base: Option<u64>,
}

impl Live {
    /// A scanner that begins at a line's start; `base` lines of the file come before it.
    #[must_use]
    pub fn new(engine: Arc<Engine>, base: Option<u64>) -> Self {
        let scanner = Scanner::new(Arc::clone(&engine.matcher), ScanOptions::default());
        Self {
            engine,
            scanner,
            fed: None,
            begun: None,
            found: None,
            settled: true,
            paused: true,
            base,
        }
    }

    /// Nothing was fed yet, and so many lines come before.
    pub fn rebase(&mut self, base: Option<u64>) {
        self.base = base;
    }

    /// Takes bytes, cut anywhere.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) {
        self.scanner.feed(StreamKind::Both, bytes);
        self.fed = Some(now);
        self.begun.get_or_insert(now);
        self.settled = false;
        self.paused = false;
        self.mark(now);
    }

    fn mark(&mut self, now: Instant) {
        if self.scanner.has_found() {
            self.found.get_or_insert(now);
        }
    }

    /// How long nothing came.
    #[must_use]
    pub fn quiet(&self, now: Instant) -> Duration {
        self.fed.map_or(Duration::MAX, |at| now.saturating_duration_since(at))
    }

    /// Whether everything that came is decided.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.settled && (self.paused || !self.scanner.under_way()) && !self.scanner.has_found()
    }

    /// Whether something waits for too long already.
    #[must_use]
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.begun.is_some_and(|at| now.saturating_duration_since(at) >= PAUSE)
    }

    /// What is to be looked at now.
    pub fn due(&mut self, now: Instant) -> Option<Batch> {
        let quiet = self.quiet(now);
        if !self.settled && quiet >= SETTLE {
            self.scanner.settle();
            self.settled = true;
        }
        if !self.paused && quiet >= PAUSE {
            self.scanner.pause();
            self.paused = true;
        }
        self.mark(now);
        if self.is_idle() {
            self.begun = None;
        }
        let waited = now.saturating_duration_since(self.found?);
        let complete = self.settled && (self.paused || !self.scanner.under_way());
        let long_enough = waited >= LONGEST || (waited >= PAUSE && !self.scanner.under_way());
        (complete || long_enough).then(|| self.take()).flatten()
    }

    /// Decides all complete lines now.
    pub fn pause(&mut self) -> Option<Batch> {
        self.scanner.pause();
        (self.settled, self.paused) = (true, true);
        self.take()
    }

    /// Decides everything now, a last line without its newline too. Then a new one must take over.
    pub fn close(&mut self) -> Option<Batch> {
        let scan = self.scanner.close();
        (self.settled, self.paused) = (true, true);
        self.batch(scan)
    }

    fn take(&mut self) -> Option<Batch> {
        let scan = self.scanner.take();
        self.batch(scan)
    }

    fn batch(&mut self, mut scan: Scan) -> Option<Batch> {
        self.found = None;
        if scan.hits.is_empty() && scan.reports.is_empty() {
            return None;
        }
        // A log is no failed run: a frightening line that no rule knows means nothing in it.
        scan.likely = None;
        Some(Batch {
            engine: Arc::clone(&self.engine),
            scan,
            base: self.base,
        })
    }

    /// Whether other rules are in force by now.
    #[must_use]
    pub fn is_older_than(&self, engine: &Arc<Engine>) -> bool {
        !Arc::ptr_eq(&self.engine, engine)
    }
}
