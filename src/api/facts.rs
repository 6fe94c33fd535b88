//! Facts about errors, causes and fixes: plain values, secrets masked. Their serialised form is what the Python
//! package gets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::core::Core;
use super::failure::Failure;
use crate::analyzer::{Action, Analysis, CauseVerdict};
use crate::environment::EnvironmentType;
use crate::fixer;
use crate::orchestrator::{self, Candidate, Diagnosis};
use crate::pack::model::{Effect, ErrorType, Safety, Severity};

/// An error: what kind, where from, and what it says.
///
/// The [`Detector`](super::Detector) finds them; one made by hand can be analysed, previewed and healed too.
///
/// ```
/// use heal::{DetectedError, EnvironmentType, ErrorType};
///
/// let error = DetectedError::new(
///     ErrorType::Dependency,
///     EnvironmentType::PYTHON,
///     "ModuleNotFoundError: No module named 'yaml'",
/// );
/// assert_eq!(error.environment.as_ref().map(|e| e.name()), Some("python"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DetectedError {
    /// What kind of error it is.
    pub error_type: ErrorType,
    /// Where it comes from, where that is known.
    pub environment: Option<EnvironmentType>,
    /// How bad it is.
    pub severity: Severity,
    /// The line that says it.
    pub message: String,
    /// The lines that belong to it, bounded.
    pub excerpt: String,
    /// The user's own file.
    pub file_path: Option<PathBuf>,
    /// The line in it, from 1.
    pub line_number: Option<u32>,
    /// The column in it, from 1.
    pub column: Option<u32>,
    /// The function or block.
    pub function: Option<String>,
    /// The source line as the tool showed it.
    pub source: Option<String>,
    /// Stable over runs; empty for an error made by hand.
    pub fingerprint: String,
    /// The exit code of what failed.
    pub exit_code: Option<i32>,
    /// Full id of the rule that knows it; none where no rule does.
    pub rule_id: Option<String>,
    /// What the rule took out of the message, by name.
    pub captures: BTreeMap<String, String>,
    /// Its possible causes, likeliest first.
    pub causes: Vec<RootCause>,
    /// Causes that were ruled out, each with the reason.
    pub ruled_out: Vec<(String, String)>,
    #[serde(skip)]
    pub(super) failure: Option<Box<Failure>>,
}

impl DetectedError {
    /// An error made by hand.
    #[must_use]
    pub fn new(error_type: ErrorType, environment: impl Into<EnvironmentType>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            error_type,
            environment: Some(environment.into()),
            severity: Severity::Error,
            excerpt: message.clone(),
            message,
            file_path: None,
            line_number: None,
            column: None,
            function: None,
            source: None,
            fingerprint: String::new(),
            exit_code: None,
            rule_id: None,
            captures: BTreeMap::new(),
            causes: Vec::new(),
            ruled_out: Vec::new(),
            failure: None,
        }
    }

    /// The same in a file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<PathBuf>, line: Option<u32>) -> Self {
        self.file_path = Some(file.into());
        self.line_number = line;
        self
    }

    pub(super) fn failure(&self) -> Failure {
        if let Some(failure) = &self.failure {
            return Failure::clone(failure);
        }
        let mut failure = Failure::new(self.message.clone()).exit_code(self.exit_code.unwrap_or(1));
        failure.environment.clone_from(&self.environment);
        failure.file.clone_from(&self.file_path);
        failure
    }
}

/// A possible cause of an error.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RootCause {
    /// Full id of its rule.
    pub rule_id: String,
    /// Version of the rule's pack.
    pub rule_version: String,
    /// Its id within the rule.
    pub cause: String,
    /// The rule's title.
    pub title: String,
    /// What is the matter, in words.
    pub explanation: String,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
    /// What the confidence is made of, a sentence each.
    pub evidence: Vec<String>,
}

/// The policy gate's word on a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It may be applied.
    Allow,
    /// It may be applied when a person agrees.
    Ask,
    /// It is for a person to do.
    Advise,
    /// It is not allowed.
    Refuse,
}

