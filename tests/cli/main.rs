//! heal as people and pipelines meet it: the real program, its exit codes, its words, and what it
//! leaves behind. Most tests bring a small pack of their own, so that they test the engine's promises
//! whatever the built-in packs say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod changelog;
mod commands;
mod disk;
mod input;
mod project;
mod refused;
mod retry;
mod sandbox;
mod signals;
mod syntax;
mod taken_back;
mod thorough;
mod transparent;
