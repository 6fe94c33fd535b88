//! The tree: nodes that know where they stand in the source.

use std::ops::Range;

use super::path::{Path, Segment};

/// A half-open range of byte offsets in the source text, always on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte; never before `start`.
    pub end: usize,
}

impl Span {
    /// A span from `start` to `end`; an end before the start makes an empty span.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// An empty span at `offset`.
    #[must_use]
    pub fn at(offset: usize) -> Self {
        Self {
            start: offset,
            end: offset,
        }
    }

    /// The same as a standard range.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The text that the span covers; empty when the span is not of this source.
    #[must_use]
    pub fn text(self, source: &str) -> &str {
        source.get(self.range()).unwrap_or("")
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.range()
    }
}

/// How a scalar is written in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes: the only style whose text may mean a number, a boolean or nothing.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|` block
    Literal,
    /// `>` block
    Folded,
}

/// A scalar: its decoded text and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text after folding and escapes.
    pub value: String,
    /// How it is written.
    pub style: Style,
    /// Byte offset at which the content begins: after the opening quote, at the first line below
    /// the header of a block scalar, otherwise the start of the node.
    pub body: usize,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// No value: written as nothing, `~` or `null`.
    Null,
    /// Text, number or boolean.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in source order; keys are unique.
    Mapping(Vec<(Node, Node)>),
}

/// One node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// From the first to the last character of the node, quotes and block header included,
    /// trailing blank lines not. Empty where the node itself is empty.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

impl Node {
    /// The value below `key`, if this is a mapping that holds it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Where the key `key` itself stands.
    #[must_use]
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.entry(key).map(|(node, _)| node.span)
    }

    /// Key and value nodes of `key`.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&(Node, Node)> {
        self.entries().iter().find(|(node, _)| node.as_str() == Some(key))
    }

    /// All entries of a mapping; empty for everything else.
    #[must_use]
    pub fn entries(&self) -> &[(Node, Node)] {
        match &self.kind {
            NodeKind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// All items of a sequence; empty for everything else.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            NodeKind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar, whatever its style.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar().map(|scalar| scalar.value.as_str())
    }

    /// The scalar, if this is one.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Null)
    }

    /// The node at `path` below this one.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<&Node> {
        path.segments().iter().try_fold(self, |node, segment| match segment {
            Segment::Key(key) => node.get(key),
            Segment::Index(index) => node.items().get(*index),
        })
    }

    /// The most exact span for `path`: of the node itself, or of the deepest existing node on the
    /// way to it. Never fails, so that a diagnostic always has a place to point at.
    #[must_use]
    pub fn span_at(&self, path: &Path) -> Span {
        let mut node = self;
        for segment in path.segments() {
            let next = match segment {
                Segment::Key(key) => node.get(key),
                Segment::Index(index) => node.items().get(*index),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node.span
    }

    /// Where the last key of `path` stands (the span of the item for an index); falls back to
    /// [`Node::span_at`].
    #[must_use]
    pub fn key_span_at(&self, path: &Path) -> Span {
        let parent = path.parent().and_then(|parent| self.at(&parent));
        match (parent, path.segments().last()) {
            (Some(parent), Some(Segment::Key(key))) => parent.key_span(key).unwrap_or(parent.span),
            _ => self.span_at(path),
        }
    }

    /// The place that stands for the whole node in a message: the first key of a mapping, the
    /// node itself otherwise. A caret below twenty lines of mapping would point at nothing.
    #[must_use]
    pub fn head(&self) -> Span {
        match &self.kind {
            NodeKind::Mapping(entries) => entries.first().map_or(self.span, |(key, _)| key.span),
            NodeKind::Sequence(items) => items.first().map_or(self.span, Node::head),
            _ => self.span,
        }
    }
}
