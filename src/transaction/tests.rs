//! What a user of sessions notices.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::world::{FileTime, Real, World};

/// Names, modes, and for files bytes and times.
pub(super) type Tree = Vec<(PathBuf, u32, Option<(Vec<u8>, i64, i64)>)>;

pub(super) struct Project {
    _folder: tempfile::TempDir,
    pub root: PathBuf,
    pub log: PathBuf,
    pub world: Arc<dyn World>,
}

impl Project {
    pub fn new() -> Self {
        // In memory where that is possible: hundreds of sessions that sync take long on a disk.
        let memory = Path::new("/dev/shm");
        let folder = match tempfile::tempdir_in(memory) {
            Ok(folder) => folder,
            Err(_) => tempfile::tempdir().unwrap(),
        };
        let root = folder.path().canonicalize().unwrap();
        Self {
            log: root.join("logs"),
            root,
            _folder: folder,
            world: Arc::new(Real),
        }
    }

    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let old = FileTime {
            seconds: 1_600_000_000,
            nanos: 123_456_789,
        };
        self.world.set_times(&path, old, old).unwrap();
        path
    }

    pub fn begin(&self, session: &str) -> Transaction {
        Transaction::open(Arc::clone(&self.world), &self.root, &self.log, session)
    }

    /// Everything in the tree but heal's own folder: names, kinds, bytes, modes, times.
    pub fn tree(&self) -> Tree {
        let mut out = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for path in self.world.read_dir(&folder).unwrap() {
                let meta = fs::symlink_metadata(&path).unwrap();
                if path == self.log {
                } else if meta.is_dir() {
                    out.push((path.clone(), meta.mode(), None));
                    folders.push(path);
                } else if meta.is_symlink() {
                    let target = fs::read_link(&path).unwrap();
                    out.push((path, 0, Some((target.into_os_string().into_encoded_bytes(), 0, 0))));
                } else {
                    let content = fs::read(&path).unwrap();
                    out.push((path, meta.mode(), Some((content, meta.mtime(), meta.mtime_nsec()))));
                }
            }
        }
        out
    }
}

fn no_commands(argv: &[String]) -> Result<(), String> {
    panic!("no undo command was expected, got {argv:?}")
}

#[test]
fn nothing_is_written_before_the_first_change() {
    let project = Project::new();
    let mut session = project.begin("s1");
    session.commit().unwrap();
    assert!(!project.log.exists());
}

#[test]
fn rollback_restores_bytes_mode_and_times() {
    let project = Project::new();
    let a = project.file("a.py", "one\r\n");
    let b = project.file("sub/b.sh", "two");
    let before = project.tree();
    let mut session = project.begin("s1");
    session.write_file(&a, b"changed\n", Some(b"one\r\n")).unwrap();
    session.set_mode(&b, 0o755).unwrap();
    session.create_dirs(&project.root.join("new/deep")).unwrap();
    session
        .write_file(&project.root.join("new/deep/c"), b"c", None)
        .unwrap();
    session.write_file(&a, b"again\n", Some(b"changed\n")).unwrap();
    session.remove_file(&b, b"two").unwrap();
    assert_ne!(project.tree(), before);
    let restored = session.rollback(&mut no_commands).unwrap();
    assert_eq!(project.tree(), before);
    assert!(restored.is_complete(), "{restored:?}");
    let patch = fs::read_to_string(&restored.patches[0]).unwrap();
    assert!(patch.contains("-one\r\n+again\n"), "{patch}");
    assert_eq!(
        list(&*project.world, &project.log).unwrap()[0].state,
        SessionState::RolledBack
    );
}

