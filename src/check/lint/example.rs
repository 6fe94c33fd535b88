//! What examples name that does not exist. (Whether they hold is found by running them.)

use super::Pack;
use super::variables::Names;
use super::walk::{Rule, Within};
use crate::check::place::diagnostic;
use crate::diagnostic::{Diagnostic, suggest};
use crate::yaml::Node;

/// Names in the examples of a rule.
pub fn check(pack: &Pack<'_>, rule: &Rule<'_>, names: &Names<'_>, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    let examples = rule.node.get("examples").map(Node::items).unwrap_or_default();
    let counter = rule.node.get("counterexamples").map(Node::items).unwrap_or_default();
    for example in examples.iter().chain(counter) {
        for (name, _) in example.get("probes").map(Node::entries).unwrap_or_default() {
            unknown(
                pack,
                name,
                "E304",
                "probe",
                pack.known.probes.iter().map(String::as_str),
                out,
            );
        }
        let Some(expect) = example.get("expect") else { continue };
        let ids: Vec<&str> = rule
            .causes
            .iter()
            .filter_map(|c| c.get("id")?.as_str())
            .chain(rule.causes.is_empty().then(|| rule.node.get("id")?.as_str()).flatten())
            .collect();
        let cause = expect.get("cause");
        let cause_index = cause.and_then(|c| ids.iter().position(|id| Some(*id) == c.as_str()));
        if let Some(cause) = cause {
            unknown(pack, cause, "E508", "cause", ids.iter().copied(), out);
        }
        // Names of any cause may be expected where the example does not say which.
        let mut known = names.at(
            Within {
                cause: cause_index,
                fix: None,
            },
            pack.known,
        );
        if cause_index.is_none() {
            known.extend(
                rule.derives
                    .iter()
                    .filter_map(|(n, _, _)| n.as_str().map(str::to_owned)),
            );
        }
        for (name, _) in expect.get("captures").map(Node::entries).unwrap_or_default() {
            if let Some(text) = name.as_str()
                && !known.contains(text)
            {
                let span = place.short(name.span);
                let mut found = diagnostic("E301", format!("nothing defines `{text}`")).primary(
                    &place.file,
                    span.clone(),
                    "not a group or derived name",
                );
                if let Some(near) = suggest(text, known.iter().map(String::as_str)) {
                    found = found.help(format!("did you mean `{near}`?")).patch(
                        &place.file,
                        span,
                        near,
                        format!("write `{near}`"),
                    );
                }
                out.push(found);
            }
        }
    }
}

fn unknown<'n>(
    pack: &Pack<'_>,
    node: &Node,
    code: &str,
    what: &str,
    known: impl Iterator<Item = &'n str> + Clone,
    out: &mut Vec<Diagnostic>,
) {
    let Some(name) = node.as_str() else { return };
    if known.clone().any(|k| k == name) {
        return;
    }
    let place = pack.place;
    let span = place.short(node.span);
    let mut found = diagnostic(code, format!("there is no {what} `{name}`")).primary(&place.file, span.clone(), "");
    if let Some(near) = suggest(name, known) {
        found = found
            .help(format!("did you mean `{near}`?"))
            .patch(&place.file, span, near, format!("write `{near}`"));
    }
    out.push(found);
}
