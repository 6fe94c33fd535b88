//! From faults to whole-file repairs: best-first over sequences of proposals, each checked by the parser.
//!
//! A proposal is first judged on its region (the top-level statements around the fault) and only then
//! on the whole file. Sequences are tried in order of their regret against the best step at each point,
//! so the obvious repair of every fault is found first and the alternatives after it.

use std::time::Instant;

use ruff_python_ast::PythonVersion;

use super::judge::{self, Fault};
use super::pieces::Pieces;
use super::proposal::{Out, Proposal, Site, applied};
use super::rank;
use super::region::Region;
use super::scan::Scan;
use super::training::Step;
use super::{Edit, brackets, fstring, indent, lexical, lines, python2, strings, triple, window};

/// Steps in one repair.
const MAX_STEPS: usize = 14;
/// Proposals judged at one fault.
const MAX_TRIED: usize = 420;
/// Sequences extended in one search.
const MAX_EXPANDED: usize = 40;
/// A proposal this much worse (thousandths of a nat) than one that works is not tried.
const MARGIN: i64 = 4500;
/// What every further step costs.
const STEP: i64 = 2500;
/// Whole-file checks at one fault.
const MAX_WHOLE: usize = 24;

/// A sequence of proposals after which the whole file parses.
#[derive(Debug, Clone)]
pub(super) struct Solution {
    pub edits: Vec<Edit>,
    pub steps: Vec<Taken>,
    /// Probability, before the comparison with the other solutions.
    pub probability: f64,
    pub score: i64,
    pub auto: bool,
    /// Hash of the syntax tree: solutions with the same one are the same repair.
    pub tree: u64,
}

/// A proposal that was followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub kind: &'static str,
    pub tag: &'static str,
}

struct Node {
    text: String,
    pieces: Pieces,
    faults: Vec<Fault>,
    score: i64,
    regret: i64,
    probability: f64,
    steps: Vec<Taken>,
    auto: bool,
}

/// How far a proposal gets.
enum Verdict {
    /// The whole file parses.
    Done(u64),
    /// The region is clean; the next fault is further down.
    Next(Vec<Fault>),
    /// The first fault moved down inside the region; how much better that looks, in thousandths of a nat.
    Progress(i64),
    Useless,
}

struct Judged {
    index: usize,
    score: i64,
    /// How promising it is if it only makes progress.
    gain: i64,
    verdict: Verdict,
}

pub(super) struct Search<'t> {
    pub version: PythonVersion,
    pub deadline: Instant,
    pub hint: Option<usize>,
    pub trace: Option<&'t mut Vec<Step>>,
}

