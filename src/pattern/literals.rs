//! Literals that every match of a regex contains.
//!
//! A line without any of them cannot match, so looking for literals (all rules' at once, in one
//! pass) spares nearly every line the regexes. What is derived here must never be wrong: a literal
//! that a match may lack would hide that match.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::background::rarity;
use super::error::NEST_LIMIT;

/// Most alternatives of a set, and of an exact language while it is built.
const MOST: usize = 16;
/// Most alternatives of several such sets together.
const WIDEST: usize = 256;
/// Longest literal that is kept while it grows.
const LONGEST: usize = 64;
/// A set whose worst member is below this many bits is on nearly every line: no use.
const LEAST_SCORE: f64 = -1.0;

/// A fixed text of a regex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal {
    /// Its bytes; ASCII letters are small ones where it `folds`.
    pub text: Vec<u8>,
    /// ASCII letters of either case are meant.
    pub folds: bool,
}

impl Literal {
    /// A text that is meant as it stands.
    #[must_use]
    pub fn exact(text: impl Into<Vec<u8>>) -> Self {
        Self {
            text: text.into(),
            folds: false,
        }
    }

    fn folded(text: &[u8]) -> Self {
        Self {
            text: text.to_ascii_lowercase(),
            folds: true,
        }
    }

    /// Whether a byte of some text stands for this byte of the literal.
    #[inline]
    #[must_use]
    pub fn is(&self, wanted: u8, byte: u8) -> bool {
        wanted == byte || (self.folds && wanted == byte.to_ascii_lowercase())
    }

    /// Where one of two folds, both do: what results is in every text that the two are in.
    fn then(&self, next: &Self) -> Self {
        let text = [self.text.as_slice(), &next.text].concat();
        if self.folds || next.folds {
            Self::folded(&text)
        } else {
            Self::exact(text)
        }
    }

    /// Whether every text with the other contains this one.
    fn is_in(&self, other: &Self) -> bool {
        if self.folds {
            memchr::memmem::find(&other.text.to_ascii_lowercase(), &self.text).is_some()
        } else {
            !other.folds && memchr::memmem::find(&other.text, &self.text).is_some()
        }
    }
}

/// Alternatives of which every match contains at least one, and how well they select.
#[derive(Debug, Clone, PartialEq)]
pub struct Required {
    /// The alternatives; never empty, none of them empty.
    pub any_of: Vec<Literal>,
    /// Bits of surprise of finding one of them in a line of an ordinary log: higher is rarer.
    pub score: f64,
}

impl Required {
    fn of(mut any_of: Vec<Literal>) -> Option<Self> {
        any_of.sort();
        any_of.dedup();
        // Spaces alone are no text that could be looked for.
        if any_of.is_empty() || any_of.iter().any(|l| l.text.trim_ascii().is_empty()) {
            return None;
        }
        // What holds one of the others need not be looked for itself; of very many it is not worth
        // finding out.
        if any_of.len() <= 2 * MOST {
            let all = any_of.clone();
            any_of.retain(|long| !all.iter().any(|short| short != long && short.is_in(long)));
        }
        // Chances add up, so the commonest alternatives decide.
        let chance: f64 = any_of.iter().map(|l| (-usefulness(&l.text)).exp2()).sum();
        Some(Self {
            score: -chance.log2(),
            any_of,
        })
    }
}

/// The best set of required literals, or `None` where a match need not contain any that is worth
/// looking for.
#[must_use]
pub fn literals(regex: &str) -> Option<Required> {
    analyse(regex).0
}

/// How many fixed characters a match has at least: how particular the regex is.
#[must_use]
pub fn fixed_length(regex: &str) -> u32 {
    analyse(regex).1
}

/// What [`literals`] and [`fixed_length`] say, for the price of one.
#[must_use]
pub fn analyse(regex: &str) -> (Option<Required>, u32) {
    let Some(hir) = parse_lightly(regex) else {
        return (None, 0);
    };
    let best = walk(&hir, folds(regex)).best;
    (best.filter(|b| b.score >= LEAST_SCORE), count(&hir))
}

fn count(hir: &Hir) -> u32 {
    match hir.kind() {
        HirKind::Literal(l) => u32::try_from(l.0.len()).unwrap_or(u32::MAX),
        HirKind::Capture(c) => count(&c.sub),
        HirKind::Repetition(r) if r.min > 0 => count(&r.sub),
        HirKind::Concat(parts) => parts.iter().map(count).fold(0, u32::saturating_add),
        HirKind::Alternation(parts) => parts.iter().map(count).min().unwrap_or(0),
        _ => 0,
    }
}

/// Whether letters of either case may be meant. Elsewhere a class of both (`[Ee]rror`) is two texts:
/// a literal that folds is looked for in more forms than these.
fn folds(regex: &str) -> bool {
    regex.match_indices("(?").any(|(k, _)| {
        let flags = regex[k + 2..].chars();
        flags.take_while(|c| c.is_ascii_alphabetic()).any(|c| c == 'i')
    })
}

