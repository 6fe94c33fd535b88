//! `set`: a key of a configuration file; every other byte stays.

use std::path::Path;

use crate::fixer::plan::{FileWrite, PlanError, absolute, read};
use crate::pack::model::SetFormat;
use crate::world::World;
use crate::yaml::{self, Limits, NodeKind};

/// How to set.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The format; none: by the file's name.
    pub format: Option<SetFormat>,
    /// Create a file that is missing.
    pub create: bool,
    /// Leave a key alone that is there.
    pub if_missing: bool,
}

/// The file with the key set.
pub fn plan(
    file: &str,
    key: &str,
    value: &str,
    options: Options,
    world: &dyn World,
    cwd: &Path,
) -> Result<FileWrite, PlanError> {
    let path = absolute(file, cwd);
    let before = if world.exists(&path) {
        Some(read(&path, world)?)
    } else {
        None
    };
    if before.is_none() && !options.create {
        return Err(PlanError::NotThere(format!("{file} does not exist")));
    }
    let text = std::str::from_utf8(before.as_deref().unwrap_or_default()).map_err(|_| PlanError::Unreadable {
        path: path.clone(),
        message: "is not UTF-8".to_owned(),
    })?;
    let format = match options.format {
        Some(format) => format,
        None => by_name(&path)
            .ok_or_else(|| PlanError::Invalid(format!("the format of {file} is not known; say `format:`")))?,
    };
    let keys: Vec<&str> = key.split('.').filter(|k| !k.is_empty()).collect();
    let (Some(last), outer) = (keys.last(), keys.len().saturating_sub(1)) else {
        return Err(PlanError::Invalid("the key is empty".to_owned()));
    };
    let after = match format {
        SetFormat::Ini => ini(text, &keys[..outer].join("."), last, value, options.if_missing),
        SetFormat::Toml => toml(text, &keys, value, options.if_missing)?,
        SetFormat::Yaml => tree(text, &keys, value, options.if_missing, false)?,
        SetFormat::Json => tree(text, &keys, value, options.if_missing, true)?,
        SetFormat::Hcl => hcl(text, &keys, value, options.if_missing)?,
    };
    if before.as_deref() == Some(after.as_bytes()) {
        return Err(PlanError::NotThere(format!("{file} has `{key}` so already")));
    }
    Ok(FileWrite {
        path,
        before,
        after: after.into_bytes(),
    })
}

fn by_name(path: &Path) -> Option<SetFormat> {
    match path.extension()?.to_str()? {
        "ini" | "cfg" | "conf" => Some(SetFormat::Ini),
        "toml" => Some(SetFormat::Toml),
        "yaml" | "yml" => Some(SetFormat::Yaml),
        "json" => Some(SetFormat::Json),
        "hcl" | "tf" | "tfvars" => Some(SetFormat::Hcl),
        _ => None,
    }
}

/// INI, line by line: the key's line is replaced, or one added at the end of its section.
fn ini(text: &str, section: &str, key: &str, value: &str, if_missing: bool) -> String {
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let header = |line: &str| {
        line.trim()
            .strip_prefix('[')
            .and_then(|t| t.split(']').next())
            .map(|t| t.trim().to_owned())
    };
    let start = if section.is_empty() {
        Some(0)
    } else {
        lines
            .iter()
            .position(|l| header(l).as_deref() == Some(section))
            .map(|i| i + 1)
    };
    if let Some(start) = start {
        let end = lines[start..]
            .iter()
            .position(|l| header(l).is_some())
            .map_or(lines.len(), |i| start + i);
        for line in &mut lines[start..end] {
            let Some((name, rest)) = line.split_once(['=', ':']) else {
                continue;
            };
            if name.trim() == key && !line.starts_with([' ', '\t', '#', ';']) {
                if !if_missing {
                    let operator = line.as_bytes()[name.len()] as char;
                    let space = if rest.starts_with(' ') { " " } else { "" };
                    // A comment behind the value belongs to a person; it stays.
                    let comment = rest
                        .find(" #")
                        .or_else(|| rest.find(" ;"))
                        .map_or("", |i| rest[i..].trim_end());
                    *line = format!("{name}{operator}{space}{value}{comment}{ending}");
                }
                return lines.concat();
            }
        }
        // After the last line of the section that says something.
        let last = (start..end)
            .rev()
            .find(|&i| !lines[i].trim().is_empty())
            .map_or(start, |i| i + 1);
        if last > 0 && !lines[last - 1].ends_with('\n') {
            lines[last - 1].push_str(ending);
        }
        lines.insert(last, format!("{key} = {value}{ending}"));
    } else {
        if let Some(line) = lines.last_mut()
            && !line.ends_with('\n')
        {
            line.push_str(ending);
        }
        if !lines.is_empty() {
            lines.push(ending.to_owned());
        }
        lines.push(format!("[{section}]{ending}{key} = {value}{ending}"));
    }
    lines.concat()
}

