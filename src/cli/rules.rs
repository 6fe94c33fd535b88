//! `heal rules list|show|schema`

use serde_json::json;

use super::args::{self, Format, RulesCommand};
use super::common::Base;
use super::exit;
use crate::pack::provenance::{self, How, Provenance, provenance};
use crate::pack::{self, LoadedRule, Packs, RuleSet};

pub fn rules(args: args::Rules) -> anyhow::Result<u8> {
    match args.command {
        RulesCommand::List { common } => list(&common),
        RulesCommand::Show { common, id } => show(&common, &id),
        RulesCommand::New(args) => super::new_rule::new(&args),
        RulesCommand::Profile { common, log } => super::profile::profile(&common, &log),
        RulesCommand::Schema => {
            super::out::json(&crate::check::schema::pack())?;
            Ok(exit::OK)
        }
    }
}

fn load(common: &args::Common, examples: bool) -> anyhow::Result<Packs> {
    let base = Base::new(common)?;
    let sources = pack::Sources {
        examples,
        ..base.sources.clone()
    };
    let packs = pack::load(&*base.world, &sources);
    for error in packs.errors() {
        super::show::error_line(&error);
    }
    Ok(packs)
}

fn list(common: &args::Common) -> anyhow::Result<u8> {
    let packs = load(common, false)?;
    let rules = &packs.rules;
    let wanted = |r: &&LoadedRule| {
        let names = &common.environments;
        names.is_empty() || r.environment.as_ref().is_some_and(|e| names.contains(e))
    };
    let on = rules.rules.iter().map(|r| (r, true));
    let all = on.chain(rules.disabled.iter().map(|r| (r, false)));
    let mut rows: Vec<(&LoadedRule, bool)> = all.filter(|(r, _)| wanted(r)).collect();
    rows.sort_by_key(|(r, _)| (r.pack, r.id.as_str()));
    if common.format != Format::Text {
        let all: Vec<_> = rows.iter().map(|(rule, on)| row(&packs, rule, *on)).collect();
        super::out::json(&all)?;
        return Ok(exit::OK);
    }
    let widest = rows.iter().map(|(r, _)| r.id.len()).max().unwrap_or(0);
    for (rule, on) in rows {
        let (layer, origin) = origin(rules, rule);
        outln!(
            "{:<9} {layer:<8} {:<widest$}  {}  [{origin}]{}",
            state(rule, on),
            rule.id,
            rule.rule.title,
            changed(rule, on)
        );
    }
    Ok(exit::OK)
}

/// `untrusted`: its commands do not run by themselves until `heal trust` was said.
fn state(rule: &LoadedRule, on: bool) -> &'static str {
    match (on, rule.trusted) {
        (false, _) => "off",
        (true, false) => "untrusted",
        (true, true) => "on",
    }
}

fn origin(rules: &RuleSet, rule: &LoadedRule) -> (String, String) {
    let Some(pack) = rules.packs.get(rule.pack) else {
        return Default::default();
    };
    (layer(pack.origin.layer), pack.origin.file.display().to_string())
}

/// A layer by its name in machine-readable reports.
#[must_use]
pub fn layer(layer: pack::Layer) -> String {
    let value = serde_json::to_value(layer).ok();
    value
        .and_then(|v| v.as_str().map(|s| s.replace('_', "-")))
        .unwrap_or_default()
}

fn changed(rule: &LoadedRule, on: bool) -> String {
    let Some((by, because)) = rule.overridden.last() else {
        return String::new();
    };
    let what = if on { "changed" } else { "switched off" };
    format!(" {what} by {by}: {because}")
}

fn row(packs: &Packs, rule: &LoadedRule, on: bool) -> serde_json::Value {
    let pack = packs.rules.packs.get(rule.pack);
    json!({
        "id": rule.id,
        "title": rule.rule.title,
        "type": rule.rule.kind,
        "severity": rule.rule.severity,
        "state": state(rule, on),
        "environment": rule.environment,
        "pack": pack.map(|p| &p.name),
        "version": pack.map(|p| &p.version),
        "layer": pack.map(|p| p.origin.layer),
        "file": pack.map(|p| &p.origin.file),
        "line": provenance(packs, &rule.id).map(|p| p.from.line),
        "trusted": rule.trusted,
        "overridden": rule.overridden,
        "causes": rule.rule.causes.iter().map(|c| &c.id).collect::<Vec<_>>(),
    })
}

fn show(common: &args::Common, id: &str) -> anyhow::Result<u8> {
    let packs = load(common, true)?;
    let rules = &packs.rules;
    let found = rules
        .find(id)
        .or_else(|| rules.disabled.iter().find(|r| r.id == id || r.rule.id == id));
    let Some(rule) = found else {
        anyhow::bail!("there is no rule `{id}`{}", hint(rules, id));
    };
    let on = rules.rules.iter().any(|r| r.id == rule.id);
    let Some(origin) = provenance(&packs, &rule.id) else {
        anyhow::bail!("the pack of `{id}` cannot be read");
    };
    let hash = crate::check::rule_hash(origin.node);
    if common.format == Format::Text {
        print_rule(rule, state(rule, on), &origin, &hash);
    } else {
        let mut value = row(&packs, rule, on);
        value["hash"] = json!(hash);
        value["parts"] = json!(origin.parts);
        super::out::json(&value)?;
    }
    Ok(exit::OK)
}

/// The rule as it is in force, in the words of the packs that it is made of.
fn print_rule(rule: &LoadedRule, state: &str, origin: &Provenance<'_>, hash: &str) {
    let from = |s: &provenance::Source| format!("{} layer, {}:{}", layer(s.layer), s.file.display(), s.line);
    outln!(
        "# {} ({state}): pack {}, {}",
        rule.id,
        origin.from.pack,
        from(&origin.from)
    );
    outln!("# hash {hash}: what `base:` of an override names, so that a check tells when the rule changes");
    for part in &origin.parts {
        let because = part.from.because.as_deref().unwrap_or_default();
        let by = || format!("{} ({}): {because}", part.from.pack, from(&part.from));
        match part.how {
            How::Own => {}
            How::Replaced => outln!("# `{}` is replaced by {}", part.key, by()),
            How::Added => outln!("# `{}` is added by {}", part.key, by()),
            How::Disabled => outln!("# switched off by {}", by()),
        }
        if part.how != How::Disabled {
            let text: Vec<_> = part.text.lines().map(crate::diagnostic::clean_line).collect();
            outln!("{}", text.join("\n"));
        }
    }
}

/// The nearest known id, as a question.
#[must_use]
pub fn hint(rules: &RuleSet, id: &str) -> String {
    let known = rules.rules.iter().flat_map(|r| [r.id.as_str(), r.rule.id.as_str()]);
    crate::diagnostic::suggest(id, known)
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
