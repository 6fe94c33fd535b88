//! Small edits of tokens around the fault: insert, replace, delete, split and join, respell keywords.

use super::proposal::{Out, Site, edit};
use super::scan::{KEYWORDS, Kind, Scan, Token};

/// Tokens looked at before and after the fault.
const BEFORE: usize = 26;
const AFTER: usize = 8;

pub(super) fn propose(site: &Site, out: &mut Out) {
    let scan = site.scan;
    colon(site, out);
    let statement = super::brackets::statement_start(scan, site.token.min(scan.tokens.len().saturating_sub(1)));
    let mut low = site.token.saturating_sub(BEFORE);
    // The last code token of the line above is in reach (a missing comma or colon there).
    if let Some(line) = scan.code_above(site.line) {
        let last = scan.lines[line].token + scan.line_tokens(line).len();
        low = low
            .min(last.saturating_sub(2))
            .max(statement.min(last.saturating_sub(2)));
    } else {
        low = low.max(statement);
    }
    let high = (site.token + AFTER).min(scan.tokens.len());
    let mut newlines = 0;
    for i in low..high {
        let token = scan.tokens[i];
        match token.kind {
            Kind::Newline => {
                newlines += usize::from(i > site.token);
                if newlines > 1 {
                    break;
                }
                continue;
            }
            Kind::Comment => continue,
            _ => {}
        }
        let far = distance(site, i);
        insert(site, i, far, out);
        replace(site, i, far, out);
        remove(site, i, far, out);
        spell(site, i, far, out);
    }
    definition(site, out);
}

/// Malus for the distance from the fault, in thousandths of a nat.
fn distance(site: &Site, index: usize) -> i32 {
    let steps = index.abs_diff(site.token) as i32;
    120 * steps.min(20)
}

/// A missing `:` at the end of a header: before a comment, after the condition, or replacing `;`.
fn colon(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let mut lines = vec![site.line];
    lines.extend(scan.code_above(site.line));
    lines.extend(
        (site.line + 1..scan.lines.len())
            .take(3)
            .filter(|&l| scan.lines[l].depth > 0),
    );
    for line in lines {
        let tokens = scan.line_tokens(line);
        let Some(last) = tokens.last() else { continue };
        let first = super::brackets::statement_start(scan, scan.lines[line].token);
        let mut word = scan.at(first);
        if word == "async" {
            word = scan.at(first + 1);
        }
        let opens = matches!(
            word,
            "if" | "elif"
                | "else"
                | "for"
                | "while"
                | "def"
                | "class"
                | "with"
                | "try"
                | "except"
                | "finally"
                | "match"
                | "case"
        );
        if !opens || scan.str(last) == ":" {
            continue;
        }
        let deeper = scan
            .code_below(line)
            .is_some_and(|b| scan.lines[b].column > scan.lines[scan.tokens[first].line].column);
        let prior = if deeper { -150 } else { -900 };
        let tag = if deeper { "deeper" } else { "flat" };
        if matches!(scan.str(last), ";" | "," | "=" | "." | "-" | "::") && last.kind == Kind::Op {
            out.replace("colon", "for-mark", prior - 200, last.start..last.end, ":");
        }
        if scan.str(last) == "{" {
            out.replace("colon", "for-brace", prior - 300, last.start..last.end, ":");
        }
        out.insert("colon", tag, prior, last.end, ":");
        // A comment that swallowed the colon: `def f()  # note:` needs one before it too.
    }
}

const INSERTS: [(&str, i32); 19] = [
    (",", -1500),
    (":", -2600),
    ("=", -2900),
    (".", -3400),
    (" in", -2600),
    (" and", -3900),
    (" or", -4200),
    (" not", -4900),
    (" is", -4600),
    (" as", -3200),
    (" import", -2600),
    (" if", -4200),
    (" else", -4300),
    (" for", -4300),
    ("+", -4000),
    ("*", -4700),
    ("%", -4300),
    ("==", -4300),
    ("-", -4700),
];

