//! The regex of a template: words as they are, values as named groups.

use super::names::names;
use super::token::{Kind, Token};
use crate::pack::model::CaptureType;

/// Most values that become captures; further ones are matched and not kept.
const MOST_CAPTURES: usize = 8;
/// After so many characters of fixed text a message is told from all others.
const ENOUGH: usize = 160;

/// A regex with what its groups hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    /// The regex.
    pub regex: String,
    /// Group, type, value in the example.
    pub captures: Vec<(String, CaptureType, String)>,
}

/// The pattern of a line. `whole`: nothing a logger put stands before it, so it can begin at the
/// line's start. `taken` are names of groups that other patterns of the same rule have.
#[must_use]
pub fn pattern(tokens: &[Token], example: &[Token], whole: bool, taken: &[String]) -> Pattern {
    let mut out = Pattern::default();
    if whole {
        out.regex.push('^');
    }
    let mut fixed = 0;
    let names = names(tokens);
    for (index, (token, name)) in tokens.iter().zip(names).enumerate() {
        match token {
            // A cut between words, so that what is left out is whole as well.
            Token::Between(text) if fixed > ENOUGH && text.starts_with(' ') => break,
            Token::Word(text) | Token::Between(text) => {
                fixed += text.len();
                out.regex.push_str(&literal(text));
            }
            Token::Value { kind, text, quote } => {
                let form = form(*kind, *quote, tokens.get(index + 1));
                let Some(name) =
                    name.filter(|_| out.captures.len() < MOST_CAPTURES && !matches!(kind, Kind::Time | Kind::Thread))
                else {
                    out.regex.push_str(&form);
                    continue;
                };
                let mut free = name.clone();
                while taken.contains(&free) {
                    free.push_str("_above");
                }
                out.regex.push_str(&format!("(?P<{free}>{form})"));
                let here = example.get(index).map_or(text.as_str(), Token::text);
                let mut kind = kind.capture_type();
                if crate::template::fits(here, kind).is_err() {
                    kind = CaptureType::Text;
                }
                out.captures.push((free, kind, here.to_owned()));
            }
        }
    }
    let end = out.regex.trim_end().len();
    out.regex.truncate(end);
    out
}

fn literal(text: &str) -> String {
    let mut out = String::new();
    for (k, part) in text.split("  ").enumerate() {
        if k > 0 {
            // How much white space fills a column up is no part of a message.
            if !out.ends_with(r"\s+") {
                out.push_str(r"\s+");
            }
            out.push_str(&escaped(part.trim_start()));
        } else {
            out.push_str(&escaped(part));
        }
    }
    out
}

/// Only what means something in a regex: `regex::escape` escapes `#`, `-` and `&` as well, which
/// people then have to read.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn form(kind: Kind, quote: Option<char>, next: Option<&Token>) -> String {
    if let Some(quote) = quote {
        return match kind {
            Kind::Integer => r"\d+".to_owned(),
            _ => format!("[^{quote}]+"),
        };
    }
    match kind {
        Kind::Time => r"[\d:TZ.,/+ -]+",
        Kind::Thread | Kind::Name => r"[\w.+:-]+",
        Kind::Id => r"[0-9a-fA-Fx-]+",
        Kind::Url => r"[a-z][a-z0-9+.-]*://\S+",
        Kind::Host => r"[\w.-]+",
        Kind::Version => r"v?\d[\w.+-]*",
        // A path may hold what stands after it here.
        Kind::Path => match next.and_then(|t| t.text().chars().next()) {
            Some(':') => r"[^\s:]+",
            _ => r"[^\s:,;)'\x22]+",
        },
        Kind::Integer => r"\d+",
        Kind::Decimal => r"\d+\.\d+",
        Kind::Text => r"\S+",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    #[test]
    fn a_pattern_matches_its_line_and_captures_its_values() {
        for line in [
            "No module named 'yaml'",
            "src/a b.py:12:5: error: (bad) [x] {y} $z ^w \\v a.b*c?",
            "port 80 of db.example.org:5432  after 3 attempts at https://x.org/a?b=c, see /var/log/x.log",
            "widget \"näme\" → 9db590f1-b6fe-c5f2-2678-8804f089deba at 3.11.4 (1.5 s), 2024-01-15 10:30:00",
            "'a' 'b' 'c' 'd' 'e' 'f' 'g' 'h' 'i' 'j'",
        ] {
            let tokens = tokens(line);
            let made = pattern(&tokens, &tokens, true, &[]);
            let regex = regex::Regex::new(&made.regex).unwrap();
            let found = regex
                .captures(line)
                .unwrap_or_else(|| panic!("{} does not match {line}", made.regex));
            assert!(made.captures.len() <= MOST_CAPTURES);
            for (name, _, value) in &made.captures {
                assert_eq!(&found[name.as_str()], value, "{name} of {line}: {}", made.regex);
            }
        }
    }

    #[test]
    fn long_messages_are_cut_where_they_are_told_from_others() {
        let line = "word ".repeat(200);
        let tokens = tokens(&line);
        let made = pattern(&tokens, &tokens, true, &[]);
        assert!(made.regex.len() < 200 && regex::Regex::new(&made.regex).unwrap().is_match(&line));
    }
}
