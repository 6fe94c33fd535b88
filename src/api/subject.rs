//! What the façade heals: something that has failed already, a function of the program, or a command.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::core::Core;
use super::failure::Failure;
use super::gate::Entered;
use super::protect::Again;
use crate::detector::Scan;
use crate::exec;
use crate::orchestrator::{self, Attempt, Engine, EngineError, Subject, SubjectError};

/// The number that a shell gives for Ctrl-C: how a session learns that it is to stop.
const STOP: i32 = 2;

/// How a function that was called again went.
pub(super) enum Called {
    Fine,
    Failed(Failure),
    /// It panicked: the session ends, and the panic goes on after it.
    Panicked(Box<dyn Any + Send>),
    /// It cannot be called like this.
    Impossible(String),
}

/// How what failed is run again.
pub(super) enum Rerun<'a> {
    Call(&'a mut dyn FnMut(&Again<'_>) -> Called),
    Command,
    Never,
}

/// See the module.
pub(super) struct Known<'c, 'r> {
    pub(super) core: &'c Core,
    pub(super) argv: Vec<String>,
    pub(super) cwd: PathBuf,
    /// What is known of the first run; none: the command is run for it.
    pub(super) first: Option<Failure>,
    pub(super) rerun: Rerun<'r>,
    pub(super) stop: Option<&'c (dyn Fn() -> bool + Send + Sync)>,
    /// How many sessions had healed something when the first run began, where that matters.
    pub(super) since: Option<u64>,
    /// Whoever waits for this session may be waited for by the function.
    pub(super) turn: Option<Entered>,
    pub(super) runs: u32,
    pub(super) output: Option<String>,
    pub(super) panic: Option<Box<dyn Any + Send>>,
}

impl<'c, 'r> Known<'c, 'r> {
    pub(super) fn new(core: &'c Core, argv: Vec<String>, cwd: PathBuf, rerun: Rerun<'r>) -> Self {
        Self {
            core,
            argv,
            cwd,
            first: None,
            rerun,
            stop: None,
            since: None,
            turn: None,
            runs: 0,
            output: None,
            panic: None,
        }
    }

    fn command(&mut self, env: &[(String, String)], instead: Option<&[String]>) -> Result<Attempt, SubjectError> {
        let command = orchestrator::command(&self.argv, &self.cwd, env, instead);
        let limits = exec::CaptureLimits {
            timeout: None,
            ..exec::CaptureLimits::default()
        };
        let (attempt, captured) = orchestrator::capture(&self.core.engine, &command, &limits)?;
        let text = [captured.stdout, captured.stderr].concat();
        self.output = Some(String::from_utf8_lossy(&text).into_owned());
        Ok(attempt)
    }

    fn ended(success: bool, interrupted: Option<i32>) -> Attempt {
        let code = i32::from(!success);
        Attempt {
            code: Some(code),
            shell_code: code,
            success,
            interrupted,
            scan: Scan::default(),
        }
    }
}

impl Subject for Known<'_, '_> {
    fn argv(&self) -> &[String] {
        &self.argv
    }

    fn cwd(&self) -> &Path {
        &self.cwd
    }

    fn attempt(&mut self, env: &[(String, String)], instead: Option<&[String]>) -> Result<Attempt, SubjectError> {
        self.runs += 1;
        if let Some(failure) = self.first.take() {
            return Ok(self.core.failed(&failure));
        }
        match &mut self.rerun {
            Rerun::Call(_) if instead.is_some() => Err(SubjectError::Other(
                "the fix is another command, and what failed is a function".to_owned(),
            )),
            Rerun::Call(function) => {
                let again = Again {
                    attempt: self.runs,
                    variables: env,
                };
                let called = match &self.turn {
                    Some(turn) => turn.call(|| function(&again)),
                    None => function(&again),
                };
                match called {
                    Called::Fine => Ok(Self::ended(true, None)),
                    Called::Failed(failure) => Ok(self.core.failed(&failure)),
                    Called::Panicked(payload) => {
                        self.panic = Some(payload);
                        Ok(Self::ended(false, Some(STOP)))
                    }
                    Called::Impossible(why) => Err(SubjectError::Other(why)),
                }
            }
            Rerun::Command => self.command(env, instead),
            Rerun::Never => Err(SubjectError::Other("a captured output cannot be run again".to_owned())),
        }
    }

    fn can_repeat(&self) -> Result<(), String> {
        match self.rerun {
            Rerun::Never => Err("a captured output cannot be run again".to_owned()),
            _ => Ok(()),
        }
    }

    fn interrupted(&self) -> Option<i32> {
        let stop = self.panic.is_some() || self.stop.is_some_and(|stop| stop());
        stop.then_some(STOP)
    }

    fn engine(&mut self) -> Result<Arc<Engine>, EngineError> {
        Ok(Arc::clone(&self.core.engine))
    }
}
