//! Hits and reports put together into errors, the cause before what follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::files::Files;
use super::fingerprint::fingerprint;
use super::recognise::Recognised;
use super::scan::{Frame, Hit, ReportHit, Scan, StreamKind};
use super::{order, place};
use crate::pack::RuleSet;
use crate::pack::model::{ErrorType, Fatal, Location as Which, Severity};

/// A hit at most this many lines after a report belongs to it.
const AFTER: u64 = 2;

/// At most this many lines lie between the end of a report and the start of the one that it led to:
/// a closing quote, a blank line, the sentence that links them, a blank line.
const STORY: u64 = 5;

/// The user's own line that an error is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Location {
    /// The file, absolute.
    pub file: PathBuf,
    /// The file as it is shown: relative to the command's folder where it lies inside.
    pub shown: String,
    /// The line, 1-based.
    pub line: Option<u32>,
    /// The column, 1-based.
    pub column: Option<u32>,
    /// The function or block.
    pub function: Option<String>,
    /// The source line as the tool showed it.
    pub source: Option<String>,
}

/// An error found in an output.
#[derive(Debug, Clone)]
pub struct DetectedError {
    /// Its number in the list: its index.
    pub id: usize,
    /// The rule (index into [`RuleSet::rules`]); `None` for one that no rule knows.
    pub rule: Option<usize>,
    /// The environment it comes from.
    pub environment: Option<String>,
    /// Type.
    pub error_type: ErrorType,
    /// Severity.
    pub severity: Severity,
    /// The line that says it.
    pub message: String,
    /// The lines that belong to it, bounded.
    pub excerpt: String,
    /// Where it was written.
    pub stream: StreamKind,
    /// First and last raw line, 1-based.
    pub lines: (u64, u64),
    /// The line (or joined lines) that decided.
    pub anchor: (u64, u64),
    /// The rule's named groups.
    pub captures: BTreeMap<String, String>,
    /// The user's own line.
    pub location: Option<Location>,
    /// All frames of its report.
    pub frames: Vec<Frame>,
    /// Stable over runs: rule and generalised message and file, without numbers and addresses.
    pub fingerprint: String,
    /// When it arrived.
    pub at: u64,
    /// It only passes on another error.
    pub cascade: bool,
    /// The command's exit code.
    pub exit_code: Option<i32>,
    /// Ids of less particular errors found on the same line.
    pub alternatives: Vec<usize>,
    /// The more particular error on the same line, of which this is an alternative.
    pub alternative_of: Option<usize>,
    /// How particular its rule is.
    pub specificity: u32,
}

/// What detection needs to know about the run.
pub struct DetectContext<'a> {
    /// The command's folder.
    pub cwd: &'a Path,
    /// The project's root.
    pub project_root: &'a Path,
    /// What the command is.
    pub recognised: &'a Recognised,
    /// How it ended.
    pub exit_code: Option<i32>,
    /// Files.
    pub files: &'a dyn Files,
}

/// Errors in a scan, best first: cause before cascade, fallback rules only when nothing else.
/// Where nothing is known, one unclassified error from the likeliest line.
#[must_use]
pub fn detect(scan: &Scan, rules: &RuleSet, context: &DetectContext<'_>) -> Vec<DetectedError> {
    let stories = stories(&scan.reports);
    let mut found = from_hits(scan, &stories, rules, context);
    from_reports(scan, &stories, rules, context, &mut found);
    if found.is_empty() {
        return vec![unclassified(scan, context)];
    }
    order::arrange(found, rules, context.recognised)
}

/// For each report whether it only follows from an earlier one: reports of one kind that stand
/// one after another with one sentence between them, which ends with a colon, are one story, and
/// the first of them is the cause.
fn stories(reports: &[ReportHit]) -> Vec<bool> {
    reports
        .iter()
        .enumerate()
        .map(|(k, this)| {
            let [.., blank, link, after] = this.before.as_slice() else {
                return false;
            };
            let links = blank.trim().is_empty()
                && after.trim().is_empty()
                && link.trim_end().ends_with(':')
                && link.contains(' ');
            links
                && reports[..k].iter().any(|r| {
                    r.stream == this.stream
                        && r.environment == this.environment
                        && r.lines.1 < this.lines.0
                        && r.lines.1 + STORY >= this.lines.0
                })
        })
        .collect()
}

