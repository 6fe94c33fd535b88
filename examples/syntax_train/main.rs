//! Trains the weights of the syntax repairer's ranking and writes its table.
//!
//! `syntax_train OUT.rs [DATA.jsonl] [PER_FAMILY] [SEED]`: a conditional logit over the proposals that
//! remove the first fault, on faults made in the standard library of the machine's Python and, if given,
//! on pairs of `broken` and `fixed` texts. One more alternative stands for "none of them". Only weights
//! leave the data. A fifth of the cases (by a fixed hash) is held out and reported.

#[path = "../syntax_bench/corpus.rs"]
mod corpus;
#[path = "../syntax_bench/inject.rs"]
mod inject;
#[path = "../syntax_bench/source.rs"]
mod source;

use heal::syntax::PyVersion;
use heal::syntax::training::{Step, steps};
use ruff_python_ast::comparable::ComparableMod;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;
use std::collections::{BTreeMap, HashMap};

/// Learning rate, decay of the weights and rounds, found by trying on held-out cases.
const RATE: f64 = 0.15;
const DECAY: f64 = 0.02;
const ROUNDS: usize = 24;
/// Features seen in fewer cases are left out, and weights nearer to nought than this.
const SEEN: usize = 4;
const SMALL: f64 = 0.04;
/// Entries of the table.
const MOST: usize = 5200;
const BIAS: f64 = -3.2;

struct Choice {
    features: Vec<usize>,
    prior: f64,
    right: bool,
}

struct Case {
    choices: Vec<Choice>,
    /// Features of "none"; that is right when no choice is.
    none: Vec<usize>,
    weight: f64,
    human: bool,
    held: bool,
}

fn tree_equal(a: &str, b: &str) -> bool {
    let a = parse_unchecked(a, ParseOptions::from(Mode::Module));
    let b = parse_unchecked(b, ParseOptions::from(Mode::Module));
    ComparableMod::from(a.syntax()) == ComparableMod::from(b.syntax())
}

/// Token texts up to the byte `until`, with the shape of the indentation.
fn head(text: &str, until: usize) -> Vec<(u8, &str)> {
    use ruff_python_ast::token::TokenKind as K;
    parse_unchecked(text, ParseOptions::from(Mode::Module))
        .tokens()
        .iter()
        .filter(|t| !matches!(t.kind(), K::Comment | K::NonLogicalNewline))
        .take_while(|t| t.range().end().to_usize() <= until)
        .map(|t| match t.kind() {
            K::Newline => (1, ""),
            K::Indent => (2, ""),
            K::Dedent => (3, ""),
            _ => (0, &text[t.range().start().to_usize()..t.range().end().to_usize()]),
        })
        .collect()
}

/// Whether a step leads to the fix: the same tree, or the same tokens up to the next fault.
fn right(step: &Step, fixed: &str) -> bool {
    match step.next {
        None => tree_equal(&step.text, fixed),
        Some(next) => {
            let a = head(&step.text, next);
            let b = head(fixed, fixed.len());
            let n = a.len().saturating_sub(2);
            n > 0 && b.len() >= n && a[..n] == b[..n]
        }
    }
}

struct Index {
    ids: HashMap<u32, usize>,
    names: Vec<u32>,
}

impl Index {
    fn of(&mut self, features: &[u32]) -> Vec<usize> {
        features
            .iter()
            .map(|f| {
                *self.ids.entry(*f).or_insert_with(|| {
                    self.names.push(*f);
                    self.names.len() - 1
                })
            })
            .collect()
    }
}

fn case(broken: &str, fixed: &str, human: bool, index: &mut Index) -> Option<Case> {
    let target = PyVersion { major: 3, minor: 11 };
    let mut all = steps(broken, target);
    if all.is_empty() {
        return None;
    }
    // The best forty by the present weights, and everything that is right.
    let mut choices = Vec::new();
    let none = index.of(&all[0].none);
    for (n, step) in all.drain(..).enumerate() {
        let right = right(&step, fixed);
        if step.name.starts_with("comment-out") || step.name.starts_with("drop-line") {
            // Who deleted the statement did not repair it: nothing to learn here.
            if right {
                return None;
            }
            continue;
        }
        if n < 60 || right {
            choices.push(Choice {
                features: index.of(&step.features),
                prior: f64::from(step.prior) / 1000.0,
                right,
            });
        }
    }
    if choices.is_empty() {
        return None;
    }
    let held = broken
        .bytes()
        .fold(7u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)))
        % 5
        == 0;
    Some(Case {
        choices,
        none,
        weight: if human { 1.0 } else { 0.6 },
        human,
        held,
    })
}

