//! The process layer, seen from outside: `examples/wrap.rs` around real programs.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod pipes;
mod terminal;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The example program that does nothing but `heal::exec`.
fn wrap() -> &'static Path {
    static WRAP: OnceLock<PathBuf> = OnceLock::new();
    WRAP.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--example", "wrap"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo runs, it has built this test");
        assert!(built.success(), "the example builds");
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).unwrap();
        profile.join("examples/wrap")
    })
}

/// A shell line with `$W` for the example.
fn shell(line: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["-c", line]).env("W", wrap());
    command
}
