//! What the parts share: the engine, the mask for secrets, registered checks.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use super::callbacks::CustomValidator;
use super::error::Error;
use super::failure::Failure;
use crate::changelog::{Changelog, Redactor};
use crate::detector::{Scan, ScanOptions, Scanner, StreamKind};
use crate::exec;
use crate::fixer::{Plan, Policy};
use crate::orchestrator::{Attempt, Diagnosis, Engine, RealProbes, Setup, Surroundings};
use crate::transaction;
use crate::validator::{Check, OwnChecks};

/// See the module.
#[derive(Clone)]
pub(super) struct Core {
    pub(super) engine: Arc<Engine>,
    pub(super) redactor: Arc<Redactor>,
    pub(super) checks: Checks,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core")
            .field("root", &self.engine.setup.root)
            .field("log_dir", &self.engine.setup.log_dir)
            .field("rules", &self.engine.rules().rules.len())
            .finish_non_exhaustive()
    }
}

/// Registered checks, which may come while the engine is in use.
#[derive(Clone, Default)]
pub(super) struct Checks(Arc<RwLock<Vec<Arc<dyn CustomValidator>>>>);

impl Checks {
    pub(super) fn add(&self, check: Arc<dyn CustomValidator>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(check);
    }
}

impl OwnChecks for Checks {
    fn checks(&self, plan: &Plan) -> Vec<Check> {
        // The lock is not held while they run: one of them may register another.
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let files: Vec<PathBuf> = plan.paths().map(PathBuf::from).collect();
        all.iter()
            .map(|check| Check {
                name: check.name().to_owned(),
                outcome: super::callbacks::verdict(&**check, &files),
            })
            .collect()
    }
}

impl Core {
    pub(super) fn load(setup: Setup) -> Result<Self, Error> {
        let redactor = Redactor::new(&setup.config.redact.patterns)?;
        let mut engine = Engine::load(setup)?;
        let checks = Checks::default();
        engine.validators.push(Box::new(checks.clone()));
        Ok(Self {
            engine: Arc::new(engine),
            redactor: Arc::new(redactor),
            checks,
        })
    }

    pub(super) fn policy(&self, can_ask: bool) -> Policy {
        let config = &self.engine.setup.config;
        Policy {
            auto: config.confidence.auto,
            ask: config.confidence.ask,
            require_approval: config.safety.require_approval,
            yes: false,
            can_ask,
            offline: false,
            dry_run: config.safety.dry_run,
        }
    }

    /// The command of a failure; where it is not known, one that stands for its environment.
    pub(super) fn argv(&self, failure: &Failure) -> Vec<String> {
        if !failure.command.is_empty() {
            return failure.command.clone();
        }
        let name = failure.environment.as_ref();
        let Some(environment) = name.and_then(|e| self.engine.rules().environments.get(e.name())) else {
            return Vec::new();
        };
        let file = failure.file.iter().map(|file| file.to_string_lossy().into_owned());
        let program = self.program(&environment.program, &environment.commands);
        program.into_iter().chain(file).collect()
    }

    /// The program of an environment: the first that is on `PATH`, else the first.
    pub(super) fn program(&self, own: &[String], commands: &[String]) -> Option<String> {
        let world = &self.engine.setup.world;
        let plain = || own.iter().chain(commands).filter(|c| !c.contains('*'));
        let found = plain().find(|c| world.which(c).is_some());
        found.or_else(|| plain().next()).cloned()
    }

    pub(super) fn scan(&self, chunks: &[(StreamKind, &[u8])]) -> Scan {
        let mut scanner = Scanner::new(Arc::clone(&self.engine.matcher), ScanOptions::default());
        for (stream, text) in chunks {
            for chunk in text.chunks(64 << 10) {
                scanner.feed(*stream, chunk);
            }
        }
        scanner.finish()
    }

    pub(super) fn failed(&self, failure: &Failure) -> Attempt {
        Attempt {
            code: Some(failure.code),
            shell_code: failure.code,
            success: false,
            interrupted: None,
            scan: self.scan(&[(StreamKind::Both, failure.text.as_bytes())]),
        }
    }

    pub(super) fn diagnose(&self, failure: &Failure, can_ask: bool) -> Diagnosis {
        let argv = self.argv(failure);
        let probes = RealProbes::new(&*self.engine.setup.world);
        Surroundings {
            engine: &self.engine,
            argv: &argv,
            cwd: &failure.cwd(),
            probes: &probes,
            policy: self.policy(can_ask),
            seen: &BTreeMap::new(),
        }
        .diagnose(&self.failed(failure))
    }

    pub(super) fn changelog(&self) -> Changelog {
        let setup = &self.engine.setup;
        let file = &setup.config.logging.changelog_file;
        let redactor = Redactor::clone(&self.redactor);
        Changelog::new(Arc::clone(&setup.world), &setup.log_dir, file, redactor)
    }

    /// Puts back what sessions left behind whose process was killed; their ids.
    pub(super) fn recover(&self) -> Vec<String> {
        let setup = &self.engine.setup;
        if setup.config.safety.dry_run || !setup.world.is_dir(&crate::logdir::sessions(&setup.log_dir)) {
            return Vec::new();
        }
        let mut undo = |argv: &[String]| self.undo_command(argv);
        let recovered = transaction::recover(&setup.world, &setup.root, &setup.log_dir, &mut undo);
        recovered.map_or_else(|_| Vec::new(), |all| all.into_iter().map(|r| r.session).collect())
    }

    pub(super) fn undo_command(&self, argv: &[String]) -> Result<(), String> {
        let command = exec::Command::new(argv).in_folder(self.root());
        match exec::capture(&command, &exec::CaptureLimits::default()) {
            Ok(captured) if captured.success() => Ok(()),
            Ok(captured) => Err(format!("ended with {}", captured.exit.shell_code())),
            Err(error) => Err(error.to_string()),
        }
    }
}
