//! 7xx: nothing is broken, but readers will thank you.

use super::Pack;
use super::walk::Rule;
use crate::check::place::diagnostic;
use crate::diagnostic::Diagnostic;
use crate::yaml::{Node, NodeKind};

/// How a blank of a draft begins.
const BLANK: &str = "[[FILL IN";
/// Longest title in characters.
const LONGEST_TITLE: usize = 80;
/// Old names of values, with the new ones, by the key that they stand below.
const DEPRECATED: [(&str, &str, &str); 2] = [
    ("effects", "python-env", "packages"),
    ("captures", "module", "python-module"),
];

/// The pack as a whole.
pub fn pack(pack: &Pack<'_>, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    let source = place.source();
    if source.contains(BLANK) {
        blanks(pack, pack.root, out);
    }
    let comments = source.lines().take_while(|l| l.trim().is_empty() || l.starts_with('#'));
    let named = comments
        .into_iter()
        .any(|l| l.contains("yaml-language-server:") && l.contains("$schema="));
    if !named && !source.is_empty() {
        let line = format!("# yaml-language-server: $schema={}\n", schema_path(pack));
        let first = source.lines().next().map_or(0, str::len);
        out.push(
            diagnostic("W706", "the pack does not name its schema")
                .primary(&place.file, 0..first, "before this line")
                .patch(&place.file, 0..0, line, "add the line"),
        );
    }
}

/// E707: marks that a draft left.
fn blanks(pack: &Pack<'_>, node: &Node, out: &mut Vec<Diagnostic>) {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            let Some(start) = scalar.value.find(BLANK) else { return };
            let end = scalar.value[start..]
                .find("]]")
                .map_or(scalar.value.len(), |at| start + at + 2);
            out.push(diagnostic("E707", "a blank of the draft is not filled in").primary(
                &pack.place.file,
                pack.place.inside(node, start..end),
                "only a person knows this",
            ));
        }
        NodeKind::Null => {}
        NodeKind::Sequence(items) => items.iter().for_each(|n| blanks(pack, n, out)),
        NodeKind::Mapping(entries) => entries.iter().for_each(|(_, value)| blanks(pack, value, out)),
    }
}

/// The way from the pack to the schema: packs lie in `rules` and folders below it.
fn schema_path(pack: &Pack<'_>) -> String {
    let file = &pack.place.document.file;
    let folders: Vec<_> = file.parent().map(|p| p.components().collect()).unwrap_or_default();
    let rules = folders.iter().rposition(|c| c.as_os_str() == "rules");
    let up = rules.map_or(1, |at| folders.len() - at);
    format!("{}schemas/pack.v1.json", "../".repeat(up))
}

/// A rule.
pub fn rule(pack: &Pack<'_>, rule: &Rule<'_>, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    if let Some(title) = rule.node.get("title") {
        self::title(pack, rule, title, out);
    }
    let explained = |node: &Node| node.get("explain").is_some() || node.get("cause").is_some();
    let whole = explained(rule.node);
    if rule.causes.is_empty() && !whole {
        out.push(
            diagnostic("W702", "the rule does not say what its cause is")
                .primary(&place.file, place.short(rule.head()), "no `explain`")
                .help("say in a sentence, with the captured names in it, what is the matter"),
        );
    }
    for cause in rule.causes.iter().filter(|c| !whole && !explained(c)) {
        let span = cause.get("id").map_or(cause.head(), |id| id.span);
        out.push(diagnostic("W702", "the cause is not explained").primary(
            &place.file,
            place.short(span),
            "no `explain`",
        ));
    }
    let old = |key: &str, node: &Node, out: &mut Vec<Diagnostic>| {
        let found = DEPRECATED
            .iter()
            .find(|(k, old, _)| *k == key && node.as_str() == Some(old));
        if let Some((_, old, new)) = found {
            out.push(
                diagnostic("W703", format!("`{old}` is now called `{new}`"))
                    .primary(&place.file, place.short(node.span), "the old name")
                    .patch(&place.file, node.span.range(), *new, format!("write `{new}`")),
            );
        }
    };
    for effect in rule
        .fixes
        .iter()
        .flat_map(|f| f.node.get("effects").map(Node::items).unwrap_or_default())
    {
        old("effects", effect, out);
    }
    for (_, kind) in rule.node.get("captures").map(Node::entries).unwrap_or_default() {
        old("captures", kind, out);
    }
    let examples = rule.node.get("examples").map(Node::items).unwrap_or_default();
    if !examples.is_empty() && !examples.iter().any(|e| e.get("version").is_some()) {
        let key = rule.node.key_span("examples").unwrap_or(rule.head());
        out.push(
            diagnostic("W705", "no example says which version of the tool printed it")
                .primary(&place.file, place.short(key), "wordings change between versions")
                .help("add `version: name 1.2.3` to an example"),
        );
    }
}

/// Whether a title begins with the name of something: a word that the tool itself prints, or one that
/// is no word of a sentence.
fn is_name(rule: &Rule<'_>, title: &str) -> bool {
    let first = title.split_whitespace().next().unwrap_or_default();
    let plain = first.trim_end_matches([',', ':']);
    if plain.contains(['.', '(', '_', '-', '/']) || plain.contains(|c: char| c.is_ascii_digit() || c.is_uppercase()) {
        return true;
    }
    let source = ["match", "examples", "when", "causes", "tags"];
    source
        .iter()
        .filter_map(|key| rule.node.get(key))
        .any(|node| says(node, plain))
}

/// Whether a word stands in any text at or below a node.
fn says(node: &Node, word: &str) -> bool {
    let here = node.as_str().is_some_and(|text| {
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|w| w == word)
    });
    let mut below = node.items().iter().chain(node.entries().iter().map(|(_, value)| value));
    here || below.any(|inner| says(inner, word))
}

/// W701
fn title(pack: &Pack<'_>, rule: &Rule<'_>, node: &Node, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    let Some(text) = node.as_str() else { return };
    let lower = text.starts_with(|c: char| c.is_lowercase()) && !is_name(rule, text);
    let stop = text.ends_with('.') && !text.ends_with("..");
    let problem = if text.trim().is_empty() {
        "it is empty"
    } else if text.contains('\n') {
        "it has more than one line"
    } else if text.chars().count() > LONGEST_TITLE {
        "it is longer than 80 characters"
    } else if text.contains("{{") {
        "it has captures in it: titles stand for all cases"
    } else if lower {
        "it begins with a small letter"
    } else if stop {
        "it ends with a full stop"
    } else {
        return;
    };
    let mut found =
        diagnostic("W701", "the title is not a short sentence").primary(&place.file, place.short(node.span), problem);
    if lower && !stop {
        let first = text.chars().next().map_or(0, char::len_utf8);
        let capital = text[..first].to_uppercase();
        found = found.patch(
            &place.file,
            place.inside(node, 0..first),
            capital,
            "begin with a capital letter",
        );
    } else if stop && !lower {
        found = found.patch(
            &place.file,
            place.inside(node, text.len() - 1..text.len()),
            "",
            "leave the full stop out",
        );
    }
    out.push(found);
}
