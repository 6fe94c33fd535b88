//! Going on at the step that failed, where an earlier step did what must not be done twice.
//!
//! What a step is, and which are harmless, stands in packs; here are lines, names and indentation.

use std::path::Path;

use regex::Regex;

use super::candidates::Diagnosis;
use super::engine::Engine;
use super::folder::files;
use crate::pack::model::{CaptureType, Resume};
use crate::template::{Value, Vars};
use crate::world::World;

/// Files beyond this size define no steps.
const LARGEST: u64 = 1 << 20;

/// A command that begins at the failed step, and why it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumed {
    /// The command.
    pub argv: Vec<String>,
    /// Why, for people.
    pub why: String,
}

struct Step {
    name: String,
    changed: bool,
}

/// Whether the run must go on at its failed step: `None` where all may be repeated.
///
/// # Errors
/// It must, and cannot; in words for people.
pub fn resume(
    config: &Resume,
    engine: &Engine,
    diagnosis: &Diagnosis,
    argv: &[String],
    cwd: &Path,
    own: bool,
) -> Result<Option<Resumed>, String> {
    let (Ok(begins), Ok(changed)) = (Regex::new(&config.step), Regex::new(&config.changed)) else {
        return Ok(None);
    };
    let mut steps: Vec<Step> = Vec::new();
    for line in &diagnosis.output {
        if let Some(name) = begins.captures(line).and_then(|c| c.name("step")) {
            steps.push(Step {
                name: name.as_str().to_owned(),
                changed: false,
            });
        } else if let Some(last) = steps.last_mut() {
            last.changed |= changed.is_match(line);
        }
    }
    let Some((failed, earlier)) = steps.split_last() else {
        return Ok(None);
    };
    let world = &*engine.setup.world;
    let Some(done) = (earlier.iter()).find(|s| s.changed && !may_be_repeated(config, engine, world, cwd, &s.name))
    else {
        return Ok(None);
    };
    let why = format!("`{}` has changed something that may not be done twice", done.name);
    if !own {
        return Err(format!(
            "{why}, and the command begins at its top; `--yes` says that it may"
        ));
    }
    let unique = steps.iter().filter(|s| s.name == failed.name).count() == 1;
    if !unique || failed.name.contains(['*', '?', '[', ']']) {
        return Err(format!("{why}, and the failed step has no name of its own to go on at"));
    }
    let mut argv = argv.to_vec();
    for argument in &config.arguments {
        match engine.renderer.text(argument, &vars(&failed.name)) {
            Ok(argument) => argv.push(argument),
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(Some(Resumed { argv, why }))
}

fn vars(step: &str) -> Vars {
    let mut vars = Vars::default();
    vars.set("step", Value::typed(step, CaptureType::Text));
    vars
}

/// Whether a step's definition, wherever it stands, says nothing against doing it again.
fn may_be_repeated(config: &Resume, engine: &Engine, world: &dyn World, cwd: &Path, step: &str) -> bool {
    let Ok(unrepeatable) = Regex::new(&config.unrepeatable) else {
        return true;
    };
    let harmless = config.harmless.as_ref().and_then(|r| Regex::new(r).ok());
    // `role : name` is defined as `name`.
    let name = step.split_once(" : ").map_or(step, |(_, name)| name);
    let defined = engine.renderer.regex(&config.defined, &vars(name)).ok();
    let Some(defined) = defined.and_then(|r| Regex::new(&r).ok()) else {
        return true;
    };
    files(world, cwd, &config.files).into_iter().all(|file| {
        if world.stat(&file).map_or(true, |m| m.len > LARGEST) {
            return true;
        }
        let Ok(text) = world.read_to_string(&file) else {
            return true;
        };
        definitions(&text, &defined).iter().all(|lines| {
            let says = |regex: &Regex| lines.iter().any(|l| regex.is_match(l));
            !says(&unrepeatable) || harmless.as_ref().is_some_and(says)
        })
    })
}

/// The lines of each definition: the one that begins it, and those that are indented deeper.
fn definitions<'t>(text: &'t str, defined: &Regex) -> Vec<Vec<&'t str>> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = text.lines().collect();
    let begins = |n: &usize| defined.is_match(lines[*n]);
    (0..lines.len())
        .filter(begins)
        .map(|n| {
            let deeper = |l: &&&str| l.trim().is_empty() || depth(l) > depth(lines[n]);
            let rest = lines[n + 1..].iter().take_while(deeper);
            std::iter::once(&lines[n]).chain(rest).copied().collect()
        })
        .collect()
}
