//! Python 2 in a Python 3 file: every occurrence in the file at once, since nobody mixes the two.

use super::Edit;
use super::proposal::{Out, Site, edit};
use super::scan::{Kind, Scan};

pub(super) fn propose(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let mut all = Vec::new();
    let print = prints(scan);
    push(site, out, "print", print, -150, &mut all);
    push(site, out, "exec", execs(scan), -300, &mut all);
    push(site, out, "except", excepts(scan), -400, &mut all);
    push(site, out, "raise", raises(scan), -400, &mut all);
    push(site, out, "backtick", backticks(scan), -500, &mut all);
    push(site, out, "ur", prefixes(scan), -300, &mut all);
    push(site, out, "not-equal", not_equal(scan), -250, &mut all);
    push(site, out, "long", longs(scan), -300, &mut all);
    all.sort_by_key(|e: &Edit| e.range.start);
    all.dedup_by(|a, b| a.range == b.range);
    out.many("python2", "all", -450, all);
    tuple_parameters(site, out);
    except_tuple(site, out);
}

/// One proposal for all places in the file, and one for the line of the fault alone.
fn push(site: &Site, out: &mut Out, kind: &'static str, groups: Vec<Vec<Edit>>, prior: i32, all: &mut Vec<Edit>) {
    let lines: Vec<usize> = groups
        .iter()
        .filter_map(|g| g.first())
        .map(|e| site.scan.line_of(e.range.start))
        .collect();
    if !lines.iter().any(|&l| l.abs_diff(site.line) <= 2) {
        return;
    }
    for (group, line) in groups.iter().zip(&lines) {
        if groups.len() > 1 && line.abs_diff(site.line) <= 1 {
            out.many("python2-one", kind_tag(kind), prior - 1200, group.clone());
        }
    }
    let edits: Vec<Edit> = groups.into_iter().flatten().collect();
    all.extend(edits.iter().cloned());
    out.many("python2", kind_tag(kind), prior, edits);
}

fn kind_tag(kind: &'static str) -> &'static str {
    kind
}

/// Whether token `i` starts a simple statement.
fn at_statement(scan: &Scan, i: usize) -> bool {
    let Some(before) = i.checked_sub(1) else {
        return true;
    };
    match scan.tokens[before].kind {
        Kind::Newline => {
            let line = &scan.lines[scan.tokens[i].line];
            line.depth == 0 && !line.continued && !line.in_string
        }
        Kind::Op => matches!(scan.at(before), ";") || scan.at(before) == ":" && one_line_header(scan, before),
        Kind::Keyword => false,
        _ => false,
    }
}

/// Whether the colon ends a header like `if x:` rather than a slice, a key or a lambda.
fn one_line_header(scan: &Scan, colon: usize) -> bool {
    let first = scan.lines[scan.tokens[colon].line].token;
    matches!(
        scan.at(first),
        "if" | "elif" | "else" | "for" | "while" | "with" | "try" | "except" | "finally" | "def" | "class"
    ) && !scan.tokens[first..colon].iter().any(|t| scan.str(t) == "lambda")
}

/// Last token of the simple statement that starts at token `i`.
fn statement_last(scan: &Scan, i: usize) -> usize {
    let mut depth = 0usize;
    let mut last = i;
    for j in i..scan.tokens.len() {
        let t = &scan.tokens[j];
        match t.kind {
            Kind::Newline if depth == 0 => break,
            Kind::Newline => {
                let next = scan.lines.get(t.line + 1);
                if next.is_some_and(|l| l.depth == 0 && !l.blank) {
                    break;
                }
                continue;
            }
            Kind::Comment => continue,
            Kind::Op => match scan.str(t) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                ";" if depth == 0 => break,
                _ => {}
            },
            _ => {}
        }
        last = j;
    }
    last
}

