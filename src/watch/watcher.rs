//! The loop: every log has its turn, what was found is judged, told and healed, and the state is
//! kept, until somebody says stop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::event::{Event, Sink};
use super::follow::{Follower, Looked, Noticed};
use super::limit::Limiter;
use super::line::Batch;
use super::reload::Reloader;
use super::state::{self, FileState, State};
use super::treat::{Case, Healing, Step, treat};
use crate::changelog::Redactor;
use crate::exec::{LockError, ProjectLock, Wait};
use crate::fixer::Policy;
use crate::orchestrator::{self, Attempt, Diagnosis, FinalResult, RealProbes, Surroundings};

/// How often logs are looked at. Their folders are not watched: looking costs one system call a log
/// and works on every kind of mount.
const TICK: Duration = Duration::from_millis(50);
/// How often the state is written while lines come.
const SAVE: Duration = Duration::from_secs(1);
/// How long another heal in this project is waited for.
const OTHERS: Duration = Duration::from_secs(60);
/// Most different errors that are remembered for "again".
const MOST_SEEN: usize = 10_000;

/// How to watch.
#[derive(Debug, Clone)]
pub struct Options {
    /// The logs.
    pub files: Vec<PathBuf>,
    /// Begin at the start of logs that were not followed before, not at their end.
    pub from_start: bool,
    /// Stop at the current end of all logs.
    pub once: bool,
    /// What the gate needs to know.
    pub policy: Policy,
    /// Heal; else only tell.
    pub healing: Option<Healing>,
    /// The exit code that is taken for that of what wrote the logs.
    pub exit_code: i32,
}

/// Why there is no watch.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// Another watch of the same log directory is at work.
    #[error("another watch is at work with this log directory ({0}); give each its own `--log-dir`")]
    Running(LockError),
    /// The state of the last time cannot be read.
    #[error("cannot read the state of the last watch: {0}; remove it to begin anew")]
    State(std::io::Error),
}

/// Follows logs until it is stopped.
#[derive(Debug)]
pub struct Watcher {
    reloader: Reloader,
    options: Options,
    redactor: Redactor,
    log_dir: PathBuf,
    followers: Vec<Follower>,
    counts: BTreeMap<PathBuf, FileState>,
    limiter: Limiter,
    state: State,
    seen: BTreeMap<String, u64>,
    lines: u64,
    errors: u64,
    fixes: u64,
    _lock: ProjectLock,
}

impl Watcher {
    /// Takes up the work where the last one left it.
    ///
    /// # Errors
    /// Another watch is at work, or the state cannot be read.
    pub fn new(reloader: Reloader, options: Options, redactor: Redactor) -> Result<Self, WatchError> {
        let engine = reloader.engine();
        let world = Arc::clone(&engine.setup.world);
        let log_dir = engine.setup.log_dir.clone();
        let lock = state::lock(&*world, &log_dir).map_err(WatchError::Running)?;
        let earlier = state::load(&*world, &log_dir)
            .map_err(WatchError::State)?
            .unwrap_or_default();
        let window = options.healing.map_or(Duration::ZERO, |h| h.window);
        let mut files: Vec<PathBuf> = options.files.iter().map(|f| world.absolute(f)).collect();
        files.sort();
        files.dedup();
        let followers = files
            .iter()
            .map(|path| {
                let from_start = options.from_start || options.once;
                Follower::new(path.clone(), earlier.files.get(path).cloned(), from_start)
            })
            .collect();
        let now = world.now();
        Ok(Self {
            followers,
            counts: earlier.files.clone(),
            limiter: Limiter::new(window, earlier.applied.clone()),
            state: State {
                version: 1,
                pid: std::process::id(),
                started: now,
                updated: now,
                rules: None,
                files: earlier.files,
                applied: earlier.applied,
            },
            seen: BTreeMap::new(),
            lines: 0,
            errors: 0,
            fixes: 0,
            reloader,
            options,
            redactor,
            log_dir,
            _lock: lock,
        })
    }

    /// Works until `stop`, or with `once` until the end of all logs.
    pub fn run(&mut self, stop: &AtomicBool, sink: &mut dyn Sink) {
        sink.event(&Event::Started {
            files: self.followers.len(),
            rules: &self.reloader.status(),
        });
        self.save(sink);
        let mut saved = Instant::now();
        let mut unsaved = false;
        while !stop.load(Ordering::SeqCst) {
            for status in self.reloader.outcomes() {
                sink.event(&Event::Reloaded(&status));
                unsaved = true;
            }
            let (read, more) = self.look(stop, sink);
            unsaved |= read;
            if self.options.once && !more {
                break;
            }
            if unsaved && saved.elapsed() >= SAVE {
                self.save(sink);
                (saved, unsaved) = (Instant::now(), false);
            }
            if !more {
                std::thread::sleep(TICK);
            }
        }
        for index in 0..self.followers.len() {
            let batches = self.followers[index].finish(self.options.once);
            self.keep(index);
            self.batches(index, batches, stop, sink);
        }
        self.save(sink);
        sink.event(&Event::Stopped {
            lines: self.lines,
            errors: self.errors,
            fixes: self.fixes,
        });
    }

    /// One turn of every log: whether something was read, and whether there is more.
    fn look(&mut self, stop: &AtomicBool, sink: &mut dyn Sink) -> (bool, bool) {
        let engine = self.reloader.engine();
        let (mut read, mut more) = (false, false);
        for index in 0..self.followers.len() {
            let looked: Looked = self.followers[index].look(&engine, Instant::now());
            read |= looked.read > 0 || !looked.noticed.is_empty();
            more |= looked.more;
            self.lines += looked.lines;
            for noticed in &looked.noticed {
                tell(self.followers[index].path(), noticed, sink);
            }
            self.keep(index);
            self.batches(index, looked.batches, stop, sink);
        }
        (read, more)
    }

