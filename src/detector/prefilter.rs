//! The first look at raw bytes: where a line may hold one of very many literals, and which literals
//! a prepared line holds.
//!
//! Raw bytes are not what is matched. A tool may have broken a line at a space, drawn a border,
//! coloured a part of it; see [`normalise`](super::normalise). So of each literal a short stretch is
//! looked for, and around it the literal is compared only as far as the text is plain: where a break
//! or a border may be, the place counts. Stretches that a line's end breaks are the business of
//! [`Breaks`]; control sequences inside of a stretch are found by the pair of letters that they part.

use aho_corasick::{AhoCorasick, MatchKind};

use super::breaks::Breaks;
use super::grams::{GRAM, Grams, Place, stretch};
use super::normalise::{escape, normalise};
use crate::pattern::Literal;

/// So few texts are still searched for at the speed of the rest.
const FEW: usize = 24;
/// Longest step between the places that are looked at.
const FAR: usize = 4;

/// See the module.
#[derive(Debug, Default)]
pub struct Prefilter {
    literals: Vec<Literal>,
    /// Grams of stretches, for raw bytes.
    raw: Grams,
    /// Literals too short for that, by what they belong to.
    short: Option<AhoCorasick>,
    short_of: Vec<Vec<Place>>,
    /// Pairs of bytes inside of what is looked for; one bit each.
    pairs: Vec<u64>,
    breaks: Breaks,
}

/// Finds all literals of a prepared line.
#[derive(Debug, Default)]
pub struct Exact {
    literals: Vec<Literal>,
    grams: Grams,
    short: Option<AhoCorasick>,
    short_of: Vec<u32>,
}

/// What may stand for something else once the line is prepared: control sequences, borders.
fn special(byte: u8) -> bool {
    byte >= 0x80 || (byte < b' ' && !matches!(byte, b'\t' | b'\n' | 0x0c))
}

fn pair(a: u8, b: u8) -> (usize, u64) {
    let k = usize::from(a.to_ascii_lowercase()) << 8 | usize::from(b.to_ascii_lowercase());
    (k >> 6, 1 << (k & 63))
}

impl Prefilter {
    /// Prepares the search for these literals; each holds something besides spaces.
    #[must_use]
    pub fn new(literals: Vec<Literal>) -> Self {
        // The farthest steps that leave only a few literals too short for them.
        let too_short = |step: usize| {
            let short = literals.iter().filter(|l| middle(l).len() < GRAM + step - 1);
            short.map(|l| either_case(l, middle(l)).len()).sum::<usize>()
        };
        let step = (1..=FAR).rev().find(|s| too_short(*s) <= FEW).unwrap_or(1);
        let length = GRAM + step - 1;
        let mut this = Self {
            pairs: vec![0; 1 << 10],
            ..Self::default()
        };
        let (mut long, mut short) = (Vec::new(), Vec::new());
        for (k, literal) in literals.iter().enumerate() {
            let chosen = match stretch(&literal.text, middle(literal), length) {
                Some(start) => {
                    long.push((k, literal, start));
                    start..start + length
                }
                None => {
                    short.push((k, literal));
                    middle(literal)
                }
            };
            this.part(&literal.text[chosen.clone()]);
            this.breaks.add(k, literal, chosen);
        }
        this.raw = Grams::new(step, long.into_iter());
        this.take_short(&short);
        this.literals = literals;
        this
    }

    /// Remembers what this text, which is looked for, falls into when a control sequence parts it.
    fn part(&mut self, text: &[u8]) {
        for two in text.windows(2) {
            let (at, bit) = pair(two[0], two[1]);
            self.pairs[at] |= bit;
        }
    }

    /// Of texts in texts only the inner one is looked for, so that no two begin at one place.
    fn take_short(&mut self, literals: &[(usize, &Literal)]) {
        let mut all: Vec<(Vec<u8>, Place)> = Vec::new();
        for &(k, literal) in literals {
            let place = Place {
                text: u32::try_from(k).unwrap_or(u32::MAX),
                offset: u32::try_from(middle(literal).start).unwrap_or(u32::MAX),
            };
            let forms = either_case(literal, middle(literal));
            all.extend(forms.into_iter().map(|form| (form, place)));
        }
        all.sort_by_key(|(text, place)| (text.len(), text.clone(), place.text));
        let mut chosen: Vec<Vec<u8>> = Vec::new();
        for (text, place) in all {
            let inner = (0..chosen.len()).find_map(|k| Some((k, memchr::memmem::find(&text, &chosen[k])?)));
            let (k, shift) = inner.unwrap_or_else(|| {
                chosen.push(text);
                self.short_of.push(Vec::new());
                (chosen.len() - 1, 0)
            });
            self.short_of[k].push(Place {
                offset: place.offset + u32::try_from(shift).unwrap_or(u32::MAX),
                ..place
            });
        }
        self.short = automaton(chosen, MatchKind::LeftmostFirst);
    }

