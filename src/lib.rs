//! heal repairs what made a command, a script or a function of your own fail: it reads what was printed, finds the
//! cause, applies the fix that a careful colleague would apply, **does again what had failed, and keeps the fix only
//! if that succeeds**. Everything else it leaves alone and tells you what to do. This crate is the engine behind the
//! command `heal`, for programs that want healing inside themselves.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let root = folder.path();
//! # std::fs::write(root.join("job.sh"), "if true; then\n  echo ready\n")?;
//! use heal::{Failure, Orchestrator};
//! use heal::environment::Bash;
//!
//! let healer = Orchestrator::builder().project(root).build()?;
//! healer.on_fix(|fix| println!("applied: {}\n{}", fix.description, fix.diff));
//!
//! // `job.sh` lacks its `fi`: that is added, and the closure is called again.
//! let output = healer.protect(|| -> Result<String, Failure> {
//!     Ok(Bash::new(root).run_script("job.sh", &[])?.checked()?.stdout)
//! })?;
//! assert_eq!(output, "ready\n");
//! assert_eq!(healer.statistics()?.successful_fixes, 1);
//! # Ok(())
//! # }
//! ```
//!
//! # The parts
//!
//! One corridor, one type a stage:
//!
//! ```text
//! Failure ─► Detector ─► DetectedError ─► Analyzer ─► AnalysisResult (causes, confidence, suggestions)
//!    ▲                                                     │
//!    │ done again                                          ▼
//! Orchestrator ◄── ValidationResult ◄── Validator ◄── FixResult ◄── Fixer (policy gate, transaction, backups)
//!    │
//!    └─► Changelog (incidents, statistics)
//! ```
//!
//! - [`Orchestrator`] runs the whole of it: [`protect`](Orchestrator::protect) for closures,
//!   [`run`](Orchestrator::run) for commands, [`heal_from_output`](Orchestrator::heal_from_output) for what a tool
//!   printed, [`install_global_hook`](Orchestrator::install_global_hook) for panics,
//!   [`preview_fix`](Orchestrator::preview_fix) to look first.
//! - [`Detector`], [`Analyzer`], [`Fixer`] and [`Validator`] are its parts, each of use alone.
//! - [`environment`] runs the tools of four environments; what their output means is for the rules.
//! - [`Config`] holds every setting, [`RuleSet`] the rules in force, [`Changelog`] the audit trail.
//! - [`Observer`], [`Approver`] and [`CustomValidator`] are for a program of yours to implement.
//!
//! # What can be relied on
//!
//! - An error that is not healed comes out as it went in. heal's own trouble is told to
//!   [`Observer::trouble`] and never replaces the program's.
//! - A session is a transaction: it ends as success, or with every file as it was, bytes, mode and times, also when
//!   the process is killed in between (the next session puts it back first).
//! - Nothing is printed, no signal is handled, no thread outlives a call.
//! - Fixes pass the policy gate: allow-list, protected paths, project boundary, approval.
//!
//! The modules that are not shown here serve the command line and the Python package, and change without notice.

#![deny(missing_docs)]

mod api;

#[doc(hidden)]
pub mod analyzer;
#[doc(hidden)]
pub mod brackets;
pub mod changelog;
#[doc(hidden)]
pub mod check;
#[doc(hidden)]
pub mod cli;
pub mod config;
#[doc(hidden)]
pub mod detector;
#[doc(hidden)]
pub mod diagnostic;
#[doc(hidden)]
pub mod draft;
pub mod environment;
#[doc(hidden)]
pub mod exec;
#[doc(hidden)]
pub mod fixer;
#[doc(hidden)]
pub mod language;
#[doc(hidden)]
pub mod logdir;
#[doc(hidden)]
pub mod orchestrator;
#[doc(hidden)]
pub mod pack;
#[doc(hidden)]
pub mod pattern;
#[doc(hidden)]
pub mod sandbox;
#[doc(hidden)]
pub mod shell;
#[doc(hidden)]
pub mod structure;
#[doc(hidden)]
pub mod syntax;
#[doc(hidden)]
pub mod template;
#[doc(hidden)]
pub mod transaction;
#[doc(hidden)]
pub mod validator;
#[doc(hidden)]
pub mod watch;
#[doc(hidden)]
pub mod world;
#[doc(hidden)]
pub mod yaml;

pub use api::{
    Again, AnalysisResult, Analyzer, AppliedFix, Approver, CustomValidator, Decision, DetectedError, Detector, Error,
    Failure, FixResult, FixSuggestion, Fixer, Healed, HealingSession, Observer, Orchestrator, OrchestratorBuilder,
    PanicHook, PutBack, RootCause, ValidationResult, Validator,
};
#[doc(inline)]
pub use changelog::{Changelog, EventType, Incident, Statistics};
#[doc(inline)]
pub use config::{Level, SelfHealingConfig as Config};
#[doc(inline)]
pub use environment::EnvironmentType;
#[doc(inline)]
pub use orchestrator::FinalResult;
#[doc(inline)]
pub use pack::RuleSet;
#[doc(inline)]
pub use pack::model::{Effect, ErrorType, Safety, Severity};
#[doc(inline)]
pub use validator::{Check, Outcome};
