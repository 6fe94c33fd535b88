//! `heal stats --unclassified [--from LOG]`: failures that nobody has a rule for.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;

use super::args::{self, Format};
use super::common::Base;
use super::{exit, log};
use crate::changelog::{EventType, Incident};
use crate::diagnostic::clean_line;
use crate::draft::{Cluster, Clusters, Failures, Log, Seen};
use crate::pack::RuleSet;

/// Most groups that are shown as text.
const SHOWN: usize = 50;
/// Longest line that is shown, in characters.
const WIDE: usize = 160;

pub fn stats(args: &args::Stats) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    let mut beyond = 0;
    let mut clusters = Vec::new();
    if args.from.is_empty() {
        let mut found = Clusters::default();
        for incident in log::open(&base)?
            .read()?
            .incidents
            .iter()
            .filter(|i| is_unclassified(i))
        {
            let seen = Seen {
                line: None,
                time: Some(incident.timestamp.clone()),
            };
            found.add(incident.error_message.as_deref().unwrap_or_default(), seen, 0);
        }
        beyond = found.beyond;
        clusters = found.most_frequent();
    } else {
        let rules = crate::pack::load(&*base.world, &base.sources).rules;
        for file in &args.from {
            let found = failures(&base, &rules, file, None)?;
            beyond += found.beyond;
            clusters.extend(found.unknown.into_iter().map(|(cluster, _)| cluster));
        }
        clusters.sort_by_key(|c| std::cmp::Reverse(c.count));
    }
    if args.common.format == Format::Text {
        print(&clusters, beyond, args.from.first().map(std::path::PathBuf::as_path));
    } else {
        let rows: Vec<_> = clusters.iter().map(row).collect();
        super::out::json(&json!({"clusters": rows, "beyond": beyond}))?;
    }
    Ok(exit::OK)
}

/// An error that was caught, and that no rule of the time knew.
fn is_unclassified(incident: &Incident) -> bool {
    incident.event_type == EventType::ErrorDetected && incident.rule_id.is_none()
}

/// Failures in a log that no rule knows. Secrets are masked before anything is kept.
///
/// # Errors
/// The log cannot be read.
pub fn failures(base: &Base, rules: &RuleSet, file: &Path, line: Option<u64>) -> anyhow::Result<Failures> {
    let mut input = super::scan::open(file)?;
    let hide = |text: &str| base.redactor.text(text).into_owned();
    let mut log = Log::new(rules, line);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        log.feed(&buffer[..count], &hide);
    }
    Ok(log.finish(&hide))
}

fn row(cluster: &Cluster) -> serde_json::Value {
    json!({
        "template": cluster.shown(),
        "count": cluster.count,
        "example": cluster.example,
        "first": cluster.first,
        "last": cluster.last,
    })
}

fn print(clusters: &[Cluster], beyond: u64, log: Option<&Path>) {
    if clusters.is_empty() {
        outln!("no failure without a rule");
        return;
    }
    outln!("{:>7}  {:<19}  {:<19}  failure", "count", "first", "last");
    for cluster in clusters.iter().take(SHOWN) {
        outln!(
            "{:>7}  {:<19}  {:<19}  {}",
            cluster.count,
            moment(&cluster.first),
            moment(&cluster.last),
            short(&cluster.shown())
        );
        if cluster.example != cluster.shown() {
            outln!("{:>51}{}", "", short(&cluster.example));
        }
    }
    if clusters.len() > SHOWN {
        outln!("{} more kinds (`--format json` has all)", clusters.len() - SHOWN);
    }
    if beyond > 0 {
        outln!("{beyond} further failures of other kinds were only counted");
    }
    let log = log.map_or_else(|| "LOG".to_owned(), |l| l.display().to_string());
    outln!("`heal rules new --from {log}` drafts a rule");
}

fn moment(seen: &Seen) -> String {
    match (&seen.time, seen.line) {
        (Some(time), _) => time.replace('T', " ").chars().take(19).collect(),
        (None, Some(line)) => format!("line {line}"),
        (None, None) => String::new(),
    }
}

fn short(text: &str) -> String {
    let line = clean_line(text.trim());
    if line.chars().count() <= WIDE {
        return line.into_owned();
    }
    line.chars().take(WIDE).chain(['…']).collect()
}
