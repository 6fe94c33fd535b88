//! Output that wants something: hundreds of lines that strangers could print, through every door of
//! heal, in a project that lets heal do whatever its configuration can allow. Nothing may happen: no
//! file inside or outside of the project differs, no installer is called, and nothing that heal
//! prints or keeps can drive a terminal or tells a secret.
//!
//! Each group of `corpus/` has one genuine line, by which the same project does act: so a test that
//! passes because heal does nothing at all cannot pass.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

#[path = "../support/mod.rs"]
mod support;

mod corpus;
mod place;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use corpus::Group;
use libtest_mimic::{Arguments, Failed, Trial};
use place::{Place, Said};

/// The doors, with options that allow all that can be allowed. Logs follow.
const DOORS: [(&str, &[&str]); 4] = [
    ("scan", &["scan", "-v", "--format", "json"]),
    ("fix", &["fix", "--yes", "-v", "--patch", "../logs/kept.patch"]),
    ("run", &["run", "--yes", "-v"]),
    (
        "watch",
        &[
            "watch",
            "--once",
            "--from-start",
            "--heal",
            "--yes",
            "--allow-commands",
            "--window",
            "0s",
            "-v",
        ],
    ),
];

/// With `HEAL_HOSTILE=all`, which takes half an hour: every form of output, and every line by itself
/// where it is one of many else.
const MORE_DOORS: [(&str, &[&str]); 5] = [
    ("scan_text", &["scan", "-v"]),
    ("scan_color", &["scan", "-v", "--color", "always"]),
    ("fix_json", &["fix", "--yes", "--format", "json"]),
    ("run_json", &["run", "--yes", "--format", "json"]),
    (
        "watch_json",
        &[
            "watch",
            "--once",
            "--from-start",
            "--heal",
            "--yes",
            "--allow-commands",
            "--window",
            "0s",
            "--format",
            "json",
        ],
    ),
];

fn all() -> bool {
    std::env::var_os("HEAL_HOSTILE").is_some_and(|value| value == "all")
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Each starts many programs.
    arguments.test_threads = Some(arguments.test_threads.unwrap_or(2).min(2));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/corpus");
    let mut trials = vec![Trial::test("corpus::is_large_enough", {
        let folder = folder.clone();
        move || large_enough(&folder)
    })];
    for file in corpus::files(&folder) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let more: &[_] = if all() { &MORE_DOORS } else { &[] };
        for &(door, options) in DOORS.iter().chain(more) {
            let file = file.clone();
            trials.push(Trial::test(format!("{name}::{door}"), move || {
                nothing_happens(&file, options)
            }));
        }
        let file = file.clone();
        trials.push(Trial::test(format!("{name}::a_genuine_line_acts"), move || {
            genuine_acts(&file)
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn large_enough(folder: &Path) -> Result<(), Failed> {
    let mut count = 0;
    for file in corpus::files(folder) {
        count += Group::read(&file)?.lines.len();
    }
    if count < 250 {
        return Err(format!("only {count} lines").into());
    }
    Ok(())
}

fn nothing_happens(file: &Path, options: &[&str]) -> Result<(), Failed> {
    let group = Group::read(file)?;
    let place = Place::new()?;
    let logs: Vec<PathBuf> = group
        .lines
        .iter()
        .enumerate()
        .map(|(n, line)| place.log(n, line))
        .collect();
    let before = place.state();
    let mut faults = Vec::new();
    if options[0] == "run" && !all() {
        let said = place.run(options, &place.log(999, &group.lines.join(&b'\n')))?;
        // The log of all lines was not there before.
        std::fs::remove_file(place.log(999, b"")).map_err(|e| e.to_string())?;
        faults.extend(judge(&place, &before, &said, &group, b"all lines together"));
    } else if options[0] == "run" {
        for (log, line) in logs.iter().zip(&group.lines) {
            let said = place.run(options, log)?;
            faults.extend(judge(&place, &before, &said, &group, line));
        }
    } else {
        let said = place.heal(options, &logs)?;
        for fault in judge(&place, &before, &said, &group, b"") {
            // Which line it was.
            let mut named = false;
            for (log, line) in logs.iter().zip(&group.lines) {
                let again = Place::new()?;
                let copy = again.log(0, line);
                let (start, said) = (again.state(), again.heal(options, std::slice::from_ref(&copy))?);
                for fault in judge(&again, &start, &said, &group, line) {
                    named = true;
                    faults.push(format!("{fault} [{}]", log.display()));
                }
            }
            if !named {
                faults.push(fault);
            }
            break;
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n\n{}", group.about, faults.join("\n\n")).into())
}

/// What is wrong after heal has met a line.
fn judge(place: &Place, before: &place::State, said: &Said, group: &Group, line: &[u8]) -> Vec<String> {
    let mut faults = Vec::new();
    let now = place.state();
    let differing = before.differing(&now);
    if !differing.is_empty() {
        faults.push(format!("changed: {differing:?}"));
    }
    let actions = place.actions();
    if !actions.is_empty() {
        faults.push(format!("ran: {actions:?}"));
    }
    faults.extend(said.hostile().into_iter().map(|what| format!("printed {what}")));
    faults.extend(place.hostile_records().into_iter().map(|what| format!("kept {what}")));
    if let Some(secret) = &group.secret {
        if said.holds(secret) {
            faults.push("printed a secret".to_owned());
        }
        faults.extend(
            place
                .records_with(secret)
                .into_iter()
                .map(|f| format!("kept a secret in {f}")),
        );
    }
    if said.code > 86 && said.code != 125 || said.code == 101 || said.text().contains("panicked") {
        faults.push(format!("exit {}", said.code));
    }
    if !faults.is_empty() {
        let line = String::from_utf8_lossy(&line[..line.len().min(600)])
            .escape_debug()
            .to_string();
        faults.push(format!(
            "line: {line}\n{}",
            said.text().chars().take(3000).collect::<String>()
        ));
    }
    faults
}

fn genuine_acts(file: &Path) -> Result<(), Failed> {
    let group = Group::read(file)?;
    for options in [DOORS[1].1, DOORS[3].1] {
        let place = Place::new()?;
        let log = place.log(0, &group.genuine);
        let before = place.state();
        let said = place.heal(options, &[log])?;
        let differing = before.differing(&place.state());
        let actions = place.actions();
        let acted =
            actions.iter().any(|a| a.contains(&group.acts)) || differing.iter().any(|d| d.ends_with(&group.acts));
        if !acted {
            return Err(format!(
                "{} did not happen by {options:?}; changed {differing:?}, ran {actions:?}\n{}",
                group.acts,
                said.text()
            )
            .into());
        }
    }
    Ok(())
}
