//! The pack format, version 1, as types and nothing else.
//!
//! What is written in a pack and what the engine runs are two things: these types only say what a
//! pack may contain (serde reads them, schemars turns them into `schemas/pack.v1.json`). Regexes,
//! templates and references are strings here; [`super::compile`] checks and resolves them.
//!
//! Every type rejects nothing by itself: unknown keys are collected by the loader with their
//! positions, so that one run reports all of them.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

mod condition;
mod derive;
mod edit;
mod environment;
mod fix;
mod matching;
mod overrides;
mod probe;
mod rule;

pub use super::short::Text as ShortText;
pub use condition::{
    Among, Condition, Conditions, FileRegex, InTable, Language, NamesOf, Near, Parses, ProbeIs, SourceLine, StartsWith,
    Structure,
};
pub use derive::{Convert, DataPath, DeclaredField, Derive, FileLine, InFile, InProbe, Replace, Unparsable};
pub use edit::{Edit, EditReplace, FileConvert, Guard, Repair, Rewrite, Set, SetFormat};
pub use environment::{
    BaseArgument, Checks, Environment, EnvironmentKey, Fatal, Location, Manifest, ManifestFormat, Repeatable, Report,
    Success,
};
pub use fix::{Backoff, Chmod, Effect, Fix, Jitter, Retry, Safety, Undo, Verify};
pub use matching::{CaptureType, Keep, Match, Step, StreamName};
pub use overrides::{Addition, Override, Replacement};
pub use probe::{Probe, ProbeField, ProbeInput, Table};
pub use rule::{Cause, Confidence, ErrorType, Evidence, Example, Expect, RenderedFix, Rule, Severity};

/// An ordered map: packs are read by people, and order carries meaning for them.
pub type Map<V> = BTreeMap<String, V>;

/// One pack: one YAML file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Pack {
    /// Version of the pack format. This is version 1.
    pub heal: u32,
    /// Who this pack is.
    pub pack: Head,
    /// The environment that this pack brings in, or the name of the one that its rules belong to.
    #[serde(default)]
    pub environment: Option<EnvironmentKey>,
    /// Read-only commands whose output feeds conditions; run at most once a session each.
    #[serde(default)]
    pub probes: Map<Probe>,
    /// Lookup tables: inline, or TSV files beside the pack.
    #[serde(default)]
    pub tables: Map<Table>,
    /// What the pack knows.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Changes to rules of other packs. A second rule with the same id is an error; this is the way.
    #[serde(default)]
    pub overrides: Vec<Override>,
}

/// The head of a pack.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Head {
    /// Name of the pack, and the first half of its rules' full ids (`name/rule`).
    pub name: String,
    /// Version of the pack (semver).
    pub version: String,
    /// Which engine versions can run it, e.g. `>=0.1`.
    #[serde(default)]
    pub requires: Option<String>,
    /// What the pack is about, in a sentence.
    #[serde(default)]
    pub about: Option<String>,
}
