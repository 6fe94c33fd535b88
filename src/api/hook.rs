//! The global hook: panics that nobody catches.

use std::cell::Cell;
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::Failure;
use super::gate;
use super::orchestrator::Orchestrator;

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync + 'static>;

thread_local! {
    /// A panic of healing itself must not be healed.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// An installed panic hook. It stays when this value is dropped; [`remove`](Self::remove) takes it out.
#[derive(Debug)]
pub struct PanicHook {
    on: Arc<AtomicBool>,
    earlier: Arc<EarlierHook>,
    address: usize,
}

struct EarlierHook(Hook);

impl std::fmt::Debug for EarlierHook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EarlierHook")
    }
}

fn address(hook: &Hook) -> usize {
    std::ptr::from_ref(&**hook).cast::<()>() as usize
}

impl PanicHook {
    /// Takes the hook out: the earlier one is back. Where another hook was installed after it, that one stays and
    /// this one only goes quiet.
    pub fn remove(self) {
        self.on.store(false, Ordering::Relaxed);
        let current = panic::take_hook();
        if address(&current) == self.address {
            let earlier = Arc::clone(&self.earlier);
            panic::set_hook(Box::new(move |info| (earlier.0)(info)));
        } else {
            panic::set_hook(current);
        }
    }
}

fn message(info: &PanicHookInfo<'_>) -> String {
    let thread = std::thread::current();
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let said = info.payload_as_str().unwrap_or("Box<dyn Any>");
    format!(
        "thread '{}' panicked at {place}:\n{said}",
        thread.name().unwrap_or("<unnamed>")
    )
}

impl Orchestrator {
    /// Heals from panics of all threads before the hook that was there says what it says. A panic goes on as it
    /// would: its work cannot be done again from here, so fixes are applied and not proven.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// static SEEN: AtomicUsize = AtomicUsize::new(0);
    ///
    /// let healer = heal::Orchestrator::builder().project(folder.path()).build()?;
    /// healer.on_error(|_| {
    ///     SEEN.fetch_add(1, Ordering::Relaxed);
    /// });
    /// let hook = healer.install_global_hook();
    /// let _ = std::thread::spawn(|| panic!("the disk went away")).join();
    /// assert_eq!(SEEN.load(Ordering::Relaxed), 1);
    ///
    /// hook.remove();
    /// let _ = std::thread::spawn(|| panic!("once more")).join();
    /// assert_eq!(SEEN.load(Ordering::Relaxed), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn install_global_hook(&self) -> PanicHook {
        let on = Arc::new(AtomicBool::new(true));
        let earlier = Arc::new(EarlierHook(panic::take_hook()));
        let healer = self.clone();
        let (still, next) = (Arc::clone(&on), Arc::clone(&earlier));
        let hook: Hook = Box::new(move |info| {
            if still.load(Ordering::Relaxed) && healer.is_on() && !gate::inside() && !BUSY.replace(true) {
                let failure = Failure::new(message(info)).exit_code(101);
                // A panic inside a panic hook would end the program; in a thread of its own it does not.
                let work = || {
                    BUSY.set(true);
                    if let Err(trouble) = healer.heal(failure) {
                        healer.audience.tell(|observer| observer.trouble(&trouble));
                    }
                };
                let _ = std::thread::scope(|scope| scope.spawn(work).join());
                BUSY.set(false);
            }
            (next.0)(info);
        });
        let address = address(&hook);
        panic::set_hook(hook);
        PanicHook { on, earlier, address }
    }
}
