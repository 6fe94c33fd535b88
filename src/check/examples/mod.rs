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
use judge::Judged;
pub use judge::{arithmetic, rendered, rendered_line};
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

/// A rule that is beaten on every example of its own.
#[derive(Debug)]
pub struct Beaten<'a> {
    /// Its full id.
    pub rule: String,
    /// Where it stands.
    pub rule_place: (Place<'a>, &'a Node),
    /// The rule that wins on the first of them.
    pub by: String,
    /// Where that stands.
    pub winner: Option<(Place<'a>, &'a Node)>,
}

/// What came of all examples.
#[derive(Debug, Default)]
pub struct Outcome<'a> {
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Rules that never win.
    pub beaten: Vec<Beaten<'a>>,
    /// How many cases there were.
    pub count: usize,
}

/// Runs all examples of the files that are asked about, but for those that `skip` names.
#[must_use]
pub fn run<'a>(set: &'a Set, places: &[Place<'a>], skip: &dyn Fn(&Case<'a>) -> bool) -> Outcome<'a> {
    let mut diagnostics = missing_examples(set, places);
    let rules = rule_places(set, places);
    let mut cases = collect(set, places, &rules);
    let count = cases.len();
    cases.retain(|case| !skip(case));
    let plain = set.plain.as_ref().unwrap_or(&set.packs);
    let (own, overriding): (Vec<&Case<'_>>, Vec<&Case<'_>>) = cases.iter().partition(|c| !c.overriding);
    let judged = run_all(&own, &plain.rules);
    let mut beaten: Vec<Beaten<'a>> = Vec::new();
    let mut index = 0;
    while index < own.len() {
        // Cases of one rule stand together.
        let rule = &own[index].rule;
        let end = index + own[index..].iter().take_while(|c| c.rule == *rule).count();
        let results: Vec<_> = (index..end)
            .filter(|k| !own[*k].counter)
            .map(|k| &judged[k].winner)
            .collect();
        if let Some(Some(by)) = results.first()
            && results.iter().all(|w| w.is_some())
            && let Some(rule_place) = own[index].rule_place.clone()
        {
            beaten.push(Beaten {
                rule: rule.clone(),
                rule_place,
                by: by.clone(),
                winner: rules.get(by).cloned(),
            });
        }
        index = end;
    }
    diagnostics.extend(judged.into_iter().flat_map(|j| j.diagnostics));
    diagnostics.extend(
        run_all(&overriding, &set.packs.rules)
            .into_iter()
            .flat_map(|j| j.diagnostics),
    );
    Outcome {
        diagnostics,
        beaten,
        count,
    }
}

/// Where each rule stands, by its full id.
fn rule_places<'a>(set: &'a Set, places: &[Place<'a>]) -> Rules<'a> {
    let mut rules = Rules::new();
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
    rules
}

type Rules<'a> = HashMap<String, (Place<'a>, &'a Node)>;

/// The cases of all files that are asked about.
fn collect<'a>(set: &'a Set, places: &[Place<'a>], rules: &Rules<'a>) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
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
fn run_all(cases: &[&Case<'_>], rules: &RuleSet) -> Vec<Judged> {
    if cases.is_empty() {
        return Vec::new();
    }
    let engine = Engine::new(rules);
    let workers = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(cases.len());
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(usize, Judged)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { return };
                    let own = rules.find(&case.rule).and_then(|rule| rule.environment.as_deref());
                    let judged = match case::run(&engine, case.example, own) {
                        Ok(ran) => judge::judge(case, &ran, rules),
                        Err(why) => Judged::of(judge::broken(case, &why)),
                    };
                    if let Ok(mut found) = found.lock() {
                        found.push((index, judged));
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, judged)| judged).collect()
}
