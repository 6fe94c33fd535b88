//! The session: the loop from a failure to a proven cure, or back to the start.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::candidates::{Candidate, Diagnosis, Surroundings};
use super::engine::Engine;
use super::probes::RealProbes;
use super::record::Recorder;
use super::subject::{Attempt, Subject, SubjectError};
use crate::analyzer::Retry;
use crate::changelog::{EventType, Incident};
use crate::exec::{self, CaptureLimits, ProjectLock};
use crate::fixer::{self, Decision, Policy};
use crate::pack::model::Jitter;
use crate::transaction::{Mark, Restored, Transaction};
use crate::validator::Validate;

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FinalResult {
    /// It succeeded at once: there was nothing to heal.
    NothingToDo,
    /// Healed, and proven by a run that succeeded.
    Success,
    /// Fixes were applied and not proven (`--no-rerun`, captured output).
    Applied,
    /// A dry run: this is what would be done.
    DryRun,
    /// Not healed; everything is as it was.
    Failed,
    /// A person must do it; everything is as it was.
    ManualInterventionRequired,
    /// Interrupted by a signal; everything is as it was.
    Interrupted,
}

/// A fix of a session.
#[derive(Debug, Clone)]
pub struct FixRecord {
    /// Full id of the rule.
    pub rule: String,
    /// Id of the cause.
    pub cause: String,
    /// What it did.
    pub title: String,
    /// Its files.
    pub paths: Vec<PathBuf>,
    /// Its command.
    pub command: Option<Vec<String>>,
    /// The diff.
    pub diff: String,
    /// It is still applied.
    pub kept: bool,
}

/// What a session was and did.
#[derive(Debug)]
pub struct HealingSession {
    /// Its id.
    pub id: String,
    /// How it ended.
    pub final_result: FinalResult,
    /// Runs of the subject.
    pub attempts: u32,
    /// The last run's exit code, as a shell gives it.
    pub exit_code: i32,
    /// Fixes that were applied, those taken back too.
    pub fixes: Vec<FixRecord>,
    /// What is known about the last failure.
    pub diagnosis: Option<Diagnosis>,
    /// What was put back.
    pub restored: Option<Restored>,
    /// What would have been changed, as a patch.
    pub patch: String,
    /// Why it ended, for people.
    pub reason: Option<String>,
    /// Incidents, as written to the changelog.
    pub incidents: Vec<Incident>,
    /// What went wrong with heal's own records.
    pub trouble: Option<String>,
}

/// What a session may do.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What the gate needs to know.
    pub policy: Policy,
    /// Do not run the subject again: fixes are applied, not proven.
    pub no_rerun: bool,
    /// Wait for another heal in this project rather than giving up.
    pub wait: bool,
}

/// Told what happens, as it happens.
pub trait Witness {
    /// A run failed, and this is what is known about it.
    fn failed(&mut self, attempt: u32, diagnosis: &Diagnosis) {
        let _ = (attempt, diagnosis);
    }
    /// Whether the caller has a reason of its own why this fix must not be applied (a rate limit).
    /// Asked before the gate's word counts; it can only forbid.
    fn veto(&mut self, diagnosis: &Diagnosis, candidate: &Candidate) -> Option<String> {
        let _ = (diagnosis, candidate);
        None
    }
    /// A fix is about to be applied.
    fn applying(&mut self, diagnosis: &Diagnosis, candidate: &Candidate) {
        let _ = (diagnosis, candidate);
    }
    /// A fix did not work and was taken back.
    fn taken_back(&mut self, candidate: &Candidate, why: &str) {
        let _ = (candidate, why);
    }
    /// The subject is run again.
    fn running_again(&mut self, attempt: u32) {
        let _ = attempt;
    }
    /// heal waits before the next run.
    fn waiting(&mut self, delay: Duration, attempt: u32, of: u32) {
        let _ = (delay, attempt, of);
    }
}

/// A witness that says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;
impl Witness for Silent {}

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// This one.
    Yes,
    /// Not this one.
    No,
    /// This one and all that follow.
    All,
    /// Nothing more.
    Quit,
}

/// Asks a person.
pub trait Approver {
    /// May this be done?
    fn approve(&mut self, diagnosis: &Diagnosis, candidate: &Candidate, why: &str) -> Approval;
}

/// Nobody can be asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct NeverAsk;
impl Approver for NeverAsk {
    fn approve(&mut self, _: &Diagnosis, _: &Candidate, _: &str) -> Approval {
        Approval::No
    }
}

