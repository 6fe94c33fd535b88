//! The evidence pass: a tolerant tokenizer over text that may be broken anywhere.
//!
//! It never fails and never recovers by skipping lines: an unclosed quote ends at its line's end, an
//! unknown character is one token. It knows nothing about grammar, faults or repairs.

use std::collections::{HashMap, HashSet};

pub(super) use super::pairing::{closer, opener};

/// What a token is, as far as a scan that does not trust the text can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Identifier, soft keywords included.
    Name,
    /// Hard keyword.
    Keyword,
    /// Number, malformed ones included (`0777`, `10L`, `3px`).
    Number,
    /// String with prefix and quotes, closed or not.
    Str,
    /// Operator, bracket or other punctuation of Python.
    Op,
    /// End of a physical line that is not inside a string or after a backslash.
    Newline,
    /// Comment up to the end of its line.
    Comment,
    /// A character Python has no use for outside strings.
    Bad,
}

/// One token; offsets are bytes of the scanned text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// Physical line (0-based) on which it starts.
    pub line: usize,
    /// A string whose closing quote is missing.
    pub unclosed: bool,
    /// A string in triple quotes.
    pub triple: bool,
}

/// One physical line; `end` excludes the line break, `next` is the start of the following line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub start: usize,
    pub end: usize,
    pub next: usize,
    /// Offset of the first character that is not blank.
    pub text: usize,
    /// Index of the first token that starts on this line or later.
    pub token: usize,
    /// The line starts inside a triple-quoted string.
    pub in_string: bool,
    /// Nothing on it but blanks or a comment.
    pub blank: bool,
    /// The line before ends in a backslash.
    pub continued: bool,
    /// Bracket depth at its start, as far as the brackets above are balanced.
    pub depth: usize,
    /// Column of `text` with tabs to the next multiple of eight.
    pub column: usize,
}

/// Hard keywords of every Python 3.
pub(super) const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

const OPS: [&str; 24] = [
    "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "==", "!=", "<=", ">=", "->", ":=", "+=", "-=", "*=",
    "/=", "%=", "&=", "|=", "^=", "@=",
];

/// What the bracket stack says about the whole text.
#[derive(Debug, Clone, Copy)]
pub(super) struct BracketFault {
    /// Token of the opening bracket that lacks its partner, or that met the wrong one.
    pub open: Option<usize>,
    /// Token of the closing bracket that has no partner, or the wrong one.
    pub close: Option<usize>,
    /// Physical line on which this became certain: the first that cannot belong to the bracket any
    /// more (one past the last at the end of the text), or the line of the wrong closing bracket.
    pub line: usize,
}

/// Everything the generators know about the text as a whole.
pub(super) struct Scan<'a> {
    pub text: &'a str,
    pub tokens: Vec<Token>,
    pub lines: Vec<Line>,
    /// How often each identifier occurs.
    pub words: HashMap<&'a str, usize>,
    /// Neighbouring pairs of token texts on one line.
    pub pairs: HashSet<(&'a str, &'a str)>,
    /// Most frequent indentation step.
    pub unit: String,
    /// Brackets without a partner, in order of their discovery.
    pub brackets: Vec<BracketFault>,
    /// For each bracket token its partner.
    pub partner: HashMap<usize, usize>,
}

impl<'a> Scan<'a> {
    /// Scans `text`; linear in its length.
    pub fn new(text: &'a str) -> Self {
        let mut scan = Scan {
            text,
            tokens: Vec::with_capacity(text.len() / 4),
            lines: physical_lines(text),
            words: HashMap::new(),
            pairs: HashSet::new(),
            unit: String::from("    "),
            brackets: Vec::new(),
            partner: HashMap::new(),
        };
        scan.tokenize();
        scan.index();
        scan.unit = indent_unit(text, &scan.lines);
        scan
    }

