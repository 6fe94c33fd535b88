//! A project with a pack, and a watch that runs in it.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Nothing that is awaited takes this long on any machine.
pub const DEADLINE: Duration = Duration::from_secs(120);

pub const PACK: &str = r#"heal: 1
pack: { name: site, version: 1.0.0, about: Our service }
rules:
  - id: widget
    title: A widget broke
    type: value
    severity: error
    match: { regex: 'widget (?P<name>[a-z]+) broke' }
    explain: "widget {{name}} broke"
    confidence: { base: 0.9 }
    fix: [ { title: Look at it, safety: manual, advice: "look at {{name}}" } ]
  - id: short-timeout
    title: The timeout is too short
    type: value
    severity: error
    match: { regex: 'timeout of (?P<seconds>\d+)s is too short' }
    captures: { seconds: integer }
    explain: "a timeout of {{seconds}} s is too short"
    confidence: { base: 0.95 }
    fix:
      - { title: Raise the timeout, safety: safe, effects: [project-files], edit: { file: app.conf, replace: { find: "timeout = {{seconds}}", with: "timeout = 30" } } }
  - id: no-marker
    title: The marker is missing
    type: value
    severity: error
    match: { regex: 'marker (?P<name>[a-z]+) is missing' }
    captures: { name: identifier }
    explain: "no marker {{name}}"
    confidence: { base: 0.95 }
    fix:
      - { title: Make the marker, safety: safe, effects: [project-files], run: [touch, "marker-{{name}}"], undo: [rm, "marker-{{name}}"] }
"#;

/// Waits until something is there.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "never came: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A project of its own, with a home of its own.
pub struct Project {
    folder: TempDir,
}

impl Project {
    pub fn new() -> Self {
        let project = Self {
            folder: TempDir::new().unwrap(),
        };
        for folder in ["p/.git", "p/.heal/rules", "home"] {
            fs::create_dir_all(project.folder.path().join(folder)).unwrap();
        }
        project.write(".heal/rules/site.yaml", PACK);
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("p").join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn append(&self, name: &str, text: &str) {
        append(&self.path(name), text);
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_heal"));
        command
            .arg(args[0])
            .args(["--log-dir", "logs", "--trust-project"])
            .args(&args[1..])
            .current_dir(self.path(""))
            .env("HOME", self.folder.path().join("home"))
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_STATE_HOME")
            .stdin(Stdio::null());
        command
    }

    pub fn heal(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Events of a watch that ends by itself.
    pub fn once(&self, args: &[&str]) -> Vec<Value> {
        let all = [&["watch", "--once", "--format", "json"], args].concat();
        let output = self.heal(&all);
        assert!(output.status.success(), "{output:?}");
        events(&String::from_utf8(output.stdout).unwrap())
    }

    /// A watch in the background, at work already.
    pub fn watch(&self, args: &[&str]) -> Running {
        let out = self.folder.path().join(format!("out-{}", uuid::Uuid::new_v4()));
        let all = [&["watch", "--format", "json"], args].concat();
        let child = self
            .command(&all)
            .stdout(fs::File::create(&out).unwrap())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let running = Running { child, out };
        let logs = args.iter().filter(|a| a.ends_with(".log")).count();
        running.until("every log was looked at", |events| {
            let begun = |e: &&Value| matches!(kind(e), "opened" | "waiting");
            (events.iter().filter(begun).count() >= logs).then_some(())
        });
        running
    }
}

pub fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn events(text: &str) -> Vec<Value> {
    let complete = text.rfind('\n').map_or("", |end| &text[..end]);
    complete
        .lines()
        .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{l}: {e}")))
        .collect()
}

pub fn kind(event: &Value) -> &str {
    event["event"].as_str().unwrap()
}

/// Names of the widgets of which events tell, in order.
pub fn widgets(events: &[Value]) -> Vec<String> {
    events
        .iter()
        .filter(|e| kind(e) == "detected" && e["error"]["rule"] == "site/widget")
        .map(|e| {
            let message = e["error"]["message"].as_str().unwrap();
            message
                .split("widget ")
                .nth(1)
                .unwrap()
                .split(' ')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// A watch in the background.
pub struct Running {
    child: Child,
    out: PathBuf,
}

impl Running {
    pub fn events(&self) -> Vec<Value> {
        events(&fs::read_to_string(&self.out).unwrap())
    }

    pub fn until<T>(&self, what: &str, mut look: impl FnMut(&[Value]) -> Option<T>) -> T {
        until(what, || look(&self.events()))
    }

    pub fn until_widgets(&self, wanted: &[&str]) {
        self.until(&format!("{wanted:?}"), |events| {
            let found = widgets(events);
            wanted.iter().all(|w| found.iter().any(|f| f == w)).then_some(())
        });
    }

    pub fn until_event(&self, name: &str) -> Value {
        self.until(name, |events| events.iter().find(|e| kind(e) == name).cloned())
    }

    /// Ends it by a signal; it must end well. All its events.
    pub fn stop_by(mut self, signal: rustix::process::Signal) -> Vec<Value> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{:?}", self.events());
        let events = self.events();
        assert_eq!(kind(events.last().unwrap()), "stopped");
        events
    }

    pub fn stop(self) -> Vec<Value> {
        self.stop_by(rustix::process::Signal::TERM)
    }

    /// Ends it as a power failure would.
    pub fn kill(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.events()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only where a test failed; it is gone else.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
