//! Ansible: playbooks, roles, collections.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{EnvironmentError, Ran, Tool, plain_path, plain_word};

/// How a playbook is run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Playbook {
    /// The inventory; none: the configured one.
    pub inventory: Option<PathBuf>,
    /// Only say what would change.
    pub check_mode: bool,
    /// Variables, `name=value` or JSON.
    pub extra_vars: Vec<String>,
}

/// Ansible in a folder.
///
/// ```no_run
/// # fn main() -> Result<(), heal::environment::EnvironmentError> {
/// use heal::environment::{Ansible, Playbook};
/// let ansible = Ansible::new(".");
/// if ansible.syntax_check("site.yml", None)?.success() {
///     ansible.run_playbook("site.yml", &Playbook { check_mode: true, ..Playbook::default() })?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Ansible {
    tool: Tool,
}

impl Ansible {
    /// Ansible in this folder.
    #[must_use]
    pub fn new(working_dir: impl AsRef<Path>) -> Self {
        Self {
            tool: Tool::new("ansible-playbook", working_dir.as_ref()),
        }
    }

    /// The same with a limit for every command's time.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.tool.timeout = timeout;
        self
    }

    /// `ansible-playbook --syntax-check`
    ///
    /// # Errors
    /// It cannot be started.
    pub fn syntax_check(&self, playbook: impl AsRef<Path>, inventory: Option<&Path>) -> Result<Ran, EnvironmentError> {
        let inventory = inventory.into_iter().flat_map(|i| ["-i".to_owned(), plain_path(i)]);
        let rest = ["--syntax-check".to_owned(), plain_path(playbook.as_ref())];
        self.tool.run(inventory.chain(rest))
    }

    /// `ansible-galaxy role install`
    ///
    /// # Errors
    /// It is no role's name, or the program cannot be started.
    pub fn install_role(&self, role: &str) -> Result<Ran, EnvironmentError> {
        let role = plain_word(role, "a role")?;
        self.tool.run_program("ansible-galaxy", ["role", "install", role], b"")
    }

    /// `ansible-galaxy collection install`
    ///
    /// # Errors
    /// It is no collection's name, or the program cannot be started.
    pub fn install_collection(&self, collection: &str) -> Result<Ran, EnvironmentError> {
        let collection = plain_word(collection, "a collection")?;
        self.tool
            .run_program("ansible-galaxy", ["collection", "install", collection], b"")
    }

    /// `ansible-playbook`
    ///
    /// # Errors
    /// It cannot be started.
    pub fn run_playbook(&self, playbook: impl AsRef<Path>, options: &Playbook) -> Result<Ran, EnvironmentError> {
        let mut args = Vec::new();
        if let Some(inventory) = &options.inventory {
            args.extend(["-i".to_owned(), plain_path(inventory)]);
        }
        if options.check_mode {
            args.push("--check".to_owned());
        }
        for vars in &options.extra_vars {
            args.extend(["-e".to_owned(), plain_word(vars, "a variable")?.to_owned()]);
        }
        args.push(plain_path(playbook.as_ref()));
        self.tool.run(args)
    }
}