fn toml(text: &str, keys: &[&str], value: &str, if_missing: bool) -> Result<String, PlanError> {
    let mut document: toml_edit::DocumentMut = text
        .parse()
        .map_err(|e: toml_edit::TomlError| PlanError::Invalid(e.message().to_owned()))?;
    let (Some(last), outer) = (keys.last(), &keys[..keys.len().saturating_sub(1)]) else {
        return Err(PlanError::Invalid("the key is empty".to_owned()));
    };
    let mut table = document.as_table_mut() as &mut dyn toml_edit::TableLike;
    for key in outer {
        table = table
            .entry(key)
            .or_insert(toml_edit::table())
            .as_table_like_mut()
            .ok_or_else(|| PlanError::Invalid(format!("`{key}` is not a table")))?;
    }
    if !(if_missing && table.contains_key(last)) {
        // What is a TOML value as it stands is that value; anything else is a string.
        let item: toml_edit::Value = value.parse().unwrap_or_else(|_| value.into());
        match table.get_mut(last) {
            Some(toml_edit::Item::Value(old)) => {
                let decor = old.decor().clone();
                *old = item;
                *old.decor_mut() = decor;
            }
            _ => drop(table.insert(last, toml_edit::value(item))),
        }
    }
    Ok(document.to_string())
}

/// YAML and JSON through the span tree: an existing scalar is replaced; a missing key is added to
/// the mapping that should hold it (YAML block mappings only).
fn tree(text: &str, keys: &[&str], value: &str, if_missing: bool, json: bool) -> Result<String, PlanError> {
    let root = yaml::parse(text, &Limits::default())
        .map_err(|errors| PlanError::Invalid(errors.first().map_or_else(String::new, |e| e.message.clone())))?;
    let mut node = &root;
    for (depth, key) in keys.iter().enumerate() {
        match (&node.kind, node.get(key)) {
            (_, Some(inner)) => node = inner,
            (NodeKind::Mapping(entries), None) if !json && depth + 1 == keys.len() => {
                let column = entries
                    .first()
                    .map_or(0, |(k, _)| text[..k.span.start].rsplit('\n').next().map_or(0, str::len));
                let flow = text[node.span.start..].starts_with('{');
                if flow {
                    return Err(PlanError::Invalid(
                        "a key cannot be added to an inline mapping".to_owned(),
                    ));
                }
                let mut at = text[..node.span.end].trim_end().len();
                at += text[at..].find('\n').map_or(text.len() - at, |i| i + 1);
                let lead = if text[..at].ends_with('\n') || at == 0 {
                    ""
                } else {
                    "\n"
                };
                let line = format!("{lead}{}{key}: {value}\n", " ".repeat(column));
                return Ok(format!("{}{line}{}", &text[..at], &text[at..]));
            }
            _ if root.is_null() && keys.len() == 1 && !json => return Ok(format!("{text}{key}: {value}\n")),
            _ => return Err(PlanError::NotThere(format!("`{}` is not there", keys.join(".")))),
        }
    }
    if if_missing {
        return Ok(text.to_owned());
    }
    if !matches!(node.kind, NodeKind::Scalar(_) | NodeKind::Null) {
        return Err(PlanError::Invalid(format!("`{}` is not a plain value", keys.join("."))));
    }
    let written = if json && serde_json::from_str::<serde_json::Value>(value).is_err() {
        serde_json::Value::String(value.to_owned()).to_string()
    } else {
        value.to_owned()
    };
    Ok(format!(
        "{}{written}{}",
        &text[..node.span.start],
        &text[node.span.end..]
    ))
}

