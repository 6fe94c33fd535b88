//! How long an author waits: a check of a thousand rules with their examples, and the time from a
//! saved change to a running program that has it. Prints medians, and fails where a promise is broken
//! (`HEAL_BENCH_FACTOR=3` allows three times as much, for machines that are busy).
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use heal::check::{Options, check};
use heal::config::SelfHealingConfig;
use heal::orchestrator::Setup;
use heal::pack::Sources;
use heal::watch::{ReloadOptions, Reloader};
use heal::world::Real;

const RULES: usize = 1_000;
/// A check of all rules and examples takes at most this.
const CHECK: Duration = Duration::from_secs(1);
/// A saved change is in force after at most this, beyond the debounce.
const RELOAD: Duration = Duration::from_millis(150);

const SUBJECTS: [&str; 10] = [
    "upstream", "session", "replica", "manifest", "channel", "volume", "gateway", "pipeline", "tenant", "shard",
];
const VERBS: [&str; 10] = [
    "refused",
    "rejected",
    "lost",
    "corrupted",
    "expired",
    "exhausted",
    "blocked",
    "detached",
    "throttled",
    "orphaned",
];

/// A pack as a site might have it; `word` makes versions of it differ.
fn pack(word: &str) -> String {
    let mut text = String::from(
        "# yaml-language-server: $schema=../schemas/pack.v1.json\nheal: 1\npack: { name: big, version: 1.0.0 }\nrules:\n",
    );
    for k in 0..RULES {
        let (subject, verb) = (SUBJECTS[k % 10], VERBS[k / 10 % 10]);
        let unit = format!("unit{k:04}");
        let line = |name: &str, n: usize| format!("svc: {subject} '{name}' {verb} by {unit} after {n} tries");
        let _ = write!(
            text,
            "  - id: rule-{k}
    title: The {subject} is {verb} by {unit} {word}
    type: runtime
    match: {{ regex: \"^svc: {subject} '(?P<name>[^']+)' {verb} by {unit} after (?P<tries>\\\\d+) tries\" }}
    captures: {{ name: name, tries: integer }}
    explain: \"{{{{name}}}} was {verb} after {{{{tries}}}} tries.\"
    confidence: {{ base: 0.5, evidence: [ {{ if: {{ file_exists: \"{unit}.conf\" }}, add: 0.3, because: its file is there }} ] }}
    fix: [ {{ title: Look at it, safety: manual, advice: \"Look at {{{{name}}}}.\" }} ]
    examples:
      - {{ version: svc 1.2, output: \"{}\", expect: {{ captures: {{ name: a-{k}, tries: \"3\" }} }} }}
      - {{ version: svc 1.3, output: \"{}\", files: {{ {unit}.conf: x }}, expect: {{ at_least: 0.8 }} }}
      - {{ version: svc 1.4, output: \"start\\n{}\\nend\\n\", expect: {{ cause: rule-{k} }} }}
    counterexamples: [ \"svc: {subject} {verb} by {unit} after 3 tries\" ]
",
            line(&format!("a-{k}"), 3),
            line("b", 12),
            line("c", 7),
        );
    }
    text
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn factor() -> u32 {
    std::env::var("HEAL_BENCH_FACTOR")
        .ok()
        .and_then(|f| f.parse().ok())
        .unwrap_or(1)
}

fn verdict(what: &str, took: Duration, promised: Duration) -> bool {
    let good = took <= promised * factor();
    println!(
        "{what}: {:.0} ms (promised: {:.0} ms){}",
        took.as_secs_f64() * 1e3,
        promised.as_secs_f64() * 1e3,
        if good { "" } else { "  TOO SLOW" }
    );
    good
}

fn check_all(folder: &Path) -> bool {
    let options = Options {
        paths: vec![folder.to_path_buf()],
        ..Options::default()
    };
    let times = (0..5).map(|_| {
        let begun = Instant::now();
        let outcome = check(&Real, &options);
        let took = begun.elapsed();
        assert_eq!((outcome.rules, outcome.examples), (RULES, RULES * 4));
        assert!(outcome.diagnostics.is_empty(), "{:#?}", outcome.diagnostics.first());
        took
    });
    verdict(
        "check of 1,000 rules with 4,000 examples",
        median(times.collect()),
        CHECK,
    )
}

/// From the rename that ends a save to the engine that has it.
fn reload(root: &Path, folder: &Path) -> bool {
    let setup = Setup {
        world: Arc::new(Real),
        config: SelfHealingConfig::default(),
        root: root.to_path_buf(),
        log_dir: root.join("logs"),
        sources: Sources {
            user: Some(folder.to_path_buf()),
            ..Sources::default()
        },
    };
    let options = ReloadOptions::default();
    let debounce = options.debounce;
    let reloader = Reloader::start(setup, options);
    let save = |text: &str| {
        fs::write(root.join("next"), text).unwrap();
        fs::rename(root.join("next"), folder.join("big.yaml")).unwrap();
        Instant::now()
    };
    let mut times = Vec::new();
    std::thread::sleep(Duration::from_millis(500));
    for k in 0..7 {
        let before = reloader.engine().rules().generation;
        let text = pack(&format!("v{k}"));
        let begun = save(&text);
        while reloader.engine().rules().generation == before {
            std::thread::sleep(Duration::from_millis(1));
            assert!(begun.elapsed() < Duration::from_secs(60), "never reloaded");
        }
        times.push(begun.elapsed().saturating_sub(debounce));
    }
    let good = verdict("a saved change in force, beyond the debounce", median(times), RELOAD);
    // A broken save changes nothing, and is told.
    let before = reloader.engine();
    let begun = save(&pack("broken").replace("id: rule-500\n", "id: rule-501\n"));
    while reloader.status().broken.is_empty() {
        std::thread::sleep(Duration::from_millis(1));
        assert!(begun.elapsed() < Duration::from_secs(60), "never told");
    }
    assert!(
        Arc::ptr_eq(&before, &reloader.engine()),
        "a broken save changed the rules"
    );
    println!("a broken save changed nothing");
    good
}

fn main() {
    // `cargo test --benches` only wants to know whether this builds.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("rules");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("big.yaml"), pack("v")).unwrap();
    let good = [check_all(&folder), reload(root.path(), &folder)];
    assert!(good.iter().all(|g| *g), "a promise is broken");
}
