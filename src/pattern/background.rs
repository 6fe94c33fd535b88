//! How rare a text is in ordinary logs: what programs print when nothing is wrong.
//!
//! Letters count by their frequency, and pieces of words that logs are full of count as the word:
//! `ckage` is as common as `package`, however rare its letters. Only an estimate is needed: it
//! chooses what is looked for, never what is found.

use std::collections::HashMap;
use std::sync::LazyLock;

/// On every other line of some log.
const EVERYWHERE: &str = "info debug http https com org www the and for from with this that \
    file files name names time date user users path line lines test tests data get post json true false null main \
    core lib usr bin home src log logs status ok done running not";

/// On many lines.
const OFTEN: &str = "package packages python version versions install installed installing build building built \
    object objects index block blocks task tasks host hosts worker handler thread session connection connect \
    connected request requests response server service services client node nodes cluster region resource \
    resources module modules provider instance image images layer container volume network socket port address \
    endpoint token account order payment message messages queue event events read reading write writing open opened \
    opening close closed create created creating delete deleted update updated start started starting stop \
    stopped finish finished load loaded loading save saved check checked checking run running exec process \
    processing using used use uses default config configuration setting settings option options input output \
    debian ubuntu linux amd64 x86 arch release stable master main branch commit merge pull push fetch remote \
    origin local global system kernel device driver memory cache disk cpu size bytes total count number percent \
    seconds minutes hours days level type class function method call return result results state change changes \
    changed item items list table row rows column key keys field fields string integer float array map set add \
    added remove removed copy copying copied move moved download downloading downloaded upload cached collecting \
    requirement already satisfied successfully success passed skipped skipping example examples documentation \
    compile compiling compiled link linking target library libraries include import imports export public \
    private static void new old first last next previous current available required support supported \
    manager controller context factory component accept accepted publickey ssh ssl tls cert auth login root admin \
    daemon signal child parent group owner mode permission access applied apply plan refresh refreshing gather \
    gathering facts play playbook role roles deploy register variable template rendering page content text html \
    script style mapped mapping query database sql mysql postgres redis kafka broker topic partition replica \
    replicas packet packets interface route gateway proxy nginx apache mozilla chrome safari windows agent \
    bucket stream invoice shard reconciled controller scheduler pod namespace secret volume retry retrying \
    error warn warning could found failed value values wheel with of to in on upstream client deprecated unused longer connection answered sequence heartbeat";

/// Bits of a piece of a word that is everywhere, and of one that is on many lines.
const BITS: [f64; 2] = [5.0, 7.0];
/// Shortest piece of a word that counts as the word.
const SHORTEST: usize = 3;

/// Pieces of the words, with the spaces around them, and their bits.
static PIECES: LazyLock<HashMap<Vec<u8>, f64>> = LazyLock::new(|| {
    let mut pieces = HashMap::new();
    for (words, bits) in [EVERYWHERE, OFTEN].into_iter().zip(BITS) {
        for word in words.split_ascii_whitespace() {
            let word = format!(" {word} ").into_bytes();
            for from in 0..word.len() {
                for to in from + SHORTEST..=word.len() {
                    pieces.entry(word[from..to].to_vec()).or_insert(bits);
                }
            }
        }
    }
    pieces
});

/// Longest word.
const LONGEST: usize = 16;

fn letter(byte: u8) -> f64 {
    match byte {
        b' ' => 0.5,
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 2.4,
        b'l' | b'd' | b'c' | b'u' | b'm' | b'p' | b'f' | b'h' => 3.4,
        b'.' | b':' | b'/' | b'-' => 2.0,
        b'_' | b'=' | b'"' | b'\'' | b',' | b'[' | b']' | b'(' | b')' => 3.4,
        b'0'..=b'9' => 3.2,
        b'a'..=b'z' => 4.6,
        b'A'..=b'Z' => 5.4,
        _ => 6.0,
    }
}

/// Bits of surprise of a text in a line of an ordinary log: the least of all ways to put it together
/// from letters and pieces of common words.
pub fn rarity(text: &[u8]) -> f64 {
    let small = text.to_ascii_lowercase();
    let mut least = vec![0.0];
    for end in 1..=text.len() {
        let mut best: f64 = least[end - 1] + letter(text[end - 1]);
        for start in end.saturating_sub(LONGEST)..(end + 1).saturating_sub(SHORTEST) {
            if let Some(bits) = PIECES.get(&small[start..end]) {
                best = best.min(least[start] + bits);
            }
        }
        least.push(best);
    }
    least[text.len()]
}

#[cfg(test)]
mod tests {
    use super::rarity;

    #[test]
    fn pieces_of_common_words_are_common() {
        assert!(rarity(b"ckage") < rarity(b"nboun"));
        assert!(rarity(b"package") < rarity(b"unbound"));
        assert!(rarity(b"ckage") <= rarity(b"package x"));
        assert!(rarity(b"No module named") > rarity(b"module"));
    }
}
