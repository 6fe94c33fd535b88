//! The audit trail: the specification's JSON document, its statistics, and the masking of
//! secrets in everything that heal stores or shows.
//!
//! This module must not know how errors are found or fixed: it is told, in [`Incident`]s.

mod append;
mod incident;
mod redact;

pub use append::{Changelog, ChangelogError};
pub use incident::{Candidate, EventType, Incident, Severity, ValidationOutcome, format_timestamp};
pub use redact::{RedactError, Redactor};
