//! Languages that the engine can parse: does a file parse, and how would it be repaired.
//!
//! One place that knows which parser belongs to which [`Language`]; it knows nothing of rules.

use std::cell::RefCell;
use std::ops::Range;

use crate::pack::model::Language;
use crate::{brackets, shell, syntax, yaml};

/// Where a file does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// 1-based line; 0 where unknown.
    pub line: u32,
    /// 1-based column in characters; 0 where unknown.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

/// Bytes that are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Where in the file as it was; empty for an insertion.
    pub range: Range<usize>,
    /// What takes their place.
    pub replacement: String,
}

/// A possible repair.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What is replaced, in order, not overlapping.
    pub edits: Vec<Edit>,
    /// The whole file afterwards.
    pub content: Vec<u8>,
    /// How likely it is what the author meant, 0 to 1.
    pub probability: f64,
    /// What it does.
    pub description: String,
}

/// What can be done about a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Repair {
    /// It parses.
    Valid,
    /// There is one clear repair.
    Clear {
        /// The repair.
        best: Candidate,
        /// Others, less likely.
        others: Vec<Candidate>,
    },
    /// A person must choose.
    Unclear {
        /// Why.
        reason: String,
        /// Possibilities, likeliest first.
        candidates: Vec<Candidate>,
    },
}

/// Whether a file parses.
///
/// # Errors
/// The first fault.
pub fn parses(language: Language, content: &[u8], version: Option<&str>) -> Result<(), Fault> {
    let text = || std::str::from_utf8(content).map_err(|e| fault_at(content, e.valid_up_to(), "not UTF-8"));
    match language {
        Language::Python => match syntax::check(content, python_version(version)).into_iter().next() {
            None => Ok(()),
            Some(f) => Err(Fault {
                line: f.line,
                column: f.column,
                message: f.message,
            }),
        },
        Language::Json => serde_json::from_slice::<serde_json::Value>(content)
            .map(drop)
            .map_err(|e| Fault {
                line: u32::try_from(e.line()).unwrap_or(0),
                column: u32::try_from(e.column()).unwrap_or(0),
                message: e.to_string(),
            }),
        Language::Toml => text()?
            .parse::<toml::Table>()
            .map(drop)
            .map_err(|e| fault_at(content, e.span().map_or(0, |s| s.start), e.message())),
        Language::Hcl => hcl_edit::parser::parse_body(text()?).map(drop).map_err(|e| Fault {
            line: u32::try_from(e.location().line()).unwrap_or(0),
            column: u32::try_from(e.location().column()).unwrap_or(0),
            message: e.message().to_owned(),
        }),
        Language::Bash => match shell::fault(content) {
            Some((line, message)) => Err(Fault {
                line,
                column: 0,
                message,
            }),
            None => Ok(()),
        },
        Language::Yaml => match yaml::repair::fault(text()?) {
            Some((line, column, message)) => Err(Fault { line, column, message }),
            None => Ok(()),
        },
    }
}

/// Whether a file's faults are others in an old and in a new version of its language, so that the version
/// must be known before anything is said of the file.
#[must_use]
pub fn version_matters(language: Language, content: &[u8]) -> bool {
    let faults = |version| syntax::check(content, python_version(Some(version)));
    language == Language::Python && faults("3.7") != faults("3.14")
}

/// What is asked of [`repair`].
type Question = (Language, Vec<u8>, Option<u32>, Option<String>);

thread_local! {
    /// The last answer: conditions, evidence and the fix of one cause all ask the same.
    static LAST: RefCell<Option<(Question, Repair)>> = const { RefCell::new(None) };
}

/// Looks for a repair of a file that does not parse.
#[must_use]
pub fn repair(language: Language, content: &[u8], line: Option<u32>, version: Option<&str>) -> Repair {
    let question = (language, content.to_vec(), line, version.map(str::to_owned));
    let known = LAST.with_borrow(|last| last.as_ref().filter(|(q, _)| *q == question).map(|(_, r)| r.clone()));
    known.unwrap_or_else(|| {
        let repair = look_for_repair(language, content, line, version);
        LAST.set(Some((question, repair.clone())));
        repair
    })
}

fn look_for_repair(language: Language, content: &[u8], line: Option<u32>, version: Option<&str>) -> Repair {
    match language {
        Language::Python => python(content, line, version),
        Language::Bash => script(content, line),
        Language::Hcl => hcl(content),
        Language::Yaml => data(content, line),
        _ => Repair::Unclear {
            reason: format!("heal cannot repair {language:?} yet"),
            candidates: Vec::new(),
        },
    }
}

