//! The copies that a session keeps: backups of what was, copies of what heal left, patches.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::logdir::{self, FILE_MODE, FOLDER_MODE};
use crate::world::{Expect, Lock, Meta, World};

/// Longest part of a file's own name in a backup's name, in bytes: 255 is the limit of names,
/// and time, counter and temporary names must fit too.
const NAME_BYTES: usize = 180;

/// The folder of a session.
pub(super) fn session_dir(log_dir: &Path, session: &str) -> PathBuf {
    logdir::sessions(log_dir).join(session)
}

/// The journal of a session that has not ended, as far as anybody got to say.
pub(super) fn journal(log_dir: &Path, session: &str) -> PathBuf {
    session_dir(log_dir, session).join("journal")
}

/// The journal of a session that has ended. By its name alone a heal that starts knows that
/// there is nothing to recover, and reads none of it.
pub(super) fn ended_journal(log_dir: &Path, session: &str) -> PathBuf {
    session_dir(log_dir, session).join("journal.ended")
}

/// Gives the journal the name of an ended one. Where that fails the next recovery reads it and
/// tries again.
pub(super) fn mark_ended(world: &dyn World, log_dir: &Path, session: &str) {
    let _ = world.rename(&journal(log_dir, session), &ended_journal(log_dir, session));
}

/// Writes `content` to `backups/NAME.YYYYMMDD_HHMMSS.backup` (UTC), synced. A second backup of
/// that name in the same second gets `-2` behind the time, and so on.
pub(super) fn back_up(world: &dyn World, log_dir: &Path, original: &Path, content: &[u8]) -> io::Result<PathBuf> {
    let folder = logdir::backups(log_dir);
    world.create_dir_all(&folder, FOLDER_MODE)?;
    let name = short_name(original);
    let time = world.now().format("%Y%m%d_%H%M%S").to_string();
    for number in 1_u32.. {
        let mut file = name.clone();
        file.push(format!(".{time}"));
        if number > 1 {
            file.push(format!("-{number}"));
        }
        file.push(".backup");
        let path = folder.join(file);
        match create(world, &path, content) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(()) => return Ok(path),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn short_name(original: &Path) -> OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let name = original.file_name().unwrap_or(original.as_os_str()).as_bytes();
    let mut cut = name.len().min(NAME_BYTES);
    // Not inside a character, where the name is text.
    while cut < name.len() && cut > 0 && name[cut] & 0xC0 == 0x80 {
        cut -= 1;
    }
    OsString::from_vec(name[..cut].to_vec())
}

/// Writes a new private file, synced.
pub(super) fn create(world: &dyn World, path: &Path, content: &[u8]) -> io::Result<()> {
    world.replace(path, content, Some(&Meta::of_new_file(FILE_MODE)), Expect::Absent)
}

/// Writes a private file without syncing it: what is only shown, never restored from.
pub(super) fn keep(world: &dyn World, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = world.open(path, FILE_MODE, Lock::None)?;
    file.set_len(0)?;
    file.write_all(content)?;
    file.flush()
}