    /// From `from` (the start of a line) on: the next place where a literal may be.
    #[must_use]
    pub fn long(&self, bytes: &[u8], from: usize) -> Option<usize> {
        self.raw.find(bytes, from, |at, places| {
            places.iter().any(|place| self.may_hold(bytes, at, *place))
        })
    }

    /// The same for short literals.
    #[must_use]
    pub fn short(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let short = self.short.as_ref()?;
        let mut at = from;
        loop {
            let found = short.find(bytes.get(at..)?)?;
            at += found.start();
            let mut places = self.short_of[found.pattern().as_usize()].iter();
            if places.any(|place| self.may_hold(bytes, at, *place)) {
                return Some(at);
            }
            at += 1;
        }
    }

    /// The next end of a line that may break a literal.
    #[must_use]
    pub fn broken(&self, bytes: &[u8], from: usize) -> Option<usize> {
        self.breaks.find(&self.literals, bytes, from)
    }

    /// The next place where what is looked for may be hidden by control characters inside of it.
    #[must_use]
    pub fn hidden(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            at += memchr::memchr3(0x1b, 0x08, b'\r', bytes.get(at..)?)?;
            let mut next = at;
            loop {
                match bytes.get(next) {
                    Some(0x1b) => next += escape(line_of(&bytes[next..])).0,
                    Some(0x08 | b'\r') => next += 1,
                    _ => break,
                }
            }
            let erased = bytes[at..next].contains(&0x08);
            let before = at.checked_sub(1).and_then(|k| bytes.get(k));
            if let (Some(&before), Some(&after)) = (before, bytes.get(next)) {
                let (word, bit) = pair(before, after);
                if (erased || self.pairs[word] & bit != 0) && self.shows(bytes, at) {
                    return Some(at);
                }
            }
            at = next;
        }
    }

    /// Whether a literal may be in the line around this place once it is prepared.
    fn shows(&self, bytes: &[u8], at: usize) -> bool {
        let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |k| k + 1);
        let line = normalise(line_of(&bytes[start..]));
        self.long(&line.text, 0).is_some() || self.short(&line.text, 0).is_some()
    }

    /// Whether the literal may be in the prepared text of which this piece of it, which stands at
    /// `at`, is a part. False only where the text is another.
    fn may_hold(&self, bytes: &[u8], at: usize, place: Place) -> bool {
        let literal = &self.literals[place.text as usize];
        let offset = place.offset as usize;
        ahead(literal, offset, bytes, at) && behind(literal, offset, bytes, at)
    }
}

impl Exact {
    /// Prepares the search for these literals.
    #[must_use]
    pub fn new(literals: Vec<Literal>) -> Self {
        let starts: Vec<Option<usize>> = literals
            .iter()
            .map(|l| stretch(&l.text, 0..l.text.len(), GRAM))
            .collect();
        let long = literals.iter().zip(&starts).enumerate();
        let grams = Grams::new(1, long.filter_map(|(k, (l, start))| Some((k, l, (*start)?))));
        let (mut short, mut short_of) = (Vec::new(), Vec::new());
        for (k, literal) in literals.iter().enumerate().filter(|(k, _)| starts[*k].is_none()) {
            for text in either_case(literal, 0..literal.text.len()) {
                short.push(text);
                short_of.push(u32::try_from(k).unwrap_or(u32::MAX));
            }
        }
        Self {
            grams,
            short: automaton(short, MatchKind::Standard),
            short_of,
            literals,
        }
    }

    /// Which literals are in a text, in no order, some more than once.
    pub fn find(&self, text: &[u8], found: &mut Vec<u32>) {
        self.grams.find(text, 0, |at, places| {
            found.extend(places.iter().filter(|p| self.holds(text, at, **p)).map(|p| p.text));
            false
        });
        if let Some(short) = &self.short {
            let all = short.find_overlapping_iter(text);
            found.extend(all.map(|m| self.short_of[m.pattern().as_usize()]));
        }
    }

