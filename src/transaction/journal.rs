//! The write-ahead journal of a session.
//!
//! One record a line: 16 hex digits of the record's BLAKE3, a space, the record as JSON. A record
//! is on the disk before the change that it announces is made. What a dying process or machine
//! leaves behind the last whole line is a torn tail: it announces a change that was never made,
//! so it is ignored. The reader takes any bytes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::world::{FileTime, Meta, RawFile};

/// Version of the journal's format.
pub(super) const VERSION: u32 = 1;

/// A path in a journal: `%` and bytes that are not UTF-8 as `%XX`, so that every name survives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name(pub PathBuf);

impl From<&Path> for Name {
    fn from(path: &Path) -> Self {
        Self(path.to_path_buf())
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = String::new();
        for chunk in self.0.as_os_str().as_bytes().utf8_chunks() {
            out.push_str(&chunk.valid().replace('%', "%25"));
            for byte in chunk.invalid() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
        serializer.serialize_str(&out)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut parts = text.split('%');
        let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
        for part in parts {
            let byte = part
                .get(..2)
                .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                .ok_or_else(|| serde::de::Error::custom("bad escape in a path"))?;
            bytes.push(byte);
            bytes.extend_from_slice(&part.as_bytes()[2..]);
        }
        Ok(Self(PathBuf::from(OsString::from_vec(bytes))))
    }
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum State {
    /// Nothing.
    Absent,
    /// A file.
    File {
        /// BLAKE3 of its content, hex.
        hash: String,
        /// Permission bits; unknown for a file that the system gives its mode.
        mode: Option<u32>,
        uid: u32,
        gid: u32,
        mtime: FileTime,
        atime: FileTime,
    },
    /// A folder.
    Dir,
    /// A folder with all that is in it: what a command was known to change.
    Tree {
        /// By path inside the folder.
        leaves: Tree,
    },
    /// A symlink that a command was known to change.
    Link { to: Name },
    /// A device, a socket: heal does not make or restore these.
    Other,
    /// Not known yet: a command is changing it.
    Unknown,
}

impl State {
    /// The state of a file with this content and description.
    pub fn file(content: &[u8], meta: &Meta) -> Self {
        Self::File {
            hash: hash(content),
            mode: Some(meta.mode),
            uid: meta.uid,
            gid: meta.gid,
            mtime: meta.mtime,
            atime: meta.atime,
        }
    }

    /// Whether a user would call both the same: content and mode, not times and owner.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File { hash: a, mode: m, .. }, Self::File { hash: b, mode: n, .. }) => {
                a == b && (m.is_none() || n.is_none() || m == n)
            }
            (Self::Tree { leaves: a }, Self::Tree { leaves: b }) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && a.1.same(b.1))
            }
            _ => self == other,
        }
    }

    /// Whether both have the same bytes.
    pub fn same_content(&self, other: &Self) -> bool {
        matches!((self, other), (Self::File { hash: a, .. }, Self::File { hash: b, .. }) if a == b)
    }
}

/// What is in a folder, by path inside it; a folder stands before what is in it.
pub(super) type Tree = BTreeMap<Name, Leaf>;

/// Something in a watched folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum Leaf {
    File {
        /// BLAKE3 of its content, hex; of a very large file its size and time.
        hash: String,
        mode: u32,
        mtime: FileTime,
        /// The copy of its content, where one was made.
        backup: Option<Name>,
    },
    Link {
        to: Name,
    },
    Dir {
        mode: u32,
    },
    /// A device, a socket: never touched.
    Other,
}

impl Leaf {
    /// Whether a user would call both the same.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File { hash: a, mode: m, .. }, Self::File { hash: b, mode: n, .. }) => a == b && m == n,
            (Self::Dir { .. }, Self::Dir { .. }) => true,
            _ => self == other,
        }
    }
}

/// BLAKE3 of some content, hex.
pub(super) fn hash(content: &[u8]) -> String {
    blake3::hash(content).to_hex().to_string()
}

/// A change of one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    pub path: Name,
    pub before: State,
    pub after: State,
    /// The copy of the content before, if it was a file.
    pub backup: Option<Name>,
    /// The copy of the content after, if it is a file and known.
    pub kept: Option<Name>,
}

/// A command that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Command {
    pub argv: Vec<String>,
    pub undo: Option<Vec<String>>,
    pub description: String,
    /// All that it changes is watched, so that putting the watched paths back takes it back.
    #[serde(default)]
    pub watched: bool,
    /// Not started by the journal's account: `None` while it runs.
    #[serde(default)]
    pub ended: Option<Ended>,
    #[serde(default)]
    pub undone: bool,
}

/// How a command ended; `status` is missing where it was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ended {
    pub status: Option<i32>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Committed,
    RolledBack,
}

