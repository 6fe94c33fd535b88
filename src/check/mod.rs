//! `heal check --rules`: everything that can be said about packs before they meet a real failure.
//!
//! Packs are read and put together as for healing, then looked at three times: each file by itself
//! (shape, names, patterns, fixes), all of them together (ids, overrides, rules that hide each
//! other), and every example through the code that heals. What is found is a list of
//! [`Diagnostic`](crate::diagnostic::Diagnostic)s; this module neither prints nor exits.

mod against;
pub mod examples;
mod fix;
mod lint;
mod packs;
mod place;
mod problem;
pub mod reference;
mod run;
pub mod schema;
mod since;

pub use against::{Against, against};
pub use fix::fix;
pub use lint::rule_hash;
pub use run::{Options, Outcome, again, check, report, run};
