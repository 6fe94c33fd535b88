//! Pack files as diagnostics point into them.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{CodeInfo, Diagnostic, SourceFile, catalogue};
use crate::pack::Document;
use crate::pack::document::Problem;
use crate::yaml::{Node, Span, source_range};

/// A pack file: its document, and its text in the form that diagnostics share.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The document.
    pub document: &'a Document,
    /// What the loader found in it.
    pub problems: &'a [Problem],
    /// Its text.
    pub file: Arc<SourceFile>,
}

impl<'a> Place<'a> {
    /// Of a document.
    #[must_use]
    pub fn new(document: &'a Document, problems: &'a [Problem]) -> Self {
        Self {
            document,
            problems,
            file: SourceFile::new(document.file.to_string_lossy(), &*document.source),
        }
    }

    /// The text of the file.
    #[must_use]
    pub fn source(&self) -> &'a str {
        &self.document.source
    }

    /// The source of a range of a scalar's value.
    #[must_use]
    pub fn inside(&self, node: &Node, range: Range<usize>) -> Range<usize> {
        source_range(self.source(), node, range).range()
    }

    /// A range that is worth a marker: of a node that goes over many lines only its first.
    #[must_use]
    pub fn short(&self, span: Span) -> Range<usize> {
        let text = span.text(self.source());
        match text.find('\n') {
            Some(end) => span.start..span.start + text[..end].trim_end().len().max(1),
            None => span.range(),
        }
    }
}

/// The catalogue's entry of a code that this program itself names.
#[must_use]
pub fn info(code: &str) -> &'static CodeInfo {
    // An unknown code would be a slip in this program; a test goes through all that are used.
    catalogue::find(code).unwrap_or(&catalogue::shape::WRONG_TYPE)
}

/// A diagnostic of a code.
#[must_use]
pub fn diagnostic(code: &str, title: impl Into<String>) -> Diagnostic {
    Diagnostic::new(info(code), title)
}
