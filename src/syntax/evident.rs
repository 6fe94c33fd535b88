//! Repairs that need no statistics: a reader sees one way to mean the text, while the ranking shares its
//! trust among everything that parses, and with "none of these".
//!
//! Knows the steps of a repair and the text around them; nothing of files or of the search.

use super::Edit;
use super::GATE;
use super::scan::{Kind, Scan};
use super::search::{Solution, Taken};

/// Trust in such a repair.
const TRUST: f64 = 0.93;

/// The probability of the likeliest repair after a look at the text: raised when it is evident, kept below
/// the gate when the text speaks against it. `share` is its share among all repairs that were found.
pub(super) fn weighed(scan: &Scan, solution: &Solution, probability: f64, share: f64) -> f64 {
    if doubtful(scan, solution) {
        return probability.min(GATE - 0.01);
    }
    let evident = plain_bracket(scan.text, &solution.edits)
        || !solution.steps.is_empty()
            && match solution.steps.as_slice() {
                [one] => needed(one)
                    .or_else(|| in_context(scan, one, &solution.edits))
                    .is_some_and(|n| share >= n),
                all => all.iter().all(|s| needed(s).is_some() || *s == PRINT) && share >= 0.8,
            };
    if evident { probability.max(TRUST) } else { probability }
}

/// Other signs of Python 2 next to it say enough of a `print`.
const PRINT: Taken = Taken {
    kind: "python2",
    tag: "print",
};

/// The share from which on a step is evident whatever stands around it: the text as it is has no other
/// meaning that people write.
fn needed(step: &Taken) -> Option<f64> {
    Some(match (step.kind, step.tag) {
        ("fence" | "lookalike" | "entity" | "double" | "increment" | "else-if" | "words" | "conditional", _) => 0.75,
        ("foreign", "&&" | "||" | "<>" | "=<" | "=!" | "===" | "!==") => 0.75,
        ("python2", "except" | "exec" | "backtick" | "not-equal" | "long") => 0.75,
        ("number", "strip" | "octal-mode") => 0.75,
        ("keyword", _) => 0.75,
        ("colon", _) => 0.8,
        ("def-parens", "method" | "colon") => 0.8,
        ("delete-stray", "eol") => 0.8,
        ("quote-nested", "inner" | "inner-mixed") => 0.8,
        ("backslash", "blanks") => 0.8,
        ("prompt", "all") => 0.85,
        ("bracket-close", "header" | "line-colon" | "line-arrow") => 0.85,
        ("bracket-exchange", "closer") => 0.9,
        ("triple-close", "short" | "short-alone") => 0.85,
        _ => return None,
    })
}

/// The share from which on a single step is evident in its surroundings.
fn in_context(scan: &Scan, step: &Taken, edits: &[Edit]) -> Option<f64> {
    let first = edits.first()?;
    let line = scan.line_of(first.range.start);
    match (step.kind, step.tag) {
        ("python2", "print") => {
            // One or two may be leftovers that want to go.
            (edits.len() > 4).then_some(0.75)
        }
        ("python2", "all") => edits
            .iter()
            .all(|e| matches!(e.replacement.as_str(), "repr(" | ")"))
            .then_some(0.75),
        // A traceback in a `raise` is mostly handed to a library.
        ("python2", "raise") => (!edits.iter().any(|e| e.replacement.contains("traceback"))).then_some(0.75),
        ("marker", "stray") => (edits.len() == 1).then_some(0.9),
        ("replace", _) if first.replacement == "==" => {
            let head = scan.at(scan.lines[line].token);
            let alone = scan.line_tokens(line).iter().filter(|t| scan.str(t) == "=").count() == 1;
            (alone && matches!(head, "if" | "elif" | "while")).then_some(0.75)
        }
        ("insert", tag) if first.replacement.trim() == "," && !tag.starts_with("eol") => comma(scan, first.range.start),
        ("bracket-drop", "eol" | "inline") => Some(0.85),
        ("bracket-close", "trailing-comma-like" | "eol-like" | "comma-like") => Some(0.75),
        ("quote-close", "suffix-fits" | "suffix" | "suffix-other" | "eol-fits") => {
            quoted(scan, line, first.range.start).then_some(0.75)
        }
        ("quote-outer" | "quote-escape", "apostrophe") => {
            let l = &scan.lines[line];
            let text = &scan.text[l.start..l.end];
            let alone = text.matches('\'').count() == 3 || text.matches('"').count() == 3;
            alone.then_some(0.9)
        }
        ("indent" | "dedent", tag) => indentation(scan, tag, edits, line),
        _ => None,
    }
}