fn operand_end(scan: &Scan, t: &Token) -> bool {
    match t.kind {
        Kind::Name | Kind::Number | Kind::Str => true,
        Kind::Keyword => matches!(scan.str(t), "None" | "True" | "False"),
        Kind::Op => matches!(scan.str(t), ")" | "]" | "}" | "..."),
        _ => false,
    }
}

fn operand_start(scan: &Scan, t: &Token) -> bool {
    match t.kind {
        Kind::Name | Kind::Number | Kind::Str => true,
        Kind::Keyword => matches!(scan.str(t), "None" | "True" | "False" | "not" | "lambda" | "await"),
        Kind::Op => matches!(scan.str(t), "(" | "[" | "{" | "-" | "*" | "**" | "~" | "..."),
        _ => false,
    }
}

/// Something missing after token `i`.
fn insert(site: &Site, i: usize, far: i32, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[i];
    let Some(next) = scan.from(i + 1).map(|j| scan.tokens[j]) else {
        return;
    };
    let left_ends = operand_end(scan, &token);
    let right_starts = operand_start(scan, &next);
    let same_line = next.line == token.line;
    for (text, prior) in INSERTS {
        let word = text.trim();
        let fits = match word {
            "," => left_ends && (right_starts || matches!(scan.str(&next), "]" | ")" | "}" | "for" | ":")),
            "=" | "." | "==" | "+" | "-" | "%" | "*" => left_ends && right_starts && same_line,
            "in" | "and" | "or" | "is" | "as" => left_ends && right_starts && same_line,
            "import" => same_line && (left_ends || scan.str(&token) == "."),
            "if" => same_line && (left_ends || matches!(scan.str(&token), "else")),
            "else" | "for" => left_ends && same_line,
            "not" => same_line && right_starts,
            ":" => {
                same_line
                    && (left_ends || matches!(scan.str(&token), "else" | "try" | "finally" | "lambda" | "except" | "["))
            }
            _ => false,
        };
        if !fits {
            continue;
        }
        let seen = scan.pairs.contains(&(scan.str(&token), word))
            && (word.len() < 2 || scan.pairs.contains(&(word, scan.str(&next))));
        // Two blanks between tokens: something between them was lost.
        let gap = same_line && next.start >= token.end + 2 && !scan.text[token.end..next.start].contains('\t');
        let tag = match (same_line, seen, gap) {
            (true, true, true) => "gap-seen",
            (true, false, true) => "gap",
            (true, true, _) => "seen",
            (true, false, _) => "",
            (false, true, _) => "eol-seen",
            (false, false, _) => "eol",
        };
        let mut prior = prior - far + if seen { 250 } else { 0 };
        if word == "," && !same_line {
            prior += 250;
        }
        let glued = token.end == next.start;
        let padded = match word {
            "+" | "-" | "%" | "*" | "==" if !glued => format!(" {word}"),
            "," if same_line && glued => ", ".into(),
            _ if word.chars().all(char::is_alphabetic) && glued => format!("{text} "),
            _ => text.to_string(),
        };
        out.insert("insert", tag, prior, token.end, &padded);
    }
    // `a.b` where the file has such a pair: a dot, tight.
    if left_ends && next.kind == Kind::Name && same_line && token.end != next.start {
        let known = scan.pairs.contains(&(scan.str(&token), ".")) && scan.pairs.contains(&(".", scan.str(&next)));
        let gap = token.end..next.start;
        let (tag, prior) = match (known, gap.len() > 1) {
            (true, false) => ("seen", -1500),
            (true, true) => ("gap-seen", -3000),
            (false, true) => ("gap", -4600),
            (false, false) => ("", -3600),
        };
        out.replace("dot", tag, prior - far, gap.clone(), ".");
        if token.kind != Kind::Name {
            return split_line(site, &token, &next, far, out);
        }
        // Two halves of one word.
        let joined = format!("{}{}", scan.str(&token), scan.str(&next));
        let known = scan.words.contains_key(joined.as_str()) || KEYWORDS.contains(&joined.as_str());
        out.replace(
            "join",
            if known { "seen" } else { "" },
            if known { -700 } else { -4300 } - far,
            gap.clone(),
            "",
        );
        let joined = format!("{}_{}", scan.str(&token), scan.str(&next));
        let known = scan.words.contains_key(joined.as_str());
        out.replace(
            "join",
            if known { "under-seen" } else { "under" },
            if known { -800 } else { -4000 } - far,
            gap,
            "_",
        );
    }
    split_line(site, &token, &next, far, out);
    // Operators with a blank in them: `= =`, `! =`, `length* =`.
    if token.kind != Kind::Name && next.start > token.end && same_line {
        let both = format!("{}{}", scan.str(&token), scan.str(&next));
        if matches!(
            both.as_str(),
            "==" | "!="
                | "<="
                | ">="
                | "+="
                | "-="
                | "*="
                | "/="
                | "->"
                | ":="
                | "**"
                | "//"
                | "<<"
                | ">>"
                | "%="
                | "|="
                | "&="
        ) {
            out.replace("join", "operator", -500 - far, token.end..next.start, "");
        }
    }
}

