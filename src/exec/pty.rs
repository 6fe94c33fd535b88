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
//! The output-only one (`display.rs`) merely looks like a terminal to a stream: colours,
//! width, progress bars. The command keeps the user's terminal for keys and job control. It serves
//! where heal must not take the keyboard, because others use it: pipelines, background jobs.
//!
//! What differs from the bare command: keys typed ahead and not read by the command are not left
//! for the shell.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::process::Signal;
use rustix::pty::OpenptFlags;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios};

use super::signals::Watch;

/// Both sides of a new pseudo-terminal: (ours, the command's).
pub(super) fn open() -> io::Result<(OwnedFd, OwnedFd)> {
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

pub(super) fn copy_size(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> bool {
    let (Ok(new), Ok(old)) = (rustix::termios::tcgetwinsize(from), rustix::termios::tcgetwinsize(to)) else {
        return false;
    };
    let same = (new.ws_row, new.ws_col, new.ws_xpixel, new.ws_ypixel)
        == (old.ws_row, old.ws_col, old.ws_xpixel, old.ws_ypixel);
    !same && rustix::termios::tcsetwinsize(to, new).is_ok()
}

/// Keys on their way from the user's terminal to the command's.
#[derive(Default)]
pub(super) struct Keys {
    at_end: bool,
    /// What the command has not taken yet.
    waiting: Vec<u8>,
}

impl Keys {
    /// What to wait for; one at a time.
    pub fn interests<'a>(
        &self,
        user: BorrowedFd<'a>,
        ours: BorrowedFd<'a>,
        mut add: impl FnMut(BorrowedFd<'a>, PollFlags),
    ) {
        if !self.waiting.is_empty() {
            add(ours, PollFlags::OUT);
        } else if !self.at_end {
            add(user, PollFlags::IN);
        }
    }

    /// Does what it waited for: reads keys, hands them over as far as they are taken. The keys
    /// that are new come back.
    pub fn advance(&mut self, user: BorrowedFd<'_>, ours: BorrowedFd<'_>) -> Vec<u8> {
        let mut fresh = Vec::new();
        if self.waiting.is_empty() {
            let mut buffer = [0u8; 4096];
            match rustix::io::read(user, &mut buffer) {
                Ok(0) => self.at_end = true,
                Ok(count) => fresh.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(_) => self.at_end = true,
            }
            self.waiting.clone_from(&fresh);
        }
        match rustix::io::write(ours, &self.waiting) {
            Ok(count) => drop(self.waiting.drain(..count)),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => self.waiting.clear(),
        }
        fresh
    }
}

/// The user's terminal while the command has one of its own. Dropping it puts it back as it was.
pub(super) struct Terminal<'a> {
    user: BorrowedFd<'a>,
    ours: OwnedFd,
    saved: Termios,
    raw: bool,
    keys: Keys,
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
            keys: Keys::default(),
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

    /// What to wait for.
    pub fn interests<'b>(&'b self, add: impl FnMut(BorrowedFd<'b>, PollFlags)) {
        if self.raw {
            self.keys.interests(self.user, self.ours.as_fd(), add);
        }
    }

    /// Does what it waited for.
    pub fn advance(&mut self, watch: &Watch) {
        let fresh = self.keys.advance(self.user, self.ours.as_fd());
        self.note_interrupts(&fresh, watch);
    }

    /// Ctrl-C is a key here; to the caller it is what the signal would have been.
    fn note_interrupts(&self, fresh: &[u8], watch: &Watch) {
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
            if key != 0 && fresh.contains(&key) {
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
