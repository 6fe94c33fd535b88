//! Any text, any place: every format prints something, and nothing panics.

use proptest::prelude::*;

use crate::diagnostic::catalogue::shape::UNKNOWN_KEY;
use crate::diagnostic::{Diagnostic, Format, SourceFile, apply_patches, clean_text, render};

fn texts() -> impl Strategy<Value = String> {
    let parts = vec![
        "a",
        "bc",
        " ",
        "\n",
        "\r\n",
        "\t",
        "ä",
        "漢",
        "👩\u{200d}🚀",
        "\u{1b}[31m",
        "\u{301}",
        "\u{9b}",
        "\0",
    ];
    prop::collection::vec(prop::sample::select(parts), 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn rendering_survives(
        text in texts(),
        message in texts(),
        spans in prop::collection::vec((0..80_usize, 0..80_usize), 0..6),
        patches in prop::collection::vec((0..80_usize, 0..20_usize, texts()), 0..3),
        color in any::<bool>(),
        width in 0..120_usize,
    ) {
        let file = SourceFile::new("f.yaml", text);
        let mut diagnostic = Diagnostic::new(&UNKNOWN_KEY, message.clone()).note(message.clone());
        for (index, (start, end)) in spans.into_iter().enumerate() {
            diagnostic = if index % 2 == 0 {
                diagnostic.primary(&file, start..end, message.clone())
            } else {
                diagnostic.secondary(&file, start..end, message.clone())
            };
        }
        for (start, length, new) in patches {
            diagnostic = diagnostic.patch(&file, start..start + length, new, "change");
        }
        let diagnostics = [diagnostic];
        for format in Format::ALL {
            let text = render(&diagnostics, format, color, width);
            prop_assert!(text.ends_with('\n'));
            if !color {
                let text = text.replace('\n', "");
                prop_assert_eq!(clean_text(&text), text.as_str());
            }
        }
        for patched in apply_patches(&diagnostics) {
            prop_assert_eq!(patched.applied.len() + patched.refused.len(), 1);
        }
    }
}

#[test]
fn long_lines_and_far_places_are_quick() {
    let start = std::time::Instant::now();
    let long = SourceFile::new("long", format!("a: {}\n", "x".repeat(5 << 20)));
    let tall = SourceFile::new("tall", "a: b\n".repeat(200_000));
    let diagnostics: Vec<_> = (0..200)
        .map(|n| {
            Diagnostic::new(&UNKNOWN_KEY, "t")
                .primary(&tall, n * 5000..n * 5000 + 1, "p")
                .secondary(&tall, n * 5000 + 20..n * 5000 + 21, "s")
                .secondary(&long, n..n + 1, "l")
                .patch(&long, n..n, "x", "m")
        })
        .collect();
    assert!(render(&diagnostics, Format::Full, true, 80).contains("too long to show"));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
