//! Makes text from outside harmless for a terminal.

use std::borrow::Cow;

/// Whether printing the character could do something else than show it: C0 and C1 controls, and
/// the characters that reorder text or hide in it.
pub(super) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// One character as visible text.
fn show(c: char, out: &mut String) {
    match c {
        '\t' => out.push_str("    "),
        '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
        '\u{7f}' => out.push('\u{2421}'),
        _ => out.extend(c.escape_unicode()),
    }
}

fn clean(text: &str, keep_newlines: bool) -> Cow<'_, str> {
    let bad = |c: char| is_hostile(c) && !(keep_newlines && c == '\n');
    if !text.contains(bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if bad(c) { show(c, &mut out) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Makes every control character visible, but keeps line breaks and, with `color`, the sequences
/// that set colours: the last thing that happens to a text before it is printed.
#[must_use]
pub fn clean_output(text: &str, color: bool) -> Cow<'_, str> {
    if !color || !text.contains('\u{1b}') {
        return clean(text, true);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        let (before, sequence) = rest.split_at(at);
        out.push_str(&clean(before, true));
        let end = color_sequence(sequence).unwrap_or(0);
        out.push_str(&sequence[..end]);
        if end == 0 {
            show('\u{1b}', &mut out);
        }
        rest = &sequence[end.max(1)..];
    }
    out.push_str(&clean(rest, true));
    Cow::Owned(out)
}

/// The length of the sequence that sets colours, if the text begins with one: `ESC [ 1 ; 31 m`.
fn color_sequence(text: &str) -> Option<usize> {
    let body = text.strip_prefix("\u{1b}[")?;
    let end = body.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
    body[end..].starts_with('m').then_some(end + 3)
}

/// Makes every control character visible, line breaks too.
#[must_use]
pub fn clean_line(text: &str) -> Cow<'_, str> {
    clean(text, false)
}

/// Makes every control character visible, but keeps line breaks.
#[must_use]
pub fn clean_text(text: &str) -> Cow<'_, str> {
    clean(text, true)
}

/// Replaces hostile characters by others of the same length in bytes, so that spans stay right.
/// Line breaks and tabs stay; a carriage return stays in front of a line break only.
pub(super) fn clean_source(text: &str) -> Cow<'_, str> {
    let keep = |c: char| matches!(c, '\n' | '\t') || (c == '\r');
    if !text.contains(|c| is_hostile(c) && !keep(c)) {
        return Cow::Borrowed(text);
    }
    let replaced = text.chars().map(|c| match c {
        c if !is_hostile(c) || keep(c) => c,
        // The renderer shows C0 controls as pictures by itself; it does not know the others.
        '\0'..='\u{1f}' | '\u{7f}' => c,
        c => match c.len_utf8() {
            2 => '\u{b7}',
            3 => '\u{fffd}',
            _ => '\u{1fbc4}',
        },
    });
    Cow::Owned(replaced.collect())
}

/// Writes hostile characters of a JSON text as `\u` escapes. They occur inside strings only, so the
/// document means the same as before; `serde_json` escapes none but the C0 controls.
#[must_use]
pub fn clean_json(text: String) -> String {
    if !text.contains(|c| is_hostile(c) && c != '\n') {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if is_hostile(c) && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}
