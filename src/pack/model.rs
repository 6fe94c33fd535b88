//! The pack format, version 1, as types and nothing else.
//!
//! What is written in a pack and what the engine runs are two things: these types only say what a
//! pack may contain (serde reads them, schemars turns them into `schemas/pack.v1.json`). Regexes,
//! templates and references are strings here; [`super::compile`] checks and resolves them.
//!
//! Every type rejects nothing by itself: unknown keys are collected by the loader with their
//! positions, so that one run reports all of them.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

use super::short::{OneOrMany, Text};

pub use super::short::Text as ShortText;

/// An ordered map: packs are read by people, and order carries meaning for them.
pub type Map<V> = BTreeMap<String, V>;

/// One pack: one YAML file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Pack {
    /// Version of the pack format. This is version 1.
    pub heal: u32,
    /// Who this pack is.
    pub pack: Head,
    /// The environment that this pack brings in, or the name of the one that its rules belong to.
    #[serde(default)]
    pub environment: Option<EnvironmentKey>,
    /// Read-only commands whose output feeds conditions; run at most once a session each.
    #[serde(default)]
    pub probes: Map<Probe>,
    /// Lookup tables: inline, or TSV files beside the pack.
    #[serde(default)]
    pub tables: Map<Table>,
    /// What the pack knows.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Changes to rules of other packs. A second rule with the same id is an error; this is the way.
    #[serde(default)]
    pub overrides: Vec<Override>,
}

/// The head of a pack.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Head {
    /// Name of the pack, and the first half of its rules' full ids (`name/rule`).
    pub name: String,
    /// Version of the pack (semver).
    pub version: String,
    /// Which engine versions can run it, e.g. `>=0.1`.
    #[serde(default)]
    pub requires: Option<String>,
    /// What the pack is about, in a sentence.
    #[serde(default)]
    pub about: Option<String>,
}

/// `environment:` is a mapping in the pack that brings an environment in, a name in packs that add
/// rules to it.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum EnvironmentKey {
    /// The pack belongs to an environment that another pack defines.
    Named(String),
    /// The pack defines the environment.
    Defined(Box<Environment>),
}

/// An environment: which commands it is about and how its tools report errors.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Environment {
    /// Name, e.g. `python`; also the template variable `ctx.<name>` (its program's path).
    pub name: String,
    /// Programs (base names, `*` allowed) that belong to this environment.
    #[serde(default)]
    pub commands: Vec<String>,
    /// The run-time program itself, where `commands` also lists programs that merely run in it.
    /// Found by argv[0], the shebang of the script that was called, the words of a wrapping
    /// script, or PATH, in that order. Missing: `commands`.
    #[serde(default)]
    pub program: Vec<String>,
    /// Programs that only pass a command on (`env`, `nice`…), skipped when the command is read.
    #[serde(default)]
    pub wrappers: Vec<String>,
    /// Source files of this environment (globs).
    #[serde(default)]
    pub files: Vec<String>,
    /// How errors are reported over several lines; the first that matches wins.
    #[serde(default)]
    pub report: OneOrMany<Report>,
    /// Exit codes that are not failures, for every command of the environment.
    #[serde(default)]
    pub success_codes: Vec<i32>,
    /// Exit codes that are not failures for particular argument lists.
    #[serde(default)]
    pub success: Vec<Success>,
    /// What "valid" means here.
    #[serde(default)]
    pub checks: Checks,
    /// Which commands may be run again without asking.
    #[serde(default)]
    pub repeatable: Repeatable,
    /// Where a project writes down what it wants (requirements, lock files…).
    #[serde(default)]
    pub manifests: Vec<Manifest>,
    /// What a short name on the allow-list stands for: argument prefixes of the commands that
    /// fixes may run, e.g. `pip: [["{{ctx.python}}", -m, pip, install]]`.
    #[serde(default)]
    pub fix_commands: Map<Vec<Vec<String>>>,
    /// Arguments that name the folder the command works in: `-chdir=*`, or `-C` with the folder in
    /// the next argument. Reported files and fixes are relative to it.
    #[serde(default)]
    pub base: Vec<BaseArgument>,
    /// Which of several errors in one run is the one that made it fail.
    #[serde(default)]
    pub fatal: Fatal,
    /// Environment variables that are removed before a fix command of this environment runs,
    /// because they change its meaning.
    #[serde(default)]
    pub unset: Vec<String>,
}

