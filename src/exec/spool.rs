//! Where the command's stdout goes, so that only the last attempt's stays where it matters.
//!
//! - A terminal or a pipe gets everything at once.
//! - A regular file that is being written at its end also gets everything at once, and a following
//!   attempt first takes back what the last one wrote. That way `tail -f` works, a full disk is
//!   met where it always was, and whatever happens to heal the file holds what the bare command
//!   would have left there. Nothing is taken back where somebody else wrote as well.
//! - A file open for appending may have other writers at any moment: there each attempt is held
//!   back in a file beside it, and the last one is appended when all is over. The same with
//!   [`StdoutMode::Final`], whatever stdout is. If heal dies, that file stays.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, OFlags};

use super::outlet::{Outlet, write_all};

/// When stdout reaches its reader.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StdoutMode {
    /// At once; a regular file keeps only the last attempt's.
    #[default]
    Auto,
    /// At the very end, the last attempt's only.
    Final,
    /// At once, every attempt's.
    Stream,
}

/// How one session's stdout is treated.
enum Route {
    Direct,
    /// Taken back before the next attempt: where the file ended, what was written since.
    Rewind {
        start: u64,
        written: u64,
    },
    /// Held back.
    Held(tempfile::NamedTempFile),
}

/// heal's stdout, over all attempts.
pub(super) struct Sink {
    outlet: Outlet,
    route: Route,
}

impl Sink {
    /// `same_as_stderr`: both streams go to one place, a log, which keeps everything in order.
    pub fn new(fd: OwnedFd, mode: StdoutMode, same_as_stderr: bool) -> io::Result<Self> {
        let route = match mode {
            StdoutMode::Stream => Route::Direct,
            StdoutMode::Final => Route::Held(hold(fd.as_fd())?),
            StdoutMode::Auto if same_as_stderr => Route::Direct,
            StdoutMode::Auto => {
                let about = rustix::fs::fstat(&fd)?;
                if FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
                    Route::Direct
                } else {
                    let start = rustix::fs::tell(&fd)?;
                    let appending = rustix::fs::fcntl_getfl(&fd)?.contains(OFlags::APPEND);
                    // Written over (`1<>file`), the old bytes could not be brought back.
                    if !appending && u64::try_from(about.st_size) == Ok(start) {
                        Route::Rewind { start, written: 0 }
                    } else {
                        Route::Held(hold(fd.as_fd())?)
                    }
                }
            }
        };
        Ok(Self {
            outlet: Outlet::new(fd),
            route,
        })
    }

    /// heal's own descriptor.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.outlet.fd()
    }

    /// See [`Outlet::ready`].
    pub fn ready(&self) -> io::Result<Option<OwnedFd>> {
        match self.route {
            Route::Direct => self.outlet.ready(),
            Route::Rewind { .. } | Route::Held(_) => Ok(None),
        }
    }

    /// Whether bytes are on their way at once.
    pub fn is_direct(&self) -> bool {
        !matches!(self.route, Route::Held(_))
    }

    /// Gets ready for an attempt: forgets what the one before wrote.
    pub fn begin(&mut self) -> io::Result<()> {
        match &mut self.route {
            Route::Direct => {}
            Route::Rewind { start, written } => {
                let ours = rustix::fs::fstat(self.outlet.fd())
                    .is_ok_and(|about| u64::try_from(about.st_size) == Ok(*start + *written))
                    && rustix::fs::tell(self.outlet.fd()) == Ok(*start + *written);
                if ours && *written > 0 {
                    rustix::fs::ftruncate(self.outlet.fd(), *start)?;
                    rustix::fs::seek(self.outlet.fd(), rustix::fs::SeekFrom::Start(*start))?;
                } else {
                    *start = rustix::fs::tell(self.outlet.fd())?;
                }
                *written = 0;
            }
            Route::Held(file) => {
                file.as_file_mut().set_len(0)?;
                file.as_file_mut().rewind()?;
            }
        }
        Ok(())
    }

    /// Takes a chunk of the running attempt, or the part of it that goes without waiting.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.route {
            Route::Direct => return self.outlet.put(bytes),
            Route::Rewind { written, .. } => {
                write_all(self.outlet.fd(), bytes)?;
                *written += bytes.len() as u64;
            }
            Route::Held(file) => file.as_file_mut().write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    /// Hands over what was held back. Where that fails it is kept, and the error says where.
    pub fn finish(&mut self) -> io::Result<()> {
        let Route::Held(file) = std::mem::replace(&mut self.route, Route::Direct) else {
            return Ok(());
        };
        let Err(error) = copy(file.as_file(), self.outlet.fd()) else {
            return file.close();
        };
        if error.kind() == io::ErrorKind::BrokenPipe {
            // Nobody wants it; that is no loss.
            file.close()?;
            return Err(error);
        }
        let path = match file.keep() {
            Ok((_, path)) => path,
            Err(failed) => failed.file.path().to_path_buf(),
        };
        Err(io::Error::new(
            error.kind(),
            format!(
                "cannot write the command's output: {error}; it is in {}",
                path.display()
            ),
        ))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // A session that ends by an error or a panic loses nothing either, where it can be helped.
        let _ = self.finish();
    }
}

/// A file beside the one that `fd` is, or in the temporary folder, for this user only.
fn hold(fd: BorrowedFd<'_>) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".heal-stdout-");
    if let Some(beside) = path_of(fd).as_deref().and_then(Path::parent)
        && let Ok(file) = builder.tempfile_in(beside)
    {
        return Ok(file);
    }
    builder.tempfile()
}

/// The name of an open regular file, where the system tells.
fn path_of(fd: BorrowedFd<'_>) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    let about = rustix::fs::fstat(fd).ok()?;
    if FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
        return None;
    }
    let path = std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd())).ok()?;
    path.exists().then_some(path)
}

fn copy(mut from: &File, to: BorrowedFd<'_>) -> io::Result<()> {
    use std::io::Read;
    from.rewind()?;
    let mut buffer = vec![0u8; 128 * 1024];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            count => write_all(to, buffer.get(..count).unwrap_or_default())?,
        }
    }
}
