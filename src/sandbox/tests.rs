//! Commands that misbehave on purpose: nothing outside is harmed, and everything is reported.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;
use crate::exec::Command;

/// A project and something beside it that must stay as it is.
struct Place {
    _folder: tempfile::TempDir,
    root: PathBuf,
    beside: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().canonicalize().unwrap();
        let (root, beside) = (here.join("project"), here.join("beside"));
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::create_dir(&beside).unwrap();
        fs::write(root.join("a"), "a1\n").unwrap();
        fs::write(root.join("sub/b"), "b1\n").unwrap();
        fs::write(beside.join("secret"), "mine\n").unwrap();
        std::os::unix::fs::symlink(&beside, root.join("out")).unwrap();
        Self {
            _folder: folder,
            root,
            beside,
        }
    }

    fn trial(&self) -> Trial {
        Trial::new(&self.root, &[], &[], &Bounds::default()).unwrap()
    }

    /// One as good as this machine can, and one as on a machine without namespaces.
    fn trials(&self) -> [Trial; 2] {
        let mut plain = self.trial();
        plain.namespaces = false;
        [self.trial(), plain]
    }

    fn secret(&self) -> (String, u32, i64) {
        let about = fs::metadata(self.beside.join("secret")).unwrap();
        let text = fs::read_to_string(self.beside.join("secret")).unwrap();
        (text, about.mode(), about.mtime())
    }
}

/// Whether this machine can run anything confined; where it cannot, that it refuses is the test.
fn can() -> bool {
    if support().landlock {
        return true;
    }
    let nothing = run(&Command::new(["true"]), &Reach::default(), &Limits::default());
    assert!(matches!(nothing, Err(SandboxError::NoLandlock)), "{nothing:?}");
    false
}

fn sh(place: &Place, script: &str) -> Command {
    Command::new(["sh", "-c", script]).in_folder(&place.root)
}

fn small() -> Limits {
    Limits {
        processes: 60,
        file: 8 << 20,
        disk: 24 << 20,
        wall: Duration::from_secs(20),
        ..Limits::default()
    }
}

fn said(ran: &Ran) -> String {
    String::from_utf8_lossy(&[&*ran.captured.stdout, &*ran.captured.stderr].concat()).into_owned()
}

#[test]
fn what_is_done_in_a_trial_stays_there_and_is_found() {
    if !can() {
        return;
    }
    for namespaces in [true, false] {
        let place = Place::new();
        let [whole, plain] = place.trials();
        let trial = if namespaces { whole } else { plain };
        let script =
            "echo a2 > a; rm sub/b; mkdir -p new/deep; echo c > new/deep/c; chmod 700 sub; touch out; pwd; exit 3";
        let ran = trial.run(&sh(&place, script), false, &small()).unwrap();
        assert_eq!(ran.captured.exit.code, Some(3), "{}", said(&ran));
        if trial.namespaces {
            let own = place.root.to_str();
            assert!(
                said(&ran).lines().any(|line| Some(line) == own),
                "it sees the project's own path"
            );
        }
        assert_eq!(fs::read_to_string(place.root.join("a")).unwrap(), "a1\n");
        assert!(place.root.join("sub/b").exists() && !place.root.join("new").exists());
        let edits: Vec<_> = trial
            .edits()
            .unwrap()
            .into_iter()
            .map(|edit| {
                (
                    edit.path.strip_prefix(&place.root).unwrap().to_path_buf(),
                    edit.before,
                    edit.now,
                )
            })
            .collect();
        let expected = [
            ("a", Some(Kind::File), Some(Kind::File)),
            ("new", None, Some(Kind::Dir)),
            ("new/deep", None, Some(Kind::Dir)),
            ("new/deep/c", None, Some(Kind::File)),
            ("sub", Some(Kind::Dir), Some(Kind::Dir)),
            ("sub/b", Some(Kind::File), None),
        ];
        assert_eq!(
            edits,
            expected.map(|(path, before, now)| (PathBuf::from(path), before, now))
        );
    }
}

