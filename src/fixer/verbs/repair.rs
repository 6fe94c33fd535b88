//! `repair`: the syntax of a source file, where there is one clear repair.

use std::path::Path;

use crate::fixer::plan::{FileWrite, PlanError, absolute, read};
use crate::language::{self, Repair};
use crate::pack::model::Language;
use crate::world::World;

/// The repaired file, and how it was chosen.
pub fn plan(
    language: Language,
    file: &str,
    line: Option<u32>,
    version: Option<&str>,
    world: &dyn World,
    cwd: &Path,
) -> Result<(FileWrite, String), PlanError> {
    let path = absolute(file, cwd);
    let before = read(&path, world)?;
    match language::repair(language, &before, line, version) {
        Repair::Valid => Err(PlanError::NotThere(format!("{file} parses already"))),
        Repair::Clear { best, .. } => {
            let note = format!("{} (probability {:.2})", best.description, best.probability);
            Ok((
                FileWrite {
                    path,
                    before: Some(before),
                    after: best.content,
                },
                note,
            ))
        }
        Repair::Unclear { reason, candidates } => {
            let mut text = format!("{file}: {reason}");
            for candidate in candidates.iter().take(3) {
                text.push_str(&format!(
                    "; possible: {} ({:.2})",
                    candidate.description, candidate.probability
                ));
            }
            Err(PlanError::Ambiguous(text))
        }
    }
}
