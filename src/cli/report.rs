//! `heal report`: the audit trail and its figures as one HTML page.
//!
//! The page stands alone: no script, nothing fetched, so that it can be kept as a build's artifact and
//! be opened years later. All of its text comes from programs' output: the template engine escapes it,
//! and its own policy forbids what an escape might miss.

use std::path::Path;

use anyhow::Context as _;
use handlebars::Handlebars;
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::args;
use super::common::Base;
use super::exit;
use super::log::open;
use crate::analyzer::shell_line;
use crate::changelog::{EventType, Incident, Reading, format_timestamp};
use crate::diagnostic::{clean_line, clean_text};

const PAGE: &str = include_str!("report.hbs");

pub fn report(args: args::Report) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    let changelog = open(&base)?;
    let reading = changelog.read()?;
    let project = base.loaded.root.file_name().unwrap_or_default().to_string_lossy();
    let now = format_timestamp(base.world.now());
    let page = Handlebars::new().render_template(PAGE, &facts(&reading, &project, changelog.path(), &now))?;
    match args.out {
        Some(out) if out == Path::new("-") => out!("{page}"),
        out => {
            let target = out.unwrap_or_else(|| base.loaded.log_dir.join("report.html"));
            let target = base.world.absolute(&target);
            let folder = target.parent().unwrap_or(Path::new("."));
            base.world
                .create_dir_all(folder, 0o700)
                .and_then(|_| base.world.write_atomic(&target, page.as_bytes(), None))
                .with_context(|| format!("cannot write {}", target.display()))?;
            outln!("{}", target.display());
        }
    }
    Ok(exit::OK)
}

fn facts(reading: &Reading, project: &str, changelog: &Path, now: &str) -> Value {
    let statistics = reading.statistics();
    let mut sessions: IndexMap<&str, Vec<&Incident>> = IndexMap::new();
    for incident in &reading.incidents {
        let id = incident.session_id.as_deref().unwrap_or("no session");
        sessions.entry(id).or_default().push(incident);
    }
    let confidence = |it: Option<f64>| it.map(|it| format!("{it:.2}"));
    let rules = statistics.rules.iter().map(|rule| {
        let mut facts = json!(rule);
        facts["confidence"] = json!(confidence(rule.mean_confidence));
        facts
    });
    let figure = |name: &str, value: String| json!({ "name": name, "value": value });
    json!({
        "project": clean_line(project),
        "changelog": clean_line(&changelog.to_string_lossy()),
        "written": seconds(now),
        "version": env!("CARGO_PKG_VERSION"),
        "first": reading.incidents.first().map(|it| seconds(&it.timestamp)),
        "last": reading.incidents.last().map(|it| seconds(&it.timestamp)),
        "damaged": reading.bad.iter().map(|it| format!("line {}: {}", it.line, it.message)).collect::<Vec<_>>(),
        "figures": [
            figure("sessions", statistics.sessions.to_string()),
            figure("errors detected", statistics.errors_detected.to_string()),
            figure("fixes that worked", statistics.successful_fixes.to_string()),
            figure("fixes that failed", statistics.failed_fixes.to_string()),
            figure("success rate", format!("{:.1} %", statistics.success_rate)),
            figure("rolled back", statistics.rollbacks.to_string()),
            figure("left to a person", statistics.manual_interventions.to_string()),
        ],
        "rules": rules.collect::<Vec<_>>(),
        "sessions": sessions.iter().rev().map(|(id, them)| session(id, them)).collect::<Vec<_>>(),
    })
}

fn session(id: &str, incidents: &[&Incident]) -> Value {
    let last = |wanted: EventType| incidents.iter().rev().find(|it| it.event_type == wanted);
    let result = last(EventType::HealingComplete)
        .and_then(|it| it.final_result.clone())
        .or_else(|| last(EventType::ManualInterventionRequired).map(|_| "manual".to_owned()))
        .unwrap_or_else(|| "open".to_owned());
    let class = match result.as_str() {
        "success" => "success",
        "manual" | "partial" => "manual",
        _ => "failed",
    };
    let command = incidents.iter().find(|it| !it.command.is_empty());
    json!({
        "id": clean_line(id),
        "result": clean_line(&result),
        "class": class,
        "command": command.map(|it| clean_line(&shell_line(&it.command)).into_owned()),
        "at": incidents.first().map(|it| seconds(&it.timestamp)),
        "undo": result == "success" && incidents.iter().any(|it| it.event_type == EventType::FixApplied),
        "incidents": incidents.iter().map(|it| incident(it)).collect::<Vec<_>>(),
    })
}

fn incident(it: &Incident) -> Value {
    let what = (it.fix_description.as_ref())
        .or(it.error_message.as_ref())
        .or(it.final_result.as_ref());
    let event = serde_json::to_value(it.event_type).ok();
    let event = event.as_ref().and_then(Value::as_str).unwrap_or_default();
    let place = it.file_path.as_ref().map(|file| match it.line_number {
        Some(line) => format!("{}:{line}", file.display()),
        None => file.display().to_string(),
    });
    json!({
        "time": it.timestamp.get(11..19),
        "event": event.replace('_', " "),
        "rule": it.rule_id.as_deref().map(clean_line),
        "confidence": it.confidence.map(|it| format!("{it:.2}")),
        "place": place.as_deref().map(clean_line),
        "what": what.map(|it| clean_line(it)),
        "reasoning": it.fix_reasoning.as_deref().map(clean_line),
        "evidence": it.evidence.iter().map(|it| clean_line(it)).collect::<Vec<_>>(),
        "ran": (!it.fix_command.is_empty()).then(|| clean_line(&shell_line(&it.fix_command)).into_owned()),
        "diff": it.diff.as_deref().map(clean_text),
    })
}

/// A timestamp of the changelog, to the second.
fn seconds(timestamp: &str) -> String {
    timestamp.get(..19).unwrap_or(timestamp).replace('T', " ")
}
