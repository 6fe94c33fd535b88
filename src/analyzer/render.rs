//! Filling in fixes: from the pack's templates to concrete actions.

use super::action::{Action, Edit, EditChange, Retry, parse_duration};
use super::verdict::Scope;
use crate::pack::model::{self, CaptureType, Fix, Jitter, Undo};
use crate::template::{TemplateError, Vars};

/// Longest time of a fix command, in seconds, when the fix does not say.
const DEFAULT_SECONDS: u32 = 600;

/// The action of a fix.
///
/// # Errors
/// Why it cannot be filled in, for people.
pub fn action(fix: &Fix, vars: &Vars, scope: &Scope<'_>) -> Result<Action, String> {
    let checked = |template: &str| checked(template, vars, scope);
    if let Some(argv_templates) = &fix.run {
        return Ok(Action::Run {
            argv: argv(argv_templates, vars, scope)?,
            before: fix
                .before
                .iter()
                .map(|t| argv(t, vars, scope))
                .collect::<Result<_, _>>()?,
            cwd: fix.cwd.as_deref().map(checked).transpose()?,
            seconds: fix.timeout.unwrap_or(DEFAULT_SECONDS),
        });
    }
    if let Some(edit) = &fix.edit {
        return edit_action(edit, vars, scope);
    }
    if let Some(rewrite) = &fix.rewrite {
        return Ok(Action::Rewrite {
            language: rewrite.language,
            file: file(rewrite.file.as_deref(), vars, scope)?,
            line: place(rewrite.line.as_ref(), vars, scope)?,
            column: rewrite.column.as_ref().map(|c| number(c, vars, scope)).transpose()?,
            pattern: for_file(&rewrite.pattern, vars, scope)?,
            constraints: rewrite
                .constraints
                .iter()
                .map(|(name, regex)| scope.context.renderer.regex(regex, vars).map(|r| (name.clone(), r)))
                .collect::<Result<_, _>>()
                .map_err(|e| e.to_string())?,
            with: for_file(&rewrite.with, vars, scope)?,
            all: rewrite.all,
        });
    }
    if let Some(repair) = &fix.repair {
        return Ok(Action::Repair {
            language: repair.language,
            file: file(repair.file.as_deref(), vars, scope)?,
            line: place(repair.line.as_ref(), vars, scope)?,
            version: super::target::version(
                repair.version.as_ref().map(|v| v.0.as_str()),
                repair.language,
                vars,
                scope,
            ),
        });
    }
    if let Some(set) = &fix.set {
        return Ok(Action::Set {
            file: checked(&set.file)?,
            format: set.format,
            key: checked(&set.key)?,
            value: checked(&set.value.0)?,
            create: set.create,
            if_missing: set.if_missing,
        });
    }
    if let Some(chmod) = &fix.chmod {
        return Ok(Action::Chmod {
            path: checked(&chmod.path)?,
            mode: checked(&chmod.mode)?,
        });
    }
    if let Some(path) = &fix.mkdir {
        return Ok(Action::Mkdir { path: checked(path)? });
    }
    if let Some(values) = &fix.env {
        let values = values
            .iter()
            .map(|(name, value)| checked(&value.0).map(|v| (name.clone(), v)))
            .collect::<Result<_, _>>()?;
        return Ok(Action::Env { values });
    }
    if let Some(retry) = &fix.retry {
        return Ok(Action::Retry(retry_action(retry)));
    }
    if let Some(argv_templates) = &fix.rerun {
        return Ok(Action::Rerun {
            argv: argv(argv_templates, vars, scope)?,
        });
    }
    let text = fix.advice.as_deref().unwrap_or(&fix.title);
    Ok(Action::Advice {
        text: scope.text(text, vars),
    })
}

/// A command; an element that renders to nothing because it is wholly conditional is left out.
///
/// # Errors
/// Why an element cannot be filled in.
pub fn argv(templates: &[String], vars: &Vars, scope: &Scope<'_>) -> Result<Vec<String>, String> {
    let mut argv = Vec::with_capacity(templates.len());
    for template in templates {
        let text = checked(template, vars, scope)?;
        stays_inside(template, vars, scope)?;
        if text.is_empty() && template.starts_with("{{#") {
            continue;
        }
        argv.push(text);
    }
    if argv.first().is_none_or(String::is_empty) {
        return Err("the command is empty".to_owned());
    }
    Ok(argv)
}

/// A command is not looked into, so a path that a log named may reach one only where heal could
/// write it itself. What the session says (`ctx.…`) is no log's word.
fn stays_inside(template: &str, vars: &Vars, scope: &Scope<'_>) -> Result<(), String> {
    for name in crate::template::names(template).map_err(|e| e.to_string())? {
        let Some(value) = vars.get(&name.path).filter(|v| v.kind == CaptureType::Path) else {
            continue;
        };
        if !name.path.starts_with("ctx.") && !scope.context.is_inside(&scope.context.path(&value.text)) {
            return Err(format!("`{}` is a path outside of the project", name.path));
        }
    }
    Ok(())
}

