//! The command's stdin, so that the next attempt can read the same bytes.
//!
//! - A terminal or a device: handed over as it is; there is nothing to repeat.
//! - A regular file: handed over as it is; its offset is wound back before the next attempt.
//! - A pipe or stream socket: the command gets a pipe of ours. What it reads is recorded, in
//!   memory and then in a file without a name, and read again by the next attempt, then the rest.
//!
//! # Not taking what the command does not read
//! Whoever runs after heal with the same stdin (`heal run -- true; cat`) must find everything that
//! the command left. So at first bytes are only *shown*: one page is copied into the command's
//! pipe without being taken from ours (`tee`, or a peek at a socket). The command's pipe holds one
//! page and no more, hence it becomes writable exactly when the page was read to its end; only
//! then is it taken and the next one shown. At the end the page is taken as far as it was read:
//! nothing is lost, whatever the command did.
//!
//! That costs two switches a page. After [`BULK_AFTER`] bytes the command evidently wants a lot, the
//! pipe is made large and bytes are taken as they come; from then on up to one pipe full may be
//! taken and not read. Where the system cannot show the bytes of a pipe (no `tee`) it is so from
//! the first byte.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::FileType;
use rustix::io::Errno;

/// How much a command must have read before bytes are taken ahead of it.
pub const BULK_AFTER: u64 = 256 * 1024;
/// What is taken at once then, and what the pipe holds.
const BULK: usize = 128 * 1024;
/// What of the record stays in memory.
const IN_MEMORY: usize = 1024 * 1024;
/// One page of a pipe; more than one must not fit (see the module's head).
const PAGE: usize = 4096;

/// What kind of thing heal's stdin is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Reads anew each time, or nobody expects the same bytes: terminal, `/dev/null`, devices.
    Device,
    /// A regular file, and where it stood.
    File(u64),
    /// Bytes that come only once, and how to look at them.
    Stream(Peek),
    /// Something that gives no bytes in order; handed over, not repeatable.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peek {
    /// By tee(2), which is Linux only.
    Pipe,
    Socket,
    Never,
}

/// heal's stdin, over all attempts.
pub(super) struct Source {
    fd: OwnedFd,
    kind: Kind,
    record: Record,
}

impl Source {
    /// Looks what `fd` is; at most `limit` bytes will be recorded.
    pub fn new(fd: OwnedFd, limit: u64) -> io::Result<Self> {
        let kind = match FileType::from_raw_mode(rustix::fs::fstat(&fd)?.st_mode) {
            FileType::RegularFile => Kind::File(rustix::fs::tell(&fd)?),
            FileType::CharacterDevice | FileType::BlockDevice => Kind::Device,
            FileType::Fifo if cfg!(target_os = "linux") => Kind::Stream(Peek::Pipe),
            FileType::Fifo => Kind::Stream(Peek::Never),
            FileType::Socket => match rustix::net::sockopt::socket_type(&fd) {
                Ok(rustix::net::SocketType::STREAM) => Kind::Stream(Peek::Socket),
                _ => Kind::Other,
            },
            _ => Kind::Other,
        };
        Ok(Self {
            fd,
            kind,
            record: Record::new(limit),
        })
    }

    /// heal's own descriptor.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Whether the next attempt reads what the last one read.
    pub fn can_repeat(&self) -> Result<(), String> {
        match self.kind {
            Kind::Device | Kind::File(_) => Ok(()),
            Kind::Stream(_) => match &self.record.lost {
                None => Ok(()),
                Some(reason) => Err(reason.clone()),
            },
            Kind::Other => Err("its standard input cannot be read twice".into()),
        }
    }

