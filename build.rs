//! Embeds `rules/`: every pack, table and probe script becomes a pair of name and text, so that a heal without
//! its source tree knows what this one knows.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    collect(Path::new("rules"), &mut files)?;
    files.sort();
    let mut code = String::from("&[\n");
    for file in &files {
        let absolute = fs::canonicalize(file)?;
        // `{:?}` writes a string literal that is safe for any path.
        let _ = writeln!(
            code,
            "    ({:?}, include_str!({:?})),",
            file.to_string_lossy(),
            absolute
        );
    }
    code.push_str("]\n");
    let mut lean = String::from("&[\n");
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "yaml")) {
        let _ = writeln!(
            lean,
            "    ({:?}, {:?}),",
            file.to_string_lossy(),
            without_examples(&fs::read_to_string(file)?)
        );
    }
    lean.push_str("]\n");
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(out.join("lean.rs"), lean)?;
    fs::write(out.join("embedded.rs"), code)
}

/// A pack without the cases inside its rules: nine tenths of its text, which healing never reads.
/// Lines stay where they are. Relies on how packs are laid out here (rules at two spaces, their keys
/// at four); a pack laid out otherwise keeps its cases. A test compares both forms.
fn without_examples(text: &str) -> String {
    let mut lean = String::new();
    let mut inside = false;
    for line in text.lines() {
        let blank = line.trim().is_empty();
        let indent = line.len() - line.trim_start().len();
        // The bracket that closes a list of cases stands where its key does.
        let closes = line.trim_start().starts_with([']', '}']);
        if inside && !blank && !closes && indent <= 4 {
            inside = false;
        }
        if indent == 4
            && (line.trim_start().starts_with("examples:") || line.trim_start().starts_with("counterexamples:"))
        {
            inside = true;
        }
        if !inside {
            lean.push_str(line);
        }
        lean.push('\n');
    }
    lean
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_none_or(|e| e != "md") {
            into.push(path);
        }
    }
    Ok(())
}
