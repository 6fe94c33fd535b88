//! The validator: does what was changed still hold together?
//!
//! Syntax of every touched file first, then style and tests where the level asks; running the
//! failed command again is the orchestrator's part, and the only proof. Programs that own checks
//! name and are not installed are skipped and said so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::{Level, Validation};
use crate::exec::{self, CaptureLimits};
use crate::fixer::Plan;
use crate::language;
use crate::pack::RuleSet;
use crate::pack::model::{CaptureType, Checks, Environment};
use crate::template::{Renderer, Value, Vars};
use crate::world::World;

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It passed.
    Passed,
    /// It failed; its last lines.
    Failed(String),
    /// It was not made, and why.
    Skipped(String),
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// All checks of a fix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValidationResult {
    /// In the order they were made.
    pub checks: Vec<Check>,
}

impl ValidationResult {
    /// Nothing failed.
    #[must_use]
    pub fn success(&self) -> bool {
        !self.checks.iter().any(|c| matches!(c.outcome, Outcome::Failed(_)))
    }

    /// The first failure, as a sentence.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.checks.iter().find_map(|c| match &c.outcome {
            Outcome::Failed(why) => Some(format!("{}: {why}", c.name)),
            _ => None,
        })
    }
}

/// Checks of one's own, made after heal's.
pub trait OwnChecks: Send + Sync {
    /// Checks what was changed.
    fn checks(&self, plan: &Plan) -> Vec<Check>;
}

/// Runs a check's command; an error says why it was not run.
pub type Runner<'a> = &'a dyn Fn(&exec::Command, &CaptureLimits) -> Result<exec::Captured, String>;

/// Runs a check's command as it is.
///
/// # Errors
/// It could not be started.
pub fn directly(command: &exec::Command, limits: &CaptureLimits) -> Result<exec::Captured, String> {
    exec::capture(command, limits).map_err(|error| error.to_string())
}

/// What validation works with.
pub struct Validate<'a> {
    /// Files.
    pub world: &'a dyn World,
    /// The environments' checks.
    pub rules: &'a RuleSet,
    /// Renders their commands.
    pub renderer: &'a Renderer,
    /// `ctx.…` of the session.
    pub vars: &'a Vars,
    /// The project.
    pub project: &'a Path,
    /// What the config asks for.
    pub config: &'a Validation,
    /// Further checks.
    pub own: &'a [Box<dyn OwnChecks>],
    /// Runs the checks' commands.
    pub runner: Runner<'a>,
}

