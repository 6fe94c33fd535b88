//! heal's own commands: probes, checks, fixes.
//!
//! They get no terminal (a session of their own, so that not even /dev/tty asks the user for a
//! password), no stdin, a bounded memory of their output, and a time limit after which the whole
//! group is ended. The environment is inherited except for what the [`Command`] changes: cleaning
//! it is the caller's business.

use std::collections::VecDeque;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::child::{Exit, Output, Running, StreamKind};
use super::command::{Command, SpawnError};
use super::signals::Watch;

/// Bounds for [`capture`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptureLimits {
    /// When the command must be over; `None` waits for ever.
    pub timeout: Option<Duration>,
    /// Bytes kept from the beginning of each stream.
    pub head: usize,
    /// Bytes kept from the end of each stream.
    pub tail: usize,
}

impl Default for CaptureLimits {
    /// Ten minutes, 256 KiB of either end.
    fn default() -> Self {
        Self {
            timeout: Some(Duration::from_secs(600)),
            head: 256 * 1024,
            tail: 256 * 1024,
        }
    }
}

/// What a captured command did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Captured {
    /// How it ended.
    pub exit: Exit,
    /// Its stdout, or beginning and end of it.
    pub stdout: Vec<u8>,
    /// Its stderr, or beginning and end of it.
    pub stderr: Vec<u8>,
    /// Whether bytes are missing in the middle of either; a line says so there.
    pub truncated: bool,
    /// Whether it was ended because its time was up.
    pub timed_out: bool,
}

impl Captured {
    /// Whether it ended with code 0 in time.
    pub fn success(&self) -> bool {
        self.exit.success() && !self.timed_out
    }
}

/// Runs `command` to its end and keeps what it said.
///
/// # Errors
/// Where it cannot be started.
pub fn capture(command: &Command, limits: &CaptureLimits) -> Result<Captured, SpawnError> {
    capture_observed(command, limits, &mut |_, _| {})
}

/// [`capture`], with every chunk shown to `observer` as it comes.
///
/// # Errors
/// Where it cannot be started.
pub fn capture_observed(
    command: &Command,
    limits: &CaptureLimits,
    observer: &mut dyn FnMut(StreamKind, &[u8]),
) -> Result<Captured, SpawnError> {
    capture_prepared(command, limits, &mut |_| Ok(()), observer)
}

/// [`capture_observed`], with something to be prepared before the process starts (twice, where a
/// script turns out to be the shell's).
///
/// # Errors
/// Where it cannot be prepared or started.
pub fn capture_prepared(
    command: &Command,
    limits: &CaptureLimits,
    prepare: &mut dyn FnMut(&mut std::process::Command) -> io::Result<()>,
    observer: &mut dyn FnMut(StreamKind, &[u8]),
) -> Result<Captured, SpawnError> {
    let watch = Watch::new()?;
    let (stdout, stdout_end) = super::pipe()?;
    let (stderr, stderr_end) = super::pipe()?;
    let started = Instant::now();
    watch.fresh(true);
    let input = input_file(&command.input)?;
    let pid = command.spawn(&mut |process| {
        process.stdin(match &input {
            Some(file) => Stdio::from(file.try_clone()?),
            None => Stdio::null(),
        });
        process.stdout(stdout_end.try_clone()?);
        process.stderr(stderr_end.try_clone()?);
        own_session(process);
        prepare(process)
    })?;
    drop((stdout_end, stderr_end));
    watch.start(-pid);
    let running = Running {
        pid,
        started,
        watch: &watch,
        outputs: vec![
            Output::new(StreamKind::Stdout, stdout, None),
            Output::new(StreamKind::Stderr, stderr, None),
        ],
        feed: None,
        terminal: None,
        display: None,
        deadline: limits.timeout.and_then(|time| started.checked_add(time)),
    };
    let mut kept = [Kept::new(limits), Kept::new(limits)];
    let ended = running.supervise(&mut |kind, bytes| {
        let [stdout, stderr] = &mut kept;
        match kind {
            StreamKind::Stdout => stdout.add(bytes),
            StreamKind::Stderr => stderr.add(bytes),
        }
        observer(kind, bytes);
        Ok(bytes.len())
    })?;
    let truncated = kept.iter().any(|kept| kept.dropped > 0);
    let [stdout, stderr] = kept.map(Kept::into_bytes);
    Ok(Captured {
        exit: ended.exit,
        stdout,
        stderr,
        truncated,
        timed_out: ended.timed_out,
    })
}

