//! A fix with everything filled in: what would be done, in terms that can be shown and planned.

use std::fmt;

use crate::pack::model::{self, FileConvert, Jitter, Language, SetFormat};

/// What a fix does. Paths are as the command would mean them.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Run a command.
    Run {
        /// The command.
        argv: Vec<String>,
        /// Commands that must have run before it.
        before: Vec<Vec<String>>,
        /// Its folder, where not the failed command's own.
        cwd: Option<String>,
        /// Longest time in seconds.
        seconds: u32,
    },
    /// Edit lines of a file.
    Edit(Edit),
    /// Replace ranges of files, as a probe gave them.
    Ranges(Vec<RangeEdit>),
    /// Rewrite nodes of a source file.
    Rewrite {
        /// The language.
        language: Language,
        /// The file.
        file: String,
        /// The line that the node touches; none: anywhere.
        line: Option<u32>,
        /// A column inside the node, 1-based.
        column: Option<u32>,
        /// The pattern.
        pattern: String,
        /// Regexes on metavariables.
        constraints: Vec<(String, String)>,
        /// The replacement.
        with: String,
        /// All matches rather than the only one.
        all: bool,
    },
    /// Repair the syntax of a source file.
    Repair {
        /// The language.
        language: Language,
        /// The file.
        file: String,
        /// A line to look at first.
        line: Option<u32>,
        /// Version of the language, `major.minor`.
        version: Option<String>,
    },
    /// Set a key of a configuration file.
    Set {
        /// The file.
        file: String,
        /// Its format; none: by its name.
        format: Option<SetFormat>,
        /// Dotted path of the key.
        key: String,
        /// The value.
        value: String,
        /// Create the file.
        create: bool,
        /// Leave a key alone that is there.
        if_missing: bool,
    },
    /// Change a mode.
    Chmod {
        /// The file.
        path: String,
        /// Symbolic mode.
        mode: String,
    },
    /// Make a folder.
    Mkdir {
        /// The folder.
        path: String,
    },
    /// Variables for the next run.
    Env {
        /// Names and values.
        values: Vec<(String, String)>,
    },
    /// Run the failed command again after a while.
    Retry(Retry),
    /// Run this instead of the failed command.
    Rerun {
        /// The command.
        argv: Vec<String>,
    },
    /// What a person should do.
    Advice {
        /// The text.
        text: String,
    },
}

/// A range of a file and what takes its place. Lines and columns are 1-based, columns count
/// characters, the end is excluded.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct RangeEdit {
    /// The file.
    pub file: String,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
    /// What must be there.
    pub old: String,
    /// What takes its place.
    pub new: String,
}

/// An edit of lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The file.
    pub file: String,
    /// First line, 1-based; none: the whole file.
    pub line: Option<u32>,
    /// Last line of a range.
    pub end_line: Option<u32>,
    /// What to do.
    pub change: EditChange,
    /// The file must parse afterwards.
    pub parses: Option<Language>,
    /// The line must match this before.
    pub line_matches: Option<String>,
}

/// What an edit does.
#[derive(Debug, Clone, PartialEq)]
pub enum EditChange {
    /// Replace a literal text.
    Replace {
        /// What to find.
        find: String,
        /// What to put there.
        with: String,
        /// Whole words only.
        word: bool,
        /// Every occurrence.
        all: bool,
        /// 1-based column that must lie in the occurrence.
        column: Option<u32>,
    },
    /// Replace what a regex finds.
    ReplaceRegex {
        /// The regex.
        regex: String,
        /// The replacement, `${name}` for groups.
        with: String,
        /// Every occurrence.
        all: bool,
    },
    /// Insert a line before.
    InsertBefore(String),
    /// Insert a line after.
    InsertAfter(String),
    /// Append to the line, before a trailing comment.
    Append(String),
    /// Delete the lines.
    Delete,
    /// Convert the whole file.
    Convert(FileConvert),
}

/// Waiting and trying again.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// Runs beyond the failed one.
    pub attempts: u32,
    /// First wait in milliseconds; none: the config's.
    pub first: Option<u64>,
    /// Each wait is this many times the one before; none: the config's.
    pub factor: Option<f64>,
    /// Longest wait in milliseconds; none: the config's.
    pub max: Option<u64>,
    /// Randomness.
    pub jitter: Jitter,
}