/// An argument that names the folder a command works in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct BaseArgument {
    /// The argument; `*` stands for the folder.
    pub argument: String,
    /// The folder is the argument after it.
    #[serde(default)]
    pub next: bool,
}

/// Which of several independent errors in one output decided the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fatal {
    /// The first: the tool stops, or lists causes in order.
    #[default]
    First,
    /// The last: earlier ones were survived (a logged traceback before the fatal one).
    Last,
}

/// How a tool reports an error over several lines.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Report {
    /// Name, for `heal explain`.
    #[serde(default)]
    pub name: Option<String>,
    /// Lines in order. Groups `file`, `line`, `column`, `function`, `source`, `message` are known;
    /// a step with `repeat: true` collects frames.
    pub steps: Vec<Step>,
    /// At most this many lines from the first step to the last.
    #[serde(default)]
    pub within: Option<u32>,
    /// Which frame is the user's own line.
    #[serde(default)]
    pub location: Location,
}

/// Which frame of a report is the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Location {
    /// The last frame whose file lies inside the project and not in an installed package.
    #[default]
    InnermostInProject,
    /// The first frame.
    First,
    /// The last frame.
    Last,
}

/// A success code for commands with these arguments.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Success {
    /// Arguments that must all be present (in any place after the program).
    pub args: Vec<String>,
    /// Codes that then count as success.
    pub codes: Vec<i32>,
}

/// What "valid" means for files of an environment. Each is a list of argv lists; the first whose
/// program exists is used. `{{file}}` is the file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Checks {
    /// The language that the engine itself can parse.
    #[serde(default)]
    pub language: Option<Language>,
    /// Syntax.
    #[serde(default)]
    pub syntax: Vec<Vec<String>>,
    /// Style and suspicious constructs.
    #[serde(default)]
    pub lint: Vec<Vec<String>>,
    /// The project's own tests.
    #[serde(default)]
    pub test: Vec<Vec<String>>,
}

/// Which commands are safe to run again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Repeatable {
    /// Argument words that make a run unsafe to repeat from the top (`apply`, `destroy`).
    #[serde(default)]
    pub never: Vec<String>,
    /// Words that make it safe again (`--check`).
    #[serde(default)]
    pub unless: Vec<String>,
    /// A `never` command may be run again where no line of its output matches this: it had not
    /// begun to change anything.
    #[serde(default)]
    pub started: Option<String>,
    /// The default when none of the words is there.
    #[serde(default = "yes")]
    pub default: bool,
}

fn yes() -> bool {
    true
}

impl Default for Repeatable {
    fn default() -> Self {
        Self {
            never: Vec::new(),
            unless: Vec::new(),
            started: None,
            default: true,
        }
    }
}

/// Where a project declares what it depends on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Globs, relative to the project root and to the folder of the failing file.
    pub files: Vec<String>,
    /// How to read them.
    pub format: ManifestFormat,
    /// For `lines`: a regex with a group `name` (and optionally `version`).
    /// For structured formats: applied to each value found under `at` (missing: the whole value).
    #[serde(default)]
    pub regex: Option<String>,
    /// For structured formats: dotted paths, `*` for any key; a path ending in `.@keys` takes the keys.
    #[serde(default)]
    pub at: Vec<String>,
    /// For `lines`: a regex with a group `file` that names a further file to read.
    #[serde(default)]
    pub includes: Option<String>,
    /// Versions given here are exact (a lock file).
    #[serde(default)]
    pub lock: bool,
}

