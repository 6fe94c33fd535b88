//! E407 and E101: how long the retries of a fix could take.

use crate::analyzer::parse_duration;
use crate::check::place::{Place, diagnostic};
use crate::config::SelfHealingConfig;
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// Longest time, in milliseconds, that the waits of a fix may add up to: an hour.
const LONGEST: f64 = 3_600_000.0;
/// Most runs beyond the failed one.
const MOST: u32 = 100;
/// Runs beyond the failed one where `attempts` is missing; as in the pack format.
const ATTEMPTS: u32 = 3;

/// Looks at a `retry`.
pub fn check(place: &Place<'_>, retry: &Node, out: &mut Vec<Diagnostic>) {
    let config = SelfHealingConfig::default().retry;
    let backoff = retry.get("backoff");
    let part = |key: &str| backoff.and_then(|b| b.get(key));
    let mut readable = true;
    let mut wait = |key: &str, default: f64| {
        let Some(node) = part(key) else {
            return default * 1000.0;
        };
        let text = node.as_str().unwrap_or_default();
        // A number alone does not say whether it means seconds.
        let unit = text.ends_with(|c: char| c.is_ascii_alphabetic());
        match parse_duration(text).filter(|_| unit) {
            #[expect(clippy::cast_precision_loss, reason = "at most a day in milliseconds")]
            Some(milliseconds) => milliseconds as f64,
            None => {
                readable = false;
                out.push(
                    diagnostic("E101", format!("`{text}` is not a duration"))
                        .primary(&place.file, place.short(node.span), "a number with a unit is expected")
                        .help("for example `500ms`, `2s`, `1m`"),
                );
                default * 1000.0
            }
        }
    };
    let first = wait("first", config.initial_delay_seconds);
    let max = wait("max", config.max_delay_seconds);
    let number = |node: Option<&Node>| node.and_then(Node::as_str).and_then(|t| t.parse::<f64>().ok());
    let factor = number(part("factor")).unwrap_or(config.backoff_multiplier);
    let attempts = retry
        .get("attempts")
        .and_then(Node::as_str)
        .map_or(Some(ATTEMPTS), |t| t.parse().ok());
    let Some(attempts) = attempts.filter(|_| readable) else {
        return;
    };
    let mut total = 0.0;
    let mut next = first;
    for _ in 0..attempts.min(10_000) {
        total += next.min(max);
        next = (next * factor).min(f64::MAX);
    }
    if attempts <= MOST && total <= LONGEST {
        return;
    }
    let node = if attempts > MOST {
        retry.get("attempts")
    } else {
        backoff
    };
    let span = place.short(node.unwrap_or(retry).span);
    let mut found = diagnostic("E407", format!("the retries could take {}", time(total))).primary(
        &place.file,
        span,
        format!("{attempts} attempts"),
    );
    if part("max").is_none() {
        found = found.note(format!(
            "`max` is missing; the configuration's default is {}",
            time(max)
        ));
    }
    out.push(found.help("at most 100 attempts and an hour of waiting: lower `attempts`, `factor` or `max`"));
}

fn time(milliseconds: f64) -> String {
    let seconds = milliseconds / 1000.0;
    match seconds {
        s if s < 120.0 => format!("{s:.0} seconds"),
        s if s < 7200.0 => format!("{:.0} minutes", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} hours", s / 3600.0),
        s => format!("{:.0} days", s / 86_400.0),
    }
}
