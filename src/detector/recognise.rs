//! Which environment a command belongs to, and which run-time program it uses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::command::{base, environment_of, glob, inner, is_one_of, runtime, shebang, shell_text};
use super::files::Files;
use super::place::absolute;
use crate::pack::RuleSet;

/// How a run-time program was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It is the command's own program.
    Command,
    /// The shebang of the program that was called.
    Shebang,
    /// A script or file of the project that the command runs names it.
    Script,
    /// First on PATH.
    Path,
}

/// A run-time program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its path: absolute where it could be resolved, else as written.
    pub path: PathBuf,
    /// How it was found.
    pub how: Found,
}

/// What a command is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognised {
    /// The environment of the command itself.
    pub environment: Option<String>,
    /// The run-time program of each environment that has one here.
    pub programs: BTreeMap<String, Program>,
    /// The command behind wrappers and `sh -c`, where it differs from the command.
    pub inner: Option<Vec<String>>,
}

/// Longest script that is read, in bytes.
const SCRIPT: usize = 256 << 10;
/// How far scripts that run scripts are followed.
const DEEPEST: usize = 3;
/// Files in which build tools that take no file argument find what to run.
const BUILD_FILES: [&str; 5] = ["Makefile", "makefile", "GNUmakefile", "justfile", "Justfile"];

/// Recognises a command. `env` looks up variables of the command.
#[must_use]
pub fn recognise(
    argv: &[String],
    cwd: &Path,
    env: &dyn Fn(&str) -> Option<String>,
    files: &dyn Files,
    rules: &RuleSet,
) -> Recognised {
    let look = Look { cwd, env, files };
    let on_path = |name: &str| look.resolve(name).is_some();
    let inner = inner(argv, rules, &on_path);
    let Some(program) = inner.first() else {
        return Recognised::default();
    };
    let path = look.resolve(program);
    let head = path.as_ref().and_then(|p| files.read(p, 4096));
    let shebang = head.as_deref().and_then(shebang);
    let by_shebang = || {
        // The interpreter, or the word that `env` finds it by.
        let words = shebang.as_ref()?;
        words.iter().find_map(|w| environment_of(w, rules))
    };
    let by_file = || {
        rules
            .environments
            .iter()
            .find(|(_, e)| e.files.iter().any(|g| glob(g, base(program))))
            .map(|(name, _)| name.as_str())
    };
    let by_module = || {
        let at = inner.iter().position(|w| w == "-m")?;
        let module = inner.get(at + 1)?;
        environment_of(module.split('.').next()?, rules)
    };
    let own = environment_of(program, rules);
    let environment = own
        .and_then(|_| by_module())
        .or(own)
        .or_else(by_shebang)
        .or_else(by_file)
        .map(str::to_owned);
    let mut programs = BTreeMap::new();
    for (name, e) in &rules.environments {
        let names = runtime(e);
        let found = look
            .by_command(program, names)
            .or_else(|| look.by_shebang(head.as_deref(), names))
            .or_else(|| look.by_script(argv, &inner, names))
            .or_else(|| look.by_path(names));
        if let Some(found) = found {
            programs.insert(name.clone(), found);
        }
    }
    Recognised {
        environment,
        programs,
        inner: (inner != argv).then_some(inner),
    }
}

/// Where programs are looked for.
struct Look<'a> {
    cwd: &'a Path,
    env: &'a dyn Fn(&str) -> Option<String>,
    files: &'a dyn Files,
}

