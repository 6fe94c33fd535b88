//! Whatever goes wrong, and wherever: afterwards the tree is that of the start or that of the
//! success, never a third.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;

use super::tests::{Project, Tree};
use super::*;
use crate::world::{Faulty, Plan, World};

/// A tree without times.
type Timeless = Vec<(PathBuf, u32, Option<Vec<u8>>)>;

/// How the session of [`session`] wants to end.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Commit,
    RollBack,
}

fn project() -> Project {
    let project = Project::new();
    project.file("a.py", "one\n");
    project.file("b.py", "two\r\n");
    project.file("run.sh", "#!/bin/sh\n");
    project.file("lock", "v1\n");
    project.file("cache/old/plugin", "p1");
    project
}

fn argv(words: &str) -> Vec<String> {
    words.split(' ').map(str::to_owned).collect()
}

/// The undo of the session's commands; it bears being run twice. The dead run nothing.
fn undo_command(world: &Arc<dyn World>, root: &Path) -> impl FnMut(&[String]) -> Result<(), String> {
    let (world, root) = (Arc::clone(world), root.to_path_buf());
    move |_| {
        world.metadata(&root).map_err(|error| error.to_string())?;
        let _ = fs::remove_file(root.join("installed"));
        Ok(())
    }
}

/// Three files, a new one in a new folder, two commands.
fn session(world: Arc<dyn World>, project: &Project, end: End) -> Result<Option<Restored>, TransactionError> {
    let root = &project.root;
    let mut open = Transaction::open(Arc::clone(&world), root, &project.log, "s1");
    let work = |open: &mut Transaction| -> Result<(), TransactionError> {
        open.write_file(&root.join("a.py"), b"one!\n", Some(b"one\n"))?;
        let one = open.command_started(&argv("add"), Some(&argv("remove")), "add", &[])?;
        fs::write(root.join("installed"), "x").unwrap();
        open.command_finished(one, Some(0))?;
        open.write_file(&root.join("b.py"), b"two!\r\n", Some(b"two\r\n"))?;
        open.set_mode(&root.join("run.sh"), 0o755)?;
        let lock = [root.join("lock"), root.join("cache")];
        let two = open.command_started(&argv("lock"), Some(&argv("unlock")), "lock", &lock)?;
        fs::write(&lock[0], "v2\n").unwrap();
        fs::remove_dir_all(root.join("cache/old")).unwrap();
        fs::create_dir(root.join("cache/new")).unwrap();
        fs::write(root.join("cache/new/plugin"), "p2").unwrap();
        open.command_finished(two, Some(0))?;
        open.create_dirs(&root.join("new/deep"))?;
        open.write_file(&root.join("new/deep/c"), b"c", None)?;
        open.write_file(&root.join("a.py"), b"one!!\n", Some(b"one!\n"))?;
        Ok(())
    };
    let done = work(&mut open).and_then(|()| match end {
        End::Commit => open.commit(),
        End::RollBack => Ok(()),
    });
    match (done, end) {
        (Ok(()), End::Commit) => Ok(None),
        _ => open.rollback(&mut undo_command(&world, root)).map(Some),
    }
}

fn recovered(project: &Project) -> Tree {
    let (root, log) = (&project.root, &project.log);
    recover(&project.world, root, log, &mut undo_command(&project.world, root)).unwrap();
    let tree = project.tree();
    let again = recover(&project.world, root, log, &mut undo_command(&project.world, root)).unwrap();
    assert!(again.is_empty(), "recovery must come to an end: {again:?}");
    assert_eq!(project.tree(), tree);
    tree
}

/// Content, names and modes; times of files that commands wrote differ from run to run.
fn without_times(root: &Path, tree: Tree) -> Timeless {
    tree.into_iter()
        .map(|(path, mode, file)| {
            let path = path.strip_prefix(root).unwrap().to_path_buf();
            (path, mode, file.map(|(bytes, ..)| bytes))
        })
        .collect()
}

/// The number of operations of a session, and the tree that its success leaves.
fn success(end: End) -> (u64, Timeless) {
    let project = project();
    let world = Faulty::new(Arc::clone(&project.world), Plan::Count);
    session(Arc::new(world.clone()), &project, end).unwrap();
    (world.count(), without_times(&project.root, project.tree()))
}