/// Two statements on one line: the second starts at `next`.
fn split_line(site: &Site, token: &Token, next: &Token, far: i32, out: &mut Out) {
    let scan = site.scan;
    if next.line != token.line
        || !operand_end(scan, token) && !matches!(scan.str(token), "pass" | "break" | "continue" | "return")
    {
        return;
    }
    let word = scan.str(next);
    let statement = next.kind == Kind::Keyword
        && matches!(
            word,
            "return"
                | "raise"
                | "if"
                | "for"
                | "while"
                | "def"
                | "class"
                | "import"
                | "from"
                | "with"
                | "try"
                | "assert"
                | "del"
                | "pass"
                | "break"
                | "continue"
                | "global"
                | "else"
                | "elif"
                | "except"
                | "yield"
        );
    if !statement && !matches!(next.kind, Kind::Name) && word != "@" {
        return;
    }
    let after = scan.at(scan.token_from(next.end));
    let tag = match (statement, after) {
        (true, _) if matches!(word, "if" | "for" | "else") => "word-inline",
        (true, _) => "word",
        (_, "=" | "+=" | "-=") => "assign",
        (_, "(" | "." | "[") => "call",
        _ => "name",
    };
    let prior = match tag {
        "word" => -1500,
        "word-inline" => -2600,
        "assign" => -2300,
        "call" => -2900,
        _ => -4500,
    };
    let header = scan.lines[token.line].token;
    let mut line = token.line;
    while line > 0 && (scan.lines[line].in_string || scan.lines[line].depth > 0) {
        line -= 1;
    }
    let outer = scan.tokens[header..]
        .iter()
        .take_while(|t| t.start <= token.start)
        .any(|t| scan.str(t) == ":");
    let text = format!("{}{}", scan.newline(), scan.indent(line));
    out.replace("split-line", tag, prior - far, token.end..next.start, &text);
    if outer {
        let text = format!("{}{}{}", scan.newline(), scan.indent(line), scan.unit);
        out.replace("split-line", "deeper", prior - far - 1000, token.end..next.start, &text);
    }
    out.replace(
        "split-line",
        "semicolon",
        prior - far - 1500,
        token.end..next.start,
        "; ",
    );
}

