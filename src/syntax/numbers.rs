//! Numbers of other times and languages: leading zeros, suffixes, letters among digits.

use super::proposal::{Out, edit};
use super::scan::{Scan, Token};

/// Leading zeros, long suffixes, names that start with a digit, glued numbers.
pub(super) fn number(scan: &Scan, token: &Token, far: i32, out: &mut Out) {
    let text = scan.str(token);
    let digits = text.trim_end_matches(['l', 'L', 'u', 'U', 'f', 'F', 'd', 'D']);
    if digits.len() < text.len()
        && !text.starts_with("0x")
        && digits.ends_with(|c: char| c.is_ascii_digit())
    {
        out.replace(
            "number",
            "suffix",
            -300 - far,
            token.start + digits.len()..token.end,
            "",
        );
    }
    if text.len() > 1
        && text.starts_with('0')
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    {
        let octal = text.bytes().all(|b| b < b'8');
        let line = scan.text[scan.lines[token.line].start..scan.lines[token.line].end]
            .to_ascii_lowercase();
        let mode = [
            "mode", "chmod", "perm", "umask", "mkdir", "makedirs", "open(",
        ]
        .iter()
        .any(|w| line.contains(w));
        let stripped = text.trim_start_matches('0');
        let stripped = if stripped.is_empty() { "0" } else { stripped };
        let (strip, keep) = match (octal, mode) {
            (true, true) => (-2500, -150),
            (true, false) if text.len() >= 4 => (-1300, -600),
            (true, false) => (-400, -1900),
            _ => (-200, -9000),
        };
        out.replace(
            "number",
            if mode {
                "strip-mode"
            } else if text.len() >= 4 {
                "strip-long"
            } else {
                "strip"
            },
            strip - far,
            token.start..token.end,
            stripped,
        );
        if octal {
            out.insert(
                "number",
                if mode {
                    "octal-mode"
                } else if text.len() >= 4 {
                    "octal-long"
                } else {
                    "octal"
                },
                keep - far,
                token.start + 1,
                "o",
            );
        }
    }
    // `1if x`, `2names`: number and word.
    if let Some(p) = text.find(|c: char| c.is_ascii_alphabetic())
        && !text.starts_with('0')
    {
        out.insert("split", "number", -2800 - far, token.start + p, " ");
        out.insert("number", "times", -3400 - far, token.start + p, "*");
        out.insert("number", "underscore", -4000 - far, token.start, "_");
        let digits: String = text
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        if digits.parse::<f64>().is_ok() {
            out.replace(
                "number",
                "stray-letter",
                -2500 - far,
                token.start..token.end,
                &digits,
            );
        }
    }
    if text.matches('.').count() > 1 || text.contains(|c: char| c.is_ascii_alphabetic()) {
        out.many(
            "number",
            "quote",
            -3600 - far,
            vec![
                edit(token.start..token.start, "\""),
                edit(token.end..token.end, "\""),
            ],
        );
    }
    if text.matches('.').count() == 2 && text.contains("..") {
        let p = text.find("..").unwrap_or(0);
        out.replace(
            "double",
            "dot",
            -900 - far,
            token.start + p..token.start + p + 1,
            "",
        );
    }
}
