//! Triple quotes: close a string that swallowed code, open one whose text lies bare.

use super::proposal::{Out, Site, edit};
use super::scan::Scan;
use super::strings::quote;

/// Lines inside a string that are looked at for its end, and lines above an end for its start.
const REACH: usize = 150;

pub(super) fn propose(site: &Site, out: &mut Out) {
    let scan = site.scan;
    if !scan.tokens.iter().any(|t| t.triple && t.unclosed) {
        return;
    }
    // One quote too few or too many inverts everything below: the suspects are the strings that begin
    // or end next to the fault.
    let mut suspects: Vec<usize> = (0..scan.tokens.len()).filter(|&i| scan.tokens[i].triple).collect();
    suspects.sort_by_key(|&i| {
        let t = &scan.tokens[i];
        let end = scan.line_of(t.end.saturating_sub(1));
        (t.line.abs_diff(site.line).min(end.abs_diff(site.line)), i)
    });
    for &i in suspects.iter().take(4) {
        close(site, i, out);
        open(site, i, out);
    }
}

/// What a line inside the string says about the string ending there.
struct Ending {
    tag: &'static str,
    prior: i32,
}

fn stripped<'a>(scan: &Scan<'a>, line: usize) -> &'a str {
    scan.lines.get(line).map_or("", |l| scan.text[l.start..l.end].trim())
}

fn close(site: &Site, index: usize, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[index];
    let (at, mark) = quote(scan.text, &token);
    let marks = mark.to_string().repeat(3);
    let last = scan.line_of(token.end.saturating_sub(1)).min(token.line + REACH);
    let column = scan.lines[token.line].column;
    let mut seen_code = 0;
    for number in token.line..=last {
        let l = scan.lines[number];
        let first = number == token.line;
        let from = if first { (at + 3).min(l.end) } else { l.start };
        let here = scan.text[from..l.end].trim();
        let end = from + scan.text[from..l.end].trim_end().len();
        if end > token.end {
            break;
        }
        if here.ends_with(&marks) && !first {
            break;
        }
        let mut completed = false;
        for short in [2usize, 1] {
            let part = mark.to_string().repeat(short);
            if here.ends_with(&part) && !here.ends_with(&marks) && (here.len() > short || !first) {
                let tag = if here.len() == short { "short-alone" } else { "short" };
                let prior = if short == 2 { -300 } else { -1500 };
                out.insert("triple-close", tag, prior, end, &marks[short..]);
                completed = short == 2;
                break;
            }
        }
        if completed {
            continue;
        }
        let ending = ending(scan, number, first, here, column);
        let near = number.abs_diff(site.line) <= 2 || number <= token.line + 3;
        if ending.prior <= -4500 && !near {
            continue;
        }
        if matches!(ending.tag, "code" | "code-gap" | "blank-indent-code") {
            seen_code += 1;
        }
        let prior = ending.prior - 150 * seen_code;
        let place = if here.is_empty() && !first {
            l.end
        } else {
            end.max(from)
        };
        out.insert("triple-close", ending.tag, prior, place, &marks);
        // Before brackets that belong to the code around it.
        let tail = here.len() - here.trim_end_matches([')', ']', ',', ':', ' ']).len();
        if tail > 0 && end >= tail + at + 3 {
            out.insert("triple-close", "suffix", prior - 400, end - tail, &marks);
        }
        if seen_code > 8 {
            break;
        }
    }
    out.replace("triple-drop", "", -3600, at..at + 3, "");
    let line = scan.lines[token.line];
    let rest = &scan.text[(at + 3).min(line.end)..line.end];
    if rest.contains(mark) && !rest.contains(&marks) {
        // `"""text"` on one line: an ordinary string was meant.
        out.many("triple-short", "single", -1900, vec![edit(at..at + 2, "")]);
    }
}

fn ending(scan: &Scan, number: usize, first: bool, here: &str, column: usize) -> Ending {
    let next = stripped(scan, number + 1);
    let mut below = number + 1;
    while below < scan.lines.len() && stripped(scan, below).is_empty() {
        below += 1;
    }
    let after = stripped(scan, below);
    let code = code_like(after);
    let l = &scan.lines[number];
    let (tag, prior) = if here.is_empty() && !first {
        // Where the quotes stood, their indentation is left.
        let indented = l.column == column && (l.text > l.start || column == 0);
        match (indented, code) {
            (true, true) => ("blank-indent-code", if column > 0 { -700 } else { -2000 }),
            (true, false) => ("blank-indent", -2600),
            (false, true) => ("blank-code", -3000),
            (false, false) => ("blank", -4600),
        }
    } else {
        match (first, next.is_empty(), code) {
            (true, false, true) => ("line-code", -900),
            (true, true, true) => ("line-code-gap", -1300),
            (true, _, false) => ("line", -3500),
            (false, false, true) => ("code", -1400),
            (false, true, true) => ("code-gap", -1900),
            (false, ..) => ("text", -4800),
        }
    };
    Ending { tag, prior }
}

