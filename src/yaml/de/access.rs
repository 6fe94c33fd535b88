//! Access to the parts of a node: items, entries, choices.

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};

use super::error::{Place, Raw};
use super::keep_going::Unknown;
use super::value::{NodeDe, Trail, address};
use crate::yaml::tree::{Node, NodeKind};

/// The items of a list.
pub(super) struct Items<'t> {
    pub(super) items: &'t [Node],
    pub(super) next: usize,
    pub(super) up: NodeDe<'t>,
}

impl<'t> Items<'t> {
    fn advance(&mut self) -> Option<(usize, &'t Node)> {
        while let Some(node) = self.items.get(self.next) {
            let index = self.next;
            self.next += 1;
            if !self.up.context.skip.contains(&address(node)) {
                return Some((index, node));
            }
        }
        None
    }

    /// A tuple takes only as many items as it has fields; further ones are a mistake.
    pub(super) fn end(&mut self) -> Result<(), Raw> {
        let taken = self.next;
        match self.advance() {
            None => Ok(()),
            Some(_) => {
                let expected = format!("{taken} items");
                Err(Raw::invalid_length(self.items.len(), &expected.as_str()))
            }
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_> {
    type Error = Raw;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Raw> {
        let Some((index, node)) = self.advance() else {
            return Ok(None);
        };
        let trail = Trail::Index(self.up.trail, index);
        seed.deserialize(NodeDe {
            node,
            trail: &trail,
            context: self.up.context,
        })
        .map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

/// The entries of a mapping.
pub(super) struct Entries<'t> {
    pub(super) entries: &'t [(Node, Node)],
    pub(super) next: usize,
    pub(super) up: NodeDe<'t>,
    /// The keys that the type has; empty if it takes any.
    pub(super) known: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Raw;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Raw> {
        while let Some((key, value)) = self.entries.get(self.next) {
            if self.up.context.skip.contains(&address(value)) {
                self.next += 1;
                continue;
            }
            let name = key.as_str().unwrap_or("");
            let trail = Trail::Key(self.up.trail, name);
            let key = NodeDe {
                node: key,
                trail: &trail,
                context: self.up.context,
            };
            return match seed.deserialize(key) {
                Ok(key) => Ok(Some(key)),
                Err(mut error) => {
                    // The whole entry is what a second attempt has to leave out.
                    if let Some(place) = &mut error.place {
                        place.node = address(value);
                    }
                    Err(error)
                }
            };
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Raw> {
        let Some((key, value)) = self.entries.get(self.next) else {
            return Err(Raw::custom("a value was asked for before its key"));
        };
        self.next += 1;
        let name = key.as_str().unwrap_or("");
        let trail = Trail::Key(self.up.trail, name);
        let node = NodeDe {
            node: value,
            trail: &trail,
            context: self.up.context,
        };
        seed.deserialize(Field {
            node,
            key,
            known: self.known,
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len() - self.next)
    }
}

/// The value of a key. Differs from a plain node only in that a value which nobody asks for is
/// remembered together with its key.
struct Field<'t> {
    node: NodeDe<'t>,
    key: &'t Node,
    known: &'static [&'static str],
}

/// Everything but `deserialize_ignored_any` is the node's own business.
macro_rules! as_node {
    ($($method:ident($($argument:ident: $type:ty),*)),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Raw> {
            self.node.$method($($argument,)* visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Field<'_> {
    type Error = Raw;

    as_node! {
        deserialize_any(), deserialize_bool(), deserialize_str(), deserialize_string(),
        deserialize_char(), deserialize_bytes(), deserialize_byte_buf(), deserialize_identifier(),
        deserialize_i8(), deserialize_i16(), deserialize_i32(), deserialize_i64(),
        deserialize_i128(), deserialize_u8(), deserialize_u16(), deserialize_u32(),
        deserialize_u64(), deserialize_u128(), deserialize_f32(), deserialize_f64(),
        deserialize_option(), deserialize_unit(), deserialize_seq(), deserialize_map(),
        deserialize_unit_struct(name: &'static str), deserialize_newtype_struct(name: &'static str),
        deserialize_tuple(len: usize), deserialize_tuple_struct(name: &'static str, len: usize),
        deserialize_struct(name: &'static str, fields: &'static [&'static str]),
        deserialize_enum(name: &'static str, variants: &'static [&'static str]),
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Raw> {
        self.node.context.unknown.borrow_mut().push(Unknown {
            path: self.node.trail.path(),
            span: self.key.span,
            value: self.node.node.span,
            name: self.key.as_str().unwrap_or("").to_owned(),
            known: self.known,
        });
        visitor.visit_unit()
    }
}

/// A choice: its name, and its value if it was written as a mapping.
pub(super) struct Choice<'t> {
    pub(super) name: &'t Node,
    pub(super) value: Option<&'t Node>,
    pub(super) up: NodeDe<'t>,
}

impl<'de, 't> EnumAccess<'de> for Choice<'t> {
    type Error = Raw;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Raw> {
        let Some(name) = self.name.as_str() else {
            return Err(Raw::invalid_type(Unexpected::Map, &"a name"));
        };
        let name: de::value::StrDeserializer<'_, Raw> = name.into_deserializer();
        match seed.deserialize(name) {
            Ok(variant) => Ok((variant, self)),
            Err(mut error) => {
                error.place.get_or_insert_with(|| Place {
                    path: self.up.trail.path(),
                    span: self.name.span,
                    node: address(self.up.node),
                });
                Err(error)
            }
        }
    }
}

impl Choice<'_> {
    /// Decodes the value; a name without one stands for "nothing".
    fn with_value<T>(self, decode: impl FnOnce(NodeDe<'_>) -> Result<T, Raw>) -> Result<T, Raw> {
        let context = self.up.context;
        let Some(name) = self.name.as_str() else {
            return Err(Raw::invalid_type(Unexpected::Map, &"a name"));
        };
        match self.value {
            Some(node) => {
                let trail = Trail::Key(self.up.trail, name);
                decode(NodeDe {
                    node,
                    trail: &trail,
                    context,
                })
            }
            None => {
                let node = Node {
                    span: self.name.span,
                    kind: NodeKind::Null,
                };
                decode(NodeDe {
                    node: &node,
                    trail: self.up.trail,
                    context,
                })
                .map_err(|mut error| {
                    if let Some(place) = &mut error.place {
                        place.node = address(self.up.node);
                    }
                    error.message = format!("`{name}` needs a value: {}", error.message);
                    error
                })
            }
        }
    }
}

impl<'de> VariantAccess<'de> for Choice<'_> {
    type Error = Raw;

    fn unit_variant(self) -> Result<(), Raw> {
        match self.value {
            Some(value) if !value.is_null() => {
                let name = self.name.as_str().unwrap_or("");
                let mut error = Raw::custom(format!("`{name}` takes no value"));
                let path = Trail::Key(self.up.trail, name).path();
                error.place = Some(Place {
                    path,
                    span: value.head(),
                    node: address(self.up.node),
                });
                Err(error)
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Raw> {
        self.with_value(|node| seed.deserialize(node))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Raw> {
        self.with_value(|node| node.deserialize_tuple(len, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Raw> {
        self.with_value(|node| node.deserialize_struct("", fields, visitor))
    }
}
