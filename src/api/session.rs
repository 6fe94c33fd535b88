//! One session: what failed, what was done, how it ended.

use std::path::PathBuf;

use serde::Serialize;

use super::core::Core;
use super::error::Error;
use super::facts::{DetectedError, FixSuggestion};
use super::failure::Failure;
use crate::changelog::{EventType, Incident};
use crate::orchestrator::{self, FinalResult};
use crate::transaction::{self, Restored};

/// A fix of a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AppliedFix {
    /// Full id of its rule.
    pub rule_id: String,
    /// Id of its cause within the rule.
    pub cause: String,
    /// What it did.
    pub description: String,
    /// Its files.
    pub files: Vec<PathBuf>,
    /// Its command.
    pub command: Option<Vec<String>>,
    /// What it changed in files, as a unified diff.
    pub diff: String,
    /// It stands; otherwise it was taken back.
    pub kept: bool,
}

/// What was put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PutBack {
    /// Files and folders, each once.
    pub files: Vec<PathBuf>,
    /// Everything is as it was before.
    pub complete: bool,
    /// What could not be put back, each with the reason.
    pub could_not_undo: Vec<String>,
}

impl PutBack {
    pub(super) fn of(restored: &Restored) -> Self {
        let rest = restored.could_not_undo.iter();
        Self {
            files: restored.files.clone(),
            complete: restored.is_complete(),
            could_not_undo: rest.map(|c| format!("{}: {}", c.what, c.reason)).collect(),
        }
    }
}

/// One session: what failed, what was done, how it ended.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use heal::{EventType, FinalResult, Orchestrator};
///
/// let healer = Orchestrator::builder().project(folder.path()).build()?;
/// let session = healer.heal("ValueError: nobody knows this one")?;
/// assert_eq!(session.final_result, FinalResult::ManualInterventionRequired);
/// assert!(!session.success() && session.applied_fixes().next().is_none());
/// assert!(session.events().any(|event| event == EventType::ErrorDetected));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct HealingSession {
    /// Its id: `heal undo ID`.
    pub session_id: String,
    /// How it ended.
    pub final_result: FinalResult,
    /// Runs of what failed, the first included.
    pub attempts: u32,
    /// The last run's exit code.
    pub exit_code: i32,
    /// Why it ended so, for people.
    pub reason: Option<String>,
    /// What was (or would have been) changed in files, as a unified diff.
    pub patch: String,
    /// What went wrong with heal's own records.
    pub trouble: Option<String>,
    /// Every fix that was applied, the ones that were taken back too.
    pub fixes: Vec<AppliedFix>,
    /// What was put back, where anything was.
    pub restored: Option<PutBack>,
    /// Errors of the last failed run, best explanation first.
    pub errors: Vec<DetectedError>,
    /// Fixes for them, in the order in which they would be tried.
    pub suggestions: Vec<FixSuggestion>,
    /// What the last run of a command printed, where this session ran one.
    pub output: Option<String>,
    /// Sessions of processes that were killed, taken back before this one began.
    pub recovered: Vec<String>,
    /// What was written to the changelog.
    pub incidents: Vec<Incident>,
    #[serde(skip)]
    pub(super) core: Core,
}

impl HealingSession {
    pub(super) fn of(core: &Core, session: orchestrator::HealingSession, failure: Option<&Failure>) -> Self {
        let text = |text: &str| core.redactor.text(text).into_owned();
        let fixes = session.fixes.iter();
        Self {
            final_result: session.final_result,
            attempts: session.attempts,
            exit_code: session.exit_code,
            reason: session.reason.as_deref().map(text),
            patch: text(&session.patch),
            trouble: session.trouble,
            fixes: fixes
                .map(|fix| AppliedFix {
                    rule_id: fix.rule.clone(),
                    cause: fix.cause.clone(),
                    description: text(&fix.title),
                    files: fix.paths.clone(),
                    command: fix.command.as_ref().map(|c| core.redactor.argv(c)),
                    diff: text(&fix.diff),
                    kept: fix.kept,
                })
                .collect(),
            restored: session.restored.as_ref().map(PutBack::of),
            errors: session
                .diagnosis
                .as_ref()
                .map(|d| core.errors(d, failure))
                .unwrap_or_default(),
            suggestions: session
                .diagnosis
                .as_ref()
                .map(|d| core.suggestions(d))
                .unwrap_or_default(),
            output: None,
            recovered: Vec::new(),
            incidents: session.incidents.iter().map(|i| i.redacted(&core.redactor)).collect(),
            session_id: session.id,
            core: core.clone(),
        }
    }

