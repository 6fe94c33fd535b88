//! Plans: what an action would do to which file, worked out before anything is done.

use std::path::{Path, PathBuf};

use super::verbs;
use crate::analyzer::{Action, Retry};
use crate::world::World;

/// Why an action cannot be planned. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A file cannot be read.
    #[error("{path}: {message}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// The place is not what the action expects.
    #[error("{0}")]
    NotThere(String),
    /// There is more than one possibility.
    #[error("{0}")]
    Ambiguous(String),
    /// The result would not be valid.
    #[error("{0}")]
    Invalid(String),
}

/// A file's new content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileWrite {
    /// The file.
    pub path: PathBuf,
    /// What it holds now; none where it does not exist.
    pub before: Option<Vec<u8>>,
    /// What it will hold.
    pub after: Vec<u8>,
}

/// A file's new mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeChange {
    /// The file.
    pub path: PathBuf,
    /// Its mode now.
    pub before: u32,
    /// Its mode afterwards.
    pub after: u32,
}

/// What an action would do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Files that are written.
    pub writes: Vec<FileWrite>,
    /// Modes that change.
    pub modes: Vec<ModeChange>,
    /// Folders that are made.
    pub folders: Vec<PathBuf>,
    /// Commands that run before the command.
    pub before: Vec<Vec<String>>,
    /// A command, its folder and its longest time in seconds.
    pub command: Option<(Vec<String>, PathBuf, u32)>,
    /// Variables for the next run.
    pub env: Vec<(String, String)>,
    /// Waiting before the next run.
    pub retry: Option<Retry>,
    /// A command that takes the place of the failed one.
    pub rerun: Option<Vec<String>>,
    /// Sentences on what was found out while planning (how a repair was chosen).
    pub notes: Vec<String>,
}

impl Plan {
    /// Paths that the plan changes.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let writes = self.writes.iter().map(|w| w.path.as_path());
        let modes = self.modes.iter().map(|m| m.path.as_path());
        writes.chain(modes).chain(self.folders.iter().map(PathBuf::as_path))
    }

    /// Lines that differ, over all files.
    #[must_use]
    pub fn changed_lines(&self) -> usize {
        self.writes
            .iter()
            .map(|w| {
                let before = w.before.as_deref().unwrap_or_default();
                similar::TextDiff::from_lines(before, w.after.as_slice())
                    .iter_all_changes()
                    .filter(|c| c.tag() != similar::ChangeTag::Equal)
                    .count()
            })
            .sum()
    }

    /// The diff of all files, headed by paths relative to a folder.
    #[must_use]
    pub fn diff(&self, relative_to: &Path) -> String {
        self.writes
            .iter()
            .map(|w| {
                super::unified(
                    w.path.strip_prefix(relative_to).unwrap_or(&w.path),
                    w.before.as_deref(),
                    &w.after,
                )
            })
            .collect()
    }
}

/// Works out what an action would do, from what the files hold now. Relative paths are relative to `cwd`.
///
/// # Errors
/// Why it would not work.
pub fn plan(action: &Action, world: &dyn World, cwd: &Path) -> Result<Plan, PlanError> {
    let mut plan = Plan::default();
    match action {
        Action::Run {
            argv,
            before,
            cwd: folder,
            seconds,
        } => {
            plan.before.clone_from(before);
            let folder = folder
                .as_deref()
                .map_or_else(|| cwd.to_path_buf(), |f| absolute(f, cwd));
            if !world.is_dir(&folder) {
                return Err(PlanError::NotThere(format!(
                    "the folder {} does not exist",
                    folder.display()
                )));
            }
            plan.command = Some((argv.clone(), folder, *seconds));
        }
        Action::Ranges(edits) => plan.writes = verbs::ranges::plan(edits, world, cwd)?,
        Action::Edit(edit) => plan.writes.push(verbs::edit::plan(edit, world, cwd)?),
        Action::Rewrite {
            language,
            file,
            line,
            column,
            pattern,
            constraints,
            with,
            all,
        } => {
            let place = verbs::rewrite::Place {
                line: *line,
                column: *column,
                all: *all,
            };
            plan.writes.push(verbs::rewrite::plan(
                *language,
                file,
                place,
                pattern,
                constraints,
                with,
                world,
                cwd,
            )?);
        }
        Action::Repair {
            language,
            file,
            line,
            version,
        } => {
            let (write, note) = verbs::repair::plan(*language, file, *line, version.as_deref(), world, cwd)?;
            plan.writes.push(write);
            plan.notes.push(note);
        }
        Action::Set {
            file,
            format,
            key,
            value,
            create,
            if_missing,
        } => {
            let options = verbs::set::Options {
                format: *format,
                create: *create,
                if_missing: *if_missing,
            };
            plan.writes
                .push(verbs::set::plan(file, key, value, options, world, cwd)?);
        }
        Action::Chmod { path, mode } => plan.modes.push(verbs::chmod::plan(path, mode, world, cwd)?),
        Action::Mkdir { path } => {
            let path = absolute(path, cwd);
            if world.exists(&path) {
                return Err(PlanError::NotThere(format!("{} exists already", path.display())));
            }
            plan.folders.push(path);
        }
        Action::Env { values } => plan.env.clone_from(values),
        Action::Retry(retry) => plan.retry = Some(retry.clone()),
        Action::Rerun { argv } => plan.rerun = Some(argv.clone()),
        Action::Advice { .. } => {}
    }
    Ok(plan)
}

/// A path as the command meant it.
pub(super) fn absolute(path: &str, cwd: &Path) -> PathBuf {
    // Without `..`, as the transaction names the same file.
    crate::detector::place::absolute(path, cwd)
}

/// Reads a file that is to be changed.
pub(super) fn read(path: &Path, world: &dyn World) -> Result<Vec<u8>, PlanError> {
    const LARGEST: u64 = 64 << 20;
    let refuse = |message: String| PlanError::Unreadable {
        path: path.to_path_buf(),
        message,
    };
    let meta = world.stat(path).map_err(|e| refuse(e.to_string()))?;
    if !meta.is_file() {
        return Err(refuse("is not a regular file".to_owned()));
    }
    if meta.len > LARGEST {
        return Err(refuse(format!("is larger than {LARGEST} bytes")));
    }
    world.read(path).map_err(|e| refuse(e.to_string()))
}
