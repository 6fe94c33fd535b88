//! heal: a self-healing code system.
pub mod pack;
pub mod template;
pub mod yaml;
pub mod shell;
