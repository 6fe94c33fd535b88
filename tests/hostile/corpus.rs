//! The lines, and how they are written down.
//!
//! The files are plain ASCII, so that everybody sees what is in them: `%{x9b}` is a byte, `%{u202e}` a
//! character, and `%<1000*text>%` a repetition.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    about: String,
    genuine: String,
    acts: String,
    #[serde(default)]
    secret: Option<String>,
    lines: Vec<String>,
}

/// Lines of one kind of attack.
pub struct Group {
    /// What they want.
    pub about: String,
    /// A line by which heal does act.
    pub genuine: Vec<u8>,
    /// The end of the path that differs then, or words of the command that runs then.
    pub acts: String,
    /// What must be told nowhere.
    pub secret: Option<String>,
    /// The lines, or reports of several.
    pub lines: Vec<Vec<u8>>,
}

impl Group {
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(file).map_err(|e| e.to_string())?;
        if !text.is_ascii() {
            return Err(format!("{} is not ASCII", file.display()));
        }
        let written: Written = toml::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        Ok(Self {
            about: written.about,
            genuine: bytes(&written.genuine),
            acts: written.acts,
            secret: written.secret,
            lines: written.lines.iter().map(|line| bytes(line)).collect(),
        })
    }
}

/// The files of the corpus.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        if let Some((body, after)) = rest.strip_prefix("%<").and_then(|r| r.split_once(">%"))
            && let Some((count, body)) = body.split_once('*')
            && let Ok(count) = count.parse::<usize>()
        {
            out.extend(bytes(body).repeat(count));
            rest = after;
        } else if let Some((code, after)) = rest.strip_prefix("%{").and_then(|r| r.split_once('}'))
            && let Some(code) = character(code)
        {
            out.extend(code);
            rest = after;
        } else {
            out.push(b'%');
            rest = &rest[1..];
        }
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

fn character(code: &str) -> Option<Vec<u8>> {
    let number = |digits: &str| u32::from_str_radix(digits, 16).ok();
    if let Some(digits) = code.strip_prefix('x') {
        return Some(vec![u8::try_from(number(digits)?).ok()?]);
    }
    let c = char::from_u32(number(code.strip_prefix('u')?)?)?;
    Some(c.to_string().into_bytes())
}
