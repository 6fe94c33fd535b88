//! A session as a document for programs (`--format json`, `schemas/report.v1.json`).

use schemars::JsonSchema;
use serde::Serialize;

use super::candidates::Diagnosis;
use super::record::{decision_words, type_name};
use super::session::HealingSession;
use crate::analyzer::CauseVerdict;
use crate::changelog::Redactor;

/// The document.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Report {
    /// Version of this format: 1.
    pub version: u32,
    /// The session's id; none where nothing was healed.
    pub session: Option<String>,
    /// The command.
    pub command: Vec<String>,
    /// How it ended: `nothing_to_do`, `success`, `applied`, `dry_run`, `failed`,
    /// `manual_intervention_required`, `interrupted`, or `scanned`.
    pub result: String,
    /// The last run's exit code.
    pub exit_code: Option<i32>,
    /// Runs of the command.
    pub attempts: u32,
    /// Why it ended so.
    pub reason: Option<String>,
    /// Errors of the last failed run, best first.
    pub errors: Vec<ReportedError>,
    /// Fixes that were applied.
    pub applied: Vec<AppliedFix>,
    /// What was (or would have been) changed in files, as a unified diff.
    pub patch: String,
}

/// An error.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReportedError {
    /// Full id of the rule; none where no rule knows it.
    pub rule: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its severity.
    pub severity: crate::pack::model::Severity,
    /// The essential line.
    pub message: String,
    /// The user's own file.
    pub file: Option<String>,
    /// The line in it, 1-based.
    pub line: Option<u32>,
    /// The column, 1-based.
    pub column: Option<u32>,
    /// Identity over runs and sessions.
    pub fingerprint: String,
    /// Possible causes, likeliest first.
    pub causes: Vec<ReportedCause>,
}

/// A possible cause.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReportedCause {
    /// Full id of the rule.
    pub rule: String,
    /// Version of its pack.
    pub version: String,
    /// Id of the cause.
    pub cause: String,
    /// What is the matter.
    pub explanation: String,
    /// 0 to 1.
    pub confidence: f64,
    /// Where the confidence starts.
    pub base: f64,
    /// What raised or lowered it.
    pub evidence: Vec<ReportedEvidence>,
    /// Fixes, best first.
    pub fixes: Vec<ReportedFix>,
}

/// A piece of evidence.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReportedEvidence {
    /// What it says.
    pub because: String,
    /// What it adds.
    pub add: f64,
    /// Whether it held.
    pub held: bool,
}

/// A proposed fix.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReportedFix {
    /// What it does.
    pub title: String,
    /// Its verb.
    pub verb: String,
    /// Its short form.
    pub action: String,
    /// The command, for `run`.
    pub argv: Option<Vec<String>>,
    /// Kind of change.
    pub safety: crate::pack::model::Safety,
    /// What it touches.
    pub effects: Vec<crate::pack::model::Effect>,
    /// 0 to 1.
    pub confidence: f64,
    /// `allow`, `ask`, `advise` or `refuse`.
    pub decision: String,
    /// Why.
    pub reason: Option<String>,
    /// What it would change in files.
    pub diff: Option<String>,
}

/// An applied fix.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AppliedFix {
    /// Full id of the rule.
    pub rule: String,
    /// Id of the cause.
    pub cause: String,
    /// What it did.
    pub title: String,
    /// Files it changed.
    pub files: Vec<String>,
    /// The command it ran.
    pub command: Option<Vec<String>>,
    /// It was kept; otherwise it was taken back.
    pub kept: bool,
}

impl Report {
    /// The document of a diagnosis alone (`heal scan`).
    #[must_use]
    pub fn of_diagnosis(
        command: &[String],
        diagnosis: &Diagnosis,
        redactor: &Redactor,
        root: &std::path::Path,
    ) -> Self {
        Self {
            version: 1,
            session: None,
            command: redactor.argv(command),
            result: "scanned".to_owned(),
            exit_code: None,
            attempts: 0,
            reason: None,
            errors: errors(diagnosis, redactor, root),
            applied: Vec::new(),
            patch: String::new(),
        }
    }
}

