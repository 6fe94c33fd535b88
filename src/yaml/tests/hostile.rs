//! Anything at all as a pack: no panic, bounded time, spans within the text.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde::Deserialize;

use crate::yaml::{ErrorCode, Limits, Node, NodeKind, from_node_lenient, parse_all, source_offset, source_range};

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only decoding matters")]
struct Anything {
    a: String,
    b: Option<u8>,
    #[serde(default)]
    c: Vec<Choice>,
    #[serde(default)]
    d: BTreeMap<String, Anything>,
    #[serde(default)]
    e: (u8, String),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only decoding matters")]
enum Choice {
    A(String),
    B { a: u8 },
    C,
    D(u8, u8),
    E(Box<Choice>),
}

fn check_node(source: &str, node: &Node, outer: std::ops::Range<usize>) {
    let span = node.span;
    assert!(
        outer.start <= span.start && span.end <= outer.end,
        "{span:?} outside {outer:?}: {source:?}"
    );
    assert!(
        source.get(span.range()).is_some(),
        "{span:?} splits a character: {source:?}"
    );
    match &node.kind {
        NodeKind::Null => {}
        NodeKind::Scalar(scalar) => {
            for decoded in [0, 1, scalar.value.len() / 2, scalar.value.len(), usize::MAX] {
                let offset = source_offset(source, node, decoded);
                assert!(source.get(..offset).is_some());
                let _ = source_range(source, node, 0..decoded).text(source);
            }
        }
        NodeKind::Sequence(items) => {
            items.iter().for_each(|item| check_node(source, item, span.range()));
        }
        NodeKind::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            check_node(source, key, span.range());
            check_node(source, value, span.range());
        }),
    }
}

/// Everything that is done with a pack, on any text.
fn survive(source: &str) {
    let parsed = parse_all(source, &Limits::default());
    for error in &parsed.errors {
        assert!(source.get(error.span.range()).is_some(), "{error:?}\n{source:?}");
        assert!(!error.message.is_empty());
        if let Some(secondary) = &error.secondary {
            assert!(source.get(secondary.span.range()).is_some(), "{error:?}\n{source:?}");
        }
    }
    for comment in &parsed.comments {
        assert!(comment.text(source).starts_with('#'), "{source:?}");
    }
    let Some(root) = parsed.root else { return };
    check_node(source, &root, 0..source.len());
    let decoded = from_node_lenient::<Anything>(&root);
    assert_eq!(
        decoded.value.is_none(),
        !decoded.errors.is_empty(),
        "{:?}",
        decoded.errors
    );
    for error in &decoded.errors {
        assert!(source.get(error.span.range()).is_some());
    }
    assert!(from_node_lenient::<serde_json::Value>(&root).errors.is_empty());
}

const TOKENS: [&str; 42] = [
    "a", "b", "c", "d", "e", ":", ": ", "\n", "\n  ", "\n    ", "\n   ", "- ", "-", " ", "{", "}", "[", "]", ",", "'",
    "\"", "|", ">", "|\n", ">-\n", "#", " # x", "&x", "*x", "!!str", "<<", "---\n", "...\n", "%", "\t", "\r\n", "\\",
    "ä", "\u{feff}", "3", "?", "\0",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn token_soup(parts in prop::collection::vec(prop::sample::select(&TOKENS[..]), 0..40)) {
        survive(&parts.concat());
    }

    #[test]
    fn any_text(source in any::<String>()) {
        survive(&source);
    }

    /// A good document with a few bytes changed.
    #[test]
    fn damaged_documents(
        edits in prop::collection::vec((0..GOOD.len(), 0..4_usize, prop::sample::select(&TOKENS[..])), 1..5),
    ) {
        let mut source = GOOD.to_owned();
        for (at, remove, insert) in edits {
            let start = source.floor_char_boundary(at.min(source.len()));
            let end = source.floor_char_boundary((start + remove).min(source.len()));
            source.replace_range(start..end.max(start), insert);
        }
        survive(&source);
    }
}

const GOOD: &str = "# pack
a: text
b: 3
c:
  - a: x
  - {b: {a: 1}}
  - c
  - d: [1, 2]
  - e: {a: 'it''s'}
d:
  one:
    a: |
      literal
        text
    b: ~
    e: [1, \"x\\n\"]
  two: { a: 'folded,
      text' }
e: [1, b]
";

#[test]
fn found_by_chance() {
    for source in ["|3\na\u{feff}", "\n\n|3\n  ä", "{|\n{{a}äa},"] {
        survive(source);
    }
}

#[test]
fn the_document_to_damage_is_good() {
    let parsed = parse_all(GOOD, &Limits::default());
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
}

#[track_caller]
fn quick(name: &str, source: &str) {
    let start = Instant::now();
    survive(source);
    let took = start.elapsed();
    // An unoptimised build on a busy machine; quadratic behaviour would take minutes.
    assert!(took < Duration::from_secs(20), "{name}: {took:?}");
}

#[test]
fn large_hostile_texts_are_quick() {
    let many = 20_000;
    quick("open quotes", &"- \"a\n".repeat(many));
    quick("wrong indentation", &"- a: b\n   c: d\n".repeat(many));
    quick(
        "wrong keys at the margin",
        &format!("x:\n{}", " a: b\n  c: d\n".repeat(many)),
    );
    quick("open brackets", &"[a, ".repeat(many));
    quick("open braces, one each line", &"- {a\n".repeat(many));
    quick("colons", &"a: ".repeat(many));
    quick("tabs", &"\t".repeat(many));
    quick("one long line", &format!("a: {}", "x".repeat(1 << 20)));
    quick("one long folded text", &format!("a: >\n{}", "  x\n".repeat(many * 4)));
    quick("comments", &"# x\n".repeat(many));
    quick("blank lines", &"\n".repeat(many * 10));
    quick("aliases", &format!("a: &a [x]\nb: [{}]\n", "*a, ".repeat(many)));
    quick("duplicate keys", &"a: 1\n".repeat(many));
}

#[test]
fn a_file_beyond_the_limit_is_not_even_looked_at() {
    let limits = Limits {
        max_bytes: 1 << 10,
        ..Limits::default()
    };
    let parsed = parse_all(&"\"".repeat(2 << 10), &limits);
    assert_eq!(parsed.errors[0].code, ErrorCode::Budget);
    assert!(parsed.root.is_none());
}