fn replacements(text: &str) -> &'static [(&'static str, i32)] {
    match text {
        "=" => &[
            ("==", -900),
            (":", -2200),
            (",", -3800),
            ("+=", -5000),
            ("-", -5200),
            (".", -5200),
        ],
        "==" => &[("=", -1400)],
        ":" => &[
            ("=", -1900),
            (",", -2300),
            ("", -3000),
            (".", -4200),
            (";", -5000),
            (")", -4600),
        ],
        ";" => &[(":", -1500), (",", -1700)],
        "." => &[(",", -2200), ("", -3000), ("=", -4800)],
        "," => &[
            (".", -3200),
            (":", -2500),
            (")", -4200),
            ("=", -4600),
            (" as", -2600),
            (" in", -4200),
        ],
        "->" => &[(":", -2600), (".", -2400), ("=", -4200)],
        "{" => &[(":", -3600)],
        "!" => &[("not ", -700)],
        "+" | "-" | "*" | "/" | "%" | "&" | "|" => &[(",", -5000)],
        ":=" => &[("=", -1200), ("==", -3000), (":", -3000)],
        "**" => &[("*", -3800)],
        "<" | ">" => &[(",", -5500)],
        "is" => &[("in", -5000), ("==", -5000)],
        "in" => &[("is", -5200), ("=", -5200)],
        "as" => &[(",", -4600), ("=", -4800), ("is", -5200)],
        "for" => &[("from", -4600)],
        "from" => &[("for", -4800)],
        "with" => &[("while", -5000)],
        "else" => &[("elif", -1500)],
        "elif" => &[("else", -2200), ("if", -2200)],
        "if" => &[("elif", -4200)],
        "try" => &[],
        _ => &[],
    }
}

/// Another mark in the place of token `i`, and foreign pairs of marks.
fn replace(site: &Site, i: usize, far: i32, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[i];
    let text = scan.str(&token);
    for &(other, prior) in replacements(text) {
        let seen = i > 0 && scan.pairs.contains(&(scan.at(i - 1), other.trim()));
        out.replace(
            "replace",
            if seen { "seen" } else { "" },
            prior - far,
            token.start..token.end,
            other,
        );
    }
    let next = scan.tokens.get(i + 1);
    let tight = next.filter(|n| n.start == token.end);
    if let Some(n) = tight {
        let both = (text, scan.str(n));
        let range = token.start..n.end;
        let spaced = |word: &str| {
            let before = scan.text[..range.start].ends_with(' ');
            let after = scan.text[range.end..].starts_with(' ');
            format!(
                "{}{word}{}",
                if before { "" } else { " " },
                if after { "" } else { " " }
            )
        };
        match both {
            ("&", "&") => out.replace("foreign", "&&", -300, range.clone(), &spaced("and")),
            ("|", "|") => out.replace("foreign", "||", -300, range.clone(), &spaced("or")),
            ("<", ">") => out.replace("foreign", "<>", -200, range, "!="),
            ("=", ">") => {
                out.replace("foreign", "=>", -900, range.clone(), ">=");
                out.replace("foreign", "=>:", -1500, range.clone(), ":");
                out.replace("foreign", "=>=", -2500, range, "=");
            }
            ("=", "<") => out.replace("foreign", "=<", -500, range, "<="),
            ("==", "=") => out.replace("foreign", "===", -300, range, "=="),
            ("!=", "=") => out.replace("foreign", "!==", -300, range, "!="),
            ("=", "!") => out.replace("foreign", "=!", -900, range, "!="),
            ("+", "+") | ("-", "-") => increment(site, i, far, out),
            ("=", "+") | ("=", "-") => {
                let op = format!("{}=", both.1);
                out.replace("foreign", "=+", -1800, range, &op);
            }
            (":", ":") => {
                out.replace("foreign", "::", -1200, range.clone(), ":");
                out.replace("foreign", "::.", -2200, range, ".");
            }
            ("-", ">") => out.replace("foreign", "->", -2000, range, "."),
            (":", "=") => out.replace("foreign", ":=", -1000, range, "="),
            (".", ".") | (",", ",") => {
                out.replace("double", "", -700, token.end..n.end, "");
            }
            _ => {}
        }
    } else if let Some(n) = next
        && text == ","
        && scan.str(n) == ","
    {
        out.replace("double", "gap", -700, token.end..n.end, "");
    }
    // `x not y`: the `in` was lost.
    if text == "not" && i > 0 && operand_end(scan, &scan.tokens[i - 1]) && next.is_some_and(|n| operand_start(scan, n))
    {
        out.insert("insert", "not-in", -700 - far, token.end, " in");
    }
    // `else if` is `elif`; `else x == 1:` too.
    if text == "else" && next.is_some_and(|n| scan.str(n) == "if") {
        let n = scan.tokens[i + 1];
        out.replace("else-if", "", -150, token.start..n.end, "elif");
    }
    // `is in`, `not is`.
    if text == "is" && next.is_some_and(|n| scan.str(n) == "in") {
        out.replace("words", "is-in", -500, token.start..scan.tokens[i + 1].start, "");
    }
    if text == "not" && next.is_some_and(|n| scan.str(n) == "is") {
        out.replace("words", "not-is", -700, token.start..scan.tokens[i + 1].end, "is not");
    }
    // C's conditional: `a ? b : c`.
    if text == "?" {
        conditional(site, i, out);
    }
    if token.kind == Kind::Number {
        number(scan, &token, far, out);
    }
}

