//! The one case that needs no statistics: a bracket that is opened and not closed on a line, where
//! the line holds nothing that could lie outside it, and the next line begins something new.
//!
//! `xs = [1, 2` before `print(xs)`: the ranking sees many ways to make that parse and shares its
//! trust among them; a reader sees one.

use super::{Candidate, Edit};

/// Trust in such a repair.
pub(super) const PLAIN: f64 = 0.93;

/// Whether a repair only closes brackets at the end of the line that opens them, and cannot mean
/// another place.
pub(super) fn is_plain(source: &[u8], candidate: &Candidate) -> bool {
    let [Edit { range, replacement }] = candidate.edits.as_slice() else {
        return false;
    };
    if !range.is_empty() || replacement.is_empty() || !replacement.bytes().all(|b| b")]}".contains(&b)) {
        return false;
    }
    let Ok(text) = std::str::from_utf8(source) else {
        return false;
    };
    let (Some(before), Some(after)) = (text.get(..range.start), text.get(range.start..)) else {
        return false;
    };
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = &before[start..];
    let (rest, following) = after.split_once('\n').unwrap_or((after, ""));
    if !(rest.trim().is_empty() || rest.trim_start().starts_with('#')) {
        return false;
    }
    if !closes(line, replacement) {
        return false;
    }
    // What follows begins a statement of its own, no deeper than the line itself.
    let indent = |l: &str| l.len() - l.trim_start().len();
    let next = following
        .lines()
        .find(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'));
    next.is_none_or(|next| {
        let word: String = next
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        indent(next) <= indent(line)
            && !word.is_empty()
            && !["and", "or", "not", "in", "is", "for", "if", "else"].contains(&word.as_str())
    })
}

/// Whether these brackets close just what the line leaves open, all of it opened on this line, none
/// of it a mere grouping, with nothing but elements between: after an operator the bracket could
/// also have closed before it.
fn closes(line: &str, brackets: &str) -> bool {
    let mut open: Vec<(char, bool)> = Vec::new();
    let mut quote: Option<char> = None;
    let mut escaped = false;
    let mut last = ' ';
    let mut word = String::new();
    for c in line.chars() {
        if let Some(q) = quote {
            if c == q && !escaped {
                quote = None;
            }
            escaped = c == '\\' && !escaped;
            last = c;
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            last = c;
            continue;
        }
        let ends = std::mem::take(&mut word);
        if ["and", "or", "not", "in", "is", "if", "else", "for", "lambda", "await"].contains(&ends.as_str())
            && let Some(inner) = open.last_mut()
        {
            inner.1 = true;
        }
        match c {
            '\'' | '"' if last == c => return false, // an empty or a triple quotation: not this simple
            '\'' | '"' => quote = Some(c),
            '#' => return false,
            '(' => {
                let keyword = [
                    "and", "or", "not", "in", "is", "if", "elif", "else", "while", "for", "return", "print", "assert",
                    "yield", "del",
                ];
                let call = (!ends.is_empty() && (!keyword.contains(&ends.as_str()) || ends == "print"))
                    || matches!(last, ')' | ']');
                open.push((c, !call));
            }
            '[' | '{' => open.push((c, false)),
            // Closes what another line opened.
            ')' | ']' | '}' if open.is_empty() => return false,
            ')' | ']' | '}' => drop(open.pop()),
            '+' | '*' | '/' | '%' | '<' | '>' | '|' | '&' | '^' | '@' | '!' | '~' => {
                if let Some(inner) = open.last_mut() {
                    inner.1 = true;
                }
            }
            // A minus before a number is a sign after an opener, a comma or a colon.
            '-' if !matches!(last, '(' | '[' | '{' | ',' | ':' | ' ' | '=') => {
                if let Some(inner) = open.last_mut() {
                    inner.1 = true;
                }
            }
            _ => {}
        }
        if !c.is_whitespace() {
            last = c;
        }
    }
    if quote.is_some() || open.iter().any(|(_, unsure)| *unsure) || matches!(last, ',' | '.' | '=' | ':' | '\\') {
        return false;
    }
    let wanted: String = open
        .iter()
        .rev()
        .map(|(c, _)| match c {
            '(' => ')',
            '[' => ']',
            _ => '}',
        })
        .collect();
    wanted == brackets
}

#[cfg(test)]
mod tests {
    use crate::syntax::{GATE, Options, Outcome, apply, repair};

    fn sure(broken: &str) -> Option<String> {
        match repair(broken.as_bytes(), &Options::default()) {
            Outcome::Repaired { best, .. } if best.probability >= GATE => {
                Some(String::from_utf8(apply(broken.as_bytes(), &best.edits)).unwrap())
            }
            _ => None,
        }
    }

    #[test]
    fn an_unclosed_bracket_on_one_line_is_closed_at_its_end() {
        for (broken, fixed) in [
            ("xs = [1, 2\nprint(xs)\n", "xs = [1, 2]\nprint(xs)\n"),
            ("x = max(1, min(3, 4)\nprint(x)\n", "x = max(1, min(3, 4))\nprint(x)\n"),
            (
                "def f():\n    data = {\"a\": 1, \"b\": 2\n    print(data)\n",
                "def f():\n    data = {\"a\": 1, \"b\": 2}\n    print(data)\n",
            ),
            (
                "values = [1, -2, 3  # three\ntotal = sum(values)\n",
                "values = [1, -2, 3]  # three\ntotal = sum(values)\n",
            ),
        ] {
            assert_eq!(sure(broken).as_deref(), Some(fixed), "{broken:?}");
        }
    }

    #[test]
    fn a_bracket_that_could_close_before_an_operator_is_not_plain() {
        for (line, end) in [
            ("n = len(xs * 2", ")"),
            ("y = (a + b * c", ")"),
            ("z = f(a) + (b", ")"),
            ("s = [\"\"\"x", "]"),
            ("t = [1,", "]"),
        ] {
            assert!(!super::closes(line, end), "{line:?}");
        }
        assert!(super::closes("z = f(a) + g(b, -1", ")"));
    }
}
