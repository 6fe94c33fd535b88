//! Repairs Python source that does not parse, as its author meant it.
//!
//! Text in, the smallest list of byte edits out, with a probability and the runners-up, or the reason
//! why there is no clear repair. Deterministic, without a network, without running any Python.
//! This module knows nothing of commands, files, rule packs or projects.

mod brackets;
mod candidates;
#[cfg(test)]
mod cases;
mod decode;
mod evident;
mod fstring;
mod headers;
mod indent;
mod judge;
mod lexical;
mod lines;
mod numbers;
mod pairing;
mod pieces;
mod proposal;
mod python2;
mod rank;
mod region;
mod scan;
mod search;
mod semantic;
mod strings;
mod table;
mod tabs;
#[cfg(test)]
mod tests;
#[doc(hidden)]
pub mod training;
mod triple;
mod window;
mod words;

use std::ops::Range;
use std::time::{Duration, Instant};

use ruff_python_ast::PythonVersion;

/// Probability at or above which a repair may be applied without asking.
///
/// Chosen on injected faults and on real ones so that nearly all repairs above it have the tree that the
/// author meant; `docs/syntax-repair.md` has the figures.
pub const GATE: f64 = 0.86;

/// One replacement; byte offsets of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Bytes that are replaced; empty for an insertion.
    pub range: Range<usize>,
    /// What takes their place.
    pub replacement: String,
}

/// A repair after which the whole file parses.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Sorted, not overlapping.
    pub edits: Vec<Edit>,
    /// How likely this is what the author meant, 0 to 1.
    pub probability: f64,
    /// Short name of what is done, `several` for a sequence of different steps.
    pub kind: String,
    /// One sentence for people.
    pub description: String,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Nothing is wrong with the syntax.
    Valid,
    /// The file parses after `best`.
    Repaired {
        /// The likeliest repair.
        best: Candidate,
        /// At most three others, likeliest first.
        runners_up: Vec<Candidate>,
    },
    /// A person must decide.
    Unclear {
        /// Why, for people.
        reason: String,
        /// At most three possibilities, likeliest first; may be empty.
        candidates: Vec<Candidate>,
    },
}

/// Version of the interpreter that shall accept the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PyVersion {
    /// 3 for every supported one.
    pub major: u8,
    /// The number after the dot.
    pub minor: u8,
}

impl Default for PyVersion {
    fn default() -> Self {
        PyVersion { major: 3, minor: 12 }
    }
}

impl From<PyVersion> for PythonVersion {
    fn from(v: PyVersion) -> Self {
        PythonVersion {
            major: v.major,
            minor: v.minor,
        }
    }
}

/// How to repair.
#[derive(Debug, Clone)]
pub struct Options {
    /// Version of the interpreter that failed.
    pub target: PyVersion,
    /// Time after which the best repair so far is returned.
    pub budget: Duration,
    /// Line (1-based) on which the interpreter reported the error.
    pub hint_line: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            target: PyVersion::default(),
            budget: Duration::from_millis(300),
            hint_line: None,
        }
    }
}

/// One reason why text is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxFault {
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// Byte offsets of the input.
    pub range: Range<usize>,
    /// For people.
    pub message: String,
}

/// The syntax errors of `source` for an interpreter of version `target`; empty if it compiles. Errors of
/// the symbol table (`return` outside a function, ...) count. Text that cannot be decoded is one fault.
pub fn check(source: &[u8], target: PyVersion) -> Vec<SyntaxFault> {
    let decoded = match decode::decode(source) {
        Ok(decoded) => decoded,
        Err(message) => {
            return vec![SyntaxFault {
                line: 1,
                column: 1,
                range: 0..0,
                message,
            }];
        }
    };
    let scan = scan::Scan::new(&decoded.text);
    judge::faults(&decoded.text, target.into())
        .into_iter()
        .map(|f| {
            let line = scan.line_of(f.range.start);
            let start = scan.lines.get(line).map_or(0, |l| l.start);
            let column = decoded.text.get(start..f.range.start).map_or(0, |t| t.chars().count());
            SyntaxFault {
                line: u32::try_from(line + 1).unwrap_or(u32::MAX),
                column: u32::try_from(column + 1).unwrap_or(u32::MAX),
                range: decoded.to_bytes(f.range.start)..decoded.to_bytes(f.range.end),
                message: f.message,
            }
        })
        .collect()
}

