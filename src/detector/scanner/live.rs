//! Scanning a log that grows: what was found so far can be taken at any time, and silence decides
//! what would otherwise wait for the next line.

use super::{Collected, Scan, Scanner, Totals, Upto, likely};

/// Lines before the first match that are kept as its surroundings.
const AROUND: u64 = 60;

impl Scanner {
    /// Nothing came for a while: complete lines that wait for what might go on with them are
    /// decided. A last line without its newline still waits.
    pub fn settle(&mut self) {
        for stream in &mut self.streams {
            stream.advance(&self.matcher, self.options.head, Upto::Complete, &mut self.found);
        }
    }

    /// Nothing more will come soon: reports and rules of several lines that are under way end, those
    /// with all required steps as matches.
    pub fn pause(&mut self) {
        self.settle();
        for stream in &mut self.streams {
            stream.end(&self.matcher, &mut self.found);
        }
    }

    /// The end of all streams, a last line without its newline too: everything that is left.
    pub fn close(&mut self) -> Scan {
        for stream in &mut self.streams {
            stream.advance(&self.matcher, self.options.head, Upto::End, &mut self.found);
            stream.end(&self.matcher, &mut self.found);
        }
        self.take()
    }

    /// Whether a report or rule of several lines has begun and not ended.
    #[must_use]
    pub fn under_way(&self) -> bool {
        self.streams.iter().any(|s| !s.active.is_empty())
    }

    /// Whether something was found that was not taken yet.
    #[must_use]
    pub fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// Lines that were decided, of all streams.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.streams.iter().map(|s| s.number - 1).sum()
    }

    /// Takes what was found since the last time, with the lines around it; scanning goes on.
    pub fn take(&mut self) -> Scan {
        let limit = self.options.hits_per_rule;
        let found = std::mem::replace(&mut self.found, Collected::new(limit));
        let totals = Totals {
            bytes: self.fed,
            lines: self.lines(),
            hits: found.total(),
            cut: self.streams.iter().map(|s| s.buffer.cut).sum(),
        };
        let (hits, reports) = found.sorted();
        let first = |kind| {
            let of_hits = hits.iter().filter(|h| h.stream == kind).map(|h| h.lines.0);
            let of_reports = reports.iter().filter(|r| r.stream == kind).map(|r| r.lines.0);
            of_hits.chain(of_reports).min().unwrap_or(u64::MAX)
        };
        let mut tail = Vec::new();
        for stream in &self.streams {
            let low = first(stream.kind).saturating_sub(AROUND);
            tail.extend(
                stream
                    .tail(self.options.tail)
                    .into_iter()
                    .filter(|line| line.number >= low),
            );
        }
        tail.sort_by_key(|l| l.at);
        tail.drain(..tail.len().saturating_sub(self.options.tail));
        Scan {
            likely: likely(&tail).cloned(),
            hits,
            reports,
            tail,
            head: Vec::new(),
            totals,
        }
    }
}
