//! Codes and severities.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Must be put right; whatever it is about is not used.
    Error,
    /// Works, but is probably not what was meant.
    Warning,
    /// Good to know.
    Info,
}

impl Severity {
    /// The word that is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The stable name of a kind of diagnostic, such as `E201`. Never reused, never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// One entry of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeInfo {
    /// The code.
    pub code: Code,
    /// A readable name in kebab-case, unique as the code is.
    pub name: &'static str,
    /// The severity that it has unless somebody changed it.
    pub severity: Severity,
    /// One line: what is wrong.
    pub summary: &'static str,
    /// Several paragraphs of Markdown: what it means, why it matters, a wrong and a right example.
    pub explanation: &'static str,
}

impl CodeInfo {
    /// Where the entry stands in the documentation, relative to the project.
    #[must_use]
    pub fn doc(&self) -> String {
        format!("docs/diagnostics.md#{}", self.code.0.to_ascii_lowercase())
    }
}
