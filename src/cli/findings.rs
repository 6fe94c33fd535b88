//! What is wrong with a user's files and runs, in the forms that other programs read.
//!
//! One value for every command that finds something (`run`, `fix`, `scan`, `check`), so that a pipeline
//! gets the same annotations from all of them. Diagnostics of rule packs have their own catalogue of
//! codes and are printed by [`crate::diagnostic`].

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::diagnostic::{clean_text, uri, workflow_command};
use crate::orchestrator::Report;
use crate::pack::model::Severity;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Full id of the rule; none where no rule knows it.
    pub rule: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, and what to do about it; lines.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Relative to the project where it lies in it.
    pub file: String,
    /// From 1.
    pub line: Option<u32>,
    /// In characters, from 1.
    pub column: Option<u32>,
}

/// The errors of a report: the likeliest cause of each, with its best fix.
pub fn of(report: &Report) -> Vec<Finding> {
    let errors = report.errors.iter().map(|error| {
        let mut message = error.message.clone();
        if let Some(cause) = error.causes.first() {
            message = format!("{}\n{message}", cause.explanation);
            let fix = cause.fixes.first().map(|it| (it, it.argv.is_some()));
            match fix {
                Some((fix, true)) => message.push_str(&format!("\nhelp: {}: {}", fix.title, fix.action)),
                Some((fix, false)) => message.push_str(&format!("\nhelp: {}", fix.title)),
                None => {}
            }
        }
        Finding {
            rule: error.rule.clone(),
            severity: error.severity,
            message,
            place: error.file.clone().map(|file| Place {
                file,
                line: error.line,
                column: error.column,
            }),
        }
    });
    errors.collect()
}

/// Workflow commands of GitHub Actions, a line each.
pub fn github(findings: &[Finding]) -> String {
    let command = |it: &Finding| {
        let kind = match level(it.severity) {
            "note" => "notice",
            other => other,
        };
        let mut properties = Vec::new();
        if let Some(Place { file, line, column }) = &it.place {
            properties.push(("file", file.clone()));
            properties.extend(line.map(|it| ("line", it.to_string())));
            properties.extend(column.map(|it| ("col", it.to_string())));
        }
        properties.push(("title", name(it).to_owned()));
        workflow_command(kind, &properties, &it.message)
    };
    findings.iter().map(command).collect()
}

/// A SARIF 2.1.0 log.
pub fn sarif(findings: &[Finding]) -> Value {
    let mut rules: BTreeMap<&str, usize> = findings.iter().map(|it| (name(it), 0)).collect();
    for (index, position) in rules.values_mut().enumerate() {
        *position = index;
    }
    let result = |it: &Finding| {
        let locations: Vec<Value> = it.place.iter().map(location).collect();
        json!({
            "ruleId": name(it),
            "ruleIndex": rules[name(it)],
            "level": level(it.severity),
            "message": { "text": clean_text(&it.message) },
            "locations": locations,
        })
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "columnKind": "unicodeCodePoints",
            "tool": { "driver": {
                "name": "heal",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.keys().map(|id| json!({ "id": id })).collect::<Vec<_>>(),
            } },
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn location(Place { file, line, column }: &Place) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(file) } });
    if let Some(line) = line {
        physical["region"] = json!({ "startLine": line });
        if let Some(column) = column {
            physical["region"]["startColumn"] = json!(column);
        }
    }
    json!({ "physicalLocation": physical })
}

fn name(finding: &Finding) -> &str {
    finding.rule.as_deref().unwrap_or("unclassified")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error | Severity::Critical => "error",
        Severity::Warning => "warning",
        _ => "note",
    }
}
