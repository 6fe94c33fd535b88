//! Quotes on one line: close or open a string, escape or exchange an inner quote.

use super::proposal::{Out, Site, edit};
use super::scan::{Kind, Token};

pub(super) fn propose(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let first = site.line.saturating_sub(1);
    for i in 0..scan.tokens.len() {
        let token = scan.tokens[i];
        if token.kind != Kind::Str {
            continue;
        }
        let near = token.line >= first && token.line <= site.line + 1;
        if token.unclosed && !token.triple && near {
            close(site, i, out);
            open(site, i, out);
            inner(site, token.line, out);
            earlier(site, i, out);
        }
        // `"say "hello""`: a word touches a string.
        let touches = |j: usize, at: usize, end: bool| {
            scan.tokens
                .get(j)
                .is_some_and(|t| matches!(t.kind, Kind::Name | Kind::Number) && at == if end { t.end } else { t.start })
        };
        if token.line == site.line
            && !token.triple
            && (touches(i + 1, token.end, false) || i > 0 && touches(i - 1, token.start, true))
        {
            inner(site, token.line, out);
        }
    }
}

/// Methods that are called on literals.
const METHODS: [&str; 8] = [
    "format(", "join(", "split(", "strip(", "replace(", "encode(", "lower(", "upper(",
];

/// Whether the text after a `%` reads like what is formatted.
fn applies(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.starts_with(|c: char| c.is_alphabetic() || c == '(' || c == '_')
        && !rest
            .get(1..)
            .is_none_or(|r| r.is_empty() || r.starts_with([' ', '\'', '"']))
}

/// Offset of the quote of a string token, and the quote.
pub(super) fn quote(text: &str, token: &Token) -> (usize, char) {
    let body = &text[token.start..token.end];
    let at = body.find(['"', '\'']).unwrap_or(0);
    (token.start + at, body[at..].chars().next().unwrap_or('"'))
}

