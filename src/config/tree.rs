//! A configuration file as a tree in which every key and value knows its place.
//!
//! TOML and JSON become the same tree, so that what is wrong in either is told in the same way.
//! This module must not know which settings there are.

use std::collections::BTreeSet;
use std::ops::Range;

/// A value and the bytes that it stands in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub span: Range<usize>,
    pub value: Value,
}

/// A key and the bytes that it stands in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub span: Range<usize>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Table(Vec<(Key, Node)>),
}

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub span: Range<usize>,
    pub message: String,
}

impl Fault {
    fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
        }
    }
}

impl Node {
    /// The node under these keys; a number is a position in a list.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| match &node.value {
            Value::Table(fields) => fields.iter().find(|(key, _)| key.name == *name).map(|(_, node)| node),
            Value::List(items) => items.get(name.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

/// Reads TOML.
pub(super) fn from_toml(text: &str) -> Result<Node, Fault> {
    use toml::Spanned;
    use toml::de::{DeTable, DeValue};

    fn table(fields: &DeTable<'_>) -> Result<Value, Fault> {
        let mut out = Vec::new();
        for (key, value) in fields {
            let key = Key {
                span: key.span(),
                name: key.get_ref().to_string(),
            };
            out.push((key, node(value)?));
        }
        // As written, not as sorted by the parser.
        out.sort_by_key(|(key, _)| key.span.start);
        Ok(Value::Table(out))
    }

    fn node(value: &Spanned<DeValue<'_>>) -> Result<Node, Fault> {
        let span = value.span();
        let fault = |message: String| Fault::new(span.clone(), message);
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => Value::Integer(
                i64::from_str_radix(number.as_str(), number.radix())
                    .map_err(|_| fault(format!("{number} is too large")))?,
            ),
            DeValue::Float(number) => Value::Float(
                number
                    .as_str()
                    .parse()
                    .map_err(|_| fault(format!("{number} is no number")))?,
            ),
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::Datetime(value) => Value::Text(value.to_string()),
            DeValue::Array(items) => Value::List(items.iter().map(node).collect::<Result<_, _>>()?),
            DeValue::Table(fields) => table(fields)?,
        };
        Ok(Node { span, value })
    }

    let document =
        DeTable::parse(text).map_err(|error| Fault::new(error.span().unwrap_or(0..0), error.message().to_owned()))?;
    Ok(Node {
        span: document.span(),
        value: table(document.get_ref())?,
    })
}

/// Reads JSON.
pub(super) fn from_json(text: &str) -> Result<Node, Fault> {
    let mut reader = Json { text, at: 0 };
    let node = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.fault("something follows the end of the document"));
    }
    Ok(node)
}

/// Deepest nesting of a JSON file, far beyond what any setting needs.
const MAX_DEPTH: usize = 32;

/// A JSON reader that keeps positions; single texts and numbers are serde_json's.
struct Json<'t> {
    text: &'t str,
    at: usize,
}

impl Json<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| b" \t\r\n".contains(&byte)) {
            self.at += 1;
        }
    }

    /// A fault at the character that comes next.
    fn fault(&self, message: impl Into<String>) -> Fault {
        let len = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        Fault::new(self.at..self.at + len, message)
    }

    fn expect(&mut self, byte: u8, message: &str) -> Result<(), Fault> {
        self.space();
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.fault(message))
    }

    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        self.space();
        let start = self.at;
        let value = match self.peek() {
            _ if depth > MAX_DEPTH => return Err(self.fault("it is nested too deeply")),
            Some(b'{') => self.table(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Value::Text(self.string()?.name),
            Some(_) => self.word()?,
            None => return Err(self.fault("a value is missing")),
        };
        Ok(Node {
            span: start..self.at,
            value,
        })
    }

    fn table(&mut self, depth: usize) -> Result<Value, Fault> {
        let mut fields: Vec<(Key, Node)> = Vec::new();
        let mut seen = BTreeSet::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Table(fields));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.fault("a key in double quotes is expected here"));
            }
            let key = self.string()?;
            if !seen.insert(key.name.clone()) {
                return Err(Fault::new(key.span, format!("the key `{}` is there twice", key.name)));
            }
            self.expect(b':', "`:` is expected here")?;
            fields.push((key, self.value(depth + 1)?));
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Table(fields));
                }
                _ => return Err(self.fault("`,` or `}` is expected here")),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Fault> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::List(items));
                }
                _ => return Err(self.fault("`,` or `]` is expected here")),
            }
        }
    }

    fn string(&mut self) -> Result<Key, Fault> {
        let start = self.at;
        let mut end = start + 1;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'"' => {
                    let span = start..end + 1;
                    self.at = span.end;
                    let name = serde_json::from_str(&self.text[span.clone()])
                        .map_err(|error| Fault::new(span.clone(), error.to_string()))?;
                    return Ok(Key { span, name });
                }
                b'\\' => end += 2,
                b'\n' => break,
                _ => end += 1,
            }
        }
        Err(Fault::new(start..end.min(bytes.len()), "the closing quote is missing"))
    }

    fn word(&mut self) -> Result<Value, Fault> {
        let rest = &self.text[self.at..];
        let len = rest
            .find(|letter: char| letter.is_whitespace() || ",:[]{}\"".contains(letter))
            .unwrap_or(rest.len());
        let word = &rest[..len];
        if word.is_empty() {
            return Err(self.fault("a value is expected here"));
        }
        let value = match serde_json::from_str::<serde_json::Value>(word) {
            Ok(serde_json::Value::Null) => Value::Null,
            Ok(serde_json::Value::Bool(value)) => Value::Bool(value),
            Ok(serde_json::Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => Value::Integer(number),
                (None, Some(number)) => Value::Float(number),
                (None, None) => return Err(self.fault("the number is too large")),
            },
            _ => {
                return Err(Fault::new(self.at..self.at + len, format!("`{word}` is no JSON value")));
            }
        };
        self.at += len;
        Ok(value)
    }
}