impl Search<'_> {
    /// The repairs found in time, best first.
    pub fn run(&mut self, text: &str, faults: Vec<Fault>) -> Vec<Solution> {
        let mut open = vec![Node {
            text: text.to_string(),
            pieces: Pieces::whole(text.len()),
            faults,
            score: 0,
            regret: 0,
            probability: 1.0,
            steps: Vec::new(),
            auto: true,
        }];
        let mut solutions: Vec<Solution> = Vec::new();
        let mut expanded = 0;
        while let Some(best) = (0..open.len()).min_by_key(|&i| (open[i].regret, -open[i].score)) {
            let mut node = open.swap_remove(best);
            if expanded >= MAX_EXPANDED || self.late() {
                break;
            }
            let bound = solutions.iter().map(|s| s.score).max().unwrap_or(i64::MIN);
            if node.steps.len() >= MAX_STEPS || node.score - STEP <= bound {
                continue;
            }
            expanded += 1;
            if self.trace.is_some() && expanded > 1 {
                break;
            }
            self.expand(&mut node, &mut open, &mut solutions);
        }
        solutions.sort_by_key(|s| (-s.score, s.edits.iter().map(|e| e.range.start).sum::<usize>()));
        solutions
    }

    fn late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    fn expand(&mut self, node: &mut Node, open: &mut Vec<Node>, solutions: &mut Vec<Solution>) {
        if node.faults.is_empty() {
            node.faults = judge::faults(&node.text, self.version);
        }
        let node = &*node;
        let scan = Scan::new(&node.text);
        let Some(fault) = node.faults.first() else {
            return;
        };
        let place = if fault.class.ends_with("Target") {
            fault.at
        } else {
            fault.range.start
        };
        let site = site(&scan, fault, place);
        let mut out = Out::default();
        propose(&site, &mut out);
        let mut scored: Vec<(i64, usize, Vec<u32>)> = Vec::with_capacity(out.list.len());
        // An edit inside a character would be a generator's mistake; it must not reach the file.
        out.list.retain(|p| fits(&node.text, p));
        for (i, p) in out.list.iter_mut().enumerate() {
            p.auto = automatic(&scan, p);
            let features = rank::features(&site, p);
            scored.push((rank::score(p, &features), i, features));
        }
        if let Some(hint) = self
            .hint
            .take()
            .filter(|h| h.abs_diff(site.line) > 0 && *h < scan.lines.len())
        {
            // The interpreter saw the fault on another line: what is proposed there counts as well.
            let other = self::site(&scan, fault, scan.lines[hint].text);
            let mut more = Out::default();
            propose(&other, &mut more);
            for mut p in more.list.into_iter().filter(|p| fits(&node.text, p)) {
                p.auto = automatic(&scan, &p);
                let features = rank::features(&other, &p);
                scored.push((rank::score(&p, &features) - 400, out.list.len(), features));
                out.list.push(p);
            }
        }
        scored.sort_by_key(|(s, i, _)| (-s, *i));
        let judged = self.judge_all(node, &scan, &site, &out.list, &scored);
        if let Some(trace) = self.trace.as_deref_mut()
            && node.steps.is_empty()
        {
            record(trace, node, &site, &out.list, &scored, &judged);
        }
        settle(node, &site, &out.list, judged, open, solutions);
    }

    fn judge_all(
        &self,
        node: &Node,
        scan: &Scan,
        site: &Site,
        list: &[Proposal],
        scored: &[(i64, usize, Vec<u32>)],
    ) -> Vec<Judged> {
        let region = Region::around(site, self.version);
        let old = region.text(scan.text, &[]);
        let mut judged = Vec::new();
        let mut best = i64::MIN / 2;
        let mut whole = 0;
        let training = self.trace.is_some();
        for (score, index, _) in scored.iter().take(if training { 900 } else { MAX_TRIED }) {
            let margin = if training { MARGIN * 3 } else { MARGIN };
            if *score < best - margin || whole > if training { 60 } else { MAX_WHOLE } || self.late() {
                break;
            }
            let p = &list[*index];
            let verdict = if region.holds(&p.edits) {
                let text = region.text(&node.text, &p.edits);
                match judge::first_fault(&text, self.version) {
                    None => {
                        whole += 1;
                        self.judge_whole(node, p, &region)
                    }
                    Some((at, _)) if text.len() - at.min(text.len()) < region.range.end - region.tight => {
                        whole += 1;
                        self.judge_whole(node, p, &region)
                    }
                    Some((at, count)) => {
                        let last = p.edits.last().map_or(0, |e| e.range.end);
                        let rest = region.range.end - last.min(region.range.end);
                        let gain = region.count as i64 - count as i64;
                        moved(&text, at, &old, region.remaining, rest, gain)
                    }
                }
            } else {
                whole += 1;
                self.judge_whole(node, p, &region)
            };
            if matches!(verdict, Verdict::Done(_) | Verdict::Next(_)) {
                best = best.max(*score);
            }
            let gain = match verdict {
                Verdict::Useless => continue,
                Verdict::Progress(gain) => gain,
                _ => 0,
            };
            judged.push(Judged {
                index: *index,
                score: *score,
                gain,
                verdict,
            });
        }
        judged
    }

    /// Judges the whole file after `p`, which was proposed for a fault in `region`.
    fn judge_whole(&self, node: &Node, p: &Proposal, region: &Region) -> Verdict {
        // Where the end of the fault's own statement is after the edits.
        let (mut added, mut removed) = (0, 0);
        for e in p.edits.iter().filter(|e| e.range.start < region.tight) {
            added += e.replacement.len();
            removed += e.range.len();
        }
        let tight = (region.tight + added).saturating_sub(removed);
        let text = applied(&node.text, &p.edits);
        let (faults, tree) = judge::verdict(&text, self.version);
        match faults.first() {
            None => Verdict::Done(tree),
            Some(f) => {
                let left = text.len() - f.at.min(text.len());
                let before = node.text.len() - node.faults.first().map_or(0, |f| f.at);
                let last = p.edits.last().map_or(0, |e| e.range.end);
                let beyond = text.len() - f.at.min(text.len()) <= node.text.len() - last.min(node.text.len());
                // The symbol table is only looked at once everything parses: what it finds elsewhere
                // was hidden until now.
                let table = |f: &Fault| f.class.starts_with("s:");
                let uncovered = table(f) && !node.faults.first().is_some_and(table) && f.at < region.range.start;
                if uncovered
                    || f.at >= tight && tight < text.len()
                    || (left < before && beyond && lines_in(&text, left) < lines_in(&node.text, before))
                {
                    Verdict::Next(faults)
                } else {
                    Verdict::Useless
                }
            }
        }
    }
}

