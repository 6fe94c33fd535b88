//! `heal check FILE…` and `heal check --rules [PATH…]`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args;
use super::common::Base;
use super::{exit, show};
use crate::diagnostic::clean_line;
use crate::language::{self, Fault};
use crate::orchestrator::Engine;
use crate::validator;

pub fn check(args: args::Check) -> anyhow::Result<u8> {
    if args.rules {
        return super::check_rules::check(&args);
    }
    let base = Base::new(&args.common)?;
    let engine = Arc::new(base.engine()?);
    let mut code = exit::OK;
    let files = if args.files.is_empty() {
        in_folder(&base, &engine)
    } else {
        args.files.clone()
    };
    for file in &files {
        match one(&base, &engine, file)? {
            None => {
                if args.common.verbose {
                    show::line(&format!("heal: {}: fine", file.display()));
                }
            }
            Some(fault) => {
                code = exit::FINDINGS;
                print(file, &fault);
            }
        }
    }
    Ok(code)
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

fn one(base: &Base, engine: &Arc<Engine>, file: &Path) -> anyhow::Result<Option<Fault>> {
    let content = super::scan::read(file)?;
    let Some(environment) = validator::environment_of(engine.rules(), file) else {
        anyhow::bail!("{}: no environment knows this kind of file", file.display());
    };
    if let Some(language) = environment.checks.language
        && let Err(fault) = language::parses(language, &content, None)
        && fault.line > 0
    {
        return Ok(Some(fault));
    }
    let Some(argv) = super::fix::check_command(base, engine, file) else {
        return Ok(None);
    };
    let captured = crate::exec::capture(
        &crate::exec::Command::new(&argv),
        &crate::exec::CaptureLimits::default(),
    )?;
    if captured.success() {
        return Ok(None);
    }
    let text = [captured.stderr, captured.stdout].concat();
    let text = String::from_utf8_lossy(&text);
    let message = text
        .lines()
        .map(str::trim)
        .rfind(|l| !l.is_empty())
        .unwrap_or("does not parse")
        .to_owned();
    let number = regex::Regex::new(r"\bline (\d+)")
        .ok()
        .and_then(|r| r.captures_iter(&text).last().and_then(|c| c[1].parse().ok()));
    Ok(Some(Fault {
        line: number.unwrap_or(0),
        column: 0,
        message,
    }))
}

fn print(file: &Path, fault: &Fault) {
    outln!(
        "{}:{}:{}: error: {}",
        file.display(),
        fault.line,
        fault.column,
        clean_line(&fault.message)
    );
    let Some(text) = std::fs::read(file)
        .ok()
        .map(|b| String::from_utf8_lossy(&b).into_owned())
    else {
        return;
    };
    let Some(line) = (fault.line as usize)
        .checked_sub(1)
        .and_then(|n| text.lines().nth(n).map(str::to_owned))
    else {
        return;
    };
    let gutter = fault.line.to_string();
    let pad = " ".repeat(gutter.len());
    outln!(" {pad} |\n {gutter} | {}", clean_line(&line.replace('\t', "    ")));
    if fault.column > 0 {
        outln!(" {pad} | {}^", " ".repeat((fault.column as usize).saturating_sub(1)));
    }
}
