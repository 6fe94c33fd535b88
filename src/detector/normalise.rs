//! One raw line made ready for matching: no control sequences, the last state of progress, no
//! borders of boxes, no prefixes of CI systems; with a map back to the raw bytes.
//!
//! What is taken away is only ever a part of the line that a program around the user's own put
//! there, and what is left is (but for control sequences) one piece of the raw line: the scanner
//! relies on that when it looks for literals in raw bytes.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// Longest title or link in bytes; what goes on longer is no such thing. Without a limit a line of
/// many that never end would be read once for each of them.
const LONGEST_TITLE: usize = 4096;

/// A line ready for matching.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NormLine {
    /// The text.
    pub text: Vec<u8>,
    /// It stood inside a drawn box.
    pub boxed: bool,
    /// Pieces that are contiguous in both: start in `text`, start in the raw line.
    map: Vec<(u32, u32)>,
}

impl NormLine {
    /// Byte offset in the raw line of a byte of the text.
    #[must_use]
    pub fn raw_offset(&self, offset: usize) -> usize {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let piece = self.map.partition_point(|(text, _)| *text <= offset);
        match piece.checked_sub(1).and_then(|k| self.map.get(k)) {
            Some((text, raw)) => (raw + (offset - text)) as usize,
            None => offset as usize,
        }
    }

    /// Whether nothing but white space is left.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.iter().all(u8::is_ascii_whitespace)
    }

    /// Spaces at the start.
    #[must_use]
    pub fn indent(&self) -> usize {
        self.text.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    fn drop_front(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        let start = self.raw_offset(count);
        self.text.drain(..count);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.map.retain(|(text, _)| *text > count);
        for (text, _) in &mut self.map {
            *text -= count;
        }
        self.map.insert(0, (0, u32::try_from(start).unwrap_or(u32::MAX)));
    }
}

/// Prepares a raw line (without its newline).
#[must_use]
pub fn normalise(raw: &[u8]) -> NormLine {
    let mut line = plain(raw);
    drop_prefix(&mut line);
    drop_border(&mut line);
    line
}

/// The line without control sequences and with progress folded, but with prefixes and borders:
/// what a person saw.
#[must_use]
pub fn plain(raw: &[u8]) -> NormLine {
    let mut raw = raw;
    while let [rest @ .., b'\r'] = raw {
        raw = rest;
    }
    if memchr::memchr3(0x1b, 0x08, b'\r', raw).is_none() {
        return NormLine {
            text: raw.to_vec(),
            boxed: false,
            map: vec![(0, 0)],
        };
    }
    let mut text: Vec<u8> = Vec::with_capacity(raw.len());
    let mut map: Vec<(u32, u32)> = Vec::new();
    // What stands before a carriage return is gone once something is written over it.
    let mut over = false;
    let mut contiguous = false;
    let mut k = 0;
    while k < raw.len() {
        match raw[k] {
            // Not progress but a part of a message: a word that ends with the character, as words of
            // files with another system's line ends do, quoted or named.
            b'\r' if matches!(raw.get(k + 1), Some(b':' | b'\'')) => {
                contiguous = false;
                k += 1;
            }
            b'\r' => {
                over = true;
                k += 1;
            }
            0x08 => {
                while text.pop().is_some_and(|b| b & 0xc0 == 0x80) {}
                contiguous = false;
                k += 1;
            }
            0x1b => {
                let (length, to_start) = escape(&raw[k..]);
                over |= to_start;
                k += length;
                contiguous = false;
            }
            byte => {
                if over {
                    text.clear();
                    map.clear();
                    over = false;
                    contiguous = false;
                }
                if !contiguous {
                    // Pieces that backspaces took away.
                    while map.last().is_some_and(|(at, _)| *at as usize >= text.len()) {
                        map.pop();
                    }
                    #[expect(clippy::cast_possible_truncation, reason = "lines are capped")]
                    map.push((text.len() as u32, k as u32));
                    contiguous = true;
                }
                text.push(byte);
                k += 1;
            }
        }
    }
    NormLine {
        text,
        boxed: false,
        map,
    }
}

