//! heal: a self-healing code system.

pub mod changelog;
pub mod config;
pub mod logdir;
pub mod transaction;
pub mod world;
