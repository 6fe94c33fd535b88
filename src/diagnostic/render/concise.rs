//! One line each, for people who know the codes and for editors that parse them.

use anstyle::{AnsiColor, Style};

use super::Renderer;
use crate::diagnostic::clean::clean_line;
use crate::diagnostic::code::Severity;
use crate::diagnostic::model::Diagnostic;

pub(super) struct Concise {
    pub(super) color: bool,
}

impl Renderer for Concise {
    fn render(&self, diagnostics: &[Diagnostic]) -> String {
        diagnostics.iter().map(|diagnostic| self.line(diagnostic)).collect()
    }
}

impl Concise {
    fn line(&self, diagnostic: &Diagnostic) -> String {
        let style = if self.color {
            style(diagnostic.severity)
        } else {
            Style::new()
        };
        let place = diagnostic.place().map_or_else(String::new, |label| {
            let at = label.file.position(label.span.start);
            format!("{}:{}:{}: ", clean_line(&label.file.name), at.line, at.column)
        });
        let (severity, code) = (diagnostic.severity, diagnostic.code());
        let message = headline(diagnostic);
        format!("{place}{style}{severity}[{code}]{style:#} {}\n", clean_line(&message))
    }
}

/// Title and primary label in one; the label often names what the title only describes.
pub(super) fn headline(diagnostic: &Diagnostic) -> String {
    match diagnostic.place() {
        Some(label) if label.primary && !label.message.is_empty() => {
            format!("{}: {}", diagnostic.title, label.message)
        }
        _ => diagnostic.title.clone(),
    }
}

fn style(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::BrightRed,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::BrightBlue,
    };
    color.on_default().bold()
}
