//! 2xx: regular expressions, their groups and what they cost.

use std::ops::Range;

use regex_syntax::ast::{AssertionKind, Ast, RepetitionKind, parse::Parser};

use super::Pack;
use super::variables::{Group, of_rule};
use super::walk::{Rule, Use};
use crate::check::place::{Place, diagnostic};
use crate::diagnostic::Diagnostic;
use crate::pattern::{PatternFault, implies_any, literals, validate};
use crate::yaml::Node;

/// Estimated bits that a required literal should have, so that lines are well chosen by it.
const RARE_ENOUGH: f64 = 5.0;
/// Below this a text is on every other line.
const ON_EVERY_LINE: f64 = 2.0;

/// Patterns of a rule.
pub fn check(pack: &Pack<'_>, rule: &Rule<'_>, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    for slot in &rule.slots {
        let Some(text) = slot.node.as_str() else { continue };
        match slot.using {
            Use::Match => faults(place, slot.node, text, true, out),
            Use::Regex => {
                // What a template puts in is escaped text: a name stands for any of it. Positions
                // stay right because it is as long as the template's own expression.
                faults(place, slot.node, &plain(text), false, out);
            }
            Use::Text | Use::Action | Use::Question => {}
        }
    }
    let Some(matching) = rule.node.get("match") else {
        return;
    };
    duplicates(place, rule, matching, out);
    cost(place, matching, out);
    let regexes = matching.get("regex").into_iter();
    let steps = matching.get("steps").map(Node::items).unwrap_or_default();
    for regex in regexes.chain(steps.iter().filter_map(|s| s.get("regex"))) {
        wasteful(place, regex, out);
    }
}

/// Patterns of the environment that a pack brings in.
pub fn pack(pack: &Pack<'_>, out: &mut Vec<Diagnostic>) {
    let Some(environment) = pack.root.get("environment") else {
        return;
    };
    let report = environment.get("report");
    let reports = report.into_iter().flat_map(|r| std::iter::once(r).chain(r.items()));
    let steps = reports.flat_map(|r| r.get("steps").map(Node::items).unwrap_or_default());
    let manifests = environment.get("manifests").map(Node::items).unwrap_or_default();
    let of_steps = steps.flat_map(|s| [s.get("regex"), s.get("until")]);
    let of_manifests = manifests.iter().flat_map(|m| [m.get("regex"), m.get("includes")]);
    for node in of_steps.chain(of_manifests).flatten() {
        if let Some(text) = node.as_str() {
            faults(pack.place, node, text, false, out);
        }
    }
}

/// A template with every expression replaced by as many letters.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let end = rest[start..].find("}}").map_or(rest.len(), |e| start + e + 2);
        out.push_str(&rest[..start]);
        out.extend(std::iter::repeat_n('x', end - start));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn faults(place: &Place<'_>, node: &Node, text: &str, of_match: bool, out: &mut Vec<Diagnostic>) {
    let Err(error) = validate(text) else { return };
    let code = match error.kind {
        PatternFault::Syntax => "E201",
        PatternFault::LookAround | PatternFault::BackReference => "E202",
        PatternFault::TooBig => "E203",
        PatternFault::EmptyMatch if of_match => "E205",
        // In a condition `.` or `.*` asks whether there is anything at all.
        PatternFault::EmptyMatch => return,
    };
    let title = match code {
        "E201" => "the regular expression cannot be read",
        "E202" => "this construct is not available",
        "E203" => "the regular expression is too large",
        _ => "the pattern matches every line",
    };
    let whole = matches!(code, "E203" | "E205");
    let range = if whole {
        0..text.len()
    } else {
        piece(text, error.offset, code)
    };
    let span = if whole {
        place.short(node.span)
    } else {
        place.inside(node, range)
    };
    let mut found = diagnostic(code, title).primary(&place.file, span, &error.message);
    if !error.help.is_empty() {
        found = found.help(&error.help);
    }
    out.push(found);
}

