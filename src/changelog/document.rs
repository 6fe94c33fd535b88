//! The shape of the changelog's file, and how its end is found again.
//!
//! ```json
//! {
//!   "metadata": {"created": "2024-01-15T10:30:00.000000", "version": "1.0.0"},
//!   "incidents": [
//!     {"incident_id": …},
//!     {"incident_id": …}
//!   ]
//! }
//! ```
//! One incident a line. A program that knows only JSON reads the whole; a torn or damaged file can
//! still be read line by line.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Incident, format_timestamp};

/// Version of the changelog's format, as in the specification.
pub const VERSION: &str = "1.0.0";

/// What ends every changelog, behind the last incident.
pub(super) const CLOSING: &[u8] = b"\n  ]\n}\n";

/// What stands between two incidents.
pub(super) const SEPARATOR: &[u8] = b",\n    ";

/// What opens the list of incidents.
const OPENING: &str = "\n  \"incidents\": [";

/// About the changelog itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Metadata {
    /// When the file was begun, in UTC.
    pub created: String,
    /// Version of its format.
    pub version: String,
}

/// The whole document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Document {
    /// About the file.
    pub metadata: Metadata,
    /// What happened, oldest first.
    pub incidents: Vec<Incident>,
}

/// The JSON Schema of the changelog, for `schemas/changelog.v1.json`.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

/// A changelog up to its first incident.
pub(super) fn opening(now: DateTime<Utc>) -> Vec<u8> {
    format!(
        "{{\n  \"metadata\": {{\"created\": \"{}\", \"version\": \"{VERSION}\"}},{OPENING}",
        format_timestamp(now)
    )
    .into_bytes()
}

/// Whether it is a changelog that can be appended to: JSON of the right shape as a whole.
pub(super) fn is_valid(bytes: &[u8]) -> bool {
    /// Only the shape: what an incident says does not matter for appending.
    #[derive(Deserialize)]
    struct Shape {
        #[expect(dead_code, reason = "read for its presence")]
        metadata: Metadata,
        #[expect(dead_code, reason = "read for its presence")]
        incidents: Vec<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<Shape>(bytes).is_ok()
}

/// For a changelog that is valid JSON but not laid out as heal does (a person's formatter, or
/// the Python program that the specification came from): the same in heal's layout.
pub(super) fn relaid(bytes: &[u8]) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Loose {
        metadata: serde_json::Map<String, serde_json::Value>,
        incidents: Vec<serde_json::Value>,
    }
    let loose: Loose = serde_json::from_slice(bytes).ok()?;
    let metadata = serde_json::to_string(&loose.metadata).ok()?;
    let mut out = format!("{{\n  \"metadata\": {metadata},{OPENING}").into_bytes();
    for (position, incident) in loose.incidents.iter().enumerate() {
        out.extend_from_slice(if position == 0 { &SEPARATOR[1..] } else { SEPARATOR });
        serde_json::to_writer(&mut out, incident).ok()?;
    }
    out.extend_from_slice(CLOSING);
    Some(out)
}

/// Whether there is no incident before the closing.
pub(super) fn is_empty(before_closing: &[u8]) -> bool {
    before_closing.ends_with(b"[")
}

/// For a changelog whose end was torn by a crash in the middle of an append: the length up to
/// the end of its last complete incident. `None` where the damage is of another kind: the head is
/// not a changelog's, or whole incidents follow the damage.
pub(super) fn whole_part(bytes: &[u8]) -> Option<usize> {
    let mut whole = bytes
        .windows(OPENING.len())
        .position(|part| part == OPENING.as_bytes())?
        + OPENING.len();
    // What stands before the list must be whole by itself.
    let mut head = bytes[..whole].to_vec();
    head.extend_from_slice(CLOSING);
    if !is_valid(&head) {
        return None;
    }
    let is_object = |text: &[u8]| text.starts_with(b"{");
    loop {
        let rest = &bytes[whole..];
        let skipped = rest
            .iter()
            .position(|byte| !byte.is_ascii_whitespace() && *byte != b',')
            .unwrap_or(rest.len());
        let rest = &rest[skipped..];
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<serde::de::IgnoredAny>();
        match values.next() {
            Some(Ok(_)) if is_object(rest) => whole += skipped + values.byte_offset(),
            _ => break,
        }
    }
    let more_follow = bytes[whole..].split(|byte| *byte == b'\n').any(|line| {
        let line = line.trim_ascii();
        let line = line.strip_suffix(b",").unwrap_or(line);
        is_object(line) && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
    });
    (!more_follow).then_some(whole)
}
