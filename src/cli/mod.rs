//! The command line: one file a command. The only place, with `diagnostic`, that prints.

/// Writes to stdout, by [`out::text`].
macro_rules! out {
    ($($arg:tt)*) => { $crate::cli::out::text(format_args!($($arg)*)) };
}

/// [`out!`] with a newline.
macro_rules! outln {
    ($($arg:tt)*) => { $crate::cli::out::text(format_args!("{}\n", format_args!($($arg)*))) };
}

mod args;
mod check;
mod check_rules;
mod common;
mod explain;
mod findings;
mod fix;
mod init;
mod log;
mod new_rule;
mod out;
mod profile;
mod report;
mod rules;
mod run;
mod scan;
mod show;
mod syntax;
mod trust;
mod unclassified;
mod undo;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub use args::{Cli, Command};

/// Exit codes of heal's own. Everything else is the command's.
pub mod exit {
    /// Done, or nothing to do.
    pub const OK: u8 = 0;
    /// Findings, or not repaired.
    pub const FINDINGS: u8 = 1;
    /// `check --rules` could not check.
    pub const COULD_NOT_CHECK: u8 = 2;
    /// `--fail-on-heal`: the command succeeded only because of a fix.
    pub const HEALED: u8 = 86;
    /// heal itself failed: bad config, bad pack, unreadable file.
    pub const HEAL_FAILED: u8 = 125;
}

/// Runs the program.
#[must_use]
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::from(run(args))
}

/// Runs the program and gives its exit code as a number, for a host that is no process of its own.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed stderr is no reason to fail differently.
            let _ = error.print();
            return if error.use_stderr() {
                exit::HEAL_FAILED
            } else {
                exit::OK
            };
        }
    };
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            show::error_line(&format!("{error:#}"));
            exit::HEAL_FAILED
        }
    }
}

fn dispatch(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        Command::Run(args) => run::run(args),
        Command::Fix(args) => fix::fix(args),
        Command::Scan(args) => scan::scan(args),
        Command::Watch(args) => watch::watch(args),
        Command::Check(args) => check::check(args),
        Command::Rules(args) => rules::rules(args),
        Command::Explain(args) => explain::explain(args),
        Command::Undo(args) => undo::undo(args),
        Command::Gc(args) => undo::gc(args),
        Command::Log(args) => log::log(args),
        Command::Stats(args) => log::stats(args),
        Command::Report(args) => report::report(args),
        Command::Trust(args) => trust::trust(args),
        Command::Init(args) => init::init(args),
        Command::Completions { shell } => init::completions(shell),
        Command::Man => init::man(),
    }
}
