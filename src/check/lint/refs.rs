//! 3xx: templates, and the names that they and other keys use.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::Pack;
use super::variables::{self, Names, run_names};
use super::walk::{Rule, Slot, Use};
use crate::check::place::{Place, diagnostic};
use crate::diagnostic::{Diagnostic, suggest};
use crate::template::{self, TemplateError};
use crate::yaml::Node;

/// Names and templates of a rule.
pub fn check(pack: &Pack<'_>, rule: &Rule<'_>, names: &Names<'_>, out: &mut Vec<Diagnostic>) {
    named_as_helpers(pack.place, rule, names, out);
    for slot in &rule.slots {
        if slot.using == Use::Match {
            continue;
        }
        let known = names.at(slot.within, pack.known);
        if let Some(used) = template(pack.place, slot.node, &known, out)
            && matches!(slot.using, Use::Text | Use::Action)
        {
            optional(pack.place, rule, slot, names, &used, out);
        }
    }
    for slot in &rule.variables {
        let known = names.at(slot.within, pack.known);
        if let Some(name) = slot.node.as_str()
            && !known.contains(name)
        {
            let span = pack.place.short(slot.node.span);
            out.push(undefined(pack.place, name, span, &known));
        }
    }
    tables(pack, rule, out);
    cycles(pack, rule, out);
}

/// What stands in a pack outside of its rules.
pub fn pack(pack: &Pack<'_>, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    if let Some(environment) = pack.root.get("environment") {
        let run = run_names(pack.known);
        for (_, commands) in environment.get("fix_commands").map(Node::entries).unwrap_or_default() {
            for element in commands.items().iter().flat_map(Node::items) {
                template(place, element, &run, out);
            }
        }
        let mut with_file = run;
        with_file.insert("file".to_owned());
        for (_, commands) in environment.get("checks").map(Node::entries).unwrap_or_default() {
            for element in commands.items().iter().flat_map(Node::items) {
                template(place, element, &with_file, out);
            }
        }
    }
    for key in ["tables", "probes"] {
        for (name, value) in pack.root.get(key).map(Node::entries).unwrap_or_default() {
            if key == "probes" {
                // A probe is asked by several rules, each with its own names; only its form is checked.
                for element in value.get("run").map(Node::items).unwrap_or_default() {
                    template_form(place, element, out);
                }
            }
            if let Some(text) = name.as_str()
                && !pack.known.asked_for.contains(text)
            {
                let what = if key == "tables" { "table" } else { "probe" };
                out.push(diagnostic("W303", format!("the {what} `{text}` is not used")).primary(
                    &place.file,
                    place.short(name.span),
                    "nothing asks for it",
                ));
            }
        }
    }
}

/// Checks a template; the names that it uses, each with whether it must have a value.
fn template(
    place: &Place<'_>,
    node: &Node,
    known: &BTreeSet<String>,
    out: &mut Vec<Diagnostic>,
) -> Option<Vec<(String, bool, std::ops::Range<usize>)>> {
    let text = node.as_str()?;
    if !text.contains("{{") || !template_form(place, node, out) {
        return None;
    }
    let mut used = Vec::new();
    for name in template::names(text).ok()? {
        let at = offset(text, name.line, name.column);
        let range = word(text, &name.path, at).unwrap_or(at..text.len());
        let span = place.inside(node, range);
        if known.contains(&name.path) || matches!(name.path.as_str(), "true" | "false" | "null") {
            used.push((name.path, name.required, span));
        } else {
            out.push(undefined(place, &name.path, span, known));
        }
    }
    Some(used)
}