/// How a fix is taken back, filled in.
#[must_use]
pub fn undo(undo: &Undo, vars: &Vars, scope: &Scope<'_>) -> Option<Undo> {
    match undo {
        Undo::None(text) => Some(Undo::None(text.clone())),
        Undo::Command(templates) => argv(templates, vars, scope).ok().map(Undo::Command),
        Undo::Restore { restore } => {
            let paths = restore
                .iter()
                .map(|path| checked(path, vars, scope))
                .collect::<Result<_, _>>()
                .ok()?;
            Some(Undo::Restore { restore: paths })
        }
    }
}

fn checked(template: &str, vars: &Vars, scope: &Scope<'_>) -> Result<String, String> {
    scope
        .context
        .renderer
        .checked(template, vars)
        .map_err(|error| match error {
            TemplateError::Syntax { message, .. } => message,
            other => other.to_string(),
        })
}

fn for_file(template: &str, vars: &Vars, scope: &Scope<'_>) -> Result<String, String> {
    scope
        .context
        .renderer
        .for_file(template, vars)
        .map_err(|error| error.to_string())
}

fn file(template: Option<&str>, vars: &Vars, scope: &Scope<'_>) -> Result<String, String> {
    checked(template.unwrap_or("{{file}}"), vars, scope)
}

/// A line: the reported one by default, none for `any`.
fn place(template: Option<&model::ShortText>, vars: &Vars, scope: &Scope<'_>) -> Result<Option<u32>, String> {
    match template {
        Some(text) if text.0 == "any" => Ok(None),
        Some(text) => number(text, vars, scope).map(Some),
        None => Ok(vars.text("line").and_then(|line| line.parse().ok())),
    }
}

fn number(template: &model::ShortText, vars: &Vars, scope: &Scope<'_>) -> Result<u32, String> {
    let text = checked(&template.0, vars, scope)?;
    text.parse().map_err(|_| format!("`{text}` is not a line number"))
}

fn edit_action(edit: &model::Edit, vars: &Vars, scope: &Scope<'_>) -> Result<Action, String> {
    if let Some(from) = &edit.from_probe {
        let answer = super::condition::probe_field(&from.name, &from.field, vars, scope)
            .ok_or_else(|| format!("probe `{}` gave no `{}`", from.name, from.field))?;
        let ranges: Vec<super::action::RangeEdit> =
            serde_json::from_str(&answer).map_err(|e| format!("probe `{}` gave no list of ranges: {e}", from.name))?;
        if ranges.is_empty() {
            return Err(format!("probe `{}` gave no ranges", from.name));
        }
        return Ok(Action::Ranges(ranges));
    }
    let checked = |template: &str| for_file(template, vars, scope);
    let change = if let Some(replace) = &edit.replace {
        let with = checked(&replace.with)?;
        match (&replace.find, &replace.regex) {
            (Some(find), _) => EditChange::Replace {
                find: checked(find)?,
                with,
                word: replace.word,
                all: replace.all,
                column: match &replace.at_column {
                    // A report without a column leaves the choice to there being only one.
                    Some(column) => checked(&column.0).ok().and_then(|c| c.parse().ok()),
                    None => None,
                },
            },
            (None, Some(regex)) => EditChange::ReplaceRegex {
                regex: scope.context.renderer.regex(regex, vars).map_err(|e| e.to_string())?,
                with,
                all: replace.all,
            },
            (None, None) => return Err("`replace` needs `find` or `regex`".to_owned()),
        }
    } else if let Some(text) = &edit.insert_before {
        EditChange::InsertBefore(checked(text)?)
    } else if let Some(text) = &edit.insert_after {
        EditChange::InsertAfter(checked(text)?)
    } else if let Some(text) = &edit.append {
        EditChange::Append(checked(text)?)
    } else if edit.delete == Some(true) {
        EditChange::Delete
    } else if let Some(convert) = edit.convert {
        EditChange::Convert(convert)
    } else {
        return Err("the edit does nothing".to_owned());
    };
    let guard = edit.guard.clone().unwrap_or_default();
    Ok(Action::Edit(Edit {
        file: checked(&edit.file)?,
        line: edit.line.as_ref().map(|line| number(line, vars, scope)).transpose()?,
        end_line: edit
            .end_line
            .as_ref()
            .map(|line| number(line, vars, scope))
            .transpose()?,
        change,
        parses: guard.parses,
        line_matches: guard
            .line_matches
            .map(|regex| scope.context.renderer.regex(&regex, vars))
            .transpose()
            .map_err(|e| e.to_string())?,
    }))
}

fn retry_action(retry: &model::Retry) -> Retry {
    let backoff = retry.backoff.as_ref();
    let time = |text: Option<&model::ShortText>| text.and_then(|t| parse_duration(&t.0));
    Retry {
        attempts: retry.attempts,
        first: time(backoff.and_then(|b| b.first.as_ref())),
        factor: backoff.and_then(|b| b.factor),
        max: time(backoff.and_then(|b| b.max.as_ref())),
        jitter: backoff.and_then(|b| b.jitter).unwrap_or(Jitter::None),
    }
}
