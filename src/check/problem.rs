//! The loader's problems as diagnostics.

use super::place::{Place, diagnostic};
use crate::diagnostic::Diagnostic;
use crate::pack::document::Problem;

/// A problem of a file.
#[must_use]
pub fn convert(problem: &Problem, place: &Place<'_>) -> Diagnostic {
    let mut found =
        diagnostic(problem.code, &problem.title).primary(&place.file, place.short(problem.span), &problem.label);
    for (span, message) in &problem.secondary {
        found = found.secondary(&place.file, place.short(*span), message);
    }
    for help in &problem.help {
        found = found.help(help);
    }
    if let Some((span, text)) = &problem.patch {
        found = found.patch(&place.file, span.range(), text, format!("write `{text}`"));
    }
    found
}
