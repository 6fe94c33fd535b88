//! The loaded rules: every pack of every layer, overrides applied, ready for detector and analyzer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::model::{Environment, Probe, Rule};
use super::tables::Tables;

/// Which layer a pack came from; later ones win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Embedded in the program.
    BuiltIn,
    /// `/etc/heal/rules.d`.
    System,
    /// The user's configuration folder.
    User,
    /// The project's `.heal/rules`.
    Project,
    /// Named on the command line or by the program that uses the library.
    Given,
}

/// Where a pack came from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Its layer.
    pub layer: Layer,
    /// Its file; for built-in packs a path under `rules/`.
    pub file: PathBuf,
    /// Content hash (blake3, hex).
    pub hash: String,
    /// Command fixes may run by themselves: all layers but an untrusted project's.
    pub trusted: bool,
}

/// A loaded pack, without its rules.
#[derive(Debug, Clone)]
pub struct LoadedPack {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Where it came from.
    pub origin: Origin,
    /// The environment its rules belong to.
    pub environment: Option<String>,
    /// Its probes.
    pub probes: BTreeMap<String, Probe>,
    /// Texts of its probes' scripts, by file.
    pub scripts: BTreeMap<String, String>,
    /// Its tables, with what overrides added.
    pub tables: Tables,
}

/// A rule in force.
#[derive(Debug, Clone)]
pub struct LoadedRule {
    /// Full id, `pack/rule`.
    pub id: String,
    /// Index of its pack in [`RuleSet::packs`].
    pub pack: usize,
    /// Name of the environment it belongs to; none for packs without one.
    pub environment: Option<String>,
    /// The rule, overrides applied, causes never empty.
    pub rule: Rule,
    /// Its pack, and every pack that changed it, may run commands without being asked.
    pub trusted: bool,
    /// Packs whose overrides changed it, with their reasons.
    pub overridden: Vec<(String, String)>,
}

/// All rules in force.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// Packs in the order of their layers.
    pub packs: Vec<LoadedPack>,
    /// Rules that are switched on.
    pub rules: Vec<LoadedRule>,
    /// Rules that an override or `severity: off` switched off.
    pub disabled: Vec<LoadedRule>,
    /// Environments by name.
    pub environments: BTreeMap<String, Arc<Environment>>,
    /// Counts reloads; 0 is what the program started with.
    pub generation: u64,
}

impl RuleSet {
    /// The rule with this full id, or with this short id where only one pack has it.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&LoadedRule> {
        if let Some(rule) = self.rules.iter().find(|r| r.id == id) {
            return Some(rule);
        }
        let mut short = self
            .rules
            .iter()
            .filter(|r| r.rule.id == id || r.rule.replaces.iter().any(|old| old == id));
        match (short.next(), short.next()) {
            (Some(rule), None) => Some(rule),
            _ => None,
        }
    }
}
