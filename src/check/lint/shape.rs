//! 1xx: keys and values that decode, or whose absence decoding does not tell, but that are not
//! those of a pack.

use serde_json::Value;

use super::Pack;
use super::walk::Rule;
use crate::check::place::{Place, diagnostic};
use crate::check::schema;
use crate::diagnostic::Diagnostic;
use crate::pack::document::Problem;
use crate::yaml::{Node, NodeKind};

/// Verbs of a fix.
const VERBS: [&str; 11] = [
    "run", "edit", "rewrite", "repair", "set", "chmod", "mkdir", "env", "retry", "rerun", "advice",
];
/// What an edit can do.
const OPERATIONS: [&str; 7] = [
    "replace",
    "insert_before",
    "insert_after",
    "append",
    "delete",
    "convert",
    "from_probe",
];
/// What a derived value can be made of.
const SOURCES: [&str; 10] = [
    "from",
    "template",
    "source_line",
    "in_file",
    "in_probe",
    "in_output",
    "first_existing",
    "unparsable",
    "probe",
    "data",
];

/// The pack as a whole.
pub fn check(pack: &Pack<'_>, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    missing(place, pack.root, schema::pack(), out);
    if let Some(head) = pack.root.get("pack") {
        if let Some(name) = head.get("name") {
            id(place, name, "the name of a pack", out);
        }
        if let Some(version) = head.get("version")
            && let Some(text) = version.as_str()
            && let Err(error) = semver::Version::parse(text)
        {
            out.push(
                diagnostic("E101", format!("`{text}` is not a version"))
                    .primary(&place.file, place.short(version.span), error.to_string())
                    .help("three numbers, for example `1.0.0`"),
            );
        }
    }
}

/// A rule.
pub fn rule(pack: &Pack<'_>, rule: &Rule<'_>, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    if let Some(node) = rule.node.get("id") {
        id(place, node, "an id", out);
    }
    if let Some(matching) = rule.node.entry("match") {
        one_of(place, matching, &["regex", "steps"], "a match", out);
    }
    if let (Some(causes), Some(fix)) = (rule.node.entry("causes"), rule.node.entry("fix")) {
        out.push(
            diagnostic("E105", "a rule with `causes` has its fixes there")
                .primary(&place.file, place.short(fix.0.span), "which cause would it cure?")
                .secondary(
                    &place.file,
                    place.short(causes.0.span),
                    "each of these has its own `fix`",
                ),
        );
    }
    parts(pack, rule, out);
}

/// The parts that a rule and an override have in common.
pub fn parts(pack: &Pack<'_>, rule: &Rule<'_>, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    let mut seen: Vec<(&str, &Node)> = Vec::new();
    for cause in &rule.causes {
        let Some(node) = cause.get("id") else { continue };
        id(place, node, "an id", out);
        let name = node.as_str().unwrap_or_default();
        if let Some((_, first)) = seen.iter().find(|(known, _)| *known == name) {
            out.push(
                diagnostic("E106", format!("two causes have the id `{name}`"))
                    .primary(&place.file, place.short(node.span), "second")
                    .secondary(&place.file, place.short(first.span), "first"),
            );
        }
        seen.push((name, node));
    }
    for part in std::iter::once(&rule.node).chain(&rule.causes) {
        confidence(place, part, out);
    }
    for fix in &rule.fixes {
        let head = fix.node.entries().first();
        if let Some(first) = head {
            exactly_one(place, fix.node, &first.0, &VERBS, "a fix", out);
        }
        if let Some(edit) = fix.node.entry("edit").filter(|(_, e)| !e.entries().is_empty()) {
            exactly_one(place, &edit.1, &edit.0, &OPERATIONS, "an edit", out);
            if let Some(replace) = edit.1.entry("replace").filter(|(_, r)| !r.entries().is_empty()) {
                one_of(place, replace, &["find", "regex"], "a replacement", out);
            }
        }
        if let Some(mode) = fix.node.get("chmod").and_then(|c| c.get("mode"))
            && let Some(text) = mode.as_str()
            && !is_mode(text)
        {
            out.push(
                diagnostic("E101", format!("`{text}` is not a change of a mode"))
                    .primary(&place.file, place.short(mode.span), "a symbolic mode is expected")
                    .help("for example `u+x`"),
            );
        }
    }
    for (name, definition, _) in &rule.derives {
        if definition.entries().is_empty() || SOURCES.iter().any(|s| definition.get(s).is_some()) {
            continue;
        }
        out.push(
            diagnostic(
                "E105",
                format!(
                    "the derived value `{}` is made of nothing",
                    name.as_str().unwrap_or_default()
                ),
            )
            .primary(&place.file, place.short(name.span), "no source")
            .help(format!("it needs one of {}", SOURCES.join(", "))),
        );
    }
}

