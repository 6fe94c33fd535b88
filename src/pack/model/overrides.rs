//! What one pack changes in another.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Cause, Conditions, Confidence, Derive, Example, Fix, Map, Match, Severity};
use crate::pack::short::Text;

/// A change to another pack's rule.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Override {
    /// Full id of the rule.
    pub rule: String,
    /// Why, for whoever reads it next.
    #[serde(default)]
    pub because: Option<String>,
    /// Whole keys of the rule, replaced.
    #[serde(default)]
    pub replace: Option<Replacement>,
    /// What is added.
    #[serde(default)]
    pub add: Option<Addition>,
    /// Switch the rule off.
    #[serde(default)]
    pub disable: bool,
    /// Hash of the rule that this was written against (`heal rules show` prints it).
    #[serde(default)]
    pub base: Option<String>,
    /// More examples.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// Keys that an override replaces as a whole.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Replacement {
    /// See [`Rule::title`].
    #[serde(default)]
    pub title: Option<String>,
    /// See [`Rule::severity`].
    #[serde(default)]
    pub severity: Option<Severity>,
    /// See [`Rule::matching`].
    #[serde(default, rename = "match")]
    pub matching: Option<Match>,
    /// See [`Rule::when`].
    #[serde(default)]
    pub when: Option<Conditions>,
    /// See [`Rule::causes`].
    #[serde(default)]
    pub causes: Option<Vec<Cause>>,
    /// See [`Rule::derive`].
    #[serde(default)]
    pub derive: Option<Map<Derive>>,
    /// See [`Rule::confidence`].
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// See [`Rule::fix`].
    #[serde(default)]
    pub fix: Option<Vec<Fix>>,
}

/// What an override adds.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct Addition {
    /// Rows for tables.
    #[serde(default)]
    pub tables: Map<Map<Text>>,
    /// Causes, tried before the rule's own.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// Fixes, tried before the rule's own (rules without `causes`).
    #[serde(default)]
    pub fix: Vec<Fix>,
    /// Conditions beside the rule's own.
    #[serde(default)]
    pub when: Conditions,
}
