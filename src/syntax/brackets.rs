//! Brackets without their partner: close, open, drop or exchange one, at every place that could be meant.

use super::proposal::{Out, Site, edit};
use super::scan::{BracketFault, Kind, Scan, Token, closer, opener};

/// How many lines below an opening bracket its missing partner is looked for.
const REACH: usize = 60;

pub(super) fn propose(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let mut near: Vec<&BracketFault> = scan.brackets.iter().collect();
    near.sort_by_key(|b| (b.line.abs_diff(site.line), b.line));
    for fault in near.into_iter().take(4) {
        match (fault.open, fault.close) {
            (Some(open), None) => unclosed(site, open, fault.line, None, out),
            (None, Some(close)) => unmatched(site, close, out),
            (Some(open), Some(close)) => {
                let o = &scan.tokens[open];
                let c = &scan.tokens[close];
                out.replace("bracket-exchange", "closer", -2200, c.start..c.end, closer(scan.str(o)));
                out.replace("bracket-exchange", "opener", -2800, o.start..o.end, opener(scan.str(c)));
                unclosed(site, open, c.line + 1, Some(close), out);
                unmatched(site, close, out);
            }
            (None, None) => {}
        }
    }
}

fn ends_operand(scan: &Scan, token: &Token) -> bool {
    match token.kind {
        Kind::Name | Kind::Number | Kind::Str => true,
        Kind::Keyword => matches!(scan.str(token), "None" | "True" | "False"),
        Kind::Op => matches!(
            scan.str(token),
            ")" | "]" | "}" | "..." | "," | "(" | "[" | "{" | ":" | "*"
        ),
        _ => false,
    }
}

