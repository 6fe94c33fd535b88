//! A closure is called, healed and called again: `cargo run --example protect`
//!
//! The script that it runs lacks its `fi`.

#![allow(clippy::print_stdout, reason = "a program that says what it does")]

use heal::environment::Bash;
use heal::{Failure, Orchestrator};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let project = tempfile::tempdir()?;
    std::fs::write(project.path().join("count.sh"), "if true; then\n  echo 3 rows\n")?;

    let healer = Orchestrator::builder().project(project.path()).build()?;
    healer.on_fix(|fix| println!("applied: {}\n{}", fix.description, fix.diff));

    let bash = Bash::new(project.path());
    let rows = healer.protect(|| -> Result<u32, Failure> {
        let output = bash.run_script("count.sh", &[])?.checked()?.stdout;
        let number = output.split(' ').next().unwrap_or_default();
        number.parse().map_err(|error| Failure::new(format!("{error}")))
    })?;
    println!("{rows} rows");
    Ok(())
}
