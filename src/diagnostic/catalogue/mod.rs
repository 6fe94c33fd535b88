//! Every diagnostic there is, with an explanation that teaches.
//!
//! One file per family; the first digit of a code is its family. A new diagnostic is one `static`
//! and its mention in the family's `ALL`.

pub mod action;
pub mod example;
pub mod lookup;
pub mod pattern;
pub mod set;
pub mod shape;
pub mod style;
pub mod template;
pub mod yaml;

pub use lookup::{all, find, nearest, page};
