//! What a check of packs can leave out because it was found good a moment ago: rules whose text did not
//! change, and their examples, unless a rule that did change has something to say about them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::packs::Set;
use crate::detector::{Matcher, StreamKind, scan_all};
use crate::pack::load::Loaded;
use crate::pack::model::Example;
use crate::pack::{Document, RuleSet};
use crate::yaml::Node;

/// Above so many changed rules nothing is left out.
const MOST: usize = 100;

/// See the module.
#[derive(Debug)]
pub struct Since {
    /// Full ids of rules that did not change.
    same: BTreeSet<String>,
    /// The rules that did.
    changed: Arc<Matcher>,
}

impl Since {
    /// Compares with the packs that were found good. `None` where more than rules changed, so that
    /// anything may have to do with it.
    #[must_use]
    pub fn of(set: &Set, last: &[Loaded]) -> Option<Self> {
        let mut same = BTreeSet::new();
        for (file, _) in set.packs.files.iter().zip(&set.asked).filter(|(_, asked)| **asked) {
            let now = &file.document;
            let (Some(tree), Some(pack)) = (&now.tree, &now.pack) else {
                return None;
            };
            let before = last.iter().find(|l| l.document.file == now.file);
            let Some(before) = before.filter(|b| !b.document.has_errors()) else {
                // All of it is new.
                if pack.overrides.is_empty() && pack.tables.is_empty() && pack.probes.is_empty() {
                    continue;
                }
                return None;
            };
            let old = before.document.tree.as_ref()?;
            let frame = |document: &Document, tree: &Node| -> Vec<(String, String)> {
                let entries = tree.entries().iter().filter(|(key, _)| key.as_str() != Some("rules"));
                let text = |node: &Node| node.span.text(&document.source).to_owned();
                entries.map(|(key, value)| (text(key), text(value))).collect()
            };
            let other = !pack.overrides.is_empty()
                || frame(now, tree) != frame(&before.document, old)
                || file.table_files != before.table_files;
            if other {
                return None;
            }
            let texts: BTreeSet<&str> = rules(old).map(|node| node.span.text(&before.document.source)).collect();
            let kept = rules(tree).filter(|node| texts.contains(node.span.text(&now.source)));
            let ids = kept.filter_map(|node| node.get("id")?.as_str());
            same.extend(ids.map(|id| format!("{}/{id}", pack.pack.name)));
        }
        let asked: BTreeSet<&std::path::Path> = set
            .packs
            .files
            .iter()
            .zip(&set.asked)
            .filter(|(_, asked)| **asked)
            .map(|(file, _)| file.origin.file.as_path())
            .collect();
        let is_asked = |pack: usize| {
            let pack = set.packs.rules.packs.get(pack);
            pack.is_some_and(|p| asked.contains(p.origin.file.as_path()))
        };
        let all = set.packs.rules.rules.iter();
        let changed = all.filter(|rule| is_asked(rule.pack) && !same.contains(&rule.id));
        let changed: Vec<_> = changed.take(MOST + 1).cloned().collect();
        (changed.len() <= MOST).then(|| Self {
            same,
            changed: Arc::new(Matcher::new(&RuleSet {
                rules: changed,
                ..RuleSet::default()
            })),
        })
    }

    /// Whether a rule is as it was.
    #[must_use]
    pub fn is_same(&self, rule: &str) -> bool {
        self.same.contains(rule)
    }

    /// Whether an example comes to what it came to before: neither its rule changed, nor does one that
    /// did match anything in it.
    #[must_use]
    pub fn holds(&self, rule: &str, example: &Example) -> bool {
        self.is_same(rule)
            && scan_all(&self.changed, StreamKind::Both, example.output.as_bytes())
                .totals
                .hits
                == 0
    }
}

fn rules(tree: &Node) -> impl Iterator<Item = &Node> {
    tree.get("rules").map(Node::items).unwrap_or_default().iter()
}
