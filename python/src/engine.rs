//! The engine as Python sees it: sessions, diagnoses, single fixes, the record.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use heal::analyzer::Action;
use heal::changelog::{Changelog, Redactor};
use heal::config::Level;
use heal::detector::{ScanOptions, Scanner, StreamKind};
use heal::exec::{self, ProjectLock};
use heal::fixer::{self, Decision, Plan, Policy};
use heal::orchestrator::{self, Attempt, Options, RealProbes, Surroundings};
use heal::pack::model::CaptureType;
use heal::template::Vars;
use heal::transaction::{self, Transaction};
use heal::validator::{Check, Outcome, OwnChecks, Validate, ValidationResult};
use pyo3::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::overlay::Overlay;
use crate::session::{Again, Asker, Failed, Pending, Teller};
use crate::settings::{Wanted, value_error};
use crate::shape::Shape;

/// Something that failed, as the package tells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// What it printed.
    text: String,
    /// Its command, where known.
    #[serde(default)]
    argv: Vec<String>,
    /// Its environment, where known: stands for the command where there is none.
    #[serde(default)]
    environment: Option<String>,
    /// A file that it is about, where known: the argument of that command.
    #[serde(default)]
    file: Option<String>,
    /// Its folder.
    cwd: PathBuf,
    /// Its exit code.
    code: i32,
    /// Run the command again as proof.
    #[serde(default)]
    rerun_command: bool,
    /// Whatever needs approval has it.
    #[serde(default)]
    approved: bool,
    /// Source that is in no file, by the path that its traceback names.
    #[serde(default)]
    sources: BTreeMap<PathBuf, String>,
    /// Nothing that needs the network.
    #[serde(default)]
    offline: bool,
}

/// A check of Python's own, run after the engine's.
struct OwnValidator {
    function: Py<PyAny>,
}

impl OwnChecks for OwnValidator {
    fn checks(&self, plan: &Plan) -> Vec<Check> {
        let paths: Vec<String> = plan.paths().map(|p| p.to_string_lossy().into_owned()).collect();
        let said = Python::attach(|py| self.function.call1(py, (paths,))?.extract::<Option<String>>(py));
        vec![Check {
            name: "registered validators".to_owned(),
            outcome: match said {
                Ok(None) => Outcome::Passed,
                Ok(Some(why)) => Outcome::Failed(why),
                Err(error) => Outcome::Failed(error.to_string()),
            },
        }]
    }
}

/// Errors of an output with their causes and fixes, to be applied later.
#[pyclass(frozen, module = "self_healing._native")]
pub struct Diagnosis {
    diagnosis: orchestrator::Diagnosis,
    cwd: PathBuf,
}

/// An engine: rules, settings, project.
#[pyclass(frozen, module = "self_healing._native")]
pub struct Engine {
    engine: Arc<orchestrator::Engine>,
    redactor: Arc<Redactor>,
    overlay: Arc<Overlay>,
}

