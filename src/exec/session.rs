//! The user's command, attempt after attempt, on the user's own terminal, files and pipes.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::Stdio;
use std::time::Instant;

use super::child::{Exit, Output, Running, StreamKind};
use super::command::{Command, SpawnError};
use super::display::Display;
use super::leader;
use super::outlet::Outlet;
use super::pty::{self, Terminal};
use super::signals::Watch;
use super::spool::{Sink, StdoutMode};
use super::stdin::Source;

/// What a command's pipe holds: a few of our reads, so that neither waits for the other.
#[cfg(target_os = "linux")]
const PIPE: usize = 256 * 1024;

/// How a [`Session`] treats the command's streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionOptions {
    /// When stdout reaches its reader.
    pub stdout: StdoutMode,
    /// How many bytes of stdin are recorded at most.
    pub stdin_limit: u64,
}

impl Default for SessionOptions {
    /// [`StdoutMode::Auto`], 64 MiB.
    fn default() -> Self {
        Self {
            stdout: StdoutMode::Auto,
            stdin_limit: 64 * 1024 * 1024,
        }
    }
}

/// The three streams that a command's are connected to.
#[derive(Debug)]
pub struct Endpoints {
    /// Where its input comes from.
    pub stdin: OwnedFd,
    /// Where its output goes.
    pub stdout: OwnedFd,
    /// Where its messages go.
    pub stderr: OwnedFd,
}

impl Endpoints {
    /// heal's own three.
    ///
    /// # Errors
    /// Where there are no descriptors left.
    pub fn inherited() -> io::Result<Self> {
        Ok(Self {
            stdin: rustix::stdio::stdin().try_clone_to_owned()?,
            stdout: rustix::stdio::stdout().try_clone_to_owned()?,
            stderr: rustix::stdio::stderr().try_clone_to_owned()?,
        })
    }
}

/// The runs of one command; see the [module](super).
pub struct Session {
    watch: Watch,
    source: Source,
    sink: Sink,
    stderr: Outlet,
    /// Streams of commands that are over, held by what they left running; theirs until `finish`.
    leftovers: Vec<Output>,
}

impl Session {
    /// A session on heal's own stdin, stdout and stderr. From here to its end the signals that
    /// ask a program to end do not end heal; see [`Session::interrupted`].
    ///
    /// # Errors
    /// Where the system has no descriptors left, or no room for a file to hold output back.
    pub fn new(options: SessionOptions) -> io::Result<Self> {
        Self::on(Endpoints::inherited()?, options)
    }