/// Formats of manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ManifestFormat {
    /// One entry a line.
    Lines,
    /// TOML.
    Toml,
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// INI.
    Ini,
}

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
    /// The probe.
    pub name: String,
    /// Dotted path in its JSON answer.
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
    /// Links.
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
    /// The line.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize, JsonSchema)]
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
    /// The probe.
    pub probe: String,
    /// The regex; multi-line mode.
    pub regex: String,
}

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
    /// All hold.
    AllOf(Vec<Condition>),
}

/// A regex on the lines of a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct FileRegex {
    /// The file.
    pub file: String,
    /// The regex (a template; captures are escaped).
    pub regex: String,
}

/// Leading bytes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct StartsWith {
    /// The file.
    pub file: String,
    /// The bytes.
    pub bytes: String,
}

/// A table's key.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct InTable {
    /// The table.
    pub table: String,
    /// The key.
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
    /// The name.
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
    /// The probe.
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
    /// The file.
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

/// One possible cause.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Cause {
    /// Short id, unique in the rule.
    pub id: String,
    /// When it is possible at all.
    #[serde(default)]
    pub when: Conditions,
    /// How sure.
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

/// A fix: a title, what kind of change it is, and exactly one verb.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Fix {
    /// What it does, in the imperative (a template).
    pub title: String,
    /// Kind of change.
    #[serde(default)]
    pub safety: Safety,
    /// What it touches beyond the project's files.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// When it is possible.
    #[serde(default, rename = "if")]
    pub when: Conditions,
    /// Taken off (or added to) the cause's confidence for this alternative.
    #[serde(default)]
    pub add: f64,
    /// Run a command: argv, each element a template; never a shell.
    #[serde(default)]
    pub run: Option<Vec<String>>,
    /// Commands that `run` needs to have run first (refreshing a list of packages). Same gate, no undo.
    #[serde(default)]
    pub before: Vec<Vec<String>>,
    /// Folder to run the command in (a template; default: the failed command's own).
    #[serde(default)]
    pub cwd: Option<String>,
    /// Longest time of the command, in seconds (default 600).
    #[serde(default)]
    pub timeout: Option<u32>,
    /// Edit lines of a file.
    #[serde(default)]
    pub edit: Option<Edit>,
    /// Rewrite one node of a source file.
    #[serde(default)]
    pub rewrite: Option<Rewrite>,
    /// Repair the syntax of a source file.
    #[serde(default)]
    pub repair: Option<Repair>,
    /// Set a key in a configuration file.
    #[serde(default)]
    pub set: Option<Set>,
    /// Change a mode.
    #[serde(default)]
    pub chmod: Option<Chmod>,
    /// Make a folder (with its parents).
    #[serde(default)]
    pub mkdir: Option<String>,
    /// Environment variables for the next run only.
    #[serde(default)]
    pub env: Option<Map<Text>>,
    /// Run the failed command again after a while.
    #[serde(default)]
    pub retry: Option<Retry>,
    /// Run this instead of the failed command when it is run again (argv; e.g. resume where it stopped).
    #[serde(default)]
    pub rerun: Option<Vec<String>>,
    /// What a person should do.
    #[serde(default)]
    pub advice: Option<String>,
    /// The command that takes a `run` back, or the paths to put back as they were, or `none`.
    #[serde(default)]
    pub undo: Option<Undo>,
    /// How it is proven.
    #[serde(default)]
    pub verify: Option<Verify>,
}

/// Kinds of change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord, Deserialize, serde::Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Safety {
    /// Restores what the author evidently meant.
    Safe,
    /// Changes behaviour: a person agrees first.
    Unsafe,
    /// Only ever shown.
    #[default]
    Manual,
}

/// What a fix touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Opens network connections.
    Network,
    /// Installs into a language's package environment.
    #[serde(alias = "python-env")]
    Packages,
    /// Installs system packages or changes the system.
    System,
    /// Needs root.
    Sudo,
    /// Writes files of the project.
    ProjectFiles,
    /// Changes modes of files.
    FileMode,
    /// Changes shared state outside this machine.
    RemoteState,
    /// Deletes something.
    Delete,
    /// Cannot be taken back.
    Destructive,
    /// Writes below the user's home folder.
    UserFiles,
}