impl Validate<'_> {
    /// Checks an applied plan.
    #[must_use]
    pub fn plan(&self, plan: &Plan) -> ValidationResult {
        let mut result = ValidationResult::default();
        if self.config.syntax_check_after_fix {
            for write in &plan.writes {
                result
                    .checks
                    .extend(self.syntax(&write.path, write.before.as_deref(), &write.after));
            }
        }
        if result.success() && self.config.level == Level::Thorough {
            for write in &plan.writes {
                if let Some(environment) = environment_of(self.rules, &write.path) {
                    result
                        .checks
                        .extend(self.command("lint", &environment.checks, |it| &it.lint, Some(&write.path)));
                }
            }
            if self.config.run_tests_after_fix {
                let environment = plan.writes.first().and_then(|w| environment_of(self.rules, &w.path));
                result
                    .checks
                    .extend(environment.and_then(|e| self.command("tests", &e.checks, |it| &it.test, None)));
            }
        }
        if result.success() {
            result.checks.extend(self.own.iter().flat_map(|v| v.checks(plan)));
        }
        result
    }

    fn syntax(&self, path: &Path, before: Option<&[u8]>, after: &[u8]) -> Option<Check> {
        let environment = environment_of(self.rules, path)?;
        let language = environment.checks.language?;
        let name = format!("syntax of {}", path.file_name().unwrap_or_default().to_string_lossy());
        let version = language::version_matters(language, after)
            .then(|| self.version(environment))
            .flatten();
        let parses = |content| language::parses(language, content, version.as_deref());
        let outcome = match parses(after) {
            Ok(()) => Outcome::Passed,
            // A file with two faults still has one after the first is cured; the next run tells.
            Err(_) if before.is_some_and(|b| parses(b).is_err()) => {
                Outcome::Skipped("it did not parse before either".to_owned())
            }
            Err(fault) => Outcome::Failed(format!("line {}: {}", fault.line, fault.message)),
        };
        Some(Check { name, outcome })
    }

    /// The version of its language that an environment's program speaks.
    fn version(&self, environment: &Environment) -> Option<String> {
        environment.checks.version.iter().find_map(|templates| {
            let argv: Result<Vec<String>, _> = templates.iter().map(|t| self.renderer.text(t, self.vars)).collect();
            language_version(&argv.ok()?, self.project)
        })
    }

    /// Runs the first of some commands whose program exists.
    #[must_use]
    pub fn command(
        &self,
        what: &str,
        checks: &Checks,
        which: impl Fn(&Checks) -> &Vec<Vec<String>>,
        file: Option<&Path>,
    ) -> Option<Check> {
        let commands = which(checks);
        let mut vars = self.vars.clone();
        if let Some(file) = file {
            vars.set("file", Value::typed(file.to_string_lossy(), CaptureType::Path));
        }
        for templates in commands {
            let argv: Result<Vec<String>, _> = templates.iter().map(|t| self.renderer.text(t, &vars)).collect();
            let Ok(argv) = argv else { continue };
            let Some(program) = argv.first().filter(|p| self.world.which(p).is_some()) else {
                continue;
            };
            let name = format!(
                "{what} ({})",
                Path::new(program).file_name().unwrap_or_default().to_string_lossy()
            );
            let limits = CaptureLimits {
                timeout: Some(Duration::from_secs(300)),
                ..CaptureLimits::default()
            };
            let outcome = match (self.runner)(&exec::Command::new(&argv).in_folder(self.project), &limits) {
                Ok(captured) if captured.success() => Outcome::Passed,
                Ok(captured)
                    if captured
                        .exit
                        .code
                        .is_some_and(|code| checks.nothing_codes.contains(&code)) =>
                {
                    Outcome::Skipped("there was nothing to check".to_owned())
                }
                Ok(captured) => {
                    let text = [captured.stdout, captured.stderr].concat();
                    let text = String::from_utf8_lossy(&text).into_owned();
                    Outcome::Failed(
                        text.lines()
                            .rev()
                            .find(|l| !l.trim().is_empty())
                            .unwrap_or("failed")
                            .to_owned(),
                    )
                }
                Err(error) => Outcome::Skipped(error),
            };
            return Some(Check { name, outcome });
        }
        if commands.is_empty() {
            return None;
        }
        let missing = commands
            .iter()
            .filter_map(|c| c.first())
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        Some(Check {
            name: what.to_owned(),
            outcome: Outcome::Skipped(format!("not installed: {missing}")),
        })
    }
}

/// What a command says the version of a language is; none where it cannot be run or says nothing.
#[must_use]
pub fn language_version(argv: &[String], folder: &Path) -> Option<String> {
    let limits = CaptureLimits {
        timeout: Some(Duration::from_secs(10)),
        ..CaptureLimits::default()
    };
    let captured = exec::capture(&exec::Command::new(argv).in_folder(folder), &limits).ok()?;
    let version = String::from_utf8_lossy(&captured.stdout).trim().to_owned();
    (captured.success() && !version.is_empty()).then_some(version)
}

/// The environment that a file belongs to, by its name.
#[must_use]
pub fn environment_of<'a>(rules: &'a RuleSet, path: &Path) -> Option<&'a Environment> {
    let name = path.file_name()?;
    rules.environments.values().map(|e| &**e).find(|environment| {
        environment.files.iter().any(|glob| {
            globset::Glob::new(glob).is_ok_and(|g| {
                let matcher = g.compile_matcher();
                matcher.is_match(name) || matcher.is_match(path)
            })
        })
    })
}

/// The environments' names in which a file's own syntax check can be made.
#[must_use]
pub fn checkable(rules: &RuleSet, path: &Path) -> Option<(PathBuf, String)> {
    environment_of(rules, path).map(|e| (path.to_path_buf(), e.name.clone()))
}
