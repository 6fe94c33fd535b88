//! What would be done about an output, and nothing done: `cargo run --example preview -- LOG [ENVIRONMENT]`

#![allow(clippy::print_stdout, reason = "a program that says what it does")]

use heal::{Failure, Orchestrator};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut failure = match arguments.next() {
        Some(log) => Failure::new(std::fs::read_to_string(log)?),
        None => Failure::new("ModuleNotFoundError: No module named 'yaml'").environment("python"),
    };
    if let Some(environment) = arguments.next() {
        failure = failure.environment(environment);
    }
    let healer = Orchestrator::new()?;
    let analysis = healer.analyzer().analyze(failure);
    for error in &analysis.errors {
        println!("{}: {}", error.rule_id.as_deref().unwrap_or("unknown"), error.message);
    }
    for suggestion in &analysis.suggestions {
        println!("\n{}", healer.fixer().generate_fix_preview(suggestion));
    }
    Ok(())
}
