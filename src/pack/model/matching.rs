//! How a rule recognises its lines: steps, streams and typed captures.

use schemars::JsonSchema;
use serde::Deserialize;

/// What the output looks like: one `regex`, or `steps` in order.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Match {
    /// One line (normalised: no colours, no progress, no box borders, no wraps).
    #[serde(default)]
    pub regex: Option<String>,
    /// Several lines in order, gaps allowed.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// At most this many lines from the first step to the last (default 60).
    #[serde(default)]
    pub within: Option<u32>,
    /// Only this stream.
    #[serde(default)]
    pub stream: Option<StreamName>,
    /// Literals that every match contains. Derived where missing; checked where given.
    #[serde(default)]
    pub literals: Vec<String>,
    /// Lines that match this are not meant, although `regex` (or the last step) matches.
    #[serde(default)]
    pub unless: Option<String>,
}

/// One line of a multi-line match.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Step {
    /// The line, as a regex; its named groups are captures.
    pub regex: String,
    /// May be missing.
    #[serde(default)]
    pub optional: bool,
    /// Which occurrence's captures are kept when the line repeats before the next step.
    #[serde(default)]
    pub keep: Keep,
    /// Every occurrence is a frame of a report.
    #[serde(default)]
    pub repeat: bool,
    /// At most this many lines after the step before (default: the rule's `within`).
    #[serde(default)]
    pub after: Option<u32>,
    /// A line that matches this between the step before and this one ends the attempt.
    #[serde(default)]
    pub until: Option<String>,
}

/// Which occurrence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The first.
    #[default]
    First,
    /// The last before the next step.
    Last,
}

/// The child's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamName {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What a capture may contain. Nothing of type `text` reaches a command or a file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CaptureType {
    /// A dotted name: letters, digits, `_`, dots between.
    #[serde(alias = "module")]
    PythonModule,
    /// A package name: letters, digits, `._-+@/` inside, starts with a letter, digit or `@`.
    Package,
    /// A file path: no control characters, no leading `-`.
    Path,
    /// Letters, digits, `_`, not starting with a digit.
    Identifier,
    /// Like an identifier, with `-` and `.` inside: resource, role, command names.
    Name,
    /// A host name or address.
    Host,
    /// Digits.
    Integer,
    /// A version number.
    Version,
    /// Hexadecimal digits and `-`: lock ids, digests.
    Id,
    /// Source text that a trusted pack's probe or the project's own files gave: may reach an edit,
    /// never a command.
    Code,
    /// Anything printable: for people's eyes only.
    #[default]
    Text,
}
