//! Running the subject again: may it be, when, and what counts as success.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::candidates::{Candidate, Diagnosis};
use super::engine::Engine;
use super::healing::{Healing, Next, Pending};
use super::probes::RealProbes;
use super::session::{FinalResult, FixRecord};
use super::subject::Subject;
use crate::analyzer::Retry;
use crate::changelog::EventType;
use crate::pack::model::Jitter;

/// Whether packs count a code as success for this command (`grep` 1, a plan with changes 2).
pub(super) fn is_success(engine: &Engine, subject: &dyn Subject, code: Option<i32>) -> bool {
    let Some(code) = code else { return false };
    let Some(program) = subject.argv().first().and_then(|p| std::path::Path::new(p).file_name()) else {
        return false;
    };
    let program = program.to_string_lossy();
    engine.rules().environments.values().any(|environment| {
        let belongs = environment.commands.iter().any(|c| match c.split_once('*') {
            None => *c == program,
            Some((before, after)) => program.starts_with(before) && program.ends_with(after),
        });
        let args = &subject.argv()[1..];
        belongs && environment.success_codes.contains(&code) && code != 0
            || environment.success.iter().any(|s| {
                let (mine, words): (bool, &[String]) = match s.args.split_first() {
                    // The first word may name a program of its own (`grep`).
                    Some((first, rest)) if *first == program => (true, rest),
                    _ => (belongs, &s.args),
                };
                mine && s.codes.contains(&code) && words.iter().all(|w| args.contains(w))
            })
    })
}

