//! Pseudo-terminals between the command and the user's terminal.
//!
//! Two kinds. The full one ([`Terminal`]) is the command's controlling terminal: the user's is put
//! into raw mode and every key is handed over, so that editors, pagers and shells work. Between
//! heal and the command stands a *leader*, a fork of heal that does nothing but hold the new
//! session: without one the command could not be stopped by Ctrl-Z (the kernel does not stop a
//! group that nobody in its session looks after), and what it leaves running would be hung up.
//! ```text
//! user's terminal ⇄ heal ⇄ pty ⇄ command (own group, foreground) ── waited for by ── leader
//! ```
//! The output-only one ([`Display`]) merely looks like a terminal to a stream: colours, width,
//! progress bars. The command keeps the user's terminal for keys and job control. It serves where
//! heal must not take the keyboard, because others use it: pipelines, background jobs.
//!
//! What differs from the bare command: keys typed ahead and not read by the command are not left
//! for the shell (full), and a program that takes keys from its stderr while stdin is a pipe
//! (`… | vim -`) gets none (output-only).

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process;

use rustix::event::PollFlags;
use rustix::process::Signal;
use rustix::pty::OpenptFlags;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios};

use super::signals::Watch;

/// Both sides of a new pseudo-terminal: (ours, the command's).
fn open() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    #[cfg(target_os = "linux")]
    let flags = flags | OpenptFlags::CLOEXEC;
    let ours = rustix::pty::openpt(flags)?;
    rustix::pty::grantpt(&ours)?;
    rustix::pty::unlockpt(&ours)?;
    #[cfg(target_os = "linux")]
    let theirs = rustix::pty::ioctl_tiocgptpeer(&ours, flags)?;
    #[cfg(not(target_os = "linux"))]
    let theirs = {
        use rustix::fs::{Mode, OFlags};
        rustix::io::fcntl_setfd(&ours, rustix::io::FdFlags::CLOEXEC)?;
        let name = rustix::pty::ptsname(&ours, Vec::new())?;
        rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?
    };
    Ok((ours, theirs))
}

/// Whether heal's group owns `terminal` at the moment: only then may it set its modes or read it.
pub(super) fn in_foreground(terminal: BorrowedFd<'_>) -> bool {
    rustix::termios::tcgetpgrp(terminal).is_ok_and(|group| group == rustix::process::getpgrp())
}

fn copy_size(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> bool {
    let (Ok(new), Ok(old)) = (rustix::termios::tcgetwinsize(from), rustix::termios::tcgetwinsize(to)) else {
        return false;
    };
    let same = (new.ws_row, new.ws_col, new.ws_xpixel, new.ws_ypixel)
        == (old.ws_row, old.ws_col, old.ws_xpixel, old.ws_ypixel);
    !same && rustix::termios::tcsetwinsize(to, new).is_ok()
}

/// An output-only pseudo-terminal, for its size.
pub(super) struct Display {
    user: OwnedFd,
    ours: OwnedFd,
}

impl Display {
    /// One that has the size of `user`: (itself, our side, the command's side).
    pub fn open(user: BorrowedFd<'_>) -> io::Result<(Self, OwnedFd, OwnedFd)> {
        let (ours, theirs) = open()?;
        let mut modes = rustix::termios::tcgetattr(user)?;
        // Bytes must come out as they went in; the user's terminal does the rest.
        modes.make_raw();
        rustix::termios::tcsetattr(&theirs, OptionalActions::Now, &modes)?;
        let display = Self {
            user: user.try_clone_to_owned()?,
            ours: ours.try_clone()?,
        };
        display.resize();
        Ok((display, ours, theirs))
    }

    /// Takes over the terminal's size; whether it was another.
    pub fn resize(&self) -> bool {
        copy_size(self.user.as_fd(), self.ours.as_fd())
    }
}

/// The user's terminal while the command has one of its own. Dropping it puts it back as it was.
pub(super) struct Terminal<'a> {
    user: BorrowedFd<'a>,
    ours: OwnedFd,
    saved: Termios,
    raw: bool,
    at_end: bool,
    /// Keys that the command has not taken yet.
    keys: Vec<u8>,
}

