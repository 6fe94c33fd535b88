//! Finding an entry, and all of them as one page of documentation.

use std::fmt::Write as _;

use super::{action, example, pattern, set, shape, style, template, yaml};
use crate::diagnostic::code::{CodeInfo, Severity};
use crate::diagnostic::suggest::suggest;

/// A family of codes: title, introduction, entries.
type Family = (&'static str, &'static str, &'static [&'static CodeInfo]);

const FAMILIES: [Family; 8] = [
    (
        "0xx: the text",
        "Problems that make a file unreadable before anybody asks what it means.",
        yaml::ALL,
    ),
    (
        "1xx: the shape",
        "The file is YAML, but its keys and values are not those of a pack.",
        shape::ALL,
    ),
    (
        "2xx: patterns",
        "Regular expressions, their captures and what they cost.",
        pattern::ALL,
    ),
    (
        "3xx: names and templates",
        "What a rule calculates and where it uses it.",
        template::ALL,
    ),
    (
        "4xx: fixes",
        "What a fix may do, and what it must bring along.",
        action::ALL,
    ),
    (
        "5xx: examples",
        "The cases that a rule carries, run through the code that heals.",
        example::ALL,
    ),
    (
        "6xx: rules among rules",
        "Packs, layers and overrides taken together.",
        set::ALL,
    ),
    ("7xx: style", "Nothing is broken; readers will thank you.", style::ALL),
];

/// Every entry, by code.
pub fn all() -> impl Iterator<Item = &'static CodeInfo> {
    FAMILIES.iter().flat_map(|(_, _, entries)| entries.iter().copied())
}

/// The entry with a code (`E201`, in any case) or a name (`invalid-regex`).
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static CodeInfo> {
    let wanted = code_or_name.trim();
    all().find(|info| info.code.0.eq_ignore_ascii_case(wanted) || info.name == wanted)
}

/// The code or name that somebody probably meant when [`find`] finds nothing.
#[must_use]
pub fn nearest(code_or_name: &str) -> Option<&'static str> {
    let wanted = code_or_name.trim().to_uppercase();
    let codes = all().map(|info| info.code.0);
    // `W201` for `E201` is the likeliest slip, and too short for edit distances.
    let same_number = all().find(|info| wanted.get(1..) == info.code.0.get(1..));
    let names = all().map(|info| info.name);
    same_number
        .map(|info| info.code.0)
        .or_else(|| suggest(code_or_name, names))
        .or_else(|| suggest(&wanted, codes))
}

/// The whole catalogue as Markdown, for `docs/diagnostics.md`.
#[must_use]
pub fn page() -> String {
    let mut out = String::from(
        "# Diagnostics\n\n\
         What `heal check --rules` can say, by code. `heal explain E201` prints an entry. Codes are \
         stable: they are never reused for something else.\n\n\
         <!-- Generated from src/diagnostic/catalogue; `UPDATE_DOCS=1 cargo test --lib \
         catalogue` writes it anew. -->\n",
    );
    for (title, introduction, entries) in FAMILIES {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "\n## {title}\n\n{introduction}\n\n| Code | Name | |\n|---|---|---|\n"
        );
        for info in entries {
            let (code, anchor) = (info.code, info.code.0.to_ascii_lowercase());
            let _ = writeln!(out, "| [{code}](#{anchor}) | `{}` | {} |", info.name, info.summary);
        }
        for info in entries {
            let _ = write!(
                out,
                "\n### {}\n\n**{}** ({}): {}\n\n{}\n",
                info.code,
                info.name,
                kind(info.severity),
                info.summary,
                info.explanation.trim(),
            );
        }
    }
    out
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "hint",
    }
}
