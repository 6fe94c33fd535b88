//! Carets inside scalars.

use proptest::prelude::*;

use super::tree;
use crate::yaml::{Node, source_offset, source_range};

/// The place of `needle`'s first character: its offset in the value, mapped to the source.
#[track_caller]
fn check(source: &str, needle: &str, expected: &str) {
    let root = tree(source);
    let node = root.get("k").unwrap();
    let decoded = node.as_str().unwrap().find(needle).unwrap();
    let offset = source_offset(source, node, decoded);
    assert!(
        source[offset..].starts_with(expected),
        "{source}\n{:?}",
        &source[offset..]
    );
}

#[test]
fn every_style_is_mapped() {
    check("k: plain text\n", "text", "text");
    check("k: plain\n   over\n\n   lines # c\n", "lines", "lines # c");
    check("k: 'it''s (?P<a>\\w'\n", "(?P", "(?P<a>");
    check("k: 'it''s'\n", "'", "''s");
    check("k: 'a  \n\n\n  b x'\n", "b x", "b x'");
    check("k: \"\\ta\\u00e4\\x41(b\"\n", "(b", "(b\"");
    check("k: \"a\\u00e4(b\"\n", "ä", "\\u00e4(b");
    check("k: \"\\ud83d\\ude00(b\"\n", "(b", "(b\"");
    check("k: \"a \\\n   (b\"\n", "(b", "(b\"");
    check("k: |\n  one\n    two\n\n  (three\n", "(three", "(three");
    check("k: |2-\n    one\n  (two\n", "(two", "(two");
    check("k: >-\n  one\n  two\n\n  three\n    four\n  (five\n", "(five", "(five");
    check(
        "k: >\n\n   one\n    * a\n    * b\n   two (\n\n\nz: 1\n",
        "two (",
        "two (",
    );
    check("k: |\r\n  one\r\n  (two\r\n", "(two", "(two");
}

#[test]
fn ranges_cover_what_the_source_writes() {
    let source = "k: 'a''b''c'\n";
    let root = tree(source);
    let node = root.get("k").unwrap();
    let text = |range| source_range(source, node, range).text(source);
    assert_eq!(text(1..2), "''");
    assert_eq!(text(0..3), "a''b");
    assert_eq!(text(0..5), "a''b''c");
    assert_eq!(text(2..2), "");
    assert_eq!(source_offset(source, node, 5), source.rfind('\'').unwrap());
    // Positions that are not there, and another source, still give a place.
    assert!(source_offset(source, node, 999) <= source.len());
    assert_eq!(source_offset("x", node, 1), 3);
    assert_eq!(source_offset(source, &root, 1), 0);
}

/// A value and its source in every style that can hold it.
fn sources(value: &str, indent: usize) -> Vec<String> {
    let mut sources = Vec::new();
    let pad = " ".repeat(indent);
    let escaped = value
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            '\n' => "\\n".to_owned(),
            'ö' => "\\u00f6".to_owned(),
            c => c.to_string(),
        })
        .collect::<String>();
    sources.push(format!("k: \"{escaped}\"\n"));
    if !value.contains('\n') {
        sources.push(format!("k: '{}'\n", value.replace('\'', "''")));
    }
    let blanks_only = value.lines().any(|line| line.trim().is_empty() && !line.is_empty());
    let tabs = value.lines().any(|line| line.starts_with('\t'));
    if !value.trim().is_empty() && !blanks_only && !tabs {
        let body = |text: &str| {
            text.split('\n')
                .map(|line| {
                    if line.is_empty() {
                        String::new()
                    } else {
                        format!("{pad}{line}")
                    }
                })
                .collect::<Vec<_>>()
                .join("\n")
        };
        sources.push(format!("k: |{indent}+\n{}\n", body(value)));
        sources.push(format!("k: >{indent}-\n{}\n", body(value)));
    }
    sources
}

fn values() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "a", "b(", " ", "\n", "'", "\"", "\\", "ö", "  x", "\n\n", ":", "#",
        ]),
        1..24,
    )
    .prop_map(|parts| parts.concat())
}

/// Every character of the value that the source writes as itself is found there.
fn check_all(source: &str, node: &Node) -> Result<(), TestCaseError> {
    let Some(value) = node.as_str() else {
        return Ok(());
    };
    for (decoded, c) in value.char_indices() {
        let offset = source_offset(source, node, decoded);
        prop_assert!(source.is_char_boundary(offset));
        if !matches!(c, ' ' | '\n' | '\r') {
            let there = source[offset..].chars().next();
            prop_assert!(
                there == Some(c) || there == Some('\\'),
                "{source:?} {decoded} {c:?} {there:?}"
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn values_survive_and_are_found_again(value in values(), indent in 1_usize..9) {
        for source in sources(&value, indent) {
            let root = tree(&source);
            let node = root.get("k").unwrap();
            check_all(&source, node)?;
            if !source.starts_with("k: >") && !source.starts_with("k: |") {
                prop_assert_eq!(node.as_str(), Some(value.as_str()));
            }
        }
    }

    /// Folding is what people write by hand: words over several lines.
    #[test]
    fn folded_words_are_found(
        words in prop::collection::vec("[a-z(]{1,5}", 1..12),
        gaps in prop::collection::vec(prop::sample::select(vec![" ", "\n", "\n\n", "  \n  ", "\n\t\n"]), 12),
        style in prop::sample::select(vec!["", "'", "\"", ">\n", ">-\n", "|\n"]),
    ) {
        let text: String = words.iter().zip(&gaps).map(|(w, g)| format!("{w}{g}")).collect();
        let text = text.trim_end().replace('\n', "\n    ");
        let close = if style.starts_with(['\'', '"']) { style } else { "" };
        let lead = if style.ends_with('\n') { "    " } else { "" };
        let source = format!("k: {style}{lead}{text}{close}\n");
        if let Ok(root) = crate::yaml::parse(&source, &crate::yaml::Limits::default()) {
            check_all(&source, root.get("k").unwrap())?;
        }
    }
}
