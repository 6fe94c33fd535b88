//! What a session leaves behind: incidents, and everything kept or everything put back.

use super::candidates::Diagnosis;
use super::change::undo;
use super::healing::{Healing, Pending};
use super::record::Recorder;
use super::session::{FinalResult, HealingSession};
use crate::changelog::EventType;
use crate::transaction::Restored;

impl Healing<'_> {
    pub(super) fn log_failure(&mut self, diagnosis: &Diagnosis) {
        let primary = diagnosis.primary();
        let mut incident = self.recorder.about(EventType::ErrorDetected, primary);
        incident.attempt_number = self.session.attempts;
        incident.exit_code = Some(self.session.exit_code);
        self.recorder.write(incident);
        if diagnosis.errors.iter().any(|a| !a.causes.is_empty()) {
            let mut incident = self.recorder.about(EventType::AnalysisComplete, primary);
            incident.candidates = Recorder::candidates(diagnosis);
            self.recorder.write(incident);
            if let Some(best) = diagnosis.candidates.first() {
                let incident = self
                    .recorder
                    .about_fix(EventType::FixGenerated, diagnosis, best, self.session.attempts);
                self.recorder.write(incident);
            }
        }
    }

    pub(super) fn healed(mut self, pending: Option<&Pending>) -> HealingSession {
        if let (Some(pending), Some(diagnosis)) = (pending, self.session.diagnosis.take()) {
            let incident = self
                .recorder
                .about_fix(EventType::FixValidated, &diagnosis, &pending.candidate, 1);
            self.recorder.write(incident);
            self.session.diagnosis = Some(diagnosis);
        }
        self.end(FinalResult::Success, String::new())
    }

    pub(super) fn end(mut self, result: FinalResult, reason: String) -> HealingSession {
        let stands = self.transaction.diff();
        let is_healed = matches!(result, FinalResult::Success | FinalResult::Applied);
        // Of what was tried and taken back, the patch is what is left.
        if is_healed || !stands.is_empty() {
            self.session.patch = String::from_utf8_lossy(&stands).into_owned();
        }
        let keep = matches!(result, FinalResult::Success | FinalResult::Applied)
            || (!self.engine.setup.config.validation.rollback_on_failure && result == FinalResult::Failed);
        let mut result = result;
        let mut keep = keep;
        if keep {
            self.mark_kept(result);
            if !self.transaction.is_empty()
                && let Err(error) = self.transaction.commit()
            {
                // Without the record of success the next heal would take it back: better at once.
                self.recorder.trouble = Some(error.to_string());
                result = FinalResult::Failed;
                keep = false;
                for fix in &mut self.session.fixes {
                    fix.kept = false;
                }
            }
        }
        if !keep && !self.transaction.is_empty() {
            let cwd = self.subject.cwd().to_path_buf();
            let had_changes = self
                .session
                .fixes
                .iter()
                .any(|f| f.command.is_some() || !f.paths.is_empty());
            match self.transaction.rollback(&mut |argv| undo(argv, &cwd)) {
                Ok(restored) => {
                    if had_changes && !restored.files.is_empty() {
                        let mut incident = self.recorder.about(EventType::RollbackPerformed, None);
                        incident.files_changed.clone_from(&restored.files);
                        self.recorder.write(incident);
                    }
                    self.session.restored.get_or_insert_default().add(restored);
                }
                Err(error) => self.recorder.trouble = Some(error.to_string()),
            }
        }
        if self.session.restored.as_ref().is_some_and(Restored::is_nothing) {
            self.session.restored = None;
        }
        self.session.final_result = result;
        self.session.reason = (!reason.is_empty()).then_some(reason.clone());
        self.log_end(result, reason);
        self.session.incidents = std::mem::take(&mut self.recorder.incidents);
        self.session.trouble = self.recorder.trouble.take();
        self.session
    }

    pub(super) fn mark_kept(&mut self, result: FinalResult) {
        let files = self.transaction.files();
        for fix in &mut self.session.fixes {
            // A fix that was taken back has no file left that the transaction changed.
            fix.kept |=
                result == FinalResult::Success && (fix.paths.is_empty() || fix.paths.iter().any(|p| files.contains(p)));
        }
    }

    pub(super) fn log_end(&mut self, result: FinalResult, reason: String) {
        if matches!(result, FinalResult::Failed | FinalResult::ManualInterventionRequired) {
            let analysis = self.session.diagnosis.as_ref().and_then(|d| d.errors.first().cloned());
            let mut incident = self
                .recorder
                .about(EventType::ManualInterventionRequired, analysis.as_ref());
            incident.fix_reasoning = Some(reason);
            incident.exit_code = Some(self.session.exit_code);
            self.recorder.write(incident);
        }
        let mut incident = self.recorder.about(EventType::HealingComplete, None);
        incident.severity = crate::changelog::Severity::Info;
        incident.final_result = serde_json::to_value(result)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned));
        incident.exit_code = Some(self.session.exit_code);
        incident.duration_ms = u64::try_from(self.started.elapsed().as_millis()).ok();
        self.recorder.write(incident);
    }
}