fn prints(scan: &Scan) -> Vec<Vec<Edit>> {
    let mut groups = Vec::new();
    for i in 0..scan.tokens.len() {
        if scan.at(i) != "print" || !at_statement(scan, i) {
            continue;
        }
        let token = scan.tokens[i];
        let last = statement_last(scan, i);
        if last == i {
            continue;
        }
        let next = scan.tokens[i + 1];
        let text = scan.str(&next);
        if matches!(
            text,
            "=" | "." | "," | ")" | "==" | ":" | "+=" | "in" | "is" | "if" | "else" | "]"
        ) {
            continue;
        }
        // `print(...)` alone is fine; `print (a), b` and `print (a) % b` are left as they parse.
        if text == "(" {
            continue;
        }
        let end = scan.tokens[last].end;
        let gap = token.end..next.start;
        let mut group = Vec::new();
        if text == ">>" {
            let Some(comma) = (i + 2..=last).find(|&j| scan.at(j) == "," && depth_between(scan, i + 2, j) == 0) else {
                let file = scan.tokens[i + 2..=last].first().map_or(end, |t| t.start);
                group.push(edit(token.end..file, "(file="));
                group.push(edit(end..end, ")"));
                groups.push(group);
                continue;
            };
            let file = scan.text[scan.tokens[i + 2].start..scan.tokens[comma - 1].end].to_string();
            if comma < last {
                let body = scan.tokens[comma + 1].start;
                group.push(edit(token.end..body, "("));
                let trailing = scan.at(last) == ",";
                let stop = if trailing { scan.tokens[last - 1].end } else { end };
                let tail = if trailing {
                    format!(", end=' ', file={file})")
                } else {
                    format!(", file={file})")
                };
                group.push(edit(stop..end, &tail));
                groups.push(group);
            }
            continue;
        }
        group.push(edit(gap, "("));
        if scan.at(last) == "," {
            let t = scan.tokens[last];
            group.push(edit(t.start..t.end, ", end=' ')"));
        } else {
            group.push(edit(end..end, ")"));
        }
        groups.push(group);
    }
    groups
}

fn depth_between(scan: &Scan, from: usize, to: usize) -> usize {
    scan.tokens[from..to].iter().fold(0usize, |d, t| match scan.str(t) {
        "(" | "[" | "{" => d + 1,
        ")" | "]" | "}" => d.saturating_sub(1),
        _ => d,
    })
}

fn execs(scan: &Scan) -> Vec<Vec<Edit>> {
    let mut groups = Vec::new();
    for i in 0..scan.tokens.len() {
        if scan.at(i) != "exec" || !at_statement(scan, i) {
            continue;
        }
        let last = statement_last(scan, i);
        if last == i || matches!(scan.at(i + 1), "(" | "=" | "." | ",") {
            continue;
        }
        let mut group = vec![edit(scan.tokens[i].end..scan.tokens[i + 1].start, "(")];
        if let Some(j) = (i + 2..last).find(|&j| scan.at(j) == "in" && depth_between(scan, i + 1, j) == 0) {
            group.push(edit(scan.tokens[j - 1].end..scan.tokens[j + 1].start, ", "));
        }
        let end = scan.tokens[last].end;
        group.push(edit(end..end, ")"));
        groups.push(group);
    }
    groups
}

/// `except X, e:` with a plain name after the comma becomes `except X as e:`.
fn excepts(scan: &Scan) -> Vec<Vec<Edit>> {
    let mut groups = Vec::new();
    for i in 0..scan.tokens.len() {
        if scan.at(i) != "except" || scan.tokens[i].kind != Kind::Keyword {
            continue;
        }
        let line = scan.tokens[i].line;
        let stop = scan.lines[line].token + scan.line_tokens(line).len();
        let Some(colon) = (i + 1..stop).find(|&j| scan.at(j) == ":" && depth_between(scan, i + 1, j) == 0) else {
            continue;
        };
        let Some(comma) = (i + 1..colon).find(|&j| scan.at(j) == "," && depth_between(scan, i + 1, j) == 0) else {
            continue;
        };
        if comma + 2 != colon || scan.tokens[comma + 1].kind != Kind::Name || comma == i + 1 {
            continue;
        }
        // A second exception is spelt like a class; it wants parentheses, not a name.
        if !binds(scan, comma + 1, colon) {
            continue;
        }
        groups.push(vec![edit(
            scan.tokens[comma].start..scan.tokens[comma + 1].start,
            " as ",
        )]);
    }
    groups
}

/// Whether the name at `i` reads like a variable: lower case, or used in the block below and not a class.
fn binds(scan: &Scan, i: usize, _colon: usize) -> bool {
    let name = scan.at(i);
    let class_like = name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase) && name.len() > 2;
    !class_like
}

/// `except A, B:` becomes `except (A, B):`.
fn except_tuple(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let base = scan.lines.get(site.line).map_or(0, |l| l.token);
    let stop = base + scan.line_tokens(site.line).len();
    let Some(i) = (base..stop).find(|&j| scan.at(j) == "except") else {
        return;
    };
    let Some(colon) = (i + 1..stop).rev().find(|&j| scan.at(j) == ":") else {
        return;
    };
    if colon <= i + 1 || !(i + 1..colon).any(|j| scan.at(j) == ",") {
        return;
    }
    let end = (i + 1..colon).find(|&j| scan.at(j) == "as").unwrap_or(colon) - 1;
    if end <= i {
        return;
    }
    let classes = (i + 1..=end)
        .filter(|&j| scan.tokens[j].kind == Kind::Name)
        .all(|j| !binds(scan, j, colon) || scan.at(j + 1) == ".");
    out.many(
        "except-tuple",
        if classes { "classes" } else { "" },
        if classes { -350 } else { -1900 },
        vec![
            edit(scan.tokens[i + 1].start..scan.tokens[i + 1].start, "("),
            edit(scan.tokens[end].end..scan.tokens[end].end, ")"),
        ],
    );
}

