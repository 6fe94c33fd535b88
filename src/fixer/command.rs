//! The environment of a fix's command: as the user has it, without what would turn the command
//! that was approved into another one.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::exec::Command;

/// Variables that change what a shell does, wherever in a command's work one is started. Those of
/// tools are for their packs to name (`unset`).
pub const CLEARED: [&str; 7] = [
    "BASH_ENV",
    "BASHOPTS",
    "CDPATH",
    "ENV",
    "GLOBIGNORE",
    "GREP_OPTIONS",
    "SHELLOPTS",
];

/// How the variables begin in which a shell hands functions down: one may have any command's name.
const FUNCTIONS: &str = "BASH_FUNC_";

/// A command of a fix, or its undo, in a folder. `unset` are the variables that packs name.
///
/// Relative and empty entries of `PATH` are left out: a program that lies in the current folder
/// never answers to a bare name, neither here nor in what the command starts.
#[must_use]
pub fn fix_command(argv: &[String], cwd: &Path, unset: &[String]) -> Command {
    let mut command = Command::new(argv).in_folder(cwd);
    let mut remove = |name: &OsStr| command.env.push((name.to_os_string(), None));
    unset.iter().for_each(|name| remove(OsStr::new(name)));
    CLEARED.iter().for_each(|name| remove(OsStr::new(name)));
    std::env::vars_os()
        .filter(|(name, _)| name.as_bytes().starts_with(FUNCTIONS.as_bytes()))
        .for_each(|(name, _)| remove(&name));
    if let Some(path) = std::env::var_os("PATH") {
        let kept = std::env::split_paths(&path).filter(|entry| entry.is_absolute());
        // What came out of such a list can be joined to one again.
        let kept: OsString = std::env::join_paths(kept).unwrap_or_default();
        command.env.push((OsString::from("PATH"), Some(kept)));
    }
    command
}
