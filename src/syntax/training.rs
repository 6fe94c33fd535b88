//! What the trainer of the ranking needs to see of a search; not for repairing.

use super::{PyVersion, decode, judge, search};
use std::time::{Duration, Instant};

/// One proposal for the first fault of a text that removes that fault.
#[derive(Debug, Clone)]
pub struct Step {
    /// Hashed features.
    pub features: Vec<u32>,
    /// Rule of thumb, thousandths of a nat.
    pub prior: i32,
    /// Rule of thumb and weights together, thousandths of a nat.
    pub score: i64,
    /// The text after the proposal.
    pub text: String,
    /// Where the next fault is; `None` when the whole text parses.
    pub next: Option<usize>,
    /// Features of "none of the proposals is meant" if this proposal were the best.
    pub none: Vec<u32>,
    /// Name and place of what was done, for people.
    pub name: String,
}

/// The proposals for the first fault that remove it, likeliest first.
pub fn steps(text: &str, target: PyVersion) -> Vec<Step> {
    let Ok(decoded) = decode::decode(text.as_bytes()) else {
        return Vec::new();
    };
    let version = target.into();
    let faults = judge::faults(&decoded.text, version);
    if faults.is_empty() {
        return Vec::new();
    }
    let mut trace = Vec::new();
    let mut search = search::Search {
        version,
        deadline: Instant::now() + Duration::from_secs(20),
        hint: None,
        trace: Some(&mut trace),
    };
    search.run(&decoded.text, faults);
    trace
}
