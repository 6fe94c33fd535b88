//! The library's front door: the specification's components with the engine behind them.
//!
//! An [`Orchestrator`] coordinates; [`Detector`], [`Analyzer`], [`Fixer`] and [`Validator`] are its parts, each
//! of use alone. What they give are plain facts ([`DetectedError`], [`FixSuggestion`], [`HealingSession`]) with
//! secrets masked, as the changelog has them. This room decides nothing that the engine decides, and must not
//! know how a rule is matched or a file is written.

mod analyzer;
mod builder;
mod callbacks;
mod config;
mod core;
mod detector;
mod error;
mod facts;
mod failure;
mod fixer;
mod gate;
mod hook;
mod orchestrator;
mod protect;
mod rules;
mod session;
mod subject;
mod teller;
mod validator;

pub use analyzer::Analyzer;
pub use builder::OrchestratorBuilder;
pub use callbacks::{Approver, CustomValidator, Observer};
pub use detector::Detector;
pub use error::Error;
pub use facts::{AnalysisResult, Decision, DetectedError, FixResult, FixSuggestion, RootCause};
pub use failure::Failure;
pub use fixer::Fixer;
pub use hook::PanicHook;
pub use orchestrator::Orchestrator;
pub use protect::{Again, Healed};
pub use session::{AppliedFix, HealingSession, PutBack};
pub use validator::{ValidationResult, Validator};

#[cfg(test)]
mod tests;