    /// The same on other streams.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub fn on(endpoints: Endpoints, options: SessionOptions) -> io::Result<Self> {
        let Endpoints { stdin, stdout, stderr } = endpoints;
        let one_place = same_file(stdout.as_fd(), stderr.as_fd());
        Ok(Self {
            watch: Watch::new()?,
            source: Source::new(stdin, options.stdin_limit)?,
            sink: Sink::new(stdout, options.stdout, one_place)?,
            stderr: Outlet::new(stderr),
            leftovers: Vec::new(),
        })
    }

    /// Runs `command` to its end. `observer` sees every chunk after it was passed on.
    ///
    /// # Errors
    /// Where it cannot be started; see [`SpawnError::code`].
    pub fn attempt(
        &mut self,
        command: &Command,
        observer: &mut dyn FnMut(StreamKind, &[u8]),
    ) -> Result<Exit, SpawnError> {
        self.release_leftovers(false);
        self.sink.begin()?;
        let Self {
            watch,
            source,
            sink,
            stderr,
            leftovers,
        } = self;
        let mut layout = Layout::new(source.fd(), sink, stderr.fd());
        // A copy, because `source` and `sink` are lent out below.
        let user = source.fd().try_clone_to_owned()?;
        let (mut stdin, feed) = source.begin()?;
        let mut plumbing = match Plumbing::new(&layout, user.as_fd(), sink, stderr) {
            // No pseudo-terminals to be had (a bare container): a run without colours, then.
            Err(_) if layout.stdout_tty || layout.stderr_tty => {
                layout = Layout {
                    stdout_tty: false,
                    stderr_tty: false,
                    full: false,
                };
                Plumbing::new(&layout, user.as_fd(), sink, stderr)?
            }
            plumbing => plumbing?,
        };
        if let Some(side) = &plumbing.side
            && layout.full
        {
            stdin = side.try_clone()?;
        }

        watch.fresh(layout.full);
        let started = Instant::now();
        let pid = command.spawn(&mut |process| {
            process.stdin(stdin.try_clone()?);
            process.stdout(plumbing.end(layout.stdout_tty, &plumbing.stdout)?);
            process.stderr(plumbing.end(layout.stderr_tty, &plumbing.stderr)?);
            if layout.full {
                leader::lead(process);
            }
            Ok(())
        })?;
        drop(stdin);
        plumbing.close_command_ends();
        let target = plumbing.terminal.as_ref().and_then(Terminal::command).unwrap_or(pid);
        watch.start(target);
        if let Some(terminal) = &mut plumbing.terminal {
            terminal.resume();
        }

        let running = Running {
            pid,
            started,
            watch,
            outputs: std::mem::take(&mut plumbing.outputs),
            feed,
            terminal: plumbing.terminal.take(),
            display: plumbing.display.take(),
            deadline: None,
        };
        let ended = running.supervise(&mut |kind, bytes| {
            let passed_on = match kind {
                StreamKind::Stdout => sink.write(bytes),
                StreamKind::Stderr => stderr.put(bytes),
            };
            // What could not be passed on is offered, and seen, again.
            let taken = *passed_on.as_ref().unwrap_or(&bytes.len());
            observer(kind, bytes.get(..taken).unwrap_or_default());
            passed_on
        })?;
        *leftovers = ended.leftovers;
        if sink.is_direct() {
            self.release_leftovers(true);
        }
        Ok(ended.exit)
    }

    /// Whether another attempt would read the same stdin.
    ///
    /// # Errors
    /// Why not, as a fragment that follows "the command cannot be run again: ".
    pub fn can_repeat(&self) -> Result<(), String> {
        self.source.can_repeat()
    }

    /// What the command has read from its standard input so far; nothing where that is a terminal.
    ///
    /// # Errors
    /// The operating system's, and a file that is larger than what may be recorded.
    pub fn recorded_input(&mut self) -> io::Result<Vec<u8>> {
        self.source.recorded()
    }

    /// The first SIGINT, SIGTERM, SIGHUP or SIGQUIT since the session began, if any: whoever
    /// works between attempts looks here and ends in good order.
    pub fn interrupted(&self) -> Option<i32> {
        self.watch.ever()
    }

    /// Hands over the last attempt's stdout where it was held back.
    ///
    /// # Errors
    /// `BrokenPipe` where nobody reads it; any other error names the file that still holds it.
    pub fn finish(mut self) -> io::Result<()> {
        let result = self.sink.finish();
        self.release_leftovers(true);
        result
    }

    /// Lets something else read what background processes still write.
    fn release_leftovers(&mut self, to_user: bool) {
        for Output { kind, fd, .. } in self.leftovers.drain(..) {
            let to = match kind {
                _ if !to_user => None,
                StreamKind::Stdout => Some(self.sink.fd()),
                StreamKind::Stderr => Some(self.stderr.fd()),
            };
            // Without `cat` the writer gets SIGPIPE: there is nothing better left to do.
            let _ = drain(fd, to);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.release_leftovers(true);
    }
}

/// Leaves a `cat` behind that lives until the last writer of `from` is gone.
fn drain(from: OwnedFd, to: Option<BorrowedFd<'_>>) -> io::Result<()> {
    use std::os::unix::process::CommandExt;
    // Ours was made non-blocking where it is a terminal; cat takes that for an error.
    rustix::io::ioctl_fionbio(&from, false)?;
    let to = match to {
        Some(to) => Stdio::from(to.try_clone_to_owned()?),
        None => Stdio::null(),
    };
    std::process::Command::new("cat")
        .stdin(from)
        .stdout(to)
        .stderr(Stdio::null())
        // Not in the way of Ctrl-C and `kill %1`, which are for the command.
        .process_group(0)
        .spawn()
        .map(drop)
}

