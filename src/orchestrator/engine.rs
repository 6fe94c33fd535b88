//! Everything that a session needs and that outlives it: rules, matcher, renderer, world, config.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::SelfHealingConfig;
use crate::detector::Matcher;
use crate::pack::{self, Packs, RuleSet, Sources};
use crate::template::Renderer;
use crate::validator::OwnChecks;
use crate::world::World;

/// What an engine is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Files, environment, clock.
    pub world: Arc<dyn World>,
    /// Settings.
    pub config: SelfHealingConfig,
    /// The project's root.
    pub root: PathBuf,
    /// The folder for logs.
    pub log_dir: PathBuf,
    /// Where packs come from.
    pub sources: Sources,
}

/// The packs cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct EngineError(pub Vec<String>);

/// See the module.
pub struct Engine {
    /// What it was made of.
    pub setup: Setup,
    /// Packs as they were read.
    pub packs: Packs,
    /// Finds errors.
    pub matcher: Arc<Matcher>,
    /// Fills templates in.
    pub renderer: Renderer,
    /// Registered checks.
    pub validators: Vec<Box<dyn OwnChecks>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("rules", &self.packs.rules.rules.len())
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Loads the packs.
    ///
    /// # Errors
    /// Every error in them, `file:line:column: [code] message` each.
    pub fn load(setup: Setup) -> Result<Self, EngineError> {
        let packs = pack::load(&*setup.world, &setup.sources);
        let errors: Vec<String> = packs.errors().collect();
        if !errors.is_empty() {
            return Err(EngineError(errors));
        }
        Ok(Self::with_packs(setup, packs))
    }

    /// An engine over packs that were loaded already.
    #[must_use]
    pub fn with_packs(setup: Setup, mut packs: Packs) -> Self {
        // Rules of an environment that is switched off do not take part. The default list names the
        // specification's environments; others are on because their pack is there.
        let wanted = &setup.config.environments;
        if *wanted != SelfHealingConfig::default().environments && !wanted.is_empty() {
            packs
                .rules
                .rules
                .retain(|r| r.environment.as_ref().is_none_or(|e| wanted.contains(e)));
        }
        let matcher = Arc::new(Matcher::new(&packs.rules));
        Self {
            setup,
            packs,
            matcher,
            renderer: Renderer::new(),
            validators: Vec::new(),
        }
    }

    /// The rules in force.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        &self.packs.rules
    }
}
