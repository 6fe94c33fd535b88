//! `heal check --rules`: stands in until the full catalogue lands.

use super::args;
use super::common::Base;
use super::{exit, show};
use crate::pack;

pub fn check(args: &args::Check) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    let mut sources = base.sources.clone();
    sources.given.extend(args.files.iter().cloned());
    let packs = pack::load(&*base.world, &sources);
    let mut code = exit::OK;
    for error in packs.errors() {
        show::error_line(&error);
        code = exit::FINDINGS;
    }
    Ok(code)
}
