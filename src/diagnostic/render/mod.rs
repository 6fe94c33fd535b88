//! The output formats.

mod concise;
mod full;
mod github;
mod json;
mod sarif;

use std::fmt;
use std::str::FromStr;

use super::code::Severity;
use super::model::Diagnostic;

pub use github::workflow_command;
pub use json::{JsonDiagnostic, JsonLabel, JsonPatch, JsonPlace, JsonReport};
pub use sarif::uri;

/// Turns diagnostics into one text.
pub trait Renderer {
    /// The text; ends with a line break unless it is empty.
    fn render(&self, diagnostics: &[Diagnostic]) -> String;
}

/// How diagnostics are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Source lines with markers, notes, help and suggested changes.
    #[default]
    Full,
    /// One line each: `file:line:column: error[E201] message`.
    Concise,
    /// One JSON document; see `schemas/report.v1.json`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands, shown beside the lines of a pull request.
    Github,
}

impl Format {
    /// All formats, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Full, Self::Concise, Self::Json, Self::Sarif, Self::Github];

    /// The name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| format!("unknown format `{}`", super::clean_line(name)))
    }
}

/// Prints diagnostics in a format. `color` and `width` (columns of the terminal) matter to
/// [`Format::Full`] and [`Format::Concise`] only.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], format: Format, color: bool, width: usize) -> String {
    match format {
        Format::Full => full::Full { color, width }.render(diagnostics),
        Format::Concise => concise::Concise { color }.render(diagnostics),
        Format::Json => json::Json.render(diagnostics),
        Format::Sarif => sarif::Sarif.render(diagnostics),
        Format::Github => github::Github.render(diagnostics),
    }
}

/// How many there are of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// The rest.
    pub infos: usize,
}

impl Counts {
    /// Counts them.
    #[must_use]
    pub fn of(diagnostics: &[Diagnostic]) -> Self {
        diagnostics.iter().fold(Self::default(), |mut counts, diagnostic| {
            match diagnostic.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Info => counts.infos += 1,
            }
            counts
        })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [(self.errors, "error"), (self.warnings, "warning"), (self.infos, "hint")];
        let mut separator = "";
        for (count, word) in parts.into_iter().filter(|&(count, _)| count > 0) {
            let plural = if count == 1 { "" } else { "s" };
            write!(f, "{separator}{count} {word}{plural}")?;
            separator = ", ";
        }
        if separator.is_empty() {
            f.write_str("no problems")
        } else {
            Ok(())
        }
    }
}