/// Whether a template parses; says why where not.
fn template_form(place: &Place<'_>, node: &Node, out: &mut Vec<Diagnostic>) -> bool {
    let Some(text) = node.as_str().filter(|t| t.contains("{{")) else {
        return true;
    };
    let Err(error) = template::parse(text) else {
        return true;
    };
    let TemplateError::Syntax { message, line, column } = error else {
        return true;
    };
    let at = offset(text, line.unwrap_or(1), column.unwrap_or(1));
    let foreign = ["unknown helper", "unknown block", "partials", "decorators"];
    if foreign.iter().any(|f| message.starts_with(f)) {
        let name = message.split('`').nth(1).unwrap_or_default();
        let bare = name.trim_matches(['{', '}', '#']);
        let range = word(text, bare, at).unwrap_or(at..end_of_tag(text, at));
        let title = message.split(';').next().unwrap_or(&message).to_owned();
        let mut found = diagnostic("E307", title).primary(&place.file, place.inside(node, range.clone()), "");
        let all = template::HELPERS;
        if let Some(near) = suggest(bare, all.iter().copied()).filter(|_| !bare.is_empty()) {
            found = found.help(format!("did you mean `{near}`?")).patch(
                &place.file,
                place.inside(node, range),
                near,
                format!("write `{near}`"),
            );
        }
        out.push(found.help(format!(
            "helpers are {}; blocks are `#if` and `#unless`",
            all.join(", ")
        )));
    } else {
        let (range, label) = unreadable(text).unwrap_or_else(|| {
            let start = text[..text.floor_char_boundary(at + 2)].rfind("{{").unwrap_or(at);
            (start..end_of_tag(text, start), "this is no expression")
        });
        out.push(
            diagnostic("E306", "the template cannot be read".to_owned())
                .primary(&place.file, place.inside(node, range), label)
                .help("a `{{` of the text itself is written `\\{{`"),
        );
    }
    false
}

/// The usual reasons why a template cannot be read; the parser's own are lists of its grammar.
fn unreadable(text: &str) -> Option<(std::ops::Range<usize>, &'static str)> {
    let mut open: Vec<std::ops::Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("{{") {
        let start = at + found;
        if text[..start].ends_with('\\') {
            at = start + 2;
            continue;
        }
        let after = &text[start + 2..];
        let end = after.find("}}").map(|e| start + 2 + e + 2);
        let Some(end) = end.filter(|_| after.find("{{").is_none_or(|next| after.find("}}") < Some(next))) else {
            let stop = after.find("{{").map_or(text.len(), |next| start + 2 + next);
            return Some((start..stop, "no `}}` closes this"));
        };
        if after.starts_with('#') {
            open.push(start..end);
        } else if after.starts_with('/') && open.pop().is_none() {
            return Some((start..end, "nothing is open that this could close"));
        }
        at = end;
    }
    open.pop()
        .map(|range| (range, "no `{{/if}}` or `{{/unless}}` closes this"))
}

fn end_of_tag(text: &str, from: usize) -> usize {
    text[from..].find("}}").map_or(text.len(), |end| from + end + 2)
}

/// Byte offset of a line and column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let rest = text.get(start..).unwrap_or_default();
    let within: usize = rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
    (start + within).min(text.len())
}

/// Where a name stands, as a whole word, at or after an offset.
fn word(text: &str, name: &str, from: usize) -> Option<std::ops::Range<usize>> {
    if name.is_empty() {
        return None;
    }
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let mut at = text.floor_char_boundary(from);
    while let Some(found) = text[at..].find(name) {
        let (start, end) = (at + found, at + found + name.len());
        let before = text[..start].chars().next_back().is_some_and(part);
        let after = text[end..].chars().next().is_some_and(part);
        if !before && !after {
            return Some(start..end);
        }
        at = end;
    }
    None
}

fn undefined(place: &Place<'_>, name: &str, span: std::ops::Range<usize>, known: &BTreeSet<String>) -> Diagnostic {
    let mut found = diagnostic("E301", format!("nothing defines `{name}`")).primary(
        &place.file,
        span.clone(),
        "not a group, derived name or fact",
    );
    if let Some(near) = suggest(name, known.iter().map(String::as_str)) {
        found = found
            .help(format!("did you mean `{near}`?"))
            .patch(&place.file, span, near, format!("write `{near}`"));
    } else {
        let own: Vec<&str> = known
            .iter()
            .map(String::as_str)
            .filter(|n| !n.starts_with("ctx."))
            .collect();
        found = found.help(format!("here there are {}, and facts below `ctx.`", own.join(", ")));
    }
    found
}

