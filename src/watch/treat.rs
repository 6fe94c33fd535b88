//! Healing what a log told: through the same session as every other heal, with two more reasons to
//! leave a fix alone: commands that were not switched on, and what was tried a moment ago.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::limit::Limiter;
use crate::fixer::Decision;
use crate::orchestrator::{
    self, Attempt, Candidate, Diagnosis, Engine, EngineError, FinalResult, HealingSession, NeverAsk, Options, Subject,
    SubjectError, Witness,
};

/// Most fixes for what was found at one moment.
const MOST: usize = 8;

/// What a watch may do by itself.
#[derive(Debug, Clone, Copy)]
pub struct Healing {
    /// Fixes that run commands, too; else only those that change files.
    pub allow_commands: bool,
    /// No second identical fix, and no second fix of the same error, within this time.
    pub window: Duration,
}

/// What was found, as something that can be healed.
struct Found<'a> {
    attempt: &'a Attempt,
    cwd: PathBuf,
    engine: Arc<Engine>,
    stop: &'a AtomicBool,
}

impl Subject for Found<'_> {
    fn argv(&self) -> &[String] {
        &[]
    }

    fn cwd(&self) -> &Path {
        &self.cwd
    }

    fn attempt(&mut self, _: &[(String, String)], _: Option<&[String]>) -> Result<Attempt, SubjectError> {
        Ok(self.attempt.clone())
    }

    fn can_repeat(&self) -> Result<(), String> {
        Err("what wrote the log cannot be run again from here".to_owned())
    }

    fn interrupted(&self) -> Option<i32> {
        self.stop.load(Ordering::SeqCst).then_some(libc::SIGTERM)
    }

    fn engine(&mut self) -> Result<Arc<Engine>, EngineError> {
        Ok(Arc::clone(&self.engine))
    }
}

/// Forbids what must not be done now, and notes what is done.
struct Careful<'a> {
    healing: Healing,
    limiter: &'a mut Limiter,
    now: i64,
    acted: bool,
}

impl Careful<'_> {
    fn forbidden(&self, diagnosis: &Diagnosis, candidate: &Candidate) -> Option<String> {
        let plan = candidate.plan.as_ref()?;
        if plan.command.is_some() && !self.healing.allow_commands {
            return Some("fixes that run commands need `--allow-commands`".to_owned());
        }
        self.limiter.held(diagnosis, candidate, self.now)
    }
}

impl Witness for Careful<'_> {
    fn veto(&mut self, diagnosis: &Diagnosis, candidate: &Candidate) -> Option<String> {
        self.forbidden(diagnosis, candidate)
    }

    fn applying(&mut self, diagnosis: &Diagnosis, candidate: &Candidate) {
        self.acted = true;
        self.limiter.note(diagnosis, candidate, self.now);
    }
}

/// What is to be healed, and how.
pub struct Case<'a> {
    /// The rules that found it.
    pub engine: &'a Arc<Engine>,
    /// What was found.
    pub attempt: &'a Attempt,
    /// What is known about it.
    pub diagnosis: &'a Diagnosis,
    /// The session's.
    pub options: Options,
    /// The watch's.
    pub healing: Healing,
}

/// What healing came to, one step after another.
pub enum Step {
    /// A session ran. It changed something where its result is `Applied`.
    Session(Box<HealingSession>),
    /// There was a fix, and it was left alone.
    Left(String),
    /// heal itself failed.
    Failed(String),
}

/// Heals what was found: as many independent errors as there are fixes that may be applied. What
/// comes of each step is told before the next begins.
pub fn treat(case: &Case<'_>, limiter: &mut Limiter, stop: &AtomicBool, tell: &mut dyn FnMut(Step)) {
    let Case {
        engine,
        attempt,
        diagnosis,
        options,
        healing,
    } = *case;
    let world = &engine.setup.world;
    for _ in 0..MOST {
        let before = limiter.clone();
        let mut careful = Careful {
            healing,
            limiter,
            now: world.now().timestamp(),
            acted: false,
        };
        let allowed = || {
            diagnosis
                .candidates
                .iter()
                .filter(|c| c.plan.is_some() && c.decision == Decision::Allow)
        };
        if !allowed().any(|c| careful.forbidden(diagnosis, c).is_none()) {
            if let Some(why) = allowed().find_map(|c| careful.forbidden(diagnosis, c)) {
                tell(Step::Left(why));
            }
            return;
        }
        let mut subject = Found {
            attempt,
            cwd: world.cwd(),
            engine: Arc::clone(engine),
            stop,
        };
        match orchestrator::heal(&mut subject, options, &mut careful, &mut NeverAsk) {
            Ok(session) => {
                let more = session.final_result == FinalResult::Applied && careful.acted;
                if session.fixes.is_empty() {
                    // Another heal was at work here: nothing was tried, so nothing is used up.
                    *limiter = before;
                }
                tell(Step::Session(Box::new(session)));
                if !more {
                    return;
                }
            }
            Err(error) => {
                tell(Step::Failed(error.to_string()));
                return;
            }
        }
    }
}
