//! An output-only pseudo-terminal: a stream that looks like the user's terminal.
//!
//! The command's controlling terminal is still the user's, its keys come from there, heal only
//! copies output. One exception: with stdin taken by a pipe, pagers and editors (`… | less`,
//! `… | vim -`) take keys from the terminal behind their stderr, and that is ours. They put it
//! into raw mode first; so when that happens the user's terminal follows into the same mode and
//! its keys are handed over, until the program puts the mode back or ends.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::fs::OFlags;
use rustix::termios::{InputModes, LocalModes, OptionalActions, OutputModes, Termios};

use super::pty::{Keys, copy_size, in_foreground, open};

/// A program may set modes shortly after its output: for so long after a chunk we look again.
const LOOK_FOR: Duration = Duration::from_millis(300);
/// And so often.
const LOOK_EVERY: Duration = Duration::from_millis(30);

/// The user's side and ours. Dropping it puts the user's terminal back as it was.
pub(super) struct Display {
    user: OwnedFd,
    ours: OwnedFd,
    /// What the user's terminal was like before we took its keys.
    taken: Option<Termios>,
    keys: Keys,
    look_until: Option<Instant>,
}

impl Display {
    /// One like `user`: (itself, our side, the command's side).
    pub fn open(user: BorrowedFd<'_>) -> io::Result<(Self, OwnedFd, OwnedFd)> {
        let (ours, theirs) = open()?;
        let mut modes = rustix::termios::tcgetattr(user)?;
        // Bytes must come out as they went in; the user's terminal does the rest.
        modes.output_modes &= !OutputModes::OPOST;
        rustix::termios::tcsetattr(&theirs, OptionalActions::Now, &modes)?;
        // A command that reads no keys must not stop heal from showing its output.
        rustix::io::ioctl_fionbio(&ours, true)?;
        let output = ours.try_clone()?;
        let user = user.try_clone_to_owned()?;
        copy_size(user.as_fd(), ours.as_fd());
        let display = Self {
            user,
            ours,
            taken: None,
            keys: Keys::default(),
            look_until: None,
        };
        Ok((display, output, theirs))
    }

    /// Takes over the terminal's size; whether it was another.
    pub fn resize(&self) -> bool {
        copy_size(self.user.as_fd(), self.ours.as_fd())
    }

    /// The command has written something.
    pub fn heard(&mut self) {
        self.look_until = Instant::now().checked_add(LOOK_FOR);
        self.look();
    }

    /// After how long to [`Display::look`] again.
    pub fn look_in(&self) -> Option<Duration> {
        self.look_until.map(|_| LOOK_EVERY)
    }

    /// heal was stopped and goes on: whoever had the terminal meanwhile has set it anew.
    pub fn resume(&mut self) {
        if let Some(modes) = &self.taken {
            let taken = modes.clone();
            self.follow(taken);
        }
    }

    /// Looks whether the command wants keys from our terminal, or no longer.
    pub fn look(&mut self) {
        if self.look_until.is_some_and(|until| until <= Instant::now()) {
            self.look_until = None;
        }
        let Ok(modes) = rustix::termios::tcgetattr(&self.ours) else {
            return;
        };
        let wanted = !modes.local_modes.contains(LocalModes::ICANON);
        match (wanted, &self.taken) {
            (true, None) => self.take(),
            (false, Some(_)) => self.release(),
            _ => {}
        }
    }

    fn take(&mut self) {
        let readable = rustix::fs::fcntl_getfl(&self.user).is_ok_and(|flags| flags & OFlags::RWMODE != OFlags::WRONLY);
        if !readable || !in_foreground(self.user.as_fd()) {
            return;
        }
        if let Ok(before) = rustix::termios::tcgetattr(&self.user) {
            self.follow(before);
        }
    }

    /// Sets the user's terminal as the command has set ours. Keys come as they are typed and
    /// ours makes of them what the command wants; only those that are signals must act where the
    /// command's session is.
    fn follow(&mut self, before: Termios) {
        let Ok(theirs) = rustix::termios::tcgetattr(&self.ours) else {
            return;
        };
        let mut modes = before.clone();
        modes.make_raw();
        // Ours does no output processing whatever the program sets, so look at the rest of what
        // "raw" means to know whether it wants none.
        let all_raw = !theirs.local_modes.contains(LocalModes::ISIG) && !theirs.input_modes.contains(InputModes::ICRNL);
        modes.output_modes = theirs.output_modes;
        modes.output_modes.set(OutputModes::OPOST, !all_raw);
        modes.local_modes |= theirs.local_modes & LocalModes::ISIG;
        modes.input_modes |= theirs.input_modes & InputModes::IXON;
        if rustix::termios::tcsetattr(&self.user, OptionalActions::Now, &modes).is_ok() {
            self.taken = Some(before);
        }
    }

    fn release(&mut self) {
        if let Some(before) = self.taken.take()
            && in_foreground(self.user.as_fd())
        {
            // Nothing can be done about a terminal that is gone.
            let _ = rustix::termios::tcsetattr(&self.user, OptionalActions::Now, &before);
        }
    }

    /// What to wait for.
    pub fn interests<'a>(&'a self, add: impl FnMut(BorrowedFd<'a>, PollFlags)) {
        if self.taken.is_some() {
            self.keys.interests(self.user.as_fd(), self.ours.as_fd(), add);
        }
    }

    /// Does what it waited for.
    pub fn advance(&mut self) {
        // Signal keys are no keys here: the kernel has made signals of them.
        let _ = self.keys.advance(self.user.as_fd(), self.ours.as_fd());
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.release();
    }
}
