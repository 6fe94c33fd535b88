//! heal: a self-healing code system.
pub mod detector;
pub mod pack;
pub mod pattern;
