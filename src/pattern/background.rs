//! How rare a text is in ordinary logs: what programs print when nothing is wrong.
//!
//! Letters count by their frequency, and pieces of words that logs are full of count as the word:
//! `ckage` is as common as `package`, however rare its letters. Only an estimate is needed: it
//! chooses what is looked for, never what is found.

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
const BITS: [f32; 2] = [5.0, 7.0];
/// Slots of the table: several times as many as there are pieces.
const SLOTS: usize = 1 << 14;

/// All pieces of three and four bytes, with the spaces around the words, and their bits. A table of
/// its own, as it is asked some hundred thousand times for a set of rules.
static PIECES: LazyLock<Vec<(u32, f32)>> = LazyLock::new(|| {
    let mut table = vec![(0, 0.0); SLOTS];
    for (words, bits) in [EVERYWHERE, OFTEN].into_iter().zip(BITS) {
        for word in words.split_ascii_whitespace() {
            let word = [b" ", word.as_bytes(), b" "].concat();
            for piece in word.windows(3).chain(word.windows(4)) {
                let key = key(piece);
                let slot = slot(&table, key);
                if table[slot].0 == 0 {
                    table[slot] = (key, bits);
                }
            }
        }
    }
    table
});

fn key(piece: &[u8]) -> u32 {
    let byte = |k: usize| piece.get(k).map_or(0, |b| u32::from(b.to_ascii_lowercase()));
    byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24
}

/// Where a piece stands, or would stand.
fn slot(table: &[(u32, f32)], key: u32) -> usize {
    let mut at = (key.wrapping_mul(0x9e37_79b1) >> 18) as usize;
    while table[at].0 != 0 && table[at].0 != key {
        at = (at + 1) % SLOTS;
    }
    at
}

/// The bits of a piece of a common word.
fn common(piece: &[u8]) -> Option<f64> {
    let table = &*PIECES;
    let (key, bits) = table[slot(table, key(piece))];
    (key != 0).then_some(f64::from(bits))
}

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

/// Bits of surprise of a text in a line of an ordinary log: of its letters, but for those that are
/// pieces of common words.
pub fn rarity(text: &[u8]) -> f64 {
    let mut bits = 0.0;
    let mut at = 0;
    while at < text.len() {
        let piece = |from: usize, length: usize| text.get(from..from + length).and_then(common);
        if let Some(word) = piece(at, 4) {
            bits += word;
            // Pieces that overlap are one word.
            let more = (at + 1..).take_while(|&next| piece(next, 4).is_some()).count();
            at += 4 + more;
        } else if let Some(word) = piece(at, 3) {
            bits += word;
            at += 3;
        } else {
            bits += letter(text[at]);
            at += 1;
        }
    }
    bits
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
        let full = super::PIECES.iter().filter(|(key, _)| *key != 0).count();
        assert!(full < super::SLOTS / 2, "{full} pieces need more room");
    }
}
