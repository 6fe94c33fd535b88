//! The `heal` program.
fn main() {}