impl Look<'_> {
    /// The file that a program's name stands for.
    fn resolve(&self, program: &str) -> Option<PathBuf> {
        if program.contains('/') {
            let home = program
                .strip_prefix("~/")
                .and_then(|rest| Some(Path::new(&(self.env)("HOME")?).join(rest)));
            let path = home.unwrap_or_else(|| absolute(program, self.cwd));
            return self.files.exists(&path).then_some(path);
        }
        self.files.which(program)
    }

    fn by_command(&self, program: &str, names: &[String]) -> Option<Program> {
        is_one_of(program, names).then(|| Program {
            path: self.resolve(program).unwrap_or_else(|| PathBuf::from(program)),
            how: Found::Command,
        })
    }

    /// The interpreter named in the first lines of the program (installers put it on the second or
    /// third where the path is too long for a shebang).
    fn by_shebang(&self, head: Option<&[u8]>, names: &[String]) -> Option<Program> {
        let head = head.filter(|h| h.starts_with(b"#!"))?;
        let text = String::from_utf8_lossy(head);
        let first = text.lines().next()?.trim_start_matches("#!");
        let exec = text.lines().skip(1).take(2).find(|l| l.contains("exec"));
        [Some(first), exec].into_iter().flatten().find_map(|line| {
            line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\''))
                .find(|w| is_one_of(w, names))
                .map(|w| Program {
                    path: self.resolve(w).unwrap_or_else(|| PathBuf::from(w)),
                    how: Found::Shebang,
                })
        })
    }

    /// A script that the command runs (or the file of a build tool) names the program.
    fn by_script(&self, argv: &[String], inner: &[String], names: &[String]) -> Option<Program> {
        // What `sh -c` was given is a script too.
        if let Some(found) = shell_text(argv).and_then(|text| self.in_text(text, names, self.cwd, 1)) {
            return Some(found);
        }
        let words = inner.iter().filter(|w| !w.starts_with('-'));
        let named = words.take(3).filter_map(|w| self.script(w, self.cwd));
        let built = BUILD_FILES.iter().map(|f| self.cwd.join(f));
        named.chain(built).find_map(|file| self.in_file(&file, names, DEEPEST))
    }

    /// A file of the project that may be a script.
    fn script(&self, word: &str, folder: &Path) -> Option<PathBuf> {
        let path = absolute(word, folder);
        let path = if self.files.exists(&path) {
            path
        } else {
            absolute(word, self.cwd)
        };
        (path.starts_with(self.cwd) && self.files.exists(&path)).then_some(path)
    }

    fn in_file(&self, file: &Path, names: &[String], depth: usize) -> Option<Program> {
        let text = self.files.read(file, SCRIPT)?;
        if text.contains(&0) {
            return None;
        }
        let folder = file.parent().unwrap_or(self.cwd);
        self.in_text(&String::from_utf8_lossy(&text), names, folder, depth)
    }

    fn in_text(&self, text: &str, names: &[String], folder: &Path, depth: usize) -> Option<Program> {
        let mut variables: BTreeMap<String, String> = BTreeMap::new();
        let mut sourced = None;
        let mut calls = Vec::new();
        for line in text.lines() {
            let line = line.trim();
            if line.starts_with('#') {
                continue;
            }
            if let Some((name, value)) = assignment(line) {
                variables.insert(name.to_owned(), expand(value, &variables));
            }
            let line = expand(line, &variables);
            let words = || {
                line.split(|c: char| {
                    c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '`' | '(' | ')' | '&' | '|' | '@' | '=')
                })
                .filter(|w| !w.is_empty())
            };
            // A sourced file that prepares the environment lies beside the programs that it brings.
            let mut before = words();
            if matches!(before.next(), Some("source" | "."))
                && let Some(bin) = before.next().and_then(|w| Path::new(w).parent())
            {
                sourced = names
                    .iter()
                    .filter(|n| !n.contains('*'))
                    .map(|n| absolute(&bin.join(n).to_string_lossy(), self.cwd))
                    .find(|p| self.files.exists(p))
                    .or(sourced);
            }
            for word in words() {
                if is_one_of(word, names) && word.contains('/') {
                    let path = [folder, self.cwd]
                        .iter()
                        .map(|f| absolute(word, f))
                        .find(|p| self.files.exists(p));
                    if let Some(path) = path {
                        return Some(Program {
                            path,
                            how: Found::Script,
                        });
                    }
                } else if word.contains('/') || word.ends_with("sh") {
                    calls.extend(self.script(word, folder));
                }
            }
        }
        if let Some(path) = sourced {
            return Some(Program {
                path,
                how: Found::Script,
            });
        }
        if depth <= 1 {
            return None;
        }
        calls
            .iter()
            .take(16)
            .find_map(|file| self.in_file(file, names, depth - 1))
    }

    fn by_path(&self, names: &[String]) -> Option<Program> {
        names
            .iter()
            .filter(|n| !n.contains('*'))
            .find_map(|n| self.files.which(n))
            .map(|path| Program { path, how: Found::Path })
    }
}

