//! heal: a self-healing code system.

pub mod analyzer;
pub mod brackets;
pub mod changelog;
pub mod check;
pub mod cli;
pub mod config;
pub mod detector;
pub mod diagnostic;
pub mod draft;
pub mod environment;
pub mod exec;
pub mod fixer;
pub mod language;
pub mod logdir;
pub mod orchestrator;
pub mod pack;
pub mod pattern;
pub mod shell;
pub mod structure;
pub mod syntax;
pub mod template;
pub mod transaction;
pub mod validator;
pub mod watch;
pub mod world;
pub mod yaml;
