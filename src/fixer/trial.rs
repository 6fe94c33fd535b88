//! Trying a plan in a copy of the project, and carrying over what was proven there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::apply::{Applied, ApplyError, apply, last_lines};
use super::command::fix_command;
use super::plan::Plan;
use crate::exec::{Captured, Command};
use crate::pack::model::{Effect, Undo};
use crate::sandbox::{self, Bounds, Edit, Kind, Limits, Ran, SandboxError, Trial};
use crate::transaction::Transaction;

/// Where and how a plan is tried.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The project's root.
    pub root: &'a Path,
    /// Folders outside that may be written.
    pub writable: &'a [PathBuf],
    /// The log directory: it takes no part.
    pub log_dir: &'a Path,
    /// What the fix declares.
    pub effects: &'a [Effect],
    /// Variables that its commands must not inherit.
    pub unset: &'a [String],
}

/// A plan that was carried out in a copy.
#[derive(Debug)]
pub struct Tried {
    trial: Trial,
    edits: Vec<Edit>,
    output: Option<Captured>,
    /// What is worth telling: processes that were left running.
    pub notes: Vec<String>,
}

impl From<SandboxError> for ApplyError {
    fn from(error: SandboxError) -> Self {
        Self::Sandbox(error.to_string())
    }
}

/// Carries a plan out in a copy of the project. Nothing of the project changes.
///
/// # Errors
/// Why it does not work, there or at all.
pub fn try_out(plan: &Plan, undo: Option<&Undo>, setting: &Setting<'_>) -> Result<Tried, ApplyError> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let root = real(setting.root);
    let mut others: Vec<PathBuf> = Vec::new();
    if let (Some(Undo::Restore { restore }), Some((_, cwd, _))) = (undo, &plan.command) {
        others.extend(restore.iter().map(|path| real(&cwd.join(path))));
    }
    let touched: Vec<PathBuf> = plan.paths().map(real).collect();
    let needed = |folder: &PathBuf| plan.command.is_some() || touched.iter().any(|path| path.starts_with(folder));
    others.extend(setting.writable.iter().map(|path| real(path)).filter(needed));
    others.retain(|path| !path.starts_with(&root));
    let trial = Trial::new(&root, &others, &[real(setting.log_dir)], &Bounds::default())?;
    let mut tried = Tried {
        trial,
        edits: Vec::new(),
        output: None,
        notes: Vec::new(),
    };
    for folder in &plan.folders {
        tried.trial.change(folder, |copy| fs::create_dir_all(copy))?;
    }
    for write in &plan.writes {
        tried.trial.change(&write.path, |copy| fs::write(copy, &write.after))?;
    }
    for mode in &plan.modes {
        let after = fs::Permissions::from_mode(mode.after);
        tried
            .trial
            .change(&mode.path, |copy| fs::set_permissions(copy, after))?;
    }
    if let Some((argv, cwd, seconds)) = &plan.command {
        let network = setting.effects.contains(&Effect::Network);
        for first in &plan.before {
            // Whether it was enough is for the command itself to say.
            tried.fix_command(first, cwd, setting.unset, network, 600)?;
        }
        let ran = tried.fix_command(argv, cwd, setting.unset, network, *seconds)?;
        if let Some(how) = ran.failure() {
            return Err(ApplyError::Failed {
                command: crate::analyzer::shell_line(argv),
                how,
                output: last_lines(&ran.captured),
            });
        }
        tried.output = Some(ran.captured);
    }
    tried.edits = tried.trial.edits()?;
    Ok(tried)
}

impl Tried {
    fn fix_command(
        &mut self,
        argv: &[String],
        cwd: &Path,
        unset: &[String],
        network: bool,
        seconds: u32,
    ) -> Result<Ran, ApplyError> {
        let command = fix_command(argv, cwd, unset);
        let limits = Limits {
            wall: Duration::from_secs(u64::from(seconds)),
            ..Limits::default()
        };
        let ran = self.trial.run(&command, network, &limits)?;
        if ran.left_running > 0 {
            let command = crate::analyzer::shell_line(argv);
            self.notes.push(format!(
                "`{command}` left {} processes running; they were ended",
                ran.left_running
            ));
        }
        Ok(ran)
    }

    /// Runs something else in the copy: a check, or the user's command for its proof.
    ///
    /// # Errors
    /// It was not run.
    pub fn run(&self, command: &Command, time: Option<Duration>) -> Result<Ran, SandboxError> {
        // The user's own command may take what it takes, as it does outside.
        let limits = Limits {
            processes: 16 * 1024,
            file: u64::MAX,
            memory: u64::MAX,
            disk: 64 << 30,
            wall: time.unwrap_or(Duration::from_secs(24 * 3600)),
        };
        self.trial.run(command, true, &limits)
    }

    /// Does in the project what was proven in the copy: a plan's own changes of files as they are,
    /// what its command changed as the copy has it. `may_write` is asked for every path.
    ///
    /// # Errors
    /// Why not; the caller rolls the transaction back to its mark.
    pub fn carry_over(
        self,
        plan: &Plan,
        description: &str,
        may_write: &dyn Fn(&Path) -> Result<(), String>,
        transaction: &mut Transaction,
    ) -> Result<Applied, ApplyError> {
        let Some((argv, ..)) = &plan.command else {
            return apply(plan, None, description, &[], transaction);
        };
        for edit in &self.edits {
            may_write(&edit.path).map_err(ApplyError::Sandbox)?;
            if (edit.before, edit.now) == (Some(Kind::Dir), Some(Kind::Dir)) {
                let path = edit.path.display();
                return Err(ApplyError::Sandbox(format!("it changes the mode of the folder {path}")));
            }
            if !self.trial.original_is_untouched(&edit.path) {
                let path = edit.path.display();
                return Err(ApplyError::Sandbox(format!(
                    "{path} was changed by somebody else meanwhile"
                )));
            }
        }
        let watch = outermost(&self.edits);
        let id = transaction.command_started(argv, None, description, &watch)?;
        let carried = sandbox::carry(&self.edits);
        transaction.command_finished(id, carried.is_ok().then_some(0))?;
        carried.map_err(|error| ApplyError::Sandbox(format!("cannot carry over what was tried: {error}")))?;
        Ok(Applied {
            paths: watch,
            output: self.output,
        })
    }
}

/// The paths that stand for all edits: what is new or gone stands for what is in it.
fn outermost(edits: &[Edit]) -> Vec<PathBuf> {
    let mut watch: Vec<PathBuf> = Vec::new();
    // Sorted by their parts: what is in a folder comes right behind it.
    let mut whole: Option<&Path> = None;
    for edit in edits {
        if whole.is_some_and(|folder| edit.path.starts_with(folder)) {
            continue;
        }
        if edit.before != edit.now {
            whole = Some(&edit.path);
        }
        watch.push(edit.path.clone());
    }
    watch
}
