use std::sync::Arc;

use insta::assert_snapshot;

use crate::diagnostic::catalogue::pattern::INVALID_REGEX;
use crate::diagnostic::catalogue::set::DUPLICATE_RULE;
use crate::diagnostic::catalogue::shape::UNKNOWN_KEY;
use crate::diagnostic::catalogue::style::NO_MODELINE;
use crate::diagnostic::{Counts, Diagnostic, Format, JsonReport, Severity, SourceFile, render, sort};

const PACK: &str = "heal: 1
rules:
  - id: missing-module
    title: A module cannot be imported
    match:
      regx: 'No module named ''(?P<mod>[\\w.]+'''
    fix: []
";

fn file() -> Arc<SourceFile> {
    SourceFile::new("rules/python.yaml", PACK)
}

fn at(text: &str) -> std::ops::Range<usize> {
    let start = PACK.find(text).unwrap();
    start..start + text.len()
}

fn several() -> Vec<Diagnostic> {
    let file = file();
    let other = SourceFile::new("rules/other.yaml", "rules:\n  - id: missing-module\n");
    let open = at("(?P<mod>").start;
    let close = at("'''\n").start;
    let mut diagnostics = vec![
        Diagnostic::new(&DUPLICATE_RULE, "two rules are called `python/missing-module`")
            .primary(&other, 15..29, "again here")
            .secondary(&file, at("missing-module"), "first here"),
        Diagnostic::new(&INVALID_REGEX, "invalid regular expression")
            .primary(&file, open..open + 1, "unclosed group")
            .secondary(&file, at("missing-module"), "in this rule")
            .note("patterns are matched line by line")
            .patch(&file, close..close, ")", "close the group"),
        Diagnostic::new(&UNKNOWN_KEY, "unknown key `regx`")
            .primary(&file, at("regx"), "")
            .help("did you mean `regex`?")
            .patch(&file, at("regx"), "regex", "use the known key"),
        Diagnostic::new(&NO_MODELINE, "the pack does not name its schema").severity(Severity::Info),
    ];
    sort(&mut diagnostics);
    diagnostics
}

#[test]
fn full() {
    assert_snapshot!(render(&several(), Format::Full, false, 100));
}

#[test]
fn concise() {
    assert_snapshot!(render(&several(), Format::Concise, false, 100));
}

#[test]
fn json() {
    let text = render(&several(), Format::Json, true, 100);
    let report: JsonReport = serde_json::from_str(&text).unwrap();
    assert_eq!((report.errors, report.warnings, report.infos), (3, 0, 1));
    assert_snapshot!(text);
}

#[test]
fn sarif() {
    let text = render(&several(), Format::Sarif, true, 100);
    let log: serde_json::Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    assert_snapshot!(serde_json::to_string_pretty(&run["results"]).unwrap());
}

#[test]
fn github() {
    assert_snapshot!(render(&several(), Format::Github, false, 100));
}

#[test]
fn no_diagnostics_are_a_valid_document() {
    assert_eq!(render(&[], Format::Full, true, 100), "");
    assert_eq!(render(&[], Format::Concise, true, 100), "");
    for format in [Format::Json, Format::Sarif] {
        assert!(serde_json::from_str::<serde_json::Value>(&render(&[], format, false, 0)).is_ok());
    }
    assert_eq!(Counts::of(&[]).to_string(), "no problems");
    assert_eq!(Counts::of(&several()).to_string(), "3 errors, 1 hint");
}

/// Everything that could drive a terminal, in every place that a text from outside can reach.
#[test]
fn nothing_from_outside_drives_the_terminal() {
    let evil = "a\u{1b}]0;x\u{7}b\u{9b}31mc\u{202e}d\re\u{8}f\u{85}g\u{2028}h\u{feff}";
    let source = SourceFile::new(evil, format!("ok\n{evil} x\nafter {evil}\n"));
    let diagnostic = Diagnostic::new(&UNKNOWN_KEY, evil)
        .primary(&source, 3..4, evil)
        .secondary(&source, 5..9, evil)
        .note(evil)
        .help(evil)
        .patch(&source, 3..4, evil, evil);
    for format in Format::ALL {
        let text = render(std::slice::from_ref(&diagnostic), format, false, 80);
        let bad: Vec<char> = text
            .chars()
            .filter(|&c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c))
            .collect();
        assert!(bad.is_empty(), "{format}: {bad:?}\n{text}");
    }
    // With colour, only the printer's own sequences are there.
    let text = render(&[diagnostic], Format::Full, true, 80);
    assert!(!text.contains('\u{9b}') && !text.contains('\u{7}') && !text.contains("\u{1b}]0"));
}

#[test]
#[expect(
    clippy::reversed_empty_ranges,
    reason = "a span that ends before it starts is the point"
)]
fn impossible_places_do_no_harm() {
    let empty = SourceFile::new("e", "");
    let text = SourceFile::new("t", "ä\r\n\tö\n");
    for file in [&empty, &text] {
        for span in [0..0, 1..2, 5..3, 0..999, 999..usize::MAX, 2..4] {
            let diagnostic = Diagnostic::new(&UNKNOWN_KEY, "t")
                .primary(file, span.clone(), "p")
                .secondary(file, span.clone(), "s")
                .patch(file, span, "new\nlines", "m");
            for format in Format::ALL {
                assert!(!render(std::slice::from_ref(&diagnostic), format, true, 1).is_empty());
            }
        }
    }
}
