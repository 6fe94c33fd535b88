//! Anything at all as a pack: a diagnostic, in bounded time and memory, and no panic.
#![no_main]

use heal::check::{Options, check};
use heal::diagnostic::{Format, render};
use heal::world::Memory;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let world = Memory::new().with_file("/project/pack.yaml", bytes);
    let options = Options {
        paths: vec!["/project/pack.yaml".into()],
        without_built_in: true,
        ..Options::default()
    };
    let outcome = check(&world, &options);
    for format in Format::ALL {
        let _ = render(&outcome.diagnostics, format, false, 80);
    }
});
