//! `heal check FILE…` and `heal check --rules [PATH…]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{self, Format};
use super::common::Base;
use super::findings::{self, Finding, Place};
use super::{exit, fix, show};
use crate::analyzer::Analysis;
use crate::diagnostic::clean_line;
use crate::fixer::Policy;
use crate::language::{self, Fault};
use crate::orchestrator::{Attempt, CaptureSubject, Engine, RealProbes, Subject as _, Surroundings};
use crate::pack::model::Severity;
use crate::validator;

pub fn check(args: args::Check) -> anyhow::Result<u8> {
    if args.rules {
        return super::check_rules::check(&args);
    }
    let base = Base::new(&args.common)?;
    let engine = Arc::new(base.engine()?);
    let files = if args.files.is_empty() {
        in_folder(&base, &engine)
    } else {
        args.files.clone()
    };
    let mut code = exit::OK;
    let mut findings = Vec::new();
    for file in &files {
        match one(&base, &engine, file) {
            Ok(None) if args.common.verbose => show::line(&format!("heal: {}: fine", file.display())),
            Ok(None) => {}
            Ok(Some((mut fault, explanation))) => {
                code = code.max(exit::FINDINGS);
                if args.common.format == Format::Text {
                    print(file, &fault, explanation.as_deref());
                } else if let Some(explanation) = explanation {
                    fault.message = format!("{}\n{explanation}", fault.message);
                }
                findings.push(finding(file, fault));
            }
            Err(error) => {
                // The other files can still be checked.
                code = exit::HEAL_FAILED;
                show::error_line(&format!("{error:#}"));
            }
        }
    }
    match args.common.format {
        Format::Text => {}
        Format::Json => super::out::json(&findings)?,
        Format::Github => out!("{}", findings::github(&findings)),
        Format::Sarif => super::out::json(&findings::sarif(&findings))?,
    }
    Ok(code)
}

fn finding(file: &Path, fault: Fault) -> Finding {
    let known = |number| Some(number).filter(|it| *it > 0);
    Finding {
        rule: Some("syntax".to_owned()),
        severity: Severity::Error,
        message: fault.message,
        place: Some(Place {
            file: file.display().to_string(),
            line: known(fault.line),
            column: known(fault.column),
        }),
    }
}

/// Source files of the current folder that some environment knows.
fn in_folder(base: &Base, engine: &Engine) -> Vec<PathBuf> {
    let cwd = base.world.cwd();
    base.world
        .read_dir(&cwd)
        .unwrap_or_default()
        .into_iter()
        .filter(|path| base.world.is_file(path) && validator::environment_of(engine.rules(), path).is_some())
        .map(|path| path.strip_prefix(&cwd).map(Path::to_path_buf).unwrap_or(path))
        .collect()
}

/// The environment's own program decides; where it is not installed, the engine's parser does.
fn one(base: &Base, engine: &Arc<Engine>, file: &Path) -> anyhow::Result<Option<(Fault, Option<String>)>> {
    let content = super::scan::read(file)?;
    let Some(environment) = fix::environment_of(base, engine, file) else {
        anyhow::bail!("{}: no environment knows this kind of file", file.display());
    };
    let language = environment.checks.language;
    let own = |version: Option<&str>| language.and_then(|it| language::parses(it, &content, version).err());
    let Some(argv) = fix::check_command(base, engine, file) else {
        anyhow::ensure!(
            language.is_some(),
            "{}: no program is installed that could check it",
            file.display()
        );
        return Ok(own(None).map(|fault| (fault, None)));
    };
    let mut subject = CaptureSubject::new(argv, base.world.cwd(), Arc::clone(engine));
    let attempt = subject.attempt(&[], None)?;
    if attempt.success {
        return Ok(None);
    }
    let (mut fault, explanation) = told(base, engine, &subject, &attempt, file);
    // Most programs know the line only; the parser also knows where in it.
    if let Some(own) = own(None).filter(|own| own.line > 0 && (fault.line == 0 || fault.line == own.line))
        && fault.column == 0
    {
        (fault.line, fault.column) = (own.line, own.column);
    }
    Ok(Some((fault, explanation)))
}

/// What the program said of the file, and what the likeliest cause is.
fn told(
    base: &Base,
    engine: &Arc<Engine>,
    subject: &CaptureSubject,
    attempt: &Attempt,
    file: &Path,
) -> (Fault, Option<String>) {
    let cwd = base.world.cwd();
    let surroundings = Surroundings {
        engine,
        argv: subject.argv(),
        cwd: &cwd,
        probes: &RealProbes::new(&*base.world),
        policy: Policy {
            dry_run: true,
            ..base.policy(&args::Common::default())
        },
        seen: &BTreeMap::new(),
    };
    let diagnosis = surroundings.diagnose(attempt);
    let file = base.world.absolute(file);
    let here = |it: &&Analysis| it.error.location.as_ref().is_some_and(|at| at.file == file);
    let errors = &diagnosis.errors;
    let analysis = errors.iter().find(here).or(errors.first());
    let error = analysis.map(|it| &it.error);
    let location = error.and_then(|it| it.location.as_ref()).filter(|at| at.file == file);
    let explanation = analysis
        .and_then(|it| it.causes.first())
        .map(|it| it.explanation.clone());
    let fault = Fault {
        line: location.and_then(|at| at.line).unwrap_or(0),
        column: location.and_then(|at| at.column).unwrap_or(0),
        message: error.map_or_else(|| "does not parse".to_owned(), |it| it.message.clone()),
    };
    (fault, explanation)
}

fn print(file: &Path, fault: &Fault, explanation: Option<&str>) {
    let place: Vec<String> = [fault.line, fault.column]
        .iter()
        .take_while(|it| **it > 0)
        .map(|it| format!(":{it}"))
        .collect();
    let name = file.display().to_string();
    outln!(
        "{}{}: error: {}",
        clean_line(&name),
        place.concat(),
        clean_line(&fault.message)
    );
    let gutter = fault.line.to_string();
    let pad = " ".repeat(gutter.len());
    if let Some(line) = show::source_line(file, fault.line) {
        outln!(" {pad} |\n {gutter} | {}", clean_line(&line.replace('\t', "    ")));
        if let Some(before) = (fault.column as usize).checked_sub(1) {
            let tabs = line.chars().take(before).filter(|it| *it == '\t').count();
            outln!(" {pad} | {}^", " ".repeat(before + 3 * tabs));
        }
    }
    if let Some(explanation) = explanation {
        outln!(" {pad} = {}", clean_line(explanation));
    }
}
