//! The reference of the pack format as Markdown pages, made from what the loader reads: the schema of
//! the types, the helpers of templates, the catalogue of diagnostics. Nothing is written by hand, so
//! nothing can be forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::schema;
use crate::template::HELP;

/// Pages by what they are about: file, title, introduction, the types that they begin with. A type
/// stands on the first page that leads to it.
const PAGES: [(&str, &str, &str, &[&str]); 5] = [
    (
        "conditions.md",
        "Conditions",
        "What `when` (of rules and causes) and `if` (of evidence and fixes) can ask. Each is a mapping with one key; of a list \
         all must hold. Text may be a [template](templates.md).",
        &["Condition"],
    ),
    (
        "derive.md",
        "Derived values",
        "Variables that a rule or cause calculates below `derive`, from captures and from each other. They are \
         used as captures are.",
        &["Derive"],
    ),
    (
        "fixes.md",
        "Fixes and their verbs",
        "A fix has one verb; several fixes of a cause are alternatives, best first.",
        &["Fix"],
    ),
    (
        "environments.md",
        "Environments, probes and tables",
        "What a pack brings in besides rules.",
        &["Environment", "Probe", "Table"],
    ),
    (
        "pack.md",
        "Packs and rules",
        "Every key of a pack, from the outside in.",
        &["Pack", "Rule", "Override"],
    ),
];

/// The verbs, which are keys of a fix like others.
const VERBS: [&str; 11] = [
    "run", "edit", "rewrite", "repair", "set", "chmod", "mkdir", "env", "retry", "rerun", "advice",
];

const NOTE: &str = "<!-- Generated from the code; `UPDATE_DOCS=1 cargo test --test docs` writes it anew. -->";

/// All pages below `docs/reference`: file name and text.
#[must_use]
pub fn pages() -> Vec<(String, String)> {
    let types = types();
    let places = places(&types);
    let mut pages = vec![("README.md".to_owned(), index())];
    for (file, title, about, roots) in PAGES {
        let mut out = format!("# {title}\n\n{about}\n\n{NOTE}\n");
        let mut order = Vec::new();
        for root in roots {
            reach(&types, root, &mut order);
        }
        for name in order.iter().filter(|n| places.get(n.as_str()) == Some(&file)) {
            section(&mut out, name, &types[name], &places, file);
        }
        pages.push((file.to_owned(), out));
    }
    pages.push(("templates.md".to_owned(), templates(&types)));
    pages
}

fn types() -> BTreeMap<String, Value> {
    let schema = schema::pack();
    let mut types: BTreeMap<String, Value> = schema["$defs"]
        .as_object()
        .map(|defs| defs.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
        .unwrap_or_default();
    let mut root = schema.clone();
    if let Some(object) = root.as_object_mut() {
        object.remove("$defs");
    }
    types.insert("Pack".to_owned(), root);
    types
}

/// Types that are told where they are used: they have no name that anybody would look for.
fn is_plain(name: &str) -> bool {
    name == "Text" || name.starts_with("OneOrMany_")
}

/// Which page each type stands on.
fn places(types: &BTreeMap<String, Value>) -> BTreeMap<String, &'static str> {
    let mut places = BTreeMap::new();
    // What conditions use is theirs even where fixes use it as well.
    for (file, _, _, roots) in PAGES {
        for root in roots {
            let mut reached = Vec::new();
            reach(types, root, &mut reached);
            for name in reached {
                places.entry(name).or_insert(file);
            }
        }
    }
    // Types of captures are a matter of what may be put where.
    places.insert("CaptureType".to_owned(), "templates.md");
    places
}

/// A type and all that it leads to, each once, in the order of the first mention.
fn reach(types: &BTreeMap<String, Value>, name: &str, order: &mut Vec<String>) {
    if order.iter().any(|n| n == name) {
        return;
    }
    let Some(value) = types.get(name) else { return };
    if !is_plain(name) {
        order.push(name.to_owned());
    }
    let mut refs = Vec::new();
    collect(value, &mut refs);
    for name in refs {
        reach(types, &name, order);
    }
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            into.extend(object.get("$ref").and_then(target));
            object.values().for_each(|v| collect(v, into));
        }
        Value::Array(items) => items.iter().for_each(|v| collect(v, into)),
        _ => {}
    }
}