/// The report that a hit lies in or directly after.
fn report_of(hit: &Hit, reports: &[ReportHit]) -> Option<usize> {
    let near = |r: &&ReportHit| r.stream == hit.stream && r.lines.0 <= hit.anchor && hit.anchor <= r.lines.1 + AFTER;
    let at = |r: &ReportHit| reports.iter().position(|x| std::ptr::eq(x, r));
    reports.iter().filter(near).max_by_key(|r| r.lines.0).and_then(at)
}

fn fatal_of(environment: Option<&str>, rules: &RuleSet) -> Fatal {
    environment
        .and_then(|name| rules.environments.get(name))
        .map_or(Fatal::First, |e| e.fatal)
}

fn from_hits(scan: &Scan, stories: &[bool], rules: &RuleSet, context: &DetectContext<'_>) -> Vec<DetectedError> {
    let known = |h: &&Hit| rules.rules.get(h.rule).is_some();
    let fallback = |h: &Hit| rules.rules[h.rule].rule.fallback;
    let only_fallback = scan.hits.iter().filter(known).all(fallback);
    let mut errors: Vec<DetectedError> = Vec::new();
    for hit in scan.hits.iter().filter(known) {
        let loaded = &rules.rules[hit.rule];
        if fallback(hit) && !only_fallback {
            continue;
        }
        let report = report_of(hit, &scan.reports);
        let environment = loaded
            .environment
            .clone()
            .or_else(|| report.map(|r| scan.reports[r].environment.clone()));
        let location = own_location(hit, context).or_else(|| {
            let report = &scan.reports[report?];
            place::of_report(report, kind_of(report, rules), context)
        });
        let inside = report.filter(|&r| hit.anchor <= scan.reports[r].lines.1);
        let file = location.as_ref().map_or("", |l| l.shown.as_str());
        let error = DetectedError {
            id: 0,
            rule: Some(hit.rule),
            error_type: loaded.rule.kind.unwrap_or(ErrorType::Unknown),
            severity: loaded.rule.severity,
            message: hit.message.clone(),
            excerpt: inside.map_or(&hit.excerpt, |r| &scan.reports[r].excerpt).clone(),
            stream: hit.stream,
            lines: hit.lines,
            anchor: (hit.anchor, hit.lines.1.max(hit.anchor)),
            captures: hit.captures.clone(),
            frames: report.map_or_else(Vec::new, |r| scan.reports[r].frames.clone()),
            fingerprint: fingerprint(&loaded.id, &hit.message, file),
            at: hit.at,
            cascade: loaded.rule.cascade || inside.is_some_and(|r| stories[r]),
            exit_code: context.exit_code,
            alternatives: Vec::new(),
            alternative_of: None,
            specificity: hit.specificity,
            location,
            environment,
        };
        let same = errors
            .iter_mut()
            .find(|e| e.rule == error.rule && e.captures == error.captures);
        match same {
            // Of what was said several times, the one that counts is the one that was fatal.
            Some(old) => {
                let fatal = fatal_of(error.environment.as_deref(), rules);
                // What only passes it on does not show where it happened, unless the first place is no file.
                let told = !old.cascade && old.location.as_ref().is_some_and(|l| context.files.exists(&l.file));
                if old.cascade || (fatal == Fatal::Last && !(error.cascade && told)) {
                    *old = error;
                }
            }
            None => errors.push(error),
        }
    }
    errors
}

/// The location that a rule's own groups give.
fn own_location(hit: &Hit, context: &DetectContext<'_>) -> Option<Location> {
    let number = |name: &str| hit.captures.get(name).and_then(|t| t.parse().ok());
    place::location(
        &Frame {
            file: hit.captures.get("file")?.clone(),
            line: number("line"),
            column: number("column"),
            function: hit.captures.get("function").cloned(),
            source: hit.captures.get("source").cloned(),
        },
        context,
    )
}

