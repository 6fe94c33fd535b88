//! 6xx: rules among rules.

use std::collections::HashMap;

use regex_syntax::ast::{Ast, GroupKind, parse::Parser};

use crate::check::packs::Set;
use crate::check::place::{Place, diagnostic};
use crate::diagnostic::Diagnostic;
use crate::pack::model::{Match, Rule};
use crate::yaml::{Node, NodeKind};

/// A rule with its place.
type Placed<'s, 'a> = (usize, &'s Place<'a>, &'a Node, &'a Rule);

/// What the packs say about each other, but for what running examples shows.
#[must_use]
pub fn cross<'a>(set: &'a Set, places: &[Place<'a>]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut by_id: HashMap<String, Placed<'_, 'a>> = HashMap::new();
    let mut by_pattern: HashMap<String, (String, Placed<'_, 'a>)> = HashMap::new();
    for (index, (file, place)) in set.packs.files.iter().zip(places).enumerate() {
        let Some(pack) = &file.document.pack else { continue };
        for (position, rule) in pack.rules.iter().enumerate() {
            let Some(node) = file.document.rule_node(position) else {
                continue;
            };
            let id = format!("{}/{}", pack.pack.name, rule.id);
            let this = (index, place, node, rule);
            if let Some(first) = by_id.get(&id) {
                if set.asked[index] || set.asked[first.0] {
                    out.push(second(&id, &this, first));
                }
                continue;
            }
            let pattern = normal(rule);
            match by_pattern.get(&pattern) {
                Some((other, first)) if set.asked[index] || set.asked[first.0] => {
                    out.push(same_pattern(&id, &this, other, first));
                }
                Some(_) => {}
                None => {
                    by_pattern.insert(pattern, (id.clone(), this));
                }
            }
            by_id.insert(id, this);
        }
    }
    for (index, (file, place)) in set.packs.files.iter().zip(places).enumerate() {
        let tree = file.document.tree.as_ref().filter(|_| set.asked[index]);
        let overrides = tree
            .and_then(|t| t.get("overrides"))
            .map(Node::items)
            .unwrap_or_default();
        for change in overrides {
            empty_override(place, change, &mut out);
            if let Some(base) = change.get("base")
                && let Some((_, of, rule, _)) = change.get("rule").and_then(|r| by_id.get(r.as_str()?))
            {
                stale(place, base, of, rule, &mut out);
            }
        }
    }
    out
}

fn span(placed: &Placed<'_, '_>) -> std::ops::Range<usize> {
    let (_, place, node, _) = placed;
    place.short(node.get("id").map_or(node.head(), |id| id.span))
}

fn second(id: &str, this: &Placed<'_, '_>, first: &Placed<'_, '_>) -> Diagnostic {
    diagnostic("E601", format!("two rules have the id `{id}`"))
        .primary(&this.1.file, span(this), "second")
        .secondary(&first.1.file, span(first), "first")
        .help("give it another id; to change a rule of another pack, write an `overrides` entry")
}

fn same_pattern(id: &str, this: &Placed<'_, '_>, other: &str, first: &Placed<'_, '_>) -> Diagnostic {
    diagnostic("W605", format!("`{id}` matches just what `{other}` does"))
        .primary(&this.1.file, span(this), "the same pattern and conditions")
        .secondary(&first.1.file, span(first), "as this one")
        .help("make one rule of them, with two causes, each with its own evidence")
}

/// A match without what makes no difference to what it matches, and the rule's own conditions.
fn normal(rule: &Rule) -> String {
    let Match {
        regex,
        steps,
        stream,
        unless,
        within,
        ..
    } = &rule.matching;
    let steps: Vec<(String, bool, Option<String>)> = steps
        .iter()
        .map(|s| (bare(&s.regex), s.optional, s.until.clone()))
        .collect();
    format!(
        "{:?}{steps:?}{stream:?}{unless:?}{within:?}{:?}",
        regex.as_deref().map(bare),
        rule.when
    )
}

