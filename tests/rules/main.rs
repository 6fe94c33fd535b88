//! `heal rules` and what belongs to it, as an operator uses it: the program, in a folder of its own.
#![allow(clippy::unwrap_used, reason = "tests")]

mod draft;
mod profile;
mod show;
mod tutorial;

use std::path::Path;
use std::process::{Command, Output};

fn heal(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_heal"))
        .args(args)
        .current_dir(folder)
        .env("HOME", folder.join("home"))
        .env_remove("XDG_CONFIG_HOME")
        .env("XDG_STATE_HOME", folder.join("state"))
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
