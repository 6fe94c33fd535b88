//! Where each part of a rule in force came from: the pack that brought it, and every override.

use super::load::{Loaded, Packs};
use super::set::Layer;
use crate::yaml::{Node, Span};

/// A place in a pack.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Source {
    /// Name of the pack.
    pub pack: String,
    /// Its layer.
    pub layer: Layer,
    /// Its file; for built-in packs a path under `rules/`.
    pub file: std::path::PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// Why an override says so; none for what the rule's own pack says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// How a part came to be in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The rule's own pack says so.
    Own,
    /// An override put it in the place of another.
    Replaced,
    /// An override added it.
    Added,
    /// An override switched the rule off.
    Disabled,
}

/// One key of a rule as it is in force.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Part {
    /// The key of the rule.
    pub key: String,
    /// How it came there.
    pub how: How,
    /// From where.
    pub from: Source,
    /// Key and value as they are written, without the indentation.
    pub text: String,
}

/// A rule's origin.
#[derive(Debug, Clone)]
pub struct Provenance<'p> {
    /// The rule as its own pack has it.
    pub node: &'p Node,
    /// Where that is.
    pub from: Source,
    /// Its keys in order, then what overrides added.
    pub parts: Vec<Part>,
}

/// Where the parts of a rule came from. `None` where no pack in force has it.
#[must_use]
pub fn provenance<'p>(packs: &'p Packs, id: &str) -> Option<Provenance<'p>> {
    let (name, short) = id.split_once('/')?;
    let good = || packs.files.iter().filter(|f| !f.document.has_errors());
    let (file, node) = good().find_map(|file| {
        let pack = file.document.pack.as_ref().filter(|p| p.pack.name == name)?;
        let position = pack.rules.iter().position(|r| r.id == short)?;
        Some((file, file.document.rule_node(position)?))
    })?;
    let mut parts: Vec<Part> = node
        .entries()
        .iter()
        .filter_map(|(key, value)| part(file, key, value, How::Own, None))
        .collect();
    for file in good() {
        for change in overrides(file).filter(|c| c.get("rule").and_then(Node::as_str) == Some(id)) {
            // Without a reason it is not in force.
            let Some(because) = change.get("because").and_then(Node::as_str) else {
                continue;
            };
            for (key, value) in change.get("replace").map(Node::entries).unwrap_or_default() {
                let Some(new) = part(file, key, value, How::Replaced, Some(because)) else {
                    continue;
                };
                match parts.iter_mut().find(|p| p.key == new.key && p.how != How::Added) {
                    Some(old) => *old = new,
                    None => parts.push(new),
                }
            }
            for (key, value) in change.get("add").map(Node::entries).unwrap_or_default() {
                parts.extend(part(file, key, value, How::Added, Some(because)));
            }
            if let Some((key, value)) = change.entry("disable").filter(|(_, v)| v.as_str() == Some("true")) {
                parts.extend(part(file, key, value, How::Disabled, Some(because)));
            }
            if let Some((key, value)) = change.entry("examples") {
                parts.extend(part(file, key, value, How::Added, Some(because)));
            }
        }
    }
    Some(Provenance {
        from: source(file, node.span, None)?,
        node,
        parts,
    })
}

fn overrides(file: &Loaded) -> impl Iterator<Item = &Node> {
    let tree = file.document.tree.as_ref();
    let list = tree.and_then(|t| t.get("overrides"));
    list.map(Node::items).unwrap_or_default().iter()
}

fn source(file: &Loaded, span: Span, because: Option<&str>) -> Option<Source> {
    Some(Source {
        pack: file.document.pack.as_ref()?.pack.name.clone(),
        layer: file.origin.layer,
        file: file.origin.file.clone(),
        line: file.document.line_column(span.start).0,
        because: because.map(str::to_owned),
    })
}

fn part(file: &Loaded, key: &Node, value: &Node, how: How, because: Option<&str>) -> Option<Part> {
    let text = &file.document.source;
    let start = key.span.start;
    let column = start - text[..start].rfind('\n').map_or(0, |at| at + 1);
    let written = text.get(start..value.span.end.max(key.span.end))?.trim_end();
    let mut lines = written.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        out.push('\n');
        out.push_str(&line[spaces.min(column)..]);
    }
    Some(Part {
        key: key.as_str()?.to_owned(),
        how,
        from: source(file, key.span, because)?,
        text: out,
    })
}
