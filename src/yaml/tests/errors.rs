//! Problems in the text: place, class and words.

use super::{briefs, codes, errors};
use crate::yaml::{ErrorCode, Limits, decode_utf8, parse, parse_all};

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    assert_eq!(briefs(source), expected, "{source}");
}

#[test]
fn a_key_too_far_left_in_a_list_item() {
    check(
        "rules:\n  - id: a\n    t: x\n   match: y\n  - id: b\n",
        &["4:4 Syntax \"match\" `match` is indented wrongly"],
    );
    let error = &errors("rules:\n  - id: a\n    t: x\n   match: y\n")[0];
    assert_eq!(error.help.as_deref(), Some("move the line 1 space to the right"));
}

#[test]
fn a_key_too_far_right() {
    check(
        "rules:\n  - id: a\n    t: x\n     match: y\n  - id: b\n",
        &["4:6 Syntax \"match\" `match` is indented wrongly"],
    );
}

#[test]
fn a_key_between_two_blocks() {
    check(
        "rules:\n  - id: a\n    m:\n      regex: x\n     within: 3\n    t: x\n",
        &["5:6 Syntax \"within\" `within` is indented wrongly"],
    );
    check(
        "rules:\n  - id: a\n    t: x\n match: y\n  - id: b\n",
        &["4:2 Syntax \"match\" `match` is indented wrongly"],
    );
}

#[test]
fn a_quote_that_is_never_closed_is_reported_where_it_opens() {
    check(
        "rules:\n  - id: a\n    t: \"x\n  - id: b\n",
        &["3:8 Syntax \"\\\"\" this quote is never closed"],
    );
    // The next quote closes it, and the parser complains there; the reader must not be sent there.
    check(
        "rules:\n  - id: a\n    t: \"x\n  - id: \"b\"\n    c: \"d\"\n  - id: c",
        &["3:8 Syntax \"\\\"\" this quote is never closed"],
    );
}

#[test]
fn a_bracket_that_is_never_closed_is_reported_where_it_opens() {
    check(
        "rules:\n  - id: a\n    t: [a, b\n  - id: b\n",
        &["3:8 Syntax \"[\" `[` is never closed"],
    );
    check(
        "rules:\n  - id: a\n    t: {a: b\n  - id: b\n",
        &["3:8 Syntax \"{\" `{` is never closed"],
    );
}

#[test]
fn characters_that_need_quotes() {
    check(
        "a:\n  - b: @x\n",
        &["2:8 Syntax \"@\" plain text cannot begin with `@`"],
    );
    check("a:\n  - b: x: y\n", &["2:9 Syntax \":\" a second `: ` on one line"]);
    check(
        "a:\n  - b: \"a\\q\"\n",
        &["2:10 Syntax \"\\\\q\" `\\q` is not an escape of YAML"],
    );
    check(
        "a:\n  - b: {{x}}\n",
        &["2:8 Syntax \"{{x}}\" a value that begins with `{{` needs quotes"],
    );
    check(
        "a:\n\t- b: c\n",
        &["2:1 Syntax \"\\t\" a tab stands in the indentation"],
    );
    check(
        "a:\n  - b: \"x\" y\n",
        &["2:12 Syntax \"y\" text behind a closing quote"],
    );
}

#[test]
fn a_line_that_is_neither_key_nor_value() {
    check(
        "rules:\n  - id: a\n    t x\n    match: 3\n",
        &["3:5 Syntax \"t x\" neither a key nor a value"],
    );
}

#[test]
fn an_error_in_one_item_does_not_hide_those_of_the_others() {
    let source = "rules:\n  - id: a\n   t: x\n  - id: b\n    id: c\n  - id: \"d\n  - id: ok\n  - x: @y\n";
    check(
        source,
        &[
            "3:4 Syntax \"t\" `t` is indented wrongly",
            "5:5 DuplicateKey \"id\" key `id` stands twice",
            "6:9 Syntax \"\\\"\" this quote is never closed",
            "8:8 Syntax \"@\" plain text cannot begin with `@`",
        ],
    );
    let root = parse_all(source, &Limits::default()).root.unwrap();
    let ids: Vec<_> = root
        .get("rules")
        .unwrap()
        .items()
        .iter()
        .map(|r| r.get("id").unwrap().as_str())
        .collect();
    assert_eq!(ids, [Some("b"), Some("ok")]);
}

#[test]
fn what_packs_must_not_contain() {
    check(
        "a: &x 1\nb: *x\nc: *y\nd: !!str 3\ne:\n  <<: {f: 1}\n",
        &[
            "1:4 Anchor \"&x\" anchor `&x`",
            "2:4 Alias \"*x\" alias `*x`",
            "3:4 Alias \"*y\" alias `*y`",
            "4:4 Tag \"!!str\" tags are not used in packs",
            "6:3 Merge \"<<\" merge key `<<`",
        ],
    );
    assert_eq!(codes("a: 1\n---\nb: 2\n"), [ErrorCode::MultiDocument]);
    assert_eq!(codes("'<<': 1\n"), []);
}

#[test]
fn a_duplicate_key_points_at_the_first_one_and_keeps_it() {
    let source = "a: 1\nb: 2\na: 3\n";
    let parsed = parse_all(source, &Limits::default());
    assert_eq!(parsed.errors[0].secondary.as_ref().unwrap().span.range(), 0..1);
    assert_eq!(parsed.root.unwrap().get("a").unwrap().as_str(), Some("1"));
}

#[test]
fn budgets() {
    let deep = "[".repeat(5000);
    assert_eq!(codes(&deep), [ErrorCode::Budget]);
    let deep: String = (0..3000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    assert_eq!(codes(&deep), [ErrorCode::Budget]);
    let small = Limits {
        max_nodes: 3,
        max_bytes: 20,
        ..Limits::default()
    };
    assert_eq!(parse("[1,2,3,4]", &small).unwrap_err()[0].code, ErrorCode::Budget);
    assert_eq!(
        parse("[1, 2, 3, 4, 5, 6, 7]", &small).unwrap_err()[0].code,
        ErrorCode::Budget
    );
}

#[test]
fn bytes_that_are_not_text() {
    assert_eq!(decode_utf8("ä".as_bytes()), Ok("ä"));
    let error = decode_utf8(b"a: 1\nb: \xff\n").unwrap_err();
    assert_eq!(error.code, ErrorCode::Encoding);
    assert_eq!(error.span.start, 8);
    assert_eq!(error.message, "line 2: byte 0xff at offset 8 is not UTF-8");
}
