//! `heal fix FILE…|-`: heals from a captured log, or a source file that does not parse.

use std::path::Path;
use std::sync::Arc;

use super::args;
use super::common::{Base, colored};
use super::show::{self, Printer, Terminal};
use super::{exit, run, scan};
use crate::detector::{WorldFiles, recognise};
use crate::orchestrator::{
    self, Approver, CaptureSubject, Engine, FinalResult, HealingSession, NeverAsk, Options, ReadSubject, Subject,
};
use crate::pack::model::CaptureType;
use crate::template::{Value, Vars};
use crate::validator;

pub fn fix(args: args::Fix) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    if args.syntax {
        return super::syntax::fix(&args, &base);
    }
    base.recover(args.common.quiet);
    let engine = Arc::new(base.engine()?);
    let mut code = exit::OK;
    for file in &args.files {
        let source =
            file != Path::new("-") && !is_log(file) && validator::environment_of(engine.rules(), file).is_some();
        let healed = if source {
            source_file(&args, &base, &engine, file)?
        } else {
            log(&args, &base, &engine, file)?
        };
        let fine = healed.is_none_or(|h| {
            matches!(
                h.final_result,
                FinalResult::Success | FinalResult::Applied | FinalResult::NothingToDo | FinalResult::DryRun
            )
        });
        if !fine {
            code = exit::FINDINGS;
        }
    }
    Ok(code)
}

fn is_log(file: &Path) -> bool {
    file.extension()
        .is_some_and(|e| e == "log" || e == "txt" || e == "out" || e == "err")
}

fn log(args: &args::Fix, base: &Base, engine: &Arc<Engine>, file: &Path) -> anyhow::Result<Option<HealingSession>> {
    let subject = ReadSubject {
        argv: Vec::new(),
        cwd: base.world.cwd(),
        input: scan::open(file)?,
        code: args.exit_code,
        engine: Arc::clone(engine),
    };
    // A log cannot be run again: what is applied from it is not proven, and said so.
    heal(args, base, Box::new(subject), true).map(Some)
}

/// A source file is healed by healing its environment's own syntax check.
fn source_file(
    args: &args::Fix,
    base: &Base,
    engine: &Arc<Engine>,
    file: &Path,
) -> anyhow::Result<Option<HealingSession>> {
    let Some(argv) = check_command(base, engine, file) else {
        show::error_line(&format!(
            "{}: no program is installed that could check it",
            file.display()
        ));
        return Ok(None);
    };
    let subject = CaptureSubject::new(argv, base.world.cwd(), Arc::clone(engine));
    let healed = heal(args, base, Box::new(subject), false)?;
    if healed.final_result == FinalResult::NothingToDo && !args.common.quiet {
        show::line(&format!("heal: {}: nothing to fix", file.display()));
    }
    Ok(Some(healed))
}

/// The command that checks the syntax of a file, with its programs filled in.
pub fn check_command(base: &Base, engine: &Engine, file: &Path) -> Option<Vec<String>> {
    let environment = validator::environment_of(engine.rules(), file)?;
    let cwd = base.world.cwd();
    let env = |name: &str| base.world.env(name).map(|v| v.to_string_lossy().into_owned());
    let files = WorldFiles(&*base.world);
    let recognised = recognise(
        &[file.to_string_lossy().into_owned()],
        &cwd,
        &env,
        &files,
        engine.rules(),
    );
    let mut vars = Vars::default();
    vars.set("file", Value::typed(file.to_string_lossy(), CaptureType::Path));
    for (name, program) in &recognised.programs {
        vars.set(
            &format!("ctx.{name}"),
            Value::typed(program.path.to_string_lossy(), CaptureType::Path),
        );
    }
    environment.checks.syntax.iter().find_map(|templates| {
        let argv: Vec<String> = templates
            .iter()
            .map(|t| engine.renderer.text(t, &vars).ok())
            .collect::<Option<_>>()?;
        base.world.which(argv.first()?).map(|_| argv)
    })
}

fn heal(
    args: &args::Fix,
    base: &Base,
    mut subject: Box<dyn Subject>,
    no_rerun: bool,
) -> anyhow::Result<HealingSession> {
    let policy = base.policy(&args.common);
    let mut printer = Printer {
        color: colored(args.common.color),
        quiet: args.common.quiet || args.common.format == args::Format::Json,
        verbose: args.common.verbose,
        redactor: base.redactor.clone(),
        root: base.loaded.root.clone(),
    };
    let asker = Printer {
        redactor: base.redactor.clone(),
        root: base.loaded.root.clone(),
        ..printer
    };
    let mut terminal = Terminal { printer: &asker };
    let approver: &mut dyn Approver = if policy.can_ask { &mut terminal } else { &mut NeverAsk };
    let options = Options {
        policy,
        no_rerun,
        wait: false,
    };
    let argv = subject.argv().to_vec();
    let healed = orchestrator::heal(&mut *subject, options, &mut printer, approver)?;
    run::finish(
        &healed,
        base,
        &printer,
        &argv,
        args.common.format,
        args.patch.as_deref(),
    )?;
    Ok(healed)
}
