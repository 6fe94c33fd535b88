//! A few lines that belong together (mostly one), asked by pattern: each line by itself, and the
//! paragraphs that they make when put together again.

use std::cell::RefCell;
use std::collections::HashMap;

use super::matcher::{Captures, Matcher};
use super::normalise::{NormLine, plain};
use super::wrap::{Joined, paragraphs};

/// Longest text of a hit's message and of a kept line, in bytes.
pub const MESSAGE: usize = 2048;
/// Most matches of one pattern in one paragraph.
const MOST_MATCHES: usize = 8;

/// A line of a unit.
#[derive(Debug)]
pub struct UnitLine {
    /// Ready for matching.
    pub norm: NormLine,
    /// Raw bytes, without the newline.
    pub raw: Vec<u8>,
    /// 1-based.
    pub number: u64,
    /// Offset of its first byte in the raw stream.
    pub start: u64,
    /// When its end arrived.
    pub at: u64,
}

/// A match of a pattern.
#[derive(Debug, Clone)]
pub struct Found {
    /// Index of its first line.
    pub first: usize,
    /// Index of its last line.
    pub last: usize,
    /// Named groups.
    pub captures: Captures,
    /// Bytes of the raw stream that it covers.
    pub span: (u64, u64),
    /// The paragraph it was found in, where it goes over lines.
    paragraph: Option<usize>,
}

/// See the module.
#[derive(Debug)]
pub struct Unit<'m> {
    matcher: &'m Matcher,
    /// The lines.
    pub lines: Vec<UnitLine>,
    joined: Vec<Joined>,
    /// Patterns with a literal, by line.
    seen: Vec<Vec<u32>>,
    /// Patterns with a literal, by paragraph.
    seen_joined: Vec<Vec<u32>>,
    /// Matches over several lines by pattern.
    over: RefCell<HashMap<usize, Vec<Found>>>,
}

impl<'m> Unit<'m> {
    /// Takes lines; `join` says whether they are a run in which paragraphs are looked for.
    #[must_use]
    pub fn new(matcher: &'m Matcher, lines: Vec<UnitLine>, join: bool) -> Self {
        let seen: Vec<Vec<u32>> = lines.iter().map(|l| matcher.candidates(&l.norm.text)).collect();
        let joined = if join && lines.len() > 1 {
            let run: Vec<NormLine> = lines.iter().map(|l| l.norm.clone()).collect();
            paragraphs(&run)
        } else {
            Vec::new()
        };
        let seen_joined = joined.iter().map(|j| matcher.candidates(&j.text)).collect();
        Self {
            matcher,
            lines,
            joined,
            seen,
            seen_joined,
            over: RefCell::new(HashMap::new()),
        }
    }

    /// Patterns that have a literal anywhere in the unit.
    pub fn patterns(&self) -> impl Iterator<Item = usize> {
        let mut all: Vec<u32> = self.seen.iter().chain(&self.seen_joined).flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(|p| p as usize)
    }

    fn possible(&self, pattern: usize, seen: &[u32]) -> bool {
        !self.matcher.selective[pattern] || u32::try_from(pattern).is_ok_and(|p| seen.binary_search(&p).is_ok())
    }

    fn single(&self, pattern: usize, line: usize) -> Option<Found> {
        if !self.possible(pattern, &self.seen[line]) {
            return None;
        }
        let this = &self.lines[line];
        let (range, captures) = self.matcher.patterns[pattern]
            .all(&this.norm.text, 1)
            .into_iter()
            .next()?;
        Some(Found {
            first: line,
            last: line,
            captures,
            span: (
                this.start + this.norm.raw_offset(range.start) as u64,
                this.start + this.norm.raw_offset(range.end) as u64,
            ),
            paragraph: None,
        })
    }

    /// Matches that go over the end of a line and are to be preferred to what single lines give.
    fn over(&self, pattern: usize) -> Vec<Found> {
        if let Some(known) = self.over.borrow().get(&pattern) {
            return known.clone();
        }
        let mut found = Vec::new();
        for (k, joined) in self.joined.iter().enumerate() {
            if !self.possible(pattern, &self.seen_joined[k]) {
                continue;
            }
            for (range, captures) in self.matcher.patterns[pattern].all(&joined.text, MOST_MATCHES) {
                let (first, last) = joined.lines(&range);
                if first == last {
                    continue;
                }
                let singles = (first..=last).filter(|&l| self.single(pattern, l).is_some()).count();
                // Inside a box lines that fit belong together; elsewhere the line by itself is the
                // surer reading.
                if singles > usize::from(joined.boxed) {
                    continue;
                }
                found.push(Found {
                    first,
                    last,
                    captures,
                    span: (self.offset(joined, range.start), self.offset(joined, range.end)),
                    paragraph: Some(k),
                });
            }
        }
        self.over.borrow_mut().insert(pattern, found.clone());
        found
    }

    /// Offset in the raw stream of a byte of a paragraph.
    fn offset(&self, joined: &Joined, offset: usize) -> u64 {
        let k = joined.starts.partition_point(|s| *s <= offset).max(1) - 1;
        let line = &self.lines[joined.first + k];
        let indent = if k == 0 { 0 } else { line.norm.indent() };
        line.start + line.norm.raw_offset(offset - joined.starts[k] + indent) as u64
    }

    /// The pattern's match that begins on this line.
    #[must_use]
    pub fn find(&self, pattern: usize, line: usize) -> Option<Found> {
        if !self.joined.is_empty() {
            let over = self.over(pattern);
            if let Some(found) = over.iter().find(|f| f.first == line) {
                return Some(found.clone());
            }
            if over.iter().any(|f| f.first < line && line <= f.last) {
                return None;
            }
        }
        self.single(pattern, line)
    }

    /// Whether the text that the match was found in matches this pattern too.
    #[must_use]
    pub fn also(&self, found: &Found, pattern: usize) -> bool {
        let text = match found.paragraph {
            Some(k) => &self.joined[k].text,
            None => &self.lines[found.first].norm.text,
        };
        self.matcher.patterns[pattern].is_match(text)
    }

    /// The text of the match's lines as one, normalised and bounded.
    #[must_use]
    pub fn message(&self, found: &Found) -> String {
        let text = match found.paragraph {
            Some(k) => {
                let joined = &self.joined[k];
                let from = joined.starts[found.first - joined.first];
                let to = joined
                    .starts
                    .get(found.last - joined.first + 1)
                    .map_or(joined.text.len(), |next| next - 1);
                &joined.text[from..to]
            }
            None => &self.lines[found.first].norm.text,
        };
        bounded(text.trim_ascii_end(), MESSAGE)
    }

    /// The match's lines as a person saw them, without control sequences, bounded.
    #[must_use]
    pub fn excerpt(&self, found: &Found) -> String {
        let mut text = Vec::new();
        for line in &self.lines[found.first..=found.last] {
            if !text.is_empty() {
                text.push(b'\n');
            }
            text.extend(plain(&line.raw).text);
            if text.len() > MESSAGE {
                break;
            }
        }
        bounded(&text, MESSAGE)
    }
}

/// Text, lossily, with at most so many bytes; a cut is marked.
#[must_use]
pub fn bounded(text: &[u8], limit: usize) -> String {
    if text.len() <= limit {
        return String::from_utf8_lossy(text).into_owned();
    }
    let mut cut = limit;
    while cut > 0 && text[cut] & 0xc0 == 0x80 {
        cut -= 1;
    }
    let mut text = String::from_utf8_lossy(&text[..cut]).into_owned();
    text.push('…');
    text
}
