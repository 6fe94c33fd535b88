//! One JSON document for programs. The shape is a promise: fields are added, never changed.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Counts, Renderer};
use crate::diagnostic::clean::clean_json;
use crate::diagnostic::code::Severity;
use crate::diagnostic::model::{Diagnostic, Label, Patch};
use crate::diagnostic::source::SourceFile;

/// Version of the shape.
const VERSION: u32 = 1;

/// Everything that one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JsonReport {
    /// Version of this shape; 1.
    pub version: u32,
    /// The diagnostics, in the order of the other formats.
    pub diagnostics: Vec<JsonDiagnostic>,
    /// How many errors there are.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// How many hints there are.
    pub infos: usize,
}

/// One diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JsonDiagnostic {
    /// The stable code, such as `E201`.
    pub code: String,
    /// The readable name of the code, such as `invalid-regex`.
    pub name: String,
    /// The severity in this run.
    pub severity: Severity,
    /// One line: what is wrong.
    pub message: String,
    /// Places; the first primary one stands for the whole.
    pub labels: Vec<JsonLabel>,
    /// More facts.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// Changes that put it right, each on its own; the best one first.
    pub patches: Vec<JsonPatch>,
    /// Where the code is documented, relative to the project.
    pub doc: String,
}

/// A range in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JsonPlace {
    /// The file, as it was named on the command line.
    pub file: String,
    /// First byte, from 0.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line of the start, from 1.
    pub line: usize,
    /// Column of the start in characters, from 1.
    pub column: usize,
    /// Line of the end, from 1.
    pub end_line: usize,
    /// Column one past the last character, from 1.
    pub end_column: usize,
}

/// A place with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JsonLabel {
    /// Where.
    pub place: JsonPlace,
    /// What is there; may be empty.
    pub message: String,
    /// Whether this is the place of the problem, or one that explains it.
    pub primary: bool,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JsonPatch {
    /// What to replace; empty to insert.
    pub place: JsonPlace,
    /// What to put there.
    pub replacement: String,
    /// What the change does.
    pub message: String,
}

pub(super) struct Json;

impl Renderer for Json {
    fn render(&self, diagnostics: &[Diagnostic]) -> String {
        let report = JsonReport::new(diagnostics);
        // Strings and numbers only, and no map keys: this cannot fail. An empty text would be
        // noticed by whoever parses it.
        let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
        text.push('\n');
        clean_json(text)
    }
}

impl JsonReport {
    /// The report for these diagnostics.
    #[must_use]
    pub fn new(diagnostics: &[Diagnostic]) -> Self {
        let counts = Counts::of(diagnostics);
        Self {
            version: VERSION,
            diagnostics: diagnostics.iter().map(JsonDiagnostic::from).collect(),
            errors: counts.errors,
            warnings: counts.warnings,
            infos: counts.infos,
        }
    }
}

impl From<&Diagnostic> for JsonDiagnostic {
    fn from(diagnostic: &Diagnostic) -> Self {
        Self {
            code: diagnostic.code().to_string(),
            name: diagnostic.info.name.to_owned(),
            severity: diagnostic.severity,
            message: diagnostic.title.clone(),
            labels: diagnostic.labels.iter().map(JsonLabel::from).collect(),
            notes: diagnostic.notes.clone(),
            help: diagnostic.help.clone(),
            patches: diagnostic.patches.iter().map(JsonPatch::from).collect(),
            doc: diagnostic.info.doc(),
        }
    }
}

impl JsonPlace {
    fn new(file: &SourceFile, span: &Range<usize>) -> Self {
        let span = file.clamp_span(span);
        let (start, end) = (file.position(span.start), file.position(span.end));
        Self {
            file: file.name.clone(),
            start: span.start,
            end: span.end,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

impl From<&Label> for JsonLabel {
    fn from(label: &Label) -> Self {
        let place = JsonPlace::new(&label.file, &label.span);
        Self {
            place,
            message: label.message.clone(),
            primary: label.primary,
        }
    }
}

impl From<&Patch> for JsonPatch {
    fn from(patch: &Patch) -> Self {
        let place = JsonPlace::new(&patch.file, &patch.range);
        let (replacement, message) = (patch.replacement.clone(), patch.message.clone());
        Self {
            place,
            replacement,
            message,
        }
    }
}
