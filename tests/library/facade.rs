//! What the documentation's examples do not show: that nothing is hidden, nothing is touched, nothing hangs.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use heal::environment::Bash;
use heal::{Config, Decision, Error, EventType, Failure, FinalResult, Level, Orchestrator};

const BROKEN: &str = "if true; then\n  echo ready\n";

/// A project with a script that lacks its `fi`.
fn project() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("job.sh");
    std::fs::write(&script, BROKEN).unwrap();
    (folder, script)
}

fn healer(folder: &tempfile::TempDir) -> Orchestrator {
    Orchestrator::builder()
        .config(Config::default())
        .project(folder.path())
        .build()
        .unwrap()
}

#[test]
fn an_error_that_is_not_healed_comes_out_as_it_went_in() {
    #[derive(Debug, PartialEq)]
    struct Mine(u32);
    impl std::fmt::Display for Mine {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "mine, number {}", self.0)
        }
    }
    let (folder, _) = project();
    let mut calls = 0;
    let result = healer(&folder).protect(|| {
        calls += 1;
        Err::<(), _>(Mine(calls))
    });
    assert_eq!(result, Err(Mine(1)));
    assert_eq!(calls, 1, "what nothing was done about is not called again");
}

#[test]
fn a_panic_of_the_second_call_goes_on_when_everything_is_back() {
    let (folder, script) = project();
    let healer = healer(&folder);
    let bash = Bash::new(folder.path());
    let mut calls = 0;
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = healer.protect(|| -> Result<(), Failure> {
            calls += 1;
            assert!(calls < 2, "the second call");
            bash.run_script("job.sh", &[])?.checked().map(drop)
        });
    }));
    assert!(panicked.is_err());
    assert_eq!(std::fs::read_to_string(script).unwrap(), BROKEN);
    let events: Vec<EventType> = healer
        .changelog()
        .read()
        .unwrap()
        .incidents
        .iter()
        .map(|i| i.event_type)
        .collect();
    assert!(events.contains(&EventType::RollbackPerformed), "{events:?}");
    // The next session is not in the way of the one that ended so.
    assert!(healer.run_script(folder.path().join("job.sh")).unwrap().success());
}

#[test]
fn a_failing_proof_takes_the_fix_back() {
    let (folder, script) = project();
    let healer = healer(&folder);
    let ran = Bash::new(folder.path()).run_script("job.sh", &[]).unwrap();
    let mut seen = String::new();
    let session = healer
        .heal_with(&ran, |again| {
            seen = std::fs::read_to_string(&script).unwrap();
            assert!(again.attempt >= 2 && again.variables.is_empty());
            Err(Failure::new("still not right"))
        })
        .unwrap();
    assert!(seen.ends_with("fi\n"), "{seen}");
    assert!(!session.success());
    assert!(session.restored.as_ref().is_some_and(|back| back.complete) || session.fixes.iter().all(|f| !f.kept));
    assert_eq!(std::fs::read_to_string(script).unwrap(), BROKEN);
}

#[test]
fn callbacks_that_panic_break_nothing() {
    let (folder, _) = project();
    let healer = healer(&folder);
    healer.on_error(|_| panic!("an error"));
    healer.on_fix(|_| panic!("a fix"));
    healer.on_complete(|_| panic!("the end"));
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&told);
    healer.on_fix(move |fix| list.lock().unwrap().push(fix.files_changed.clone()));
    assert!(healer.run_script(folder.path().join("job.sh")).unwrap().success());
    assert_eq!(told.lock().unwrap().len(), 1);
}

#[test]
fn a_dry_run_writes_nothing() {
    let (folder, script) = project();
    let mut config = Config::default();
    config.safety.dry_run = true;
    let healer = Orchestrator::builder()
        .config(config)
        .project(folder.path())
        .build()
        .unwrap();
    let session = healer.run_script(&script).unwrap();
    assert_eq!(session.final_result, FinalResult::DryRun);
    assert!(session.suggestions[0].diff.as_ref().unwrap().contains("+fi"));
    let ran = Bash::new(folder.path()).syntax_check("job.sh").unwrap();
    let analysis = healer.analyzer().analyze(&ran);
    let fix = healer.fixer().apply_fix(&analysis.suggestions[0], &analysis).unwrap();
    assert!(fix.dry_run);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "only the script itself"
    );
    assert_eq!(std::fs::read_to_string(script).unwrap(), BROKEN);
}

#[test]
fn switched_off_it_is_not_there() {
    let (folder, script) = project();
    let config = Config {
        enabled: false,
        ..Config::default()
    };
    let healer = Orchestrator::builder()
        .config(config)
        .project(folder.path())
        .build()
        .unwrap();
    let ran = Bash::new(folder.path()).run_script("job.sh", &[]).unwrap();
    assert_eq!(healer.heal(&ran).unwrap().final_result, FinalResult::NothingToDo);
    assert_eq!(std::fs::read_to_string(script).unwrap(), BROKEN);
}

