//! The packs that come with heal, as `heal check --rules rules` sees them.

use heal::check::{Options, check};
use heal::diagnostic::{Format, render};
use heal::world::Real;

/// Not an error, not a warning: missing modelines and unused names are told as warnings, so this is
/// the test for them as well.
#[test]
fn nothing_can_be_said_against_the_built_in_packs() {
    let options = Options {
        paths: vec!["rules".into()],
        ..Options::default()
    };
    let outcome = check(&Real, &options);
    let told = render(&outcome.diagnostics, Format::Concise, false, 200);
    assert!(outcome.diagnostics.is_empty(), "{told}");
    assert!(
        outcome.rules > 400 && outcome.examples > 2_000,
        "{} rules",
        outcome.rules
    );
}