impl Decision {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Allow => "would be applied",
            Self::Ask => "it needs approval",
            Self::Advise => "a person must do this",
            Self::Refuse => "not allowed",
        }
    }

    pub(super) fn of(decision: &fixer::Decision) -> (Self, Option<String>) {
        match decision {
            fixer::Decision::Allow => (Self::Allow, None),
            fixer::Decision::Ask(why) => (Self::Ask, Some(why.clone())),
            fixer::Decision::Advise(why) => (Self::Advise, Some(why.clone())),
            fixer::Decision::Refuse(why) => (Self::Refuse, Some(why.clone())),
        }
    }
}

/// A fix that might cure an error.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FixSuggestion {
    /// Its place in the order in which fixes would be tried.
    pub index: usize,
    /// Index of its error in [`AnalysisResult::errors`].
    pub error: usize,
    /// What it does.
    pub description: String,
    /// Why.
    pub reasoning: String,
    /// How sure its cause is, from 0 to 1.
    pub confidence: f64,
    /// Full id of its rule.
    pub rule_id: String,
    /// Version of the rule's pack.
    pub rule_version: String,
    /// Id of its cause within the rule.
    pub cause: String,
    /// What the confidence is made of, a sentence each.
    pub evidence: Vec<String>,
    /// The verb: `run`, `edit`, `set`, `retry`, `advice` and others.
    pub verb: &'static str,
    /// The action in short.
    pub action: String,
    /// The command that it runs.
    pub command: Option<Vec<String>>,
    /// The files that it changes.
    pub files: Vec<PathBuf>,
    /// What it changes in them.
    pub diff: Option<String>,
    /// Whether it keeps behaviour.
    pub safety: Safety,
    /// What it touches.
    pub effects: Vec<Effect>,
    /// The policy gate's word.
    pub decision: Decision,
    /// Why.
    pub decision_reason: Option<String>,
}

/// What is thought of a failure: its errors, their causes, and fixes, best first.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AnalysisResult {
    /// The errors, best explanation first; never empty.
    pub errors: Vec<DetectedError>,
    /// Fixes in the order in which they would be tried.
    pub suggestions: Vec<FixSuggestion>,
    pub(super) diagnosis: Arc<Diagnosis>,
}

impl AnalysisResult {
    /// The error that explains the failure best.
    #[must_use]
    pub fn error(&self) -> Option<&DetectedError> {
        self.errors.first()
    }

    /// All causes, those of the best error first, each error's likeliest first.
    pub fn causes(&self) -> impl Iterator<Item = &RootCause> {
        self.errors.iter().flat_map(|error| &error.causes)
    }

    /// The likeliest cause in words; empty where nothing is known.
    #[must_use]
    pub fn root_cause(&self) -> &str {
        self.causes().next().map_or("", |cause| &cause.explanation)
    }

    /// How sure the likeliest cause is, from 0 to 1.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.causes().next().map_or(0.0, |cause| cause.confidence)
    }

    /// Whether no fix may be applied by itself.
    #[must_use]
    pub fn requires_manual_intervention(&self) -> bool {
        !self.suggestions.iter().any(|s| s.decision == Decision::Allow)
    }
}

/// What applying a fix did.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FixResult {
    /// It stands (or, on a dry run, would).
    pub success: bool,
    /// What it did.
    pub description: String,
    /// Why.
    pub reasoning: String,
    /// How sure its cause is, from 0 to 1.
    pub confidence: f64,
    /// Full id of its rule.
    pub rule_id: String,
    /// Files that it changed.
    pub files_changed: Vec<PathBuf>,
    /// The command that it ran.
    pub command: Option<Vec<String>>,
    /// What changed in files, as a unified diff.
    pub diff: String,
    /// Nothing was changed: it was a dry run.
    pub dry_run: bool,
    /// The session under which it can be undone.
    pub session_id: Option<String>,
    /// Copies of its files from before.
    pub backups: Vec<PathBuf>,
    #[serde(skip)]
    pub(super) origin: Option<(Arc<Diagnosis>, usize)>,
}

impl Core {
    fn text(&self, text: &str) -> String {
        self.redactor.text(text).into_owned()
    }

