//! Places in files: which of those that a report names is the user's own line.

use std::path::{Component, Path, PathBuf};

use super::assemble::{DetectContext, Location};
use super::scan::{Frame, ReportHit};
use crate::pack::model::Location as Which;

/// Names of folders into which other people's code is installed, whatever the language.
const INSTALLED: [&str; 4] = ["site-packages", "dist-packages", "node_modules", "vendor"];
/// Files that mark a folder as an installed environment rather than a part of the project.
const MARKERS: [&str; 1] = ["pyvenv.cfg"];

/// An absolute path without `.` and `..`, by its text alone.
#[must_use]
pub fn absolute(path: &str, cwd: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in cwd.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

/// Whether a file is the user's own: in the project (or below the command's folder), and not in a
/// folder of installed code or a hidden one.
#[must_use]
pub fn is_own(file: &Path, context: &DetectContext<'_>) -> bool {
    let Some(inner) = file
        .strip_prefix(context.project_root)
        .or_else(|_| file.strip_prefix(context.cwd))
        .ok()
    else {
        return false;
    };
    let mut folder = PathBuf::from(file);
    for _ in inner.components().skip(1) {
        folder.pop();
        let name = folder.file_name().map(|n| n.to_string_lossy());
        let installed = name.is_some_and(|n| n.starts_with('.') || INSTALLED.contains(&n.as_ref()));
        if installed || MARKERS.iter().any(|m| context.files.exists(&folder.join(m))) {
            return false;
        }
    }
    true
}

/// A location from what a tool wrote.
#[must_use]
pub fn location(frame: &Frame, context: &DetectContext<'_>) -> Option<Location> {
    // `<string>`, `<stdin>` and the like are no files.
    if frame.file.is_empty() || frame.file.starts_with('<') {
        return None;
    }
    let file = absolute(&frame.file, context.cwd);
    let shown = file.strip_prefix(context.cwd).unwrap_or(&file).display().to_string();
    Some(Location {
        shown,
        file,
        line: frame.line,
        column: frame.column,
        function: frame.function.clone(),
        source: frame.source.clone(),
    })
}

/// The user's own line among a report's frames. Reports that point at one fixed frame are taken at
/// their word; else it is the last frame in the user's own code, and none where all is others'.
#[must_use]
pub fn of_report(report: &ReportHit, which: Which, context: &DetectContext<'_>) -> Option<Location> {
    let mut places = report.frames.iter().filter_map(|f| location(f, context));
    match which {
        Which::First => places.next(),
        Which::Last => places.next_back(),
        Which::InnermostInProject => places.rfind(|l| is_own(&l.file, context)),
    }
}
