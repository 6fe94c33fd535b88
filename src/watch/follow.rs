//! One log, by name, through everything that happens to logs: it grows in pieces, is not there yet, is
//! renamed and made anew, is copied and emptied, is a link that is turned round.
//!
//! The file that was open stays open until its writer let it go; nothing is read twice and nothing
//! that reached the disk is passed over. What is in the lines is not its business.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::line::{Batch, Live};
use super::state::{FileState, Fingerprint};
use crate::orchestrator::Engine;

/// Most bytes read from one log before the others have their turn.
const TURN: u64 = 4 << 20;
/// How long a renamed log is still read after its last line: its writer may not know yet.
const GRACE: Duration = Duration::from_secs(5);
/// Silence after which a last line without its newline is looked at.
const PROMPT: Duration = Duration::from_secs(2);
/// Bytes at the end of a file among which the last line's start is looked for.
const LAST_LINE: u64 = 64 << 10;

/// What a follower noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noticed {
    /// The log is not there yet.
    Waiting,
    /// It is followed from this byte on.
    Opened(u64),
    /// Another file has its name.
    Rotated,
    /// It was emptied or overwritten.
    Truncated,
    /// It cannot be read, or lines may have been missed.
    Trouble(String),
}

/// What a look at a log brought.
#[derive(Debug, Default)]
pub struct Looked {
    /// What happened to the file, in order.
    pub noticed: Vec<Noticed>,
    /// What was found in it.
    pub batches: Vec<Batch>,
    /// There is more to be read at once.
    pub more: bool,
    /// Bytes that were read.
    pub read: u64,
    /// Lines that became complete.
    pub lines: u64,
}

/// One file that has, or had, the log's name.
#[derive(Debug)]
struct Source {
    file: File,
    inode: (u64, u64),
    fingerprint: Fingerprint,
    /// How the file looked when its start was last compared.
    looked: (u64, i64, i64),
    /// Bytes given to the scanner.
    offset: u64,
    /// Where the line that is not complete begins.
    line_start: u64,
    /// So many bytes of that line were decided without a newline.
    decided: u64,
    lines: Option<u64>,
    live: Live,
}

/// See the module.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    current: Option<Source>,
    old: Vec<(Source, Instant)>,
    resume: Option<FileState>,
    from_start: bool,
    told: Option<Noticed>,
}

impl Follower {
    /// Follows a log. With a state of an earlier process it goes on there; else it begins at the
    /// log's end, or at its start.
    #[must_use]
    pub fn new(path: PathBuf, resume: Option<FileState>, from_start: bool) -> Self {
        Self {
            path,
            current: None,
            old: Vec::new(),
            resume,
            from_start,
            told: None,
        }
    }

    /// The log.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How far it was read. None where no file was ever there.
    #[must_use]
    pub fn state(&self) -> Option<FileState> {
        let Some(source) = &self.current else {
            return self.resume.clone();
        };
        Some(FileState {
            inode: source.inode.1,
            fingerprint: source.fingerprint.clone(),
            offset: source.line_start,
            partial: source.decided,
            lines: source.lines,
            ..FileState::default()
        })
    }

    /// Reads what is new.
    pub fn look(&mut self, engine: &Arc<Engine>, now: Instant) -> Looked {
        let mut looked = Looked::default();
        if self.current.is_none() {
            self.open(engine, &mut looked);
        }
        if let Some(source) = &mut self.current {
            source.turn(engine, now, &mut looked);
        }
        if !looked.more {
            self.follow_name(engine, now, &mut looked);
        }
        self.old.retain_mut(|(source, until)| {
            let before = source.offset;
            source.turn(engine, now, &mut looked);
            if source.offset > before {
                *until = now + GRACE;
            }
            let over = now >= *until && source.offset == before;
            if over {
                looked.batches.extend(source.live.close());
            }
            !over
        });
        looked
    }

    /// The end of following. `all`: a last line without its newline is decided, too; else it is left
    /// for the next time.
    pub fn finish(&mut self, all: bool) -> Vec<Batch> {
        let mut batches: Vec<Batch> = self.old.drain(..).filter_map(|(mut s, _)| s.live.close()).collect();
        if let Some(source) = &mut self.current {
            if all {
                batches.extend(source.decide_rest());
            } else {
                batches.extend(source.live.pause());
            }
        }
        batches
    }

