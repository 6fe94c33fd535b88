//! What is found does not depend on how the output was cut, nor on the shortcuts that make finding
//! it fast.

use std::sync::Arc;

use heal::detector::{Matcher, Scan, ScanOptions, Scanner, StreamKind};
use heal::pack::RuleSet;
use proptest::prelude::*;

use crate::support::rules;

/// Words out of which rules' regexes and outputs are made, so that they often meet.
const WORDS: [&str; 14] = [
    "error",
    "cannot",
    "find",
    "module",
    "the",
    "a",
    "x1",
    "failed:",
    "because",
    "of",
    "file",
    "'net'",
    "denied",
    "unresolvable",
];

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned)
}

/// A regex over the words: literal, alternation, class, gap, anchor.
fn regex() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => word(),
        1 => (word(), word()).prop_map(|(a, b)| format!("(?:{a}|{b})")),
        1 => Just(r"\w+".to_owned()),
        1 => Just(r"^    (?P<source>\S.*)".to_owned()),
        1 => Just(r"'(?P<name>[^']+)'".to_owned()),
        1 => word().prop_map(|w| format!("(?i:{w})")),
        1 => word().prop_map(|w| format!("(?:{w} )?{w}")),
    ];
    (
        prop::collection::vec(part, 1..5),
        any::<bool>(),
        prop::option::weighted(0.3, Just(" (?P<rest>.+)")),
    )
        .prop_map(|(parts, anchored, rest)| {
            let start = if anchored { "^" } else { "" };
            format!("{start}{}{}", parts.join(" "), rest.unwrap_or_default())
        })
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn rule() -> impl Strategy<Value = String> {
    let single = (regex(), prop::option::weighted(0.2, word())).prop_map(|(r, unless)| {
        let unless = unless.map_or(String::new(), |u| format!(", unless: {}", quote(&u)));
        format!("{{ regex: {}{unless} }}", quote(&r))
    });
    let step = (
        regex(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        prop::option::weighted(0.3, 1u32..4),
        prop::option::weighted(0.2, word()),
    )
        .prop_map(|(r, optional, last, repeat, after, until)| {
            let after = after.map_or(String::new(), |a| format!(", after: {a}"));
            let until = until.map_or(String::new(), |u| format!(", until: {}", quote(&u)));
            let keep = if last { "last" } else { "first" };
            format!(
                "{{ regex: {}, optional: {optional}, keep: {keep}, repeat: {repeat}{after}{until} }}",
                quote(&r)
            )
        });
    let steps = (prop::collection::vec(step, 1..4), 1u32..12)
        .prop_map(|(s, within)| format!("{{ within: {within}, steps: [{}] }}", s.join(", ")));
    prop_oneof![2 => single, 1 => steps]
}

fn pack() -> impl Strategy<Value = RuleSet> {
    prop::collection::vec(rule(), 1..6).prop_map(|matches| {
        let mut yaml = String::from("heal: 1\npack: { name: p, version: 1.0.0 }\nrules:\n");
        for (k, m) in matches.iter().enumerate() {
            yaml += &format!("  - {{ id: r{k}, title: t, match: {m} }}\n");
        }
        rules(&yaml)
    })
}

/// A line: words, sometimes coloured, boxed, prefixed, folded, indented.
fn line() -> impl Strategy<Value = String> {
    (prop::collection::vec(word(), 0..9), 0..18u8).prop_map(|(words, shape)| {
        let text = words.join(" ");
        match shape {
            0 => format!("\x1b[31m{text}\x1b[0m"),
            1 => format!("│ {text}"),
            2 => format!("\x1b[31m│\x1b[0m {text}"),
            3 => format!("2024-01-01T00:00:00.1234567Z {text}"),
            4 => format!("10% error\r{text}"),
            5 => format!("    {text}"),
            6 => format!("{text}\r"),
            7 => text.replace("error", "er\x1b[1mror").replace("an", "a\x1b[0mn"),
            8 => text.replace("il", "ix\x08l"),
            9 => text.replace("in", "\x1b]8;;http://error\x1b\\in\x1b]8;;\x1b\\"),
            10 => text.replace(' ', "\x1b[0m \x1b[32m"),
            11 => text.replace("so", "s\x1b[4mo").replace("od", "\x1b[1mod\x1b[0m"),
            12 => format!("    | {text} "),
            13 => format!("│ {}   │", text.to_uppercase()),
            _ => text,
        }
    })
}

/// A sentence broken at a width.
fn paragraph() -> impl Strategy<Value = String> {
    (
        prop::collection::vec(word(), 4..40),
        24..60usize,
        any::<bool>(),
        0..8usize,
    )
        .prop_map(|(words, width, boxed, k)| {
            let mut out: Vec<String> = vec![String::new()];
            for word in words {
                let last = out.last_mut().expect("never empty");
                if !last.is_empty() && last.len() + 1 + word.len() > width {
                    out.push(word);
                } else {
                    if !last.is_empty() {
                        last.push(' ');
                    }
                    *last += &word;
                }
            }
            let border = if boxed {
                ["│ ", "    | ", "\x1b[31m│\x1b[0m ", "│ "]
            } else {
                ["", "", "2024-01-01T00:00:00.1Z ", "web-1  | "]
            };
            let end = [["", "  "], [" \r", "\x1b[0m"]][usize::from(boxed)];
            out.iter()
                .map(|l| format!("{}{l}{}", border[k % 4], end[k / 4 % 2]))
                .collect::<Vec<_>>()
                .join("\n")
        })
}

fn output() -> impl Strategy<Value = Vec<(bool, String)>> {
    let piece = prop_oneof![3 => line(), 2 => paragraph(), 1 => Just(String::new())];
    prop::collection::vec((prop::bool::weighted(0.8), piece), 0..40)
}

fn run(matcher: Matcher, pieces: &[(StreamKind, &[u8])]) -> Scan {
    let mut scanner = Scanner::new(Arc::new(matcher), ScanOptions::default());
    for (stream, bytes) in pieces {
        scanner.feed(*stream, bytes);
    }
    scanner.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn shortcuts_and_cuts_change_nothing(set in pack(), output in output(), cuts in prop::collection::vec(1..50usize, 1..20), end in any::<bool>()) {
        let mut whole: Vec<(StreamKind, Vec<u8>)> = Vec::new();
        for (k, (stdout, text)) in output.iter().enumerate() {
            let stream = if *stdout { StreamKind::Stdout } else { StreamKind::Stderr };
            let newline = if end || k + 1 < output.len() { "\n" } else { "" };
            whole.push((stream, format!("{text}{newline}").into_bytes()));
        }
        let pieces: Vec<(StreamKind, &[u8])> = whole.iter().map(|(s, b)| (*s, b.as_slice())).collect();
        let expected = run(Matcher::naive(&set), &pieces);
        let fast = run(Matcher::new(&set), &pieces);
        prop_assert_eq!(&fast, &expected);
        let mut small: Vec<(StreamKind, &[u8])> = Vec::new();
        let mut sizes = cuts.iter().cycle();
        for (stream, bytes) in &pieces {
            let mut rest = *bytes;
            while !rest.is_empty() {
                let size = (*sizes.next().expect("endless")).min(rest.len());
                small.push((*stream, &rest[..size]));
                rest = &rest[size..];
            }
        }
        prop_assert_eq!(&run(Matcher::new(&set), &small), &expected);
    }

    #[test]
    fn any_bytes_are_accepted(set in pack(), bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
        let scan = run(Matcher::new(&set), &[(StreamKind::Both, &bytes)]);
        prop_assert_eq!(scan.totals.bytes, bytes.len() as u64);
    }
}

/// Colour or a backspace inside a word hides it from a search of the raw bytes.
#[test]
fn a_word_broken_by_control_sequences_is_found() {
    let set = rules(
        "heal: 1\npack: { name: p, version: 1.0.0 }\nrules:\n  - { id: r, title: t, match: { regex: unresolv'?able } }\n",
    );
    for text in [
        "unre\x1b[1msolvable\n",
        "unrex\x08solvable\n",
        "\x1b[1munresolvable",
        "unresolv\r'able",
    ] {
        let scan = run(Matcher::new(&set), &[(StreamKind::Both, text.as_bytes())]);
        assert_eq!(scan.hits.len(), 1, "{text:?}");
    }
}