/// `i++` and `i--` as statements.
fn increment(site: &Site, i: usize, far: i32, out: &mut Out) {
    let scan = site.scan;
    let range = scan.tokens[i].start..scan.tokens[i + 1].end;
    let op = scan.at(i);
    let after = scan.tokens.get(i + 2);
    let ends = after.is_none_or(|t| matches!(t.kind, Kind::Newline | Kind::Comment) || scan.str(t) == ";");
    if ends {
        let semi = after.filter(|t| scan.str(t) == ";").map_or(range.end, |t| t.end);
        out.replace("increment", "after", -150, range.start..semi, &format!(" {op}= 1"));
    }
    let starts = i == 0 || scan.tokens[i - 1].kind == Kind::Newline;
    if starts && let Some(name) = after {
        out.many(
            "increment",
            "before",
            -300,
            vec![edit(range, ""), edit(name.end..name.end, &format!(" {op}= 1"))],
        );
    }
    let _ = far;
}

fn conditional(site: &Site, i: usize, out: &mut Out) {
    let scan = site.scan;
    let line = scan.tokens[i].line;
    let tokens = scan.line_tokens(line);
    let base = scan.lines[line].token;
    let Some(colon) = (i + 1..base + tokens.len()).find(|&j| scan.at(j) == ":") else {
        return;
    };
    let start = (base..i)
        .rev()
        .find(|&j| matches!(scan.at(j), "=" | "return" | "(" | ","))
        .map_or(base, |j| j + 1);
    let end = (colon + 1..base + tokens.len())
        .find(|&j| matches!(scan.at(j), ")" | "," | ";"))
        .unwrap_or(base + tokens.len());
    if start >= i || colon <= i + 1 || end <= colon + 1 {
        return;
    }
    let text = |a: usize, b: usize| &scan.text[scan.tokens[a].start..scan.tokens[b - 1].end];
    let swapped = format!(
        "{} if {} else {}",
        text(i + 1, colon),
        text(start, i),
        text(colon + 1, end)
    );
    let range = scan.tokens[start].start..scan.tokens[end - 1].end;
    out.replace("conditional", "", -700, range, &swapped);
}

