//! The session: the loop from a failure to a proven cure, or back to the start.

use std::path::PathBuf;
use std::time::Duration;

use super::candidates::{Candidate, Diagnosis};
use crate::changelog::Incident;
use crate::fixer::Policy;
use crate::transaction::Restored;

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FinalResult {
    /// It succeeded at once: there was nothing to heal.
    NothingToDo,
    /// Healed, and proven by a run that succeeded.
    Success,
    /// Fixes were applied and not proven (`--no-rerun`, captured output).
    Applied,
    /// A dry run: this is what would be done.
    DryRun,
    /// Not healed; everything is as it was.
    Failed,
    /// A person must do it; everything is as it was.
    ManualInterventionRequired,
    /// Interrupted by a signal; everything is as it was.
    Interrupted,
}

/// A fix of a session.
#[derive(Debug, Clone)]
pub struct FixRecord {
    /// Full id of the rule.
    pub rule: String,
    /// Id of the cause.
    pub cause: String,
    /// What it did.
    pub title: String,
    /// Its files.
    pub paths: Vec<PathBuf>,
    /// Its command.
    pub command: Option<Vec<String>>,
    /// The diff.
    pub diff: String,
    /// It is still applied.
    pub kept: bool,
}

/// What a session was and did.
#[derive(Debug)]
pub struct HealingSession {
    /// Its id.
    pub id: String,
    /// How it ended.
    pub final_result: FinalResult,
    /// Runs of the subject.
    pub attempts: u32,
    /// The last run's exit code, as a shell gives it.
    pub exit_code: i32,
    /// Fixes that were applied, those taken back too.
    pub fixes: Vec<FixRecord>,
    /// What is known about the last failure.
    pub diagnosis: Option<Diagnosis>,
    /// What was put back, over the whole session: fixes that did not cure, and everything at its
    /// end where it was not healed. The patches of it are kept.
    pub restored: Option<Restored>,
    /// What was changed as a unified diff, or would have been: where everything was put back, the
    /// last fix that was tried.
    pub patch: String,
    /// Why it ended, for people.
    pub reason: Option<String>,
    /// Incidents, as written to the changelog.
    pub incidents: Vec<Incident>,
    /// What went wrong with heal's own records.
    pub trouble: Option<String>,
}

/// What a session may do.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What the gate needs to know.
    pub policy: Policy,
    /// Do not run the subject again: fixes are applied, not proven.
    pub no_rerun: bool,
    /// Wait for another heal in this project rather than giving up.
    pub wait: bool,
}

/// Told what happens, as it happens.
pub trait Witness {
    /// A run failed, and this is what is known about it.
    fn failed(&mut self, attempt: u32, diagnosis: &Diagnosis) {
        let _ = (attempt, diagnosis);
    }
    /// Whether the caller has a reason of its own why this fix must not be applied (a rate limit).
    /// Asked before the gate's word counts; it can only forbid.
    fn veto(&mut self, diagnosis: &Diagnosis, candidate: &Candidate) -> Option<String> {
        let _ = (diagnosis, candidate);
        None
    }
    /// A fix is about to be applied.
    fn applying(&mut self, diagnosis: &Diagnosis, candidate: &Candidate) {
        let _ = (diagnosis, candidate);
    }
    /// A fix is tried in a copy of the project first; what this system cannot enforce there, a
    /// sentence each.
    fn trying(&mut self, candidate: &Candidate, missing: &[String]) {
        let _ = (candidate, missing);
    }
    /// Something that came up in the trial and is worth knowing.
    fn noticed(&mut self, what: &str) {
        let _ = what;
    }
    /// A fix did not work and was taken back.
    fn taken_back(&mut self, candidate: &Candidate, why: &str) {
        let _ = (candidate, why);
    }
    /// The subject is run again.
    fn running_again(&mut self, attempt: u32) {
        let _ = attempt;
    }
    /// heal waits before the next run.
    fn waiting(&mut self, delay: Duration, attempt: u32, of: u32) {
        let _ = (delay, attempt, of);
    }
}

/// A witness that says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;
impl Witness for Silent {}

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// This one.
    Yes,
    /// Not this one.
    No,
    /// This one and all that follow.
    All,
    /// Nothing more.
    Quit,
}

/// Asks a person.
pub trait Approver {
    /// May this be done?
    fn approve(&mut self, diagnosis: &Diagnosis, candidate: &Candidate, why: &str) -> Approval;
}

/// Nobody can be asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct NeverAsk;
impl Approver for NeverAsk {
    fn approve(&mut self, _: &Diagnosis, _: &Candidate, _: &str) -> Approval {
        Approval::No
    }
}