fn target(reference: &Value) -> Option<String> {
    Some(reference.as_str()?.rsplit('/').next()?.to_owned())
}

fn section(out: &mut String, name: &str, value: &Value, places: &BTreeMap<String, &'static str>, page: &str) {
    let mut link = |to: &str| {
        let there = places.get(to).copied().unwrap_or(page);
        let file = if there == page { "" } else { there };
        format!("[{}]({file}#{})", words(to), anchor(to))
    };
    let _ = write!(out, "\n## {}\n\n{}\n", words(name), about(value));
    let options = value["oneOf"].as_array().or(value["anyOf"].as_array());
    out.push('\n');
    for option in options.into_iter().flatten().chain(std::iter::once(value)) {
        // Names of values stand one level deeper where old ones are known as well.
        let inner = option["oneOf"]
            .as_array()
            .filter(|_| options.is_some() && option != value);
        for option in inner.into_iter().flatten() {
            constant(out, option);
        }
        constant(out, option);
    }
    let mut keys: Vec<(&String, &Value, bool)> = Vec::new();
    for option in options.into_iter().flatten().chain(std::iter::once(value)) {
        let needed: BTreeSet<&str> = option["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let one_key = option != value && value["oneOf"].is_array();
        for (key, property) in option["properties"].as_object().into_iter().flatten() {
            keys.push((key, property, needed.contains(key.as_str()) && !one_key));
        }
    }
    if name == "Fix" {
        table(
            out,
            "Verbs",
            keys.iter().filter(|(k, _, _)| VERBS.contains(&k.as_str())),
            &mut link,
        );
        table(
            out,
            "What else a fix says",
            keys.iter().filter(|(k, _, _)| !VERBS.contains(&k.as_str())),
            &mut link,
        );
    } else {
        table(out, "", keys.iter(), &mut link);
    }
}

fn constant(out: &mut String, option: &Value) {
    if let Some(text) = option["const"].as_str()
        && option["deprecated"].as_bool() != Some(true)
    {
        let _ = writeln!(out, "- `{text}`: {}", about(option));
    }
}

fn table<'a>(
    out: &mut String,
    title: &str,
    keys: impl Iterator<Item = &'a (&'a String, &'a Value, bool)>,
    link: &mut dyn FnMut(&str) -> String,
) {
    let mut keys = keys.peekable();
    if keys.peek().is_none() {
        return;
    }
    if !title.is_empty() {
        let _ = writeln!(out, "{}**{title}**", if out.ends_with("\n\n") { "" } else { "\n" });
    }
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
    out.push_str("| Key | Value | |\n|---|---|---|\n");
    for (key, property, needed) in keys {
        let needed = if *needed { "**required** " } else { "" };
        let default = match &property["default"] {
            Value::Null | Value::Object(_) => String::new(),
            Value::Array(items) if items.is_empty() => String::new(),
            Value::Bool(false) => String::new(),
            value => format!(" Default: `{value}`."),
        };
        let about = about(property).replace('|', "\\|");
        let _ = writeln!(out, "| `{key}` | {} | {needed}{about}{default} |", form(property, link));
    }
}

fn about(value: &Value) -> String {
    value["description"].as_str().unwrap_or_default().trim().to_owned()
}

