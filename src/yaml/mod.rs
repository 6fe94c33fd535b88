//! YAML with exact positions: text → tree with byte spans → typed values.
//!
//! Three stages, each in its own file: [`parse`] turns parser events into a tree in which every
//! node knows where it stands (and refuses what a rule pack must not contain: anchors, aliases,
//! merge keys, tags, several documents); [`from_node`] decodes any `serde` type from that tree
//! and names the place of every mistake; [`source_offset`] maps a position inside a decoded
//! scalar back to the source, so that a caret can stand inside a quoted regular expression.
//!
//! This module knows YAML and `serde`. It knows nothing about rules, packs or how a diagnostic
//! is printed.

mod build;
mod de;
mod indent;
mod offsets;
mod parse;
mod path;
mod problem;
mod recover;
pub mod repair;
mod scalar;
mod syntax;
mod tree;

#[cfg(test)]
mod tests;

pub use de::{DecodeError, DecodeKind, Decoded, Unknown, from_node, from_node_lenient};
pub use offsets::{source_offset, source_range};
pub use parse::{Limits, Parsed, decode_utf8, parse, parse_all};
pub use path::{Path, Segment};
pub use problem::{ErrorCode, Secondary, YamlError};
pub use scalar::Core;
pub use tree::{Node, NodeKind, Scalar, Span, Style};
