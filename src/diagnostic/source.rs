//! A text with a name, and positions in it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A file that diagnostics point into. Read once, shared by all of them.
#[derive(Debug)]
pub struct SourceFile {
    /// The name as the user knows it, usually a relative path.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Byte offsets of line starts; computed when first asked for.
    lines: OnceLock<Vec<usize>>,
}

impl PartialEq for SourceFile {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for SourceFile {}

/// A place as an editor shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl SourceFile {
    /// A source with a name.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            lines: OnceLock::new(),
        })
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|&(_, b)| b == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect()
        })
    }

    /// Line and column of a byte offset; offsets beyond the end are the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.clamp(offset);
        let line = self.lines().partition_point(|&start| start <= offset);
        let start = self.line_start(line);
        let column = self.text[start..offset].chars().count() + 1;
        Position { line, column }
    }

    /// Byte offset at which a line (from 1) begins.
    #[must_use]
    pub fn line_start(&self, line: usize) -> usize {
        let index = line.saturating_sub(1);
        self.lines().get(index).copied().unwrap_or(self.text.len())
    }

    /// How many lines there are, at least 1.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.lines().len()
    }

    /// The nearest character boundary at or before `offset`, within the text.
    #[must_use]
    pub fn clamp(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset.min(self.text.len()))
    }

    /// A span that certainly lies in the text, on character boundaries.
    #[must_use]
    pub fn clamp_span(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.clamp(span.start);
        start..self.clamp(span.end).max(start)
    }
}
