//! Why a pattern did not match: which step failed, the line that came nearest, and the part of the
//! regex up to which it matched.

use std::ops::Range;

use regex_syntax::ast::{Ast, parse::Parser};

use crate::detector::normalise::normalise;
use crate::pack::model::Match;
use crate::pattern::{LinePattern, fixed_length};

/// Lines of an output that are looked at.
const MOST_LINES: usize = 2000;
/// A line that shares less than this with the pattern's fixed text is not near.
const LEAST_RATIO: f32 = 0.4;
/// Fixed characters that a beginning of the pattern must have for its match to say anything.
const LEAST_FIXED: u32 = 3;

/// A place in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// Bytes of the output.
    pub range: Range<usize>,
    /// Bytes of the regex: the part that does not match there any more; empty where unknown.
    pub stopped: Range<usize>,
}

/// Why a match did not come about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The failing step; none for a single regex.
    pub step: Option<usize>,
    /// What is the matter, as a sentence.
    pub why: String,
    /// The nearest line.
    pub near: Option<Near>,
}

/// Finds out why an output is not matched.
#[must_use]
pub fn miss(matching: &Match, output: &str) -> Miss {
    let lines = lines(output);
    if let Some(regex) = &matching.regex {
        let pattern = LinePattern::new(regex);
        if let Some(hit) = lines.iter().find(|l| pattern.is_match(&l.text)) {
            let except = matching.unless.as_ref().map(|u| LinePattern::new(u));
            let excluded = except.is_some_and(|u| u.is_match(&hit.text));
            return Miss {
                step: None,
                why: if excluded {
                    "the pattern matches this line, but `unless` matches it too".to_owned()
                } else {
                    "the pattern matches this line; the rule is kept back by its `stream`, or as a fallback".to_owned()
                },
                near: Some(Near {
                    range: hit.range.clone(),
                    stopped: 0..0,
                }),
            };
        }
        return Miss {
            step: None,
            why: "no line matches the pattern".to_owned(),
            near: nearest(regex, &lines),
        };
    }
    steps(matching, &lines)
}

fn steps(matching: &Match, lines: &[Line]) -> Miss {
    let (mut from, mut first, mut last) = (0, None, 0);
    for (index, step) in matching.steps.iter().enumerate() {
        let pattern = LinePattern::new(&step.regex);
        let found = (from..lines.len()).find(|&k| pattern.is_match(&lines[k].text));
        match found {
            Some(at) if !step.optional => {
                first.get_or_insert(at);
                last = at;
                from = at + 1;
            }
            Some(_) => {}
            None if step.optional => {}
            None => {
                let before = lines.iter().any(|l| pattern.is_match(&l.text));
                let number = index + 1;
                return Miss {
                    step: Some(index),
                    why: if before {
                        format!("step {number} matches only before the line that step {index} matched")
                    } else {
                        format!("step {number} matches no line")
                    },
                    near: nearest(&step.regex, lines.get(from..).unwrap_or_default())
                        .or_else(|| nearest(&step.regex, lines)),
                };
            }
        }
    }
    let within = matching.within.unwrap_or(60);
    let apart = first.map_or(0, |f: usize| last.saturating_sub(f));
    Miss {
        step: None,
        why: if apart > within as usize {
            format!("every step matches a line, but first and last are {apart} lines apart, and `within` is {within}")
        } else {
            "every step matches a line, but `after`, `until`, `unless` or the order keeps them apart".to_owned()
        },
        near: None,
    }
}

/// A line of an output, ready for matching.
struct Line {
    text: Vec<u8>,
    range: Range<usize>,
}

fn lines(output: &str) -> Vec<Line> {
    let mut at = 0;
    let mut lines = Vec::new();
    for raw in output.split_inclusive('\n').take(MOST_LINES) {
        let bare = raw.trim_end_matches(['\n', '\r']);
        lines.push(Line {
            text: normalise(bare.as_bytes()).text,
            range: at..at + bare.len(),
        });
        at += raw.len();
    }
    lines
}