impl Action {
    /// The verb, as the pack format names it.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Run { .. } => "run",
            Self::Edit(_) | Self::Ranges(_) => "edit",
            Self::Rewrite { .. } => "rewrite",
            Self::Repair { .. } => "repair",
            Self::Set { .. } => "set",
            Self::Chmod { .. } => "chmod",
            Self::Mkdir { .. } => "mkdir",
            Self::Env { .. } => "env",
            Self::Retry(_) => "retry",
            Self::Rerun { .. } => "rerun",
            Self::Advice { .. } => "advice",
        }
    }

    /// The short form that examples and listings show; for `run` and `rerun` the shell line.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run { argv, .. } | Self::Rerun { argv } => f.write_str(&shell_line(argv)),
            Self::Edit(edit) => edit.fmt(f),
            Self::Ranges(edits) => {
                let parts: Vec<String> = edits
                    .iter()
                    .map(|e| format!("{}:{} {:?} → {:?}", e.file, e.line, e.old, e.new))
                    .collect();
                f.write_str(&parts.join("; "))
            }
            Self::Rewrite {
                file,
                line,
                pattern,
                with,
                ..
            } => {
                f.write_str(file)?;
                if let Some(line) = line {
                    write!(f, ":{line}")?;
                }
                write!(f, " {pattern} → {with}")
            }
            Self::Repair { file, .. } => f.write_str(file),
            Self::Set { file, key, value, .. } => write!(f, "{file} {key} = {value}"),
            Self::Chmod { path, mode } => write!(f, "{mode} {path}"),
            Self::Mkdir { path } => f.write_str(path),
            Self::Env { values } => {
                let parts: Vec<String> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
                f.write_str(&parts.join(" "))
            }
            Self::Retry(retry) => retry.fmt(f),
            Self::Advice { text } => f.write_str(text),
        }
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(end) = self.end_line {
            write!(f, "-{end}")?;
        }
        match &self.change {
            EditChange::Replace { find, with, .. } => write!(f, " replace {find:?} with {with:?}"),
            EditChange::ReplaceRegex { regex, with, .. } => write!(f, " replace /{regex}/ with {with:?}"),
            EditChange::InsertBefore(text) => write!(f, " insert before {text:?}"),
            EditChange::InsertAfter(text) => write!(f, " insert after {text:?}"),
            EditChange::Append(text) => write!(f, " append {text:?}"),
            EditChange::Delete => f.write_str(" delete"),
            EditChange::Convert(model::FileConvert::Lf) => f.write_str(" convert to LF"),
            EditChange::Convert(model::FileConvert::NoBom) => f.write_str(" remove the BOM"),
            EditChange::Convert(model::FileConvert::Spaces) => f.write_str(" convert tabs to spaces"),
        }
    }
}

impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x", self.attempts)?;
        if let Some(first) = self.first {
            write!(f, " {}", duration(first))?;
        }
        if let Some(factor) = self.factor {
            write!(f, "*{factor}")?;
        }
        if let Some(max) = self.max {
            write!(f, "<={}", duration(max))?;
        }
        Ok(())
    }
}

fn duration(milliseconds: u64) -> String {
    if milliseconds.is_multiple_of(1000) {
        format!("{}s", milliseconds / 1000)
    } else {
        format!("{milliseconds}ms")
    }
}

/// Milliseconds of `2s`, `500ms`, `1.5s`, `2m`, or a bare number of seconds.
#[must_use]
pub fn parse_duration(text: &str) -> Option<u64> {
    let text = text.trim();
    let (number, scale) = if let Some(n) = text.strip_suffix("ms") {
        (n, 1.0)
    } else if let Some(n) = text.strip_suffix('s') {
        (n, 1000.0)
    } else if let Some(n) = text.strip_suffix('m') {
        (n, 60_000.0)
    } else if let Some(n) = text.strip_suffix('h') {
        (n, 3_600_000.0)
    } else {
        (text, 1000.0)
    };
    let value: f64 = number.trim().parse().ok()?;
    // A day is far beyond any wait that makes sense; it also keeps the cast exact.
    if !(0.0..=86_400_000.0).contains(&(value * scale)) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to lie between 0 and a day"
    )]
    Some((value * scale).round() as u64)
}

/// A command as a person would type it.
#[must_use]
pub fn shell_line(argv: &[String]) -> String {
    shlex::try_join(argv.iter().map(String::as_str)).unwrap_or_else(|_| format!("{argv:?}"))
}
