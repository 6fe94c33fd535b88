//! What goes into the changelog.

use std::path::PathBuf;
use std::sync::Arc;

use super::candidates::{Candidate, Diagnosis};
use super::engine::Engine;
use crate::analyzer::{Analysis, CauseVerdict};
use crate::changelog::{self, Changelog, EventType, Incident, Redactor, Severity, ValidationOutcome};
use crate::fixer::Decision;
use crate::pack::model;

/// Writes a session's incidents. Writing never stops healing: what cannot be written is told once.
pub struct Recorder {
    changelog: Option<Changelog>,
    engine: Arc<Engine>,
    session: String,
    argv: Vec<String>,
    cwd: PathBuf,
    /// Incidents of this session, as they were written (before masking).
    pub incidents: Vec<Incident>,
    /// Why writing failed.
    pub trouble: Option<String>,
}

impl Recorder {
    /// A recorder; it writes nothing where the config or a dry run says so.
    ///
    /// # Errors
    /// A pattern of the config that is no regex.
    pub fn new(
        engine: &Arc<Engine>,
        session: &str,
        argv: &[String],
        cwd: PathBuf,
        write: bool,
    ) -> Result<Self, String> {
        let setup = &engine.setup;
        let redactor = Redactor::new(&setup.config.redact.patterns).map_err(|e| e.to_string())?;
        let file = &setup.config.logging.changelog_file;
        let changelog = (write && setup.config.logging.log_to_file)
            .then(|| Changelog::new(Arc::clone(&setup.world), &setup.log_dir, file, redactor));
        Ok(Self {
            changelog,
            engine: Arc::clone(engine),
            session: session.to_owned(),
            argv: argv.to_vec(),
            cwd,
            incidents: Vec::new(),
            trouble: None,
        })
    }

    /// Writes an incident.
    pub fn write(&mut self, incident: Incident) {
        if let Some(changelog) = &self.changelog {
            match changelog.append(std::slice::from_ref(&incident)) {
                Ok(None) => {}
                Ok(Some(aside)) => self.trouble = Some(format!("the changelog was damaged: {aside:?}")),
                Err(error) => self.trouble = Some(error.to_string()),
            }
        }
        self.incidents.push(incident);
    }

    /// An incident about an error.
    #[must_use]
    pub fn about(&self, event: EventType, analysis: Option<&Analysis>) -> Incident {
        let severity = analysis.map_or(Severity::Error, |a| match a.error.severity {
            model::Severity::Critical => Severity::Critical,
            model::Severity::Warning => Severity::Warning,
            model::Severity::Info | model::Severity::Off => Severity::Info,
            model::Severity::Error => Severity::Error,
        });
        let severity = match event {
            EventType::FixApplied | EventType::FixValidated | EventType::FixGenerated | EventType::AnalysisComplete => {
                Severity::Info
            }
            EventType::RollbackPerformed | EventType::FixFailed => Severity::Warning,
            _ => severity,
        };
        let mut incident = Incident::new(event, severity, self.engine.setup.world.now());
        incident.session_id = Some(self.session.clone());
        incident.rules_generation = Some(self.engine.rules().generation).filter(|g| *g > 0);
        incident.command.clone_from(&self.argv);
        incident.working_directory = Some(self.cwd.clone());
        if let Some(analysis) = analysis {
            let error = &analysis.error;
            incident.environment.clone_from(&error.environment);
            incident.error_type = Some(type_name(error.error_type));
            incident.error_message = Some(error.message.clone());
            incident.fingerprint = Some(error.fingerprint.clone());
            incident.exit_code = error.exit_code;
            if let Some(location) = &error.location {
                incident.file_path = Some(location.file.clone());
                incident.line_number = location.line.map(u64::from);
            }
            if let Some(cause) = analysis.causes.first() {
                fill_cause(&mut incident, cause);
            } else if let Some(rule) = error.rule.and_then(|i| self.engine.rules().rules.get(i)) {
                incident.rule_id = Some(rule.id.clone());
            }
        }
        incident
    }

