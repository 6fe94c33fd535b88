//! The orchestrator: runs a subject, and while it fails, finds the cause, applies the best fix that
//! the policy allows, and runs it again; at the end everything is proven or everything is put back.
//!
//! It knows the order of things and nothing of tools, files or terminals: subjects run, the other
//! rooms do the work, and a [`Witness`] is told what happens.

mod again;
mod candidates;
mod change;
mod ending;
mod engine;
mod folder;
mod healing;
mod probes;
mod reach;
mod record;
mod report;
mod resume;
mod session;
mod subject;
mod trial;

pub use candidates::{Candidate, Diagnosis, Surroundings, rank};
pub use engine::{Engine, EngineError, Setup};
pub use folder::base_folder;
pub use healing::{heal, session_id};
pub use probes::RealProbes;
pub use reach::Limits;
pub use record::{decision_words, evidence, type_name};
pub use report::{Report, report};
pub use resume::Resumed;
pub use session::{Approval, Approver, FinalResult, FixRecord, HealingSession, NeverAsk, Options, Silent, Witness};
pub use subject::{
    Attempt, CaptureSubject, CommandSubject, LazyEngine, ReadSubject, Rehearsal, Subject, SubjectError, TextSubject,
    capture, command,
};
