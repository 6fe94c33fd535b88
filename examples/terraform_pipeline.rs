//! A pipeline around Terraform: `cargo run --example terraform_pipeline -- examples/terraform`
//!
//! Initialises where it has to, plans, and heals what fails on the way.

#![allow(clippy::print_stdout, reason = "a program that says what it does")]

use heal::environment::{Ran, Terraform};
use heal::{FinalResult, Orchestrator};

/// What a step came to, after healing where it had failed.
fn step(
    healer: &Orchestrator,
    name: &str,
    run: impl Fn() -> Result<Ran, heal::environment::EnvironmentError>,
) -> Result<Ran, Box<dyn std::error::Error>> {
    let ran = run()?;
    if ran.success() {
        return Ok(ran);
    }
    let session = healer.heal(&ran)?;
    println!("{name}: {:?}", session.final_result);
    for fix in session.applied_fixes() {
        println!("{name}: {}", fix.description);
    }
    if session.final_result == FinalResult::Success {
        return Ok(run()?);
    }
    for suggestion in session.suggestions.iter().take(1) {
        println!("{name}: a person must look: {}", suggestion.reasoning);
    }
    Ok(ran)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let folder = std::path::Path::new(&folder).canonicalize()?;
    let healer = Orchestrator::builder().project(&folder).build()?;
    let terraform = Terraform::new(&folder);

    let valid = step(&healer, "validate", || terraform.validate())?;
    if !valid.success() {
        std::process::exit(1);
    }
    let plan = step(&healer, "plan", || terraform.plan())?;
    print!("{}", plan.stdout);
    std::process::exit(plan.code);
}
