//! Names of the capture groups that a match declares.

use super::model::Match;

/// The named groups of all regexes of a match, in order, each once.
#[must_use]
pub fn group_names(matching: &Match) -> Vec<String> {
    let mut names = Vec::new();
    for regex in matching.regex.iter().chain(matching.steps.iter().map(|s| &s.regex)) {
        for name in names_in(regex) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The named groups of one regex. Read from the text, so that no regex is compiled for it: inside a
/// regex that parses, `(?P<` and `(?<` stand for nothing else unless the parenthesis is escaped.
#[must_use]
pub fn names_in(regex: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = regex;
    while let Some(at) = rest.find("(?") {
        let escaped = rest[..at].bytes().rev().take_while(|&b| b == b'\\').count() % 2 == 1;
        let after = &rest[at + 2..];
        let name = after.strip_prefix("P<").or_else(|| after.strip_prefix('<'));
        if let (false, Some(name)) = (escaped, name)
            && let Some(end) = name.find('>')
        {
            names.push(name[..end].to_owned());
        }
        rest = after;
    }
    names
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_read_from_the_text() {
        assert_eq!(super::names_in(r"(?P<a>x)(?:y)\(?<no>(?<b>z)(?i)"), ["a", "b"]);
    }
}
