//! The line that most probably names a failure that no rule knows.

use std::sync::LazyLock;

use regex::Regex;

use super::scan::{KeptLine, StreamKind};

/// Words by which programs of every kind name a failure. Counts such as `0 errors` are none.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        \b(?: error | errors | \w+error | \w*exception | fail(?:ed|ure|s)? | fatal | denied | refused
          | cannot | can't | could \s not | couldn't | unable \s to | not \s found | no \s such
          | not \s permitted | invalid | unexpected | undefined | unrecognized | unknown
          | abort(?:ed|ing)? | panic(?:ked)? | critical | killed | segmentation \s fault | timed \s out
          | missing | unbound | traceback )\b",
    )
    .ok()
});

static NONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:0|no|zero|without) (?:errors?|failures?|failed)\b|\b(?:failed|failures?|errors?)\s*[=:]\s*0\b|^\s*(?:warning|note|info|debug|\[warning\])\b").ok()
});

/// A line that says what is the matter by its form: `name: message` with a strong word before or
/// after, or one that starts with the word.
static STRONG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        ^\s*(?:\[?(?:ERROR|FATAL|Error|error|fatal|FAILED|panic|CRITICAL)\]?[!:\s])
        | ^[\w.]*(?:Error|Exception|Exit|Interrupt)(?::|$)
        | :\s(?:error|fatal\serror|fatal|cannot|command\snot\sfound|[Pp]ermission\sdenied|No\ssuch\sfile)",
    )
    .ok()
});

/// How clearly a line names a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// It has a word of failure in it.
    Vague,
    /// It is a message about a failure by its form.
    Clear,
}

/// How clearly a line names a failure, if it does.
#[must_use]
pub fn loudness(line: &str) -> Option<Loudness> {
    let is = |regex: &LazyLock<Option<Regex>>| regex.as_ref().is_some_and(|r| r.is_match(line));
    if is(&NONE) {
        None
    } else if is(&STRONG) {
        Some(Loudness::Clear)
    } else {
        is(&WORDS).then_some(Loudness::Vague)
    }
}

/// The likeliest of these lines (in the order they arrived): the last that names a failure by its
/// form, else the last that holds a word of failure, else the last on stderr that is not blank,
/// else the last at all.
#[must_use]
pub fn likely(lines: &[KeptLine]) -> Option<&KeptLine> {
    let loud = |line: &&KeptLine| loudness(&line.text);
    let blank = |line: &KeptLine| line.text.trim().is_empty();
    lines
        .iter()
        .rev()
        .find(|l| loud(l) == Some(Loudness::Clear))
        .or_else(|| lines.iter().rev().find(|l| loud(l).is_some()))
        .or_else(|| lines.iter().rev().find(|l| l.stream == StreamKind::Stderr && !blank(l)))
        .or_else(|| lines.iter().rev().find(|l| !blank(l)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(text: &str) -> Option<String> {
        let lines: Vec<KeptLine> = text
            .lines()
            .enumerate()
            .map(|(k, l)| KeptLine {
                stream: StreamKind::Both,
                number: k as u64 + 1,
                at: k as u64,
                text: l.to_owned(),
            })
            .collect();
        likely(&lines).map(|l| l.text.clone())
    }

    #[test]
    fn the_last_line_that_names_a_failure_wins() {
        assert_eq!(
            pick("start\nfoo.c:3:1: error: bad\ncleaning up\n").as_deref(),
            Some("foo.c:3:1: error: bad")
        );
        assert_eq!(
            pick("ERROR: one\ndetail of what failed here\nERROR: two\n3 tests, 0 failed\n").as_deref(),
            Some("ERROR: two")
        );
        assert_eq!(
            pick("a\nit could not be done\nbye\n").as_deref(),
            Some("it could not be done")
        );
        assert_eq!(pick("a\nb\n\n").as_deref(), Some("b"));
        assert_eq!(pick("\n"), None);
    }
}