/// Scores of the choices and of "none" under `weights`.
fn scores(c: &Case, weights: &[f64]) -> Vec<f64> {
    let sum = |f: &[usize]| f.iter().map(|&i| weights[i]).sum::<f64>();
    let mut out: Vec<f64> = c.choices.iter().map(|x| x.prior + sum(&x.features)).collect();
    out.push(BIAS + sum(&c.none));
    out
}

fn softmax(s: &[f64]) -> Vec<f64> {
    let top = s.iter().copied().fold(f64::MIN, f64::max);
    let e: Vec<f64> = s.iter().map(|x| (x - top).exp()).collect();
    let total: f64 = e.iter().sum();
    e.into_iter().map(|x| x / total).collect()
}

fn train(cases: &[Case], size: usize, everything: bool, decay: f64) -> Vec<f64> {
    let mut weights = vec![0.0; size];
    let mut squares = vec![1e-3; size];
    let mut order: Vec<usize> = (0..cases.len()).filter(|&i| everything || !cases[i].held).collect();
    let mut rng = inject::Rng(11);
    for round in 0..ROUNDS {
        for i in (1..order.len()).rev() {
            order.swap(i, rng.below(i + 1));
        }
        let rate = RATE / (1.0 + round as f64 * 0.2);
        for &i in &order {
            let c = &cases[i];
            let p = softmax(&scores(c, &weights));
            let any = c.choices.iter().any(|x| x.right);
            let mut good: Vec<f64> = c
                .choices
                .iter()
                .enumerate()
                .map(|(k, x)| if x.right { p[k] } else { 0.0 })
                .collect();
            good.push(if any { 0.0 } else { p[p.len() - 1] });
            let total: f64 = good.iter().sum::<f64>().max(1e-12);
            let mut gradient: BTreeMap<usize, f64> = BTreeMap::new();
            for (k, x) in c.choices.iter().enumerate() {
                let g = good[k] / total - p[k];
                if g.abs() > 1e-5 {
                    for &f in &x.features {
                        *gradient.entry(f).or_default() += g;
                    }
                }
            }
            let g = good[good.len() - 1] / total - p[p.len() - 1];
            for &f in &c.none {
                *gradient.entry(f).or_default() += g;
            }
            for (f, g) in gradient {
                let g = g * c.weight - decay * weights[f];
                squares[f] += g * g;
                weights[f] += rate * g / f64::sqrt(squares[f]);
            }
        }
    }
    weights
}

#[allow(clippy::print_stdout)]
fn report(name: &str, cases: &[Case], weights: &[f64], pick: impl Fn(&Case) -> bool) {
    let mut n = 0.0;
    let (mut first, mut inside, mut sure, mut sure_right) = (0.0, 0.0, 0.0, 0.0);
    let mut bins = [(0.0, 0.0, 0.0); 10];
    for c in cases.iter().filter(|c| pick(c)) {
        n += 1.0;
        let p = softmax(&scores(c, weights));
        let best = (0..c.choices.len()).max_by(|&a, &b| p[a].total_cmp(&p[b])).unwrap_or(0);
        let ok = c.choices[best].right;
        first += f64::from(u8::from(ok));
        inside += f64::from(u8::from(c.choices.iter().any(|x| x.right)));
        if p[best] >= 0.9 {
            sure += 1.0;
            sure_right += f64::from(u8::from(ok));
        }
        let b = &mut bins[((p[best] * 10.0) as usize).min(9)];
        b.0 += 1.0;
        b.1 += p[best];
        b.2 += f64::from(u8::from(ok));
    }
    println!(
        "{name:22} n {n:6} first {:5.1} inside {:5.1} | >=0.9: cover {:5.1} precision {:5.1}",
        100.0 * first / n,
        100.0 * inside / n,
        100.0 * sure / n,
        100.0 * sure_right / f64::max(sure, 1.0)
    );
    let line: Vec<String> = bins
        .iter()
        .map(|b| {
            format!(
                "{:.2}/{:.2}({})",
                b.1 / f64::max(b.0, 1.0),
                b.2 / f64::max(b.0, 1.0),
                b.0
            )
        })
        .collect();
    println!("    said/was: {}", line.join(" "));
}