/// The document of a session, secrets masked.
#[must_use]
pub fn report(session: &HealingSession, command: &[String], redactor: &Redactor, root: &std::path::Path) -> Report {
    let result = serde_json::to_value(session.final_result)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned));
    Report {
        version: 1,
        session: Some(session.id.clone()),
        command: redactor.argv(command),
        result: result.unwrap_or_default(),
        exit_code: Some(session.exit_code),
        attempts: session.attempts,
        reason: session.reason.as_ref().map(|r| redactor.text(r).into_owned()),
        errors: session
            .diagnosis
            .as_ref()
            .map(|d| errors(d, redactor, root))
            .unwrap_or_default(),
        applied: session
            .fixes
            .iter()
            .map(|fix| AppliedFix {
                rule: fix.rule.clone(),
                cause: fix.cause.clone(),
                title: redactor.text(&fix.title).into_owned(),
                files: fix
                    .paths
                    .iter()
                    .map(|p| redactor.text(&p.to_string_lossy()).into_owned())
                    .collect(),
                command: fix.command.as_ref().map(|argv| redactor.argv(argv)),
                kept: fix.kept,
            })
            .collect(),
        patch: redactor.text(&session.patch).into_owned(),
    }
}

fn errors(diagnosis: &Diagnosis, redactor: &Redactor, root: &std::path::Path) -> Vec<ReportedError> {
    diagnosis
        .errors
        .iter()
        .enumerate()
        .map(|(index, analysis)| {
            let error = &analysis.error;
            ReportedError {
                rule: analysis.causes.first().map(|c| c.rule.clone()),
                environment: error.environment.clone(),
                kind: type_name(error.error_type),
                severity: error.severity,
                message: redactor.text(&error.message).into_owned(),
                file: error.location.as_ref().map(|l| redactor.text(&l.shown).into_owned()),
                line: error.location.as_ref().and_then(|l| l.line),
                column: error.location.as_ref().and_then(|l| l.column),
                fingerprint: error.fingerprint.clone(),
                causes: analysis
                    .causes
                    .iter()
                    .enumerate()
                    .map(|(cause, verdict)| one_cause(diagnosis, (index, cause), verdict, redactor, root))
                    .collect(),
            }
        })
        .collect()
}

fn one_cause(
    diagnosis: &Diagnosis,
    at: (usize, usize),
    cause: &CauseVerdict,
    redactor: &Redactor,
    root: &std::path::Path,
) -> ReportedCause {
    ReportedCause {
        rule: cause.rule.clone(),
        version: cause.version.clone(),
        cause: cause.cause.clone(),
        explanation: redactor.text(&cause.explanation).into_owned(),
        confidence: round(cause.confidence),
        base: cause.base,
        evidence: cause
            .evidence
            .iter()
            .map(|e| ReportedEvidence {
                because: redactor.text(&e.because).into_owned(),
                add: e.add,
                held: e.held,
            })
            .collect(),
        fixes: diagnosis
            .candidates
            .iter()
            .filter(|c| (c.error, c.cause) == at)
            .map(|candidate| {
                let (decision, reason) = decision_words(&candidate.decision);
                let suggestion = &candidate.suggestion;
                let diff = candidate.plan.as_ref().map(|p| p.diff(root)).filter(|d| !d.is_empty());
                ReportedFix {
                    title: redactor.text(&suggestion.title).into_owned(),
                    verb: suggestion.action.verb().to_owned(),
                    action: redactor.text(&suggestion.action.short()).into_owned(),
                    argv: match &suggestion.action {
                        crate::analyzer::Action::Run { argv, .. } => Some(redactor.argv(argv)),
                        _ => None,
                    },
                    safety: suggestion.safety,
                    effects: suggestion.effects.clone(),
                    confidence: round(suggestion.confidence),
                    decision: decision.to_owned(),
                    reason: reason.map(|r| redactor.text(&r).into_owned()),
                    diff: diff.map(|d| redactor.text(&d).into_owned()),
                }
            })
            .collect(),
    }
}

/// Confidence is arithmetic on hundredths; floating point dust is not shown.
fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