    /// Text of a token.
    pub fn str(&self, token: &Token) -> &'a str {
        &self.text[token.start..token.end]
    }

    /// Text of the token at `index`; empty when there is none.
    pub fn at(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |t| self.str(t))
    }

    /// 0-based physical line that holds `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|l| l.start <= offset).saturating_sub(1)
    }

    /// Index of the first token that ends after `offset`.
    pub fn token_at(&self, offset: usize) -> usize {
        self.tokens.partition_point(|t| t.end <= offset)
    }

    /// Index of the first token that starts at or after `offset`.
    pub fn token_from(&self, offset: usize) -> usize {
        self.tokens.partition_point(|t| t.start < offset)
    }

    /// Tokens that start on a physical line, without its newline and comments.
    pub fn line_tokens(&self, line: usize) -> &[Token] {
        let Some(l) = self.lines.get(line) else {
            return &[];
        };
        let end = self.lines.get(line + 1).map_or(self.tokens.len(), |n| n.token);
        let tokens = self.tokens.get(l.token..end).unwrap_or(&[]);
        let keep = tokens
            .iter()
            .rposition(|t| !matches!(t.kind, Kind::Newline | Kind::Comment))
            .map_or(0, |i| i + 1);
        &tokens[..keep]
    }

    /// Leading blanks of a line.
    pub fn indent(&self, line: usize) -> &'a str {
        self.lines.get(line).map_or("", |l| &self.text[l.start..l.text])
    }

    /// The nearest line above that holds code and is not inside a string.
    pub fn code_above(&self, line: usize) -> Option<usize> {
        (0..line)
            .rev()
            .find(|&i| !self.lines[i].blank && !self.lines[i].in_string)
    }

    /// The nearest line below that holds code and is not inside a string.
    pub fn code_below(&self, line: usize) -> Option<usize> {
        (line + 1..self.lines.len()).find(|&i| !self.lines[i].blank && !self.lines[i].in_string)
    }

    /// Index of the first token at or after `index` that is neither a newline nor a comment.
    pub fn from(&self, index: usize) -> Option<usize> {
        (index..self.tokens.len()).find(|&i| !matches!(self.tokens[i].kind, Kind::Newline | Kind::Comment))
    }

    /// The line break the file uses.
    pub fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    fn tokenize(&mut self) {
        let text = self.text;
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut line = 0;
        while at < bytes.len() {
            while self.lines.get(line + 1).is_some_and(|l| l.start <= at) {
                line += 1;
            }
            let byte = bytes[at];
            let (kind, end) = match byte {
                b' ' | b'\t' | 0x0c => {
                    at += 1;
                    continue;
                }
                b'\\' if matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) => {
                    at = self.lines.get(line).map_or(bytes.len(), |l| l.next);
                    if let Some(l) = self.lines.get_mut(line + 1) {
                        l.continued = true;
                    }
                    continue;
                }
                b'\n' | b'\r' => (Kind::Newline, self.lines.get(line).map_or(at + 1, |l| l.next)),
                b'#' => (Kind::Comment, self.lines.get(line).map_or(bytes.len(), |l| l.end)),
                b'0'..=b'9' => (Kind::Number, number_end(bytes, at)),
                b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => (Kind::Number, number_end(bytes, at)),
                b'"' | b'\'' => (Kind::Str, at),
                _ => {
                    let word = word_end(text, at);
                    if word > at {
                        if matches!(bytes.get(word), Some(b'"' | b'\'')) && is_prefix(&text[at..word]) {
                            (Kind::Str, word)
                        } else if KEYWORDS.contains(&&text[at..word]) {
                            (Kind::Keyword, word)
                        } else {
                            (Kind::Name, word)
                        }
                    } else if let Some(op) = OPS.iter().find(|op| text[at..].starts_with(**op)) {
                        (Kind::Op, at + op.len())
                    } else if b"+-*/%&|^~<>=()[]{}.,:;@".contains(&byte) {
                        (Kind::Op, at + 1)
                    } else {
                        let width = text[at..].chars().next().map_or(1, char::len_utf8);
                        (Kind::Bad, at + width)
                    }
                }
            };
            let mut token = Token {
                kind,
                start: at,
                end,
                line,
                unclosed: false,
                triple: false,
            };
            if kind == Kind::Str {
                let raw = text[at..end].bytes().any(|b| b == b'r' || b == b'R');
                let (stop, triple, closed) = string_end(bytes, end, raw);
                token.end = stop;
                token.triple = triple;
                token.unclosed = !closed;
            }
            let stop = token.end.max(at + 1);
            self.tokens.push(token);
            at = stop;
        }
    }

    fn index(&mut self) {
        self.match_brackets();
        for l in &mut self.lines {
            let rest = &self.text[l.text..l.end];
            l.blank = !l.in_string && (rest.is_empty() || rest.starts_with('#'));
        }
        for pair in self.tokens.windows(2) {
            if pair[0].kind != Kind::Newline && pair[1].kind != Kind::Newline {
                self.pairs.insert((
                    &self.text[pair[0].start..pair[0].end],
                    &self.text[pair[1].start..pair[1].end],
                ));
            }
        }
        for token in &self.tokens {
            if token.kind == Kind::Name {
                *self.words.entry(&self.text[token.start..token.end]).or_insert(0) += 1;
            }
        }
    }
}

