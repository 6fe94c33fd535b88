//! `heal watch FILE…`: follows logs, tells what goes wrong in them, and heals by policy.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::args::{self, Format};
use super::common::{Base, colored};
use super::exit;
use super::show::{self, Printer};
use crate::diagnostic::clean_line;
use crate::orchestrator::{self, HealingSession, Report};
use crate::watch::{self, Event, Healing, Options, ReloadOptions, Reloader, State, Status, Watcher};

pub fn watch(args: args::Watch) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    if args.status {
        return status(&base, &args);
    }
    anyhow::ensure!(
        !args.files.is_empty(),
        "name at least one log to follow (or `--status`)"
    );
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [libc::SIGINT, libc::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop)).context("cannot listen for signals")?;
    }
    if args.heal {
        base.recover(args.common.quiet);
    }
    let mut policy = base.policy(&args.common);
    // Nobody sits there.
    policy.can_ask = false;
    let options = Options {
        files: args.files.clone(),
        from_start: args.from_start,
        once: args.once,
        policy,
        healing: args.heal.then_some(Healing {
            allow_commands: args.allow_commands,
            window: args.window,
        }),
        exit_code: args.exit_code,
    };
    let reloader = Reloader::start(base.setup(), ReloadOptions::default());
    let mut watcher = Watcher::new(reloader, options, base.redactor.clone())?;
    let mut teller = Teller {
        base: &base,
        json: args.common.format == Format::Json,
        quiet: args.common.quiet,
        verbose: args.common.verbose,
        printer: Printer {
            color: colored(args.common.color),
            quiet: args.common.quiet,
            verbose: args.common.verbose,
            redactor: base.redactor.clone(),
            root: base.loaded.root.clone(),
        },
    };
    watcher.run(&stop, &mut |event: &Event<'_>| teller.event(event));
    Ok(exit::OK)
}

/// Prints what happens: errors to stdout, heal's own words to stderr; as JSON all of it to stdout.
struct Teller<'a> {
    base: &'a Base,
    json: bool,
    quiet: bool,
    verbose: bool,
    printer: Printer,
}

impl Teller<'_> {
    fn event(&mut self, event: &Event<'_>) {
        if self.json {
            let mut value = self.value(event);
            value["time"] = json!(self.base.world.now());
            let _ = super::out::json_line(&value);
        } else {
            self.text(event);
        }
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            show::line(&format!("heal: {}", clean_line(text)));
        }
    }

    fn text(&self, event: &Event<'_>) {
        match event {
            Event::Started { files, rules } => {
                let plural = if *files == 1 { "log" } else { "logs" };
                self.say(&format!("watching {files} {plural} · {}", words(rules)));
                self.broken(rules);
            }
            Event::Waiting { file } => self.say(&format!("{} is not there yet", file.display())),
            Event::Opened { file, offset } => {
                if self.verbose {
                    self.say(&format!("{} from byte {offset}", file.display()));
                }
            }
            Event::Rotated { file } => self.say(&format!("{} was rotated", file.display())),
            Event::Truncated { file } => self.say(&format!("{} was emptied; from its start", file.display())),
            Event::Trouble { file, why } => show::error_line(&format!("{}: {why}", file.display())),
            Event::Detected {
                file,
                line,
                diagnosis,
                index,
                before,
                ..
            } => {
                let place = place(file, *line);
                if *before > 0 && !self.verbose {
                    let id = id(diagnosis, *index);
                    outln!("{place}: error[{id}] again ({} times before)", before);
                } else {
                    outln!("{place}:");
                    out!("{}", self.printer.error(diagnosis, *index));
                }
            }
            Event::Applied { session, .. } => self.printer.end(session),
            Event::NotApplied { why, session, .. } => {
                let number = session.map(|s| format!(" · session {}", s.id)).unwrap_or_default();
                self.say(&format!(
                    "nothing was changed: {}{number}",
                    self.base.redactor.text(why)
                ));
            }
            Event::Reloaded(status) => {
                self.say(&words(status));
                self.broken(status);
            }
            Event::Unrecorded { why } => show::error_line(&format!("the state cannot be written: {why}")),
            Event::Stopped { lines, errors, fixes } => {
                self.say(&format!(
                    "stopped · {lines} lines, {errors} errors, {fixes} fixes applied"
                ));
            }
        }
    }

    /// Broken packs are told whatever `--quiet` says: somebody waits for what he just saved.
    fn broken(&self, status: &Status) {
        for pack in &status.broken {
            for error in &pack.errors {
                show::error_line(error);
            }
            let what = if pack.kept {
                "its last good version stays in force"
            } else {
                "its rules are not in force"
            };
            show::error_line(&format!("{}: {what}", pack.file.display()));
        }
    }

    fn value(&self, event: &Event<'_>) -> Value {
        match event {
            Event::Started { files, rules } => json!({"event": "started", "files": files, "rules": rules}),
            Event::Waiting { file } => json!({"event": "waiting", "file": file}),
            Event::Opened { file, offset } => json!({"event": "opened", "file": file, "offset": offset}),
            Event::Rotated { file } => json!({"event": "rotated", "file": file}),
            Event::Truncated { file } => json!({"event": "truncated", "file": file}),
            Event::Trouble { file, why } => json!({"event": "trouble", "file": file, "reason": why}),
            Event::Detected {
                file,
                line,
                diagnosis,
                index,
                generation,
                before,
            } => {
                let report = Report::of_diagnosis(&[], diagnosis, &self.base.redactor, &self.base.loaded.root);
                json!({"event": "detected", "file": file, "line": line, "generation": generation,
                    "before": before, "error": report.errors.get(*index)})
            }
            Event::Applied { file, session } => {
                json!({"event": "applied", "file": file, "session": self.report(session)})
            }
            Event::NotApplied { file, why, session } => {
                json!({"event": "not_applied", "file": file, "reason": self.base.redactor.text(why),
                    "session": session.map(|s| s.id.as_str())})
            }
            Event::Reloaded(status) => json!({"event": "reloaded", "rules": status}),
            Event::Unrecorded { why } => json!({"event": "unrecorded", "reason": why}),
            Event::Stopped { lines, errors, fixes } => {
                json!({"event": "stopped", "lines": lines, "errors": errors, "fixes": fixes})
            }
        }
    }

    fn report(&self, session: &HealingSession) -> Report {
        orchestrator::report(session, &[], &self.base.redactor, &self.base.loaded.root)
    }
}

