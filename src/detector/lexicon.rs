//! The words that raw bytes are searched for first.
//!
//! Each literal has at least one of them, and each is free of spaces, so that text that was broken
//! between words still has it. Few words are searched for many times faster than many are, so words
//! that many literals share come first; what they leave is looked for by its rarest word.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;

use crate::pattern::rarity;

/// Up to here the search is as fast as it gets; sharing words would only make it less exact.
const FEW: usize = 16;
/// Bits of surprise that a shared word needs: commoner ones are on too many lines.
const RARE_ENOUGH: f64 = 9.0;
/// Literals that a shared word must have, to stand for their own words.
const WORTH: usize = 3;

fn split(literal: &[u8]) -> impl Iterator<Item = &[u8]> {
    literal.split(|b| *b == b' ').filter(|w| !w.is_empty())
}

fn rarest(literal: &[u8]) -> Option<&[u8]> {
    // Two letters are somewhere on most lines, however rare each of them is.
    let key = |w: &[u8]| (w.len() >= 3, rarity(w));
    split(literal).max_by(|a, b| key(a).0.cmp(&key(b).0).then_with(|| key(a).1.total_cmp(&key(b).1)))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// Words of which each literal has one. A literal of spaces alone has none.
#[must_use]
pub fn words(literals: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let own = minimal(literals.iter().filter_map(|l| rarest(l)).map(<[u8]>::to_vec).collect());
    if own.len() <= FEW {
        return own;
    }
    let mut left: Vec<&[u8]> = literals.iter().map(Vec::as_slice).collect();
    let mut chosen: Vec<Vec<u8>> = Vec::new();
    while chosen.len() < FEW && !left.is_empty() {
        let Some(best) = most_shared(&left) else { break };
        left.retain(|l| !contains(l, &best));
        chosen.push(best);
    }
    chosen.extend(left.iter().filter_map(|l| rarest(l)).map(<[u8]>::to_vec));
    minimal(chosen)
}

/// The rare word that most literals share, if it is worth it.
fn most_shared(literals: &[&[u8]]) -> Option<Vec<u8>> {
    let mut count: HashMap<&[u8], usize> = HashMap::new();
    for literal in literals {
        let mut words: Vec<&[u8]> = split(literal).collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            *count.entry(word).or_default() += 1;
        }
    }
    count
        .into_iter()
        .filter(|(word, n)| *n >= WORTH && word.len() >= 3 && rarity(word) >= RARE_ENOUGH)
        // Among equals the order of the bytes decides, so that every run does the same.
        .max_by(|(a, n), (b, m)| n.cmp(m).then_with(|| rarity(a).total_cmp(&rarity(b))).then_with(|| a.cmp(b)))
        .map(|(word, _)| word.to_vec())
}

/// Leaves out words that hold another.
fn minimal(mut words: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    words.sort();
    words.dedup();
    let Ok(all) = AhoCorasick::new(&words) else {
        return words;
    };
    words
        .iter()
        .enumerate()
        .filter(|(k, word)| {
            !all.find_overlapping_iter(word.as_slice())
                .any(|m| m.pattern().as_usize() != *k)
        })
        .map(|(_, word)| word.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_literal_has_a_word_and_shared_words_are_few() {
        let literals: Vec<Vec<u8>> = (0..500)
            .map(|k| format!("rror: {} open module{k} '", ["cannot", "refused to"][k % 2]).into_bytes())
            .chain([b"Permission denied".to_vec()])
            .collect();
        let words = words(&literals);
        assert!(words.len() <= FEW, "{}", words.len());
        for literal in &literals {
            assert!(words.iter().any(|w| contains(literal, w)));
        }
    }

    #[test]
    fn few_literals_keep_their_rarest_words_and_none_twice() {
        let got = words(&[
            b"E: cannot unpack".to_vec(),
            b"module".to_vec(),
            b"submodules of".to_vec(),
        ]);
        assert_eq!(got, [b"module".to_vec(), b"unpack".to_vec()]);
    }
}
