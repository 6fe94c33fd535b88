//! Short forms of the pack format: a value where a list is meant, a number where text is meant, a
//! string where a mapping is meant.
//!
//! `#[serde(untagged)]` would lose the position of an error; these visitors look at what is there
//! and hand over, so that errors inside keep theirs.

use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::model::{
    Confidence, Environment, EnvironmentKey, Evidence, Example, Expect, Map, RenderedFix, SourceLine, StreamName,
    Table, Undo,
};

/// Text: a string, or a number or truth value written without quotes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(pub String);

impl Text {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Text {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl Visitor<'_> for V {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Text, E> {
                Ok(Text(v.to_owned()))
            }
            fn visit_bool<E: de::Error>(self, v: bool) -> Result<Text, E> {
                Ok(Text(v.to_string()))
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Text, E> {
                Ok(Text(v.to_string()))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Text, E> {
                Ok(Text(v.to_string()))
            }
            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Text, E> {
                Ok(Text(v.to_string()))
            }
        }
        deserializer.deserialize_string(V)
    }
}

impl JsonSchema for Text {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Text".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

/// A list; a single value stands for a list of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> std::ops::Deref for OneOrMany<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for V<T> {
            type Value = OneOrMany<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or a list of values")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(OneOrMany)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|v| OneOrMany(vec![v]))
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Self::Value, E> {
                T::deserialize(de::value::StrDeserializer::new(v)).map(|v| OneOrMany(vec![v]))
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Self::Value, E> {
                T::deserialize(de::value::I64Deserializer::new(v)).map(|v| OneOrMany(vec![v]))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Self::Value, E> {
                T::deserialize(de::value::U64Deserializer::new(v)).map(|v| OneOrMany(vec![v]))
            }
            fn visit_bool<E: de::Error>(self, v: bool) -> Result<Self::Value, E> {
                T::deserialize(de::value::BoolDeserializer::new(v)).map(|v| OneOrMany(vec![v]))
            }
            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Self::Value, E> {
                T::deserialize(de::value::F64Deserializer::new(v)).map(|v| OneOrMany(vec![v]))
            }
        }
        deserializer.deserialize_any(V(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OneOrMany_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// Declares `Deserialize` for an enum whose variants differ by the kind of YAML value.
macro_rules! by_kind {
    ($ty:ty, $what:literal, { $($body:item)* }) => {
        impl<'de> Deserialize<'de> for $ty {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct V;
                impl<'de> Visitor<'de> for V {
                    type Value = $ty;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($what)
                    }
                    $($body)*
                }
                deserializer.deserialize_any(V)
            }
        }
    };
}

by_kind!(
    EnvironmentKey,
    "the name of an environment, or a mapping that defines one",
    {
        fn visit_str<E: de::Error>(self, v: &str) -> Result<EnvironmentKey, E> {
            Ok(EnvironmentKey::Named(v.to_owned()))
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EnvironmentKey, A::Error> {
            Environment::deserialize(MapAccessDeserializer::new(map)).map(|e| EnvironmentKey::Defined(Box::new(e)))
        }
    }
);

by_kind!(Table, "a mapping of keys to values, or `{ file: tables/name.tsv }`", {
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Table, A::Error> {
        let mut pairs: Map<Text> = Map::deserialize(MapAccessDeserializer::new(map))?;
        match (pairs.len(), pairs.remove("file")) {
            (1, Some(file)) => Ok(Table::File { file: file.0 }),
            (_, Some(file)) => {
                pairs.insert("file".to_owned(), file);
                Ok(Table::Inline(pairs))
            }
            (_, None) => Ok(Table::Inline(pairs)),
        }
    }
});

by_kind!(SourceLine, "a regex, or a mapping with `regex`", {
    fn visit_str<E: de::Error>(self, v: &str) -> Result<SourceLine, E> {
        Ok(SourceLine::Regex(v.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SourceLine, A::Error> {
        #[derive(Deserialize)]
        struct At {
            #[serde(default)]
            file: Option<String>,
            #[serde(default)]
            line: Option<Text>,
            regex: String,
        }
        let At { file, line, regex } = At::deserialize(MapAccessDeserializer::new(map))?;
        Ok(SourceLine::At { file, line, regex })
    }
});

by_kind!(
    Confidence,
    "a number from 0 to 1, or a mapping with `base` and `evidence`",
    {
        fn visit_f64<E: de::Error>(self, v: f64) -> Result<Confidence, E> {
            Ok(Confidence {
                base: v,
                evidence: Vec::new(),
            })
        }
        fn visit_u64<E: de::Error>(self, v: u64) -> Result<Confidence, E> {
            Ok(Confidence {
                base: if v == 0 {
                    0.0
                } else if v == 1 {
                    1.0
                } else {
                    2.0
                },
                evidence: Vec::new(),
            })
        }
        fn visit_i64<E: de::Error>(self, v: i64) -> Result<Confidence, E> {
            Ok(Confidence {
                base: if v == 0 {
                    0.0
                } else if v == 1 {
                    1.0
                } else {
                    -1.0
                },
                evidence: Vec::new(),
            })
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Confidence, A::Error> {
            #[derive(Deserialize)]
            struct Full {
                base: f64,
                #[serde(default)]
                evidence: Vec<Evidence>,
            }
            let Full { base, evidence } = Full::deserialize(MapAccessDeserializer::new(map))?;
            Ok(Confidence { base, evidence })
        }
    }
);

by_kind!(Undo, "an argv list, `{ restore: [paths] }`, or `none`", {
    fn visit_str<E: de::Error>(self, v: &str) -> Result<Undo, E> {
        if v == "none" {
            Ok(Undo::None(v.to_owned()))
        } else {
            Err(E::custom("expected an argv list, a `restore` mapping, or `none`"))
        }
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Undo, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Undo::Command)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Undo, A::Error> {
        #[derive(Deserialize)]
        struct Restore {
            restore: Vec<String>,
        }
        Restore::deserialize(MapAccessDeserializer::new(map)).map(|r| Undo::Restore { restore: r.restore })
    }
});

by_kind!(
    RenderedFix,
    "an argv list, or a one-key mapping of a verb and its short form",
    {
        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<RenderedFix, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(seq)).map(RenderedFix::Run)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RenderedFix, A::Error> {
            Map::deserialize(MapAccessDeserializer::new(map)).map(RenderedFix::Other)
        }
    }
);

by_kind!(Example, "the output as text, or a mapping with `output`", {
    fn visit_str<E: de::Error>(self, v: &str) -> Result<Example, E> {
        Ok(Example {
            output: v.to_owned(),
            ..Example::default()
        })
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Example, A::Error> {
        #[derive(Deserialize)]
        struct Full {
            #[serde(default)]
            name: Option<String>,
            #[serde(default)]
            version: Option<Text>,
            output: String,
            #[serde(default)]
            stream: Option<StreamName>,
            #[serde(default)]
            command: Option<Vec<String>>,
            #[serde(default)]
            exit_code: Option<i32>,
            #[serde(default)]
            files: Map<Text>,
            #[serde(default)]
            modes: Map<Text>,
            #[serde(default)]
            ctx: Map<Text>,
            #[serde(default)]
            env: Map<Text>,
            #[serde(default)]
            probes: Map<Text>,
            #[serde(default)]
            programs: Vec<String>,
            #[serde(default)]
            expect: Expect,
            #[serde(default)]
            todo: bool,
        }
        let f = Full::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Example {
            name: f.name,
            version: f.version.map(|v| v.0),
            output: f.output,
            stream: f.stream,
            command: f.command,
            exit_code: f.exit_code,
            files: f.files,
            modes: f.modes,
            ctx: f.ctx,
            env: f.env,
            probes: f.probes,
            programs: f.programs,
            expect: f.expect,
            todo: f.todo,
        })
    }
});
