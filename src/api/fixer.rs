//! The fixer as a part of its own: past the policy gate, in a transaction, with backups, and back again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::builder::OrchestratorBuilder;
use super::core::Core;
use super::error::Error;
use super::facts::{AnalysisResult, Decision, FixResult, FixSuggestion};
use super::session::PutBack;
use crate::analyzer::Action;
use crate::config::SelfHealingConfig;
use crate::exec::{self, ProjectLock};
use crate::fixer;
use crate::orchestrator::Candidate;
use crate::transaction::{Transaction, UndoError};

/// How long a fix waits for another heal in this project.
const PATIENCE: Duration = Duration::from_secs(600);

/// Applies the fixes of an analysis.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let script = folder.path().join("job.sh");
/// # std::fs::write(&script, "if true; then\n  echo ready\n")?;
/// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
/// # let ran = heal::environment::Bash::new(folder.path()).syntax_check("job.sh")?;
/// let analysis = healer.analyzer().analyze(&ran); // the `fi` of job.sh is missing
/// let suggestion = &analysis.suggestions[0];
/// println!("{}", healer.fixer().generate_fix_preview(suggestion));
///
/// let fix = healer.fixer().apply_fix(suggestion, &analysis)?;
/// assert!(std::fs::read_to_string(&script)?.ends_with("fi\n"));
/// assert!(fix.backups[0].exists());
///
/// let validation = healer.validator().validate(&fix, heal::Level::Standard);
/// assert!(validation.success());
///
/// assert!(healer.fixer().rollback(&fix)?.complete);
/// assert_eq!(std::fs::read_to_string(&script)?, "if true; then\n  echo ready\n");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Fixer {
    core: Core,
}

impl Fixer {
    /// A fixer with these settings.
    ///
    /// # Errors
    /// A setting or a rule pack is not right.
    pub fn new(config: SelfHealingConfig) -> Result<Self, Error> {
        Ok(OrchestratorBuilder::default().config(config).build()?.fixer().clone())
    }

    pub(super) fn from_core(core: Core) -> Self {
        Self { core }
    }

    /// Applies a fix that the policy gate allows. With `safety.dry_run` nothing is changed, and the result says so.
    ///
    /// # Errors
    /// The gate does not allow it, or it could not be carried out: then everything is as it was.
    pub fn apply_fix(&self, suggestion: &FixSuggestion, analysis: &AnalysisResult) -> Result<FixResult, Error> {
        self.apply(suggestion, analysis, false)
    }

    /// As [`apply_fix`](Self::apply_fix), for a fix that a person has agreed to: what the gate would ask about is
    /// done. What it refuses, or only advises, is not.
    ///
    /// # Errors
    /// See [`apply_fix`](Self::apply_fix).
    pub fn apply_approved_fix(
        &self,
        suggestion: &FixSuggestion,
        analysis: &AnalysisResult,
    ) -> Result<FixResult, Error> {
        self.apply(suggestion, analysis, true)
    }

    /// What applying a fix would come to. Nothing is changed.
    #[must_use]
    pub fn dry_run(&self, suggestion: &FixSuggestion, analysis: &AnalysisResult) -> FixResult {
        FixResult {
            success: true,
            description: suggestion.description.clone(),
            reasoning: suggestion.reasoning.clone(),
            confidence: suggestion.confidence,
            rule_id: suggestion.rule_id.clone(),
            files_changed: Vec::new(),
            command: suggestion.command.clone(),
            diff: suggestion.diff.clone().unwrap_or_default(),
            dry_run: true,
            session_id: None,
            backups: Vec::new(),
            origin: Some((Arc::clone(&analysis.diagnosis), suggestion.index)),
        }
    }

    fn apply(&self, suggestion: &FixSuggestion, analysis: &AnalysisResult, approved: bool) -> Result<FixResult, Error> {
        let candidate = analysis
            .diagnosis
            .candidates
            .get(suggestion.index)
            .ok_or_else(|| Error::Apply("the suggestion belongs to another analysis".to_owned()))?;
        match Decision::of(&candidate.decision) {
            (Decision::Allow, _) => {}
            (Decision::Ask, _) if approved => {}
            (decision, reason) => {
                return Err(Error::NotAllowed {
                    decision,
                    reason: reason.unwrap_or_default(),
                });
            }
        }
        if matches!(
            candidate.suggestion.action,
            Action::Retry(_) | Action::Env { .. } | Action::Rerun { .. }
        ) {
            let why = "this cure is a way of running again: a session with a function to call does it";
            return Err(Error::Apply(why.to_owned()));
        }
        let mut result = self.dry_run(suggestion, analysis);
        if self.core.engine.setup.config.safety.dry_run {
            return Ok(result);
        }
        self.carry_out(candidate, &mut result)?;
        Ok(result)
    }

