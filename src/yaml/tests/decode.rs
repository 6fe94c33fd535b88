//! Typed values and the places of their mistakes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::tree;
use crate::yaml::{DecodeKind, from_node, from_node_lenient};

#[derive(Debug, Deserialize, PartialEq)]
struct Rule {
    id: String,
    #[serde(default)]
    within: Option<u16>,
    #[serde(default)]
    on: bool,
    #[serde(default)]
    when: Vec<Condition>,
    #[serde(default)]
    run: Vec<String>,
    #[serde(default)]
    weight: f64,
    #[serde(default)]
    table: BTreeMap<String, String>,
    #[serde(default)]
    safety: Option<Safety>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Condition {
    FileExists(String),
    Not(Box<Condition>),
    AnyOf(Vec<Condition>),
    Near { name: String, table: String },
    IsRoot,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Safety {
    Safe,
    Unsafe,
}

fn rule(source: &str) -> (Rule, Vec<String>) {
    let (rule, unknown) = from_node(&tree(source)).unwrap_or_else(|e| panic!("{e}\n{source}"));
    (rule, unknown.iter().map(|found| found.path.to_string()).collect())
}

/// `path | text at the place | message` of every mistake.
fn mistakes(source: &str) -> Vec<String> {
    from_node_lenient::<Rule>(&tree(source))
        .errors
        .iter()
        .map(|e| format!("{} | {} | {}", e.path, e.span.text(source), e.message))
        .collect()
}

#[test]
fn text_is_taken_as_written() {
    let (rule, _) = rule("id: 1.10\nrun: [yes, 3, -x, 0x1F, true, '']\ntable: {a: 1, 2: off}\n");
    assert_eq!(rule.id, "1.10");
    assert_eq!(rule.run, ["yes", "3", "-x", "0x1F", "true", ""]);
    assert_eq!(
        rule.table,
        BTreeMap::from([("a".into(), "1".into()), ("2".into(), "off".into())])
    );
}

#[test]
fn numbers_and_booleans_are_those_of_the_core_schema() {
    let (decoded, _) = rule("id: a\nwithin: 0x10\non: True\nweight: 3\n");
    assert_eq!((decoded.within, decoded.on, decoded.weight), (Some(16), true, 3.0));
    let (decoded, _) = rule("id: a\nwithin: ~\nweight: -1.5e1\n");
    assert_eq!((decoded.within, decoded.weight), (None, -15.0));
}

#[test]
fn choices() {
    let (rule, _) = rule(
        "id: a\nsafety: safe\nwhen:\n  - file_exists: x\n  - not: {file_exists: y}\n  - any_of: [is_root, {is_root: }]\n  - near: {name: n, table: t}\n",
    );
    assert_eq!(rule.safety, Some(Safety::Safe));
    assert_eq!(
        rule.when,
        [
            Condition::FileExists("x".into()),
            Condition::Not(Box::new(Condition::FileExists("y".into()))),
            Condition::AnyOf(vec![Condition::IsRoot, Condition::IsRoot]),
            Condition::Near {
                name: "n".into(),
                table: "t".into()
            },
        ]
    );
}

#[test]
fn unknown_keys_are_all_reported_with_their_place() {
    let source = "id: a\nwithn: 3\nwhen:\n  - near: {name: n, table: t, cutof: 3}\nextra: {a: [1]}\n";
    let (_, unknown) = from_node::<Rule>(&tree(source)).unwrap();
    let found: Vec<_> = unknown
        .iter()
        .map(|u| (u.path.to_string(), u.span.text(source)))
        .collect();
    assert_eq!(
        found,
        [
            ("withn".to_owned(), "withn"),
            ("when[0].near.cutof".to_owned(), "cutof"),
            ("extra".to_owned(), "extra"),
        ]
    );
    assert!(unknown[0].known.contains(&"within"));
    assert_eq!(unknown[1].known, ["name", "table"]);
}

#[test]
fn every_independent_mistake_is_found() {
    let source = "id: [x]\nwithin: many\non: yes\nwhen:\n  - file_exist: x\n  - is_root: 3\n  - file_exists\n  - not: {file_exists: [1]}\n  - {file_exists: a, not: b}\n  - near: {name: n}\nsafety: saef\nweight: '3'\n";
    assert_eq!(
        mistakes(source),
        [
            "id | [x] | expected text, found a list",
            "within | many | expected a whole number, not negative, found the text \"many\"",
            "on | yes | expected `true` or `false`, found the text \"yes\"",
            "when[0] | file_exist | unknown name `file_exist`",
            "when[1].is_root | 3 | `is_root` takes no value",
            "when[2] | file_exists | `file_exists` needs a value: expected text, found nothing",
            "when[3].not.file_exists | [1] | expected text, found a list",
            "when[4] | not | 2 keys stand where exactly one must",
            "when[5].near | name | key `table` is missing",
            "safety | saef | unknown name `saef`",
            "weight | '3' | expected a number, found the text \"3\"",
        ]
    );
}

#[test]
fn a_missing_key_is_reported_at_the_first_key() {
    assert_eq!(mistakes("on: true\nrun: []\n"), [" | on | key `id` is missing"]);
    // A key that is there but wrong is not missing as well.
    assert_eq!(
        mistakes("id: {}\non: true\n"),
        ["id | {} | expected text, found a mapping"]
    );
}

#[test]
fn help_is_given_where_it_is_known() {
    let decoded = from_node_lenient::<Rule>(&tree("id: x\nweight: '3'\non: yes\n"));
    let help: Vec<_> = decoded.errors.iter().map(|e| e.help.as_deref().unwrap_or("")).collect();
    assert_eq!(help[0], "remove the quotes: a quoted value is always text");
    assert_eq!(help[1], "write `true` or `false`");
}

#[test]
fn unknown_choices_come_with_the_known_ones() {
    let error = from_node::<Rule>(&tree("id: a\nsafety: saef\n")).unwrap_err();
    let DecodeKind::UnknownVariant { name, known } = error.kind else {
        panic!("{error:?}")
    };
    assert_eq!((name.as_str(), known), ("saef", &["safe", "unsafe"][..]));
}

#[test]
fn numbers_out_of_range() {
    assert_eq!(
        mistakes("id: a\nwithin: 70000\n"),
        ["within | 70000 | the number `70000` is not a whole number, not negative",]
    );
    assert_eq!(
        mistakes("id: a\nwithin: -1\n"),
        ["within | -1 | the number `-1` is not a whole number, not negative",]
    );
}

#[test]
fn values_without_a_type_keep_their_yaml_meaning() {
    let node = tree("a: [1, -2, 1.5, true, yes, '1', ~]\nb: {c: 1.10}\n");
    let (value, _) = from_node::<serde_json::Value>(&node).unwrap();
    assert_eq!(
        value,
        serde_json::json!({"a": [1, -2, 1.5, true, "yes", "1", null], "b": {"c": 1.1}})
    );
}
