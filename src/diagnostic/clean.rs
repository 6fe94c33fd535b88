//! Makes text from outside harmless for a terminal.

use std::borrow::Cow;

/// Whether printing the character could do something else than show it: C0 and C1 controls, and
/// the characters that reorder text or hide in it.
pub(super) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
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
pub(super) fn clean_json(text: String) -> String {
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
