//! Entry points: text → tree, within limits.

use super::problem::{ErrorCode, YamlError};
use super::recover;
use super::tree::{Node, NodeKind, Span};

/// What one document may cost. The defaults are far above any pack that a person wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest source, in bytes. Callers that read a file should compare its size first.
    pub max_bytes: usize,
    /// Deepest nesting of lists and mappings, at most 255.
    pub max_depth: usize,
    /// Most nodes, keys included.
    pub max_nodes: usize,
    /// Most errors that are collected; further ones are dropped.
    pub max_errors: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 32 << 20,
            max_depth: 64,
            max_nodes: 2_000_000,
            max_errors: 200,
        }
    }
}

/// What [`parse_all`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// The tree. With errors, what could still be read: list items that are not YAML are missing
    /// from it. `None` if nothing could be read.
    pub root: Option<Node>,
    /// Every problem, in source order.
    pub errors: Vec<YamlError>,
    /// Comments, `#` included, in source order.
    pub comments: Vec<Span>,
}

/// Parses one document.
///
/// # Errors
/// Every problem that could be found in one go, in source order; see [`ErrorCode`].
pub fn parse(source: &str, limits: &Limits) -> Result<Node, Vec<YamlError>> {
    let parsed = parse_all(source, limits);
    if !parsed.errors.is_empty() {
        return Err(parsed.errors);
    }
    Ok(parsed.root.unwrap_or(Node {
        span: Span::at(0),
        kind: NodeKind::Null,
    }))
}

/// Parses one document and keeps what is readable beside the errors, so that a mistake in one
/// list item does not hide those of the others.
#[must_use]
pub fn parse_all(source: &str, limits: &Limits) -> Parsed {
    if source.len() > limits.max_bytes {
        let message = format!(
            "the file has {} bytes; at most {} are read",
            source.len(),
            limits.max_bytes
        );
        let error = YamlError::new(ErrorCode::Budget, Span::at(0), message);
        return Parsed {
            errors: vec![error],
            ..Parsed::default()
        };
    }
    recover::parse_with_recovery(source, limits)
}

/// Checks that bytes are text.
///
/// # Errors
/// [`ErrorCode::Encoding`] at the first byte that is not UTF-8; the message names line and byte.
pub fn decode_utf8(bytes: &[u8]) -> Result<&str, Box<YamlError>> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let line = bytes[..at].iter().filter(|&&b| b == b'\n').count() + 1;
        let byte = bytes.get(at).copied().unwrap_or_default();
        let message = format!("line {line}: byte 0x{byte:02x} at offset {at} is not UTF-8");
        let error = YamlError::new(ErrorCode::Encoding, Span::at(at), message);
        Box::new(error.help("save the file with UTF-8 encoding"))
    })
}
