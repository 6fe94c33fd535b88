//! Literals that the end of a line breaks.
//!
//! Tools break text at spaces, and a paragraph is matched as one line again. So a literal that is
//! looked for by a stretch with a space in it may be there although the stretch is not: its one half
//! at the end of a line and its other at the start of the next. The pair of letters on both sides of
//! a line's end tells nearly always that it is not.

use std::collections::HashMap;

use super::normalise::{escape_free, may_have_prefix, normalise};
use crate::pattern::Literal;

/// A space in a literal.
#[derive(Debug, Clone, Copy)]
struct Gap {
    literal: u32,
    /// Where the stretch starts.
    from: u32,
    at: u32,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Breaks {
    /// One bit for each pair of bytes around a gap.
    pairs: Vec<u64>,
    gaps: HashMap<(u8, u8), Vec<Gap>>,
}

fn small(byte: u8) -> u8 {
    byte.to_ascii_lowercase()
}

fn pair(before: u8, after: u8) -> (usize, u64) {
    let k = usize::from(small(before)) << 8 | usize::from(small(after));
    (k >> 6, 1 << (k & 63))
}

impl Breaks {
    /// Adds the spaces of a stretch of a literal.
    pub fn add(&mut self, index: usize, literal: &Literal, stretch: std::ops::Range<usize>) {
        let text = &literal.text;
        let from = u32::try_from(stretch.start).unwrap_or(u32::MAX);
        for at in stretch {
            let around = (text.get(at.wrapping_sub(1)), text.get(at + 1));
            // What was broken comes back as one space between words.
            if let (b' ', (Some(&before), Some(&after))) = (text[at], around)
                && before != b' '
                && after != b' '
            {
                self.pairs.resize(1 << 10, 0);
                let (word, bit) = pair(before, after);
                self.pairs[word] |= bit;
                self.gaps.entry((small(before), small(after))).or_default().push(Gap {
                    literal: u32::try_from(index).unwrap_or(u32::MAX),
                    from,
                    at: u32::try_from(at).unwrap_or(u32::MAX),
                });
            }
        }
    }

    /// From `from` (the start of a line) on: the next end of a line where a literal may be broken.
    pub fn find(&self, literals: &[Literal], bytes: &[u8], from: usize) -> Option<usize> {
        if self.gaps.is_empty() {
            return None;
        }
        // No line before this one has control characters.
        let mut control = from;
        let mut start = from;
        let mut at = from + memchr::memchr(b'\n', bytes.get(from..)?)?;
        loop {
            let next = at + 1;
            let rest = &bytes[next.min(bytes.len())..];
            let end = next + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            if control < end {
                let found = memchr::memchr3(0x1b, 0x08, b'\r', &bytes[control.max(start)..]);
                control = found.map_or(bytes.len(), |k| control.max(start) + k);
            }
            let (line, after) = (&bytes[start..at], &bytes[next.min(end)..end]);
            let broken = match after.first() {
                // Nothing goes on with an empty line.
                None => false,
                Some(_) if control < end => self.prepared(literals, line, after),
                Some(b' ' | b'\t' | 0x0c) => {
                    // Only text in a box is indented and goes on.
                    let inside = after.trim_ascii_start();
                    let boxed = inside.first().is_some_and(|b| *b >= 0x80 || *b == b'|');
                    boxed && self.prepared(literals, line, after)
                }
                Some(first) if *first >= 0x80 || may_have_prefix(after) => self.prepared(literals, line, after),
                Some(_) => self.joined(literals, line.trim_ascii_end(), after.trim_ascii_end()),
            };
            if broken {
                return Some(at);
            }
            if end == bytes.len() {
                return None;
            }
            (start, at) = (next, end);
        }
    }

    /// Lines that have to be prepared before they are compared.
    #[inline(never)]
    fn prepared(&self, literals: &[Literal], line: &[u8], next: &[u8]) -> bool {
        let next = normalise(next);
        let after = next.text.trim_ascii();
        if escape_free(line) && !next.boxed {
            return self.joined(literals, line.trim_ascii_end(), after);
        }
        self.joined(literals, normalise(line).text.trim_ascii_end(), after)
    }

    /// Whether a literal may go over from the end of one text to the start of another.
    #[inline]
    fn joined(&self, literals: &[Literal], line: &[u8], next: &[u8]) -> bool {
        let (Some(&before), Some(&after)) = (line.last(), next.first()) else {
            return false;
        };
        let (word, bit) = pair(before, after);
        if self.pairs[word] & bit == 0 {
            return false;
        }
        let gaps = self.gaps.get(&(small(before), small(after)));
        gaps.into_iter().flatten().any(|gap| {
            let literal = &literals[gap.literal as usize];
            let (first, second) = literal.text.split_at(gap.at as usize);
            let same = |(wanted, byte): (&u8, &u8)| literal.is(*wanted, *byte);
            // Of several breaks the first tells, so what is before it stands on one line. What is
            // after it may go on further down.
            let first = &first[gap.from as usize..];
            first.iter().rev().zip(line.iter().rev()).all(same) && second[1..].iter().zip(next).all(same)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_found_over_the_end_of_a_line() {
        let literals = [Literal::exact("was not found here"), Literal::exact("no such file")];
        let mut breaks = Breaks::default();
        for (k, literal) in literals.iter().enumerate() {
            breaks.add(k, literal, 0..literal.text.len());
        }
        let found = |text: &str| breaks.find(&literals, text.as_bytes(), 0);
        assert_eq!(found("it was\nnot found here"), Some(6));
        assert_eq!(found("plain\nit was not  \r\nfound here\n"), Some(19));
        assert_eq!(found("│ no such │\n│ file\n"), Some(15));
        assert_eq!(
            found("2024-01-01T00:00:00Z no\n2024-01-01T00:00:00Z such file"),
            Some(23)
        );
        assert_eq!(found("    | no\n    | such file"), Some(8));
        assert_eq!(found("\x1b[31mno such\x1b[0m\n\x1b[31mfile"), Some(16));
        assert_eq!(found("was\nnow\nnot so\n\nfound\n  no\n  such\n"), None);
    }
}
