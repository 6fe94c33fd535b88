//! Lines of a script: where they begin, how deep they are indented, which of them are text.

use super::outline::{Kind, Outline};

/// The lines of one script.
pub(super) struct Lines<'a> {
    pub src: &'a [u8],
    starts: Vec<usize>,
    text: Vec<bool>,
    /// `\n` or `\r\n`, as the first line has it.
    pub eol: &'static str,
}

impl<'a> Lines<'a> {
    pub(super) fn new(src: &'a [u8], outline: &Outline) -> Self {
        let mut starts = vec![0];
        starts.extend(src.iter().enumerate().filter(|(_, c)| **c == b'\n').map(|(i, _)| i + 1));
        let mut lines = Self {
            src,
            text: vec![false; starts.len()],
            starts,
            eol: "\n",
        };
        if src
            .iter()
            .position(|&c| c == b'\n')
            .is_some_and(|n| n > 0 && src[n - 1] == b'\r')
        {
            lines.eol = "\r\n";
        }
        for range in &outline.text {
            lines.mark(range.start, range.end.saturating_sub(1));
        }
        for frame in &outline.frames {
            let quote = matches!(frame.kind, Kind::Single | Kind::Double | Kind::Backtick);
            if let (true, Some(end)) = (quote, frame.end) {
                let next = lines.line_of(frame.start) + 1;
                if next <= lines.line_of(end) {
                    lines.mark(lines.start(next), end);
                }
            }
        }
        lines
    }

    fn mark(&mut self, from: usize, to: usize) {
        if from <= to {
            let (first, last) = (self.line_of(from), self.line_of(to));
            self.text[first..=last].fill(true);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    /// Index (0-based) of the line that holds an offset.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&s| s <= offset).saturating_sub(1)
    }

    pub(super) fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.src.len())
    }

    /// Offset of the line's end, before its line ending.
    pub(super) fn end(&self, line: usize) -> usize {
        let mut end = self.starts.get(line + 1).map_or(self.src.len(), |&s| s - 1);
        if end > self.start(line) && self.src[end - 1] == b'\r' {
            end -= 1;
        }
        end
    }

    pub(super) fn bytes(&self, line: usize) -> &'a [u8] {
        &self.src[self.start(line)..self.end(line)]
    }

    /// The line without blanks around.
    pub(super) fn trimmed(&self, line: usize) -> &'a [u8] {
        self.bytes(line).trim_ascii()
    }

    /// Whether the line is the inside of a here-document or of a quotation.
    pub(super) fn is_text(&self, line: usize) -> bool {
        self.text.get(line).copied().unwrap_or(false)
    }

    pub(super) fn is_blank(&self, line: usize) -> bool {
        self.trimmed(line).is_empty()
    }

    pub(super) fn is_comment(&self, line: usize) -> bool {
        self.trimmed(line).starts_with(b"#")
    }

    /// Leading white space as it is written.
    pub(super) fn indentation(&self, line: usize) -> String {
        let bytes = self.bytes(line);
        let len = bytes.iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
        String::from_utf8_lossy(&bytes[..len]).into_owned()
    }

    /// Width of the indentation, tabs to the next multiple of eight.
    pub(super) fn depth(&self, line: usize) -> usize {
        let mut width = 0;
        for c in self.bytes(line) {
            match c {
                b' ' => width += 1,
                b'\t' => width = width / 8 * 8 + 8,
                _ => break,
            }
        }
        width
    }

    /// The line continues on the next one.
    pub(super) fn continues(&self, line: usize) -> bool {
        let text = self.trimmed(line);
        text.ends_with(b"\\") || text.ends_with(b"|") || text.ends_with(b"&&")
    }

    /// First word, up to a blank or an operator.
    pub(super) fn first_word(&self, line: usize) -> &'a [u8] {
        let text = self.trimmed(line);
        let len = text
            .iter()
            .position(|c| b" \t;&|<>()".contains(c))
            .unwrap_or(text.len());
        &text[..len]
    }

    /// One step of indentation as this script uses it.
    pub(super) fn unit(&self) -> String {
        let indented = (0..self.count()).filter(|&l| !self.is_text(l) && !self.is_blank(l) && self.depth(l) > 0);
        let mut smallest = None::<usize>;
        for line in indented {
            if self.bytes(line).starts_with(b"\t") {
                return "\t".to_owned();
            }
            smallest = Some(smallest.map_or(self.depth(line), |s| s.min(self.depth(line))));
        }
        " ".repeat(smallest.unwrap_or(2))
    }
}
