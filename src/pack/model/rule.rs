//! A rule: what it recognises, the causes behind it, its examples.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{CaptureType, Condition, Conditions, Derive, Fix, Map, Match, StreamName};
use crate::pack::short::{OneOrMany, Text};

/// A rule: one signature and the causes behind it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Rule {
    /// Short id; the full id is `pack/id`.
    pub id: String,
    /// What happened, in a sentence without captures.
    pub title: String,
    /// Error type of the specification.
    #[serde(default, rename = "type")]
    pub kind: Option<ErrorType>,
    /// How bad. `off` switches the rule off.
    #[serde(default)]
    pub severity: Severity,
    /// Free words for listings.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What the output looks like.
    #[serde(rename = "match")]
    pub matching: Match,
    /// Types of captures; what a capture may contain before it may reach a command or a file.
    #[serde(default)]
    pub captures: Map<CaptureType>,
    /// Variables computed from captures, in the order of their dependencies.
    #[serde(default)]
    pub derive: Map<Derive>,
    /// When the rule applies at all (all must hold).
    #[serde(default)]
    pub when: Conditions,
    /// The message merely passes on an error that stands elsewhere in the output.
    #[serde(default)]
    pub cascade: bool,
    /// What follows in the output is worthless: this error is the root of it, wherever the
    /// environment's `fatal` error stands (wrong line endings, an interpreter that is not there).
    #[serde(default)]
    pub first: bool,
    /// Only when no other rule matched anything.
    #[serde(default)]
    pub fallback: bool,
    /// Possible causes, best first among equals. Missing: the rule itself is the one cause.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// Explanation of the one cause, for rules without `causes` (a template).
    #[serde(default)]
    pub cause: Option<String>,
    /// Same as `cause`.
    #[serde(default)]
    pub explain: Option<String>,
    /// Confidence of the one cause, for rules without `causes`.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// Fixes of the one cause, for rules without `causes`.
    #[serde(default)]
    pub fix: Vec<Fix>,
    /// Real output that must match.
    #[serde(default)]
    pub examples: Vec<Example>,
    /// Real output that must not.
    #[serde(default)]
    pub counterexamples: Vec<Example>,
    /// Earlier ids of this rule.
    #[serde(default)]
    pub replaces: Vec<String>,
    /// Longer documentation.
    #[serde(default)]
    pub docs: Option<String>,
    /// Links to what explains the failure.
    #[serde(default)]
    pub references: Vec<String>,
}

/// Error types of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// The source does not parse.
    Syntax,
    /// Something that has to be installed is missing.
    Dependency,
    /// An import fails although what is imported is there.
    Import,
    /// A value of the wrong type.
    Type,
    /// A wrong value.
    Value,
    /// A network operation failed.
    Network,
    /// Not allowed.
    Permission,
    /// Memory, disk, descriptors.
    Resource,
    /// A provider or plugin.
    Provider,
    /// Shared state or locks.
    State,
    /// A role.
    Role,
    /// A module of a tool.
    Module,
    /// Reaching another machine.
    Connection,
    /// A program is missing.
    Command,
    /// Configuration.
    Configuration,
    /// Any other failure while running.
    Runtime,
    /// Wrong results: a person's matter.
    Logic,
    /// A wrong value of the environment the command runs in.
    Environment,
    /// Not classified.
    Unknown,
}

/// Severity of a rule.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord, Deserialize, serde::Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Cannot go on without a person.
    Critical,
    /// An error.
    #[default]
    Error,
    /// Something that often goes with an error.
    Warning,
    /// Information.
    Info,
    /// The rule is switched off.
    Off,
}

/// One possible cause.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Cause {
    /// Short id, unique in the rule.
    pub id: String,
    /// When it is possible at all.
    #[serde(default)]
    pub when: Conditions,
    /// How sure it is that this is the cause.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// Variables of this cause.
    #[serde(default)]
    pub derive: Map<Derive>,
    /// What is the matter, with captures.
    #[serde(default)]
    pub explain: Option<String>,
    /// Alternatives, best first.
    #[serde(default)]
    pub fix: Vec<Fix>,
}

/// Confidence as arithmetic: a base and named pieces of evidence. A bare number is the base.
#[derive(Debug, Clone, JsonSchema)]
pub struct Confidence {
    /// Where it starts, 0 to 1.
    pub base: f64,
    /// What raises or lowers it.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

/// One piece of evidence.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Evidence {
    /// When it counts.
    #[serde(rename = "if")]
    pub when: OneOrMany<Condition>,
    /// How much (may be negative).
    pub add: f64,
    /// Why, for people (a template).
    pub because: String,
}

/// An example: a run's output, and what must come of it. A bare string is the output.
#[derive(Debug, Clone, Default, JsonSchema)]
pub struct Example {
    /// What the example shows.
    pub name: Option<String>,
    /// Name and version of the tool that printed it.
    pub version: Option<String>,
    /// The output, as the tool printed it.
    pub output: String,
    /// The stream it came on.
    pub stream: Option<StreamName>,
    /// The command that printed it.
    pub command: Option<Vec<String>>,
    /// Its exit code (default 1).
    pub exit_code: Option<i32>,
    /// Files of the project: path to content; a path that ends in `/` is a folder.
    pub files: Map<Text>,
    /// Modes of files, octal (`"644"`).
    pub modes: Map<Text>,
    /// Context variables (`ctx.…`).
    pub ctx: Map<Text>,
    /// Environment variables.
    pub env: Map<Text>,
    /// Output of probes.
    pub probes: Map<Text>,
    /// Programs on PATH.
    pub programs: Vec<String>,
    /// What must come of it.
    pub expect: Expect,
    /// Known not to work yet.
    pub todo: bool,
}

/// What an example expects.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Expect {
    /// Captures and derived variables (a part of them).
    #[serde(default)]
    pub captures: Map<Text>,
    /// Id of the likeliest cause.
    #[serde(default)]
    pub cause: Option<String>,
    /// Applicable fixes, rendered, in order.
    #[serde(default)]
    pub fix: Option<Vec<RenderedFix>>,
    /// The reported place, `file:line`.
    #[serde(default)]
    pub location: Option<String>,
    /// At least this confident.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// At most this confident.
    #[serde(default)]
    pub at_most: Option<f64>,
}

/// A rendered fix in an example: an argv list for `run`, else a one-key mapping of verb and a short form.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub enum RenderedFix {
    /// A command.
    Run(Vec<Text>),
    /// Verb and short form.
    Other(Map<Text>),
}
