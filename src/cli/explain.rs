//! `heal explain ID|CODE|SESSION`

use super::args::{self, Format};
use super::common::Base;
use super::{exit, log, rules};
use crate::diagnostic::catalogue;
use crate::pack;

pub fn explain(args: args::Explain) -> anyhow::Result<u8> {
    if let Some(info) = catalogue::find(&args.what) {
        outln!(
            "{} {} ({:?})\n\n{}\n\n{}",
            info.code,
            info.name,
            info.severity,
            info.summary,
            info.explanation
        );
        return Ok(exit::OK);
    }
    let base = Base::new(&args.common)?;
    let packs = pack::load(&*base.world, &base.sources);
    if let Some(text) = rules::describe(&packs.rules, &args.what) {
        out!("{text}");
        return Ok(exit::OK);
    }
    let reading = log::open(&base)?.read()?;
    let incidents: Vec<_> = reading.session(&args.what).collect();
    if incidents.is_empty() {
        anyhow::bail!(
            "`{}` is neither a rule, nor a code, nor a session{}",
            args.what,
            rules::hint(&packs.rules, &args.what)
        );
    }
    if args.common.format != Format::Text {
        super::out::json(&incidents)?;
        return Ok(exit::OK);
    }
    for incident in incidents {
        log::print(incident);
        for candidate in &incident.candidates {
            let decision = candidate.decision.as_deref().unwrap_or("no fix");
            let reason = candidate
                .reason
                .as_deref()
                .map(|r| format!(" ({r})"))
                .unwrap_or_default();
            outln!(
                "    {:.2} {}#{}: {decision}{reason}",
                candidate.confidence,
                candidate.rule_id,
                candidate.cause.as_deref().unwrap_or("-")
            );
            if let Some(fix) = &candidate.fix {
                outln!("         {}", crate::diagnostic::clean_line(fix));
            }
            for piece in &candidate.evidence {
                outln!("         {}", crate::diagnostic::clean_line(piece));
            }
        }
    }
    Ok(exit::OK)
}