/// Which streams of the command are terminals.
struct Layout {
    stdout_tty: bool,
    stderr_tty: bool,
    /// Whether it gets a controlling terminal of its own.
    full: bool,
}

impl Layout {
    fn new(stdin: BorrowedFd<'_>, sink: &Sink, stderr: BorrowedFd<'_>) -> Self {
        use rustix::termios::isatty;
        let stdout_tty = sink.is_direct() && isatty(sink.fd());
        let full = stdout_tty && isatty(stdin) && same_file(stdin, sink.fd()) && pty::in_foreground(stdin);
        Self {
            stdout_tty,
            stderr_tty: isatty(stderr),
            full,
        }
    }
}

/// What lies between heal and one run of the command.
struct Plumbing<'a> {
    terminal: Option<Terminal<'a>>,
    display: Option<Display>,
    /// What heal reads.
    outputs: Vec<Output>,
    /// The command's ends: of a pseudo-terminal, of pipes.
    side: Option<OwnedFd>,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
}

impl<'a> Plumbing<'a> {
    fn new(layout: &Layout, user: BorrowedFd<'a>, sink: &Sink, stderr: &Outlet) -> io::Result<Self> {
        let mut plumbing = Self {
            terminal: None,
            display: None,
            outputs: Vec::with_capacity(2),
            side: None,
            stdout: None,
            stderr: None,
        };
        let kind = if layout.stdout_tty {
            StreamKind::Stdout
        } else {
            StreamKind::Stderr
        };
        if layout.full {
            let (terminal, fd, side) = Terminal::open(user)?;
            plumbing.terminal = Some(terminal);
            plumbing.outputs.push(Output::new(kind, fd, None));
            plumbing.side = Some(side);
        } else if layout.stdout_tty || layout.stderr_tty {
            let seen = if layout.stdout_tty { sink.fd() } else { stderr.fd() };
            let (display, fd, side) = Display::open(seen)?;
            plumbing.display = Some(display);
            plumbing.outputs.push(Output::new(kind, fd, None));
            plumbing.side = Some(side);
        }
        if !layout.stdout_tty {
            plumbing.stdout = Some(plumbing.pipe(StreamKind::Stdout, sink.ready()?)?);
        }
        if !layout.stderr_tty {
            plumbing.stderr = Some(plumbing.pipe(StreamKind::Stderr, stderr.ready()?)?);
        }
        Ok(plumbing)
    }

    fn pipe(&mut self, kind: StreamKind, to: Option<OwnedFd>) -> io::Result<OwnedFd> {
        let (fd, end) = super::pipe()?;
        #[cfg(target_os = "linux")]
        {
            // Only for speed; the system may refuse.
            let _ = rustix::pipe::fcntl_setpipe_size(&end, PIPE);
        }
        self.outputs.push(Output::new(kind, fd, to));
        Ok(end)
    }

    fn end(&self, tty: bool, pipe: &Option<OwnedFd>) -> io::Result<Stdio> {
        let end = if tty { &self.side } else { pipe };
        Ok(match end {
            Some(end) => Stdio::from(end.try_clone()?),
            None => Stdio::null(),
        })
    }

    /// The end of a stream shows only when nobody here holds it, either.
    fn close_command_ends(&mut self) {
        self.side = None;
        self.stdout = None;
        self.stderr = None;
    }
}

fn same_file(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    match (rustix::fs::fstat(one), rustix::fs::fstat(other)) {
        (Ok(one), Ok(other)) => (one.st_dev, one.st_ino, one.st_rdev) == (other.st_dev, other.st_ino, other.st_rdev),
        _ => false,
    }
}