/// A comma between two operands that cannot be joined by anything else.
fn comma(scan: &Scan, at: usize) -> Option<f64> {
    let right = scan.token_from(at);
    let left = right.checked_sub(1)?;
    let literal = |i: usize| {
        scan.tokens
            .get(i)
            .is_some_and(|t| matches!(t.kind, Kind::Number | Kind::Str))
    };
    let parameters = scan.at(scan.lines[scan.tokens.get(left)?.line].token) == "def" && scan.at(right + 1) == "=";
    let formatted = scan.at(left).contains('%');
    match (literal(left), literal(right)) {
        (true, true) => Some(0.75),
        (true, false) if !formatted => Some(0.6),
        (false, true) => Some(0.8),
        _ if parameters => Some(0.75),
        _ => Some(0.9),
    }
}

/// Whether the string that `at` closes on its line is text and nothing else: no other quote, no bracket,
/// and no word of the file behind a comma or an operator.
fn quoted(scan: &Scan, line: usize, at: usize) -> bool {
    let Some(token) = scan
        .line_tokens(line)
        .iter()
        .find(|t| t.kind == Kind::Str && t.unclosed && t.start < at)
    else {
        return false;
    };
    let Some(body) = scan.text.get(token.start + 1..at) else {
        return false;
    };
    let known = |part: &str| {
        let word: String = part
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        scan.words.contains_key(word.as_str()) || word.starts_with(|c: char| c.is_ascii_digit())
    };
    !body.contains(['"', '\'', '(', ')', '[', ']', '{', '}', '#', '='])
        && !body.trim_end().ends_with([',', '+', '%'])
        && !body
            .match_indices([',', '+', '%', '*'])
            .any(|(p, _)| known(&body[p + 1..]))
}

/// One line at a column next to the one it moves to, or the only line of a body.
fn indentation(scan: &Scan, tag: &str, edits: &[Edit], line: usize) -> Option<f64> {
    let [one] = edits else { return None };
    let l = scan.lines.get(line)?;
    let moved = one.replacement.len().abs_diff(one.range.len());
    let below = scan.code_below(super::indent::statement_end(scan, line));
    let column = |l: usize| scan.lines[l].column;
    let above = scan.code_above(line)?;
    let unit = scan.unit.len();
    match tag {
        "at/same/one" | "at/outer/one" | "at/as-below/one"
            if moved == 1 && unit > 2 && !scan.indent(line).contains('\t') =>
        {
            Some(0.7)
        }
        // Deeper than everything around it.
        "at/same/one" if l.column > column(above) && below.is_some_and(|b| column(b) == column(above)) => Some(0.8),
        // What follows stands outside of the block that the header opens.
        "at/deeper-header/one" if below.is_none_or(|b| column(b) < l.column) => {
            // A `return` right below a loop: the body is lost rather than indented wrongly.
            let word = scan.at(l.token);
            (!matches!(word, "return" | "break" | "continue" | "pass" | "raise")).then_some(0.8)
        }
        "into-function-to" if below.is_none_or(|b| b > line + 2) && above + 2 >= line => Some(0.55),
        _ => None,
    }
}

/// Methods that are mostly called without arguments.
const BARE: [&str; 14] = [
    "strip",
    "lower",
    "upper",
    "read",
    "readlines",
    "keys",
    "values",
    "items",
    "close",
    "isdigit",
    "sort",
    "copy",
    "split",
    "title",
];

/// Whether the text speaks against a repair however likely its kind is.
fn doubtful(scan: &Scan, solution: &Solution) -> bool {
    let [step] = solution.steps.as_slice() else {
        return false;
    };
    let Some(first) = solution.edits.first() else {
        return true;
    };
    let line = scan.line_of(first.range.start);
    match step.kind {
        "indent" if step.tag.starts_with("into-function") => {
            // Two empty lines end a function.
            scan.code_above(line).is_none_or(|a| line - a > 2)
        }
        "bracket-close" | "brackets-close" => {
            let at = scan.token_from(first.range.start);
            let name = at.checked_sub(2).map_or("", |i| scan.at(i));
            let empty = at > 0 && scan.at(at - 1) == "(" && scan.tokens[at - 1].end == first.range.start;
            let eol = scan
                .tokens
                .get(at)
                .is_none_or(|t| matches!(t.kind, Kind::Newline | Kind::Comment));
            empty && eol && !BARE.contains(&name) || swallows(scan, solution, line) || strained(scan, solution)
        }
        _ => false,
    }
}

