//! A draft as YAML, laid out as people write packs.

use std::fmt::Write as _;

use super::BLANK;
use super::pattern::Pattern;

/// What goes into a rule.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Short id.
    pub id: String,
    /// Patterns in order, one of which is the failure's own line.
    pub patterns: Vec<Pattern>,
    /// Most lines from the first pattern to the last.
    pub within: usize,
    /// Lines that the rule must match.
    pub example: Vec<String>,
    /// Lines that it must not.
    pub counterexamples: Vec<String>,
}

fn blank(what: &str) -> String {
    format!("\"{BLANK}: {what}]]\"")
}

/// The rule, indented as an item of `rules`.
#[must_use]
pub fn rule(parts: &Parts) -> String {
    let mut out = String::new();
    let mut line = |indent: usize, text: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{:indent$}{text}", "");
    };
    line(2, &format!("- id: {}", parts.id));
    line(
        4,
        &format!(
            "title: {}",
            blank("what happened, in a short sentence without captures")
        ),
    );
    line(
        4,
        "type: unknown # or syntax, dependency, network, permission, resource, configuration, runtime …",
    );
    match parts.patterns.as_slice() {
        [one] => {
            line(4, "match:");
            line(6, &format!("regex: {}", single(&one.regex)));
        }
        steps => {
            line(4, "match:");
            line(6, &format!("within: {}", parts.within));
            line(6, "steps:");
            for step in steps {
                line(8, &format!("- regex: {}", single(&step.regex)));
            }
        }
    }
    let captures = || parts.patterns.iter().flat_map(|p| &p.captures);
    if captures().next().is_some() {
        line(
            4,
            "captures: # what each may contain; `text` never reaches a command or a file",
        );
        for (name, kind, _) in captures() {
            let kind = serde_json::to_value(kind).ok();
            let kind = kind.as_ref().and_then(|v| v.as_str()).unwrap_or("text");
            line(6, &format!("{name}: {kind}"));
        }
    }
    line(
        4,
        &format!("explain: {}", blank("why it happens, with captures as {{name}}")),
    );
    line(4, "confidence: 0.6");
    line(4, "fix:");
    line(6, &format!("- title: {}", blank("what cures it, in a few words")));
    line(
        8,
        "safety: manual # safe or unsafe once it is a `run`, an `edit` or another verb",
    );
    line(8, &format!("advice: {}", blank("what a person should do")));
    line(4, "examples:");
    line(
        6,
        &format!("- version: {}", blank("the tool that printed it, with its version")),
    );
    text_value(&mut line, 8, "output", &parts.example);
    if captures().next().is_some() {
        line(8, "expect:");
        line(10, "captures:");
        for (name, _, value) in captures() {
            line(12, &format!("{name}: {}", single(value)));
        }
    }
    line(4, "counterexamples:");
    if parts.counterexamples.is_empty() {
        line(
            6,
            &format!("- {}", blank("a line that looks like it and is another failure")),
        );
    }
    for counter in &parts.counterexamples {
        line(6, &format!("- {}", single(counter)));
    }
    out
}

/// A scalar in single quotes: regexes need no escaping there.
fn single(text: &str) -> String {
    if text.chars().any(|c| c.is_control() || c == '\u{feff}') {
        return double(text);
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// JSON's strings are YAML's.
fn double(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned())
}

fn text_value(line: &mut impl FnMut(usize, &str), indent: usize, key: &str, lines: &[String]) {
    let first = lines.iter().find(|l| !l.is_empty()).map_or("", String::as_str);
    let odd = |l: &String| l.chars().any(|c| c.is_control() || c == '\u{feff}') || l.trim().is_empty() && !l.is_empty();
    // A block finds out how far it is indented from its first line.
    if lines.is_empty() || first.starts_with([' ', '\t']) || lines[0].is_empty() || lines.iter().any(odd) {
        line(indent, &format!("{key}: {}", double(&(lines.join("\n") + "\n"))));
        return;
    }
    line(indent, &format!("{key}: |"));
    for text in lines {
        line(if text.is_empty() { 0 } else { indent + 2 }, text);
    }
}