/// Length of the control sequence that starts here, and whether it moves to the start of the line.
pub(super) fn escape(rest: &[u8]) -> (usize, bool) {
    match rest.get(1) {
        Some(b'[') => {
            let body = rest[2..].iter().take_while(|b| (0x20..=0x3f).contains(*b)).count();
            let end = 2 + body;
            match rest.get(end) {
                Some(last @ 0x40..=0x7e) => {
                    let body = &rest[2..end];
                    let start = (*last == b'G' && matches!(body, b"" | b"0" | b"1")) || (*last == b'K' && body == b"2");
                    (end + 1, start)
                }
                // Not a sequence after all: only its introducer is no text.
                _ => (2, false),
            }
        }
        // Titles and links: to BEL or ESC \; where neither comes the rest is the user's text.
        Some(b']' | b'P' | b'_' | b'^') => {
            let end = rest[2..]
                .iter()
                .take(LONGEST_TITLE)
                .enumerate()
                .find_map(|(k, b)| match b {
                    0x07 => Some(k + 3),
                    0x1b if rest.get(k + 3) == Some(&b'\\') => Some(k + 4),
                    _ => None,
                })
                .unwrap_or(2);
            (end, false)
        }
        Some(b'(' | b')' | b'#' | b' ' | b'%') => (3.min(rest.len()), false),
        Some(0x30..=0x7e) => (2, false),
        _ => (1, false),
    }
}

/// Prefixes that CI systems and log collectors put before each line.
static PREFIXES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // GitHub Actions, GitLab (with its stream mark), container runtimes.
        r"^(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d) (?:\d\d[OE]\+? ?|std(?:out|err) [FP] )?",
        // Jenkins, buildkite.
        r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\] ",
        // The system journal and syslog.
        r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]+ [\w./@-]+(?:\[\d+\])?: ",
        // Containers side by side.
        r"^[A-Za-z0-9][\w.-]*[-_]\d+ +\| ",
        r"^##\[(?:error|warning|debug|command|notice)\]",
    ]
    .iter()
    .filter_map(|r| regex::bytes::RegexBuilder::new(r).unicode(false).build().ok())
    .collect()
});

