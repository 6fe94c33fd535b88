//! Variables and the types that decide where their text may go.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::packages as names;
use crate::pack::model::CaptureType;

/// Longest value that may reach a command or a file, in bytes.
const LONGEST: usize = 4096;

/// Longest list of packages, in bytes: what an environment has installed, for taking it back.
const LONGEST_LIST: usize = 64 << 10;

/// A variable's text with its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The text.
    pub text: String,
    /// What it may contain before it may reach a command or a file.
    pub kind: CaptureType,
}

/// A value that may not reach a command or a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` may not reach a command or a file: {why}")]
pub struct Unfit {
    /// The variable.
    pub name: String,
    /// Why not.
    pub why: String,
}

impl Value {
    /// Text for people only.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: CaptureType::Text,
        }
    }

    /// Text of a type. Nothing is checked yet.
    #[must_use]
    pub fn typed(text: impl Into<String>, kind: CaptureType) -> Self {
        Self {
            text: text.into(),
            kind,
        }
    }

    /// Whether the value may reach a file, or with `command` a command.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, name: &str, command: bool) -> Result<(), Unfit> {
        let refuse = |why: &str| {
            Err(Unfit {
                name: name.to_owned(),
                why: why.to_owned(),
            })
        };
        if self.kind == CaptureType::Text {
            return refuse("its type is `text`, which is for people only");
        }
        if command && self.kind == CaptureType::Code {
            return refuse("source text never reaches a command");
        }
        fits(&self.text, self.kind).or_else(|why| refuse(&why))?;
        if command && self.kind == CaptureType::Package && !names::is_installable(&self.text) {
            return refuse("an installer could take it for something else than the name of a package");
        }
        Ok(())
    }
}

/// Whether a text fits a type.
///
/// # Errors
/// Why not, as a fragment.
pub fn fits(text: &str, kind: CaptureType) -> Result<(), String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let longest = if kind == CaptureType::Package {
        LONGEST_LIST
    } else {
        LONGEST
    };
    if text.len() > longest {
        return Err(format!("it is longer than {longest} bytes"));
    }
    let layout = |c: &str| kind == CaptureType::Code && matches!(c, "\n" | "\t");
    if UNSEEN.find_iter(text).any(|found| !layout(found.as_str())) {
        return Err("it holds control or invisible characters".to_owned());
    }
    if text.starts_with('-') && kind != CaptureType::Code {
        return Err("it starts with `-`".to_owned());
    }
    let all = |ok: fn(char) -> bool| text.chars().all(ok);
    let first = text.chars().next().unwrap_or('-');
    let right = match kind {
        CaptureType::Text | CaptureType::Code => true,
        CaptureType::PythonModule => {
            text.split('.').all(|part| {
                part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                    && part.chars().all(|c| c.is_alphanumeric() || c == '_')
            }) && text.is_ascii()
        }
        CaptureType::Package => {
            (first.is_ascii_alphanumeric() || first == '@')
                && all(|c| c.is_ascii_alphanumeric() || "._-+@/[],=<>!~:".contains(c))
                && !text.contains("..")
                && !text.contains("//")
                && !text.contains(":/")
        }
        CaptureType::Path => climbs_only_at_first(text),
        CaptureType::Identifier => !first.is_ascii_digit() && all(|c| c.is_alphanumeric() || c == '_'),
        CaptureType::Name => {
            (first.is_alphanumeric() || first == '_') && all(|c| c.is_alphanumeric() || "._-+:".contains(c))
        }
        CaptureType::Host => first.is_ascii_alphanumeric() && all(|c| c.is_ascii_alphanumeric() || ".-:_".contains(c)),
        CaptureType::Integer => all(|c| c.is_ascii_digit()),
        CaptureType::Version => {
            first.is_ascii_alphanumeric() && all(|c| c.is_ascii_alphanumeric() || ".+-_!~".contains(c))
        }
        CaptureType::Id => all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
    };
    if right {
        Ok(())
    } else {
        Err(format!("it does not look like {}", describe(kind)))
    }
}

