//! A regex for one line, compiled when it is first needed.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::error::NEST_LIMIT;

/// Largest compiled size of a regex, in bytes.
const SIZE_LIMIT: usize = 4 << 20;
/// Longest captured text that is kept, in bytes; what is longer is no name, path or message.
const CAPTURE_LIMIT: usize = 4096;

/// A regex for one normalised line. Compiled on first use; a regex that does not compile (the pack
/// check reports it) never matches.
#[derive(Debug)]
pub struct LinePattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

pub(super) fn build(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source)
        .size_limit(SIZE_LIMIT)
        .nest_limit(NEST_LIMIT)
        .build()
}

impl LinePattern {
    /// Takes the regex; compiles nothing.
    #[must_use]
    pub fn new(regex: &str) -> Self {
        Self {
            source: regex.to_owned(),
            compiled: OnceLock::new(),
        }
    }

    /// The regex as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The compiled regex, or `None` where it does not compile.
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| build(&self.source).ok()).as_ref()
    }

    /// Whether the line has a match.
    #[must_use]
    pub fn is_match(&self, line: &[u8]) -> bool {
        self.regex().is_some_and(|r| r.is_match(line))
    }

    /// The named groups of the first match, those that took part; text is made UTF-8 lossily.
    #[must_use]
    pub fn captures(&self, line: &[u8]) -> Option<BTreeMap<String, String>> {
        let regex = self.regex()?;
        let found = regex.captures(line)?;
        Some(named(regex, &found))
    }

    /// Every match that does not overlap an earlier one, at most `limit`: where it lies, and its
    /// named groups.
    #[must_use]
    pub fn all(&self, line: &[u8], limit: usize) -> Vec<(std::ops::Range<usize>, BTreeMap<String, String>)> {
        let Some(regex) = self.regex() else {
            return Vec::new();
        };
        regex
            .captures_iter(line)
            .take(limit)
            .filter_map(|found| Some((found.get(0)?.range(), named(regex, &found))))
            .collect()
    }
}

/// The named groups that took part in a match.
fn named(regex: &Regex, found: &Captures<'_>) -> BTreeMap<String, String> {
    regex
        .capture_names()
        .flatten()
        .filter_map(|name| {
            let bytes = found.name(name)?.as_bytes();
            let bytes = &bytes[..bytes.len().min(CAPTURE_LIMIT)];
            Some((name.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_regex_never_matches_and_never_panics() {
        let bad = LinePattern::new("(");
        assert!(!bad.is_match(b"("));
        assert_eq!(bad.captures(b"("), None);
    }

    #[test]
    fn bytes_that_are_no_text_are_captured_lossily() {
        let p = LinePattern::new("name '(?P<n>(?-u:[^'])+)'(?P<x>!)?");
        let got = p.captures(b"name 'a\xffb'").expect("matches");
        assert_eq!(got.get("n").map(String::as_str), Some("a\u{fffd}b"));
        assert!(!got.contains_key("x"));
    }
}