/// The triple quote really is an end: opens its string on a line above.
fn open(site: &Site, index: usize, out: &mut Out) {
    let scan = site.scan;
    let token = scan.tokens[index];
    let (at, mark) = quote(scan.text, &token);
    let marks = mark.to_string().repeat(3);
    if token.line > site.line + REACH || token.line + 2 < site.line {
        return;
    }
    let alone = scan.text[scan.lines[token.line].start..at].trim().is_empty();
    // From the header of the block that holds the fault down to the fault.
    let header = (site.line.saturating_sub(60)..site.line)
        .rev()
        .find(|&l| !scan.lines[l].in_string && scan.line_tokens(l).last().is_some_and(|t| scan.str(t) == ":"));
    let start = header
        .map_or(site.line.saturating_sub(12), |h| h + 1)
        .max(site.line.saturating_sub(30));
    for number in start..=token.line.min(site.line + 2) {
        let l = scan.lines[number];
        if l.in_string || number == token.line && alone {
            continue;
        }
        let here = stripped(scan, number);
        let under_header = header.is_some_and(|h| (h + 1..number).all(|n| scan.lines[n].blank));
        if here.is_empty() {
            // The line where the quotes stood alone.
            if number + 1 < scan.lines.len() && !stripped(scan, number + 1).is_empty() {
                let kept = l.text > l.start && l.column == scan.lines[number + 1].column;
                let tag = if kept { "blank-indent" } else { "blank" };
                let prior = if kept { -500 } else { -3000 } - if under_header { 0 } else { 500 };
                out.insert("triple-open", tag, prior, l.text, &marks);
            }
            continue;
        }
        let tag = match (under_header, code_like(here), number == site.line) {
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
        prefixed(scan, number, mark, prior, out);
        let line_text = scan.text[l.start..l.end].trim_end();
        if line_text.ends_with(['=', '(', ',', '[']) {
            out.insert("triple-open", "after", -1500, l.start + line_text.len(), &marks);
        }
        if let Some(p) = here.find(['=', '(']) {
            let rest = &here[p + 1..];
            let skip = rest.len() - rest.trim_start().len();
            out.insert("triple-open", "after-assign", -2600, l.text + p + 1 + skip, &marks);
        }
    }
}

/// Quotes of which one or two are there, and a string prefix that stands alone.
fn prefixed(scan: &Scan, number: usize, mark: char, prior: i32, out: &mut Out) {
    let l = scan.lines[number];
    let here = stripped(scan, number);
    let marks = mark.to_string().repeat(3);
    let letters = here.find(|c: char| !"rRbBuUfF".contains(c)).unwrap_or(here.len());
    let rest = &here[letters..];
    if letters <= 2 {
        for short in [2usize, 1] {
            if rest.starts_with(&mark.to_string().repeat(short)) && !rest.starts_with(&marks) {
                out.insert("triple-open", "short", -600, l.text + letters, &marks[short..]);
                break;
            }
        }
        if letters == 1 && (rest.is_empty() || rest.starts_with(' ')) {
            out.insert("triple-open", "prefix", prior + 300, l.text + letters, &marks);
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
        "def" | "class" | "import" | "return" | "raise" | "try" | "elif" | "while" | "async" | "assert" | "yield" => {
            line.contains(['(', ':', '.', '=']) || matches!(word, "return" | "import" | "raise")
        }
        "if" | "for" | "with" | "else" | "except" | "finally" => line.ends_with(':'),
        "from" => line.contains(" import "),
        "pass" | "continue" | "break" => line == word,
        _ => {
            line.starts_with('@')
                || line.starts_with("self.")
                || line.starts_with('#')
                || (line.contains(" = ") && !line.ends_with('.') && !line.starts_with(':'))
                || (!word.is_empty() && line[word.len()..].starts_with(['(', '.']) && line.ends_with([')', '(', ',']))
                || line.starts_with("\"\"\"")
        }
    }
}
