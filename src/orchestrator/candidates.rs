//! From a failed run to fixes that might cure it, each with the gate's word.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::engine::Engine;
use super::folder::{base_folder, folder_of_reports};
use super::probes::RealProbes;
use super::reach::Limits;
use super::subject::Attempt;
use crate::analyzer::{Action, Analysis, CauseVerdict, Context, Suggestion, analyze};
use crate::detector::{DetectContext, DetectedError, Recognised, WorldFiles, detect, recognise};
use crate::fixer::{AllowList, Decision, Facts, Plan, Policy, decide, plan};
use crate::pack::RuleSet;
use crate::template::Vars;

/// A fix that might cure the failure.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Index of its error in [`Diagnosis::errors`].
    pub error: usize,
    /// Index of its cause in that error's analysis.
    pub cause: usize,
    /// The fix.
    pub suggestion: Suggestion,
    /// What it would do; none where it would not work, with the reason in `unplanned`.
    pub plan: Option<Plan>,
    /// Why it would not work.
    pub unplanned: Option<String>,
    /// The gate's word.
    pub decision: Decision,
}

/// What is known about a failed run.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// Errors, best first, each with its analysis.
    pub errors: Vec<Analysis>,
    /// Fixes in the order in which they would be tried.
    pub candidates: Vec<Candidate>,
    /// The kept output, normalised.
    pub output: Vec<String>,
    /// The run-time programs.
    pub recognised: Recognised,
    /// Variables `ctx.…` of the run.
    pub vars: Vars,
}

impl Diagnosis {
    /// The cause of a candidate.
    #[must_use]
    pub fn cause(&self, candidate: &Candidate) -> &CauseVerdict {
        &self.errors[candidate.error].causes[candidate.cause]
    }

    /// Whether a likelier cause of the same failure leaves nothing but advice: then acting on this
    /// one would be guessing.
    #[must_use]
    pub fn is_outweighed(&self, candidate: &Candidate) -> bool {
        let group = |error: &DetectedError| error.alternative_of.unwrap_or(error.id);
        let own = group(&self.errors[candidate.error].error);
        let confidence = self.cause(candidate).confidence;
        self.errors
            .iter()
            .enumerate()
            .filter(|(_, a)| group(&a.error) == own)
            .any(|(error, analysis)| {
                analysis.causes.iter().enumerate().any(|(cause, verdict)| {
                    verdict.confidence > confidence
                        && !self.candidates.iter().any(|c| {
                            (c.error, c.cause) == (error, cause)
                                && !matches!(c.suggestion.action, Action::Advice { .. })
                        })
                })
            })
    }

    /// The first error.
    #[must_use]
    pub fn primary(&self) -> Option<&Analysis> {
        self.errors.first()
    }

    /// Fingerprints of all errors.
    pub fn fingerprints(&self) -> impl Iterator<Item = &str> {
        self.errors.iter().map(|a| a.error.fingerprint.as_str())
    }
}

/// The surroundings of a diagnosis.
pub struct Surroundings<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The command.
    pub argv: &'a [String],
    /// Its folder.
    pub cwd: &'a Path,
    /// Probes.
    pub probes: &'a RealProbes<'a>,
    /// What the config and the command line allow.
    pub policy: Policy,
    /// How often each fingerprint came up so far.
    pub seen: &'a BTreeMap<String, u32>,
}

