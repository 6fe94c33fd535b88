//! W302 and W303: what a rule calculates and nobody uses.

use std::collections::BTreeSet;

use super::Pack;
use super::variables::{Names, REPORTED};
use super::walk::Rule;
use crate::check::place::diagnostic;
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// Groups and derived variables that nothing uses.
pub fn check(pack: &Pack<'_>, rule: &Rule<'_>, names: &Names<'_>, out: &mut Vec<Diagnostic>) {
    let place = pack.place;
    let mut used: BTreeSet<String> = rule.names().collect();
    let asked = rule.probes.iter().filter_map(|p| pack.known.taken_by.get(p.as_str()?));
    used.extend(asked.flatten().cloned());
    for example in rule.node.get("examples").map(Node::items).unwrap_or_default() {
        let captures = example.get("expect").and_then(|e| e.get("captures"));
        let expected = captures.map(Node::entries).unwrap_or_default();
        used.extend(expected.iter().filter_map(|(name, _)| name.as_str().map(str::to_owned)));
    }
    let mut seen = BTreeSet::new();
    for group in &names.groups {
        // The reported place is read by heal itself.
        let own = REPORTED.contains(&group.name.as_str()) || used.contains(&group.name);
        if own || !seen.insert(&group.name) {
            continue;
        }
        if let Some(range) = &group.range {
            let mut found = diagnostic("W302", format!("the group `{}` is not used", group.name))
                .primary(
                    &place.file,
                    place.inside(group.regex, range.clone()),
                    "nothing asks for it",
                )
                .help("use it in a template or condition, or write `(?:…)`");
            // Where its type is declared as well, both have to go.
            let declared = rule.node.get("captures").is_some_and(|c| c.get(&group.name).is_some());
            let text = group.regex.as_str().unwrap_or_default();
            if !declared && let Some(start) = text[..range.start].rfind("(?") {
                let whole = place.inside(group.regex, start..range.end + 1);
                found = found.patch(&place.file, whole, "(?:", "let it have no name");
            }
            out.push(found);
        }
    }
    for (name, _, _) in &rule.derives {
        if let Some(text) = name.as_str()
            && ![text.to_owned(), format!("{text}_file"), format!("{text}_line")]
                .iter()
                .any(|name| used.contains(name))
            && !REPORTED.contains(&text)
        {
            out.push(
                diagnostic("W303", format!("the derived value `{text}` is not used")).primary(
                    &place.file,
                    place.short(name.span),
                    "nothing asks for it",
                ),
            );
        }
    }
}
