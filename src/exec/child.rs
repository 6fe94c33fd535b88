//! The loop around a running command: one thread, one `poll`.
//!
//! Knows descriptors and process ids. Where bytes go is the caller's business.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use super::pty::{Display, Terminal};
use super::signals::Watch;
use super::stdin::Feed;

/// How long a stream that outlives its command must be silent before heal lets go of it.
pub const SETTLE: Duration = Duration::from_millis(250);
/// How long heal reads such a stream at most.
pub const SETTLE_MAX: Duration = Duration::from_secs(3);
/// What is read at once: as much as a pipe of ours holds.
const READ: usize = 128 * 1024;
/// Between the polite and the final end of a command whose time is up.
const KILL_AFTER: Duration = Duration::from_secs(2);

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
    /// key. The command may have ended for that reason whatever its code says (terraform gives 1,
    /// ansible 99): what it printed is then no error to heal.
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
}

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
    /// The terminal whose size an output-only one follows.
    pub display: Option<&'a Display>,
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
    /// chunk at once; where it fails the stream is closed, so that the command is told.
    ///
    /// # Errors
    /// Only where `poll` itself fails.
    pub fn supervise(mut self, deliver: &mut dyn FnMut(StreamKind, &[u8]) -> io::Result<()>) -> io::Result<Ended> {
        let mut buffer = vec![0u8; READ];
        let mut exit: Option<Exit> = None;
        let mut lost_output = None;
        let mut settling = Settling::default();
        let mut overtime = Overtime {
            deadline: self.deadline,
            kills: 0,
        };
        let mut look = true;
        loop {
            if exit.is_none() && (look || self.outputs.is_empty()) {
                look = false;
                exit = self.reap();
            }
            if exit.is_some() {
                if self.outputs.is_empty() || settling.over() {
                    break;
                }
            } else if overtime.is_due() {
                overtime.strike(self.pid);
            }
            let timeout = match exit {
                Some(_) => Some(settling.left()),
                // SIGCHLD can be lost to a host program's own handling: without streams to show
                // the end, look now and then.
                None if self.outputs.is_empty() => Some(overtime.left_or(Duration::from_secs(1))),
                None => overtime.left(),
            };
            for (slot, events) in self.wait(timeout)? {
                match slot {
                    Slot::Signals => look |= self.signalled(),
                    Slot::Feed => {
                        if let Some(feed) = &mut self.feed {
                            feed.advance();
                        }
                    }
                    Slot::Terminal => {
                        if let Some(terminal) = &mut self.terminal {
                            terminal.advance(events, self.watch);
                        }
                    }
                    Slot::Output(index) => {
                        let Some(output) = self.outputs.get(index) else {
                            continue;
                        };
                        let open = match rustix::io::read(&output.fd, &mut buffer[..]) {
                            Ok(0) => false,
                            Ok(count) => {
                                settling.heard();
                                let kind = output.kind;
                                match deliver(kind, buffer.get(..count).unwrap_or_default()) {
                                    Ok(()) => true,
                                    Err(error) => {
                                        if error.kind() != io::ErrorKind::BrokenPipe {
                                            lost_output.get_or_insert((kind, error.kind()));
                                        }
                                        false
                                    }
                                }
                            }
                            Err(Errno::AGAIN | Errno::INTR) => true,
                            // EIO is how a pseudo-terminal says that nobody holds it any more.
                            Err(_) => false,
                        };
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
    fn wait(&self, timeout: Option<Duration>) -> io::Result<Vec<(Slot, PollFlags)>> {
        let mut list = Waiting {
            slots: Vec::with_capacity(8),
            fds: Vec::with_capacity(8),
        };
        list.add(Slot::Signals, self.watch.as_fd(), PollFlags::IN);
        for (index, output) in self.outputs.iter().enumerate() {
            list.add(Slot::Output(index), output.fd.as_fd(), PollFlags::IN);
        }
        if let Some(feed) = &self.feed {
            feed.interests(|fd, events| list.add(Slot::Feed, fd, events));
        }
        if let Some(terminal) = &self.terminal {
            terminal.interests(|fd, events| list.add(Slot::Terminal, fd, events));
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
            .collect())
    }

    /// Handles what woke us; whether a child changed state.
    fn signalled(&mut self) -> bool {
        let woken = self.watch.take();
        if let Some(terminal) = &mut self.terminal {
            if woken.continued {
                terminal.resume();
            }
            if woken.resized {
                terminal.resize();
            }
        }
        if let Some(display) = self.display
            && woken.resized
            && display.resize()
        {
            // It may have asked for the size before we had copied it: let it ask again.
            tell(self.pid, Signal::WINCH);
        }
        woken.child
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
