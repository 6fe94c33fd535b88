//! From options to an engine's setup.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use super::args::{Color, Common};
use super::{out, show};
use crate::changelog::Redactor;
use crate::check;
use crate::config::{self, Flags, Loaded};
use crate::diagnostic;
use crate::fixer::Policy;
use crate::orchestrator::{Engine, Setup};
use crate::pack::Sources;
use crate::transaction;
use crate::world::{Real, World};

/// What every command starts from.
pub struct Base {
    /// The real world.
    pub world: Arc<dyn World>,
    /// Settings in force.
    pub loaded: Loaded,
    /// Where packs come from.
    pub sources: Sources,
    /// Masks secrets in what heal shows.
    pub redactor: Redactor,
}

impl Base {
    /// Reads the settings.
    ///
    /// # Errors
    /// A setting that is not right, with its place.
    pub fn new(common: &Common) -> anyhow::Result<Self> {
        let world: Arc<dyn World> = Arc::new(Real);
        let flags = Flags {
            dry_run: common.dry_run.then_some(true),
            require_approval: common.ask.then_some(true),
            max_attempts: common.max_attempts,
            log_dir: common.log_dir.clone(),
            verbose: common.verbose.then_some(true),
            environments: (!common.environments.is_empty()).then(|| common.environments.clone()),
            packs: common.packs.clone(),
            trust_project: common.trust_project.then_some(true),
        };
        let loaded = config::load(&*world, common.config.as_deref(), &flags)?;
        let mut sources = Sources::usual(&*world, &loaded.root);
        sources.given.clone_from(&loaded.config.packs.paths);
        sources.trust_project = loaded.config.packs.trust_project;
        if !common.environments.is_empty() {
            known_environments(&*world, &sources, &common.environments)?;
        }
        let redactor = Redactor::new(&loaded.config.redact.patterns).context("redact.patterns")?;
        out::mask_with(&redactor);
        Ok(Self {
            world,
            loaded,
            sources,
            redactor,
        })
    }

    /// The engine's setup.
    #[must_use]
    pub fn setup(&self) -> Setup {
        Setup {
            world: Arc::clone(&self.world),
            config: self.loaded.config.clone(),
            root: self.loaded.root.clone(),
            log_dir: self.loaded.log_dir.clone(),
            sources: self.sources.clone(),
        }
    }

    /// The engine, loaded now.
    ///
    /// # Errors
    /// Every error in the packs.
    pub fn engine(&self) -> anyhow::Result<Engine> {
        let engine = Engine::load(self.setup())?;
        self.check_site_packs()?;
        Ok(engine)
    }

    /// Folders and files with packs that did not come with heal.
    #[must_use]
    pub fn site_packs(&self) -> Vec<PathBuf> {
        let sources = &self.sources;
        let folders = [&sources.system, &sources.user, &sources.project].into_iter().flatten();
        let mut paths: Vec<PathBuf> = folders.filter(|f| self.world.is_dir(f)).cloned().collect();
        paths.extend(sources.given.iter().cloned());
        paths
    }

    /// A rule that cannot work (a pattern that does not compile, a name that nothing defines) would
    /// otherwise be found out only on the night when it is needed.
    fn check_site_packs(&self) -> anyhow::Result<()> {
        let paths = self.site_packs();
        if paths.is_empty() {
            return Ok(());
        }
        let options = check::Options {
            paths,
            sources: self.sources.clone(),
            without_examples: true,
            ..check::Options::default()
        };
        let cannot_work = |d: &&diagnostic::Diagnostic| {
            let families = ["E0", "E1", "E2", "E3"];
            d.severity == diagnostic::Severity::Error && families.iter().any(|f| d.info.code.0.starts_with(f))
        };
        let found = check::run(&*self.world, &options);
        let wrong: Vec<_> = found.iter().filter(cannot_work).cloned().collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let text = diagnostic::render(&wrong, diagnostic::Format::Concise, false, 100);
        anyhow::bail!("{}", text.trim_end());
    }

    /// What the gate needs to know.
    #[must_use]
    pub fn policy(&self, common: &Common) -> Policy {
        let config = &self.loaded.config;
        Policy {
            auto: config.confidence.auto,
            ask: config.confidence.ask,
            require_approval: config.safety.require_approval,
            yes: common.yes,
            can_ask: (common.ask || config.safety.require_approval) && show::can_ask(),
            offline: common.offline,
            dry_run: config.safety.dry_run,
        }
    }

    /// Puts back what a session left behind that was killed.
    pub fn recover(&self, quiet: bool) {
        // The usual case costs one look at a folder.
        if self.loaded.config.safety.dry_run || !self.world.is_dir(&crate::logdir::sessions(&self.loaded.log_dir)) {
            return;
        }
        let mut undo = |argv: &[String]| run_undo(argv, &self.loaded.root);
        match transaction::recover(&self.world, &self.loaded.root, &self.loaded.log_dir, &mut undo) {
            Ok(recovered) => {
                for session in recovered {
                    show::recovered(&session, quiet);
                }
            }
            Err(error) => show::error_line(&format!("cannot put back an interrupted session: {error}")),
        }
    }
}

/// Refuses an environment that no pack brings in.
fn known_environments(world: &dyn World, sources: &Sources, wanted: &[String]) -> anyhow::Result<()> {
    let packs = crate::pack::load(world, sources);
    let known: Vec<&str> = packs.rules.environments.keys().map(String::as_str).collect();
    if let Some(name) = wanted.iter().find(|n| !known.contains(&n.as_str())) {
        let hint = crate::diagnostic::suggest(name, known.iter().copied());
        let hint = hint.map_or_else(
            || format!("known are {}", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        anyhow::bail!("there is no environment `{name}`; {hint}");
    }
    Ok(())
}

/// Runs the undo of a command.
///
/// # Errors
/// Why it did not work.
pub fn run_undo(argv: &[String], cwd: &Path) -> Result<(), String> {
    let captured = crate::exec::capture(
        &crate::fixer::fix_command(argv, cwd, &[]),
        &crate::exec::CaptureLimits::default(),
    )
    .map_err(|e| e.to_string())?;
    if captured.success() {
        Ok(())
    } else {
        Err(format!("ended with {}", captured.exit.shell_code()))
    }
}

/// Whether heal's own words are coloured.
#[must_use]
pub fn colored(color: Color) -> bool {
    use std::io::IsTerminal;
    let colored = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    };
    out::allow_color(colored);
    colored
}