/// Runs a subject and heals it where it can.
///
/// # Errors
/// The subject cannot be run, or the packs cannot be used. Nothing has changed then.
pub fn heal(
    subject: &mut dyn Subject,
    options: Options,
    witness: &mut dyn Witness,
    approver: &mut dyn Approver,
) -> Result<HealingSession, SubjectError> {
    let first = subject.attempt(&[], None)?;
    let id = session_id();
    let session = HealingSession {
        id,
        final_result: FinalResult::NothingToDo,
        attempts: 1,
        exit_code: first.shell_code,
        fixes: Vec::new(),
        diagnosis: None,
        restored: None,
        patch: String::new(),
        reason: None,
        incidents: Vec::new(),
        trouble: None,
    };
    if first.success {
        return Ok(session);
    }
    // Ended by the user or by a reader that had enough: there is nothing to heal, nor to say.
    if first.interrupted.is_some() {
        return Ok(session);
    }
    let engine = subject.engine()?;
    if is_success(&engine, subject, first.code) {
        return Ok(session);
    }
    Healing::new(subject, engine, options, witness, approver, session)?.run(first)
}

/// A short id that sorts by time and is easy to type.
fn session_id() -> String {
    let id = uuid::Uuid::now_v7().simple().to_string();
    // The time's lower digits and some of the randomness: unique enough to be told apart by hand.
    format!("{}{}", &id[4..12], &id[24..28])
}

/// Whether packs count a code as success for this command (`grep` 1, a plan with changes 2).
fn is_success(engine: &Engine, subject: &dyn Subject, code: Option<i32>) -> bool {
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

/// An applied fix whose proof is outstanding.
struct Pending {
    mark: Mark,
    candidate: Candidate,
    fingerprint: String,
    record: usize,
}

struct Healing<'a> {
    subject: &'a mut dyn Subject,
    engine: Arc<Engine>,
    options: Options,
    witness: &'a mut dyn Witness,
    approver: &'a mut dyn Approver,
    session: HealingSession,
    recorder: Recorder,
    transaction: Transaction,
    lock: Option<ProjectLock>,
    tried: BTreeSet<(String, String)>,
    seen: BTreeMap<String, u32>,
    tries: BTreeMap<String, u32>,
    env: Vec<(String, String)>,
    instead: Option<Vec<String>>,
    approved_all: bool,
    started: Instant,
}

/// What to do next.
enum Next {
    Run,
    End(FinalResult, String),
}

impl<'a> Healing<'a> {
    fn new(
        subject: &'a mut dyn Subject,
        engine: Arc<Engine>,
        options: Options,
        witness: &'a mut dyn Witness,
        approver: &'a mut dyn Approver,
        session: HealingSession,
    ) -> Result<Self, SubjectError> {
        let setup = &engine.setup;
        let recorder = Recorder::new(
            &engine,
            &session.id,
            subject.argv(),
            subject.cwd().to_path_buf(),
            !options.policy.dry_run,
        )
        .map_err(SubjectError::Other)?;
        let mut transaction = Transaction::open(Arc::clone(&setup.world), &setup.root, &setup.log_dir, &session.id);
        for root in &setup.config.roots.writable {
            transaction.allow_root(root);
        }
        transaction.keep_backups(setup.config.safety.backup_before_fix);
        Ok(Self {
            subject,
            engine,
            options,
            witness,
            approver,
            session,
            recorder,
            transaction,
            lock: None,
            tried: BTreeSet::new(),
            seen: BTreeMap::new(),
            tries: BTreeMap::new(),
            env: Vec::new(),
            instead: None,
            approved_all: false,
            started: Instant::now(),
        })
    }

