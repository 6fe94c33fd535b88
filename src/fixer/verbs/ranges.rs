//! `edit` with ranges that a probe gave: all of them, or none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::analyzer::RangeEdit;
use crate::fixer::plan::{FileWrite, PlanError, absolute, read};
use crate::world::World;

/// The files with all ranges replaced. Every `old` must be there, and ranges must not overlap.
pub fn plan(edits: &[RangeEdit], world: &dyn World, cwd: &Path) -> Result<Vec<FileWrite>, PlanError> {
    let mut by_file: BTreeMap<PathBuf, Vec<&RangeEdit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry(absolute(&edit.file, cwd)).or_default().push(edit);
    }
    by_file
        .into_iter()
        .map(|(path, edits)| one(path, &edits, world))
        .collect()
}

fn one(path: PathBuf, edits: &[&RangeEdit], world: &dyn World) -> Result<FileWrite, PlanError> {
    let before = read(&path, world)?;
    let text = std::str::from_utf8(&before).map_err(|_| PlanError::Unreadable {
        path: path.clone(),
        message: "is not UTF-8".to_owned(),
    })?;
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut ranges = Vec::new();
    for edit in edits {
        let there = |line, column| {
            offset(text, line, column)
                .ok_or_else(|| PlanError::NotThere(format!("{} has no line {line}, column {column}", edit.file)))
        };
        let range = there(edit.line, edit.column)?..there(edit.end_line, edit.end_column)?;
        let old = text.get(range.clone()).unwrap_or_default();
        if old.replace("\r\n", "\n") != edit.old {
            return Err(PlanError::NotThere(format!(
                "{}:{} does not say {:?}",
                edit.file, edit.line, edit.old
            )));
        }
        ranges.push((range, edit.new.replace('\n', ending)));
    }
    ranges.sort_by_key(|(range, _)| (range.start, range.end));
    if ranges.windows(2).any(|pair| pair[0].0.end > pair[1].0.start) {
        return Err(PlanError::Invalid(format!("edits of {} overlap", path.display())));
    }
    let mut after = text.to_owned();
    for (range, new) in ranges.iter().rev() {
        after.replace_range(range.clone(), new);
    }
    if after == text {
        return Err(PlanError::NotThere(format!("{} is so already", path.display())));
    }
    Ok(FileWrite {
        path,
        before: Some(before),
        after: after.into_bytes(),
    })
}

/// Byte offset of a 1-based line and column in characters; a column may stand just behind the line,
/// and the line just behind the last one.
fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let mut start = 0;
    for _ in 1..line {
        start += text.get(start..)?.find('\n')? + 1;
    }
    let rest = text.get(start..)?;
    let line = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
    let wanted = usize::try_from(column.checked_sub(1)?).ok()?;
    match line.char_indices().nth(wanted) {
        Some((index, _)) => Some(start + index),
        None if line.chars().count() == wanted => Some(start + line.len()),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    fn edit(line: u32, column: u32, end_column: u32, old: &str, new: &str) -> RangeEdit {
        RangeEdit {
            file: "a.py".into(),
            line,
            column,
            end_line: line,
            end_column,
            old: old.into(),
            new: new.into(),
        }
    }

    #[test]
    fn all_ranges_or_none() {
        let world = Memory::new().with_file("a.py", "é = d['amout']\r\nx\r\n");
        let cwd = Path::new("/project");
        let good = [edit(1, 8, 13, "amout", "amount"), edit(2, 1, 1, "", "import json\n")];
        let writes = plan(&good, &world, cwd).unwrap();
        assert_eq!(writes[0].after, "é = d['amount']\r\nimport json\r\nx\r\n".as_bytes());
        assert!(plan(&[edit(1, 8, 13, "other", "y")], &world, cwd).is_err());
        assert!(plan(&[edit(9, 1, 1, "", "y")], &world, cwd).is_err());
        assert!(plan(&[edit(1, 8, 13, "amout", "a"), edit(1, 10, 12, "ou", "b")], &world, cwd).is_err());
    }
}
