//! The specification's names, one by one, in Rust's manner: written by hand from it, each called.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use heal::environment::{Ansible, Bash, Playbook, Python, Terraform};
use heal::{
    Analyzer, Changelog, Config, DetectedError, Detector, EnvironmentType, ErrorType, EventType, Failure, FinalResult,
    Fixer, Level, Orchestrator, RuleSet, Validator,
};

use crate::support::tools;

const MESSAGE: &str = "ModuleNotFoundError: No module named 'requests'";

fn broken() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("job.sh"), "if true; then\n  echo ready\n").unwrap();
    folder
}

fn healer(folder: &Path) -> Orchestrator {
    Orchestrator::builder()
        .config(Config::default())
        .project(folder)
        .build()
        .unwrap()
}

#[test]
fn the_orchestrator() {
    let folder = broken();
    let healer = healer(folder.path());
    let (errors, fixes, ends) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
    );
    let count = |counter: &Arc<AtomicUsize>| {
        let counter = Arc::clone(counter);
        move || {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    };
    let (error, fix, end) = (count(&errors), count(&fixes), count(&ends));
    healer.on_error(move |_| error());
    healer.on_fix(move |_| fix());
    healer.on_complete(move |_| end());

    // heal, protect, healing_context, run_script, heal_from_output, preview_fix
    assert!(healer.run_script(folder.path().join("job.sh")).unwrap().success());
    assert_eq!(
        [&errors, &fixes, &ends].map(|c| c.load(Ordering::SeqCst)),
        [1, 1, 1],
        "every callback is called"
    );
    assert_eq!(healer.protect(|| Ok::<_, String>(7)), Ok(7));
    assert!(healer.healing_context(|| Ok::<_, String>(7)).session.is_none());
    let session = healer.heal_from_output("unheard of", EnvironmentType::BASH, 1).unwrap();
    assert_eq!(session.final_result, FinalResult::ManualInterventionRequired);
    let error = DetectedError::new(ErrorType::Dependency, EnvironmentType::PYTHON, MESSAGE);
    for preview in healer.preview_fix(&error) {
        assert!(!preview.description.is_empty() && !preview.reasoning.is_empty());
        assert!((0.0..=1.0).contains(&preview.confidence));
    }
    assert!(!healer.preview_fix(&error).is_empty());
    assert!(!healer.heal(error).unwrap().success());
    // install_global_hook
    healer.install_global_hook().remove();
    // get_statistics, get_changelog
    let stats = healer.statistics().unwrap();
    assert_eq!(
        (stats.successful_fixes, stats.failed_fixes, stats.manual_interventions),
        (1, 0, 2)
    );
    assert!((stats.success_rate - 100.0).abs() < f64::EPSILON);
    let changelog: Changelog = healer.changelog();
    let reading = changelog.read().unwrap();
    assert_eq!(stats.total_incidents, reading.incidents.len());
    assert_eq!(reading.metadata.unwrap().version, "1.0.0");
    assert_eq!(
        changelog.path(),
        folder.path().join("self_healing_logs/healing_changelog.json")
    );
}

#[test]
fn the_parts() {
    let folder = broken();
    let healer = healer(folder.path());
    let detector: &Detector = healer.detector();
    let io = std::io::Error::other(MESSAGE);
    assert_eq!(detector.detect_from_error(&io).message, MESSAGE);
    assert!(
        detector
            .detect_from_output("all is well", EnvironmentType::BASH, None)
            .is_none()
    );
    assert!(detector.validate_syntax("x = (1", "a.py").unwrap().is_some());
    assert!(
        detector
            .validate_file_syntax(folder.path().join("job.sh"), None)
            .unwrap()
            .is_some()
    );
    assert_eq!(
        detector.classify_error(MESSAGE, EnvironmentType::PYTHON),
        ErrorType::Dependency
    );
    detector.register_validator(|number: &u8| if *number > 3 { Err("too large".into()) } else { Ok(()) });
    assert!(detector.catch_errors(|| Ok::<u8, String>(5)).is_ok());
    assert_eq!(detector.errors()[0].error_type, ErrorType::Logic);

    let analyzer: &Analyzer = healer.analyzer();
    let ran = Bash::new(folder.path()).syntax_check("job.sh").unwrap();
    let analysis = analyzer.analyze(&ran);
    let fixer: &Fixer = healer.fixer();
    let suggestion = &analysis.suggestions[0];
    assert!(fixer.generate_fix_preview(suggestion).contains("+fi"));
    let fix = fixer.apply_fix(suggestion, &analysis).unwrap();
    let validator: &Validator = healer.validator();
    validator.register_validator("content", |_| Ok(()));
    assert!(validator.validate(&fix, Level::Standard).success());
    assert!(validator.quick_validate(&fix).success());
    assert!(validator.thorough_validate(&fix, || Ok::<_, String>(())).success());
    assert!(
        !validator
            .validate_with(&fix, Level::Quick, || Err::<(), _>("no"))
            .success()
    );
    let backup = fix.backups[0].file_name().unwrap().to_string_lossy().into_owned();
    assert!(backup.starts_with("job.sh.") && backup.ends_with(".backup"), "{backup}");
    assert!(fixer.rollback(&fix).unwrap().complete);
}

