//! From a position in a decoded scalar back to the source.
//!
//! A scalar is decoded once more, this time as *pieces*: which bytes of the source became which
//! bytes of the value. If the pieces do not add up to the value that the parser reported, nothing
//! is claimed and the start of the scalar is returned: a caret at the wrong character would be
//! worse than one at the beginning.

use std::ops::Range;

use super::tree::{Node, Scalar, Span, Style};

/// Where byte `decoded` of a scalar's value stands in the source.
///
/// Works for every style: quotes, escapes, folded lines and indentation are taken into account. A
/// position at the end of the value is the end of its last character. For anything but a scalar,
/// and for a node of another source, the start of the node is returned.
#[must_use]
pub fn source_offset(source: &str, node: &Node, decoded: usize) -> usize {
    let decoded = boundary(node, decoded);
    pieces(source, node).map_or(node.span.start, |pieces| pieces.start_of(decoded))
}

/// The source of a range of a scalar's value, for a label below it.
#[must_use]
pub fn source_range(source: &str, node: &Node, decoded: Range<usize>) -> Span {
    let Some(pieces) = pieces(source, node) else {
        return node.span;
    };
    let start = pieces.start_of(decoded.start);
    let end = if decoded.end > decoded.start {
        pieces.end_of(decoded.end)
    } else {
        start
    };
    Span::new(start, end)
}

/// The character of the value that `decoded` lies in.
fn boundary(node: &Node, decoded: usize) -> usize {
    node.as_str().map_or(0, |value| value.floor_char_boundary(decoded))
}

/// A run of the value and the part of the source that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    decoded: Range<usize>,
    source: Range<usize>,
    /// Whether the bytes are the same, so that a position inside can be mapped too.
    verbatim: bool,
}

#[derive(Debug, Default)]
struct Pieces {
    /// In order, without gaps in the value.
    pieces: Vec<Piece>,
    value: String,
}

impl Pieces {
    /// Adds `source[at..at + text.len()]`, which is `text`.
    fn verbatim(&mut self, at: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let decoded = self.value.len()..self.value.len() + text.len();
        self.value.push_str(text);
        if let Some(last) = self.pieces.last_mut()
            && last.verbatim
            && last.source.end == at
        {
            last.decoded.end = decoded.end;
            last.source.end = at + text.len();
            return;
        }
        self.pieces.push(Piece {
            decoded,
            source: at..at + text.len(),
            verbatim: true,
        });
    }

    /// Adds `text`, which the source writes in another way.
    fn written(&mut self, source: Range<usize>, text: &str) {
        if text.is_empty() {
            return;
        }
        let decoded = self.value.len()..self.value.len() + text.len();
        self.value.push_str(text);
        self.pieces.push(Piece {
            decoded,
            source,
            verbatim: false,
        });
    }

    fn start_of(&self, decoded: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.decoded.end <= decoded);
        match (self.pieces.get(index), self.pieces.last()) {
            (Some(piece), _) if piece.verbatim => piece.source.start + decoded.saturating_sub(piece.decoded.start),
            (Some(piece), _) => piece.source.start,
            (None, Some(last)) => last.source.end,
            (None, None) => 0,
        }
    }

    /// Where the character before `decoded` ends.
    fn end_of(&self, decoded: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.decoded.end < decoded);
        match self.pieces.get(index) {
            Some(piece) if piece.verbatim => piece.source.start + decoded.saturating_sub(piece.decoded.start),
            Some(piece) => piece.source.end,
            None => self.pieces.last().map_or(0, |last| last.source.end),
        }
    }
}

fn pieces(source: &str, node: &Node) -> Option<Pieces> {
    let scalar = node.as_scalar()?;
    let text = source.get(node.span.range())?;
    let at = node.span.start;
    match scalar.style {
        Style::Plain => flow(text, at, Style::Plain).filter(|p| p.value == scalar.value),
        Style::Single | Style::Double => {
            let quote = if scalar.style == Style::Single { '\'' } else { '"' };
            let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
            flow(inner, at + 1, scalar.style).filter(|p| p.value == scalar.value)
        }
        Style::Literal | Style::Folded => block(source, scalar),
    }
}

/// Plain and quoted scalars: line breaks are folded, blanks around them dropped.
fn flow(text: &str, at: usize, style: Style) -> Option<Pieces> {
    let mut pieces = Pieces::default();
    // Blanks count only if the line goes on after them.
    let mut blanks = 0..0;
    let mut position = 0;
    while let Some(c) = text[position..].chars().next() {
        let width = c.len_utf8();
        match c {
            ' ' | '\t' => {
                if blanks.is_empty() {
                    blanks = position..position;
                }
                blanks.end = position + 1;
                position += 1;
                continue;
            }
            '\n' | '\r' => {
                let end = fold(text, position, at, &mut pieces, true);
                blanks = 0..0;
                position = end;
                continue;
            }
            _ => {}
        }
        pieces.verbatim(at + blanks.start, &text[blanks.clone()]);
        blanks = 0..0;
        let rest = &text[position..];
        match (style, c) {
            (Style::Single, '\'') => {
                if !rest.starts_with("''") {
                    return None;
                }
                pieces.written(at + position..at + position + 2, "'");
                position += 2;
            }
            (Style::Double, '\\') if rest[1..].starts_with(['\n', '\r']) => {
                position = fold(text, position + 1, at, &mut pieces, false);
            }
            (Style::Double, '\\') => {
                let (decoded, length) = escape(rest)?;
                pieces.written(at + position..at + position + length, &decoded.to_string());
                position += length;
            }
            _ => {
                pieces.verbatim(at + position, &rest[..width]);
                position += width;
            }
        }
    }
    pieces.verbatim(at + blanks.start, &text[blanks]);
    Some(pieces)
}