#[test]
fn the_gate_stands_before_single_fixes_too() {
    let (folder, script) = project();
    let mut config = Config::default();
    config.safety.protected_paths = vec![folder.path().to_path_buf()];
    let healer = Orchestrator::builder()
        .config(config)
        .project(folder.path())
        .build()
        .unwrap();
    let ran = Bash::new(folder.path()).syntax_check("job.sh").unwrap();
    let analysis = healer.analyzer().analyze(&ran);
    let repair = analysis.suggestions.iter().find(|s| s.diff.is_some()).unwrap();
    match healer.fixer().apply_approved_fix(repair, &analysis) {
        Err(Error::NotAllowed { decision, reason }) => {
            assert_eq!(decision, Decision::Refuse);
            assert!(reason.contains("protected"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read_to_string(script).unwrap(), BROKEN);
}

#[test]
fn a_rollback_leaves_alone_what_somebody_changed() {
    let (folder, script) = project();
    let healer = healer(&folder);
    let mut session = healer.run_script(&script).unwrap();
    assert!(session.success());
    std::fs::write(&script, "echo mine\n").unwrap();
    assert!(matches!(session.rollback(), Err(Error::Undo(_))));
    assert_eq!(std::fs::read_to_string(&script).unwrap(), "echo mine\n");
}

#[test]
fn a_context_is_proven_by_hand() {
    let (folder, script) = project();
    let healer = healer(&folder);
    let bash = Bash::new(folder.path());
    let ran = bash.run_script("job.sh", &[]).unwrap();
    let run = || -> Result<String, Failure> { Ok(bash.run_script("job.sh", &[])?.checked()?.stdout) };
    assert!(healer.healing_context(run).session.is_some());
    assert!(std::fs::read_to_string(&script).unwrap().contains("fi\n"));
    let _ = std::fs::write(&script, BROKEN);
    let mut session = healer.heal(Failure::from(&ran).without_rerun()).unwrap();
    assert_eq!(session.final_result, FinalResult::Applied);
    assert_eq!(session.retry(run).unwrap(), "ready\n");
    assert!(session.success());
    assert!(session.rollback().unwrap().complete);
    assert_eq!(std::fs::read_to_string(&script).unwrap(), BROKEN);
}

#[test]
fn threads_that_fail_for_one_reason_are_healed_once() {
    let (folder, _) = project();
    let healer = healer(&folder);
    let sessions = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sessions);
    healer.on_fix(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let start = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut first = true;
                let output = healer.protect(|| -> Result<String, Failure> {
                    let ran = Bash::new(folder.path()).run_script("job.sh", &[])?;
                    if std::mem::take(&mut first) {
                        start.wait();
                    }
                    Ok(ran.checked()?.stdout)
                });
                assert_eq!(output.unwrap(), "ready\n");
            });
        }
    });
    assert_eq!(sessions.load(Ordering::SeqCst), 1);
}

#[test]
fn registered_checks_decide_in_sessions() {
    let (folder, script) = project();
    let healer = healer(&folder);
    healer.validator().register_validator("owner", |files| {
        if files.is_empty() {
            Ok(())
        } else {
            Err("ask first".to_owned())
        }
    });
    assert!(!healer.run_script(&script).unwrap().success());
    assert_eq!(std::fs::read_to_string(&script).unwrap(), BROKEN);
}

#[test]
fn a_session_stops_when_it_is_told_to() {
    let (folder, script) = project();
    let healer = Orchestrator::builder()
        .config(Config::default())
        .project(folder.path())
        .stop_when(|| true)
        .build()
        .unwrap();
    assert_eq!(
        healer.run_script(&script).unwrap().final_result,
        FinalResult::Interrupted
    );
    assert_eq!(std::fs::read_to_string(&script).unwrap(), BROKEN);
}

#[test]
fn a_fix_of_another_analysis_is_no_fix() {
    let (folder, _) = project();
    let healer = healer(&folder);
    let ran = Bash::new(folder.path()).syntax_check("job.sh").unwrap();
    let with = healer.analyzer().analyze(&ran);
    let without = healer.analyzer().analyze("nothing that any rule knows");
    assert!(without.suggestions.is_empty());
    assert!(matches!(
        healer.fixer().apply_fix(&with.suggestions[0], &without),
        Err(Error::Apply(_))
    ));
    let dry = healer.fixer().dry_run(&with.suggestions[0], &with);
    assert!(dry.dry_run && healer.validator().validate(&dry, Level::Quick).success());
}

#[test]
fn a_single_fix_does_not_pass_by_the_sandbox() {
    let (folder, script) = project();
    let mut config = Config::default();
    config.safety.sandbox_execution = true;
    let healer = Orchestrator::builder()
        .config(config)
        .project(folder.path())
        .build()
        .unwrap();
    let ran = Bash::new(folder.path()).syntax_check("job.sh").unwrap();
    let analysis = healer.analyzer().analyze(&ran);
    assert!(
        healer
            .fixer()
            .apply_approved_fix(&analysis.suggestions[0], &analysis)
            .is_err()
    );
    assert_eq!(std::fs::read_to_string(&script).unwrap(), BROKEN);
}