/// The construct that begins at an offset: a look-around's or back-reference's own characters.
fn piece(text: &str, offset: usize, code: &str) -> Range<usize> {
    let at = text.floor_char_boundary(offset.min(text.len()));
    let rest = &text[at..];
    let length = if code == "E202" {
        ["(?<=", "(?<!", "(?=", "(?!"]
            .iter()
            .find(|p| rest.starts_with(**p))
            .map_or_else(|| 1 + rest.chars().nth(1).map_or(0, char::len_utf8), |p| p.len())
    } else {
        rest.chars().next().map_or(0, char::len_utf8)
    };
    at..(at + length).min(text.len())
}

/// E204: one name in two steps that both take part in every match.
fn duplicates(place: &Place<'_>, rule: &Rule<'_>, matching: &Node, out: &mut Vec<Diagnostic>) {
    let steps = matching.get("steps").map(Node::items).unwrap_or_default();
    let sure = |group: &&Group<'_>| {
        let repeats = group
            .step
            .and_then(|k| steps.get(k)?.get("repeat")?.as_str())
            .is_some_and(|r| r == "true");
        group.step.is_some() && !group.optional && !repeats
    };
    let names = of_rule(rule);
    let groups: Vec<&Group<'_>> = names.groups.iter().filter(sure).collect();
    for (index, group) in groups.iter().enumerate() {
        let first = groups[..index]
            .iter()
            .find(|g| g.name == group.name && g.step != group.step);
        if let Some(first) = first
            && let (Some(a), Some(b)) = (&group.range, &first.range)
        {
            out.push(
                diagnostic("E204", format!("two steps capture `{}`", group.name))
                    .primary(&place.file, place.inside(group.regex, a.clone()), "second")
                    .secondary(&place.file, place.inside(first.regex, b.clone()), "first")
                    .help("give one of them another name, or write `(?:…)` for the one that is not needed"),
            );
        }
    }
}

/// Literals: what a match needs, and what is listed.
fn cost(place: &Place<'_>, matching: &Node, out: &mut Vec<Diagnostic>) {
    let listed = matching.get("literals");
    if let Some(regex) = matching.get("regex") {
        let Some(text) = regex.as_str().filter(|t| validate(t).is_ok()) else {
            return;
        };
        let mut helped = false;
        if let Some(list) = listed {
            helped = literals_hold(place, regex, text, list, out);
        }
        if !helped {
            literal_cost(place, regex, text, out);
        }
        return;
    }
    // A match of several lines begins with one of the optional first steps or the first required one.
    for step in matching.get("steps").map(Node::items).unwrap_or_default() {
        if let Some(regex) = step.get("regex")
            && let Some(text) = regex.as_str().filter(|t| validate(t).is_ok())
        {
            literal_cost(place, regex, text, out);
        }
        if step.get("optional").and_then(Node::as_str) != Some("true") {
            break;
        }
    }
}

/// E208; whether the listed literals are of use.
fn literals_hold(place: &Place<'_>, regex: &Node, text: &str, list: &Node, out: &mut Vec<Diagnostic>) -> bool {
    let words: Vec<&str> = list.items().iter().filter_map(Node::as_str).collect();
    if words.is_empty() {
        return false;
    }
    if implies_any(text, &words) {
        return true;
    }
    // With several, the marker stands below one that has nothing to do with the pattern.
    let culprit = list
        .items()
        .iter()
        .find(|n| n.as_str().is_some_and(|w| !text.contains(w)));
    let node = culprit.unwrap_or(list);
    out.push(
        diagnostic("E208", "the listed literals would hide matches")
            .primary(&place.file, place.short(node.span), "a match need not contain this")
            .secondary(
                &place.file,
                place.short(regex.span),
                "this can match without any of the listed ones",
            )
            .help("leave `literals` out: they are derived from the pattern"),
    );
    true
}

