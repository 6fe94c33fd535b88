//! What can be said about a pack by reading it: one file a family of codes.

mod action;
mod allow;
mod example;
mod pattern;
mod refs;
mod retry;
mod set;
mod shape;
mod style;
mod usage;
mod variables;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use super::packs::Set;
use super::place::Place;
use super::problem;
use super::since::Since;
use crate::diagnostic::{Diagnostic, suggest};
use crate::pack::document::Problem;
use crate::pack::groups::group_names;
use crate::yaml::{Node, NodeKind, Span};

pub use allow::apply as apply_allows;
pub use set::{cross, rule_hash, unreachable};
use walk::Rule;

/// What the packs of a check know of each other.
#[derive(Debug)]
pub struct Known {
    /// Names of environments.
    pub environments: BTreeSet<String>,
    /// Names of tables.
    pub tables: BTreeSet<String>,
    /// Names of probes.
    pub probes: BTreeSet<String>,
    /// By probe: the variables that its command takes from the rule that asks.
    pub taken_by: BTreeMap<String, BTreeSet<String>>,
    /// Tables and probes that some rule asks for.
    pub asked_for: BTreeSet<String>,
    /// Commands that fixes may run, by the default configuration.
    pub allowed: Vec<Vec<String>>,
}

impl Known {
    /// Of a set.
    #[must_use]
    pub fn of(set: &Set) -> Self {
        let rules = &set.packs.rules;
        let mut known = Self {
            environments: rules.environments.keys().cloned().collect(),
            tables: BTreeSet::new(),
            probes: BTreeSet::new(),
            taken_by: BTreeMap::new(),
            asked_for: BTreeSet::new(),
            allowed: Vec::new(),
        };
        for file in &set.packs.files {
            let Some(tree) = &file.document.tree else { continue };
            let names = |key: &str| {
                let entries = tree.get(key).map(Node::entries).unwrap_or_default();
                entries.iter().filter_map(|(k, _)| k.as_str().map(str::to_owned))
            };
            known.tables.extend(names("tables"));
            known.probes.extend(names("probes"));
            for (name, probe) in tree.get("probes").map(Node::entries).unwrap_or_default() {
                let mut taken = BTreeSet::new();
                variables::in_templates(probe, &mut taken);
                known
                    .taken_by
                    .entry(name.as_str().unwrap_or_default().to_owned())
                    .or_default()
                    .extend(taken);
            }
            known.environments.extend(
                tree.get("environment")
                    .and_then(|e| e.get("name")?.as_str().map(str::to_owned)),
            );
            for rule in rule_like(tree) {
                let rule = Rule::new(rule);
                let asked = rule.tables.iter().chain(&rule.probes).filter_map(|n| n.as_str());
                known.asked_for.extend(asked.map(str::to_owned));
            }
        }
        // What a misspelt name was meant to be is not unused.
        let all: Vec<&str> = known.tables.union(&known.probes).map(String::as_str).collect();
        let meant = known.asked_for.iter().filter(|name| !all.contains(&name.as_str()));
        let meant: Vec<String> = meant
            .filter_map(|name| suggest(name, all.iter().copied()).map(str::to_owned))
            .collect();
        known.asked_for.extend(meant);
        known.allowed = action::allowed(&known, set);
        known
    }
}

/// Codes of packs that are not for this version of heal.
const FOREIGN: [&str; 2] = ["E005", "I006"];

/// The tree with misspelt keys and names as they were meant, so that one slip is one diagnostic.
fn corrected(tree: &Node, problems: &[Problem]) -> Node {
    fn apply(node: &mut Node, span: Span, text: &str) {
        if span.start < node.span.start || node.span.end < span.end {
            return;
        }
        match &mut node.kind {
            NodeKind::Scalar(scalar) if node.span == span => text.clone_into(&mut scalar.value),
            NodeKind::Scalar(_) | NodeKind::Null => {}
            NodeKind::Sequence(items) => items.iter_mut().for_each(|n| apply(n, span, text)),
            NodeKind::Mapping(entries) => {
                let keys: Vec<String> = entries
                    .iter()
                    .filter_map(|(k, _)| k.as_str().map(str::to_owned))
                    .collect();
                for (key, value) in entries {
                    // What is meant may be there already; then the slip is an extra key.
                    if key.span != span || !keys.iter().any(|k| k == text) {
                        apply(key, span, text);
                    }
                    apply(value, span, text);
                }
            }
        }
    }
    let mut tree = tree.clone();
    for problem in problems.iter().filter(|p| matches!(p.code, "E102" | "E104")) {
        if let Some((span, text)) = &problem.patch {
            apply(&mut tree, *span, text);
        }
    }
    tree
}

