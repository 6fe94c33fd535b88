//! Faults inside f-strings: braces without a partner, inner quotes of the outer kind.

use super::proposal::{Out, Site, edit};
use super::scan::{Kind, Token};
use super::strings::quote;

pub(super) fn propose(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let class = site.fault.class.as_str();
    let tokens = scan.tokens.iter().filter(|t| {
        let last = scan.line_of(t.end.saturating_sub(1));
        t.kind == Kind::Str && t.line <= site.line && last + 1 >= site.line
    });
    let mut any = class.starts_with("f:") || class == "v:fstring";
    for token in tokens.filter(|t| is_f(scan.str(t))) {
        any = true;
        braces(site, token, out);
    }
    if any {
        nested_quotes(site, out);
    }
}

fn is_f(text: &str) -> bool {
    text.split(['"', '\'']).next().is_some_and(|p| p.contains(['f', 'F']))
}

fn braces(site: &Site, token: &Token, out: &mut Out) {
    let scan = site.scan;
    let (at, _) = quote(scan.text, token);
    let body = &scan.text[at + 1..token.end];
    let base = at + 1;
    for (p, c) in body.char_indices() {
        let doubled = |brace: char| body[p + 1..].starts_with(brace) || body[..p].ends_with(brace);
        match c {
            '{' if !doubled('{') => unclosed(site, base, body, p, out),
            '}' if !doubled('}') => unopened(base, body, p, out),
            _ => {}
        }
    }
    fields(base, body, out);
    // `f"{}"`: an empty field in an f-string means that no f was wanted.
    let prefix = &scan.text[token.start..at];
    let plain = prefix.replace(['f', 'F'], "");
    let empty = body.contains("{}");
    let prior = if empty { -1800 } else { -4800 };
    out.replace(
        "f-drop",
        if empty { "empty" } else { "" },
        prior,
        token.start..at,
        &plain,
    );
}

/// Inside a field: a string or bracket of the expression that lacks its partner.
fn fields(base: usize, body: &str, out: &mut Out) {
    let mut from = 0;
    while let Some(open) = body[from..].find('{').map(|i| from + i) {
        from = open + 1;
        if body[open + 1..].starts_with('{') {
            from += 1;
            continue;
        }
        let Some(close) = body[open..].find('}').map(|i| open + i) else {
            return;
        };
        let field = &body[open + 1..close];
        for mark in ["'", "\""] {
            if field.matches(mark).count() % 2 == 1 {
                out.insert("field", "quote", -400, base + close, mark);
                if let Some(word) = field.rfind(mark) {
                    let start = word_start(&field[..word]);
                    out.insert("field", "quote-open", -1200, base + open + 1 + start, mark);
                }
            }
        }
        for (o, c) in [('(', ")"), ('[', "]")] {
            let opened = field.matches(o).count();
            let closed = field.matches(c).count();
            if closed > opened
                && let Some(last) = field.rfind(c)
            {
                let at = base + open + 1 + last;
                out.replace("field", "drop", -500, at..at + 1, "");
            }
            if opened > closed {
                let end = field
                    .find(['!', ':'])
                    .filter(|&i| field[i..].len() < 8)
                    .unwrap_or(field.len());
                out.insert("field", "bracket", -400, base + open + 1 + end, c);
            }
        }
        from = close + 1;
    }
}

/// The `{` at `p` of `body` may lack its partner.
fn unclosed(site: &Site, base: usize, body: &str, p: usize, out: &mut Out) {
    let close = body[p + 1..].find('}').map(|i| p + 1 + i);
    let next_open = body[p + 1..].find('{').map(|i| p + 1 + i);
    let lacks = close.is_none() || next_open.is_some_and(|o| close.is_some_and(|c| o < c));
    if !lacks {
        out.replace("brace-drop", "open", -4600, base + p..base + p + 1, "");
        return;
    }
    let ends = chain(body, p + 1);
    let count = ends.len();
    for (n, &(end, part)) in ends.iter().enumerate() {
        let longest = n + 1 == count;
        let (tag, prior) = match (part, longest) {
            ("conversion", _) => ("conversion", -150),
            ("underscore", _) => ("underscore", -900),
            ("format", _) => ("format", -500),
            (_, true) => ("longest", -400),
            ("word", _) => ("word", -2500),
            _ => ("part", -1700),
        };
        out.insert("brace-close", tag, prior, base + end, "}");
    }
    // `{os.name_home`: a known name with something glued to it.
    let word_end = ends
        .iter()
        .rev()
        .find(|e| e.1 != "conversion" && e.1 != "format")
        .map_or(p + 1, |e| e.0);
    let word_start = word_start(&body[..word_end]);
    if word_start > p {
        for (i, c) in body[word_start..word_end].char_indices().skip(1) {
            let known = site.scan.words.contains_key(&body[word_start..word_start + i]);
            if known && c == '_' {
                out.insert("brace-close", "known", -1200, base + word_start + i, "}");
            }
        }
    }
    if let Some(double) = body[p..].find("}}") {
        let q = base + p + double;
        out.replace("brace-drop", "double", -700, q..q + 1, "");
    }
    out.insert("brace-double", "open", -2600, base + p, "{");
    out.replace("brace-drop", "open", -4000, base + p..base + p + 1, "");
}

