//! Very many texts looked for at once, by pieces of four bytes.
//!
//! Of each text a stretch is chosen that is rare in ordinary logs, and each four bytes inside it
//! (its grams) are marked in a table. Where the stretch has `4 + step - 1` bytes it holds a gram at
//! one of every `step` places, so only those places need be looked at: the longer the stretches,
//! the faster the search, and however many texts there are, a place costs one look at the table.
//! Letters of either case are one in the table; who asks compares the text itself.

use crate::pattern::{Literal, rarity};

/// Bytes of a gram.
pub const GRAM: usize = 4;
/// Makes capitals small, four bytes at once; what it does to other bytes does no harm.
const FOLD: u32 = 0x2020_2020;
/// Spreads grams over the table.
const SPREAD: u32 = 0x9e37_79b1;
/// Places of the table for each gram: then one in so many places is looked at for nothing.
const ROOM: usize = 32;

/// A gram of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index of the text.
    pub text: u32,
    /// Where in the text the gram starts.
    pub offset: u32,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Grams {
    step: usize,
    /// One bit for each value of a gram's hash.
    marks: Vec<u64>,
    /// How far a hash is shifted to be an index of a bit.
    shift: u32,
    /// Grams in order, and where their places end.
    grams: Vec<u32>,
    ends: Vec<u32>,
    places: Vec<Place>,
    /// Where in `grams` those with these first bits of their hash begin.
    index: Vec<u32>,
}

fn gram(bytes: &[u8], at: usize) -> u32 {
    let piece = bytes.get(at..at + GRAM).and_then(|p| p.try_into().ok());
    piece.map_or(0, |p| u32::from_le_bytes(p) | FOLD)
}

/// Bits of the hash that lead to the places of a gram.
const INDEX_BITS: u32 = 12;

fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(SPREAD)
}

/// Where in a part of a text the rarest stretch of this length starts.
pub fn stretch(text: &[u8], part: std::ops::Range<usize>, length: usize) -> Option<usize> {
    let chance = |at: usize| {
        let grams = (at..=at + length - GRAM).map(|g| (-rarity(&text[g..g + GRAM])).exp2());
        grams.sum::<f64>()
    };
    let last = part.end.checked_sub(length)?;
    (part.start..=last)
        .map(|at| (chance(at), at))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, at)| at)
}

impl Grams {
    /// Takes the stretches: text, its index, where its stretch of `GRAM + step - 1` bytes starts.
    pub fn new<'a>(step: usize, stretches: impl Iterator<Item = (usize, &'a Literal, usize)>) -> Self {
        let mut all: Vec<(u32, Place)> = Vec::new();
        for (index, literal, start) in stretches {
            for offset in start..start + step {
                let place = Place {
                    text: u32::try_from(index).unwrap_or(u32::MAX),
                    offset: u32::try_from(offset).unwrap_or(u32::MAX),
                };
                all.push((gram(&literal.text, offset), place));
            }
        }
        all.sort_by_key(|(g, p)| (hash(*g), p.text, p.offset));
        let bits = (all.len() * ROOM).next_power_of_two().clamp(1 << INDEX_BITS, 1 << 22);
        let mut this = Self {
            step,
            marks: vec![0; bits / 64],
            shift: 32 - bits.trailing_zeros(),
            ..Self::default()
        };
        for (gram, place) in all {
            let h = hash(gram) >> this.shift;
            this.marks[(h >> 6) as usize] |= 1 << (h & 63);
            if this.grams.last() != Some(&gram) {
                this.grams.push(gram);
                this.ends.push(0);
            }
            this.places.push(place);
            if let Some(end) = this.ends.last_mut() {
                *end = u32::try_from(this.places.len()).unwrap_or(u32::MAX);
            }
        }
        for first in 0..=1u32 << INDEX_BITS {
            let below = |g: &u32| (hash(*g) >> (32 - INDEX_BITS)) < first;
            let at = this.grams.partition_point(below);
            this.index.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        this
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.grams.is_empty()
    }

    /// Whether a gram of a text may be here.
    #[inline(always)]
    fn marked(&self, piece: [u8; GRAM]) -> bool {
        let h = hash(u32::from_le_bytes(piece) | FOLD) >> self.shift;
        self.marks
            .get((h >> 6) as usize)
            .is_some_and(|m| m >> (h & 63) & 1 != 0)
    }

    /// The places of the gram that stands here.
    #[inline(never)]
    fn places(&self, bytes: &[u8], at: usize) -> &[Place] {
        let gram = gram(bytes, at);
        let first = (hash(gram) >> (32 - INDEX_BITS)) as usize;
        let (from, to) = (self.index[first] as usize, self.index[first + 1] as usize);
        let Some(k) = self.grams[from..to].iter().position(|g| *g == gram) else {
            return &[];
        };
        let start = (from + k).checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.places[start as usize..self.ends[from + k] as usize]
    }

    /// The first place from `from` on where a gram stands that `accept` takes.
    #[inline]
    pub fn find(&self, bytes: &[u8], from: usize, accept: impl FnMut(usize, &[Place]) -> bool) -> Option<usize> {
        match self.step {
            _ if self.is_empty() => None,
            1 => self.find_every::<1>(bytes, from, accept),
            2 => self.find_every::<2>(bytes, from, accept),
            3 => self.find_every::<3>(bytes, from, accept),
            _ => self.find_every::<4>(bytes, from, accept),
        }
    }

    fn find_every<const STEP: usize>(
        &self,
        bytes: &[u8],
        from: usize,
        mut accept: impl FnMut(usize, &[Place]) -> bool,
    ) -> Option<usize> {
        let mut at = from;
        loop {
            // Four places at once, so that one branch does for all of them.
            while let Some(piece) = bytes.get(at..at + 3 * STEP + GRAM) {
                let marked = |k: usize| {
                    let k = k * STEP;
                    self.marked([piece[k], piece[k + 1], piece[k + 2], piece[k + 3]])
                };
                if marked(0) | marked(1) | marked(2) | marked(3) {
                    break;
                }
                at += 4 * STEP;
            }
            for _ in 0..4 {
                let piece = bytes.get(at..at + GRAM)?;
                if self.marked([piece[0], piece[1], piece[2], piece[3]]) {
                    let places = self.places(bytes, at);
                    if !places.is_empty() && accept(at, places) {
                        return Some(at);
                    }
                }
                at += STEP;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_wherever_it_stands() {
        let texts: Vec<Literal> = (0..300).map(|k| Literal::exact(format!("module{k} of pool"))).collect();
        for step in 1..=4 {
            let length = GRAM + step - 1;
            let stretches = texts
                .iter()
                .enumerate()
                .filter_map(|(k, l)| Some((k, l, stretch(&l.text, 0..l.text.len(), length)?)));
            let grams = Grams::new(step, stretches);
            for (k, literal) in texts.iter().enumerate() {
                for before in 0..9 {
                    let text = ["x".repeat(before).into_bytes(), literal.text.to_ascii_uppercase()].concat();
                    let mut seen = false;
                    grams.find(&text, 0, |at, places| {
                        seen |= places
                            .iter()
                            .any(|p| p.text as usize == k && at == before + p.offset as usize);
                        false
                    });
                    assert!(seen, "{step} {literal:?} {before}");
                }
            }
        }
    }

    #[test]
    fn a_stretch_is_rare() {
        let got = stretch(b"the quixotic error", 0..18, 5).expect("there is one");
        assert!((3..=8).contains(&got), "{got}");
        assert_eq!(stretch(b" a b c ", 1..6, 5), Some(1));
        assert_eq!(stretch(b"a b c ", 0..5, 6), None);
    }
}