/// Parses without Unicode's tables where they cannot matter here: large classes are passed over
/// whatever is in them, and only letters of either case differ. That is ten times as fast.
fn parse_lightly(regex: &str) -> Option<Hir> {
    let light = || {
        regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .nest_limit(NEST_LIMIT)
            .build()
            .parse(regex)
            .ok()
    };
    // What needs Unicode to parse at all is parsed with it.
    (!folds(regex)).then(light).flatten().or_else(|| parse(regex))
}

pub(super) fn parse(regex: &str) -> Option<Hir> {
    regex_syntax::ParserBuilder::new()
        .utf8(false)
        .nest_limit(NEST_LIMIT)
        .build()
        .parse(regex)
        .ok()
}

/// What is known of a part of a regex.
struct Known {
    /// All texts that it can match, where these are few.
    exact: Option<Vec<Literal>>,
    /// Texts of which every match begins with one, where something is known.
    prefix: Option<Vec<Literal>>,
    /// Texts of which every match ends with one, where something is known.
    suffix: Option<Vec<Literal>>,
    /// The best required set.
    best: Option<Required>,
}

impl Known {
    fn exact(texts: Vec<Literal>) -> Self {
        Self {
            best: Required::of(texts.clone()),
            prefix: Some(texts.clone()),
            suffix: Some(texts.clone()),
            exact: Some(texts),
        }
    }
    const NOTHING: Self = Self {
        exact: None,
        prefix: None,
        suffix: None,
        best: None,
    };
}

fn walk(hir: &Hir, folds: bool) -> Known {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Known::exact(vec![Literal::exact([])]),
        HirKind::Literal(l) => Known::exact(vec![Literal::exact(&*l.0)]),
        HirKind::Class(class) => few(class, folds).map_or(Known::NOTHING, Known::exact),
        HirKind::Capture(c) => walk(&c.sub, folds),
        HirKind::Repetition(r) => {
            let inner = walk(&r.sub, folds);
            match (r.min, r.max) {
                (1, Some(1)) => inner,
                (0, Some(1)) => match inner.exact {
                    Some(mut texts) if texts.len() < MOST => {
                        texts.push(Literal::exact([]));
                        Known::exact(texts)
                    }
                    _ => Known::NOTHING,
                },
                (0, _) => Known::NOTHING,
                (min, max) => {
                    // `a{3}` is exact; of `a{3,}` the first three are enough.
                    let mut texts = vec![Literal::exact([])];
                    for _ in 0..min.min(LONGEST as u32) {
                        match inner.exact.as_ref().and_then(|e| product(&texts, e)) {
                            Some(more) => texts = more,
                            None => {
                                return Known { exact: None, ..inner };
                            }
                        }
                    }
                    let whole = max == Some(min) && min <= LONGEST as u32;
                    if whole {
                        return Known::exact(texts);
                    }
                    Known {
                        best: better(Required::of(texts.clone()), inner.best),
                        prefix: Some(texts.clone()),
                        suffix: Some(texts),
                        exact: None,
                    }
                }
            }
        }
        HirKind::Concat(parts) => concat(parts, folds),
        HirKind::Alternation(parts) => alternation(parts, folds),
    }
}

fn concat(parts: &[Hir], folds: bool) -> Known {
    let mut best = None;
    // What the parts so far end with.
    let mut run = vec![Literal::exact([])];
    // What the whole begins with, from the first part on that can be more than a few texts.
    let mut prefix = None;
    for part in parts {
        let known = walk(part, folds);
        best = better(best, known.best);
        let longer = known.prefix.and_then(|p| product(&run, &p));
        match (known.exact, longer) {
            (Some(_), Some(longer)) => run = longer,
            (exact, longer) => {
                let begun = longer.unwrap_or(run);
                best = better(best, Required::of(begun.clone()));
                prefix.get_or_insert(begun);
                run = exact.or(known.suffix).unwrap_or_else(|| vec![Literal::exact([])]);
            }
        }
    }
    best = better(best, Required::of(run.clone()));
    Known {
        exact: prefix.is_none().then(|| run.clone()),
        prefix: prefix.or_else(|| Some(run.clone())),
        suffix: Some(run),
        best,
    }
}

/// Both sets, where they are not too many.
fn union(a: Option<Vec<Literal>>, b: Option<Vec<Literal>>, most: usize) -> Option<Vec<Literal>> {
    let (mut a, b) = (a?, b?);
    a.extend(b);
    (a.len() <= most).then_some(a)
}

fn alternation(parts: &[Hir], folds: bool) -> Known {
    let mut all = Known::exact(Vec::new());
    let mut any_of = Some(Vec::new());
    for part in parts {
        let known = walk(part, folds);
        all.exact = union(all.exact, known.exact, MOST);
        all.prefix = union(all.prefix, known.prefix, MOST);
        all.suffix = union(all.suffix, known.suffix, MOST);
        any_of = union(any_of, known.best.map(|b| b.any_of), WIDEST);
    }
    all.best = better(any_of.and_then(Required::of), all.exact.clone().and_then(Required::of));
    all
}

