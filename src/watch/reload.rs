//! Rules that follow their packs: a thread notices changes, checks the new set in full, and puts it in
//! the place of the old one at once. Whoever scans takes the engine that is in force when it begins;
//! nothing waits for a reload.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use notify::{EventKind, RecursiveMode, Watcher as _};

use super::folders::{self, Look};
use super::layers::{self, Broken};
use crate::orchestrator::{Engine, Setup};

/// Completes an engine that was just loaded.
pub type Prepare = Box<dyn Fn(&mut Engine) + Send>;

/// How changes are noticed.
pub struct ReloadOptions {
    /// Silence after a change before the packs are read: editors write in several steps.
    pub debounce: Duration,
    /// How often folders are looked at where the system tells nothing (network mounts).
    pub poll: Duration,
    /// Check what changed as `heal check --rules` does, examples too; otherwise only that it loads.
    pub check: bool,
    /// Called with every new engine before it is in force: validators and the like of the program's own.
    pub prepare: Option<Prepare>,
}

impl Default for ReloadOptions {
    fn default() -> Self {
        Self {
            debounce: Duration::from_millis(100),
            poll: Duration::from_secs(2),
            check: true,
            prepare: None,
        }
    }
}

/// What a reload came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything on disk is in force.
    Loaded,
    /// Some packs are broken: their last good version, or nothing of them, is in force.
    Partial,
}

/// The last reload (or the start, generation 0).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Status {
    /// How many sets of rules came before.
    pub generation: u64,
    /// What it came to.
    pub outcome: Outcome,
    /// Packs that are not in force as they are on disk.
    pub broken: Vec<Broken>,
    /// Rules in force.
    pub rules: usize,
    /// When, UTC.
    pub at: chrono::DateTime<chrono::Utc>,
    /// From the moment it was decided to read to the swap, in milliseconds.
    pub took_ms: u64,
}

/// Keeps an engine's rules as the packs on disk are. Dropping it ends its thread.
#[derive(Debug)]
pub struct Reloader {
    engine: Arc<ArcSwap<Engine>>,
    status: Arc<Mutex<Status>>,
    outcomes: Mutex<Receiver<Status>>,
    wake: Sender<Message>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

enum Message {
    Changed,
    /// Read everything now, whatever was noticed; then answer.
    Now(Sender<()>),
}

impl Reloader {
    /// Loads the packs and begins to watch their folders. Packs that are broken from the start are
    /// left out and told in the status: a program that runs for long must come up again after a
    /// restart, whatever somebody just saved.
    #[must_use]
    pub fn start(setup: Setup, options: ReloadOptions) -> Self {
        let begun = Instant::now();
        let read = layers::read(&*setup.world, &setup.sources, &[], &BTreeMap::new(), &[], false);
        let contents = read.contents.clone();
        let broken = read.broken.clone();
        let mut engine = Engine::with_packs(setup.clone(), read.packs);
        if let Some(prepare) = &options.prepare {
            prepare(&mut engine);
        }
        let status = Status {
            generation: 0,
            outcome: outcome(&broken),
            rules: engine.rules().rules.len(),
            broken,
            at: setup.world.now(),
            took_ms: millis(begun.elapsed()),
        };
        let engine = Arc::new(ArcSwap::from_pointee(engine));
        let (wake, woken) = mpsc::channel();
        let (tell, outcomes) = mpsc::channel();
        let status = Arc::new(Mutex::new(status));
        let stop = Arc::new(AtomicBool::new(false));
        let mut worker = Worker {
            setup,
            options,
            engine: Arc::clone(&engine),
            status: Arc::clone(&status),
            tell,
            contents,
            look: Look::default(),
            watched: BTreeSet::new(),
            watcher: None,
            wake: wake.clone(),
            stop: Arc::clone(&stop),
        };
        let thread = std::thread::Builder::new()
            .name("heal-reload".to_owned())
            .spawn(move || worker.run(&woken))
            .ok();
        Self {
            engine,
            status,
            outcomes: Mutex::new(outcomes),
            wake,
            stop,
            thread,
        }
    }

    /// The engine in force. Keep it for as long as one piece of work takes: a session that began
    /// under a generation ends under it.
    #[must_use]
    pub fn engine(&self) -> Arc<Engine> {
        self.engine.load_full()
    }

    /// How the last reload went.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reloads since the last call, oldest first.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Status> {
        let receiver = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        receiver.try_iter().collect()
    }

    /// Looks at the packs now and waits until what changed is in force.
    pub fn reload_now(&self) {
        let (done, wait) = mpsc::channel();
        if self.wake.send(Message::Now(done)).is_ok() {
            // The thread is gone only where the program ends.
            let _ = wait.recv();
        }
    }
}

