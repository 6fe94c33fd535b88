//! Proposals for blocks: a missing or superfluous `fi`, `done`, `esac`, `}`, `)`, `;;`, `then`,
//! `do`, `{`, and bodies without a command.
//!
//! The closing word of a block belongs where the indentation falls back to that of its opening line.
//! Where the indentation says nothing, every place after a command of the body is proposed, and the
//! caller finds out whether only one of them parses.

use super::lines::Lines;
use super::outline::{Fault, Frame, Kind, Outline, Stop};
use super::{Proposal, Shape};

/// Probability of a place that the indentation names.
const BY_INDENTATION: f64 = 0.95;
/// Probability of a place that only parsing allows, when there is one of them.
const BY_GRAMMAR: f64 = 0.85;

pub(super) fn propose(outline: &Outline, lines: &Lines<'_>, fault: &Fault, into: &mut Vec<Proposal>) {
    let by_indentation: Vec<Proposal> = outline
        .frames
        .iter()
        .filter_map(|frame| closing_by_indentation(frame, lines))
        .collect();
    if by_indentation.len() > 1 && by_indentation.len() <= 3 {
        // Several blocks lack their end: only together do they parse.
        let edits = by_indentation
            .iter()
            .rev()
            .flat_map(|p| p.edits.iter().cloned())
            .collect();
        into.push(Proposal::new(
            edits,
            BY_INDENTATION - 0.05,
            "missing-closers",
            "close the blocks where their indentation ends",
        ));
    }
    let found = !by_indentation.is_empty();
    into.extend(by_indentation);
    if !found {
        closing_by_grammar(outline, lines, fault, into);
    }
    missing_then_or_do(outline, lines, fault, into);
    else_if(outline, lines, fault, into);
    clause_end(outline, lines, fault, into);
    superfluous(outline, lines, fault, into);
    match fault.stop {
        Stop::NoFunctionBody => into.push(Proposal::insert(
            fault.at,
            " {",
            0.9,
            "missing-brace",
            "open the function's body",
        )),
        Stop::EmptyBody => empty_body(lines, fault, into),
        _ => {}
    }
}

fn middle_words(kind: Kind) -> &'static [&'static [u8]] {
    match kind {
        Kind::If => &[b"then", b"else", b"elif"],
        Kind::While | Kind::For => &[b"do"],
        _ => &[],
    }
}

/// The place where `frame` ends by its indentation, when its closing word is missing there.
fn closing_by_indentation(frame: &Frame, lines: &Lines<'_>) -> Option<Proposal> {
    let word = frame.kind.closing_word()?;
    let body = frame.body?;
    let opening = lines.line_of(frame.head);
    let depth = lines.depth(opening);
    if let Some(end) = frame.end {
        let closing = lines.line_of(end);
        let first = lines.start(closing) + lines.indentation(closing).len() == end;
        if closing == opening || !first || lines.depth(closing) == depth {
            return None;
        }
    }
    let mut last = None;
    let (mut tabs, mut spaces) = (false, false);
    let mut line = lines.line_of(body) + 1;
    let mut continued = false;
    let mut ended = false;
    while line < lines.count() {
        let skipped = lines.is_text(line) || lines.is_blank(line) || continued;
        continued = lines.continues(line) && !lines.is_comment(line);
        if skipped {
            if lines.is_text(line) && last.is_some() {
                last = Some(line);
            }
            line += 1;
            continue;
        }
        let here = lines.depth(line);
        let first = lines.first_word(line);
        if here > depth {
            tabs |= lines.bytes(line).starts_with(b"\t");
            spaces |= lines.bytes(line).starts_with(b" ");
            last = Some(line);
        } else if lines.is_comment(line) {
            // A comment that is not indented says nothing; it belongs to what follows.
        } else if here == depth && middle_words(frame.kind).contains(&first) {
            last = Some(line);
        } else if here == depth && (first == word.as_bytes() || (word == ")" && lines.trimmed(line).starts_with(b")")))
        {
            return None;
        } else if here == depth && frame.kind == Kind::Case && is_pattern(lines.trimmed(line)) {
            last = Some(line);
        } else {
            ended = true;
            break;
        }
        line += 1;
    }
    let last = last?;
    if middle_words(frame.kind).contains(&lines.first_word(last)) && lines.depth(last) == depth {
        return None;
    }
    let probability = if tabs && spaces { 0.6 } else { BY_INDENTATION };
    let why = if ended {
        "the indentation falls back here"
    } else {
        "the indented body ends here"
    };
    Some(close_after(last, opening, word, lines, probability, why))
}