    /// What the last attempt could read, as far as it did: for a run that nobody sees.
    pub fn recorded(&mut self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        let mut chunk = vec![0; 64 * 1024];
        loop {
            let at = all.len() as u64;
            let count = match self.kind {
                // Not through the shared position, which is the next attempt's.
                Kind::File(start) if at < self.record.limit => rustix::io::pread(&self.fd, &mut chunk, start + at)?,
                Kind::Stream(_) => self.record.read(at, &mut chunk)?,
                Kind::File(_) => return Err(io::ErrorKind::FileTooLarge.into()),
                Kind::Device | Kind::Other => 0,
            };
            if count == 0 {
                return Ok(all);
            }
            all.extend_from_slice(&chunk[..count]);
        }
    }

    /// Gets ready for an attempt: the descriptor that the command is to have as its stdin, and
    /// what feeds it.
    pub fn begin(&mut self) -> io::Result<(OwnedFd, Option<Feed<'_>>)> {
        match self.kind {
            Kind::File(start) => {
                rustix::fs::seek(&self.fd, rustix::fs::SeekFrom::Start(start))?;
            }
            Kind::Stream(peek) => {
                let (reader, writer) = super::pipe()?;
                // Our end only: the command's is another description and stays as usual.
                rustix::io::ioctl_fionbio(&writer, true)?;
                let feed = Feed::new(self, writer, peek)?;
                return Ok((reader, Some(feed)));
            }
            Kind::Device | Kind::Other => {}
        }
        Ok((self.fd.try_clone()?, None))
    }
}

/// What was taken from a stream so far.
struct Record {
    limit: u64,
    len: u64,
    memory: Vec<u8>,
    /// What goes beyond memory. It has no name: nothing is left behind however heal ends.
    file: Option<File>,
    /// Why the record is not whole.
    lost: Option<String>,
}

impl Record {
    fn new(limit: u64) -> Self {
        Self {
            limit,
            len: 0,
            memory: Vec::new(),
            file: None,
            lost: None,
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        if self.lost.is_some() || bytes.is_empty() {
            return;
        }
        if self.len + bytes.len() as u64 > self.limit {
            self.give_up(format!(
                "it read more than {} from its standard input, which cannot be read again",
                human(self.limit)
            ));
            return;
        }
        let room = IN_MEMORY.saturating_sub(self.memory.len()).min(bytes.len());
        let (memory, rest) = bytes.split_at(room);
        self.memory.extend_from_slice(memory);
        if !rest.is_empty()
            && let Err(error) = self.append_to_file(rest)
        {
            self.give_up(format!("its standard input could not be recorded: {error}"));
            return;
        }
        self.len += bytes.len() as u64;
    }

    fn append_to_file(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        file.seek(SeekFrom::End(0))?;
        file.write_all(bytes)
    }

    fn give_up(&mut self, reason: String) {
        self.lost = Some(reason);
        self.memory = Vec::new();
        self.file = None;
    }

    /// Bytes from `at` on, as many as are at hand.
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let split = self.memory.len() as u64;
        if let Some(rest) = usize::try_from(at).ok().and_then(|at| self.memory.get(at..))
            && !rest.is_empty()
        {
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            return Ok(count);
        }
        match &mut self.file {
            Some(file) => {
                file.seek(SeekFrom::Start(at.saturating_sub(split)))?;
                file.read(buffer)
            }
            None => Ok(0),
        }
    }
}

fn human(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}

/// Feeds one attempt.
pub(super) struct Feed<'a> {
    source: &'a mut Source,
    /// Our end of the command's pipe; gone at the end of input, or when nobody reads.
    writer: Option<OwnedFd>,
    peek: Peek,
    /// Bytes of the record that this attempt was given; beyond its end comes live input.
    given: u64,
    page: Page,
    bulk: bool,
    /// In bulk: taken, and of that not yet written; kept because it is used again and again.
    ahead: Vec<u8>,
    unwritten: std::ops::Range<usize>,
    /// Bytes that the command has read, to know when it wants a lot.
    read: u64,
}

/// What lies in the command's pipe and was not seen to be read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Empty,
    /// So many bytes of the record.
    Recorded(usize),
    /// So many bytes that are still in our stdin, too.
    Shown(usize),
}

