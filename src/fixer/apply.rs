//! Applying a plan through the session's transaction.

use std::path::PathBuf;
use std::time::Duration;

use super::command::fix_command;
use super::plan::Plan;
use crate::exec::{self, CaptureLimits, Captured, SpawnError};
use crate::pack::model::Undo;
use crate::transaction::{Transaction, TransactionError};

/// Why a plan was not carried out. What had been done of it is in the transaction, to be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A file could not be changed.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// The command could not be started.
    #[error("{0}")]
    Spawn(String),
    /// It could not be tried in a copy of the project, or not carried over from there.
    #[error("{0}")]
    Sandbox(String),
    /// The command failed.
    #[error("`{command}` ended with {how}{}", if output.is_empty() { String::new() } else { format!(": {output}") })]
    Failed {
        /// The command as a person would type it.
        command: String,
        /// Its end.
        how: String,
        /// Its last lines.
        output: String,
    },
}

impl From<SpawnError> for ApplyError {
    fn from(error: SpawnError) -> Self {
        Self::Spawn(error.to_string())
    }
}

/// What was done.
#[derive(Debug, Default)]
pub struct Applied {
    /// Files, folders and modes that changed.
    pub paths: Vec<PathBuf>,
    /// What the command printed.
    pub output: Option<Captured>,
}

/// Carries out a plan. `unset` are variables that the command must not inherit.
///
/// # Errors
/// Why not; the caller rolls the transaction back to its mark.
pub fn apply(
    plan: &Plan,
    undo: Option<&Undo>,
    description: &str,
    unset: &[String],
    transaction: &mut Transaction,
) -> Result<Applied, ApplyError> {
    let mut applied = Applied::default();
    for folder in &plan.folders {
        transaction.create_dirs(folder)?;
        applied.paths.push(folder.clone());
    }
    for write in &plan.writes {
        transaction.write_file(&write.path, &write.after, write.before.as_deref())?;
        applied.paths.push(write.path.clone());
    }
    for mode in &plan.modes {
        transaction.set_mode(&mode.path, mode.after)?;
        applied.paths.push(mode.path.clone());
    }
    if let Some((argv, cwd, seconds)) = &plan.command {
        let undo_argv = match undo {
            Some(Undo::Command(argv)) => Some(argv.as_slice()),
            _ => None,
        };
        let watch: Vec<PathBuf> = match undo {
            Some(Undo::Restore { restore }) => restore.iter().map(|p| cwd.join(p)).collect(),
            _ => Vec::new(),
        };
        for first in &plan.before {
            let id = transaction.command_started(first, None, description, &[])?;
            let captured = exec::capture(&fix_command(first, cwd, unset), &CaptureLimits::default());
            transaction.command_finished(id, captured.as_ref().ok().and_then(|c| c.exit.code))?;
            // Whether it was enough is for the command itself to say.
            captured?;
        }
        let id = transaction.command_started(argv, undo_argv, description, &watch)?;
        let command = fix_command(argv, cwd, unset);
        let limits = CaptureLimits {
            timeout: Some(Duration::from_secs(u64::from(*seconds))),
            ..CaptureLimits::default()
        };
        let captured = exec::capture(&command, &limits);
        transaction.command_finished(id, captured.as_ref().ok().and_then(|c| c.exit.code))?;
        let captured = captured?;
        if !captured.success() {
            let how = if captured.timed_out {
                format!("no result within {seconds} s")
            } else {
                format!("exit code {}", captured.exit.shell_code())
            };
            return Err(ApplyError::Failed {
                command: crate::analyzer::shell_line(argv),
                how,
                output: last_lines(&captured),
            });
        }
        applied.output = Some(captured);
    }
    Ok(applied)
}

/// The last lines of what a command said, in one.
pub(super) fn last_lines(captured: &Captured) -> String {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&captured.stdout),
        String::from_utf8_lossy(&captured.stderr)
    );
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join(" / ")
}