/// `NAME = value`, `NAME := value`, `NAME ?= value`, `export NAME=value`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name
        .trim_end_matches([' ', ':', '?'])
        .trim_start_matches("export ")
        .trim();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    plain.then(|| (name, value.trim().trim_matches(['"', '\''])))
}

/// Puts known variables in place of `$NAME`, `${NAME}` and `$(NAME)`.
fn expand(text: &str, variables: &BTreeMap<String, String>) -> String {
    if !text.contains('$') {
        return text.to_owned();
    }
    let mut text = text.to_owned();
    for (name, value) in variables {
        for form in [format!("${{{name}}}"), format!("$({name})"), format!("${name}")] {
            text = text.replace(&form, value);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::pack::model::Environment;

    #[derive(Default)]
    struct Fake(BTreeMap<PathBuf, &'static str>);

    impl Files for Fake {
        fn read(&self, path: &Path, _: usize) -> Option<Vec<u8>> {
            self.0.get(path).map(|t| t.as_bytes().to_vec())
        }
        fn exists(&self, path: &Path) -> bool {
            self.0.contains_key(path)
        }
        fn which(&self, name: &str) -> Option<PathBuf> {
            let path = Path::new("/usr/bin").join(name);
            self.0.contains_key(&path).then_some(path)
        }
    }

    fn rules() -> RuleSet {
        let environment = |text: &str| -> Arc<Environment> { Arc::new(serde_json::from_str(text).expect("valid")) };
        RuleSet {
            environments: BTreeMap::from([
                (
                    "snake".to_owned(),
                    environment(
                        r#"{"name":"snake","commands":["snake","snake3","snake3.*","snaketest"],
                           "program":["snake3","snake","snake3.*"],"files":["*.sn"],
                           "wrappers":["env","nice","sudo","timeout"]}"#,
                    ),
                ),
                (
                    "cloud".to_owned(),
                    environment(r#"{"name":"cloud","commands":["cloud","cloud-*"]}"#),
                ),
            ]),
            ..RuleSet::default()
        }
    }

    fn run(command: &str, files: &[(&str, &'static str)]) -> Recognised {
        let fake = Fake(files.iter().map(|(p, t)| (PathBuf::from(p), *t)).collect());
        let argv = shlex::split(command).expect("splits");
        recognise(&argv, Path::new("/w"), &|_| None, &fake, &rules())
    }

    fn snake(r: &Recognised) -> (Option<&str>, Option<(&str, Found)>) {
        let program = r.programs.get("snake");
        (
            r.environment.as_deref(),
            program.map(|p| (p.path.to_str().unwrap_or_default(), p.how)),
        )
    }

    const SNAKE: (&str, &str) = ("/usr/bin/snake3", "");
    const VENV: (&str, &str) = ("/w/.venv/bin/snake", "");

    #[test]
    fn the_command_itself() {
        let r = run("snake3 main.sn", &[SNAKE]);
        assert_eq!(snake(&r), (Some("snake"), Some(("/usr/bin/snake3", Found::Command))));
        assert_eq!(r.inner, None);
        let r = run(".venv/bin/snake main.sn", &[SNAKE, VENV]);
        assert_eq!(snake(&r), (Some("snake"), Some(("/w/.venv/bin/snake", Found::Command))));
        let r = run("snake3.12 x", &[("/usr/bin/snake3.12", "")]);
        assert_eq!(snake(&r), (Some("snake"), Some(("/usr/bin/snake3.12", Found::Command))));
    }

    #[test]
    fn wrappers_and_shells_are_looked_through() {
        for command in [
            "env -u X A=b snake3 main.sn",
            "sudo -u bob nice -n 10 snake3 main.sn",
            "timeout 10 snake3 main.sn",
            "sh -c 'cd x && A=1 snake3 main.sn'",
            "bash -ec 'set -u; env snake3 main.sn | tee log'",
            "env -S 'snake3 -u' main.sn",
        ] {
            let r = run(command, &[SNAKE]);
            assert_eq!(
                snake(&r),
                (Some("snake"), Some(("/usr/bin/snake3", Found::Command))),
                "{command}"
            );
            assert!(r.inner.is_some_and(|i| i[0] == "snake3"), "{command}");
        }
    }

    #[test]
    fn a_tool_names_its_interpreter_in_its_first_line() {
        let tool = ("/w/.venv/bin/snaketest", "#!/w/.venv/bin/snake\nimport x\n");
        let r = run(".venv/bin/snaketest -q", &[SNAKE, VENV, tool]);
        assert_eq!(snake(&r), (Some("snake"), Some(("/w/.venv/bin/snake", Found::Shebang))));
        let long = (
            "/usr/bin/snaketest",
            "#!/bin/sh\n'''exec' \"/w/.venv/bin/snake\" \"$0\" \"$@\"\n",
        );
        let r = run("snaketest", &[SNAKE, VENV, long]);
        assert_eq!(snake(&r).1, Some(("/w/.venv/bin/snake", Found::Shebang)));
        let script = ("/w/run", "#!/usr/bin/env -S snake3 -u\n");
        let r = run("./run", &[SNAKE, script]);
        assert_eq!(snake(&r), (Some("snake"), Some(("/usr/bin/snake3", Found::Shebang))));
    }

    #[test]
    fn a_wrapping_script_names_it() {
        let make = ("/w/Makefile", "VENV ?= .venv\ntest:\n\t$(VENV)/bin/snake main.sn\n");
        let r = run("make test", &[SNAKE, VENV, make]);
        assert_eq!(snake(&r), (None, Some(("/w/.venv/bin/snake", Found::Script))));
        let script = ("/w/run.sh", "#!/bin/sh\n. .venv/bin/activate\nsnake main.sn\n");
        let r = run("./run.sh", &[SNAKE, VENV, script]);
        assert_eq!(snake(&r).1, Some(("/w/.venv/bin/snake", Found::Script)));
        let outer = ("/w/all.sh", "#!/bin/sh\n./run.sh\n");
        let r = run("sh all.sh", &[SNAKE, VENV, script, outer]);
        assert_eq!(snake(&r).1, Some(("/w/.venv/bin/snake", Found::Script)));
    }

    #[test]
    fn else_the_first_on_path_and_else_none() {
        let r = run("make test", &[SNAKE]);
        assert_eq!(snake(&r), (None, Some(("/usr/bin/snake3", Found::Path))));
        let r = run("make test", &[]);
        assert_eq!(snake(&r), (None, None));
        assert_eq!(run("", &[]), Recognised::default());
    }

    #[test]
    fn a_module_of_another_environment_and_files_by_name() {
        let r = run("snake3 -m cloud play", &[SNAKE]);
        assert_eq!(r.environment.as_deref(), Some("cloud"));
        let r = run("./tool.sn", &[SNAKE, ("/w/tool.sn", "")]);
        assert_eq!(snake(&r), (Some("snake"), Some(("/usr/bin/snake3", Found::Path))));
    }
}
