//! heal: a self-healing code system.

pub mod syntax;
