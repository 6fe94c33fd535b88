//! Runs a command through `heal::exec` and nothing else: what the benchmark and the tests of the
//! process layer drive. `wrap [--attempts N] [--stdout auto|final|stream] [--report] CMD…`
//!
//! It runs CMD until it succeeds or N attempts are over and exits with the last code; `--report`
//! says on stderr how each attempt ended; with `--panic` the
//! first output is heal's end.

#![allow(clippy::print_stderr, reason = "a program that says how it went")]

use std::process::ExitCode;

use heal::exec::{Command, Session, SessionOptions, StdoutMode};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("wrap: {error}");
            ExitCode::from(125)
        }
    }
}

fn run() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut attempts = 1;
    let mut report = false;
    let mut panic = false;
    let mut options = SessionOptions::default();
    let mut args = std::env::args_os().skip(1).peekable();
    while let Some(arg) = args.next_if(|arg| arg.to_string_lossy().starts_with("--")) {
        let mut value = || args.next().map(|value| value.to_string_lossy().into_owned());
        match arg.to_string_lossy().as_ref() {
            "--attempts" => attempts = value().unwrap_or_default().parse()?,
            "--stdin-limit" => options.stdin_limit = value().unwrap_or_default().parse()?,
            "--stdout" => {
                options.stdout = match value().as_deref() {
                    Some("final") => StdoutMode::Final,
                    Some("stream") => StdoutMode::Stream,
                    _ => StdoutMode::Auto,
                };
            }
            "--report" => report = true,
            "--panic" => panic = true,
            _ => break,
        }
    }
    let command = Command::new(args);
    let mut session = Session::new(options)?;
    let mut code = 125;
    for attempt in 1..=attempts {
        let mut seen = 0u64;
        let exit = match session.attempt(&command, &mut |_, bytes| {
            assert!(!panic, "as asked for");
            seen += bytes.len() as u64;
        }) {
            Ok(exit) => exit,
            Err(error) => {
                eprintln!("wrap: {error}");
                code = error.code();
                break;
            }
        };
        code = exit.shell_code();
        if report {
            eprintln!(
                "wrap: attempt={attempt} code={:?} signal={:?} interrupted={:?} seen={seen} repeat={:?} lost={:?}",
                exit.code,
                exit.signal,
                exit.interrupted,
                session.can_repeat(),
                exit.lost_output
            );
        }
        if exit.success() || exit.interrupted.is_some() || session.can_repeat().is_err() {
            break;
        }
    }
    match session.finish() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(255)))
}
