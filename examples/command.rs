//! A command is run and healed, as `heal run` does it: `cargo run --example command -- python3 report.py`
//!
//! Without arguments it runs a script of its own that lacks its `done`.

#![allow(clippy::print_stdout, reason = "a program that says what it does")]

use heal::{FinalResult, Orchestrator};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let project = tempfile::tempdir()?;
    let mut command: Vec<String> = std::env::args().skip(1).collect();
    let mut builder = Orchestrator::builder();
    if command.is_empty() {
        let script = project.path().join("greet.sh");
        std::fs::write(&script, "for name in Ada Grace; do\n  echo \"Hello $name\"\n")?;
        builder = builder.project(project.path());
        command = vec!["bash".to_owned(), script.display().to_string()];
    }
    let healer = builder.build()?;
    let session = healer.run(command)?;

    print!("{}", session.output.as_deref().unwrap_or_default());
    for fix in session.applied_fixes() {
        println!("fixed: {} ({})", fix.description, fix.rule_id);
    }
    match session.final_result {
        FinalResult::NothingToDo | FinalResult::Success => {}
        _ => println!("not healed: {}", session.reason.as_deref().unwrap_or("nothing known")),
    }
    std::process::exit(session.exit_code);
}