/// HCL: an attribute, in the block that the outer keys name (type, then labels).
fn hcl(text: &str, keys: &[&str], value: &str, if_missing: bool) -> Result<String, PlanError> {
    use hcl_edit::structure::{Attribute, Body};
    let mut body: Body = hcl_edit::parser::parse_body(text).map_err(|e| PlanError::Invalid(e.message().to_owned()))?;
    let expression: hcl_edit::expr::Expression = value
        .parse()
        .map_err(|e: hcl_edit::parser::Error| PlanError::Invalid(e.message().to_owned()))?;
    let (Some(last), mut outer) = (keys.last(), &keys[..keys.len().saturating_sub(1)]) else {
        return Err(PlanError::Invalid("the key is empty".to_owned()));
    };
    let mut at = &mut body;
    while let Some((kind, rest)) = outer.split_first() {
        let missing = || PlanError::NotThere(format!("there is no block `{}`", keys.join(".")));
        let mut taken = 0;
        let block = at
            .get_blocks_mut(kind)
            .find_map(|block| {
                let labels: Vec<String> = block.labels.iter().map(|l| l.as_str().to_owned()).collect();
                let fits = labels.len() <= rest.len() && labels.iter().zip(rest).all(|(a, b)| a == b);
                fits.then(|| {
                    taken = labels.len();
                    &mut block.body
                })
            })
            .ok_or_else(missing)?;
        outer = &rest[taken..];
        at = block;
    }
    match at.get_attribute_mut(last) {
        Some(_) if if_missing => {}
        Some(mut attribute) => *attribute.value_mut() = expression,
        None => {
            let name: hcl_edit::Ident =
                hcl_edit::Ident::try_new(*last).map_err(|_| PlanError::Invalid(format!("`{last}` is not a name")))?;
            at.push(Attribute::new(name, expression));
        }
    }
    Ok(body.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ini_keeps_comments_and_order() {
        let text = "# top\n[defaults]\ninventory = hosts ; mine\n\n[ssh_connection]\npipelining=true\n";
        assert_eq!(
            ini(text, "ssh_connection", "retries", "3", false),
            "# top\n[defaults]\ninventory = hosts ; mine\n\n[ssh_connection]\npipelining=true\nretries = 3\n"
        );
        assert_eq!(
            ini(text, "defaults", "inventory", "h2", false).lines().nth(2),
            Some("inventory = h2 ; mine")
        );
        assert_eq!(ini(text, "defaults", "inventory", "h2", true), text);
        assert!(ini(text, "new", "a", "1", false).ends_with("\n\n[new]\na = 1\n"));
        assert_eq!(ini("", "s", "a", "1", false), "[s]\na = 1\n");
    }

    #[test]
    fn toml_yaml_and_json_keep_the_rest() {
        assert_eq!(
            toml("# c\n[a]\nb = 1 # one\n", &["a", "b"], "2", false).unwrap(),
            "# c\n[a]\nb = 2 # one\n"
        );
        assert_eq!(
            tree("# c\na:\n  b: 1 # one\n", &["a", "b"], "2", false, false).unwrap(),
            "# c\na:\n  b: 2 # one\n"
        );
        assert_eq!(
            tree("a:\n  b: 1\nz: 0\n", &["a", "c"], "2", false, false).unwrap(),
            "a:\n  b: 1\n  c: 2\nz: 0\n"
        );
        assert_eq!(
            tree("{\"a\": {\"b\": 1}}", &["a", "b"], "x", false, true).unwrap(),
            "{\"a\": {\"b\": \"x\"}}"
        );
    }

    #[test]
    fn hcl_sets_an_attribute_in_a_labelled_block() {
        let text = "# top\nvariable \"x\" {\n  type = string # t\n}\n";
        let out = hcl(text, &["variable", "x", "type"], "number", false).unwrap();
        assert_eq!(out, "# top\nvariable \"x\" {\n  type = number # t\n}\n");
    }
}
