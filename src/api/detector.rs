//! The detector as a part of its own.

use std::any::Any;
use std::fmt::Display;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::builder::OrchestratorBuilder;
use super::core::Core;
use super::error::Error;
use super::facts::DetectedError;
use super::failure::Failure;
use crate::config::SelfHealingConfig;
use crate::detector::Frame;
use crate::environment::EnvironmentType;
use crate::exec;
use crate::pack::model::{CaptureType, ErrorType};
use crate::template::{Value, Vars};
use crate::validator;

type Check = Arc<dyn Fn(&dyn Any) -> Option<String> + Send + Sync>;

/// Finds and classifies errors by the rules of the packs. It changes nothing.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
/// use heal::{EnvironmentType, ErrorType};
///
/// let detector = healer.detector();
/// let output = "bash: line 1: jqq: command not found\n";
/// let error = detector.detect_from_output(output, EnvironmentType::BASH, Some(127)).expect("it failed");
/// assert_eq!(error.error_type, ErrorType::Command);
/// assert!(detector.detect_from_output(output, EnvironmentType::BASH, Some(0)).is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Detector {
    core: Core,
    checks: Arc<RwLock<Vec<Check>>>,
    errors: Arc<Mutex<Vec<DetectedError>>>,
}

impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detector")
            .field("core", &self.core)
            .finish_non_exhaustive()
    }
}

impl Detector {
    /// A detector with these settings.
    ///
    /// # Errors
    /// A setting or a rule pack is not right.
    pub fn new(config: SelfHealingConfig) -> Result<Self, Error> {
        Ok(OrchestratorBuilder::default()
            .config(config)
            .build()?
            .detector()
            .clone())
    }

    pub(super) fn from_core(core: Core) -> Self {
        Self {
            core,
            checks: Arc::default(),
            errors: Arc::default(),
        }
    }

    /// Every error of a failure, best explanation first; never none.
    #[must_use]
    pub fn detect(&self, failure: impl Into<Failure>) -> Vec<DetectedError> {
        let failure = failure.into();
        let diagnosis = self.core.diagnose(&failure, false);
        self.core.errors(&diagnosis, Some(&failure))
    }

