//! The analyzer as a part of its own.

use std::sync::Arc;

use super::builder::OrchestratorBuilder;
use super::core::Core;
use super::error::Error;
use super::facts::AnalysisResult;
use super::failure::Failure;
use crate::config::SelfHealingConfig;

/// Ranks the causes of failures by evidence. It changes nothing.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let script = folder.path().join("job.sh");
/// # std::fs::write(&script, "if true; then\n  echo ready\n")?;
/// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
/// use heal::environment::Bash;
///
/// let ran = Bash::new(folder.path()).syntax_check("job.sh")?; // its `fi` is missing
/// let analysis = healer.analyzer().analyze(&ran);
/// assert!(analysis.confidence() >= 0.8);
/// assert!(!analysis.requires_manual_intervention());
/// assert!(analysis.suggestions[0].diff.as_ref().is_some_and(|diff| diff.contains("+fi")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Analyzer {
    core: Core,
}

impl Analyzer {
    /// An analyzer with these settings.
    ///
    /// # Errors
    /// A setting or a rule pack is not right.
    pub fn new(config: SelfHealingConfig) -> Result<Self, Error> {
        Ok(OrchestratorBuilder::default()
            .config(config)
            .build()?
            .analyzer()
            .clone())
    }

    pub(super) fn from_core(core: Core) -> Self {
        Self { core }
    }

    /// The errors of a failure, their causes, and fixes, best first.
    #[must_use]
    pub fn analyze(&self, failure: impl Into<Failure>) -> AnalysisResult {
        let failure = failure.into();
        // Who calls can be asked: what needs approval is theirs to approve.
        let diagnosis = self.core.diagnose(&failure, true);
        AnalysisResult {
            errors: self.core.errors(&diagnosis, Some(&failure)),
            suggestions: self.core.suggestions(&diagnosis),
            diagnosis: Arc::new(diagnosis),
        }
    }
}