fn id(diagnosis: &orchestrator::Diagnosis, index: usize) -> String {
    diagnosis
        .errors
        .get(index)
        .and_then(|a| a.causes.first())
        .map_or_else(|| "unclassified".to_owned(), |c| c.rule.clone())
}

fn place(file: &Path, line: Option<u64>) -> String {
    let line = line.map(|n| format!(":{n}")).unwrap_or_default();
    format!("{}{line}", clean_line(&file.display().to_string()))
}

/// Rules in force, in a line.
fn words(status: &Status) -> String {
    let broken = match status.broken.len() {
        0 => String::new(),
        1 => " · one pack is broken".to_owned(),
        n => format!(" · {n} packs are broken"),
    };
    format!(
        "rules of generation {}: {} in force{broken}",
        status.generation, status.rules
    )
}

fn status(base: &Base, args: &args::Watch) -> anyhow::Result<u8> {
    let log_dir = &base.loaded.log_dir;
    let state = watch::load_state(&*base.world, log_dir).context("the state of the last watch")?;
    let running = watch::is_running(log_dir);
    if args.common.format == Format::Json {
        super::out::json(&json!({"running": running, "state": state}))?;
        return Ok(exit::OK);
    }
    match state {
        None => outln!("nothing was watched with {} yet", log_dir.display()),
        Some(state) => print_status(&state, running),
    }
    Ok(exit::OK)
}

fn print_status(state: &State, running: bool) {
    if running {
        outln!("running as process {} since {}", state.pid, moment(state.started));
    } else {
        outln!("not running · last written {}", moment(state.updated));
    }
    if let Some(rules) = &state.rules {
        outln!("{} · read {} in {} ms", words(rules), moment(rules.at), rules.took_ms);
        for pack in &rules.broken {
            for error in &pack.errors {
                outln!("  {}", clean_line(error));
            }
        }
    }
    for (file, at) in &state.files {
        let lines = at.lines.map(|n| format!(" ({n} lines)")).unwrap_or_default();
        outln!(
            "{}: read to byte {}{lines} · {} errors, {} fixes applied",
            clean_line(&file.display().to_string()),
            at.offset + at.partial,
            at.errors,
            at.fixes
        );
        if let Some(last) = &at.last_error {
            outln!("  last error: {}", clean_line(last));
        }
    }
}

fn moment(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}