impl Surroundings<'_> {
    /// Diagnoses a failed run.
    #[must_use]
    pub fn diagnose(&self, attempt: &Attempt) -> Diagnosis {
        let engine = self.engine;
        let world = &*engine.setup.world;
        let base = base_folder(engine.rules(), world, self.argv, self.cwd);
        let cwd = &folder_of_reports(&attempt.scan, world, &engine.setup.root, &base).unwrap_or(base);
        let files = WorldFiles(world);
        let env = |name: &str| world.env(name).map(|v| v.to_string_lossy().into_owned());
        let recognised = recognise(self.argv, self.cwd, &env, &files, engine.rules());
        let detected = detect(
            &attempt.scan,
            engine.rules(),
            &DetectContext {
                cwd,
                project_root: &engine.setup.root,
                recognised: &recognised,
                exit_code: attempt.code,
                files: &files,
            },
        );
        let mut programs: BTreeMap<String, PathBuf> = recognised
            .programs
            .iter()
            .map(|(name, p)| (name.clone(), p.path.clone()))
            .collect();
        if self.argv.is_empty() {
            from_path(engine, &mut programs);
        }
        let output = attempt.scan.kept();
        let extra = BTreeMap::new();
        let context = Context {
            world,
            rules: engine.rules(),
            renderer: &engine.renderer,
            probes: self.probes,
            cwd,
            project: &engine.setup.root,
            writable: &engine.setup.config.roots.writable,
            argv: self.argv,
            exit_code: attempt.code,
            programs: &programs,
            environment: recognised.environment.as_deref(),
            output: &output,
            interactive: self.policy.can_ask,
            seen: self.seen,
            extra: &extra,
        };
        let mut errors: Vec<Analysis> = detected.iter().map(|error| analyze(error, &context)).collect();
        rank(&mut errors, recognised.environment.as_deref(), engine.rules());
        only_told_once(&mut errors);
        let vars = context.run_vars();
        let candidates = self.candidates(&errors, &vars, cwd);
        Diagnosis {
            errors,
            candidates,
            output,
            recognised,
            vars,
        }
    }

    fn candidates(&self, errors: &[Analysis], vars: &Vars, cwd: &Path) -> Vec<Candidate> {
        let setup = &self.engine.setup;
        let allow = AllowList::new(
            &setup.config.safety.allowed_external_commands,
            self.engine.rules(),
            &self.engine.renderer,
            vars,
        );
        let limits = Limits {
            world: &*setup.world,
            config: &setup.config,
            root: &setup.root,
            log_dir: &setup.log_dir,
            allow: &allow,
        };
        let mut candidates = Vec::new();
        let mut seen: BTreeMap<(&str, String), bool> = BTreeMap::new();
        for (error, analysis) in errors.iter().enumerate() {
            for (cause, verdict) in analysis.causes.iter().enumerate() {
                for suggestion in &verdict.fixes {
                    let advice = matches!(suggestion.action, Action::Advice { .. });
                    let (plan, unplanned) = match plan(&suggestion.action, &*setup.world, cwd) {
                        Ok(plan) => (Some(plan), None),
                        Err(error) => (None, Some(error.to_string())),
                    };
                    let decision = match (&plan, &unplanned) {
                        (Some(plan), _) => {
                            let facts = Facts {
                                reach: limits.reach(plan, suggestion.undo.as_ref(), advice),
                                safety: suggestion.safety,
                                effects: &suggestion.effects,
                                confidence: suggestion.confidence,
                                trusted: verdict.trusted,
                            };
                            match (decide(&facts, &self.policy), &suggestion.only_shown) {
                                // The analyzer knows better why it is for a person.
                                (Decision::Advise(_), Some(why)) if !advice => Decision::Advise(why.clone()),
                                (decision, _) => decision,
                            }
                        }
                        (None, why) => Decision::Advise(why.clone().unwrap_or_default()),
                    };
                    // Two wordings of one failure often lead to one and the same fix; it is told twice
                    // only where the second may be done and the first may not.
                    let allowed = decision == Decision::Allow;
                    let key = (suggestion.action.verb(), suggestion.action.short());
                    match seen.get(&key) {
                        Some(true) => continue,
                        Some(false) if !allowed => continue,
                        _ => drop(seen.insert(key, allowed)),
                    }
                    candidates.push(Candidate {
                        error,
                        cause,
                        suggestion: suggestion.clone(),
                        plan,
                        unplanned,
                        decision,
                    });
                }
            }
        }
        candidates
    }
}

