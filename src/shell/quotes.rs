//! Proposals inside a line: quotes, `$(`, `${`, `$((`, backticks and here-documents without an end.
//!
//! A shell finds an unclosed quote only at the next quote or at the end of the file, so the line it
//! names is often not the one at fault. Every line on which a quotation starts and does not end is
//! looked at; the places on it are all tried by the caller, and what is left is judged by how
//! quotations are written: they open before a word and close after one.

use super::lines::Lines;
use super::outline::{Fault, Frame, Kind, Outline};
use super::{Edit, Proposal, Shape};

/// More places than this on one line say nothing.
const MAX_PLACES: usize = 40;

pub(super) fn propose(outline: &Outline, lines: &Lines<'_>, fault: Option<&Fault>, into: &mut Vec<Proposal>) {
    for (index, frame) in outline.frames.iter().enumerate() {
        let Some(mark) = frame.kind.closing_mark() else {
            continue;
        };
        let line = lines.line_of(frame.start);
        let open = fault.is_some_and(|f| f.open.contains(&index));
        if !open && frame.end.is_none_or(|end| lines.line_of(end) == line) {
            continue;
        }
        match frame.kind {
            Kind::Single | Kind::Double => {
                if frame.kind == Kind::Single {
                    apostrophe(frame, outline, lines, line, into);
                }
                quotation(frame, mark, lines, line, into);
            }
            Kind::Parameter => parameter(frame, lines, line, into),
            Kind::Conditional => {}
            _ => enclosed(frame, mark, lines, line, into),
        }
    }
    heredoc(outline, lines, into);
}

/// `don't`: an apostrophe that the shell takes for a quote.
fn apostrophe(frame: &Frame, outline: &Outline, lines: &Lines<'_>, line: usize, into: &mut Vec<Proposal>) {
    let start = lines.start(line);
    let text = lines.bytes(line);
    let marks: Vec<usize> = (1..text.len().saturating_sub(1))
        .filter(|&i| text[i] == b'\'' && text[i - 1].is_ascii_alphabetic() && text[i + 1].is_ascii_alphabetic())
        .filter(|&i| {
            let rest = &text[i + 1..];
            let len = rest.iter().take_while(|c| c.is_ascii_alphabetic()).count();
            matches!(&rest[..len], b"s" | b"t" | b"re" | b"ll" | b"ve" | b"d" | b"m")
        })
        .collect();
    let [only] = marks.as_slice() else { return };
    let at = start + only;
    let ends_a_quotation = outline
        .frames
        .iter()
        .any(|f| f.kind == Kind::Single && f.end == Some(at));
    let (replacement, what) = if ends_a_quotation {
        (
            "'\\''",
            "an apostrophe inside single quotes ends them; it is written '\\''",
        )
    } else if frame.start == at {
        ("\\'", "an apostrophe opens a quotation unless it is escaped")
    } else {
        return;
    };
    let edit = Edit {
        range: at..at + 1,
        replacement: replacement.to_owned(),
    };
    into.push(Proposal::new(vec![edit], 0.93, "apostrophe", what));
}

/// Where a word or the line ends: `|echo |"hi| |there|`.
fn boundaries(lines: &Lines<'_>, line: usize) -> Vec<usize> {
    let start = lines.start(line);
    let text = lines.bytes(line);
    let end = text.trim_ascii_end().len();
    let is_edge = |c: u8| b" \t;|&()<>=\"'".contains(&c);
    (0..=end)
        .filter(|&i| {
            let before = i.checked_sub(1).map_or(b' ', |n| text[n]);
            let after = if i == end { b' ' } else { text[i] };
            (is_edge(before) && !b" \t".contains(&after)) || (is_edge(after) && !b" \t".contains(&before))
        })
        .map(|i| start + i)
        .take(MAX_PLACES)
        .collect()
}