impl Engine {
    fn shape(&self) -> Shape<'_> {
        Shape {
            engine: &self.engine,
            redactor: &self.redactor,
        }
    }

    fn request(&self, text: &str) -> PyResult<Request> {
        let mut request: Request = serde_json::from_str(text).map_err(value_error)?;
        self.overlay.know(std::mem::take(&mut request.sources));
        Ok(request)
    }

    fn policy(&self, can_ask: bool, request: &Request) -> Policy {
        let config = &self.engine.setup.config;
        Policy {
            auto: config.confidence.auto,
            ask: config.confidence.ask,
            require_approval: config.safety.require_approval,
            yes: request.approved,
            can_ask,
            offline: request.offline,
            dry_run: config.safety.dry_run,
        }
    }

    /// The command; where it is not known, one that stands for the environment.
    fn argv(&self, request: &Request) -> Vec<String> {
        if !request.argv.is_empty() {
            return request.argv.clone();
        }
        let environments = &self.engine.rules().environments;
        let Some(environment) = request.environment.as_ref().and_then(|name| environments.get(name)) else {
            return Vec::new();
        };
        let world = &self.engine.setup.world;
        let plain = || {
            let all = environment.program.iter().chain(&environment.commands);
            all.filter(|c| !c.contains('*'))
        };
        let program = plain().find(|c| world.which(c).is_some()).or_else(|| plain().next());
        program.into_iter().chain(&request.file).cloned().collect()
    }

    fn changelog(&self) -> Changelog {
        let setup = &self.engine.setup;
        let file = &setup.config.logging.changelog_file;
        let redactor = Redactor::clone(&self.redactor);
        Changelog::new(Arc::clone(&setup.world), &setup.log_dir, file, redactor)
    }

    /// Puts back what a session left behind that was killed.
    fn recover(&self) -> Result<Vec<String>, String> {
        let setup = &self.engine.setup;
        if setup.config.safety.dry_run || !setup.world.is_dir(&heal::logdir::sessions(&setup.log_dir)) {
            return Ok(Vec::new());
        }
        let mut undo = |argv: &[String]| self.undo_command(argv);
        transaction::recover(&setup.world, &setup.root, &setup.log_dir, &mut undo)
            .map(|all| all.into_iter().map(|r| r.session).collect())
            .map_err(|e| e.to_string())
    }

    fn undo_command(&self, argv: &[String]) -> Result<(), String> {
        let command = exec::Command::new(argv).in_folder(&self.engine.setup.root);
        match exec::capture(&command, &exec::CaptureLimits::default()) {
            Ok(captured) if captured.success() => Ok(()),
            Ok(captured) => Err(format!("ended with {}", captured.exit.shell_code())),
            Err(error) => Err(error.to_string()),
        }
    }

    fn validation(&self, diagnosis: &Diagnosis, plan: &Plan, level: Option<Level>) -> ValidationResult {
        let setup = &self.engine.setup;
        let mut config = setup.config.validation.clone();
        config.level = level.unwrap_or(config.level);
        Validate {
            world: &*setup.world,
            rules: self.engine.rules(),
            renderer: &self.engine.renderer,
            vars: &diagnosis.diagnosis.vars,
            project: &setup.root,
            config: &config,
            own: &self.engine.validators,
            runner: &heal::validator::directly,
        }
        .plan(plan)
    }

    fn apply_plan(&self, diagnosis: &Diagnosis, index: usize, approved: bool) -> Result<Value, String> {
        let all = &diagnosis.diagnosis;
        let candidate = all.candidates.get(index).ok_or("there is no such suggestion")?;
        match &candidate.decision {
            Decision::Allow => {}
            Decision::Ask(_) if approved => {}
            Decision::Ask(why) => return Err(format!("it needs approval: {why}")),
            Decision::Advise(why) => return Err(format!("a person must do this: {why}")),
            Decision::Refuse(why) => return Err(format!("not allowed: {why}")),
        }
        let Some(plan) = &candidate.plan else {
            return Err(candidate.unplanned.clone().unwrap_or_default());
        };
        if matches!(
            candidate.suggestion.action,
            Action::Retry(_) | Action::Env { .. } | Action::Rerun { .. }
        ) {
            return Err("this cure is a way of running again: `heal` with a function to call does it".to_owned());
        }
        let setup = &self.engine.setup;
        if setup.config.safety.dry_run {
            return Ok(json!({"dry_run": true}));
        }
        if setup.config.safety.sandbox_execution && (plan.command.is_some() || plan.paths().next().is_some()) {
            return Err("safety.sandbox_execution is on: only a session tries and proves a fix in a copy".to_owned());
        }
        heal::logdir::prepare(&*setup.world, &setup.log_dir).map_err(|e| e.to_string())?;
        let wait = exec::Wait::UpTo(std::time::Duration::from_secs(600));
        let lock = ProjectLock::acquire(&setup.log_dir.join("lock"), wait).map_err(|e| e.to_string())?;
        let id = heal::orchestrator::session_id();
        let mut transaction = Transaction::open(Arc::clone(&setup.world), &setup.root, &setup.log_dir, &id);
        for root in &setup.config.roots.writable {
            transaction.allow_root(root);
        }
        let environments = self.engine.rules().environments.values();
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
            let mut undo = |argv: &[String]| self.undo_command(argv);
            let restored = transaction.rollback(&mut undo).map_err(|e| format!("{why}; and {e}"))?;
            drop(lock);
            return Err(match restored.could_not_undo.first() {
                Some(rest) => format!("{why}; could not put back {}: {}", rest.what, rest.reason),
                None => why,
            });
        }
        Ok(json!({
            "dry_run": false,
            "session_id": id,
            "files": files,
            "diff": self.redactor.text(&diff),
        }))
    }
}