#[test]
fn undo_of_a_committed_session_is_the_identity_and_happens_once() {
    let project = Project::new();
    let a = project.file("a.py", "one\n");
    let before = project.tree();
    let mut session = project.begin("7f3a");
    let backup = session.write_file(&a, b"two\n", Some(b"one\n")).unwrap().unwrap();
    session.commit().unwrap();
    assert_eq!(fs::read(&a).unwrap(), b"two\n");
    let name = backup.file_name().unwrap().to_str().unwrap();
    assert!(
        regex::Regex::new(r"^a\.py\.\d{8}_\d{6}\.backup$")
            .unwrap()
            .is_match(name),
        "{name}"
    );
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&project.log).unwrap().permissions().mode() & 0o777, 0o700);

    let report = undo(
        &project.world,
        &project.root,
        &project.log,
        Some("7f"),
        &mut no_commands,
    )
    .unwrap();
    assert_eq!(report.restored.files, [a]);
    assert_eq!(project.tree(), before);
    let again = undo(
        &project.world,
        &project.root,
        &project.log,
        Some("7f3a"),
        &mut no_commands,
    );
    assert!(matches!(again, Err(UndoError::Already(_))), "{again:?}");
    let latest = undo(&project.world, &project.root, &project.log, None, &mut no_commands);
    assert!(matches!(latest, Err(UndoError::Nothing)), "{latest:?}");
}

