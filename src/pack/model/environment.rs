//! What a pack says of its environment: commands, reports, locations, checks and manifests.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Language, Map, Step};
use crate::pack::short::OneOrMany;

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
    /// Commands that print the version of that language which the failing program speaks, as `3.11`; the
    /// first that can be run. Asked only where `language` is repaired or where a file's syntax depends on it.
    #[serde(default)]
    pub version: Vec<Vec<String>>,
    /// Exit codes with which these commands say that there was nothing to check.
    #[serde(default)]
    pub nothing_codes: Vec<i32>,
    /// Whether a file parses at all.
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
    /// Words of commands that are never run again by themselves, begun or not (`destroy`).
    #[serde(default)]
    pub always: Vec<String>,
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
            always: Vec::new(),
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
