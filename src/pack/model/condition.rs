//! Conditions: what must hold of the project, the command or a capture.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Map;
use crate::pack::short::{OneOrMany, Text};

/// A list of conditions, all of which must hold.
pub type Conditions = Vec<Condition>;

/// A condition: a mapping with one key. Strings are templates.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// A file (or folder) exists; relative paths from the command's folder.
    FileExists(String),
    /// A folder exists.
    DirExists(String),
    /// A file matches this glob, relative to the command's folder.
    FileGlob(String),
    /// A file has a line that matches.
    FileContains(FileRegex),
    /// A file starts with these bytes.
    StartsWith(StartsWith),
    /// The path lies inside the project.
    InsideProject(String),
    /// The file has an x bit for its owner.
    Executable(String),
    /// The file belongs to the user.
    OwnedByUser(String),
    /// The file (or, where it is missing, its folder) can be written by the user.
    Writable(String),
    /// A program of this name is on PATH.
    OnPath(OneOrMany<String>),
    /// The value is a key of a table.
    InTable(InTable),
    /// The project's manifests declare this name.
    DeclaredInProject(String),
    /// Captures (or derived variables) match regexes.
    Capture(Map<String>),
    /// A variable has a value at all.
    Has(OneOrMany<String>),
    /// The user's source, at the reported place, matches.
    SourceLine(SourceLine),
    /// The command's program (base name) is one of these.
    Command(OneOrMany<String>),
    /// The command has this argument (`*` allowed), at any place.
    Argument(OneOrMany<String>),
    /// The environment recognised from the command or its output.
    Environment(OneOrMany<String>),
    /// The command's exit code is one of these.
    ExitCode(OneOrMany<i32>),
    /// Operating system: `linux`, `macos`.
    Os(OneOrMany<String>),
    /// The user is root.
    IsRoot(bool),
    /// A TCP port on this machine has a listener.
    PortOpen(Text),
    /// An environment variable of the command: its value matches (`NAME: regex`).
    Env(Map<String>),
    /// A near name exists.
    Near(Near),
    /// A probe's output matches.
    Probe(ProbeIs),
    /// The kept output has a line that matches.
    Output(String),
    /// Two values are equal.
    Equal(Vec<String>),
    /// The file parses in this language.
    Parses(Parses),
    /// The file can be repaired in this language, by one clear repair.
    Repairable(Parses),
    /// A structural pattern is found at the reported place.
    Structure(Structure),
    /// A program runs without a terminal and without a person.
    Interactive(bool),
    /// How often the command failed with this same error before, in this session: at least.
    Attempt(u32),
    /// Not (a condition, or a list of which not all hold).
    Not(OneOrMany<Box<Condition>>),
    /// At least one holds.
    AnyOf(Vec<Condition>),
    /// All of these hold.
    AllOf(Vec<Condition>),
}

/// A regex on the lines of a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct FileRegex {
    /// The file that is read (a template).
    pub file: String,
    /// The regex (a template; captures are escaped).
    pub regex: String,
}

/// Leading bytes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct StartsWith {
    /// The file that is read (a template).
    pub file: String,
    /// The text that it begins with.
    pub bytes: String,
}

/// A table's key.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct InTable {
    /// Name of the table, below `tables`.
    pub table: String,
    /// What is looked up (a template).
    pub key: String,
    /// The value must match this regex.
    #[serde(default)]
    pub value: Option<String>,
    /// The column that `value` looks at.
    #[serde(default)]
    pub column: Option<String>,
}

/// The user's source at the reported place.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum SourceLine {
    /// A regex on the reported line.
    Regex(String),
    /// A regex on some line.
    At {
        /// The file (default: the reported one).
        file: Option<String>,
        /// The line (default: the reported one).
        line: Option<Text>,
        /// The regex (a template; captures are escaped).
        regex: String,
    },
}

/// A near name (did you mean).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Near {
    /// The name that is probably misspelt (a template).
    pub name: String,
    /// Among which names.
    pub among: Among,
}

/// Where names come from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Among {
    /// Keys of tables.
    #[serde(default)]
    pub tables: OneOrMany<String>,
    /// Words of a probe's output, one a line (or group `value` of `regex` on each line).
    #[serde(default)]
    pub probe: Option<String>,
    /// Files and folders that match these globs; their base names without extension unless `paths`.
    #[serde(default)]
    pub files: OneOrMany<String>,
    /// Whole relative paths rather than names.
    #[serde(default)]
    pub paths: bool,
    /// Every match (group `value`) of `regex` in these files (globs).
    #[serde(default)]
    pub in_files: OneOrMany<String>,
    /// See `in_files` and `probe`.
    #[serde(default)]
    pub regex: Option<String>,
    /// Names that the project's manifests declare.
    #[serde(default)]
    pub declared: bool,
    /// Programs on PATH.
    #[serde(default)]
    pub programs: bool,
    /// These names (templates; each may hold several separated by `split`).
    #[serde(default)]
    pub names: Vec<String>,
    /// Separator of `names` entries that hold several.
    #[serde(default)]
    pub split: Option<String>,
    /// Names that the structure of a source file holds (see `names_of`), in the reported language.
    #[serde(default)]
    pub names_of: Option<NamesOf>,
    /// Largest distance (optimal string alignment); default by length: 1 up to 4 letters, 2 up to 8, else 3.
    #[serde(default)]
    pub distance: Option<u32>,
}

/// Names by structure: every text that a metavariable of a structural pattern binds in some files.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct NamesOf {
    /// Language of the files.
    pub language: Language,
    /// The files (globs).
    pub files: OneOrMany<String>,
    /// Structural patterns (ast-grep) with a metavariable `$NAME`.
    pub patterns: OneOrMany<String>,
}

/// A probe's output.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct ProbeIs {
    /// Name of the probe, below `probes`.
    pub name: String,
    /// Dotted path in its JSON answer; `matches` and `equals` then look at that value.
    #[serde(default)]
    pub field: Option<String>,
    /// The value is this (a template).
    #[serde(default)]
    pub equals: Option<Text>,
    /// The value is a number of at least this.
    #[serde(default)]
    pub min: Option<f64>,
    /// A line of its output matches this (a template; captures are escaped).
    #[serde(default)]
    pub matches: Option<String>,
    /// It ended with this code.
    #[serde(default)]
    pub exit_code: Option<i32>,
}

/// Languages that the engine can parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Python.
    Python,
    /// Shell scripts.
    Bash,
    /// HCL.
    Hcl,
    /// YAML.
    Yaml,
    /// JSON.
    Json,
    /// TOML.
    Toml,
}

/// A file in a language.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Parses {
    /// The file that is parsed (a template).
    pub file: String,
    /// The language.
    pub language: Language,
    /// Version of the language's tool, `major.minor` (a template).
    #[serde(default)]
    pub version: Option<Text>,
}

/// A structural pattern at a place.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Structure {
    /// The language.
    pub language: Language,
    /// The file (default: the reported one).
    #[serde(default)]
    pub file: Option<String>,
    /// The line (default: the reported one; `any`: anywhere in the file).
    #[serde(default)]
    pub line: Option<Text>,
    /// The pattern (ast-grep syntax, `$NAME` metavariables), a template.
    pub pattern: String,
    /// Regexes on metavariables.
    #[serde(default)]
    pub constraints: Map<String>,
    /// Number of matches must be just one.
    #[serde(default)]
    pub only: bool,
}
