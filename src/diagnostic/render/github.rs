//! Workflow commands of GitHub Actions.

use super::Renderer;
use super::concise::headline;
use crate::diagnostic::clean::clean_text;
use crate::diagnostic::code::Severity;
use crate::diagnostic::model::Diagnostic;

pub(super) struct Github;

impl Renderer for Github {
    fn render(&self, diagnostics: &[Diagnostic]) -> String {
        diagnostics.iter().map(command).collect()
    }
}

fn command(diagnostic: &Diagnostic) -> String {
    let kind = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = Vec::new();
    if let Some(label) = diagnostic.place() {
        let start = label.file.position(label.span.start);
        let end = label.file.position(label.span.end.max(label.span.start));
        properties.push(("file", label.file.name.clone()));
        properties.push(("line", start.line.to_string()));
        properties.push(("endLine", end.line.to_string()));
        // Columns are only understood within one line.
        if start.line == end.line {
            properties.push(("col", start.column.to_string()));
            properties.push(("endColumn", end.column.to_string()));
        }
    }
    properties.push(("title", format!("{} {}", diagnostic.code(), diagnostic.info.name)));
    let mut message = headline(diagnostic);
    for help in &diagnostic.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    workflow_command(kind, &properties, &message)
}

/// One workflow command, `::kind name=value,…::message`, with what must not stand in it escaped.
#[must_use]
pub fn workflow_command(kind: &str, properties: &[(&str, String)], message: &str) -> String {
    let properties: Vec<_> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    format!("::{kind} {}::{}\n", properties.join(","), escape(message))
}

fn escape(text: &str) -> String {
    clean_text(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}
