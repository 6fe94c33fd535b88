//! Conditions: one function a condition, all of them questions about the error, the project's files,
//! the command or the machine.

use std::path::Path;

use super::context::ProbeOutput;
use super::verdict::Scope;
use super::{manifest, names};
use crate::pack::LoadedPack;
use crate::pack::model::{CaptureType, Condition, Probe, ProbeInput, SourceLine};
use crate::pack::tables::Table;
use crate::template::{Value, Vars};

/// Whether conditions hold; `No` says which one does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All hold.
    Yes,
    /// One does not.
    No(String),
}

impl Scope<'_> {
    /// A regex that is a template, with values escaped; multi-line.
    pub(super) fn regex(&self, template: &str, vars: &Vars) -> Option<regex::Regex> {
        let pattern = self.context.renderer.regex(template, vars).ok()?;
        regex::RegexBuilder::new(&pattern)
            .multi_line(true)
            .size_limit(4 << 20)
            .build()
            .ok()
    }

    /// A table of the rule's pack, else of any pack.
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.pack
            .tables
            .get(name)
            .or_else(|| self.context.rules.packs.iter().find_map(|pack| pack.tables.get(name)))
            .map(|table| &**table)
    }

    fn render(&self, template: &str, vars: &Vars) -> Option<String> {
        // An absent value makes a question about it unanswerable, which is "no".
        for name in crate::template::names(template).ok()? {
            if name.required && vars.get(&name.path).is_none() {
                return None;
            }
        }
        self.context.renderer.text(template, vars).ok()
    }
}

/// A probe, of the rule's own pack before those of others.
fn probe_named<'a>(name: &str, scope: &Scope<'a>) -> Option<(&'a LoadedPack, &'a Probe)> {
    let own = scope.pack.probes.get(name).map(|probe| (scope.pack, probe));
    own.or_else(|| {
        let mut packs = scope.context.rules.packs.iter();
        packs.find_map(|pack| pack.probes.get(name).map(|probe| (pack, probe)))
    })
}

/// The templates of a probe's command.
pub(super) fn probe_templates<'a>(name: &str, scope: &Scope<'a>) -> &'a [String] {
    probe_named(name, scope).map_or(&[], |(_, probe)| &probe.run)
}

/// The output of a probe, run at most once; none where it cannot be run, or did not end well while
/// it was to answer in JSON.
pub(super) fn probe_output(name: &str, vars: &Vars, scope: &Scope<'_>) -> Option<ProbeOutput> {
    let (pack, probe) = probe_named(name, scope)?;
    // A probe is a command too: an untrusted project's pack runs none.
    if !pack.origin.trusted {
        return None;
    }
    // A probe reads what it is told of, so it is told of nothing that has no end.
    let asks_about_special = probe.run.iter().any(|template| {
        crate::template::names(template)
            .unwrap_or_default()
            .iter()
            .filter_map(|name| vars.get(&name.path))
            .any(|value| value.kind == CaptureType::Path && scope.context.is_special(&scope.context.path(&value.text)))
    });
    if asks_about_special {
        return None;
    }
    let mut vars = vars.clone();
    vars.declare("script");
    let texts: Option<Vec<&str>> = probe
        .script
        .iter()
        .map(|file| pack.scripts.get(file).map(String::as_str))
        .collect();
    if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
        vars.set("script", Value::typed(texts.concat(), CaptureType::Path));
    }
    let argv: Vec<String> = probe
        .run
        .iter()
        .map(|template| match template.trim() {
            // The script's text is the pack's own and longer than any captured value may be.
            "{{script}}" => vars.text("script").map(str::to_owned),
            _ => scope.context.renderer.checked(template, &vars).ok(),
        })
        .collect::<Option<_>>()?;
    let cwd = match &probe.cwd {
        Some(template) => scope
            .context
            .path(&scope.context.renderer.checked(template, &vars).ok()?),
        None => scope.context.cwd.to_path_buf(),
    };
    let input = match probe.stdin {
        ProbeInput::None => String::new(),
        ProbeInput::Incident => incident(&vars, scope).to_string(),
    };
    Some(
        scope
            .context
            .probes
            .ask(name, &argv, &cwd, probe.timeout.unwrap_or(20), &input),
    )
}