/// Ends of the expression that starts at `from`: its word, its calls and attributes, `!r`, `:>8`.
fn chain(body: &str, from: usize) -> Vec<(usize, &'static str)> {
    let mut ends = Vec::new();
    let mut at = from;
    let word = |at: usize| {
        body[at..]
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map_or(body.len(), |i| at + i)
    };
    at = word(at);
    if at == from && !body[at..].starts_with(['(', '[']) {
        return ends;
    }
    if at > from {
        ends.push((at, "word"));
        if body[from..at].ends_with('_') {
            ends.insert(0, (at - 1, "underscore"));
        }
    }
    loop {
        let rest = &body[at..];
        let next = match rest.chars().next() {
            Some('.') if rest[1..].starts_with(|c: char| c.is_alphabetic() || c == '_') => word(at + 1),
            Some('(' | '[') => match balanced(body, at) {
                Some(end) => end,
                None => break,
            },
            _ => break,
        };
        at = next;
        ends.push((at, "chain"));
    }
    for conversion in ["!r", "!s", "!a"] {
        if body[at..].starts_with(conversion) {
            ends.push((at + 2, "conversion"));
        }
    }
    if let Some(spec) = body[at..].strip_prefix(':') {
        let length = spec
            .find(|c: char| !(c.is_ascii_alphanumeric() || "<>^+-#.,_%".contains(c)))
            .unwrap_or(spec.len());
        if length > 0 {
            ends.push((at + 1 + length, "format"));
        }
    }
    ends
}

/// End of the bracket that opens at `at`.
fn balanced(body: &str, at: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut inside: Option<char> = None;
    for (i, c) in body[at..].char_indices() {
        match (inside, c) {
            (Some(q), c) if c == q => inside = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => inside = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + i + 1);
                }
            }
            (None, '{' | '}') => return None,
            _ => {}
        }
    }
    None
}

/// The `}` at `p` of `body` may have lost its partner.
fn unopened(base: usize, body: &str, p: usize, out: &mut Out) {
    let open = body[..p].rfind('{');
    let last_close = body[..p].rfind('}');
    if open.is_some() && last_close <= open {
        out.replace("brace-drop", "close", -4200, base + p..base + p + 1, "");
        return;
    }
    let from = last_close.map_or(0, |c| c + 1);
    // Back over a format and a conversion, then over the chain.
    let mut stop = p;
    let tail = &body[from..p];
    if let Some(i) = tail.rfind('!').filter(|i| tail.len() - i == 2) {
        stop = from + i;
    } else if let Some(i) = tail.rfind(':').filter(|&i| !tail[i..].contains([' ', ')', ']'])) {
        out_open(base, back(body, from, from + i), from + i, "format", -600, out);
    }
    let start = back(body, from, stop);
    out_open(
        base,
        start,
        stop,
        if stop < p { "conversion" } else { "chain" },
        -300,
        out,
    );
    // Only the last word.
    let word = from + word_start(&body[from..stop]);
    out_open(base, word, stop, "word", -2600, out);
    out.insert("brace-double", "close", -2400, base + p, "}");
    out.replace("brace-drop", "close", -2200, base + p..base + p + 1, "");
    if let Some(double) = body[..p].rfind("{{") {
        out.replace("brace-drop", "double", -700, base + double..base + double + 1, "");
    }
}

fn out_open(base: usize, start: usize, stop: usize, tag: &'static str, prior: i32, out: &mut Out) {
    if start < stop {
        out.insert("brace-open", tag, prior, base + start, "{");
    }
}

/// Start of the chain of names, calls and subscripts that ends at `stop`.
fn back(body: &str, from: usize, stop: usize) -> usize {
    let mut depth = 0usize;
    let mut start = stop;
    for (i, c) in body[from..stop].char_indices().rev() {
        match c {
            ')' | ']' => depth += 1,
            '(' | '[' if depth == 0 => break,
            '(' | '[' => depth -= 1,
            _ if depth > 0 => {}
            c if c.is_alphanumeric() || c == '_' || c == '.' => {}
            _ => break,
        }
        start = from + i;
    }
    start
}

/// `f"{d["k"]}"` before 3.12: the inner quotes become the other kind.
fn nested_quotes(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let l = scan.lines[site.line];
    let text = &scan.text[l.start..l.end];
    let mut from = 0;
    while let Some(p) = text[from..].find(['f', 'F']).map(|i| from + i) {
        from = p + 1;
        let Some(mark) = text[p + 1..].chars().next().filter(|c| "\"'".contains(*c)) else {
            continue;
        };
        if text[..p]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() && c != 'r')
        {
            continue;
        }
        let other = if mark == '"' { "'" } else { "\"" };
        let mut depth = 0usize;
        let mut inner = Vec::new();
        let mut end = None;
        let mut skip = false;
        for (i, c) in text[p + 2..].char_indices() {
            let at = p + 2 + i;
            if skip {
                skip = false;
                continue;
            }
            match c {
                '\\' => skip = true,
                '{' if text[at + 1..].starts_with('{') && depth == 0 => skip = true,
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                c if c == mark && depth > 0 => inner.push(l.start + at),
                c if c == mark => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let Some(end) = end else { continue };
        if inner.is_empty() || inner.len() % 2 == 1 {
            continue;
        }
        let clean = !text[p + 2..end].contains(other);
        out.many(
            "quote-nested",
            if clean { "inner" } else { "inner-mixed" },
            -500,
            inner.iter().map(|&q| edit(q..q + 1, other)).collect(),
        );
        if clean {
            out.many(
                "quote-nested",
                "outer",
                -1200,
                vec![
                    edit(l.start + p + 1..l.start + p + 2, other),
                    edit(l.start + end..l.start + end + 1, other),
                ],
            );
        }
        from = end;
    }
}

/// Start of the word that ends the text.
fn word_start(text: &str) -> usize {
    let word = text
        .chars()
        .rev()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .map(char::len_utf8)
        .sum::<usize>();
    text.len() - word
}