#[test]
fn nothing_outside_is_written_changed_or_removed() {
    if !can() {
        return;
    }
    let place = Place::new();
    let before = place.secret();
    let secret = place.beside.join("secret").display().to_string();
    let home = place.beside.display().to_string();
    let scripts = vec![
        format!("echo x > {secret}"),
        format!("echo x >> {secret}"),
        "echo x > out/secret".to_owned(),
        "echo x > out/new".to_owned(),
        "echo x > $HOME/.profile".to_owned(),
        format!("rm -f {secret}"),
        format!("mv {secret} ./taken"),
        format!("ln {secret} ./link && echo x > ./link"),
        format!("mkdir {home}/folder"),
        format!("echo x > ../{}/secret", place.beside.file_name().unwrap().display()),
        "echo x > /proc/self/cwd/../beside/secret".to_owned(),
        "cd /; echo x > tmp/heal-sandbox-test-must-not-exist".to_owned(),
    ];
    let only_with_namespaces = [
        format!("chmod 777 {secret}"),
        format!("touch -d 2001-01-01 {secret}"),
        format!("mount -o remount,rw / && chmod 777 {secret}"),
        format!("unshare -r chmod 777 {secret}"),
    ];
    for trial in place.trials() {
        let more: &[String] = if trial.namespaces { &only_with_namespaces } else { &[] };
        for script in scripts.iter().chain(more) {
            let command = sh(&place, script).with_env("HOME", &home);
            let ran = trial.run(&command, false, &small()).unwrap();
            assert!(!ran.success(), "{script}: {}", said(&ran));
            assert_eq!(place.secret(), before, "{script}");
            assert_eq!(fs::read_dir(&place.beside).unwrap().count(), 1, "{script}");
        }
    }
    assert!(!Path::new("/tmp/heal-sandbox-test-must-not-exist").exists());
}

#[test]
fn the_network_is_cut_unless_declared() {
    if !can() {
        return;
    }
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connect = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
    let command = Command::new(["bash", "-c", &connect]).in_folder(&place.root);
    for trial in place.trials() {
        if !trial.namespaces && rules::version() < 4 {
            continue;
        }
        let ran = trial.run(&command, false, &small()).unwrap();
        assert!(!ran.success(), "it got through");
        let ran = trial.run(&command, true, &small()).unwrap();
        assert!(ran.success(), "{}", said(&ran));
    }
}

#[test]
fn a_daemon_of_this_machine_is_not_reached() {
    if !can() || !support().namespaces {
        return;
    }
    let place = Place::new();
    let socket = place.beside.join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let connect = format!(
        "import socket; socket.socket(socket.AF_UNIX).connect({:?})",
        socket.display().to_string()
    );
    let python = |script: &str| Command::new(["python3", "-c", script]).in_folder(&place.root);
    let ran = place.trial().run(&python("pass"), true, &small()).unwrap();
    if ran.success() {
        let ran = place.trial().run(&python(&connect), true, &small()).unwrap();
        assert!(!ran.success(), "it talked to the daemon");
    }
}

#[test]
fn one_that_forks_without_end_is_ended() {
    if !can() {
        return;
    }
    let place = Place::new();
    for mode in [0, 1] {
        let trial = || place.trials().into_iter().nth(mode).unwrap();
        let start = Instant::now();
        // Bounded all the same: a test that fails must not take the machine with it.
        let script = "n=0; while [ $n -lt 1500 ]; do sleep 60 & n=$((n+1)); done; wait";
        let ran = trial().run(&sh(&place, script), false, &small()).unwrap();
        let refused = said(&ran).to_lowercase().contains("fork");
        assert!(
            ran.breach == Some(Breach::Processes) || (refused && !ran.success()),
            "{}",
            said(&ran)
        );
        assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    }
}

#[test]
fn one_that_fills_the_disk_is_ended() {
    if !can() {
        return;
    }
    let place = Place::new();
    for mode in [0, 1] {
        let trial = || place.trials().into_iter().nth(mode).unwrap();
        let many = "n=0; while [ $n -lt 100 ]; do head -c 4194304 /dev/zero > big$n; n=$((n+1)); sleep 0.02; done";
        let ran = trial().run(&sh(&place, many), false, &small()).unwrap();
        assert_eq!(ran.breach, Some(Breach::Disk), "{}", said(&ran));
        let one = "exec head -c 40000000 /dev/zero > big";
        let ran = trial().run(&sh(&place, one), false, &small()).unwrap();
        assert!(!ran.success(), "{}", said(&ran));
        assert!(ran.failure().unwrap().contains("too large"), "{}", said(&ran));
        assert!(!place.root.join("big").exists());
    }
}

#[test]
fn one_that_will_not_end_is_ended_with_all_its_children() {
    if !can() {
        return;
    }
    let place = Place::new();
    for mode in [0, 1] {
        let trial = || place.trials().into_iter().nth(mode).unwrap();
        let limits = Limits {
            wall: Duration::from_millis(300),
            ..small()
        };
        let mark = format!("{}.{}", 4000 + std::process::id() % 1000, std::process::id());
        let script =
            format!("trap '' TERM INT HUP; (trap '' TERM; setsid sleep {mark}) & while :; do sleep 0.05; done");
        let start = Instant::now();
        let ran = trial().run(&sh(&place, &script), false, &limits).unwrap();
        assert_eq!(ran.breach, Some(Breach::Time), "{}", said(&ran));
        assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
        assert_eq!(running(&mark), 0);
    }
}

