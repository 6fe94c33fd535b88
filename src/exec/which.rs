//! Finding a program on PATH.
//!
//! Two searches: [`find`] does what the shell does; [`trusted`] is for heal's own commands, where
//! a file that merely lies in the project must never be taken for the tool.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

/// What the search path is when PATH is not set, as `execvp` and the shells have it.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Why no program was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WhichError {
    /// No file of that name.
    #[error("not found")]
    NotFound,
    /// There is one, but it has no execute permission for this user.
    #[error("permission denied")]
    Denied,
    /// It is a folder.
    #[error("is a directory")]
    Directory,
}

/// The file that `program` means, as the shell resolves it.
///
/// A name with a slash is taken as a path (relative to `cwd`); any other is looked up in `path`,
/// the value of PATH, where an empty entry means `cwd`. `None` for `path` is an unset PATH.
/// The answer is joined as written (`./x` stays `./x`), because scripts see it as `$0`.
///
/// # Errors
/// [`WhichError`]; a file without execute permission is reported only if no later entry of PATH
/// has a usable one.
pub fn find(program: &OsStr, path: Option<&OsStr>, cwd: &Path) -> Result<PathBuf, WhichError> {
    if program.is_empty() {
        return Err(WhichError::NotFound);
    }
    if program.as_bytes().contains(&b'/') {
        let file = PathBuf::from(program);
        return usable(&cwd.join(&file)).map(|()| file);
    }
    let path = path.map_or_else(|| OsString::from(DEFAULT_PATH), OsStr::to_os_string);
    let mut seen = WhichError::NotFound;
    for entry in std::env::split_paths(&path) {
        let file = if entry.as_os_str().is_empty() {
            Path::new(".").join(program)
        } else {
            entry.join(program)
        };
        match usable(&cwd.join(&file)) {
            Ok(()) => return Ok(file),
            // A folder of that name is passed over, as every shell does.
            Err(WhichError::Denied) => seen = WhichError::Denied,
            Err(_) => {}
        }
    }
    Err(seen)
}

/// The tool `program`, taken only from places that a project cannot write to by being unpacked:
/// relative PATH entries, `cwd` itself and the folders in `except` (and below) are passed over.
///
/// # Errors
/// [`WhichError::NotFound`] also for a relative name with a slash.
pub fn trusted(program: &OsStr, path: Option<&OsStr>, cwd: &Path, except: &[&Path]) -> Result<PathBuf, WhichError> {
    let name = Path::new(program);
    if name.is_absolute() {
        return usable(name).map(|()| name.to_path_buf());
    }
    if program.is_empty() || program.as_bytes().contains(&b'/') {
        return Err(WhichError::NotFound);
    }
    let real = |folder: &Path| std::fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
    let here = real(cwd);
    let except: Vec<PathBuf> = except.iter().map(|folder| real(folder)).collect();
    let path = path.map_or_else(|| OsString::from(DEFAULT_PATH), OsStr::to_os_string);
    let mut seen = WhichError::NotFound;
    for entry in std::env::split_paths(&path).filter(|entry| entry.is_absolute()) {
        let folder = real(&entry);
        if folder == here || except.iter().any(|bad| folder.starts_with(bad)) {
            continue;
        }
        match usable(&entry.join(program)) {
            Ok(()) => return Ok(entry.join(program)),
            Err(WhichError::Denied) => seen = WhichError::Denied,
            Err(_) => {}
        }
    }
    Err(seen)
}

/// Whether this user may execute `file`.
fn usable(file: &Path) -> Result<(), WhichError> {
    let about = std::fs::metadata(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => WhichError::Denied,
        _ => WhichError::NotFound,
    })?;
    if about.is_dir() {
        return Err(WhichError::Directory);
    }
    // The effective user decides, as it does in execve.
    rustix::fs::accessat(rustix::fs::CWD, file, Access::EXEC_OK, rustix::fs::AtFlags::EACCESS)
        .map_err(|_| WhichError::Denied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn program(folder: &Path, name: &str, mode: u32) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(name), "#!/bin/sh\n").unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn finds_what_the_shell_finds() {
        let root = tempfile::tempdir().unwrap();
        let (a, b) = (root.path().join("a"), root.path().join("b"));
        program(&a, "tool", 0o644);
        program(&b, "tool", 0o755);
        program(&a, "data", 0o644);
        fs::create_dir(a.join("folder")).unwrap();
        let path = std::env::join_paths([&a, &b]).unwrap();
        let find = |name: &str| find(OsStr::new(name), Some(&path), root.path());
        assert_eq!(find("tool"), Ok(b.join("tool")), "the first *usable* one");
        assert_eq!(find("data"), Err(WhichError::Denied));
        assert_eq!(find("folder"), Err(WhichError::NotFound));
        assert_eq!(find("./a"), Err(WhichError::Directory));
        assert_eq!(find("b/tool"), Ok(PathBuf::from("b/tool")));
        assert_eq!(find("nothing"), Err(WhichError::NotFound));
        assert_eq!(find(""), Err(WhichError::NotFound));
    }

    #[test]
    fn an_empty_entry_is_the_current_folder() {
        let root = tempfile::tempdir().unwrap();
        program(root.path(), "tool", 0o755);
        let name = OsStr::new("tool");
        let path = Some(OsStr::new(":/nowhere"));
        assert_eq!(find(name, path, root.path()), Ok(PathBuf::from("./tool")));
    }

    #[test]
    fn trusted_passes_over_everything_that_the_project_could_bring() {
        let root = tempfile::tempdir().unwrap();
        let (project, system) = (root.path().join("project"), root.path().join("system"));
        program(&project, "tool", 0o755);
        program(&project.join("bin"), "tool", 0o755);
        program(&system, "tool", 0o755);
        std::os::unix::fs::symlink(&project, root.path().join("link")).unwrap();
        let name = OsStr::new("tool");
        let search = |entries: &[&Path], except: &[&Path]| {
            let path = std::env::join_paths(entries).unwrap();
            trusted(name, Some(&path), &project, except)
        };
        let bin = project.join("bin");
        let link = root.path().join("link");
        let all: Vec<&Path> = vec![Path::new(""), Path::new("bin"), &project, &link, &bin, &system];
        assert_eq!(search(&all, &[&project]), Ok(system.join("tool")));
        assert_eq!(
            search(&all, &[]),
            Ok(bin.join("tool")),
            "a folder below is a venv's bin"
        );
        assert_eq!(search(&all[..4], &[]), Err(WhichError::NotFound));
        assert_eq!(
            trusted(OsStr::new("./tool"), None, &project, &[]),
            Err(WhichError::NotFound)
        );
    }
}
