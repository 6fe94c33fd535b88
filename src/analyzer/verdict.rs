//! From an error to ranked causes with their evidence and fixes.

use super::condition::{Outcome, holds};
use super::context::Context;
use super::{Action, derive, render};
use crate::detector::DetectedError;
use crate::pack::model::{Cause, Confidence, Effect, Fix, Safety, Undo};
use crate::pack::{LoadedPack, LoadedRule};
use crate::template::{Value, Vars, default_type};

/// Where a cause's confidence starts when its rule says nothing.
const DEFAULT_BASE: f64 = 0.6;

/// What the analyzer thinks of an error.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// The error.
    pub error: DetectedError,
    /// Possible causes, likeliest first.
    pub causes: Vec<CauseVerdict>,
    /// Rules and causes that were looked at and ruled out: full id and the condition that failed.
    pub ruled_out: Vec<(String, String)>,
}

/// A possible cause.
#[derive(Debug, Clone)]
pub struct CauseVerdict {
    /// Full id of the rule.
    pub rule: String,
    /// Version of its pack.
    pub version: String,
    /// What happened, in general.
    pub title: String,
    /// Id of the cause inside the rule.
    pub cause: String,
    /// What is the matter, with everything filled in.
    pub explanation: String,
    /// Where the confidence starts.
    pub base: f64,
    /// Each piece of evidence, and whether it held.
    pub evidence: Vec<EvidenceVerdict>,
    /// Base and evidence, between 0 and 1.
    pub confidence: f64,
    /// Fixes, best first.
    pub fixes: Vec<Suggestion>,
    /// All variables, for examples and `heal explain`.
    pub vars: Vars,
    /// The rule may run commands without being asked.
    pub trusted: bool,
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceVerdict {
    /// What it says.
    pub because: String,
    /// How much it adds.
    pub add: f64,
    /// Whether it held.
    pub held: bool,
}

/// A fix with everything filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// What it does.
    pub title: String,
    /// Kind of change.
    pub safety: Safety,
    /// What it touches.
    pub effects: Vec<Effect>,
    /// What would be done.
    pub action: Action,
    /// How it is taken back.
    pub undo: Option<Undo>,
    /// A cheaper command that must succeed before the failed one is run again.
    pub verify: Option<Vec<String>>,
    /// Whether the failed command is to be run again as proof; none: as the environment says.
    pub rerun: Option<bool>,
    /// Confidence of the cause, with this fix's own correction.
    pub confidence: f64,
    /// Why it may only be shown (a capture that may not reach a command, say).
    pub only_shown: Option<String>,
}

/// Finds the likely causes of an error.
#[must_use]
pub fn analyze(error: &DetectedError, context: &Context<'_>) -> Analysis {
    let mut analysis = Analysis {
        error: error.clone(),
        causes: Vec::new(),
        ruled_out: Vec::new(),
    };
    if let Some(rule) = error.rule.and_then(|index| context.rules.rules.get(index)) {
        let (causes, ruled_out) = analyze_rule(error, rule, context);
        analysis.causes = causes;
        analysis.ruled_out = ruled_out;
    }
    // A stable sort: among equals the more specific rule and the earlier cause stay first.
    analysis.causes.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    analysis
}

/// The causes of one rule, and what was ruled out with the reason.
#[must_use]
pub fn analyze_rule(
    error: &DetectedError,
    rule: &LoadedRule,
    context: &Context<'_>,
) -> (Vec<CauseVerdict>, Vec<(String, String)>) {
    let Some(pack) = context.rules.packs.get(rule.pack) else {
        return (Vec::new(), Vec::new());
    };
    let scope = Scope {
        error,
        rule,
        pack,
        context,
    };
    let mut vars = context.vars(error);
    for name in crate::pack::groups::group_names(&rule.rule.matching) {
        vars.declare(&name);
    }
    for (name, text) in &error.captures {
        let kind = rule
            .rule
            .captures
            .get(name)
            .copied()
            .unwrap_or_else(|| default_type(name));
        vars.set(name, Value::typed(text.clone(), kind));
    }
    derive::apply(&rule.rule.derive, &mut vars, &scope);
    if let Outcome::No(why) = holds(&rule.rule.when, &vars, &scope) {
        return (Vec::new(), vec![(rule.id.clone(), why)]);
    }
    let mut causes = Vec::new();
    let mut ruled_out = Vec::new();
    for cause in &rule.rule.causes {
        match scope.cause(cause, vars.clone()) {
            Ok(verdict) => causes.push(verdict),
            Err(why) => ruled_out.push((format!("{}#{}", rule.id, cause.id), why)),
        }
    }
    (causes, ruled_out)
}

