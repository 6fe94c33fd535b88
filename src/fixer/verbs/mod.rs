//! The verbs that change files, one a file. Each works out new content; none writes.
pub mod chmod;
pub mod edit;
pub mod ranges;
pub mod repair;
pub mod rewrite;
pub mod set;