#[test]
#[expect(
    clippy::field_reassign_with_default,
    reason = "one by one, as the specification tells them"
)]
fn the_settings() {
    let mut config = Config::default();
    config.enabled = true;
    config.retry.max_attempts = 3;
    config.retry.backoff_multiplier = 2.0;
    config.retry.initial_delay_seconds = 1.0;
    config.retry.max_delay_seconds = 60.0;
    config.logging.log_directory = "./self_healing_logs".into();
    config.logging.changelog_file = "healing_changelog.json".into();
    config.logging.verbose = true;
    config.logging.log_to_console = true;
    config.logging.log_to_file = true;
    config.safety.dry_run = false;
    config.safety.require_approval = false;
    config.safety.backup_before_fix = true;
    config.safety.sandbox_execution = false;
    config.validation.run_tests_after_fix = true;
    config.validation.syntax_check_after_fix = true;
    config.validation.rollback_on_failure = true;
    assert_eq!(config, Config::default(), "the specification's values are the defaults");
    for path in ["/etc", "/usr", "/bin"] {
        assert!(config.safety.protected_paths.contains(&path.into()), "{path}");
    }
    for command in ["pip", "npm", "terraform"] {
        assert!(
            config.safety.allowed_external_commands.contains(&command.into()),
            "{command}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("self_healing_config.json");
    config.retry.max_attempts = 5;
    config.save_to_file(&file).unwrap();
    assert_eq!(Config::from_file(&file).unwrap().retry.max_attempts, 5);
}

#[test]
fn the_environments() {
    let folder = broken();
    let python = Python::new("python3").in_folder(folder.path());
    assert!(python.validate_syntax("x = (1").unwrap().is_err());
    assert!(python.installed_packages().is_ok());
    assert!(python.install_package("--upgrade").is_err(), "an option is no package");
    std::fs::write(folder.path().join("a.py"), "print(7)\n").unwrap();
    assert_eq!(python.run_script("a.py", &[]).unwrap().stdout, "7\n");

    let bash = Bash::new(folder.path());
    assert!(!bash.syntax_check("job.sh").unwrap().success());
    std::fs::write(folder.path().join("b.sh"), "no-such-command-here\n").unwrap();
    assert_eq!(bash.missing_commands("b.sh").unwrap(), ["no-such-command-here"]);
    assert_eq!(bash.run_script("b.sh", &[]).unwrap().code, 127);

    if let Some(program) = tools::which("terraform") {
        let terraform = Terraform::new(folder.path()).program(program.to_string_lossy());
        std::fs::write(folder.path().join("main.tf"), "output \"x\" {\n  value = 1\n}\n").unwrap();
        assert!(terraform.init().unwrap().success());
        assert!(terraform.validate().unwrap().success());
        assert!(terraform.plan().unwrap().success());
        assert!(terraform.apply(true).unwrap().success());
    } else {
        eprintln!("SKIPPED: terraform is not installed");
    }

    let ansible = Ansible::new(folder.path());
    assert!(ansible.install_role("-r").is_err(), "an option is no role");
    let options = Playbook {
        inventory: Some("hosts.ini".into()),
        check_mode: true,
        ..Playbook::default()
    };
    let missing = ansible.run_playbook("missing.yml", &options).map(|ran| ran.success());
    assert!(!missing.unwrap_or(false));
    assert!(
        !ansible
            .syntax_check("missing.yml", None)
            .map(|ran| ran.success())
            .unwrap_or(false)
    );
}

#[test]
fn every_event_has_its_name() {
    let names = [
        (EventType::ErrorDetected, "error_detected"),
        (EventType::AnalysisComplete, "analysis_complete"),
        (EventType::FixGenerated, "fix_generated"),
        (EventType::FixApplied, "fix_applied"),
        (EventType::FixValidated, "fix_validated"),
        (EventType::FixFailed, "fix_failed"),
        (EventType::RollbackPerformed, "rollback_performed"),
        (EventType::HealingComplete, "healing_complete"),
        (EventType::ManualInterventionRequired, "manual_intervention_required"),
    ];
    for (event, name) in names {
        assert_eq!(serde_json::to_value(event).unwrap(), name);
    }
    // And each of them happens: a cure, a cure that does not hold, an error that nobody knows.
    let folder = broken();
    let healer = healer(folder.path());
    let ran = Bash::new(folder.path()).run_script("job.sh", &[]).unwrap();
    healer.heal_with(&ran, |_| Err(Failure::from(&ran))).unwrap();
    assert!(healer.heal(&ran).unwrap().success());
    healer.heal("nobody knows this").unwrap();
    let seen: Vec<EventType> = healer
        .changelog()
        .read()
        .unwrap()
        .incidents
        .iter()
        .map(|i| i.event_type)
        .collect();
    for (event, name) in names {
        assert!(seen.contains(&event), "no {name} among {seen:?}");
    }
}

#[test]
fn the_rules() {
    let all = RuleSet::built_in().unwrap();
    for environment in ["python", "terraform", "ansible", "bash"] {
        assert!(all.environments.contains_key(environment), "{environment}");
        assert!(all.iter().any(|rule| rule.environment.as_deref() == Some(environment)));
    }
    let wrong = tempfile::tempdir().unwrap();
    std::fs::write(wrong.path().join("a.yaml"), "heal: 1\npack: { nam: x }\n").unwrap();
    let error = RuleSet::from_paths([wrong.path().join("a.yaml")])
        .unwrap_err()
        .to_string();
    assert!(error.contains("a.yaml:2:"), "{error}");
}