#[test]
fn death_at_any_operation_leaves_start_or_success() {
    for end in [End::Commit, End::RollBack] {
        let (operations, success) = success(end);
        assert!(operations > 50, "{operations}");
        let mut successes = 0;
        for at in 1..=operations {
            let project = project();
            let start = project.tree();
            let world = Arc::new(Faulty::new(Arc::clone(&project.world), Plan::Death(at)));
            let _ = session(world, &project, end);
            let tree = recovered(&project);
            if tree != start {
                assert_eq!(without_times(&project.root, tree), success, "at {at}");
                assert!(end == End::Commit, "a rollback that died at {at} went forward");
                successes += 1;
            }
        }
        assert!(successes <= 2, "only a commit that is written counts: {successes}");
    }
}

#[test]
fn death_during_the_recovery_changes_nothing_about_its_end() {
    for at in 1..=40 {
        let project = project();
        let start = project.tree();
        let (operations, _) = success(End::Commit);
        // Near the end; not the last ones, because how many there are depends on whether a second
        // passes between two backups.
        let first = Arc::new(Faulty::new(Arc::clone(&project.world), Plan::Death(operations - 5)));
        let _ = session(first, &project, End::Commit);
        let dying: Arc<dyn World> = Arc::new(Faulty::new(Arc::clone(&project.world), Plan::Death(at)));
        let root = &project.root;
        let _ = recover(&dying, root, &project.log, &mut undo_command(&dying, root));
        assert_eq!(recovered(&project), start, "at {at}");
    }
}

#[test]
fn an_error_at_any_operation_is_told_and_taken_back() {
    let (operations, success) = success(End::Commit);
    for kind in [ErrorKind::StorageFull, ErrorKind::Other] {
        for at in 1..=operations {
            let project = project();
            let start = project.tree();
            let world = Arc::new(Faulty::new(Arc::clone(&project.world), Plan::Once(at, kind)));
            let ended = session(world, &project, End::Commit);
            let tree = recovered(&project);
            match ended {
                // What only helps to compare may fail in silence.
                Ok(None) => assert_eq!(without_times(&project.root, tree), success, "at {at}"),
                _ => assert_eq!(tree, start, "{kind:?} at {at}: {ended:?}"),
            }
        }
    }
}

#[test]
fn an_error_at_any_look_is_told_and_taken_back() {
    let counted = project();
    let counting = Faulty::new(Arc::clone(&counted.world), Plan::Count);
    session(Arc::new(counting.clone()), &counted, End::Commit).unwrap();
    let success = without_times(&counted.root, counted.tree());
    assert!(counting.looks() > 50, "{}", counting.looks());
    for at in 1..=counting.looks() {
        let project = project();
        let start = project.tree();
        let plan = Plan::Look(at, ErrorKind::Other);
        let world = Arc::new(Faulty::new(Arc::clone(&project.world), plan));
        let ended = session(world, &project, End::Commit);
        let tree = recovered(&project);
        match ended {
            // What only helps to compare may fail in silence.
            Ok(None) => assert_eq!(without_times(&project.root, tree), success, "at {at}"),
            _ => assert_eq!(tree, start, "at {at}: {ended:?}"),
        }
    }
}

#[test]
fn a_disk_that_becomes_read_only_is_told_and_put_back_when_it_can_be_written_again() {
    let (operations, success) = success(End::Commit);
    for at in 1..=operations {
        let project = project();
        let start = project.tree();
        let world = Arc::new(Faulty::new(Arc::clone(&project.world), Plan::ReadOnly(at)));
        let ended = session(world, &project, End::Commit);
        // A rollback that could do nothing says so, path by path.
        if let Ok(Some(restored)) = &ended
            && without_times(&project.root, project.tree()) != without_times(&project.root, start.clone())
        {
            assert!(!restored.is_complete(), "at {at}: {restored:?}");
        }
        let tree = recovered(&project);
        match ended {
            Ok(None) => assert_eq!(without_times(&project.root, tree), success, "at {at}"),
            // The commit itself broke off: the journal on the disk decides, and nothing else.
            Err(_) if tree != start => assert_eq!(without_times(&project.root, tree), success, "at {at}"),
            _ => assert_eq!(tree, start, "at {at}: {ended:?}"),
        }
    }
}

#[test]
fn a_disk_that_is_full_from_some_moment_on_ends_at_the_start() {
    let (operations, success) = success(End::Commit);
    for at in 1..=operations {
        let project = project();
        let start = project.tree();
        let plan = Plan::From(at, ErrorKind::StorageFull);
        let world = Arc::new(Faulty::new(Arc::clone(&project.world), plan));
        let ended = session(world, &project, End::Commit);
        // Before any recovery: the rollback itself has to manage without room. Only a folder that
        // a command removed cannot be made again.
        let tree = project.tree();
        match &ended {
            Ok(None) => assert_eq!(without_times(&project.root, tree.clone()), success, "at {at}"),
            Ok(Some(restored)) if restored.could_not_undo.iter().any(|it| it.what.ends_with("cache")) => {
                assert_eq!(restored.could_not_undo.len(), 1, "at {at}: {restored:?}");
            }
            _ => assert_eq!(tree, start, "at {at}: {ended:?}"),
        }
        let recovered = recovered(&project);
        assert_eq!(recovered, if let Ok(None) = ended { tree } else { start }, "at {at}");
    }
}

