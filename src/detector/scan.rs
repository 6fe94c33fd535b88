//! What comes out of scanning a command's output.

use std::collections::BTreeMap;

/// The child's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamKind {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Both, as a pty or a captured log has them: rules for either stream apply.
    Both,
}

/// Limits of a scan.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// Hits kept for each rule (the first half and the last half).
    pub hits_per_rule: usize,
    /// Last lines kept.
    pub tail: usize,
    /// First lines kept.
    pub head: usize,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            hits_per_rule: 200,
            tail: 400,
            head: 100,
        }
    }
}

/// A rule's match.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Index into `RuleSet::rules`.
    pub rule: usize,
    /// Named groups.
    pub captures: BTreeMap<String, String>,
    /// Where.
    pub stream: StreamKind,
    /// First and last raw line of the match, 1-based.
    pub lines: (u64, u64),
    /// The line that decided: the match's own line, or that of the last required step.
    pub anchor: u64,
    /// When it arrived: bytes of both streams up to the end of the deciding line.
    pub at: u64,
    /// Bytes of the raw stream from the start of the match to its end.
    pub span: (u64, u64),
    /// The matched lines, without control sequences, bounded.
    pub excerpt: String,
    /// The deciding line, normalised and bounded.
    pub message: String,
    /// How particular the rule is: fixed characters of its patterns, and its steps.
    pub specificity: u32,
}

/// A place in a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Frame {
    /// The file as the tool wrote it.
    pub file: String,
    /// The line, 1-based.
    pub line: Option<u32>,
    /// The column, 1-based.
    pub column: Option<u32>,
    /// The function or block.
    pub function: Option<String>,
    /// The source line as the tool showed it.
    pub source: Option<String>,
}

/// An environment's report of an error, over several lines.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportHit {
    /// The environment.
    pub environment: String,
    /// Which of its reports.
    pub report: usize,
    /// Places, in the order of the output.
    pub frames: Vec<Frame>,
    /// Group `message`, or the last line.
    pub message: String,
    /// All named groups; of repeated steps the last.
    pub captures: BTreeMap<String, String>,
    /// Where.
    pub stream: StreamKind,
    /// First and last raw line, 1-based.
    pub lines: (u64, u64),
    /// Line of the last required step.
    pub anchor: u64,
    /// When it arrived.
    pub at: u64,
    /// Its lines, bounded.
    pub excerpt: String,
    /// The lines just before it (at most three, normalised): what links it to an earlier report.
    pub before: Vec<String>,
}

/// A line kept for people and for `in_output`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLine {
    /// Where.
    pub stream: StreamKind,
    /// Raw line number, 1-based.
    pub number: u64,
    /// When it arrived.
    pub at: u64,
    /// Normalised text, lossy and bounded.
    pub text: String,
}

/// Counts of a scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes of both streams.
    pub bytes: u64,
    /// Lines of both streams; a last one without a newline counts.
    pub lines: u64,
    /// All hits, those not kept too.
    pub hits: u64,
    /// Lines that were longer than the cap and cut.
    pub cut: u64,
}

/// What was found in an output.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scan {
    /// Rules' matches, in the order they arrived.
    pub hits: Vec<Hit>,
    /// Environments' reports, in the order they arrived.
    pub reports: Vec<ReportHit>,
    /// The last lines of both streams, in the order they arrived.
    pub tail: Vec<KeptLine>,
    /// The first lines.
    pub head: Vec<KeptLine>,
    /// The line that most probably names the failure, for when no rule matched.
    pub likely: Option<KeptLine>,
    /// Counts.
    pub totals: Totals,
}

impl Scan {
    /// The text of the kept lines, head and tail, each once.
    #[must_use]
    pub fn kept(&self) -> Vec<String> {
        let last_head = self.head.last().map(|l| l.at);
        let tail = self.tail.iter().filter(|l| last_head.is_none_or(|at| l.at > at));
        self.head.iter().chain(tail).map(|l| l.text.clone()).collect()
    }
}
