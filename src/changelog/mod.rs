//! The audit trail: the specification's JSON document, its statistics, and the masking of
//! secrets in everything that heal stores or shows.
//!
//! This module must not know how errors are found or fixed: it is told, in [`Incident`]s.

mod append;
mod document;
mod incident;
mod read;
mod redact;
mod statistics;

pub use append::{Changelog, ChangelogError, SetAside};
pub use document::{Document, Metadata, VERSION, schema};
pub use incident::{Candidate, EventType, Incident, Severity, ValidationOutcome, format_timestamp};
pub use read::{Bad, Reading};
pub use redact::{MASK, RedactError, Redactor};
pub use statistics::{RuleStatistics, Statistics};

#[cfg(test)]
mod tests;