#[pymethods]
impl Engine {
    /// Loads the packs. `settings` is JSON: `config`, `root`, `log_dir`.
    #[new]
    #[pyo3(signature = (settings, validator=None))]
    fn new(py: Python<'_>, settings: &str, validator: Option<Py<PyAny>>) -> PyResult<Self> {
        let wanted: Wanted = serde_json::from_str(settings).map_err(value_error)?;
        let overlay = Arc::new(Overlay::default());
        let setup = wanted.setup(Arc::clone(&overlay) as _)?;
        let redactor = Redactor::new(&setup.config.redact.patterns).map_err(value_error)?;
        let mut engine = py.detach(|| orchestrator::Engine::load(setup)).map_err(value_error)?;
        if let Some(function) = validator {
            engine.validators.push(Box::new(OwnValidator { function }));
        }
        Ok(Self {
            engine: Arc::new(engine),
            redactor: Arc::new(redactor),
            overlay,
        })
    }

    /// Heals something that failed. The session as JSON.
    #[pyo3(signature = (request, rerun=None, witness=None, approver=None))]
    fn heal(
        &self,
        py: Python<'_>,
        request: &str,
        rerun: Option<Py<PyAny>>,
        witness: Option<Py<PyAny>>,
        approver: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        let request = self.request(request)?;
        let pending = Pending::default();
        let again = match rerun {
            Some(function) => Again::Call(function),
            None if request.rerun_command && !request.argv.is_empty() => Again::Command,
            None => Again::Never,
        };
        let options = Options {
            policy: self.policy(approver.is_some(), &request),
            no_rerun: matches!(again, Again::Never),
            wait: true,
        };
        let teller = |function| Teller {
            function,
            engine: Arc::clone(&self.engine),
            redactor: Arc::clone(&self.redactor),
            pending: pending.clone(),
        };
        let mut asker = Asker {
            function: approver,
            teller: Arc::new(teller(None)),
        };
        let mut witness = teller(witness);
        let mut subject = Failed {
            argv: self.argv(&request),
            cwd: request.cwd.clone(),
            first: Some(request.text.into_bytes()),
            code: request.code,
            again,
            engine: Arc::clone(&self.engine),
            pending: pending.clone(),
        };
        let healed = py.detach(|| {
            let recovered = self.recover();
            let healed = orchestrator::heal(&mut subject, options, &mut witness, &mut asker);
            healed.map(|session| {
                let mut value = self.shape().session(&session);
                value["recovered"] = json!(recovered.unwrap_or_default());
                value.to_string()
            })
        });
        match pending.take() {
            Some(error) => Err(error),
            None => healed.map_err(value_error),
        }
    }

    /// Errors, causes and fixes of an output, as JSON and as an object for [`Engine::apply`].
    #[pyo3(signature = (request, can_ask=true))]
    fn diagnose(&self, py: Python<'_>, request: &str, can_ask: bool) -> PyResult<(String, Diagnosis)> {
        let request = self.request(request)?;
        let found = py.detach(|| {
            let mut scanner = Scanner::new(Arc::clone(&self.engine.matcher), ScanOptions::default());
            for chunk in request.text.as_bytes().chunks(64 << 10) {
                scanner.feed(StreamKind::Both, chunk);
            }
            let attempt = Attempt {
                code: Some(request.code),
                shell_code: request.code,
                success: false,
                interrupted: None,
                scan: scanner.finish(),
            };
            let seen = std::collections::BTreeMap::new();
            let argv = self.argv(&request);
            let probes = RealProbes::new(&*self.engine.setup.world);
            let surroundings = Surroundings {
                engine: &self.engine,
                argv: &argv,
                cwd: &request.cwd,
                probes: &probes,
                policy: self.policy(can_ask, &request),
                seen: &seen,
            };
            surroundings.diagnose(&attempt)
        });
        let text = self.shape().diagnosis(&found).to_string();
        let cwd = request.cwd;
        Ok((text, Diagnosis { diagnosis: found, cwd }))
    }

    /// Applies one fix of a diagnosis in a transaction of its own. What was done, as JSON.
    #[pyo3(signature = (diagnosis, index, approved=false))]
    fn apply(&self, py: Python<'_>, diagnosis: &Diagnosis, index: usize, approved: bool) -> PyResult<String> {
        let done = py.detach(|| self.apply_plan(diagnosis, index, approved));
        Ok(match done {
            Ok(value) => value.to_string(),
            Err(why) => json!({"error": self.redactor.text(&why)}).to_string(),
        })
    }