#[test]
fn undo_refuses_when_a_file_was_changed_since_and_names_three_versions() {
    let project = Project::new();
    let a = project.file("a", "one\n");
    let b = project.file("b", "one\n");
    let mut session = project.begin("s1");
    session.write_file(&a, b"heal\n", Some(b"one\n")).unwrap();
    session.write_file(&b, b"heal\n", Some(b"one\n")).unwrap();
    session.commit().unwrap();
    fs::write(&b, "user\n").unwrap();
    let refused = undo(&project.world, &project.root, &project.log, None, &mut no_commands);
    let Err(UndoError::ChangedSince { path, before, after }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(path, b);
    assert_eq!(fs::read(before.unwrap()).unwrap(), b"one\n");
    assert_eq!(fs::read(after.unwrap()).unwrap(), b"heal\n");
    assert_eq!(fs::read(&a).unwrap(), b"heal\n", "nothing is taken back by halves");
    assert_eq!(fs::read(&b).unwrap(), b"user\n");
}

#[test]
fn a_file_that_somebody_else_changed_is_not_overwritten() {
    let project = Project::new();
    let a = project.file("a", "theirs\n");
    let mut session = project.begin("s1");
    let refused = session.write_file(&a, b"mine\n", Some(b"what I read\n"));
    assert!(
        matches!(refused, Err(TransactionError::ChangedMeanwhile { .. })),
        "{refused:?}"
    );
    let refused = session.write_file(&a, b"mine\n", None);
    assert!(
        matches!(refused, Err(TransactionError::ChangedMeanwhile { .. })),
        "{refused:?}"
    );
    assert_eq!(fs::read(&a).unwrap(), b"theirs\n");

    session.write_file(&a, b"mine\n", Some(b"theirs\n")).unwrap();
    fs::write(&a, "theirs again\n").unwrap();
    let restored = session.rollback(&mut no_commands).unwrap();
    assert_eq!(fs::read(&a).unwrap(), b"theirs again\n");
    assert_eq!(restored.could_not_undo.len(), 1);
}

#[test]
fn an_open_session_is_recovered_only_when_its_process_is_gone() {
    let project = Project::new();
    let a = project.file("a", "one\n");
    let before = project.tree();
    let mut session = project.begin("s1");
    session.write_file(&a, b"two\n", Some(b"one\n")).unwrap();
    let living = recover(&project.world, &project.root, &project.log, &mut no_commands).unwrap();
    assert!(living.is_empty());
    assert!(matches!(
        undo(
            &project.world,
            &project.root,
            &project.log,
            Some("s1"),
            &mut no_commands
        ),
        Err(UndoError::Running(_))
    ));
    drop(session);
    let dead = recover(&project.world, &project.root, &project.log, &mut no_commands).unwrap();
    assert_eq!(dead[0].session, "s1");
    assert_eq!(project.tree(), before);
    let again = recover(&project.world, &project.root, &project.log, &mut no_commands).unwrap();
    assert!(again.is_empty());
}

#[test]
fn a_torn_last_line_of_the_journal_is_no_damage() {
    let project = Project::new();
    let a = project.file("a", "one\n");
    let before = project.tree();
    let mut session = project.begin("s1");
    session.write_file(&a, b"two\n", Some(b"one\n")).unwrap();
    drop(session);
    let journal = project.log.join("sessions/s1/journal");
    let mut bytes = fs::read(&journal).unwrap();
    bytes.extend_from_slice(b"0123456789abcdef {\"do\":\"cha");
    fs::write(&journal, bytes).unwrap();
    let dead = recover(&project.world, &project.root, &project.log, &mut no_commands).unwrap();
    assert!(dead[0].restored.is_complete(), "{dead:?}");
    assert_eq!(project.tree(), before);
}

#[test]
fn commands_are_undone_newest_first_between_the_files() {
    let project = Project::new();
    let lock = project.file("lock", "v1\n");
    let before = project.tree();
    let argv = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut session = project.begin("s1");
    let one = session
        .command_started(
            &argv("tool add x"),
            Some(&argv("tool remove x")),
            "add x",
            std::slice::from_ref(&lock),
        )
        .unwrap();
    fs::write(&lock, "v2\n").unwrap();
    session.command_finished(one, Some(0)).unwrap();
    let mark = session.checkpoint();
    let two = session
        .command_started(&argv("tool break"), Some(&argv("never")), "break", &[])
        .unwrap();
    session.command_finished(two, Some(1)).unwrap();
    let three = session.command_started(&argv("tool note"), None, "note", &[]).unwrap();
    session.command_finished(three, Some(0)).unwrap();
    assert!(String::from_utf8(session.diff()).unwrap().contains("-v1\n+v2\n"));

    let restored = session.rollback_to(mark, &mut no_commands).unwrap();
    let what: Vec<&str> = restored.could_not_undo.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(what, ["note", "break"]);
    assert_eq!(fs::read(&lock).unwrap(), b"v2\n");

    let mut ran = Vec::new();
    let restored = session
        .rollback(&mut |argv| {
            ran.push(argv.join(" "));
            Ok(())
        })
        .unwrap();
    assert_eq!(ran, ["tool remove x"]);
    assert_eq!(restored.files, [lock]);
    assert_eq!(project.tree(), before);
}

#[test]
fn nothing_outside_the_project_is_written() {
    let project = Project::new();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    fs::write(&secret, "x").unwrap();
    project.file(".git/config", "x");
    std::os::unix::fs::symlink(&secret, project.root.join("link")).unwrap();
    std::os::unix::fs::symlink(outside.path(), project.root.join("folder")).unwrap();
    let mut session = project.begin("s1");
    for (path, outside) in [
        (secret.clone(), true),
        (project.root.join("link"), true),
        (project.root.join("folder/secret"), true),
        (
            project
                .root
                .join("../")
                .join(outside.path().file_name().unwrap())
                .join("secret"),
            true,
        ),
        (project.root.join(".git/config"), false),
    ] {
        let refused = session.write_file(&path, b"y", Some(b"x"));
        match refused {
            Err(TransactionError::OutsideRoot { .. }) => assert!(outside, "{path:?}"),
            Err(TransactionError::Reserved { .. }) => assert!(!outside, "{path:?}"),
            other => panic!("{path:?}: {other:?}"),
        }
    }
    session.allow_root(outside.path());
    session.write_file(&secret, b"y", Some(b"x")).unwrap();
}

#[test]
fn links_and_names_are_respected() {
    use std::os::unix::ffi::OsStrExt;
    let project = Project::new();
    let target = project.file("target", "one");
    std::os::unix::fs::symlink("target", project.root.join("link")).unwrap();
    let odd = project.root.join(std::ffi::OsStr::from_bytes(b"\xff%41 \n"));
    fs::write(&odd, "one").unwrap();
    let twin = project.file("twin", "one");
    fs::hard_link(&twin, project.root.join("twin2")).unwrap();
    let before = project.tree();

    let mut session = project.begin("s1");
    session
        .write_file(&project.root.join("link"), b"two", Some(b"one"))
        .unwrap();
    assert!(fs::symlink_metadata(project.root.join("link")).unwrap().is_symlink());
    assert_eq!(fs::read(&target).unwrap(), b"two");
    session.write_file(&odd, b"two", Some(b"one")).unwrap();
    let refused = session.write_file(&twin, b"two", Some(b"one"));
    assert!(
        matches!(refused, Err(TransactionError::HardLinked { links: 2, .. })),
        "{refused:?}"
    );
    drop(session);
    recover(&project.world, &project.root, &project.log, &mut no_commands).unwrap();
    assert_eq!(project.tree(), before);
}

#[test]
fn backups_in_one_second_do_not_collide_and_gc_drops_old_ones() {
    let project = Project::new();
    for number in 0..5 {
        let path = project.file(&format!("d{number}/same.txt"), "x");
        let mut session = project.begin(&format!("s{number}"));
        session.write_file(&path, b"y", Some(b"x")).unwrap();
        session.commit().unwrap();
    }
    let backups = || fs::read_dir(project.log.join("backups")).unwrap().count();
    assert_eq!(backups(), 5);
    let open = project.file("open", "x");
    let mut session = project.begin("open");
    session.write_file(&open, b"y", Some(b"x")).unwrap();
    let keep = Retention {
        max_age: chrono::TimeDelta::days(1),
        max_sessions: 2,
    };
    let dropped = gc(&*project.world, &project.log, keep).unwrap();
    assert_eq!(dropped.sessions.len(), 3);
    assert_eq!(backups(), 3, "two kept, and the open one");
    session.rollback(&mut no_commands).unwrap();
    assert_eq!(fs::read(Path::new(&open)).unwrap(), b"x");
}

#[test]
fn a_journal_that_others_can_write_is_not_believed() {
    let project = Project::new();
    let a = project.file("a", "one");
    let mut session = project.begin("s1");
    session.write_file(&a, b"two", Some(b"one")).unwrap();
    drop(session);
    let journal = project.log.join("sessions/s1/journal");
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o644)).unwrap();
    let root = &project.root;
    assert!(
        recover(&project.world, root, &project.log, &mut no_commands)
            .unwrap()
            .is_empty()
    );
    assert_eq!(fs::read(&a).unwrap(), b"two");
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(
        recover(&project.world, root, &project.log, &mut no_commands)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(fs::read(&a).unwrap(), b"one");
}

