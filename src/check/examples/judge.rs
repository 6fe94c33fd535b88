//! What came of an example against what it expects.

use super::case::Ran;
use super::difference::words;
use super::{Case, nearest};
use crate::analyzer::{Action, Analysis, CauseVerdict, Suggestion, describe, shell_line};
use crate::check::place::{Place, diagnostic};
use crate::diagnostic::Diagnostic;
use crate::pack::model::{Condition, Expect, RenderedFix, ShortText};
use crate::pack::{LoadedRule, RuleSet};
use crate::yaml::Node;

/// What came of a case.
#[derive(Debug, Default)]
pub struct Judged {
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The rule that is acted on in place of the case's own.
    pub winner: Option<String>,
}

impl Judged {
    /// With one diagnostic.
    #[must_use]
    pub fn of(diagnostic: Diagnostic) -> Self {
        Self {
            diagnostics: vec![diagnostic],
            winner: None,
        }
    }
}

/// Judges a case that ran.
#[must_use]
pub fn judge(case: &Case<'_>, ran: &Ran, rules: &RuleSet) -> Judged {
    let Some(position) = rules.rules.iter().position(|r| r.id == case.rule) else {
        return Judged::default();
    };
    let found = ran.of(position);
    if case.counter {
        let noisy = found
            .filter(|a| !a.causes.is_empty())
            .map(|a| noisy(case, a, ran, position));
        return noisy.map_or_else(Judged::default, Judged::of);
    }
    let Some(analysis) = found.filter(|a| !a.causes.is_empty()) else {
        return Judged::of(missing(case, found, ran, rules, position));
    };
    let mut judged = Judged::default();
    if let Some((winner, diagnostic)) = beaten(case, analysis, ran, rules) {
        judged.winner = Some(winner);
        judged.diagnostics.push(diagnostic);
    }
    if let Some(verdict) = analysis.causes.first() {
        let expect = &case.example.expect;
        let out = &mut judged.diagnostics;
        captures(case, expect, analysis, verdict, out);
        // A cause that the rule does not have is reported as that.
        let causes = &rules.rules[position].rule.causes;
        let known = expect
            .cause
            .as_ref()
            .is_none_or(|id| causes.iter().any(|c| c.id == *id));
        verdict_differs(case, expect, analysis, verdict, known, out);
        fixes(case, expect, verdict, out);
    }
    judged
}

/// Node of the example's output.
fn output<'n>(case: &Case<'n>) -> &'n Node {
    case.node.get("output").unwrap_or(case.node)
}

fn in_rule(found: Diagnostic, case: &Case<'_>) -> Diagnostic {
    let Some((place, node)) = &case.rule_place else {
        return found;
    };
    let span = node.get("id").map_or(node.head(), |id| id.span);
    found.secondary(&place.file, place.short(span), "in this rule")
}

/// The short name of a case for titles.
fn called(case: &Case<'_>) -> String {
    case.example
        .name
        .as_ref()
        .map_or_else(String::new, |name| format!(" `{name}`"))
}

