//! One example through the code that heals: scan, detect, analyze, rank.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::world;
use crate::analyzer::{Analysis, Context, analyze};
use crate::detector::{DetectContext, Matcher, Scan, ScanOptions, Scanner, StreamKind, WorldFiles, detect, recognise};
use crate::orchestrator::{base_folder, rank};
use crate::pack::RuleSet;
use crate::pack::model::{Example, StreamName};
use crate::template::Renderer;
use crate::world::World;

/// What examples run through.
#[derive(Debug)]
pub struct Engine<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// Their patterns.
    pub matcher: Arc<Matcher>,
    /// Templates.
    pub renderer: Renderer,
}

impl<'a> Engine<'a> {
    /// Of a rule set.
    #[must_use]
    pub fn new(rules: &'a RuleSet) -> Self {
        Self {
            rules,
            matcher: Arc::new(Matcher::new(rules)),
            renderer: Renderer::new(),
        }
    }
}

/// What came of an example.
#[derive(Debug)]
pub struct Ran {
    /// What the detector found.
    pub scan: Scan,
    /// Errors in the order in which healing would take them, each with its causes.
    pub errors: Vec<Analysis>,
}

impl Ran {
    /// The error that a rule found, best first.
    #[must_use]
    pub fn of(&self, rule: usize) -> Option<&Analysis> {
        let own = || self.errors.iter().filter(|a| a.error.rule == Some(rule));
        own().find(|a| !a.causes.is_empty()).or_else(|| own().next())
    }

    /// The error that would be healed first.
    #[must_use]
    pub fn first(&self) -> Option<&Analysis> {
        self.errors.iter().find(|a| !a.causes.is_empty())
    }
}

/// Runs an example. Where it names no command, its output is taken to come from `own`, the
/// environment of its rule.
///
/// # Errors
/// The example itself is wrong.
pub fn run(engine: &Engine<'_>, example: &Example, own: Option<&str>) -> Result<Ran, String> {
    let world = world::of(example)?;
    let files = WorldFiles(&world);
    let folder = world::folder(example);
    let project = folder.as_path();
    let argv = world::command(example);
    let cwd = &base_folder(engine.rules, &world, &argv, project);
    let exit_code = Some(example.exit_code.unwrap_or(1));
    let stream = match example.stream {
        Some(StreamName::Stdout) => StreamKind::Stdout,
        Some(StreamName::Stderr) => StreamKind::Stderr,
        None => StreamKind::Both,
    };
    let mut scanner = Scanner::new(Arc::clone(&engine.matcher), ScanOptions::default());
    scanner.feed(stream, example.output.as_bytes());
    let scan = scanner.finish();
    let env = |name: &str| world.env(name).map(|v| v.to_string_lossy().into_owned());
    let recognised = recognise(&argv, cwd, &env, &files, engine.rules);
    let detected = detect(
        &scan,
        engine.rules,
        &DetectContext {
            cwd,
            project_root: project,
            recognised: &recognised,
            exit_code,
            files: &files,
        },
    );
    let programs: BTreeMap<String, PathBuf> = recognised
        .programs
        .iter()
        .map(|(name, p)| (name.clone(), p.path.clone()))
        .collect();
    let output: Vec<String> = scan.kept();
    let (seen, extra) = (BTreeMap::new(), world::extra(example));
    let context = Context {
        world: &world,
        rules: engine.rules,
        renderer: &engine.renderer,
        probes: &world::Canned(&example.probes),
        cwd,
        project,
        writable: &[],
        argv: &argv,
        exit_code,
        programs: &programs,
        environment: recognised.environment.as_deref(),
        output: &output,
        interactive: false,
        seen: &seen,
        extra: &extra,
    };
    let mut errors: Vec<Analysis> = detected.iter().map(|error| analyze(error, &context)).collect();
    let own = if argv.is_empty() { own } else { None };
    rank(&mut errors, recognised.environment.as_deref().or(own), engine.rules);
    Ok(Ran { scan, errors })
}