    /// A session that was none: nothing failed, or healing is switched off.
    pub(super) fn none(core: &Core, reason: Option<&str>) -> Self {
        Self {
            session_id: String::new(),
            final_result: FinalResult::NothingToDo,
            attempts: 1,
            exit_code: 0,
            reason: reason.map(str::to_owned),
            patch: String::new(),
            trouble: None,
            fixes: Vec::new(),
            restored: None,
            errors: Vec::new(),
            suggestions: Vec::new(),
            output: None,
            recovered: Vec::new(),
            incidents: Vec::new(),
            core: core.clone(),
        }
    }

    /// Proven: what failed was run again and succeeded.
    #[must_use]
    pub fn success(&self) -> bool {
        self.final_result == FinalResult::Success
    }

    /// The error that explains the failure best.
    #[must_use]
    pub fn error(&self) -> Option<&DetectedError> {
        self.errors.first()
    }

    /// Fixes that stand.
    pub fn applied_fixes(&self) -> impl Iterator<Item = &AppliedFix> {
        self.fixes.iter().filter(|fix| fix.kept)
    }

    /// What happened, as the changelog names it, oldest first.
    pub fn events(&self) -> impl Iterator<Item = EventType> + '_ {
        self.incidents.iter().map(|incident| incident.event_type)
    }

    /// Calls `function` as the proof of a session that ended with [`FinalResult::Applied`]: where it succeeds, the
    /// session is a success; where it fails, what the session did is taken back.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// let mut session = healer.heal("ValueError: nobody knows this one")?;
    /// let answer = session.retry(|| "42".parse::<i32>())?;
    /// assert_eq!(answer, 42);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The function's own.
    pub fn retry<T, E>(&mut self, function: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        match function() {
            Ok(value) => {
                if self.final_result == FinalResult::Applied {
                    self.final_result = FinalResult::Success;
                }
                Ok(value)
            }
            Err(error) => {
                if self.final_result == FinalResult::Applied
                    && let Err(undo) = self.rollback()
                {
                    self.trouble = Some(undo.to_string());
                }
                Err(error)
            }
        }
    }

    /// Takes everything back that the session did, byte for byte, as `heal undo` does.
    ///
    /// # Errors
    /// There is nothing to take back, or somebody has worked on the files since; nothing has changed then.
    pub fn rollback(&mut self) -> Result<PutBack, Error> {
        let put_back = self.core.undo(&self.session_id)?;
        self.final_result = FinalResult::Failed;
        self.reason = Some("taken back".to_owned());
        for fix in &mut self.fixes {
            fix.kept = false;
        }
        self.restored = Some(put_back.clone());
        Ok(put_back)
    }
}

impl Core {
    /// Takes back a session.
    pub(super) fn undo(&self, session: &str) -> Result<PutBack, Error> {
        let setup = &self.engine.setup;
        let mut run = |argv: &[String]| self.undo_command(argv);
        // Without an id it would be the newest session: another one, perhaps.
        if session.is_empty() {
            return Err(transaction::UndoError::Nothing.into());
        }
        let report = transaction::undo(&setup.world, &setup.root, &setup.log_dir, Some(session), &mut run)?;
        Ok(PutBack::of(&report.restored))
    }
}