/// Whether a bracket that ends its line would close behind a line that stands no deeper: that line is a
/// statement, and what the bracket held is lost.
fn swallows(scan: &Scan, solution: &Solution, line: usize) -> bool {
    solution.edits.iter().any(|e| e.replacement.contains([')', ']', '}'])) && {
        (line.saturating_sub(30)..line).any(|l| {
            let tokens = scan.line_tokens(l);
            let hangs = tokens
                .last()
                .is_some_and(|t| matches!(scan.str(t), "(" | "[" | "{") && !scan.lines[l].in_string);
            let open = hangs && !scan.partner.contains_key(&(scan.lines[l].token + tokens.len() - 1));
            open && scan
                .code_below(l)
                .is_some_and(|b| b <= line && scan.lines[b].column <= scan.lines[l].column)
        })
    }
}

/// Whether the line would read strangely: a call with more arguments than the function of that name takes,
/// which the file defines, a call of a text, or arithmetic with a tuple.
fn strained(scan: &Scan, solution: &Solution) -> bool {
    let text = super::proposal::applied(scan.text, &solution.edits);
    let after = Scan::new(&text);
    let Some(first) = solution.edits.first() else {
        return false;
    };
    let line = after.line_of(first.range.start.min(text.len()));
    let base = after.lines[line].token;
    (base..base + after.line_tokens(line).len()).any(|i| {
        if matches!(after.at(i), "*" | "/" | "-" | "//")
            && after.at(i + 1) == "("
            && i > base
            && super::window::operand_end(&after, &after.tokens[i - 1])
            && arguments(&after, i + 1).is_some_and(|n| n > 1)
        {
            return true;
        }
        if after.tokens[i].kind == Kind::Str
            && after.at(i + 1) == "("
            && after.tokens[i + 1].start == after.tokens[i].end
        {
            return true;
        }
        let called = after.tokens[i].kind == Kind::Name
            && after.at(i + 1) == "("
            && !matches!(i.checked_sub(1).map_or("", |p| after.at(p)), "." | "def" | "class");
        called && takes(&after, after.at(i)).is_some_and(|most| arguments(&after, i + 1).is_some_and(|n| n > most))
    })
}

/// How many arguments the only function of this name in the file takes at most.
fn takes(scan: &Scan, name: &str) -> Option<usize> {
    let mut found =
        (0..scan.tokens.len()).filter(|&i| scan.at(i) == "def" && scan.at(i + 1) == name && scan.at(i + 2) == "(");
    let def = found.next()?;
    let close = *scan.partner.get(&(def + 2))?;
    let open_ended = (def + 3..close).any(|i| scan.at(i) == "*" || scan.at(i) == "**");
    (found.next().is_none() && !open_ended).then_some(())?;
    arguments(scan, def + 2)
}

/// Number of elements in the bracket at token `open`; `None` when one of them is starred.
fn arguments(scan: &Scan, open: usize) -> Option<usize> {
    let close = *scan.partner.get(&open)?;
    let mut depth = 0usize;
    let (mut commas, mut any, mut last) = (0, false, "");
    for i in open + 1..close {
        if matches!(scan.tokens[i].kind, Kind::Newline | Kind::Comment) {
            continue;
        }
        let text = scan.at(i);
        match text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            "," if depth == 0 => commas += 1,
            "*" | "**" if depth == 0 && matches!(last, "" | ",") => return None,
            "for" if depth == 0 => return Some(1),
            _ => {}
        }
        any = true;
        last = text;
    }
    Some(if !any { 0 } else { commas + usize::from(last != ",") })
}

