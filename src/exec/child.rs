//! The loop around a running command: one thread, one `poll`.
//!
//! Knows descriptors and process ids. Where bytes go is the caller's business.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use super::display::Display;
use super::pty::Terminal;
use super::signals::{Watch, Woken};
use super::stdin::Feed;

/// How long a stream that outlives its command must be silent before heal lets go of it.
pub const SETTLE: Duration = Duration::from_millis(250);
/// How long heal reads such a stream at most.
pub const SETTLE_MAX: Duration = Duration::from_secs(3);
/// What is read at once: as much as a reader's pipe takes at once.
const READ: usize = 64 * 1024;
/// Between the polite and the final end of a command whose time is up.
const KILL_AFTER: Duration = Duration::from_secs(2);

/// How often to look again where no event tells.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Which stream of the command. Both on one terminal are `Stdout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StreamKind {
    /// Standard output, or the command's terminal.
    Stdout,
    /// Standard error, where it is a stream of its own.
    Stderr,
}

/// How a command ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exit {
    /// Its exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// The first SIGINT, SIGTERM, SIGHUP or SIGQUIT that heal got meanwhile, by `kill` or by a
    /// key. The command may have ended for that reason whatever its code says (some tools give 1,
    /// others 99): what it printed is then no error to heal.
    pub interrupted: Option<i32>,
    /// From start to end.
    pub duration: Duration,
    /// The most memory that it, or one process it waited for, had at once, in bytes.
    pub max_rss: u64,
    /// Processor time in its own code, of everything it waited for.
    pub user_time: Duration,
    /// Processor time in the system.
    pub system_time: Duration,
    /// A stream whose bytes could not be passed on, and why (a full disk, say). The command was
    /// told as the system tells it, by SIGPIPE. A reader that went away is no such failure.
    pub lost_output: Option<(StreamKind, io::ErrorKind)>,
}

impl Exit {
    /// What a shell has in `$?`: the code, or 128 and the signal.
    pub fn shell_code(&self) -> i32 {
        match (self.code, self.signal) {
            (Some(code), _) => code,
            (None, Some(signal)) => 128 + signal,
            (None, None) => 125,
        }
    }

    /// Whether it ended with code 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

/// A stream of the command that is still open.
pub(super) struct Output {
    pub kind: StreamKind,
    pub fd: OwnedFd,
    /// What becomes writable when a stream that was held up can go on.
    pub to: Option<OwnedFd>,
    /// What was read and could not be passed on yet; nothing more is read before that.
    stuck: Vec<u8>,
}

impl Output {
    pub fn new(kind: StreamKind, fd: OwnedFd, to: Option<OwnedFd>) -> Self {
        Self {
            kind,
            fd,
            to,
            stuck: Vec::new(),
        }
    }

    /// What to wait for.
    fn interest(&self) -> (BorrowedFd<'_>, PollFlags) {
        match &self.to {
            Some(to) if !self.stuck.is_empty() => (to.as_fd(), PollFlags::OUT),
            _ => (self.fd.as_fd(), PollFlags::IN),
        }
    }

    /// Moves one chunk; whether the stream is still open.
    fn transfer(&mut self, buffer: &mut [u8], deliver: Deliver<'_>) -> io::Result<bool> {
        if !self.stuck.is_empty() {
            let count = deliver(self.kind, &self.stuck)?;
            self.stuck.drain(..count);
            return Ok(true);
        }
        match rustix::io::read(&self.fd, &mut *buffer) {
            Ok(0) => Ok(false),
            Ok(count) => {
                let bytes = buffer.get(..count).unwrap_or_default();
                let taken = deliver(self.kind, bytes)?;
                self.stuck.extend_from_slice(bytes.get(taken..).unwrap_or_default());
                Ok(true)
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(true),
            // EIO is how a pseudo-terminal says that nobody holds it any more.
            Err(_) => Ok(false),
        }
    }
}

/// Passes a chunk on; how much of it was taken.
pub(super) type Deliver<'a> = &'a mut dyn FnMut(StreamKind, &[u8]) -> io::Result<usize>;

/// A running command and all that hangs on it.
pub(super) struct Running<'a> {
    pub pid: i32,
    pub started: Instant,
    pub watch: &'a Watch,
    pub outputs: Vec<Output>,
    /// Bytes for its stdin.
    pub feed: Option<Feed<'a>>,
    /// The user's terminal, where the command has one of its own.
    pub terminal: Option<Terminal<'a>>,
    /// What a stream has that only looks like the user's terminal.
    pub display: Option<Display>,
    /// When it must be over; then its group (it leads one) is ended.
    pub deadline: Option<Instant>,
}

/// What is left when a command is over.
pub(super) struct Ended {
    pub exit: Exit,
    pub timed_out: bool,
    /// Streams that somebody else still holds open.
    pub leftovers: Vec<Output>,
}

/// Which descriptor an entry of the poll list belongs to.
#[derive(Clone, Copy)]
enum Slot {
    Signals,
    Output(usize),
    Feed,
    Terminal,
    Display,
}

/// The list for one `poll`.
struct Waiting<'a> {
    slots: Vec<Slot>,
    fds: Vec<PollFd<'a>>,
}

