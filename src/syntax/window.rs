//! Small edits of tokens around the fault: insert, replace, delete, split and join.

use super::proposal::{Out, Site, edit};
use super::scan::{KEYWORDS, Kind, Scan, Token};
use super::{headers, numbers, words};

/// Tokens looked at before and after the fault.
const BEFORE: usize = 26;
const AFTER: usize = 8;

pub(super) fn propose(site: &Site, out: &mut Out) {
    let scan = site.scan;
    headers::colon(site, out);
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
        words::spell(site, i, far, out);
    }
    words::definition(site, out);
}

/// Malus for the distance from the fault, in thousandths of a nat.
fn distance(site: &Site, index: usize) -> i32 {
    let steps = index.abs_diff(site.token) as i32;
    120 * steps.min(20)
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

pub(super) fn operand_end(scan: &Scan, t: &Token) -> bool {
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
        // A literal is formatted when it has a place for a value, and hardly compared or searched.
        if token.kind == Kind::Str && !seen {
            prior -= match word {
                "%" if !scan.str(&token).contains('%') => 3500,
                "." => 3000,
                "in" | "and" | "or" | "is" | "=" | "==" => 1200,
                _ => 0,
            };
        }
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
            (false, false) if token.kind == Kind::Str => ("", -6000),
            (false, false) => ("", -3600),
        };
        out.replace("dot", tag, prior - far, gap.clone(), ".");
        if token.kind != Kind::Name {
            return headers::split_line(site, &token, &next, far, out);
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
    headers::split_line(site, &token, &next, far, out);
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
    // `if x = None:` in a file that writes `is None`.
    let identity = text == "="
        && scan.at(i + 1) == "None"
        && scan.pairs.contains(&("is", "None"))
        && !scan.pairs.contains(&("==", "None"));
    if identity {
        out.replace("replace", "is-none", 300 - far, token.start..token.end, "is");
    }
    for &(other, prior) in replacements(text) {
        let prior = prior - if identity && other == "==" { 3000 } else { 0 };
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
        numbers::number(scan, &token, far, out);
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