fn missing(case: &Case<'_>, found: Option<&Analysis>, ran: &Ran, rules: &RuleSet, position: usize) -> Diagnostic {
    let place = &case.place;
    let head = case.node.head();
    if let Some(analysis) = found {
        let title = format!(
            "the rule matches its example{}, but a condition does not hold",
            called(case)
        );
        let mut diagnostic = diagnostic("E501", title).primary(&place.file, place.short(head), "this example");
        for (who, why) in &analysis.ruled_out {
            match condition(case, &rules.rules[position], who, why) {
                Some((place, node)) => {
                    let label = format!("rules `{who}` out");
                    diagnostic = diagnostic.secondary(&place.file, place.short(node.span), label);
                }
                None => diagnostic = diagnostic.note(format!("`{who}` is ruled out: {why} does not hold")),
            }
        }
        diagnostic = diagnostic.help("give the example the files, command or probes that the condition asks about");
        return in_rule(diagnostic, case);
    }
    let rule = &rules.rules[position];
    if rule.rule.fallback
        && let Some(other) = ran.first().and_then(|a| a.error.rule)
        && ran.scan.hits.iter().any(|h| h.rule == position)
    {
        let title = format!(
            "`{}` answers this example{}, so the fallback does not",
            rules.rules[other].id,
            called(case)
        );
        let diagnostic = diagnostic("E507", title).primary(&place.file, place.short(head), "this example");
        return in_rule(diagnostic, case);
    }
    let miss = nearest::miss(&rule.rule.matching, &case.example.output);
    let title = format!("the rule does not match its example{}: {}", called(case), miss.why);
    let mut diagnostic = diagnostic("E501", title);
    match &miss.near {
        Some(near) => {
            let span = place.inside(output(case), near.range.clone());
            diagnostic = diagnostic.primary(&place.file, span, "the nearest line");
        }
        None => diagnostic = diagnostic.primary(&place.file, place.short(head), "this example"),
    }
    if let Some((rule_place, node)) = &case.rule_place {
        let regex = node.get("match").and_then(|m| match miss.step {
            None => m.get("regex"),
            Some(step) => m.get("steps")?.items().get(step)?.get("regex"),
        });
        if let Some(regex) = regex {
            let stopped = miss.near.as_ref().map(|n| n.stopped.clone()).filter(|s| !s.is_empty());
            let (span, label) = match stopped {
                Some(range) => (
                    rule_place.inside(regex, range),
                    "matches up to here; this part does not",
                ),
                None => (rule_place.short(regex.span), "this pattern"),
            };
            diagnostic = diagnostic.secondary(&rule_place.file, span, label);
        }
    }
    let others: Vec<&str> = ran
        .errors
        .iter()
        .filter_map(|a| Some(rules.rules[a.error.rule?].id.as_str()))
        .collect();
    if !others.is_empty() {
        diagnostic = diagnostic.note(format!("what matches is: {}", others.join(", ")));
    }
    in_rule(diagnostic, case)
}

/// The node of a condition that ruled a rule or cause out.
fn condition<'c, 'a>(case: &'c Case<'a>, rule: &LoadedRule, who: &str, why: &str) -> Option<(&'c Place<'a>, &'a Node)> {
    let (place, node) = case.rule_place.as_ref()?;
    let at = |conditions: &[Condition], node: &'a Node| {
        let index = conditions.iter().position(|c| describe(c) == why)?;
        node.get("when")?.items().get(index)
    };
    let found = match who.split_once('#') {
        None => at(&rule.rule.when, node),
        Some((_, id)) => {
            let index = rule.rule.causes.iter().position(|c| c.id == id)?;
            at(&rule.rule.causes[index].when, node.get("causes")?.items().get(index)?)
        }
    };
    found.map(|node| (place, node))
}

fn noisy(case: &Case<'_>, analysis: &Analysis, ran: &Ran, position: usize) -> Diagnostic {
    let place = &case.place;
    let hits = || ran.scan.hits.iter().filter(|h| h.rule == position);
    let hit = hits().find(|h| h.at == analysis.error.at).or_else(|| hits().next());
    let title = format!("the rule matches its counterexample{}", called(case));
    let mut diagnostic = diagnostic("E502", title);
    let range = hit.and_then(|h| {
        let range = usize::try_from(h.span.0).ok()?..usize::try_from(h.span.1).ok()?;
        let text = case.example.output.get(range.clone())?;
        // Of a match over several lines the line that decided says most; a marker needs one line.
        let last = text.trim_end().rsplit('\n').next()?.trim_start();
        let start = range.start + text.rfind(last)?;
        Some(start..start + last.len())
    });
    diagnostic = match range {
        Some(range) => diagnostic.primary(&place.file, place.inside(output(case), range), "this matches"),
        None => diagnostic.primary(&place.file, place.short(case.node.head()), "this counterexample"),
    };
    if let Some(cause) = analysis.causes.first() {
        diagnostic = diagnostic.note(format!("likeliest cause: `{}`, {:.2}", cause.cause, cause.confidence));
    }
    in_rule(diagnostic, case)
}

fn beaten(case: &Case<'_>, own: &Analysis, ran: &Ran, rules: &RuleSet) -> Option<(String, Diagnostic)> {
    let first = ran.first()?;
    let winner = rules.rules.get(first.error.rule?)?;
    // What only follows from another error is expected to stand behind it.
    if winner.id == case.rule || (own.error.cascade && !first.error.cascade) {
        return None;
    }
    let rank = |a: &Analysis| {
        let confidence = a.causes.first().map_or(0.0, |c| c.confidence);
        format!(
            "confidence {confidence:.2}, specificity {}, line {}",
            a.error.specificity, a.error.anchor.0
        )
    };
    let place = &case.place;
    let diagnostic = diagnostic(
        "E507",
        format!(
            "`{}` wins on this example{} of `{}`",
            winner.id,
            called(case),
            case.rule
        ),
    )
    .primary(&place.file, place.short(case.node.head()), "this example")
    .note(format!("`{}`: {}", winner.id, rank(first)))
    .note(format!("`{}`: {}", case.rule, rank(own)));
    Some((winner.id.clone(), in_rule(diagnostic, case)))
}

