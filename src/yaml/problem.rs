//! What can be wrong with the text.

use super::tree::Span;

/// The class of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorCode {
    /// Not YAML.
    Syntax,
    /// A key stands twice in one mapping.
    DuplicateKey,
    /// `*name`
    Alias,
    /// `&name`
    Anchor,
    /// `!tag`
    Tag,
    /// `<<:`
    Merge,
    /// A second document, or a directive.
    MultiDocument,
    /// One of the [`Limits`] is exceeded.
    Budget,
    /// The bytes are not UTF-8.
    Encoding,
}

/// Another place that explains the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secondary {
    /// Where.
    pub span: Span,
    /// What is there, in a few words.
    pub message: String,
}

/// One problem in the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// Where.
    pub span: Span,
    /// Its class.
    pub code: ErrorCode,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What stands at the place itself, in a few words; may be empty.
    pub label: String,
    /// How to put it right, if that is known.
    pub help: Option<String>,
    /// The place that it collides with, if there is one.
    pub secondary: Option<Secondary>,
}

impl YamlError {
    pub(super) fn new(code: ErrorCode, span: Span, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            span,
            code,
            message,
            label: String::new(),
            help: None,
            secondary: None,
        }
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn secondary(mut self, span: Span, message: impl Into<String>) -> Self {
        self.secondary = Some(Secondary {
            span,
            message: message.into(),
        });
        self
    }
}