    fn carry_out(&self, candidate: &Candidate, result: &mut FixResult) -> Result<(), Error> {
        let Some(plan) = &candidate.plan else {
            return Err(Error::Apply(candidate.unplanned.clone().unwrap_or_default()));
        };
        let setup = &self.core.engine.setup;
        if setup.config.safety.sandbox_execution && (plan.command.is_some() || plan.paths().next().is_some()) {
            let why = "safety.sandbox_execution is on: only a session tries and proves a fix in a copy";
            return Err(Error::Apply(why.to_owned()));
        }
        let words =
            |error: &dyn std::fmt::Display| Error::Apply(self.core.redactor.text(&error.to_string()).into_owned());
        crate::logdir::prepare(&*setup.world, &setup.log_dir).map_err(|e| words(&e))?;
        let lock = ProjectLock::acquire(&setup.log_dir.join("lock"), exec::Wait::UpTo(PATIENCE));
        let _lock = lock.map_err(|e| words(&e))?;
        let id = crate::orchestrator::session_id();
        let mut transaction = Transaction::open(Arc::clone(&setup.world), &setup.root, &setup.log_dir, &id);
        for root in &setup.config.roots.writable {
            transaction.allow_root(root);
        }
        transaction.keep_backups(setup.config.safety.backup_before_fix);
        let environments = self.core.engine.rules().environments.values();
        let unset: Vec<String> = environments.flat_map(|e| e.unset.iter().cloned()).collect();
        let suggestion = &candidate.suggestion;
        let applied = fixer::apply(
            plan,
            suggestion.undo.as_ref(),
            &suggestion.title,
            &unset,
            &mut transaction,
        );
        let diff = String::from_utf8_lossy(&transaction.diff()).into_owned();
        let files = transaction.files();
        let done = applied
            .map_err(|e| e.to_string())
            .and_then(|_| transaction.commit().map_err(|e| e.to_string()));
        if let Err(why) = done {
            let mut undo = |argv: &[String]| self.core.undo_command(argv);
            let restored = transaction
                .rollback(&mut undo)
                .map_err(|e| words(&format!("{why}; and {e}")))?;
            return Err(words(&match restored.could_not_undo.first() {
                Some(rest) => format!("{why}; could not put back {}: {}", rest.what, rest.reason),
                None => why,
            }));
        }
        result.dry_run = false;
        result.backups = newest_backups(&self.core, &files);
        result.files_changed = files;
        result.diff = self.core.redactor.text(&diff).into_owned();
        result.session_id = Some(id);
        Ok(())
    }

    /// Takes a fix back, byte for byte.
    ///
    /// # Errors
    /// It was never applied or is taken back already, or somebody has worked on the files since; nothing has changed
    /// then.
    pub fn rollback(&self, fix: &FixResult) -> Result<PutBack, Error> {
        let session = fix.session_id.as_deref().ok_or(UndoError::Nothing)?;
        self.core.undo(session)
    }

    /// What a fix would do, for people: why, how sure, and the exact command or diff.
    #[must_use]
    pub fn generate_fix_preview(&self, suggestion: &FixSuggestion) -> String {
        let mut lines = vec![
            suggestion.description.clone(),
            format!("cause ({:.2}): {}", suggestion.confidence, suggestion.reasoning),
        ];
        lines.extend(suggestion.evidence.iter().map(|piece| format!("  {piece}")));
        lines.push(match &suggestion.diff {
            Some(diff) => diff.trim_end().to_owned(),
            None => format!("{}: {}", suggestion.verb, suggestion.action),
        });
        let reason = suggestion.decision_reason.as_ref();
        let reason = reason.map(|why| format!(": {why}")).unwrap_or_default();
        lines.push(format!("{}{reason}", suggestion.decision.words()));
        lines.join("\n")
    }
}

/// The newest backup of each file.
pub(super) fn newest_backups(core: &Core, files: &[PathBuf]) -> Vec<PathBuf> {
    let setup = &core.engine.setup;
    let Ok(all) = setup.world.read_dir(&crate::logdir::backups(&setup.log_dir)) else {
        return Vec::new();
    };
    let name = |path: &PathBuf| {
        path.file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    files
        .iter()
        .filter_map(|file| {
            let start = format!("{}.", name(file));
            let mine = all.iter().filter(|path| {
                let own = name(path);
                own.starts_with(&start) && own.ends_with(".backup")
            });
            mine.max().cloned()
        })
        .collect()
}