#[test]
fn a_daemon_left_behind_is_ended_and_told() {
    if !can() {
        return;
    }
    let place = Place::new();
    for mode in [0, 1] {
        let trial = || place.trials().into_iter().nth(mode).unwrap();
        let mark = format!("{}.{}", 5000 + std::process::id() % 1000, std::process::id());
        let script =
            format!("setsid sh -c 'sleep {mark} & exec sleep {mark}' >/dev/null 2>&1 </dev/null & sleep 0.3; echo ok");
        let ran = trial().run(&sh(&place, &script), false, &small()).unwrap();
        assert!(ran.success(), "{}", said(&ran));
        assert_eq!(ran.left_running, 2, "{}", said(&ran));
        assert_eq!(running(&mark), 0);
    }
}

/// How many processes have this word on their command line.
fn running(word: &str) -> usize {
    let lines = fs::read_dir("/proc").unwrap().flatten().map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).into_owned()
    });
    lines.filter(|line| line.split('\0').any(|part| part == word)).count()
}

#[test]
fn signals_and_codes_are_told_as_they_were() {
    if !can() {
        return;
    }
    let place = Place::new();
    for mode in [0, 1] {
        let trial = || place.trials().into_iter().nth(mode).unwrap();
        let ran = trial().run(&sh(&place, "kill -9 $$"), false, &small()).unwrap();
        assert_eq!((ran.captured.exit.code, ran.captured.exit.signal), (None, Some(9)));
        let missing = trial().run(&Command::new(["no-such-tool"]).in_folder(&place.root), false, &small());
        assert!(matches!(missing, Err(SandboxError::Spawn(_))), "{missing:?}");
    }
}

#[test]
fn other_processes_cannot_be_ended() {
    if !can() || !(support().namespaces || rules::version() >= 6) {
        return;
    }
    let place = Place::new();
    let mut victim = std::process::Command::new("sleep").arg("30").spawn().unwrap();
    let ran = place
        .trial()
        .run(&sh(&place, &format!("kill -9 {}", victim.id())), false, &small())
        .unwrap();
    assert!(!ran.success());
    assert!(victim.try_wait().unwrap().is_none(), "the victim lives");
    victim.kill().unwrap();
    victim.wait().unwrap();
}

#[test]
fn temporary_files_and_shared_memory_are_the_trials_own() {
    if !can() {
        return;
    }
    let place = Place::new();
    for mode in [0, 1] {
        let trial = || place.trials().into_iter().nth(mode).unwrap();
        let script = "f=$(mktemp) && echo x > $f && echo $f";
        let ran = trial().run(&sh(&place, script), false, &small()).unwrap();
        assert!(ran.success(), "{}", said(&ran));
        assert!(!Path::new(said(&ran).trim()).exists());
    }
}

#[test]
fn a_project_that_is_too_large_is_not_tried() {
    let place = Place::new();
    let bounds = Bounds { entries: 2, bytes: 1 };
    let refused = Trial::new(&place.root, &[], &[], &bounds);
    assert!(matches!(refused, Err(SandboxError::TooLarge { .. })), "{refused:?}");
}

#[test]
fn the_path_of_the_copy_does_not_come_back_in_a_file() {
    if !can() {
        return;
    }
    let place = Place::new();
    let trial = place.trial();
    let copy = trial.copy_of(&place.root).unwrap();
    fs::write(copy.join("script"), format!("#!{}/bin/python\n", copy.display())).unwrap();
    assert!(matches!(trial.edits(), Err(SandboxError::NamesCopy { .. })));
}

#[test]
fn modes_links_and_times_are_copied() {
    let place = Place::new();
    fs::set_permissions(place.root.join("a"), fs::Permissions::from_mode(0o751)).unwrap();
    let trial = place.trial();
    let copy = trial.copy_of(&place.root).unwrap();
    let (was, is) = (
        fs::metadata(place.root.join("a")).unwrap(),
        fs::metadata(copy.join("a")).unwrap(),
    );
    assert_eq!(
        (was.mode(), was.mtime(), was.mtime_nsec()),
        (is.mode(), is.mtime(), is.mtime_nsec())
    );
    assert_eq!(fs::read_link(copy.join("out")).unwrap(), place.beside);
    assert_eq!(trial.edits().unwrap(), []);
    assert!(trial.original_is_untouched(&place.root.join("a")));
    fs::write(place.root.join("a"), "somebody else\n").unwrap();
    assert!(!trial.original_is_untouched(&place.root.join("a")));
}
