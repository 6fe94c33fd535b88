//! Text that a tool broke at the width of a terminal, put together again.
//!
//! Whether two lines belong together is decided from these two alone, so that the answer does not
//! depend on how the output arrived; a run of more than [`LONGEST_RUN`] such lines is no paragraph.

use super::normalise::NormLine;

/// Most lines of a paragraph.
pub const LONGEST_RUN: usize = 24;

/// Shortest line that is taken for wrapped, and longest.
const SHORTEST: usize = 8;
const WIDEST: usize = 250;
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

/// Whether a line may be what is left of a line that was broken twice: a tool breaks its text at its
/// own width first and at the terminal's then, which leaves a word or two on a line of their own.
fn is_rest(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let words = text.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).count();
    words <= 2
        && text.first().is_some_and(u8::is_ascii_lowercase)
        && text.last().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b',')
}

/// Whether `next` may be the rest of a sentence that was broken at the end of `line`: inside a box
/// where it is no item of a list; elsewhere only where its first word would not have fitted, and
/// it does not look like a message of its own.
#[must_use]
pub fn continues(line: &NormLine, next: &NormLine) -> bool {
    if line.boxed != next.boxed || line.is_blank() || next.is_blank() {
        return false;
    }
    let wide = width(&line.text);
    if wide > WIDEST || line.indent() != next.indent() {
        return false;
    }
    let word = first_word(&next.text);
    let bullet = matches!(word, [b'-' | b'*' | b'+' | b'$' | b'>' | b'#' | b'=']) || word.starts_with("•".as_bytes());
    if line.boxed {
        return !bullet;
    }
    if bullet || line.indent() != 0 {
        return false;
    }
    let full = wide >= SHORTEST && wide + width(word) >= width(&next.text);
    let own_message = (word.ends_with(b":") && word.len() < next.text.trim_ascii_end().len())
        || word.starts_with(b"[")
        || (word.len() > 4 && word[..4].iter().all(u8::is_ascii_digit) && word[4] == b'-');
    let ended = matches!(line.text.trim_ascii_end().last(), Some(b':' | b';' | b'{' | b'}'));
    // Lines of a list or a log begin alike.
    let alike = word.len() > 2 && word == first_word(&line.text);
    (full || is_rest(&line.text)) && !(own_message || ended || alike)
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

/// The paragraphs of a run of lines each of which continues the one before. Outside a box all lines
/// of one must have been broken at one and the same width, rests of lines apart.
#[must_use]
pub fn paragraphs(run: &[NormLine]) -> Vec<Joined> {
    if run.len() > 1 && run[0].boxed {
        return vec![join(run, 0, run.len())];
    }
    let mut found = Vec::new();
    let mut first = 0;
    while first < run.len() {
        let (mut low, mut high) = (width(&run[first].text), usize::MAX);
        let mut end = first + 1;
        while let Some(next) = run.get(end) {
            low = low.max(width(&next.text));
            let fits = width(&run[end - 1].text) + width(first_word(&next.text));
            if fits < low && end - first > 1 && is_rest(&run[end - 1].text) {
                end += 1;
                continue;
            }
            high = high.min(fits);
            if low > high {
                break;
            }
            end += 1;
        }
        if end - first > 1 && low >= NARROWEST {
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
    fn text_that_was_broken_twice_is_whole_again() {
        let text = "Terraform to set up the new configuration, copy existing state, etc. Please\nrun\n\"terraform init\" with either the \"-reconfigure\" or \"-migrate-state\" flags to\nuse the current configuration.\n";
        assert_eq!(joined(text), [text.trim().replace('\n', " ")]);
        let boxed = "│ etc. Please run\n│ \"x init\" with either the\n│ flags to\n│ use it.\n│\n│   - a\n│   - b\n";
        assert_eq!(
            joined(boxed),
            ["etc. Please run \"x init\" with either the flags to use it."]
        );
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