/// Closes the unclosed string `index` at every boundary of its line.
fn close(site: &Site, index: usize, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[index];
    let (at, mark) = quote(scan.text, &token);
    let from = at + 1;
    let body = &scan.text[from..token.end];
    let trimmed = body.trim_end();
    let end = from + trimmed.len();
    let other = if mark == '"' { '\'' } else { '"' };
    let mark_str = mark.to_string();
    // How many closing brackets the code before the string still wants.
    let mut wanted: Vec<&str> = Vec::new();
    let statement = super::brackets::statement_start(scan, index);
    for t in &scan.tokens[statement..index] {
        match scan.str(t) {
            "(" => wanted.push(")"),
            "[" => wanted.push("]"),
            "{" => wanted.push("}"),
            ")" | "]" | "}" => {
                wanted.pop();
            }
            _ => {}
        }
    }
    // The other kind of quote at the end is what was meant to close.
    if let Some(p) = body.rfind(other) {
        let after = body[p + 1..].trim_start();
        let rest_ok = after.is_empty() || after.starts_with([')', ']', '}', ',', ':', '.', ';', '#', '%']);
        if rest_ok {
            let odd = body.matches(other).count() % 2 == 1;
            out.replace(
                "quote-kind",
                if odd { "odd" } else { "even" },
                if odd { -600 } else { -3000 },
                from + p..from + p + 1,
                &mark_str,
            );
        }
    }
    let mut seen = 0;
    for (p, c) in body.char_indices().rev() {
        let punctuation = matches!(c, ')' | ']' | '}' | ',' | ':' | ';' | '.' | '%' | '+' | '#' | '=' | ' ');
        if !punctuation || from + p >= end {
            continue;
        }
        let before = body[..p].trim_end();
        if c == ' '
            && !body[p..]
                .trim_start()
                .starts_with(['#', '%', '+', 'i', 'f', 'a', 'o', '=', '!', '<', '>', 'n'])
        {
            continue;
        }
        let rest = body[p..].trim();
        let closers: String = rest.chars().filter(|c| ")]}".contains(*c)).collect();
        let expected: String = wanted.iter().rev().copied().collect();
        let only = rest.chars().all(|c| ")]},:; ".contains(c));
        let other_before = before.ends_with(other) && before.matches(other).count() % 2 == 1;
        let (tag, prior) = match c {
            _ if other_before => ("behind-other", -4500),
            '.' if METHODS.iter().any(|m| body[p + 1..].starts_with(m)) => ("method", -300),
            '%' if before.len() < p && body[..p].contains('%') && applies(&body[p + 1..]) => ("format-spec", -300),
            '%' if before.len() < p && body[p + 1..].starts_with([' ', '(']) => ("format", -1500),
            _ if only && closers == expected && !closers.is_empty() => ("suffix-fits", -500),
            _ if only && closers == expected => ("suffix", -1700),
            _ if only => ("suffix-other", -2800),
            '#' => ("comment", -2600),
            ',' => ("comma", -2700),
            ')' | ']' | '}' => ("closer", -2700),
            ':' => ("colon", -3200),
            _ => ("inside", -4200),
        };
        let at = if c == '#' { from + before.len() } else { from + p };
        out.insert("quote-close", tag, prior, at, &mark_str);
        seen += 1;
        if seen > 24 {
            break;
        }
    }
    let fits = wanted.is_empty();
    out.insert(
        "quote-close",
        if fits { "eol-fits" } else { "eol" },
        if fits { -900 } else { -2000 },
        end,
        &mark_str,
    );
    if body.len() > trimmed.len() {
        // A message that goes on in the string below ends in a blank.
        let below = scan.code_below(token.line);
        let goes_on = below.is_some_and(|b| {
            scan.tokens
                .get(scan.lines[b].token)
                .is_some_and(|t| t.kind == Kind::Str)
        });
        let (tag, prior) = if goes_on {
            ("blank-goes-on", -600)
        } else {
            ("blank", -2600)
        };
        out.insert("quote-close", tag, prior, token.end, &mark_str);
    }
    if !fits {
        let closers: String = wanted.iter().rev().copied().collect();
        out.insert("quote-close", "eol-brackets", -2600, end, &format!("{mark}{closers}"));
        let colon = trimmed.ends_with(':');
        if colon {
            out.insert(
                "quote-close",
                "colon-brackets",
                -2900,
                end - 1,
                &format!("{mark}{closers}"),
            );
        }
    }
    // `""text`: the quote is one too many.
    out.replace("quote-drop", "stray", -2600, token.start..at + 1, "");
    if index > 0 && scan.tokens[index - 1].kind == Kind::Str && scan.tokens[index - 1].end == token.start {
        out.replace("quote-drop", "doubled", -1500, at..at + 1, "");
    }
}

/// The unclosed quote is the opening one of a later string, and an earlier string lost its end:
/// `["one, "two"]` has `"one, "` as its first string.
fn earlier(site: &Site, index: usize, out: &mut Out) {
    let scan = site.scan;
    let last = scan.tokens[index];
    let (_, mark) = quote(scan.text, &last);
    let mark_str = mark.to_string();
    for i in scan.lines[last.line].token..index {
        let token = scan.tokens[i];
        if token.kind != Kind::Str || token.triple || token.unclosed {
            continue;
        }
        let (at, own) = quote(scan.text, &token);
        if own != mark || token.end < at + 2 {
            continue;
        }
        let body = &scan.text[at + 1..token.end - 1];
        let other = if mark == '"' { '\'' } else { '"' };
        for (p, c) in body.char_indices() {
            let rest = body[p + c.len_utf8()..].trim_start();
            if c == other && (rest.is_empty() || rest.starts_with([',', ':', ')', ']', '}', '=', '.'])) {
                out.replace("quote-kind", "earlier", -800, at + 1 + p..at + 2 + p, &mark_str);
            }
            if !matches!(c, ',' | ':' | ')' | ']' | '}' | ' ' | '=' | '+' | '.' | '%') {
                continue;
            }
            let rest = body[p..].trim();
            let bare = rest.chars().all(|c| ",:)]}([{=+ .%".contains(c));
            let (tag, prior) = match (bare, c) {
                (true, ' ') => continue,
                (true, ',') => ("earlier-comma", -500),
                (true, ':') => ("earlier-colon", -500),
                (true, _) => ("earlier-mark", -700),
                (false, ',' | ':') => ("earlier-inside", -2600),
                (false, _) => ("earlier-other", -3900),
            };
            out.insert("quote-close", tag, prior, at + 1 + p, &mark_str);
        }
    }
}

