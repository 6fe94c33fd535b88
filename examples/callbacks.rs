//! A program that listens, checks and approves: `cargo run --example callbacks`

#![allow(clippy::print_stdout, reason = "a program that says what it does")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use heal::environment::Bash;
use heal::{Config, CustomValidator, DetectedError, FixResult, FixSuggestion, HealingSession, Observer, Orchestrator};

/// Counts what happens, as a metrics endpoint would.
#[derive(Default)]
struct Metrics {
    errors: AtomicUsize,
    fixes: AtomicUsize,
}

impl Observer for Metrics {
    fn error(&self, error: &DetectedError) {
        self.errors.fetch_add(1, Ordering::Relaxed);
        println!("error: {}", error.message);
    }

    fn fix(&self, fix: &FixResult) {
        self.fixes.fetch_add(1, Ordering::Relaxed);
        println!("fix: {}", fix.description);
    }

    fn complete(&self, session: &HealingSession) {
        println!("complete: {:?}", session.final_result);
    }
}

/// Files that a template makes must not be changed by hand, nor by heal.
struct NotGenerated;

impl CustomValidator for NotGenerated {
    fn name(&self) -> &str {
        "not generated"
    }

    fn validate(&self, files: &[PathBuf]) -> Result<(), String> {
        let generated =
            |file: &&PathBuf| std::fs::read_to_string(file).is_ok_and(|text| text.starts_with("# Generated"));
        match files.iter().find(generated) {
            Some(file) => Err(format!("{} is generated", file.display())),
            None => Ok(()),
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let project = tempfile::tempdir()?;
    std::fs::write(project.path().join("own.sh"), "if true; then\n  echo own\n")?;
    std::fs::write(
        project.path().join("made.sh"),
        "# Generated: do not edit\nif true; then\n  echo made\n",
    )?;

    let mut config = Config::default();
    config.safety.require_approval = true;
    let metrics = Arc::new(Metrics::default());
    let healer = Orchestrator::builder()
        .config(config)
        .project(project.path())
        .approver(|fix: &FixSuggestion, why: &str| {
            println!("asked: {} ({why})", fix.description);
            fix.command.is_none() && fix.confidence >= 0.8
        })
        .build()?;
    healer.observe(metrics.clone());
    healer.validator().register(Arc::new(NotGenerated));

    let bash = Bash::new(project.path());
    for script in ["own.sh", "made.sh"] {
        let session = healer.heal(bash.run_script(script, &[])?)?;
        println!("{script}: {:?}", session.final_result);
    }
    let stats = healer.statistics()?;
    println!(
        "{} errors, {} fixes applied, {} proven, {} failed",
        metrics.errors.load(Ordering::Relaxed),
        metrics.fixes.load(Ordering::Relaxed),
        stats.successful_fixes,
        stats.failed_fixes
    );
    Ok(())
}