fn kind_of(report: &ReportHit, rules: &RuleSet) -> Which {
    rules
        .environments
        .get(&report.environment)
        .and_then(|e| e.report.get(report.report))
        .map_or(Which::default(), |r| r.location)
}

/// Reports that no rule knows are errors too.
fn from_reports(
    scan: &Scan,
    stories: &[bool],
    rules: &RuleSet,
    context: &DetectContext<'_>,
    found: &mut Vec<DetectedError>,
) {
    let known: BTreeSet<usize> = scan
        .hits
        .iter()
        .filter(|h| rules.rules.get(h.rule).is_some())
        .filter_map(|h| report_of(h, &scan.reports))
        .collect();
    for (k, report) in scan.reports.iter().enumerate() {
        if known.contains(&k) {
            continue;
        }
        let location = place::of_report(report, kind_of(report, rules), context);
        let file = location.as_ref().map_or("", |l| l.shown.as_str());
        let error = DetectedError {
            id: 0,
            rule: None,
            error_type: ErrorType::Unknown,
            severity: Severity::Error,
            message: report.message.trim().to_owned(),
            excerpt: report.excerpt.clone(),
            stream: report.stream,
            lines: report.lines,
            anchor: (report.anchor, report.anchor),
            captures: report.captures.clone(),
            frames: report.frames.clone(),
            fingerprint: fingerprint(&report.environment, &report.message, file),
            at: report.at,
            cascade: stories[k],
            exit_code: context.exit_code,
            alternatives: Vec::new(),
            alternative_of: None,
            specificity: 0,
            location,
            environment: Some(report.environment.clone()),
        };
        let same = found
            .iter_mut()
            .find(|e| e.rule.is_none() && e.fingerprint == error.fingerprint);
        match same {
            Some(old) if fatal_of(error.environment.as_deref(), rules) == Fatal::Last => {
                *old = error;
            }
            Some(_) => {}
            None => found.push(error),
        }
    }
}

/// `file:line` or `file:line:column` at the start of a message, as compilers and linters write it.
static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|\s)(?P<file>[\w./@+-]*[\w@+-]):(?:\s?line\s)?(?P<line>\d+)(?::(?P<column>\d+))?\b").ok()
});

/// The one error of an output in which nothing is known.
fn unclassified(scan: &Scan, context: &DetectContext<'_>) -> DetectedError {
    let message = match &scan.likely {
        Some(line) => line.text.trim().to_owned(),
        None => "the command failed and said nothing".to_owned(),
    };
    let location = PLACE
        .as_ref()
        .and_then(|r| r.captures(&message))
        .and_then(|c| {
            let number = |name: &str| c.name(name).and_then(|t| t.as_str().parse().ok());
            let frame = Frame {
                file: c["file"].to_owned(),
                line: number("line"),
                column: number("column"),
                ..Frame::default()
            };
            place::location(&frame, context)
        })
        .filter(|l| place::is_own(&l.file, context) && context.files.exists(&l.file));
    let environment = context.recognised.environment.clone();
    let who = environment.as_deref().unwrap_or_default();
    let file = location.as_ref().map_or("", |l| l.shown.as_str());
    let number = scan.likely.as_ref().map_or(0, |l| l.number);
    DetectedError {
        id: 0,
        rule: None,
        error_type: ErrorType::Unknown,
        severity: Severity::Error,
        excerpt: message.clone(),
        stream: scan.likely.as_ref().map_or(StreamKind::Both, |l| l.stream),
        lines: (number, number),
        anchor: (number, number),
        captures: BTreeMap::new(),
        frames: Vec::new(),
        fingerprint: fingerprint(who, &message, file),
        at: scan.likely.as_ref().map_or(0, |l| l.at),
        cascade: false,
        exit_code: context.exit_code,
        alternatives: Vec::new(),
        alternative_of: None,
        specificity: 0,
        message,
        location,
        environment,
    }
}