/// Characters that do something else than show themselves: controls, what shows nothing, what
/// reorders its neighbours, other separators of lines, and what means nothing anywhere.
static UNSEEN: LazyLock<regex::Regex> = LazyLock::new(|| {
    regex::Regex::new(
        r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u{115f}\u{1160}\u{2800}\u{3164}\u{ffa0}]",
    )
    .expect("compiled by the tests of this module")
});

/// Whether `..` stands in front only. `a/../b` is `b` for a person and for heal, but for a program
/// that meets a link at `a` it is somewhere else.
fn climbs_only_at_first(path: &str) -> bool {
    let mut names = false;
    path.split('/').all(|part| match part {
        ".." => !names && !path.starts_with('/'),
        "." | "" => true,
        _ => {
            names = true;
            true
        }
    })
}

fn describe(kind: CaptureType) -> &'static str {
    match kind {
        CaptureType::PythonModule => "a module name",
        CaptureType::Package => "a package name",
        CaptureType::Path => "a path",
        CaptureType::Identifier => "an identifier",
        CaptureType::Name => "a name",
        CaptureType::Host => "a host",
        CaptureType::Integer => "a number",
        CaptureType::Version => "a version",
        CaptureType::Id => "an id",
        CaptureType::Code => "source text",
        CaptureType::Text => "text",
    }
}

/// The type of a capture that a rule does not declare, by its name.
#[must_use]
pub fn default_type(name: &str) -> CaptureType {
    match name {
        "file" | "path" | "folder" | "dir" => CaptureType::Path,
        "line" | "column" | "end_line" | "port" => CaptureType::Integer,
        "host" => CaptureType::Host,
        "module" => CaptureType::PythonModule,
        "package" | "dist" | "distribution" => CaptureType::Package,
        "version" => CaptureType::Version,
        _ => CaptureType::Text,
    }
}

/// The variables of a template. A declared name without a value is absent, not unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vars {
    values: BTreeMap<String, Option<Value>>,
}

impl Vars {
    /// Makes a name known, without a value.
    pub fn declare(&mut self, name: &str) {
        self.values.entry(name.to_owned()).or_insert(None);
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), Some(value));
    }

    /// Sets a variable that has no value yet.
    pub fn set_default(&mut self, name: &str, value: Value) {
        let slot = self.values.entry(name.to_owned()).or_insert(None);
        if slot.is_none() {
            *slot = Some(value);
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).and_then(Option::as_ref)
    }

    /// The text of a name, where it has one.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|v| v.text.as_str())
    }

    /// Whether the name is known, with or without a value.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// All names in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Value>)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_keep_out_what_a_log_line_could_smuggle() {
        for (text, kind) in [
            ("-rf", CaptureType::Path),
            ("a\nb", CaptureType::Path),
            ("a\u{202e}b", CaptureType::Path),
            ("yaml; rm", CaptureType::PythonModule),
            ("os.", CaptureType::PythonModule),
            ("../x", CaptureType::Package),
            ("git+https://e/x", CaptureType::Package),
            ("1a", CaptureType::Identifier),
            ("$(id)", CaptureType::Host),
            ("12x", CaptureType::Integer),
            ("", CaptureType::Package),
        ] {
            assert!(fits(text, kind).is_err(), "{text:?} must not pass as {kind:?}");
        }
        for (text, kind) in [
            ("google.cloud.storage", CaptureType::PythonModule),
            ("PyYAML==6.0.1", CaptureType::Package),
            ("@types/node", CaptureType::Package),
            ("src/My File.py", CaptureType::Path),
            ("db-1.example.org", CaptureType::Host),
            ("9db590f1-b6fe-c5f2-2678-8804f089deba", CaptureType::Id),
        ] {
            assert!(fits(text, kind).is_ok(), "{text:?} must pass as {kind:?}");
        }
    }
}