impl<'a> Waiting<'a> {
    fn add(&mut self, slot: Slot, fd: BorrowedFd<'a>, events: PollFlags) {
        self.slots.push(slot);
        self.fds.push(PollFd::from_borrowed_fd(fd, events));
    }
}

impl Running<'_> {
    /// Runs the loop until the command is gone and its streams are read. `deliver` gets every
    /// chunk at once; where it fails the stream is closed, so that the command is told; where it
    /// takes less than everything the stream waits until its `to` is writable.
    ///
    /// # Errors
    /// Only where `poll` itself fails.
    pub fn supervise(mut self, deliver: Deliver<'_>) -> io::Result<Ended> {
        let mut buffer = vec![0u8; READ];
        let mut exit: Option<Exit> = None;
        let mut lost_output = None;
        let mut settling = Settling::default();
        let mut overtime = Overtime {
            deadline: self.deadline,
            kills: 0,
        };
        let mut look = true;
        let mut enough = false;
        loop {
            if exit.is_none() && (look || self.outputs.is_empty()) {
                look = false;
                exit = self.reap();
            }
            if exit.is_some() {
                // A reader that is slow, not a stream that is idle: wait, unless told to end.
                let stuck = self.outputs.iter().any(|output| !output.stuck.is_empty());
                if self.outputs.is_empty() || enough || (settling.over() && !stuck) {
                    break;
                }
            } else if overtime.is_due() {
                overtime.strike(self.pid);
            }
            let timeout = match exit {
                // While a reader is slow, that may be over: no busy loop then.
                Some(_) => Some(settling.left().max(LOOK_AGAIN)),
                // SIGCHLD can be lost to a host program's own handling: without streams to show
                // the end, look now and then.
                None if self.outputs.is_empty() => Some(overtime.left_or(Duration::from_secs(1))),
                None => overtime.left(),
            };
            let look_in = self.display.as_ref().and_then(Display::look_in);
            let timeout = timeout.into_iter().chain(look_in).min();
            if let Some(display) = &mut self.display
                && look_in.is_some()
            {
                display.look();
            }
            for slot in self.wait(timeout)? {
                match slot {
                    Slot::Signals => {
                        let woken = self.signalled();
                        look |= woken.child;
                        enough |= woken.ending && exit.is_some();
                    }
                    Slot::Feed => {
                        if let Some(feed) = &mut self.feed {
                            feed.advance();
                        }
                    }
                    Slot::Terminal => {
                        if let Some(terminal) = &mut self.terminal {
                            terminal.advance(self.watch);
                        }
                    }
                    Slot::Display => {
                        if let Some(display) = &mut self.display {
                            display.advance();
                        }
                    }
                    Slot::Output(index) => {
                        let Some(output) = self.outputs.get_mut(index) else {
                            continue;
                        };
                        let open = match output.transfer(&mut buffer, deliver) {
                            Ok(open) => open,
                            Err(error) => {
                                if error.kind() != io::ErrorKind::BrokenPipe {
                                    lost_output.get_or_insert((output.kind, error.kind()));
                                }
                                false
                            }
                        };
                        settling.heard();
                        if let Some(display) = &mut self.display {
                            display.heard();
                        }
                        if !open {
                            self.outputs.remove(index);
                            look = true;
                            // The other entries of this round are off by one; they come again.
                            break;
                        }
                    }
                }
            }
        }
        self.watch.stop();
        if let Some(feed) = self.feed.take() {
            feed.finish();
        }
        let mut exit = exit.unwrap_or_default();
        exit.lost_output = lost_output;
        exit.interrupted = self.watch.lately();
        Ok(Ended {
            exit,
            timed_out: overtime.kills > 0,
            leftovers: self.outputs,
        })
    }

    /// Waits for any descriptor; who has something comes back.
    fn wait(&self, timeout: Option<Duration>) -> io::Result<Vec<Slot>> {
        let mut list = Waiting {
            slots: Vec::with_capacity(8),
            fds: Vec::with_capacity(8),
        };
        list.add(Slot::Signals, self.watch.as_fd(), PollFlags::IN);
        for (index, output) in self.outputs.iter().enumerate() {
            let (fd, events) = output.interest();
            list.add(Slot::Output(index), fd, events);
        }
        if let Some(feed) = &self.feed {
            feed.interests(|fd, events| list.add(Slot::Feed, fd, events));
        }
        if let Some(terminal) = &self.terminal {
            terminal.interests(|fd, events| list.add(Slot::Terminal, fd, events));
        }
        if let Some(display) = &self.display {
            display.interests(|fd, events| list.add(Slot::Display, fd, events));
        }
        let Waiting { slots, mut fds } = list;
        let timeout = timeout.and_then(|time| Timespec::try_from(time).ok());
        match rustix::event::poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(slots
            .into_iter()
            .zip(fds.iter().map(PollFd::revents))
            .filter(|(_, events)| !events.is_empty())
            .map(|(slot, _)| slot)
            .collect())
    }

    /// Handles what woke us.
    fn signalled(&mut self) -> Woken {
        let woken = self.watch.take();
        if let Some(terminal) = &mut self.terminal {
            if woken.continued {
                terminal.resume();
            }
            if woken.resized {
                terminal.resize();
            }
        }
        if let Some(display) = &mut self.display {
            if woken.continued {
                display.resume();
            }
            if woken.resized && display.resize() {
                // It may have asked for the size before we had copied it: let it ask again.
                tell(self.pid, Signal::WINCH);
            }
        }
        woken
    }

    /// Whether the command is over, and how. A stop is handed on to heal's own job.
    fn reap(&mut self) -> Option<Exit> {
        loop {
            let (status, usage) = wait4(self.pid)?;
            let Some(status) = status else {
                // Somebody else has waited for it: it is gone, nobody knows how.
                return Some(Exit {
                    duration: self.started.elapsed(),
                    ..Exit::default()
                });
            };
            if libc::WIFSTOPPED(status) {
                if let Some(terminal) = &mut self.terminal {
                    terminal.suspend();
                    tell(self.pid, Signal::CONT);
                }
                continue;
            }
            self.watch.stop();
            return Some(Exit {
                code: libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status)),
                signal: libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status)),
                interrupted: None,
                duration: self.started.elapsed(),
                max_rss: max_rss(&usage),
                user_time: time(usage.ru_utime),
                system_time: time(usage.ru_stime),
                lost_output: None,
            });
        }
    }
}