/// The line on which most of the pattern matches, or else the one that looks most alike.
fn nearest(regex: &str, lines: &[Line]) -> Option<Near> {
    for end in beginnings(regex).into_iter().rev() {
        let beginning = &regex[..end];
        if fixed_length(beginning) < LEAST_FIXED {
            break;
        }
        let pattern = LinePattern::new(beginning);
        if let Some(line) = lines.iter().find(|l| pattern.is_match(&l.text)) {
            return Some(Near {
                range: line.range.clone(),
                stopped: end..regex.len(),
            });
        }
    }
    let fixed = fixed_text(regex);
    let mut best: Option<(f32, &Line)> = None;
    for line in lines.iter().filter(|l| !l.text.is_empty()) {
        let text = String::from_utf8_lossy(&line.text);
        let text: String = text.chars().take(400).collect();
        let ratio = similar::TextDiff::from_chars(fixed.as_str(), text.as_str()).ratio();
        if ratio >= LEAST_RATIO && best.is_none_or(|(most, _)| ratio > most) {
            best = Some((ratio, line));
        }
    }
    best.map(|(_, line)| Near {
        range: line.range.clone(),
        stopped: 0..0,
    })
}

/// Ends of the parts of a regex that stand one after another, ascending, without the whole.
fn beginnings(regex: &str) -> Vec<usize> {
    let Ok(Ast::Concat(concat)) = &Parser::new().parse(regex) else {
        return Vec::new();
    };
    let mut ends: Vec<usize> = concat.asts.iter().map(|a| a.span().end.offset).collect();
    ends.pop();
    ends
}

/// The literal characters of a regex, in order.
fn fixed_text(regex: &str) -> String {
    fn collect(ast: &Ast, out: &mut String) {
        match ast {
            Ast::Literal(literal) => out.push(literal.c),
            Ast::Group(group) => collect(&group.ast, out),
            Ast::Concat(concat) => concat.asts.iter().for_each(|a| collect(a, out)),
            Ast::Alternation(all) => all.asts.iter().take(1).for_each(|a| collect(a, out)),
            Ast::Repetition(repetition) => collect(&repetition.ast, out),
            _ => {}
        }
    }
    let mut text = String::new();
    if let Ok(ast) = Parser::new().parse(regex) {
        collect(&ast, &mut text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::model::Step;

    fn regex(regex: &str) -> Match {
        Match {
            regex: Some(regex.to_owned()),
            ..Match::default()
        }
    }

    #[test]
    fn the_part_that_fails_is_named() {
        let pattern = r"^ModuleNotFoundError: No module named '(?P<module>\w+)'$";
        let output = "x = 1\nModuleNotFoundError: No module called 'a'\n";
        let near = miss(&regex(pattern), output).near.expect("a near line");
        assert_eq!(&output[near.range], "ModuleNotFoundError: No module called 'a'");
        assert!(
            pattern[near.stopped].starts_with("named"),
            "stops at the first word that differs"
        );
    }

    #[test]
    fn a_line_that_looks_alike_is_near_and_others_are_not() {
        let near = |output: &str| miss(&regex("^permission denied: (?P<path>.+)$"), output).near;
        assert!(near("ok\nPermission denied: x\n").is_some());
        assert_eq!(near("1 2 3\n"), None);
    }

    #[test]
    fn the_failing_step_is_named() {
        let step = |regex: &str, optional| Step {
            regex: regex.to_owned(),
            optional,
            ..Step::default()
        };
        let matching = Match {
            steps: vec![step("^one", false), step("^two", true), step("^three", false)],
            ..Match::default()
        };
        assert_eq!(miss(&matching, "one\ntwo\n").step, Some(2));
        let reversed = miss(&matching, "three\none\n");
        assert_eq!(reversed.step, Some(2));
        assert!(reversed.why.contains("before"), "{}", reversed.why);
    }
}
