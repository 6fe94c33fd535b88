//! A project that allows everything, on a machine whose installers tell on their callers.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::support::{tools, tree::Tree};

/// Programs that write down how they are called, and do nothing.
const CANARIES: [&str; 24] = [
    "pip",
    "pip3",
    "npm",
    "npx",
    "yarn",
    "apt-get",
    "apt",
    "dnf",
    "yum",
    "apk",
    "pacman",
    "brew",
    "zypper",
    "terraform",
    "ansible-galaxy",
    "ansible",
    "ansible-playbook",
    "git",
    "chmod",
    "mkdir",
    "uv",
    "sudo",
    "tool",
    "touch",
];

/// Programs of the machine that rules look at things with.
const REAL: [&str; 10] = [
    "sh", "bash", "cat", "ls", "find", "findmnt", "env", "true", "grep", "sed",
];

/// Questions that rules ask before anything is decided; they change nothing.
const QUESTIONS: [&str; 12] = [
    "npm pkg get",
    "npm ls",
    "npm --version",
    "git for-each-ref",
    "git remote",
    "git config --get",
    "git status",
    "git branch",
    "sudo -n true",
    "terraform version",
    "ansible-galaxy collection list",
    "ansible --version",
];

const MAIN: &str = "import os
import yaml
import requests
print(os.environ[\"HOME\"])
config = open(\"conf/app.conf\").read()
import colorama
";

/// Every bound as far open as the configuration takes.
const CONFIG: &str = r#"
[safety]
protected_paths = []
allowed_external_commands = [
  "pip", "npm", "terraform", "ansible", "apt-get", "yum", "dnf", "apk", "pacman", "brew", "zypper", "git", "chmod", "mkdir",
  "tool", "uv", "sudo", "touch", "sh", "bash", "rm", "curl",
]
[confidence]
auto = 0.0
ask = 0.0
[retry]
initial_delay_seconds = 0
max_delay_seconds = 0
[limits]
max_files = 10000
max_lines = 1000000
[redact]
patterns = ["SITE-(?P<secret>[a-z0-9]+)-SECRET"]
"#;

/// The project and what lies around it.
pub struct Place {
    temp: tempfile::TempDir,
}

/// Everything that must stay as it is.
pub struct State {
    trees: Vec<(&'static str, Tree)>,
}

impl State {
    pub fn differing(&self, now: &Self) -> BTreeSet<String> {
        let pairs = self.trees.iter().zip(&now.trees);
        pairs
            .flat_map(|((name, before), (_, after))| {
                before
                    .differing(after, true)
                    .into_iter()
                    .map(move |path| format!("{name}{path}"))
            })
            .collect()
    }
}

/// How heal ended.
pub struct Said {
    pub code: i32,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    color: bool,
    /// stdout is the command's own.
    run: bool,
}

impl Place {
    pub fn new() -> Result<Self, String> {
        let place = Self {
            temp: tempfile::tempdir().map_err(|e| e.to_string())?,
        };
        for folder in [
            "project/.git/hooks",
            "project/conf",
            "project/sub",
            "project/tmp",
            "outside/.git",
            "home",
            "lines",
            "logs",
            "bin",
        ] {
            fs::create_dir_all(place.path(folder)).unwrap();
        }
        let project = [
            ("heal.toml", CONFIG),
            (".heal/rules/site.yaml", include_str!("site.yaml")),
            (".git/config", "[core]\n"),
            ("main.py", MAIN),
            ("hostile.py", "x = \"\u{1b}]0;owned\u{7}\u{202e}\u{9b}2J\"\n"),
            ("requirements.txt", "PyYAML==6.0.1\nrequests\n"),
            (
                "package.json",
                "{\"name\": \"app\", \"dependencies\": {\"left-pad\": \"1.3.0\"}}\n",
            ),
            ("index.js", "require('left-pad')\n"),
            ("main.tf", "terraform {\n  required_version = \">= 1.0\"\n}\n"),
            (
                "play.yml",
                "- hosts: all\n  tasks:\n    - community.general.ufw:\n        state: enabled\n",
            ),
            ("requirements.yml", "collections:\n  - community.general\n"),
            ("deploy.sh", "#!/bin/sh\nset -e\njq . data.json\n"),
            ("say.sh", "#!/bin/sh\ncat \"$1\"\nexit 3\n"),
            ("app.conf", "mode = old\n"),
            ("app.ini", "[main]\ncolour = red\n"),
        ];
        for (name, text) in project {
            place.write(&format!("project/{name}"), text);
        }
        for name in ["victim.py", "victim.conf", "victim.sh", "victim.tf", "victim.yml"] {
            place.write(&format!("outside/{name}"), "print \"x\"\nmode = old\n");
        }
        place.write("home/.bashrc", "# mine\n");
        symlink("../outside", place.path("project/out")).unwrap();
        symlink("../outside/victim.conf", place.path("project/link.conf")).unwrap();
        symlink("loop", place.path("project/loop")).unwrap();
        let made = Command::new("mkfifo").arg(place.path("project/pipe")).status();
        if !made.is_ok_and(|status| status.success()) {
            return Err("mkfifo does not work here".to_owned());
        }
        place.programs()?;
        Ok(place)
    }

    fn programs(&self) -> Result<(), String> {
        let record = self.path("called").display().to_string();
        for name in CANARIES {
            self.write(
                &format!("bin/{name}"),
                &format!("#!/bin/sh\necho \"{name} $*\" >>'{record}'\n"),
            );
        }
        for name in REAL {
            if let Some(program) = tools::which(name) {
                symlink(program, self.path("bin").join(name)).unwrap();
            }
        }
        // An interpreter that answers questions and installs nothing.
        let python = venv()?.join("bin/python");
        let script = format!(
            "#!/bin/sh\ncase \"$1 $3\" in\n  -m*|*'import sys, subprocess as s; pip'*) echo \"python3 $*\" >>'{record}'; exit 0;;\nesac\nexec '{}' \"$@\"\n",
            python.display()
        );
        self.write("bin/python3", &script);
        symlink("python3", self.path("bin/python")).unwrap();
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        if text.starts_with("#!") {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// A log of its own for a line.
    pub fn log(&self, number: usize, line: &[u8]) -> PathBuf {
        let path = self.path("lines").join(format!("{number:03}.log"));
        let mut bytes = line.to_vec();
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        fs::write(&path, bytes).unwrap();
        path
    }

    /// All that heal must leave alone.
    pub fn state(&self) -> State {
        let read = |name: &'static str| (name, Tree::read(&self.path(name)));
        State {
            trees: vec![
                read("project/"),
                read("project/.git/"),
                read("outside/"),
                read("home/"),
                read("lines/"),
                read("bin/"),
            ],
        }
    }

    /// Calls of canaries that were no questions.
    pub fn actions(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("called")).unwrap_or_default();
        text.lines()
            .filter(|line| !QUESTIONS.iter().any(|q| line.starts_with(q)))
            .map(str::to_owned)
            .collect()
    }

    /// heal, with logs behind its options.
    pub fn heal(&self, options: &[&str], logs: &[PathBuf]) -> Result<Said, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heal"));
        command
            .args(options)
            .arg("--trust-project")
            .arg("--log-dir")
            .arg(self.path("logs"))
            .args(logs);
        self.end(command, options)
    }

    /// `heal run`, with a command that prints the log and fails.
    pub fn run(&self, options: &[&str], log: &Path) -> Result<Said, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heal"));
        command
            .args(options)
            .args(["--trust-project", "--log-dir"])
            .arg(self.path("logs"))
            .args(["--", "./say.sh"])
            .arg(log);
        self.end(command, options)
    }

    fn end(&self, mut command: Command, options: &[&str]) -> Result<Said, String> {
        let (out, err) = (self.path("stdout"), self.path("stderr"));
        let mut child = command
            .current_dir(self.path("project"))
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.path("home"))
            .env("USER", "somebody")
            .env("TMPDIR", self.path(""))
            .env("LANG", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(fs::File::create(&out).unwrap())
            .stderr(fs::File::create(&err).unwrap())
            .spawn()
            .map_err(|e| e.to_string())?;
        // No line may make heal wait.
        let until = Instant::now() + Duration::from_secs(300);
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
                break status;
            }
            if Instant::now() > until {
                child.kill().map_err(|e| e.to_string())?;
                child.wait().map_err(|e| e.to_string())?;
                return Err(format!("heal hangs: {command:?}"));
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        use std::os::unix::process::ExitStatusExt as _;
        Ok(Said {
            code: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            stdout: fs::read(out).unwrap(),
            stderr: fs::read(err).unwrap(),
            color: options.contains(&"always"),
            run: options[0] == "run",
        })
    }

    fn records(&self) -> Vec<(String, Vec<u8>)> {
        fn walk(folder: &Path, root: &Path, found: &mut Vec<(String, Vec<u8>)>) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    walk(&path, root, found);
                } else {
                    let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                    found.push((name, fs::read(&path).unwrap_or_default()));
                }
            }
        }
        let root = self.path("logs");
        let mut found = Vec::new();
        walk(&root, &root, &mut found);
        found
    }

    /// What heal keeps that would drive a terminal if somebody looked at it.
    pub fn hostile_records(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (name, bytes) in self.records() {
            faults.extend(hostile(name.as_bytes(), false).map(|c| format!("{c} in a name")));
            // Backups are what they are a copy of.
            if !name.starts_with("backups/") {
                faults.extend(hostile(&bytes, false).map(|c| format!("{c} in {name}")));
            }
        }
        faults
    }

    /// What heal keeps that holds a text.
    pub fn records_with(&self, text: &str) -> Vec<String> {
        let holds = |(name, bytes): &(String, Vec<u8>)| name.contains(text) || find(bytes, text);
        self.records().into_iter().filter(holds).map(|(name, _)| name).collect()
    }
}

