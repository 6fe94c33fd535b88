//! The last bytes of one stream, in bounded memory, with where and when each byte arrived.
//!
//! A line longer than [`LINE_CAP`] is folded at its carriage returns, or else cut. Both happen at
//! places that the text alone decides, so that pieces of any size give the same lines.

use std::collections::VecDeque;

/// Longest line that is kept, in bytes.
pub const LINE_CAP: usize = 64 << 10;
/// Bytes behind the scanner that are kept: for the last lines, and what stood before a report.
pub const BEHIND: usize = 192 << 10;
/// Largest piece that may be appended at once.
pub const PIECE: usize = 32 << 10;

/// From here on bytes of the buffer came one after another.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Offset in what is kept of the stream.
    kept: u64,
    /// Offset in the raw stream.
    raw: u64,
    /// Bytes of all streams that came before.
    at: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    /// Offset of `bytes[0]` in what is kept.
    base: u64,
    /// Where the last, unfinished line starts in `bytes`.
    open: usize,
    places: VecDeque<Place>,
    raw: u64,
    skipping: bool,
    pending_return: bool,
    /// Lines that were cut.
    pub cut: u64,
}

impl Buffer {
    /// All bytes that are kept.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the complete lines end.
    #[must_use]
    pub fn complete(&self) -> usize {
        self.open
    }

    /// Where and when the byte at this index arrived: offset in the raw stream, bytes of all
    /// streams before it.
    #[must_use]
    pub fn arrival(&self, index: usize) -> (u64, u64) {
        let kept = self.base + index as u64;
        let k = self.places.partition_point(|p| p.kept <= kept);
        match k.checked_sub(1).and_then(|k| self.places.get(k)) {
            Some(p) => (p.raw + (kept - p.kept), p.at + (kept - p.kept)),
            None => (kept, kept),
        }
    }

    /// Adds the next bytes (at most [`PIECE`]) of the stream; `at` bytes of all streams came before.
    pub fn append(&mut self, piece: &[u8], at: u64) {
        debug_assert!(piece.len() <= PIECE);
        let mut rest = piece;
        let mut at = at;
        while !rest.is_empty() {
            let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            if !self.skipping && self.bytes.len() - self.open + line <= LINE_CAP {
                // All other lines of the piece are shorter than the piece.
                self.push(rest, at);
                if let Some(last) = memchr::memrchr(b'\n', rest) {
                    self.open = self.bytes.len() - (rest.len() - last - 1);
                }
                return;
            }
            self.push_long(&rest[..line], at);
            at += line as u64;
            rest = &rest[line..];
            if !rest.is_empty() {
                self.skipping = false;
                self.pending_return = false;
                self.push(&rest[..1], at);
                self.open = self.bytes.len();
                at += 1;
                rest = &rest[1..];
            }
        }
    }

    fn push(&mut self, bytes: &[u8], at: u64) {
        let kept = self.base + self.bytes.len() as u64;
        let raw = self.raw;
        let on = self
            .places
            .back()
            .is_some_and(|p| p.raw + (kept - p.kept) == raw && p.at + (kept - p.kept) == at);
        if !on {
            self.places.push_back(Place { kept, raw, at });
        }
        self.bytes.extend_from_slice(bytes);
        self.raw += bytes.len() as u64;
    }

    /// A piece of a line that does not fit, without its newline.
    fn push_long(&mut self, piece: &[u8], at: u64) {
        let mut rest = piece;
        let mut at = at;
        while !rest.is_empty() {
            if self.skipping {
                // Only a carriage return that is not the line's end begins anew.
                let skip = if self.pending_return && rest[0] != b'\r' {
                    self.restart(self.bytes.len());
                    0
                } else {
                    let until = memchr::memchr(b'\r', rest);
                    self.pending_return = until.is_some();
                    until.map_or(rest.len(), |k| k + 1)
                };
                self.raw += skip as u64;
                at += skip as u64;
                rest = &rest[skip..];
                continue;
            }
            let room = LINE_CAP - (self.bytes.len() - self.open);
            if room == 0 {
                let line = &self.bytes[self.open..];
                match memchr::memrchr(b'\r', line) {
                    Some(k) => self.restart(self.open + k + 1),
                    None => {
                        self.skipping = true;
                        self.cut += 1;
                    }
                }
                continue;
            }
            let take = room.min(rest.len());
            self.push(&rest[..take], at);
            at += take as u64;
            rest = &rest[take..];
        }
    }

    /// Forgets the open line up to here.
    fn restart(&mut self, from: usize) {
        let (raw, at) = self.arrival(from);
        let more = self.bytes.len() - from;
        self.bytes.drain(self.open..from);
        let kept = self.base + self.open as u64;
        while self.places.back().is_some_and(|p| p.kept >= kept) {
            self.places.pop_back();
        }
        if more > 0 {
            self.places.push_back(Place { kept, raw, at });
        }
        if self.skipping {
            self.skipping = false;
            self.pending_return = false;
        }
    }

    /// Forgets what lies more than [`BEHIND`] bytes before `done`; the new index of `done`.
    pub fn forget(&mut self, done: usize) -> usize {
        if done < 2 * BEHIND {
            return done;
        }
        let drop = done - BEHIND;
        self.bytes.drain(..drop);
        self.base += drop as u64;
        self.open -= drop;
        while self.places.len() > 1 && self.places[1].kept <= self.base {
            self.places.pop_front();
        }
        done - drop
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], size: usize) -> (Vec<Vec<u8>>, u64) {
        let mut b = Buffer::default();
        let mut at = 0;
        for piece in text.chunks(size) {
            b.append(piece, at);
            at += piece.len() as u64;
        }
        let all = b.bytes().split(|c| *c == b'\n').map(<[u8]>::to_vec).collect();
        (all, b.cut)
    }

    #[test]
    fn long_lines_are_the_same_in_pieces_of_any_size() {
        let mut text = b"short\n".to_vec();
        text.extend(vec![b'x'; LINE_CAP + 10]);
        text.extend(b"\nnext\n");
        for k in 0..30_000 {
            text.extend(format!("\r{k}%").bytes());
        }
        text.extend(b"\r\nlast\n");
        text.extend(vec![b'y'; 2 * LINE_CAP]);
        text.extend(b"\rnew state\r\nend");
        let (whole, cut) = lines(&text, PIECE);
        assert_eq!(cut, 2);
        assert_eq!(whole[1].len(), LINE_CAP);
        assert_eq!(
            whole[3].iter().rev().take(7).rev().copied().collect::<Vec<_>>(),
            b"29999%\r"
        );
        assert_eq!(whole[5], b"new state\r");
        for size in [1, 7, 1000, 4096] {
            assert_eq!(lines(&text, size), (whole.clone(), cut), "{size}");
        }
    }

    #[test]
    fn bytes_know_where_they_came_from() {
        let mut b = Buffer::default();
        b.append(b"ab", 0);
        b.append(b"cd\n", 10);
        assert_eq!(b.arrival(1), (1, 1));
        assert_eq!(b.arrival(3), (3, 11));
    }
}
