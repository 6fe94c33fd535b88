//! Applying a fix inside the session's transaction, and taking it back.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::candidates::{Candidate, Diagnosis};
use super::healing::{Healing, Pending, place};
use super::session::FixRecord;
use crate::changelog::EventType;
use crate::exec::{self, CaptureLimits, ProjectLock};
use crate::fixer::{self, Plan};
use crate::validator::{Runner, Validate, directly};

impl Healing<'_> {
    pub(super) fn apply(
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
        let lines = |text: &[u8]| text.iter().filter(|&&b| b == b'\n').count();
        let keeps_lines = !plan.writes.is_empty()
            && (plan.writes.iter()).all(|w| w.before.as_deref().is_some_and(|b| lines(b) == lines(&w.after)));
        let pending = Pending {
            place: place(&diagnosis.errors[candidate.error]),
            alike: diagnosis.fingerprints().filter(|f| *f == fingerprint).count(),
            keeps_lines,
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
        let changes = plan.command.is_some() || plan.paths().next().is_some();
        let sandboxed = changes && engine.setup.config.safety.sandbox_execution;
        let applied = if sandboxed {
            self.apply_tried(diagnosis, &pending, &plan, &unset)
        } else {
            fixer::apply(
                &plan,
                suggestion.undo.as_ref(),
                &suggestion.title,
                &unset,
                &mut self.transaction,
            )
            .map(drop)
            .map_err(|error| error.to_string())
        };
        if let Err(why) = applied {
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
        // What was tried in a copy was checked there.
        if !sandboxed && let Err(why) = self.check(diagnosis, &pending.candidate, &plan, &directly) {
            self.take_back(&pending, &why, diagnosis);
            return Err(why);
        }
        Ok(pending)
    }

    /// Checks a plan that was carried out where `runner` runs.
    pub(super) fn check(
        &self,
        diagnosis: &Diagnosis,
        candidate: &Candidate,
        plan: &Plan,
        runner: Runner<'_>,
    ) -> Result<(), String> {
        let engine = &self.engine;
        let checks = Validate {
            world: &*engine.setup.world,
            rules: engine.rules(),
            renderer: &engine.renderer,
            vars: &diagnosis.vars,
            project: &engine.setup.root,
            config: &engine.setup.config.validation,
            own: &engine.validators,
            runner,
        };
        if let Some(why) = checks.plan(plan).failure() {
            return Err(why);
        }
        if let Some(argv) = &candidate.suggestion.verify {
            let limits = CaptureLimits {
                timeout: Some(Duration::from_secs(300)),
                ..CaptureLimits::default()
            };
            let command = exec::Command::new(argv).in_folder(self.subject.cwd());
            if !runner(&command, &limits).is_ok_and(|c| c.success()) {
                return Err(format!("`{}` does not pass", crate::analyzer::shell_line(argv)));
            }
        }
        Ok(())
    }

    pub(super) fn take_back(&mut self, pending: &Pending, why: &str, diagnosis: &Diagnosis) {
        let cwd = self.subject.cwd().to_path_buf();
        let tried = self.transaction.diff();
        self.session.patch = if tried.is_empty() {
            // Tried in a copy only.
            self.session.fixes[pending.record].diff.clone()
        } else {
            String::from_utf8_lossy(&tried).into_owned()
        };
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
                self.session.restored.get_or_insert_default().add(restored);
            }
            Err(error) => self.recorder.trouble = Some(error.to_string()),
        }
        self.recorder.write(incident);
        self.witness.taken_back(&pending.candidate, why);
        self.session.fixes[pending.record].kept = false;
    }

    pub(super) fn take_lock(&mut self) -> Result<(), String> {
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
}

/// Runs the undo of a command.
pub(super) fn undo(argv: &[String], cwd: &std::path::Path) -> Result<(), String> {
    let limits = CaptureLimits {
        timeout: Some(Duration::from_secs(600)),
        ..CaptureLimits::default()
    };
    match exec::capture(&fixer::fix_command(argv, cwd, &[]), &limits) {
        Ok(captured) if captured.success() => Ok(()),
        Ok(captured) => Err(format!(
            "`{}` ended with {}",
            crate::analyzer::shell_line(argv),
            captured.exit.shell_code()
        )),
        Err(error) => Err(error.to_string()),
    }
}
