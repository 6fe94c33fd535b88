//! What was done lately is not done again: an error that comes back at once after its fix is not
//! cured by the same fix, and a log can repeat a line a thousand times a second.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::orchestrator::{Candidate, Diagnosis};

/// Most entries that are kept; the oldest go first.
const MOST: usize = 10_000;

/// Remembers what was applied when.
#[derive(Debug, Clone, Default)]
pub struct Limiter {
    window: i64,
    applied: BTreeMap<String, i64>,
}

impl Limiter {
    /// A limiter that knows what an earlier process applied (seconds since 1970).
    #[must_use]
    pub fn new(window: Duration, applied: BTreeMap<String, i64>) -> Self {
        Self {
            window: i64::try_from(window.as_secs()).unwrap_or(i64::MAX),
            applied,
        }
    }

    /// Why a fix must not be applied now.
    #[must_use]
    pub fn held(&self, diagnosis: &Diagnosis, candidate: &Candidate, now: i64) -> Option<String> {
        let [fix, error] = keys(diagnosis, candidate);
        let ago = |key: &String| {
            let at = *self.applied.get(key)?;
            // A clock that was set back must not hold a fix for ever.
            let ago = now.saturating_sub(at).max(0);
            (ago < self.window).then_some(ago)
        };
        if let Some(ago) = ago(&fix) {
            return Some(format!("the same fix was tried {} ago", time(ago)));
        }
        ago(&error).map(|ago| format!("another fix of this error was tried {} ago", time(ago)))
    }

    /// Notes that a fix is being applied, whatever comes of it.
    pub fn note(&mut self, diagnosis: &Diagnosis, candidate: &Candidate, now: i64) {
        for key in keys(diagnosis, candidate) {
            self.applied.insert(key, now);
        }
        let window = self.window;
        self.applied.retain(|_, at| now.saturating_sub(*at) < window);
        while self.applied.len() > MOST {
            let Some(oldest) = self.applied.iter().min_by_key(|(_, at)| **at).map(|(k, _)| k.clone()) else {
                break;
            };
            self.applied.remove(&oldest);
        }
    }

    /// What is remembered.
    #[must_use]
    pub fn applied(&self) -> &BTreeMap<String, i64> {
        &self.applied
    }
}

/// Names of a fix and of its error. What a fix does may hold secrets, so only its hash is kept.
fn keys(diagnosis: &Diagnosis, candidate: &Candidate) -> [String; 2] {
    let rule = &diagnosis.cause(candidate).rule;
    let action = &candidate.suggestion.action;
    let mut hasher = blake3::Hasher::new();
    hasher.update(action.verb().as_bytes());
    hasher.update(&[0]);
    hasher.update(action.short().as_bytes());
    let fix = hasher.finalize().to_hex();
    let error = &diagnosis.errors[candidate.error].error.fingerprint;
    [format!("fix {rule} {}", &fix[..16]), format!("error {error}")]
}

fn time(seconds: i64) -> String {
    if seconds < 90 {
        format!("{seconds} s")
    } else {
        format!("{} min", seconds / 60)
    }
}
