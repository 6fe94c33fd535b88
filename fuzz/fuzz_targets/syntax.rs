//! The syntax repairer on any bytes: no panic, valid text untouched, every repair parses.
#![no_main]

use heal::syntax::{Options, Outcome, apply, check, repair};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &[u8]| {
    let options = Options::default();
    let valid = check(source, options.target).is_empty();
    match repair(source, &options) {
        Outcome::Valid => assert!(valid),
        Outcome::Repaired { best, runners_up } => {
            assert!(!valid);
            for candidate in std::iter::once(&best).chain(&runners_up) {
                assert!(check(&apply(source, &candidate.edits), options.target).is_empty());
            }
        }
        Outcome::Unclear { .. } => assert!(!valid),
    }
});
