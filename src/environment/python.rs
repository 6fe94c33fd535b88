//! Python: syntax, packages, scripts.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::{EnvironmentError, Ran, Tool, plain_path, plain_word};
use crate::language::Fault;

/// Compiles what it is given and says where that fails, as JSON.
const COMPILE: &str = "\
import json, sys, warnings
warnings.simplefilter('ignore')
try:
    compile(sys.stdin.buffer.read(), sys.argv[1], 'exec', dont_inherit=True)
except (SyntaxError, ValueError) as e:
    print(json.dumps([getattr(e, 'lineno', 0) or 0, getattr(e, 'offset', 0) or 0, type(e).__name__ + ': ' + (getattr(e, 'msg', None) or str(e))]))
else:
    print('null')
";

/// Lists the distributions that the interpreter finds, the current folder left out.
const PACKAGES: &str = "\
import json, sys
sys.path = [p for p in sys.path if p]
from importlib.metadata import distributions
found = {}
for d in distributions():
    name = d.metadata['Name'] if d.metadata else None
    if name:
        found.setdefault(name, d.version or '')
print(json.dumps(found))
";

/// A Python interpreter in a folder.
///
/// ```no_run
/// # fn main() -> Result<(), heal::environment::EnvironmentError> {
/// let python = heal::environment::Python::new("python3");
/// assert!(python.validate_syntax("x = (1")?.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Python {
    tool: Tool,
}

impl Python {
    /// An interpreter by name or path, working in the current folder.
    #[must_use]
    pub fn new(interpreter: impl Into<String>) -> Self {
        Self {
            tool: Tool::new(interpreter, "."),
        }
    }

    /// The same in another folder.
    #[must_use]
    pub fn in_folder(mut self, cwd: impl AsRef<Path>) -> Self {
        self.tool.cwd = cwd.as_ref().to_path_buf();
        self
    }

    /// The same with a limit for every command's time.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.tool.timeout = timeout;
        self
    }

    /// Whether source can be compiled by this interpreter.
    ///
    /// # Errors
    /// The interpreter cannot be asked.
    pub fn validate_syntax(&self, code: impl AsRef<[u8]>) -> Result<Result<(), Fault>, EnvironmentError> {
        let args = ["-I", "-c", COMPILE, "<string>"];
        let ran = self.tool.run_program(&self.tool.program, args, code.as_ref())?;
        let fault: Option<(u32, u32, String)> = answer(&ran)?;
        Ok(match fault {
            None => Ok(()),
            Some((line, column, message)) => Err(Fault { line, column, message }),
        })
    }

    /// Installed distributions and their versions.
    ///
    /// # Errors
    /// The interpreter cannot be asked.
    pub fn installed_packages(&self) -> Result<BTreeMap<String, String>, EnvironmentError> {
        answer(&self.tool.run(["-c", PACKAGES])?)
    }

    /// Installs a distribution: a name, or a requirement such as `name>=1.2`.
    ///
    /// # Errors
    /// It is no requirement, or pip cannot be started.
    pub fn install_package(&self, requirement: &str) -> Result<Ran, EnvironmentError> {
        let requirement = plain_word(requirement, "a package")?;
        let args = [
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
            requirement,
        ];
        self.tool.run(args)
    }

    /// Runs a script.
    ///
    /// # Errors
    /// The interpreter cannot be started.
    pub fn run_script(&self, script: impl AsRef<Path>, args: &[String]) -> Result<Ran, EnvironmentError> {
        let script = plain_path(script.as_ref());
        self.tool.run(std::iter::once(script).chain(args.iter().cloned()))
    }
}

fn answer<T: serde::de::DeserializeOwned>(ran: &Ran) -> Result<T, EnvironmentError> {
    if !ran.success() {
        return Err(EnvironmentError::Answer(ran.output()));
    }
    serde_json::from_str(&ran.stdout).map_err(|error| EnvironmentError::Answer(error.to_string()))
}
