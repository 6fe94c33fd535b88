//! What a program may add: an audience, an answer, a check.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::error::Error;
use super::facts::{DetectedError, FixResult, FixSuggestion};
use super::session::HealingSession;
use crate::validator::Outcome;

/// Told what happens, as it happens. A method that panics does not break healing.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use heal::{DetectedError, Observer, Orchestrator};
///
/// #[derive(Default)]
/// struct Counter(AtomicUsize);
///
/// impl Observer for Counter {
///     fn error(&self, _: &DetectedError) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
/// }
///
/// let healer = Orchestrator::builder().project(folder.path()).build()?;
/// let counter = Arc::new(Counter::default());
/// healer.observe(counter.clone());
/// healer.heal("ValueError: nobody knows this one")?;
/// assert_eq!(counter.0.load(Ordering::Relaxed), 1);
/// # Ok(())
/// # }
/// ```
pub trait Observer: Send + Sync {
    /// An error was detected.
    fn error(&self, error: &DetectedError) {
        let _ = error;
    }
    /// A fix is about to be applied.
    fn applying(&self, suggestion: &FixSuggestion) {
        let _ = suggestion;
    }
    /// A fix was applied; whether it cures is not known yet, unless there is nothing to prove it by.
    fn fix(&self, fix: &FixResult) {
        let _ = fix;
    }
    /// A fix did not work and was taken back.
    fn taken_back(&self, suggestion: &FixSuggestion, why: &str) {
        let _ = (suggestion, why);
    }
    /// What failed is run again: the first repetition is attempt 2.
    fn running_again(&self, attempt: u32) {
        let _ = attempt;
    }
    /// The next run waits for so long.
    fn waiting(&self, delay: Duration) {
        let _ = delay;
    }
    /// A session has ended.
    fn complete(&self, session: &HealingSession) {
        let _ = session;
    }
    /// Healing itself could not work; the program's own error goes on as if there were no healing.
    fn trouble(&self, error: &Error) {
        let _ = error;
    }
}

/// Answers where the policy gate asks for a person's approval.
///
/// Any closure of this shape is one:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use heal::{FixSuggestion, Orchestrator};
///
/// let healer = Orchestrator::builder()
///     .project(folder.path())
///     .approver(|fix: &FixSuggestion, why: &str| fix.files.is_empty() && !why.is_empty())
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub trait Approver: Send + Sync {
    /// May this fix be applied? `why` says why it is asked.
    fn approve(&self, fix: &FixSuggestion, why: &str) -> bool;
}

impl<F: Fn(&FixSuggestion, &str) -> bool + Send + Sync> Approver for F {
    fn approve(&self, fix: &FixSuggestion, why: &str) -> bool {
        self(fix, why)
    }
}

/// A check of one's own, made after heal's; a fix that fails it is taken back.
///
/// ```
/// use std::path::PathBuf;
/// use heal::CustomValidator;
///
/// struct NoGenerated;
///
/// impl CustomValidator for NoGenerated {
///     fn name(&self) -> &str {
///         "generated code"
///     }
///     fn validate(&self, files: &[PathBuf]) -> Result<(), String> {
///         match files.iter().find(|file| file.ends_with("generated.py")) {
///             Some(file) => Err(format!("{} is generated: change its template", file.display())),
///             None => Ok(()),
///         }
///     }
/// }
/// assert!(NoGenerated.validate(&["src/generated.py".into()]).is_err());
/// ```
pub trait CustomValidator: Send + Sync {
    /// What it is called in results.
    fn name(&self) -> &str;
    /// Checks the files that a fix changed; a fix without files gives none.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    fn validate(&self, files: &[PathBuf]) -> Result<(), String>;
}

/// A check's word; one that panics has failed.
pub(super) fn verdict(check: &dyn CustomValidator, files: &[PathBuf]) -> Outcome {
    match catch_unwind(AssertUnwindSafe(|| check.validate(files))) {
        Ok(Ok(())) => Outcome::Passed,
        Ok(Err(why)) => Outcome::Failed(why),
        Err(_) => Outcome::Failed("the check panicked".to_owned()),
    }
}

/// A closure as a named check.
pub(super) struct Named<F>(pub(super) String, pub(super) F);

impl<F: Fn(&[PathBuf]) -> Result<(), String> + Send + Sync> CustomValidator for Named<F> {
    fn name(&self) -> &str {
        &self.0
    }
    fn validate(&self, files: &[PathBuf]) -> Result<(), String> {
        (self.1)(files)
    }
}

/// All who are told.
#[derive(Clone, Default)]
pub(super) struct Audience(Arc<RwLock<Vec<Arc<dyn Observer>>>>);

impl Audience {
    pub(super) fn add(&self, observer: Arc<dyn Observer>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(observer);
    }

    pub(super) fn tell(&self, say: impl Fn(&dyn Observer)) {
        // The lock is not held while they listen: one of them may bring another.
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        for observer in all {
            let _ = catch_unwind(AssertUnwindSafe(|| say(&*observer)));
        }
    }
}

/// A closure for one event.
pub(super) struct OnError<F>(pub(super) F);
impl<F: Fn(&DetectedError) + Send + Sync> Observer for OnError<F> {
    fn error(&self, error: &DetectedError) {
        (self.0)(error);
    }
}

pub(super) struct OnFix<F>(pub(super) F);
impl<F: Fn(&FixResult) + Send + Sync> Observer for OnFix<F> {
    fn fix(&self, fix: &FixResult) {
        (self.0)(fix);
    }
}

pub(super) struct OnComplete<F>(pub(super) F);
impl<F: Fn(&HealingSession) + Send + Sync> Observer for OnComplete<F> {
    fn complete(&self, session: &HealingSession) {
        (self.0)(session);
    }
}
