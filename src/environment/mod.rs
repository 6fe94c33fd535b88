//! The four environments of the specification as typed façades: run their tools, read what they say.
//!
//! This is the one place in the library that names tools. A façade runs exactly the command that it is asked
//! for and judges nothing: what an output means is for the packs, through [`parse_error`], and what may be done
//! about it is for the orchestrator.

mod ansible;
mod bash;
mod kind;
mod python;
mod terraform;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::detector::{DetectedError, ScanOptions, Scanner, StreamKind};
use crate::exec::{self, CaptureLimits};
use crate::fixer::Policy;
use crate::orchestrator::{Attempt, Engine, RealProbes, Surroundings};

pub use ansible::{Ansible, Playbook};
pub use bash::Bash;
pub use kind::EnvironmentType;
pub use python::Python;
pub use terraform::Terraform;

/// Why a tool could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// It could not be started; `code` is what a shell would give.
    #[error("{message}")]
    Spawn {
        /// In the shell's words.
        message: String,
        /// 126 or 127.
        code: i32,
    },
    /// An argument that the tool would take for something else.
    #[error("`{value}` is not {what}")]
    Argument {
        /// The value.
        value: String,
        /// What it should be.
        what: &'static str,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// It answered something that cannot be understood.
    #[error("{0}")]
    Answer(String),
}

/// What a tool did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The command.
    pub argv: Vec<String>,
    /// Its folder.
    pub cwd: PathBuf,
    /// Its exit code, as a shell gives it.
    pub code: i32,
    /// Its standard output; of a very long one the beginning and the end.
    pub stdout: String,
    /// Its standard error, likewise.
    pub stderr: String,
}

impl Ran {
    /// It ended with code 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.code == 0
    }

    /// The same as a [`Result`]: a failure that knows its command, so that healing can run it again.
    ///
    /// ```
    /// # fn main() -> Result<(), heal::environment::EnvironmentError> {
    /// use heal::environment::Python;
    ///
    /// let folder = tempfile::tempdir().expect("a folder");
    /// std::fs::write(folder.path().join("a.py"), "import sys; sys.exit('no luck')").expect("written");
    /// let ran = Python::new("python3").in_folder(folder.path()).run_script("a.py", &[])?;
    /// assert_eq!(ran.checked().unwrap_err().text(), "no luck\n");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// It did not end with code 0.
    pub fn checked(self) -> Result<Self, crate::Failure> {
        if self.success() {
            Ok(self)
        } else {
            Err(crate::Failure::from(&self))
        }
    }

    /// Both streams, standard output first.
    #[must_use]
    pub fn output(&self) -> String {
        let between = if self.stdout.is_empty() || self.stdout.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        format!("{}{between}{}", self.stdout, self.stderr)
    }
}

/// What all façades have in common: a program, a folder, variables, a time limit.
#[derive(Debug, Clone)]
struct Tool {
    program: String,
    cwd: PathBuf,
    env: BTreeMap<String, String>,
    timeout: Option<Duration>,
}

impl Tool {
    fn new(program: impl Into<String>, cwd: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            cwd: cwd.into(),
            env: BTreeMap::new(),
            timeout: None,
        }
    }

    fn run<S: Into<String>>(&self, args: impl IntoIterator<Item = S>) -> Result<Ran, EnvironmentError> {
        self.run_program(&self.program, args, b"")
    }

    fn run_program<S: Into<String>>(
        &self,
        program: &str,
        args: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Result<Ran, EnvironmentError> {
        let argv: Vec<String> = std::iter::once(program.to_owned())
            .chain(args.into_iter().map(Into::into))
            .collect();
        let mut command = exec::Command::new(&argv).in_folder(&self.cwd);
        command.input = input.to_vec();
        command.env = self
            .env
            .iter()
            .map(|(name, value)| (OsString::from(name), Some(OsString::from(value))))
            .collect();
        let limits = CaptureLimits {
            timeout: self.timeout,
            ..CaptureLimits::default()
        };
        let captured = exec::capture(&command, &limits).map_err(|error| EnvironmentError::Spawn {
            message: error.to_string(),
            code: error.code(),
        })?;
        Ok(Ran {
            argv,
            cwd: self.cwd.clone(),
            code: captured.exit.shell_code(),
            stdout: String::from_utf8_lossy(&captured.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&captured.stderr).into_owned(),
        })
    }
}

/// A word that no tool takes for an option, and that has nothing hidden in it.
fn plain_word<'a>(value: &'a str, what: &'static str) -> Result<&'a str, EnvironmentError> {
    let fine = !value.is_empty() && !value.starts_with('-') && !value.chars().any(char::is_control);
    fine.then_some(value).ok_or_else(|| EnvironmentError::Argument {
        value: value.to_owned(),
        what,
    })
}

/// A path that no tool takes for an option.
fn plain_path(path: &Path) -> String {
    let text = path.to_string_lossy().into_owned();
    if text.starts_with('-') {
        format!("./{text}")
    } else {
        text
    }
}

/// The error that made a tool fail, best explanation first; `None` where it did not fail.
///
/// ```no_run
/// # fn example(engine: &heal::orchestrator::Engine) -> Result<(), heal::environment::EnvironmentError> {
/// use heal::environment::{Terraform, parse_error};
/// let plan = Terraform::new("infrastructure").plan()?;
/// if let Some(error) = parse_error(engine, &plan) {
///     assert!(!error.message.is_empty());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn parse_error(engine: &Engine, ran: &Ran) -> Option<DetectedError> {
    if ran.success() {
        return None;
    }
    let mut scanner = Scanner::new(Arc::clone(&engine.matcher), ScanOptions::default());
    scanner.feed(StreamKind::Stdout, ran.stdout.as_bytes());
    scanner.feed(StreamKind::Stderr, ran.stderr.as_bytes());
    let attempt = Attempt {
        code: Some(ran.code),
        shell_code: ran.code,
        success: false,
        interrupted: None,
        scan: scanner.finish(),
    };
    let probes = RealProbes::new(&*engine.setup.world);
    let seen = BTreeMap::new();
    let config = &engine.setup.config;
    let surroundings = Surroundings {
        engine,
        argv: &ran.argv,
        cwd: &ran.cwd,
        probes: &probes,
        policy: Policy {
            auto: config.confidence.auto,
            ask: config.confidence.ask,
            require_approval: true,
            yes: false,
            can_ask: false,
            offline: true,
            dry_run: true,
        },
        seen: &seen,
    };
    surroundings.diagnose(&attempt).primary().map(|a| a.error.clone())
}

#[cfg(test)]
mod tests;
