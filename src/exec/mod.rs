//! Running commands: the only place where heal starts a process.
//!
//! Knows processes, terminals, pipes and signals. Must not know what a command is for, what its
//! output means, or that anything gets healed: it depends on nothing else of this crate.
//!
//! # The API in one page
//!
//! The user's command, run as often as it takes, on the user's own terminal or pipes:
//!
//! ```no_run
//! use heal::exec::{Command, Session, SessionOptions};
//! let command = Command::new(["python3", "main.py"]);
//! let mut session = Session::new(SessionOptions::default())?;
//! let first = session.attempt(&command, &mut |_stream, _bytes| { /* already on its way */ })?;
//! if !first.success() && first.interrupted.is_none() && session.can_repeat().is_ok() {
//!     // … heal …
//!     session.attempt(&command, &mut |_, _| {})?; // reads the same stdin again
//! }
//! session.finish()?; // the last attempt's stdout is the one that counts
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Command`]: argv, working folder, changes to the environment.
//! - [`Session::attempt`] → [`Exit`] or [`SpawnError`] (127 and 126, in the shell's words).
//! - [`Session::can_repeat`]: whether stdin can be given once more; `Err` says why not.
//! - [`Session::interrupted`]: a SIGINT, SIGTERM, SIGHUP or SIGQUIT that came since the start, also
//!   between attempts: they never end heal in the middle of something while a session lives.
//! - [`Session::finish`]: hands over held-back stdout. Dropping a session does the same as well as
//!   it can.
//! - [`capture`]: heal's own commands: no terminal, no stdin, bounded output, a time limit, its own
//!   process group.
//! - [`which::find`] and [`which::trusted`]: a program on PATH, as the shell finds it, and so that
//!   nothing in the current folder can pose as it.
//! - [`ProjectLock`]: one heal per project.
//!
//! # What the command sees
//!
//! | heal's stdin | heal's stdout | the command gets |
//! |---|---|---|
//! | terminal | the same terminal, heal in its foreground | a pseudo-terminal of its own, session and job control included; keys, size and Ctrl-Z are passed on (`pty.rs`) |
//! | anything | terminal | its stdin as below, and an output-only pseudo-terminal where stdout or stderr is a terminal (`display.rs`) |
//! | anything | file, pipe | plain pipes; a stderr that is a terminal stays one (output-only) |
//!
//! | heal's stdin | the command's stdin |
//! |---|---|
//! | terminal (no pty of its own), device, `/dev/null` | the same descriptor |
//! | regular file | the same descriptor; wound back before the next attempt |
//! | pipe, socket | a pipe, fed from a record that the next attempt reads again (`stdin.rs`) |
//!
//! Except on its own pseudo-terminal the command stays in heal's process group, so that Ctrl-C,
//! Ctrl-Z, `fg` and `kill %1` do what they always do. A signal that was sent to heal alone is
//! passed on; heal then waits for the command and tells the caller ([`Exit::interrupted`]). One
//! that `kill` sent to the whole group cannot be told apart from that: the command may see it
//! twice, as it does under `timeout`.
//!
//! Both streams on a pseudo-terminal are one, in the order of writing; it is reported as
//! [`StreamKind::Stdout`], or as `Stderr` where only that one is a terminal.
//!
//! What a command leaves running may hold its output open for ever. heal reads on until
//! [`SETTLE`] has passed without a byte, at most [`SETTLE_MAX`], and then hands the open ends to a
//! `cat` that lives as long as the writer does: nobody waits, nobody loses output or gets SIGPIPE.

mod capture;
mod child;
mod command;
mod display;
mod leader;
mod lock;
mod outlet;
mod pty;
mod session;
mod signals;
mod spool;
mod stdin;
pub mod which;

pub use capture::{CaptureLimits, Captured, capture, capture_observed, capture_prepared};
pub use child::{Exit, SETTLE, SETTLE_MAX, StreamKind};
pub use command::{Command, SpawnError};
pub use lock::{LockError, ProjectLock, Wait};
pub use session::{Endpoints, Session, SessionOptions};
pub use spool::StdoutMode;

/// A pipe that no other program inherits by accident: (read end, write end).
fn pipe() -> std::io::Result<(std::os::fd::OwnedFd, std::os::fd::OwnedFd)> {
    let (reader, writer) = std::io::pipe()?;
    Ok((reader.into(), writer.into()))
}