/// What a probe is told about the error.
fn incident(vars: &Vars, scope: &Scope<'_>) -> serde_json::Value {
    let error = scope.error;
    let values: serde_json::Map<String, serde_json::Value> = vars
        .iter()
        .filter(|(name, _)| *name != "script")
        .map(|(name, value)| {
            (
                name.to_owned(),
                value.map_or(serde_json::Value::Null, |v| v.text.clone().into()),
            )
        })
        .collect();
    serde_json::json!({
        "rule": scope.rule.id,
        "environment": error.environment,
        "message": error.message,
        "excerpt": error.excerpt,
        "captures": error.captures,
        "vars": values,
        "location": error.location,
        "frames": error.frames,
        "argv": scope.context.argv,
        "cwd": scope.context.cwd,
        "project": scope.context.project,
        "exit_code": scope.context.exit_code,
    })
}

/// A field of a probe's answer, as text; an object or list as JSON. None where there is none.
///
/// The answer is one JSON document, or lines `field=value`: then the field's value is the rest of its line.
pub(super) fn probe_field(probe: &str, field: &str, vars: &Vars, scope: &Scope<'_>) -> Option<String> {
    let output = probe_output(probe, vars, scope).filter(|o| o.code == Some(0))?;
    let Ok(answer) = serde_json::from_str::<serde_json::Value>(&output.stdout) else {
        let mut lines = output.stdout.lines();
        return lines.find_map(|line| line.strip_prefix(field)?.strip_prefix('=').map(str::to_owned));
    };
    let mut value = &answer;
    for key in field.split('.') {
        value = match value {
            serde_json::Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
            other => other.get(key)?,
        };
    }
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Whether all conditions hold.
#[must_use]
pub fn holds(conditions: &[Condition], vars: &Vars, scope: &Scope<'_>) -> Outcome {
    for condition in conditions {
        if !one(condition, vars, scope).unwrap_or(false) {
            return Outcome::No(describe(condition));
        }
    }
    Outcome::Yes
}

/// A condition as [`Outcome::No`] names it.
#[must_use]
pub fn describe(condition: &Condition) -> String {
    let debug = format!("{condition:?}");
    let debug = debug.replace("OneOrMany(", "").replace("Text(", "");
    if debug.len() > 160 {
        format!("{}…", debug.chars().take(160).collect::<String>())
    } else {
        debug
    }
}

/// Whether one condition holds; none where a value that it asks about is absent.
fn one(condition: &Condition, vars: &Vars, scope: &Scope<'_>) -> Option<bool> {
    let context = scope.context;
    let world = context.world;
    let text = |template: &str| scope.render(template, vars);
    let path = |template: &str| text(template).map(|t| context.path(&t));
    Some(match condition {
        Condition::FileExists(p) => world.exists(&path(p)?),
        Condition::DirExists(p) => world.is_dir(&path(p)?),
        Condition::FileGlob(glob) => !names::glob_files(scope, &text(glob)?).is_empty(),
        Condition::FileContains(q) => {
            let file = path(&q.file)?;
            // What is no file contains nothing; what cannot be read could contain anything.
            world.is_file(&file) && {
                let content = context.read(&file)?;
                scope
                    .regex(&q.regex, vars)?
                    .is_match(&String::from_utf8_lossy(&content))
            }
        }
        Condition::StartsWith(q) => context.read(&path(&q.file)?)?.starts_with(q.bytes.as_bytes()),
        Condition::InsideProject(p) => context.is_inside(&path(p)?),
        Condition::Executable(p) => world.stat(&path(p)?).is_ok_and(|m| m.is_file() && m.mode & 0o100 != 0),
        Condition::OwnedByUser(p) => {
            let meta = world.stat(&path(p)?).ok()?;
            world.is_root() || world.stat(context.cwd).is_ok_and(|cwd| cwd.uid == meta.uid)
        }
        Condition::Writable(p) => writable(scope, &path(p)?),
        Condition::OnPath(programs) => programs
            .iter()
            .any(|p| text(p).is_some_and(|p| world.which(&p).is_some())),
        Condition::InTable(q) => {
            let table = scope.table(&q.table)?;
            let key = text(&q.key)?;
            match (&q.value, &q.column) {
                (Some(value), column) => {
                    let cell = table.get(&key, column.as_deref()).unwrap_or_default();
                    scope.regex(value, vars)?.is_match(cell)
                }
                (None, Some(column)) => table.get(&key, Some(column)).is_some(),
                (None, None) => table.contains(&key),
            }
        }
        Condition::DeclaredInProject(name) => manifest::declared(&text(name)?, scope).is_some(),
        Condition::Capture(wanted) => wanted.iter().all(|(name, regex)| {
            vars.text(name)
                .is_some_and(|value| scope.regex(regex, vars).is_some_and(|r| r.is_match(value)))
        }),
        Condition::Has(wanted) => wanted.iter().all(|name| vars.text(name).is_some_and(|v| !v.is_empty())),
        Condition::SourceLine(q) => source_line(q, vars, scope)?,
        Condition::Command(programs) => {
            let program = Path::new(context.argv.first()?)
                .file_name()?
                .to_string_lossy()
                .into_owned();
            programs.iter().any(|p| wild(p, &program))
        }
        Condition::Argument(arguments) => {
            let wanted: Vec<String> = arguments.iter().filter_map(|a| text(a)).collect();
            context
                .argv
                .iter()
                .skip(1)
                .any(|have| wanted.iter().any(|w| wild(w, have)))
        }
        Condition::Environment(wanted) => wanted
            .iter()
            .any(|name| Some(name.as_str()) == context.environment || Some(name) == scope.error.environment.as_ref()),
        Condition::ExitCode(codes) => context.exit_code.is_some_and(|code| codes.contains(&code)),
        Condition::Os(wanted) => wanted.iter().any(|os| os == std::env::consts::OS),
        Condition::IsRoot(wanted) => world.is_root() == *wanted,
        Condition::PortOpen(port) => port_open(text(&port.0)?.parse().ok()?),
        Condition::Env(wanted) => wanted.iter().all(|(name, regex)| {
            let value = world.env(name).map(|v| v.to_string_lossy().into_owned());
            value.is_some_and(|value| scope.regex(regex, vars).is_some_and(|r| r.is_match(&value)))
        }),
        Condition::Near(q) => names::nearest(&text(&q.name)?, &q.among, vars, scope).is_some(),
        Condition::Probe(q) => {
            let value = match &q.field {
                Some(field) => probe_field(&q.name, field, vars, scope)?,
                None => {
                    let output = probe_output(&q.name, vars, scope)?;
                    let code = q.exit_code.is_none_or(|wanted| output.code == Some(wanted));
                    if output.code.is_none() || !code {
                        return Some(false);
                    }
                    output.stdout
                }
            };
            let equal = match &q.equals {
                Some(template) => value == text(&template.0)?,
                None => true,
            };
            let matched = match &q.matches {
                Some(regex) => scope.regex(regex, vars)?.is_match(&value),
                None => true,
            };
            let enough = q.min.is_none_or(|min| value.parse::<f64>().is_ok_and(|v| v >= min));
            equal && matched && enough
        }
        Condition::Output(regex) => {
            let regex = scope.regex(regex, vars)?;
            context.output.iter().any(|line| regex.is_match(line))
        }
        Condition::Equal(templates) => {
            let values: Option<Vec<String>> = templates.iter().map(|t| text(t)).collect();
            values?.windows(2).all(|pair| pair[0] == pair[1])
        }
        Condition::Parses(q) => {
            let content = context.read(&path(&q.file)?)?;
            let version = q.version.as_ref().map(|v| v.0.as_str());
            let version = super::target::version(version, q.language, vars, scope);
            crate::language::parses(q.language, &content, version.as_deref()).is_ok()
        }
        Condition::Repairable(q) => {
            let content = context.read(&path(&q.file)?)?;
            let version = q.version.as_ref().map(|v| v.0.as_str());
            let version = super::target::version(version, q.language, vars, scope);
            let line = vars.text("line").and_then(|l| l.parse().ok());
            matches!(
                crate::language::repair(q.language, &content, line, version.as_deref()),
                crate::language::Repair::Clear { .. }
            )
        }
        Condition::Structure(q) => {
            let file = match &q.file {
                Some(template) => path(template)?,
                None => scope.error.location.as_ref()?.file.clone(),
            };
            let content = context.read(&file)?;
            let line = match &q.line {
                Some(any) if any.0 == "any" => None,
                Some(template) => Some(text(&template.0)?.parse().ok()?),
                None => Some(vars.text("line")?.parse().ok()?),
            };
            let constraints: Option<Vec<(String, String)>> = q
                .constraints
                .iter()
                .map(|(n, r)| context.renderer.regex(r, vars).ok().map(|r| (n.clone(), r)))
                .collect();
            let pattern = text(&q.pattern)?;
            let source = String::from_utf8_lossy(&content);
            let found = crate::structure::find(q.language, &source, &pattern, &constraints?, line, None).len();
            if q.only { found == 1 } else { found > 0 }
        }
        Condition::Interactive(wanted) => context.interactive == *wanted,
        Condition::Attempt(at_least) => context.seen.get(&scope.error.fingerprint).copied().unwrap_or(0) >= *at_least,
        // What cannot be answered (a probe that did not run) is "no" either way round.
        Condition::Not(inner) => {
            let mut all = true;
            for condition in inner.iter() {
                all &= one(condition, vars, scope)?;
            }
            !all
        }
        Condition::AnyOf(list) => list.iter().any(|c| one(c, vars, scope).unwrap_or(false)),
        Condition::AllOf(list) => list.iter().all(|c| one(c, vars, scope).unwrap_or(false)),
    })
}

/// `*` stands for any text.
fn wild(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => {
            text.len() >= before.len() + after.len() && text.starts_with(before) && text.ends_with(after)
        }
    }
}