/// One line of a journal. Numbers are positions in the list of entries ([`Replay::entries`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Record {
    Open {
        version: u32,
        session: String,
        root: Name,
        pid: u32,
        started: DateTime<Utc>,
    },
    Change {
        change: Change,
    },
    Settled {
        entry: usize,
        after: State,
        kept: Option<Name>,
    },
    Command {
        command: Command,
    },
    Finished {
        entry: usize,
        status: Option<i32>,
    },
    CommandUndone {
        entry: usize,
    },
    Back {
        to: usize,
    },
    End {
        outcome: Outcome,
        at: DateTime<Utc>,
    },
    UndoStarted,
    Undone {
        at: DateTime<Utc>,
    },
}

/// A change or a command, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Change(Change),
    Command(Command),
}

/// What a journal says, read from its start to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Replay {
    pub session: String,
    pub root: PathBuf,
    pub started: Option<DateTime<Utc>>,
    pub entries: Vec<Entry>,
    pub outcome: Option<Outcome>,
    pub undo_started: bool,
    pub undone: bool,
    /// Every backup that was made, of changes that were taken back too.
    pub backups: Vec<PathBuf>,
    /// Whether a line inside the journal could not be read. A torn tail does not count.
    pub damaged: bool,
    /// Length in bytes up to the end of the last whole line.
    pub len: u64,
}

impl Replay {
    /// Whether something is left to take back: the session, or its undo, broke off.
    pub fn is_open(&self) -> bool {
        self.started.is_some() && !self.undone && (self.outcome.is_none() || self.undo_started)
    }

    /// Reads a journal, whatever is in it.
    pub fn read(bytes: &[u8]) -> Self {
        let mut replay = Self::default();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            match decode(&rest[..end]) {
                Some(record) => replay.apply(record),
                None => replay.damaged = true,
            }
            rest = &rest[end + 1..];
        }
        replay.len = (bytes.len() - rest.len()) as u64;
        replay
    }

    /// Takes one record into account.
    pub fn apply(&mut self, record: Record) {
        match record {
            Record::Open {
                session, root, started, ..
            } => {
                self.session = session;
                self.root = root.0;
                self.started = Some(started);
            }
            Record::Change { change } => {
                self.backups.extend(change.backup.iter().map(|backup| backup.0.clone()));
                self.entries.push(Entry::Change(change));
            }
            Record::Settled { entry, after, kept } => {
                if let Some(Entry::Change(change)) = self.entries.get_mut(entry) {
                    change.after = after;
                    change.kept = kept.or_else(|| change.kept.take());
                }
            }
            Record::Command { command } => self.entries.push(Entry::Command(command)),
            Record::Finished { entry, status } => {
                if let Some(Entry::Command(command)) = self.entries.get_mut(entry) {
                    command.ended = Some(Ended { status });
                }
            }
            Record::CommandUndone { entry } => {
                if let Some(Entry::Command(command)) = self.entries.get_mut(entry) {
                    command.undone = true;
                }
            }
            Record::Back { to } => self.entries.truncate(to),
            Record::End { outcome, .. } => self.outcome = Some(outcome),
            Record::UndoStarted => self.undo_started = true,
            Record::Undone { .. } => self.undone = true,
        }
    }
}

fn checksum(json: &[u8]) -> String {
    let mut sum = hash(json);
    sum.truncate(16);
    sum
}

fn decode(line: &[u8]) -> Option<Record> {
    let (sum, json) = line.split_at_checked(16)?;
    let json = json.strip_prefix(b" ")?;
    if sum != checksum(json).as_bytes() {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn encode(record: &Record) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(record)?;
    let mut line = checksum(&json).into_bytes();
    line.push(b' ');
    line.extend_from_slice(&json);
    line.push(b'\n');
    Ok(line)
}

/// The journal of a session, open and locked by this process.
#[derive(Debug)]
pub(super) struct Journal {
    file: Box<dyn RawFile>,
    /// Where the next record goes: behind the last whole one.
    end: u64,
    /// Set while a failed append is not cut off again; nothing may follow it.
    broken: bool,
}

impl Journal {
    /// Takes over an open, locked journal file, and reads what is in it.
    pub fn take(mut file: Box<dyn RawFile>) -> io::Result<(Self, Replay)> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut bytes)?;
        let replay = Replay::read(&bytes);
        Ok((
            Self {
                file,
                end: replay.len,
                broken: false,
            },
            replay,
        ))
    }

    /// Appends a record; with `sync`, returns when it is on the disk.
    pub fn append(&mut self, record: &Record, sync: bool) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier write to the journal failed"));
        }
        let line = encode(record)?;
        let written = self.write(&line, sync);
        if written.is_err() {
            self.broken = true;
            // Why it failed is what counts for the caller.
            let _ = self.mend();
        } else {
            self.end += line.len() as u64;
        }
        written
    }

    /// Cuts off what a failed append left: half a line must not stay in front of the next one, and
    /// a whole one must not be believed.
    pub fn mend(&mut self) -> io::Result<()> {
        if self.broken {
            self.file.set_len(self.end)?;
            self.file.sync()?;
            self.broken = false;
        }
        Ok(())
    }

    fn write(&mut self, line: &[u8], sync: bool) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(line)?;
        self.file.flush()?;
        if sync { self.file.sync() } else { Ok(()) }
    }
}
