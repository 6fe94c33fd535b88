//! Quotes: close or open a string, escape or exchange an inner quote, braces of f-strings.

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
        }
    }
    triple(site, out);
    fstring(site, out);
}

/// Offset of the quote of a string token, and the quote.
fn quote(text: &str, token: &Token) -> (usize, char) {
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
        let (tag, prior) = match c {
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

/// Triple quotes: close one too long or too short, open one whose end is there.
fn triple(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let unclosed = scan.tokens.iter().position(|t| t.triple && t.unclosed);
    let Some(_) = unclosed else { return };
    // The tokens whose end may be wrong: those before and at the fault, nearest first.
    let mut suspects: Vec<usize> = (0..scan.tokens.len()).filter(|&i| scan.tokens[i].triple).collect();
    suspects.sort_by_key(|&i| {
        let t = &scan.tokens[i];
        (t.line.abs_diff(site.line)).min(scan.line_of(t.end.saturating_sub(1)).abs_diff(site.line))
    });
    for &i in suspects.iter().take(4) {
        triple_close(site, i, out);
        triple_open(site, i, out);
    }
}

fn triple_close(site: &Site, index: usize, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[index];
    let (at, mark) = quote(scan.text, &token);
    let marks = mark.to_string().repeat(3);
    let last = scan.line_of(token.end.saturating_sub(1)).min(token.line + 40);
    let start_column = scan.lines[token.line].column;
    for number in token.line..=last {
        let l = scan.lines[number];
        let text_end = l
            .start
            .max(at + 3)
            .max(l.start + scan.text[l.start..l.end].trim_end().len());
        if text_end > token.end {
            break;
        }
        let here = if number == token.line {
            scan.text[(at + 3).min(l.end)..l.end].trim()
        } else {
            scan.text[l.start..l.end].trim()
        };
        let next = scan
            .lines
            .get(number + 1)
            .map_or("", |n| scan.text[n.start..n.end].trim());
        let next_column = scan.lines.get(number + 1).map_or(0, |n| n.column);
        let code = code_like(next);
        let tag = match (next.is_empty(), code, number == token.line) {
            (_, true, true) => "line-code",
            (true, _, true) => "line-blank",
            (_, true, false) => "code",
            (true, _, false) => "blank",
            (_, _, true) => "line",
            _ => "text",
        };
        let mut prior = match tag {
            "line-code" => -900,
            "code" => -1400,
            "line-blank" => -2000,
            "blank" => -2600,
            "line" => -3500,
            _ => -4800,
        };
        if next_column < start_column && !next.is_empty() {
            prior += 300;
        }
        if here.is_empty() && number > token.line {
            prior -= 400;
        }
        // One or two of the three are there.
        for short in [2usize, 1] {
            let part = mark.to_string().repeat(short);
            if here.ends_with(&part) && !here.ends_with(&marks) && here.len() > short {
                out.insert(
                    "triple-close",
                    "short",
                    -500 - 200 * short as i32 * 2,
                    text_end,
                    &marks[short..],
                );
                break;
            }
        }
        if here.ends_with(&marks) {
            break;
        }
        if here.is_empty() && number > token.line {
            // On a line of its own, where its text was.
            out.insert("triple-close", "own-line", prior, l.end, &marks);
            continue;
        }
        let at_end = if number == token.line && here.is_empty() {
            at + 3
        } else {
            text_end
        };
        out.insert("triple-close", tag, prior, at_end, &marks);
        // Before brackets that belong to the code around it.
        if let Some(cut) = here.rfind(|c: char| !")],: ".contains(c)) {
            let tail = here.len() - cut - here[cut..].chars().next().map_or(1, char::len_utf8);
            if tail > 0 && text_end >= tail + at + 3 {
                out.insert("triple-close", "suffix", prior - 400, text_end - tail, &marks);
            }
        }
    }
    // A single quote too many: `"""` that nothing needs.
    out.replace("triple-drop", "", -3600, at..at + 3, "");
    let line = scan.lines[token.line];
    let rest = &scan.text[(at + 3).min(line.end)..line.end];
    if let Some(p) = rest.find(mark)
        && !rest[p..].starts_with(&marks)
    {
        // `"""text"` on one line: an ordinary string was meant.
        out.many("triple-short", "single", -1900, vec![edit(at..at + 2, "")]);
        let _ = p;
    }
}

/// The unclosed triple quote really is an end: opens its string on a line above.
fn triple_open(site: &Site, index: usize, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[index];
    let (at, mark) = quote(scan.text, &token);
    let marks = mark.to_string().repeat(3);
    let alone = scan.text[scan.lines[token.line].start..at].trim().is_empty();
    for number in (token.line.saturating_sub(40)..=token.line).rev() {
        let l = scan.lines[number];
        if l.in_string {
            continue;
        }
        if number == token.line && alone {
            continue;
        }
        let above = scan.code_above(number);
        let header = above.is_some_and(|a| scan.line_tokens(a).last().is_some_and(|t| scan.str(t) == ":"));
        let here = scan.text[l.text..l.end].trim();
        if here.is_empty() {
            continue;
        }
        let tag = match (header, code_like(here), number == site.line) {
            (true, false, _) => "header",
            (true, true, _) => "header-code",
            (false, false, true) => "fault",
            (false, true, _) => "code",
            _ => "text",
        };
        let prior = match tag {
            "header" => -800,
            "fault" => -2000,
            "header-code" => -3000,
            "text" => -3400,
            _ => -5000,
        };
        out.insert("triple-open", tag, prior, l.text, &marks);
        // `""text`: complete the short one.
        for short in [2usize, 1] {
            if here.starts_with(&mark.to_string().repeat(short)) && !here.starts_with(&marks) {
                out.insert("triple-open", "short", -600, l.text, &marks[short..]);
                break;
            }
        }
        // After `= ` or an opening bracket at the line's end.
        let line_text = scan.text[l.start..l.end].trim_end();
        if line_text.ends_with(['=', '(', ',', '[']) {
            out.insert("triple-open", "after", -1500, l.start + line_text.len(), &marks);
        }
        if let Some(p) = here.find(['=', '('])
            && number < token.line
        {
            let skip = here[p + 1..].len() - here[p + 1..].trim_start().len();
            out.insert("triple-open", "after-assign", -2600, l.text + p + 1 + skip, &marks);
        }
    }
}

/// Whether a stripped line reads like a statement rather than like prose.
fn code_like(line: &str) -> bool {
    let word: &str = line
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or("");
    match word {
        "def" | "class" | "import" | "return" | "raise" | "try" | "elif" | "while" | "async" => {
            line.contains(['(', ':', '.', '=']) || word == "return" || word == "import" || word == "raise"
        }
        "if" | "for" | "with" | "else" | "except" | "finally" => line.trim_end().ends_with(':'),
        "from" => line.contains(" import "),
        _ => {
            line.starts_with('@')
                || line.starts_with("self.")
                || line.starts_with('#')
                || (line.contains(" = ") && !line.ends_with('.'))
                || (!word.is_empty() && line[word.len()..].starts_with('(') && line.ends_with(')'))
                || line.starts_with("\"\"\"")
        }
    }
}

/// Braces and nested quotes of f-strings on the line of the fault.
fn fstring(site: &Site, out: &mut Out) {
    let scan = site.scan;
    if !(site.fault.class.starts_with("f:")
        || site.fault.class == "v:fstring"
        || scan
            .line_tokens(site.line)
            .iter()
            .any(|t| t.kind == Kind::Str && is_f(scan.str(t))))
    {
        return;
    }
    for token in scan
        .tokens
        .iter()
        .filter(|t| t.kind == Kind::Str && t.line + 1 >= site.line && t.line <= site.line)
    {
        if !is_f(scan.str(token)) {
            continue;
        }
        let (at, mark) = quote(scan.text, token);
        let body = &scan.text[at + 1..token.end];
        let base = at + 1;
        for (p, c) in body.char_indices() {
            match c {
                '{' if !body[p + 1..].starts_with('{') && !body[..p].ends_with('{') => {
                    let name: usize = body[p + 1..]
                        .char_indices()
                        .find(|(_, c)| !(c.is_alphanumeric() || "_.".contains(*c)))
                        .map_or(body.len() - p - 1, |(i, _)| i);
                    let stop = p + 1 + name;
                    let close = body[p + 1..].find('}').map(|i| p + 1 + i);
                    let next_open = body[p + 1..].find('{').map(|i| p + 1 + i);
                    let lacks = close.is_none() || next_open.is_some_and(|o| close.is_some_and(|c| o < c));
                    if lacks && name > 0 {
                        let trimmed = body[p + 1..stop].trim_end_matches('.').len();
                        out.insert("brace-close", "name", -600, base + p + 1 + trimmed, "}");
                        // After a call or subscript.
                        let mut q = stop;
                        while let Some(o) = body[q..].chars().next().filter(|c| "([".contains(*c)) {
                            let Some(e) = body[q..].find(if o == '(' { ')' } else { ']' }) else {
                                break;
                            };
                            q += e + 1;
                            out.insert("brace-close", "call", -400, base + q, "}");
                        }
                    }
                    if lacks {
                        out.insert("brace-double", "open", -2600, base + p, "{");
                    }
                    out.replace("brace-drop", "open", -4000, base + p..base + p + 1, "");
                }
                '}' if !body[p + 1..].starts_with('}') && !body[..p].ends_with('}') => {
                    let open = body[..p].rfind('{');
                    let last_close = body[..p].rfind('}');
                    if open.is_none() || last_close > open {
                        let from = last_close.map_or(0, |c| c + 1);
                        let mut start = p;
                        for (i, ch) in body[from..p].char_indices().rev() {
                            if ch.is_alphanumeric() || "_.()[]".contains(ch) {
                                start = from + i;
                            } else {
                                break;
                            }
                        }
                        if start < p {
                            out.insert("brace-open", "name", -700, base + start, "{");
                        }
                        out.insert("brace-double", "close", -2400, base + p, "}");
                        out.replace("brace-drop", "close", -2200, base + p..base + p + 1, "");
                    } else {
                        out.replace("brace-drop", "close", -4200, base + p..base + p + 1, "");
                    }
                }
                _ => {}
            }
        }
        // `f"{}"`: an empty field in an f-string means that no f was wanted.
        if body.contains("{}") {
            out.replace(
                "f-drop",
                "empty",
                -1800,
                token.start..at,
                &scan.text[token.start..at].replace(['f', 'F'], ""),
            );
        }
        out.replace(
            "f-drop",
            "",
            -4800,
            token.start..at,
            &scan.text[token.start..at].replace(['f', 'F'], ""),
        );
        let _ = mark;
    }
    nested_quotes(site, out);
}

fn is_f(text: &str) -> bool {
    text.split(['"', '\'']).next().is_some_and(|p| p.contains(['f', 'F']))
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
