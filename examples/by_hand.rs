//! Each part by itself, with the last word left to the program: `cargo run --example by_hand`
//!
//! Detect, analyse, look, apply, check, and take back again.

#![allow(clippy::print_stdout, reason = "a program that says what it does")]

use heal::environment::Bash;
use heal::{Decision, Level, Orchestrator};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let project = tempfile::tempdir()?;
    let script = project.path().join("job.sh");
    std::fs::write(&script, "while read -r line; do\n  echo \"$line\"\n")?;
    let healer = Orchestrator::builder().project(project.path()).build()?;

    let Some(error) = healer.detector().validate_file_syntax(&script, None)? else {
        return Ok(());
    };
    println!(
        "{:?} error in line {:?}: {}",
        error.error_type, error.line_number, error.message
    );

    let ran = Bash::new(project.path()).syntax_check("job.sh")?;
    let analysis = healer.analyzer().analyze(&ran);
    println!("{} ({})", analysis.root_cause(), analysis.confidence());
    let suggestion = analysis.suggestions.iter().find(|s| s.decision == Decision::Allow);
    let Some(suggestion) = suggestion else {
        println!("a person must look at this");
        return Ok(());
    };
    println!("{}", healer.fixer().generate_fix_preview(suggestion));

    let fix = healer.fixer().apply_fix(suggestion, &analysis)?;
    let validation = healer.validator().validate(&fix, Level::Standard);
    println!("checked: {}", validation.success());

    let back = healer.fixer().rollback(&fix)?;
    println!("taken back: {}", back.complete);
    Ok(())
}
