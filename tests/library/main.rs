//! The library as programs use it: every example run, the panic hook in a process of its own, and one engine behind
//! all doors.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

#[path = "../support/mod.rs"]
mod support;

mod examples;
mod facade;
mod one_engine;
mod specification;
