//! The orchestrator: heals what failed, and tells who wants to know.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::analyzer::Analyzer;
use super::builder::{OrchestratorBuilder, Stop};
use super::callbacks::{Approver, Audience, Observer, OnComplete, OnError, OnFix};
use super::core::Core;
use super::detector::Detector;
use super::error::Error;
use super::facts::{DetectedError, FixResult, FixSuggestion};
use super::failure::Failure;
use super::fixer::Fixer;
use super::gate::{self, Entered, Gate};
use super::protect::{Again, call};
use super::session::{HealingSession, PutBack};
use super::subject::{Called, Known, Rerun};
use super::teller::{Asker, Teller};
use super::validator::Validator;
use crate::changelog::{Changelog, Statistics};
use crate::config::SelfHealingConfig;
use crate::environment::EnvironmentType;
use crate::orchestrator::{self, FinalResult, Options};
use crate::pack::RuleSet;

/// Coordinates healing: detects, analyses, fixes, proves, records.
///
/// Cheap to clone: clones share everything, callbacks too. It can be used from several threads; sessions of one
/// orchestrator come one after another, those of several programs in one project too.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use heal::Orchestrator;
///
/// let healer = Orchestrator::builder().project(folder.path()).build()?;
/// let rows = healer.protect(|| "3".parse::<u32>())?;
/// assert_eq!(rows, 3);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Orchestrator {
    pub(super) core: Core,
    pub(super) audience: Audience,
    pub(super) gate: Arc<Gate>,
    approver: Option<Arc<dyn Approver>>,
    stop: Option<Stop>,
    detector: Detector,
    analyzer: Analyzer,
    fixer: Fixer,
    validator: Validator,
}

impl std::fmt::Debug for Orchestrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Orchestrator")
            .field("core", &self.core)
            .finish_non_exhaustive()
    }
}

impl Orchestrator {
    /// An orchestrator with the settings that the command `heal` would use here.
    ///
    /// # Errors
    /// A setting or a rule pack is not right.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// An orchestrator with settings of one's own.
    pub fn builder() -> OrchestratorBuilder {
        OrchestratorBuilder::default()
    }

    pub(super) fn new_from(
        core: Core,
        audience: Audience,
        approver: Option<Arc<dyn Approver>>,
        stop: Option<Stop>,
    ) -> Self {
        Self {
            detector: Detector::from_core(core.clone()),
            analyzer: Analyzer::from_core(core.clone()),
            fixer: Fixer::from_core(core.clone()),
            validator: Validator::from_core(core.clone()),
            core,
            audience,
            gate: Arc::default(),
            approver,
            stop,
        }
    }

    /// The part that finds errors.
    #[must_use]
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// The part that finds causes.
    #[must_use]
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    /// The part that applies fixes.
    #[must_use]
    pub fn fixer(&self) -> &Fixer {
        &self.fixer
    }

    /// The part that checks fixes.
    #[must_use]
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// The settings in force.
    #[must_use]
    pub fn config(&self) -> &SelfHealingConfig {
        &self.core.engine.setup.config
    }

    /// The project's root.
    #[must_use]
    pub fn project(&self) -> &Path {
        self.core.root()
    }

    /// The folder for changelog, backups and sessions.
    #[must_use]
    pub fn log_directory(&self) -> &Path {
        &self.core.engine.setup.log_dir
    }

