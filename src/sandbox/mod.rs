//! Confinement: running a command so that it can change nothing but the places it was given.
//!
//! On Linux, in layers that each hold by themselves:
//!
//! | what | by | where it is missing |
//! |---|---|---|
//! | writes outside the given places | Landlock | heal refuses |
//! | modes, owners and times outside, other processes, devices, set-user-id programs | a mount and a process namespace with everything else read-only; `no_new_privs`; root's rights but those over files dropped | told |
//! | network | a network namespace | TCP by Landlock, the rest told |
//! | one file's size, memory, processor time | resource limits | always there |
//! | number of processes, room on the disk, time | watched, and ended | always there |
//! | what the command leaves running | the process namespace ends with it, else its orphans are ended | always there |
//!
//! [`Trial`] is a copy of a project in which a fix is tried first: the command sees it at the
//! project's own path (or, without namespaces, at another one), and only what was proven there is
//! carried over.
//!
//! This module knows processes and files. It must not know why something is tried, nor what is
//! done with the outcome.

#[cfg(target_os = "linux")]
mod confine;
#[cfg(not(target_os = "linux"))]
#[path = "confine_elsewhere.rs"]
mod confine;
#[cfg(target_os = "linux")]
mod keeper;
#[cfg(target_os = "linux")]
mod rules;
mod snapshot;
mod trial;
#[cfg(target_os = "linux")]
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use crate::exec::{Captured, SpawnError};

pub use confine::{run, support};
pub use snapshot::{Edit, Kind, carry};
pub use trial::{Bounds, Trial};

/// How much a confined command may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Processes at once.
    pub processes: u64,
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of memory of one process.
    pub memory: u64,
    /// Bytes on the disk in all.
    pub disk: u64,
    /// Time from start to end.
    pub wall: Duration,
}

impl Default for Limits {
    /// Far more than a fix needs, far less than a machine has: 512 processes, files of 2 GiB,
    /// 8 GiB of memory each, 4 GiB of disk, ten minutes.
    fn default() -> Self {
        Self {
            processes: 512,
            file: 2 << 30,
            memory: 8 << 30,
            disk: 4 << 30,
            wall: Duration::from_secs(600),
        }
    }
}

/// What a confined command may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Folders below which it may write. The first is the one whose size is watched.
    pub writable: Vec<PathBuf>,
    /// What is to be seen at another place: `(what, where)`. Needs namespaces.
    pub shown_at: Vec<(PathBuf, PathBuf)>,
    /// Whether it may use the network.
    pub network: bool,
}

/// Which limit a command went beyond; it was ended then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// The time.
    #[error("it did not end in time")]
    Time,
    /// The number of processes.
    #[error("it started more and more processes")]
    Processes,
    /// The room on the disk.
    #[error("it filled the disk")]
    Disk,
}

/// What a confined command did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ran {
    /// How it ended, and what it said.
    pub captured: Captured,
    /// The limit that it went beyond.
    pub breach: Option<Breach>,
    /// Processes that it left running, and that were ended.
    pub left_running: u32,
}

impl Ran {
    /// Whether it ended with code 0, within its limits.
    #[must_use]
    pub fn success(&self) -> bool {
        self.captured.success() && self.breach.is_none()
    }

    /// How it ended, where it did not succeed.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        match self.breach {
            Some(breach) => Some(breach.to_string()),
            None if self.captured.timed_out => Some(Breach::Time.to_string()),
            None if self.captured.success() => None,
            None => Some(match self.captured.exit.signal {
                Some(signal) if signal == libc::SIGXFSZ => "it wrote a file that was too large".to_owned(),
                Some(signal) => format!("signal {signal}"),
                None => format!("exit code {}", self.captured.exit.shell_code()),
            }),
        }
    }
}

/// What this machine can enforce.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Support {
    /// Whether writes can be blocked at all; without it nothing is run.
    pub landlock: bool,
    /// Whether the command can have its own view of files, processes and the network.
    pub namespaces: bool,
    /// What cannot be enforced, a sentence each.
    pub missing: Vec<String>,
}

/// Why nothing was run, or nothing tried.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Writes outside the project cannot be blocked here.
    #[error("this system has no Landlock, so a command could not be kept from writing outside the project")]
    NoLandlock,
    /// The project cannot be copied.
    #[error("cannot copy {path}: {source}")]
    Copy {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is too large to be tried in a copy.
    #[error("{path} is too large for a trial copy (more than {limit})")]
    TooLarge {
        /// The folder.
        path: PathBuf,
        /// The bound that it goes beyond.
        limit: String,
    },
    /// A path that the fix needs is in none of the copies, or cannot be shown as one here.
    #[error("{path} lies outside the project, and cannot be tried in a copy here")]
    Place {
        /// The place.
        path: PathBuf,
    },
    /// What was written holds the path of the copy: carried over, it would lead nowhere.
    #[error("{path} names the place of the trial copy, so it cannot be carried over")]
    NamesCopy {
        /// The file.
        path: PathBuf,
    },
    /// The confinement could not be set up.
    #[error("the sandbox could not be set up ({stage}): {source}")]
    Setup {
        /// What failed.
        stage: &'static str,
        /// What the system said.
        source: SpawnError,
    },
    /// The command could not be started.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// The rules were not taken.
    #[error("Landlock: {0}")]
    Rules(String),
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