    fn run(mut self, first: Attempt) -> Result<HealingSession, SubjectError> {
        let engine = Arc::clone(&self.engine);
        let probes = RealProbes::new(&*engine.setup.world);
        let mut attempt = first;
        let mut pending: Option<Pending> = None;
        loop {
            if attempt.interrupted.is_some() || self.subject.interrupted().is_some() {
                return Ok(self.end(FinalResult::Interrupted, "interrupted".to_owned()));
            }
            let diagnosis = self.diagnose(&engine, &probes, &attempt);
            if let Some(applied) = pending.take() {
                let still = diagnosis.fingerprints().any(|f| f == applied.fingerprint);
                // Going round in circles is no progress either.
                let known = diagnosis
                    .primary()
                    .is_some_and(|a| self.seen.contains_key(&a.error.fingerprint));
                if still || known {
                    self.take_back(
                        &applied,
                        if still {
                            "the same error came again"
                        } else {
                            "an earlier error came back"
                        },
                        &diagnosis,
                    );
                    probes.forget();
                }
            }
            for fingerprint in diagnosis.fingerprints() {
                *self.seen.entry(fingerprint.to_owned()).or_insert(0) += 1;
            }
            self.witness.failed(self.session.attempts, &diagnosis);
            self.log_failure(&diagnosis);
            let next = self.choose(diagnosis, &engine, &mut pending);
            probes.forget();
            match next {
                Next::End(result, reason) => return Ok(self.end(result, reason)),
                Next::Run => {}
            }
            self.session.attempts += 1;
            self.witness.running_again(self.session.attempts);
            attempt = match self.subject.attempt(&self.env, self.instead.as_deref()) {
                Ok(attempt) => attempt,
                Err(error) => return Ok(self.end(FinalResult::Failed, error.to_string())),
            };
            self.session.exit_code = attempt.shell_code;
            if attempt.success || (attempt.interrupted.is_none() && is_success(&engine, self.subject, attempt.code)) {
                return Ok(self.healed(pending.as_ref()));
            }
        }
    }

    fn diagnose(&self, engine: &Engine, probes: &RealProbes<'_>, attempt: &Attempt) -> Diagnosis {
        let surroundings = Surroundings {
            engine,
            argv: self.subject.argv(),
            cwd: self.subject.cwd(),
            probes,
            policy: self.options.policy,
            seen: &self.seen,
        };
        surroundings.diagnose(attempt)
    }

    /// Applies the best candidate that may be applied.
    fn choose(&mut self, diagnosis: Diagnosis, engine: &Engine, pending: &mut Option<Pending>) -> Next {
        if self.started.elapsed().as_secs_f64() > engine.setup.config.limits.total_time_seconds {
            self.session.diagnosis = Some(diagnosis);
            return Next::End(FinalResult::Failed, "the session's time is used up".to_owned());
        }
        if self.session.attempts >= engine.setup.config.limits.total_attempts {
            self.session.diagnosis = Some(diagnosis);
            return Next::End(FinalResult::Failed, "all attempts are used up".to_owned());
        }
        let mut reason = "nothing that heal may do by itself cures it".to_owned();
        let candidates = diagnosis.candidates.clone();
        let persons_matter = is_persons_matter(&diagnosis, engine.setup.config.confidence.auto);
        for candidate in candidates {
            if candidate.plan.is_none()
                || (persons_matter && candidate.error != 0)
                || diagnosis.is_outweighed(&candidate)
            {
                continue;
            }
            let fingerprint = diagnosis.errors[candidate.error].error.fingerprint.clone();
            let key = (
                fingerprint.clone(),
                format!(
                    "{} {}",
                    candidate.suggestion.action.verb(),
                    candidate.suggestion.action.short()
                ),
            );
            if self.tried.contains(&key) {
                continue;
            }
            if self.tries.get(&fingerprint).copied().unwrap_or(0) >= engine.setup.config.retry.max_attempts {
                reason = format!(
                    "{} attempts at this error did not cure it",
                    engine.setup.config.retry.max_attempts
                );
                continue;
            }
            if let Some(why) = self.witness.veto(&diagnosis, &candidate) {
                reason = why;
                continue;
            }
            match self.decision(&diagnosis, &candidate) {
                Decision::Allow => {}
                Decision::Refuse(why) => {
                    let mut incident =
                        self.recorder
                            .about_fix(EventType::ManualInterventionRequired, &diagnosis, &candidate, 1);
                    incident.final_result = Some(why.clone());
                    self.recorder.write(incident);
                    reason = format!("not allowed: {why}");
                    continue;
                }
                Decision::Ask(why) | Decision::Advise(why) => {
                    if why == QUIT {
                        self.session.diagnosis = Some(diagnosis);
                        return Next::End(FinalResult::ManualInterventionRequired, "a person said no".to_owned());
                    }
                    continue;
                }
            }
            if self.options.policy.dry_run {
                self.session.diagnosis = Some(diagnosis);
                return Next::End(FinalResult::DryRun, String::new());
            }
            let only_for_next_run = candidate
                .plan
                .as_ref()
                .is_some_and(|p| p.command.is_none() && p.paths().next().is_none());
            if self.options.no_rerun && only_for_next_run {
                continue;
            }
            if let Err(why) = self.may_run_again(engine, &diagnosis, &candidate)
                && !self.options.no_rerun
            {
                reason = why;
                continue;
            }
            self.tried.insert(key);
            let tries = self.tries.entry(fingerprint.clone()).or_insert(0);
            *tries += 1;
            let number = *tries;
            self.witness.applying(&diagnosis, &candidate);
            if let Some(retry) = candidate.plan.as_ref().and_then(|p| p.retry.clone()) {
                return self.retry(&retry, diagnosis, candidate, &fingerprint, pending);
            }
            match self.apply(&diagnosis, candidate, number, fingerprint) {
                Ok(applied) => {
                    let record = applied.record;
                    *pending = Some(applied);
                    self.session.diagnosis = Some(diagnosis);
                    if self.options.no_rerun {
                        self.session.fixes[record].kept = true;
                        return Next::End(FinalResult::Applied, String::new());
                    }
                    return Next::Run;
                }
                Err(why) => reason = why,
            }
        }
        let none = diagnosis.errors.iter().all(|a| a.causes.is_empty());
        if none {
            reason = "no rule knows this error".to_owned();
        }
        self.session.diagnosis = Some(diagnosis);
        Next::End(FinalResult::ManualInterventionRequired, reason)
    }

