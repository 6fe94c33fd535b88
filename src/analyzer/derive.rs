//! Derived variables.

use std::collections::BTreeSet;

use super::condition::{probe_field, probe_output, probe_templates};
use super::verdict::Scope;
use super::{manifest, names};
use crate::pack::model::{CaptureType, Convert, DeclaredField, Derive, Map, Unparsable};
use crate::template::{Value, Vars, default_type};

/// Computes all variables, each after those that it depends on. A cycle leaves its variables
/// without a value (the pack check reports it).
pub fn apply(derives: &Map<Derive>, vars: &mut Vars, scope: &Scope<'_>) {
    for (name, derive) in derives {
        vars.declare(name);
        if derive.in_file.is_some() {
            vars.declare(&format!("{name}_file"));
            vars.declare(&format!("{name}_line"));
        }
    }
    let mut left: BTreeSet<&String> = derives.keys().collect();
    while !left.is_empty() {
        let ready: Vec<&String> = left
            .iter()
            .copied()
            .filter(|name| {
                let wants = derives.get(*name).map(|d| wanted(d, scope)).unwrap_or_default();
                !left.iter().any(|other| *other != *name && wants.contains(*other))
            })
            .collect();
        if ready.is_empty() {
            return;
        }
        for name in ready {
            left.remove(name);
            let Some(derive) = derives.get(name) else { continue };
            if let Some((file, line)) = found_in(derive, vars, scope) {
                vars.set(&format!("{name}_file"), Value::typed(file, CaptureType::Path));
                vars.set(
                    &format!("{name}_line"),
                    Value::typed(line.to_string(), CaptureType::Integer),
                );
            }
            if let Some(value) = compute(name, derive, vars, scope) {
                vars.set(name, value);
            }
        }
    }
}

/// Names that a derive asks for.
#[must_use]
pub fn dependencies(derive: &Derive) -> BTreeSet<String> {
    let mut wanted: BTreeSet<String> = derive.from.iter().cloned().collect();
    let mut templates: Vec<&str> = Vec::new();
    templates.extend(derive.template.as_deref());
    templates.extend(derive.otherwise.as_deref());
    templates.extend(derive.regex.as_deref());
    templates.extend(derive.in_output.as_deref());
    templates.extend(derive.first_existing.iter().map(String::as_str));
    if let Some(wanted) = &derive.unparsable {
        templates.extend(wanted.files.iter().map(String::as_str));
    }
    if let Some(source) = &derive.source_line {
        templates.extend([source.file.as_str(), source.line.as_str()]);
        templates.extend(source.regex.as_deref());
    }
    if let Some(file) = &derive.in_file {
        templates.extend([file.file.as_str(), file.regex.as_str()]);
    }
    if let Some(probe) = &derive.in_probe {
        templates.push(&probe.regex);
    }
    templates.extend(derive.data.as_ref().map(|d| d.file.as_str()));
    for among in [&derive.near, &derive.only].into_iter().flatten() {
        templates.extend(among.names.iter().map(String::as_str));
        templates.extend(among.files.iter().map(String::as_str));
        templates.extend(among.in_files.iter().map(String::as_str));
        templates.extend(among.regex.as_deref());
        if let Some(of) = &among.names_of {
            templates.extend(of.files.iter().map(String::as_str));
        }
    }
    for template in templates {
        wanted.extend(
            crate::template::names(template)
                .unwrap_or_default()
                .into_iter()
                .map(|n| n.path),
        );
    }
    wanted
}

/// What a derived variable needs, the values that its probe is asked with included.
fn wanted(derive: &Derive, scope: &Scope<'_>) -> BTreeSet<String> {
    let mut wanted = dependencies(derive);
    let probes = [
        derive.in_probe.as_ref().map(|p| &p.probe),
        derive.probe.as_ref().map(|p| &p.name),
    ];
    for template in probes
        .into_iter()
        .flatten()
        .flat_map(|name| probe_templates(name, scope))
    {
        let names = crate::template::names(template).unwrap_or_default();
        wanted.extend(names.into_iter().map(|n| n.path));
    }
    wanted
}

