//! What failed, as far as its caller knows it.

use std::path::{Path, PathBuf};

use super::facts::DetectedError;
use crate::environment::{EnvironmentError, EnvironmentType, Ran};

/// Something that failed: what it printed, and what else is known about it.
///
/// ```
/// use heal::{EnvironmentType, Failure};
///
/// let failure = Failure::new("bash: line 1: jqq: command not found")
///     .environment(EnvironmentType::BASH)
///     .exit_code(127);
/// assert_eq!(failure.text(), "bash: line 1: jqq: command not found\n");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub(super) text: Box<str>,
    pub(super) command: Vec<String>,
    pub(super) environment: Option<EnvironmentType>,
    pub(super) file: Option<PathBuf>,
    pub(super) folder: Option<PathBuf>,
    pub(super) code: i32,
    pub(super) rerun: bool,
}

impl Failure {
    /// A failure by what was printed, exactly as it was printed.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Self {
            text: text.into_boxed_str(),
            command: Vec::new(),
            environment: None,
            file: None,
            folder: None,
            code: 1,
            rerun: true,
        }
    }

    /// An error of Rust's with its sources, a line each.
    ///
    /// ```
    /// let error = std::fs::read("no/such/file").unwrap_err();
    /// let failure = heal::Failure::from_error(&error);
    /// assert!(failure.text().starts_with("No such file or directory"));
    /// ```
    #[must_use]
    pub fn from_error(error: &dyn std::error::Error) -> Self {
        let mut text = format!("{error}\n");
        let mut next = error.source();
        while let Some(source) = next {
            text.push_str(&format!("{source}\n"));
            next = source.source();
        }
        Self::new(text)
    }

    /// The command that failed: program and arguments. It is run again as proof, unless
    /// [`without_rerun`](Self::without_rerun) says otherwise.
    #[must_use]
    pub fn command<S: Into<String>>(mut self, argv: impl IntoIterator<Item = S>) -> Self {
        self.command = argv.into_iter().map(Into::into).collect();
        self
    }

    /// The environment whose tools printed it; stands for the command where that is not known.
    #[must_use]
    pub fn environment(mut self, environment: impl Into<EnvironmentType>) -> Self {
        self.environment = Some(environment.into());
        self
    }

    /// The file that it is about.
    #[must_use]
    pub fn file(mut self, file: impl Into<PathBuf>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// The folder in which it failed; the current one where this is not said.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Its exit code; 1 where this is not said.
    #[must_use]
    pub fn exit_code(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

    /// Do not run the command again: fixes are applied and not proven.
    #[must_use]
    pub fn without_rerun(mut self) -> Self {
        self.rerun = false;
        self
    }

    /// What was printed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn cwd(&self) -> PathBuf {
        let here = || std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        match &self.folder {
            Some(folder) if folder.is_absolute() => folder.clone(),
            Some(folder) if folder == Path::new(".") => here(),
            Some(folder) => here().join(folder),
            None => here(),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text.trim_end())
    }
}

impl std::error::Error for Failure {}

impl From<&str> for Failure {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// What a tool did, with its command, so that healing can run it again.
impl From<&Ran> for Failure {
    fn from(ran: &Ran) -> Self {
        Self::new(ran.output())
            .command(ran.argv.iter().cloned())
            .folder(&ran.cwd)
            .exit_code(ran.code)
    }
}

impl From<Ran> for Failure {
    fn from(ran: Ran) -> Self {
        Self::from(&ran)
    }
}

/// A tool that could not be asked, in a shell's words.
impl From<EnvironmentError> for Failure {
    fn from(error: EnvironmentError) -> Self {
        let code = match &error {
            EnvironmentError::Spawn { code, .. } => *code,
            _ => 1,
        };
        Self::new(error.to_string()).exit_code(code)
    }
}

/// The failure that an error was found in; of an error made by hand its message.
impl From<&DetectedError> for Failure {
    fn from(error: &DetectedError) -> Self {
        error.failure()
    }
}

impl From<DetectedError> for Failure {
    fn from(error: DetectedError) -> Self {
        error.failure()
    }
}