#[test]
fn diffs_are_what_git_and_patch_take() {
    let project = Project::new();
    let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\nlast without newline";
    let a = project.file("dir/a b.py", old);
    let run = project.file("run.sh", "x\n");
    let gone = project.file("gone", "x\n");
    let umlaut = project.file("ü", "x\n");
    let mut session = project.begin("s1");
    session
        .write_file(&a, old.replace("2\n", "zwei\r\n").as_bytes(), Some(old.as_bytes()))
        .unwrap();
    session.set_mode(&run, 0o755).unwrap();
    session.remove_file(&gone, b"x\n").unwrap();
    session.write_file(&umlaut, b"y", Some(b"x\n")).unwrap();
    session.write_file(&project.root.join("new"), b"n\n", None).unwrap();
    let patch = session.diff();
    let after: Vec<_> = project
        .tree()
        .into_iter()
        .map(|(p, m, f)| (p, m, f.map(|f| f.0)))
        .collect();
    session.rollback(&mut no_commands).unwrap();
    let file = project.log.join("p");
    fs::write(&file, &patch).unwrap();
    let git = |args: &[&str]| {
        let done = std::process::Command::new("git")
            .args(args)
            .current_dir(&project.root)
            .output();
        let done = done.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["apply", file.to_str().unwrap()]);
    let now: Vec<_> = project
        .tree()
        .into_iter()
        .map(|(p, m, f)| (p, m, f.map(|f| f.0)))
        .collect();
    assert_eq!(now, after, "{}", String::from_utf8_lossy(&patch));
}

