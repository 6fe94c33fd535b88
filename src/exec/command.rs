//! What to run, and the words when it cannot be run.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process;

use super::which::{self, WhichError};

/// A command line with its folder and what it changes in the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments. The program is looked up as the shell does it.
    pub argv: Vec<OsString>,
    /// Where it runs; `None` is heal's own current folder.
    pub cwd: Option<PathBuf>,
    /// Variables to set, or with `None` to remove; everything else is inherited. PATH set here
    /// also decides where the program is found.
    pub env: Vec<(OsString, Option<OsString>)>,
    /// What [`super::capture`] gives it to read; nothing: `/dev/null`. A session's command reads the user's input.
    pub input: Vec<u8>,
}

impl Command {
    /// A command in the current folder with the inherited environment.
    pub fn new<I, S>(argv: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<OsString>,
    {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            cwd: None,
            env: Vec::new(),
            input: Vec::new(),
        }
    }

    /// The same command in another folder.
    #[must_use]
    pub fn in_folder(mut self, cwd: impl Into<PathBuf>) -> Self {
        self.cwd = Some(cwd.into());
        self
    }

    /// The same command with one more variable set.
    #[must_use]
    pub fn with_env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), Some(value.into())));
        self
    }

    /// The same command with one more variable removed.
    #[must_use]
    pub fn without_env(mut self, name: impl Into<OsString>) -> Self {
        self.env.push((name.into(), None));
        self
    }

    /// The value that the command will see, changes included.
    fn variable(&self, name: &str) -> Option<OsString> {
        match self.env.iter().rev().find(|(key, _)| key == name) {
            Some((_, value)) => value.clone(),
            None => std::env::var_os(name),
        }
    }

    /// The file that will be executed.
    ///
    /// # Errors
    /// The [`SpawnError`] that running it would give.
    pub fn resolve(&self) -> Result<PathBuf, SpawnError> {
        let Some(program) = self.argv.first() else {
            return Err(SpawnError::Empty);
        };
        let cwd = self.folder()?;
        let path = self.variable("PATH");
        which::find(program, path.as_deref(), &cwd).map_err(|error| {
            let name = program.to_string_lossy().into_owned();
            match error {
                WhichError::NotFound if program.as_bytes().contains(&b'/') => SpawnError::NoSuchFile { program: name },
                WhichError::NotFound => SpawnError::CommandNotFound { program: name },
                WhichError::Denied => SpawnError::PermissionDenied { program: name },
                WhichError::Directory => SpawnError::IsDirectory { program: name },
            }
        })
    }

    fn folder(&self) -> Result<PathBuf, SpawnError> {
        match &self.cwd {
            Some(cwd) => match std::fs::metadata(cwd) {
                Ok(about) if about.is_dir() => Ok(cwd.clone()),
                Ok(_) => Err(io::Error::from(io::ErrorKind::NotADirectory)),
                Err(source) => Err(source),
            }
            .map_err(|source| SpawnError::Folder {
                cwd: cwd.clone(),
                source,
            }),
            // A current folder that is gone does not matter to an absolute program.
            None => Ok(std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))),
        }
    }

    /// Starts it. `setup` connects the three streams (and may be called twice); the id of the
    /// process comes back, the caller waits for it.
    pub(super) fn spawn(
        &self,
        setup: &mut dyn FnMut(&mut process::Command) -> io::Result<()>,
    ) -> Result<i32, SpawnError> {
        let file = self.resolve()?;
        let args = self.argv.get(1..).unwrap_or_default();
        let arg0 = self.argv.first().map_or(OsStr::new(""), OsString::as_os_str);
        let mut direct = process::Command::new(&file);
        direct.arg0(arg0).args(args);
        let error = match self.start(direct, setup) {
            Ok(pid) => return Ok(pid),
            Err(error) => error,
        };
        let name = arg0.to_string_lossy().into_owned();
        let on_disk = self.cwd.as_ref().map_or_else(|| file.clone(), |cwd| cwd.join(&file));
        match error.raw_os_error() {
            // A script without `#!` is the shell's, as in execvp and every shell.
            Some(libc::ENOEXEC) if !is_binary(&on_disk) => {
                let mut shell = process::Command::new("/bin/sh");
                shell.arg(&file).args(args);
                self.start(shell, setup)
                    .map_err(|source| SpawnError::System { program: name, source })
            }
            Some(libc::ENOEXEC) => Err(SpawnError::ExecFormat { program: name }),
            Some(libc::ENOENT) => Err(match interpreter(&on_disk) {
                Some(interpreter) => SpawnError::BadInterpreter {
                    program: name,
                    interpreter,
                },
                None => SpawnError::RequiredFile { program: name },
            }),
            Some(libc::EACCES) => Err(match interpreter(&on_disk) {
                Some(interpreter) => SpawnError::DeniedInterpreter {
                    program: name,
                    interpreter,
                },
                None => SpawnError::PermissionDenied { program: name },
            }),
            _ => Err(SpawnError::System {
                program: name,
                source: error,
            }),
        }
    }

    fn start(
        &self,
        mut process: process::Command,
        setup: &mut dyn FnMut(&mut process::Command) -> io::Result<()>,
    ) -> io::Result<i32> {
        if let Some(cwd) = &self.cwd {
            process.current_dir(cwd);
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => process.env(name, value),
                None => process.env_remove(name),
            };
        }
        setup(&mut process)?;
        let child = process.spawn()?;
        // Not waited for through `child`: only wait4 tells about stops and memory.
        i32::try_from(child.id()).map_err(io::Error::other)
        // `process` ends here and with it our copies of the command's ends of the pipes.
    }
}