/// Whether a line begins as one of the prefixes does: a cheap look before the regexes.
pub fn may_have_prefix(line: &[u8]) -> bool {
    let digits = |from: usize| line.len() > from + 4 && line[from..from + 4].iter().all(u8::is_ascii_digit);
    match line {
        [0xef, 0xbb, 0xbf, ..] => true,
        [b'[', ..] => digits(1) && line.get(5) == Some(&b'-'),
        [b'#', b'#', b'[', ..] => true,
        [b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z', b' ', ..] => true,
        [b'0'..=b'9', ..] if digits(0) && line[4] == b'-' => true,
        [b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z', ..] => {
            let word = |b: &u8| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
            let end = line.iter().position(word).unwrap_or(line.len());
            line[end..].starts_with(b" ")
                && line[end - 1].is_ascii_digit()
                && line[end..].trim_ascii_start().starts_with(b"|")
        }
        _ => false,
    }
}

/// Whether a line has no control characters that mean something, those at its end apart.
pub fn escape_free(line: &[u8]) -> bool {
    let end = line.iter().rposition(|b| *b != b'\r').map_or(0, |k| k + 1);
    memchr::memchr3(0x1b, 0x08, b'\r', &line[..end]).is_none()
}

fn drop_prefix(line: &mut NormLine) {
    // At most two, as a collector may pass on what a CI system wrote.
    for _ in 0..2 {
        if !may_have_prefix(&line.text) {
            return;
        }
        let Some(end) = PREFIXES.iter().find_map(|p| p.find(&line.text).map(|m| m.end())) else {
            return;
        };
        line.drop_front(end);
    }
}

/// Length of the box-drawing character (U+2500 to U+257F) at the start, if there is one.
fn drawn(text: &[u8]) -> Option<usize> {
    match text {
        [0xe2, 0x94 | 0x95, ..] if text.len() >= 3 => Some(3),
        _ => None,
    }
}

fn drawn_at_end(text: &[u8]) -> bool {
    matches!(text, [.., 0xe2, 0x94 | 0x95, 0x80..=0xbf])
}

fn drop_border(line: &mut NormLine) {
    let indent = line.indent();
    let rest = &line.text[indent..];
    if let Some(first) = drawn(rest) {
        let mut end = indent + first;
        // A corner goes on with a rule; a side is one character and one space.
        let side = rest.starts_with("│".as_bytes()) || rest.starts_with("┃".as_bytes());
        if !side {
            while let Some(more) = drawn(&line.text[end..]) {
                end += more;
            }
        }
        if line.text.get(end) == Some(&b' ') {
            end += 1;
        }
        line.drop_front(end);
        line.boxed = true;
        let trimmed = line.text.trim_ascii_end().len();
        if drawn_at_end(&line.text[..trimmed]) {
            let mut end = trimmed;
            while drawn_at_end(&line.text[..end]) {
                end -= 3;
            }
            line.text.truncate(end);
        }
        let end = line.text.trim_ascii_end().len();
        line.text.truncate(end);
    } else if indent > 0 && (rest.starts_with(b"| ") || rest == b"|") {
        // A gutter, as nested reports have it.
        let end = indent + rest.len().min(2);
        line.drop_front(end);
        line.boxed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> String {
        String::from_utf8_lossy(&normalise(raw.as_bytes()).text).into_owned()
    }

    #[test]
    fn colours_titles_and_links_are_gone() {
        assert_eq!(text("\x1b[1;31mError:\x1b[0m no\x1b[K"), "Error: no");
        assert_eq!(text("\x1b]0;title\x07x \x1b]8;;http://a\x1b\\b\x1b]8;;\x1b\\"), "x b");
        assert_eq!(text("\x1b]unended text"), "unended text");
        assert_eq!(text("a\x1b"), "a");
    }

    #[test]
    fn progress_shows_its_last_state() {
        assert_eq!(text("10%\r50%\r100% done\r"), "100% done");
        assert_eq!(text("50%|###  |\x1b[2KTraceback"), "Traceback");
        assert_eq!(text("- \x08\x08\\ \x08\x08ok"), "ok");
        assert_eq!(text("a.sh: line 2: set: x\r: invalid"), "a.sh: line 2: set: x: invalid");
        assert_eq!(text("near `in\r'\r"), "near `in'");
        assert_eq!(text("section_start:15:x\r\x1b[0K$ make"), "$ make");
    }

    #[test]
    fn borders_are_gone_and_indentation_stays() {
        assert_eq!(text("│ Error: Module not installed"), "Error: Module not installed");
        assert_eq!(
            text("\x1b[31m│\x1b[0m \x1b[0m\x1b[0m  on main.tf line 1:"),
            "  on main.tf line 1:"
        );
        assert_eq!(text("│   File \"a.py\"      │"), "  File \"a.py\"");
        assert_eq!(text("╭───── Traceback ─────╮"), "Traceback");
        assert_eq!(text("╵"), "");
        assert_eq!(text("  | ValueError: x"), "ValueError: x");
        assert_eq!(text("a | b"), "a | b");
        assert_eq!(text("ls | wc"), "ls | wc");
    }

    #[test]
    fn prefixes_are_gone_and_the_users_own_text_is_not() {
        assert_eq!(
            text("2024-01-01T10:00:00.1234567Z ##[error]Process failed"),
            "Process failed"
        );
        assert_eq!(text("2024-05-22T12:43:46.962646Z 00O make: x"), "make: x");
        assert_eq!(text("[2024-01-01T10:00:00.123Z] x"), "x");
        assert_eq!(text("web-1  | Error: no"), "Error: no");
        assert_eq!(text("Nov 23 00:31:51 host app[12]: KeyError: 'a'"), "KeyError: 'a'");
        assert_eq!(
            text("2024-01-01 10:00:00,123 ERROR x"),
            "2024-01-01 10:00:00,123 ERROR x"
        );
        assert_eq!(text("[1, 2]"), "[1, 2]");
        assert_eq!(text("Error in mod: a: b"), "Error in mod: a: b");
    }

    #[test]
    fn offsets_lead_back_to_the_raw_line() {
        let raw = "\x1b[31m│\x1b[0m Error: \x1b[1mbad\x1b[0m".as_bytes();
        let line = normalise(raw);
        assert_eq!(line.text, b"Error: bad");
        assert_eq!(&raw[line.raw_offset(0)..][..5], b"Error");
        assert_eq!(&raw[line.raw_offset(7)..][..3], b"bad");
    }

    #[test]
    fn anything_is_accepted() {
        let mut state = 7u32;
        for _ in 0..2000 {
            let raw: Vec<u8> = (0..20)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    b"\x1b[]m\x08\r\xe2\x94\x82| :1Ta\x00\xff"[(state >> 24) as usize % 17]
                })
                .collect();
            let line = normalise(&raw);
            for k in 0..line.text.len() {
                assert_eq!(raw[line.raw_offset(k)], line.text[k], "{raw:?}");
            }
        }
    }
}
