//! `heal log` and `heal stats`

use std::sync::Arc;

use super::args::{self, Format};
use super::common::Base;
use super::{exit, show};
use crate::changelog::{Changelog, Incident};
use crate::diagnostic::clean_line;

/// The changelog of the project.
///
/// # Errors
/// None today; kept for a changelog elsewhere.
pub fn open(base: &Base) -> anyhow::Result<Changelog> {
    let file = &base.loaded.config.logging.changelog_file;
    Ok(Changelog::new(
        Arc::clone(&base.world),
        &base.loaded.log_dir,
        file,
        base.redactor.clone(),
    ))
}

pub fn log(args: args::Log) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    let reading = open(&base)?.read()?;
    for bad in &reading.bad {
        show::error_line(&format!(
            "the changelog is damaged at line {}: {}",
            bad.line, bad.message
        ));
    }
    let wanted = |i: &&Incident| {
        args.session
            .as_ref()
            .is_none_or(|s| i.session_id.as_ref().is_some_and(|id| id.starts_with(s)))
    };
    let mut incidents: Vec<&Incident> = reading.incidents.iter().filter(wanted).collect();
    if let Some(last) = args.last {
        incidents.drain(..incidents.len().saturating_sub(last));
    }
    if args.common.format == Format::Text {
        for incident in incidents {
            print(incident);
        }
    } else {
        super::out::json(&incidents)?;
    }
    Ok(exit::OK)
}

/// One incident in a line or two.
pub fn print(incident: &Incident) {
    let event = serde_json::to_value(incident.event_type)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default();
    let session = incident.session_id.as_deref().unwrap_or("-");
    let what = incident
        .fix_description
        .as_deref()
        .or(incident.final_result.as_deref())
        .or(incident.error_message.as_deref())
        .unwrap_or_default();
    let rule = incident
        .rule_id
        .as_deref()
        .map(|r| format!(" [{r}]"))
        .unwrap_or_default();
    outln!("{} {session} {event}{rule}: {}", incident.timestamp, clean_line(what));
}

pub fn stats(args: args::Stats) -> anyhow::Result<u8> {
    if args.unclassified {
        return super::unclassified::stats(&args);
    }
    let base = Base::new(&args.common)?;
    let statistics = open(&base)?.read()?.statistics();
    if args.common.format != Format::Text {
        super::out::json(&statistics)?;
        return Ok(exit::OK);
    }
    outln!("Total incidents:      {}", statistics.total_incidents);
    outln!("Sessions:             {}", statistics.sessions);
    outln!("Successful fixes:     {}", statistics.successful_fixes);
    outln!("Failed fixes:         {}", statistics.failed_fixes);
    outln!("Success rate:         {:.1}%", statistics.success_rate);
    outln!("Rolled back:          {}", statistics.rollbacks);
    outln!("Manual interventions: {}", statistics.manual_interventions);
    if !statistics.rules.is_empty() {
        outln!(
            "\n{:<44} {:>8} {:>8} {:>8} {:>8}",
            "rule",
            "detected",
            "applied",
            "worked",
            "failed"
        );
        for rule in &statistics.rules {
            outln!(
                "{:<44} {:>8} {:>8} {:>8} {:>8}",
                rule.rule_id,
                rule.detected,
                rule.applied,
                rule.successful,
                rule.failed
            );
        }
    }
    Ok(exit::OK)
}
