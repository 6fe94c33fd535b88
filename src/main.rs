//! The `heal` program: parse, call, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    heal::cli::main(std::env::args_os())
}