/// `source` after `edits` (sorted, not overlapping; edits outside the text are left out).
pub fn apply(source: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(source.len() + 16);
    let mut at = 0;
    for e in edits {
        if e.range.start < at || e.range.end > source.len() || e.range.start > e.range.end {
            continue;
        }
        out.extend_from_slice(&source[at..e.range.start]);
        out.extend_from_slice(e.replacement.as_bytes());
        at = e.range.end;
    }
    out.extend_from_slice(&source[at..]);
    out
}

/// Looks for the repair of `source`. Never panics, whatever the bytes.
pub fn repair(source: &[u8], options: &Options) -> Outcome {
    let deadline = Instant::now() + options.budget;
    let decoded = match decode::decode(source) {
        Ok(decoded) => decoded,
        Err(reason) => {
            return Outcome::Unclear {
                reason,
                candidates: Vec::new(),
            };
        }
    };
    let version: PythonVersion = options.target.into();
    let faults = judge::faults(&decoded.text, version);
    if faults.is_empty() {
        return Outcome::Valid;
    }
    let unclear = |reason: String, candidates| Outcome::Unclear { reason, candidates };
    if options.target.major < 3 {
        return unclear("only Python 3 syntax is understood".into(), Vec::new());
    }
    let scan = scan::Scan::new(&decoded.text);
    let (conflicts, _) = lines::conflicts(&scan);
    if let Some(first) = conflicts.first() {
        let reason = format!(
            "{} unresolved merge conflict{} from line {}: someone must choose a side",
            conflicts.len(),
            if conflicts.len() == 1 { "" } else { "s" },
            first.ours + 1
        );
        return unclear(reason, candidates::of_conflicts(&decoded, &scan, version));
    }
    if faults.iter().all(|f| f.version && f.class == "v:other")
        && let Some(reason) = newer(&decoded.text, &scan, &faults, version)
    {
        return unclear(reason, Vec::new());
    }
    let mut search = search::Search {
        version,
        deadline,
        hint: options
            .hint_line
            .and_then(|l| usize::try_from(l).ok())
            .and_then(|l| l.checked_sub(1)),
        trace: None,
    };
    let solutions = search.run(&decoded.text, faults.clone());
    let mut candidates = candidates::ranked(&decoded, &scan, solutions);
    if let Some(line) = cut_off(&scan) {
        candidates.truncate(3);
        let reason = format!("the file seems to be cut off in line {line}: what followed is lost");
        return unclear(reason, candidates);
    }
    // Newer syntax that an evident edit does not spell in the old way wants the newer interpreter.
    if candidates.first().is_none_or(|c| c.probability < GATE)
        && let Some(reason) = newer(&decoded.text, &scan, &faults, version)
    {
        candidates.truncate(3);
        return unclear(reason, candidates);
    }
    if candidates.is_empty() {
        let line = scan.line_of(faults[0].range.start) + 1;
        return unclear(
            format!("no repair found for line {line}: {}", faults[0].message),
            Vec::new(),
        );
    }
    candidates.truncate(4);
    let best = candidates.remove(0);
    Outcome::Repaired {
        best,
        runners_up: candidates,
    }
}

/// Says which interpreter the text needs, if nothing but syntax newer than `version` is wrong with it.
fn newer(text: &str, scan: &scan::Scan, faults: &[judge::Fault], version: PythonVersion) -> Option<String> {
    let first = faults.iter().find(|f| f.version)?;
    let needed = judge::needed_version(text, version)?;
    let line = scan.line_of(first.range.start) + 1;
    Some(format!("line {line} needs Python {needed} or newer: {}", first.message))
}

/// The last line (1-based) of a file that ends in the middle of a statement.
///
/// Short texts are excerpts, and an excerpt without a last line break says nothing.
fn cut_off(scan: &scan::Scan) -> Option<usize> {
    const SHORT: usize = 20;
    let end = scan.lines.len();
    if end < SHORT || scan.text.ends_with(['\n', '\r']) {
        return None;
    }
    let last = scan.tokens.last()?;
    let text = scan.str(last);
    let open_bracket = scan
        .brackets
        .iter()
        .any(|b| b.close.is_none() && b.line == end && b.open.is_some_and(|o| scan.tokens[o].line < last.line));
    let dangling = match last.kind {
        scan::Kind::Str => last.unclosed && (last.triple || last.line + 1 == end),
        scan::Kind::Op => !matches!(text, ")" | "]" | "}" | "..." | ";"),
        scan::Kind::Keyword => !matches!(
            text,
            "pass" | "break" | "continue" | "return" | "None" | "True" | "False" | "raise" | "yield"
        ),
        _ => false,
    };
    (open_bracket || dangling).then_some(end)
}
