//! Making an orchestrator.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::callbacks::{Approver, Audience};
use super::core::Core;
use super::error::Error;
use super::orchestrator::Orchestrator;
use crate::config::{self, Flags, Loaded, SelfHealingConfig};
use crate::orchestrator::Setup;
use crate::pack::Sources;
use crate::world::{Real, World};

/// Whether a session is to stop.
pub(super) type Stop = Arc<dyn Fn() -> bool + Send + Sync>;

/// Makes an [`Orchestrator`]. What is not said is as for the command `heal` in the current folder.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use heal::{Config, Orchestrator};
///
/// let mut config = Config::default();
/// config.safety.dry_run = true;
/// config.retry.max_attempts = 5;
/// let healer = Orchestrator::builder()
///     .config(config)
///     .project(folder.path())
///     .log_directory(folder.path().join("logs"))
///     .build()?;
/// assert!(healer.config().safety.dry_run);
/// assert!(healer.log_directory().ends_with("logs"));
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use]
pub struct OrchestratorBuilder {
    config: Option<SelfHealingConfig>,
    project: Option<PathBuf>,
    log_directory: Option<PathBuf>,
    packs: Vec<PathBuf>,
    sources: Option<Sources>,
    approver: Option<Arc<dyn Approver>>,
    stop: Option<Stop>,
}

impl std::fmt::Debug for OrchestratorBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OrchestratorBuilder")
            .field("config", &self.config)
            .field("project", &self.project)
            .finish_non_exhaustive()
    }
}

impl OrchestratorBuilder {
    /// The settings; where they are not given, the project's own are read.
    pub fn config(mut self, config: SelfHealingConfig) -> Self {
        self.config = Some(config);
        self
    }

    /// The project's root: fixes reach no further. By default the repository around the current folder.
    pub fn project(mut self, root: impl AsRef<Path>) -> Self {
        self.project = Some(Real.absolute(root.as_ref()));
        self
    }

    /// The folder for changelog, backups and sessions. It counts more than the settings'.
    pub fn log_directory(mut self, folder: impl AsRef<Path>) -> Self {
        self.log_directory = Some(Real.absolute(folder.as_ref()));
        self
    }

    /// A further rule pack: a file, or a folder of them. Later ones win.
    pub fn pack(mut self, path: impl AsRef<Path>) -> Self {
        self.packs.push(Real.absolute(path.as_ref()));
        self
    }

    /// Where rule packs come from, in place of the usual layers. The settings' packs come in addition.
    #[doc(hidden)]
    pub fn sources(mut self, sources: Sources) -> Self {
        self.sources = Some(sources);
        self
    }

    /// Rule packs only from these places: nothing built in, of the system, the user or the project.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// let healer = heal::Orchestrator::builder()
    ///     .project(folder.path())
    ///     .only_packs(["rules/bash.yaml"])
    ///     .build()?;
    /// assert!(healer.rules().iter().all(|rule| rule.id.starts_with("bash/")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn only_packs<P: AsRef<Path>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.sources = Some(Sources {
            without_built_in: true,
            ..Sources::default()
        });
        self.packs = paths.into_iter().map(|path| Real.absolute(path.as_ref())).collect();
        self
    }

    /// Who answers where the policy gate asks; without one such fixes are left to people.
    pub fn approver(mut self, approver: impl Approver + 'static) -> Self {
        self.approver = Some(Arc::new(approver));
        self
    }

    /// Asked between the steps of a session whether it is to stop; everything is put back then. The library handles
    /// no signals of its own.
    pub fn stop_when(mut self, stop: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.stop = Some(Arc::new(stop));
        self
    }

    /// Makes it: reads settings and rule packs.
    ///
    /// # Errors
    /// A setting or a rule pack is not right; the message names the place.
    pub fn build(self) -> Result<Orchestrator, Error> {
        let world: Arc<dyn World> = Arc::new(Real);
        let loaded = match self.config {
            Some(config) => {
                config.validate()?;
                let root = self
                    .project
                    .clone()
                    .unwrap_or_else(|| config::project_root(&*world, &world.cwd()));
                Loaded {
                    log_dir: root.join(&config.logging.log_directory).components().collect(),
                    config,
                    file: None,
                    root,
                }
            }
            None => {
                let mut loaded = config::load(&*world, None, &Flags::default())?;
                if let Some(root) = self.project {
                    // The settings are those of here, the project is another one.
                    if root != loaded.root {
                        let config = SelfHealingConfig::from_env()?;
                        loaded.log_dir = root.join(&config.logging.log_directory).components().collect();
                        loaded.config = config;
                    }
                    loaded.root = root;
                }
                loaded
            }
        };
        let config = loaded.config;
        let mut sources = self.sources.unwrap_or_else(|| Sources::usual(&*world, &loaded.root));
        sources
            .given
            .extend(config.packs.paths.iter().map(|path| world.absolute(path)));
        sources.given.extend(self.packs);
        sources.trust_project = config.packs.trust_project;
        let core = Core::load(Setup {
            world,
            config,
            root: loaded.root,
            log_dir: self.log_directory.unwrap_or(loaded.log_dir),
            sources,
        })?;
        Ok(Orchestrator::new_from(
            core,
            Audience::default(),
            self.approver,
            self.stop,
        ))
    }
}