/// What a value looks like, in words.
fn form(value: &Value, link: &mut dyn FnMut(&str) -> String) -> String {
    if let Some(name) = value.get("$ref").and_then(target) {
        return match name.as_str() {
            "Text" => "text".to_owned(),
            _ => match name.strip_prefix("OneOrMany_") {
                Some("string") => "text, or a list of it".to_owned(),
                Some("int32") => "number, or a list of them".to_owned(),
                Some(inner) => format!("{}, or a list of them", link(inner)),
                None => link(&name),
            },
        };
    }
    let options = value["anyOf"].as_array().or(value["oneOf"].as_array());
    if let Some(options) = options {
        let mut forms: Vec<String> = options
            .iter()
            .filter(|o| o["type"] != "null")
            .map(|o| form(o, link))
            .collect();
        forms.dedup();
        return forms.join(" or ");
    }
    let kinds: Vec<&str> = match &value["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    // Text may be written without quotes, so it may look like a number.
    if kinds.contains(&"string") {
        return "text".to_owned();
    }
    let inner = |inner: &Value, link: &mut dyn FnMut(&str) -> String| form(inner, link);
    match kinds.iter().find(|k| **k != "null") {
        Some(&"array") => format!("list of {}", inner(&value["items"], link)),
        Some(&"object") if value["additionalProperties"].is_object() => {
            format!("mapping of names to {}", inner(&value["additionalProperties"], link))
        }
        Some(&"object") => "mapping".to_owned(),
        Some(&"boolean") => "true or false".to_owned(),
        Some(&"integer") => "whole number".to_owned(),
        Some(&"number") => "number".to_owned(),
        _ => "anything".to_owned(),
    }
}

/// `EditReplace` as words.
fn words(name: &str) -> String {
    let mut out = String::new();
    for (k, c) in name.chars().enumerate() {
        if k > 0 && c.is_uppercase() {
            out.push(' ');
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

fn anchor(name: &str) -> String {
    words(name).to_lowercase().replace(' ', "-")
}

fn index() -> String {
    let mut out = format!(
        "# Reference of the pack format\n\nEvery key, condition, verb, helper, type and diagnostic. To learn how to write \
         a rule, begin with [rules/README.md](../../rules/README.md).\n\n{NOTE}\n\n| Page | |\n|---|---|\n"
    );
    for (file, title, about, _) in PAGES {
        let about = about.split(". ").next().unwrap_or_default().trim_end_matches('.');
        let _ = writeln!(out, "| [{title}]({file}) | {about} |");
    }
    out.push_str(
        "| [Templates and types](templates.md) | What stands between braces, and which values may reach a command |\n",
    );
    out.push_str("| [Diagnostics](../diagnostics.md) | Everything that `heal check --rules` can say |\n");
    out.push_str("| [Configuration](../configuration.md) | `heal.toml` |\n");
    out
}

fn templates(types: &BTreeMap<String, Value>) -> String {
    let mut out = format!(
        "# Templates and types\n\n{NOTE}\n\n## Templates\n\n\
         Text with `{{{{name}}}}` in it is a template: captures, derived values and `ctx.…` by their names. \
         `{{{{#if name}}}}…{{{{else}}}}…{{{{/if}}}}` and `{{{{#unless name}}}}…{{{{/unless}}}}` ask whether a value is there; \
         a value that may be absent stands only there, or in `{{{{default name \"x\"}}}}`. Nothing is escaped, and what a \
         value holds is never read as a template. Each element of a command is a template of its own, so that no value \
         can become two words.\n\n## Helpers\n\n| Helper | |\n|---|---|\n"
    );
    for help in HELP {
        let _ = writeln!(out, "| `{}` | {} |", help.usage, help.about);
    }
    let kind = &types["CaptureType"];
    let _ = write!(out, "\n## Capture type\n\n{}\n\n", about(kind));
    out.push_str(
        "A rule names types below `captures` (and `type` of a derived value). Without one `file`, `path`, `folder` and `dir` \
         are of type `path`; `line`, `column`, `end_line` and `port` of type `integer`; `host`, `version` and `package` of the type \
         of that name; `module` of type `python-module`; all others of type `text`.\n\n",
    );
    for option in kind["anyOf"].as_array().into_iter().flatten() {
        for option in option["oneOf"].as_array().into_iter().flatten() {
            constant(&mut out, option);
        }
    }
    out
}
