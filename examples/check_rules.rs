//! Checks rule packs: `check_rules [--concise|--json|--sarif|--github] FILE-OR-FOLDER…`

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use heal::check::{Options, report};
use heal::diagnostic::Format;
use heal::world::Real;

fn main() -> ExitCode {
    let mut options = Options::default();
    let mut format = Format::Full;
    for argument in std::env::args().skip(1) {
        match argument.strip_prefix("--") {
            Some(name) => match name.parse() {
                Ok(known) => format = known,
                Err(error) => {
                    let _ = writeln!(std::io::stderr(), "check_rules: {error}");
                    return ExitCode::from(2);
                }
            },
            None => options.paths.push(PathBuf::from(argument)),
        }
    }
    let (text, code) = report(&Real, &options, format, false, 120);
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::from(code)
}