/// Takes the line break at `position` and all blank lines behind it; returns where the next text
/// begins. `space`: a single break is a space (it is nothing after a backslash).
fn fold(text: &str, position: usize, at: usize, pieces: &mut Pieces, space: bool) -> usize {
    let first_end = position + break_length(&text[position..]);
    let mut end = first_end;
    let mut empty = 0;
    loop {
        let rest = &text[end..];
        let content = rest.trim_start_matches([' ', '\t']);
        let next = end + (rest.len() - content.len());
        let length = break_length(content);
        if length == 0 {
            end = next;
            break;
        }
        empty += 1;
        end = next + length;
    }
    let decoded = match (empty, space) {
        (0, true) => " ".to_owned(),
        (count, _) => "\n".repeat(count),
    };
    pieces.written(at + position..at + first_end, &decoded);
    end
}

/// Bytes of the line break that `text` begins with; 0 for none.
fn break_length(text: &str) -> usize {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// The character that an escape stands for, and the length of the escape in bytes.
fn escape(text: &str) -> Option<(char, usize)> {
    let name = text[1..].chars().next()?;
    let simple = match name {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        ' ' | '"' | '/' | '\\' => name,
        'x' => return code_point(text, 2),
        'u' => return code_point(text, 4).or_else(|| surrogates(text)),
        'U' => return code_point(text, 8),
        _ => return None,
    };
    Some((simple, 1 + name.len_utf8()))
}

fn hex(text: &str, range: Range<usize>) -> Option<u32> {
    u32::from_str_radix(text.get(range)?, 16).ok()
}

fn code_point(text: &str, digits: usize) -> Option<(char, usize)> {
    let decoded = char::from_u32(hex(text, 2..2 + digits)?)?;
    Some((decoded, 2 + digits))
}

/// Two `\u` escapes that together are one character, as JSON writes them.
fn surrogates(text: &str) -> Option<(char, usize)> {
    let (high, low) = (hex(text, 2..6)?, hex(text, 8..12)?);
    let units = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
    let pair = text.get(6..8) == Some("\\u");
    let decoded = char::decode_utf16(units).next().and_then(Result::ok).filter(|_| pair)?;
    Some((decoded, 12))
}

/// Block scalars. The indentation may be given by a header or by the first line; instead of
/// repeating those rules, take the one that reproduces the value.
fn block(source: &str, scalar: &Scalar) -> Option<Pieces> {
    let body = source.get(scalar.body..)?;
    let first = body.lines().find(|line| !line.trim_start_matches(' ').is_empty())?;
    let most = first.len() - first.trim_start_matches(' ').len();
    (0..=most).rev().take(MAX_INDENTS).find_map(|indent| {
        let pieces = lines(body, scalar, indent);
        let value = scalar.value.trim_end_matches('\n');
        (pieces.value.trim_end_matches('\n') == value).then_some(pieces)
    })
}

/// Most indentations that are tried for a block with more than the usual one.
const MAX_INDENTS: usize = 16;

fn lines(body: &str, scalar: &Scalar, indent: usize) -> Pieces {
    let mut pieces = Pieces::default();
    let folded = scalar.style == Style::Folded;
    let mut start = 0;
    // Line breaks since the last text; whether that text was indented further.
    let mut breaks = 0..0;
    let mut count = 0;
    let mut previous: Option<bool> = None;
    for line in body.split_inclusive('\n') {
        if pieces.value.len() >= scalar.value.trim_end_matches('\n').len() {
            break;
        }
        let text = line.trim_end_matches(['\n', '\r']);
        let at = scalar.body + start;
        start += line.len();
        let blanks = text.len() - text.trim_start_matches(' ').len();
        let skip = blanks.min(indent);
        let content = &text[skip..];
        if !content.is_empty() {
            let further = content.starts_with([' ', '\t']);
            let separator = match previous {
                Some(before) if folded && !before && !further && count == 1 => " ".to_owned(),
                Some(before) if folded && !before && !further => "\n".repeat(count - 1),
                _ => "\n".repeat(count),
            };
            pieces.written(breaks.clone(), &separator);
            pieces.verbatim(at + skip, content);
            previous = Some(further);
            count = 0;
        }
        if count == 0 {
            breaks = at + text.len()..at + line.len();
        }
        count += 1;
    }
    // Line breaks at the end of the value, as many as were kept.
    let rest = scalar.value.get(pieces.value.len()..).unwrap_or("").to_owned();
    if rest.chars().all(|c| c == '\n') {
        pieces.written(breaks, &rest);
    }
    pieces
}
