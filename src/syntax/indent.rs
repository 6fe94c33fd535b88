//! Indentation: lines at the wrong depth, blocks without a body, tabs among blanks.

use super::Edit;
use super::proposal::{Out, Site, edit};
use super::scan::{Kind, Scan};

pub(super) fn propose(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let line = code_line(site);
    empty_block(site, line, out);
    let above = scan.code_above(line);
    reindent(site, line, "at", 0, out);
    if let Some(above) = above {
        reindent(site, above, "above", 900, out);
        if let Some(second) = scan.code_above(above) {
            reindent(site, second, "above2", 1800, out);
        }
    }
    if let Some(below) = scan.code_below(line) {
        reindent(site, below, "below", 1500, out);
    }
    tabs(site, line, out);
    lone_try(site, line, out);
    outside_function(site, line, out);
}

/// The line of the fault, or the next one that holds code.
fn code_line(site: &Site) -> usize {
    let scan = site.scan;
    match scan.lines.get(site.line) {
        Some(l) if l.blank => scan.code_below(site.line).unwrap_or(site.line),
        _ => site.line,
    }
}

/// Whether the logical line that ends on this physical line opens a block.
fn opens_block(scan: &Scan, line: usize) -> bool {
    let tokens = scan.line_tokens(line);
    tokens.last().is_some_and(|t| t.kind == Kind::Op && scan.str(t) == ":")
}

/// First physical line of the statement that `line` belongs to.
fn head(scan: &Scan, mut line: usize) -> usize {
    while line > 0 && (scan.lines[line].depth > 0 || scan.lines[line].continued || scan.lines[line].in_string) {
        line -= 1;
    }
    line
}

