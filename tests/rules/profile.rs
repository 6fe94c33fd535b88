//! `heal rules profile`: time, candidate lines and hits of each rule.

use std::fs;

use serde_json::Value;

use super::{heal, text};

const PACK: &str = r#"heal: 1
pack: { name: site, version: 1.0.0 }
rules:
  - { id: blind, title: Any two digits, match: { regex: '^\d\d$' }, cause: x }
  - { id: keen, title: A flange, match: { regex: '^flange (?P<n>\d+) cracked' }, cause: x }
  - { id: idle, title: Never, match: { regex: 'sprocket overheated' }, cause: x }
  - id: steps
    title: Steps
    match: { steps: [ { regex: '^begin of trouble' }, { regex: '^end of trouble' } ] }
    cause: x
"#;

#[test]
fn what_each_rule_costs_on_a_log() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("site.yaml"), PACK).unwrap();
    let mut log = String::new();
    for k in 0..500 {
        log.push_str(&format!(
            "flange {k} cracked\nflange {k} is fine\nall is well with {k}\n"
        ));
    }
    log.push_str("begin of trouble\nend of trouble\nbegin of trouble");
    fs::write(folder.path().join("log"), log).unwrap();
    let out = heal(
        folder.path(),
        &["rules", "profile", "log", "--pack", "site.yaml", "--format", "json"],
    );
    let value: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(value["lines"], 1503);
    let rows = value["rules"].as_array().unwrap();
    let of = |id: &str| {
        let row = rows.iter().find(|r| r["rule"] == id).unwrap();
        (
            row["candidate_lines"].as_u64().unwrap(),
            row["hits"].as_u64().unwrap(),
            row["every_line"].as_bool().unwrap(),
        )
    };
    assert_eq!(of("site/blind"), (1503, 0, true));
    let (candidates, hits, every) = of("site/keen");
    assert!(
        (500..=1000).contains(&candidates) && hits == 500 && !every,
        "{candidates} {hits}"
    );
    assert_eq!(of("site/idle"), (0, 0, false));
    assert_eq!(of("site/steps"), (3, 1, false));
    let times: Vec<f64> = rows.iter().map(|r| r["time_ms"].as_f64().unwrap()).collect();
    assert!(
        times.windows(2).all(|w| w[0] >= w[1]) && times[0] > 0.0,
        "the slowest come first"
    );
    let shown = text(&heal(folder.path(), &["rules", "profile", "log", "--pack", "site.yaml"]).stdout);
    assert!(
        shown.contains("site/blind  (asked on every line: no literal)"),
        "{shown}"
    );
}