fn writable(scope: &Scope<'_>, path: &Path) -> bool {
    let world = scope.context.world;
    if world.is_root() {
        return true;
    }
    let existing = path.ancestors().find_map(|p| world.stat(p).ok());
    let Some(meta) = existing else { return false };
    let mine = world.stat(scope.context.cwd).is_ok_and(|cwd| cwd.uid == meta.uid);
    meta.mode & if mine { 0o200 } else { 0o002 } != 0
}

fn port_open(port: u16) -> bool {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_millis(300)).is_ok()
}

fn source_line(question: &SourceLine, vars: &Vars, scope: &Scope<'_>) -> Option<bool> {
    let context = scope.context;
    let (file, line, regex) = match question {
        SourceLine::Regex(regex) => (None, None, regex),
        SourceLine::At { file, line, regex } => (file.as_ref(), line.as_ref(), regex),
    };
    let file = match file {
        Some(template) => context.path(&scope.render(template, vars)?),
        // A rule that captured `file` itself means that one.
        None => context.path(vars.text("file")?),
    };
    let line: u32 = match line {
        Some(template) => scope.render(&template.0, vars)?.parse().ok()?,
        None => vars.text("line")?.parse().ok()?,
    };
    let text = context.source_line(&file, Some(line))?;
    Some(scope.regex(regex, vars)?.is_match(&text))
}