/// The indentations of the blocks that are open above `line`, innermost first, and one deeper.
fn rungs(scan: &Scan, line: usize) -> Vec<(String, &'static str)> {
    let mut found: Vec<(String, &'static str)> = Vec::new();
    let mut limit = usize::MAX;
    let mut at = line;
    let mut first = true;
    while let Some(above) = scan.code_above(at) {
        at = head(scan, above);
        let column = scan.lines[at].column;
        if column < limit {
            let indent = scan.indent(at).to_string();
            if first {
                let deeper = format!("{indent}{}", scan.unit);
                let tag = if opens_block(scan, above) {
                    "deeper-header"
                } else {
                    "deeper"
                };
                found.push((deeper, tag));
            }
            let tag = match (first, opens_block(scan, above)) {
                (true, true) => "same-header",
                (true, false) => "same",
                (false, _) if column == 0 => "zero",
                (false, _) => "outer",
            };
            found.push((indent, tag));
            limit = column;
            first = false;
        }
        if column == 0 || found.len() > 7 {
            break;
        }
    }
    if let Some(below) = scan.code_below(line) {
        let indent = scan.indent(below);
        if !found.iter().any(|(i, _)| i == indent) {
            found.push((indent.to_string(), "as-below"));
        }
    }
    if !found.iter().any(|(i, _)| i.is_empty()) {
        found.push((String::new(), "zero"));
    }
    found
}

fn reindent(site: &Site, line: usize, place: &'static str, malus: i32, out: &mut Out) {
    let scan = site.scan;
    if scan.lines.get(line).is_none_or(|l| l.blank || l.in_string) {
        return;
    }
    let line = head(scan, line);
    let now = scan.lines[line].column;
    let ends = runs(scan, line);
    for (indent, rung) in rungs(scan, line) {
        if indent == scan.indent(line) {
            continue;
        }
        let column = width(&indent);
        let mut near = if column.abs_diff(now) <= 2 { 0 } else { 300 };
        // A line on the grid of the file does not leave it.
        let unit = scan.unit.len().max(1);
        if scan.unit != "\t" && now.is_multiple_of(unit) && !column.is_multiple_of(unit) {
            near += 1500;
        }
        // What follows a `return` in its own block would never run.
        if matches!(rung, "same" | "as-below") && dead(scan, line, column) {
            near += 2500;
        }
        for &(end, run) in &ends {
            let prior = -malus
                - near
                - match (rung, run) {
                    ("deeper-header" | "same", "one") => 1300,
                    ("deeper-header" | "same", "block") => 1200,
                    ("deeper-header" | "same", "paragraph") => 1900,
                    ("deeper-header" | "same", "rest") => 1500,
                    (_, "one") => 2400,
                    (_, "block") => 2300,
                    (_, _) => 2900,
                };
            let edits = shift(scan, line, end, &indent);
            if run == "one"
                && let Some(inside) = docstring(scan, line, &indent)
            {
                // People move the text along; nobody but them may change what a string holds.
                let all = edits.iter().cloned().chain(inside).collect();
                out.many(
                    "docstring",
                    if column > now { "right" } else { "left" },
                    prior + 1500,
                    all,
                );
            }
            let kind = if column > now { "indent" } else { "dedent" };
            let tag = tag(place, rung, run);
            out.many(kind, tag, prior, edits);
        }
    }
}

/// Whether the statement above `line`, at `column`, leaves its block.
fn dead(scan: &Scan, line: usize, column: usize) -> bool {
    scan.code_above(line).map(|a| head(scan, a)).is_some_and(|above| {
        let l = &scan.lines[above];
        l.column == column && matches!(scan.at(l.token), "return" | "raise" | "continue" | "break")
    })
}

/// Interned names for place × rung × extent: the ranking tells them apart.
fn tag(place: &'static str, rung: &'static str, run: &'static str) -> &'static str {
    const PLACES: [&str; 5] = ["at", "above", "above2", "below", ""];
    const RUNGS: [&str; 7] = [
        "deeper-header",
        "deeper",
        "same-header",
        "same",
        "zero",
        "outer",
        "as-below",
    ];
    const RUNS: [&str; 5] = ["one", "block", "paragraph", "rest", "deeper"];
    static TAGS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    let tags = TAGS.get_or_init(|| {
        let mut all = Vec::new();
        for p in PLACES {
            for g in RUNGS {
                for r in RUNS {
                    all.push(format!("{p}/{g}/{r}"));
                }
            }
        }
        all
    });
    let index = |list: &[&str], x: &str| list.iter().position(|y| *y == x).unwrap_or(0);
    let at = (index(&PLACES, place) * RUNGS.len() + index(&RUNGS, rung)) * RUNS.len() + index(&RUNS, run);
    tags.get(at).map_or("", String::as_str)
}

fn width(indent: &str) -> usize {
    indent
        .bytes()
        .fold(0, |w, b| if b == b'\t' { (w / 8 + 1) * 8 } else { w + 1 })
}

/// Extents that may have been shifted together: ends (inclusive) of the line itself, of the lines at
/// least as deep, of those until a blank line, and of everything until a shallower line.
fn runs(scan: &Scan, line: usize) -> Vec<(usize, &'static str)> {
    let base = scan.lines[line].column;
    let one = statement_end(scan, line);
    let mut ends = vec![(one, "one")];
    // The statement with the lines deeper than it (its own block).
    let mut own = one;
    let mut same = one;
    let mut paragraph = one;
    let mut in_own = true;
    let mut in_paragraph = true;
    let mut at = one;
    let mut crossed = false;
    while let Some(next) = scan.code_below(at) {
        if next > at + 1 {
            crossed = true;
        }
        let column = scan.lines[next].column;
        if column < base {
            break;
        }
        let end = statement_end(scan, next);
        if column == base {
            in_own = false;
            let word = scan.at(scan.lines[next].token);
            if crossed || matches!(word, "def" | "class" | "@") {
                in_paragraph = false;
            }
        }
        if in_own {
            own = end;
        }
        if in_paragraph {
            paragraph = end;
        }
        same = end;
        at = end;
        if same - line > 400 {
            break;
        }
    }
    for (end, name) in [(own, "block"), (paragraph, "paragraph"), (same, "rest")] {
        if ends.iter().all(|(e, _)| *e != end) {
            ends.push((end, name));
        }
    }
    ends
}

/// Last physical line of the statement that starts on `line`.
pub(super) fn statement_end(scan: &Scan, line: usize) -> usize {
    let mut end = line;
    while let Some(next) = scan.lines.get(end + 1) {
        if next.in_string || next.continued || (next.depth > 0 && !next.blank) {
            end += 1;
        } else if next.depth > 0 {
            // Blank or comment inside brackets.
            end += 1;
        } else {
            break;
        }
    }
    end
}

/// Moves the lines from `first` to `last` so that `first` starts with `indent`; lines inside strings stay.
fn shift(scan: &Scan, first: usize, last: usize, indent: &str) -> Vec<Edit> {
    let old = scan.indent(first);
    let mut edits = Vec::new();
    for (number, line) in scan.lines.iter().enumerate().take(last + 1).skip(first) {
        if line.in_string || (line.text == line.end && number != first) {
            continue;
        }
        let current = &scan.text[line.start..line.text];
        let inside = line.depth > 0 || line.continued;
        match current.strip_prefix(old) {
            Some(_) => {
                let shared = common(old, indent);
                let cut = line.start + shared..line.start + old.len();
                edits.push(edit(cut, &indent[shared..]));
            }
            None if number == first => edits.push(edit(line.start..line.text, indent)),
            // Continuation lines to the left of their statement stay where they are.
            None if inside => {}
            None => {
                let column = (width(indent) + line.column).saturating_sub(width(old));
                edits.push(edit(line.start..line.text, &" ".repeat(column)));
            }
        }
    }
    edits
}

/// Edits that move the lines inside the string that makes up the statement on `line`, if it stands in one block
/// with its quotes: the shallowest line is in their column.
fn docstring(scan: &Scan, line: usize, indent: &str) -> Option<Vec<Edit>> {
    let token = scan
        .line_tokens(line)
        .first()
        .filter(|t| t.kind == Kind::Str && t.triple && !t.unclosed)?;
    let last = scan.line_of(token.end.saturating_sub(1));
    let old = scan.indent(line);
    let shared = common(old, indent);
    let mut edits = Vec::new();
    let inside = scan.lines.get(line + 1..=last)?.iter();
    let shallowest = inside.filter(|l| l.text < l.end).map(|l| l.column).min()?;
    (shallowest == scan.lines[line].column).then_some(())?;
    for l in scan.lines.get(line + 1..=last)?.iter().filter(|l| l.text < l.end) {
        scan.text[l.start..l.text].strip_prefix(old)?;
        edits.push(edit(l.start + shared..l.start + old.len(), &indent[shared..]));
    }
    (!edits.is_empty()).then_some(edits)
}

fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count()
}

/// A header whose block is missing gets `pass`.
fn empty_block(site: &Site, line: usize, out: &mut Out) {
    let scan = site.scan;
    let mut at = line;
    for step in 0..2 {
        let above = if step == 0
            && opens_block(scan, line)
            && scan
                .code_below(line)
                .is_none_or(|b| scan.lines[b].column <= scan.lines[head(scan, line)].column)
        {
            Some(line)
        } else {
            scan.code_above(at)
        };
        let Some(above) = above else { return };
        at = above;
        if !opens_block(scan, above) {
            continue;
        }
        let header = head(scan, above);
        let below = scan.code_below(above);
        if below.is_some_and(|b| scan.lines[b].column > scan.lines[header].column) {
            continue;
        }
        let body = format!("{}{}{}pass", scan.newline(), scan.indent(header), scan.unit);
        // After the comments that stand for the body.
        let mut end = above;
        for l in above + 1..below.unwrap_or(scan.lines.len()) {
            let deeper = scan.lines[l].column > scan.lines[header].column;
            if scan.lines[l].blank && scan.lines[l].text < scan.lines[l].end && deeper {
                end = l;
            }
        }
        let emptied = below.is_none_or(|b| b > above + 1);
        let tag = match (below, emptied) {
            (None, _) => "eof",
            (Some(b), _) if scan.lines[b].column < scan.lines[header].column => "shallower",
            (Some(_), true) if end > above => "comment",
            (Some(_), true) => "blank",
            (Some(_), false) => "next",
        };
        let prior = match tag {
            "eof" | "shallower" => -700,
            "comment" | "blank" => -1500,
            _ => -2400,
        };
        out.insert("pass", tag, prior, scan.lines[end].end, &body);
        instead_of_pass(scan, header, above, below, out);
    }
}

/// What an emptied block may have held: code that is commented out, or nothing, as the header below says the
/// same again. Only ever advice.
fn instead_of_pass(scan: &Scan, header: usize, above: usize, below: Option<usize>, out: &mut Out) {
    let stop = below.unwrap_or(scan.lines.len());
    let comments: Vec<Edit> = (above + 1..stop)
        .map(|l| &scan.lines[l])
        .filter(|l| l.column > scan.lines[header].column && scan.text[l.text..l.end].starts_with('#'))
        .filter(|l| scan.text[l.text..l.end].contains(['(', '=']))
        .map(|l| {
            let blank = scan.text[l.text + 1..l.end].starts_with(' ');
            edit(l.text..l.text + 1 + usize::from(blank), "")
        })
        .collect();
    out.many("uncomment", "", -300, comments);
    let text = |l: usize| scan.text[scan.lines[l].start..scan.lines[l].end].trim();
    let range = scan.lines[header].start..scan.lines[above].next;
    if below.is_some_and(|b| header == above && text(b) == text(header)) {
        out.replace("drop-header", "twice", 500, range, "");
    }
}

/// A `try` without its handler gets an empty one, for people to fill.
fn lone_try(site: &Site, line: usize, out: &mut Out) {
    let scan = site.scan;
    for above in (line.saturating_sub(80)..=line).rev() {
        let l = &scan.lines[above];
        if l.blank || l.in_string || scan.at(l.token) != "try" {
            continue;
        }
        let column = l.column;
        let end = (above + 1..scan.lines.len())
            .find(|&n| {
                let m = &scan.lines[n];
                !m.blank && !m.in_string && m.depth == 0 && !m.continued && m.column <= column
            })
            .unwrap_or(scan.lines.len());
        let handled = scan
            .lines
            .get(end)
            .is_some_and(|m| m.column == column && matches!(scan.at(m.token), "except" | "finally"));
        if handled || end <= above + 1 {
            continue;
        }
        let last = (above..end).rev().find(|&n| !scan.lines[n].blank).unwrap_or(above);
        let indent = scan.indent(above);
        let body = format!("{0}{indent}finally:{0}{indent}{1}pass", scan.newline(), scan.unit);
        out.insert("try-end", "", -3500, scan.lines[last].end, &body);
        return;
    }
}

/// Tabs among blanks: expanded to eight or four columns, on the line, in its run or in the whole file.
fn tabs(site: &Site, line: usize, out: &mut Out) {
    let scan = site.scan;
    let tabbed = |l: usize| scan.indent(l).contains('\t');
    let spaced = |l: usize| scan.indent(l).contains(' ');
    let any_tab = (0..scan.lines.len()).any(tabbed);
    let any_space = (0..scan.lines.len()).any(spaced);
    if !any_tab || !any_space {
        return;
    }
    let convert = |numbers: &mut dyn Iterator<Item = usize>, size: usize| -> Vec<Edit> {
        numbers
            .filter(|&l| tabbed(l) && !scan.lines[l].in_string && scan.lines[l].text < scan.lines[l].end)
            .map(|l| {
                let columns = scan
                    .indent(l)
                    .bytes()
                    .fold(0, |w, b| if b == b'\t' { (w / size + 1) * size } else { w + 1 });
                edit(scan.lines[l].start..scan.lines[l].text, &" ".repeat(columns))
            })
            .collect()
    };
    let start = (0..=line)
        .rev()
        .find(|&l| !tabbed(l) && !scan.lines[l].blank)
        .map_or(0, |l| l + 1);
    let end = (line..scan.lines.len())
        .find(|&l| !tabbed(l) && !scan.lines[l].blank)
        .unwrap_or(scan.lines.len());
    for (size, tag_line, tag_run, tag_file, malus) in [
        (8, "line8", "run8", "file8", 0),
        (4, "line4", "run4", "file4", 300),
        (2, "line2", "run2", "file2", 1500),
    ] {
        out.many("untab", tag_line, -1300 - malus, convert(&mut (line..line + 1), size));
        out.many("untab", tag_run, -1400 - malus, convert(&mut (start..end), size));
        out.many(
            "untab",
            tag_file,
            -1600 - malus,
            convert(&mut (0..scan.lines.len()), size),
        );
    }
    // The other way round: a blank-indented line in a file of tabs.
    if scan.unit == "\t" {
        for size in [8usize, 4] {
            let retab = |numbers: &mut dyn Iterator<Item = usize>| -> Vec<Edit> {
                numbers
                    .filter(|&l| {
                        spaced(l) && !scan.lines[l].in_string && scan.lines[l].depth == 0 && !scan.lines[l].blank
                    })
                    .map(|l| {
                        let columns = scan
                            .indent(l)
                            .bytes()
                            .fold(0, |w, b| if b == b'\t' { (w / size + 1) * size } else { w + 1 });
                        edit(scan.lines[l].start..scan.lines[l].text, &"\t".repeat(columns / size))
                    })
                    .collect()
            };
            let malus = if size == 8 { 0 } else { -300 };
            out.many(
                "retab",
                if size == 8 { "line8" } else { "line4" },
                -1500 - malus,
                retab(&mut (line..line + 1)),
            );
            out.many(
                "retab",
                if size == 8 { "file8" } else { "file4" },
                -1700 - malus,
                retab(&mut (0..scan.lines.len())),
            );
        }
    }
}

/// `return`, `yield` and `await` that fell out of their function; `await` in a plain `def`.
fn outside_function(site: &Site, line: usize, out: &mut Out) {
    let scan = site.scan;
    if !site.fault.class.starts_with("s:") {
        return;
    }
    // The function above whose body the line should continue.
    let column = scan.lines[head(scan, line)].column;
    let mut depth = usize::MAX;
    for above in (0..line).rev() {
        let l = &scan.lines[above];
        if l.blank || l.in_string || l.depth > 0 || l.continued || l.column >= depth {
            continue;
        }
        depth = l.column;
        let tokens = scan.line_tokens(above);
        let words: Vec<&str> = tokens.iter().take(2).map(|t| scan.str(t)).collect();
        let is_def = words.first() == Some(&"def");
        if is_def && site.fault.class.contains("Await") && depth < column.max(1) {
            out.insert("async", "def", -600, l.text, "async ");
        }
        if is_def && depth >= column && site.fault.class.contains("Outside") {
            // Everything between the end of that body and the fault belongs to the body.
            let body = scan.code_below(above).map(|b| scan.indent(b).to_string());
            if let Some(body) = body {
                let start = (above + 1..=line)
                    .find(|&b| {
                        !scan.lines[b].blank
                            && !scan.lines[b].in_string
                            && scan.lines[b].depth == 0
                            && scan.lines[b].column <= depth
                    })
                    .unwrap_or(line);
                let end = runs(scan, start)
                    .last()
                    .map_or(start, |r| r.0)
                    .max(statement_end(scan, line));
                out.many("indent", "into-function", -1500, shift(scan, start, end, &body));
                out.many(
                    "indent",
                    "into-function-to",
                    -1300,
                    shift(scan, start, statement_end(scan, line), &body),
                );
            }
            break;
        }
        if depth == 0 {
            break;
        }
    }
}
