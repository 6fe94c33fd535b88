//! Patterns on lines: lazily compiled regexes with limits, the literals that every match of a
//! regex contains, and the step machine that puts several lines together.
//!
//! Nothing here knows about packs, streams or errors; it is handed strings and lines.
mod background;
mod error;
mod implied;
mod line;
mod literals;
mod steps;

pub(crate) use background::rarity;
pub use error::{PatternError, PatternFault, validate};
pub use implied::{implies, implies_any};
pub use line::LinePattern;
pub use literals::{Literal, Required, analyse, fixed_length, literals};
pub use steps::{Asked, StepLine, StepMachine, StepMatch, StepProgram, StepSpec};