#[allow(clippy::print_stdout)]
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(out) = args.first() else { return };
    let per_family = args.get(2).and_then(|n| n.parse().ok()).unwrap_or(100);
    let seed = args.get(3).and_then(|n| n.parse().ok()).unwrap_or(77);
    let target = PyVersion { major: 3, minor: 11 };
    let mut index = Index {
        ids: HashMap::new(),
        names: Vec::new(),
    };
    let mut cases = Vec::new();
    let texts = corpus::standard_library()
        .map(|p| corpus::valid_files(&p, target))
        .unwrap_or_default();
    for c in corpus::cases(&texts, per_family, seed, target) {
        cases.extend(case(&c.broken, &c.fixed, false, &mut index));
    }
    println!("{} made", cases.len());
    if let Some(data) = args.get(1) {
        let text = std::fs::read_to_string(data).unwrap_or_default();
        for l in text.lines() {
            let Ok(v) = serde_json::from_str::<serde_json::Value>(l) else {
                continue;
            };
            let field = |k: &str| v[k].as_str().unwrap_or("");
            if field("broken").contains("\n<<<<<<< ") {
                continue;
            }
            cases.extend(case(field("broken"), field("fixed"), true, &mut index));
        }
    }
    let mut seen = vec![0usize; index.names.len()];
    for c in &cases {
        let mut all: Vec<usize> = c
            .choices
            .iter()
            .flat_map(|x| x.features.iter().copied())
            .chain(c.none.iter().copied())
            .collect();
        all.sort_unstable();
        all.dedup();
        for f in all {
            seen[f] += 1;
        }
    }
    for c in &mut cases {
        for x in &mut c.choices {
            x.features.retain(|&f| seen[f] >= SEEN);
        }
        c.none.retain(|&f| seen[f] >= SEEN);
    }
    println!("{} cases, {} features", cases.len(), index.names.len());
    let zero = vec![0.0; index.names.len()];
    for decay in args.iter().skip(4).filter_map(|a| a.parse().ok()) {
        println!("decay {decay}");
        let held = train(&cases, index.names.len(), false, decay);
        report("made, held out", &cases, &held, |c| c.held && !c.human);
        report("human, held out", &cases, &held, |c| c.held && c.human);
    }
    let held = train(&cases, index.names.len(), false, DECAY);
    for (name, human) in [("made", false), ("human", true)] {
        report(&format!("{name}, rules only"), &cases, &zero, |c| {
            c.held && c.human == human
        });
        report(&format!("{name}, held out"), &cases, &held, |c| {
            c.held && c.human == human
        });
    }
    let weights = train(&cases, index.names.len(), true, DECAY);
    let mut rows: Vec<(u32, i16)> = index
        .names
        .iter()
        .zip(&weights)
        .filter(|(_, w)| w.abs() >= SMALL)
        .map(|(f, w)| (*f, (w * 1000.0).round().clamp(-32000.0, 32000.0) as i16))
        .collect();
    rows.sort_by_key(|r| (-i32::from(r.1.unsigned_abs()), r.0));
    rows.truncate(MOST);
    rows.sort_unstable();
    let mut text = String::from(
        "//! Weights of the ranking: (hashed feature, thousandths of a nat), sorted by feature.\n//! Generated by `examples/syntax_train`; do not edit.\n\n/// Score of \"none of the proposals is meant\" before its features.\n",
    );
    text.push_str(&format!(
        "pub(super) const NONE_BIAS: i64 = {};\n\n",
        (BIAS * 1000.0) as i64
    ));
    text.push_str(&format!(
        "/// Sorted by the first element.\n#[rustfmt::skip]\npub(super) static WEIGHTS: [(u32, i16); {}] = [\n",
        rows.len()
    ));
    for chunk in rows.chunks(6) {
        let line: Vec<String> = chunk.iter().map(|(f, w)| format!("(0x{f:x},{w})")).collect();
        text.push_str(&format!("    {},\n", line.join(",")));
    }
    text.push_str("];\n");
    if let Err(error) = std::fs::write(out, text) {
        println!("{out}: {error}");
    }
    println!("{} weights", rows.len());
}