    fn texts(&self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    pub(super) fn root(&self) -> &Path {
        &self.engine.setup.root
    }

    fn cause(&self, cause: &CauseVerdict) -> RootCause {
        RootCause {
            rule_id: cause.rule.clone(),
            rule_version: cause.version.clone(),
            cause: cause.cause.clone(),
            title: cause.title.clone(),
            explanation: self.text(&cause.explanation),
            confidence: rounded(cause.confidence),
            evidence: self.texts(&orchestrator::evidence(cause)),
        }
    }

    pub(super) fn error(&self, analysis: &Analysis, failure: Option<&Failure>) -> DetectedError {
        let error = &analysis.error;
        let place = error.location.as_ref();
        let rule = error.rule.and_then(|index| self.engine.rules().rules.get(index));
        let captures = error.captures.iter();
        DetectedError {
            error_type: error.error_type,
            environment: error.environment.as_deref().map(EnvironmentType::from),
            severity: error.severity,
            message: self.text(&error.message),
            excerpt: self.text(&error.excerpt),
            file_path: place.map(|p| p.file.clone()),
            line_number: place.and_then(|p| p.line),
            column: place.and_then(|p| p.column),
            function: place.and_then(|p| p.function.clone()),
            source: place.and_then(|p| p.source.as_deref()).map(|s| self.text(s)),
            fingerprint: error.fingerprint.clone(),
            exit_code: error.exit_code,
            rule_id: rule.map(|r| r.id.clone()),
            captures: captures.map(|(name, text)| (name.clone(), self.text(text))).collect(),
            causes: analysis.causes.iter().map(|cause| self.cause(cause)).collect(),
            ruled_out: analysis.ruled_out.clone(),
            failure: failure.map(|failure| Box::new(failure.clone())),
        }
    }

    pub(super) fn suggestion(&self, diagnosis: &Diagnosis, index: usize, candidate: &Candidate) -> FixSuggestion {
        let cause = diagnosis.cause(candidate);
        let suggestion = &candidate.suggestion;
        let (decision, decision_reason) = Decision::of(&candidate.decision);
        let plan = candidate.plan.as_ref();
        let diff = plan.map(|p| p.diff(self.root())).unwrap_or_default();
        FixSuggestion {
            index,
            error: candidate.error,
            description: self.text(&suggestion.title),
            reasoning: self.text(&cause.explanation),
            confidence: rounded(suggestion.confidence),
            rule_id: cause.rule.clone(),
            rule_version: cause.version.clone(),
            cause: cause.cause.clone(),
            evidence: self.texts(&orchestrator::evidence(cause)),
            verb: suggestion.action.verb(),
            action: self.text(&suggestion.action.short()),
            command: match &suggestion.action {
                Action::Run { argv, .. } | Action::Rerun { argv } => Some(self.redactor.argv(argv)),
                _ => None,
            },
            files: plan.map(|p| p.paths().map(PathBuf::from).collect()).unwrap_or_default(),
            diff: (!diff.is_empty()).then(|| self.text(&diff)),
            safety: suggestion.safety,
            effects: suggestion.effects.clone(),
            decision,
            decision_reason,
        }
    }

    /// The place of a candidate in its diagnosis.
    pub(super) fn index(diagnosis: &Diagnosis, candidate: &Candidate) -> usize {
        let same = |c: &Candidate| {
            (c.error, c.cause) == (candidate.error, candidate.cause) && c.suggestion == candidate.suggestion
        };
        diagnosis.candidates.iter().position(same).unwrap_or(0)
    }

    pub(super) fn errors(&self, diagnosis: &Diagnosis, failure: Option<&Failure>) -> Vec<DetectedError> {
        diagnosis.errors.iter().map(|a| self.error(a, failure)).collect()
    }

    pub(super) fn suggestions(&self, diagnosis: &Diagnosis) -> Vec<FixSuggestion> {
        let all = diagnosis.candidates.iter().enumerate();
        all.map(|(index, candidate)| self.suggestion(diagnosis, index, candidate))
            .collect()
    }
}

/// Confidence is arithmetic on hundredths; floating point dust is not shown.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
