//! What the analyzer may look at: the error, the project's files, the rules, and read-only probes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::detector::DetectedError;
use crate::pack::RuleSet;
use crate::pack::model::CaptureType;
use crate::template::{Renderer, Value, Vars};
use crate::world::{Kind, World};

/// Largest file that is looked into, in bytes.
const LARGEST: u64 = 64 << 20;

/// What a probe said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProbeOutput {
    /// Its standard output.
    pub stdout: String,
    /// Its exit code; none where it could not be run or took too long.
    pub code: Option<i32>,
}

/// Runs read-only commands for conditions. Implementations cache for the session.
pub trait Probes {
    /// Runs a probe. `name` is its name in the pack, for canned answers.
    fn run(&self, name: &str, argv: &[String], cwd: &Path, seconds: u32) -> ProbeOutput;

    /// As [`Probes::run`], with something to read.
    fn ask(&self, name: &str, argv: &[String], cwd: &Path, seconds: u32, input: &str) -> ProbeOutput {
        let _ = input;
        self.run(name, argv, cwd, seconds)
    }
}

/// Probes that know nothing: for callers that must not run anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProbes;

impl Probes for NoProbes {
    fn run(&self, _: &str, _: &[String], _: &Path, _: u32) -> ProbeOutput {
        ProbeOutput::default()
    }
}

/// The surroundings of a failed command.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Files, environment, PATH, clock.
    pub world: &'a dyn World,
    /// The rules in force.
    pub rules: &'a RuleSet,
    /// Renders templates.
    pub renderer: &'a Renderer,
    /// Read-only commands.
    pub probes: &'a dyn Probes,
    /// The command's folder.
    pub cwd: &'a Path,
    /// The project's root.
    pub project: &'a Path,
    /// Further folders that the site lets heal write to.
    pub writable: &'a [PathBuf],
    /// The command; empty for captured logs.
    pub argv: &'a [String],
    /// Its exit code, where it ended with one.
    pub exit_code: Option<i32>,
    /// The run-time program of each environment.
    pub programs: &'a BTreeMap<String, PathBuf>,
    /// The environment that the command itself belongs to.
    pub environment: Option<&'a str>,
    /// The kept output, normalised, a line each.
    pub output: &'a [String],
    /// A person sits at a terminal.
    pub interactive: bool,
    /// How often each fingerprint came up in this session so far.
    pub seen: &'a BTreeMap<String, u32>,
    /// Further `ctx.` variables (examples set them).
    pub extra: &'a BTreeMap<String, String>,
}

