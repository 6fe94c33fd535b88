//! `heal scan FILE…|-`: says what went wrong; changes nothing.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::args::{self, Format};
use super::common::{Base, colored};
use super::exit;
use super::findings;
use super::show::Printer;
use crate::orchestrator::{Diagnosis, Engine, ReadSubject, RealProbes, Report, Subject, Surroundings};

pub fn scan(args: args::Scan) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    let engine = Arc::new(base.engine()?);
    let printer = Printer {
        color: colored(args.common.color),
        quiet: args.common.quiet,
        verbose: args.common.verbose,
        redactor: base.redactor.clone(),
        root: base.loaded.root.clone(),
    };
    let mut reports = Vec::new();
    for file in &args.files {
        let diagnosis = diagnose(&base, &args, &engine, open(file)?)?;
        if args.common.format == Format::Text {
            for index in 0..diagnosis.errors.len() {
                out!("{}", printer.error(&diagnosis, index));
            }
            if diagnosis.errors.is_empty() {
                outln!("{}: no error found", file.display());
            }
        } else {
            reports.push(Report::of_diagnosis(&[], &diagnosis, &base.redactor, &base.loaded.root));
        }
    }
    let findings = || reports.iter().flat_map(findings::of).collect::<Vec<_>>();
    match (args.common.format, reports.as_slice()) {
        (Format::Text, _) => {}
        (Format::Json, [one]) => super::out::json(one)?,
        (Format::Json, many) => super::out::json(many)?,
        (Format::Github, _) => out!("{}", findings::github(&findings())),
        (Format::Sarif, _) => super::out::json(&findings::sarif(&findings()))?,
    }
    Ok(exit::OK)
}

fn diagnose(base: &Base, args: &args::Scan, engine: &Arc<Engine>, input: Box<dyn Read>) -> anyhow::Result<Diagnosis> {
    let mut subject = ReadSubject {
        argv: Vec::new(),
        cwd: base.world.cwd(),
        input,
        code: args.exit_code,
        engine: Arc::clone(engine),
    };
    let attempt = subject.attempt(&[], None)?;
    let probes = RealProbes::new(&*base.world);
    let cwd = base.world.cwd();
    let surroundings = Surroundings {
        engine,
        argv: &[],
        cwd: &cwd,
        probes: &probes,
        policy: base.policy(&args.common),
        seen: &BTreeMap::new(),
    };
    Ok(surroundings.diagnose(&attempt))
}

/// A log, read as it comes, or standard input for `-`.
///
/// # Errors
/// It cannot be opened, or is a folder or a device.
pub fn open(file: &Path) -> anyhow::Result<Box<dyn Read>> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let meta = std::fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
    anyhow::ensure!(!meta.is_dir(), "{} is a folder", file.display());
    let opened = std::fs::File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Box::new(opened))
}

/// A source file, as a whole, or standard input for `-`.
///
/// # Errors
/// It cannot be read.
pub fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .context("standard input")?;
    } else {
        let meta = std::fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
        anyhow::ensure!(meta.is_file(), "{} is not a regular file", file.display());
        std::fs::File::open(file)
            .and_then(|mut f| f.read_to_end(&mut bytes))
            .with_context(|| format!("cannot read {}", file.display()))?;
    }
    Ok(bytes)
}