/// Whether a repair only closes brackets at the end of the line that opens them, and cannot mean
/// another place.
fn plain_bracket(text: &str, edits: &[Edit]) -> bool {
    let [Edit { range, replacement }] = edits else {
        return false;
    };
    if !range.is_empty() || replacement.is_empty() || !replacement.bytes().all(|b| b")]}".contains(&b)) {
        return false;
    }
    let (Some(before), Some(after)) = (text.get(..range.start), text.get(range.start..)) else {
        return false;
    };
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = &before[start..];
    let (rest, following) = after.split_once('\n').unwrap_or((after, ""));
    if !(rest.trim().is_empty() || rest.trim_start().starts_with('#')) {
        return false;
    }
    if !closes(line, replacement) {
        return false;
    }
    // What follows begins a statement of its own, no deeper than the line itself.
    let indent = |l: &str| l.len() - l.trim_start().len();
    let next = following
        .lines()
        .find(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'));
    next.is_none_or(|next| {
        let word: String = next
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        indent(next) <= indent(line)
            && !word.is_empty()
            && (!["and", "or", "not", "in", "is", "for", "if", "else"].contains(&word.as_str())
                || next.trim_end().ends_with(':'))
    })
}

/// Whether these brackets close just what the line leaves open, all of it opened on this line, none
/// of it a mere grouping, with nothing but elements between: after an operator the bracket could
/// also have closed before it.
fn closes(line: &str, brackets: &str) -> bool {
    let mut open: Vec<(char, bool)> = Vec::new();
    let mut quote: Option<char> = None;
    let mut escaped = false;
    let mut last = ' ';
    let mut word = String::new();
    for c in line.chars() {
        if let Some(q) = quote {
            if c == q && !escaped {
                quote = None;
            }
            escaped = c == '\\' && !escaped;
            last = c;
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            last = c;
            continue;
        }
        let ends = std::mem::take(&mut word);
        if ["and", "or", "not", "in", "is", "if", "else", "for", "lambda", "await"].contains(&ends.as_str())
            && let Some(inner) = open.last_mut()
        {
            inner.1 = true;
        }
        match c {
            '\'' | '"' if last == c => return false, // an empty or a triple quotation: not this simple
            '\'' | '"' => quote = Some(c),
            '#' => return false,
            '(' => {
                let keyword = [
                    "and", "or", "not", "in", "is", "if", "elif", "else", "while", "for", "return", "print", "assert",
                    "yield", "del",
                ];
                let call = (!ends.is_empty() && (!keyword.contains(&ends.as_str()) || ends == "print"))
                    || matches!(last, ')' | ']');
                open.push((c, !call));
            }
            '[' | '{' => open.push((c, false)),
            // Closes what another line opened.
            ')' | ']' | '}' if open.is_empty() => return false,
            ')' | ']' | '}' => drop(open.pop()),
            '+' | '*' | '/' | '%' | '<' | '>' | '|' | '&' | '^' | '@' | '!' | '~' => {
                if let Some(inner) = open.last_mut() {
                    inner.1 = true;
                }
            }
            // A minus before a number is a sign after an opener, a comma or a colon.
            '-' if !matches!(last, '(' | '[' | '{' | ',' | ':' | ' ' | '=') => {
                if let Some(inner) = open.last_mut() {
                    inner.1 = true;
                }
            }
            _ => {}
        }
        if !c.is_whitespace() {
            last = c;
        }
    }
    if quote.is_some() || open.iter().any(|(_, unsure)| *unsure) || matches!(last, ',' | '.' | '=' | ':' | '\\') {
        return false;
    }
    let wanted: String = open
        .iter()
        .rev()
        .map(|(c, _)| match c {
            '(' => ')',
            '[' => ']',
            _ => '}',
        })
        .collect();
    wanted == brackets
}

#[cfg(test)]
mod tests {
    use crate::syntax::{GATE, Options, Outcome, apply, repair};

    fn sure(broken: &str) -> Option<String> {
        match repair(broken.as_bytes(), &Options::default()) {
            Outcome::Repaired { best, .. } if best.probability >= GATE => {
                Some(String::from_utf8(apply(broken.as_bytes(), &best.edits)).unwrap())
            }
            _ => None,
        }
    }

    #[test]
    fn an_unclosed_bracket_on_one_line_is_closed_at_its_end() {
        for (broken, fixed) in [
            ("xs = [1, 2\nprint(xs)\n", "xs = [1, 2]\nprint(xs)\n"),
            ("x = max(1, min(3, 4)\nprint(x)\n", "x = max(1, min(3, 4))\nprint(x)\n"),
            (
                "def f():\n    data = {\"a\": 1, \"b\": 2\n    print(data)\n",
                "def f():\n    data = {\"a\": 1, \"b\": 2}\n    print(data)\n",
            ),
            (
                "values = [1, -2, 3  # three\ntotal = sum(values)\n",
                "values = [1, -2, 3]  # three\ntotal = sum(values)\n",
            ),
        ] {
            assert_eq!(sure(broken).as_deref(), Some(fixed), "{broken:?}");
        }
    }

    #[test]
    fn a_bracket_that_could_close_before_an_operator_is_not_plain() {
        for (line, end) in [
            ("n = len(xs * 2", ")"),
            ("y = (a + b * c", ")"),
            ("z = f(a) + (b", ")"),
            ("s = [\"\"\"x", "]"),
            ("t = [1,", "]"),
        ] {
            assert!(!super::closes(line, end), "{line:?}");
        }
        assert!(super::closes("z = f(a) + g(b, -1", ")"));
    }
}