impl Context<'_> {
    /// A path as the command meant it.
    #[must_use]
    pub fn path(&self, text: &str) -> PathBuf {
        let path = match text.strip_prefix("~/") {
            Some(rest) => self
                .world
                .env("HOME")
                .map_or_else(|| PathBuf::from(text), |home| Path::new(&home).join(rest)),
            None => PathBuf::from(text),
        };
        if path.is_absolute() { path } else { self.cwd.join(path) }
    }

    /// The variables of the run: `ctx.…`.
    #[must_use]
    pub fn run_vars(&self) -> Vars {
        let mut vars = Vars::default();
        let path = |p: &Path| Value::typed(p.to_string_lossy(), CaptureType::Path);
        vars.set("ctx.cwd", path(self.cwd));
        vars.set("ctx.project", path(self.project));
        vars.set(
            "ctx.command",
            Value::typed(self.argv.first().cloned().unwrap_or_default(), CaptureType::Path),
        );
        vars.set(
            "ctx.args",
            Value::text(self.argv.get(1..).unwrap_or_default().join(" ")),
        );
        vars.set(
            "ctx.line",
            Value::text(shlex::try_join(self.argv.iter().map(String::as_str)).unwrap_or_default()),
        );
        vars.declare("ctx.exit_code");
        if let Some(code) = self.exit_code {
            vars.set("ctx.exit_code", Value::typed(code.to_string(), CaptureType::Integer));
        }
        for (name, variable) in [("ctx.user", "USER"), ("ctx.home", "HOME")] {
            vars.declare(name);
            if let Some(value) = self.world.env(variable) {
                vars.set(name, Value::typed(value.to_string_lossy(), CaptureType::Path));
            }
        }
        for name in self.rules.environments.keys() {
            vars.declare(&format!("ctx.{name}"));
        }
        for (name, program) in self.programs {
            vars.set(&format!("ctx.{name}"), path(program));
        }
        for (name, value) in self.extra {
            vars.set(&format!("ctx.{name}"), Value::typed(value.clone(), CaptureType::Path));
        }
        vars
    }

    /// The variables that every template of this error knows before anything is derived.
    #[must_use]
    pub fn vars(&self, error: &DetectedError) -> Vars {
        let mut vars = self.run_vars();
        for name in ["file", "line", "column", "function", "source", "message"] {
            vars.declare(name);
        }
        vars.set("message", Value::text(error.message.clone()));
        if let Some(location) = &error.location {
            vars.set("file", Value::typed(location.shown.clone(), CaptureType::Path));
            if let Some(line) = location.line {
                vars.set("line", Value::typed(line.to_string(), CaptureType::Integer));
            }
            if let Some(column) = location.column {
                vars.set("column", Value::typed(column.to_string(), CaptureType::Integer));
            }
            if let Some(function) = &location.function {
                vars.set("function", Value::typed(function.clone(), CaptureType::Identifier));
            }
            if let Some(source) = self
                .source_line(location.file.as_path(), location.line)
                .or_else(|| location.source.clone())
            {
                vars.set("source", Value::text(source));
            }
        }
        vars
    }

    /// What a file holds, where it is a regular one of a size that a person could have written. The
    /// name may come from a log: a device, a pipe or a dump of memory is not even opened.
    #[must_use]
    pub fn read(&self, file: &Path) -> Option<Vec<u8>> {
        let meta = self.world.stat(file).ok()?;
        if !meta.is_file() || meta.len > LARGEST || self.is_special(file) {
            return None;
        }
        self.world.read(file).ok()
    }

    /// Whether reading the path could wait, never end, or change something: a pipe, a device, what
    /// the kernel shows of itself.
    #[must_use]
    pub fn is_special(&self, path: &Path) -> bool {
        const OF_THE_KERNEL: [&str; 3] = ["/dev", "/proc", "/sys"];
        let real = self.world.canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        OF_THE_KERNEL.iter().any(|folder| real.starts_with(folder))
            || self.world.stat(path).is_ok_and(|meta| meta.kind == Kind::Other)
    }

    /// Whether a path lies in the project, or in another folder that the site lets heal write to,
    /// with links and `..` resolved as far as the path exists.
    #[must_use]
    pub fn is_inside(&self, path: &Path) -> bool {
        let real = |path: &Path| self.world.canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let roots: Vec<PathBuf> = std::iter::once(self.project)
            .chain(self.writable.iter().map(PathBuf::as_path))
            .map(|root| real(&self.world.absolute(root)))
            .collect();
        // A path that does not exist yet is inside if its nearest existing folder is.
        let Some(existing) = path
            .ancestors()
            .find_map(|p| self.world.canonicalize(p).ok().map(|real| (p, real)))
        else {
            return false;
        };
        let rest = path.strip_prefix(existing.0).unwrap_or(path);
        !rest.components().any(|c| c == std::path::Component::ParentDir)
            && roots.iter().any(|root| existing.1.starts_with(root))
    }

    /// A line of a file, where it can be read.
    #[must_use]
    pub fn source_line(&self, file: &Path, line: Option<u32>) -> Option<String> {
        let bytes = self.read(file)?;
        let wanted = usize::try_from(line?.checked_sub(1)?).ok()?;
        String::from_utf8_lossy(&bytes).lines().nth(wanted).map(str::to_owned)
    }
}
