//! What is healed: something that can be run and that prints why it failed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use super::engine::{Engine, EngineError};
use crate::detector::{Scan, ScanOptions, Scanner, StreamKind};
use crate::exec::{self, Exit};

/// One run.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The exit code, where it ended with one.
    pub code: Option<i32>,
    /// The code as a shell would give it.
    pub shell_code: i32,
    /// It did what it should.
    pub success: bool,
    /// A signal that heal itself received meanwhile.
    pub interrupted: Option<i32>,
    /// What was found in its output.
    pub scan: Scan,
}

/// Why a subject could not be run.
#[derive(Debug, thiserror::Error)]
pub enum SubjectError {
    /// The command could not be started; code as the shell gives it.
    #[error("{message}")]
    Spawn {
        /// In the shell's words.
        message: String,
        /// 126 or 127.
        code: i32,
    },
    /// The packs cannot be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Anything else of heal's own.
    #[error("{0}")]
    Other(String),
}

/// Runs a command somewhere else than in the project itself.
pub type Rehearsal<'a> = &'a dyn Fn(&exec::Command) -> Result<exec::Captured, String>;

/// A command with further variables, or another in its place.
#[must_use]
pub fn command(argv: &[String], cwd: &Path, env: &[(String, String)], instead: Option<&[String]>) -> exec::Command {
    let mut command = exec::Command::new(instead.unwrap_or(argv)).in_folder(cwd);
    let set = |(name, value): &(String, String)| (OsString::from(name), Some(OsString::from(value)));
    command.env.extend(env.iter().map(set));
    command
}

/// What a captured run was. A run that succeeded has nothing to be found in.
fn read_attempt(engine: &Engine, captured: &exec::Captured) -> Attempt {
    let success = captured.success();
    let scan = || {
        let mut scanner = Scanner::new(Arc::clone(&engine.matcher), ScanOptions::default());
        scanner.feed(StreamKind::Stdout, &captured.stdout);
        scanner.feed(StreamKind::Stderr, &captured.stderr);
        scanner.finish()
    };
    Attempt {
        code: captured.exit.code,
        shell_code: captured.exit.shell_code(),
        success,
        interrupted: captured.exit.interrupted,
        scan: if success { Scan::default() } else { scan() },
    }
}

/// Runs a command out of sight, and reads what it printed.
///
/// # Errors
/// It could not be started.
pub fn capture(
    engine: &Engine,
    command: &exec::Command,
    limits: &exec::CaptureLimits,
) -> Result<(Attempt, exec::Captured), SubjectError> {
    let captured = exec::capture(command, limits).map_err(|error| SubjectError::Spawn {
        message: error.to_string(),
        code: error.code(),
    })?;
    Ok((read_attempt(engine, &captured), captured))
}

/// Something that can be run and healed.
pub trait Subject {
    /// The command; empty where there is none.
    fn argv(&self) -> &[String];
    /// Its folder.
    fn cwd(&self) -> &Path;
    /// Runs it, with further variables, or another command in its place.
    ///
    /// # Errors
    /// It could not be run.
    fn attempt(&mut self, env: &[(String, String)], instead: Option<&[String]>) -> Result<Attempt, SubjectError>;
    /// Runs it where `run` says, without anybody seeing its output: in a copy of the project, to
    /// prove a fix there. `None` where that is not possible; the proof is then made afterwards.
    ///
    /// # Errors
    /// It could not be run.
    fn rehearse(
        &mut self,
        env: &[(String, String)],
        instead: Option<&[String]>,
        run: Rehearsal<'_>,
    ) -> Option<Result<Attempt, String>> {
        let _ = (env, instead, run);
        None
    }
    /// Whether it can be run again.
    ///
    /// # Errors
    /// Why not.
    fn can_repeat(&self) -> Result<(), String>;
    /// A signal that came since the start.
    fn interrupted(&self) -> Option<i32>;
    /// The engine, loaded when it is first needed.
    ///
    /// # Errors
    /// The packs cannot be used.
    fn engine(&mut self) -> Result<Arc<Engine>, EngineError>;
}

/// An engine that is loaded while the command runs already: a command that succeeds never waits for it.
#[derive(Debug)]
pub enum LazyEngine {
    /// Being loaded.
    Loading(Option<JoinHandle<Result<Engine, EngineError>>>),
    /// There.
    Ready(Arc<Engine>),
    /// It cannot be.
    Failed(EngineError),
}

impl LazyEngine {
    fn get(&mut self) -> Result<Arc<Engine>, EngineError> {
        if let Self::Loading(handle) = self {
            let loaded = handle.take().map(JoinHandle::join);
            *self = match loaded {
                Some(Ok(Ok(engine))) => Self::Ready(Arc::new(engine)),
                Some(Ok(Err(error))) => Self::Failed(error),
                _ => Self::Failed(EngineError(vec!["loading the packs failed".to_owned()])),
            };
        }
        match self {
            Self::Ready(engine) => Ok(Arc::clone(engine)),
            Self::Failed(error) => Err(error.clone()),
            Self::Loading(_) => Err(EngineError(vec!["the packs are not loaded".to_owned()])),
        }
    }

