//! Real processes: killed with SIGKILL at every operation of a session, and many at once at one
//! changelog. The test program runs itself again as the process that is to die.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use heal::changelog::{Changelog, EventType, Incident, Redactor, Severity};
use heal::transaction::{Transaction, TransactionError, recover};
use heal::world::{Faulty, Plan, Real, World};

/// Says what the child is to do; the test that it runs does nothing without it.
const TASK: &str = "HEAL_TEST_TASK";

fn child(task: &str, folder: &Path, number: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child", "--nocapture"])
        .env(TASK, format!("{task} {number}"))
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Not a test of its own: what a child does, when a test has started it.
#[test]
fn the_child() {
    let Ok(task) = std::env::var(TASK) else {
        return;
    };
    let (task, number) = task.split_once(' ').unwrap();
    let number: u64 = number.parse().unwrap();
    match task {
        "session" => {
            let world = Faulty::new(Arc::new(Real), Plan::Kill(number));
            session(Arc::new(world)).unwrap();
        }
        "recovery" => {
            let world: Arc<dyn World> = Arc::new(Faulty::new(Arc::new(Real), Plan::Kill(number)));
            let mut undo = |_: &[String]| {
                let _ = fs::remove_file("added");
                Ok(())
            };
            recover(&world, Path::new("."), Path::new("logs"), &mut undo).unwrap();
        }
        "incidents" => {
            let log = changelog(Path::new("logs"));
            for at in 0..number {
                let mut incident = Incident::new(EventType::ErrorDetected, Severity::Error, chrono::Utc::now());
                incident.error_message = Some(format!("{}/{at}", std::process::id()));
                assert_eq!(log.append(&[incident]).unwrap(), None);
            }
        }
        "forever" => {
            let log = changelog(Path::new("logs"));
            loop {
                let mut incident = Incident::new(EventType::ErrorDetected, Severity::Error, chrono::Utc::now());
                incident.error_message = Some("x".repeat(number as usize));
                log.append(&[incident]).unwrap();
            }
        }
        other => panic!("no such task: {other}"),
    }
}

fn changelog(folder: &Path) -> Changelog {
    Changelog::new(Arc::new(Real), folder, "healing_changelog.json", Redactor::default())
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// Three files and two commands, in the current folder.
fn session(world: Arc<dyn World>) -> Result<(), TransactionError> {
    let mut open = Transaction::open(world, Path::new("."), Path::new("logs"), "s1");
    open.write_file(Path::new("a"), b"a2\n", Some(b"a1\n"))?;
    let one = open.command_started(&words("add"), Some(&words("remove")), "add", &[])?;
    fs::write("added", "x").unwrap();
    open.command_finished(one, Some(0))?;
    open.write_file(Path::new("b"), &[b'b'; 100_000], Some(b"b1\n"))?;
    let lock = [PathBuf::from("lock")];
    let two = open.command_started(&words("lock"), Some(&words("unlock")), "lock", &lock)?;
    fs::write("lock", "v2\n").unwrap();
    open.command_finished(two, Some(0))?;
    open.create_dirs(Path::new("new"))?;
    open.write_file(Path::new("new/c"), b"c\n", None)?;
    open.set_mode(Path::new("a"), 0o755)?;
    open.commit()
}

type Tree = Vec<(PathBuf, u32, Vec<u8>)>;

/// Everything but heal's own folder; every name counts, so that nothing may be left lying about.
fn tree(root: &Path) -> Tree {
    let mut out = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for path in Real.read_dir(&folder).unwrap() {
            let mode = fs::symlink_metadata(&path).unwrap().mode();
            let name = path.strip_prefix(root).unwrap().to_path_buf();
            if path.is_dir() {
                if name != Path::new("logs") {
                    out.push((name, mode, Vec::new()));
                    folders.push(path);
                }
            } else {
                out.push((name, mode, fs::read(&path).unwrap()));
            }
        }
    }
    out
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

fn project() -> tempfile::TempDir {
    let folder = folder();
    for name in ["a", "b"] {
        fs::write(folder.path().join(name), format!("{name}1\n")).unwrap();
    }
    fs::write(folder.path().join("lock"), "v1\n").unwrap();
    folder
}

#[test]
fn sigkill_at_every_step_leaves_start_or_success() {
    let start = tree(project().path());
    let whole = project();
    assert!(child("session", whole.path(), u64::MAX).wait().unwrap().success());
    let success = tree(whole.path());
    assert_ne!(start, success);

    let world: Arc<dyn World> = Arc::new(Real);
    let mut killed = 0;
    for at in 1.. {
        let project = project();
        let root = project.path();
        let status = child("session", root, at).wait().unwrap();
        let mut undo = |_: &[String]| {
            let _ = fs::remove_file(root.join("added"));
            Ok(())
        };
        recover(&world, root, &root.join("logs"), &mut undo).unwrap();
        let now = tree(root);
        assert!(now == start || now == success, "killed at {at}: {now:?}");
        if status.signal().is_none() {
            assert_eq!(now, success);
            break;
        }
        killed += 1;
    }
    assert!(killed > 60, "the session has more steps than {killed}");
}

#[test]
fn sigkill_at_every_step_of_a_recovery_changes_nothing_about_its_end() {
    let start = tree(project().path());
    let world: Arc<dyn World> = Arc::new(Real);
    let mut killed = 0;
    for died_at in (8..=60).step_by(4) {
        for at in 1.. {
            let project = project();
            let root = project.path();
            assert!(child("session", root, died_at).wait().unwrap().signal().is_some());
            let status = child("recovery", root, at).wait().unwrap();
            let mut undo = |_: &[String]| {
                let _ = fs::remove_file(root.join("added"));
                Ok(())
            };
            recover(&world, root, &root.join("logs"), &mut undo).unwrap();
            assert_eq!(tree(root), start, "died at {died_at}, its recovery at {at}");
            if status.signal().is_none() {
                break;
            }
            killed += 1;
        }
    }
    assert!(killed > 150, "recoveries have more steps than {killed}");
}

#[test]
fn sixteen_processes_lose_no_incident() {
    // Set it to 10000 for the full measure; the default keeps the suite quick.
    let each: u64 = std::env::var("HEAL_TEST_INCIDENTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(200);
    let folder = folder();
    let children: Vec<Child> = (0..16).map(|_| child("incidents", folder.path(), each)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let log = folder.path().join("logs/healing_changelog.json");
    let value: serde_json::Value = serde_json::from_slice(&fs::read(log).unwrap()).unwrap();
    let mut messages: Vec<&str> = value["incidents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|incident| incident["error_message"].as_str().unwrap())
        .collect();
    messages.sort_unstable();
    messages.dedup();
    assert_eq!(messages.len() as u64, 16 * each);
}

#[test]
fn a_writer_killed_at_any_moment_leaves_a_changelog_to_go_on_with() {
    let folder = folder();
    let log = changelog(&folder.path().join("logs"));
    let mut seen = 0;
    for round in 0..25_u64 {
        let mut writer = child("forever", folder.path(), 20_000 + round);
        std::thread::sleep(std::time::Duration::from_millis(30 + round % 7));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let last = Incident::new(EventType::HealingComplete, Severity::Info, chrono::Utc::now());
        let aside = log.append(&[last]).unwrap();
        assert!(
            aside.is_none_or(|aside| !aside.whole),
            "only a torn end may be set aside"
        );
        let value: serde_json::Value = serde_json::from_slice(&fs::read(log.path()).unwrap()).unwrap();
        let count = value["incidents"].as_array().unwrap().len();
        assert!(count > seen, "what was written stays");
        seen = count;
    }
    assert!(seen > 25, "the writers wrote something between the kills");
}
