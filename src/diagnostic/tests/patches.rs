use crate::diagnostic::catalogue::shape::UNKNOWN_KEY;
use crate::diagnostic::{Diagnostic, SourceFile, apply_patches};

fn with_patch(file: &std::sync::Arc<SourceFile>, range: std::ops::Range<usize>, new: &str) -> Diagnostic {
    Diagnostic::new(&UNKNOWN_KEY, "x").patch(file, range, new, "change it")
}

#[test]
fn patches_of_several_files_are_applied() {
    let a = SourceFile::new("a", "regx: 1\nwithn: 2\n");
    let b = SourceFile::new("b", "x");
    let diagnostics = [
        with_patch(&a, 8..13, "within"),
        with_patch(&b, 1..1, "y"),
        with_patch(&a, 0..4, "regex"),
    ];
    let patched = apply_patches(&diagnostics);
    let texts: Vec<_> = patched
        .iter()
        .map(|p| (p.file.name.as_str(), p.text.as_str()))
        .collect();
    assert_eq!(texts, [("a", "regex: 1\nwithin: 2\n"), ("b", "xy")]);
    assert!(patched.iter().all(|p| p.refused.is_empty()));
}

#[test]
fn overlapping_and_impossible_patches_are_refused() {
    let a = SourceFile::new("a", "äbcdef");
    for (first, second) in [(2..5, 4..6), (2..4, 2..2), (2..5, 3..3), (0..2, 1..3), (3..4, 3..99)] {
        let patched = apply_patches(&[with_patch(&a, first.clone(), "X"), with_patch(&a, second.clone(), "Y")]);
        assert_eq!(patched[0].refused.len(), 1, "{first:?} {second:?}");
        assert_eq!(patched[0].applied[0].range, first);
    }
    // Side by side is not overlapping; the same change twice is one.
    let patched = apply_patches(&[
        with_patch(&a, 2..3, "X"),
        with_patch(&a, 3..4, "Y"),
        with_patch(&a, 2..3, "X"),
    ]);
    assert_eq!((patched[0].text.as_str(), patched[0].refused.len()), ("äXYdef", 0));
}
