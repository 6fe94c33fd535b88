//! A regex for one line, compiled when it is first needed.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::bytes::Regex;

/// A regex for one normalised line. Compiled on first use; a regex that does not compile (the pack
/// check reports it) never matches.
#[derive(Debug)]
pub struct LinePattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
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
        self.compiled.get_or_init(|| Regex::new(&self.source).ok()).as_ref()
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
}

/// The named groups that took part in a match.
pub(super) fn named(regex: &Regex, found: &regex::bytes::Captures<'_>) -> BTreeMap<String, String> {
    regex
        .capture_names()
        .flatten()
        .filter_map(|name| {
            let text = found.name(name)?;
            Some((name.to_owned(), String::from_utf8_lossy(text.as_bytes()).into_owned()))
        })
        .collect()
}