#[test]
fn owner_and_attributes_of_a_file_survive() {
    let project = Project::new();
    let a = project.file("a", "one");
    let xattr = rustix::fs::setxattr(&a, "user.note", b"kept", rustix::fs::XattrFlags::empty());
    if project.world.is_root() {
        std::os::unix::fs::chown(&a, Some(1234), Some(2345)).unwrap();
    }
    fs::set_permissions(&a, fs::Permissions::from_mode(0o640)).unwrap();
    let before = project.world.metadata(&a).unwrap();
    let mut session = project.begin("s1");
    session.write_file(&a, b"two", Some(b"one")).unwrap();
    for _ in 0..2 {
        let now = project.world.metadata(&a).unwrap();
        assert_eq!((now.uid, now.gid, now.mode), (before.uid, before.gid, before.mode));
        if xattr.is_ok() {
            let mut value = [0_u8; 16];
            let len = rustix::fs::getxattr(&a, "user.note", &mut value[..]).unwrap();
            assert_eq!(&value[..len], b"kept");
        }
        session.rollback(&mut no_commands).unwrap();
    }
    assert_eq!(project.world.metadata(&a).unwrap().mtime, before.mtime);
}

#[test]
fn folders_that_a_command_changes_are_put_back_with_all_that_is_in_them() {
    use std::os::unix::fs::symlink;
    let argv = ["tool".to_owned(), "init".to_owned()];
    for (there, ending) in [
        (false, 0),
        (true, 0),
        (false, 1),
        (true, 1),
        (false, 2),
        (true, 2),
        (false, 3),
        (true, 3),
    ] {
        let project = Project::new();
        let cache = project.root.join(".cache");
        if there {
            project.file(".cache/keep", "same");
            project.file(".cache/index.json", "v1");
            project.file(".cache/old/plugin", "p1");
            symlink("keep", cache.join("link")).unwrap();
        }
        let start = project.tree();
        let mut session = project.begin("s1");
        let command = session
            .command_started(&argv, None, "init", std::slice::from_ref(&cache))
            .unwrap();
        project.file(".cache/new/deep/plugin", "p2");
        symlink("/nowhere", cache.join("new/link")).unwrap();
        fs::write(cache.join("index.json"), "v2").unwrap();
        if there {
            fs::remove_dir_all(cache.join("old")).unwrap();
            fs::remove_file(cache.join("link")).unwrap();
            symlink("index.json", cache.join("link")).unwrap();
        }
        let mut none = |_: &[String]| Ok(());
        let (world, root, log) = (&project.world, &project.root, &project.log);
        match ending {
            // The process died while the command ran.
            0 => {
                drop(session);
                recover(world, root, log, &mut none).unwrap();
            }
            1 => {
                session.command_finished(command, Some(1)).unwrap();
                session.rollback(&mut none).unwrap();
            }
            2 => {
                session.command_finished(command, Some(0)).unwrap();
                session.commit().unwrap();
                undo(world, root, log, None, &mut none).unwrap();
            }
            _ => {
                session.command_finished(command, Some(0)).unwrap();
                session.commit().unwrap();
                fs::write(cache.join("new/mine"), "a person's").unwrap();
                let refused = undo(world, root, log, None, &mut none);
                assert!(matches!(refused, Err(UndoError::ChangedSince { .. })), "{refused:?}");
                assert!(cache.join("new/mine").exists());
                continue;
            }
        }
        assert_eq!(project.tree(), start, "there {there}, ending {ending}");
    }
}

#[test]
fn a_session_of_which_nothing_is_left_needs_no_recovery() {
    let project = Project::new();
    let a = project.file("a", "one");
    let mut session = project.begin("s1");
    let mark = session.checkpoint();
    session.write_file(&a, b"two", Some(b"one")).unwrap();
    session.rollback_to(mark, &mut no_commands).unwrap();
    drop(session);
    assert_eq!(
        list(&*project.world, &project.log).unwrap()[0].state,
        SessionState::RolledBack
    );
    let recovered = recover(&project.world, &project.root, &project.log, &mut no_commands).unwrap();
    assert!(recovered.is_empty(), "{recovered:?}");
}