fn captures(case: &Case<'_>, expect: &Expect, analysis: &Analysis, verdict: &CauseVerdict, out: &mut Vec<Diagnostic>) {
    for (name, expected) in &expect.captures {
        let got = verdict
            .vars
            .text(name)
            .or_else(|| analysis.error.captures.get(name).map(String::as_str));
        if got.unwrap_or_default() == expected.0 {
            continue;
        }
        let node = case.node.get("expect").and_then(|e| e.get("captures")?.get(name));
        let mut diagnostic = diagnostic(
            "E503",
            match got {
                Some(got) => format!("`{name}` is `{}`, not `{expected}`", one_line(got)),
                None => format!("`{name}` has no value here, not `{expected}`"),
            },
        );
        let place = &case.place;
        let span = place.short(node.map_or(case.node.head(), |n| n.span));
        diagnostic = diagnostic.primary(&place.file, span, "expected here");
        if let Some(got) = got {
            diagnostic = diagnostic.note(format!("difference: {}", words(&expected.0, &one_line(got))));
        }
        out.push(in_rule(diagnostic, case));
    }
}

fn verdict_differs(
    case: &Case<'_>,
    expect: &Expect,
    analysis: &Analysis,
    verdict: &CauseVerdict,
    known: bool,
    out: &mut Vec<Diagnostic>,
) {
    let mut differs = |key: &str, title: String, notes: Vec<String>| {
        let node = case.node.get("expect").and_then(|e| e.get(key));
        let place = &case.place;
        let span = place.short(node.map_or(case.node.head(), |n| n.span));
        let mut diagnostic = diagnostic("E508", title).primary(&place.file, span, "expected here");
        for note in notes {
            diagnostic = diagnostic.note(note);
        }
        out.push(in_rule(diagnostic, case));
    };
    if let Some(cause) = expect.cause.as_ref().filter(|_| known)
        && *cause != verdict.cause
    {
        let mut notes: Vec<String> = analysis
            .causes
            .iter()
            .map(|c| format!("`{}` {:.2}: {}", c.cause, c.confidence, arithmetic(c)))
            .collect();
        notes.extend(
            analysis
                .ruled_out
                .iter()
                .map(|(who, why)| format!("`{who}` is ruled out: {why} does not hold")),
        );
        differs(
            "cause",
            format!("the likeliest cause is `{}`, not `{cause}`", verdict.cause),
            notes,
        );
    }
    let confidence = verdict.confidence;
    // Sums of decimal fractions are not exact; a millionth is nobody's intention.
    if let Some(least) = expect.at_least
        && confidence < least - 1e-6
    {
        let title = format!("confidence is {confidence:.2}, less than {least}");
        differs("at_least", title, vec![arithmetic(verdict)]);
    }
    if let Some(most) = expect.at_most
        && confidence > most + 1e-6
    {
        let title = format!("confidence is {confidence:.2}, more than {most}");
        differs("at_most", title, vec![arithmetic(verdict)]);
    }
    if let Some(expected) = &expect.location {
        let got = analysis.error.location.as_ref().map(|l| match l.line {
            Some(line) => format!("{}:{line}", l.shown),
            None => l.shown.clone(),
        });
        if got.as_deref() != Some(expected) {
            let got = got.map_or_else(|| "not known".to_owned(), |g| format!("`{g}`"));
            differs(
                "location",
                format!("the reported place is {got}, not `{expected}`"),
                Vec::new(),
            );
        }
    }
}

/// Base and evidence, as they were added up.
#[must_use]
pub fn arithmetic(verdict: &CauseVerdict) -> String {
    let mut text = format!("{:.2}", verdict.base);
    for piece in &verdict.evidence {
        let held = if piece.held { "" } else { "not held: " };
        text.push_str(&format!(" {:+.2} ({held}{})", piece.add, piece.because));
    }
    text
}

