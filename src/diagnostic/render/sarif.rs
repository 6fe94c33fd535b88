//! SARIF 2.1.0, the format that code-scanning services read.
//!
//! Own structs for the small part of the model that is needed; the field names are those of the
//! standard (OASIS SARIF 2.1.0, section numbers beside the structs).

use std::ops::Range;

use serde::Serialize;

use super::Renderer;
use super::concise::headline;
use crate::diagnostic::clean::clean_json;
use crate::diagnostic::code::{CodeInfo, Severity};
use crate::diagnostic::model::{Diagnostic, Label, Patch};
use crate::diagnostic::source::SourceFile;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// 3.13
#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

/// 3.14
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<ResultObject>,
}

/// 3.18
#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

/// 3.19
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

/// 3.49
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: &'static str,
    short_description: Message,
    help: Help,
    default_configuration: Configuration,
}

/// 3.12, with Markdown
#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

/// 3.50
#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

/// 3.27
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix>,
}

/// 3.11
#[derive(Serialize)]
struct Message {
    text: String,
}

/// 3.28
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

/// 3.29
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

/// 3.4
#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

/// 3.30
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

/// 3.55
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    description: Message,
    artifact_changes: [ArtifactChange; 1],
}

/// 3.56
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: [Replacement; 1],
}

/// 3.57
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Message,
}

pub(super) struct Sarif;

impl Renderer for Sarif {
    fn render(&self, diagnostics: &[Diagnostic]) -> String {
        let mut infos: Vec<&CodeInfo> = diagnostics.iter().map(|d| d.info).collect();
        infos.sort_by_key(|info| info.code);
        infos.dedup_by_key(|info| info.code);
        let results = diagnostics.iter().map(|diagnostic| {
            let index = infos.partition_point(|info| info.code < diagnostic.code());
            result(diagnostic, index)
        });
        let log = Log {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [Run {
                column_kind: "unicodeCodePoints",
                results: results.collect(),
                tool: Tool {
                    driver: Driver {
                        name: "heal",
                        semantic_version: env!("CARGO_PKG_VERSION"),
                        rules: infos.iter().map(|info| rule(info)).collect(),
                    },
                },
            }],
        };
        // Strings and numbers only: this cannot fail.
        let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
        text.push('\n');
        clean_json(text)
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(info: &CodeInfo) -> Rule {
    Rule {
        id: info.code.0,
        name: info.name,
        short_description: Message {
            text: info.summary.to_owned(),
        },
        help: Help {
            text: info.explanation,
            markdown: info.explanation,
        },
        default_configuration: Configuration {
            level: level(info.severity),
        },
    }
}

fn result(diagnostic: &Diagnostic, rule_index: usize) -> ResultObject {
    let place = diagnostic.place();
    let related = diagnostic
        .labels
        .iter()
        .filter(|label| !place.is_some_and(|p| p == *label));
    let mut text = headline(diagnostic);
    for line in diagnostic.notes.iter().chain(&diagnostic.help) {
        text.push('\n');
        text.push_str(line);
    }
    ResultObject {
        rule_id: diagnostic.code().0,
        rule_index,
        level: level(diagnostic.severity),
        message: Message { text },
        locations: place.map(|label| location(label, None)).into_iter().collect(),
        related_locations: related
            .enumerate()
            .map(|(id, label)| location(label, Some(id)))
            .collect(),
        fixes: diagnostic.patches.iter().map(fix).collect(),
    }
}

fn location(label: &Label, id: Option<usize>) -> Location {
    let text = label.message.clone();
    let message = (id.is_some() && !text.is_empty()).then_some(Message { text });
    let artifact_location = artifact(&label.file);
    let region = region(&label.file, &label.span);
    Location {
        id,
        physical_location: PhysicalLocation {
            artifact_location,
            region,
        },
        message,
    }
}

fn fix(patch: &Patch) -> Fix {
    let replacement = Replacement {
        deleted_region: region(&patch.file, &patch.range),
        inserted_content: Message {
            text: patch.replacement.clone(),
        },
    };
    Fix {
        description: Message {
            text: patch.message.clone(),
        },
        artifact_changes: [ArtifactChange {
            artifact_location: artifact(&patch.file),
            replacements: [replacement],
        }],
    }
}

fn artifact(file: &SourceFile) -> ArtifactLocation {
    ArtifactLocation { uri: uri(&file.name) }
}

fn region(file: &SourceFile, span: &Range<usize>) -> Region {
    let span = file.clamp_span(span);
    let (start, end) = (file.position(span.start), file.position(span.end));
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// A path as a URI reference: absolute paths get the `file` scheme, everything that a path segment
/// must not hold is percent-encoded.
#[must_use]
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for (position, byte) in path.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/')
            || (byte == b'@' && position > 0);
        if plain {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
