//! The analyzer: from an error that was seen to its likely causes, each with a confidence that can
//! be read and the fixes that would cure it, everything filled in.
//!
//! It reads the project and may ask read-only probes; it changes nothing and decides nothing.

mod action;
mod condition;
mod context;
mod derive;
mod manifest;
mod names;
mod render;
mod target;
mod verdict;
mod wanted;

pub use action::{Action, Edit, EditChange, RangeEdit, Retry, parse_duration, shell_line};
pub use condition::{Outcome, describe, holds};
pub use context::{Context, NoProbes, ProbeOutput, Probes};
pub use manifest::{Declared, declared};
pub use verdict::{Analysis, CauseVerdict, EvidenceVerdict, Suggestion, analyze, analyze_rule};