    fn tell(&mut self, what: Noticed, looked: &mut Looked) {
        // Said once, not twenty times a second.
        if self.told.as_ref() != Some(&what) {
            looked.noticed.push(what.clone());
            self.told = Some(what);
        }
    }

    fn open(&mut self, engine: &Arc<Engine>, looked: &mut Looked) {
        let file = match open_log(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Whatever is made from now on is new as a whole.
                if self.resume.is_none() {
                    self.from_start = true;
                }
                return self.tell(Noticed::Waiting, looked);
            }
            Err(error) => return self.tell(Noticed::Trouble(error.to_string()), looked),
        };
        let source = match self.resume.take() {
            Some(state) => self.go_on(file, &state, engine, looked),
            None => Source::begin(file, self.from_start, engine),
        };
        match source {
            Ok(source) => {
                self.told = None;
                looked.noticed.push(Noticed::Opened(source.offset));
                self.current = Some(source);
            }
            Err(error) => self.tell(Noticed::Trouble(error.to_string()), looked),
        }
    }

    /// Goes on where an earlier process was, in the same file under whatever name it has now.
    fn go_on(
        &mut self,
        file: File,
        state: &FileState,
        engine: &Arc<Engine>,
        looked: &mut Looked,
    ) -> io::Result<Source> {
        if is_it(&file, state) {
            return Source::at(file, state, engine);
        }
        looked.noticed.push(Noticed::Rotated);
        match earlier(&self.path, state) {
            Some(old) => {
                let source = Source::at(old, state, engine)?;
                self.old.push((source, Instant::now()));
            }
            None => looked.noticed.push(Noticed::Trouble(
                "the file that was read last is gone; its last lines may have been missed".to_owned(),
            )),
        }
        Source::begin(file, true, engine)
    }

    /// Whether the name still stands for the file that is open.
    fn follow_name(&mut self, engine: &Arc<Engine>, now: Instant, looked: &mut Looked) {
        let Some(current) = &self.current else { return };
        let Ok(meta) = std::fs::metadata(&self.path) else {
            // Renamed and not made again yet: what is open is read on.
            return;
        };
        if (meta.dev(), meta.ino()) == current.inode {
            return;
        }
        match open_log(&self.path).and_then(|file| Source::begin(file, true, engine)) {
            Ok(new) => {
                looked.noticed.push(Noticed::Rotated);
                if let Some(old) = self.current.replace(new) {
                    self.old.push((old, now + GRACE));
                }
                looked.more = true;
            }
            Err(error) => self.tell(Noticed::Trouble(error.to_string()), looked),
        }
    }
}

impl Source {
    fn begin(file: File, from_start: bool, engine: &Arc<Engine>) -> io::Result<Self> {
        let len = file.metadata()?.len();
        let start = if from_start { 0 } else { last_line(&file, len)? };
        let state = FileState {
            offset: start,
            lines: (start == 0).then_some(0),
            ..FileState::default()
        };
        Self::at(file, &state, engine)
    }

    fn at(file: File, state: &FileState, engine: &Arc<Engine>) -> io::Result<Self> {
        let meta = file.metadata()?;
        Ok(Self {
            inode: (meta.dev(), meta.ino()),
            fingerprint: Fingerprint::of(&file, meta.len())?,
            looked: (meta.len(), meta.mtime(), meta.mtime_nsec()),
            offset: state.offset + state.partial,
            line_start: state.offset,
            decided: state.partial,
            lines: state.lines,
            live: Live::new(Arc::clone(engine), state.lines),
            file,
        })
    }

    /// Reads a turn's worth, and decides what can be decided.
    fn turn(&mut self, engine: &Arc<Engine>, now: Instant, looked: &mut Looked) {
        match self.read(engine, now, looked) {
            Ok(()) => {}
            Err(error) => looked.noticed.push(Noticed::Trouble(error.to_string())),
        }
        looked.batches.extend(self.live.due(now));
        if self.decided == 0 && self.offset > self.line_start && self.live.quiet(now) >= PROMPT {
            looked.batches.extend(self.decide_rest());
            self.live = Live::new(Arc::clone(engine), self.lines);
        }
        self.renew(engine, now, looked);
    }

