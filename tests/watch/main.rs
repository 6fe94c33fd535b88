//! Real logs and real packs that change under a running watch. Waiting always ends when what is
//! awaited is there; the deadline only turns a hang into a failure.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod follow;
mod healing;
mod reload;
mod support;
