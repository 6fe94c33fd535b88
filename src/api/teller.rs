//! Between the engine and a program's callbacks.

use super::callbacks::{Approver, Audience};
use super::core::Core;
use super::facts::{FixResult, FixSuggestion};
use super::failure::Failure;
use super::fixer::newest_backups;
use crate::orchestrator::{self, Candidate, Diagnosis};

/// Tells the audience what the engine does.
pub(super) struct Teller<'a> {
    pub(super) core: &'a Core,
    pub(super) audience: &'a Audience,
    pub(super) failure: Option<&'a Failure>,
    /// The fix that is being tried, and whether it was told that it is applied.
    pub(super) current: Option<(FixSuggestion, bool)>,
}

impl Teller<'_> {
    /// What was being applied is applied: tells it once.
    pub(super) fn applied(&mut self) {
        let Some((suggestion, told)) = &mut self.current else {
            return;
        };
        if std::mem::replace(told, true) {
            return;
        }
        let suggestion = suggestion.clone();
        let backups = newest_backups(self.core, &suggestion.files);
        let fix = FixResult {
            success: true,
            description: suggestion.description,
            reasoning: suggestion.reasoning,
            confidence: suggestion.confidence,
            rule_id: suggestion.rule_id,
            files_changed: suggestion.files,
            command: suggestion.command,
            diff: suggestion.diff.unwrap_or_default(),
            dry_run: false,
            session_id: None,
            backups,
            origin: None,
        };
        self.audience.tell(|observer| observer.fix(&fix));
    }
}

impl orchestrator::Witness for Teller<'_> {
    fn failed(&mut self, attempt: u32, diagnosis: &Diagnosis) {
        let Some(primary) = diagnosis.primary() else { return };
        let error = self.core.error(primary, self.failure.filter(|_| attempt == 1));
        self.audience.tell(|observer| observer.error(&error));
    }

    fn applying(&mut self, diagnosis: &Diagnosis, candidate: &Candidate) {
        let index = Core::index(diagnosis, candidate);
        let suggestion = self.core.suggestion(diagnosis, index, candidate);
        self.audience.tell(|observer| observer.applying(&suggestion));
        self.current = Some((suggestion, false));
    }

    fn taken_back(&mut self, _: &Candidate, why: &str) {
        let Some((suggestion, _)) = self.current.take() else {
            return;
        };
        let why = self.core.redactor.text(why);
        self.audience.tell(|observer| observer.taken_back(&suggestion, &why));
    }

    fn running_again(&mut self, attempt: u32) {
        self.applied();
        self.audience.tell(|observer| observer.running_again(attempt));
    }

    fn waiting(&mut self, delay: std::time::Duration, _: u32, _: u32) {
        self.audience.tell(|observer| observer.waiting(delay));
    }
}

/// Asks the program's approver.
pub(super) struct Asker<'a> {
    pub(super) core: &'a Core,
    pub(super) approver: Option<&'a dyn Approver>,
}

impl orchestrator::Approver for Asker<'_> {
    fn approve(&mut self, diagnosis: &Diagnosis, candidate: &Candidate, why: &str) -> orchestrator::Approval {
        let Some(approver) = self.approver else {
            return orchestrator::Approval::No;
        };
        let suggestion = self
            .core
            .suggestion(diagnosis, Core::index(diagnosis, candidate), candidate);
        let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| approver.approve(&suggestion, why)));
        match asked {
            Ok(true) => orchestrator::Approval::Yes,
            // Who cannot answer has not agreed.
            Ok(false) | Err(_) => orchestrator::Approval::No,
        }
    }
}
