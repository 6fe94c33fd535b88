//! `rewrite`: one node of a source file, by a structural pattern.

use std::path::Path;

use crate::fixer::plan::{FileWrite, PlanError, absolute, read};
use crate::pack::model::Language;
use crate::world::World;
use crate::{language, structure};

/// Which nodes are meant.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The line that the node touches; none: anywhere.
    pub line: Option<u32>,
    /// A column inside the node.
    pub column: Option<u32>,
    /// All matches rather than the only one.
    pub all: bool,
}

/// The file with the node rewritten. It must parse before and after.
#[expect(clippy::too_many_arguments, reason = "they are the verb's own keys")]
pub fn plan(
    language: Language,
    file: &str,
    place: Place,
    pattern: &str,
    constraints: &[(String, String)],
    with: &str,
    world: &dyn World,
    cwd: &Path,
) -> Result<FileWrite, PlanError> {
    let path = absolute(file, cwd);
    let before = read(&path, world)?;
    let source = std::str::from_utf8(&before).map_err(|_| PlanError::Unreadable {
        path: path.clone(),
        message: "is not UTF-8".to_owned(),
    })?;
    let mut found = structure::find(language, source, pattern, constraints, place.line, place.column);
    if found.is_empty() && place.column.is_some() {
        // Columns differ between tool versions; the line alone may still be clear.
        found = structure::find(language, source, pattern, constraints, place.line, None);
    }
    match found.len() {
        0 => return Err(PlanError::NotThere(format!("`{pattern}` is not there in {file}"))),
        1 => {}
        _ if place.all => {}
        n => {
            return Err(PlanError::Ambiguous(format!(
                "`{pattern}` is there {n} times in {file}"
            )));
        }
    }
    let mut after = source.to_owned();
    let mut end = usize::MAX;
    for node in found.iter().rev() {
        if node.range.end > end {
            continue; // a node inside one that was rewritten already
        }
        end = node.range.start;
        let text = structure::fill(with, node).map_err(PlanError::Invalid)?;
        after.replace_range(node.range.clone(), &text);
    }
    if after.as_bytes() == before {
        return Err(PlanError::NotThere(format!("{file} is so already")));
    }
    if language::parses(language, after.as_bytes(), None).is_err() && language::parses(language, &before, None).is_ok()
    {
        return Err(PlanError::Invalid(format!("{file} would not parse afterwards")));
    }
    Ok(FileWrite {
        path,
        before: Some(before),
        after: after.into_bytes(),
    })
}
