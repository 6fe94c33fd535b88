//! The log directory: where in it what lies, and that only its owner can read it.
//!
//! It holds copies of a user's files, so folders are 0700 and files 0600, and version control is
//! told to leave it alone. This module must not know what is inside the files.

use std::io;
use std::path::{Path, PathBuf};

use crate::world::{Expect, Meta, World};

/// Permission bits of folders in the log directory.
pub const FOLDER_MODE: u32 = 0o700;

/// Permission bits of files in the log directory.
pub const FILE_MODE: u32 = 0o600;

/// Creates the log directory if it is missing, with a `.gitignore` that covers all of it.
///
/// # Errors
/// The operating system's, where a folder cannot be created.
pub fn prepare(world: &dyn World, log_dir: &Path) -> io::Result<()> {
    if world.is_dir(log_dir) {
        return Ok(());
    }
    world.create_dir_all(log_dir, FOLDER_MODE)?;
    // Another process may be quicker, and nothing depends on it.
    let ignore = Meta::of_new_file(FILE_MODE);
    let _ = world.replace(&log_dir.join(".gitignore"), b"*\n", Some(&ignore), Expect::Absent);
    Ok(())
}

/// Where backups of files lie.
pub fn backups(log_dir: &Path) -> PathBuf {
    log_dir.join("backups")
}

/// Where the journals of sessions lie, a folder each.
pub fn sessions(log_dir: &Path) -> PathBuf {
    log_dir.join("sessions")
}