fn literal_cost(place: &Place<'_>, regex: &Node, text: &str, out: &mut Vec<Diagnostic>) {
    let span = place.short(regex.span);
    match literals(text).filter(|r| r.score >= ON_EVERY_LINE) {
        None => out.push(
            diagnostic("W206", "the pattern runs on every line")
                .primary(&place.file, span, "no fixed text of some length is in every match")
                .help("name text that the tool always prints there"),
        ),
        Some(required) if required.score < RARE_ENOUGH => {
            let shown: Vec<String> = required
                .any_of
                .iter()
                .take(4)
                .map(|l| format!("`{}`", String::from_utf8_lossy(&l.text)))
                .collect();
            out.push(
                diagnostic(
                    "W207",
                    format!("lines are chosen by {}, which is common", shown.join(", ")),
                )
                .primary(&place.file, span, "the rarest text that every match has")
                .note(format!(
                    "its rarity is estimated at {:.1} bits; {RARE_ENOUGH} are wanted",
                    required.score
                ))
                .help("lengthen the fixed part of the pattern"),
            );
        }
        Some(_) => {}
    }
}

/// W209: parts that cost time and decide nothing.
fn wasteful(place: &Place<'_>, regex: &Node, out: &mut Vec<Diagnostic>) {
    let Some(text) = regex.as_str() else { return };
    let Ok(ast) = Parser::new().parse(text) else { return };
    if let Ast::Concat(concat) = &ast {
        let parts = &concat.asts;
        let lead = match parts.first() {
            Some(Ast::Assertion(a)) if a.kind == AssertionKind::StartLine => 1,
            _ => 0,
        };
        if parts.get(lead).is_some_and(any) {
            let range = 0..parts[lead].span().end.offset;
            push(place, regex, range, "matches whatever is there: leave it out", out);
        }
        let end = match parts.last() {
            Some(Ast::Assertion(a)) if a.kind == AssertionKind::EndLine => parts.len() - 1,
            _ => parts.len(),
        };
        if end > lead + 1 && any(&parts[end - 1]) {
            let range = parts[end - 1].span().start.offset..text.len();
            push(place, regex, range, "matches whatever is there: leave it out", out);
        }
    }
    nested(&ast, &mut |range| {
        push(
            place,
            regex,
            range,
            "a repetition of a repetition says no more than one",
            out,
        );
    });
}

fn push(place: &Place<'_>, regex: &Node, range: Range<usize>, label: &str, out: &mut Vec<Diagnostic>) {
    out.push(diagnostic("W209", "a part of the pattern decides nothing").primary(
        &place.file,
        place.inside(regex, range),
        label,
    ));
}

/// `.*` and `.*?`.
fn any(ast: &Ast) -> bool {
    matches!(ast, Ast::Repetition(r)
        if r.op.kind == RepetitionKind::ZeroOrMore && matches!(&*r.ast, Ast::Dot(_)))
}

/// Unbounded repetitions whose only content is another one.
fn nested(ast: &Ast, sink: &mut dyn FnMut(Range<usize>)) {
    let unbounded = |k: &RepetitionKind| matches!(k, RepetitionKind::ZeroOrMore | RepetitionKind::OneOrMore);
    match ast {
        Ast::Repetition(outer) => {
            if unbounded(&outer.op.kind)
                && let Ast::Group(group) = &*outer.ast
                && let Ast::Repetition(inner) = &*group.ast
                && unbounded(&inner.op.kind)
            {
                sink(outer.span.start.offset..outer.span.end.offset);
            } else {
                nested(&outer.ast, sink);
            }
        }
        Ast::Group(group) => nested(&group.ast, sink),
        Ast::Concat(all) => all.asts.iter().for_each(|a| nested(a, sink)),
        Ast::Alternation(all) => all.asts.iter().for_each(|a| nested(a, sink)),
        _ => {}
    }
}