/// Nodes of a pack that are rules, or hold the keys of one.
fn rule_like(tree: &Node) -> impl Iterator<Item = &Node> {
    let rules = tree.get("rules").map(Node::items).unwrap_or_default();
    let overrides = tree.get("overrides").map(Node::items).unwrap_or_default();
    let parts = overrides
        .iter()
        .flat_map(|o| [o.get("replace"), o.get("add")])
        .flatten();
    rules.iter().chain(parts)
}

/// What a file is looked at with.
pub struct Pack<'a> {
    /// The file.
    pub place: &'a Place<'a>,
    /// Its tree.
    pub root: &'a Node,
    /// What all packs know.
    pub known: &'a Known,
}

fn full_id(root: &Node, rule: &Node) -> String {
    let text = |node: Option<&Node>| node.and_then(Node::as_str).unwrap_or_default().to_owned();
    format!(
        "{}/{}",
        text(root.get("pack").and_then(|p| p.get("name"))),
        text(rule.get("id"))
    )
}

/// All that is wrong with one file by itself, but for rules that did not change.
#[must_use]
pub fn file(place: &Place<'_>, known: &Known, set: &Set, since: Option<&Since>) -> Vec<Diagnostic> {
    let convert = |p: &Problem| problem::convert(p, place);
    let Some(tree) = &place.document.tree else {
        return place.problems.iter().map(convert).collect();
    };
    // A pack for another version of heal cannot be judged by this one.
    if place.problems.iter().any(|p| FOREIGN.contains(&p.code)) {
        return place
            .problems
            .iter()
            .filter(|p| FOREIGN.contains(&p.code))
            .map(convert)
            .collect();
    }
    let root = &corrected(tree, place.problems);
    let mut out: Vec<Diagnostic> = place
        .problems
        .iter()
        .filter(|p| !shape::says_better(p, tree, root))
        .map(convert)
        .collect();
    let pack = Pack { place, root, known };
    shape::check(&pack, &mut out);
    pattern::pack(&pack, &mut out);
    refs::pack(&pack, &mut out);
    style::pack(&pack, &mut out);
    for node in root.get("rules").map(Node::items).unwrap_or_default() {
        if since.is_some_and(|s| s.is_same(&full_id(root, node))) {
            continue;
        }
        let rule = Rule::new(node);
        let names = variables::of_rule(&rule);
        let before = out.len();
        shape::rule(&pack, &rule, &mut out);
        pattern::check(&pack, &rule, &mut out);
        refs::check(&pack, &rule, &names, &mut out);
        // Where a name is misspelt, what it meant looks unused.
        let unclear = |d: &Diagnostic| matches!(d.info.code.0, "E301" | "E306" | "E307");
        if !out[before..].iter().any(unclear) {
            usage::check(&pack, &rule, &names, &mut out);
        }
        action::check(&pack, &rule, &names, &mut out);
        example::check(&pack, &rule, &names, &mut out);
        style::rule(&pack, &rule, &mut out);
    }
    for node in root.get("overrides").map(Node::items).unwrap_or_default() {
        let id = node.get("rule").and_then(Node::as_str).unwrap_or_default();
        let base = set.plain.as_ref().unwrap_or(&set.packs).rules.find(id);
        for part in [node.get("replace"), node.get("add")].into_iter().flatten() {
            let rule = Rule::new(part);
            let mut names = variables::of_rule(&rule);
            if let Some(base) = base {
                names.add_base(&group_names(&base.rule.matching), base.rule.derive.keys());
            }
            shape::parts(&pack, &rule, &mut out);
            pattern::check(&pack, &rule, &mut out);
            // Without its base rule nobody knows which names there are; E602 has said so.
            if base.is_some() {
                refs::check(&pack, &rule, &names, &mut out);
            }
            action::check(&pack, &rule, &names, &mut out);
        }
    }
    out
}