/// `a)`, `a|b)`, `*)`, `"x")`: the head of a clause.
fn is_pattern(text: &[u8]) -> bool {
    text.iter()
        .position(|&c| c == b')')
        .is_some_and(|n| n > 0 && !text[..n].iter().any(|c| b" \t$(=;".contains(c)))
}

fn close_after(line: usize, opening: usize, word: &str, lines: &Lines<'_>, probability: f64, why: &str) -> Proposal {
    let indentation = lines.indentation(opening);
    let next = lines.start(line + 1);
    let ends_in_newline = next > 0 && lines.src.get(next - 1) == Some(&b'\n') && line + 1 < lines.count();
    let text = if ends_in_newline {
        format!("{indentation}{word}{}", lines.eol)
    } else {
        format!("{}{indentation}{word}", lines.eol)
    };
    let at = if ends_in_newline { next } else { lines.src.len() };
    let what = format!(
        "close the block of line {} with `{word}` after line {}: {why}",
        opening + 1,
        line + 1
    );
    Proposal::insert(at, &text, probability, &format!("missing-{}", name(word)), &what)
}

fn name(word: &str) -> &str {
    match word {
        "}" => "brace",
        ")" => "parenthesis",
        other => other,
    }
}

/// Every place after a command of the innermost open block.
fn closing_by_grammar(outline: &Outline, lines: &Lines<'_>, fault: &Fault, into: &mut Vec<Proposal>) {
    let innermost = fault
        .open
        .iter()
        .rev()
        .find(|&&i| outline.frames[i].kind.closing_word().is_some());
    let Some(&index) = innermost else { return };
    let frame = &outline.frames[index];
    let (Some(body), Some(word)) = (frame.body, frame.kind.closing_word()) else {
        return;
    };
    let opening = lines.line_of(frame.head);
    let mut places: Vec<usize> = outline
        .statements
        .iter()
        .filter(|s| s.frame == Some(index) && s.start >= body && s.end > s.start && s.end <= fault.at)
        .map(|s| lines.line_of(s.end.saturating_sub(1)))
        .collect();
    places.dedup();
    let probability = if places.len() == 1 { BY_GRAMMAR } else { 0.5 };
    for line in places.into_iter().take(12) {
        into.push(close_after(
            line,
            opening,
            word,
            lines,
            probability,
            "the block is still open",
        ));
    }
}

fn missing_then_or_do(outline: &Outline, lines: &Lines<'_>, fault: &Fault, into: &mut Vec<Proposal>) {
    let innermost = fault
        .open
        .iter()
        .rev()
        .find(|&&i| outline.frames[i].kind.closing_word().is_some());
    let Some(&index) = innermost else { return };
    let frame = &outline.frames[index];
    let (word, end) = if fault.stop == Stop::NoDo {
        ("do", fault.at)
    } else if let Some(condition) = frame.condition {
        let word = if frame.kind == Kind::If { "then" } else { "do" };
        let first = outline
            .statements
            .iter()
            .find(|s| s.frame == Some(index) && s.start >= condition && s.end > s.start);
        let Some(first) = first else { return };
        (word, first.end)
    } else {
        return;
    };
    let line = lines.line_of(end.saturating_sub(1));
    let text = &lines.src[lines.start(line)..end];
    let trimmed = text.trim_ascii_end();
    let kind = format!("missing-{word}");
    if let Some(before) = trimmed
        .strip_suffix(word.as_bytes())
        .filter(|b| b.ends_with(b" ") || b.ends_with(b"\t"))
    {
        let at = lines.start(line) + before.trim_ascii_end().len();
        let what = format!("`{word}` is an argument here; a `;` before it makes it the keyword");
        into.push(Proposal::insert(at, ";", BY_INDENTATION, &kind, &what));
        return;
    }
    let at = lines.start(line) + trimmed.len();
    let what = format!("line {} opens a block without `{word}`", line + 1);
    if lines.src.get(at) == Some(&b';') {
        into.push(Proposal::insert(at + 1, &format!(" {word}"), 0.93, &kind, &what));
    } else {
        into.push(Proposal::insert(at, &format!("; {word}"), 0.93, &kind, &what));
    }
}