fn optional(
    place: &Place<'_>,
    rule: &Rule<'_>,
    slot: &Slot<'_>,
    names: &Names<'_>,
    used: &[(String, bool, std::ops::Range<usize>)],
    out: &mut Vec<Diagnostic>,
) {
    for (name, required, span) in used {
        if !required || !names.optional(name) {
            continue;
        }
        if alternatives(slot, name).is_some_and(|all| variables::one_is_set(rule, &all)) {
            continue;
        }
        let sure = asked_for(rule, slot);
        if sure
            .iter()
            .any(|other| other == name || variables::comes_with(rule, name, other))
        {
            continue;
        }
        let group = names.groups.iter().find(|g| g.name == *name);
        let mut found = diagnostic("W308", format!("`{name}` may have no value here")).primary(
            &place.file,
            span.clone(),
            "used as if it were always there",
        );
        if let Some(group) = group
            && let Some(range) = &group.range
        {
            let span = place.inside(group.regex, range.clone());
            found = found.secondary(&place.file, span, "this part of the match is optional");
        }
        out.push(found.help(format!(
            "write `{{{{#if {name}}}}}…{{{{/if}}}}`, or add the condition `has: {name}`"
        )));
    }
}

/// E309: values that no template could show.
fn named_as_helpers(place: &Place<'_>, rule: &Rule<'_>, names: &Names<'_>, out: &mut Vec<Diagnostic>) {
    let groups = names.groups.iter().filter_map(|group| {
        let span = place.inside(group.regex, group.range.clone()?);
        Some((group.name.as_str(), span))
    });
    let derived = rule
        .derives
        .iter()
        .filter_map(|(name, _, _)| Some((name.as_str()?, place.short(name.span))));
    let mut seen = BTreeSet::new();
    for (name, span) in groups.chain(derived) {
        if template::is_helper(name) && seen.insert(name) {
            out.push(
                diagnostic("E309", format!("`{name}` is the name of a helper"))
                    .primary(&place.file, span, "a template would call the helper")
                    .help("give the value another name"),
            );
        }
    }
}

/// Conditions in which a template without a value makes the answer no.
const QUESTIONS: [&str; 12] = [
    "file_exists",
    "dir_exists",
    "file_glob",
    "inside_project",
    "executable",
    "owned_by_user",
    "writable",
    "declared_in_project",
    "port_open",
    "on_path",
    "argument",
    "equal",
];

/// Variables that have a value where this text is used, as conditions ask for them.
fn asked_for(rule: &Rule<'_>, slot: &Slot<'_>) -> BTreeSet<String> {
    let mut sure = BTreeSet::new();
    for c in &rule.conditions {
        let covers = c.within == slot.within
            || (c.within.fix.is_none() && (c.within.cause.is_none() || c.within.cause == slot.within.cause));
        if !covers || c.negated || c.evidence {
            continue;
        }
        match c.key.as_str().unwrap_or_default() {
            "has" => {
                let all = c.value.items().iter().chain(std::iter::once(c.value));
                sure.extend(all.filter_map(|n| n.as_str().map(str::to_owned)));
            }
            "capture" => sure.extend(
                c.value
                    .entries()
                    .iter()
                    .filter_map(|(n, _)| n.as_str().map(str::to_owned)),
            ),
            key if QUESTIONS.contains(&key) => variables::in_templates(c.value, &mut sure),
            _ => {}
        }
    }
    // What is made of a value has none where that has none.
    while let Some(from) = rule.derives.iter().find_map(|(made, d, _)| {
        let from = d.get("from").and_then(Node::as_str)?;
        let otherwise = d.get("otherwise").and_then(Node::as_str);
        let strict = otherwise.is_none_or(|o| matches!(o, "none" | "keep"));
        (strict && sure.contains(made.as_str()?) && !sure.contains(from)).then(|| from.to_owned())
    }) {
        sure.insert(from);
    }
    sure
}

