//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Wraps a command, recognises what went wrong, repairs it where that is safe, proves the repair by
/// running the command again, and otherwise puts everything back.
#[derive(Debug, Parser)]
#[command(name = "heal", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: the command's own last exit code; 125 heal itself failed (bad config, bad pack); \
126/127 as a shell gives them; 86 with --fail-on-heal when the run succeeded only because of a fix. \
`heal check --rules`: 0 clean, 1 findings, 2 could not check.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a command and heal it where it fails
    Run(Run),
    /// Heal from a captured log, or a source file that does not parse
    Fix(Fix),
    /// Say what went wrong in a captured log, and what would cure it; changes nothing
    Scan(Scan),
    /// Follow logs as they grow, say what goes wrong in them, and with --heal repair it by policy
    Watch(Watch),
    /// Check source files, or with --rules rule packs and the cases inside them
    Check(Check),
    /// Rules in force: list, show, new, profile, schema
    Rules(Rules),
    /// Explain a rule, a diagnostic code, or a past session's decisions
    Explain(Explain),
    /// Put everything back as it was before a session
    Undo(Undo),
    /// Drop old backups and journals
    Gc(Gc),
    /// The audit trail
    Log(Log),
    /// Figures of the audit trail
    Stats(Stats),
    /// Both of them as one HTML page
    Report(Report),
    /// Let this project's own packs run commands
    Trust(Trust),
    /// Write a heal.toml and a site pack to start from
    Init(Init),
    /// Print a completion script
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Options that most commands have.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Only this environment (may be given several times)
    #[arg(long = "env", value_name = "NAME")]
    pub environments: Vec<String>,
    /// Show what would be done and change nothing at all
    #[arg(long)]
    pub dry_run: bool,
    /// Approve in advance what would need a question (never what is destructive)
    #[arg(long, conflicts_with = "ask")]
    pub yes: bool,
    /// Ask before every change
    #[arg(long)]
    pub ask: bool,
    /// A further rule pack, or a folder of them
    #[arg(long = "pack", value_name = "PATH")]
    pub packs: Vec<PathBuf>,
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder for the changelog, journals and backups
    #[arg(long, value_name = "DIR")]
    pub log_dir: Option<PathBuf>,
    /// Attempts at one error
    #[arg(long, value_name = "N")]
    pub max_attempts: Option<u32>,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Turn fixes that need the network into advice
    #[arg(long)]
    pub offline: bool,
    /// Let the project's own packs run commands, whatever `heal trust` says (for CI)
    #[arg(long)]
    pub trust_project: bool,
    /// Say more
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say nothing but errors of heal's own
    #[arg(short, long)]
    pub quiet: bool,
    /// Colours
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

/// Forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document (schemas/report.v1.json)
    Json,
    /// GitHub workflow commands
    Github,
    /// SARIF 2.1.0
    Sarif,
}

impl Format {
    /// Standard error is to hold one document and nothing else.
    #[must_use]
    pub fn is_document(self) -> bool {
        matches!(self, Self::Json | Self::Sarif)
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `heal run`
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub common: Common,
    /// Apply fixes without running the command again; the word is then "applied", not "fixed"
    #[arg(long)]
    pub no_rerun: bool,
    /// Write what was (or would have been) changed in files here, as a patch
    #[arg(long, value_name = "FILE")]
    pub patch: Option<PathBuf>,
    /// Exit with 86 when the command succeeded only because of a fix
    #[arg(long)]
    pub fail_on_heal: bool,
    /// When stdout reaches its reader: at once (a regular file keeps only the last attempt's), at the end, or every attempt at once
    #[arg(long, value_enum, default_value_t = Stdout::Auto)]
    pub stdout: Stdout,
    /// Wait for another heal in this project
    #[arg(long)]
    pub wait: bool,
    /// The command
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "CMD"
    )]
    pub command: Vec<std::ffi::OsString>,
}

/// See `exec::StdoutMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Stdout {
    /// At once; a regular file keeps only the last attempt's
    #[default]
    Auto,
    /// The last attempt's only, at the end
    Final,
    /// Every attempt's, at once
    Stream,
}

