//! Patterns on lines: lazily compiled regexes with limits, the literals that every match of a
//! regex contains, and the step machine that puts several lines together.
//!
//! Nothing here knows about packs, streams or errors; it is handed strings and lines.
mod error;
mod line;
mod literals;
mod steps;

pub use error::{PatternError, PatternFault, validate};
pub use line::LinePattern;
pub use literals::{Required, implies, implies_any, literals};
pub use steps::{StepLine, StepMachine, StepMatch, StepProgram, StepSpec};
