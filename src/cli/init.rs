//! `heal init`, `heal completions`, `heal man`

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::CommandFactory;

use super::args::{self, Cli};
use super::exit;

const CONFIG: &str = "\
# heal's settings for this project. Every key is optional; these are the defaults.
# `heal run --help` and docs/configuration.md say what each does.

enabled = true

[retry]
max_attempts = 3

[safety]
dry_run = false
require_approval = false
backup_before_fix = true

[confidence]
auto = 0.8   # at or above, a safe fix is applied by itself
ask = 0.5    # at or above, it is offered; below it is advice
";

const PACK: &str = "\
# yaml-language-server: $schema=../pack.v1.json
# A site pack: teach heal a failure of your own, then run `heal check --rules`.
heal: 1
pack: { name: site, version: 0.1.0, about: Failures of this project }
rules:
  - id: example
    title: The example service says that it is not ready
    type: network
    match: { regex: '^example-service: not ready yet \\((?P<reason>[^)]+)\\)' }
    cause: The example service is still starting ({{reason}}).
    confidence: 0.9
    fix:
      - title: Wait and try again
        safety: safe
        retry: { attempts: 3, backoff: { first: 2s, factor: 2, max: 10s } }
    examples:
      - output: \"example-service: not ready yet (warming up)\"
        expect: { captures: { reason: warming up }, fix: [ { retry: \"3x 2s*2<=10s\" } ] }
    counterexamples:
      - \"example-service: ready\"
";

pub fn init(args: args::Init) -> anyhow::Result<u8> {
    let folder = args.folder.unwrap_or_else(|| PathBuf::from("."));
    // The schema lies beside the packs, so that editors need no network.
    let schema = crate::check::schema::pack_text();
    for (name, text) in [
        ("heal.toml", CONFIG),
        (".heal/rules/site.yaml", PACK),
        (".heal/pack.v1.json", schema.as_str()),
    ] {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        match std::fs::File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())
                    .with_context(|| path.display().to_string())?;
                outln!("wrote {}", path.display());
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                outln!("{} is there already, left as it is", path.display())
            }
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        }
    }
    outln!("next: `heal check --rules`, then `heal trust` to let the pack run commands");
    Ok(exit::OK)
}

pub fn completions(shell: clap_complete::Shell) -> anyhow::Result<u8> {
    clap_complete::generate(shell, &mut Cli::command(), "heal", &mut std::io::stdout());
    Ok(exit::OK)
}

pub fn man() -> anyhow::Result<u8> {
    clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
    Ok(exit::OK)
}
