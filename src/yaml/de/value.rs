//! The `serde` deserializer over the tree.

use std::cell::RefCell;
use std::collections::HashSet;

use serde::de::{self, Deserializer, Error as _, Unexpected, Visitor};

use super::access::{Choice, Entries, Items};
use super::error::{DecodeKind, Place, Raw};
use super::keep_going::Unknown;
use crate::yaml::path::{Path, Segment};
use crate::yaml::scalar::Core;
use crate::yaml::tree::{Node, NodeKind, Scalar, Style};

/// What one decoding shares.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// Keys that no type asked for.
    pub(super) unknown: RefCell<Vec<Unknown>>,
    /// Nodes that are left out because they failed before; see [`address`].
    pub(super) skip: HashSet<usize>,
}

/// The identity of a node within a tree that is not changed meanwhile.
pub(super) fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

/// The way from the root, as a list on the stack: paths are built only when somebody needs one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trail<'t> {
    Root,
    Key(&'t Trail<'t>, &'t str),
    Index(&'t Trail<'t>, usize),
}

impl Trail<'_> {
    pub(super) fn path(&self) -> Path {
        let mut segments = Vec::new();
        let mut step = self;
        loop {
            step = match step {
                Trail::Root => break,
                Trail::Key(up, key) => {
                    segments.push(Segment::Key((*key).to_owned()));
                    up
                }
                Trail::Index(up, index) => {
                    segments.push(Segment::Index(*index));
                    up
                }
            };
        }
        segments.reverse();
        Path::from(segments)
    }
}

/// Deserializes one node.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeDe<'t> {
    pub(super) node: &'t Node,
    pub(super) trail: &'t Trail<'t>,
    pub(super) context: &'t Context,
}

impl<'t> NodeDe<'t> {
    /// Fills in the place of an error that has none yet.
    fn place(&self, mut error: Raw) -> Raw {
        if error.place.is_none() {
            let span = match error.kind {
                DecodeKind::MissingField { .. } => self.node.head(),
                _ => self.node.span,
            };
            let node = address(self.node);
            error.place = Some(Place {
                path: self.trail.path(),
                span,
                node,
            });
        }
        error
    }

    fn wrong_type(&self, visitor: &dyn de::Expected) -> Raw {
        let error = match &self.node.kind {
            NodeKind::Null => Raw::invalid_type(Unexpected::Unit, visitor),
            NodeKind::Sequence(_) => Raw::invalid_type(Unexpected::Seq, visitor),
            NodeKind::Mapping(_) => Raw::invalid_type(Unexpected::Map, visitor),
            NodeKind::Scalar(scalar) => match core(scalar) {
                Core::Bool(value) => Raw::invalid_type(Unexpected::Bool(value), visitor),
                Core::Float(value) => Raw::invalid_type(Unexpected::Float(value), visitor),
                _ => Raw::invalid_type(Unexpected::Str(&scalar.value), visitor),
            },
        };
        self.place(error)
    }

    fn any<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Raw> {
        match &self.node.kind {
            NodeKind::Null => visitor.visit_unit(),
            NodeKind::Sequence(items) => self.seq(items, visitor),
            NodeKind::Mapping(entries) => self.map(entries, &[], visitor),
            NodeKind::Scalar(scalar) => match core(scalar) {
                Core::Null => visitor.visit_unit(),
                Core::Bool(value) => visitor.visit_bool(value),
                Core::Float(value) => visitor.visit_f64(value),
                Core::Text => visitor.visit_str(&scalar.value),
                Core::Int(value) => visit_int(value, visitor),
            },
        }
    }

    fn seq<'de, V: Visitor<'de>>(&self, items: &'t [Node], visitor: V) -> Result<V::Value, Raw> {
        let mut access = Items {
            items,
            next: 0,
            up: *self,
        };
        let value = visitor.visit_seq(&mut access)?;
        access.end().map(|()| value)
    }

