//! The allow-list of commands.
//!
//! An entry of the config is a short name (`pip`), words (`pip install`) or a path. A short name for
//! which packs declare `fix_commands` stands for those argument prefixes only; one that no pack
//! speaks of stands for the program itself, which is then the site's own decision.

use std::path::{Path, PathBuf};

use crate::pack::RuleSet;
use crate::template::{Renderer, Vars};
use crate::world::World;

/// What may run.
#[derive(Debug, Clone, Default)]
pub struct AllowList {
    prefixes: Vec<Vec<String>>,
}

impl AllowList {
    /// From the config's entries, the packs' declarations, and the variables `ctx.…` of a session.
    #[must_use]
    pub fn new(entries: &[String], rules: &RuleSet, renderer: &Renderer, vars: &Vars) -> Self {
        let mut prefixes = Vec::new();
        for entry in entries {
            let declared: Vec<&Vec<Vec<String>>> = rules
                .environments
                .values()
                .filter_map(|e| e.fix_commands.get(entry))
                .collect();
            if declared.is_empty() {
                prefixes.push(entry.split_whitespace().map(str::to_owned).collect());
            }
            for templates in declared.into_iter().flatten() {
                let words: Option<Vec<String>> = templates.iter().map(|t| renderer.text(t, vars).ok()).collect();
                prefixes.extend(words.filter(|w| !w.iter().any(String::is_empty)));
            }
        }
        prefixes.retain(|p: &Vec<String>| !p.is_empty());
        Self { prefixes }
    }

    /// Whether a command may run, and as which program file.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, argv: &[String], world: &dyn World, project: &Path) -> Result<PathBuf, String> {
        let Some(program) = argv.first() else {
            return Err("the command is empty".to_owned());
        };
        let fits = |prefix: &Vec<String>| {
            let same_program = if prefix[0].contains('/') || program.contains('/') {
                prefix[0] == *program
                    || (prefix[0].contains('/') == program.contains('/') && same_file(world, &prefix[0], program))
            } else {
                prefix[0] == *program
            };
            same_program && argv.len() >= prefix.len() && argv[1..].iter().zip(&prefix[1..]).all(|(a, p)| a == p)
        };
        if !self.prefixes.iter().any(fits) {
            return Err(format!(
                "`{}` is not on the allow-list (safety.allowed_external_commands)",
                argv.iter().take(3).cloned().collect::<Vec<_>>().join(" ")
            ));
        }
        let resolved = world
            .which(program)
            .ok_or_else(|| format!("`{program}` is not installed"))?;
        // A bare name must not be answered by a program that lies in the project: anybody who can
        // write there could have put it in the way.
        if !program.contains('/') {
            let real = world.canonicalize(&resolved).unwrap_or_else(|_| resolved.clone());
            let root = world.canonicalize(project).unwrap_or_else(|_| project.to_path_buf());
            let environment = resolved
                .parent()
                .and_then(Path::parent)
                .is_some_and(|p| world.is_file(&p.join("pyvenv.cfg")));
            if real.starts_with(&root) && !environment {
                return Err(format!(
                    "`{program}` on PATH is {}, a file of the project itself",
                    resolved.display()
                ));
            }
        }
        Ok(resolved)
    }
}

fn same_file(world: &dyn World, a: &str, b: &str) -> bool {
    match (world.canonicalize(Path::new(a)), world.canonicalize(Path::new(b))) {
        // A virtual environment's interpreter is a link to the system's: the link itself counts.
        (Ok(x), Ok(y)) => x == y && Path::new(a).parent() == Path::new(b).parent(),
        _ => false,
    }
}
