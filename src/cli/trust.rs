//! `heal trust [PACK]`: lets a project's own packs run commands.

use super::args;
use super::common::Base;
use super::exit;
use crate::pack::{self, Layer};

pub fn trust(args: args::Trust) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    let packs = pack::load(&*base.world, &base.sources);
    let mut count = 0;
    for file in packs.files.iter().filter(|f| f.origin.layer == Layer::Project) {
        let path = &file.origin.file;
        if args
            .pack
            .as_ref()
            .is_some_and(|wanted| base.world.canonicalize(wanted).ok() != base.world.canonicalize(path).ok())
        {
            continue;
        }
        anyhow::ensure!(
            !file.document.has_errors(),
            "{} has errors; `heal check --rules` shows them",
            path.display()
        );
        pack::trust::trust(&*base.world, path, &file.origin.hash)?;
        outln!(
            "trusted {} ({})",
            path.display(),
            &file.origin.hash[..16.min(file.origin.hash.len())]
        );
        count += 1;
    }
    anyhow::ensure!(
        count > 0,
        "there is no such pack in {}",
        base.loaded.root.join(".heal/rules").display()
    );
    Ok(exit::OK)
}
