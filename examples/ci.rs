//! A script for CI: hook, tests, lint, statistics. `cargo run --example ci -- PROJECT`
//!
//! Runs the project's checks; what keeps them from running is healed, what they find is reported.

#![allow(clippy::print_stdout, reason = "a program that says what it does")]

use std::path::Path;

use heal::{Config, FinalResult, Orchestrator};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let folder = Path::new(&folder).canonicalize()?;
    std::env::set_current_dir(&folder)?;

    let mut config = Config::from_env()?;
    config.retry.max_attempts = 2;
    let healer = Orchestrator::builder().config(config).project(&folder).build()?;
    let hook = healer.install_global_hook();

    let mut failed = 0;
    for script in ["tests.sh", "lint.sh"] {
        let session = healer.run_script(script)?;
        print!("{}", session.output.as_deref().unwrap_or_default());
        match session.final_result {
            FinalResult::NothingToDo => println!("{script}: exit {}", session.exit_code),
            result => println!("{script}: {result:?}, exit {}", session.exit_code),
        }
        failed += i32::from(session.exit_code != 0);
    }
    hook.remove();

    let stats = healer.statistics()?;
    println!(
        "healing: {} of {} fixes proven, {} left to people",
        stats.successful_fixes,
        stats.successful_fixes + stats.failed_fixes,
        stats.manual_interventions
    );
    std::process::exit(failed.min(1));
}