impl Drop for Reloader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = self.wake.send(Message::Changed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn outcome(broken: &[Broken]) -> Outcome {
    if broken.is_empty() {
        Outcome::Loaded
    } else {
        Outcome::Partial
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

struct Worker {
    setup: Setup,
    options: ReloadOptions,
    engine: Arc<ArcSwap<Engine>>,
    status: Arc<Mutex<Status>>,
    tell: Sender<Status>,
    contents: BTreeMap<PathBuf, String>,
    look: Look,
    watched: BTreeSet<(PathBuf, u64, u64)>,
    watcher: Option<notify::RecommendedWatcher>,
    wake: Sender<Message>,
    stop: Arc<AtomicBool>,
}

impl Worker {
    fn run(&mut self, woken: &Receiver<Message>) {
        self.arm();
        while !self.stop.load(Ordering::SeqCst) {
            match woken.recv_timeout(self.options.poll) {
                Ok(Message::Now(done)) => {
                    self.reload();
                    let _ = done.send(());
                }
                Ok(Message::Changed) => {
                    for done in self.quiet(woken) {
                        self.reload();
                        let _ = done.send(());
                    }
                    if self.stop.load(Ordering::SeqCst) {
                        return;
                    }
                    self.reload_if_changed();
                }
                Err(RecvTimeoutError::Timeout) => self.reload_if_changed(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.arm();
        }
    }

    /// Waits for silence after a change, at most ten times as long. Those who asked meanwhile.
    fn quiet(&self, woken: &Receiver<Message>) -> Vec<Sender<()>> {
        let until = Instant::now() + self.options.debounce * 10;
        let mut asked = Vec::new();
        while Instant::now() < until && !self.stop.load(Ordering::SeqCst) {
            match woken.recv_timeout(self.options.debounce) {
                Ok(Message::Changed) => {}
                Ok(Message::Now(done)) => asked.push(done),
                Err(_) => break,
            }
        }
        asked
    }

    fn look_now(&self) -> Look {
        Look::at(&*self.setup.world, &self.setup.sources, &self.engine.load().packs.files)
    }

    /// Watches the folders that are there now. Where the system gives no watcher, polling remains.
    fn arm(&mut self) {
        let wanted = folders::to_watch(&*self.setup.world, &self.setup.sources);
        if wanted == self.watched && self.watcher.is_some() {
            return;
        }
        let wake = self.wake.clone();
        let told = move |event: notify::Result<notify::Event>| {
            let matters = event.map_or(true, |e| {
                // Reading the packs opens and closes them; that must not begin the next reload.
                !matches!(e.kind, EventKind::Access(kind)
                    if kind != notify::event::AccessKind::Close(notify::event::AccessMode::Write))
            });
            if matters {
                let _ = wake.send(Message::Changed);
            }
        };
        let Ok(mut watcher) = notify::recommended_watcher(told) else {
            return;
        };
        for (folder, _, _) in &wanted {
            // A folder that vanished just now is noticed by the folder above it, or by polling.
            let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
        }
        self.watched = wanted;
        self.watcher = Some(watcher);
        // What changed while nothing was watched.
        if self.look_now() != self.look {
            let _ = self.wake.send(Message::Changed);
        }
    }

    /// The folder above a layer is watched as well, and much happens there that is no pack.
    fn reload_if_changed(&mut self) {
        if self.look_now() != self.look {
            self.reload();
        }
    }

    fn reload(&mut self) {
        let begun = Instant::now();
        // Looked at before reading: what changes meanwhile differs from this look.
        self.look = self.look_now();
        let current = self.engine.load_full();
        let read = layers::read(
            &*self.setup.world,
            &self.setup.sources,
            &current.packs.files,
            &self.contents,
            &self
                .status
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .broken
                .clone(),
            self.options.check,
        );
        if read.contents == self.contents {
            return;
        }
        self.contents = read.contents;
        let mut status = Status {
            generation: current.rules().generation,
            outcome: outcome(&read.broken),
            broken: read.broken,
            rules: current.rules().rules.len(),
            at: self.setup.world.now(),
            took_ms: 0,
        };
        if !same(&current.packs.files, &read.packs.files) {
            let mut packs = read.packs;
            packs.rules.generation = current.rules().generation + 1;
            let mut engine = Engine::with_packs(self.setup.clone(), packs);
            if let Some(prepare) = &self.options.prepare {
                prepare(&mut engine);
            }
            status.generation = engine.rules().generation;
            status.rules = engine.rules().rules.len();
            self.engine.store(Arc::new(engine));
        }
        status.took_ms = millis(begun.elapsed());
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status.clone();
        // Nobody need listen.
        let _ = self.tell.send(status);
    }
}

/// Whether two sets are made of the same files: a broken save changes nothing, so it is no generation.
fn same(a: &[crate::pack::load::Loaded], b: &[crate::pack::load::Loaded]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            a.document.file == b.document.file
                && a.origin.trusted == b.origin.trusted
                && Arc::ptr_eq(&a.document.source, &b.document.source)
                || (a.document.file == b.document.file
                    && a.origin.trusted == b.origin.trusted
                    && a.document.source == b.document.source
                    && a.table_files == b.table_files)
        })
}
