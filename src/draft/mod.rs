//! From failures that no rule knows to rules: which lines of a log nobody recognises, grouped by what
//! they have in common, and a rule drafted from one of them.
//!
//! Works on text alone; it neither reads files nor prints. What a draft cannot know is marked as a
//! blank ([`BLANK`]), which `heal check --rules` finds.

mod clusters;
#[expect(clippy::module_inception, reason = "the one file that drafts")]
mod draft;
mod log;
mod names;
mod pattern;
mod token;
mod write;

pub use clusters::{Cluster, Clusters, Seen};
pub use draft::{Draft, Question, draft};
pub use log::{Failures, Log, Unknown};

/// How a blank begins that a person has to fill in; it ends with `]]`.
pub const BLANK: &str = "[[FILL IN";