fn quotation(frame: &Frame, mark: &str, lines: &Lines<'_>, line: usize, into: &mut Vec<Proposal>) {
    let end = lines.start(line) + lines.bytes(line).trim_ascii_end().len();
    let rest = &lines.src[(frame.start + 1).min(end)..end];
    let head = lines.src[lines.start(line)..frame.start].trim_ascii_start();
    let simple_rest = !has_operators(rest);
    let prose = is_prose(head) || is_assignment(head);
    for at in boundaries(lines, line) {
        let probability = match () {
            // Text and values run to the end of the line.
            () if at == end && frame.start < end - 1 && simple_rest && (prose || !rest.contains(&b' ')) => 0.92,
            // A value whose opening quote is missing: `name=value"`.
            () if frame.start + 1 == end && at > 0 && lines.src[at - 1] == b'=' => 0.9,
            () if at == end => 0.62,
            () => 0.61,
        };
        let what = format!("the quotation of line {} has no end", line + 1);
        let proposal = Proposal::insert(at, mark, probability, "missing-quote", &what);
        into.push(Proposal {
            shape: Shape::Quote {
                line: (lines.start(line), lines.end(line)),
            },
            ..proposal
        });
    }
}

/// Commands whose arguments are sentences.
fn is_prose(head: &[u8]) -> bool {
    let word = head
        .rsplit(|c| b";|&".contains(c))
        .next()
        .unwrap_or(head)
        .trim_ascii_start();
    let len = word.iter().position(|&c| c == b' ').unwrap_or(word.len());
    let quotes = word.iter().filter(|c| b"\"'".contains(c)).count();
    quotes == 0
        && matches!(
            &word[..len],
            b"echo" | b"printf" | b"log" | b"info" | b"warn" | b"error" | b"die" | b"fail" | b"say"
        )
}

/// `NAME=`, with or without `export` and the like before it, and nothing else.
fn is_assignment(head: &[u8]) -> bool {
    let words: Vec<&[u8]> = head.split(|c| b" \t".contains(c)).filter(|w| !w.is_empty()).collect();
    let declares = |w: &[u8]| matches!(w, b"export" | b"local" | b"readonly" | b"declare" | b"typeset");
    match words.as_slice() {
        [name] => name.ends_with(b"="),
        [keyword, name] => declares(keyword) && name.ends_with(b"="),
        _ => false,
    }
}

/// `$(`, `$((`, `(`, backtick without their end on the line.
fn enclosed(frame: &Frame, mark: &str, lines: &Lines<'_>, line: usize, into: &mut Vec<Proposal>) {
    let end = lines.start(line) + lines.bytes(line).trim_ascii_end().len();
    let head = &lines.src[lines.start(line)..frame.start];
    let assigned = head.ends_with(b"=") || head.ends_with(b"=\"");
    let quoted = head.ends_with(b"\"") && lines.src[..end].ends_with(b"\"");
    let what = format!(
        "`{}` of line {} has no end",
        String::from_utf8_lossy(&lines.src[frame.start..(frame.start + 2).min(end)]),
        line + 1
    );
    // `$((1 + 2)`: one of the two is there.
    let mark =
        if frame.kind == Kind::Arithmetic && lines.src[..end].ends_with(b")") && !lines.src[..end].ends_with(b"))") {
            ")"
        } else {
            mark
        };
    for at in boundaries(lines, line).into_iter().filter(|&at| at > frame.start + 1) {
        let last = if quoted { at + 1 == end } else { at == end };
        let probability = if last && assigned { 0.9 } else { 0.61 };
        into.push(Proposal::insert(at, mark, probability, "missing-closer", &what));
    }
}

/// `${name` without its `}`.
fn parameter(frame: &Frame, lines: &Lines<'_>, line: usize, into: &mut Vec<Proposal>) {
    let end = lines.end(line);
    let name = frame.start + 2;
    let len = lines.src[name.min(end)..end]
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric() || **c == b'_')
        .count();
    if len == 0 {
        return;
    }
    let at = name + len;
    let next = lines.src.get(at).copied().unwrap_or(b'\n');
    let probability = if b":-/#%^,[@+?=!".contains(&next) { 0.6 } else { 0.92 };
    let what = format!("`${{` of line {} has no `}}`", line + 1);
    into.push(Proposal::insert(at, "}", probability, "missing-brace", &what));
}