    /// Checks an applied fix: every check as JSON.
    #[pyo3(signature = (diagnosis, index, level=None))]
    fn validate(&self, py: Python<'_>, diagnosis: &Diagnosis, index: usize, level: Option<&str>) -> PyResult<String> {
        let level: Option<Level> = level
            .map(|name| serde_json::from_value(json!(name)))
            .transpose()
            .map_err(value_error)?;
        let candidate = diagnosis.diagnosis.candidates.get(index);
        let Some(plan) = candidate.and_then(|c| c.plan.as_ref()) else {
            return Ok("[]".to_owned());
        };
        let result = py.detach(|| self.validation(diagnosis, plan, level));
        let checks: Vec<Value> = result
            .checks
            .iter()
            .map(|check| {
                let (outcome, detail) = match &check.outcome {
                    Outcome::Passed => ("passed", None),
                    Outcome::Failed(why) => ("failed", Some(self.redactor.text(why).into_owned())),
                    Outcome::Skipped(why) => ("skipped", Some(why.clone())),
                };
                json!({"name": check.name, "outcome": outcome, "detail": detail})
            })
            .collect();
        Ok(json!(checks).to_string())
    }

    /// Takes a committed session back. What was done, as JSON.
    fn rollback(&self, py: Python<'_>, session: &str) -> PyResult<String> {
        let setup = &self.engine.setup;
        let undone = py.detach(|| {
            let mut undo = |argv: &[String]| self.undo_command(argv);
            transaction::undo(&setup.world, &setup.root, &setup.log_dir, Some(session), &mut undo)
        });
        Ok(match undone {
            Ok(report) => json!({
                "files": report.restored.files,
                "complete": report.restored.is_complete(),
                "could_not_undo": report.restored.could_not_undo.iter()
                    .map(|c| format!("{}: {}", c.what, c.reason)).collect::<Vec<_>>(),
            }),
            Err(error) => json!({"error": error.to_string()}),
        }
        .to_string())
    }

    /// The whole changelog, as JSON.
    fn read_changelog(&self, py: Python<'_>) -> PyResult<String> {
        let reading = py.detach(|| self.changelog().read()).map_err(value_error)?;
        let metadata = reading.metadata.as_ref().map_or_else(
            || json!({"created": null, "version": heal::changelog::VERSION}),
            |m| json!(m),
        );
        Ok(json!({
            "metadata": metadata,
            "incidents": reading.incidents,
        })
        .to_string())
    }

    /// The figures of the changelog, as JSON.
    fn statistics(&self, py: Python<'_>) -> PyResult<String> {
        let reading = py.detach(|| self.changelog().read()).map_err(value_error)?;
        crate::settings::json(&reading.statistics())
    }

    /// Whether a file parses in its environment's language, or passes the environment's own check: `None`, or a
    /// fault as JSON.
    fn syntax(&self, py: Python<'_>, path: PathBuf, content: &[u8]) -> PyResult<Option<String>> {
        let Some(environment) = heal::validator::environment_of(self.engine.rules(), &path) else {
            return Ok(None);
        };
        if let Some(language) = environment.checks.language {
            return Ok(heal::language::parses(language, content, None).err().map(|fault| {
                json!({"line": fault.line, "column": fault.column, "message": fault.message}).to_string()
            }));
        }
        let setup = &self.engine.setup;
        let mut vars = Vars::default();
        let own = environment.program.iter().chain(&environment.commands);
        if let Some(program) = own.filter(|c| !c.contains('*')).find_map(|c| setup.world.which(c)) {
            let name = format!("ctx.{}", environment.name);
            vars.set(
                &name,
                heal::template::Value::typed(program.to_string_lossy(), CaptureType::Path),
            );
        }
        let made = py.detach(|| {
            let checks = Validate {
                world: &*setup.world,
                rules: self.engine.rules(),
                renderer: &self.engine.renderer,
                vars: &vars,
                project: &setup.root,
                config: &setup.config.validation,
                own: &[],
                runner: &heal::validator::directly,
            };
            checks.command("syntax", &environment.checks, |it| &it.syntax, Some(&path))
        });
        Ok(match made.map(|check| check.outcome) {
            Some(Outcome::Failed(message)) => Some(json!({"line": 0, "column": 0, "message": message}).to_string()),
            _ => None,
        })
    }

    /// The environment that a file belongs to.
    fn environment_of(&self, path: PathBuf) -> Option<String> {
        heal::validator::environment_of(self.engine.rules(), &path).map(|e| e.name.clone())
    }

    /// Full ids of the rules in force.
    fn rules(&self) -> Vec<String> {
        self.engine.rules().rules.iter().map(|r| r.id.clone()).collect()
    }
}

#[pymethods]
impl Diagnosis {
    /// The folder of what failed.
    #[getter]
    fn cwd(&self) -> PathBuf {
        self.cwd.clone()
    }
}