impl<'a> Feed<'a> {
    fn new(source: &'a mut Source, writer: OwnedFd, peek: Peek) -> io::Result<Self> {
        let bulk = peek == Peek::Never || source.record.lost.is_some() || !one_page(&writer);
        let feed = Self {
            source,
            writer: Some(writer),
            peek,
            given: 0,
            page: Page::Empty,
            bulk,
            ahead: Vec::new(),
            unwritten: 0..0,
            read: 0,
        };
        if bulk {
            feed.widen();
        }
        Ok(feed)
    }

    fn replaying(&self) -> bool {
        self.source.record.lost.is_none() && self.given < self.source.record.len
    }

    /// What to wait for.
    pub fn interests<'b>(&'b self, mut add: impl FnMut(BorrowedFd<'b>, PollFlags)) {
        let Some(writer) = &self.writer else { return };
        let has_something = self.page != Page::Empty || !self.unwritten.is_empty() || self.replaying();
        if has_something {
            add(writer.as_fd(), PollFlags::OUT);
        } else {
            add(self.source.fd.as_fd(), PollFlags::IN);
            // Tells when the command has closed its stdin: then nothing more is taken.
            add(writer.as_fd(), PollFlags::empty());
        }
    }

    /// Does whatever can be done without waiting.
    pub fn advance(&mut self) {
        let Some(writer) = &self.writer else { return };
        let state = state(writer.as_fd(), PollFlags::OUT);
        if state.contains(PollFlags::ERR) {
            self.close();
            return;
        }
        if !state.contains(PollFlags::OUT) {
            return;
        }
        if self.bulk {
            self.advance_in_bulk();
        } else {
            self.settle_page();
            self.next_page();
        }
    }

    /// The page was read to its end: it is the record's.
    fn settle_page(&mut self) {
        let count = match std::mem::replace(&mut self.page, Page::Empty) {
            Page::Empty => 0,
            Page::Recorded(count) => {
                self.given += count as u64;
                count
            }
            Page::Shown(count) => {
                self.take(count);
                count
            }
        };
        self.read += count as u64;
        if self.read >= BULK_AFTER && !self.bulk {
            self.bulk = true;
            self.widen();
        }
    }

    fn next_page(&mut self) {
        if self.bulk {
            self.advance_in_bulk();
            return;
        }
        let Some(writer) = &self.writer else { return };
        if self.replaying() {
            let mut buffer = [0u8; PAGE];
            let shown = match self.source.record.read(self.given, &mut buffer) {
                Ok(count) => rustix::io::write(writer, &buffer[..count]).unwrap_or(0),
                Err(_) => 0,
            };
            self.page = Page::Recorded(shown);
            if shown == 0 {
                // The record's file failed us: no input is better than wrong input.
                self.close();
            }
            return;
        }
        if !state(self.source.fd(), PollFlags::IN).intersects(READABLE) {
            return;
        }
        match show(self.source.fd(), writer.as_fd(), self.peek) {
            Ok(0) => self.close(),
            Ok(count) => self.page = Page::Shown(count),
            Err(Errno::AGAIN | Errno::INTR) => {}
            // It cannot be shown after all: take it as it comes.
            Err(_) => {
                self.bulk = true;
                self.widen();
            }
        }
    }

    fn advance_in_bulk(&mut self) {
        let Some(writer) = &self.writer else { return };
        if self.unwritten.is_empty() {
            self.ahead.resize(BULK, 0);
            let buffer = self.ahead.as_mut_slice();
            let count = if self.source.record.lost.is_none() && self.given < self.source.record.len {
                let count = self.source.record.read(self.given, buffer).unwrap_or(0);
                self.given += count as u64;
                count
            } else if state(self.source.fd(), PollFlags::IN).intersects(READABLE) {
                match rustix::io::read(&self.source.fd, &mut *buffer) {
                    Ok(count) => {
                        let bytes = buffer.get(..count).unwrap_or_default();
                        self.source.record.append(bytes);
                        self.given = self.source.record.len;
                        count
                    }
                    Err(Errno::AGAIN | Errno::INTR) => return,
                    Err(_) => 0,
                }
            } else {
                return;
            };
            if count == 0 {
                self.close();
                return;
            }
            self.unwritten = 0..count;
        }
        let bytes = self.ahead.get(self.unwritten.clone()).unwrap_or_default();
        match rustix::io::write(writer, bytes) {
            Ok(count) => self.unwritten.start += count,
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => self.close(),
        }
    }

