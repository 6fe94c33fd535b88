//! The tools in `.tools/`, which `./test` fills, and fresh virtual environments.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::copy;

/// The folder of tools.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools")
}

/// `PATH` for tests: the tools first.
pub fn path() -> String {
    let rest = std::env::var("PATH").unwrap_or_default();
    format!("{}:{rest}", folder().join("bin").display())
}

/// Where a program is on the tests' `PATH`.
pub fn which(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&path())
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Whether a tool is there: a program, or a folder of `.tools`.
pub fn has(tool: &str) -> bool {
    which(tool).is_some() || folder().join(tool).is_dir()
}

/// Whether a wheel of a distribution is there.
pub fn has_wheel(requirement: &str) -> bool {
    let end = requirement
        .find(|c: char| !c.is_alphanumeric() && !"-_.".contains(c))
        .unwrap_or(requirement.len());
    let plain = |name: &str| name.to_lowercase().replace(['-', '.'], "_");
    let wanted = format!("{}-", plain(&requirement[..end]));
    fs::read_dir(folder().join("wheels")).is_ok_and(|files| {
        files.flatten().any(|file| {
            format!(
                "{}-",
                plain(file.file_name().to_string_lossy().split('-').next().unwrap_or(""))
            ) == wanted
        })
    })
}

/// A base interpreter that does not depend on the home folder (as version managers' shims do).
pub fn python() -> Option<PathBuf> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    PYTHON
        .get_or_init(|| {
            let code = "import os, sys; print(os.path.realpath(getattr(sys, '_base_executable', sys.executable)))";
            let output = Command::new("python3").args(["-c", code]).output().ok()?;
            let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
            path.is_file().then_some(path)
        })
        .clone()
}

/// Makes a virtual environment as `python3 -m venv` does. That takes seconds, so one is made for
/// each interpreter and copied: what names its own folder in it are the scripts' first lines.
pub fn venv(target: &Path) -> Result<(), String> {
    static TEMPLATE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let template = TEMPLATE.get_or_init(template).as_ref().map_err(Clone::clone)?;
    copy(template, target);
    rename_inside(target, template, target)
}

fn template() -> Result<PathBuf, String> {
    let python = python().ok_or("python3 is not there")?;
    let name: String = python.to_string_lossy().replace(['/', '.'], "-");
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("venv{name}"));
    if kept.is_dir() {
        return Ok(kept);
    }
    let unfinished = kept.with_extension(std::process::id().to_string());
    let made = Command::new(python).args(["-m", "venv"]).arg(&unfinished).output();
    let made = made.map_err(|e| e.to_string())?;
    if !made.status.success() {
        return Err(String::from_utf8_lossy(&made.stderr).into_owned());
    }
    rename_inside(&unfinished, &unfinished, &kept)?;
    // Another process may have been faster; its environment is as good.
    let _ = fs::rename(&unfinished, &kept);
    let _ = fs::remove_dir_all(&unfinished);
    Ok(kept)
}

/// Lets the scripts of the environment in `folder` speak of `to` where they spoke of `from`.
fn rename_inside(folder: &Path, from: &Path, to: &Path) -> Result<(), String> {
    let (from, to) = (from.to_string_lossy(), to.to_string_lossy());
    for file in fs::read_dir(folder.join("bin")).map_err(|e| e.to_string())?.flatten() {
        if file.file_type().is_ok_and(|kind| kind.is_file())
            && let Ok(text) = fs::read_to_string(file.path())
        {
            fs::write(file.path(), text.replace(&*from, &to)).map_err(|e| e.to_string())?;
        }
    }
    Ok(())
}

/// The distributions in an environment.
pub fn installed(venv: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let Ok(versions) = fs::read_dir(venv.join("lib")) else {
        return names;
    };
    for version in versions.flatten() {
        let Ok(packages) = fs::read_dir(version.path().join("site-packages")) else {
            continue;
        };
        let own = packages.flatten().map(|p| p.file_name().to_string_lossy().into_owned());
        names.extend(own.filter(|name| name.ends_with(".dist-info")));
    }
    names.sort();
    names
}