/// Closing partners for the bracket at token `open`, certain to be missing at line `until` or at the
/// token `wrong`.
fn unclosed(site: &Site, open: usize, until: usize, wrong: Option<usize>, out: &mut Out) {
    let scan = site.scan;
    let start = scan.tokens[open];
    let close = closer(scan.at(open));
    let last = until.saturating_sub(1).min(start.line + REACH);
    let indent = scan.lines[start.line].column;
    let hangs = scan
        .tokens
        .get(open + 1)
        .is_some_and(|n| matches!(n.kind, Kind::Newline | Kind::Comment));
    let mut count = 0;
    for i in open..scan.tokens.len() {
        let token = scan.tokens[i];
        if token.line > last || wrong.is_some_and(|w| i >= w) {
            break;
        }
        let first_on_line = token.line > start.line && scan.lines[token.line].token == i;
        if first_on_line && !matches!(token.kind, Kind::Newline | Kind::Comment) {
            let text = scan.str(&token);
            let tag = match text {
                "->" => "line-arrow",
                ":" => "line-colon",
                "," => "line-comma",
                "." | "and" | "or" | "for" | "if" | "+" | "%" => "line-operator",
                _ if scan.lines[token.line].column <= indent => "line-start-out",
                _ => "line-start",
            };
            let prior = match tag {
                "line-arrow" => -600,
                "line-colon" => -800,
                "line-comma" => -1500,
                _ => -4800,
            };
            out.insert("bracket-close", tag, prior, token.start, close);
        }
        if !ends_operand(scan, &token) {
            continue;
        }
        let next = &scan.tokens.get(i + 1);
        let eol = next.is_none_or(|n| matches!(n.kind, Kind::Newline | Kind::Comment));
        // Far below the bracket only line ends are plausible.
        if !eol && token.line > start.line + 3 && token.line + 1 < site.line {
            continue;
        }
        let text = scan.str(&token);
        let below = scan.code_below(token.line);
        let dedented = below.is_none_or(|b| scan.lines[b].column <= indent);
        let before_fault = below == Some(site.line) || token.line == site.line;
        let after = next.map_or("", |n| scan.str(n));
        let header =
            after == ":" && next.is_some_and(|n| scan.from(i + 2).is_none_or(|j| scan.tokens[j].line > n.line));
        let comma_ends = scan
            .tokens
            .get(i + 2)
            .is_none_or(|n| matches!(n.kind, Kind::Newline | Kind::Comment));
        let (tag, prior) = match (eol, text) {
            (true, ",") if emptied(scan, token.line, indent) => ("comma-blank", -1300),
            (true, ",") if dedented => ("comma-dedent", -1900),
            (true, ",") if like_below(scan, &start, below) => ("comma-like", -1100),
            (_, "," | ":" | "*") => ("after-comma", -5200),
            (_, "(" | "[" | "{") if i != open => ("after-opener", -6000),
            (_, "(" | "[" | "{") => ("empty", -3600),
            (true, _) if like_below(scan, &start, below) => ("eol-like", -1000),
            (true, _) if emptied(scan, token.line, indent) => ("eol-blank", -1200),
            (true, _) if dedented && before_fault => ("eol-dedent-fault", -700),
            (true, _) if dedented => ("eol-dedent", -1500),
            (true, _) if before_fault => ("eol-fault", -2000),
            (true, _) => ("eol", -3500),
            (false, _) if header => ("header", -900),
            // Before the comma that ends the line: the bracket was that of an item.
            (false, _) if after == "," && comma_ends => {
                match (like_below(scan, &start, below), emptied(scan, token.line, indent)) {
                    (true, _) => ("trailing-comma-like", -700),
                    (_, true) => ("trailing-comma-blank", -2600),
                    _ if dedented && before_fault => ("trailing-comma-dedent", -1900),
                    _ if before_fault => ("trailing-comma-fault", -2400),
                    _ => ("trailing-comma", -3100),
                }
            }
            (false, _) => match after {
                "," => ("comma", -3200),
                ")" | "]" | "}" => ("closer", -3000),
                "=" | "==" | "!=" | "<" | ">" | "in" | "is" | "and" | "or" | "not" => ("operator", -3000),
                "for" | "if" | "else" => ("for", -3300),
                ":" => ("colon", -3000),
                "." | "[" | "(" => ("dot", -4200),
                _ => ("other", -3800),
            },
        };
        // A bracket that was opened at the end of a line closes on a line of its own, where there is one
        // left for it.
        let last_line = below.is_none_or(|b| scan.lines[b].column <= indent);
        if eol && token.line > start.line && hangs && last_line {
            match left_over(scan, token.line, indent) {
                Some(at) => out.insert("bracket-close", tag, prior, at, close),
                None => {
                    let text = format!("{}{}{close}", scan.newline(), scan.indent(start.line));
                    out.insert("bracket-close", tag, prior, token.end, &text);
                }
            }
        } else {
            out.insert("bracket-close", tag, prior, token.end, close);
        }
        count += 1;
        if count > 160 {
            break;
        }
    }
    let t = start;
    let doubled = scan
        .tokens
        .get(open + 1)
        .is_some_and(|n| n.start == t.end && scan.str(n) == scan.str(&t))
        || open > 0 && scan.tokens[open - 1].end == t.start && scan.at(open - 1) == scan.str(&t);
    let drop_prior = if scan.from(open + 1).is_some_and(|j| scan.tokens[j].line > t.line) {
        -5600
    } else {
        -4600
    };
    let (tag, drop_prior) = if doubled {
        ("opener-doubled", -3000)
    } else {
        ("opener", drop_prior)
    };
    out.replace("bracket-drop", tag, drop_prior, t.start..t.end, "");
    // Several closers at the end of the same line: `f(g(h(x`.
    let same: Vec<usize> = scan
        .brackets
        .iter()
        .filter(|b| b.close.is_none() && b.line == until)
        .filter_map(|b| b.open)
        .filter(|&o| scan.tokens[o].line == start.line || o == open)
        .collect();
    if same.len() > 1 {
        let closers: String = same.iter().map(|&o| closer(scan.at(o))).collect();
        let mut line = start.line;
        while line <= last && line < scan.lines.len() {
            let tokens = scan.line_tokens(line);
            if let Some(end) = tokens.last() {
                let dedented = scan.code_below(line).is_none_or(|b| scan.lines[b].column <= indent);
                let colon = scan.str(end) == ":" && tokens.len() > 1;
                let at = if colon { end.start } else { end.end };
                let prior = if dedented { -1800 } else { -4500 };
                out.insert(
                    "brackets-close",
                    if dedented { "eol-dedent" } else { "eol" },
                    prior,
                    at,
                    &closers,
                );
            }
            line += 1;
        }
    }
}

