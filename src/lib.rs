//! heal: a self-healing code system.

pub mod changelog;
pub mod config;
pub mod pack;
pub mod template;
pub mod logdir;
pub mod transaction;
pub mod world;
pub mod diagnostic;
pub mod yaml;
pub mod exec;
pub mod detector;
pub mod pack;
pub mod pattern;
pub mod syntax;
