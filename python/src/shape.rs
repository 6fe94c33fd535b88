//! What crosses to Python, as JSON: errors, fixes, sessions. Secrets are masked on the way.

use std::path::Path;

use heal::analyzer::{Action, Analysis};
use heal::changelog::Redactor;
use heal::orchestrator::{self, Candidate, Engine, HealingSession};
use serde_json::{Value, json};

/// Turns the engine's types into JSON.
#[derive(Debug)]
pub struct Shape<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// Masks secrets.
    pub redactor: &'a Redactor,
}

impl Shape<'_> {
    fn root(&self) -> &Path {
        &self.engine.setup.root
    }

    fn text(&self, text: &str) -> String {
        self.redactor.text(text).into_owned()
    }

    /// An error with what is thought of it.
    pub fn error(&self, analysis: &Analysis) -> Value {
        let error = &analysis.error;
        let place = error.location.as_ref();
        let rule = error.rule.and_then(|index| self.engine.rules().rules.get(index));
        json!({
            "error_type": error.error_type,
            "environment": error.environment,
            "severity": error.severity,
            "message": self.text(&error.message),
            "excerpt": self.text(&error.excerpt),
            "file_path": place.map(|p| p.file.to_string_lossy()),
            "line_number": place.and_then(|p| p.line),
            "column": place.and_then(|p| p.column),
            "function": place.and_then(|p| p.function.clone()),
            "source": place.and_then(|p| p.source.as_deref()).map(|s| self.text(s)),
            "fingerprint": error.fingerprint,
            "exit_code": error.exit_code,
            "rule_id": rule.map(|r| r.id.clone()),
            "captures": error.captures.iter().map(|(k, v)| (k.clone(), self.text(v))).collect::<std::collections::BTreeMap<_, _>>(),
            "causes": analysis.causes.iter().map(|cause| json!({
                "rule_id": cause.rule,
                "rule_version": cause.version,
                "cause": cause.cause,
                "title": cause.title,
                "explanation": self.text(&cause.explanation),
                "confidence": rounded(cause.confidence),
                "evidence": orchestrator::evidence(cause).iter().map(|e| self.text(e)).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "ruled_out": analysis.ruled_out,
        })
    }

    /// A fix that might be applied.
    pub fn candidate(&self, diagnosis: &orchestrator::Diagnosis, index: usize, candidate: &Candidate) -> Value {
        let cause = diagnosis.cause(candidate);
        let suggestion = &candidate.suggestion;
        let (decision, reason) = orchestrator::decision_words(&candidate.decision);
        let plan = candidate.plan.as_ref();
        let diff = plan.map(|p| p.diff(self.root())).unwrap_or_default();
        json!({
            "index": index,
            "error": candidate.error,
            "description": self.text(&suggestion.title),
            "reasoning": self.text(&cause.explanation),
            "confidence": rounded(suggestion.confidence),
            "rule_id": cause.rule,
            "rule_version": cause.version,
            "cause": cause.cause,
            "evidence": orchestrator::evidence(cause).iter().map(|e| self.text(e)).collect::<Vec<_>>(),
            "verb": suggestion.action.verb(),
            "action": self.text(&suggestion.action.short()),
            "command": match &suggestion.action {
                Action::Run { argv, .. } | Action::Rerun { argv } => Some(self.redactor.argv(argv)),
                _ => None,
            },
            "files": plan.map(|p| p.paths().map(|p| p.to_string_lossy().into_owned()).collect::<Vec<_>>()).unwrap_or_default(),
            "diff": (!diff.is_empty()).then(|| self.text(&diff)),
            "safety": suggestion.safety,
            "effects": suggestion.effects,
            "decision": decision,
            "decision_reason": reason,
        })
    }

    /// All fixes of a diagnosis.
    pub fn candidates(&self, diagnosis: &orchestrator::Diagnosis) -> Vec<Value> {
        let all = diagnosis.candidates.iter().enumerate();
        all.map(|(index, candidate)| self.candidate(diagnosis, index, candidate))
            .collect()
    }

    /// A diagnosis.
    pub fn diagnosis(&self, diagnosis: &orchestrator::Diagnosis) -> Value {
        json!({
            "errors": diagnosis.errors.iter().map(|a| self.error(a)).collect::<Vec<_>>(),
            "suggestions": self.candidates(diagnosis),
        })
    }

    /// A session.
    pub fn session(&self, session: &HealingSession) -> Value {
        json!({
            "session_id": session.id,
            "final_result": session.final_result,
            "attempts": session.attempts,
            "exit_code": session.exit_code,
            "reason": session.reason.as_deref().map(|r| self.text(r)),
            "patch": self.text(&session.patch),
            "trouble": session.trouble,
            "fixes": session.fixes.iter().map(|fix| json!({
                "rule_id": fix.rule,
                "cause": fix.cause,
                "description": self.text(&fix.title),
                "files": fix.paths,
                "command": fix.command.as_ref().map(|c| self.redactor.argv(c)),
                "diff": self.text(&fix.diff),
                "kept": fix.kept,
            })).collect::<Vec<_>>(),
            "restored": session.restored.as_ref().map(|r| json!({
                "files": r.files,
                "complete": r.is_complete(),
                "could_not_undo": r.could_not_undo.iter().map(|c| format!("{}: {}", c.what, c.reason)).collect::<Vec<_>>(),
            })),
            "diagnosis": session.diagnosis.as_ref().map(|d| self.diagnosis(d)),
            "events": session.incidents.iter().map(|i| i.event_type).collect::<Vec<_>>(),
        })
    }
}

/// Confidence is arithmetic on hundredths; floating point dust is not shown.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
