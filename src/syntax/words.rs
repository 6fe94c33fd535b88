//! Words: misspelt, glued and foreign keywords, lost `def` and `from`, missing parentheses of `def`.

use super::proposal::{Out, Site, edit};
use super::scan::{KEYWORDS, Kind, Scan};

/// Words near a keyword, keywords glued to names, and keywords used as names.
pub(super) fn spell(site: &Site, i: usize, far: i32, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[i];
    let text = scan.str(&token);
    let first = i == 0 || scan.tokens[i - 1].kind == Kind::Newline;
    if token.kind == Kind::Name {
        let common = scan.words.get(text).copied().unwrap_or(0) > 2;
        for keyword in KEYWORDS {
            if text.len() > keyword.len() + 2 || keyword.len() > text.len() + 2 {
                continue;
            }
            let near = closeness(text, keyword);
            if near == 0 {
                continue;
            }
            let prior = -900 - i32::from(near > 1) * 1500 - i32::from(common) * 1800 - if first { 0 } else { 200 };
            let tag = match (near, first) {
                (1, true) => "one-first",
                (1, false) => "one",
                (_, true) => "two-first",
                _ => "two",
            };
            out.replace("keyword", tag, prior - far / 2, token.start..token.end, keyword);
        }
        if let Some(word) = alias(text) {
            out.replace(
                "keyword",
                if first { "alias-first" } else { "alias" },
                -500 - far,
                token.start..token.end,
                word,
            );
        }
        // `returnTrue`, `ifx`, `importos`, `notin`.
        for keyword in KEYWORDS {
            if let Some(rest) = text.strip_prefix(keyword)
                && rest.starts_with(|c: char| c.is_alphabetic() || c == '_')
            {
                let known = scan.words.contains_key(rest) || KEYWORDS.contains(&rest);
                let opens = first
                    && matches!(
                        keyword,
                        "from"
                            | "import"
                            | "return"
                            | "def"
                            | "class"
                            | "raise"
                            | "if"
                            | "for"
                            | "while"
                            | "elif"
                            | "assert"
                            | "del"
                            | "async"
                    );
                let prior = if known || opens { -900 } else { -2600 } - if first { 0 } else { 300 };
                out.insert(
                    "split",
                    if known { "seen" } else { "prefix" },
                    prior - far,
                    token.start + keyword.len(),
                    " ",
                );
            }
            if let Some(rest) = text.strip_suffix(keyword)
                && !rest.is_empty()
                && matches!(
                    keyword,
                    "in" | "and" | "or" | "is" | "if" | "else" | "for" | "not" | "as" | "import"
                )
            {
                let known = scan.words.contains_key(rest);
                out.insert(
                    "split",
                    if known { "suffix-seen" } else { "suffix" },
                    if known { -1200 } else { -3800 } - far,
                    token.start + rest.len(),
                    " ",
                );
            }
        }
    }
    if token.kind == Kind::Keyword {
        let before = i.checked_sub(1).map_or("", |j| scan.at(j));
        let after = scan.at(i + 1);
        if before == "."
            || after == "="
            || matches!(before, "def" | "class" | "(" | ",")
            || matches!(after, "," | ")" | "." | ":=")
        {
            out.insert(
                "keyword-name",
                if after == "=" {
                    "argument"
                } else if before == "." {
                    "attribute"
                } else {
                    ""
                },
                -3000 - far,
                token.end,
                "_",
            );
        }
    }
    // Case: `true`, `none`, `Return`, `IF`, `FALSE`.
    if token.kind == Kind::Name {
        let lower = text.to_ascii_lowercase();
        if lower != text && KEYWORDS.contains(&lower.as_str()) {
            out.replace(
                "keyword",
                if first { "case-first" } else { "case" },
                -350 - far,
                token.start..token.end,
                &lower,
            );
        }
    }
}

/// Words of other languages and usual slips.
fn alias(text: &str) -> Option<&'static str> {
    Some(match text {
        "elseif" | "elsif" | "elsee" | "eleif" => "elif",
        "function" | "func" | "fn" | "sub" | "fun" => "def",
        "catch" => "except",
        "throw" | "throws" => "raise",
        "foreach" => "for",
        "then" | "do" => ":",
        "null" | "nil" | "NULL" => "None",
        "switch" => "match",
        "until" | "unless" => "while",
        "include" | "require" | "using" => "import",
        "var" | "let" | "const" => "",
        _ => return None,
    })
}

