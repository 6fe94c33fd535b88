//! `rules/README.md`, followed to the letter: its files are written, its commands run, and they say
//! what the page says. `...` stands for any lines, `[..]` for any text in one.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether what was said is what was expected.
fn fits(expected: &[&str], said: &[&str]) -> bool {
    match (expected.split_first(), said.split_first()) {
        (None, None) => true,
        (Some((&"...", rest)), _) => fits(rest, said) || !said.is_empty() && fits(expected, &said[1..]),
        (Some((one, rest)), Some((line, more))) => line_fits(one, line) && fits(rest, more),
        _ => false,
    }
}

fn line_fits(expected: &str, line: &str) -> bool {
    let pattern: Vec<String> = expected.split("[..]").map(regex::escape).collect();
    regex::Regex::new(&format!("^{}$", pattern.join(".*")))
        .unwrap()
        .is_match(line)
}

fn run(folder: &Path, command: &str) -> String {
    let heal = Path::new(env!("CARGO_BIN_EXE_heal")).parent().unwrap();
    let path = format!("{}:{}", heal.display(), std::env::var("PATH").unwrap());
    let out = Command::new("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .current_dir(folder)
        .env("PATH", path)
        .env("HOME", folder.join("home"))
        .env_remove("XDG_CONFIG_HOME")
        .env("XDG_STATE_HOME", folder.join("state"))
        .output()
        .unwrap();
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn everything_in_the_tutorial_is_so() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut file: Option<&str> = None;
    let mut commands = 0;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("<!-- file: ").and_then(|l| l.strip_suffix(" -->")) {
            file = Some(name);
        }
        let Some(kind) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
        if let Some(name) = file.take() {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, block.join("\n") + "\n").unwrap();
        } else if kind == "console" {
            let starts: Vec<usize> = (0..block.len()).filter(|k| block[*k].starts_with("$ ")).collect();
            for (k, start) in starts.iter().enumerate() {
                let end = starts.get(k + 1).copied().unwrap_or(block.len());
                let command = &block[*start][2..];
                let said = run(folder.path(), command);
                let lines: Vec<&str> = said.lines().collect();
                assert!(fits(&block[start + 1..end], &lines), "`{command}` says\n{said}");
                commands += 1;
            }
        }
    }
    assert!(commands >= 14, "{commands} commands are not all");
}