    fn holds(&self, text: &[u8], at: usize, place: Place) -> bool {
        let literal = &self.literals[place.text as usize];
        let start = at.checked_sub(place.offset as usize);
        let piece = start.and_then(|s| text.get(s..s + literal.text.len()));
        piece.is_some_and(|piece| piece.iter().zip(&literal.text).all(|(b, w)| literal.is(*w, *b)))
    }
}

fn automaton(texts: Vec<Vec<u8>>, kind: MatchKind) -> Option<AhoCorasick> {
    if texts.is_empty() {
        return None;
    }
    AhoCorasick::builder().match_kind(kind).build(texts).ok()
}

/// A literal without a space at either end: a line may be broken there. It is not at several.
fn middle(literal: &Literal) -> std::ops::Range<usize> {
    let text = &literal.text;
    let single = |ends: bool, next: Option<&u8>| usize::from(ends && next.is_some_and(|b| *b != b' '));
    let first = single(text.starts_with(b" "), text.get(1));
    let last = single(
        text.ends_with(b" "),
        text.len().checked_sub(2).and_then(|k| text.get(k)),
    );
    first..text.len() - last
}

/// A piece of a literal in every form that it may have.
fn either_case(literal: &Literal, piece: std::ops::Range<usize>) -> Vec<Vec<u8>> {
    let mut forms = vec![Vec::new()];
    for &byte in &literal.text[piece] {
        let either = literal.folds && byte.is_ascii_lowercase();
        let more: Vec<Vec<u8>> = forms
            .iter()
            .filter(|_| either)
            .map(|f: &Vec<u8>| [f.as_slice(), &[byte.to_ascii_uppercase()]].concat())
            .collect();
        forms.iter_mut().for_each(|f| f.push(byte));
        forms.extend(more);
    }
    forms
}

/// The rest of the line that starts here.
fn line_of(bytes: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    &bytes[..end]
}

/// Whether this byte belongs to a control sequence.
fn in_sequence(bytes: &[u8], here: usize) -> bool {
    let start = memchr::memrchr2(0x1b, b'\n', &bytes[..=here]).filter(|k| bytes[*k] == 0x1b);
    start.is_some_and(|k| k + escape(line_of(&bytes[k..])).0 > here)
}

/// Compares from the piece on.
fn ahead(literal: &Literal, offset: usize, bytes: &[u8], at: usize) -> bool {
    for (k, &wanted) in literal.text.iter().enumerate().skip(offset) {
        let here = at + (k - offset);
        let Some(&byte) = bytes.get(here) else { return true };
        if literal.is(wanted, byte) {
            continue;
        }
        if special(byte) {
            return true;
        }
        // The line may end here, and go on as if after one space.
        let gap = bytes[here..]
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t' | 0x0c))
            .count();
        let broken = bytes.get(here + gap).is_none_or(|b| *b == b'\n' || special(*b));
        let at_space = wanted == b' ' || (k > 0 && literal.text[k - 1] == b' ');
        return broken && at_space;
    }
    true
}

/// Compares back from the piece.
fn behind(literal: &Literal, offset: usize, bytes: &[u8], at: usize) -> bool {
    for k in (0..offset).rev() {
        let Some(here) = at.checked_sub(offset - k) else {
            return true;
        };
        let (wanted, byte) = (literal.text[k], bytes[here]);
        if literal.is(wanted, byte) {
            continue;
        }
        if special(byte) || in_sequence(bytes, here) {
            return true;
        }
        // The line's own text may begin here, going on with the line before.
        let at_space = wanted == b' ' || literal.text.get(k + 1) == Some(&b' ');
        if !at_space {
            return false;
        }
        let start = memchr::memrchr(b'\n', &bytes[..=here]).map_or(0, |k| k + 1);
        if bytes[start..=here].iter().all(|b| matches!(b, b' ' | b'\t' | 0x0c)) {
            return true;
        }
        let own = start + normalise(line_of(&bytes[start..])).raw_offset(0);
        return own > here || bytes[own..=here].iter().all(|b| matches!(b, b' ' | b'\t' | 0x0c));
    }
    true
}
