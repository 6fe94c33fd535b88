//! `heal fix FILE…|-`: heals from a captured log, or a source file that does not parse.

use std::path::Path;
use std::sync::Arc;

use super::args;
use super::common::{Base, colored};
use super::show::{self, Printer, Terminal};
use super::{exit, run, scan};
use crate::detector::{Recognised, WorldFiles, recognise};
use crate::orchestrator::{
    self, Approver, CaptureSubject, Engine, FinalResult, HealingSession, NeverAsk, Options, ReadSubject, Subject,
};
use crate::pack::model::{CaptureType, Checks, Environment};
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
        let source = file != Path::new("-") && !is_log(file) && environment_of(&base, &engine, file).is_some();
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

/// The environment that a file belongs to: by its name, or by the interpreter that it asks for.
pub fn environment_of<'a>(base: &Base, engine: &'a Engine, file: &Path) -> Option<&'a Environment> {
    validator::environment_of(engine.rules(), file).or_else(|| {
        let name = recognised(base, engine, file).environment?;
        engine.rules().environments.get(&name).map(|it| &**it)
    })
}

/// The command that checks the syntax of a file, with its programs filled in.
pub fn check_command(base: &Base, engine: &Engine, file: &Path) -> Option<Vec<String>> {
    commands(base, engine, file, |checks| &checks.syntax).next()
}

/// Commands of the checks of a file's environment, with its programs filled in; those that can be run here.
pub fn commands<'a>(
    base: &'a Base,
    engine: &'a Engine,
    file: &Path,
    which: impl Fn(&'a Checks) -> &'a Vec<Vec<String>>,
) -> impl Iterator<Item = Vec<String>> + 'a {
    let mut vars = Vars::default();
    vars.set("file", Value::typed(file.to_string_lossy(), CaptureType::Path));
    for (name, program) in &recognised(base, engine, file).programs {
        vars.set(
            &format!("ctx.{name}"),
            Value::typed(program.path.to_string_lossy(), CaptureType::Path),
        );
    }
    let templates = environment_of(base, engine, file).map(|it| which(&it.checks).as_slice());
    templates.unwrap_or_default().iter().filter_map(move |templates| {
        let argv: Vec<String> = templates
            .iter()
            .map(|t| engine.renderer.text(t, &vars).ok())
            .collect::<Option<_>>()?;
        base.world.which(argv.first()?).map(|_| argv)
    })
}

fn recognised(base: &Base, engine: &Engine, file: &Path) -> Recognised {
    let env = |name: &str| base.world.env(name).map(|v| v.to_string_lossy().into_owned());
    let argv = [base.world.absolute(file).to_string_lossy().into_owned()];
    recognise(
        &argv,
        &base.world.cwd(),
        &env,
        &WorldFiles(&*base.world),
        engine.rules(),
    )
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
        quiet: args.common.quiet || args.common.format.is_document(),
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