/// Edit lines of a file: exactly one operation.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Edit {
    /// The file.
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
    /// The value.
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

/// Change a mode.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Chmod {
    /// The file.
    pub path: String,
    /// Symbolic mode: `u+x` and the like.
    pub mode: String,
}

/// Retry with exponential backoff.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Retry {
    /// Runs beyond the failed one.
    #[serde(default = "three")]
    pub attempts: u32,
    /// Waiting times; missing: the config's `retry` section.
    #[serde(default)]
    pub backoff: Option<Backoff>,
}

fn three() -> u32 {
    3
}

/// Waiting times between attempts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Backoff {
    /// First wait, e.g. `2s`, `500ms`.
    #[serde(default)]
    pub first: Option<Text>,
    /// Each wait is this many times the one before.
    #[serde(default)]
    pub factor: Option<f64>,
    /// Longest wait.
    #[serde(default)]
    pub max: Option<Text>,
    /// Randomness, so that many clients do not come back at once.
    #[serde(default)]
    pub jitter: Option<Jitter>,
}

/// Randomness of waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// None.
    None,
    /// Between nothing and the whole wait.
    Full,
    /// Between half and the whole wait.
    Equal,
}

/// How a command is taken back.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub enum Undo {
    /// It cannot be: `none`.
    None(String),
    /// By this command.
    Command(Vec<String>),
    /// By putting these paths back as they were (removed where they did not exist).
    Restore {
        /// Paths (templates), relative to the command's folder.
        restore: Vec<String>,
    },
}

/// How a fix is proven.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Verify {
    /// Run the failed command again (the default).
    #[serde(default)]
    pub rerun: Option<bool>,
    /// A cheaper command that must succeed first.
    #[serde(default)]
    pub run: Option<Vec<String>>,
}

/// An example: a run's output, and what must come of it. A bare string is the output.
#[derive(Debug, Clone, Default, JsonSchema)]
pub struct Example {
    /// What the example shows.
    pub name: Option<String>,
    /// Name and version of the tool that printed it.
    pub version: Option<String>,
    /// The output.
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

/// A change to another pack's rule.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Override {
    /// Full id of the rule.
    pub rule: String,
    /// Why, for whoever reads it next.
    #[serde(default)]
    pub because: Option<String>,
    /// Whole keys of the rule, replaced.
    #[serde(default)]
    pub replace: Option<Replacement>,
    /// What is added.
    #[serde(default)]
    pub add: Option<Addition>,
    /// Switch the rule off.
    #[serde(default)]
    pub disable: bool,
    /// Hash of the rule that this was written against (`heal rules show` prints it).
    #[serde(default)]
    pub base: Option<String>,
    /// More examples.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// Keys that an override replaces as a whole.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Replacement {
    /// See [`Rule::title`].
    #[serde(default)]
    pub title: Option<String>,
    /// See [`Rule::severity`].
    #[serde(default)]
    pub severity: Option<Severity>,
    /// See [`Rule::matching`].
    #[serde(default, rename = "match")]
    pub matching: Option<Match>,
    /// See [`Rule::when`].
    #[serde(default)]
    pub when: Option<Conditions>,
    /// See [`Rule::causes`].
    #[serde(default)]
    pub causes: Option<Vec<Cause>>,
    /// See [`Rule::derive`].
    #[serde(default)]
    pub derive: Option<Map<Derive>>,
    /// See [`Rule::confidence`].
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// See [`Rule::fix`].
    #[serde(default)]
    pub fix: Option<Vec<Fix>>,
}

/// What an override adds.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Addition {
    /// Rows for tables.
    #[serde(default)]
    pub tables: Map<Map<Text>>,
    /// Causes, tried before the rule's own.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// Fixes, tried before the rule's own (rules without `causes`).
    #[serde(default)]
    pub fix: Vec<Fix>,
    /// Conditions.
    #[serde(default)]
    pub when: Conditions,
}
