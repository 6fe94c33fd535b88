//! Ends of statements: the colon of a header, two statements on one line.

use super::proposal::{Out, Site};
use super::scan::{Kind, Token};
use super::window::operand_end;

/// A missing `:` at the end of a header: before a comment, after the condition, or replacing `;`.
pub(super) fn colon(site: &Site, out: &mut Out) {
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

/// Two statements on one line: the second starts at `next`.
pub(super) fn split_line(site: &Site, token: &Token, next: &Token, far: i32, out: &mut Out) {
    let scan = site.scan;
    if next.line != token.line
        || !operand_end(scan, token)
            && !matches!(scan.str(token), "pass" | "break" | "continue" | "return")
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
        out.replace(
            "split-line",
            "deeper",
            prior - far - 1000,
            token.end..next.start,
            &text,
        );
    }
    out.replace(
        "split-line",
        "semicolon",
        prior - far - 1500,
        token.end..next.start,
        "; ",
    );
}
