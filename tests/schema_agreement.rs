//! The schema that editors use and the loader that heal uses say the same about every pack: the
//! built-in ones, and those of `tests/check`, good and bad.

use std::path::{Path, PathBuf};

use heal::check::schema;
use heal::pack::Document;
use heal::yaml::{Core, Node, NodeKind, Style};
use serde_json::{Map, Value, json};

fn packs(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is part of the project") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            packs(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml") {
            found.push(path);
        }
    }
}

/// A pack as an editor sees it.
fn to_json(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Sequence(items) => items.iter().map(to_json).collect(),
        NodeKind::Mapping(entries) => {
            let pairs = entries
                .iter()
                .map(|(k, v)| (k.as_str().unwrap_or_default().to_owned(), to_json(v)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        NodeKind::Scalar(scalar) if scalar.style != Style::Plain => json!(scalar.value),
        NodeKind::Scalar(scalar) => match Core::resolve(&scalar.value) {
            Core::Null => Value::Null,
            Core::Bool(value) => json!(value),
            Core::Int(value) => json!(i64::try_from(value).unwrap_or(i64::MAX)),
            Core::Float(value) => json!(value),
            Core::Text => json!(scalar.value),
        },
    }
}

#[test]
fn schema_and_loader_agree() {
    let validator = jsonschema::validator_for(schema::pack()).expect("a valid schema");
    let mut files = Vec::new();
    packs(Path::new("tests/check"), &mut files);
    packs(Path::new("rules"), &mut files);
    let (mut good, mut bad) = (0, 0);
    let mut differ = Vec::new();
    for file in &files {
        let Ok(text) = String::from_utf8(std::fs::read(file).expect("readable")) else {
            continue;
        };
        let document = Document::read(file, &text);
        let Some(tree) = &document.tree else { continue };
        // What is not YAML, or YAML that packs do not use, no schema can tell; nor whether a text is a version.
        let codes = |family: &str| document.problems.iter().filter(|p| p.code.starts_with(family)).count();
        if codes("E00") > 0 {
            continue;
        }
        let shape: Vec<String> = document
            .problems
            .iter()
            .filter(|p| p.code.starts_with("E10"))
            .map(|p| format!("{} {}", p.code, p.title))
            .collect();
        let errors: Vec<String> = validator
            .iter_errors(&to_json(tree))
            .map(|e| format!("{}: {e}", e.instance_path()).chars().take(300).collect())
            .collect();
        if shape.is_empty() {
            good += 1;
        } else {
            bad += 1;
        }
        if shape.is_empty() != errors.is_empty() {
            differ.push(format!("{}: loader {shape:?}, schema {errors:?}", file.display()));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(
        good > 20 && bad > 3,
        "{good} good and {bad} bad packs are too few to prove anything"
    );
}