fn fixes(case: &Case<'_>, expect: &Expect, verdict: &CauseVerdict, out: &mut Vec<Diagnostic>) {
    let Some(expected) = &expect.fix else {
        return;
    };
    let got: Vec<RenderedFix> = verdict.fixes.iter().map(rendered).collect();
    let same = expected.len() == got.len() && expected.iter().zip(&got).all(|(e, g)| agrees(e, g));
    if same {
        return;
    }
    let first = (0..expected.len().max(got.len()))
        .find(|&k| !matches!((expected.get(k), got.get(k)), (Some(e), Some(g)) if agrees(e, g)))
        .unwrap_or(0);
    let node = case.node.get("expect").and_then(|e| e.get("fix"));
    let item = node.and_then(|n| n.items().get(first)).or(node);
    let place = &case.place;
    let span = place.short(item.map_or(case.node.head(), |n| n.span));
    let title = match (expected.get(first), got.get(first)) {
        (Some(_), Some(_)) => format!("fix {} of the cause `{}` is another one", first + 1, verdict.cause),
        (Some(_), None) => format!("there is no fix {} of the cause `{}`", first + 1, verdict.cause),
        _ => format!("the cause `{}` has a further fix {}", verdict.cause, first + 1),
    };
    let mut diagnostic = diagnostic("E504", title).primary(&place.file, span, "expected here");
    if let (Some(e), Some(g)) = (expected.get(first), got.get(first)) {
        diagnostic = diagnostic.note(format!("difference: {}", words(&line(e), &line(g))));
    }
    for (position, fix) in got.iter().enumerate() {
        let why = verdict.fixes[position].only_shown.as_ref();
        let why = why.map_or_else(String::new, |w| format!(" (only shown: {w})"));
        diagnostic = diagnostic.note(format!("fix {}: {}{why}", position + 1, line(fix)));
    }
    if got.is_empty() {
        diagnostic = diagnostic.note("no fix is applicable here");
    }
    out.push(in_rule(diagnostic, case));
}

/// A fix as an example writes it.
#[must_use]
pub fn rendered(suggestion: &Suggestion) -> RenderedFix {
    match &suggestion.action {
        Action::Run { argv, .. } => RenderedFix::Run(argv.iter().map(|a| ShortText(a.clone())).collect()),
        Action::Rerun { argv } => RenderedFix::Other([("rerun".to_owned(), ShortText(shell_line(argv)))].into()),
        other => RenderedFix::Other([(other.verb().to_owned(), ShortText(other.short()))].into()),
    }
}

/// The same on one line.
#[must_use]
pub fn rendered_line(suggestion: &Suggestion) -> String {
    line(&rendered(suggestion))
}

fn agrees(expected: &RenderedFix, got: &RenderedFix) -> bool {
    let (RenderedFix::Other(expected), RenderedFix::Other(got)) = (expected, got) else {
        return expected == got;
    };
    expected.len() == got.len()
        && expected.iter().zip(got).all(|((verb, e), (other, g))| {
            let (e, g) = (folded(&e.0), folded(&g.0));
            verb == other
                && match e.strip_suffix('…') {
                    Some(beginning) if verb == "advice" => g.starts_with(beginning.trim_end()),
                    _ => e == g,
                }
        })
}

/// White space as one space: how a text is broken into lines in a pack is nobody's expectation.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A rendered fix on one line, as it can be pasted into an example.
fn line(fix: &RenderedFix) -> String {
    match fix {
        RenderedFix::Run(argv) => {
            let words: Vec<&str> = argv.iter().map(|a| a.0.as_str()).collect();
            serde_json::to_string(&words).unwrap_or_default()
        }
        RenderedFix::Other(map) => {
            let parts: Vec<String> = map
                .iter()
                .map(|(verb, text)| {
                    format!(
                        "{verb}: {}",
                        serde_json::to_string(&folded(&text.0)).unwrap_or_default()
                    )
                })
                .collect();
            format!("{{ {} }}", parts.join(", "))
        }
    }
}

fn one_line(text: &str) -> String {
    text.replace('\n', "⏎")
}

/// An example that could not be run.
#[must_use]
pub fn broken(case: &Case<'_>, why: &str) -> Diagnostic {
    let place: &Place<'_> = &case.place;
    let diagnostic = diagnostic("E501", format!("the example{} cannot be run: {why}", called(case))).primary(
        &place.file,
        place.short(case.node.head()),
        "this example",
    );
    in_rule(diagnostic, case)
}