/// E106
fn id(place: &Place<'_>, node: &Node, what: &str, out: &mut Vec<Diagnostic>) {
    let Some(text) = node.as_str() else { return };
    let letters = text
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if letters && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= 64 && !text.ends_with('-') {
        return;
    }
    let mut found = diagnostic("E106", format!("`{text}` cannot be {what}")).primary(
        &place.file,
        place.short(node.span),
        "lower-case letters, digits and hyphens only",
    );
    let better = kebab(text);
    if !better.is_empty() && better != text {
        found = found.patch(&place.file, node.span.range(), &better, format!("write `{better}`"));
    }
    out.push(found);
}

fn kebab(text: &str) -> String {
    let own = text.rsplit('/').next().unwrap_or_default();
    let mut out = String::new();
    for c in own.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out
        .trim_matches('-')
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    out.chars().take(64).collect()
}

/// E101: numbers that are no confidence.
fn confidence(place: &Place<'_>, part: &Node, out: &mut Vec<Diagnostic>) {
    let Some(node) = part.get("confidence") else { return };
    let pieces = node.get("evidence").map(Node::items).unwrap_or_default();
    let bounded = [Some(node), node.get("base")].into_iter().flatten().map(|n| (n, 0.0));
    let adds = pieces.iter().filter_map(|p| p.get("add")).map(|n| (n, -1.0));
    for (number, least) in bounded.chain(adds) {
        if let Some(value) = number.as_str().and_then(|t| t.parse::<f64>().ok())
            && !(least..=1.0).contains(&value)
        {
            out.push(diagnostic("E101", format!("`{value}` is out of range")).primary(
                &place.file,
                place.short(number.span),
                format!("between {least} and 1"),
            ));
        }
    }
}

fn is_mode(text: &str) -> bool {
    text.split(',').all(|part| {
        let who = part.trim_start_matches(['u', 'g', 'o', 'a']);
        let what = who.trim_start_matches(['+', '-', '=']);
        what.len() + 1 == who.len() && !what.is_empty() && what.chars().all(|c| "rwxXst".contains(c))
    })
}

/// E105: two keys of which there must be one.
fn one_of(place: &Place<'_>, entry: &(Node, Node), keys: &[&str; 2], what: &str, out: &mut Vec<Diagnostic>) {
    if !matches!(entry.1.kind, NodeKind::Mapping(_)) {
        return;
    }
    exactly_one(place, &entry.1, &entry.0, keys, what, out);
}

/// E105: keys of which there must be one.
fn exactly_one(place: &Place<'_>, node: &Node, head: &Node, keys: &[&str], what: &str, out: &mut Vec<Diagnostic>) {
    let there: Vec<&(Node, Node)> = node
        .entries()
        .iter()
        .filter(|(k, _)| k.as_str().is_some_and(|k| keys.contains(&k)))
        .collect();
    match there.as_slice() {
        [_] => {}
        [] => out.push(
            diagnostic("E105", format!("{what} without any of {}", keys.join(", ")))
                .primary(
                    &place.file,
                    place.short(head.span),
                    "nothing is said to be done or matched here",
                )
                .help("add one of them"),
        ),
        [first, second, ..] => {
            let name = |e: &(Node, Node)| e.0.as_str().unwrap_or_default().to_owned();
            out.push(
                diagnostic(
                    "E105",
                    format!("{what} has either `{}` or `{}`", name(first), name(second)),
                )
                .primary(&place.file, place.short(second.0.span), "second")
                .secondary(&place.file, place.short(first.0.span), "first"),
            );
        }
    }
}

