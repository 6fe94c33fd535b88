//! Scanning speed: generated rules on a generated log, against trying every regex on every line.
//!
//! `HEAL_BENCH_MB` sets the size of the log (default 16). One line in some thousand is a failure
//! that a rule knows, one in twenty holds a word such as `error`, as in ordinary logs.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use heal::detector::{Matcher, ScanOptions, Scanner, StreamKind};
use heal::pack::model::Pack;
use heal::pack::{LoadedRule, RuleSet};

const OBJECTS: [&str; 20] = [
    "module",
    "package",
    "socket",
    "certificate",
    "inventory",
    "provider",
    "backend",
    "lock",
    "volume",
    "listener",
    "cursor",
    "handler",
    "template",
    "variable",
    "registry",
    "checksum",
    "manifest",
    "credential",
    "interpreter",
    "pool",
];
const VERBS: [&str; 10] = [
    "cannot open",
    "could not resolve",
    "failed to load",
    "refused to bind",
    "timed out reading",
    "rejected",
    "lost",
    "does not support",
    "is missing",
    "has no",
];

/// Rules such as people write: a fixed phrase, a name, a rest.
fn rules(count: usize) -> RuleSet {
    let mut yaml = String::from("heal: 1\npack: { name: bench, version: 1.0.0 }\nrules:\n");
    for k in 0..count {
        let verb = VERBS[k % VERBS.len()];
        let object = OBJECTS[(k / VERBS.len()) % OBJECTS.len()];
        let kind = k / (VERBS.len() * OBJECTS.len());
        yaml += &format!(
            "  - {{ id: r{k}, title: t, match: {{ regex: 'rror: {verb} {object}{kind} ''(?P<name>[^'']+)''(?: in (?P<file>\\S+))?' }} }}\n"
        );
    }
    let pack: Pack = serde_yaml::from_str(&yaml).expect("a valid pack");
    let rules = pack
        .rules
        .into_iter()
        .map(|rule| LoadedRule {
            id: format!("bench/{}", rule.id),
            pack: 0,
            environment: None,
            rule,
            trusted: true,
            overridden: Vec::new(),
        })
        .collect();
    RuleSet {
        rules,
        ..RuleSet::default()
    }
}

/// A log of about so many bytes; the same every time.
fn log(size: usize) -> Vec<u8> {
    let mut text = String::with_capacity(size + 200);
    let mut state = 42u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % below
    };
    while text.len() < size {
        let (a, b) = (OBJECTS[random(20)], random(100_000));
        let stamp = format!("2024-05-01 12:{:02}:{:02},{:03}", random(60), random(60), random(1000));
        text += &match random(4000) {
            0 => format!(
                "{stamp} ERROR worker Error: {} {a}0 'n{b}' in src/{a}.c\n",
                VERBS[random(10)]
            ),
            1..=200 => format!(
                "{stamp} WARN worker-{b} {a} answered with error code {}, trying again\n",
                random(500)
            ),
            201..=2000 => format!(
                "{stamp} INFO worker-{b} {a} of tenant {} done in {} ms\n",
                random(90),
                random(9000)
            ),
            2001..=3000 => format!(
                "{stamp} DEBUG GET /api/v2/{a}/{b}?page={} 200 {}\n",
                random(30),
                random(65536)
            ),
            _ => format!(
                "{stamp} INFO heartbeat from 10.0.{}.{} sequence {b}\n",
                random(256),
                random(256)
            ),
        };
    }
    text.into_bytes()
}

fn scan(matcher: &Arc<Matcher>, text: &[u8]) -> u64 {
    let mut scanner = Scanner::new(Arc::clone(matcher), ScanOptions::default());
    for chunk in text.chunks(64 << 10) {
        scanner.feed(StreamKind::Stdout, chunk);
    }
    scanner.finish().totals.hits
}

fn speed(c: &mut Criterion) {
    let megabytes = std::env::var("HEAL_BENCH_MB")
        .ok()
        .and_then(|t| t.parse().ok())
        .unwrap_or(16);
    let text = log(megabytes << 20);
    let mut group = c.benchmark_group("scan");
    group.sample_size(10);
    for count in [10, 100, 1000] {
        let set = rules(count);
        let matcher = Arc::new(Matcher::new(&set));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("rules", count), &text, |b, text| {
            b.iter(|| black_box(scan(&matcher, text)));
        });
        if count > 100 {
            continue;
        }
        // Every regex on every line is so slow that a part of the log has to do.
        let part = &text[..(1 << 20).min(text.len())];
        let naive = Arc::new(Matcher::naive(&set));
        assert_eq!(scan(&naive, part), scan(&matcher, part), "both must find the same");
        group.throughput(Throughput::Bytes(part.len() as u64));
        group.bench_with_input(BenchmarkId::new("naive", count), part, |b, part| {
            b.iter(|| black_box(scan(&naive, part)));
        });
    }
    group.finish();
    let mut group = c.benchmark_group("prepare");
    for count in [10, 100, 1000] {
        let set = rules(count);
        group.bench_with_input(BenchmarkId::new("rules", count), &set, |b, set| {
            b.iter(|| black_box(Matcher::new(set)))
        });
    }
    group.finish();
}

criterion_group!(benches, speed);
criterion_main!(benches);
