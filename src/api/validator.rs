//! The validator as a part of its own.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

use super::builder::OrchestratorBuilder;
use super::callbacks::{CustomValidator, Named};
use super::core::Core;
use super::error::Error;
use super::facts::FixResult;
use crate::config::{Level, SelfHealingConfig};
use crate::validator::{self, Check, Outcome};

/// All checks of a fix, in the order in which they were made.
pub type ValidationResult = validator::ValidationResult;

/// Checks that what a fix changed still holds together: syntax of every changed file, then style and tests where the
/// level asks for them, then registered checks.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let script = folder.path().join("job.sh");
/// # std::fs::write(&script, "if true; then\n  echo ready\n")?;
/// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
/// # let bash = heal::environment::Bash::new(folder.path());
/// # let analysis = healer.analyzer().analyze(&bash.syntax_check("job.sh")?);
/// let fix = healer.fixer().apply_fix(&analysis.suggestions[0], &analysis)?;
/// let validator = healer.validator();
/// assert!(validator.quick_validate(&fix).success());
/// let ready = || bash.run_script("job.sh", &[])?.checked();
/// assert!(validator.thorough_validate(&fix, ready).success());
///
/// validator.register_validator("owner", |files| match files {
///     [] => Ok(()),
///     _ => Err("ask the owner first".to_owned()),
/// });
/// assert_eq!(validator.quick_validate(&fix).failure().as_deref(), Some("owner: ask the owner first"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Validator {
    core: Core,
}

impl Validator {
    /// A validator with these settings.
    ///
    /// # Errors
    /// A setting or a rule pack is not right.
    pub fn new(config: SelfHealingConfig) -> Result<Self, Error> {
        Ok(OrchestratorBuilder::default()
            .config(config)
            .build()?
            .validator()
            .clone())
    }

    pub(super) fn from_core(core: Core) -> Self {
        Self { core }
    }

    /// Checks a fix at a level.
    #[must_use]
    pub fn validate(&self, fix: &FixResult, level: Level) -> ValidationResult {
        let Some((diagnosis, index)) = &fix.origin else {
            return ValidationResult::default();
        };
        let candidate = diagnosis.candidates.get(*index);
        let Some(plan) = candidate.and_then(|c| c.plan.as_ref()) else {
            return ValidationResult::default();
        };
        let engine = &self.core.engine;
        let setup = &engine.setup;
        let mut config = setup.config.validation.clone();
        config.level = level;
        validator::Validate {
            world: &*setup.world,
            rules: engine.rules(),
            renderer: &engine.renderer,
            vars: &diagnosis.vars,
            project: &setup.root,
            config: &config,
            own: &engine.validators,
            runner: &validator::directly,
        }
        .plan(plan)
    }

    /// Checks a fix, and then does again what had failed: its error is the last check's failure.
    #[must_use]
    pub fn validate_with<T, E: Display>(
        &self,
        fix: &FixResult,
        level: Level,
        rerun: impl FnOnce() -> Result<T, E>,
    ) -> ValidationResult {
        let mut result = self.validate(fix, level);
        if result.success() && !fix.dry_run {
            result.checks.push(Check {
                name: "run again".to_owned(),
                outcome: match rerun() {
                    Ok(_) => Outcome::Passed,
                    Err(error) => Outcome::Failed(format!("{error:#}")),
                },
            });
        }
        result
    }

    /// Checks syntax only.
    #[must_use]
    pub fn quick_validate(&self, fix: &FixResult) -> ValidationResult {
        self.validate(fix, Level::Quick)
    }

    /// Checks syntax, style and tests, and does again what had failed.
    #[must_use]
    pub fn thorough_validate<T, E: Display>(
        &self,
        fix: &FixResult,
        rerun: impl FnOnce() -> Result<T, E>,
    ) -> ValidationResult {
        self.validate_with(fix, Level::Thorough, rerun)
    }

    /// Adds a check: it is given the files that a fix changed. In sessions a fix that fails it is taken back.
    pub fn register_validator(
        &self,
        name: impl Into<String>,
        check: impl Fn(&[PathBuf]) -> Result<(), String> + Send + Sync + 'static,
    ) {
        self.register(Arc::new(Named(name.into(), check)));
    }

    /// Adds a check that is a type of its own.
    pub fn register(&self, check: Arc<dyn CustomValidator>) {
        self.core.checks.add(check);
    }
}
