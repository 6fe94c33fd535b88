//! Probes and tables: what a rule may ask of the machine and look up.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Map;
use crate::pack::short::{OneOrMany, Text};

/// A read-only command whose output conditions may ask.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Probe {
    /// The command, each element a template; `{{script}}` is the text of `script`.
    pub run: Vec<String>,
    /// Files beside the pack that make one small program, in this order, which `run` hands to an
    /// interpreter.
    #[serde(default)]
    pub script: OneOrMany<String>,
    /// What the command reads: nothing, or the incident as a JSON object (rule, message, captures,
    /// variables, location, frames, argv, cwd, project, exit_code). Captured text gets there as data.
    #[serde(default)]
    pub stdin: ProbeInput,
    /// Longest time, in seconds.
    #[serde(default)]
    pub timeout: Option<u32>,
    /// Folder to run in (a template); missing: the command's own.
    #[serde(default)]
    pub cwd: Option<String>,
    /// What it asks, for `heal explain`.
    #[serde(default)]
    pub about: Option<String>,
}

/// What a probe reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProbeInput {
    /// Nothing.
    #[default]
    None,
    /// The incident, as JSON.
    Incident,
}

/// A field of a probe's answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct ProbeField {
    /// Name of the probe, below `probes`.
    pub name: String,
    /// Dotted path in its JSON answer, or the name of a line `name=value` of an answer in lines.
    pub field: String,
}

/// A table: `key: value` pairs inline, or a TSV file (`file: tables/x.tsv`) whose first column is the
/// key, second the value; further columns are reached as `{{lookup}}` fields by name of the header.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum Table {
    /// A TSV file beside the pack.
    File {
        /// Path relative to the pack.
        file: String,
    },
    /// Pairs written in the pack.
    Inline(Map<Text>),
}
