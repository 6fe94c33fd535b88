//! What the pages say is so: every setting is explained, every test that SECURITY.md names exists,
//! every file that a page links to is there.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn keys(value: &serde_json::Value, prefix: &str, into: &mut Vec<String>) {
    for (key, inner) in value.as_object().unwrap() {
        let path = format!("{prefix}{key}");
        if inner.is_object() {
            keys(inner, &format!("{path}."), into);
        } else {
            into.push(path);
        }
    }
}

#[test]
fn every_setting_and_variable_is_explained() {
    let text = page("docs/configuration.md");
    let defaults = serde_json::to_value(heal::config::SelfHealingConfig::default()).unwrap();
    let mut all = Vec::new();
    keys(&defaults, "", &mut all);
    all.extend(heal::config::VARIABLES.iter().map(|(name, _)| (*name).to_owned()));
    let missing: Vec<_> = all.iter().filter(|key| !text.contains(&format!("`{key}`"))).collect();
    assert!(
        missing.is_empty(),
        "docs/configuration.md says nothing about {missing:?}"
    );
}

fn sources(folder: &Path, into: &mut String) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.ends_with("healing") {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn security_names_tests_and_files_that_exist() {
    let text = page("SECURITY.md");
    let mut code = String::new();
    sources(&root().join("src"), &mut code);
    sources(&root().join("tests"), &mut code);
    let mut tests = 0;
    for word in text.split('`').skip(1).step_by(2) {
        if word.starts_with("src/") || word.starts_with("tests/") {
            assert!(root().join(word).exists(), "{word} is not there");
        } else if word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            assert!(code.contains(&format!("fn {word}(")), "no test is called {word}");
            tests += 1;
        }
    }
    assert!(tests > 10, "the table has lost its tests");
}

#[test]
fn links_lead_somewhere() {
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "docs/configuration.md",
        "docs/watch.md",
        "docs/editors.md",
        "docs/diagnostics.md",
        "rules/README.md",
        "docs/reference/README.md",
        "docs/reference/pack.md",
        "docs/reference/conditions.md",
        "docs/reference/derive.md",
        "docs/reference/fixes.md",
        "docs/reference/environments.md",
        "docs/reference/templates.md",
    ] {
        let text = page(name);
        let folder = root().join(name).parent().unwrap().to_path_buf();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            let elsewhere = target.is_empty() || target.contains("://");
            assert!(
                elsewhere || folder.join(target).exists(),
                "{name} links to {link}, which is not there"
            );
        }
    }
}

#[test]
fn the_reference_says_what_the_code_does() {
    let folder = root().join("docs/reference");
    let mut differ = Vec::new();
    for (name, text) in heal::check::reference::pages() {
        let path = folder.join(&name);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &text).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != text {
            differ.push(name);
        }
    }
    assert!(
        differ.is_empty(),
        "{differ:?} in docs/reference are not what the code says: run `UPDATE_DOCS=1 cargo test --test docs`"
    );
}

/// Keys of the schema, each with where it stands.
fn schema_keys(value: &serde_json::Value, place: &str, sink: &mut dyn FnMut(&str, &str, &serde_json::Value)) {
    match value {
        serde_json::Value::Object(object) => {
            for (key, property) in value["properties"].as_object().into_iter().flatten() {
                sink(place, key, property);
            }
            for (key, inner) in object {
                schema_keys(inner, &format!("{place}/{key}"), sink);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|inner| schema_keys(inner, place, sink)),
        _ => {}
    }
}

#[test]
fn every_key_of_a_pack_is_described_in_the_schema_and_the_reference() {
    let schema = heal::check::schema::pack();
    let pages: String = heal::check::reference::pages()
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let mut count = 0;
    schema_keys(schema, "", &mut |place, key, property| {
        count += 1;
        let text = property["description"].as_str().unwrap_or_default();
        assert!(
            text.len() >= 12 && !text.contains("[`"),
            "`{key}` at {place} is not described: {text:?}"
        );
        assert!(
            pages.contains(&format!("| `{key}` |")),
            "the reference leaves `{key}` out"
        );
    });
    assert!(count > 200, "{count} keys are not all");
    for help in heal::template::HELP {
        assert!(pages.contains(help.usage));
    }
}
