//! What can go wrong while decoding, and where.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::de::{self, Expected, Unexpected};

use crate::yaml::path::Path;
use crate::yaml::tree::Span;

/// What is wrong, in a form that a diagnostic can be chosen by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeKind {
    /// The value is of another type.
    WrongType {
        /// What stands there.
        found: String,
        /// What must stand there.
        expected: String,
    },
    /// The type is right, the value is not.
    InvalidValue {
        /// What stands there.
        found: String,
        /// What must stand there.
        expected: String,
    },
    /// A list has the wrong number of items.
    InvalidLength {
        /// How many there are.
        found: usize,
        /// What must stand there.
        expected: String,
    },
    /// A key that must be there is not.
    MissingField {
        /// Its name.
        name: String,
    },
    /// A key that the type does not have and refuses.
    UnknownField {
        /// Its name.
        name: String,
        /// The names it does have.
        known: &'static [&'static str],
    },
    /// A name that is none of the choices.
    UnknownVariant {
        /// The name.
        name: String,
        /// The choices.
        known: &'static [&'static str],
    },
    /// A choice is written as a mapping with no or several keys.
    NotOneKey {
        /// The keys that are there.
        keys: Vec<String>,
    },
    /// A field's own check refused the value.
    Custom,
}

/// A value that does not fit its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// Where in the tree, relative to the node that was decoded.
    pub path: Path,
    /// Where in the source: the value for a wrong type, the name for an unknown one, the first key
    /// of the mapping for a missing one.
    pub span: Span,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// The same for programs.
    pub kind: DecodeKind,
    /// How to put it right, if that is known.
    pub help: Option<String>,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.to_string();
        if path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{path}: {}", self.message)
        }
    }
}

impl std::error::Error for DecodeError {}

/// The error while it is on its way up: the place is filled in by the first node that sees it.
/// Boxed, because every `Result` of the decoder has room for it.
#[derive(Debug)]
pub(super) struct Raw(Box<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) message: String,
    pub(super) kind: DecodeKind,
    pub(super) help: Option<String>,
    pub(super) place: Option<Place>,
}

/// Where a [`Raw`] error happened.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) path: Path,
    pub(super) span: Span,
    /// Address of the node, to leave it out in a second attempt.
    pub(super) node: usize,
}

impl Raw {
    fn new(message: String, kind: DecodeKind) -> Self {
        Self(Box::new(Inner {
            message,
            kind,
            help: None,
            place: None,
        }))
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.get_or_insert_with(|| help.into());
        self
    }

    pub(super) fn not_one_key(keys: Vec<String>) -> Self {
        let message = match keys.len() {
            0 => "an empty mapping stands where a choice must".to_owned(),
            n => format!("{n} keys stand where exactly one must"),
        };
        Self::new(message, DecodeKind::NotOneKey { keys })
            .with_help("a choice is written as a mapping with one key; use one list item for each")
    }

    pub(super) fn into_error(self) -> DecodeError {
        let raw = *self.0;
        let (path, span) = match raw.place {
            Some(place) => (place.path, place.span),
            None => (Path::root(), Span::default()),
        };
        DecodeError {
            path,
            span,
            message: raw.message,
            kind: raw.kind,
            help: raw.help,
        }
    }
}

impl Deref for Raw {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl DerefMut for Raw {
    fn deref_mut(&mut self) -> &mut Inner {
        &mut self.0
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Raw {}

impl de::Error for Raw {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string(), DecodeKind::Custom)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (found, expected) = (describe(&found), wanted(expected));
        let message = format!("expected {expected}, found {found}");
        Self::new(message, DecodeKind::WrongType { found, expected })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (found, expected) = (describe(&found), wanted(expected));
        let message = format!("{found} is not {expected}");
        Self::new(message, DecodeKind::InvalidValue { found, expected })
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        let expected = wanted(expected);
        let message = format!("expected {expected}, found {found} items");
        Self::new(message, DecodeKind::InvalidLength { found, expected })
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> Self {
        let name = name.to_owned();
        Self::new(
            format!("unknown name `{name}`"),
            DecodeKind::UnknownVariant { name, known },
        )
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        let name = name.to_owned();
        Self::new(
            format!("unknown key `{name}`"),
            DecodeKind::UnknownField { name, known },
        )
    }

    fn missing_field(name: &'static str) -> Self {
        let name = name.to_owned();
        Self::new(format!("key `{name}` is missing"), DecodeKind::MissingField { name })
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(format!("key `{name}` stands twice"), DecodeKind::Custom)
    }
}

/// What stands there, in words that a person uses.
fn describe(found: &Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("the boolean `{value}`"),
        Unexpected::Unsigned(value) => format!("the number `{value}`"),
        Unexpected::Signed(value) => format!("the number `{value}`"),
        Unexpected::Float(value) => format!("the number `{value}`"),
        Unexpected::Str(value) => format!("the text {}", shortened(value)),
        Unexpected::Char(value) => format!("the text {value:?}"),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a mapping".to_owned(),
        Unexpected::UnitVariant => "a name without a value".to_owned(),
        Unexpected::NewtypeVariant | Unexpected::TupleVariant | Unexpected::StructVariant => {
            "a name with a value".to_owned()
        }
        other => other.to_string(),
    }
}

/// What must stand there: `serde` speaks of Rust types, which an author of packs never saw.
fn wanted(expected: &dyn Expected) -> String {
    let words = expected.to_string();
    let first = words.split(' ').next().unwrap_or("");
    match (first, words.as_str()) {
        ("struct" | "map", _) | (_, "a map") => "a mapping".to_owned(),
        ("sequence", _) | (_, "a sequence") => "a list".to_owned(),
        (_, "a string" | "str" | "string") => "text".to_owned(),
        ("tuple", _) => words.replacen("tuple", "a list", 1),
        ("enum", _) => "a name, or a mapping with one key".to_owned(),
        ("u8" | "u16" | "u32" | "u64" | "usize", _) => "a whole number, not negative".to_owned(),
        ("i8" | "i16" | "i32" | "i64" | "isize" | "i128" | "u128", _) => "a whole number".to_owned(),
        ("f32" | "f64", _) => "a number".to_owned(),
        (_, "a boolean") => "`true` or `false`".to_owned(),
        _ => words,
    }
}

/// A text as it can stand in a message: quoted, escaped, not longer than a line.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return format!("{text:?}");
    }
    let head: String = text.chars().take(MOST).collect();
    format!("{head:?}…")
}
