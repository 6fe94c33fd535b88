//! What a plan reaches for, and whether that is inside what heal may touch.

use std::path::{Component, Path, PathBuf};

use crate::config::{Safety, SelfHealingConfig};
use crate::fixer::{AllowList, Plan, Reach};
use crate::pack::model::Undo;
use crate::sandbox::{self, SandboxError};
use crate::world::World;

/// The limits of a session.
pub struct Limits<'a> {
    /// Files.
    pub world: &'a dyn World,
    /// Settings.
    pub config: &'a SelfHealingConfig,
    /// The project's root.
    pub root: &'a Path,
    /// The log directory.
    pub log_dir: &'a Path,
    /// Commands that may run.
    pub allow: &'a AllowList,
}

impl Limits<'_> {
    /// What a plan reaches for.
    #[must_use]
    pub fn reach(&self, plan: &Plan, undo: Option<&Undo>, advice: bool) -> Reach {
        if advice {
            return Reach::Words;
        }
        for path in plan.paths() {
            if let Err(why) = self.may_write(path) {
                return Reach::Forbidden(why);
            }
        }
        let (files, lines) = (plan.writes.len(), plan.changed_lines());
        let limits = &self.config.limits;
        if files > limits.max_files as usize || lines > limits.max_lines as usize {
            return Reach::Forbidden(format!(
                "it changes {files} files and {lines} lines, more than the limits allow"
            ));
        }
        let changes = plan.command.is_some() || plan.paths().next().is_some();
        if changes && self.config.safety.sandbox_execution && !sandbox::support().landlock {
            // Trying without a fence would be pretending.
            let why = SandboxError::NoLandlock;
            return Reach::Forbidden(format!("safety.sandbox_execution is on, and {why}"));
        }
        if let Some((argv, _, _)) = &plan.command {
            if let Some(why) = plan
                .before
                .iter()
                .find_map(|first| self.allow.check(first, self.world, self.root).err())
            {
                return Reach::Forbidden(why);
            }
            return match self.allow.check(argv, self.world, self.root) {
                Ok(_) => Reach::Command {
                    undoable: matches!(undo, Some(Undo::Command(_) | Undo::Restore { .. })),
                },
                Err(why) => Reach::Forbidden(why),
            };
        }
        if plan.paths().next().is_some() {
            Reach::Files
        } else {
            Reach::Nothing
        }
    }

    /// Whether a path may be written, links and `..` resolved.
    ///
    /// # Errors
    /// Why not.
    pub fn may_write(&self, path: &Path) -> Result<(), String> {
        let real = self.real(path);
        let root = self.real(self.root);
        let roots = self
            .config
            .roots
            .writable
            .iter()
            .map(|r| self.real(&self.world.absolute(r)));
        if !real.starts_with(&root) && !roots.into_iter().any(|r| real.starts_with(r)) {
            return Err(format!("{} lies outside the project", path.display()));
        }
        if real.starts_with(self.real(self.log_dir)) {
            return Err(format!("{} belongs to heal's own records", path.display()));
        }
        if real
            .components()
            .any(|c| matches!(c, Component::Normal(n) if n == ".git" || n == ".hg" || n == ".svn"))
        {
            return Err(format!("{} belongs to version control", path.display()));
        }
        let defaults = Safety::default().protected_paths;
        for protected in &self.config.safety.protected_paths {
            let resolved = self.real(&self.world.absolute(protected));
            // A project that lies below a path which is only protected by default is the user's own
            // choice; what the site protects itself stays protected.
            let by_default = self.config.safety.protected_paths == defaults;
            if real.starts_with(&resolved) && !(by_default && root.starts_with(&resolved)) {
                return Err(format!("{} is protected ({})", path.display(), protected.display()));
            }
        }
        Ok(())
    }

    /// The path with links resolved as far as it exists.
    fn real(&self, path: &Path) -> PathBuf {
        let path = self.world.absolute(path);
        let mut rest: Vec<Component<'_>> = Vec::new();
        for ancestor in path.ancestors() {
            if let Ok(mut real) = self.world.canonicalize(ancestor) {
                for part in rest.iter().rev() {
                    match part {
                        Component::ParentDir => drop(real.pop()),
                        Component::CurDir => {}
                        other => real.push(other),
                    }
                }
                return real;
            }
            rest.extend(ancestor.components().next_back());
        }
        path
    }
}
