//! Rule packs: the format, loading, layers and tables.
//!
//! Nothing here knows how a rule is matched or a fix applied; packs feed the detector, the analyzer
//! and the fixer, and nothing feeds packs.
pub mod model;
pub mod set;
pub mod short;
pub mod tables;

pub use set::{Layer, LoadedPack, LoadedRule, Origin, RuleSet};
