//! Bash: syntax, the commands that a script needs, running it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use ast_grep_core::tree_sitter::LanguageExt;
use ast_grep_language::SupportLang;

use super::{EnvironmentError, Ran, Tool, plain_path};
use crate::world::{Real, World};

/// Larger scripts are not read for the commands in them, in bytes.
const LARGEST: usize = 4 << 20;

/// Bash in a folder.
///
/// ```no_run
/// # fn main() -> Result<(), heal::environment::EnvironmentError> {
/// let bash = heal::environment::Bash::new(".");
/// for command in bash.missing_commands("deploy.sh")? {
///     println!("{command} is not installed");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Bash {
    tool: Tool,
}

impl Bash {
    /// Bash in this folder.
    #[must_use]
    pub fn new(working_dir: impl AsRef<Path>) -> Self {
        Self {
            tool: Tool::new("bash", working_dir.as_ref()),
        }
    }

    /// The same with a limit for every command's time.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.tool.timeout = timeout;
        self
    }

    /// `bash -n`
    ///
    /// # Errors
    /// It cannot be started.
    pub fn syntax_check(&self, script: impl AsRef<Path>) -> Result<Ran, EnvironmentError> {
        self.tool.run(["-n".to_owned(), plain_path(script.as_ref())])
    }

    /// Runs a script.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn run_script(&self, script: impl AsRef<Path>, args: &[String]) -> Result<Ran, EnvironmentError> {
        let script = plain_path(script.as_ref());
        self.tool.run(std::iter::once(script).chain(args.iter().cloned()))
    }

    /// Commands that a script calls by name and that are neither in it, nor built in, nor on PATH; sorted.
    ///
    /// Names that are only known when it runs (`"$tool" …`) are left out.
    ///
    /// # Errors
    /// The script cannot be read, or bash cannot be asked for what it has built in.
    pub fn missing_commands(&self, script: impl AsRef<Path>) -> Result<Vec<String>, EnvironmentError> {
        let path = self.tool.cwd.join(script.as_ref());
        let bytes = std::fs::read(&path).map_err(|source| EnvironmentError::Unreadable { path, source })?;
        if bytes.len() > LARGEST {
            return Err(EnvironmentError::Answer("the script is too large".to_owned()));
        }
        let called = called(&String::from_utf8_lossy(&bytes));
        if called.is_empty() {
            return Ok(Vec::new());
        }
        let own = self.tool.run(["-c", "compgen -b; compgen -k"])?;
        let own: BTreeSet<&str> = own.stdout.lines().collect();
        Ok(called
            .into_iter()
            .filter(|name| !own.contains(name.as_str()))
            .filter(|name| match name.contains('/') {
                true => !self.tool.cwd.join(name).exists(),
                false => Real.which(name).is_none(),
            })
            .collect())
    }
}

/// Names of the commands in a script, its own functions and aliases left out.
fn called(source: &str) -> BTreeSet<String> {
    let tree = SupportLang::Bash.ast_grep(source);
    let mut called = BTreeSet::new();
    let mut own = BTreeSet::new();
    for node in tree.root().dfs() {
        match &*node.kind() {
            "command_name" => {
                let name = node.text().into_owned();
                let plain = |c: char| c.is_alphanumeric() || "_-.+/[:".contains(c);
                if !name.is_empty() && name.chars().all(plain) {
                    called.insert(name);
                }
            }
            "function_definition" => {
                if let Some(name) = node.field("name") {
                    own.insert(name.text().into_owned());
                }
            }
            "command" if node.text().starts_with("alias ") => {
                let text = node.text();
                let names = text["alias ".len()..].split('=').next().unwrap_or_default();
                own.insert(names.trim().to_owned());
            }
            _ => {}
        }
    }
    called.retain(|name| !own.contains(name));
    called
}
