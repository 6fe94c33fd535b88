//! Values made from captures and from the project.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Among, CaptureType, Language, ProbeField};
use crate::pack::short::Text;

/// A variable computed from others.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Derive {
    /// The variable to start from, or …
    #[serde(default)]
    pub from: Option<String>,
    /// … a template.
    #[serde(default)]
    pub template: Option<String>,
    /// Split at this string …
    #[serde(default)]
    pub split: Option<String>,
    /// … and take this part (negative: from the end).
    #[serde(default)]
    pub take: Option<i32>,
    /// Take what the group `value` (or else the whole match) of this regex finds.
    #[serde(default)]
    pub regex: Option<String>,
    /// Replace every match of a regex.
    #[serde(default)]
    pub replace: Option<Replace>,
    /// `lower`, `upper`, `trim`, `basename`, `dirname`, `stem`.
    #[serde(default)]
    pub convert: Option<Convert>,
    /// Look up in a table.
    #[serde(default)]
    pub table: Option<String>,
    /// Column of the table (default: its second).
    #[serde(default)]
    pub column: Option<String>,
    /// The nearest name among these.
    #[serde(default)]
    pub near: Option<Among>,
    /// The only name among these that is not equal to the value (a single alternative), where there is just one.
    #[serde(default)]
    pub only: Option<Among>,
    /// What a file's line says: needs `file` and `line`.
    #[serde(default)]
    pub source_line: Option<FileLine>,
    /// First match (group `value`) of a regex in a file.
    #[serde(default)]
    pub in_file: Option<InFile>,
    /// First match (group `value`) of a regex in a probe's output.
    #[serde(default)]
    pub in_probe: Option<InProbe>,
    /// A field of a probe's JSON answer.
    #[serde(default)]
    pub probe: Option<ProbeField>,
    /// A value in a JSON, TOML or YAML file.
    #[serde(default)]
    pub data: Option<DataPath>,
    /// First match (group `value`) of a regex in the command's kept output.
    #[serde(default)]
    pub in_output: Option<String>,
    /// The first of these paths (templates, globs allowed) that exists, relative to the command's folder.
    #[serde(default)]
    pub first_existing: Vec<String>,
    /// The only one of these files (templates, globs allowed) that does not parse, relative to the
    /// command's folder: for tools that say that, and not which.
    #[serde(default)]
    pub unparsable: Option<Unparsable>,
    /// The line of the project's manifests that declares this name: `name`, `version`, `file`, `line`, `raw`.
    #[serde(default)]
    pub declared: Option<DeclaredField>,
    /// What to use when nothing was found: `keep` (the value before the look-up), `none`, or a template.
    #[serde(default)]
    pub otherwise: Option<String>,
    /// Type of the result (default: the type of `from`; of a table's value `package`).
    #[serde(default, rename = "type")]
    pub kind: Option<CaptureType>,
}

/// Files of which one does not parse.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Unparsable {
    /// The files that are parsed (templates; globs allowed).
    pub files: Vec<String>,
    /// The language that they are written in.
    pub language: Language,
}

/// Which field of a manifest's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredField {
    /// The name as it is declared.
    Name,
    /// The exact version, from a lock file or `==`.
    Version,
    /// `name==version` where a lock says so, else the requirement as declared.
    Requirement,
    /// The file.
    File,
    /// The line in it.
    Line,
}

/// Replace matches of a regex.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Replace {
    /// What to find.
    pub regex: String,
    /// What to put there (`$1`, `${name}`).
    pub with: String,
}

/// Simple conversions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Convert {
    /// To lower case.
    Lower,
    /// To upper case.
    Upper,
    /// Without white space around.
    Trim,
    /// Last component of a path.
    Basename,
    /// All but the last component.
    Dirname,
    /// Last component without its extension.
    Stem,
}

/// A line of a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct FileLine {
    /// The file (a template).
    pub file: String,
    /// The line, 1-based (a template).
    pub line: Text,
    /// Group `value` of this regex on the line.
    #[serde(default)]
    pub regex: Option<String>,
}

/// A value in a structured file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct DataPath {
    /// The file (a template); its format is told by its name, JSON where it has none.
    pub file: String,
    /// Dotted path; `*` for any key or item. Lists and mappings give their number of entries.
    pub at: String,
}

/// A regex in a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct InFile {
    /// The file (a template, `*` allowed: the first file with a match). Where `x` is derived, the
    /// variables `x_file` and `x_line` say where it was found.
    pub file: String,
    /// The regex, a template too (captures are escaped); multi-line mode.
    pub regex: String,
}

/// A regex in a probe's output.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct InProbe {
    /// Name of the probe, below `probes`.
    pub probe: String,
    /// The regex; multi-line mode.
    pub regex: String,
}