    fn is_ready(&self) -> bool {
        match self {
            Self::Loading(Some(handle)) => handle.is_finished(),
            _ => true,
        }
    }
}

/// A command of the user's.
pub struct CommandSubject {
    argv: Vec<String>,
    cwd: PathBuf,
    session: exec::Session,
    engine: LazyEngine,
}

impl CommandSubject {
    /// A command whose engine is there or still loading.
    #[must_use]
    pub fn new(argv: Vec<String>, cwd: PathBuf, session: exec::Session, engine: LazyEngine) -> Self {
        Self {
            argv,
            cwd,
            session,
            engine,
        }
    }

    /// Hands over held-back output; the last attempt's counts.
    ///
    /// # Errors
    /// The operating system's.
    pub fn finish(self) -> std::io::Result<()> {
        self.session.finish()
    }
}

/// Output that waits for the engine.
struct Feed<'a> {
    engine: &'a mut LazyEngine,
    waiting: Vec<(StreamKind, Vec<u8>)>,
    held: usize,
    scanner: Option<Scanner>,
}

impl Feed<'_> {
    /// More than this is not held back: then the scanner must be there.
    const MOST_HELD: usize = 4 << 20;

    fn bytes(&mut self, stream: StreamKind, bytes: &[u8]) {
        if self.scanner.is_none() && (self.engine.is_ready() || self.held > Self::MOST_HELD) {
            self.start();
        }
        match &mut self.scanner {
            Some(scanner) => scanner.feed(stream, bytes),
            None if self.held <= Self::MOST_HELD => {
                self.held += bytes.len();
                self.waiting.push((stream, bytes.to_vec()));
            }
            None => {}
        }
    }

    fn start(&mut self) {
        if self.scanner.is_some() {
            return;
        }
        if let Ok(engine) = self.engine.get() {
            let mut scanner = Scanner::new(Arc::clone(&engine.matcher), ScanOptions::default());
            for (stream, bytes) in self.waiting.drain(..) {
                scanner.feed(stream, &bytes);
            }
            self.scanner = Some(scanner);
        }
    }
}

fn stream(kind: exec::StreamKind) -> StreamKind {
    match kind {
        exec::StreamKind::Stdout => StreamKind::Stdout,
        exec::StreamKind::Stderr => StreamKind::Stderr,
    }
}

impl Subject for CommandSubject {
    fn argv(&self) -> &[String] {
        &self.argv
    }

    fn cwd(&self) -> &Path {
        &self.cwd
    }

    fn attempt(&mut self, env: &[(String, String)], instead: Option<&[String]>) -> Result<Attempt, SubjectError> {
        let mut command = exec::Command::new(instead.unwrap_or(&self.argv));
        command.env.extend(
            env.iter()
                .map(|(name, value)| (OsString::from(name), Some(OsString::from(value)))),
        );
        let mut feed = Feed {
            engine: &mut self.engine,
            waiting: Vec::new(),
            held: 0,
            scanner: None,
        };
        let exit = match self
            .session
            .attempt(&command, &mut |kind, bytes| feed.bytes(stream(kind), bytes))
        {
            Ok(exit) => exit,
            Err(error) => {
                // A shell would print it and go on with 126 or 127; here the same line is read for its cause.
                let line = format!("{error}\n");
                let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
                feed.bytes(StreamKind::Stderr, line.as_bytes());
                Exit {
                    code: Some(error.code()),
                    ..Exit::default()
                }
            }
        };
        // SIGPIPE: the reader of the output went away (`… | head`), which is no failure.
        let broken_pipe = exit.signal == Some(13) || exit.lost_output.is_some();
        let success = exit.success();
        let scan = if success {
            Scan::default()
        } else {
            feed.start();
            feed.scanner.map(Scanner::finish).unwrap_or_default()
        };
        Ok(Attempt {
            code: exit.code,
            shell_code: exit.shell_code(),
            success,
            interrupted: exit.interrupted.or(broken_pipe.then_some(13)),
            scan,
        })
    }

    fn rehearse(
        &mut self,
        env: &[(String, String)],
        instead: Option<&[String]>,
        run: Rehearsal<'_>,
    ) -> Option<Result<Attempt, String>> {
        let engine = self.engine.get().ok()?;
        let mut command = command(&self.argv, &self.cwd, env, instead);
        command.input = self.session.recorded_input().ok()?;
        Some(run(&command).map(|captured| read_attempt(&engine, &captured)))
    }

