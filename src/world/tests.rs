//! The real world and the one in memory behave alike.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::*;

/// Does the same things in an empty folder of either world, and writes down what came of it.
fn story(world: &dyn World, root: &Path) -> Vec<String> {
    let mut told = Vec::new();
    let mut tell = |what: &str, came: String| told.push(format!("{what}: {came}"));
    let kind = |result: io::Result<()>| result.map_err(|error| error.kind());
    let at = |name: &str| root.join(name);
    let text = |path: &Path| world.read_to_string(path).map_err(|error| error.kind());

    tell("read nothing", format!("{:?}", text(&at("a"))));
    tell(
        "create",
        format!(
            "{:?}",
            kind(world.replace(&at("a"), b"1", Some(&Meta::of_new_file(0o600)), Expect::Absent))
        ),
    );
    tell(
        "create again",
        format!("{:?}", kind(world.replace(&at("a"), b"2", None, Expect::Absent))),
    );
    tell(
        "wrong content",
        format!("{:?}", kind(world.replace(&at("a"), b"2", None, Expect::Content(b"x")))),
    );
    tell(
        "right content",
        format!("{:?}", kind(world.replace(&at("a"), b"2", None, Expect::Content(b"1")))),
    );
    tell(
        "content of nothing",
        format!("{:?}", kind(world.replace(&at("b"), b"2", None, Expect::Content(b"1")))),
    );
    tell("mode", format!("{:o}", world.stat(&at("a")).unwrap().mode));
    tell("set mode", format!("{:?}", kind(world.set_mode(&at("a"), 0o755))));
    let time = FileTime {
        seconds: 1_500_000_000,
        nanos: 5,
    };
    tell(
        "set times",
        format!("{:?}", kind(world.set_times(&at("a"), time, time))),
    );
    let meta = world.stat(&at("a")).unwrap();
    tell(
        "meta",
        format!("{:?} {} {:o} {:?}", meta.kind, meta.len, meta.mode, meta.mtime),
    );
    tell("link", format!("{:?}", kind(world.symlink(Path::new("a"), &at("l")))));
    tell(
        "write through",
        format!("{:?}", kind(world.write_atomic(&at("l"), b"3", None))),
    );
    tell(
        "still a link",
        format!("{:?} {:?}", world.metadata(&at("l")).unwrap().kind, text(&at("a"))),
    );
    tell("mode kept", format!("{:o}", world.stat(&at("l")).unwrap().mode));
    tell("folder", format!("{:?}", kind(world.create_dir(&at("d"), 0o755))));
    tell("folder twice", format!("{:?}", kind(world.create_dir(&at("d"), 0o755))));
    tell(
        "folders",
        format!("{:?}", world.create_dir_all(&at("d/e/f"), 0o755).unwrap().len()),
    );
    tell(
        "in no folder",
        format!("{:?}", kind(world.write_atomic(&at("x/y"), b"", None))),
    );
    tell("under a file", format!("{:?}", text(&at("a/b"))));
    tell(
        "over a folder",
        format!("{:?}", kind(world.write_atomic(&at("d"), b"", None))),
    );
    tell("not empty", format!("{:?}", kind(world.remove_dir(&at("d")))));
    tell("rename", format!("{:?}", kind(world.rename(&at("a"), &at("d/a")))));
    tell("dangling", format!("{:?} {}", text(&at("l")), world.exists(&at("l"))));
    world.symlink(Path::new("loop"), &at("loop")).unwrap();
    tell("loop", format!("{}", world.stat(&at("loop")).is_err()));
    let real = world.canonicalize(&at("d/e/../a")).unwrap();
    tell("canonical", format!("{:?}", real.strip_prefix(root)));
    let names: Vec<PathBuf> = world.read_dir(root).unwrap();
    tell(
        "names",
        format!(
            "{:?}",
            names
                .iter()
                .map(|path| path.strip_prefix(root).unwrap())
                .collect::<Vec<_>>()
        ),
    );
    {
        let mut file = world.open(&at("raw"), 0o600, Lock::TryExclusive).unwrap();
        file.write_all(b"hello").unwrap();
        let second = world.open(&at("raw"), 0o600, Lock::TryExclusive);
        tell(
            "locked",
            format!("{:?}", second.map(drop).map_err(|error| error.kind())),
        );
        file.set_len(2).unwrap();
    }
    tell(
        "unlocked",
        format!("{:?}", world.open(&at("raw"), 0o600, Lock::TryExclusive).is_ok()),
    );
    tell(
        "raw",
        format!("{:?} {:o}", text(&at("raw")), world.stat(&at("raw")).unwrap().mode),
    );
    told
}

#[test]
fn memory_behaves_as_the_machine_does() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let real = story(&Real, &root);
    let memory = story(&Memory::new().with_dir("/x"), Path::new("/x"));
    assert_eq!(real, memory);
}

#[test]
fn programs_are_found_only_in_absolute_folders() {
    let world = Memory::new().with_program("tool").with_file("/project/evil", "");
    world.set_mode(Path::new("/project/evil"), 0o755).unwrap();
    assert_eq!(world.which("tool"), Some(PathBuf::from("/usr/bin/tool")));
    let world = world
        .with_env("PATH", ".::bin:/usr/bin")
        .with_file("/usr/bin/plain", "");
    assert_eq!(
        world.which("evil"),
        None,
        "a program in the current folder is not on PATH"
    );
    assert_eq!(world.which("./evil"), Some(PathBuf::from("/project/./evil")));
    assert_eq!(world.which("plain"), None, "it is not executable");
    assert_eq!(world.which(""), None);
}

#[test]
fn what_the_dead_left_is_swept_and_what_the_living_write_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a");
    let (begin, end) = temporary_name(&target);
    let dead = folder.path().join(format!("{begin}1{end}"));
    let other = folder.path().join(".heal-other.tmp");
    fs::write(&dead, "").unwrap();
    fs::write(&other, "").unwrap();
    let living = folder.path().join(format!("{begin}2{end}"));
    let lock = Real.open(&living, 0o600, Lock::Exclusive).unwrap();
    Real.sweep(&target).unwrap();
    assert!(!dead.exists() && living.exists() && other.exists());
    drop(lock);
    Real.sweep(&target).unwrap();
    assert!(!living.exists());
}

#[test]
fn a_failed_replacement_leaves_no_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a");
    fs::write(&target, "theirs").unwrap();
    let refused = Real.replace(&target, b"x", None, Expect::Content(b"mine")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ResourceBusy);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
