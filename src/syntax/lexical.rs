//! Characters that only look like Python, and words of other notations: HTML entities, escaped newlines.

use super::Edit;
use super::proposal::{Out, Site, edit};
use super::scan::Kind;

pub(super) fn propose(site: &Site, out: &mut Out) {
    lookalikes(site, out);
    entities(site, out);
    continuation(site, out);
    foreign_comment(site, out);
}

/// What a look-alike stands for; `None` for characters that stand for nothing.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{ff02}' | '\u{ab}' | '\u{bb}' | '\u{2033}' => "\"",
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{ff07}' | '\u{b4}' | '\u{2032}' | '\u{2b9}' => "'",
        '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{1680}' => " ",
        '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}' | '\u{ad}' | '\u{202a}'..='\u{202e}' => "",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{fe63}' => "-",
        '\u{ff08}' => "(",
        '\u{ff09}' => ")",
        '\u{ff3b}' | '\u{3010}' => "[",
        '\u{ff3d}' | '\u{3011}' => "]",
        '\u{ff5b}' => "{",
        '\u{ff5d}' => "}",
        '\u{ff0c}' | '\u{3001}' => ",",
        '\u{ff1a}' | '\u{fe55}' => ":",
        '\u{ff1b}' => ";",
        '\u{ff0e}' | '\u{3002}' => ".",
        '\u{ff1d}' => "=",
        '\u{ff0b}' => "+",
        '\u{ff0a}' | '\u{d7}' | '\u{2217}' | '\u{22c5}' | '\u{b7}' => "*",
        '\u{ff0f}' | '\u{f7}' | '\u{2215}' | '\u{2044}' => "/",
        '\u{ff1c}' => "<",
        '\u{ff1e}' => ">",
        '\u{2264}' => "<=",
        '\u{2265}' => ">=",
        '\u{2260}' => "!=",
        '\u{2192}' => "->",
        '\u{2026}' => "...",
        '\u{ff05}' => "%",
        '\u{ff01}' => "!",
        '\u{ff03}' => "#",
        '\u{ff3f}' => "_",
        _ => return None,
    })
}

/// Look-alikes outside strings and comments, on the line, in the file; curly quotes in pairs.
fn lookalikes(site: &Site, out: &mut Out) {
    let scan = site.scan;
    if scan.text.is_ascii() {
        return;
    }
    let mut file: Vec<Edit> = Vec::new();
    let mut line: Vec<Edit> = Vec::new();
    let mut with_strings: Vec<Edit> = Vec::new();
    let mut covered = 0;
    for (i, token) in scan.tokens.iter().enumerate() {
        if token.start < covered {
            continue;
        }
        if token.kind != Kind::Bad {
            continue;
        }
        let Some(c) = scan.str(token).chars().next() else {
            continue;
        };
        let Some(text) = plain(c) else { continue };
        let change = edit(token.start..token.end, text);
        // A curly quote opens a string: its partner is on the same line, whatever lies between.
        if matches!(text, "\"" | "'") {
            let end = scan.lines[token.line].end;
            let rest = &scan.text[token.end..end];
            let partner = rest
                .char_indices()
                .find(|&(_, d)| plain(d) == Some(text) || d.to_string() == text);
            if let Some((p, d)) = partner {
                let close = token.end + p;
                if plain(d).is_some() {
                    let second = edit(close..close + d.len_utf8(), text);
                    if token.line == site.line {
                        line.push(second.clone());
                    }
                    with_strings.push(second.clone());
                    file.push(second);
                }
                covered = close + d.len_utf8();
            }
        }
        if token.line == site.line {
            line.push(change.clone());
        }
        with_strings.push(change.clone());
        file.push(change);
        let _ = i;
    }
    out.many("lookalike", "file", -150, file);
    out.many("lookalike", "line", -500, line);
    // A string opened by a plain quote and closed by a curly one.
    let l = scan.lines[site.line];
    let mut all: Vec<Edit> = Vec::new();
    for (p, c) in scan.text[l.start..l.end].char_indices() {
        if let Some(text) = plain(c) {
            all.push(edit(l.start + p..l.start + p + c.len_utf8(), text));
        }
    }
    out.many("lookalike", "line-all", -900, all);
    // Each alone, and dropping it.
    for t in scan.line_tokens(site.line).iter().filter(|t| t.kind == Kind::Bad) {
        if let Some(text) = scan.str(t).chars().next().and_then(plain) {
            out.replace("lookalike", "one", -900, t.start..t.end, text);
        }
    }
}