/// Leading zeros, long suffixes, names that start with a digit, glued numbers.
fn number(scan: &Scan, token: &Token, far: i32, out: &mut Out) {
    let text = scan.str(token);
    let digits = text.trim_end_matches(['l', 'L', 'u', 'U', 'f', 'F', 'd', 'D']);
    if digits.len() < text.len() && !text.starts_with("0x") && digits.ends_with(|c: char| c.is_ascii_digit()) {
        out.replace(
            "number",
            "suffix",
            -300 - far,
            token.start + digits.len()..token.end,
            "",
        );
    }
    if text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
        let octal = text.bytes().all(|b| b < b'8');
        let line = scan.text[scan.lines[token.line].start..scan.lines[token.line].end].to_ascii_lowercase();
        let mode = ["mode", "chmod", "perm", "umask", "mkdir", "makedirs", "open("]
            .iter()
            .any(|w| line.contains(w));
        let stripped = text.trim_start_matches('0');
        let stripped = if stripped.is_empty() { "0" } else { stripped };
        let (strip, keep) = match (octal, mode) {
            (true, true) => (-2500, -150),
            (true, false) if text.len() >= 4 => (-1300, -600),
            (true, false) => (-400, -1900),
            _ => (-200, -9000),
        };
        out.replace(
            "number",
            if mode {
                "strip-mode"
            } else if text.len() >= 4 {
                "strip-long"
            } else {
                "strip"
            },
            strip - far,
            token.start..token.end,
            stripped,
        );
        if octal {
            out.insert(
                "number",
                if mode {
                    "octal-mode"
                } else if text.len() >= 4 {
                    "octal-long"
                } else {
                    "octal"
                },
                keep - far,
                token.start + 1,
                "o",
            );
        }
    }
    // `1if x`, `2names`: number and word.
    if let Some(p) = text.find(|c: char| c.is_ascii_alphabetic())
        && !text.starts_with('0')
    {
        out.insert("split", "number", -2800 - far, token.start + p, " ");
        out.insert("number", "times", -3400 - far, token.start + p, "*");
        out.insert("number", "underscore", -4000 - far, token.start, "_");
        let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
        if digits.parse::<f64>().is_ok() {
            out.replace("number", "stray-letter", -2500 - far, token.start..token.end, &digits);
        }
    }
    if text.matches('.').count() > 1 || text.contains(|c: char| c.is_ascii_alphabetic()) {
        out.many(
            "number",
            "quote",
            -3600 - far,
            vec![edit(token.start..token.start, "\""), edit(token.end..token.end, "\"")],
        );
    }
    if text.matches('.').count() == 2 && text.contains("..") {
        let p = text.find("..").unwrap_or(0);
        out.replace("double", "dot", -900 - far, token.start + p..token.start + p + 1, "");
    }
}

/// Token `i` is one too many.
fn remove(site: &Site, i: usize, far: i32, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[i];
    let text = scan.str(&token);
    let (kind, prior): (&'static str, i32) = match token.kind {
        Kind::Op => match text {
            "," | ":" | "." | ";" | "=" => ("delete", -2400),
            // Brackets have their own rules.
            "(" | ")" | "[" | "]" | "{" | "}" => return,
            _ => ("delete", -3200),
        },
        Kind::Bad => ("delete-stray", -900),
        Kind::Keyword => ("delete-word", -4200),
        Kind::Name | Kind::Number | Kind::Str => ("delete-name", -5200),
        _ => return,
    };
    let same_as_next = scan.from(i + 1).is_some_and(|j| scan.at(j) == text);
    let eol = scan
        .tokens
        .get(i + 1)
        .is_none_or(|n| matches!(n.kind, Kind::Newline | Kind::Comment));
    let first = i == 0 || scan.tokens[i - 1].kind == Kind::Newline;
    let tag = match (same_as_next, eol, first) {
        (true, _, _) => "twice",
        (_, true, _) => "eol",
        (_, _, true) => "first",
        _ => "",
    };
    let bonus = if same_as_next { 1200 } else { 0 };
    // A word leaves with the blank behind it, so that no two remain.
    let mut end = token.end;
    if matches!(token.kind, Kind::Keyword | Kind::Name) && scan.text[end..].starts_with(' ') && !eol {
        end += 1;
    }
    out.replace(kind, tag, prior + bonus - far, token.start..end, "");
    if matches!(token.kind, Kind::Name | Kind::Keyword)
        && let Some(j) = scan.from(i + 1)
        && scan.tokens[j].line == token.line
        && matches!(scan.at(j), "." | "," | "=")
    {
        out.replace("delete-name", "pair", -5600 - far, token.start..scan.tokens[j].end, "");
    }
}

/// Words near a keyword, keywords glued to names, and keywords used as names.
fn spell(site: &Site, i: usize, far: i32, out: &mut Out) {
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
fn definition(site: &Site, out: &mut Out) {
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
            ":" => out.insert("def-parens", "colon", -150, name.end, "()"),
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
