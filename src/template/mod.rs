//! Templates of rule packs: Handlebars, strict, without HTML escaping.
//!
//! Captured text is data. A value carries its type ([`CaptureType`]) and only the rendering for
//! people ([`Renderer::text`]) takes any value; the rendering for commands and files
//! ([`Renderer::checked`]) refuses what does not fit its type, and the one for regexes escapes it.
//! Templates inside captured text are never looked at: a value is inserted, not rendered.

mod helpers;
mod names;
mod packages;
mod value;

use handlebars::{Handlebars, Template};
use serde_json::{Map, Value as Json};

pub use helpers::{HELP, Help, NAMES as HELPERS, is_helper};
pub use names::{Name, names};
pub use value::{Unfit, Value, Vars, default_type, fits};

/// Why a template gave no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The template itself is wrong.
    #[error("{message}")]
    Syntax {
        /// What is wrong.
        message: String,
        /// 1-based line inside the template, where known.
        line: Option<usize>,
        /// 1-based column inside the template, where known.
        column: Option<usize>,
    },
    /// A variable that is not known here.
    #[error("{0}")]
    Undefined(String),
    /// A value that may not reach a command or a file.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

/// Parses a template, and refuses what packs may not use (partials, decorators, unknown helpers).
///
/// # Errors
/// [`TemplateError::Syntax`] with the place.
pub fn parse(template: &str) -> Result<Template, TemplateError> {
    let parsed = Template::compile(template).map_err(|error| TemplateError::Syntax {
        message: error
            .reason()
            .to_string()
            .lines()
            .last()
            .unwrap_or("invalid template")
            .trim()
            .to_owned(),
        line: error.pos().map(|p| p.0),
        column: error.pos().map(|p| p.1),
    })?;
    names::check(&parsed)?;
    Ok(parsed)
}

/// Renders templates.
#[derive(Debug)]
pub struct Renderer {
    registry: Handlebars<'static>,
}

impl Default for Renderer {
    fn default() -> Self {
        Self::new()
    }
}

impl Renderer {
    /// A renderer with the helpers of the pack format.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.register_escape_fn(handlebars::no_escape);
        helpers::register(&mut registry);
        Self { registry }
    }

    /// For people: any value.
    ///
    /// # Errors
    /// A template that does not parse, or a variable that is not known.
    pub fn text(&self, template: &str, vars: &Vars) -> Result<String, TemplateError> {
        self.render(template, vars, |value| value.text.clone())
    }

    /// For commands, paths and files: every variable of the template must fit its type, and none
    /// may be of type `text`. An absent value makes the template fail, except inside `{{#if}}`.
    ///
    /// # Errors
    /// As [`Renderer::text`], and [`TemplateError::Unfit`].
    pub fn checked(&self, template: &str, vars: &Vars) -> Result<String, TemplateError> {
        self.typed(template, vars, true)
    }

    /// As [`Renderer::checked`], for what is written into a file: source text may reach it too.
    ///
    /// # Errors
    /// As [`Renderer::checked`].
    pub fn for_file(&self, template: &str, vars: &Vars) -> Result<String, TemplateError> {
        self.typed(template, vars, false)
    }

    fn typed(&self, template: &str, vars: &Vars, command: bool) -> Result<String, TemplateError> {
        if template.contains("{{") {
            for name in names(template)? {
                if let Some(value) = vars.get(&name.path) {
                    value.check(&name.path, command)?;
                } else if name.required && vars.knows(&name.path) {
                    return Err(TemplateError::Undefined(format!("`{}` has no value here", name.path)));
                }
            }
        }
        let rendered = self.text(template, vars)?;
        let refuse = |why: &str| {
            Err(TemplateError::Unfit(Unfit {
                name: template.to_owned(),
                why: why.to_owned(),
            }))
        };
        if rendered.contains('\0') {
            return refuse("it holds a NUL character");
        }
        // A value that fits may be cut by a helper: the base name of `a/-rf` is an option.
        if command && rendered.starts_with('-') && !names::may_begin_with(template, '-')? {
            return refuse("it starts with `-`, which the template does not say");
        }
        Ok(rendered)
    }

    /// For regexes: every value is escaped, so that it stands for itself.
    ///
    /// # Errors
    /// As [`Renderer::text`].
    pub fn regex(&self, template: &str, vars: &Vars) -> Result<String, TemplateError> {
        self.render(template, vars, |value| regex::escape(&value.text))
    }

    fn render(&self, template: &str, vars: &Vars, form: impl Fn(&Value) -> String) -> Result<String, TemplateError> {
        if !template.contains("{{") {
            return Ok(template.to_owned());
        }
        parse(template)?;
        self.registry
            .render_template(template, &to_json(vars, form))
            .map_err(|error| {
                let text = error.reason().to_string();
                let text = text.lines().last().unwrap_or("cannot be rendered").trim();
                TemplateError::Undefined(
                    text.replace("Failed to access variable in strict mode Some(", "unknown variable (")
                        .clone(),
                )
            })
    }
}