    fn decision(&mut self, diagnosis: &Diagnosis, candidate: &Candidate) -> Decision {
        match &candidate.decision {
            Decision::Ask(why) if !self.options.policy.dry_run => {
                if self.approved_all {
                    return Decision::Allow;
                }
                match self.approver.approve(diagnosis, candidate, why) {
                    Approval::Yes => Decision::Allow,
                    Approval::All => {
                        self.approved_all = true;
                        Decision::Allow
                    }
                    Approval::No => Decision::Advise("a person said no".to_owned()),
                    Approval::Quit => Decision::Ask(QUIT.to_owned()),
                }
            }
            other => other.clone(),
        }
    }

    /// Whether the proof may be made: the subject must be repeatable.
    fn may_run_again(&self, engine: &Engine, diagnosis: &Diagnosis, candidate: &Candidate) -> Result<(), String> {
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
            let named = begun && repeatable.never.iter().any(|w| args.contains(w));
            let excused = repeatable.unless.iter().any(|w| args.contains(w));
            if belongs && !excused && (named || !repeatable.default) {
                return Err(format!(
                    "`{program}` is not safe to run again from the top; `--yes` says that it is"
                ));
            }
        }
        Ok(())
    }

    fn apply(
        &mut self,
        diagnosis: &Diagnosis,
        candidate: Candidate,
        number: u32,
        fingerprint: String,
    ) -> Result<Pending, String> {
        self.take_lock()?;
        let mark = self.transaction.checkpoint();
        let engine = Arc::clone(&self.engine);
        let Some(plan) = candidate.plan.clone() else {
            return Err("there is no plan".to_owned());
        };
        self.session.fixes.push(FixRecord {
            rule: diagnosis.cause(&candidate).rule.clone(),
            cause: diagnosis.cause(&candidate).cause.clone(),
            title: candidate.suggestion.title.clone(),
            paths: plan.paths().map(PathBuf::from).collect(),
            command: plan.command.as_ref().map(|c| c.0.clone()),
            diff: plan.diff(&engine.setup.root),
            kept: false,
        });
        let record = self.session.fixes.len() - 1;
        let pending = Pending {
            mark,
            candidate,
            fingerprint,
            record,
        };
        let unset: Vec<String> = engine
            .rules()
            .environments
            .values()
            .flat_map(|e| e.unset.iter().cloned())
            .collect();
        let suggestion = &pending.candidate.suggestion;
        if let Err(error) = fixer::apply(
            &plan,
            suggestion.undo.as_ref(),
            &suggestion.title,
            &unset,
            &mut self.transaction,
        ) {
            let why = error.to_string();
            self.take_back(&pending, &why, diagnosis);
            return Err(why);
        }
        self.env.extend(plan.env.iter().cloned());
        if plan.rerun.is_some() {
            self.instead.clone_from(&plan.rerun);
        }
        let incident = self
            .recorder
            .about_fix(EventType::FixApplied, diagnosis, &pending.candidate, number);
        self.recorder.write(incident);
        let checks = Validate {
            world: &*engine.setup.world,
            rules: engine.rules(),
            renderer: &engine.renderer,
            vars: &diagnosis.vars,
            project: &engine.setup.root,
            config: &engine.setup.config.validation,
            own: &engine.validators,
        };
        if let Some(why) = checks.plan(&plan).failure() {
            self.take_back(&pending, &why, diagnosis);
            return Err(why);
        }
        if let Some(argv) = &suggestion.verify {
            let limits = CaptureLimits {
                timeout: Some(Duration::from_secs(300)),
                ..CaptureLimits::default()
            };
            let passed = exec::capture(&exec::Command::new(argv).in_folder(self.subject.cwd()), &limits)
                .is_ok_and(|c| c.success());
            if !passed {
                let why = format!("`{}` does not pass", crate::analyzer::shell_line(argv));
                self.take_back(&pending, &why, diagnosis);
                return Err(why);
            }
        }
        Ok(pending)
    }

    /// Runs the subject again after each wait, until it succeeds, says something else, or attempts are used up.
    fn retry(
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
    fn sleep(&self, delay: Duration) -> bool {
        let until = Instant::now() + delay;
        while Instant::now() < until {
            if self.subject.interrupted().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20).min(until.saturating_duration_since(Instant::now())));
        }
        self.subject.interrupted().is_none()
    }

    fn take_back(&mut self, pending: &Pending, why: &str, diagnosis: &Diagnosis) {
        let cwd = self.subject.cwd().to_path_buf();
        let restored = self.transaction.rollback_to(pending.mark, &mut |argv| undo(argv, &cwd));
        self.env.clear();
        self.instead = None;
        let analysis = diagnosis.errors.first();
        let mut incident = self.recorder.about(EventType::FixFailed, analysis);
        incident.fix_description = Some(pending.candidate.suggestion.title.clone());
        incident.fix_reasoning = Some(why.to_owned());
        incident.validation_result = Some(crate::changelog::ValidationOutcome::Failure);
        self.recorder.write(incident);
        let mut incident = self.recorder.about(EventType::RollbackPerformed, analysis);
        match restored {
            Ok(restored) => {
                incident.files_changed.clone_from(&restored.files);
                self.note(&restored);
            }
            Err(error) => self.recorder.trouble = Some(error.to_string()),
        }
        self.recorder.write(incident);
        self.witness.taken_back(&pending.candidate, why);
        self.session.fixes[pending.record].kept = false;
    }

    fn note(&mut self, restored: &Restored) {
        if let Some(first) = restored.could_not_undo.first() {
            self.recorder.trouble = Some(format!("could not put back {}: {}", first.what, first.reason));
        }
    }

    fn take_lock(&mut self) -> Result<(), String> {
        if self.lock.is_none() {
            let setup = &self.engine.setup;
            crate::logdir::prepare(&*setup.world, &setup.log_dir)
                .map_err(|e| format!("{}: {e}", setup.log_dir.display()))?;
            let wait = if self.options.wait {
                exec::Wait::UpTo(Duration::from_secs(600))
            } else {
                exec::Wait::No
            };
            self.lock = Some(ProjectLock::acquire(&setup.log_dir.join("lock"), wait).map_err(|e| e.to_string())?);
        }
        Ok(())
    }

    fn log_failure(&mut self, diagnosis: &Diagnosis) {
        let primary = diagnosis.primary();
        let mut incident = self.recorder.about(EventType::ErrorDetected, primary);
        incident.attempt_number = self.session.attempts;
        incident.exit_code = Some(self.session.exit_code);
        self.recorder.write(incident);
        if diagnosis.errors.iter().any(|a| !a.causes.is_empty()) {
            let mut incident = self.recorder.about(EventType::AnalysisComplete, primary);
            incident.candidates = Recorder::candidates(diagnosis);
            self.recorder.write(incident);
            if let Some(best) = diagnosis.candidates.first() {
                let incident = self
                    .recorder
                    .about_fix(EventType::FixGenerated, diagnosis, best, self.session.attempts);
                self.recorder.write(incident);
            }
        }
    }

    fn healed(mut self, pending: Option<&Pending>) -> HealingSession {
        if let (Some(pending), Some(diagnosis)) = (pending, self.session.diagnosis.take()) {
            let incident = self
                .recorder
                .about_fix(EventType::FixValidated, &diagnosis, &pending.candidate, 1);
            self.recorder.write(incident);
            self.session.diagnosis = Some(diagnosis);
        }
        self.end(FinalResult::Success, String::new())
    }

    fn end(mut self, result: FinalResult, reason: String) -> HealingSession {
        self.session.patch = String::from_utf8_lossy(&self.transaction.diff()).into_owned();
        let keep = matches!(result, FinalResult::Success | FinalResult::Applied)
            || (!self.engine.setup.config.validation.rollback_on_failure && result == FinalResult::Failed);
        let mut last = None;
        let mut result = result;
        let mut keep = keep;
        if keep {
            self.mark_kept(result);
            if !self.transaction.is_empty()
                && let Err(error) = self.transaction.commit()
            {
                // Without the record of success the next heal would take it back: better at once.
                self.recorder.trouble = Some(error.to_string());
                result = FinalResult::Failed;
                keep = false;
                for fix in &mut self.session.fixes {
                    fix.kept = false;
                }
            }
        }
        if !keep && !self.transaction.is_empty() {
            let cwd = self.subject.cwd().to_path_buf();
            let had_changes = self
                .session
                .fixes
                .iter()
                .any(|f| f.command.is_some() || !f.paths.is_empty());
            match self.transaction.rollback(&mut |argv| undo(argv, &cwd)) {
                Ok(restored) => {
                    self.note(&restored);
                    if had_changes && !restored.files.is_empty() {
                        let mut incident = self.recorder.about(EventType::RollbackPerformed, None);
                        incident.files_changed.clone_from(&restored.files);
                        self.recorder.write(incident);
                    }
                    last = Some(restored);
                }
                Err(error) => self.recorder.trouble = Some(error.to_string()),
            }
        }
        self.session.restored = last;
        self.session.final_result = result;
        self.session.reason = (!reason.is_empty()).then_some(reason.clone());
        self.log_end(result, reason);
        self.session.incidents = std::mem::take(&mut self.recorder.incidents);
        self.session.trouble = self.recorder.trouble.take();
        self.session
    }

    fn mark_kept(&mut self, result: FinalResult) {
        let files = self.transaction.files();
        for fix in &mut self.session.fixes {
            // A fix that was taken back has no file left that the transaction changed.
            fix.kept |=
                result == FinalResult::Success && (fix.paths.is_empty() || fix.paths.iter().any(|p| files.contains(p)));
        }
    }

    fn log_end(&mut self, result: FinalResult, reason: String) {
        if matches!(result, FinalResult::Failed | FinalResult::ManualInterventionRequired) {
            let analysis = self.session.diagnosis.as_ref().and_then(|d| d.errors.first().cloned());
            let mut incident = self
                .recorder
                .about(EventType::ManualInterventionRequired, analysis.as_ref());
            incident.fix_reasoning = Some(reason);
            incident.exit_code = Some(self.session.exit_code);
            self.recorder.write(incident);
        }
        let mut incident = self.recorder.about(EventType::HealingComplete, None);
        incident.severity = crate::changelog::Severity::Info;
        incident.final_result = serde_json::to_value(result)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned));
        incident.exit_code = Some(self.session.exit_code);
        incident.duration_ms = u64::try_from(self.started.elapsed().as_millis()).ok();
        self.recorder.write(incident);
    }
}

