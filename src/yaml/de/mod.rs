//! Tree → typed values.

mod access;
mod error;
mod keep_going;
mod value;

pub use error::{DecodeError, DecodeKind};
pub use keep_going::{Decoded, Unknown, from_node, from_node_lenient};
