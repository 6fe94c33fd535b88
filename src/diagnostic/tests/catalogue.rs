use std::collections::HashSet;
use std::path::Path;

use crate::diagnostic::Severity;
use crate::diagnostic::catalogue::{all, find, nearest, page};

#[test]
fn codes_and_names_are_unique_and_well_formed() {
    let mut seen = HashSet::new();
    let mut last = 0;
    for info in all() {
        let (letter, number) = info.code.0.split_at(1);
        let severity = match letter {
            "E" => Severity::Error,
            "W" => Severity::Warning,
            "I" => Severity::Info,
            other => panic!("{other}"),
        };
        assert_eq!(info.severity, severity, "{}", info.code);
        let number: u32 = number.parse().unwrap();
        assert!(number > last, "{} is out of order or used twice", info.code);
        last = number;
        assert!(seen.insert(info.name), "{} is used twice", info.name);
        assert!(
            info.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
            "{}",
            info.name
        );
        assert!(
            !info.summary.ends_with('.') && !info.summary.contains('\n'),
            "{}",
            info.code
        );
        assert!(info.explanation.len() > 60, "{} teaches nothing", info.code);
    }
}

#[test]
fn entries_are_found_by_code_and_name() {
    assert_eq!(find("e201").unwrap().name, "invalid-regex");
    assert_eq!(find("invalid-regex").unwrap().code.0, "E201");
    assert!(find("E999").is_none());
    assert_eq!(nearest("W201"), Some("E201"));
    assert_eq!(nearest("invalid-regx"), Some("invalid-regex"));
    assert_eq!(nearest("zzzzzzzz"), None);
}

#[test]
fn yaml_in_explanations_can_be_read() {
    use crate::yaml::{ErrorCode, Limits, parse_all};
    for info in all() {
        let blocks = info.explanation.split("```yaml\n").skip(1);
        for block in blocks.map(|rest| rest.split("```").next().unwrap()) {
            let errors = parse_all(block, &Limits::default()).errors;
            // Wrong examples of E00x are wrong YAML; several variants of a key stand side by side.
            let intended = info.code.0.starts_with("E00");
            let others = errors.iter().filter(|e| e.code != ErrorCode::DuplicateKey).count();
            assert!(intended || others == 0, "{}: {errors:#?}\n{block}", info.code);
        }
    }
}

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diagnostics.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/diagnostics.md differs from the catalogue: run `UPDATE_DOCS=1 cargo test --lib catalogue`"
    );
}