/// Variables as Handlebars wants them: `ctx.x` is a nested map.
fn to_json(vars: &Vars, form: impl Fn(&Value) -> String) -> Json {
    let mut root = Map::new();
    for (path, value) in vars.iter() {
        let json = value.map_or(Json::Null, |v| Json::String(form(v)));
        match path.split_once('.') {
            None => {
                root.insert(path.to_owned(), json);
            }
            Some((outer, inner)) => {
                if let Some(map) = root
                    .entry(outer)
                    .or_insert_with(|| Json::Object(Map::new()))
                    .as_object_mut()
                {
                    map.insert(inner.to_owned(), json);
                }
            }
        }
    }
    Json::Object(root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::model::CaptureType;

    fn vars() -> Vars {
        let mut vars = Vars::default();
        vars.declare("who");
        vars.set("module", Value::typed("yaml", CaptureType::PythonModule));
        vars.set("evil", Value::typed("--index-url=http://x", CaptureType::Package));
        vars.set("said", Value::text("{{module}} rm -rf"));
        vars.set("ctx.python", Value::typed("/venv/bin/python", CaptureType::Path));
        vars
    }

    #[test]
    fn people_see_any_value_and_captured_templates_stay_text() {
        let r = Renderer::new();
        assert_eq!(r.text("got {{said}}", &vars()).unwrap(), "got {{module}} rm -rf");
        assert_eq!(
            r.text("{{#if who}}by {{who}}{{else}}nobody{{/if}}", &vars()).unwrap(),
            "nobody"
        );
        assert_eq!(r.text("{{ctx.python}}", &vars()).unwrap(), "/venv/bin/python");
    }

    #[test]
    fn commands_refuse_what_does_not_fit() {
        let r = Renderer::new();
        assert_eq!(r.checked("{{module}}", &vars()).unwrap(), "yaml");
        assert!(matches!(r.checked("{{evil}}", &vars()), Err(TemplateError::Unfit(_))));
        assert!(matches!(r.checked("{{said}}", &vars()), Err(TemplateError::Unfit(_))));
        assert!(r.checked("{{who}}", &vars()).is_err());
    }

    #[test]
    fn unknown_names_helpers_and_partials_are_errors() {
        let r = Renderer::new();
        assert!(matches!(r.text("{{nope}}", &vars()), Err(TemplateError::Undefined(_))));
        assert!(matches!(
            r.text("{{> part}}", &vars()),
            Err(TemplateError::Syntax { .. })
        ));
        assert!(matches!(
            r.text("{{shout module}}", &vars()),
            Err(TemplateError::Syntax { .. })
        ));
        assert!(matches!(r.text("{{#if", &vars()), Err(TemplateError::Syntax { .. })));
    }

    #[test]
    fn regexes_take_values_literally() {
        let mut v = vars();
        v.set("name", Value::text("a.b(c"));
        assert_eq!(Renderer::new().regex("^{{name}}$", &v).unwrap(), r"^a\.b\(c$");
    }
}
