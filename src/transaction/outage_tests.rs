//! The power fails at any moment: what nobody synced may be lost, in any combination. Afterwards
//! the next heal finds the tree of the start or that of the success.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::tests::{Project, Tree};
use super::*;
use crate::world::{Disk, Recording, Survive, World};

/// What may survive, of every kind.
const WAYS: [Survive; 7] = [
    Survive::Nothing,
    Survive::Names,
    Survive::Some(1),
    Survive::Some(2),
    Survive::Some(3),
    Survive::Some(4),
    Survive::Everything,
];

/// A tree without times: those of new files differ from run to run.
type Timeless = Vec<(PathBuf, u32, Option<Vec<u8>>)>;

#[derive(Clone, Copy, PartialEq)]
enum End {
    Commit,
    RollBack,
    GoBackThenCommit,
}

fn project() -> Project {
    let project = Project::new();
    project.file("a.py", "one\n");
    project.file("b.py", "two\r\n");
    project.file("run.sh", "#!/bin/sh\n");
    project.file("gone", "soon\n");
    project.file("lock", "v1\n");
    project.file("cache/old/plugin", "p1");
    project
}

fn argv(words: &str) -> Vec<String> {
    words.split(' ').map(str::to_owned).collect()
}

/// Five files, a folder, a mode, a removal; commands with an undo and with watched places, whose
/// own writes nobody syncs.
fn session(world: Arc<dyn World>, project: &Project, end: End) -> Result<(), TransactionError> {
    let root = &project.root;
    let mut undo = |_: &[String]| {
        let _ = fs::remove_file(root.join("installed"));
        Ok(())
    };
    let mut open = Transaction::open(world, root, &project.log, "s1");
    open.write_file(&root.join("a.py"), b"one!\n", Some(b"one\n"))?;
    let one = open.command_started(&argv("add"), Some(&argv("remove")), "add", &[])?;
    fs::write(root.join("installed"), "x").unwrap();
    open.command_finished(one, Some(0))?;
    let mark = open.checkpoint();
    open.write_file(&root.join("b.py"), b"two!\r\n", Some(b"two\r\n"))?;
    open.set_mode(&root.join("run.sh"), 0o755)?;
    open.remove_file(&root.join("gone"), b"soon\n")?;
    let watched = [root.join("lock"), root.join("cache"), root.join("fresh")];
    let two = open.command_started(&argv("lock"), None, "lock", &watched)?;
    fs::write(&watched[0], "v2\n").unwrap();
    fs::remove_dir_all(root.join("cache/old")).unwrap();
    fs::create_dir(root.join("cache/new")).unwrap();
    fs::write(root.join("cache/new/plugin"), "p2").unwrap();
    fs::create_dir_all(root.join("fresh/deep")).unwrap();
    fs::write(root.join("fresh/deep/f"), "f").unwrap();
    open.command_finished(two, Some(0))?;
    open.create_dirs(&root.join("new/deep"))?;
    open.write_file(&root.join("new/deep/c"), b"c", None)?;
    open.write_file(&root.join("a.py"), b"one!!\n", Some(b"one!\n"))?;
    match end {
        End::Commit => open.commit(),
        End::RollBack => open.rollback(&mut undo).map(drop),
        End::GoBackThenCommit => {
            open.rollback_to(mark, &mut undo)?;
            open.commit()
        }
    }
}

fn recover_in(world: &Arc<dyn World>, project: &Project) -> Vec<Recovered> {
    let root = project.root.clone();
    let mut undo = move |_: &[String]| {
        let _ = fs::remove_file(root.join("installed"));
        Ok(())
    };
    recover(world, &project.root, &project.log, &mut undo).unwrap()
}

fn without_times(root: &Path, tree: Tree) -> Timeless {
    tree.into_iter()
        .map(|(path, mode, file)| {
            let path = path.strip_prefix(root).unwrap().to_path_buf();
            (path, mode, file.map(|(bytes, ..)| bytes))
        })
        .collect()
}

/// Runs a session; the moments of it, and the trees of its start and its success.
fn recorded(project: &Project, end: End) -> (Vec<Disk>, Tree, Timeless) {
    let start = project.tree();
    let world = Recording::new(Arc::clone(&project.world), &project.root).unwrap();
    session(Arc::new(world.clone()), project, end).unwrap();
    let success = without_times(&project.root, project.tree());
    (world.moments(), start, success)
}

#[test]
fn a_power_cut_at_any_moment_leaves_start_or_success() {
    for end in [End::Commit, End::RollBack, End::GoBackThenCommit] {
        let project = project();
        let (moments, start, success) = recorded(&project, end);
        assert!(moments.len() > 100, "{}", moments.len());
        let mut successes = 0;
        for (at, disk) in moments.iter().enumerate() {
            for way in WAYS {
                disk.restore(&project.root, way).unwrap();
                let found = project.tree();
                let recovered = recover_in(&project.world, &project);
                let tree = project.tree();
                let here = format!("{way:?} at {at} of {}", moments.len());
                if tree == start {
                    assert!(found == start || !recovered.is_empty(), "{here}: it must be told");
                } else {
                    assert_eq!(
                        without_times(&project.root, tree.clone()),
                        success,
                        "{here}: {recovered:?}"
                    );
                    successes += 1;
                }
                assert!(
                    recover_in(&project.world, &project).is_empty(),
                    "{here}: it comes to an end"
                );
                assert_eq!(project.tree(), tree, "{here}");
            }
        }
        assert!(
            end == End::RollBack || successes > 0,
            "a commit that is on the disk stands"
        );
    }
}

#[test]
fn a_power_cut_during_the_recovery_changes_nothing_about_its_end() {
    let project = project();
    let (moments, start, success) = recorded(&project, End::Commit);
    // Late enough for everything to be there that must be taken back.
    for at in [moments.len() * 9 / 10, moments.len() - 4] {
        moments[at].restore(&project.root, Survive::Everything).unwrap();
        let world = Recording::new(Arc::clone(&project.world), &project.root).unwrap();
        let recording: Arc<dyn World> = Arc::new(world.clone());
        recover_in(&recording, &project);
        let end = project.tree();
        assert!(end == start || without_times(&project.root, end) == success);
        for (again, disk) in world.moments().iter().enumerate() {
            for way in WAYS {
                disk.restore(&project.root, way).unwrap();
                recover_in(&project.world, &project);
                assert_eq!(project.tree(), start, "{way:?} at {again} of the recovery from {at}");
            }
        }
    }
}

#[test]
fn a_power_cut_during_an_undo_leaves_before_or_after() {
    let project = project();
    let start = project.tree();
    session(Arc::clone(&project.world), &project, End::Commit).unwrap();
    let done = project.tree();
    let world = Recording::new(Arc::clone(&project.world), &project.root).unwrap();
    let recording: Arc<dyn World> = Arc::new(world.clone());
    let mut remove = |_: &[String]| {
        let _ = fs::remove_file(project.root.join("installed"));
        Ok(())
    };
    undo(&recording, &project.root, &project.log, None, &mut remove).unwrap();
    assert_eq!(project.tree(), start);
    let mode = fs::metadata(project.root.join("run.sh")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o644);
    for (at, disk) in world.moments().iter().enumerate() {
        for way in WAYS {
            disk.restore(&project.root, way).unwrap();
            recover_in(&project.world, &project);
            let tree = project.tree();
            assert!(tree == start || tree == done, "{way:?} at {at}");
        }
    }
}
