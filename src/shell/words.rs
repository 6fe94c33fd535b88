//! Proposals for single words and operators: brackets without their space, misspelt keywords, an
//! operator at the start of a line.

use super::lines::Lines;
use super::outline::{BracketFault, Fault, Kind, Outline, Stop};
use super::{Edit, Proposal};

/// Statements looked at for a misspelt keyword, counted back from the fault.
const MAX_WORDS: usize = 200;

const KEYWORDS: &[&str] = &[
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac",
];

pub(super) fn propose(outline: &Outline, lines: &Lines<'_>, fault: Option<&Fault>, into: &mut Vec<Proposal>) {
    brackets(outline, lines, into);
    if let Some(fault) = fault {
        keywords(outline, lines, fault, into);
        operators(lines, fault, into);
    }
}

/// All bracket faults of the script at once: each has one cure, and they come in groups.
fn brackets(outline: &Outline, lines: &Lines<'_>, into: &mut Vec<Proposal>) {
    let mut edits = Vec::new();
    let mut kinds = Vec::new();
    for &(fault, at) in &outline.brackets {
        let (range, text) = match fault {
            BracketFault::GluedOpen | BracketFault::GluedClose | BracketFault::GluedKeyword => (at..at, " "),
            BracketFault::SingleClose => (at..at, "]"),
            BracketFault::DoubleClose => (at..at + 1, ""),
            BracketFault::NoClose => (at..at, " ]"),
            BracketFault::Operator => {
                if let Some(pair) = split_test(lines.src, at) {
                    edits.extend(pair);
                    kinds.push(fault);
                }
                continue;
            }
        };
        kinds.push(fault);
        edits.push(Edit {
            range,
            replacement: text.to_owned(),
        });
    }
    if edits.is_empty() {
        return;
    }
    edits.sort_by_key(|e| e.range.start);
    let what = match kinds.as_slice() {
        [BracketFault::Operator] => "`[` does not know `&&` and `||`: two tests",
        [BracketFault::NoClose] => "the test has no closing bracket",
        [BracketFault::SingleClose | BracketFault::DoubleClose] => "the brackets do not match",
        _ => "`[` and `]` are words: blanks belong around them",
    };
    into.push(Proposal::new(edits, 0.95, "test-brackets", what));
}

/// `[ a && b ]` → `[ a ] && [ b ]`; `at` is the end of the first part.
fn split_test(src: &[u8], at: usize) -> Option<[Edit; 2]> {
    let rest = &src[at..];
    let blanks = rest.iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
    let operator = &rest[blanks..];
    if !(operator.starts_with(b"&&") || operator.starts_with(b"||")) {
        return None;
    }
    let after = &operator[2..];
    let gap = after.iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
    let line = after.iter().position(|&c| c == b'\n').map_or(after, |n| &after[..n]);
    let next = line[gap.min(line.len())..].trim_ascii_start();
    if next.starts_with(b"[") || !line.windows(2).any(|w| w == b" ]") {
        return None;
    }
    let second = at + blanks + 2 + gap;
    Some([
        Edit {
            range: at..at,
            replacement: " ]".to_owned(),
        },
        Edit {
            range: second..second,
            replacement: "[ ".to_owned(),
        },
    ])
}

/// The keyword that a word was meant to be.
fn meant(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "elsif" | "elseif" | "elsf" | "elfi" => return Some("elif"),
        "endif" => return Some("fi"),
        "endfor" | "endwhile" | "enddo" => return Some("done"),
        "endcase" => return Some("esac"),
        lower if lower != word => return KEYWORDS.iter().find(|k| **k == lower).copied(),
        _ => {}
    }
    if word.len() < 3 && word != "if" {
        return None;
    }
    let near: Vec<_> = KEYWORDS
        .iter()
        .filter(|k| strsim::osa_distance(k, word) == 1 && (k.len() > 2 || word.len() == 3 || word == "if"))
        .collect();
    match near.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

