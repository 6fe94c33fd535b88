//! From a position in a decoded scalar back to the source.

use super::tree::{Node, Span};

/// TEMP
#[must_use]
pub fn source_offset(_source: &str, node: &Node, _decoded: usize) -> usize {
    node.span.start
}
/// TEMP
#[must_use]
pub fn source_range(_source: &str, node: &Node, _decoded: std::ops::Range<usize>) -> Span {
    node.span
}
