//! The entry points, and how to find more than the first mistake.
//!
//! `serde` stops at the first error. [`from_node_lenient`] decodes again without the node that
//! failed, until nothing new fails, so that every independent mistake of a rule is known at once.

use serde::de::DeserializeOwned;

use super::error::{DecodeError, DecodeKind, Raw};
use super::value::{Context, NodeDe, Trail, address};
use crate::yaml::path::Path;
use crate::yaml::tree::{Node, NodeKind, Span};

/// Most attempts for one value; further mistakes wait for the next run.
const MAX_ATTEMPTS: usize = 64;

/// A key that the type does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Path of the key.
    pub path: Path,
    /// Where the key stands.
    pub span: Span,
    /// Where its value stands.
    pub value: Span,
    /// The key.
    pub name: String,
    /// The keys that the type has, for "did you mean".
    pub known: &'static [&'static str],
}

/// All that decoding found.
#[derive(Debug)]
pub struct Decoded<T> {
    /// The value; `None` as soon as there is one error.
    pub value: Option<T>,
    /// Keys that no type asked for, in source order.
    pub unknown: Vec<Unknown>,
    /// What does not fit, in source order.
    pub errors: Vec<DecodeError>,
}

/// Decodes a value.
///
/// Plain scalars mean what YAML 1.2 says, quoted ones are text, and where text is expected a plain
/// scalar is taken as written. Choices (`enum`s) are a name, or a mapping with the name as its only
/// key. Keys that the type does not have are returned, not refused.
///
/// # Errors
/// The first value that does not fit.
pub fn from_node<T: DeserializeOwned>(node: &Node) -> Result<(T, Vec<Unknown>), Box<DecodeError>> {
    let context = Context::default();
    let value = attempt(node, &context).map_err(|raw| Box::new(raw.into_error()))?;
    Ok((value, context.unknown.into_inner()))
}

/// Like [`from_node`], but finds every mistake that does not depend on another one.
#[must_use]
pub fn from_node_lenient<T: DeserializeOwned>(node: &Node) -> Decoded<T> {
    let mut context = Context::default();
    let mut unknown: Vec<Unknown> = Vec::new();
    let mut errors: Vec<DecodeError> = Vec::new();
    let mut value = None;
    for _ in 0..MAX_ATTEMPTS {
        let result = attempt(node, &context);
        for found in context.unknown.take() {
            if !unknown.iter().any(|known| known.span == found.span) {
                unknown.push(found);
            }
        }
        match result {
            Ok(decoded) => {
                value = errors.is_empty().then_some(decoded);
                break;
            }
            Err(raw) => {
                let Some(failed) = raw.place.as_ref().map(|place| place.node) else {
                    errors.push(raw.into_error());
                    break;
                };
                let way = way_to(node, failed);
                let failed = way.last().copied().unwrap_or(node);
                let consequence =
                    context.skip.contains(&address(failed)) || follows_from_skipped(failed, &raw.kind, &context);
                if !consequence {
                    errors.push(raw.into_error());
                }
                // The value of a choice cannot be left out, only the whole choice can: go outwards
                // until something new is left out. The root is not on the way.
                let mut outwards = way.iter().rev().map(|node| address(node));
                let Some(next) = outwards.find(|node| !context.skip.contains(node)) else {
                    break;
                };
                context.skip.insert(next);
            }
        }
    }
    unknown.sort_by_key(|found| found.span);
    errors.sort_by_key(|error| error.span);
    Decoded { value, unknown, errors }
}

fn attempt<T: DeserializeOwned>(node: &Node, context: &Context) -> Result<T, Raw> {
    T::deserialize(NodeDe {
        node,
        trail: &Trail::Root,
        context,
    })
}

/// Whether an error exists only because something below the node was left out.
fn follows_from_skipped(failed: &Node, kind: &DecodeKind, context: &Context) -> bool {
    match (kind, &failed.kind) {
        (DecodeKind::MissingField { name }, NodeKind::Mapping(_)) => failed
            .get(name)
            .is_some_and(|value| context.skip.contains(&address(value))),
        (DecodeKind::Custom | DecodeKind::InvalidLength { .. }, _) => contains_skipped(failed, context),
        _ => false,
    }
}

fn contains_skipped(node: &Node, context: &Context) -> bool {
    context.skip.contains(&address(node))
        || node.items().iter().any(|item| contains_skipped(item, context))
        || node.entries().iter().any(|(_, value)| contains_skipped(value, context))
}

/// The nodes below `root` on the way to the one at `wanted`, outermost first.
fn way_to(root: &Node, wanted: usize) -> Vec<&Node> {
    let items = root.items().iter();
    let values = root.entries().iter().map(|(_, value)| value);
    for child in items.chain(values) {
        if address(child) == wanted {
            return vec![child];
        }
        let rest = way_to(child, wanted);
        if !rest.is_empty() {
            return std::iter::once(child).chain(rest).collect();
        }
    }
    Vec::new()
}