fn physical_lines(text: &str) -> Vec<Line> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let mut start = 0;
    while start <= bytes.len() {
        let end = bytes[start..]
            .iter()
            .position(|b| matches!(b, b'\n' | b'\r'))
            .map_or(bytes.len(), |i| start + i);
        let next = match bytes.get(end) {
            Some(b'\r') if bytes.get(end + 1) == Some(&b'\n') => end + 2,
            Some(_) => end + 1,
            None => bytes.len() + 1,
        };
        let mut column = 0;
        let mut body = start;
        while body < end {
            match bytes[body] {
                b' ' => column += 1,
                b'\t' => column = (column / 8 + 1) * 8,
                0x0c => column = 0,
                _ => break,
            }
            body += 1;
        }
        lines.push(Line {
            start,
            end,
            next: next.min(bytes.len()),
            text: body,
            token: 0,
            in_string: false,
            blank: false,
            continued: false,
            depth: 0,
            column,
        });
        if next > bytes.len() || (next == bytes.len() && end < bytes.len()) {
            break;
        }
        start = next;
    }
    lines
}

fn is_prefix(word: &str) -> bool {
    word.len() <= 2 && word.bytes().all(|b| b"rRbBuUfFtT".contains(&b))
}

fn word_end(text: &str, at: usize) -> usize {
    let mut end = at;
    for c in text[at..].chars() {
        let ok = c == '_' || c.is_alphabetic() || (end > at && (c.is_alphanumeric() || is_mark(c)));
        if !ok {
            break;
        }
        end += c.len_utf8();
    }
    end
}

fn is_mark(c: char) -> bool {
    // Combining marks may continue an identifier; the std library has no table of them.
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}')
}

fn number_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(&b) = bytes.get(end) {
        let exponent_sign = matches!(b, b'+' | b'-')
            && end > at
            && matches!(bytes[end - 1], b'e' | b'E')
            && !bytes[at..end].starts_with(b"0x")
            && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if b.is_ascii_alphanumeric() || b == b'_' || b == b'.' || exponent_sign {
            end += 1;
        } else {
            break;
        }
    }
    end
}

/// End of the string whose quote is at `at`; whether it is triple-quoted and closed.
fn string_end(bytes: &[u8], at: usize, _raw: bool) -> (usize, bool, bool) {
    let quote = bytes[at];
    let triple = bytes.get(at + 1) == Some(&quote) && bytes.get(at + 2) == Some(&quote);
    let mut i = at + if triple { 3 } else { 1 };
    while i < bytes.len() {
        match bytes[i] {
            // In raw strings too a backslash keeps the next quote from closing.
            b'\\' => {
                if bytes.get(i + 1) == Some(&b'\r') && bytes.get(i + 2) == Some(&b'\n') {
                    i += 3;
                } else {
                    i += 2;
                }
                continue;
            }
            b'\n' | b'\r' if !triple => return (i, false, false),
            b if b == quote => {
                if !triple {
                    return (i + 1, false, true);
                }
                if bytes.get(i + 1) == Some(&quote) && bytes.get(i + 2) == Some(&quote) {
                    return (i + 3, true, true);
                }
            }
            _ => {}
        }
        i += 1;
    }
    (bytes.len(), triple, false)
}

fn indent_unit(text: &str, lines: &[Line]) -> String {
    let mut votes: [usize; 9] = [0; 9];
    let mut tabs = 0;
    let mut last: Option<&Line> = None;
    for line in lines.iter().filter(|l| !l.blank && !l.in_string && l.depth == 0) {
        let indent = &text[line.start..line.text];
        if let Some(above) = last
            && line.column > above.column
        {
            if indent.ends_with('\t') {
                tabs += 1;
            } else if line.column - above.column <= 8 {
                votes[line.column - above.column] += 1;
            }
        }
        last = Some(line);
    }
    let best = (1..9).max_by_key(|&n| (votes[n], usize::from(n == 4))).unwrap_or(4);
    if tabs > votes[best] {
        "\t".into()
    } else if votes[best] == 0 {
        "    ".into()
    } else {
        " ".repeat(best)
    }
}