    /// An incident about a fix.
    #[must_use]
    pub fn about_fix(&self, event: EventType, diagnosis: &Diagnosis, candidate: &Candidate, attempt: u32) -> Incident {
        let mut incident = self.about(event, diagnosis.errors.get(candidate.error));
        let cause = diagnosis.cause(candidate);
        fill_cause(&mut incident, cause);
        incident.confidence = Some(candidate.suggestion.confidence);
        incident.fix_description = Some(candidate.suggestion.title.clone());
        incident.fix_reasoning = Some(cause.explanation.clone());
        incident.attempt_number = attempt;
        if let Some(plan) = &candidate.plan {
            if let Some((argv, _, _)) = &plan.command {
                incident.fix_command.clone_from(argv);
            }
            incident.files_changed = plan.paths().map(PathBuf::from).collect();
            let diff = plan.diff(&self.engine.setup.root);
            incident.diff = (!diff.is_empty()).then_some(diff);
        }
        if let Some(model::Undo::Command(argv)) = &candidate.suggestion.undo {
            incident.undo_command.clone_from(argv);
        }
        incident.validation_result = match event {
            EventType::FixValidated => Some(ValidationOutcome::Success),
            EventType::FixFailed => Some(ValidationOutcome::Failure),
            _ => None,
        };
        incident
    }

    /// All candidates of a diagnosis, for `analysis_complete`.
    #[must_use]
    pub fn candidates(diagnosis: &Diagnosis) -> Vec<changelog::Candidate> {
        let of_fixes = diagnosis.candidates.iter().map(|candidate| {
            let cause = diagnosis.cause(candidate);
            let (decision, reason) = decision_words(&candidate.decision);
            changelog::Candidate {
                rule_id: cause.rule.clone(),
                rule_version: Some(cause.version.clone()),
                cause: Some(cause.cause.clone()),
                fix: Some(candidate.suggestion.title.clone()),
                confidence: candidate.suggestion.confidence,
                evidence: evidence(cause),
                decision: Some(decision.to_owned()),
                reason,
            }
        });
        let without = diagnosis
            .errors
            .iter()
            .flat_map(|a| a.causes.iter())
            .filter(|c| c.fixes.is_empty());
        of_fixes
            .chain(without.map(|cause| changelog::Candidate {
                rule_id: cause.rule.clone(),
                rule_version: Some(cause.version.clone()),
                cause: Some(cause.cause.clone()),
                confidence: cause.confidence,
                evidence: evidence(cause),
                ..changelog::Candidate::default()
            }))
            .collect()
    }
}

fn fill_cause(incident: &mut Incident, cause: &CauseVerdict) {
    incident.rule_id = Some(cause.rule.clone());
    incident.rule_version = Some(cause.version.clone());
    incident.cause = Some(cause.cause.clone());
    incident.confidence = Some(cause.confidence);
    incident.evidence = evidence(cause);
}

/// The evidence of a cause, a sentence each.
#[must_use]
pub fn evidence(cause: &CauseVerdict) -> Vec<String> {
    let held = cause
        .evidence
        .iter()
        .filter(|e| e.held)
        .map(|e| format!("{:+.2} {}", e.add, e.because));
    std::iter::once(format!("{:.2} base", cause.base)).chain(held).collect()
}

/// A decision in a word, and its reason.
#[must_use]
pub fn decision_words(decision: &Decision) -> (&'static str, Option<String>) {
    match decision {
        Decision::Allow => ("allow", None),
        Decision::Ask(why) => ("ask", Some(why.clone())),
        Decision::Advise(why) => ("advise", Some(why.clone())),
        Decision::Refuse(why) => ("refuse", Some(why.clone())),
    }
}

/// The name of an error type, as the changelog and listings write it.
#[must_use]
pub fn type_name(kind: model::ErrorType) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_else(|| "unknown".to_owned())
}
