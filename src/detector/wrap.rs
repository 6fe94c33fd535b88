//! Text that a tool broke at the width of a terminal, put together again.
//!
//! Whether two lines belong together is decided from these two alone, so that the answer does not
//! depend on how the output arrived; a run of more than [`LONGEST_RUN`] such lines is no paragraph.

use super::normalise::NormLine;

/// Most lines of a paragraph.
pub const LONGEST_RUN: usize = 24;

/// Shortest and longest lines that are taken for wrapped.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=250;
/// Narrowest paragraph outside a box: no terminal is narrower, but lists are.
const NARROWEST: usize = 24;

/// Characters that a text is wide; control characters and wide ones are not told apart.
fn width(text: &[u8]) -> usize {
    text.iter().filter(|b| **b & 0xc0 != 0x80).count()
}

fn first_word(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    &text[..end]
}

/// Whether `next` may be the rest of a sentence that was broken at the end of `line`: its first
/// word would not have fitted.
#[must_use]
pub fn continues(line: &NormLine, next: &NormLine) -> bool {
    if line.boxed != next.boxed || line.is_blank() || next.is_blank() {
        return false;
    }
    let wide = width(&line.text);
    let word = first_word(&next.text);
    if wide + width(word) < width(&next.text) || line.indent() != next.indent() {
        return false;
    }
    if !WIDTHS.contains(&wide) {
        return false;
    }
    if line.boxed {
        return true;
    }
    if line.indent() != 0 {
        return false;
    }
    let own_message = word.ends_with(b":") && word.len() < next.text.trim_ascii_end().len();
    let bullet = matches!(word, [b'-' | b'*' | b'+' | b'$' | b'>' | b'#' | b'='])
        || word.starts_with(b"[")
        || (word.len() > 4 && word[..4].iter().all(u8::is_ascii_digit) && word[4] == b'-');
    let ended = matches!(line.text.trim_ascii_end().last(), Some(b':' | b';' | b'{' | b'}'));
    // Lines of a list or a log begin alike.
    let alike = word.len() > 2 && word == first_word(&line.text);
    !(own_message || bullet || ended || alike)
}

/// A paragraph as one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The text.
    pub text: Vec<u8>,
    /// Index of the first of its lines in the run.
    pub first: usize,
    /// Where each of its lines starts in `text`.
    pub starts: Vec<usize>,
    /// It stood inside a box.
    pub boxed: bool,
}

impl Joined {
    /// The lines (indices in the run) that a piece of the text comes from.
    #[must_use]
    pub fn lines(&self, range: &std::ops::Range<usize>) -> (usize, usize) {
        let line = |offset: usize| self.first + self.starts.partition_point(|s| *s <= offset).max(1) - 1;
        // A match may end with the white space that stands for the line's end.
        let last = range.end.max(range.start + 1) - 1;
        (line(range.start), line(last))
    }
}

/// The paragraphs of a run of lines each of which continues the one before: all lines of one must
/// have been broken at one and the same width.
#[must_use]
pub fn paragraphs(run: &[NormLine]) -> Vec<Joined> {
    let mut found = Vec::new();
    let mut first = 0;
    while first < run.len() {
        let (mut low, mut high) = (width(&run[first].text), usize::MAX);
        let mut end = first + 1;
        while let Some(next) = run.get(end) {
            low = low.max(width(&next.text));
            high = high.min(width(&run[end - 1].text) + width(first_word(&next.text)));
            if low > high {
                break;
            }
            end += 1;
        }
        if end - first > 1 && (low >= NARROWEST || run[first].boxed) {
            found.push(join(run, first, end));
        }
        first = end;
    }
    found
}

fn join(run: &[NormLine], first: usize, end: usize) -> Joined {
    let mut text = Vec::new();
    let mut starts = Vec::new();
    for (k, line) in run[first..end].iter().enumerate() {
        // The indentation of the first line tells the paragraph's place; a regex may ask for it.
        let piece = if k == 0 {
            &line.text[..]
        } else {
            text.push(b' ');
            line.text.trim_ascii_start()
        };
        starts.push(text.len());
        text.extend_from_slice(piece.trim_ascii_end());
    }
    Joined {
        text,
        first,
        starts,
        boxed: run[first].boxed,
    }
}

#[cfg(test)]
mod tests {
    use super::super::normalise::normalise;
    use super::*;

    fn joined(text: &str) -> Vec<String> {
        let lines: Vec<NormLine> = text.lines().map(|l| normalise(l.as_bytes())).collect();
        let mut found = Vec::new();
        let mut first = 0;
        for k in 1..=lines.len() {
            if k == lines.len() || !continues(&lines[k - 1], &lines[k]) {
                for p in paragraphs(&lines[first..k]) {
                    found.push(String::from_utf8_lossy(&p.text).into_owned());
                }
                first = k;
            }
        }
        found
    }

    fn wrap(text: &str, width: usize, border: &str) -> String {
        let mut out = String::new();
        let mut line = String::new();
        for word in text.split(' ') {
            if !line.is_empty() && line.len() + 1 + word.len() > width {
                out += &format!("{border}{line}\n");
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line += word;
        }
        out + &format!("{border}{line}\n")
    }

    #[test]
    fn a_sentence_is_whole_again_at_any_width() {
        let text = "The module address \"x\" could not be resolved because the registry returned nothing and no other source was configured.";
        for width in [30, 40, 60, 78, 80, 100] {
            assert_eq!(joined(&wrap(text, width, "")), [text], "{width}");
            assert_eq!(joined(&wrap(text, width, "│ ")), [text], "{width}");
        }
    }

    #[test]
    fn lines_that_would_have_fitted_stay_apart() {
        assert!(joined("error here\nnot found there\n").is_empty());
        assert!(
            joined("a first message that is not so long\na second message that is longer than the first was\n")
                .is_empty()
        );
        assert!(
            joined("ERROR: Could not find a version that satisfies it\nERROR: No matching distribution\n").is_empty()
        );
        assert!(joined("Traceback (most recent call last):\nValueError\n").is_empty());
    }
}
