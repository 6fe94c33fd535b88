//! Real broken projects, healed by the real program with real tools: one test for each
//! `tests/healing/<environment>/<case>/case.toml`, whose fields `Case` explains.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use support::{copy, tools, tree::Tree};

/// What `case.toml` says. In texts, `{{venv}}`, `{{tools}}` and `{{project}}` stand for folders.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What is broken and what is to happen.
    about: String,
    /// The user's command.
    command: Vec<String>,
    /// `heal run` (with `command`) unless another one is given: `["fix", "build.log"]`.
    #[serde(default)]
    heal: Vec<String>,
    /// A fresh virtual environment, its programs first on PATH.
    #[serde(default)]
    venv: bool,
    /// Distributions that can be installed although there is no network.
    #[serde(default)]
    wheels: Vec<String>,
    /// Commands run in the copy before.
    #[serde(default)]
    setup: Vec<Vec<String>>,
    /// More environment variables.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Tools (programs, or folders of `.tools`) without which the case cannot run.
    #[serde(default)]
    needs: Vec<String>,
    /// More options for `heal run`.
    #[serde(default)]
    args: Vec<String>,
    /// The broken project, below this repository, instead of `project/` beside `case.toml`.
    #[serde(default)]
    project: String,
    /// The copy is a repository, so that the project's root is clear.
    #[serde(default = "yes")]
    git: bool,
    /// The command's folder below the project.
    #[serde(default)]
    cwd: String,
    /// The command's input.
    #[serde(default)]
    stdin: String,
    expect: Expect,
    /// heal's exit code; 0 where healed, else 1.
    exit_code: Option<i32>,
    /// The whole stdout, as a regular file gets it.
    stdout: Option<String>,
    #[serde(default)]
    stdout_contains: Vec<String>,
    #[serde(default)]
    stderr_contains: Vec<String>,
    #[serde(default)]
    stderr_lacks: Vec<String>,
    /// Files that heal changes, exactly; an entry that ends in `/` is a folder with all in it.
    #[serde(default)]
    changed: Vec<String>,
    /// Files that the command itself or the setup's tools make; not looked at.
    #[serde(default)]
    made: Vec<String>,
    /// The removed and added lines of all changed files.
    diff: Option<Vec<String>>,
    /// The rule that healed or advised.
    rule: Option<String>,
    /// `heal undo` afterwards restores the tree and the environment (unless this is false).
    #[serde(default = "yes")]
    undo: bool,
    /// A behavioural check after healing; must exit 0.
    #[serde(default)]
    check: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Expect {
    /// Exit 0, only `changed` differs.
    Healed,
    /// Not healed, nothing changed, and something is said about what to do.
    Advice,
    /// Not healed, nothing changed, no fix named.
    Untouched,
}

fn yes() -> bool {
    true
}

