//! The helpers of the pack format; they fit a page on purpose.

use std::path::Path;

use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason};

/// A helper as people read about it.
#[derive(Debug, Clone, Copy)]
pub struct Help {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it gives.
    pub about: &'static str,
}

/// All helpers, by name.
pub const HELP: &[Help] = &[
    help("add", "{{add line 1}}", "The sum of two whole numbers."),
    help("basename", "{{basename file}}", "The last part of a path."),
    help(
        "default",
        "{{default name \"x\"}}",
        "The value, or the second argument where it is absent or empty.",
    ),
    help(
        "dirname",
        "{{dirname file}}",
        "The folder of a path; `.` where it names none.",
    ),
    help("lower", "{{lower name}}", "In small letters."),
    help(
        "quote",
        "{{quote file}}",
        "As one word of a shell: for advice that people copy, never for `run`.",
    ),
    help(
        "sibling",
        "{{sibling ctx.command \"tool\"}}",
        "The program of this name beside another program.",
    ),
    help("stem", "{{stem file}}", "The last part of a path without its ending."),
    help(
        "subtract",
        "{{subtract line 1}}",
        "The difference of two whole numbers.",
    ),
    help("trim", "{{trim text}}", "Without white space at both ends."),
    help("upper", "{{upper name}}", "In capital letters."),
];

const fn help(name: &'static str, usage: &'static str, about: &'static str) -> Help {
    Help { name, usage, about }
}

/// Names of the helpers, for messages and the check.
pub const NAMES: &[&str] = &{
    let mut names = [""; HELP.len()];
    let mut k = 0;
    while k < HELP.len() {
        names[k] = HELP[k].name;
        k += 1;
    }
    names
};

/// Helpers that Handlebars itself brings along; most are not part of the pack format, and all are meant
/// where a template has their name.
const BUILT_IN: [&str; 18] = [
    "and", "each", "eq", "gt", "gte", "if", "len", "log", "lookup", "lt", "lte", "ne", "not", "or", "raw", "this",
    "unless", "with",
];

/// Whether a template means a helper by this name, and no variable.
#[must_use]
pub fn is_helper(name: &str) -> bool {
    NAMES.contains(&name) || BUILT_IN.contains(&name)
}

/// Declares a helper of one text argument.
macro_rules! text_helper {
    ($registry:expr, $name:literal, $body:expr) => {
        let body: fn(&str) -> String = $body;
        $registry.register_helper(
            $name,
            Box::new(
                move |h: &Helper<'_>,
                      _: &Handlebars<'_>,
                      _: &Context,
                      _: &mut RenderContext<'_, '_>,
                      out: &mut dyn Output|
                      -> HelperResult {
                    out.write(&body(&argument(h, 0, $name)?))?;
                    Ok(())
                },
            ),
        );
    };
}

#[cfg(test)]
#[test]
fn names_that_mean_helpers_are_known() {
    let mut registry = Handlebars::new();
    register(&mut registry);
    // What a value of that name would be shown as, if it were one.
    registry.set_strict_mode(true);
    for name in ["lower", "len", "not", "lookup", "name", "kind", "count"] {
        let data = serde_json::json!({ name: "value" });
        let shown = registry.render_template(&format!("{{{{{name}}}}}"), &data);
        assert_eq!(shown.is_ok_and(|text| text == "value"), !is_helper(name), "{name}");
    }
}

fn argument(helper: &Helper<'_>, index: usize, name: &'static str) -> Result<String, handlebars::RenderError> {
    let value = helper
        .param(index)
        .ok_or(RenderErrorReason::ParamNotFoundForIndex(name, index))?;
    Ok(match value.value() {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    })
}

/// Registers all helpers.
pub fn register(registry: &mut Handlebars<'static>) {
    text_helper!(registry, "lower", |s| s.to_lowercase());
    text_helper!(registry, "upper", |s| s.to_uppercase());
    text_helper!(registry, "trim", |s| s.trim().to_owned());
    text_helper!(registry, "basename", |s| part(s, Path::file_name));
    text_helper!(registry, "stem", |s| part(s, Path::file_stem));
    text_helper!(registry, "dirname", |s| {
        let folder = Path::new(s)
            .parent()
            .map_or(String::new(), |p| p.to_string_lossy().into_owned());
        if folder.is_empty() { ".".to_owned() } else { folder }
    });
    text_helper!(registry, "quote", |s| shlex::try_quote(s)
        .map_or_else(|_| String::new(), std::borrow::Cow::into_owned));
    registry.register_helper("default", Box::new(default));
    registry.register_helper("sibling", Box::new(sibling));
    registry.register_helper("add", Box::new(add));
    registry.register_helper("subtract", Box::new(subtract));
}

fn part(text: &str, take: fn(&Path) -> Option<&std::ffi::OsStr>) -> String {
    take(Path::new(text)).map_or(String::new(), |p| p.to_string_lossy().into_owned())
}

/// `{{default x "y"}}`: the value, or the second argument where it is absent or empty.
fn default(
    h: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = argument(h, 0, "default")?;
    out.write(&if value.is_empty() {
        argument(h, 1, "default")?
    } else {
        value
    })?;
    Ok(())
}

/// `{{sibling ctx.a "b"}}`: the program `b` beside the program `a`, or just `b` where `a` is no path.
fn sibling(
    h: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let program = argument(h, 0, "sibling")?;
    let name = argument(h, 1, "sibling")?;
    let beside = Path::new(&program)
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .map(|p| p.join(&name));
    out.write(&beside.map_or(name, |p| p.to_string_lossy().into_owned()))?;
    Ok(())
}

fn sum(h: &Helper<'_>, name: &'static str, sign: i64) -> Result<String, handlebars::RenderError> {
    let number = |index| -> Result<i64, handlebars::RenderError> {
        argument(h, index, name)?
            .parse::<i64>()
            .map_err(|_| RenderErrorReason::Other(format!("`{name}` takes whole numbers")).into())
    };
    Ok(number(0)?.saturating_add(sign.saturating_mul(number(1)?)).to_string())
}

fn add(
    h: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    out.write(&sum(h, "add", 1)?)?;
    Ok(())
}

fn subtract(
    h: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    out.write(&sum(h, "subtract", -1)?)?;
    Ok(())
}