    /// Takes from stdin what was shown and read.
    fn take(&mut self, count: usize) {
        let mut buffer = [0u8; PAGE];
        let mut left = count;
        while left > 0 {
            // Others that share our stdin may have been quicker; waiting for more would be wrong.
            if !state(self.source.fd(), PollFlags::IN).intersects(READABLE) {
                break;
            }
            let most = left.min(PAGE);
            match rustix::io::read(&self.source.fd, &mut buffer[..most]) {
                Ok(0) => break,
                Ok(taken) => {
                    self.source.record.append(&buffer[..taken]);
                    left -= taken;
                }
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        self.given = self.source.record.len;
    }

    fn widen(&self) {
        #[cfg(target_os = "linux")]
        if let Some(writer) = &self.writer {
            // Only for speed; the system may refuse.
            let _ = rustix::pipe::fcntl_setpipe_size(writer, BULK);
        }
    }

    /// Nobody reads any more, or nothing more will come.
    fn close(&mut self) {
        self.settle_unread();
        self.writer = None;
        self.unwritten = 0..0;
    }

    /// The command is gone: what it read of the last page is taken, the rest stays in our stdin.
    pub fn finish(mut self) {
        self.settle_unread();
    }

    fn settle_unread(&mut self) {
        let Some(writer) = &self.writer else { return };
        if let Page::Shown(count) = std::mem::replace(&mut self.page, Page::Empty) {
            let unread = rustix::io::ioctl_fionread(writer).unwrap_or(0);
            let unread = usize::try_from(unread).unwrap_or(count);
            self.take(count.saturating_sub(unread));
        }
    }
}

/// Data, or the end of it.
const READABLE: PollFlags = PollFlags::IN.union(PollFlags::HUP).union(PollFlags::ERR);

/// What `fd` could do right now.
fn state(fd: BorrowedFd<'_>, events: PollFlags) -> PollFlags {
    let mut fds = [PollFd::from_borrowed_fd(fd, events)];
    match rustix::event::poll(&mut fds, Some(&Timespec::default())) {
        Ok(_) => fds[0].revents(),
        Err(_) => PollFlags::empty(),
    }
}

/// Makes a pipe so small that one page fills it; whether that worked.
fn one_page(writer: &OwnedFd) -> bool {
    #[cfg(target_os = "linux")]
    {
        rustix::pipe::fcntl_setpipe_size(writer, PAGE).is_ok_and(|size| size == PAGE)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = writer;
        false
    }
}

/// Copies one page of `from` into the empty pipe `to` without taking it; 0 at the end.
fn show(from: BorrowedFd<'_>, to: BorrowedFd<'_>, peek: Peek) -> rustix::io::Result<usize> {
    match peek {
        #[cfg(target_os = "linux")]
        Peek::Pipe => rustix::pipe::tee(from, to, PAGE, rustix::pipe::SpliceFlags::NONBLOCK),
        Peek::Socket => {
            let mut buffer = [0u8; PAGE];
            let flags = rustix::net::RecvFlags::PEEK | rustix::net::RecvFlags::DONTWAIT;
            let (count, _) = rustix::net::recv(from, &mut buffer, flags)?;
            if count == 0 {
                Ok(0)
            } else {
                rustix::io::write(to, &buffer[..count])
            }
        }
        _ => Err(Errno::NOTSUP),
    }
}
