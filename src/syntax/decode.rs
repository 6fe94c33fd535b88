//! From the bytes of a file to text and back to byte offsets.
//!
//! Knows byte-order marks, PEP 263 declarations and single-byte encodings; knows nothing of Python's
//! grammar. The text it hands out may differ from the true one in non-ASCII letters (a byte of a
//! single-byte encoding becomes the Latin-1 letter), never in anything the grammar looks at.

use super::Edit;

/// A file as text, with the way back to its bytes.
pub(super) struct Decoded {
    pub text: String,
    /// Bytes skipped at the front (a byte-order mark).
    skip: usize,
    /// Text offsets behind which one more byte of the text stands for none of the file (sorted).
    widened: Vec<usize>,
}

impl Decoded {
    /// Byte offset in the file for an offset in the text.
    pub fn to_bytes(&self, offset: usize) -> usize {
        self.skip + offset - self.widened.partition_point(|&w| w < offset)
    }

    /// The edits in file bytes; `None` if a replacement cannot be written in the file's encoding.
    pub fn edits(&self, edits: &[Edit]) -> Option<Vec<Edit>> {
        let encodable = self.widened.is_empty() || edits.iter().all(|e| e.replacement.is_ascii());
        encodable.then(|| {
            edits
                .iter()
                .map(|e| Edit {
                    range: self.to_bytes(e.range.start)..self.to_bytes(e.range.end),
                    replacement: e.replacement.clone(),
                })
                .collect()
        })
    }
}

/// Decodes `source`, or says why that is not possible.
pub(super) fn decode(source: &[u8]) -> Result<Decoded, String> {
    if source.starts_with(&[0xff, 0xfe]) || source.starts_with(&[0xfe, 0xff]) {
        return Err("the file is UTF-16; Python reads UTF-8 unless told otherwise".into());
    }
    let (skip, body) = match source.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (3, rest),
        None => (0, source),
    };
    if body.contains(&0) {
        return Err("the file contains NUL bytes".into());
    }
    let declared = declared_encoding(body);
    match std::str::from_utf8(body) {
        Ok(text) => Ok(Decoded {
            text: text.to_string(),
            skip,
            widened: Vec::new(),
        }),
        Err(error) => match declared.as_deref() {
            Some(name) if single_byte(name) && skip == 0 => Ok(widen(body)),
            Some(name) if !name.starts_with("utf") => Err(format!(
                "the encoding `{name}` that the file declares is not understood here"
            )),
            _ => Err(format!(
                "the file is not valid UTF-8 (byte {} of it) and declares no other encoding",
                skip + error.valid_up_to()
            )),
        },
    }
}

fn widen(body: &[u8]) -> Decoded {
    let mut text = String::with_capacity(body.len() + 16);
    let mut widened = Vec::new();
    for &byte in body {
        if byte >= 0x80 {
            widened.push(text.len() + 1);
        }
        // 0x80..0xA0 are controls in Latin-1 and letters or quotes elsewhere: a letter is harmless.
        text.push(if (0x80..0xc0).contains(&byte) {
            '\u{e0}'
        } else {
            char::from(byte)
        });
    }
    Decoded { text, skip: 0, widened }
}

fn single_byte(name: &str) -> bool {
    [
        "latin",
        "iso-8859",
        "iso8859",
        "cp125",
        "windows-125",
        "koi8",
        "l1",
        "cp437",
        "cp850",
        "mac",
    ]
    .iter()
    .any(|p| name.starts_with(p))
}

/// The encoding that a comment in the first two lines declares (PEP 263), in lower case with dashes.
fn declared_encoding(body: &[u8]) -> Option<String> {
    for line in body.split(|&b| b == b'\n').take(2) {
        let text = String::from_utf8_lossy(line);
        let trimmed = text.trim();
        if trimmed.is_empty() {
            continue;
        }
        let comment = trimmed.strip_prefix('#')?;
        if let Some(at) = comment.find("coding") {
            let rest = &comment[at + 6..];
            if let Some(value) = rest.strip_prefix([':', '=']) {
                let name: String = value
                    .trim_start()
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
                    .collect();
                if !name.is_empty() {
                    return Some(name.to_ascii_lowercase().replace('_', "-"));
                }
            }
        }
    }
    None
}
