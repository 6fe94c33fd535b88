//! The packs inside the program.

/// Name (a path under `rules/`) and text of every built-in pack and table.
pub static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The built-in packs without the cases inside their rules.
static LEAN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/lean.rs"));

/// The built-in packs, with the cases inside their rules only where somebody wants to run them.
pub fn packs(examples: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = if examples { FILES } else { LEAN };
    files.iter().copied().filter(|(name, _)| name.ends_with(".yaml"))
}

/// A file beside a built-in pack, by its path under `rules/`.
#[must_use]
pub fn file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::pack::Document;

    #[test]
    fn without_examples_a_pack_is_the_same_but_for_them() {
        for ((name, lean), (_, full)) in super::packs(false).zip(super::packs(true)) {
            assert_eq!(
                lean.lines().count(),
                full.lines().count(),
                "{name}: lines keep their numbers"
            );
            let read = |text| Document::read(Path::new(name), text);
            let (lean, full) = (read(lean), read(full));
            assert!(!lean.has_errors(), "{name}: {:?}", lean.problems);
            let (Some(lean), Some(mut full)) = (lean.pack, full.pack) else {
                panic!("{name} has no pack")
            };
            let mut left = 0;
            for rule in &mut full.rules {
                rule.examples.clear();
                rule.counterexamples.clear();
            }
            for rule in &lean.rules {
                left += rule.examples.len() + rule.counterexamples.len();
            }
            assert_eq!(
                left, 0,
                "{name} is not laid out as build.rs expects, so its cases are read at every start"
            );
            assert_eq!(format!("{lean:?}"), format!("{full:?}"), "{name}");
        }
    }
}