impl Healing<'_> {
    /// Whether the proof may be made: the subject must be repeatable.
    pub(super) fn may_run_again(
        &self,
        engine: &Engine,
        diagnosis: &Diagnosis,
        candidate: &Candidate,
    ) -> Result<(), String> {
        self.subject.can_repeat()?;
        if candidate.suggestion.rerun == Some(true) || self.options.policy.yes {
            return Ok(());
        }
        if candidate.suggestion.rerun == Some(false) {
            return Err("the fix says that the command must not be run again by itself".to_owned());
        }
        let argv = self.subject.argv();
        let program = argv.first().map(|p| {
            std::path::Path::new(p)
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        });
        let program = program.unwrap_or_default();
        for environment in engine.rules().environments.values() {
            let belongs = environment.commands.contains(&program);
            let repeatable = &environment.repeatable;
            let args = &argv[1.min(argv.len())..];
            let begun = repeatable.started.as_ref().is_none_or(|started| {
                regex::Regex::new(started).is_ok_and(|r| diagnosis.output.iter().any(|line| r.is_match(line)))
            });
            let has = |words: &[String]| words.iter().any(|w| args.contains(w));
            let named = (begun && has(&repeatable.never)) || has(&repeatable.always);
            let excused = has(&repeatable.unless);
            if belongs && !excused && (named || !repeatable.default) {
                return Err(format!(
                    "`{program}` is not safe to run again from the top; `--yes` says that it is"
                ));
            }
        }
        self.nothing_begun_inside(engine, diagnosis, &program)
    }

    /// A wrapper (a Makefile, a script) is run again from its top only where the tools that it
    /// called, by what they printed, had not begun to change anything.
    fn nothing_begun_inside(&self, engine: &Engine, diagnosis: &Diagnosis, program: &str) -> Result<(), String> {
        let inside = |name: &String| {
            diagnosis
                .errors
                .iter()
                .any(|a| a.error.environment.as_ref() == Some(name))
        };
        for (name, environment) in &engine.rules().environments {
            if environment.commands.iter().any(|c| c == program) || !inside(name) {
                continue;
            }
            let Some(started) = &environment.repeatable.started else {
                continue;
            };
            let line = regex::Regex::new(started)
                .ok()
                .and_then(|r| diagnosis.output.iter().find(|l| r.is_match(l)));
            if let Some(line) = line {
                return Err(format!(
                    "`{program}` would be run again from the top, and it had already begun to change something (`{}`); \
                     `--yes` says that it may",
                    line.trim()
                ));
            }
        }
        Ok(())
    }

    /// Runs the subject again after each wait, until it succeeds, says something else, or attempts are used up.
    pub(super) fn retry(
        &mut self,
        retry: &Retry,
        diagnosis: Diagnosis,
        candidate: Candidate,
        fingerprint: &str,
        pending: &mut Option<Pending>,
    ) -> Next {
        let engine = Arc::clone(&self.engine);
        let config = &engine.setup.config.retry;
        let attempts = retry.attempts.min(config.max_attempts);
        let probes = RealProbes::new(&*engine.setup.world);
        self.session.fixes.push(FixRecord {
            rule: diagnosis.cause(&candidate).rule.clone(),
            cause: diagnosis.cause(&candidate).cause.clone(),
            title: candidate.suggestion.title.clone(),
            paths: Vec::new(),
            command: None,
            diff: String::new(),
            kept: false,
        });
        let record = self.session.fixes.len() - 1;
        for number in 1..attempts {
            let delay = backoff(retry, config, number);
            self.witness.waiting(delay, number, attempts);
            if !self.sleep(delay) {
                return Next::End(FinalResult::Interrupted, "interrupted".to_owned());
            }
            let incident = self
                .recorder
                .about_fix(EventType::FixApplied, &diagnosis, &candidate, number);
            self.recorder.write(incident);
            self.session.attempts += 1;
            self.witness.running_again(self.session.attempts);
            let attempt = match self.subject.attempt(&self.env, self.instead.as_deref()) {
                Ok(attempt) => attempt,
                Err(error) => return Next::End(FinalResult::Failed, error.to_string()),
            };
            self.session.exit_code = attempt.shell_code;
            if attempt.interrupted.is_some() {
                return Next::End(FinalResult::Interrupted, "interrupted".to_owned());
            }
            if attempt.success || is_success(&engine, self.subject, attempt.code) {
                let incident = self
                    .recorder
                    .about_fix(EventType::FixValidated, &diagnosis, &candidate, number);
                self.recorder.write(incident);
                self.session.fixes[record].kept = true;
                self.session.diagnosis = Some(diagnosis);
                return Next::End(FinalResult::Success, String::new());
            }
            let now = self.diagnose(&engine, &probes, &attempt);
            if !now.fingerprints().any(|f| f == fingerprint) {
                // Something else is in the way now; that is a matter of its own.
                self.witness.failed(self.session.attempts, &now);
                self.log_failure(&now);
                for other in now.fingerprints() {
                    *self.seen.entry(other.to_owned()).or_insert(0) += 1;
                }
                return self.choose(now, &engine, pending);
            }
        }
        let mut incident = self
            .recorder
            .about_fix(EventType::FixFailed, &diagnosis, &candidate, attempts);
        incident.final_result = Some("retrying did not help".to_owned());
        self.recorder.write(incident);
        self.witness.taken_back(&candidate, "retrying did not help");
        self.choose(diagnosis, &engine, pending)
    }

    /// Waits; false when a signal came.
    pub(super) fn sleep(&self, delay: Duration) -> bool {
        let until = Instant::now() + delay;
        while Instant::now() < until {
            if self.subject.interrupted().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20).min(until.saturating_duration_since(Instant::now())));
        }
        self.subject.interrupted().is_none()
    }
}

/// The wait before run number `number` (1 is the first repetition).
pub(super) fn backoff(retry: &Retry, config: &crate::config::Retry, number: u32) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of waits are far below 2^52")]
    let seconds = |ms: u64| ms as f64 / 1000.0;
    let first = retry.first.map_or(config.initial_delay_seconds, seconds);
    let factor = retry.factor.unwrap_or(config.backoff_multiplier);
    let most = retry.max.map_or(config.max_delay_seconds, seconds);
    let delay =
        (first * factor.powi(i32::try_from(number).unwrap_or(i32::MAX) - 1)).clamp(0.0, most.clamp(0.0, 86_400.0));
    // Any spread does: it only keeps many clients from coming back at once.
    let random = f64::from(uuid::Uuid::new_v4().as_bytes()[0]) / 255.0;
    let delay = match retry.jitter {
        Jitter::None => delay,
        Jitter::Full => delay * random,
        Jitter::Equal => delay * (0.5 + random / 2.0),
    };
    Duration::from_secs_f64(delay)
}