    /// Brings the state of a log up to date.
    fn keep(&mut self, index: usize) {
        let follower = &self.followers[index];
        let Some(now) = follower.state() else { return };
        let kept = self.counts.entry(follower.path().to_path_buf()).or_default();
        *kept = FileState {
            errors: kept.errors,
            fixes: kept.fixes,
            last_error: kept.last_error.take(),
            ..now
        };
    }

    fn save(&mut self, sink: &mut dyn Sink) {
        let engine = self.reloader.engine();
        let world = &*engine.setup.world;
        self.state.updated = world.now();
        self.state.rules = Some(self.reloader.status());
        self.state.files.clone_from(&self.counts);
        self.state.applied.clone_from(self.limiter.applied());
        if let Err(error) = state::save(world, &self.log_dir, &self.state) {
            sink.event(&Event::Unrecorded {
                why: &error.to_string(),
            });
        }
    }

    fn batches(&mut self, index: usize, batches: Vec<Batch>, stop: &AtomicBool, sink: &mut dyn Sink) {
        let path = self.followers[index].path().to_path_buf();
        for batch in batches {
            self.batch(&path, batch, stop, sink);
            // Before the next: after a crash nothing is told or done again.
            self.save(sink);
        }
    }

    /// Lets another heal in this project finish, for as long as nobody says stop.
    fn wait_for_project(&self, stop: &AtomicBool) {
        let lock = self.log_dir.join("lock");
        let until = Instant::now() + OTHERS;
        while lock.exists() && !stop.load(Ordering::SeqCst) && Instant::now() < until {
            match ProjectLock::acquire(&lock, Wait::No) {
                Err(LockError::Held { .. }) => std::thread::sleep(TICK),
                // The session takes it itself, or says why it cannot.
                _ => return,
            }
        }
    }

    fn batch(&mut self, path: &Path, batch: Batch, stop: &AtomicBool, sink: &mut dyn Sink) {
        let engine = batch.engine;
        let attempt = Attempt {
            code: Some(self.options.exit_code),
            shell_code: self.options.exit_code,
            success: false,
            interrupted: None,
            scan: batch.scan,
        };
        let world = &*engine.setup.world;
        let diagnosis = {
            let probes = RealProbes::new(world);
            let surroundings = Surroundings {
                engine: &engine,
                argv: &[],
                cwd: &world.cwd(),
                probes: &probes,
                policy: self.options.policy,
                seen: &BTreeMap::new(),
            };
            surroundings.diagnose(&attempt)
        };
        let mut told = false;
        for (index, analysis) in diagnosis.errors.iter().enumerate() {
            // What no line says was not found, and alternatives of one line are one story.
            if analysis.error.lines.0 == 0 || analysis.error.alternative_of.is_some() {
                continue;
            }
            told = true;
            self.errors += 1;
            let kept = self.counts.entry(path.to_path_buf()).or_default();
            kept.errors += 1;
            kept.last_error = Some(self.redactor.text(&headline(&diagnosis, index)).into_owned());
            let before = self.seen.entry(analysis.error.fingerprint.clone()).or_insert(0);
            sink.event(&Event::Detected {
                file: path,
                line: batch.base.map(|base| base + analysis.error.anchor.0),
                diagnosis: &diagnosis,
                index,
                generation: engine.rules().generation,
                before: *before,
            });
            *before += 1;
            while self.seen.len() > MOST_SEEN {
                self.seen.pop_first();
            }
        }
        if let (true, Some(healing)) = (told, self.options.healing) {
            // The state is on disk before anything changes.
            self.save(sink);
            self.wait_for_project(stop);
            let options = orchestrator::Options {
                policy: self.options.policy,
                no_rerun: true,
                wait: false,
            };
            let counts = self.counts.entry(path.to_path_buf()).or_default();
            let fixes = &mut self.fixes;
            let case = Case {
                engine: &engine,
                attempt: &attempt,
                diagnosis: &diagnosis,
                options,
                healing,
            };
            treat(&case, &mut self.limiter, stop, &mut |step| match step {
                Step::Session(session) if session.final_result == FinalResult::Applied => {
                    let kept = session.fixes.iter().filter(|f| f.kept).count() as u64;
                    *fixes += kept;
                    counts.fixes += kept;
                    sink.event(&Event::Applied {
                        file: path,
                        session: &session,
                    });
                }
                Step::Session(session) => sink.event(&Event::NotApplied {
                    file: path,
                    why: session.reason.as_deref().unwrap_or("nothing was changed"),
                    session: Some(&session),
                }),
                Step::Left(why) | Step::Failed(why) => sink.event(&Event::NotApplied {
                    file: path,
                    why: &why,
                    session: None,
                }),
            });
        }
    }
}

fn headline(diagnosis: &Diagnosis, index: usize) -> String {
    let analysis = &diagnosis.errors[index];
    match analysis.causes.first() {
        Some(cause) => format!("{}: {}", cause.rule, cause.explanation),
        None => analysis.error.message.clone(),
    }
}

fn tell(file: &Path, noticed: &Noticed, sink: &mut dyn Sink) {
    match noticed {
        Noticed::Waiting => sink.event(&Event::Waiting { file }),
        Noticed::Opened(offset) => sink.event(&Event::Opened { file, offset: *offset }),
        Noticed::Rotated => sink.event(&Event::Rotated { file }),
        Noticed::Truncated => sink.event(&Event::Truncated { file }),
        Noticed::Trouble(why) => sink.event(&Event::Trouble { file, why }),
    }
}
