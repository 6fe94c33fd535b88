//! The verbs that change a file.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Language, Map, ProbeField};
use crate::pack::short::Text;

/// Edit lines of a file: exactly one operation.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Edit {
    /// The file that is changed (a template).
    #[serde(default)]
    pub file: String,
    /// Ranges that a probe's JSON answer gives: a list of `{file, line, column, end_line, end_column,
    /// old, new}` (lines and columns 1-based, columns in characters, the end excluded). Each `old`
    /// must be there; all are applied, or none.
    #[serde(default)]
    pub from_probe: Option<ProbeField>,
    /// The line, 1-based; missing: `replace` works on the whole file.
    #[serde(default)]
    pub line: Option<Text>,
    /// Last line of a range.
    #[serde(default)]
    pub end_line: Option<Text>,
    /// Replace text on the line (the one match of `find`/`regex`; several are refused unless `all`).
    #[serde(default)]
    pub replace: Option<EditReplace>,
    /// Insert a line before.
    #[serde(default)]
    pub insert_before: Option<String>,
    /// Insert a line after.
    #[serde(default)]
    pub insert_after: Option<String>,
    /// Append to the line, before a trailing comment and white space.
    #[serde(default)]
    pub append: Option<String>,
    /// Delete the line(s).
    #[serde(default)]
    pub delete: Option<bool>,
    /// Change line endings or a byte order mark of the whole file.
    #[serde(default)]
    pub convert: Option<FileConvert>,
    /// Conditions on the file before and after.
    #[serde(default)]
    pub guard: Option<Guard>,
}

/// Whole-file conversions that leave every visible character where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileConvert {
    /// CRLF line endings become LF.
    Lf,
    /// A byte order mark at the start is removed.
    NoBom,
    /// Tabs in indentation become spaces of the width that the file uses.
    Spaces,
}

/// Text to replace.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct EditReplace {
    /// Literal text to find …
    #[serde(default)]
    pub find: Option<String>,
    /// … or a regex (a template; captures are escaped).
    #[serde(default)]
    pub regex: Option<String>,
    /// What to put there; with `regex`, `${name}` stands for its groups.
    pub with: String,
    /// Whole words only.
    #[serde(default)]
    pub word: bool,
    /// Every occurrence, not the only one.
    #[serde(default)]
    pub all: bool,
    /// Which occurrence, when `column` of the report says so.
    #[serde(default)]
    pub at_column: Option<Text>,
}

/// What must hold for an edit to be applied.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Guard {
    /// The whole file parses afterwards.
    #[serde(default)]
    pub parses: Option<Language>,
    /// The line matches this before (a template; captures are escaped).
    #[serde(default)]
    pub line_matches: Option<String>,
}

/// Rewrite one node (ast-grep).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Rewrite {
    /// The language.
    pub language: Language,
    /// The file (default: the reported one).
    #[serde(default)]
    pub file: Option<String>,
    /// The line the node must touch (default: the reported one; `any`: anywhere in the file).
    #[serde(default)]
    pub line: Option<Text>,
    /// The column (1-based) inside the node, where the report has one.
    #[serde(default)]
    pub column: Option<Text>,
    /// The pattern, a template.
    pub pattern: String,
    /// Regexes on metavariables.
    #[serde(default)]
    pub constraints: Map<String>,
    /// What to put there; `$NAME` stands for what the pattern bound.
    pub with: String,
    /// Rewrite all matches, not the only one.
    #[serde(default)]
    pub all: bool,
}

/// Repair the syntax of a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Repair {
    /// The language.
    pub language: Language,
    /// The file (default: the reported one).
    #[serde(default)]
    pub file: Option<String>,
    /// A line to look at first.
    #[serde(default)]
    pub line: Option<Text>,
    /// Version of the language's tool, `major.minor` (a template).
    #[serde(default)]
    pub version: Option<Text>,
}

/// Set a key of a configuration file; layout and comments stay.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Set {
    /// The file; created when missing only if `create`.
    pub file: String,
    /// Its format (default: by its name).
    #[serde(default)]
    pub format: Option<SetFormat>,
    /// Dotted path of the key; in INI `section.key`.
    pub key: String,
    /// The value that the key gets (a template).
    pub value: Text,
    /// Create the file when it is missing.
    #[serde(default)]
    pub create: bool,
    /// Only when the key is not there.
    #[serde(default)]
    pub if_missing: bool,
}

/// Formats that `set` can edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetFormat {
    /// INI.
    Ini,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
    /// JSON.
    Json,
    /// HCL.
    Hcl,
}
