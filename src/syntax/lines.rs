//! Whole lines that do not belong into the file: conflict markers, fences, prompts, diff prefixes, magics.

use super::Edit;
use super::proposal::{Out, Site, edit};
use super::scan::Scan;

pub(super) fn propose(site: &Site, out: &mut Out) {
    markers(site, out);
    fences(site, out);
    prompts(site, out);
    diff(site, out);
    magics(site, out);
    future(site, out);
    drop_line(site, out);
}

/// The line with its line break.
fn whole(scan: &Scan, line: usize) -> std::ops::Range<usize> {
    let l = &scan.lines[line];
    if l.next > l.end {
        l.start..l.next
    } else {
        // The last line goes with the break before it.
        scan.lines.get(line.wrapping_sub(1)).map_or(l.start, |p| p.end)..l.end
    }
}

/// What a conflict marker line is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Marker {
    Ours,
    Base,
    Middle,
    Theirs,
}

/// The marker on a line, if it is one.
pub(super) fn marker(text: &str) -> Option<Marker> {
    let text = text.trim_end();
    let is = |c: &str| {
        text.strip_prefix(c.repeat(7).as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    if is("<") {
        Some(Marker::Ours)
    } else if is("|") {
        Some(Marker::Base)
    } else if text == "=======" {
        Some(Marker::Middle)
    } else if is(">") {
        Some(Marker::Theirs)
    } else {
        None
    }
}

/// A complete conflict: lines of its markers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conflict {
    pub ours: usize,
    pub base: Option<usize>,
    pub middle: usize,
    pub theirs: usize,
}

/// Every complete conflict, and whether marker lines are left over.
pub(super) fn conflicts(scan: &Scan) -> (Vec<Conflict>, Vec<usize>) {
    let mut found = Vec::new();
    let mut stray = Vec::new();
    let mut open: Option<usize> = None;
    let mut base = None;
    let mut middle: Option<usize> = None;
    for (i, l) in scan.lines.iter().enumerate() {
        let Some(kind) = marker(&scan.text[l.start..l.end]) else {
            continue;
        };
        match kind {
            Marker::Ours => {
                stray.extend(open.take());
                stray.extend(base.take());
                stray.extend(middle.take());
                open = Some(i);
            }
            Marker::Base => base = Some(i),
            Marker::Middle if open.is_some() && middle.is_none() => middle = Some(i),
            Marker::Middle => stray.push(i),
            Marker::Theirs => match (open.take(), middle.take()) {
                (Some(ours), Some(middle)) => {
                    found.push(Conflict {
                        ours,
                        base: base.take(),
                        middle,
                        theirs: i,
                    });
                }
                (a, b) => {
                    stray.extend(a);
                    stray.extend(b);
                    stray.push(i);
                }
            },
        }
    }
    stray.extend(open);
    stray.extend(base);
    stray.extend(middle);
    // An underline of seven equal signs in a docstring is no marker.
    stray.retain(|&i| {
        !(scan.lines[i].in_string && marker(&scan.text[scan.lines[i].start..scan.lines[i].end]) == Some(Marker::Middle))
    });
    stray.sort_unstable();
    (found, stray)
}

/// Edits that keep one side (or both) of every complete conflict and drop all marker lines.
pub(super) fn resolve(scan: &Scan, side: &str) -> Vec<Edit> {
    let (found, stray) = conflicts(scan);
    let mut edits: Vec<Edit> = stray.iter().map(|&l| edit(whole(scan, l), "")).collect();
    for c in found {
        let start = |l: usize| scan.lines[l].start;
        let next = |l: usize| whole(scan, l).end;
        let first_end = c.base.unwrap_or(c.middle);
        match side {
            "ours" => {
                edits.push(edit(start(c.ours)..next(c.ours), ""));
                edits.push(edit(start(first_end)..next(c.theirs), ""));
            }
            "theirs" => {
                edits.push(edit(start(c.ours)..next(c.middle), ""));
                edits.push(edit(start(c.theirs)..next(c.theirs), ""));
            }
            _ => {
                edits.push(edit(start(c.ours)..next(c.ours), ""));
                edits.push(edit(start(first_end)..next(c.middle), ""));
                edits.push(edit(start(c.theirs)..next(c.theirs), ""));
            }
        }
    }
    edits.sort_by_key(|e| e.range.start);
    edits
}

/// Left-over markers without a complete conflict.
fn markers(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let (found, stray) = conflicts(scan);
    if found.is_empty() && !stray.is_empty() {
        out.many(
            "marker",
            "stray",
            -100,
            stray.iter().map(|&l| edit(whole(scan, l), "")).collect(),
        );
    }
    if !found.is_empty() {
        for (side, prior) in [("ours", -1300), ("theirs", -1200), ("both", -1500)] {
            out.many("conflict", side, prior, resolve(scan, side));
        }
    }
}

/// Fences of Markdown, and a language name behind one.
fn fences(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let fences: Vec<Edit> = scan
        .lines
        .iter()
        .enumerate()
        .filter(|(_, l)| {
            let text = scan.text[l.start..l.end].trim();
            !l.in_string
                && (text.starts_with("```") || text.starts_with("~~~"))
                && text
                    .trim_start_matches(['`', '~'])
                    .chars()
                    .all(|c| c.is_alphanumeric() || " {}.=_-".contains(c))
        })
        .map(|(i, _)| edit(whole(scan, i), ""))
        .collect();
    out.many("fence", "", -100, fences);
}

/// `>>> ` and `... ` of a pasted session, `In [3]: ` of a notebook.
fn prompts(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let mut edits = Vec::new();
    let mut unknown = Vec::new();
    let mut any = false;
    for (i, l) in scan.lines.iter().enumerate() {
        let text = &scan.text[l.text..l.end];
        let notebook = text
            .starts_with("In [")
            .then(|| text.find("]:"))
            .flatten()
            .map(|p| p + 2);
        let length = if text.starts_with(">>> ") || text.starts_with("... ") {
            4
        } else if text.trim_end() == "..." || text.starts_with(">>>") {
            3
        } else if let Some(p) = notebook {
            p + usize::from(text[p..].starts_with(' '))
        } else {
            0
        };
        if length > 0 {
            any |= text.starts_with(">>>") || notebook.is_some();
            // The text of the prompt's own indentation goes too.
            edits.push(edit(l.start..l.text + length, ""));
        } else if !text.trim().is_empty() && !l.in_string {
            unknown.push(i);
        }
    }
    if !any {
        return;
    }
    // A session from its first line on: what has no prompt is an answer.
    let first = scan.lines.iter().find(|l| l.text < l.end);
    let session = first.is_some_and(|l| edits.iter().any(|e| e.range.start == l.start));
    let (tag, prior) = match (unknown.is_empty(), session) {
        (true, _) => ("all", -150),
        (false, true) => ("session", -1800),
        (false, false) => ("some", -150),
    };
    out.many("prompt", tag, prior, edits.clone());
    // Only the prompts, keeping the indentation before them.
    let kept = edits
        .iter()
        .map(|e| {
            let l = &scan.lines[scan.line_of(e.range.start)];
            edit(l.text..e.range.end, "")
        })
        .collect();
    out.many("prompt", "keep-indent", -400, kept);
    // What the session answered is no code.
    let mut all = edits;
    all.extend(unknown.iter().map(|&l| edit(whole(scan, l), "")));
    let (tag, prior) = if session {
        ("drop-output", -400)
    } else {
        ("drop-output-some", -2500)
    };
    out.many("prompt", tag, prior, all);
}

/// Lines of a pasted patch.
fn diff(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let text = |i: usize| &scan.text[scan.lines[i].start..scan.lines[i].end];
    let head = |t: &str| {
        t.starts_with("@@ ")
            || t.starts_with("diff --git ")
            || t.starts_with("index ")
            || t.starts_with("--- a/")
            || t.starts_with("+++ b/")
            || t.starts_with("--- ")
            || t.starts_with("+++ ")
    };
    let patch = (0..scan.lines.len()).any(|i| text(i).starts_with("@@ ") || text(i).starts_with("diff --git "));
    if patch {
        let mut edits = Vec::new();
        for i in 0..scan.lines.len() {
            let l = &scan.lines[i];
            if head(text(i)) || text(i).starts_with('-') {
                edits.push(edit(whole(scan, i), ""));
            } else if text(i).starts_with(['+', ' ']) {
                edits.push(edit(l.start..l.start + 1, ""));
            }
        }
        out.many("diff", "patch", -500, edits);
    }
    if !text(site.line).starts_with(['+', '-']) {
        // The fault of a `+` line often shows on the line after.
        let above = scan.code_above(site.line);
        if above.is_none_or(|a| !text(a).starts_with(['+', '-'])) {
            return;
        }
    }
    let near = |i: usize| i.abs_diff(site.line) <= 40;
    let plus: Vec<usize> = (0..scan.lines.len())
        .filter(|&i| text(i).starts_with('+') && near(i) && !scan.lines[i].in_string)
        .collect();
    let minus: Vec<usize> = (0..scan.lines.len())
        .filter(|&i| text(i).starts_with('-') && near(i) && !scan.lines[i].in_string)
        .collect();
    let drop_mark = |l: usize| edit(scan.lines[l].start..scan.lines[l].start + 1, "");
    let blank_mark = |l: usize| edit(scan.lines[l].start..scan.lines[l].start + 1, " ");
    out.many("diff", "plus", -900, plus.iter().map(|&l| drop_mark(l)).collect());
    out.many(
        "diff",
        "plus-blank",
        -900,
        plus.iter().map(|&l| blank_mark(l)).collect(),
    );
    if !minus.is_empty() {
        let mut edits: Vec<Edit> = minus.iter().map(|&l| edit(whole(scan, l), "")).collect();
        out.many("diff", "minus", -2600, edits.clone());
        out.many(
            "diff",
            "minus-mark",
            -2300,
            minus.iter().map(|&l| drop_mark(l)).collect(),
        );
        edits.extend(plus.iter().map(|&l| drop_mark(l)));
        out.many("diff", "both", -900, edits);
        let mut edits: Vec<Edit> = minus.iter().map(|&l| edit(whole(scan, l), "")).collect();
        edits.extend(plus.iter().map(|&l| blank_mark(l)));
        out.many("diff", "both-blank", -900, edits);
    }
}

/// `%matplotlib inline`, `!pip install x`: shown as comments, never without asking.
fn magics(site: &Site, out: &mut Out) {
    let scan = site.scan;
    let mut edits = Vec::new();
    for l in &scan.lines {
        let text = &scan.text[l.text..l.end];
        let magic = text.starts_with("%%")
            || (text.starts_with('%') && text[1..].starts_with(|c: char| c.is_ascii_alphabetic()))
            || (text.starts_with('!') && text[1..].starts_with(|c: char| c.is_ascii_alphabetic()))
            || (text.starts_with('?')
                || text.ends_with('?')
                    && text
                        .trim_end_matches('?')
                        .chars()
                        .all(|c| c.is_alphanumeric() || c == '.' || c == '_'));
        if magic && l.depth == 0 && !l.in_string && !text.trim().is_empty() {
            edits.push(edit(l.text..l.text, "# "));
        }
    }
    out.many("magic", "comment", -300, edits);
}

/// `from __future__` below other statements moves up.
fn future(site: &Site, out: &mut Out) {
    let scan = site.scan;
    if site.fault.class != "s:LateFutureImport" {
        return;
    }
    let late: Vec<usize> = (0..scan.lines.len())
        .filter(|&i| !scan.lines[i].in_string && scan.text[scan.lines[i].start..].starts_with("from __future__ "))
        .collect();
    // Below the docstring and the comments at the top.
    let mut top = 0;
    while top < scan.lines.len() && (scan.lines[top].blank || scan.lines[top].in_string) {
        top += 1;
    }
    let first = scan.lines.get(top).and_then(|l| scan.tokens.get(l.token));
    if let Some(t) = first.filter(|t| t.kind == super::scan::Kind::Str) {
        top = scan.line_of(t.end.saturating_sub(1)) + 1;
    }
    // Existing early ones stay the first.
    let Some(at) = scan.lines.get(top).map(|l| l.start) else {
        return;
    };
    let mut edits = Vec::new();
    let mut moved = String::new();
    for &l in &late {
        if scan.lines[l].start <= at {
            continue;
        }
        let range = scan.lines[l].start..scan.lines[l].next;
        moved.push_str(&scan.text[range.clone()]);
        if !moved.ends_with('\n') {
            moved.push_str(scan.newline());
        }
        edits.push(edit(range, ""));
    }
    edits.push(edit(at..at, &moved));
    out.many("future", "", -150, edits);
}

/// The line of the fault is prose or a leftover: dropping or commenting it, only ever as advice.
fn drop_line(site: &Site, out: &mut Out) {
    let scan = site.scan;
    if scan.lines[site.line].in_string {
        return;
    }
    let above = scan.code_above(site.line);
    for (line, malus) in [(Some(site.line), 0), (above, 1500)] {
        let Some(line) = line else { continue };
        let l = &scan.lines[line];
        if l.text >= l.end {
            continue;
        }
        out.insert("comment-out", "", -9000 - malus, l.text, "# ");
        out.replace("drop-line", "", -9400 - malus, whole(scan, line), "");
    }
}