/// Leaves out what says nothing new: an error whose rule found no possible cause, and a report
/// without a rule whose lines or place a known error explains.
fn only_told_once(errors: &mut Vec<Analysis>) {
    let known: Vec<_> = errors
        .iter()
        .filter(|a| !a.causes.is_empty())
        .map(|a| {
            let place = a.error.location.as_ref().map(|l| (l.file.clone(), l.line));
            (a.error.stream, a.error.lines, place)
        })
        .collect();
    if known.is_empty() {
        return;
    }
    errors.retain(|a| {
        if !a.causes.is_empty() {
            return true;
        }
        let place = a.error.location.as_ref().map(|l| (l.file.clone(), l.line));
        a.error.rule.is_none()
            && !known.iter().any(|(stream, lines, at)| {
                let overlaps = *stream == a.error.stream && a.error.lines.0 <= lines.1 && lines.0 <= a.error.lines.1;
                overlaps || (place.is_some() && *at == place)
            })
    });
}

/// A captured log does not tell which program printed it: those on PATH stand for it.
fn from_path(engine: &Engine, programs: &mut BTreeMap<String, PathBuf>) {
    for (name, environment) in &engine.rules().environments {
        let names = if environment.program.is_empty() {
            &environment.commands
        } else {
            &environment.program
        };
        let found = names
            .iter()
            .filter(|n| !n.contains('*'))
            .find_map(|n| engine.setup.world.which(n));
        if let (Some(path), false) = (found, programs.contains_key(name)) {
            programs.insert(name.clone(), path);
        }
    }
}

/// Puts analysed errors into the order in which they are healed.
pub fn rank(errors: &mut Vec<Analysis>, environment: Option<&str>, rules: &RuleSet) {
    group_alternatives(errors, environment);
    // What makes the rest of the output worthless comes before everything else, unless another rule
    // knows better what that very line means.
    let group = |a: &Analysis| a.error.alternative_of.unwrap_or(a.error.id);
    let mut heads: BTreeMap<usize, bool> = BTreeMap::new();
    for analysis in errors.iter() {
        let first = analysis
            .error
            .rule
            .and_then(|i| rules.rules.get(i))
            .is_some_and(|r| r.rule.first);
        heads
            .entry(group(analysis))
            .or_insert(first && !analysis.causes.is_empty());
    }
    errors.sort_by_key(|a| !heads.get(&group(a)).copied().unwrap_or(false));
}

/// From here on a cause is likely.
const LIKELY: f64 = 0.4;

/// Rules that matched one line compete by confidence: the best of them stands where the first stood.
fn group_alternatives(errors: &mut Vec<Analysis>, environment: Option<&str>) {
    // A likely cause from the command's own environment knows more than a general one.
    let best = |a: &Analysis| {
        let confidence = a.causes.first().map_or(-1.0, |c| c.confidence);
        let own = environment.is_some() && a.error.environment.as_deref() == environment;
        (own && confidence >= LIKELY, confidence)
    };
    let order = |a: &Analysis, b: &Analysis| {
        let (a, b) = (best(a), best(b));
        b.0.cmp(&a.0).then(b.1.total_cmp(&a.1))
    };
    let mut grouped: Vec<Analysis> = Vec::with_capacity(errors.len());
    let all = std::mem::take(errors);
    let (mains, mut others): (Vec<_>, Vec<_>) = all.into_iter().partition(|a| a.error.alternative_of.is_none());
    for main in mains {
        let mut group = vec![main];
        let id = group[0].error.id;
        let mut index = 0;
        while index < others.len() {
            if others[index].error.alternative_of == Some(id) {
                group.push(others.remove(index));
            } else {
                index += 1;
            }
        }
        group.sort_by(&order);
        grouped.extend(group);
    }
    grouped.extend(others);
    *errors = grouped;
}
