//! One-fault programs as people write them: what a reader finds evident is repaired without asking, what
//! a reader would ask about is not.
//!
//! `cases/programs.txt` holds whole programs. A case names one of them and the lines that were written in
//! another way: `-` the right lines, `+` what stands there instead, `!` what it should become if that is
//! not the right lines.

use super::*;

const PROGRAMS: &str = include_str!("cases/programs.txt");
const SURE: &str = include_str!("cases/sure.txt");
const UNSURE: &str = include_str!("cases/unsure.txt");

struct Case {
    name: String,
    target: PyVersion,
    broken: String,
    fixed: String,
}

/// Title and body of each section.
fn sections(text: &str) -> Vec<(&str, String)> {
    text.strip_prefix("=== ")
        .unwrap()
        .split("\n=== ")
        .filter_map(|part| part.split_once('\n'))
        .map(|(title, body)| (title, format!("{}\n", body.trim_end_matches('\n'))))
        .collect()
}

fn cases(text: &str) -> Vec<Case> {
    let programs = sections(PROGRAMS);
    let mut out = Vec::new();
    for (title, body) in sections(text) {
        let (head, target) = title.split_once(" for 3.").unwrap_or((title, "11"));
        let name = head.rsplit(' ').next().unwrap();
        let program = &programs.iter().find(|p| p.0 == name).expect(title).1;
        let lines = |mark: char| -> String {
            body.lines()
                .filter_map(|l| l.strip_prefix(mark))
                .map(|l| format!("{l}\n"))
                .collect()
        };
        let (right, wrong, meant) = (lines('-'), lines('+'), lines('!'));
        let from = if program.starts_with(&right) {
            0
        } else {
            program.find(&format!("\n{right}")).expect(title) + 1
        };
        let with = |text: &str| format!("{}{text}{}", &program[..from], &program[from + right.len()..]);
        out.push(Case {
            name: title.to_string(),
            target: PyVersion {
                major: 3,
                minor: target.parse().unwrap(),
            },
            broken: with(&wrong),
            fixed: with(if meant.is_empty() { &right } else { &meant }),
        });
    }
    out
}

/// The first repair, its probability and its kind.
fn first(case: &Case) -> (String, f64, String) {
    let options = Options {
        target: case.target,
        budget: Duration::from_secs(20),
        hint_line: None,
    };
    match repair(case.broken.as_bytes(), &options) {
        Outcome::Repaired { best, .. } => {
            let out = apply(case.broken.as_bytes(), &best.edits);
            (String::from_utf8(out).unwrap(), best.probability, best.kind)
        }
        Outcome::Unclear { reason, .. } => (case.broken.clone(), 0.0, reason),
        Outcome::Valid => (case.broken.clone(), 0.0, "valid".into()),
    }
}

/// The lines of `after` that are not in `before`.
fn news(before: &str, after: &str) -> String {
    let new: Vec<&str> = after.lines().filter(|l| !before.lines().any(|b| b == *l)).collect();
    new.join(" ⏎ ")
}

#[test]
fn what_a_reader_finds_evident_is_repaired_without_asking() {
    let mut failed = Vec::new();
    for case in cases(SURE) {
        assert!(check(case.fixed.as_bytes(), case.target).is_empty(), "{}", case.name);
        let (text, probability, kind) = first(&case);
        if text != case.fixed {
            failed.push(format!(
                "wrong {probability:.2} [{kind}] {}: {}",
                case.name,
                news(&case.broken, &text)
            ));
        } else if probability < GATE {
            failed.push(format!("low   {probability:.2} [{kind}] {}", case.name));
        }
    }
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn what_a_reader_would_ask_about_is_not_repaired() {
    let mut failed = Vec::new();
    for case in cases(UNSURE) {
        let (text, probability, kind) = first(&case);
        assert_ne!(kind, "valid", "{}", case.name);
        if probability >= GATE {
            failed.push(format!(
                "{probability:.2} [{kind}] {}: {}",
                case.name,
                news(&case.broken, &text)
            ));
        }
    }
    assert!(failed.is_empty(), "{} applied:\n{}", failed.len(), failed.join("\n"));
}
