//! Protected functions: what is called again, and how.
//!
//! An error that is not healed comes out as it went in: the first one, unchanged.

use std::any::Any;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::failure::Failure;
use super::orchestrator::Orchestrator;
use super::session::HealingSession;
use super::subject::{Called, Rerun};

/// A function that is called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Again<'a> {
    /// The attempt that this is; the failure before the first fix was attempt 1.
    pub attempt: u32,
    /// Variables that fixes set for this run only: a child process can take them, this one not.
    pub variables: &'a [(String, String)],
}

/// A block's own result, and what healing made of its failure.
#[derive(Debug)]
#[non_exhaustive]
pub struct Healed<T, E> {
    /// What the block gave.
    pub result: Result<T, E>,
    /// The session about its failure; none where it did not fail.
    pub session: Option<HealingSession>,
}

/// Calls a function as part of a session; its value goes to `keep`.
pub(super) fn call<T, E>(
    function: impl FnOnce() -> Result<T, E>,
    describe: impl FnOnce(&E) -> Failure,
    keep: impl FnOnce(T),
) -> Called {
    match catch_unwind(AssertUnwindSafe(function)) {
        Ok(Ok(value)) => {
            keep(value);
            Called::Fine
        }
        Ok(Err(error)) => Called::Failed(describe(&error)),
        Err(payload) => Called::Panicked(payload),
    }
}

fn in_words<E: Display + Any>(error: &E) -> Failure {
    let any: &dyn Any = error;
    if let Some(failure) = any.downcast_ref::<Failure>() {
        // It knows more than its words: the command, the folder.
        return failure.clone();
    }
    // The alternate form is where error types with a chain show all of it.
    Failure::new(format!("{error:#}"))
}

impl Orchestrator {
    /// Calls a function; where it fails, heals and calls it again. What cannot be healed is the function's own first
    /// error, unchanged. The rules read the error's words (a [`Failure`] knows more); of an error type with sources
    /// [`protect_with`](Self::protect_with) and [`Failure::from_error`] give all of them.
    ///
    /// The function is called again as a whole: protect what may be repeated.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let root = folder.path().to_path_buf();
    /// # std::fs::write(root.join("job.sh"), "if true; then\n  echo ready\n")?;
    /// use heal::Orchestrator;
    /// use heal::environment::Bash;
    ///
    /// let healer = Orchestrator::builder().project(&root).build()?;
    /// let bash = Bash::new(&root);
    /// // `job.sh` lacks its `fi`; `checked` makes an error of what it printed.
    /// let output = healer.protect(|| -> Result<String, heal::Failure> {
    ///     Ok(bash.run_script("job.sh", &[])?.checked()?.stdout)
    /// })?;
    /// assert_eq!(output, "ready\n");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The function's own.
    pub fn protect<T, E, F>(&self, function: F) -> Result<T, E>
    where
        T: 'static,
        E: Display + Any,
        F: FnMut() -> Result<T, E>,
    {
        self.protect_with(function, in_words)
    }

    /// As [`protect`](Self::protect), with words for the rules of one's own: what a tool printed, its command, its
    /// environment.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use heal::{Failure, Orchestrator};
    ///
    /// let healer = Orchestrator::builder().project(folder.path()).build()?;
    /// let read = || std::fs::read_to_string("no/such/file");
    /// let error = healer.protect_with(read, |error| Failure::from_error(error)).unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The function's own.
    pub fn protect_with<T, E, F, D>(&self, mut function: F, describe: D) -> Result<T, E>
    where
        T: 'static,
        F: FnMut() -> Result<T, E>,
        D: Fn(&E) -> Failure,
    {
        let generation = self.gate.healed();
        let first = match function() {
            Ok(value) => return Ok(self.looked_at(value)),
            Err(error) => error,
        };
        if !self.is_on() {
            return Err(first);
        }
        let mut value = None;
        let mut again = |again: &Again<'_>| {
            if !again.variables.is_empty() {
                return Called::Impossible(
                    "the fix sets variables, which a running program cannot take over".to_owned(),
                );
            }
            call(&mut function, &describe, |got| value = Some(got))
        };
        match self.session(describe(&first), Rerun::Call(&mut again), Some(generation)) {
            Ok(session) if session.success() => value.map(|value| self.looked_at(value)).ok_or(first),
            Ok(_) => Err(first),
            // heal's own trouble must not stand in the way of the program's.
            Err(trouble) => {
                self.audience.tell(|observer| observer.trouble(&trouble));
                Err(first)
            }
        }
    }

    /// Calls a function once; where it fails, heals without calling it again, and says so: the session ends with
    /// `Applied` at best, and [`HealingSession::retry`] makes the proof.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// let healed = healer.healing_context(|| "x".parse::<u32>());
    /// assert!(healed.result.is_err());
    /// assert!(healed.session.is_some_and(|session| !session.success()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn healing_context<T, E, F>(&self, function: F) -> Healed<T, E>
    where
        E: Display + Any,
        F: FnOnce() -> Result<T, E>,
    {
        let result = function();
        let failure = match &result {
            Err(error) if self.is_on() => in_words(error),
            _ => return Healed { result, session: None },
        };
        match self.heal(failure) {
            Ok(session) => Healed {
                result,
                session: Some(session),
            },
            Err(trouble) => {
                self.audience.tell(|observer| observer.trouble(&trouble));
                Healed { result, session: None }
            }
        }
    }

    /// Shows a value to the detector's validators; what they say is recorded and told, the value goes on.
    fn looked_at<T: Any>(&self, value: T) -> T {
        if let Some(error) = self.detector().check(&value) {
            self.audience.tell(|observer| observer.error(&error));
        }
        value
    }
}
