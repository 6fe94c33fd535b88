//! heal: a self-healing code system.

pub mod diagnostic;
pub mod yaml;
