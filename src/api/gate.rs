//! One healing at a time in this process.
//!
//! Several threads may fail for one reason at once: the first heals, the others wait and try again. A protected
//! function that fails while it is called again as part of a session belongs to that session.

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Threads that a function starts may fail while that function is called again and waits for them: waiting for
/// ever for its session would be a deadlock.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
struct State {
    taken: bool,
    calling: bool,
    healed: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

/// Whether this code runs as part of a session: what fails in it is the session's business.
pub(super) fn inside() -> bool {
    INSIDE.get()
}

impl Gate {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many sessions have healed something so far.
    pub(super) fn healed(&self) -> u64 {
        self.state().healed
    }

    /// Waits for the session of another thread; none where that would be for ever.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Entered> {
        let mut state = self.state();
        while state.taken {
            if state.calling {
                let waited = self.changed.wait_timeout_while(state, PATIENCE, |s| s.taken);
                let (now, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                if timeout.timed_out() && now.taken {
                    return None;
                }
                state = now;
            } else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
        state.taken = true;
        INSIDE.set(true);
        drop(state);
        Some(Entered(Arc::clone(self)))
    }
}

/// A session's turn.
pub(super) struct Entered(Arc<Gate>);

impl Entered {
    /// The session's own call of what had failed.
    pub(super) fn call<T>(&self, function: impl FnOnce() -> T) -> T {
        self.set_calling(true);
        let value = function();
        self.set_calling(false);
        value
    }

    fn set_calling(&self, calling: bool) {
        self.0.state().calling = calling;
        self.0.changed.notify_all();
    }

    /// The session has healed something: whoever waits should try again first.
    pub(super) fn note_healed(&self) {
        self.0.state().healed += 1;
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        INSIDE.set(false);
        let mut state = self.0.state();
        state.taken = false;
        state.calling = false;
        drop(state);
        self.0.changed.notify_all();
    }
}