/// `heal fix`
#[derive(Debug, Args)]
pub struct Fix {
    #[command(flatten)]
    pub common: Common,
    /// Repair the syntax of these source files by the engine's own means, without running anything
    #[arg(long)]
    pub syntax: bool,
    /// With --syntax: also where the repair is likely but not clear
    #[arg(long, requires = "syntax")]
    pub all: bool,
    /// The exit code of the run that printed the log
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub exit_code: i32,
    /// Write what was (or would have been) changed in files here, as a patch
    #[arg(long, value_name = "FILE")]
    pub patch: Option<PathBuf>,
    /// Logs or source files; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `heal scan`
#[derive(Debug, Args)]
pub struct Scan {
    #[command(flatten)]
    pub common: Common,
    /// The exit code of the run that printed the log
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub exit_code: i32,
    /// Logs; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `heal watch`
#[derive(Debug, Args)]
pub struct Watch {
    #[command(flatten)]
    pub common: Common,
    /// Apply fixes that the policy allows (only those that change files)
    #[arg(long)]
    pub heal: bool,
    /// With --heal: fixes that run commands, too
    #[arg(long, requires = "heal")]
    pub allow_commands: bool,
    /// With --heal: no second identical fix within this time, e.g. 90s, 10m, 2h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    pub window: std::time::Duration,
    /// Begin at the start of logs that were not followed before (default: at their end)
    #[arg(long)]
    pub from_start: bool,
    /// Scan to the current end and stop; the next time goes on there
    #[arg(long)]
    pub once: bool,
    /// Show how far a watch is and which rules it has, and do nothing else
    #[arg(long, conflicts_with_all = ["heal", "once", "from_start"])]
    pub status: bool,
    /// The exit code that is assumed for what writes the logs
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub exit_code: i32,
    /// Logs; they need not be there yet
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// A time with its unit; a bare number is seconds.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        unit => return Err(format!("unknown unit `{unit}`; s, m, h and d are known")),
    };
    let count: u64 = digits
        .parse()
        .map_err(|_| "write a number with its unit, e.g. 10m".to_owned())?;
    count
        .checked_mul(factor)
        .map(std::time::Duration::from_secs)
        .ok_or_else(|| "that is too long".to_owned())
}

/// `heal check`
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub common: Common,
    /// Check rule packs instead (all that are in force, or those named)
    #[arg(long)]
    pub rules: bool,
    /// With --rules: say per rule what matched in this log, or what did not
    #[arg(long, value_name = "LOG", requires = "rules")]
    pub against: Option<PathBuf>,
    /// With --against: only this rule
    #[arg(long = "rule", value_name = "ID", requires = "against")]
    pub rule: Option<String>,
    /// With --rules: apply suggested patches
    #[arg(long, requires = "rules")]
    pub fix: bool,
    /// With --rules: warnings count as errors (all, or a code)
    #[arg(long, value_name = "CODE", requires = "rules")]
    pub deny: Vec<String>,
    /// One line a finding
    #[arg(long)]
    pub concise: bool,
    /// Files
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `heal rules`
#[derive(Debug, Args)]
pub struct Rules {
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// All rules with their layer and state
    List {
        #[command(flatten)]
        common: Common,
    },
    /// A rule as it is in force
    Show {
        #[command(flatten)]
        common: Common,
        /// Its id
        id: String,
    },
    /// Draft a rule from a failure in a log that no rule knows
    New(NewRule),
    /// What each rule costs on a log: time, lines looked at, hits; the slowest first
    Profile {
        #[command(flatten)]
        common: Common,
        /// The log; `-` is standard input
        #[arg(value_name = "LOG")]
        log: PathBuf,
    },
    /// The JSON Schema of packs
    Schema,
}

/// `heal rules new`
#[derive(Debug, Args)]
pub struct NewRule {
    #[command(flatten)]
    pub common: Common,
    /// The log with the failure; `-` is standard input
    #[arg(long, value_name = "LOG")]
    pub from: PathBuf,
    /// Short id of the rule (default: made from the message)
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// The failure is in this line of the log (default: the most frequent one that no rule knows)
    #[arg(long, value_name = "N")]
    pub line: Option<u64>,
    /// Add the rule to this pack, which is made where it is missing (default: print a pack)
    #[arg(long, value_name = "FILE")]
    pub into: Option<PathBuf>,
}

/// `heal explain`
#[derive(Debug, Args)]
pub struct Explain {
    #[command(flatten)]
    pub common: Common,
    /// A rule's id, a diagnostic's code (E201), or a session's id
    pub what: String,
}

/// `heal undo`
#[derive(Debug, Args)]
pub struct Undo {
    #[command(flatten)]
    pub common: Common,
    /// List past sessions
    #[arg(long)]
    pub list: bool,
    /// The session (its first letters suffice); missing: the newest
    pub session: Option<String>,
}

/// `heal gc`
#[derive(Debug, Args)]
pub struct Gc {
    #[command(flatten)]
    pub common: Common,
    /// Keep sessions of the last days
    #[arg(long, default_value_t = 30, value_name = "N")]
    pub days: u32,
    /// Keep at most this many sessions
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub sessions: usize,
}

/// `heal log`
#[derive(Debug, Args)]
pub struct Log {
    #[command(flatten)]
    pub common: Common,
    /// Only this session
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// At most the last so many incidents
    #[arg(short = 'n', long, value_name = "N")]
    pub last: Option<usize>,
}

/// `heal stats`
#[derive(Debug, Args)]
pub struct Stats {
    #[command(flatten)]
    pub common: Common,
    /// Failures that no rule knew, grouped by what they have in common, the most frequent first
    #[arg(long)]
    pub unclassified: bool,
    /// With --unclassified: those of logs instead of the changelog's; `-` is standard input
    #[arg(long, value_name = "LOG", requires = "unclassified")]
    pub from: Vec<PathBuf>,
}

/// `heal report`
#[derive(Debug, Args)]
pub struct Report {
    #[command(flatten)]
    pub common: Common,
    /// Where to write the page, `-` for stdout (default: report.html in the folder for logs)
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `heal trust`
#[derive(Debug, Args)]
pub struct Trust {
    #[command(flatten)]
    pub common: Common,
    /// A pack of the project; missing: all of them
    pub pack: Option<PathBuf>,
}

/// `heal init`
#[derive(Debug, Args)]
pub struct Init {
    /// Where (default: here)
    pub folder: Option<PathBuf>,
}