/// No case takes this long unless something hangs.
const PATIENCE: Duration = Duration::from_secs(180);

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // The cases start heavy programs themselves.
    arguments.test_threads = Some(arguments.test_threads.unwrap_or(2).min(2));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/healing");
    let mut trials = Vec::new();
    for environment in folders(&root) {
        for case in folders(&environment) {
            let name = format!("{}::{}", name(&environment), name(&case));
            let test = name.clone();
            trials.push(Trial::test(name, move || run(&test, &case)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.map(|e| e.path()).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}

fn run(name: &str, folder: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(folder.join("case.toml"))?;
    let case: Case = toml::from_str(&text)?;
    let missing: Vec<String> = (case.needs.iter().filter(|tool| !tools::has(tool)).cloned())
        .chain(
            case.wheels
                .iter()
                .filter(|w| !tools::has_wheel(w))
                .map(|w| format!("wheel {w}")),
        )
        .collect();
    if !missing.is_empty() {
        eprintln!("SKIPPED {name}: {} missing; `./test` gets them", missing.join(", "));
        let strict = std::env::var_os("CI").is_some_and(|value| value == "true");
        return if strict {
            Err("tools are missing".into())
        } else {
            Ok(())
        };
    }
    let place = Place::new(folder, &case)?;
    let said = place.heal(&case)?;
    said.judge(&place, &case)
        .map_err(|why| Failed::from(format!("{}\n\n{why}\n{}", case.about, said.shown())))
}

/// Where a case runs.
struct Place {
    temp: tempfile::TempDir,
    project: PathBuf,
    before: Tree,
    installed: Vec<String>,
}

/// How a program ended.
struct Ended {
    argv: Vec<String>,
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new(folder: &Path, case: &Case) -> Result<Self, Failed> {
        let temp = tempfile::tempdir()?;
        // What the system calls the folder, so that paths in outputs agree.
        let project = temp.path().canonicalize()?.join("project");
        let source = if case.project.is_empty() {
            folder.join("project")
        } else {
            Path::new(env!("CARGO_MANIFEST_DIR")).join(&case.project)
        };
        copy(&source, &project);
        fs::create_dir(temp.path().join("home"))?;
        let mut place = Self {
            temp,
            project,
            before: Tree::default(),
            installed: Vec::new(),
        };
        if case.venv {
            tools::venv(&place.venv())?;
        }
        if case.git {
            place.must(case, &["git", "init", "-q"].map(str::to_owned))?;
        }
        for argv in &case.setup {
            place.must(case, argv)?;
        }
        place.before = Tree::read(&place.project);
        place.installed = tools::installed(&place.venv());
        Ok(place)
    }

    fn venv(&self) -> PathBuf {
        self.project.with_file_name("venv")
    }

    fn render(&self, text: &str) -> String {
        text.replace("{{venv}}", &self.venv().to_string_lossy())
            .replace("{{tools}}", &tools::folder().to_string_lossy())
            .replace("{{project}}", &self.project.to_string_lossy())
    }

    fn must(&self, case: &Case, argv: &[String]) -> Result<(), Failed> {
        let ended = self.run(case, argv)?;
        if ended.code == Some(0) {
            return Ok(());
        }
        Err(format!("must succeed\n{}", ended.shown()).into())
    }

    /// Runs a program as a user of the project would, in an environment of the case's own.
    fn run(&self, case: &Case, argv: &[String]) -> Result<Ended, Failed> {
        let argv: Vec<String> = argv.iter().map(|word| self.render(word)).collect();
        let file = |name: &str| self.temp.path().join(name);
        fs::write(file("stdin"), &case.stdin)?;
        let mut path = tools::path();
        if case.venv {
            path = format!("{}:{path}", self.venv().join("bin").display());
        }
        let mut command = Command::new(&argv[0]);
        command
            .args(&argv[1..])
            .current_dir(self.project.join(&case.cwd))
            .env_clear()
            .env("PATH", path)
            .env("HOME", file("home"))
            .env("LANG", "C.UTF-8")
            .env("TMPDIR", self.temp.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("PIP_NO_INDEX", "1")
            .env("PIP_FIND_LINKS", tools::folder().join("wheels"))
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(case.env.iter().map(|(name, value)| (name, self.render(value))))
            .stdin(File::open(file("stdin"))?)
            .stdout(Stdio::from(File::create(file("stdout"))?))
            .stderr(Stdio::from(File::create(file("stderr"))?))
            .process_group(0);
        let mut child = command.spawn().map_err(|e| format!("{argv:?}: {e}"))?;
        let until = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if Instant::now() > until {
                child.kill()?;
                child.wait()?;
                return Err(format!("{argv:?} hangs").into());
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let text = |name: &str| fs::read(file(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Ended {
            argv,
            code: status.code(),
            stdout: text("stdout")?,
            stderr: text("stderr")?,
        })
    }

    fn heal(&self, case: &Case) -> Result<Ended, Failed> {
        let mut argv = vec![env!("CARGO_BIN_EXE_heal").to_owned()];
        if case.heal.is_empty() {
            argv.push("run".to_owned());
            argv.extend(case.args.iter().cloned());
            argv.push("--".to_owned());
            argv.extend(case.command.iter().cloned());
        } else {
            argv.extend(case.heal.iter().chain(&case.args).cloned());
        }
        self.run(case, &argv)
    }

    /// What differs from the start, without what the case says the command makes.
    fn differing(&self, case: &Case, times: bool) -> BTreeSet<String> {
        let now = Tree::read(&self.project);
        let made = |path: &String| case.made.iter().any(|entry| covers(entry, path));
        self.before
            .differing(&now, times)
            .into_iter()
            .filter(|p| !made(p))
            .collect()
    }

    fn rules(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.project.join("self_healing_logs/healing_changelog.json"));
        let Ok(document) = serde_json::from_str::<serde_json::Value>(&text.unwrap_or_default()) else {
            return Vec::new();
        };
        let field = |incident: &serde_json::Value, name: &str| incident[name].as_str().unwrap_or("").to_owned();
        let incidents = document["incidents"].as_array().cloned().unwrap_or_default();
        incidents
            .iter()
            .map(|i| (field(i, "event_type"), field(i, "rule_id")))
            .collect()
    }
}

fn covers(entry: &str, path: &str) -> bool {
    entry == path || (entry.ends_with('/') && (path.starts_with(entry) || path == entry.trim_end_matches('/')))
}

impl Ended {
    fn shown(&self) -> String {
        format!(
            "$ {}\nexit {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.argv.join(" "),
            self.code,
            self.stdout,
            self.stderr
        )
    }

    fn judge(&self, place: &Place, case: &Case) -> Result<(), String> {
        let healed = case.expect == Expect::Healed;
        let code = case.exit_code.unwrap_or(i32::from(!healed));
        ensure(self.code == Some(code), || {
            format!("exit {:?} instead of {code}", self.code)
        })?;
        self.words(case)?;
        let (wanted, differing) = (&case.changed, place.differing(case, true));
        let strange: Vec<_> = differing
            .iter()
            .filter(|p| !wanted.iter().any(|w| covers(w, p)))
            .collect();
        let now = Tree::read(&place.project);
        let shown = |paths: &mut dyn Iterator<Item = &String>| -> String {
            paths
                .map(|p| format!("{p}:\n{}\n", place.before.diff(&now, p).join("\n")))
                .collect()
        };
        ensure(strange.is_empty(), || {
            format!("must not differ: {}", shown(&mut strange.into_iter()))
        })?;
        let same = wanted.iter().find(|w| !differing.iter().any(|p| covers(w, p)));
        ensure(same.is_none(), || format!("is not changed: {same:?}"))?;
        if let Some(lines) = &case.diff {
            let real: Vec<_> = differing.iter().flat_map(|p| place.before.diff(&now, p)).collect();
            ensure(real == *lines, || {
                format!("other diff:\n{}", shown(&mut differing.iter()))
            })?;
        }
        if let Some(rule) = &case.rule {
            let event = if healed { "fix_validated" } else { "error_detected" };
            let rules = place.rules();
            let found = rules.iter().any(|(e, r)| e == event && r == rule);
            ensure(found, || format!("{rule} did not decide, but {rules:?}"))?;
        }
        let fix = self.stderr.contains("= fix:");
        match case.expect {
            Expect::Healed => {
                ensure(self.stderr.contains("heal: fixed"), || {
                    "heal does not say that it is fixed".to_owned()
                })?;
                self.afterwards(place, case)
            }
            Expect::Advice => {
                let help = fix || self.stderr.contains("= help:");
                ensure(help, || "no advice".to_owned())?;
                unchanged(place)
            }
            Expect::Untouched => {
                ensure(!fix, || "a fix is named".to_owned())?;
                unchanged(place)
            }
        }
    }

    fn words(&self, case: &Case) -> Result<(), String> {
        if let Some(stdout) = &case.stdout {
            ensure(self.stdout == *stdout, || format!("stdout is not {stdout:?}"))?;
        }
        let lacks = |text: &str, words: &[String]| words.iter().find(|w| !text.contains(*w)).cloned();
        if let Some(word) = lacks(&self.stdout, &case.stdout_contains) {
            return Err(format!("stdout lacks {word:?}"));
        }
        if let Some(word) = lacks(&self.stderr, &case.stderr_contains) {
            return Err(format!("stderr lacks {word:?}"));
        }
        let bad = case.stderr_lacks.iter().find(|w| self.stderr.contains(*w));
        ensure(bad.is_none(), || format!("stderr has {bad:?}"))
    }

    /// The check of what the healed project does, and taking everything back.
    fn afterwards(&self, place: &Place, case: &Case) -> Result<(), String> {
        let failed = |e: Failed| e.message().unwrap_or("cannot run").to_owned();
        if !case.check.is_empty() {
            place.must(case, &case.check).map_err(failed)?;
        }
        if !case.undo {
            return Ok(());
        }
        let argv = [env!("CARGO_BIN_EXE_heal"), "undo"].map(str::to_owned);
        let undone = place.run(case, &argv).map_err(failed)?;
        // A session that changed nothing to be kept (a retry) has nothing to take back.
        let nothing = case.changed.is_empty() && place.installed == tools::installed(&place.venv());
        ensure(undone.code == Some(0) || nothing, || {
            format!("undo failed\n{}", undone.shown())
        })?;
        let left = place.differing(case, true);
        ensure(left.is_empty(), || {
            format!("not taken back: {left:?}\n{}", undone.shown())
        })?;
        unchanged(place)
    }
}

fn unchanged(place: &Place) -> Result<(), String> {
    let now = tools::installed(&place.venv());
    ensure(now == place.installed, || {
        format!("packages: {now:?} instead of {:?}", place.installed)
    })
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}