/// Lines in the last `left` bytes.
fn lines_in(text: &str, left: usize) -> usize {
    text.as_bytes()[text.len() - left.min(text.len())..]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
}

/// Whether the first fault, now at `at`, moved down, and behind the edit that `rest` bytes follow; `gain`
/// faults fewer are left.
fn moved(text: &str, at: usize, old: &str, remaining: usize, rest: usize, gain: i64) -> Verdict {
    let left = text.len() - at.min(text.len());
    let lines = lines_in(old, remaining).saturating_sub(lines_in(text, left));
    if left < remaining && left <= rest && (lines > 0 || remaining > left + 3) {
        let bonus = 900 * gain.clamp(-3, 3) + 700 * lines.min(3) as i64;
        Verdict::Progress(bonus)
    } else {
        Verdict::Useless
    }
}

fn site<'a>(scan: &'a Scan<'a>, fault: &'a Fault, at: usize) -> Site<'a> {
    let line = scan.line_of(at.min(scan.text.len()));
    Site {
        scan,
        fault,
        line,
        token: scan.token_at(at),
    }
}

fn fits(text: &str, p: &Proposal) -> bool {
    p.edits.iter().all(|e| text.get(e.range.clone()).is_some())
}

fn propose(site: &Site, out: &mut Out) {
    lines::propose(site, out);
    lexical::propose(site, out);
    python2::propose(site, out);
    indent::propose(site, out);
    brackets::propose(site, out);
    strings::propose(site, out);
    triple::propose(site, out);
    fstring::propose(site, out);
    window::propose(site, out);
}

/// Kinds that only people may apply, whatever their probability.
const ADVICE: [&str; 16] = [
    "docstring",
    "uncomment",
    "drop-header",
    "comment-out",
    "drop-line",
    "magic",
    "conflict",
    "delete-name",
    "delete-word",
    "diff",
    "f-drop",
    "triple-drop",
    "quote-drop",
    "join",
    "keyword-name",
    "try-end",
];

/// Whether a proposal keeps every name, string and statement.
fn automatic(scan: &Scan, p: &Proposal) -> bool {
    if ADVICE.contains(&p.kind) || (p.kind == "prompt" && p.tag.starts_with("drop-output")) {
        return false;
    }
    // A second opening bracket is rarely superfluous, and between two tokens with a hole anything may
    // have been lost.
    if p.kind == "bracket-drop" && p.tag.starts_with("opener") || p.tag.starts_with("gap") {
        return false;
    }
    if matches!(
        p.kind,
        "marker"
            | "fence"
            | "prompt"
            | "number"
            | "keyword"
            | "python2"
            | "python2-one"
            | "conditional"
            | "future"
            | "entity"
    ) {
        return true;
    }
    p.edits.iter().all(|e| {
        let removed = scan.text.get(e.range.clone()).unwrap_or("");
        let letters = removed.chars().filter(|c| c.is_alphanumeric()).count();
        let kept = e.replacement.chars().filter(|c| c.is_alphanumeric()).count();
        letters == 0 || kept > 0 || matches!(removed.trim(), "is" | "in")
    })
}

