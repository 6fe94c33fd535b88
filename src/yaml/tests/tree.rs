//! Spans and access.

use super::tree;
use crate::yaml::{NodeKind, Path, Style};

const SOURCE: &str = "rules:
  - id: a
    text: |  # why
      one
        two

    run: [x, 'it''s', \"b\\n\"]
    empty:
    last: plain
      goes on
next: ~
";

#[test]
fn every_node_knows_its_place() {
    let root = tree(SOURCE);
    let text = |path: &str, key: bool| {
        let mut at = Path::root();
        for part in path.split('.') {
            at = match part.parse::<usize>() {
                Ok(index) => at.join(index),
                Err(_) => at.join(part),
            };
        }
        let span = if key { root.key_span_at(&at) } else { root.span_at(&at) };
        span.text(SOURCE).to_owned()
    };
    assert_eq!(text("rules.0.id", false), "a");
    assert_eq!(text("rules.0.id", true), "id");
    assert_eq!(text("rules.0.text", false), "|  # why\n      one\n        two");
    assert_eq!(text("rules.0.run", false), "[x, 'it''s', \"b\\n\"]");
    assert_eq!(text("rules.0.run.1", false), "'it''s'");
    assert_eq!(text("rules.0.empty", false), "");
    assert_eq!(text("rules.0.last", false), "plain\n      goes on");
    assert!(text("rules.0", false).starts_with("id: a"));
    assert!(text("rules.0", false).ends_with("goes on"));
    assert_eq!(root.get("rules").unwrap().items()[0].head().text(SOURCE), "id");
}

#[test]
fn scalars_are_decoded() {
    let root = tree(SOURCE);
    let rule = &root.get("rules").unwrap().items()[0];
    assert_eq!(rule.get("text").unwrap().as_str(), Some("one\n  two\n"));
    assert_eq!(rule.get("text").unwrap().as_scalar().unwrap().style, Style::Literal);
    assert_eq!(rule.get("run").unwrap().items()[1].as_str(), Some("it's"));
    assert_eq!(rule.get("last").unwrap().as_str(), Some("plain goes on"));
    assert_eq!(rule.get("empty").unwrap().kind, NodeKind::Null);
    assert_eq!(root.get("next").unwrap().kind, NodeKind::Null);
    assert_eq!(root.get("nothing"), None);
}

#[test]
fn paths_read_well() {
    let path = Path::root().join("rules").join(3).join("fix").join(0).join("a b\u{1b}");
    assert_eq!(path.to_string(), "rules[3].fix[0][\"a b\\u{1b}\"]");
}

#[test]
fn an_empty_file_is_null() {
    for source in ["", "\n", "# only a comment\n", "---\n"] {
        assert!(tree(source).is_null(), "{source:?}");
    }
}
