//! Panics are looked at before they go on: `cargo run --example panic_hook`

#![allow(clippy::print_stdout, reason = "a program that says what it does")]

use heal::Orchestrator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let project = tempfile::tempdir()?;
    let healer = Orchestrator::builder().project(project.path()).build()?;
    healer.on_complete(|session| {
        let message = session.error().map_or("", |error| &error.message);
        println!("{:?}: {message}", session.final_result);
    });

    let hook = healer.install_global_hook();
    let worker = std::thread::Builder::new().name("worker".to_owned());
    let worker = worker.spawn(|| panic!("ConnectionRefusedError: [Errno 111] Connection refused"))?;
    let _ = worker.join();
    hook.remove();

    println!("{} incidents on record", healer.statistics()?.total_incidents);
    Ok(())
}