/// Whether the next code line starts like the one that the bracket starts: the next item of a list.
fn like_below(scan: &Scan, open: &Token, below: Option<usize>) -> bool {
    let first = scan.lines[open.line].token;
    scan.tokens[first].start == open.start
        && below.is_some_and(|b| {
            scan.at(scan.lines[b].token) == scan.str(open) && scan.lines[b].column == scan.lines[open.line].column
        })
}

/// The end of the line below, if nothing is left of it but the indentation of a closing bracket, or an empty
/// line more than anybody writes.
fn left_over(scan: &Scan, line: usize, indent: usize) -> Option<usize> {
    let l = scan.lines.get(line + 1).filter(|_| emptied(scan, line, indent))?;
    let empty = |n: usize| scan.lines.get(n).is_some_and(|l| l.start == l.end);
    (l.text > l.start || (line + 1..line + 4).all(empty)).then_some(l.end)
}

/// Whether the line below holds nothing but blanks that fit the column of a lost closing bracket.
fn emptied(scan: &Scan, line: usize, indent: usize) -> bool {
    scan.lines.get(line + 1).is_some_and(|l| {
        l.blank && l.text == l.end && (l.column == indent && l.text > l.start || indent == 0 && l.start == l.end)
    })
}

/// A closing bracket at token `close` that nothing opens.
fn unmatched(site: &Site, close: usize, out: &mut Out) {
    let scan = site.scan;
    let c = scan.tokens[close];
    let text = scan.str(&c);
    let alone = scan.line_tokens(c.line).len() == 1;
    let eol = scan
        .tokens
        .get(close + 1)
        .is_none_or(|n| matches!(n.kind, Kind::Newline | Kind::Comment));
    let tag = if alone {
        "alone"
    } else if eol {
        "eol"
    } else {
        "inline"
    };
    out.replace("bracket-drop", tag, -1800, c.start..c.end, "");
    // An earlier closing bracket of the same kind may be the superfluous one.
    let first = statement_start(scan, close);
    for i in first..close {
        let token = scan.tokens[i];
        if token.kind == Kind::Op && scan.str(&token) == text {
            out.replace("bracket-drop", "earlier", -3600, token.start..token.end, "");
        }
    }
    let open = opener(text);
    owner(site, close, open, out);
    let mut count = 0;
    let above = owner_line(scan, c.line, alone).filter(|&l| scan.lines[l].token < first);
    let above = above.map_or(0..0, |l| {
        scan.lines[l].token..scan.lines[l].token + scan.line_tokens(l).len()
    });
    for i in (first..=close).rev().take(120).chain(above.rev()) {
        let token = scan.tokens[i];
        if matches!(token.kind, Kind::Newline | Kind::Comment | Kind::Bad) {
            continue;
        }
        let start = matches!(token.kind, Kind::Name | Kind::Number | Kind::Str)
            || matches!(
                scan.str(&token),
                "(" | "["
                    | "{"
                    | "-"
                    | "not"
                    | "lambda"
                    | "None"
                    | "True"
                    | "False"
                    | "*"
                    | "**"
                    | ")"
                    | "]"
                    | "}"
                    | "await"
                    | "yield"
            );
        if !start {
            continue;
        }
        if token.kind == Kind::Name {
            glued(site, i, open, out);
        }
        let before = i.checked_sub(1).map_or("", |j| scan.at(j));
        let line_start = i == 0 || scan.tokens[i - 1].kind == Kind::Newline;
        let (tag, prior) = match before {
            _ if line_start && like_above(scan, token.line, open) => ("line-start-like", -1700),
            _ if line_start => ("line-start", -4200),
            "=" | "+=" | "return" | "in" | "==" | "!=" | "print" => ("after-assign", -2600),
            "(" | "[" | "{" => ("after-opener", -3000),
            "," => ("after-comma", -3200),
            "and" | "or" | "not" | "if" | "elif" | "while" | "is" => ("after-word", -2900),
            "+" | "-" | "*" | "/" | "%" | "**" | "//" | "<" | ">" => ("after-operator", -2900),
            "." | "def" | "class" | "import" | "from" => continue,
            _ if i > 0 && ends_operand(scan, &scan.tokens[i - 1]) => {
                // `foo x)` or `foox)`: between a name and its argument.
                let glued = scan.tokens[i - 1].end == token.start;
                (if glued { "call-glued" } else { "call" }, -2000)
            }
            _ => ("other", -3800),
        };
        out.insert("bracket-open", tag, prior, token.start, open);
        if tag == "call" && scan.tokens[i - 1].kind == Kind::Name {
            let gap = scan.tokens[i - 1].end..token.start;
            out.many("bracket-open", "call-tight", prior + 100, vec![edit(gap, open)]);
        }
        count += 1;
        if count > 90 {
            break;
        }
    }
}