    fn read(&mut self, engine: &Arc<Engine>, now: Instant, looked: &mut Looked) -> io::Result<()> {
        let meta = self.file.metadata()?;
        let seen = (meta.len(), meta.mtime(), meta.mtime_nsec());
        if seen != self.looked {
            if meta.len() < self.offset || !self.fingerprint.fits(&self.file) {
                looked.batches.extend(self.live.close());
                looked.noticed.push(Noticed::Truncated);
                (self.offset, self.line_start, self.decided) = (0, 0, 0);
                self.lines = Some(0);
                self.live = Live::new(Arc::clone(engine), Some(0));
                self.fingerprint = Fingerprint::default();
            }
            if self.fingerprint.is_short() {
                self.fingerprint = Fingerprint::of(&self.file, meta.len())?;
            }
            self.looked = seen;
        }
        if meta.len() <= self.offset {
            return Ok(());
        }
        let mut buffer = vec![0; 256 << 10];
        let until = self.offset + TURN;
        loop {
            if self.offset >= until {
                looked.more = true;
                return Ok(());
            }
            let count = match self.file.read_at(&mut buffer, self.offset) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            looked.read += count as u64;
            let mut bytes = &buffer[..count];
            if self.decided > 0 {
                if bytes[0] == b'\n' {
                    // The line ended as it was when it was decided.
                    bytes = &bytes[1..];
                    self.offset += 1;
                    self.complete(1, looked);
                    self.line_start = self.offset;
                    self.live.rebase(self.lines);
                } else {
                    // It went on: it is another line than the one that was decided.
                    self.offset = self.line_start;
                    self.decided = 0;
                    continue;
                }
                self.decided = 0;
                if bytes.is_empty() {
                    continue;
                }
            }
            self.live.feed(bytes, now);
            if let Some(last) = memchr::memrchr(b'\n', bytes) {
                self.complete(memchr::memchr_iter(b'\n', &bytes[..=last]).count() as u64, looked);
                self.line_start = self.offset + last as u64 + 1;
            }
            self.offset += bytes.len() as u64;
        }
    }

    fn complete(&mut self, lines: u64, looked: &mut Looked) {
        looked.lines += lines;
        self.lines = self.lines.map(|n| n + lines);
    }

    /// Decides everything that was read, the last line without its newline too.
    fn decide_rest(&mut self) -> Option<Batch> {
        self.decided = self.offset - self.line_start;
        self.live.close()
    }

    /// Takes other rules into use, between two lines.
    fn renew(&mut self, engine: &Arc<Engine>, now: Instant, looked: &mut Looked) {
        if !self.live.is_older_than(engine) {
            return;
        }
        // What is under way ends under the rules it began with, unless it takes too long.
        if !self.live.is_idle() && self.live.quiet(now) < super::line::PAUSE && !self.live.is_overdue(now) {
            return;
        }
        looked.batches.extend(self.live.pause());
        self.live = Live::new(Arc::clone(engine), self.lines);
        if self.decided == 0 {
            // The old scanner had the beginning of a line; the new one reads it again, as it was not decided.
            self.offset = self.line_start;
        }
    }
}

/// Opens a regular file. A pipe would block, and is no log.
fn open_log(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

/// Where the last line begins that is not complete.
fn last_line(file: &File, len: u64) -> io::Result<u64> {
    let low = len.saturating_sub(LAST_LINE);
    let mut bytes = vec![0; usize::try_from(len - low).unwrap_or(0)];
    let count = file.read_at(&mut bytes, low)?;
    Ok(match memchr::memrchr(b'\n', &bytes[..count]) {
        Some(at) => low + at as u64 + 1,
        None if low == 0 => 0,
        None => len,
    })
}

/// Whether this is the file of which the state tells.
fn is_it(file: &File, state: &FileState) -> bool {
    file.metadata().is_ok_and(|meta| {
        meta.len() >= state.offset + state.partial
            && (meta.ino() == state.inode || state.fingerprint.tells())
            && state.fingerprint.fits(file)
    })
}

/// The file of which the state tells under another name: `app.log.1` beside `app.log`.
fn earlier(path: &Path, state: &FileState) -> Option<File> {
    let stem = path.file_stem()?.to_string_lossy().into_owned();
    let entries = std::fs::read_dir(path.parent()?).ok()?;
    let mut names: Vec<PathBuf> = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p != path && p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&stem)))
        .collect();
    names.sort();
    names.iter().find_map(|name| {
        let file = open_log(name).ok()?;
        is_it(&file, state).then_some(file)
    })
}