    /// The error that an error of Rust's is, its sources read too.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// let io = std::fs::read("no/such/file").unwrap_err();
    /// let error = healer.detector().detect_from_error(&io);
    /// assert!(error.message.starts_with("No such file or directory"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn detect_from_error(&self, error: &dyn std::error::Error) -> DetectedError {
        self.best(Failure::from_error(error))
    }

    /// The error that made a tool fail, from what it printed. None where it did not fail (exit code 0), or where
    /// the exit code is not known and no rule knows anything in the output.
    #[must_use]
    pub fn detect_from_output(
        &self,
        output: &str,
        environment: impl Into<EnvironmentType>,
        exit_code: Option<i32>,
    ) -> Option<DetectedError> {
        if exit_code == Some(0) {
            return None;
        }
        let failure = Failure::new(output)
            .environment(environment)
            .exit_code(exit_code.unwrap_or(1));
        let error = self.best(failure);
        (exit_code.is_some() || error.rule_id.is_some()).then_some(error)
    }

    fn best(&self, failure: Failure) -> DetectedError {
        let first = self.detect(failure.clone()).into_iter().next();
        first.unwrap_or_else(|| {
            let environment = failure.environment.clone().unwrap_or_else(|| "unknown".into());
            DetectedError::new(ErrorType::Unknown, environment, failure.text.trim_end())
        })
    }

    /// What keeps a source file from being parsed in its environment's language; none where nothing does. The
    /// environment goes by the file's name where none is given.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// let file = folder.path().join("a.py");
    /// std::fs::write(&file, "x = 1\ny = (2\n")?;
    /// let error = healer.detector().validate_file_syntax(&file, None)?.expect("it is wrong");
    /// assert_eq!((error.error_type, error.line_number), (heal::ErrorType::Syntax, Some(2)));
    /// std::fs::write(&file, "x = 1\n")?;
    /// assert!(healer.detector().validate_file_syntax(&file, None)?.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn validate_file_syntax(
        &self,
        file: impl AsRef<Path>,
        environment: Option<EnvironmentType>,
    ) -> Result<Option<DetectedError>, Error> {
        let world = &self.core.engine.setup.world;
        let path = world.absolute(file.as_ref());
        let content = world.read(&path).map_err(|source| Error::Unreadable {
            path: path.clone(),
            source,
        })?;
        self.syntax(&path, &path, &content, environment)
    }

    /// The same for source that is in no file; `name` stands for one, its ending says the language.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// let detector = healer.detector();
    /// let error = detector.validate_syntax("if x\n    pass\n", "a.py")?.expect("it is wrong");
    /// assert_eq!(error.line_number, Some(1));
    /// assert!(detector.validate_syntax("if x:\n    pass\n", "a.py")?.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A check of the environment's own cannot be made.
    pub fn validate_syntax(
        &self,
        code: impl AsRef<[u8]>,
        name: impl AsRef<Path>,
    ) -> Result<Option<DetectedError>, Error> {
        let (code, name) = (code.as_ref(), name.as_ref());
        // An environment without a parser here is asked itself, and its tools want a file.
        let unwritable = |source| Error::Unreadable {
            path: name.to_path_buf(),
            source,
        };
        let folder = tempfile::tempdir().map_err(unwritable)?;
        let file = folder.path().join(name.file_name().unwrap_or(name.as_os_str()));
        std::fs::write(&file, code).map_err(unwritable)?;
        self.syntax(name, &file, code, None)
    }

    fn syntax(
        &self,
        name: &Path,
        file: &Path,
        content: &[u8],
        wanted: Option<EnvironmentType>,
    ) -> Result<Option<DetectedError>, Error> {
        let engine = &self.core.engine;
        let environments = &engine.rules().environments;
        let environment = match &wanted {
            Some(kind) => environments.get(kind.name()).map(|e| &**e),
            None => validator::environment_of(engine.rules(), name),
        };
        let Some(environment) = environment else {
            return Ok(None);
        };
        if let Some(language) = environment.checks.language {
            return Ok(crate::language::parses(language, content, None).err().map(|fault| {
                let mut error = DetectedError::new(ErrorType::Syntax, environment.name.as_str(), fault.message);
                error.file_path = Some(name.to_path_buf());
                error.line_number = Some(fault.line).filter(|line| *line > 0);
                error.column = Some(fault.column).filter(|column| *column > 0);
                error
            }));
        }
        let setup = &engine.setup;
        let mut vars = Vars::default();
        let path = |text: &str| Value::typed(text, CaptureType::Path);
        vars.set("file", path(&file.to_string_lossy()));
        if let Some(program) = self.core.program(&environment.program, &environment.commands) {
            vars.set(&format!("ctx.{}", environment.name), path(&program));
        }
        let argv = environment.checks.syntax.iter().find_map(|words| {
            let argv = words.iter().map(|word| engine.renderer.text(word, &vars).ok());
            let argv: Vec<String> = argv.collect::<Option<_>>()?;
            setup.world.which(argv.first()?).map(|_| argv)
        });
        let Some(argv) = argv else { return Ok(None) };
        let command = exec::Command::new(&argv).in_folder(&setup.root);
        let captured = exec::capture(&command, &exec::CaptureLimits::default())
            .map_err(|error| Error::NotRunnable(error.to_string()))?;
        if captured.success() {
            return Ok(None);
        }
        let said = [captured.stdout.as_slice(), captured.stderr.as_slice()].concat();
        let failure = Failure::new(String::from_utf8_lossy(&said))
            .command(argv)
            .environment(environment.name.as_str())
            .folder(&setup.root)
            .exit_code(captured.exit.shell_code());
        let diagnosis = self.core.diagnose(&failure, false);
        let mut error = diagnosis.primary().map_or_else(
            || DetectedError::new(ErrorType::Syntax, environment.name.as_str(), failure.text.trim_end()),
            |analysis| self.core.error(analysis, Some(&failure)),
        );
        error.error_type = ErrorType::Syntax;
        if error.line_number.is_none() {
            // A file outside the project is not one that the error would be told of.
            let frames = diagnosis.primary().map(|analysis| analysis.error.frames.as_slice());
            let own = |frame: &&Frame| setup.root.join(&frame.file) == file;
            let frame = frames.unwrap_or_default().iter().rfind(own);
            (error.line_number, error.column) = frame.map_or((None, None), |frame| (frame.line, frame.column));
        }
        if error.file_path.as_deref().is_none_or(|found| found == file) {
            error.file_path = Some(name.to_path_buf());
        }
        Ok(Some(error))
    }

    /// The type of the error that a message tells of.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// use heal::{EnvironmentType, ErrorType};
    /// let message = "ModuleNotFoundError: No module named 'requests'";
    /// let kind = healer.detector().classify_error(message, EnvironmentType::PYTHON);
    /// assert_eq!(kind, ErrorType::Dependency);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn classify_error(&self, message: &str, environment: impl Into<EnvironmentType>) -> ErrorType {
        self.best(Failure::new(message).environment(environment)).error_type
    }

    /// Adds a check of the values of one type that protected functions return. A wrong value is a logic error: it is
    /// recorded in [`errors`](Self::errors), told, and left to a person.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// healer.detector().register_validator(|total: &f64| match total.is_finite() {
    ///     true => Ok(()),
    ///     false => Err("the total is no number".to_owned()),
    /// });
    /// let total = healer.protect(|| Ok::<f64, String>(f64::NAN))?;
    /// assert!(total.is_nan());
    /// let errors = healer.detector().errors();
    /// assert_eq!(errors[0].error_type, heal::ErrorType::Logic);
    /// assert_eq!(errors[0].message, "f64: the total is no number");
    /// # Ok(())
    /// # }
    /// ```
    pub fn register_validator<T: Any>(&self, check: impl Fn(&T) -> Result<(), String> + Send + Sync + 'static) {
        let check: Check = Arc::new(move |value| {
            let value = value.downcast_ref::<T>()?;
            check(value)
                .err()
                .map(|why| format!("{}: {why}", std::any::type_name::<T>()))
        });
        self.checks.write().unwrap_or_else(PoisonError::into_inner).push(check);
    }

    /// What the registered validators say against a value.
    pub fn check(&self, value: &dyn Any) -> Option<DetectedError> {
        let checks = self.checks.read().unwrap_or_else(PoisonError::into_inner).clone();
        let why = checks.iter().find_map(|check| {
            let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(value)));
            asked.unwrap_or_else(|_| Some("a validator panicked".to_owned()))
        })?;
        let mut error = DetectedError::new(ErrorType::Logic, "unknown", why);
        error.environment = None;
        self.record(error.clone());
        Some(error)
    }

    /// Calls a function; its error is recorded in [`errors`](Self::errors) and goes on unchanged.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// let detector = healer.detector();
    /// assert!(detector.catch_errors(|| "x".parse::<u8>()).is_err());
    /// assert_eq!(detector.errors()[0].message, "invalid digit found in string");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The function's own.
    pub fn catch_errors<T: Any, E: Display>(&self, function: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let result = function();
        match &result {
            Ok(value) => drop(self.check(value)),
            Err(error) => self.record(self.best(Failure::new(format!("{error:#}")))),
        }
        result
    }

    /// Errors that [`catch_errors`](Self::catch_errors) and the validators saw, oldest first.
    #[must_use]
    pub fn errors(&self) -> Vec<DetectedError> {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn record(&self, error: DetectedError) {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).push(error);
    }
}