/// A here-document whose end is there, but indented or followed by blanks.
fn heredoc(outline: &Outline, lines: &Lines<'_>, into: &mut Vec<Proposal>) {
    for doc in &outline.heredocs {
        let first = lines.line_of(doc.body);
        let found = (first..lines.count()).find(|&l| lines.trimmed(l) == doc.delimiter.as_bytes());
        let Some(line) = found else { continue };
        let text = lines.bytes(line);
        let lead = text.len() - text.trim_ascii_start().len();
        let start = lines.start(line);
        let mut edits = Vec::new();
        if lead > 0 && text[..lead].iter().all(|&c| c == b'\t') && !doc.strip_tabs {
            edits.push(Edit {
                range: doc.operator + 2..doc.operator + 2,
                replacement: "-".to_owned(),
            });
        } else if lead > 0 {
            edits.push(Edit {
                range: start..start + lead,
                replacement: String::new(),
            });
        }
        let tail = text.trim_ascii_end().len();
        if tail < text.len() {
            edits.push(Edit {
                range: start + tail..start + text.len(),
                replacement: String::new(),
            });
        }
        let what = format!(
            "`{}` in line {} ends the here-document only if nothing else stands on its line",
            doc.delimiter,
            line + 1
        );
        into.push(Proposal::new(edits, 0.93, "heredoc-end", &what));
    }
}

/// Whether all quotations of a line open before a word and close after one, as people write them.
pub(super) fn plausible(outline: &Outline, src: &[u8], line: std::ops::Range<usize>) -> bool {
    outline
        .frames
        .iter()
        .filter(|f| matches!(f.kind, Kind::Single | Kind::Double) && line.contains(&f.start))
        .all(|f| {
            let Some(end) = f.end else { return false };
            let inside = &src[(f.start + 1).min(end)..end];
            let before = f
                .start
                .checked_sub(1)
                .and_then(|i| src.get(i))
                .copied()
                .unwrap_or(b'\n');
            let after = src.get(end + 1).copied().unwrap_or(b'\n');
            let opens = b" \t\n=([{$:,;|&!<>@".contains(&before) || before == b'"' || before == b'\'';
            let closes = b" \t\r\n)]};|&<>:,./\"'".contains(&after);
            let edged = inside.first().is_some_and(u8::is_ascii_whitespace)
                || inside.last().is_some_and(u8::is_ascii_whitespace);
            // `""text`: nobody writes an empty quotation before a word.
            let glued = inside.is_empty() && !b" \t\r\n;)]},|&:".contains(&after);
            opens && closes && !edged && !glued && !(inside.is_empty() && before == b'"')
        })
}

/// How many quotations run over a line's end. A repair that leaves more of them than another has
/// swallowed code.
pub(super) fn running_over(outline: &Outline, src: &[u8]) -> usize {
    outline
        .frames
        .iter()
        .filter(|f| matches!(f.kind, Kind::Single | Kind::Double | Kind::Backtick))
        .filter(|f| f.end.is_some_and(|end| src[f.start..end].contains(&b'\n')))
        .count()
}

/// Whether a text has characters that may be operators, outside `${…}`.
fn has_operators(text: &[u8]) -> bool {
    let mut depth = 0usize;
    let mut before = b' ';
    for &c in text {
        match c {
            b'{' if before == b'$' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b';' | b'|' | b'&' | b'<' | b'>' | b'(' | b')' | b'[' | b']' if depth == 0 => return true,
            b'#' if depth == 0 && before == b' ' => return true,
            _ => {}
        }
        before = c;
    }
    false
}
