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
        properties.push(format!("file={}", property(&label.file.name)));
        properties.push(format!("line={}", start.line));
        properties.push(format!("endLine={}", end.line));
        // Columns are only understood within one line.
        if start.line == end.line {
            properties.push(format!("col={}", start.column));
            properties.push(format!("endColumn={}", end.column));
        }
    }
    let name = format!("{} {}", diagnostic.code(), diagnostic.info.name);
    properties.push(format!("title={}", property(&name)));
    let mut message = headline(diagnostic);
    for help in &diagnostic.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    format!("::{kind} {}::{}\n", properties.join(","), escape(&message))
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
