//! `schemas/` is what the types say. `UPDATE=1 cargo test --test schemas` writes it anew.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

fn same(name: &str, schema: &serde_json::Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    let text = format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "schemas/{name} is not what the types say: run `UPDATE=1 cargo test --test schemas`"
    );
}

#[test]
fn pack() {
    same("pack.v1.json", heal::check::schema::pack());
}

#[test]
fn config() {
    same("config.v1.json", &heal::config::schema());
}

#[test]
fn changelog() {
    same("changelog.v1.json", &heal::changelog::schema());
}

#[test]
fn report() {
    same(
        "report.v1.json",
        &schemars::schema_for!(heal::orchestrator::Report).to_value(),
    );
}