impl<'a> Terminal<'a> {
    /// A terminal like `user`: (itself, our side, the command's side). The user's is not touched
    /// before [`Terminal::resume`].
    pub fn open(user: BorrowedFd<'a>) -> io::Result<(Self, OwnedFd, OwnedFd)> {
        let (ours, theirs) = open()?;
        let saved = rustix::termios::tcgetattr(user)?;
        rustix::termios::tcsetattr(&theirs, OptionalActions::Now, &saved)?;
        copy_size(user, ours.as_fd());
        // A command that reads no keys must not stop heal from showing its output.
        rustix::io::ioctl_fionbio(&ours, true)?;
        let output = ours.try_clone()?;
        let terminal = Self {
            user,
            ours,
            saved,
            raw: false,
            at_end: false,
            keys: Vec::new(),
        };
        Ok((terminal, output, theirs))
    }

    /// The command's process: the foreground group that the leader made for it.
    pub fn command(&self) -> Option<i32> {
        let group = rustix::termios::tcgetpgrp(&self.ours).ok()?;
        Some(group.as_raw_nonzero().get())
    }

    /// Takes the keyboard, where heal's job is in the foreground.
    pub fn resume(&mut self) {
        if !in_foreground(self.user) {
            return;
        }
        let mut modes = self.saved.clone();
        modes.make_raw();
        self.raw = rustix::termios::tcsetattr(self.user, OptionalActions::Now, &modes).is_ok();
        self.resize();
    }

    /// Gives the keyboard back.
    fn release(&mut self) {
        if std::mem::take(&mut self.raw) {
            // Nothing can be done about a terminal that is gone.
            let _ = rustix::termios::tcsetattr(self.user, OptionalActions::Now, &self.saved);
        }
    }

    /// The command was stopped (Ctrl-Z): so is heal's whole job, until somebody continues it.
    /// Where nobody could, the kernel ignores this signal and we go on at once.
    pub fn suspend(&mut self) {
        self.release();
        let _ = rustix::process::kill_current_process_group(Signal::TSTP);
        self.resume();
    }

    /// Takes over the terminal's size; the kernel tells the command.
    pub fn resize(&self) {
        copy_size(self.user, self.ours.as_fd());
    }

    /// What to wait for; one at a time.
    pub fn interests<'b>(&'b self, mut add: impl FnMut(BorrowedFd<'b>, PollFlags)) {
        if !self.keys.is_empty() {
            add(self.ours.as_fd(), PollFlags::OUT);
        } else if self.raw && !self.at_end {
            add(self.user, PollFlags::IN);
        }
    }

    /// Does what it waited for.
    pub fn advance(&mut self, _events: PollFlags, watch: &Watch) {
        if self.keys.is_empty() {
            let mut buffer = [0u8; 4096];
            match rustix::io::read(self.user, &mut buffer) {
                Ok(0) => self.at_end = true,
                Ok(count) => self.keys.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(_) => self.at_end = true,
            }
            self.note_interrupts(watch);
        }
        match rustix::io::write(&self.ours, &self.keys) {
            Ok(count) => drop(self.keys.drain(..count)),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => self.keys.clear(),
        }
    }

    /// Ctrl-C is a key here; to the caller it is what the signal would have been.
    fn note_interrupts(&self, watch: &Watch) {
        let Ok(modes) = rustix::termios::tcgetattr(&self.ours) else {
            return;
        };
        if !modes.local_modes.contains(LocalModes::ISIG) {
            return;
        }
        let keys = [
            (SpecialCodeIndex::VINTR, libc::SIGINT),
            (SpecialCodeIndex::VQUIT, libc::SIGQUIT),
        ];
        for (index, signal) in keys {
            let key = modes.special_codes[index];
            if key != 0 && self.keys.contains(&key) {
                watch.note(signal);
            }
        }
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        self.release();
    }
}

