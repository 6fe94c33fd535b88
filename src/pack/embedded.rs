//! The packs inside the program.

/// Name (a path under `rules/`) and text of every built-in pack and table.
pub static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The built-in packs.
pub fn packs() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().filter(|(name, _)| name.ends_with(".yaml"))
}

/// A file beside a built-in pack, by its path under `rules/`.
#[must_use]
pub fn file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