impl Said {
    /// What it printed that would drive a terminal.
    pub fn hostile(&self) -> Vec<String> {
        let stdout = if self.run {
            None
        } else {
            hostile(&self.stdout, self.color)
        };
        let stderr = hostile(&self.stderr, self.color);
        stdout
            .map(|c| format!("{c} on stdout"))
            .into_iter()
            .chain(stderr.map(|c| format!("{c} on stderr")))
            .collect()
    }

    pub fn holds(&self, text: &str) -> bool {
        (!self.run && find(&self.stdout, text)) || find(&self.stderr, text)
    }

    pub fn text(&self) -> String {
        let stdout = if self.run {
            "(the command's)".into()
        } else {
            String::from_utf8_lossy(&self.stdout)
        };
        format!(
            "--- stdout\n{stdout}\n--- stderr\n{}",
            String::from_utf8_lossy(&self.stderr)
        )
    }
}

fn find(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// The first character that does something else than show itself, but line ends and heal's colours.
fn hostile(bytes: &[u8], color: bool) -> Option<String> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Some("bytes that are no UTF-8".to_owned());
    };
    static COLORS: OnceLock<regex::Regex> = OnceLock::new();
    static HOSTILE: OnceLock<regex::Regex> = OnceLock::new();
    let colors = COLORS.get_or_init(|| regex::Regex::new("\u{1b}\\[[0-9;]{0,12}m").unwrap());
    // Visible parts of longer signs (a variation of an emoji) would be no danger, but are not let through either.
    let hostile = HOSTILE.get_or_init(|| {
        regex::Regex::new(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{115f}\u{1160}\u{3164}\u{ffa0}&&[^\n]]").unwrap()
    });
    let text = if color {
        colors.replace_all(text, "")
    } else {
        text.into()
    };
    hostile
        .find(&text)
        .map(|found| format!("U+{:04X}", u32::from(found.as_str().chars().next().unwrap_or('?'))))
}

/// An interpreter with pip and nothing else, for all tests.
fn venv() -> Result<PathBuf, String> {
    static VENV: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    VENV.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-venv");
        if !folder.join("bin/python").exists() {
            let unfinished = folder.with_extension(std::process::id().to_string());
            tools::venv(&unfinished)?;
            // Another process may have been faster; its environment is as good.
            let _ = fs::rename(&unfinished, &folder);
            let _ = fs::remove_dir_all(&unfinished);
        }
        Ok(folder)
    })
    .clone()
}