/// A regex without the names of its groups, in the form in which the library writes it.
fn bare(regex: &str) -> String {
    fn groups(ast: &Ast, found: &mut Vec<(usize, usize)>) {
        match ast {
            Ast::Group(group) => {
                if let GroupKind::CaptureName { name, .. } = &group.kind {
                    found.push((group.span.start.offset + 1, name.span.end.offset + 1));
                }
                groups(&group.ast, found);
            }
            Ast::Repetition(repetition) => groups(&repetition.ast, found),
            Ast::Concat(all) => all.asts.iter().for_each(|a| groups(a, found)),
            Ast::Alternation(all) => all.asts.iter().for_each(|a| groups(a, found)),
            _ => {}
        }
    }
    let Ok(ast) = Parser::new().parse(regex) else {
        return regex.to_owned();
    };
    let mut named = Vec::new();
    groups(&ast, &mut named);
    named.sort_unstable();
    let mut text = regex.to_owned();
    for (start, end) in named.into_iter().rev() {
        text.replace_range(start..end, "?:");
    }
    regex_syntax::parse(&text).map_or(text, |hir| hir.to_string())
}

/// E105: an override that changes nothing.
fn empty_override(place: &Place<'_>, change: &Node, out: &mut Vec<Diagnostic>) {
    let says = |key: &str| change.get(key).is_some();
    if change.entries().is_empty() || ["replace", "add", "disable", "examples"].iter().any(|k| says(k)) {
        return;
    }
    out.push(diagnostic("E105", "an override that changes nothing").primary(
        &place.file,
        place.short(change.head()),
        "neither `replace`, `add` nor `disable`",
    ));
}

/// W607
fn stale(place: &Place<'_>, base: &Node, of: &Place<'_>, rule: &Node, out: &mut Vec<Diagnostic>) {
    let now = rule_hash(rule);
    if base.as_str() == Some(&now) {
        return;
    }
    let span = rule.get("id").map_or(rule.head(), |id| id.span);
    out.push(
        diagnostic("W607", "the rule has changed since this override was written")
            .primary(
                &place.file,
                place.short(base.span),
                "written for another version of the rule",
            )
            .secondary(&of.file, of.short(span), format!("this one has the hash {now}"))
            .help("compare the two, then renew the hash")
            .patch(&place.file, base.span.range(), &now, "renew the hash"),
    );
}

/// The hash of a rule that an override's `base` names: of everything that the rule does, however
/// it is laid out. Examples and words for people do not count.
#[must_use]
pub fn rule_hash(rule: &Node) -> String {
    const WORDS: [&str; 5] = ["examples", "counterexamples", "docs", "references", "tags"];
    fn write(node: &Node, out: &mut String, top: bool) {
        match &node.kind {
            NodeKind::Null => out.push('~'),
            // Lengths keep neighbours apart, whatever they hold.
            NodeKind::Scalar(scalar) => out.push_str(&format!("{}:{}", scalar.value.len(), scalar.value)),
            NodeKind::Sequence(items) => {
                out.push('[');
                items.iter().for_each(|item| write(item, out, false));
                out.push(']');
            }
            NodeKind::Mapping(entries) => {
                let mut sorted: Vec<&(Node, Node)> = entries
                    .iter()
                    .filter(|(k, _)| !top || k.as_str().is_none_or(|k| !WORDS.contains(&k)))
                    .collect();
                sorted.sort_by_key(|(k, _)| k.as_str().unwrap_or_default().to_owned());
                out.push('{');
                for (key, value) in sorted {
                    write(key, out, false);
                    write(value, out, false);
                }
                out.push('}');
            }
        }
    }
    let mut text = String::new();
    write(rule, &mut text, true);
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// W604: rules that another one beats on every example of their own.
#[must_use]
pub fn unreachable<'a>(beaten: &[crate::check::examples::Beaten<'a>]) -> Vec<Diagnostic> {
    beaten
        .iter()
        .map(|b| {
            let (place, node) = &b.rule_place;
            let span = place.short(node.get("id").map_or(node.head(), |id| id.span));
            let found = diagnostic(
                "W604",
                format!("`{}` never wins: on each of its examples `{}` does", b.rule, b.by),
            )
            .primary(&place.file, span, "beaten everywhere");
            match &b.winner {
                Some((place, node)) => {
                    let span = place.short(node.get("id").map_or(node.head(), |id| id.span));
                    found.secondary(&place.file, span, "by this rule")
                }
                None => found,
            }
        })
        .collect()
}