/// E103: every missing key of every mapping; decoding names only one of each mapping.
fn missing(place: &Place<'_>, node: &Node, schema: &'static Value, out: &mut Vec<Diagnostic>) {
    for (mapping, key, about) in absent(node, schema) {
        let head = mapping.get("id").map_or(mapping.head(), |id| id.span);
        let mut found = diagnostic("E103", format!("key `{key}` is missing")).primary(
            &place.file,
            place.short(head),
            "this mapping needs it",
        );
        if let Some(about) = about {
            found = found.help(format!("`{key}`: {}", about.lines().next().unwrap_or_default()));
        }
        out.push(found);
    }
}

/// Whether the loader's problem is one that [`check`] says better: a key that is missing, or that
/// only seems to be because it is misspelt.
#[must_use]
pub fn says_better(problem: &Problem, tree: &Node, corrected: &Node) -> bool {
    if problem.code != "E103" {
        return false;
    }
    let names = |root: &Node| {
        absent(root, schema::pack()).iter().any(|(mapping, key, _)| {
            mapping.head() == problem.span && problem.title == format!("key `{key}` is missing")
        })
    };
    names(tree) || names(corrected)
}

/// A mapping, a key that it lacks, and what the key is for.
type Absent<'n, 's> = (&'n Node, &'s str, Option<&'s str>);

fn absent<'n>(node: &'n Node, schema: &'static Value) -> Vec<Absent<'n, 'static>> {
    let mut found = Vec::new();
    descend(node, schema, &mut found);
    found
}

fn descend<'n>(node: &'n Node, schema: &'static Value, found: &mut Vec<Absent<'n, 'static>>) {
    let Some(schema) = fitting(node, schema) else { return };
    if let NodeKind::Mapping(_) = &node.kind {
        let properties = schema.get("properties");
        for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if let Some(key) = key.as_str().filter(|k| node.get(k).is_none()) {
                let about = properties.and_then(|p| resolve(p.get(key)?).get("description")?.as_str());
                found.push((node, key, about));
            }
        }
        for (key, value) in node.entries() {
            let below = key
                .as_str()
                .and_then(|k| properties?.get(k))
                .or_else(|| schema.get("additionalProperties").filter(|a| a.is_object()));
            if let Some(below) = below {
                descend(value, below, found);
            }
        }
    }
    if let Some(items) = schema.get("items") {
        for item in node.items() {
            descend(item, items, found);
        }
    }
}

fn resolve(schema: &'static Value) -> &'static Value {
    let name = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|r| r.strip_prefix("#/$defs/"));
    name.and_then(|n| schema::pack().get("$defs")?.get(n)).unwrap_or(schema)
}

/// The alternative of a schema that a node is meant to be: of its kind, with most of its keys.
fn fitting(node: &Node, schema: &'static Value) -> Option<&'static Value> {
    let schema = resolve(schema);
    let alternatives = schema
        .get("anyOf")
        .or_else(|| schema.get("oneOf"))
        .and_then(Value::as_array);
    let Some(alternatives) = alternatives else {
        let kind = match &node.kind {
            NodeKind::Mapping(_) => "object",
            NodeKind::Sequence(_) => "array",
            _ => return None,
        };
        let fits = match schema.get("type") {
            Some(Value::String(one)) => one == kind,
            Some(Value::Array(many)) => many.iter().any(|k| k == kind),
            _ => false,
        };
        return fits.then_some(schema);
    };
    let score = |candidate: &Value| {
        let properties = candidate.get("properties");
        let known = |k: &Node| {
            k.as_str()
                .is_some_and(|k| properties.is_some_and(|p| p.get(k).is_some()))
        };
        node.entries().iter().filter(|(k, _)| known(k)).count()
    };
    let fitting: Vec<&'static Value> = alternatives.iter().filter_map(|a| fitting(node, a)).collect();
    if fitting.len() == 1
        && fitting[0]
            .get("required")
            .is_none_or(|r| r.as_array().is_none_or(|r| r.len() != 1))
    {
        return fitting.first().copied();
    }
    fitting
        .into_iter()
        .filter(|c| score(c) > 0)
        .max_by_key(|c| score(c))
        .or_else(|| {
            // A list or an open mapping has no keys to compare.
            alternatives.iter().filter_map(|a| fitting_open(node, a)).next()
        })
}

fn fitting_open(node: &Node, schema: &'static Value) -> Option<&'static Value> {
    fitting(node, schema).filter(|s| s.get("properties").is_none())
}
