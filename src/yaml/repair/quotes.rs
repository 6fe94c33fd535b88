//! Changes of quotation: values that need quotes, and quotes that do not fit.

use super::Proposal;
use super::line::{Lines, parts, with_value};
use super::propose::one;

/// Words and signs that go on after a quoted text in an expression, and hardly in a sentence.
const OPERATORS: [&str; 10] = ["==", "!=", "<=", ">=", "< ", "> ", "in ", "is ", "| ", "~ "];

/// Whether a value opens a quotation that the line does not close.
pub(super) fn is_open(line: &str) -> bool {
    let value = parts(line).value;
    value.starts_with('"') && count(value, '"') % 2 == 1 || value.starts_with('\'') && count(value, '\'') % 2 == 1
}

/// Quotes of a kind, escaped ones left out.
fn count(value: &str, quote: char) -> usize {
    let mut n = 0;
    let mut escaped = false;
    for c in value.chars() {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else if c == quote {
            n += 1;
        }
    }
    n
}

/// A text in quotes, without a character changed; `None` where that takes escapes.
fn quoted(value: &str) -> Option<String> {
    if !value.contains(['"', '\\']) {
        Some(format!("\"{value}\""))
    } else if !value.contains('\'') {
        Some(format!("'{value}'"))
    } else {
        None
    }
}

pub(super) fn propose(lines: &Lines<'_>, number: usize, into: &mut Vec<Proposal>) {
    let line = lines.get(number);
    let p = parts(line);
    let value = p.value;
    if value.is_empty() || (p.key.is_none() && !p.lead.trim_end().ends_with('-')) {
        return;
    }
    let mut put = |new: Option<String>, probability: f64, what: &str| {
        if let Some(new) = new {
            into.push(one(number, with_value(line, &new), probability, what));
        }
    };
    let first = value.chars().next().unwrap_or(' ');
    match first {
        '{' if value.starts_with("{{") && value.matches("{{").count() != value.matches("}}").count() => {}
        '{' if value.starts_with("{{") => put(quoted(value), 0.95, "put the value in quotes"),
        '{' if value.starts_with("{%") => put(quoted(value), 0.92, "put the value in quotes"),
        '@' | '`' | '%' => put(quoted(value), 0.93, "put the value in quotes"),
        '*' if !value[1..].starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
            put(quoted(value), 0.92, "put the pattern in quotes");
        }
        '“' | '”' | '„' => {
            let straight = value.replace(['“', '”', '„'], "\"");
            put(Some(straight), 0.93, "write straight quotes");
        }
        '"' | '\'' => opened(value, first, &mut put),
        '[' | '{' | '|' | '>' | '&' | '!' | '*' | '#' => {}
        _ if value.contains(": ") || value.ends_with(':') => put(quoted(value), 0.9, "put the value in quotes"),
        _ => {}
    }
}

/// A value that begins with a quote and is not one quotation.
fn opened(value: &str, quote: char, put: &mut dyn FnMut(Option<String>, f64, &str)) {
    let inner = &value[1..];
    let number = count(value, quote);
    if number == 1 {
        // `"{{ x }}` and `"text`: nothing but the end can be meant; `"a: b` as well.
        put(Some(format!("{value}{quote}")), 0.93, "close the quotation");
        return;
    }
    let ends = value.ends_with(quote) && value.len() > 1;
    if quote == '"' && ends && number == 2 {
        // One quotation that does not parse: a backslash that begins no escape.
        put(
            (!inner.contains('\'')).then(|| format!("'{}'", &inner[..inner.len() - 1])),
            0.9,
            "put the value in single quotes, in which a backslash is one",
        );
        return;
    }
    if ends && (number.is_multiple_of(2) || quote == '\'') {
        let body = &inner[..inner.len() - 1];
        let other = if quote == '"' { '\'' } else { '"' };
        let escapes = other == '"' && body.contains('\\');
        let fits = !body.contains(other) && !escapes;
        put(
            fits.then(|| format!("{other}{body}{other}")),
            0.92,
            "use the other quotes outside",
        );
        if !fits {
            let escaped = if quote == '"' {
                body.replace('"', "\\\"")
            } else {
                body.replace('\'', "''")
            };
            put(
                Some(format!("{quote}{escaped}{quote}")),
                0.9,
                "escape the quotes inside",
            );
        }
        return;
    }
    let Some(close) = inner.find(quote) else { return };
    let rest = &inner[close + 1..];
    let body = &inner[..close];
    if rest.contains(quote) {
        // `"a" == "b"`: the quotes belong to the expression.
        let whole = quoted(value);
        let operator = OPERATORS.iter().any(|o| rest.trim_start().starts_with(o));
        put(
            whole,
            if operator { 0.92 } else { 0.6 },
            "put the whole value in quotes",
        );
        return;
    }
    let operator = OPERATORS.iter().any(|o| rest.trim_start().starts_with(o));
    if operator && rest.starts_with(' ') {
        put(quoted(value), 0.92, "put the whole value in quotes");
    } else if rest.starts_with(' ') {
        put(quoted(value), 0.6, "put the whole value in quotes");
        put(
            Some(format!("{quote}{body}{rest}{quote}")),
            0.6,
            "close the quotation at the end of the value",
        );
    } else {
        put(
            Some(format!("{quote}{body}{rest}{quote}")),
            0.93,
            "close the quotation at the end of the value",
        );
    }
}