#[test]
fn an_undo_that_dies_is_finished_by_the_next_command() {
    let (operations, _) = success(End::Commit);
    for at in 1..=operations {
        let project = project();
        let start = project.tree();
        session(Arc::clone(&project.world), &project, End::Commit).unwrap();
        let done = project.tree();
        let root = &project.root;
        let dying: Arc<dyn World> = Arc::new(Faulty::new(Arc::clone(&project.world), Plan::Death(at)));
        let undone = undo(&dying, root, &project.log, None, &mut undo_command(&dying, root));
        let tree = recovered(&project);
        assert!(tree == start || tree == done, "at {at}");
        if undone.is_ok() {
            assert_eq!(tree, start, "at {at}");
        }
        if tree == done {
            undo(
                &project.world,
                root,
                &project.log,
                None,
                &mut undo_command(&project.world, root),
            )
            .unwrap();
            assert_eq!(project.tree(), start, "at {at}");
        }
    }
}

/// One step of a session made up by proptest.
#[derive(Debug, Clone)]
enum Step {
    Write(usize, Vec<u8>),
    Mode(usize, u32),
    Remove(usize),
    Dirs(usize),
}

const NAMES: [&str; 6] = ["a", "b b", "d/c", "d/e/f", "g/h", "ü%.x"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = 0..NAMES.len();
    let step = prop_oneof![
        4 => (name.clone(), any::<Vec<u8>>()).prop_map(|(name, bytes)| Step::Write(name, bytes)),
        1 => (name.clone(), 0o400_u32..0o1000).prop_map(|(name, mode)| Step::Mode(name, mode | 0o400)),
        1 => name.clone().prop_map(Step::Remove),
        1 => name.prop_map(Step::Dirs),
    ];
    proptest::collection::vec(step, 1..14)
}

fn take(open: &mut Transaction, root: &Path, step: &Step) {
    let (Step::Write(name, _) | Step::Mode(name, _) | Step::Remove(name) | Step::Dirs(name)) = step;
    let path = root.join(NAMES[*name]);
    let read = fs::read(&path).ok();
    // Steps that cannot be made are refused; that, too, must leave nothing behind.
    let _ = match step {
        Step::Write(_, bytes) => open.write_file(&path, bytes, read.as_deref()).map(drop),
        Step::Mode(_, mode) => open.set_mode(&path, *mode),
        Step::Remove(_) => open.remove_file(&path, read.as_deref().unwrap_or_default()),
        Step::Dirs(_) => open.create_dirs(path.parent().unwrap_or(root)),
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn taking_back_is_the_identity(
        present in proptest::collection::vec((0..NAMES.len(), any::<Vec<u8>>()), 0..5),
        first in steps(),
        second in steps(),
        way in 0..4,
    ) {
        let project = Project::new();
        for (name, bytes) in present {
            let path = project.file(NAMES[name], "");
            fs::write(path, bytes).unwrap();
        }
        let (root, log) = (&project.root, &project.log);
        let mut none = |_: &[String]| Ok(());
        let start = project.tree();
        let mut open = project.begin("s1");
        first.iter().for_each(|step| take(&mut open, root, step));
        let middle = project.tree();
        let mark = open.checkpoint();
        second.iter().for_each(|step| take(&mut open, root, step));
        match way {
            0 => {
                let back = open.rollback_to(mark, &mut none).unwrap();
                prop_assert!(back.is_complete(), "{:?}", back);
                prop_assert_eq!(project.tree(), middle);
                open.rollback(&mut none).unwrap();
            }
            1 => drop(open.rollback(&mut none).unwrap()),
            2 => {
                drop(open);
                recover(&project.world, root, log, &mut none).unwrap();
            }
            _ => {
                open.commit().unwrap();
                match undo(&project.world, root, log, None, &mut none) {
                    Ok(_) | Err(UndoError::Nothing) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
        prop_assert_eq!(project.tree(), start);
    }

    #[test]
    fn any_bytes_are_read_as_a_journal(bytes: Vec<u8>) {
        let replay = super::journal::Replay::read(&bytes);
        prop_assert!(replay.entries.is_empty());
    }
}