fn record(
    trace: &mut Vec<Step>,
    node: &Node,
    site: &Site,
    list: &[Proposal],
    scored: &[(i64, usize, Vec<u32>)],
    judged: &[Judged],
) {
    let clean = judged
        .iter()
        .filter(|j| !matches!(j.verdict, Verdict::Progress(_)))
        .count();
    for j in judged {
        let next = match &j.verdict {
            Verdict::Done(_) => None,
            Verdict::Next(faults) => faults.first().map(|f| f.at),
            _ => continue,
        };
        let p = &list[j.index];
        let features = scored
            .iter()
            .find(|s| s.1 == j.index)
            .map(|s| s.2.clone())
            .unwrap_or_default();
        trace.push(Step {
            features,
            prior: p.prior,
            score: j.score,
            text: applied(&node.text, &p.edits),
            next,
            none: rank::none_features(&site.fault.class, p, clean),
            name: format!("{}/{}", p.kind, p.tag),
        });
    }
}

/// Turns judged proposals into solutions and further sequences, with their probabilities.
fn settle(
    node: &Node,
    site: &Site,
    list: &[Proposal],
    mut judged: Vec<Judged>,
    open: &mut Vec<Node>,
    solutions: &mut Vec<Solution>,
) {
    let clean = |v: &Verdict| matches!(v, Verdict::Done(_) | Verdict::Next(_));
    let best_clean = judged.iter().filter(|j| clean(&j.verdict)).map(|j| j.score).max();
    let Some(best) = best_clean.or_else(|| judged.iter().map(|j| j.score + j.gain).max()) else {
        return;
    };
    let top = judged.iter().filter(|j| clean(&j.verdict)).max_by_key(|j| j.score);
    let count = judged.iter().filter(|j| clean(&j.verdict)).count();
    let none = top.map_or(rank::none_score(&[]), |j| {
        rank::none_score(&rank::none_features(&site.fault.class, &list[j.index], count))
    });
    let weight = |score: i64| ((score - best) as f64 / 1000.0).exp();
    // Next to a proposal that removes the fault, one that only moves it counts for less.
    let rated = |j: &Judged| {
        let behind = !clean(&j.verdict) && best_clean.is_some();
        weight(j.score + j.gain - if behind { STEP + j.gain } else { 0 })
    };
    let total: f64 = weight(none) + judged.iter().map(rated).sum::<f64>();
    judged.sort_by_key(|j| (-(j.score + j.gain), j.index));
    let mut progress = 0;
    for j in judged {
        let p = &list[j.index];
        let share = rated(&j) / total;
        let mut pieces = node.pieces.clone();
        pieces.apply(&p.edits);
        let mut steps = node.steps.clone();
        steps.push(Taken {
            kind: p.kind,
            tag: p.tag,
        });
        let score = node.score + j.score - if node.steps.is_empty() { 0 } else { STEP };
        let auto = node.auto && p.auto;
        let probability = node.probability * share;
        match j.verdict {
            Verdict::Done(tree) => {
                let edits = pieces.edits();
                solutions.push(Solution {
                    edits,
                    steps,
                    probability,
                    score,
                    auto,
                    tree,
                });
            }
            Verdict::Next(faults) => open.push(Node {
                text: applied(&node.text, &p.edits),
                pieces,
                faults,
                score,
                regret: node.regret + best - j.score,
                probability,
                steps,
                auto,
            }),
            Verdict::Progress(_) => {
                progress += 1;
                if progress > 6 {
                    continue;
                }
                let text = applied(&node.text, &p.edits);
                let malus = if best_clean.is_some() { STEP + 1500 } else { 0 };
                open.push(Node {
                    // Judged when its turn comes.
                    faults: Vec::new(),
                    text,
                    pieces,
                    score,
                    regret: node.regret + malus + (best - j.score - j.gain).max(0),
                    probability,
                    steps,
                    auto,
                });
            }
            Verdict::Useless => {}
        }
    }
}
