//! Signals that reach heal while it is at work.
//!
//! A [`Watch`] keeps SIGINT, SIGTERM, SIGHUP, SIGQUIT from ending heal in the middle of something,
//! passes them (and SIGUSR1, SIGUSR2) on to the command, remembers them, and wakes the loop. The
//! passing on happens in the handler itself: the loop may be held up by a slow reader.

use std::collections::HashSet;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal};
use signal_hook_registry::SigId;

/// Signals that ask a program to end.
const ENDING: [i32; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];
/// Signals that are the command's business only.
const PASSED: [i32; 2] = [libc::SIGUSR1, libc::SIGUSR2];
/// Signals that only wake the loop.
const WAKING: [i32; 3] = [libc::SIGCHLD, libc::SIGWINCH, libc::SIGCONT];

/// How many watches there are in this process.
static WATCHES: AtomicUsize = AtomicUsize::new(0);

/// What the handler works with; everything in it is safe to use there.
struct Shared {
    writer: OwnedFd,
    /// Where signals go: a process, minus a group, or 0 for nobody.
    target: AtomicI32,
    /// Whether signals of the terminal are passed on, too: the target does not get them itself.
    apart: AtomicBool,
    /// A signal that came after the command began and before we knew its id.
    early: AtomicI32,
    /// The first ending signal since [`Watch::fresh`], and since ever.
    lately: AtomicI32,
    ever: AtomicI32,
}

impl Shared {
    fn receive(&self, signal: i32, from_terminal: bool) {
        if !from_terminal || self.apart.load(Ordering::SeqCst) {
            self.pass_on(signal);
        }
        if ENDING.contains(&signal) {
            self.remember(signal);
        }
        self.wake(signal);
    }

    fn pass_on(&self, signal: i32) {
        let target = self.target.load(Ordering::SeqCst);
        if target == 0 {
            self.early.store(signal, Ordering::SeqCst);
        }
        // Failure means that it is gone, which is what the signal was for.
        if let (Some(pid), Some(signal)) = (Pid::from_raw(target.abs()), Signal::from_named_raw(signal)) {
            let _ = if target > 0 {
                rustix::process::kill_process(pid, signal)
            } else {
                rustix::process::kill_process_group(pid, signal)
            };
        }
    }

    fn remember(&self, signal: i32) {
        for cell in [&self.lately, &self.ever] {
            let _ = cell.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
        }
    }

    fn wake(&self, signal: i32) {
        // A full pipe wakes as well.
        let _ = rustix::io::write(&self.writer, &[u8::try_from(signal).unwrap_or(0)]);
    }
}

/// What came in since the last look.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Woken {
    /// A child changed state.
    pub child: bool,
    /// The terminal has another size.
    pub resized: bool,
    /// heal was stopped and goes on.
    pub continued: bool,
    /// heal was asked to end.
    pub ending: bool,
}

/// Signals are caught for as long as this lives.
pub(super) struct Watch {
    shared: Arc<Shared>,
    reader: OwnedFd,
    actions: Vec<SigId>,
}