/// The line that a statement ending on `line` would begin on, by indentation.
fn owner_line(scan: &Scan, line: usize, alone: bool) -> Option<usize> {
    let column = scan.lines[line].column;
    (line.saturating_sub(REACH)..line).rev().find(|&l| {
        let above = &scan.lines[l];
        !above.blank && !above.in_string && (above.column < column || alone && above.column == column)
    })
}

/// Whether the code line above or below starts with `open` in the same column.
fn like_above(scan: &Scan, line: usize, open: &str) -> bool {
    [scan.code_above(line), scan.code_below(line)]
        .into_iter()
        .flatten()
        .any(|l| scan.at(scan.lines[l].token) == open && scan.lines[l].column == scan.lines[line].column)
}

/// `printx)`: two words that occur elsewhere, with the bracket lost between them.
fn glued(site: &Site, i: usize, open: &str, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[i];
    let text = scan.str(&token);
    for (p, _) in text.char_indices().skip(1) {
        let (a, b) = text.split_at(p);
        let known = |w: &str| {
            scan.words.get(w).copied().unwrap_or(0) > 0
                || matches!(
                    w,
                    "print"
                        | "len"
                        | "str"
                        | "int"
                        | "range"
                        | "list"
                        | "set"
                        | "self"
                        | "cls"
                        | "None"
                        | "True"
                        | "False"
                )
        };
        let called = scan.pairs.contains(&(a, open));
        let (tag, prior) = match (known(a), known(b) || b.starts_with(|c: char| c.is_ascii_digit())) {
            _ if called && known(b) => ("glued-called", -500),
            (true, true) => ("glued-both", -1100),
            (_, true) if matches!(b, "self" | "cls") => ("glued-self", -400),
            (_, true) if b.len() > 1 => ("glued-right", -2000),
            _ if called => ("glued-left", -1900),
            (true, _) => ("glued-known", -2700),
            _ => continue,
        };
        out.insert("bracket-open", tag, prior, token.start + p, open);
    }
}

/// The line that a closing bracket on its own line belongs to lost its opening one at the end.
fn owner(site: &Site, close: usize, open: &str, out: &mut Out) {
    let scan = site.scan;
    let c = scan.tokens[close];
    let column = scan.lines[c.line].column;
    let first = scan.lines[c.line].token == close;
    let above = (c.line.saturating_sub(REACH)..c.line)
        .rev()
        .filter(|&l| !scan.lines[l].blank && !scan.lines[l].in_string);
    for (n, l) in above.enumerate() {
        let shallow = scan.lines[l].column <= column;
        if shallow || n < 2 {
            let Some(last) = scan.line_tokens(l).last() else {
                continue;
            };
            let tag = match (first && shallow, scan.str(last)) {
                (true, "=" | "return" | "in" | "+" | "and" | "or" | "(" | "[" | ",") => "owner-operator",
                (true, _) if ends_operand(scan, last) => "owner",
                (_, ":" | "=") => "eol-operator",
                _ => "eol",
            };
            let prior = match tag {
                "owner-operator" => -500,
                "owner" => -1100,
                "eol-operator" => -2600,
                _ => -4200,
            };
            out.insert("bracket-open", tag, prior, last.end, open);
        }
        if shallow {
            break;
        }
    }
}

/// First token of the statement that holds token `at`, by line structure.
pub(super) fn statement_start(scan: &Scan, at: usize) -> usize {
    let mut line = scan.tokens.get(at).map_or(0, |t| t.line);
    while line > 0 && (scan.lines[line].depth > 0 || scan.lines[line].continued || scan.lines[line].in_string) {
        line -= 1;
    }
    scan.lines[line].token
}
