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

use std::collections::BTreeSet;

use super::packs::Set;
use super::place::Place;
use crate::diagnostic::Diagnostic;
use crate::pack::groups::group_names;
use crate::yaml::Node;

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
        known.allowed = action::allowed(&known, set);
        known
    }
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

/// All lints of one file.
#[must_use]
pub fn file(place: &Place<'_>, known: &Known, set: &Set) -> Vec<Diagnostic> {
    let Some(root) = &place.document.tree else {
        return Vec::new();
    };
    let pack = Pack { place, root, known };
    let mut out = Vec::new();
    shape::check(&pack, &mut out);
    pattern::pack(&pack, &mut out);
    refs::pack(&pack, &mut out);
    style::pack(&pack, &mut out);
    for node in root.get("rules").map(Node::items).unwrap_or_default() {
        let rule = Rule::new(node);
        let names = variables::of_rule(&rule);
        shape::rule(&pack, &rule, &mut out);
        pattern::check(&pack, &rule, &mut out);
        refs::check(&pack, &rule, &names, &mut out);
        usage::check(&pack, &rule, &names, &mut out);
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
