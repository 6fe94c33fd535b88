//! `safety.sandbox_execution`: a fix is carried out, checked and proven in a copy of the project,
//! and only then in the project itself.

use super::again::is_success;
use super::candidates::Diagnosis;
use super::healing::{Healing, Pending};
use super::probes::RealProbes;
use super::reach::Limits;
use crate::exec::{CaptureLimits, Captured, Command};
use crate::fixer::{AllowList, Plan, Setting, Tried, try_out};
use crate::sandbox;

impl Healing<'_> {
    /// Tries a plan in a copy; what is proven there is carried over through the transaction.
    pub(super) fn apply_tried(
        &mut self,
        diagnosis: &Diagnosis,
        pending: &Pending,
        plan: &Plan,
        unset: &[String],
    ) -> Result<(), String> {
        let engine = std::sync::Arc::clone(&self.engine);
        let setup = &engine.setup;
        let suggestion = &pending.candidate.suggestion;
        self.witness.trying(&pending.candidate, &sandbox::support().missing);
        let setting = Setting {
            root: &setup.root,
            writable: &setup.config.roots.writable,
            log_dir: &setup.log_dir,
            effects: &suggestion.effects,
            unset,
        };
        let tried = try_out(plan, suggestion.undo.as_ref(), &setting)
            .map_err(|error| format!("tried in a copy of the project: {error}"))?;
        for note in &tried.notes {
            self.witness.noticed(note);
        }
        let runner = |command: &Command, limits: &CaptureLimits| -> Result<Captured, String> {
            let ran = tried.run(command, limits.timeout).map_err(|error| error.to_string())?;
            match ran.breach {
                Some(breach) => Err(breach.to_string()),
                None => Ok(ran.captured),
            }
        };
        self.check(diagnosis, &pending.candidate, plan, &runner)
            .map_err(|why| format!("tried in a copy of the project: {why}"))?;
        self.prove(pending, plan, &tried)?;
        // Nothing was on the allow-list for what the copy shows; its paths are asked for one by one.
        let nothing = AllowList::default();
        let limits = Limits {
            world: &*setup.world,
            config: &setup.config,
            root: &setup.root,
            log_dir: &setup.log_dir,
            allow: &nothing,
        };
        let may_write = |path: &std::path::Path| limits.may_write(path);
        tried
            .carry_over(plan, &suggestion.title, &may_write, &mut self.transaction)
            .map(drop)
            .map_err(|error| error.to_string())
    }

    /// Runs the user's command in the copy: the error must be gone there.
    fn prove(&mut self, pending: &Pending, plan: &Plan, tried: &Tried) -> Result<(), String> {
        if self.options.no_rerun || self.subject.can_repeat().is_err() {
            return Ok(());
        }
        let engine = std::sync::Arc::clone(&self.engine);
        let env: Vec<(String, String)> = self.env.iter().chain(&plan.env).cloned().collect();
        let instead = plan.rerun.clone().or_else(|| self.instead.clone());
        let run = |command: &Command| -> Result<Captured, String> {
            let ran = tried.run(command, None).map_err(|error| error.to_string())?;
            match ran.breach {
                Some(breach) => Err(breach.to_string()),
                None => Ok(ran.captured),
            }
        };
        let Some(attempt) = self.subject.rehearse(&env, instead.as_deref(), &run) else {
            return Ok(());
        };
        let attempt = attempt.map_err(|why| format!("the command, run in a copy of the project: {why}"))?;
        if attempt.interrupted.is_some() || self.subject.interrupted().is_some() {
            return Err("interrupted".to_owned());
        }
        if attempt.success || is_success(&engine, self.subject, attempt.code) {
            return Ok(());
        }
        let probes = RealProbes::new(&*engine.setup.world);
        let after = self.diagnose(&engine, &probes, &attempt);
        if after
            .fingerprints()
            .any(|fingerprint| fingerprint == pending.fingerprint)
        {
            return Err("tried in a copy of the project: the same error came again".to_owned());
        }
        // Another error: whether that is progress, the run in the project itself tells.
        Ok(())
    }
}