fn compute(name: &str, derive: &Derive, vars: &Vars, scope: &Scope<'_>) -> Option<Value> {
    let start = match (&derive.from, &derive.template) {
        (Some(from), _) => vars.get(from).cloned(),
        (None, Some(template)) => scope
            .context
            .renderer
            .text(template, vars)
            .ok()
            .map(|text| Value::typed(text, default_type(name))),
        (None, None) => None,
    };
    let text = start.as_ref().map(|v| v.text.clone());
    let found = find(derive, text.as_deref(), vars, scope);
    let kind = |default: CaptureType| derive.kind.unwrap_or(default);
    let own = start.as_ref().map_or_else(|| default_type(name), |v| v.kind);
    if let Some(found) = found {
        // What a table or a manifest of the project says is not the log's word, so it has their type.
        let default = match () {
            () if derive.table.is_some() || derive.declared.is_some() => CaptureType::Package,
            () if derive.probe.is_some() && own == CaptureType::Text => CaptureType::Code,
            () => own,
        };
        return Some(Value::typed(found, kind(default)));
    }
    match derive.otherwise.as_deref() {
        None | Some("none") => None,
        Some("keep") => start.map(|v| Value::typed(v.text, kind(v.kind))),
        Some(template) => scope
            .context
            .renderer
            .text(template, vars)
            .ok()
            .map(|t| Value::typed(t, kind(own))),
    }
}

fn find(derive: &Derive, text: Option<&str>, vars: &Vars, scope: &Scope<'_>) -> Option<String> {
    let mut value = text.map(str::to_owned);
    if let Some(separator) = &derive.split {
        let parts: Vec<&str> = value.as_deref()?.split(separator.as_str()).collect();
        let take = derive.take.unwrap_or(0);
        let index = if take < 0 {
            parts.len().checked_sub(take.unsigned_abs() as usize)?
        } else {
            usize::try_from(take).ok()?
        };
        value = Some((*parts.get(index)?).to_owned());
    }
    if let Some(source) = &derive.source_line {
        let file = scope.context.renderer.text(&source.file, vars).ok()?;
        let line: u32 = scope.context.renderer.text(&source.line.0, vars).ok()?.parse().ok()?;
        let line = scope.context.source_line(&scope.context.path(&file), Some(line))?;
        value = Some(match &source.regex {
            Some(regex) => first_value(&scope.regex(regex, vars)?, &line)?,
            None => line,
        });
    }
    if let Some(file) = &derive.in_file {
        value = Some(search(file, vars, scope)?.0);
    }
    if let Some(probe) = &derive.probe {
        value = Some(probe_field(&probe.name, &probe.field, vars, scope)?);
    }
    if let Some(data) = &derive.data {
        let path = scope.context.path(&scope.context.renderer.text(&data.file, vars).ok()?);
        value = Some(manifest::data(&scope.context.read(&path)?, &path, &data.at)?);
    }
    if let Some(probe) = &derive.in_probe {
        let output = probe_output(&probe.probe, vars, scope)?;
        value = Some(first_value(&scope.regex(&probe.regex, vars)?, &output.stdout)?);
    }
    if let Some(regex) = &derive.in_output {
        let regex = scope.regex(regex, vars)?;
        value = Some(scope.context.output.iter().find_map(|line| first_value(&regex, line))?);
    }
    if !derive.first_existing.is_empty() {
        value = Some(derive.first_existing.iter().find_map(|template| {
            // An absent value is no path; an empty one would be the folder itself.
            let path = scope
                .context
                .renderer
                .text(template, vars)
                .ok()
                .filter(|p| !p.is_empty())?;
            if path.contains(['*', '?']) {
                let found = names::glob_files(scope, &path).into_iter().next()?;
                return Some(
                    found
                        .strip_prefix(scope.context.cwd)
                        .unwrap_or(&found)
                        .to_string_lossy()
                        .into_owned(),
                );
            }
            scope.context.world.exists(&scope.context.path(&path)).then_some(path)
        })?);
    }
    if let Some(wanted) = &derive.unparsable {
        value = Some(only_unparsable(wanted, vars, scope)?);
    }
    if let Some(regex) = &derive.regex {
        value = Some(first_value(&scope.regex(regex, vars)?, value.as_deref()?)?);
    }
    if let Some(replace) = &derive.replace {
        let regex = scope.regex(&replace.regex, vars)?;
        value = Some(regex.replace_all(value.as_deref()?, replace.with.as_str()).into_owned());
    }
    if let Some(convert) = derive.convert {
        let text = value?;
        let path = std::path::Path::new(&text);
        let part = |p: Option<&std::ffi::OsStr>| p.map(|p| p.to_string_lossy().into_owned());
        value = match convert {
            Convert::Lower => Some(text.to_lowercase()),
            Convert::Upper => Some(text.to_uppercase()),
            Convert::Trim => Some(text.trim().to_owned()),
            Convert::Basename => part(path.file_name()),
            Convert::Stem => part(path.file_stem()),
            Convert::Dirname => path.parent().map(|p| {
                if p.as_os_str().is_empty() {
                    ".".to_owned()
                } else {
                    p.to_string_lossy().into_owned()
                }
            }),
        };
    }
    if let Some(table) = &derive.table {
        value = scope
            .table(table)?
            .get(value.as_deref()?, derive.column.as_deref())
            .map(str::to_owned);
    }
    if let Some(among) = &derive.near {
        value = names::nearest(value.as_deref()?, among, vars, scope);
    }
    if let Some(among) = &derive.only {
        let all = names::collect(among, vars, scope);
        let mut others = all.into_iter().filter(|n| Some(n.as_str()) != value.as_deref());
        let first = others.next();
        value = if others.next().is_none() { first } else { None };
    }
    if let Some(field) = derive.declared {
        let entry = manifest::declared(value.as_deref()?, scope)?;
        value = match field {
            DeclaredField::Name => Some(entry.name),
            DeclaredField::Version => entry.version,
            DeclaredField::Requirement => Some(
                entry
                    .version
                    .map_or(entry.name.clone(), |v| format!("{}=={v}", entry.name)),
            ),
            DeclaredField::File => Some(
                entry
                    .file
                    .strip_prefix(scope.context.cwd)
                    .unwrap_or(&entry.file)
                    .to_string_lossy()
                    .into_owned(),
            ),
            DeclaredField::Line => Some(entry.line.to_string()),
        };
    }
    value.filter(|v| !v.is_empty())
}