fn better(a: Option<Required>, b: Option<Required>) -> Option<Required> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.score > a.score { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Every text of one set followed by every text of the other, where these stay few and short.
fn product(a: &[Literal], b: &[Literal]) -> Option<Vec<Literal>> {
    let longest = |set: &[Literal]| set.iter().map(|l| l.text.len()).max().unwrap_or(0);
    if a.len() * b.len() > MOST || longest(a) + longest(b) > LONGEST {
        return None;
    }
    Some(a.iter().flat_map(|x| b.iter().map(move |y| x.then(y))).collect())
}

/// The characters of a small class; a letter of either case is one.
fn few(class: &Class, folds: bool) -> Option<Vec<Literal>> {
    const CLASS: usize = 4;
    let mut all: Vec<Vec<u8>> = match class {
        Class::Unicode(c) => {
            let size: u64 = c
                .ranges()
                .iter()
                .map(|r| u64::from(u32::from(r.end())) - u64::from(u32::from(r.start())) + 1)
                .sum();
            if size > 2 * CLASS as u64 {
                return None;
            }
            let chars = c.ranges().iter().flat_map(|r| r.start()..=r.end());
            chars.map(|ch| ch.to_string().into_bytes()).collect()
        }
        Class::Bytes(c) => {
            let bytes = c.ranges().iter().flat_map(|r| r.start()..=r.end());
            bytes.map(|b| vec![b]).take(2 * CLASS + 1).collect()
        }
    };
    let mut literals = Vec::new();
    while let Some(one) = all.pop() {
        let other = all.iter().position(|o| folds && o.eq_ignore_ascii_case(&one));
        literals.push(match other {
            Some(k) => Literal::folded(&all.swap_remove(k)),
            None => Literal::exact(one),
        });
    }
    (literals.len() <= CLASS).then_some(literals)
}

/// [`rarity`], less what it costs that short texts are hard to look for.
fn usefulness(literal: &[u8]) -> f64 {
    let harder = match literal.trim_ascii().len() {
        0..=3 => 2.0,
        4 | 5 => 1.0,
        _ => 0.0,
    };
    rarity(literal) - harder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(regex: &str) -> Vec<String> {
        literals(regex).map_or_else(Vec::new, |r| {
            r.any_of
                .iter()
                .map(|l| String::from_utf8_lossy(&l.text).into_owned())
                .collect()
        })
    }

    #[test]
    fn the_rarest_required_text_is_found() {
        assert_eq!(
            of(r"^(?:ModuleNotFoundError|ImportError): No module named '?(?P<m>[\w.]+)'?").len(),
            2
        );
        assert_eq!(of(r"role '(?P<r>[^']+)' was not found"), ["' was not found"]);
        assert_eq!(of(r"(?P<f>[^:]+\.pyz?):\d"), [".py:", ".pyz:"]);
        assert_eq!(of(r"\w(?:qqq\d|zzz\d)\w+(?:\dxx|\dyy)!"), ["xx!", "yy!"]);
        assert_eq!(
            of(r"a(?:cannot|could not) find b?"),
            ["acannot find ", "acould not find "]
        );
    }

    #[test]
    fn what_need_not_be_there_is_not_required() {
        assert!(of(r"(?:cannot find)?\d+").is_empty());
        assert!(of(r"\w+ \w+").is_empty());
        assert!(of(r"(?:cannot find|\d+)").is_empty());
        assert!(of(r"^\s+").is_empty());
    }

    #[test]
    fn parsing_lightly_changes_nothing() {
        for regex in [
            r"^(?P<a>\S+): é[äö]x (?:cannot|could not) \w+\b",
            r"(?i)kelvin",
            r"(?x) kel vin",
            r"[àb]cd: not allowed",
            r"x(?-u:\xff)+ denied",
            r"(?s-i:.)+ refused [^']+",
        ] {
            let full = parse(regex).map(|h| walk(&h, folds(regex)).best.filter(|b| b.score >= LEAST_SCORE));
            assert_eq!(full, Some(literals(regex)), "{regex}");
        }
    }

    #[test]
    fn letters_of_either_case_are_one_literal() {
        let got = literals("(?i)was DeNied").expect("has one");
        assert!(got.any_of.iter().any(|l| l.folds && l.text == b"was denied"), "{got:?}");
        // In Unicode the long s is a small `S` as well.
        assert_eq!(got.any_of.len(), 2);
        assert_eq!(of("[Cc]annot [a-z]+"), ["Cannot ", "cannot "]);
        // A text that is meant as it stands need not be looked for beside one that folds.
        assert_eq!(of("(?:(?i:xyzzy)|XYZZYX)"), ["xyzzy"]);
    }
}