    fn map<'de, V: Visitor<'de>>(
        &self,
        entries: &'t [(Node, Node)],
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Raw> {
        visitor.visit_map(Entries {
            entries,
            next: 0,
            up: *self,
            known,
        })
    }
}

fn core(scalar: &Scalar) -> Core {
    if scalar.style == Style::Plain {
        Core::resolve(&scalar.value)
    } else {
        Core::Text
    }
}

/// Gives a whole number to the visitor in the narrowest type that holds it.
fn visit_int<'de, V: Visitor<'de>>(value: i128, visitor: V) -> Result<V::Value, Raw> {
    if let Ok(value) = u64::try_from(value) {
        visitor.visit_u64(value)
    } else if let Ok(value) = i64::try_from(value) {
        visitor.visit_i64(value)
    } else {
        visitor.visit_i128(value)
    }
}

/// Numbers and booleans: plain scalars only, with a word about quotes.
macro_rules! plain_only {
    ($($method:ident: $pattern:pat),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
            let NodeKind::Scalar(scalar) = &self.node.kind else {
                return Err(self.wrong_type(&visitor));
            };
            let expected: &dyn de::Expected = &visitor;
            let expected = expected.to_string();
            let resolved = core(scalar);
            if !matches!(resolved, $pattern) {
                let mut error = self.wrong_type(&visitor);
                if scalar.style != Style::Plain && matches!(Core::resolve(&scalar.value), $pattern) {
                    error = error.with_help("remove the quotes: a quoted value is always text");
                } else if expected == "a boolean" && is_old_boolean(&scalar.value) {
                    error = error.with_help("write `true` or `false`");
                }
                return Err(error);
            }
            self.any(visitor).map_err(|error| self.place(error))
        }
    )*};
}

fn is_old_boolean(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "yes" | "no" | "on" | "off" | "y" | "n" | "1" | "0"
    )
}

impl<'de> Deserializer<'de> for NodeDe<'_> {
    type Error = Raw;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        self.any(visitor).map_err(|error| self.place(error))
    }

    plain_only! {
        deserialize_bool: Core::Bool(_),
        deserialize_i8: Core::Int(_),
        deserialize_i16: Core::Int(_),
        deserialize_i32: Core::Int(_),
        deserialize_i64: Core::Int(_),
        deserialize_i128: Core::Int(_),
        deserialize_u8: Core::Int(_),
        deserialize_u16: Core::Int(_),
        deserialize_u32: Core::Int(_),
        deserialize_u64: Core::Int(_),
        deserialize_u128: Core::Int(_),
        deserialize_f32: Core::Int(_) | Core::Float(_),
        deserialize_f64: Core::Int(_) | Core::Float(_),
    }

    /// Text is any scalar, as written: a version `1.10` stays `1.10`.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        let NodeKind::Scalar(scalar) = &self.node.kind else {
            return Err(self.wrong_type(&visitor));
        };
        visitor.visit_str(&scalar.value).map_err(|error| self.place(error))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        let result = if self.node.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        };
        result.map_err(|error| self.place(error))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Raw> {
        visitor.visit_newtype_struct(self).map_err(|error| self.place(error))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Raw> {
        match &self.node.kind {
            NodeKind::Mapping(entries) => self.map(entries, fields, visitor).map_err(|error| self.place(error)),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        match &self.node.kind {
            NodeKind::Sequence(items) => self.seq(items, visitor).map_err(|error| self.place(error)),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        self.deserialize_struct("", &[], visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Raw> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Raw> {
        self.deserialize_seq(visitor)
    }

    /// Choices: a plain name, or a mapping with that name as its only key.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Raw> {
        let access = match &self.node.kind {
            NodeKind::Scalar(_) => Choice {
                name: self.node,
                value: None,
                up: self,
            },
            NodeKind::Mapping(entries) => match entries.as_slice() {
                [(name, value)] => Choice {
                    name,
                    value: Some(value),
                    up: self,
                },
                _ => {
                    let keys = entries.iter().filter_map(|(key, _)| key.as_str());
                    let mut error = Raw::not_one_key(keys.map(str::to_owned).collect());
                    let span = entries.get(1).map_or(self.node.span, |(key, _)| key.span);
                    let node = address(self.node);
                    error.place = Some(Place {
                        path: self.trail.path(),
                        span,
                        node,
                    });
                    return Err(error);
                }
            },
            _ => return Err(self.wrong_type(&visitor)),
        };
        visitor.visit_enum(access).map_err(|error| self.place(error))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        visitor.visit_unit()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        match self.node.kind {
            NodeKind::Null => visitor.visit_unit(),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Raw> {
        self.deserialize_unit(visitor)
    }
}