    fn can_repeat(&self) -> Result<(), String> {
        self.session.can_repeat()
    }

    fn interrupted(&self) -> Option<i32> {
        self.session.interrupted()
    }

    fn engine(&mut self) -> Result<Arc<Engine>, EngineError> {
        self.engine.get()
    }
}

/// A captured output that is read as it comes, however long it is: it cannot be run.
pub struct ReadSubject {
    /// The command that printed it, where it is known.
    pub argv: Vec<String>,
    /// Its folder.
    pub cwd: PathBuf,
    /// Where the output comes from.
    pub input: Box<dyn std::io::Read>,
    /// Its exit code.
    pub code: i32,
    /// The engine.
    pub engine: Arc<Engine>,
}

impl Subject for ReadSubject {
    fn argv(&self) -> &[String] {
        &self.argv
    }

    fn cwd(&self) -> &Path {
        &self.cwd
    }

    fn attempt(&mut self, _: &[(String, String)], _: Option<&[String]>) -> Result<Attempt, SubjectError> {
        let mut scanner = Scanner::new(Arc::clone(&self.engine.matcher), ScanOptions::default());
        let mut chunk = vec![0; 256 << 10];
        loop {
            match self.input.read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => scanner.feed(StreamKind::Both, &chunk[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(SubjectError::Other(format!("cannot read: {error}"))),
            }
        }
        Ok(Attempt {
            code: Some(self.code),
            shell_code: self.code,
            success: false,
            interrupted: None,
            scan: scanner.finish(),
        })
    }

    fn can_repeat(&self) -> Result<(), String> {
        Err("a captured output cannot be run again".to_owned())
    }

    fn interrupted(&self) -> Option<i32> {
        None
    }

    fn engine(&mut self) -> Result<Arc<Engine>, EngineError> {
        Ok(Arc::clone(&self.engine))
    }
}

/// A captured output that is there as a whole: it can be read, not run.
#[derive(Debug)]
pub struct TextSubject {
    /// The command that printed it, where it is known.
    pub argv: Vec<String>,
    /// Its folder.
    pub cwd: PathBuf,
    /// The text.
    pub text: Vec<u8>,
    /// Its exit code.
    pub code: i32,
    /// The engine.
    pub engine: Arc<Engine>,
}

impl Subject for TextSubject {
    fn argv(&self) -> &[String] {
        &self.argv
    }

    fn cwd(&self) -> &Path {
        &self.cwd
    }

    fn attempt(&mut self, _: &[(String, String)], _: Option<&[String]>) -> Result<Attempt, SubjectError> {
        let mut scanner = Scanner::new(Arc::clone(&self.engine.matcher), ScanOptions::default());
        for chunk in self.text.chunks(64 << 10) {
            scanner.feed(StreamKind::Both, chunk);
        }
        Ok(Attempt {
            code: Some(self.code),
            shell_code: self.code,
            success: false,
            interrupted: None,
            scan: scanner.finish(),
        })
    }

    fn can_repeat(&self) -> Result<(), String> {
        Err("a captured output cannot be run again".to_owned())
    }

    fn interrupted(&self) -> Option<i32> {
        None
    }

    fn engine(&mut self) -> Result<Arc<Engine>, EngineError> {
        Ok(Arc::clone(&self.engine))
    }
}

/// A command of heal's own (a syntax check): its output is read, not shown.
pub struct CaptureSubject {
    argv: Vec<String>,
    cwd: PathBuf,
    engine: Arc<Engine>,
}

impl CaptureSubject {
    /// A command to be run in a folder.
    #[must_use]
    pub fn new(argv: Vec<String>, cwd: PathBuf, engine: Arc<Engine>) -> Self {
        Self { argv, cwd, engine }
    }
}

impl Subject for CaptureSubject {
    fn argv(&self) -> &[String] {
        &self.argv
    }

    fn cwd(&self) -> &Path {
        &self.cwd
    }

    fn attempt(&mut self, env: &[(String, String)], instead: Option<&[String]>) -> Result<Attempt, SubjectError> {
        let command = command(&self.argv, &self.cwd, env, instead);
        let (attempt, _) = capture(&self.engine, &command, &exec::CaptureLimits::default())?;
        Ok(attempt)
    }

    fn rehearse(
        &mut self,
        env: &[(String, String)],
        instead: Option<&[String]>,
        run: Rehearsal<'_>,
    ) -> Option<Result<Attempt, String>> {
        let command = command(&self.argv, &self.cwd, env, instead);
        Some(run(&command).map(|captured| read_attempt(&self.engine, &captured)))
    }

    fn can_repeat(&self) -> Result<(), String> {
        Ok(())
    }

    fn interrupted(&self) -> Option<i32> {
        None
    }

    fn engine(&mut self) -> Result<Arc<Engine>, EngineError> {
        Ok(Arc::clone(&self.engine))
    }
}
