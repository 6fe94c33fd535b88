//! `heal run -- CMD…`

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::args::{self, Format, Stdout};
use super::common::{Base, colored};
use super::findings::{self, Finding};
use super::show::{self, Printer, Terminal};
use super::{exit, out};
use crate::exec::{self, SessionOptions, StdoutMode};
use crate::orchestrator::{
    self, Approver, CommandSubject, Engine, FinalResult, HealingSession, LazyEngine, NeverAsk, Options, Report,
    SubjectError,
};
use crate::pack::model::Severity;

pub fn run(args: args::Run) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    let argv = utf8(&args.command)?;
    let mode = match args.stdout {
        Stdout::Auto => StdoutMode::Auto,
        Stdout::Final => StdoutMode::Final,
        Stdout::Stream => StdoutMode::Stream,
    };
    let session = exec::Session::new(SessionOptions {
        stdout: mode,
        ..SessionOptions::default()
    })?;
    if !base.loaded.config.enabled {
        return transparent(session, &argv);
    }
    base.recover(args.common.quiet);
    let setup = base.setup();
    // Packs of the site are checked before the command starts; the built-in ones are loaded while
    // it runs, so that a command that succeeds never waits for them.
    let engine = if !base.site_packs().is_empty() {
        LazyEngine::Ready(Arc::new(base.engine()?))
    } else {
        LazyEngine::Loading(Some(std::thread::spawn(move || Engine::load(setup))))
    };
    let cwd = base.world.cwd();
    let mut subject = CommandSubject::new(argv.clone(), cwd, session, engine);
    let policy = base.policy(&args.common);
    let options = Options {
        policy,
        no_rerun: args.no_rerun,
        wait: args.wait,
    };
    let mut printer = Printer {
        color: colored(args.common.color),
        quiet: args.common.quiet || args.common.format.is_document() || !base.loaded.config.logging.log_to_console,
        verbose: args.common.verbose,
        redactor: base.redactor.clone(),
        root: base.loaded.root.clone(),
    };
    let asker = Printer {
        quiet: printer.quiet,
        redactor: base.redactor.clone(),
        root: printer.root.clone(),
        ..printer
    };
    let mut terminal = Terminal { printer: &asker };
    let approver: &mut dyn Approver = if policy.can_ask { &mut terminal } else { &mut NeverAsk };
    let result = orchestrator::heal(&mut subject, options, &mut printer, approver);
    subject.finish().context("stdout")?;
    let healed = match result {
        Ok(healed) => healed,
        Err(SubjectError::Spawn { message, code }) => {
            show::error_line(&message);
            return Ok(u8::try_from(code).unwrap_or(127));
        }
        Err(error) => return Err(error.into()),
    };
    finish(
        &healed,
        &base,
        &printer,
        &argv,
        args.common.format,
        args.patch.as_deref(),
    )?;
    let by_fix = healed.final_result == FinalResult::Success;
    if by_fix && args.fail_on_heal {
        return Ok(exit::HEALED);
    }
    Ok(u8::try_from(healed.exit_code & 0xff).unwrap_or(1))
}

/// Prints what a session came to, and writes its patch.
pub fn finish(
    healed: &HealingSession,
    base: &Base,
    printer: &Printer,
    argv: &[String],
    format: Format,
    patch: Option<&Path>,
) -> anyhow::Result<()> {
    let report = || orchestrator::report(healed, argv, &base.redactor, &base.loaded.root);
    let nothing = healed.final_result == FinalResult::NothingToDo;
    match format {
        Format::Text => printer.end(healed),
        Format::Json if nothing => {}
        Format::Json => out::json_beside(&report())?,
        Format::Github => {
            printer.end(healed);
            out_err(findings::github(&left(healed, &report())).trim_end());
        }
        Format::Sarif => out::json_beside(&findings::sarif(&left(healed, &report())))?,
    }
    if let Some(path) = patch {
        let text = if healed.patch.is_empty() {
            planned(healed, &base.loaded.root)
        } else {
            healed.patch.clone()
        };
        base.world
            .write_atomic(path, text.as_bytes(), None)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// What is left to say about a run: errors that stay, or as a note what was healed.
fn left(healed: &HealingSession, report: &Report) -> Vec<Finding> {
    let mut findings = findings::of(report);
    if matches!(healed.final_result, FinalResult::Success | FinalResult::NothingToDo) {
        for finding in &mut findings {
            finding.severity = Severity::Info;
            finding.message.insert_str(0, "healed: ");
        }
    }
    findings
}

/// Beside the command's own output, which has stdout for itself.
fn out_err(text: &str) {
    if !text.is_empty() {
        show::line(text);
    }
}

/// What a dry run would have changed.
fn planned(healed: &HealingSession, root: &Path) -> String {
    let candidates = healed.diagnosis.iter().flat_map(|d| &d.candidates);
    let best = candidates
        .filter_map(|c| c.plan.as_ref())
        .find(|p| !p.writes.is_empty());
    best.map(|p| p.diff(root)).unwrap_or_default()
}

/// `enabled = false`: the command as if heal were not there.
fn transparent(mut session: exec::Session, argv: &[String]) -> anyhow::Result<u8> {
    let code = match session.attempt(&exec::Command::new(argv), &mut |_, _| {}) {
        Ok(exit) => exit.shell_code(),
        Err(error) => {
            show::error_line(&error.to_string());
            error.code()
        }
    };
    session.finish()?;
    Ok(u8::try_from(code & 0xff).unwrap_or(1))
}

fn utf8(words: &[std::ffi::OsString]) -> anyhow::Result<Vec<String>> {
    words
        .iter()
        .map(|w| {
            w.clone()
                .into_string()
                .map_err(|w| anyhow::anyhow!("{} is not UTF-8", w.to_string_lossy()))
        })
        .collect()
}
