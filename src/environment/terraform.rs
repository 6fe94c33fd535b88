//! Terraform: init, validate, plan, apply.

use std::path::Path;
use std::time::Duration;

use super::{EnvironmentError, Ran, Tool};

/// Terraform in a folder of configuration. It never asks: it runs with `-input=false`.
///
/// ```no_run
/// # fn main() -> Result<(), heal::environment::EnvironmentError> {
/// let terraform = heal::environment::Terraform::new("infrastructure");
/// if terraform.init()?.success() {
///     println!("{}", terraform.plan()?.output());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Terraform {
    tool: Tool,
}

impl Terraform {
    /// Terraform in this folder.
    #[must_use]
    pub fn new(working_dir: impl AsRef<Path>) -> Self {
        Self {
            tool: Tool::new("terraform", working_dir.as_ref()),
        }
    }

    /// The same with another program (`tofu`, or a path).
    #[must_use]
    pub fn program(mut self, program: impl Into<String>) -> Self {
        self.tool.program = program.into();
        self
    }

    /// The same with a limit for every command's time.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.tool.timeout = timeout;
        self
    }

    /// `terraform init`
    ///
    /// # Errors
    /// It cannot be started.
    pub fn init(&self) -> Result<Ran, EnvironmentError> {
        self.tool.run(["init", "-input=false", "-no-color"])
    }

    /// `terraform validate`
    ///
    /// # Errors
    /// It cannot be started.
    pub fn validate(&self) -> Result<Ran, EnvironmentError> {
        self.tool.run(["validate", "-no-color"])
    }

    /// `terraform plan`
    ///
    /// # Errors
    /// It cannot be started.
    pub fn plan(&self) -> Result<Ran, EnvironmentError> {
        self.tool.run(["plan", "-input=false", "-no-color"])
    }

    /// `terraform apply`; without `auto_approve` it ends where it would ask.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn apply(&self, auto_approve: bool) -> Result<Ran, EnvironmentError> {
        let approve = auto_approve.then_some("-auto-approve");
        self.tool
            .run(["apply", "-input=false", "-no-color"].into_iter().chain(approve))
    }
}
