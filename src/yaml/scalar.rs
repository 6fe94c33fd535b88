//! What a plain scalar means: the YAML 1.2 core schema.
//!
//! `yes`, `on`, `012` or `1:30` are the text and numbers that they look like; the surprises of
//! YAML 1.1 are not part of this.

/// A plain scalar, resolved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Core {
    /// `null`, `Null`, `NULL`, `~` or nothing.
    Null,
    /// `true` or `false`, also capitalised.
    Bool(bool),
    /// A whole number that fits 128 bits.
    Int(i128),
    /// A number with a fraction or an exponent, `.inf` or `.nan`.
    Float(f64),
    /// Everything else.
    Text,
}

impl Core {
    /// Resolves the text of a plain scalar.
    #[must_use]
    pub fn resolve(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Self::Null,
            "true" | "True" | "TRUE" => return Self::Bool(true),
            "false" | "False" | "FALSE" => return Self::Bool(false),
            ".nan" | ".NaN" | ".NAN" => return Self::Float(f64::NAN),
            _ => {}
        }
        if let Some(int) = integer(text) {
            return Self::Int(int);
        }
        float(text).map_or(Self::Text, Self::Float)
    }
}

fn integer(text: &str) -> Option<i128> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            // `from_str_radix` would accept a sign after the prefix.
            let clean = digits.bytes().all(|b| b.is_ascii_alphanumeric());
            return if clean {
                i128::from_str_radix(digits, radix).ok()
            } else {
                None
            };
        }
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
        return Some(sign * f64::INFINITY);
    }
    let has_digit = unsigned.bytes().any(|b| b.is_ascii_digit());
    let starts_right = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let allowed = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+');
    if has_digit && starts_right && unsigned.bytes().all(allowed) {
        text.parse().ok()
    } else {
        None
    }
}
