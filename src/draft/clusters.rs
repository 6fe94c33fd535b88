//! Lines that are one failure in different words: groups by template, in the way of Drain (He et al.,
//! 2017). Lines with as many pieces and the same first word are compared place by place; where they
//! differ in few words, those words are values.

use std::collections::HashMap;

use super::token::{Kind, Token, kind_of, tokens};

/// Most groups; later lines that belong to none of them are only counted.
const MOST: usize = 2_000;
/// Of so many words one may differ.
const ONE_IN: usize = 5;
/// Most bytes of a line that are looked at.
const LONGEST: usize = 2_048;

/// When a line was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Seen {
    /// Number of the line in its log, from 1; none where it came from the changelog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The time, as the log or the changelog has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

/// Lines with one template.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// What they have in common, and where they differ.
    pub template: Vec<Token>,
    /// The first of them.
    pub example: String,
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Seen,
    /// The last of them.
    pub last: Seen,
    /// What the caller keeps with it.
    pub mark: usize,
}

impl Cluster {
    /// The template in a line: values as `<name>`.
    #[must_use]
    pub fn shown(&self) -> String {
        let names = super::names::names(&self.template);
        let pieces = self.template.iter().zip(names).map(|(token, name)| match name {
            Some(name) => format!("<{name}>"),
            None => token.text().to_owned(),
        });
        pieces.collect()
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Clusters {
    all: Vec<Cluster>,
    by_shape: HashMap<(usize, String), Vec<usize>>,
    /// Lines beyond what is kept.
    pub beyond: u64,
}

impl Clusters {
    /// Adds a line; `mark` is kept where a new group begins with it. Whether one did.
    pub fn add(&mut self, line: &str, seen: Seen, mark: usize) -> bool {
        let mut end = line.len().min(LONGEST);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        let pieces = tokens(&line[..end]);
        let first = pieces.iter().find_map(|t| match t {
            Token::Word(word) => Some(word.clone()),
            _ => None,
        });
        let shape = self
            .by_shape
            .entry((pieces.len(), first.unwrap_or_default()))
            .or_default();
        let near = shape
            .iter()
            .filter_map(|&k| Some((differing(&self.all[k].template, &pieces)?, k)))
            .min();
        if let Some((_, k)) = near {
            let cluster = &mut self.all[k];
            merge(&mut cluster.template, &pieces);
            cluster.count += 1;
            cluster.last = seen;
            return false;
        }
        if self.all.len() >= MOST {
            self.beyond += 1;
            return false;
        }
        shape.push(self.all.len());
        self.all.push(Cluster {
            template: pieces,
            example: line[..end].trim().to_owned(),
            count: 1,
            last: seen.clone(),
            first: seen,
            mark,
        });
        true
    }

    /// All groups, the most frequent first; of equals the one that was seen first.
    #[must_use]
    pub fn most_frequent(self) -> Vec<Cluster> {
        let mut all = self.all;
        all.sort_by_key(|c| std::cmp::Reverse(c.count));
        all
    }
}

/// In how many words a line differs from a template; none where it is of another kind.
fn differing(template: &[Token], line: &[Token]) -> Option<usize> {
    let (mut words, mut differ) = (0, 0);
    for (a, b) in template.iter().zip(line) {
        match (a, b) {
            (Token::Between(a), Token::Between(b)) if a == b => {}
            (Token::Value { quote: a, .. }, Token::Value { quote: b, .. }) if a == b => {}
            (Token::Word(a), Token::Word(b)) => {
                words += 1;
                differ += usize::from(a != b);
            }
            // A word that differed before, or that looked like a value once.
            (Token::Value { quote: None, .. }, Token::Word(_)) | (Token::Word(_), Token::Value { quote: None, .. }) => {
                words += 1;
                differ += 1;
            }
            _ => return None,
        }
    }
    (differ * ONE_IN <= words).then_some(differ)
}

fn merge(template: &mut [Token], line: &[Token]) {
    for (a, b) in template.iter_mut().zip(line) {
        let joined = match (&*a, b) {
            (Token::Value { kind, .. }, Token::Value { kind: other, .. }) => kind.join(*other),
            (Token::Value { kind, .. }, Token::Word(word)) => kind.join(kind_of(word)),
            (Token::Word(word), Token::Value { kind, .. }) => kind.join(kind_of(word)),
            (Token::Word(a), Token::Word(b)) if a != b => kind_of(a).join(kind_of(b)),
            _ => continue,
        };
        match a {
            Token::Value { kind, .. } => *kind = joined,
            Token::Word(text) => {
                *a = Token::Value {
                    kind: if joined == Kind::Text { Kind::Name } else { joined },
                    text: std::mem::take(text),
                    quote: None,
                };
            }
            Token::Between(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Vec<(u64, String)> {
        let mut clusters = Clusters::default();
        for (k, line) in lines.iter().enumerate() {
            let seen = Seen {
                line: Some(k as u64 + 1),
                time: None,
            };
            clusters.add(line, seen, k);
        }
        clusters.most_frequent().iter().map(|c| (c.count, c.shown())).collect()
    }

    #[test]
    fn lines_that_differ_in_values_are_one_and_others_are_not() {
        let found = of(&[
            "connection refused",
            "widget 'a' is not ready: 3 of 7",
            "connection closed",
            "widget 'b c' is not ready: 12 of 7",
            "2024-01-15 10:30:15 widget 'd' is not ready: 1 of 7",
            "could not reach the service alpha in time today",
            "could not reach the service beta in time today",
        ]);
        assert_eq!(
            found,
            [
                (3, "widget '<widget>' is not ready: <number> of <number_2>".to_owned()),
                (2, "could not reach the service <service> in time today".to_owned()),
                (1, "connection refused".to_owned()),
                (1, "connection closed".to_owned()),
            ]
        );
    }

    #[test]
    fn very_many_kinds_of_lines_are_bounded() {
        let mut clusters = Clusters::default();
        for k in 0..MOST + 10 {
            let word: String = format!("{k}").bytes().map(|b| (b + 49) as char).collect();
            clusters.add(&format!("{word} {word}"), Seen::default(), 0);
        }
        assert_eq!(clusters.beyond, 10);
        assert_eq!(clusters.most_frequent().len(), MOST);
    }
}
