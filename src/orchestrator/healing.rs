//! The loop: from a failure to a cure that is proven, or back to the start.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::again::is_success;
use super::candidates::{Candidate, Diagnosis, Surroundings};
use super::engine::Engine;
use super::probes::RealProbes;
use super::record::Recorder;
use super::session::{Approval, Approver, FinalResult, HealingSession, Options, Witness};
use super::subject::{Attempt, Subject, SubjectError};
use crate::analyzer::Analysis;
use crate::changelog::EventType;
use crate::exec::ProjectLock;
use crate::fixer::Decision;
use crate::transaction::{Mark, Transaction};

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
#[must_use]
pub fn session_id() -> String {
    let id = uuid::Uuid::now_v7().simple().to_string();
    // The time's lower digits and some of the randomness: unique enough to be told apart by hand.
    format!("{}{}", &id[4..12], &id[24..28])
}

/// An applied fix whose proof is outstanding.
pub(super) struct Pending {
    pub(super) mark: Mark,
    pub(super) candidate: Candidate,
    pub(super) fingerprint: String,
    pub(super) record: usize,
    /// Where its error was.
    pub(super) place: Option<(PathBuf, Option<u32>)>,
    /// Errors with this fingerprint that there were.
    pub(super) alike: usize,
    /// It changes text, and leaves every line where it was.
    pub(super) keeps_lines: bool,
}

pub(super) struct Healing<'a> {
    pub(super) subject: &'a mut dyn Subject,
    pub(super) engine: Arc<Engine>,
    pub(super) options: Options,
    pub(super) witness: &'a mut dyn Witness,
    pub(super) approver: &'a mut dyn Approver,
    pub(super) session: HealingSession,
    pub(super) recorder: Recorder,
    pub(super) transaction: Transaction,
    pub(super) lock: Option<ProjectLock>,
    pub(super) tried: BTreeSet<(String, String)>,
    pub(super) seen: BTreeMap<String, u32>,
    pub(super) tries: BTreeMap<String, u32>,
    pub(super) env: Vec<(String, String)>,
    pub(super) instead: Option<Vec<String>>,
    pub(super) approved_all: bool,
    pub(super) started: Instant,
}

/// What to do next.
pub(super) enum Next {
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
            let mut diagnosis = self.diagnose(&engine, &probes, &attempt);
            if let Some(applied) = pending.take()
                && let Some(why) = self.no_progress(&applied, &diagnosis)
            {
                self.take_back(&applied, why, &diagnosis);
                probes.forget();
                // What was planned on top of the change that is gone is planned anew.
                diagnosis = self.diagnose(&engine, &probes, &attempt);
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

    /// Why a fix after which the command still fails is taken back.
    fn no_progress(&self, applied: &Pending, now: &Diagnosis) -> Option<&'static str> {
        let same: Vec<&Analysis> = (now.errors.iter())
            .filter(|a| a.error.fingerprint == applied.fingerprint)
            .collect();
        // Of several alike there may be fewer now, or it stands at the next place.
        let fewer = same.len() < applied.alike;
        let elsewhere = applied.place.is_some()
            && applied.keeps_lines
            && same.iter().all(|a| place(a).is_some() && place(a) != applied.place);
        if !same.is_empty() && !fewer && !elsewhere {
            return Some("the same error came again");
        }
        // Going round in circles is no progress either. What was there all the time did not come back.
        let before = self.session.diagnosis.as_ref();
        let primary = now.primary().map(|a| a.error.fingerprint.as_str())?;
        let stayed = before.is_some_and(|d| d.fingerprints().any(|f| f == primary));
        (!stayed && self.seen.contains_key(primary)).then_some("an earlier error came back")
    }

    pub(super) fn diagnose(&self, engine: &Engine, probes: &RealProbes<'_>, attempt: &Attempt) -> Diagnosis {
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
    pub(super) fn choose(&mut self, diagnosis: Diagnosis, engine: &Engine, pending: &mut Option<Pending>) -> Next {
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

    pub(super) fn decision(&mut self, diagnosis: &Diagnosis, candidate: &Candidate) -> Decision {
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
}

/// File and line of an error.
pub(super) fn place(analysis: &Analysis) -> Option<(PathBuf, Option<u32>)> {
    let location = analysis.error.location.as_ref()?;
    Some((location.file.clone(), location.line))
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