/// Marks an answer as "nothing more".
const QUIT: &str = "quit";

/// The first error is known for sure, and all its cures are for people.
fn is_persons_matter(diagnosis: &Diagnosis, auto: f64) -> bool {
    let Some(cause) = diagnosis.primary().and_then(|a| a.causes.first()) else {
        return false;
    };
    let acts = diagnosis
        .candidates
        .iter()
        .any(|c| c.error == 0 && !matches!(c.suggestion.action, crate::analyzer::Action::Advice { .. }));
    cause.confidence >= auto && !acts
}

/// Runs the undo of a command.
fn undo(argv: &[String], cwd: &std::path::Path) -> Result<(), String> {
    let limits = CaptureLimits {
        timeout: Some(Duration::from_secs(600)),
        ..CaptureLimits::default()
    };
    match exec::capture(&exec::Command::new(argv).in_folder(cwd), &limits) {
        Ok(captured) if captured.success() => Ok(()),
        Ok(captured) => Err(format!(
            "`{}` ended with {}",
            crate::analyzer::shell_line(argv),
            captured.exit.shell_code()
        )),
        Err(error) => Err(error.to_string()),
    }
}

/// The wait before run number `number` (1 is the first repetition).
fn backoff(retry: &Retry, config: &crate::config::Retry, number: u32) -> Duration {
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