/// The unclosed quote closes a string that nothing opens: opens it at every earlier boundary.
fn open(site: &Site, index: usize, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[index];
    let (at, mark) = quote(scan.text, &token);
    let rest = scan.text[at + 1..token.end].trim();
    let likely = rest.is_empty() || rest.starts_with([')', ']', '}', ',', ':', '.', '+', '%']);
    if token.start != at && !likely {
        return;
    }
    let mark_str = mark.to_string();
    let mut count = 0;
    for i in (0..index).rev() {
        let t = scan.tokens[i];
        if t.line != token.line || t.kind == Kind::Newline {
            break;
        }
        let before = i.checked_sub(1).map_or("", |j| scan.at(j));
        let boundary = matches!(
            before,
            "(" | "[" | "{" | "," | "=" | ":" | "+" | "%" | "==" | "in" | "return" | "import" | "print"
        );
        let (tag, prior) = match (boundary, likely) {
            (true, true) => ("boundary", -1300),
            (false, true) => ("inner", -3300),
            (true, false) => ("boundary-odd", -3300),
            (false, false) => ("inner-odd", -5000),
        };
        if matches!(scan.str(&t), "(" | "[" | "{" | ")" | "]" | "}" | "," | "=") && t.kind == Kind::Op && !boundary {
            continue;
        }
        out.insert("quote-open", tag, prior - 60 * count, t.start, &mark_str);
        count += 1;
        if count > 16 {
            break;
        }
    }
}

/// Quotes inside a string of the same kind: escape them, or change the outer ones.
fn inner(site: &Site, line: usize, out: &mut Out) {
    let scan = site.scan;
    let l = scan.lines[line];
    if l.in_string {
        return;
    }
    let text = &scan.text[l.start..l.end];
    for (mark, other) in [('\'', '"'), ('"', '\'')] {
        let places: Vec<usize> = text
            .char_indices()
            .filter(|&(i, c)| c == mark && !text[..i].ends_with('\\'))
            .map(|(i, _)| l.start + i)
            .collect();
        if places.len() < 3 || places.len() > 12 {
            continue;
        }
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        for (n, &p) in places.iter().enumerate() {
            let apostrophe = letter(scan.text[..p].chars().next_back()) && letter(scan.text[p + 1..].chars().next());
            if n == 0 {
                continue;
            }
            let prior = if apostrophe { -1100 } else { -3600 };
            out.insert(
                "quote-escape",
                if apostrophe { "apostrophe" } else { "quote" },
                prior,
                p,
                "\\",
            );
            let other_str = other.to_string();
            // Outer quotes of the other kind around everything between the quotes before and after.
            for open in 0..n {
                for close in n + 1..places.len() {
                    if scan.text[places[open] + 1..places[close]].contains(other) {
                        continue;
                    }
                    let tag = match (apostrophe, close - open) {
                        (true, 2) => "apostrophe",
                        (false, 3) => "quoted",
                        (false, 2) => "one",
                        _ => "many",
                    };
                    let prior = match tag {
                        "apostrophe" => -900,
                        "quoted" => -2000,
                        _ => -4000,
                    } - 200 * (close - open) as i32;
                    out.many(
                        "quote-outer",
                        tag,
                        prior,
                        vec![
                            edit(places[open]..places[open] + 1, &other_str),
                            edit(places[close]..places[close] + 1, &other_str),
                        ],
                    );
                }
            }
        }
        // `"say "hello" now"`: the two inner ones at once.
        for pair in places.windows(2).skip(1).take(places.len().saturating_sub(3)) {
            out.many(
                "quote-escape",
                "pair",
                -2100,
                vec![edit(pair[0]..pair[0], "\\"), edit(pair[1]..pair[1], "\\")],
            );
            let other_str = other.to_string();
            out.many(
                "quote-inner",
                "pair",
                -2500,
                vec![
                    edit(pair[0]..pair[0] + 1, &other_str),
                    edit(pair[1]..pair[1] + 1, &other_str),
                ],
            );
        }
    }
}
