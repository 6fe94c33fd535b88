//! Where a stream of the command goes, written to without being held up.
//!
//! A reader that does not read one stream must not keep the other from its reader: programs that
//! start others read stderr to its end before they look at stdout. A pipe's non-blocking flag
//! belongs to everybody who has the pipe, so it is not ours to set; but opening the same pipe once
//! more gives a description of our own. Where that cannot be had, writes block, as everybody's do.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

/// heal's stdout or stderr.
pub(super) struct Outlet {
    fd: OwnedFd,
    /// The same pipe, opened by us alone, non-blocking.
    own: Option<OwnedFd>,
}

impl Outlet {
    pub fn new(fd: OwnedFd) -> Self {
        let own = reopen(fd.as_fd());
        Self { fd, own }
    }

    /// heal's own descriptor.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Writes as much as goes without waiting; everything, where waiting cannot be avoided.
    pub fn put(&self, bytes: &[u8]) -> io::Result<usize> {
        let Some(own) = &self.own else {
            return write_all(self.fd(), bytes).map(|()| bytes.len());
        };
        loop {
            match rustix::io::write(own, bytes) {
                // Less than all means that it is full: no need to be told so.
                Ok(count) => return Ok(count),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(0),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What becomes writable when [`Outlet::put`] can go on, where it ever stops.
    pub fn ready(&self) -> io::Result<Option<OwnedFd>> {
        self.own.as_ref().map(OwnedFd::try_clone).transpose()
    }
}

#[cfg(target_os = "linux")]
fn reopen(fd: BorrowedFd<'_>) -> Option<OwnedFd> {
    use rustix::fs::{FileType, Mode, OFlags};
    use std::os::fd::AsRawFd;
    let about = rustix::fs::fstat(fd).ok()?;
    if FileType::from_raw_mode(about.st_mode) != FileType::Fifo {
        return None;
    }
    let name = format!("/proc/self/fd/{}", fd.as_raw_fd());
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    rustix::fs::open(name, flags, Mode::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn reopen(_: BorrowedFd<'_>) -> Option<OwnedFd> {
    None
}

/// Writes everything, also where somebody made the descriptor non-blocking.
pub(super) fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::OUT)];
                match rustix::event::poll(&mut fds, None) {
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
