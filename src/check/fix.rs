//! `heal check --rules --fix`: the patches that diagnostics carry, written into the packs.

use std::io;
use std::path::Path;

use super::run::{Options, check};
use crate::diagnostic::apply_patches;
use crate::world::{Expect, World};

/// Most rounds: a patch may uncover the next mistake.
const ROUNDS: usize = 8;

/// Applies all patches; the number of them. Files that heal itself carries are left alone.
///
/// # Errors
/// A pack cannot be written, or somebody changed it meanwhile.
pub fn fix(world: &dyn World, options: &Options) -> io::Result<usize> {
    let options = Options {
        without_examples: true,
        ..options.clone()
    };
    let mut applied = 0;
    for _ in 0..ROUNDS {
        let before = applied;
        for file in apply_patches(&check(world, &options).diagnostics) {
            let path = Path::new(&file.file.name);
            let old = file.file.text.as_bytes();
            if file.applied.is_empty() || world.read(path).ok().as_deref() != Some(old) {
                continue;
            }
            world.replace(path, file.text.as_bytes(), None, Expect::Content(old))?;
            applied += file.applied.len();
        }
        if applied == before {
            break;
        }
    }
    Ok(applied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    #[test]
    fn slips_are_put_right_and_nothing_else() {
        let text = "heal: 1\npack: { name: demo, version: 1.0.0 }\nrules:\n  - id: Missing Module\n    title: a module is missing\n    match: { regx: \"^No module '(?P<module>\\\\w+)'\" } # stays\n    explain: \"{{modul}}\"\n";
        let world = Memory::new().with_file("/project/rules/p.yaml", text);
        let options = Options {
            paths: vec!["/project/rules".into()],
            without_built_in: true,
            ..Options::default()
        };
        assert_eq!(fix(&world, &options).expect("writable"), 5);
        let fixed = world.read_to_string(Path::new("/project/rules/p.yaml")).expect("there");
        let expected = text
            .replace("Missing Module", "missing-module")
            .replace("title: a", "title: A")
            .replace("regx", "regex")
            .replace("{{modul}}", "{{module}}");
        assert_eq!(
            fixed,
            format!("# yaml-language-server: $schema=../schemas/pack.v1.json\n{expected}")
        );
        assert_eq!(fix(&world, &options).expect("writable"), 0);
    }
}