/// `raise E, "m"` becomes `raise E("m")`; a traceback becomes `.with_traceback`.
fn raises(scan: &Scan) -> Vec<Vec<Edit>> {
    let mut groups = Vec::new();
    for i in 0..scan.tokens.len() {
        if scan.at(i) != "raise" || !at_statement(scan, i) {
            continue;
        }
        let last = statement_last(scan, i);
        let commas: Vec<usize> = (i + 1..=last)
            .filter(|&j| scan.at(j) == "," && depth_between(scan, i + 1, j) == 0)
            .collect();
        let Some(&first) = commas.first() else {
            continue;
        };
        if first == i + 1 || first == last {
            continue;
        }
        let gap = scan.tokens[first - 1].end..scan.tokens[first + 1].start;
        let end = scan.tokens[last].end;
        let group = match commas.get(1) {
            None => vec![edit(gap, "("), edit(end..end, ")")],
            Some(&second) if second < last && scan.at(first + 1) == "None" => {
                let traceback = scan.tokens[second + 1].start;
                vec![edit(gap.start..traceback, "().with_traceback("), edit(end..end, ")")]
            }
            Some(&second) if second < last => vec![
                edit(gap, "("),
                edit(
                    scan.tokens[second - 1].end..scan.tokens[second + 1].start,
                    ").with_traceback(",
                ),
                edit(end..end, ")"),
            ],
            _ => continue,
        };
        groups.push(group);
    }
    groups
}

fn backticks(scan: &Scan) -> Vec<Vec<Edit>> {
    let mut groups = Vec::new();
    let mut open: Option<usize> = None;
    for (i, token) in scan.tokens.iter().enumerate() {
        if token.kind == Kind::Newline {
            open = None;
        }
        if scan.str(token) == "`" {
            match open.take() {
                Some(o) if i > o + 1 => {
                    let start = &scan.tokens[o];
                    groups.push(vec![
                        edit(start.start..start.end, "repr("),
                        edit(token.start..token.end, ")"),
                    ]);
                }
                _ => open = Some(i),
            }
        }
    }
    groups
}

/// `ur"..."` becomes `r"..."`: Python 3 strings are Unicode anyway.
fn prefixes(scan: &Scan) -> Vec<Vec<Edit>> {
    scan.tokens
        .iter()
        .filter(|t| t.kind == Kind::Str)
        .filter(|t| {
            scan.text[t.start..]
                .get(..2)
                .is_some_and(|p| p.eq_ignore_ascii_case("ur"))
        })
        .map(|t| vec![edit(t.start..t.start + 1, "")])
        .collect()
}

fn not_equal(scan: &Scan) -> Vec<Vec<Edit>> {
    (1..scan.tokens.len())
        .filter(|&i| scan.at(i - 1) == "<" && scan.at(i) == ">" && scan.tokens[i - 1].end == scan.tokens[i].start)
        .map(|i| vec![edit(scan.tokens[i - 1].start..scan.tokens[i].end, "!=")])
        .collect()
}

fn longs(scan: &Scan) -> Vec<Vec<Edit>> {
    scan.tokens
        .iter()
        .filter(|t| t.kind == Kind::Number)
        .filter(|t| {
            let text = scan.str(t);
            let body = text.strip_suffix(['L', 'l']);
            body.is_some_and(|b| {
                !b.is_empty() && (b.bytes().all(|c| c.is_ascii_digit()) || b.starts_with("0x") || b.starts_with("0X"))
            })
        })
        .map(|t| vec![edit(t.end - 1..t.end, "")])
        .collect()
}

/// `lambda (a, b): ...` loses its parentheses; a `def` with one needs a person.
fn tuple_parameters(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let base = scan.lines.get(site.line).map_or(0, |l| l.token);
    for i in base..base + scan.line_tokens(site.line).len() {
        if scan.at(i) == "lambda" && scan.at(i + 1) == "(" {
            let Some(&close) = scan.partner.get(&(i + 1)) else {
                continue;
            };
            let (o, c) = (scan.tokens[i + 1], scan.tokens[close]);
            out.many(
                "lambda-tuple",
                "",
                -1900,
                vec![edit(o.start..o.end, ""), edit(c.start..c.end, "")],
            );
        }
    }
}
