//! A project in a temporary folder, and heal run in it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::tree::Tree;

/// A repository with files.
pub struct Project {
    temp: tempfile::TempDir,
    env: Vec<(String, String)>,
}

/// How a run of heal ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ended {
    pub fn out(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// Says what was wanted together with all that was printed.
    #[track_caller]
    pub fn expect(&self, code: i32, words: &[&str]) -> &Self {
        let missing: Vec<_> = words.iter().filter(|w| !self.stderr.contains(**w)).collect();
        let (was, err, out) = (self.code, &self.stderr, String::from_utf8_lossy(&self.stdout));
        assert!(
            was == code && missing.is_empty(),
            "exit {was}, wanted {code}; missing {missing:?}\n--- stdout\n{out}\n--- stderr\n{err}"
        );
        self
    }
}

impl Project {
    /// Files as name and content; those that begin with `#!` can be executed.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let project = Self { temp, env: Vec::new() };
        fs::create_dir_all(project.root().join(".git")).unwrap();
        fs::create_dir_all(project.beside("home")).unwrap();
        for (name, content) in files {
            project.write(name, content);
        }
        project
    }

    pub fn root(&self) -> PathBuf {
        self.temp.path().canonicalize().unwrap().join("project")
    }

    /// A path outside the project.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.root().with_file_name(name)
    }

    pub fn write(&self, name: &str, content: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        if content.starts_with("#!") {
            self.mode(name, 0o755);
        }
    }

    pub fn mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.root().join(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).unwrap()
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn tree(&self) -> Tree {
        Tree::read(&self.root())
    }

    /// A command in this project, with an environment of its own.
    pub fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", crate::support::tools::path())
            .env("HOME", self.beside("home"))
            .env("LANG", "C.UTF-8")
            .envs(self.env.iter().map(|(n, v)| (n, v)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn heal(&self, args: &[&str]) -> Ended {
        self.ended(self.command(env!("CARGO_BIN_EXE_heal"), args).spawn().unwrap())
    }

    pub fn heal_with_input(&self, args: &[&str], input: &[u8]) -> Ended {
        let mut command = self.command(env!("CARGO_BIN_EXE_heal"), args);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        self.ended(child)
    }

    /// The command alone, without heal.
    pub fn bare(&self, argv: &[&str]) -> Ended {
        self.ended(self.command(argv[0], &argv[1..]).spawn().unwrap())
    }

    pub fn ended(&self, child: Child) -> Ended {
        use std::os::unix::process::ExitStatusExt as _;
        let output = child.wait_with_output().unwrap();
        let status = output.status;
        Ended {
            code: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs something and holds that nothing of the project differs afterwards: bytes, modes, times.
    #[track_caller]
    pub fn unchanged_by<T>(&self, what: impl FnOnce(&Self) -> T) -> T {
        let before = self.tree();
        let result = what(self);
        assert_eq!(
            before.differing(&self.tree(), true),
            BTreeSet::new(),
            "the project has changed"
        );
        result
    }

    pub fn has_logs(&self) -> bool {
        self.root().join("self_healing_logs").exists()
    }

    pub fn changelog(&self) -> serde_json::Value {
        self.changelog_in(&self.root().join("self_healing_logs"))
    }

    pub fn changelog_in(&self, folder: &Path) -> serde_json::Value {
        let text = fs::read_to_string(folder.join("healing_changelog.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The events of the changelog, oldest first.
    pub fn events(&self) -> Vec<String> {
        let document = self.changelog();
        let incidents = document["incidents"].as_array().unwrap();
        incidents
            .iter()
            .map(|i| i["event_type"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A pack of one rule for lines `BROKEN <word>`, with the fix given.
pub fn pack(fix: &str) -> String {
    format!(
        "heal: 1
pack: {{ name: site, version: 1.2.3 }}
environment:
  name: site
  commands: [\"*.sh\", sh]
  fix_commands: {{ tool: [[touch, made], [rm, -f, made]] }}
rules:
  - id: broken
    title: Something is broken
    type: value
    match: {{ regex: '^BROKEN (?P<word>\\S+)' }}
    captures: {{ word: path }}
    causes:
      - id: it
        confidence: 0.95
        explain: \"`{{{{word}}}}` is broken.\"
        fix:
{fix}
"
    )
}

/// A fix that replaces `old` by `new` in the named file.
pub const EDIT: &str = "          - title: Repair {{word}}
            safety: safe
            effects: [project-files]
            edit: { file: \"{{word}}\", replace: { find: old, with: new } }
";

/// A script that fails while `app.conf` says `old`.
pub const RUN: &str = "#!/bin/sh
if grep -q old app.conf; then echo BROKEN app.conf >&2; exit 3; fi
echo fine
";

/// A project that the pack with [`EDIT`] heals by `heal run --pack site.yaml -- ./run.sh`.
pub fn healable() -> Project {
    let conf = "# comment\r\nmode = old\r\nname = \u{e9}";
    Project::new(&[("run.sh", RUN), ("app.conf", conf), ("site.yaml", &pack(EDIT))])
}

/// The command line for [`healable`].
pub const HEAL: [&str; 6] = ["run", "--pack", "site.yaml", "--", "./run.sh", "arg"];
