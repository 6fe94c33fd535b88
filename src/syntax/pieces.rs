//! A text as runs of the original and insertions, so that the edits of several steps compose.

use super::Edit;
use std::ops::Range;

#[derive(Debug, Clone)]
enum Piece {
    Old(Range<usize>),
    New(String),
}

/// A changed text that remembers where it came from.
#[derive(Debug, Clone)]
pub(super) struct Pieces {
    pieces: Vec<Piece>,
    length: usize,
}

impl Pieces {
    /// The unchanged text of `length` bytes.
    pub fn whole(length: usize) -> Self {
        Pieces {
            pieces: vec![Piece::Old(0..length)],
            length,
        }
    }

    /// Applies edits whose offsets are those of the text as it is now.
    pub fn apply(&mut self, edits: &[Edit]) {
        let mut out = Vec::with_capacity(self.pieces.len() + edits.len() * 2);
        let mut at = 0;
        let mut pending = edits.iter().peekable();
        for piece in self.pieces.drain(..) {
            let size = match &piece {
                Piece::Old(r) => r.len(),
                Piece::New(s) => s.len(),
            };
            let end = at + size;
            let mut cursor = at;
            while let Some(e) = pending.peek() {
                if e.range.start > end || (e.range.start == end && e.range.end > end) {
                    break;
                }
                if e.range.start >= at {
                    push(&mut out, &piece, at, cursor..e.range.start);
                    if !e.replacement.is_empty() {
                        out.push(Piece::New(e.replacement.clone()));
                    }
                }
                cursor = cursor.max(e.range.end.min(end));
                if e.range.end > end {
                    break;
                }
                pending.next();
            }
            push(&mut out, &piece, at, cursor.min(end)..end);
            at = end;
        }
        // Insertions into an empty text or behind the last piece.
        for e in pending {
            if e.range.start >= at && !e.replacement.is_empty() {
                out.push(Piece::New(e.replacement.clone()));
            }
        }
        self.pieces = out;
    }

    /// The difference to the original as edits of the original: sorted, not overlapping.
    pub fn edits(&self) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut at = 0;
        let mut fresh = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::New(s) => fresh.push_str(s),
                Piece::Old(r) if r.is_empty() => {}
                Piece::Old(r) => {
                    if r.start > at || !fresh.is_empty() {
                        edits.push(Edit {
                            range: at..r.start,
                            replacement: std::mem::take(&mut fresh),
                        });
                    }
                    at = r.end;
                }
            }
        }
        if self.length > at || !fresh.is_empty() {
            edits.push(Edit {
                range: at..self.length,
                replacement: fresh,
            });
        }
        edits
    }
}

/// Pushes the part of `piece` (which starts at `base`) that lies in `range`.
fn push(out: &mut Vec<Piece>, piece: &Piece, base: usize, range: Range<usize>) {
    if range.start >= range.end {
        return;
    }
    match piece {
        Piece::Old(r) => out.push(Piece::Old(r.start + range.start - base..r.start + range.end - base)),
        Piece::New(s) => {
            if let Some(part) = s.get(range.start - base..range.end - base) {
                out.push(Piece::New(part.to_string()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::apply;
    use super::*;

    fn e(range: Range<usize>, text: &str) -> Edit {
        Edit {
            range,
            replacement: text.into(),
        }
    }

    #[test]
    fn steps_compose() {
        let text = b"abcdefghij";
        let mut pieces = Pieces::whole(text.len());
        let first = [e(2..4, "XY!"), e(10..10, "end")];
        pieces.apply(&first);
        let middle = apply(text, &first);
        assert_eq!(middle, b"abXY!efghijend");
        // Across an insertion and the original, and inside the other insertion.
        let second = [e(0..0, ">"), e(3..6, "_"), e(12..13, "")];
        pieces.apply(&second);
        assert_eq!(apply(text, &pieces.edits()), apply(&middle, &second));
    }
}