const ENTITIES: [(&str, &str); 7] = [
    ("&gt;", ">"),
    ("&lt;", "<"),
    ("&amp;", "&"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&apos;", "'"),
    ("&nbsp;", " "),
];

/// HTML entities left by a copy from a page.
fn entities(site: &Site, out: &mut Out) {
    let scan = site.scan;
    if !scan.text.contains('&') {
        return;
    }
    let l = scan.lines[site.line];
    for (tag, range) in [("line", l.start..l.end), ("file", 0..scan.text.len())] {
        let mut edits = Vec::new();
        for (name, plain) in ENTITIES {
            for (p, _) in scan.text[range.clone()].match_indices(name) {
                let at = range.start + p;
                let i = scan.token_at(at);
                let inside = scan
                    .tokens
                    .get(i)
                    .is_some_and(|t| t.start < at && !t.unclosed && matches!(t.kind, Kind::Str | Kind::Comment));
                if !inside {
                    edits.push(edit(at..at + name.len(), plain));
                }
            }
        }
        out.many("entity", tag, if tag == "line" { -400 } else { -250 }, edits);
    }
}

/// A backslash with something behind it, or one that joins nothing.
fn continuation(site: &Site, out: &mut Out) {
    let scan = site.scan;
    for number in [site.line, site.line.saturating_sub(1), site.line + 1] {
        let Some(l) = scan.lines.get(number) else {
            continue;
        };
        let text = &scan.text[l.start..l.end];
        let trimmed = text.trim_end();
        if trimmed.ends_with('\\') {
            if trimmed.len() < text.len() {
                out.replace("backslash", "blanks", -150, l.start + trimmed.len()..l.end, "");
            }
            let at = l.start + trimmed.len() - 1;
            out.replace("backslash", "drop", -2300, at..at + 1, "");
        }
        if let Some(p) = text.rfind('\\').filter(|p| text[p + 1..].trim_start().starts_with('#')) {
            // A comment behind a backslash: the backslash cannot stay.
            out.replace("backslash", "comment", -2500, l.start + p..l.start + p + 1, "");
        }
        if text.contains("\\n") {
            let i = scan
                .line_tokens(number)
                .iter()
                .find(|t| t.kind == Kind::Bad && scan.str(t) == "\\");
            if let Some(t) = i {
                out.replace(
                    "backslash",
                    "newline",
                    -1500,
                    t.start..(t.start + 2).min(l.end),
                    scan.newline(),
                );
                out.replace("backslash", "stray", -1600, t.start..t.end, "");
            }
        }
        // A line that ends in an operator lacks its backslash.
        let tokens = scan.line_tokens(number);
        if let Some(last) = tokens.last() {
            let binary = matches!(
                scan.str(last),
                "+" | "-"
                    | "*"
                    | "/"
                    | "%"
                    | "and"
                    | "or"
                    | "=="
                    | "="
                    | ","
                    | "in"
                    | "not"
                    | "|"
                    | "&"
                    | "<"
                    | ">"
                    | "if"
                    | "else"
                    | "."
            );
            if binary && l.depth == 0 {
                out.replace("backslash", "insert", -1500, last.end..l.end, " \\");
            }
            let next = scan.code_below(number).map_or("", |b| scan.at(scan.lines[b].token));
            if matches!(
                next,
                "and" | "or" | "." | "+" | "-" | "*" | "/" | "%" | "==" | "if" | "else" | "in" | "not" | "is"
            ) && scan.code_below(number).is_some_and(|b| scan.lines[b].depth == 0)
            {
                out.replace("backslash", "insert-before", -1900, last.end..l.end, " \\");
            }
        }
    }
}

/// `// note` and `/* note */` at the end of a line of code become comments of Python.
fn foreign_comment(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let tokens = scan.line_tokens(site.line);
    for (n, t) in tokens.iter().enumerate() {
        match scan.str(t) {
            "//" => {
                let tag = if n == 0 { "line" } else { "tail" };
                out.replace("comment-mark", tag, -1400, t.start..t.end, "#");
            }
            "/" if tokens.get(n + 1).is_some_and(|s| scan.str(s).starts_with('*')) => {
                let end = scan.lines[site.line].end;
                let body = scan.text[t.start..end].trim_end();
                if body.ends_with("*/") {
                    let stop = t.start + body.len();
                    out.many(
                        "comment-mark",
                        "block",
                        -1400,
                        vec![edit(t.start..t.start + 2, "#"), edit(stop - 2..stop, "")],
                    );
                }
            }
            _ => {}
        }
    }
}
