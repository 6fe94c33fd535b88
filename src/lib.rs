//! heal: a self-healing code system.
pub mod pack;
pub mod shell;
pub mod template;
pub mod yaml;