/// Brackets by indentation; the parser has the last word.
fn hcl(content: &[u8]) -> Repair {
    if parses(Language::Hcl, content, None).is_ok() {
        return Repair::Valid;
    }
    let unclear = |reason: &str| Repair::Unclear {
        reason: reason.to_owned(),
        candidates: Vec::new(),
    };
    let Ok(text) = std::str::from_utf8(content) else {
        return unclear("it is not UTF-8");
    };
    match brackets::propose(text) {
        Some(p) if parses(Language::Hcl, p.text.as_bytes(), None).is_ok() => Repair::Clear {
            best: Candidate {
                edits: vec![difference(text, &p.text)],
                content: p.text.into_bytes(),
                probability: 0.95,
                description: p.description,
            },
            others: Vec::new(),
        },
        _ => unclear("its indentation does not show one place where a bracket is missing or too much"),
    }
}

fn python(content: &[u8], line: Option<u32>, version: Option<&str>) -> Repair {
    let options = syntax::Options {
        target: python_version(version),
        hint_line: line,
        ..syntax::Options::default()
    };
    let edit = |e: &syntax::Edit| Edit {
        range: e.range.clone(),
        replacement: e.replacement.clone(),
    };
    let candidate = |c: &syntax::Candidate| Candidate {
        edits: c.edits.iter().map(edit).collect(),
        content: syntax::apply(content, &c.edits),
        probability: c.probability,
        description: c.description.clone(),
    };
    match syntax::repair(content, &options) {
        syntax::Outcome::Valid => Repair::Valid,
        syntax::Outcome::Repaired { best, runners_up } if best.probability >= syntax::GATE => Repair::Clear {
            best: candidate(&best),
            others: runners_up.iter().map(candidate).collect(),
        },
        syntax::Outcome::Repaired { best, runners_up } => Repair::Unclear {
            reason: "no repair is clearly the one that was meant".to_owned(),
            candidates: std::iter::once(&best).chain(&runners_up).map(candidate).collect(),
        },
        syntax::Outcome::Unclear { reason, candidates } => Repair::Unclear {
            reason,
            candidates: candidates.iter().map(candidate).collect(),
        },
    }
}

fn script(content: &[u8], line: Option<u32>) -> Repair {
    let edit = |e: &shell::Edit| Edit {
        range: e.range.clone(),
        replacement: e.replacement.clone(),
    };
    let candidate = |c: &shell::Candidate| Candidate {
        edits: c.edits.iter().map(edit).collect(),
        content: c.apply(content),
        probability: c.probability,
        description: c.description.clone(),
    };
    match shell::repair(content, line) {
        shell::Outcome::Valid => Repair::Valid,
        shell::Outcome::Repaired { best, runners_up } => Repair::Clear {
            best: candidate(&best),
            others: runners_up.iter().map(candidate).collect(),
        },
        shell::Outcome::Unclear { reason, candidates } => Repair::Unclear {
            reason,
            candidates: candidates.iter().map(candidate).collect(),
        },
    }
}

fn data(content: &[u8], line: Option<u32>) -> Repair {
    let Ok(text) = std::str::from_utf8(content) else {
        return Repair::Unclear {
            reason: "it is not UTF-8".to_owned(),
            candidates: Vec::new(),
        };
    };
    let candidate = |c: yaml::repair::Candidate| Candidate {
        edits: vec![difference(text, &c.text)],
        content: c.text.into_bytes(),
        probability: c.probability,
        description: c.description,
    };
    match yaml::repair::repair(text, line) {
        yaml::repair::Outcome::Valid => Repair::Valid,
        yaml::repair::Outcome::Repaired { best, runners_up } => Repair::Clear {
            best: candidate(best),
            others: runners_up.into_iter().map(candidate).collect(),
        },
        yaml::repair::Outcome::Unclear { reason, candidates } => Repair::Unclear {
            reason,
            candidates: candidates.into_iter().map(candidate).collect(),
        },
    }
}

/// The one stretch in which two texts differ.
fn difference(before: &str, after: &str) -> Edit {
    let same = |pair: &(char, char)| pair.0 == pair.1;
    let width = |pair: (char, char)| pair.0.len_utf8();
    let start: usize = before.chars().zip(after.chars()).take_while(same).map(width).sum();
    let (from, to) = (&before[start..], &after[start..]);
    let end: usize = (from.chars().rev().zip(to.chars().rev()))
        .take_while(same)
        .map(width)
        .sum();
    Edit {
        range: start..before.len() - end,
        replacement: to[..to.len() - end].to_owned(),
    }
}

fn python_version(text: Option<&str>) -> syntax::PyVersion {
    let parsed = text.and_then(|t| {
        let mut parts = t.trim().split('.');
        Some(syntax::PyVersion {
            major: parts.next()?.parse().ok()?,
            minor: parts.next()?.parse().ok()?,
        })
    });
    parsed.unwrap_or_default()
}

fn fault_at(content: &[u8], offset: usize, message: &str) -> Fault {
    let before = &content[..offset.min(content.len())];
    let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
    let column = before.rsplit(|&b| b == b'\n').next().map_or(0, <[u8]>::len) + 1;
    Fault {
        line: u32::try_from(line).unwrap_or(0),
        column: u32::try_from(column).unwrap_or(0),
        message: message.to_owned(),
    }
}
