//! Literals that every match of a regex contains.
//!
//! A line without any of them cannot match, so looking for literals (all rules' at once, in one
//! pass) spares nearly every line the regexes. What is derived here must never be wrong: a literal
//! that a match may lack would hide that match.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::error::NEST_LIMIT;

/// Most alternatives of a set, and of an exact language while it is built.
const MOST: usize = 16;
/// Most alternatives of several such sets together.
const WIDEST: usize = 256;
/// Longest literal that is kept while it grows.
const LONGEST: usize = 64;
/// A set whose worst member is below this many bits is on nearly every line: no use.
const LEAST_SCORE: f64 = 6.0;

/// Alternatives of which every match contains at least one, and how well they select.
#[derive(Debug, Clone, PartialEq)]
pub struct Required {
    /// The alternatives; never empty, none of them empty.
    pub any_of: Vec<Vec<u8>>,
    /// Bits of surprise of finding one of them in a line of an ordinary log: higher is rarer.
    pub score: f64,
}

impl Required {
    fn of(mut any_of: Vec<Vec<u8>>) -> Option<Self> {
        any_of.sort();
        any_of.dedup();
        if any_of.is_empty() || any_of.iter().any(Vec::is_empty) {
            return None;
        }
        // What holds one of the others need not be looked for itself; of very many it is not worth
        // finding out.
        if any_of.len() <= 2 * MOST {
            let all = any_of.clone();
            any_of.retain(|long| {
                !all.iter()
                    .any(|s| s.len() < long.len() && memchr::memmem::find(long, s).is_some())
            });
        }
        // Chances add up, so the commonest alternatives decide.
        let chance: f64 = any_of.iter().map(|l| (-rarity(l)).exp2()).sum();
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
    let best = walk(&hir).best;
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

/// Parses without Unicode's tables where they cannot matter here: large classes are passed over
/// whatever is in them, and only letters of either case differ. That is ten times as fast.
fn parse_lightly(regex: &str) -> Option<Hir> {
    let folds = regex.match_indices("(?").any(|(k, _)| {
        regex[k + 2..]
            .chars()
            .take_while(|c| c.is_ascii_alphabetic())
            .any(|c| c == 'i')
    });
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
    (!folds).then(light).flatten().or_else(|| parse(regex))
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
    exact: Option<Vec<Vec<u8>>>,
    /// The best required set.
    best: Option<Required>,
}

impl Known {
    fn exact(texts: Vec<Vec<u8>>) -> Self {
        Self {
            best: Required::of(texts.clone()),
            exact: Some(texts),
        }
    }
    const NOTHING: Self = Self {
        exact: None,
        best: None,
    };
}

fn walk(hir: &Hir) -> Known {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Known::exact(vec![Vec::new()]),
        HirKind::Literal(l) => Known::exact(vec![l.0.to_vec()]),
        HirKind::Class(class) => few(class).map_or(Known::NOTHING, Known::exact),
        HirKind::Capture(c) => walk(&c.sub),
        HirKind::Repetition(r) => {
            let inner = walk(&r.sub);
            match (r.min, r.max) {
                (1, Some(1)) => inner,
                (0, Some(1)) => match inner.exact {
                    Some(mut texts) if texts.len() < MOST => {
                        texts.push(Vec::new());
                        Known::exact(texts)
                    }
                    _ => Known::NOTHING,
                },
                (0, _) => Known::NOTHING,
                (min, max) => {
                    // `a{3}` is exact; of `a{3,}` the first three are enough.
                    let mut texts = vec![Vec::new()];
                    for _ in 0..min.min(LONGEST as u32) {
                        match inner.exact.as_ref().and_then(|e| product(&texts, e)) {
                            Some(more) => texts = more,
                            None => {
                                return Known {
                                    exact: None,
                                    best: inner.best,
                                };
                            }
                        }
                    }
                    let whole = max == Some(min) && min <= LONGEST as u32;
                    Known {
                        best: better(Required::of(texts.clone()), inner.best),
                        exact: whole.then_some(texts),
                    }
                }
            }
        }
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(parts) => alternation(parts),
    }
}

fn concat(parts: &[Hir]) -> Known {
    let mut best = None;
    let mut run: Vec<Vec<u8>> = vec![Vec::new()];
    let mut exact = true;
    for part in parts {
        let known = walk(part);
        best = better(best, known.best);
        match known.exact {
            Some(texts) => {
                run = if let Some(longer) = product(&run, &texts) {
                    longer
                } else {
                    exact = false;
                    best = better(best, Required::of(run));
                    texts
                };
            }
            None => {
                exact = false;
                best = better(best, Required::of(std::mem::replace(&mut run, vec![Vec::new()])));
            }
        }
    }
    best = better(best, Required::of(run.clone()));
    Known {
        exact: exact.then_some(run),
        best,
    }
}

fn alternation(parts: &[Hir]) -> Known {
    let mut exact = Some(Vec::new());
    let mut all = Some(Vec::new());
    for part in parts {
        let known = walk(part);
        exact = match (exact, known.exact) {
            (Some(mut have), Some(more)) if have.len() + more.len() <= MOST => {
                have.extend(more);
                Some(have)
            }
            _ => None,
        };
        all = match (all, known.best) {
            (Some(mut have), Some(more)) if have.len() + more.any_of.len() <= WIDEST => {
                have.extend(more.any_of);
                Some(have)
            }
            _ => None,
        };
    }
    let mut best = all.and_then(Required::of);
    if let Some(texts) = &exact {
        best = better(best, Required::of(texts.clone()));
    }
    Known { exact, best }
}

fn better(a: Option<Required>, b: Option<Required>) -> Option<Required> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.score > a.score { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Every text of one set followed by every text of the other, where these stay few and short.
fn product(a: &[Vec<u8>], b: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let longest = |set: &[Vec<u8>]| set.iter().map(Vec::len).max().unwrap_or(0);
    if a.len() * b.len() > MOST || longest(a) + longest(b) > LONGEST {
        return None;
    }
    Some(
        a.iter()
            .flat_map(|x| b.iter().map(move |y| [x.as_slice(), y].concat()))
            .collect(),
    )
}

/// The characters of a small class.
fn few(class: &Class) -> Option<Vec<Vec<u8>>> {
    const CLASS: usize = 4;
    match class {
        Class::Unicode(c) => {
            let size: u64 = c
                .ranges()
                .iter()
                .map(|r| u64::from(u32::from(r.end())) - u64::from(u32::from(r.start())) + 1)
                .sum();
            (size <= CLASS as u64).then(|| {
                c.ranges()
                    .iter()
                    .flat_map(|r| r.start()..=r.end())
                    .map(|ch| ch.to_string().into_bytes())
                    .collect()
            })
        }
        Class::Bytes(c) => {
            let all: Vec<Vec<u8>> = c
                .ranges()
                .iter()
                .flat_map(|r| r.start()..=r.end())
                .map(|b| vec![b])
                .take(CLASS + 1)
                .collect();
            (all.len() <= CLASS).then_some(all)
        }
    }
}

/// Bits of surprise of a literal in ordinary logs. Letters by their frequency in English and in
/// logs, the second of two equal or frequent neighbours counting less; words that stand on every
/// other line of a log are worth little, whatever their letters.
pub(crate) fn rarity(literal: &[u8]) -> f64 {
    const COMMON: [&[u8]; 24] = [
        b"error", b"Error", b"ERROR", b"failed", b"file", b"File", b"line", b"with", b"from", b"the ", b"not ",
        b" is ", b"name", b"name ", b"could", b"found", b"for ", b"warning", b"WARNING", b"INFO", b"info", b"http",
        b"module", b"value",
    ];
    let mut bits = 0.0;
    for &byte in literal {
        bits += match byte {
            b' ' => 1.5,
            b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 2.4,
            b'l' | b'd' | b'c' | b'u' | b'm' | b'p' | b'f' | b'h' => 3.4,
            b'.' | b':' | b'/' | b'-' | b'_' | b'=' | b'"' | b'\'' | b',' => 3.4,
            b'0'..=b'9' => 3.2,
            b'a'..=b'z' => 4.6,
            b'A'..=b'Z' => 5.4,
            _ => 6.0,
        };
    }
    let common = COMMON
        .iter()
        .filter(|w| literal.windows(w.len()).any(|part| part == **w))
        .map(|w| w.len())
        .max();
    if let Some(length) = common {
        // All but about one letter of a common word tells nothing.
        #[expect(clippy::cast_precision_loss, reason = "at most seven")]
        let told = 2.0 * length as f64;
        bits = (bits - told).max(4.0);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(regex: &str) -> Vec<String> {
        literals(regex).map_or_else(Vec::new, |r| {
            r.any_of
                .iter()
                .map(|l| String::from_utf8_lossy(l).into_owned())
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
            let full = parse(regex).map(|h| walk(&h).best.filter(|b| b.score >= LEAST_SCORE));
            assert_eq!(full, Some(literals(regex)), "{regex}");
        }
    }

    #[test]
    fn letters_of_either_case_are_spelled_out() {
        let got = of("(?i)denied");
        assert!(!got.is_empty() && got.iter().all(|l| "DENIED".contains(&l.to_uppercase())));
    }
}
