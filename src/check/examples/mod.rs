//! Every example and counterexample of every rule, through the code that heals.

mod case;
mod difference;
mod judge;
mod nearest;
mod world;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::packs::Set;
use super::place::{Place, diagnostic};
use crate::diagnostic::Diagnostic;
use crate::pack::RuleSet;
use crate::pack::model::Example;
use crate::yaml::Node;

pub use case::{Engine, Ran};
pub use judge::{arithmetic, rendered};
pub use nearest::{Miss, Near, miss};

/// One example with its place.
#[derive(Debug)]
pub struct Case<'a> {
    /// Full id of its rule.
    pub rule: String,
    /// The example.
    pub example: &'a Example,
    /// It must not match.
    pub counter: bool,
    /// The file it stands in.
    pub place: Place<'a>,
    /// Its node.
    pub node: &'a Node,
    /// The rule itself, where it stands in a file that is checked.
    pub rule_place: Option<(Place<'a>, &'a Node)>,
    /// An override brings it: it is about the rule as the override makes it.
    pub overriding: bool,
}

/// Runs all examples of the files that are asked about. The number is how many ran.
#[must_use]
pub fn run<'a>(set: &'a Set, places: &[Place<'a>]) -> (Vec<Diagnostic>, usize) {
    let mut diagnostics = missing_examples(set, places);
    let cases = collect(set, places);
    let plain = set.plain.as_ref().unwrap_or(&set.packs);
    let (own, overriding): (Vec<&Case<'_>>, Vec<&Case<'_>>) = cases.iter().partition(|c| !c.overriding);
    diagnostics.extend(run_all(&own, &plain.rules));
    diagnostics.extend(run_all(&overriding, &set.packs.rules));
    (diagnostics, cases.len())
}

/// The cases of all files that are asked about.
fn collect<'a>(set: &'a Set, places: &[Place<'a>]) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
    let mut rules: HashMap<String, (Place<'a>, &'a Node)> = HashMap::new();
    for (loaded, place) in set.packs.files.iter().zip(places) {
        let Some(pack) = &loaded.document.pack else { continue };
        for (position, rule) in pack.rules.iter().enumerate() {
            if let Some(node) = loaded.document.rule_node(position) {
                rules
                    .entry(format!("{}/{}", pack.pack.name, rule.id))
                    .or_insert((place.clone(), node));
            }
        }
    }
    for (index, (loaded, place)) in set.packs.files.iter().zip(places).enumerate() {
        let Some(pack) = loaded.document.pack.as_ref().filter(|_| set.asked[index]) else {
            continue;
        };
        let mut add = |rule: &str, examples: &'a [Example], node: Option<&'a Node>, counter: bool, overriding: bool| {
            let nodes = node.map(Node::items).unwrap_or_default();
            for (example, node) in examples.iter().zip(nodes).filter(|(e, _)| !e.todo) {
                cases.push(Case {
                    rule: rule.to_owned(),
                    example,
                    counter,
                    place: place.clone(),
                    node,
                    rule_place: rules.get(rule).cloned(),
                    overriding,
                });
            }
        };
        for (position, rule) in pack.rules.iter().enumerate() {
            let id = format!("{}/{}", pack.pack.name, rule.id);
            let node = loaded.document.rule_node(position);
            // Of two rules with one id only the first is in force; E601 has said so.
            if rules.get(&id).map(|(_, first)| *first as *const Node) != node.map(|n| n as *const Node) {
                continue;
            }
            add(&id, &rule.examples, node.and_then(|n| n.get("examples")), false, false);
            add(
                &id,
                &rule.counterexamples,
                node.and_then(|n| n.get("counterexamples")),
                true,
                false,
            );
        }
        let nodes = loaded.document.tree.as_ref().and_then(|t| t.get("overrides"));
        for (position, change) in pack.overrides.iter().enumerate() {
            let node = loaded
                .document
                .override_index
                .get(position)
                .and_then(|k| nodes?.items().get(*k));
            add(
                &change.rule,
                &change.examples,
                node.and_then(|n| n.get("examples")),
                false,
                true,
            );
        }
    }
    cases
}

/// Rules that carry no case.
fn missing_examples(set: &Set, places: &[Place<'_>]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for (index, (loaded, place)) in set.packs.files.iter().zip(places).enumerate() {
        let Some(pack) = loaded.document.pack.as_ref().filter(|_| set.asked[index]) else {
            continue;
        };
        for (position, rule) in pack.rules.iter().enumerate() {
            let Some(node) = loaded.document.rule_node(position) else {
                continue;
            };
            let span = place.short(node.get("id").map_or(node.head(), |id| id.span));
            for (empty, code, what) in [
                (rule.examples.is_empty(), "W505", "example"),
                (rule.counterexamples.is_empty(), "W506", "counterexample"),
            ] {
                if empty {
                    diagnostics.push(
                        diagnostic(code, format!("the rule `{}` has no {what}", rule.id))
                            .primary(&place.file, span.clone(), "this rule")
                            .help("take real output, and name the tool's version"),
                    );
                }
            }
        }
    }
    diagnostics
}

/// Runs cases on all processors; the order of what comes out is that of the cases.
fn run_all(cases: &[&Case<'_>], rules: &RuleSet) -> Vec<Diagnostic> {
    if cases.is_empty() {
        return Vec::new();
    }
    let engine = Engine::new(rules);
    let workers = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(cases.len());
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(usize, Vec<Diagnostic>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { return };
                    let diagnostics = match case::run(&engine, case.example) {
                        Ok(ran) => judge::judge(case, &ran, rules),
                        Err(why) => vec![judge::broken(case, &why)],
                    };
                    if !diagnostics.is_empty()
                        && let Ok(mut found) = found.lock()
                    {
                        found.push((index, diagnostics));
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().flat_map(|(_, diagnostics)| diagnostics).collect()
}