fn keywords(outline: &Outline, lines: &Lines<'_>, fault: &Fault, into: &mut Vec<Proposal>) {
    let src = lines.src;
    let commands = outline.statements.iter().rev().take(MAX_WORDS).map(|s| s.start);
    let heads = fault
        .open
        .iter()
        .map(|&i| &outline.frames[i])
        .filter(|f| f.kind == Kind::If && f.body.is_none());
    let starts: Vec<usize> = commands.chain(heads.map(|f| f.start)).chain([fault.at]).collect();
    for start in starts {
        let rest = &src[start.min(src.len())..];
        let len = rest.iter().take_while(|c| c.is_ascii_alphabetic()).count();
        let bounded = rest.get(len).is_none_or(|c| b" \t\r\n;)".contains(c));
        let Ok(word) = std::str::from_utf8(&rest[..len]) else {
            continue;
        };
        if len == 0 || !bounded || (KEYWORDS.contains(&word) && word != "if") {
            continue;
        }
        let alone = lines.trimmed(lines.line_of(start)) == word.as_bytes();
        if word == "if" && !alone {
            continue;
        }
        if let Some(keyword) = meant(word) {
            let edit = Edit {
                range: start..start + len,
                replacement: keyword.to_owned(),
            };
            let what = format!(
                "`{word}` in line {} stands where `{keyword}` belongs",
                lines.line_of(start) + 1
            );
            into.push(Proposal::new(vec![edit], 0.94, "misspelt-keyword", &what));
        }
    }
}

fn operators(lines: &Lines<'_>, fault: &Fault, into: &mut Vec<Proposal>) {
    let line = lines.line_of(fault.at);
    let first = lines.start(line) + lines.indentation(line).len() == fault.at;
    match &fault.stop {
        Stop::Unexpected(token) if first && matches!(token.as_str(), "|" | "||" | "&&" | "|&") && line > 0 => {
            let before = line - 1;
            if !lines.is_blank(before) && !lines.is_comment(before) && !lines.is_text(before) {
                let at = lines.start(before) + lines.bytes(before).trim_ascii_end().len();
                let what = format!("line {} goes on in line {}", before + 1, line + 1);
                into.push(Proposal::insert(at, " \\", 0.9, "missing-continuation", &what));
            }
        }
        Stop::Unexpected(token) if token == ";" && lines.src[..fault.at].trim_ascii_end().ends_with(b"&") => {
            let from = lines.src[..fault.at].trim_ascii_end().len();
            let edit = Edit {
                range: from..fault.at + 1,
                replacement: String::new(),
            };
            into.push(Proposal::new(
                vec![edit],
                0.93,
                "superfluous-semicolon",
                "`&` ends a command as `;` does",
            ));
        }
        Stop::NoFunctionBody => {
            let rest = &lines.src[fault.at..];
            let blanks = rest.iter().take_while(|c| c.is_ascii_whitespace()).count();
            if rest.get(blanks) == Some(&b'{') {
                glued_brace(lines, fault.at + blanks, into);
            }
        }
        _ => {}
    }
}

/// `f(){echo hi}`: a brace is a word.
fn glued_brace(lines: &Lines<'_>, brace: usize, into: &mut Vec<Proposal>) {
    let mut edits = vec![Edit {
        range: brace + 1..brace + 1,
        replacement: " ".to_owned(),
    }];
    let line = lines.line_of(brace);
    let end = lines.start(line) + lines.bytes(line).trim_ascii_end().len();
    let text = &lines.src[brace + 1..end.max(brace + 1)];
    if let Some(body) = text.strip_suffix(b"}") {
        let trimmed = body.trim_ascii_end();
        let close = brace + 1 + trimmed.len();
        let with = if trimmed.ends_with(b";") { " " } else { "; " };
        edits.push(Edit {
            range: close..end - 1,
            replacement: with.to_owned(),
        });
    }
    into.push(Proposal::new(
        edits,
        0.92,
        "glued-brace",
        "`{` and `}` are words: a blank after the one, a `;` before the other",
    ));
}
