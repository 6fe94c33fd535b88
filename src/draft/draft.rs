//! A rule made of a failure: its message generalised, the failure itself as an example.

use super::clusters::Cluster;
use super::log::Unknown;
use super::pattern::{Pattern, pattern};
use super::token::{Token, message, tokens};
use super::write::{Parts, rule};
use crate::pattern::{LinePattern, literals};

/// Rarity below which lines of other programs are likely to have the pattern's words as well.
const RARE_ENOUGH: f64 = 5.0;
/// So far from the failure's line a second one is looked for that tells it from others.
const FAR: usize = 3;
/// Most lines of an example that are no part of the match.
const AROUND: usize = 6;

/// What to draft.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The failure with the lines around it.
    pub unknown: &'a Unknown,
    /// Lines like it, where there are some: they show what differs.
    pub cluster: Option<&'a Cluster>,
    /// Short id; made from the message where missing.
    pub id: Option<&'a str>,
    /// Other lines of the log, for a counterexample.
    pub others: &'a [String],
}

/// A drafted rule.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its short id.
    pub id: String,
    /// Its text as an item of `rules`, by how much of the log is in its example; best first. Which
    /// of them holds is for a check to say: with more lines another rule may win the example.
    pub rules: Vec<String>,
}

/// Drafts a rule.
#[must_use]
pub fn draft(question: &Question<'_>) -> Draft {
    let Unknown { lines, at } = question.unknown;
    let line = lines.get(*at).map_or("", String::as_str);
    let own = tokens(line);
    let template = question
        .cluster
        .filter(|c| c.template.len() == own.len())
        .map_or(&own, |c| &c.template);
    let mut patterns = vec![(*at, pattern(template, &own, is_whole(line), &[]))];
    let mut telling = own.clone();
    if is_weak(&patterns[0].1)
        && let Some((other, text)) = companion(lines, *at)
    {
        let tokens = tokens(text);
        if other > *at {
            // A heading that could stand over anything: what it is about says which failure it is.
            patterns.clear();
        }
        let taken: Vec<String> = patterns
            .iter()
            .flat_map(|(_, p)| &p.captures)
            .map(|(name, _, _)| name.clone())
            .collect();
        patterns.push((other, pattern(&tokens, &tokens, is_whole(text), &taken)));
        patterns.sort_by_key(|(at, _)| *at);
        telling = tokens;
    }
    let (low, high) = (patterns[0].0, patterns[patterns.len() - 1].0);
    let id = question.id.map_or_else(|| id_of(&telling), str::to_owned);
    let patterns: Vec<Pattern> = patterns.into_iter().map(|(_, p)| p).collect();
    let counterexamples = counterexample(&patterns, template, question.others);
    let rules = examples(lines, low.min(*at), high.max(*at))
        .into_iter()
        .map(|example| {
            rule(&Parts {
                id: id.clone(),
                patterns: patterns.clone(),
                within: (high - low + FAR).max(5),
                example,
                counterexamples: counterexamples.clone(),
            })
        })
        .collect();
    Draft { id, rules }
}

/// Whether the message begins where the line does.
fn is_whole(line: &str) -> bool {
    message(line).len() == line.trim().len() && !line.starts_with([' ', '\t'])
}

fn is_weak(pattern: &Pattern) -> bool {
    literals(&pattern.regex).is_none_or(|required| required.score < RARE_ENOUGH)
}

/// The nearest line that says more than the failure's own: the next ones first, as details follow.
fn companion(lines: &[String], at: usize) -> Option<(usize, &str)> {
    let after = at + 1..(at + 1 + FAR).min(lines.len());
    let before = (at.saturating_sub(FAR)..at).rev();
    after.chain(before).find_map(|k| {
        let text = lines[k].as_str();
        let tokens = tokens(text);
        let made = pattern(&tokens, &tokens, is_whole(text), &[]);
        (!text.trim().is_empty() && !is_weak(&made)).then_some((k, text))
    })
}

/// What the example may hold: the paragraph around the match, a few lines, only the match.
fn examples(lines: &[String], low: usize, high: usize) -> Vec<Vec<String>> {
    let mut first = low;
    while first > 0 && low - first < AROUND && !lines[first - 1].trim().is_empty() {
        first -= 1;
    }
    let mut last = high;
    while last + 1 < lines.len() && last - high < AROUND / 2 && !lines[last + 1].trim().is_empty() {
        last += 1;
    }
    let mut all = vec![
        lines[first..=last].to_vec(),
        lines[first..=high].to_vec(),
        lines[low..=high].to_vec(),
    ];
    all.dedup();
    all
}

/// The line that has most words in common with the failure and is none.
fn counterexample(patterns: &[Pattern], template: &[Token], others: &[String]) -> Vec<String> {
    let words = |tokens: &[Token]| -> std::collections::BTreeSet<String> {
        let words = tokens.iter().filter_map(|t| match t {
            Token::Word(word) => Some(word.to_lowercase()),
            _ => None,
        });
        words.collect()
    };
    let regexes: Vec<LinePattern> = patterns.iter().map(|p| LinePattern::new(&p.regex)).collect();
    let own = words(template);
    others
        .iter()
        .filter(|line| line.len() <= 200 && !regexes.iter().any(|r| r.is_match(line.as_bytes())))
        .map(|line| (words(&tokens(line)).intersection(&own).count(), line))
        .filter(|(shared, _)| *shared > 0)
        .max_by_key(|(shared, line)| (*shared, std::cmp::Reverse(line.len())))
        .map(|(_, line)| line.trim().to_owned())
        .into_iter()
        .collect()
}

/// An id from the words of a message.
fn id_of(tokens: &[Token]) -> String {
    const EMPTY: [&str; 17] = [
        "a", "an", "the", "is", "was", "are", "of", "to", "in", "at", "on", "for", "with", "and", "error", "fatal",
        "warning",
    ];
    let mut id = String::new();
    let words = tokens.iter().filter_map(|t| match t {
        Token::Word(word) => Some(word.to_lowercase()),
        _ => None,
    });
    for word in words {
        let plain: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        let fits = !plain.is_empty() && !EMPTY.contains(&plain.as_str()) && id.len() + plain.len() < 48;
        let starts = !id.is_empty() || plain.starts_with(|c: char| c.is_ascii_lowercase());
        if fits && starts {
            if !id.is_empty() {
                id.push('-');
            }
            id.push_str(&plain);
        }
        if id.matches('-').count() >= 4 {
            break;
        }
    }
    if id.is_empty() { "unnamed".to_owned() } else { id }
}