/// One rule at one error.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The error.
    pub error: &'a DetectedError,
    /// The rule.
    pub rule: &'a LoadedRule,
    /// Its pack.
    pub pack: &'a LoadedPack,
    /// The surroundings.
    pub context: &'a Context<'a>,
}

impl Scope<'_> {
    fn cause(&self, cause: &Cause, mut vars: Vars) -> Result<CauseVerdict, String> {
        derive::apply(&cause.derive, &mut vars, self);
        if let Outcome::No(why) = holds(&cause.when, &vars, self) {
            return Err(why);
        }
        let default = Confidence {
            base: DEFAULT_BASE,
            evidence: Vec::new(),
        };
        let stated = cause
            .confidence
            .as_ref()
            .or(self.rule.rule.confidence.as_ref())
            .unwrap_or(&default);
        let mut evidence = Vec::new();
        let mut confidence = stated.base;
        for piece in &stated.evidence {
            let held = holds(&piece.when, &vars, self) == Outcome::Yes;
            if held {
                confidence += piece.add;
            }
            evidence.push(EvidenceVerdict {
                because: self.text(&piece.because, &vars),
                add: piece.add,
                held,
            });
        }
        let confidence = confidence.clamp(0.0, 1.0);
        let explanation = cause
            .explain
            .as_ref()
            .or(self.rule.rule.explain.as_ref())
            .or(self.rule.rule.cause.as_ref())
            .map_or_else(|| self.rule.rule.title.clone(), |template| self.text(template, &vars));
        let fixes = cause
            .fix
            .iter()
            .filter_map(|fix| self.fix(cause, fix, &vars, confidence))
            .collect();
        Ok(CauseVerdict {
            rule: self.rule.id.clone(),
            version: self.pack.version.clone(),
            title: self.rule.rule.title.clone(),
            cause: cause.id.clone(),
            explanation,
            base: stated.base,
            evidence,
            confidence,
            fixes,
            vars,
            trusted: self.rule.trusted,
        })
    }

    fn fix(&self, cause: &Cause, fix: &Fix, vars: &Vars, confidence: f64) -> Option<Suggestion> {
        if holds(&fix.when, vars, self) != Outcome::Yes {
            return None;
        }
        let title = self.text(&fix.title, vars);
        let (action, only_shown) = match render::action(fix, vars, self) {
            Ok(action) => (action, super::wanted::unwanted(cause, fix, vars, self)),
            // What cannot be filled in safely is still worth telling a person.
            Err(why) => (
                Action::Advice {
                    text: format!("{title} (heal does not do it by itself: {why})"),
                },
                Some(why),
            ),
        };
        let undo = fix.undo.as_ref().and_then(|undo| render::undo(undo, vars, self));
        let verify = fix
            .verify
            .as_ref()
            .and_then(|v| v.run.as_ref())
            .and_then(|argv| render::argv(argv, vars, self).ok());
        Some(Suggestion {
            title,
            safety: if only_shown.is_some() || matches!(action, Action::Advice { .. }) {
                Safety::Manual
            } else {
                fix.safety
            },
            effects: fix.effects.clone(),
            action,
            undo,
            verify,
            rerun: fix.verify.as_ref().and_then(|v| v.rerun),
            confidence: (confidence + fix.add).clamp(0.0, 1.0),
            only_shown,
        })
    }

    /// A template for people; one that cannot be rendered is shown as it stands.
    #[must_use]
    pub fn text(&self, template: &str, vars: &Vars) -> String {
        self.context
            .renderer
            .text(template, vars)
            .unwrap_or_else(|_| template.to_owned())
    }
}
