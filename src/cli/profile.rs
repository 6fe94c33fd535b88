//! `heal rules profile LOG`: what each rule costs on a log.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use super::args::{Common, Format};
use super::common::Base;
use super::exit;
use crate::detector::{Cost, Matcher, Profile, Profiler};
use crate::pack::{self, LoadedRule};

/// Rules that are shown without `--verbose`.
const SHOWN: usize = 25;

pub fn profile(common: &Common, log: &Path) -> anyhow::Result<u8> {
    let base = Base::new(common)?;
    let rules = pack::load(&*base.world, &base.sources).rules;
    let mut profiler = Profiler::new(Arc::new(Matcher::new(&rules)), rules.rules.len());
    let mut input = super::scan::open(log)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => profiler.feed(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", log.display())),
        }
    }
    let profile = profiler.finish();
    let mut rows: Vec<(&LoadedRule, &Cost)> = rules.rules.iter().zip(&profile.rules).collect();
    rows.sort_by_key(|(rule, cost)| (std::cmp::Reverse((cost.time, cost.candidates)), rule.id.clone()));
    if common.format == Format::Text {
        print(&rows, &profile, common.verbose);
    } else {
        let all: Vec<_> = rows.iter().map(|(rule, cost)| row(rule, cost)).collect();
        let whole = json!({
            "lines": profile.lines,
            "bytes": profile.bytes,
            "scan_ms": millis(profile.scan),
            "rules": all,
        });
        super::out::json(&whole)?;
    }
    Ok(exit::OK)
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn row(rule: &LoadedRule, cost: &Cost) -> serde_json::Value {
    json!({
        "rule": rule.id,
        "time_ms": millis(cost.time),
        "candidate_lines": cost.candidates,
        "hits": cost.hits,
        "every_line": cost.every_line,
    })
}

fn print(rows: &[(&LoadedRule, &Cost)], profile: &Profile, verbose: bool) {
    let seconds = profile.scan.as_secs_f64();
    let speed = if seconds > 0.0 {
        profile.bytes as f64 / seconds / 1e6
    } else {
        0.0
    };
    outln!(
        "{} lines, {} bytes scanned in {:.1} ms ({speed:.0} MB/s) with {} rules",
        profile.lines,
        profile.bytes,
        millis(profile.scan),
        rows.len()
    );
    outln!(
        "{:>10}  {:>10}  {:>8}  {:>9}  rule",
        "time ms",
        "lines",
        "hits",
        "µs/line"
    );
    let busy = rows.iter().filter(|(_, cost)| cost.candidates > 0).count();
    let shown = if verbose { rows.len() } else { busy.min(SHOWN) };
    for (rule, cost) in &rows[..shown] {
        let each = if cost.candidates > 0 {
            cost.time.as_secs_f64() * 1e6 / cost.candidates as f64
        } else {
            0.0
        };
        let note = if cost.every_line {
            "  (asked on every line: no literal)"
        } else {
            ""
        };
        outln!(
            "{:>10.3}  {:>10}  {:>8}  {each:>9.2}  {}{note}",
            millis(cost.time),
            cost.candidates,
            cost.hits,
            rule.id
        );
    }
    if shown < busy {
        outln!("{} more rules were asked (`-v` shows all)", busy - shown);
    }
    outln!("{} rules were asked on no line", rows.len() - busy);
}
