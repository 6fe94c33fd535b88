//! Unified diffs of bytes.

use std::path::Path;

use similar::TextDiff;

/// A unified diff that `patch -p1` and `git apply` take. `before` is none for a new file.
#[must_use]
pub fn unified(path: &Path, before: Option<&[u8]>, after: &[u8]) -> String {
    let name = path.display();
    let old = if before.is_some() {
        format!("a/{name}")
    } else {
        "/dev/null".to_owned()
    };
    let diff = TextDiff::from_lines(before.unwrap_or_default(), after);
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    let _ = diff
        .unified_diff()
        .context_radius(3)
        .header(&old, &format!("b/{name}"))
        .to_writer(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}