/// Makes `process`, whose stdin is the command's side, run in a session of its own under a leader.
#[allow(unsafe_code, reason = "a session is made between fork and exec")]
pub(super) fn lead(process: &mut process::Command) {
    // SAFETY: between fork and exec in a copy of a program that may have threads only bare system
    // calls are allowed; `become_command` makes no others and allocates nothing.
    unsafe {
        process.pre_exec(become_command);
    }
}

/// Runs in the forked child: splits off the command, which returns from here and is executed; the
/// leader never returns.
#[allow(unsafe_code, reason = "fork and signal dispositions have no safe wrapper")]
fn become_command() -> io::Result<()> {
    rustix::process::setsid()?;
    rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
    // SAFETY: see `lead`; the child goes straight to exec, the parent uses system calls only.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            rustix::process::setpgid(None, None)?;
            take_foreground();
            Ok(())
        }
        command => lead_until_end(command),
    }
}

/// Makes the caller's group the foreground of its terminal, from the background, too.
#[allow(unsafe_code, reason = "signal dispositions have no safe wrapper")]
fn take_foreground() {
    // SAFETY: signal() with SIG_IGN and with what it returned is a bare system call.
    unsafe {
        let before = libc::signal(libc::SIGTTOU, libc::SIG_IGN);
        // A stream that is no terminal at all cannot be: stdin is our pseudo-terminal.
        let _ = rustix::termios::tcsetpgrp(rustix::stdio::stdin(), rustix::process::getpid());
        libc::signal(libc::SIGTTOU, before);
    }
}

/// The leader's life: waits for the command, stops when it stops, ends as it ended.
#[allow(unsafe_code, reason = "the leader is a bare fork: only system calls, no return")]
fn lead_until_end(command: i32) -> ! {
    // SAFETY: system calls on plain numbers, and pointers to locals. The descriptors that are
    // closed belong to nobody here: this process has no destructors left to run.
    unsafe {
        close_from(3);
        // heal's handlers are of no use here, and a leader must die of a hang-up: that is what
        // hangs up the command when heal is gone.
        for signal in 1..32 {
            if libc::signal(signal, libc::SIG_DFL) == libc::SIG_IGN {
                libc::signal(signal, libc::SIG_IGN);
            }
        }
        loop {
            let mut status = 0;
            if libc::waitpid(command, &raw mut status, libc::WUNTRACED) < 0 {
                if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted {
                    continue;
                }
                libc::_exit(125);
            }
            if libc::WIFSTOPPED(status) {
                // heal sees us stop, and continues us when its own job goes on.
                libc::kill(libc::getpid(), libc::SIGSTOP);
                libc::kill(-command, libc::SIGCONT);
                continue;
            }
            // The end of a leader hangs up the foreground: let that be nobody but us.
            take_foreground();
            libc::signal(libc::SIGHUP, libc::SIG_IGN);
            if libc::WIFSIGNALED(status) {
                let signal = libc::WTERMSIG(status);
                let no_core = libc::rlimit {
                    rlim_cur: 0,
                    rlim_max: 0,
                };
                libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core);
                libc::signal(signal, libc::SIG_DFL);
                libc::kill(libc::getpid(), signal);
                libc::_exit(128 + signal);
            }
            libc::_exit(libc::WEXITSTATUS(status));
        }
    }
}

/// Closes every descriptor from `first` on, among them the one by which std learns of exec.
#[allow(unsafe_code, reason = "closes descriptors that no owner in this process will use")]
unsafe fn close_from(first: i32) {
    #[cfg(target_os = "linux")]
    // SAFETY: the caller owns the whole process.
    if unsafe { libc::syscall(libc::SYS_close_range, first, i32::MAX, 0) } == 0 {
        return;
    }
    // SAFETY: as above.
    unsafe {
        let most = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 65_536);
        for fd in first..i32::try_from(most).unwrap_or(256) {
            libc::close(fd);
        }
    }
}
