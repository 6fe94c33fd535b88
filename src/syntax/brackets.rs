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
    let mut count = 0;
    for i in open..scan.tokens.len() {
        let token = scan.tokens[i];
        if token.line > last || wrong.is_some_and(|w| i >= w) {
            break;
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
        let (tag, prior) = match (eol, text) {
            (_, "," | ":" | "*") => ("after-comma", -5200),
            (_, "(" | "[" | "{") if i != open => ("after-opener", -6000),
            (_, "(" | "[" | "{") => ("empty", -3600),
            (true, _) if dedented && before_fault => ("eol-dedent-fault", -700),
            (true, _) if dedented => ("eol-dedent", -1500),
            (true, _) if before_fault => ("eol-fault", -2000),
            (true, _) => ("eol", -3500),
            (false, _) if header => ("header", -900),
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
        out.insert("bracket-close", tag, prior, token.end, close);
        count += 1;
        if text == "," {
            // Or instead of a trailing comma.
            if eol {
                out.insert("bracket-close", "before-trailing-comma", -4200, token.start, close);
            }
        }
        if count > 160 {
            break;
        }
    }
    let t = start;
    let drop_prior = if scan.from(open + 1).is_some_and(|j| scan.tokens[j].line > t.line) {
        -5000
    } else {
        -3600
    };
    out.replace("bracket-drop", "opener", drop_prior, t.start..t.end, "");
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
    let mut count = 0;
    for i in (first..=close).rev() {
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
        let before = i.checked_sub(1).map_or("", |j| scan.at(j));
        let line_start = i == 0 || scan.tokens[i - 1].kind == Kind::Newline;
        let (tag, prior) = match before {
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
        if count > 60 {
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
