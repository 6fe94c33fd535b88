//! Rule sets as programs look at them.

use std::path::Path;

use super::error::Error;
use crate::orchestrator::EngineError;
use crate::pack::{self, LoadedRule, RuleSet, Sources};
use crate::world::Real;

impl RuleSet {
    /// The rules that come with heal.
    ///
    /// ```
    /// let rules = heal::RuleSet::built_in()?;
    /// let rule = rules.find("bash/command-not-found").expect("a built-in rule");
    /// assert_eq!(rule.environment.as_deref(), Some("bash"));
    /// # Ok::<(), heal::Error>(())
    /// ```
    ///
    /// # Errors
    /// None in a heal as it was released.
    pub fn built_in() -> Result<Self, Error> {
        Self::of(&Sources::default())
    }

    /// The rules of these packs: files, or folders of them. Later ones win.
    ///
    /// ```
    /// let rules = heal::RuleSet::from_paths(["rules/bash.yaml"])?;
    /// assert!(rules.iter().count() > 0);
    /// assert!(rules.iter().all(|rule| rule.id.starts_with("bash/")));
    /// # Ok::<(), heal::Error>(())
    /// ```
    ///
    /// # Errors
    /// Every error in them, with its place.
    pub fn from_paths<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, Error> {
        Self::of(&Sources {
            without_built_in: true,
            given: paths.into_iter().map(|path| path.as_ref().to_path_buf()).collect(),
            ..Sources::default()
        })
    }

    fn of(sources: &Sources) -> Result<Self, Error> {
        let packs = pack::load(&Real, sources);
        let errors: Vec<String> = packs.errors().collect();
        if errors.is_empty() {
            Ok(packs.rules)
        } else {
            Err(EngineError(errors).into())
        }
    }

    /// The rules that are switched on.
    pub fn iter(&self) -> impl Iterator<Item = &LoadedRule> {
        self.rules.iter()
    }
}