/// `else if` with one `fi` for both: `elif` was meant.
fn else_if(outline: &Outline, lines: &Lines<'_>, fault: &Fault, into: &mut Vec<Proposal>) {
    let mut edits = Vec::new();
    for frame in outline.frames.iter().filter(|f| f.kind == Kind::If) {
        let line = lines.line_of(frame.start);
        let before = lines.src[lines.start(line)..frame.start].trim_ascii_end();
        if !before.ends_with(b"else") {
            continue;
        }
        let from = lines.start(line) + before.len() - 4;
        let open_around = fault.open.iter().any(|&i| {
            let outer = &outline.frames[i];
            outer.kind == Kind::If && outer.start <= frame.start
        });
        if open_around {
            edits.push(super::Edit {
                range: from..frame.start + 2,
                replacement: "elif".to_owned(),
            });
        }
    }
    if !edits.is_empty() {
        into.push(Proposal::new(
            edits,
            BY_INDENTATION,
            "else-if",
            "`else if` opens a second block; with one `fi` for both it is `elif`",
        ));
    }
}

/// The clause before a new pattern lacks its `;;`.
fn clause_end(outline: &Outline, lines: &Lines<'_>, fault: &Fault, into: &mut Vec<Proposal>) {
    let in_case = fault.open.last().is_some_and(|&i| outline.frames[i].kind == Kind::Case);
    let line = lines.line_of(fault.at);
    if !in_case || fault.stop != Stop::Unexpected(")".to_owned()) || !is_pattern(lines.trimmed(line)) {
        return;
    }
    let Some(before) = (0..line).rev().find(|&l| !lines.is_blank(l) && !lines.is_comment(l)) else {
        return;
    };
    let text = format!("{}{}{}", lines.indentation(before), ";;", lines.eol);
    let what = format!("line {} begins a new clause; the one before it lacks `;;`", line + 1);
    into.push(Proposal::insert(
        lines.start(before + 1),
        &text,
        0.93,
        "missing-clause-end",
        &what,
    ));
}

/// A closing word that closes nothing.
fn superfluous(outline: &Outline, lines: &Lines<'_>, fault: &Fault, into: &mut Vec<Proposal>) {
    let Stop::Unexpected(word) = &fault.stop else { return };
    let can_close = |i: &usize| outline.frames[*i].kind.closing_word() == Some(word.as_str());
    if !matches!(word.as_str(), "fi" | "done" | "esac" | "}" | ")") || fault.open.iter().any(can_close) {
        return;
    }
    let line = lines.line_of(fault.at);
    if lines.trimmed(line) != word.as_bytes() {
        return;
    }
    let before = (0..line).rev().find(|&l| !lines.is_blank(l) && !lines.is_comment(l));
    let doubled = before.is_some_and(|b| {
        lines.trimmed(b) == word.as_bytes() && lines.depth(b) == lines.depth(line) && !lines.is_text(b)
    });
    let range = lines.start(line)..lines.start(line + 1);
    let probability = if doubled { 0.88 } else { 0.5 };
    let what = format!("`{word}` in line {} closes nothing", line + 1);
    let edit = super::Edit {
        range,
        replacement: String::new(),
    };
    into.push(Proposal {
        shape: Shape::Delete,
        ..Proposal::new(vec![edit], probability, "superfluous-closer", &what)
    });
}

fn empty_body(lines: &Lines<'_>, fault: &Fault, into: &mut Vec<Proposal>) {
    let line = lines.line_of(fault.at);
    let what = "a body needs a command; `:` does nothing";
    if lines.start(line) + lines.indentation(line).len() == fault.at {
        let text = format!("{}{}:{}", lines.indentation(line), lines.unit(), lines.eol);
        into.push(Proposal::insert(lines.start(line), &text, 0.9, "empty-body", what));
    } else {
        into.push(Proposal::insert(fault.at, ":; ", 0.9, "empty-body", what));
    }
}