/// 1 for one slip (letter lost, added, changed, or two exchanged), 2 for two, 0 otherwise.
fn closeness(a: &str, b: &str) -> u8 {
    if a == b {
        return 0;
    }
    if b.len() < 3 {
        // Two-letter keywords: only exchanged or doubled letters are told from names.
        let exchanged = a.len() == 2 && a.bytes().rev().eq(b.bytes());
        let doubled = a.len() == 3
            && b.len() == 2
            && (a.starts_with(b) || a.ends_with(b))
            && a.bytes().all(|c| b.as_bytes().contains(&c));
        return u8::from(exchanged || doubled);
    }
    match strsim::osa_distance(a, b) {
        1 => 1,
        2 if b.len() >= 5 => 2,
        _ => 0,
    }
}

/// `def f:`, `def f(x:`, `class A()` without its colon are handled elsewhere; here missing parentheses
/// and a missing `def` or `import`.
pub(super) fn definition(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let base = scan.lines.get(site.line).map_or(0, |l| l.token);
    let tokens = scan.line_tokens(site.line);
    for (n, token) in tokens.iter().enumerate() {
        let i = base + n;
        if scan.str(token) != "def" {
            continue;
        }
        let Some(name) = scan.tokens.get(i + 1).filter(|t| t.kind == Kind::Name) else {
            continue;
        };
        match scan.at(i + 2) {
            ":" => match receiver(scan, site.line) {
                Some(name_of_self) => {
                    out.insert("def-parens", "method", -150, name.end, name_of_self);
                    out.insert("def-parens", "colon", -2200, name.end, "()");
                }
                None => out.insert("def-parens", "colon", -150, name.end, "()"),
            },
            "(" => {}
            _ => {
                // `def f x, y:` or `def f`.
                let last = tokens.last().copied().unwrap_or(*name);
                let colon = scan.str(&last) == ":";
                let end = if colon { last.start } else { last.end };
                if end > name.end {
                    let gap = scan.tokens.get(i + 2).map_or(name.end, |t| t.start);
                    out.many(
                        "def-parens",
                        "arguments",
                        -900,
                        vec![edit(name.end..gap, "("), edit(end..end, if colon { ")" } else { "):" })],
                    );
                } else {
                    out.insert("def-parens", "name", -500, name.end, "():");
                }
            }
        }
    }
    // `f(x):` with a block below it: `def` was lost.
    if let (Some(first), Some(last)) = (tokens.first(), tokens.last())
        && first.kind == Kind::Name
        && scan.str(last) == ":"
        && scan.at(base + 1) == "("
    {
        out.insert("def-word", "", -1200, first.start, "def ");
        for (word, prior) in [
            ("class ", -3600),
            ("if ", -2600),
            ("while ", -4200),
            ("elif ", -4000),
            ("with ", -4600),
        ] {
            out.insert("def-word", "other", prior, first.start, word);
        }
    } else if let (Some(first), Some(last)) = (tokens.first(), tokens.last())
        && scan.str(last) == ":"
        && matches!(first.kind, Kind::Name)
    {
        for (word, prior) in [
            ("if ", -2200),
            ("class ", -3000),
            ("for ", -2600),
            ("while ", -3600),
            ("elif ", -3200),
            ("with ", -4200),
        ] {
            out.insert("def-word", "header", prior, first.start, word);
        }
    }
    if let Some(first) = tokens.first()
        && first.kind == Kind::Name
        && tokens.iter().any(|t| scan.str(t) == "import")
    {
        let glued = scan.str(first).starts_with("from") || scan.str(first).starts_with("import");
        let prior = if glued { -4500 } else { -1500 };
        out.insert(
            "def-word",
            if glued { "from-glued" } else { "from" },
            prior,
            first.start,
            "from ",
        );
    }
}

/// What a method takes first, for a `def` directly in a class.
fn receiver(scan: &Scan, line: usize) -> Option<&'static str> {
    let column = scan.lines.get(line)?.column;
    let outer = (0..line).rev().find(|&l| {
        let above = &scan.lines[l];
        !above.blank && !above.in_string && above.depth == 0 && above.column < column
    })?;
    if scan.at(scan.lines[outer].token) != "class" {
        return None;
    }
    let above = scan.code_above(line)?;
    let decorator = scan.lines[above].token;
    match (scan.at(decorator), scan.at(decorator + 1)) {
        ("@", "staticmethod") => None,
        ("@", "classmethod") => Some("(cls)"),
        _ => Some("(self)"),
    }
}
