//! Names for captures, from the words that stand beside them.

use super::token::{Kind, Token};

/// Words that name nothing.
const EMPTY: &[&str] = &[
    "a",
    "about",
    "access",
    "after",
    "already",
    "an",
    "and",
    "are",
    "as",
    "at",
    "attempt",
    "be",
    "because",
    "before",
    "bind",
    "but",
    "by",
    "called",
    "can",
    "cannot",
    "connect",
    "contact",
    "could",
    "create",
    "delete",
    "denied",
    "deny",
    "did",
    "does",
    "error",
    "exec",
    "execute",
    "expected",
    "failed",
    "failure",
    "fetch",
    "find",
    "for",
    "found",
    "from",
    "get",
    "given",
    "got",
    "has",
    "have",
    "import",
    "in",
    "install",
    "invalid",
    "is",
    "it",
    "launch",
    "like",
    "load",
    "locate",
    "match",
    "missing",
    "named",
    "no",
    "not",
    "of",
    "on",
    "only",
    "open",
    "or",
    "parse",
    "process",
    "read",
    "remove",
    "resolve",
    "run",
    "same",
    "save",
    "start",
    "stop",
    "such",
    "than",
    "that",
    "the",
    "this",
    "to",
    "unable",
    "undefined",
    "unexpected",
    "unknown",
    "unrecognized",
    "until",
    "update",
    "use",
    "used",
    "using",
    "was",
    "were",
    "when",
    "with",
    "write",
];

/// A name for each value of a line, by its place among the tokens.
#[must_use]
pub fn names(tokens: &[Token]) -> Vec<Option<String>> {
    let mut taken: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let Token::Value { kind, .. } = token else {
            all.push(None);
            continue;
        };
        let wanted = name(tokens, index, *kind, taken.last().map(String::as_str));
        let mut free = wanted.clone();
        let mut number = 2;
        while taken.contains(&free) {
            free = format!("{wanted}_{number}");
            number += 1;
        }
        taken.push(free.clone());
        all.push(Some(free));
    }
    all
}

fn name(tokens: &[Token], index: usize, kind: Kind, before: Option<&str>) -> String {
    let place = match kind {
        // `file` is the place that heal reports; a folder is none.
        Kind::Path => match word_before(tokens, index).as_deref() {
            Some("folder" | "directory" | "dir") => Some("folder"),
            _ => Some("file"),
        },
        // `file:12:5`
        Kind::Integer if directly_after(tokens, index) => match before {
            Some("file") => Some("line"),
            Some("line") => Some("column"),
            Some("host") => Some("port"),
            _ => None,
        },
        _ => None,
    };
    if let Some(place) = place {
        return place.to_owned();
    }
    let after = matches!(kind, Kind::Integer | Kind::Decimal)
        .then(|| word_after(tokens, index))
        .flatten();
    let found = word_before(tokens, index).or(after);
    let name = found.unwrap_or_else(|| default(kind).to_owned());
    // Inside a template the helper would be meant.
    if crate::template::is_helper(&name) || name == "ctx" || name == "env" {
        format!("the_{name}")
    } else {
        name
    }
}

fn default(kind: Kind) -> &'static str {
    match kind {
        Kind::Time => "time",
        Kind::Thread | Kind::Text => "text",
        Kind::Id => "id",
        Kind::Url => "url",
        Kind::Host => "host",
        Kind::Version => "version",
        Kind::Path => "file",
        Kind::Integer | Kind::Decimal => "number",
        Kind::Name => "name",
    }
}

fn directly_after(tokens: &[Token], index: usize) -> bool {
    matches!(
        index.checked_sub(2).map(|k| &tokens[k..index]),
        Some([Token::Value { .. }, Token::Between(between)]) if between == ":"
    )
}

/// The noun before: `module 'x'`, `module named 'x'`, `port 80`, `timeout=30`.
fn word_before(tokens: &[Token], index: usize) -> Option<String> {
    let mut passed = 0;
    for token in tokens[..index].iter().rev() {
        match token {
            Token::Word(word) => {
                if let Some(noun) = noun(word) {
                    return Some(noun);
                }
                passed += 1;
                // `module named 'x'` and `file is 'x'`, but not what stands farther off.
                if passed > 1 || !matches!(word.as_str(), "named" | "called" | "is" | "was" | "of" | "the") {
                    return None;
                }
            }
            Token::Between(between) => {
                let near = between.trim_matches(['\'', '"', '`', '‘', ' ', '=', '(', '[', '<', '#']);
                if !(near.is_empty() || near == ":" && between.trim_end().len() == between.len()) {
                    return None;
                }
            }
            Token::Value { .. } => return None,
        }
    }
    None
}

/// The noun after a number: `3 attempts`.
fn word_after(tokens: &[Token], index: usize) -> Option<String> {
    match tokens.get(index + 1..index + 3)? {
        [Token::Between(between), Token::Word(word)] if between == " " => noun(word),
        _ => None,
    }
}

fn noun(word: &str) -> Option<String> {
    let plain = (3..=20).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    let known = ["id", "ip", "pid"].contains(&word);
    ((plain || known) && !EMPTY.contains(&word)).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    #[test]
    fn captures_are_called_as_the_words_beside_them() {
        for (line, wanted) in [
            ("No module named 'yaml'", vec!["module"]),
            ("src/a.py:12:5: error", vec!["file", "line", "column"]),
            (
                "port 80 of db.example.org:5432 after 3 attempts",
                vec!["port", "host", "port_2", "attempts"],
            ),
            ("cannot find 'x' in \"y\"", vec!["name", "name_2"]),
            ("default 'x' is bad", vec!["the_default"]),
            ("widget a is 12 of 20", vec!["number", "number_2"]),
        ] {
            let found: Vec<String> = names(&tokens(line)).into_iter().flatten().collect();
            assert_eq!(found, wanted, "{line}");
        }
    }
}