    /// The rules in force.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        self.core.engine.rules()
    }

    /// Heals something that failed. Where its command is known it is run again as proof; otherwise fixes are
    /// applied and the session ends with [`FinalResult::Applied`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use heal::environment::Bash;
    /// use heal::{FinalResult, Orchestrator};
    ///
    /// # std::fs::write(folder.path().join("job.sh"), "#!/bin/bash\nif true; then\n  echo ready\n")?;
    /// let healer = Orchestrator::builder().project(folder.path()).build()?;
    /// let bash = Bash::new(folder.path());
    /// let ran = bash.run_script("job.sh", &[])?;
    /// assert!(!ran.success()); // its `fi` is missing
    ///
    /// let session = healer.heal(&ran)?;
    /// assert_eq!(session.final_result, FinalResult::Success);
    /// assert!(bash.run_script("job.sh", &[])?.success());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Healing itself could not work. That nothing cured the failure is no error but a session's result.
    pub fn heal(&self, failure: impl Into<Failure>) -> Result<HealingSession, Error> {
        let failure = failure.into();
        let rerun = if failure.rerun && !failure.command.is_empty() {
            Rerun::Command
        } else {
            Rerun::Never
        };
        self.session(failure, rerun, None)
    }

    /// Heals something that failed, with a function that does it again as proof. What a fix sets for the next run
    /// only is in [`Again::variables`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use heal::{Failure, Orchestrator};
    ///
    /// let healer = Orchestrator::builder().project(folder.path()).build()?;
    /// let mut calls = 0;
    /// let session = healer.heal_with("ValueError: nobody knows this one", |again| {
    ///     calls += 1;
    ///     assert!(again.attempt >= 2);
    ///     Err(Failure::new("ValueError: nobody knows this one"))
    /// })?;
    /// assert!(!session.success());
    /// assert_eq!(calls, 0); // nothing could be done, so nothing was tried
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`heal`](Self::heal).
    pub fn heal_with<F>(&self, failure: impl Into<Failure>, mut rerun: F) -> Result<HealingSession, Error>
    where
        F: FnMut(&Again<'_>) -> Result<(), Failure>,
    {
        let mut function = |again: &Again<'_>| call(|| rerun(again), Failure::clone, drop);
        self.session(failure.into(), Rerun::Call(&mut function), None)
    }

    /// Heals from what a tool printed. Where `output` came from a command that is known, say so with
    /// [`Failure::command`] and [`heal`](Self::heal).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use heal::{EnvironmentType, Orchestrator};
    ///
    /// let healer = Orchestrator::builder().project(folder.path()).build()?;
    /// let session = healer.heal_from_output(
    ///     "bash: line 1: no-such-tool-here: command not found",
    ///     EnvironmentType::BASH,
    ///     127,
    /// )?;
    /// assert_eq!(session.error().and_then(|e| e.rule_id.as_deref()), Some("bash/command-not-found"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`heal`](Self::heal).
    pub fn heal_from_output(
        &self,
        output: &str,
        environment: impl Into<EnvironmentType>,
        exit_code: i32,
    ) -> Result<HealingSession, Error> {
        self.heal(Failure::new(output).environment(environment).exit_code(exit_code))
    }

    /// Runs a command and heals it where it fails; what its last run printed is in [`HealingSession::output`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// let session = healer.run(["sh", "-c", "echo fine"])?;
    /// assert_eq!((session.exit_code, session.output.as_deref()), (0, Some("fine\n")));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// It cannot be started, or healing itself could not work.
    pub fn run<S: Into<String>>(&self, argv: impl IntoIterator<Item = S>) -> Result<HealingSession, Error> {
        let argv: Vec<String> = argv.into_iter().map(Into::into).collect();
        self.command(argv, self.core.engine.setup.world.cwd())
    }

    /// Runs a script by its environment's program, in its own project's folder, and heals it where it fails.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// let script = folder.path().join("job.sh");
    /// std::fs::write(&script, "if true; then\n  echo ready\n")?; // its `fi` is missing
    /// let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// let session = healer.run_script(&script)?;
    /// assert!(session.success());
    /// assert_eq!(session.output.as_deref(), Some("ready\n"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// There is no such file, no environment knows how to run it, or healing itself could not work.
    pub fn run_script(&self, script: impl AsRef<Path>) -> Result<HealingSession, Error> {
        let world = &self.core.engine.setup.world;
        let path = world.absolute(script.as_ref());
        if let Err(source) = world.stat(&path) {
            return Err(Error::Unreadable { path, source });
        }
        let environment = crate::validator::environment_of(self.rules(), &path);
        let program = environment.and_then(|e| self.core.program(&e.program, &e.commands));
        let Some(program) = program else {
            let why = format!("no environment knows how to run {}", path.display());
            return Err(Error::NotRunnable(why));
        };
        self.command(vec![program, path.to_string_lossy().into_owned()], world.cwd())
    }

    fn command(&self, argv: Vec<String>, cwd: PathBuf) -> Result<HealingSession, Error> {
        if argv.is_empty() {
            return Err(Error::NotRunnable("there is no command".to_owned()));
        }
        let known = Known::new(&self.core, argv, cwd, Rerun::Command);
        self.heal_known(known)
    }

    /// Fixes that would be tried for an error, in that order. Nothing is changed.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let python = folder.path().join("report.py");
    /// # std::fs::write(&python, "import yaml\n")?;
    /// # std::fs::write(folder.path().join("requirements.txt"), "PyYAML\n")?;
    /// use heal::{DetectedError, EnvironmentType, ErrorType, Orchestrator};
    ///
    /// let healer = Orchestrator::builder().project(folder.path()).build()?;
    /// let error = DetectedError::new(
    ///     ErrorType::Dependency,
    ///     EnvironmentType::PYTHON,
    ///     "ModuleNotFoundError: No module named 'yaml'",
    /// );
    /// for preview in healer.preview_fix(&error) {
    ///     println!("Suggested: {}", preview.description);
    ///     println!("Reasoning: {}", preview.reasoning);
    ///     println!("Confidence: {}", preview.confidence);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn preview_fix(&self, error: impl Into<Failure>) -> Vec<FixSuggestion> {
        self.analyzer.analyze(error).suggestions
    }

    /// The figures of the changelog.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn statistics(&self) -> Result<Statistics, Error> {
        Ok(self.changelog().read()?.statistics())
    }

    /// The changelog: [`read`](Changelog::read) gives its incidents.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// healer.heal("ValueError: nobody knows this one")?;
    /// let changelog = healer.changelog().read()?;
    /// let detected = changelog.incidents.iter().filter(|i| i.event_type == heal::EventType::ErrorDetected);
    /// assert_eq!(detected.count(), 1);
    /// assert_eq!(healer.statistics()?.manual_interventions, 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn changelog(&self) -> Changelog {
        self.core.changelog()
    }

    /// Takes a session back, byte for byte, as `heal undo` does.
    ///
    /// # Errors
    /// There is nothing to take back, or somebody has worked on the files since; nothing has changed then.
    pub fn undo(&self, session_id: &str) -> Result<PutBack, Error> {
        self.core.undo(session_id)
    }

    /// Calls a function with every error that is detected.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// healer.on_error(|error| println!("Error detected: {}", error.message));
    /// healer.on_fix(|fix| println!("Fix applied: {}", fix.description));
    /// healer.on_complete(|session| println!("Healing complete: {:?}", session.final_result));
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_error(&self, callback: impl Fn(&DetectedError) + Send + Sync + 'static) {
        self.observe(Arc::new(OnError(callback)));
    }

    /// Calls a function with every fix that was applied.
    pub fn on_fix(&self, callback: impl Fn(&FixResult) + Send + Sync + 'static) {
        self.observe(Arc::new(OnFix(callback)));
    }

    /// Calls a function with every session that has ended.
    pub fn on_complete(&self, callback: impl Fn(&HealingSession) + Send + Sync + 'static) {
        self.observe(Arc::new(OnComplete(callback)));
    }

    /// Tells somebody everything that happens.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        self.audience.add(observer);
    }

    pub(super) fn is_on(&self) -> bool {
        self.config().enabled && !gate::inside()
    }

    pub(super) fn session(
        &self,
        failure: Failure,
        rerun: Rerun<'_>,
        since: Option<u64>,
    ) -> Result<HealingSession, Error> {
        let mut known = Known::new(&self.core, self.core.argv(&failure), failure.cwd(), rerun);
        known.first = Some(failure);
        known.since = since;
        self.heal_known(known)
    }

    fn heal_known<'a>(&'a self, mut known: Known<'a, '_>) -> Result<HealingSession, Error> {
        if !self.config().enabled {
            return Ok(HealingSession::none(&self.core, Some("healing is switched off")));
        }
        let Some(turn) = self.gate.enter() else {
            let why = "another session of this program waits for this one";
            return Ok(HealingSession::none(&self.core, Some(why)));
        };
        if let (Some(since), Rerun::Call(function)) = (known.since, &mut known.rerun)
            && self.gate.healed() != since
        {
            // Another thread has healed something meanwhile: perhaps that was it.
            let again = Again {
                attempt: 2,
                variables: &[],
            };
            match turn.call(|| function(&again)) {
                Called::Fine => {
                    let mut session = HealingSession::none(&self.core, None);
                    session.final_result = FinalResult::Success;
                    session.attempts = 2;
                    return Ok(session);
                }
                Called::Failed(failure) => known.first = Some(failure),
                Called::Panicked(payload) => {
                    drop(turn);
                    std::panic::resume_unwind(payload);
                }
                Called::Impossible(_) => {}
            }
        }
        let failure = known.first.clone();
        let failure = failure.as_ref();
        let recovered = self.core.recover();
        known.stop = self.stop.as_deref();
        let options = Options {
            policy: self.core.policy(self.approver.is_some()),
            no_rerun: matches!(known.rerun, Rerun::Never),
            wait: true,
        };
        let mut teller = Teller {
            core: &self.core,
            audience: &self.audience,
            failure,
            current: None,
        };
        let mut asker = Asker {
            core: &self.core,
            approver: self.approver.as_deref(),
        };
        known.turn = Some(turn);
        let session = orchestrator::heal(&mut known, options, &mut teller, &mut asker)?;
        if session.final_result == FinalResult::Applied {
            teller.applied();
        }
        let mut session = HealingSession::of(&self.core, session, failure);
        session.output = known.output.take();
        let panic = known.panic.take();
        session.recovered = recovered;
        let turn = known.turn.take();
        if session.success() || session.final_result == FinalResult::Applied {
            turn.iter().for_each(Entered::note_healed);
        }
        drop(turn);
        self.audience.tell(|observer| observer.complete(&session));
        if let Some(panic) = panic {
            // Everything is as it was before: so is the panic.
            std::panic::resume_unwind(panic);
        }
        Ok(session)
    }
}
