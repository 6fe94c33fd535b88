//! The JSON Schema of packs: for editors, and for what a mapping must hold.
//!
//! It is made from the types that the loader reads, then brought to agree with the loader where a
//! derived schema cannot: short forms, unknown keys, and text that is written without quotes.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::pack::model::Pack;

static PACK: LazyLock<Value> = LazyLock::new(|| {
    let mut schema = schemars::schema_for!(Pack).to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("$id".to_owned(), json!("pack.v1.json"));
        root.insert("title".to_owned(), json!("A rule pack of heal, format 1"));
    }
    closed(&mut schema);
    if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
        short_forms(definitions);
    }
    described(&mut schema);
    schema
});

/// The schema of packs.
#[must_use]
pub fn pack() -> &'static Value {
    &PACK
}

/// The schema of packs as a file.
#[must_use]
pub fn pack_text() -> String {
    let mut text = serde_json::to_string_pretty(pack()).unwrap_or_default();
    text.push('\n');
    text
}

/// Closes mappings with known keys, and lets plain scalars stand where text is expected.
fn closed(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") && !object.contains_key("additionalProperties") {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
            let fixed = object.contains_key("enum") || object.contains_key("const");
            match object.get_mut("type") {
                Some(kind) if !fixed && *kind == json!("string") => *kind = json!(["string", "number", "boolean"]),
                Some(Value::Array(kinds)) if !fixed && kinds.contains(&json!("string")) => {
                    for more in ["number", "boolean"] {
                        if !kinds.contains(&json!(more)) {
                            kinds.push(json!(more));
                        }
                    }
                }
                _ => {}
            }
            object.values_mut().for_each(closed);
        }
        Value::Array(items) => items.iter_mut().for_each(closed),
        _ => {}
    }
}

/// Gives every key a description, as editors show it: that of the one key of a condition stands beside
/// the mapping, and an override's keys are described where rules are.
fn described(schema: &mut Value) {
    fn own(value: &mut Value, rule: &Map<String, Value>) {
        match value {
            Value::Object(object) => {
                let whole = object.get("description").cloned();
                let keys = object.get_mut("properties").and_then(Value::as_object_mut);
                let alone = keys.as_ref().is_some_and(|k| k.len() == 1);
                for (key, property) in keys.into_iter().flatten() {
                    let Some(property) = property.as_object_mut() else {
                        continue;
                    };
                    let known = property.get("description").and_then(Value::as_str);
                    if known.is_some_and(|d| d.starts_with("See [`Rule::"))
                        && let Some(there) = rule.get(key).and_then(|k| k.get("description"))
                    {
                        property.insert("description".to_owned(), there.clone());
                    } else if known.is_none()
                        && alone
                        && let Some(whole) = &whole
                    {
                        property.insert("description".to_owned(), whole.clone());
                    }
                }
                if let Some(Value::String(text)) = object.get_mut("description") {
                    // Links between types mean nothing outside of the code.
                    *text = text.replace("[`", "`").replace("`]", "`").replace('\n', " ");
                }
                object.values_mut().for_each(|v| own(v, rule));
            }
            Value::Array(items) => items.iter_mut().for_each(|v| own(v, rule)),
            _ => {}
        }
    }
    let rule = schema.pointer("/$defs/Rule/properties").and_then(Value::as_object);
    let rule = rule.cloned().unwrap_or_default();
    own(schema, &rule);
}

/// Forms that the loader takes besides the full one.
fn short_forms(definitions: &mut Map<String, Value>) {
    // Read by hand, so the derived schema does not know what may be left out.
    if let Some(example) = definitions.get_mut("Example").and_then(Value::as_object_mut) {
        example.insert("required".to_owned(), json!(["output"]));
    }
    let mut or = |name: &str, other: Value| {
        if let Some(full) = definitions.get_mut(name) {
            let description = full.get("description").cloned();
            let mut both = json!({ "anyOf": [other, full.take()] });
            if let (Some(both), Some(description)) = (both.as_object_mut(), description) {
                both.insert("description".to_owned(), description);
            }
            *full = both;
        }
    };
    or("Confidence", json!({ "type": "number" }));
    or("Example", json!({ "type": ["string", "number", "boolean"] }));
    or("Effect", json!({ "const": "python-env", "deprecated": true }));
    or("CaptureType", json!({ "const": "module", "deprecated": true }));
}
