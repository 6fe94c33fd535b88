//! The world of an example: its files, programs and canned probes, and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::analyzer::{ProbeOutput, Probes};
use crate::pack::model::{Example, Map, ShortText};
use crate::world::{Memory, World};

/// The folder in which an example's command runs, where its output names no other.
pub const FOLDER: &str = "/project";

/// The folder in which an example's command ran: real output often names the project's files by
/// their absolute paths (`/srv/app/site.yml` for the file `site.yml`).
#[must_use]
pub fn folder(example: &Example) -> PathBuf {
    let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
    for file in example.files.keys().filter(|f| !f.starts_with('/')) {
        let tail = format!("/{}", file.trim_end_matches('/'));
        for (at, _) in example.output.match_indices(&tail) {
            let ends = example.output[at + tail.len()..]
                .chars()
                .next()
                .is_none_or(|c| !(c.is_alphanumeric() || c == '.' || c == '/'));
            let before = &example.output[..at];
            let start = before
                .rfind(|c: char| !(c.is_alphanumeric() || "/._-+".contains(c)))
                .map_or(0, |i| i + 1);
            let prefix = before.get(start..).unwrap_or_default();
            if ends && prefix.starts_with('/') {
                *votes.entry(prefix).or_insert(0) += 1;
            }
        }
    }
    let best = votes
        .into_iter()
        .max_by_key(|(prefix, count)| (*count, std::cmp::Reverse(prefix.len())));
    PathBuf::from(best.map_or(FOLDER, |(prefix, _)| prefix))
}

/// Answers of probes as the example gives them; a probe that it does not name cannot be run.
#[derive(Debug)]
pub struct Canned<'a>(pub &'a Map<ShortText>);

impl Probes for Canned<'_> {
    fn run(&self, name: &str, _: &[String], _: &Path, _: u32) -> ProbeOutput {
        self.0.get(name).map_or_else(ProbeOutput::default, |text| ProbeOutput {
            stdout: text.0.clone(),
            code: Some(0),
        })
    }
}

/// The world of an example.
///
/// # Errors
/// A mode that is not octal.
pub fn of(example: &Example) -> Result<Memory, String> {
    let mut world = Memory::new()
        .with_cwd(folder(example))
        .with_env("HOME", "/home/user")
        .with_env("USER", "user")
        .with_env("PATH", "/usr/bin");
    for (path, content) in &example.files {
        world = if path.ends_with('/') {
            world.with_dir(path)
        } else {
            world.with_file(path, &content.0)
        };
    }
    for (name, value) in &example.env {
        world = world.with_env(name, &value.0);
    }
    for name in &example.programs {
        world = world.with_program(name);
    }
    for (path, mode) in &example.modes {
        let bits = u32::from_str_radix(mode.0.trim_start_matches("0o"), 8)
            .ok()
            .filter(|bits| *bits <= 0o7777)
            .ok_or_else(|| format!("the mode `{mode}` of `{path}` is not octal"))?;
        world
            .set_mode(&folder(example).join(path), bits)
            .map_err(|_| format!("`modes` names `{path}`, which is not among the files"))?;
    }
    let root = |text: Option<&str>| text == Some("root");
    let is_root =
        root(example.ctx.get("user").map(|t| t.0.as_str())) || root(example.env.get("USER").map(|t| t.0.as_str()));
    Ok(world.with_root(is_root))
}

/// The command of an example: as given, or as its context variables say.
#[must_use]
pub fn command(example: &Example) -> Vec<String> {
    if let Some(command) = &example.command {
        return command.clone();
    }
    let Some(program) = example.ctx.get("command") else {
        return Vec::new();
    };
    let mut argv = vec![program.0.clone()];
    if let Some(args) = example.ctx.get("args") {
        argv.extend(shlex::split(&args.0).unwrap_or_default());
    }
    argv
}

/// The further context variables of an example.
#[must_use]
pub fn extra(example: &Example) -> BTreeMap<String, String> {
    let own = ["command", "args"];
    let given = example.ctx.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    given.map(|(name, value)| (name.clone(), value.0.clone())).collect()
}