/// The time between a command's end and the end of its streams.
#[derive(Default)]
struct Settling {
    since: Option<Instant>,
    heard: Option<Instant>,
}

impl Settling {
    fn heard(&mut self) {
        if self.since.is_some() {
            self.heard = Some(Instant::now());
        }
    }

    fn left(&mut self) -> Duration {
        let since = *self.since.get_or_insert_with(Instant::now);
        let heard = self.heard.unwrap_or(since);
        SETTLE
            .saturating_sub(heard.elapsed())
            .min(SETTLE_MAX.saturating_sub(since.elapsed()))
    }

    fn over(&mut self) -> bool {
        self.left().is_zero()
    }
}

/// The end of a command that takes too long: asked first, then made to.
struct Overtime {
    deadline: Option<Instant>,
    kills: u8,
}

impl Overtime {
    fn left(&self) -> Option<Duration> {
        Some(self.deadline?.saturating_duration_since(Instant::now()))
    }

    fn left_or(&self, most: Duration) -> Duration {
        self.left().map_or(most, |left| left.min(most))
    }

    fn is_due(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    fn strike(&mut self, pid: i32) {
        let signal = if self.kills == 0 { Signal::TERM } else { Signal::KILL };
        self.kills = self.kills.saturating_add(1);
        if let Some(group) = Pid::from_raw(pid) {
            // Failure means that it is gone; the next look finds out.
            let _ = rustix::process::kill_process_group(group, signal);
        }
        self.deadline = Instant::now().checked_add(KILL_AFTER);
    }
}

fn tell(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // Failure means that it is gone.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// The status of `pid` where it changed: `None` not yet, `Some(None)` no such child.
#[allow(unsafe_code, reason = "no safe wrapper gives status and resource usage together")]
fn wait4(pid: i32) -> Option<(Option<i32>, libc::rusage)> {
    let mut status = 0;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are to live memory of the right type, and all-zero is a valid rusage.
    let (found, usage) = unsafe {
        let flags = libc::WNOHANG | libc::WUNTRACED;
        let found = libc::wait4(pid, &raw mut status, flags, usage.as_mut_ptr());
        (found, usage.assume_init())
    };
    match found {
        0 => None,
        found if found < 0 => Some((None, usage)),
        _ => Some((Some(status), usage)),
    }
}

fn max_rss(usage: &libc::rusage) -> u64 {
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    u64::try_from(usage.ru_maxrss).unwrap_or(0).saturating_mul(unit)
}

fn time(time: libc::timeval) -> Duration {
    Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0))
        + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or(0))
}
