//! Which variables a template asks for, and what it may not use.

use handlebars::template::{HelperTemplate, Parameter, Template, TemplateElement};

use handlebars::Path;

use super::{TemplateError, helpers, parse};

/// A variable of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Dotted path, e.g. `module`, `ctx.python`.
    pub path: String,
    /// 1-based line of the expression inside the template.
    pub line: usize,
    /// 1-based column of the expression inside the template.
    pub column: usize,
    /// Asked for outside of any `{{#if}}`/`{{#unless}}`, so that it must have a value.
    pub required: bool,
}

/// All variables of a template, in order.
///
/// # Errors
/// The template does not parse.
pub fn names(template: &str) -> Result<Vec<Name>, TemplateError> {
    if !template.contains("{{") {
        return Ok(Vec::new());
    }
    let parsed = parse(template)?;
    let mut found = Vec::new();
    walk(&parsed, true, &mut |path, line, column, required| {
        found.push(Name {
            path,
            line,
            column,
            required,
        })
    });
    Ok(found)
}

/// Whether the first character of what a template gives can be this one because the template says
/// so, and not because of a value.
///
/// # Errors
/// The template does not parse.
pub(super) fn may_begin_with(template: &str, first: char) -> Result<bool, TemplateError> {
    fn begins(template: &Template, first: char) -> bool {
        match template.elements.first() {
            Some(TemplateElement::RawString(text)) => text.starts_with(first),
            Some(TemplateElement::HelperBlock(helper)) => [&helper.template, &helper.inverse]
                .into_iter()
                .flatten()
                .any(|inner| begins(inner, first)),
            _ => false,
        }
    }
    Ok(if template.contains("{{") {
        begins(&parse(template)?, first)
    } else {
        template.starts_with(first)
    })
}

type Sink<'a> = dyn FnMut(String, usize, usize, bool) + 'a;

fn walk(template: &Template, required: bool, sink: &mut Sink<'_>) {
    for (index, element) in template.elements.iter().enumerate() {
        let (line, column) = template.mapping.get(index).map_or((1, 1), |m| (m.0, m.1));
        match element {
            TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) => {
                if helper.params.is_empty() && helper.hash.is_empty() {
                    parameter(&helper.name, line, column, required, sink);
                } else {
                    // A helper such as `default` may take an absent value.
                    let lenient = helper.name.as_name() == Some("default");
                    parameters(helper, line, column, required && !lenient, sink);
                }
            }
            TemplateElement::HelperBlock(helper) => {
                parameters(helper, line, column, false, sink);
                for inner in [&helper.template, &helper.inverse].into_iter().flatten() {
                    walk(inner, false, sink);
                }
            }
            _ => {}
        }
    }
}

fn parameters(helper: &HelperTemplate, line: usize, column: usize, required: bool, sink: &mut Sink<'_>) {
    for value in helper.params.iter().chain(helper.hash.values()) {
        parameter(value, line, column, required, sink);
    }
}

fn parameter(value: &Parameter, line: usize, column: usize, required: bool, sink: &mut Sink<'_>) {
    match value {
        Parameter::Name(name) => sink(name.clone(), line, column, required),
        Parameter::Path(path) => sink(spelling(path), line, column, required),
        Parameter::Subexpression(sub) => {
            for inner in sub.params().into_iter().flatten() {
                parameter(inner, line, column, required, sink);
            }
        }
        _ => {}
    }
}

/// A path as it was written.
fn spelling(path: &Path) -> String {
    match path {
        Path::Relative((_, raw)) => raw.clone(),
        Path::Local((_, name, _)) => name.clone(),
    }
}

/// Refuses partials, decorators and unknown helpers.
pub(super) fn check(template: &Template) -> Result<(), TemplateError> {
    for (index, element) in template.elements.iter().enumerate() {
        let place = template.mapping.get(index).map(|m| (m.0, m.1));
        let refuse = |message: String| {
            Err(TemplateError::Syntax {
                message,
                line: place.map(|p| p.0),
                column: place.map(|p| p.1),
            })
        };
        match element {
            TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) => {
                let name = helper.name.as_name().unwrap_or_default();
                let calls = !helper.params.is_empty() || !helper.hash.is_empty();
                if calls && !helpers::NAMES.contains(&name) {
                    return refuse(format!(
                        "unknown helper `{name}`; helpers are {}",
                        helpers::NAMES.join(", ")
                    ));
                }
            }
            TemplateElement::HelperBlock(helper) => {
                let name = helper.name.as_name().unwrap_or_default();
                if !["if", "unless"].contains(&name) {
                    return refuse(format!(
                        "unknown block `{{{{#{name}}}}}`; blocks are `#if` and `#unless`"
                    ));
                }
                for inner in [&helper.template, &helper.inverse].into_iter().flatten() {
                    check(inner)?;
                }
            }
            TemplateElement::PartialExpression(_) | TemplateElement::PartialBlock(_) => {
                return refuse("partials are not part of the pack format".to_owned());
            }
            TemplateElement::DecoratorExpression(_) | TemplateElement::DecoratorBlock(_) => {
                return refuse("decorators are not part of the pack format".to_owned());
            }
            // Plain text, comments, and kinds that a later Handlebars may bring.
            _ => {}
        }
    }
    Ok(())
}
