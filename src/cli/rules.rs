//! `heal rules list|show|schema`

use serde_json::json;

use super::args::{self, Format, RulesCommand};
use super::common::Base;
use super::exit;
use crate::pack::{self, LoadedRule, RuleSet};

pub fn rules(args: args::Rules) -> anyhow::Result<u8> {
    match args.command {
        RulesCommand::List { common } => list(&common),
        RulesCommand::Show { common, id } => show(&common, &id),
        RulesCommand::New(args) => super::new_rule::new(&args),
        RulesCommand::Profile { common, log } => super::profile::profile(&common, &log),
        RulesCommand::Schema => {
            outln!("{}", serde_json::to_string_pretty(crate::check::schema::pack())?);
            Ok(exit::OK)
        }
    }
}

fn load(common: &args::Common) -> anyhow::Result<RuleSet> {
    let base = Base::new(common)?;
    let packs = pack::load(&*base.world, &base.sources);
    for error in packs.errors() {
        super::show::error_line(&error);
    }
    Ok(packs.rules)
}

fn list(common: &args::Common) -> anyhow::Result<u8> {
    let rules = load(common)?;
    let rows = rules
        .rules
        .iter()
        .map(|r| (r, "on"))
        .chain(rules.disabled.iter().map(|r| (r, "off")));
    if common.format != Format::Text {
        let all: Vec<_> = rows.map(|(rule, state)| row(&rules, rule, state)).collect();
        outln!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(exit::OK);
    }
    for (rule, state) in rows {
        let Some(pack) = rules.packs.get(rule.pack) else {
            continue;
        };
        let layer = serde_json::to_value(pack.origin.layer)?;
        let changed = if rule.overridden.is_empty() {
            ""
        } else {
            " (overridden)"
        };
        outln!(
            "{state:<3} {:<8} {:<44} {}{changed}",
            layer.as_str().unwrap_or_default(),
            rule.id,
            rule.rule.title
        );
    }
    Ok(exit::OK)
}

fn row(rules: &RuleSet, rule: &LoadedRule, state: &str) -> serde_json::Value {
    let pack = rules.packs.get(rule.pack);
    json!({
        "id": rule.id,
        "title": rule.rule.title,
        "type": rule.rule.kind,
        "severity": rule.rule.severity,
        "state": state,
        "environment": rule.environment,
        "pack": pack.map(|p| &p.name),
        "version": pack.map(|p| &p.version),
        "layer": pack.map(|p| p.origin.layer),
        "file": pack.map(|p| &p.origin.file),
        "trusted": rule.trusted,
        "overridden": rule.overridden,
        "causes": rule.rule.causes.iter().map(|c| &c.id).collect::<Vec<_>>(),
    })
}

fn show(common: &args::Common, id: &str) -> anyhow::Result<u8> {
    let rules = load(common)?;
    match describe(&rules, id) {
        Some(text) => {
            out!("{text}");
            Ok(exit::OK)
        }
        None => anyhow::bail!("there is no rule `{id}`{}", hint(&rules, id)),
    }
}

/// The nearest known id, as a question.
#[must_use]
pub fn hint(rules: &RuleSet, id: &str) -> String {
    let known = rules.rules.iter().flat_map(|r| [r.id.as_str(), r.rule.id.as_str()]);
    pack::document::nearest(id, known)
        .map(|near| format!("; did you mean `{near}`?"))
        .unwrap_or_default()
}

/// A rule in words: where it came from, what it matches, its causes and fixes.
#[must_use]
pub fn describe(rules: &RuleSet, id: &str) -> Option<String> {
    use std::fmt::Write;
    let rule = rules.find(id).or_else(|| rules.disabled.iter().find(|r| r.id == id))?;
    let pack = rules.packs.get(rule.pack)?;
    let mut out = String::new();
    let _ = writeln!(out, "{} — {}", rule.id, rule.rule.title);
    let _ = writeln!(
        out,
        "  pack {} {}, {:?} layer, {}",
        pack.name,
        pack.version,
        pack.origin.layer,
        pack.origin.file.display()
    );
    for (by, because) in &rule.overridden {
        let _ = writeln!(out, "  changed by pack {by}: {because}");
    }
    if let Some(docs) = &rule.rule.docs {
        let _ = writeln!(out, "\n{docs}");
    }
    if let Some(regex) = &rule.rule.matching.regex {
        let _ = writeln!(out, "  matches {regex}");
    }
    for step in &rule.rule.matching.steps {
        let optional = if step.optional { " (optional)" } else { "" };
        let _ = writeln!(out, "  step    {}{optional}", step.regex);
    }
    for cause in &rule.rule.causes {
        let explain = cause.explain.as_deref().unwrap_or(&rule.rule.title);
        let base = cause
            .confidence
            .as_ref()
            .map_or_else(|| "0.60".to_owned(), |c| format!("{:.2}", c.base));
        let _ = writeln!(out, "\n  cause {} (base {base}): {explain}", cause.id);
        for piece in cause.confidence.iter().flat_map(|c| &c.evidence) {
            let _ = writeln!(out, "    {:+.2} {}", piece.add, piece.because);
        }
        for fix in &cause.fix {
            let _ = writeln!(out, "    fix ({:?}): {}", fix.safety, fix.title);
        }
    }
    Some(out)
}
