//! `heal check --rules [PATH…]`

use super::args::{self, Color, Format};
use super::common::Base;
use crate::check::{self, Against, Options};
use crate::diagnostic;

pub fn check(args: &args::Check) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    let options = Options {
        paths: args.files.clone(),
        sources: base.sources.clone(),
        deny: args.deny.clone(),
        ..Options::default()
    };
    if let Some(log) = &args.against {
        let question = Against {
            output: super::scan::read(log)?,
            rule: args.rule.clone(),
            ..Against::default()
        };
        let (text, code) = check::against(&*base.world, &options, &question);
        out!("{text}");
        return Ok(code);
    }
    if args.fix {
        let applied = check::fix(&*base.world, &options)?;
        outln!("{applied} patches applied");
    }
    let format = match args.common.format {
        Format::Text if args.concise => diagnostic::Format::Concise,
        Format::Text => diagnostic::Format::Full,
        Format::Json => diagnostic::Format::Json,
        Format::Github => diagnostic::Format::Github,
        Format::Sarif => diagnostic::Format::Sarif,
    };
    let color = match args.common.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            use std::io::IsTerminal;
            std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        }
    };
    let (text, code) = check::report(&*base.world, &options, format, color, 100);
    out!("{text}");
    Ok(code)
}
