//! Rule packs: the format, loading, layers and tables.
//!
//! Nothing here knows how a rule is matched or a fix applied; packs feed the detector, the analyzer
//! and the fixer, and nothing feeds packs.
pub mod document;
pub mod embedded;
pub mod groups;
pub mod load;
pub mod model;
pub mod provenance;
pub mod set;
pub mod short;
pub mod tables;
pub mod trust;

pub use document::{Document, Problem};
pub use load::{Packs, Sources, load};
pub use set::{Layer, LoadedPack, LoadedRule, Origin, RuleSet};