/// Why a command did not start. The words are the shell's, without its name in front, because
/// these words are what people and rules know.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// Not on PATH.
    #[error("{program}: command not found")]
    CommandNotFound {
        /// As written.
        program: String,
    },
    /// A path that leads nowhere.
    #[error("{program}: No such file or directory")]
    NoSuchFile {
        /// As written.
        program: String,
    },
    /// No execute permission.
    #[error("{program}: Permission denied")]
    PermissionDenied {
        /// As written.
        program: String,
    },
    /// A folder.
    #[error("{program}: Is a directory")]
    IsDirectory {
        /// As written.
        program: String,
    },
    /// The program that `#!` names does not exist; `^M` shows a carriage return.
    #[error("{program}: {interpreter}: bad interpreter: No such file or directory")]
    BadInterpreter {
        /// As written.
        program: String,
        /// What stands behind `#!`.
        interpreter: String,
    },
    /// The program that `#!` names may not be executed.
    #[error("{program}: {interpreter}: bad interpreter: Permission denied")]
    DeniedInterpreter {
        /// As written.
        program: String,
        /// What stands behind `#!`.
        interpreter: String,
    },
    /// A binary whose loader does not exist.
    #[error("{program}: cannot execute: required file not found")]
    RequiredFile {
        /// As written.
        program: String,
    },
    /// A binary of another machine, or no program at all.
    #[error("{program}: cannot execute binary file: Exec format error")]
    ExecFormat {
        /// As written.
        program: String,
    },
    /// Anything else that the system said.
    #[error("{program}: {source}")]
    System {
        /// As written.
        program: String,
        /// What it said.
        source: io::Error,
    },
    /// The folder to run it in cannot be entered.
    #[error("cannot enter {}: {source}", .cwd.display())]
    Folder {
        /// That folder.
        cwd: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no command.
    #[error("no command given")]
    Empty,
    /// heal could not set up pipes or terminals.
    #[error("cannot prepare the run: {0}")]
    Setup(#[from] io::Error),
}

impl SpawnError {
    /// The exit code that a shell gives: 127 not found, 126 found but not executable; 125 where
    /// heal itself is at fault.
    pub fn code(&self) -> i32 {
        match self {
            Self::CommandNotFound { .. } | Self::NoSuchFile { .. } => 127,
            Self::PermissionDenied { .. }
            | Self::IsDirectory { .. }
            | Self::BadInterpreter { .. }
            | Self::DeniedInterpreter { .. }
            | Self::RequiredFile { .. }
            | Self::ExecFormat { .. }
            | Self::System { .. } => 126,
            Self::Folder { .. } | Self::Empty | Self::Setup(_) => 125,
        }
    }
}

/// The first bytes of `file`, enough for a `#!` line.
fn head(file: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(file) = std::fs::File::open(file) {
        // What cannot be read shows no interpreter: the plain words are right then, too.
        let _ = file.take(256).read_to_end(&mut bytes);
    }
    bytes
}

/// The shells' own test: a NUL before the first line's end is no script.
fn is_binary(file: &Path) -> bool {
    let head = head(file);
    head.split(|byte| *byte == b'\n')
        .next()
        .is_some_and(|line| line.contains(&0))
}

/// What `#!` names in `file`.
fn interpreter(file: &Path) -> Option<String> {
    let head = head(file);
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line).replace('\r', "^M");
    line.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn failure(name: &str, content: &[u8], mode: u32) -> (String, i32) {
        let folder = tempfile::tempdir().unwrap();
        if !content.is_empty() {
            fs::write(folder.path().join("file"), content).unwrap();
            let mode = fs::Permissions::from_mode(mode);
            fs::set_permissions(folder.path().join("file"), mode).unwrap();
        }
        let error = Command::new([name])
            .in_folder(folder.path())
            .spawn(&mut |_| Ok(()))
            .unwrap_err();
        (error.to_string(), error.code())
    }

    #[test]
    fn the_words_and_codes_are_the_shells() {
        let cases: [(&str, &[u8], u32, &str, i32); 8] = [
            ("no-such-tool", b"", 0, "no-such-tool: command not found", 127),
            ("./file", b"", 0, "./file: No such file or directory", 127),
            ("./file", b"#!/bin/sh\n", 0o644, "./file: Permission denied", 126),
            ("/tmp", b"", 0, "/tmp: Is a directory", 126),
            (
                "./file",
                b"#!/bin/bash\r\n",
                0o755,
                "./file: /bin/bash^M: bad interpreter: No such file or directory",
                126,
            ),
            (
                "./file",
                b"#! /no/such -x\n",
                0o755,
                "./file: /no/such: bad interpreter: No such file or directory",
                126,
            ),
            (
                "./file",
                b"\x7fELF\0\0\0",
                0o755,
                "./file: cannot execute binary file: Exec format error",
                126,
            ),
            ("", b"", 0, ": command not found", 127),
        ];
        for (name, content, mode, words, code) in cases {
            assert_eq!(failure(name, content, mode), (words.to_owned(), code));
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_heals_fault_not_the_programs() {
        let error = Command::new(["true"]).in_folder("/no/such").resolve().unwrap_err();
        assert_eq!(error.code(), 125);
        assert!(error.to_string().starts_with("cannot enter /no/such: "), "{error}");
    }
}
