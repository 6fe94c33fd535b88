//! One entry of the changelog.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Redactor;

/// What happened; the nine events of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// An error was caught.
    ErrorDetected,
    /// Its root cause was determined.
    AnalysisComplete,
    /// A fix was suggested.
    FixGenerated,
    /// A fix was applied.
    FixApplied,
    /// A fix passed validation.
    FixValidated,
    /// A fix attempt failed.
    FixFailed,
    /// Changes were rolled back.
    RollbackPerformed,
    /// The session ended.
    HealingComplete,
    /// A person is needed.
    ManualInterventionRequired,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// For developers of packs.
    Debug,
    /// Nothing is wrong.
    #[default]
    Info,
    /// Something may be wrong.
    Warning,
    /// A command failed.
    Error,
    /// Nothing can go on.
    Critical,
}

/// How a validation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ValidationOutcome {
    /// Everything that was checked passed.
    Success,
    /// Something did not pass.
    Failure,
    /// Some checks passed, others could not be made.
    Partial,
    /// Nothing was checked.
    Skipped,
}

/// One fix that was considered, and what was decided about it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Full id of the rule, `pack/rule`.
    pub rule_id: String,
    /// Version of its pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_version: Option<String>,
    /// Id of the cause inside the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What the fix would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// From 0 to 1.
    pub confidence: f64,
    /// The named pieces that the confidence is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// What the policy gate said: `allow`, `ask`, `advise` or `refuse`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// Why it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One entry of the changelog. The first thirteen fields are the specification's, always
/// written, `null` where there is nothing to say; the others are left out then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// A random UUID.
    pub incident_id: String,
    /// What happened.
    pub event_type: EventType,
    /// When, in UTC, as `2024-01-15T10:30:15.123456`.
    pub timestamp: String,
    /// How bad it is.
    pub severity: Severity,
    /// `python`, `terraform`, … or `null` where it is not known.
    pub environment: Option<String>,
    /// The file that the error is in.
    pub file_path: Option<PathBuf>,
    /// The line in it, counted from 1.
    pub line_number: Option<u64>,
    /// `dependency`, `syntax`, … as the rule says.
    pub error_type: Option<String>,
    /// The error's own words.
    pub error_message: Option<String>,
    /// What the fix does.
    pub fix_description: Option<String>,
    /// Why it is the right one.
    pub fix_reasoning: Option<String>,
    /// How its validation ended.
    pub validation_result: Option<ValidationOutcome>,
    /// Which attempt at this error it is, counted from 1.
    pub attempt_number: u32,

    /// The session that this belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Full id of the rule that decided, `pack/rule`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_id: Option<String>,
    /// Version of its pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_version: Option<String>,
    /// Which generation of the rules decided: how often they were reloaded before. None where they
    /// were as at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules_generation: Option<u64>,
    /// Id of the cause inside the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// From 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The named pieces that the confidence is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// All fixes that were considered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// Identity of the error over attempts and sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The user's command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The folder that it ran in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<PathBuf>,
    /// Its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The command that the fix ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fix_command: Vec<String>,
    /// The command that takes it back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo_command: Vec<String>,
    /// Files that the fix changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files_changed: Vec<PathBuf>,
    /// What it changed in them, as a unified diff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// How the session ended: `success`, `failed`, `partial`, `manual`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_result: Option<String>,
}

impl Incident {
    /// An incident with a fresh id and nothing said yet.
    pub fn new(event_type: EventType, severity: Severity, now: DateTime<Utc>) -> Self {
        Self {
            incident_id: uuid::Uuid::new_v4().to_string(),
            event_type,
            timestamp: format_timestamp(now),
            severity,
            environment: None,
            file_path: None,
            line_number: None,
            error_type: None,
            error_message: None,
            fix_description: None,
            fix_reasoning: None,
            validation_result: None,
            attempt_number: 1,
            session_id: None,
            rule_id: None,
            rule_version: None,
            rules_generation: None,
            cause: None,
            confidence: None,
            evidence: Vec::new(),
            candidates: Vec::new(),
            fingerprint: None,
            command: Vec::new(),
            working_directory: None,
            exit_code: None,
            fix_command: Vec::new(),
            undo_command: Vec::new(),
            files_changed: Vec::new(),
            diff: None,
            duration_ms: None,
            final_result: None,
        }
    }
}

impl Candidate {
    fn redacted(&self, redactor: &Redactor) -> Self {
        Self {
            fix: masked(self.fix.as_ref(), redactor),
            evidence: all(&self.evidence, redactor),
            reason: masked(self.reason.as_ref(), redactor),
            ..self.clone()
        }
    }
}

impl Incident {
    /// The same with every secret masked, in all fields that can hold foreign text.
    pub(crate) fn redacted(&self, redactor: &Redactor) -> Self {
        let path = |path: &PathBuf| match path.to_str() {
            Some(text) => PathBuf::from(redactor.text(text).into_owned()),
            // JSON holds text only; a name that is none is shown as well as it can be.
            None => PathBuf::from(redactor.text(&path.to_string_lossy()).into_owned()),
        };
        Self {
            file_path: self.file_path.as_ref().map(path),
            error_message: masked(self.error_message.as_ref(), redactor),
            fix_description: masked(self.fix_description.as_ref(), redactor),
            fix_reasoning: masked(self.fix_reasoning.as_ref(), redactor),
            evidence: all(&self.evidence, redactor),
            candidates: self.candidates.iter().map(|it| it.redacted(redactor)).collect(),
            fingerprint: masked(self.fingerprint.as_ref(), redactor),
            command: redactor.argv(&self.command),
            working_directory: self.working_directory.as_ref().map(path),
            fix_command: redactor.argv(&self.fix_command),
            undo_command: redactor.argv(&self.undo_command),
            files_changed: self.files_changed.iter().map(path).collect(),
            diff: masked(self.diff.as_ref(), redactor),
            ..self.clone()
        }
    }
}

fn masked(text: Option<&String>, redactor: &Redactor) -> Option<String> {
    text.map(|text| redactor.text(text).into_owned())
}

fn all(texts: &[String], redactor: &Redactor) -> Vec<String> {
    texts.iter().map(|text| redactor.text(text).into_owned()).collect()
}

/// A moment as the specification writes it: ISO 8601 with microseconds and no zone, in UTC.
pub fn format_timestamp(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}