/// A nameless file with the input: the command may read it when and as far as it likes, and nobody
/// has to feed a pipe.
fn input_file(input: &[u8]) -> io::Result<Option<std::fs::File>> {
    use std::io::{Seek, Write};
    if input.is_empty() {
        return Ok(None);
    }
    let mut file = tempfile::tempfile()?;
    file.write_all(input)?;
    file.rewind()?;
    Ok(Some(file))
}

#[allow(unsafe_code, reason = "std has no stable way to start a session")]
fn own_session(process: &mut std::process::Command) {
    // SAFETY: setsid is a bare system call, which is all that may happen between fork and exec.
    unsafe {
        process.pre_exec(|| rustix::process::setsid().map(drop).map_err(io::Error::from));
    }
}

/// The two ends of a stream.
struct Kept {
    limits: CaptureLimits,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Kept {
    fn new(limits: &CaptureLimits) -> Self {
        Self {
            limits: *limits,
            head: Vec::new(),
            tail: VecDeque::new(),
            dropped: 0,
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        let room = self.limits.head.saturating_sub(self.head.len()).min(bytes.len());
        let (head, rest) = bytes.split_at(room);
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(self.limits.tail);
        self.tail.drain(..over);
        self.dropped += over as u64;
    }

    fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.head;
        if self.dropped > 0 {
            bytes.extend_from_slice(format!("\n[{} bytes left out]\n", self.dropped).as_bytes());
        }
        bytes.extend(self.tail);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        Command::new(["sh", "-c", script])
    }

    #[test]
    fn keeps_streams_code_and_folder() {
        let folder = tempfile::tempdir().unwrap();
        let command = sh("pwd -P; echo \"$A-$B\"; echo oops >&2; cat; exit 7")
            .in_folder(folder.path())
            .with_env("A", "one")
            .without_env("B");
        let seen = capture(&command, &CaptureLimits::default()).unwrap();
        let real = folder.path().canonicalize().unwrap();
        assert_eq!(
            String::from_utf8(seen.stdout).unwrap(),
            format!("{}\none-\n", real.display())
        );
        assert_eq!(seen.stderr, b"oops\n");
        assert_eq!((seen.exit.code, seen.exit.shell_code()), (Some(7), 7));
        assert!(!seen.truncated && !seen.timed_out);
        assert!(seen.exit.max_rss > 100_000, "{}", seen.exit.max_rss);
    }

    #[test]
    fn output_is_bounded_and_both_ends_are_kept() {
        let limits = CaptureLimits {
            head: 10,
            tail: 12,
            ..CaptureLimits::default()
        };
        let seen = capture(&sh("echo first; seq 1 100000; echo last"), &limits).unwrap();
        assert_eq!(
            String::from_utf8(seen.stdout).unwrap(),
            "first\n1\n2\n\n[588884 bytes left out]\n100000\nlast\n"
        );
        assert!(seen.truncated);
    }

    #[test]
    fn a_signal_is_told_apart_from_a_code() {
        let seen = capture(&sh("kill -9 $$"), &CaptureLimits::default()).unwrap();
        assert_eq!((seen.exit.code, seen.exit.signal), (None, Some(9)));
        assert_eq!(seen.exit.shell_code(), 137);
    }

    #[test]
    fn when_time_is_up_the_whole_group_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("still-there");
        let script = format!("(sleep 1; echo x > {}) & sleep 60", file.display());
        let limits = CaptureLimits {
            timeout: Some(Duration::from_millis(200)),
            ..CaptureLimits::default()
        };
        let start = Instant::now();
        let seen = capture(&sh(&script), &limits).unwrap();
        assert!(seen.timed_out && !seen.success());
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
        std::thread::sleep(Duration::from_millis(1300));
        assert!(!file.exists(), "the background process outlived its group");
    }

    #[test]
    fn one_that_ignores_the_polite_end_is_killed() {
        let limits = CaptureLimits {
            timeout: Some(Duration::from_millis(100)),
            ..CaptureLimits::default()
        };
        let seen = capture(&sh("trap '' TERM; while :; do sleep 0.1; done"), &limits).unwrap();
        assert_eq!((seen.exit.signal, seen.timed_out), (Some(libc::SIGKILL), true));
    }

    #[test]
    fn there_is_no_terminal_to_ask_on() {
        let seen = capture(&sh("echo x > /dev/tty || tty"), &CaptureLimits::default()).unwrap();
        assert_ne!(seen.exit.code, Some(0));
        assert_eq!(seen.stdout, b"not a tty\n");
    }

    #[test]
    fn a_background_process_holds_nobody_up() {
        let start = Instant::now();
        let seen = capture(&sh("sleep 20 & echo done"), &CaptureLimits::default()).unwrap();
        assert_eq!(seen.stdout, b"done\n");
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}
