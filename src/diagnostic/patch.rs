//! Applies the patches that diagnostics carry.

use std::sync::Arc;

use super::model::{Diagnostic, Patch};
use super::source::SourceFile;

/// A file with its patches applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patched {
    /// The file as it was.
    pub file: Arc<SourceFile>,
    /// The text as it would be. Nothing is written here.
    pub text: String,
    /// What was applied, in order of place.
    pub applied: Vec<Patch>,
    /// What was not, because it overlaps an earlier patch or does not fit the file. Checking again
    /// after the first ones are written finds these afresh.
    pub refused: Vec<Patch>,
}

/// Applies the first patch of every diagnostic, file by file, in the order of `diagnostics`.
///
/// A diagnostic's further patches are alternatives to its first one, so they are left alone. Two
/// patches overlap if they share a byte, or insert at the same place.
#[must_use]
pub fn apply_patches(diagnostics: &[Diagnostic]) -> Vec<Patched> {
    let mut files: Vec<Patched> = Vec::new();
    for patch in diagnostics.iter().filter_map(|diagnostic| diagnostic.patches.first()) {
        let known = files.iter().position(|file| *file.file == *patch.file);
        let index = known.unwrap_or_else(|| {
            files.push(Patched {
                file: patch.file.clone(),
                text: String::new(),
                applied: Vec::new(),
                refused: Vec::new(),
            });
            files.len() - 1
        });
        let file = &mut files[index];
        let fits = patch.file.text.get(patch.range.clone()).is_some();
        if file.applied.contains(patch) {
            continue;
        }
        if fits && !file.applied.iter().any(|other| overlap(other, patch)) {
            file.applied.push(patch.clone());
        } else {
            file.refused.push(patch.clone());
        }
    }
    for file in &mut files {
        file.applied.sort_by_key(|patch| (patch.range.start, patch.range.end));
        file.text = splice(&file.file.text, &file.applied);
    }
    files
}

fn overlap(a: &Patch, b: &Patch) -> bool {
    let (a, b) = (&a.range, &b.range);
    a.start == b.start || (a.start < b.end && b.start < a.end)
}

/// `patches` are sorted, within the text and free of overlaps.
fn splice(text: &str, patches: &[Patch]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for patch in patches {
        out.push_str(text.get(done..patch.range.start).unwrap_or(""));
        out.push_str(&patch.replacement);
        done = patch.range.end;
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}