impl Watch {
    /// Starts catching. A signal that heal was started with as ignored (`nohup`, `cmd &` in a
    /// script) stays ignored, for heal and for the command.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = super::pipe()?;
        for end in [&reader, &writer] {
            rustix::io::ioctl_fionbio(end, true)?;
        }
        let shared = Arc::new(Shared {
            writer,
            target: AtomicI32::new(0),
            apart: AtomicBool::new(false),
            early: AtomicI32::new(0),
            lately: AtomicI32::new(0),
            ever: AtomicI32::new(0),
        });
        WATCHES.fetch_add(1, Ordering::SeqCst);
        let mut watch = Self {
            shared,
            reader,
            actions: Vec::with_capacity(9),
        };
        for signal in ENDING.into_iter().chain(PASSED) {
            if !is_ignored(signal) {
                default_when_unwatched(signal)?;
                watch.catch(signal)?;
            }
        }
        for signal in WAKING {
            watch.catch(signal)?;
        }
        Ok(watch)
    }

    #[allow(unsafe_code, reason = "the action runs inside a signal handler")]
    fn catch(&mut self, signal: i32) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let action = move |info: &libc::siginfo_t| shared.receive(signal, from_terminal(info));
        // SAFETY: `receive` uses atomics, kill and write only, all async-signal-safe; through
        // rustix, so that errno stays as it was.
        let id = unsafe { signal_hook_registry::register_sigaction(signal, action) }?;
        self.actions.push(id);
        Ok(())
    }

    /// From here on signals go to `target` (a process, minus a group). What came since [`Watch::fresh`] follows at once.
    pub fn start(&self, target: i32) {
        self.shared.target.store(target, Ordering::SeqCst);
        let early = self.shared.early.swap(0, Ordering::SeqCst);
        if early != 0 {
            self.shared.pass_on(early);
        }
    }

    /// Forgets what came lately, before a new command starts; `apart` where that will not share
    /// heal's terminal, so that not even Ctrl-C reaches it by itself.
    pub fn fresh(&self, apart: bool) {
        self.shared.apart.store(apart, Ordering::SeqCst);
        self.shared.early.store(0, Ordering::SeqCst);
        self.shared.lately.store(0, Ordering::SeqCst);
    }

    /// From here on signals go to nobody: the command is gone, its id may soon be another's.
    pub fn stop(&self) {
        self.shared.target.store(0, Ordering::SeqCst);
    }

    /// An ending signal that the user gave by another way: as a key of a terminal.
    pub fn note(&self, signal: i32) {
        self.shared.remember(signal);
    }

    /// The first ending signal since [`Watch::fresh`].
    pub fn lately(&self) -> Option<i32> {
        Some(self.shared.lately.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
    }

    /// The first ending signal since the beginning.
    pub fn ever(&self) -> Option<i32> {
        Some(self.shared.ever.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
    }

    /// Takes what woke the loop.
    pub fn take(&self) -> Woken {
        let mut woken = Woken::default();
        let mut bytes = [0u8; 64];
        while let Ok(count @ 1..) = rustix::io::read(&self.reader, &mut bytes) {
            for byte in bytes.iter().take(count) {
                match i32::from(*byte) {
                    libc::SIGCHLD => woken.child = true,
                    libc::SIGWINCH => woken.resized = true,
                    libc::SIGCONT => woken.continued = true,
                    signal => woken.ending |= ENDING.contains(&signal),
                }
            }
        }
        woken
    }
}

impl AsFd for Watch {
    /// Readable when something came.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for id in self.actions.drain(..) {
            signal_hook_registry::unregister(id);
        }
        WATCHES.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether the kernel sent it on the terminal's behalf, to everybody in the foreground.
fn from_terminal(info: &libc::siginfo_t) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // SI_USER, SI_QUEUE, SI_TKILL are zero or below; the pid is no help: a sender outside
        // our pid namespace has none.
        info.si_code > 0
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        info.si_pid == 0
    }
}

#[allow(unsafe_code, reason = "no safe wrapper tells a signal's disposition")]
fn disposition(signal: i32) -> libc::sighandler_t {
    let mut old = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: a null new action only asks; all-zero is a valid `sigaction` should it fail.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), old.as_mut_ptr());
        old.assume_init().sa_sigaction
    }
}

fn is_ignored(signal: i32) -> bool {
    disposition(signal) == libc::SIG_IGN
}

/// The registry leaves its handler in place for ever, which would make a program that once used
/// heal deaf to Ctrl-C. So once per signal: when nobody watches, do what was done before.
#[allow(unsafe_code, reason = "the action runs inside a signal handler")]
fn default_when_unwatched(signal: i32) -> io::Result<()> {
    static KNOWN: Mutex<Option<HashSet<i32>>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_with(HashSet::new);
    if !known.insert(signal) || disposition(signal) != libc::SIG_DFL {
        return Ok(());
    }
    let action = move || {
        if WATCHES.load(Ordering::SeqCst) == 0 {
            // Does not come back for a signal whose default is to end the process.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    };
    // SAFETY: an atomic load, and a function that is documented as async-signal-safe.
    unsafe { signal_hook_registry::register(signal, action) }.map(drop)
}
