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
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(out.join("embedded.rs"), code)
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
