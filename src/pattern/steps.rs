//! The step machine.
use std::collections::BTreeMap;

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepSpec {
    /// May be missing.
    pub optional: bool,
    /// The last occurrence counts, not the first.
    pub keep_last: bool,
    /// Every occurrence is a frame.
    pub repeat: bool,
    /// At most this many lines after the step before.
    pub after: Option<u32>,
    /// Has an `until`.
    pub until: bool,
}

/// Steps in order, bounded by a window.
#[derive(Debug, Clone, Default)]
pub struct StepProgram {
    /// The steps.
    pub steps: Vec<StepSpec>,
    /// At most this many lines from the first to the last.
    pub within: u32,
}

/// A line that fulfils a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepLine {
    /// First and last raw line, 1-based.
    pub lines: (u64, u64),
    /// Named groups.
    pub captures: BTreeMap<String, String>,
}

/// A finished match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepMatch {
    /// First and last line.
    pub lines: (u64, u64),
}

/// Runs a program over lines.
#[derive(Debug, Clone, Default)]
pub struct StepMachine {}