/// The variables that stand side by side with this one: whichever of them has a value is shown.
fn alternatives<'a>(slot: &Slot<'a>, name: &str) -> Option<Vec<&'a str>> {
    static SIDE_BY_SIDE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\{\{\s*\w+\s*\}\}(?:\{\{\s*\w+\s*\}\})+").ok());
    let text = slot.node.as_str()?;
    let runs = SIDE_BY_SIDE.as_ref()?.find_iter(text);
    let mut names = runs.map(|run| {
        let pieces = run.as_str().split("}}").map(|p| p.trim_start_matches("{{").trim());
        pieces.filter(|p| !p.is_empty()).collect::<Vec<&str>>()
    });
    names.find(|all| all.contains(&name))
}

fn tables(pack: &Pack<'_>, rule: &Rule<'_>, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    for (nodes, known, what) in [
        (&rule.tables, &pack.known.tables, "table"),
        (&rule.probes, &pack.known.probes, "probe"),
    ] {
        for node in nodes {
            let Some(name) = node.as_str().filter(|n| !known.contains(*n)) else {
                continue;
            };
            let span = place.short(node.span);
            let mut found =
                diagnostic("E304", format!("there is no {what} `{name}`")).primary(&place.file, span.clone(), "");
            match suggest(name, known.iter().map(String::as_str)) {
                Some(near) => {
                    found = found.help(format!("did you mean `{near}`?")).patch(
                        &place.file,
                        span,
                        near,
                        format!("write `{near}`"),
                    );
                }
                None if known.is_empty() => found = found.help(format!("the pack has no {what}s")),
                None => {
                    let all: Vec<&str> = known.iter().take(12).map(String::as_str).collect();
                    found = found.help(format!("there are {}", all.join(", ")));
                }
            }
            out.push(found);
        }
    }
}

/// Derived variables that need each other.
fn cycles(pack: &Pack<'_>, rule: &Rule<'_>, out: &mut Vec<Diagnostic>) {
    let mut reported: BTreeSet<&str> = BTreeSet::new();
    for (name, _, cause) in &rule.derives {
        let Some(start) = name.as_str().filter(|n| !reported.contains(n)) else {
            continue;
        };
        if let Some(way) = way_round(rule, start, start, *cause, &mut Vec::new()) {
            let place = pack.place;
            let mut shown: Vec<&str> = way.clone();
            shown.push(start);
            let mut found = diagnostic("E305", format!("derived in a circle: {}", shown.join(" → "))).primary(
                &place.file,
                place.short(name.span),
                if way.len() == 1 {
                    "needs itself"
                } else {
                    "needs the next"
                },
            );
            for other in &way[1..] {
                if let Some((node, _, _)) = rule.derives.iter().find(|(n, _, _)| n.as_str() == Some(other)) {
                    found = found.secondary(&place.file, place.short(node.span), "and this the next");
                }
            }
            reported.extend(way);
            out.push(found);
        }
    }
}

fn way_round<'a>(
    rule: &Rule<'a>,
    start: &'a str,
    at: &'a str,
    cause: Option<usize>,
    way: &mut Vec<&'a str>,
) -> Option<Vec<&'a str>> {
    way.push(at);
    let definition = rule
        .derives
        .iter()
        .find(|(n, _, c)| n.as_str() == Some(at) && (c.is_none() || *c == cause));
    if let Some((_, definition, _)) = definition {
        for needed in Rule::needs(definition) {
            if needed == start {
                return Some(way.clone());
            }
            let next = rule
                .derives
                .iter()
                .find_map(|(n, _, _)| n.as_str().filter(|n| *n == needed));
            if let Some(next) = next.filter(|n| !way.contains(n))
                && let Some(found) = way_round(rule, start, next, cause, way)
            {
                return Some(found);
            }
        }
    }
    way.pop();
    None
}