/// The file that does not parse, where there is just one.
fn only_unparsable(wanted: &Unparsable, vars: &Vars, scope: &Scope<'_>) -> Option<String> {
    let context = scope.context;
    let mut broken = names::globbed(&wanted.files, vars, scope).into_iter().filter(|file| {
        let content = context.read(file);
        content.is_some_and(|c| crate::language::parses(wanted.language, &c, None).is_err())
    });
    let first = broken.next()?;
    if broken.next().is_some() {
        return None;
    }
    let shown = first.strip_prefix(context.cwd).unwrap_or(&first);
    Some(shown.to_string_lossy().into_owned())
}

/// The first match in the first file that has one: value, file, line.
fn search(file: &crate::pack::model::InFile, vars: &Vars, scope: &Scope<'_>) -> Option<(String, String, usize)> {
    let glob = scope.context.renderer.text(&file.file, vars).ok()?;
    let regex = scope.regex(&file.regex, vars)?;
    names::glob_files(scope, &glob).into_iter().find_map(|path| {
        let bytes = scope.context.read(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        let captures = regex.captures(&text)?;
        let found = captures.name("value").or_else(|| captures.get(0))?;
        let line = text[..found.start()].matches('\n').count() + 1;
        let shown = path
            .strip_prefix(scope.context.cwd)
            .unwrap_or(&path)
            .to_string_lossy()
            .into_owned();
        Some((found.as_str().to_owned(), shown, line))
    })
}

fn found_in(derive: &Derive, vars: &Vars, scope: &Scope<'_>) -> Option<(String, usize)> {
    search(derive.in_file.as_ref()?, vars, scope).map(|(_, file, line)| (file, line))
}

fn first_value(regex: &regex::Regex, text: &str) -> Option<String> {
    let captures = regex.captures(text)?;
    captures
        .name("value")
        .or_else(|| captures.get(0))
        .map(|m| m.as_str().to_owned())
}
