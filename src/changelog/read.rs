//! Reading the changelog, a damaged one too.

use std::io;

use super::append::{Changelog, ChangelogError};
use super::document::{Document, Metadata};
use super::{Incident, Statistics};

/// A line of a changelog that is not an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// What could be read of a changelog.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// About the file; `None` where there is no file, or its head is damaged.
    pub metadata: Option<Metadata>,
    /// The incidents, oldest first.
    pub incidents: Vec<Incident>,
    /// What could not be read. Empty for a file in order.
    pub bad: Vec<Bad>,
}

impl Reading {
    /// Reads a changelog, whatever the bytes are: as JSON, and where that fails line by line.
    pub fn of(bytes: &[u8]) -> Self {
        let error = match serde_json::from_slice::<Document>(bytes) {
            Ok(document) => {
                return Self {
                    metadata: Some(document.metadata),
                    incidents: document.incidents,
                    bad: Vec::new(),
                };
            }
            Err(error) => error,
        };
        let mut reading = Self::default();
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            let line = line.strip_suffix(b",").unwrap_or(line);
            let frame = matches!(line, b"" | b"{" | b"]" | b"}" | b"\"incidents\": [");
            if frame {
                continue;
            }
            if let Some(metadata) = line.strip_prefix(b"\"metadata\":") {
                reading.metadata = serde_json::from_slice(metadata).ok();
                continue;
            }
            match serde_json::from_slice(line) {
                Ok(incident) => reading.incidents.push(incident),
                Err(error) => {
                    reading.bad.push(Bad {
                        line: number + 1,
                        message: error.to_string(),
                    });
                }
            }
        }
        if reading.bad.is_empty() {
            reading.bad.push(Bad {
                line: error.line().max(1),
                message: error.to_string(),
            });
        }
        reading
    }

    /// The incidents of the session whose id begins with `session`.
    pub fn session<'a>(&'a self, session: &'a str) -> impl Iterator<Item = &'a Incident> {
        self.incidents
            .iter()
            .filter(move |incident| incident.session_id.as_deref().is_some_and(|id| id.starts_with(session)))
    }

    /// The figures of these incidents.
    pub fn statistics(&self) -> Statistics {
        Statistics::of(&self.incidents)
    }
}

impl Changelog {
    /// Reads all of it. A changelog that does not exist yet is an empty one.
    ///
    /// # Errors
    /// The operating system's. Damage is told in [`Reading::bad`].
    pub fn read(&self) -> Result<Reading, ChangelogError> {
        let world = self.world();
        if !world.exists(self.path()) {
            return Ok(Reading::default());
        }
        // Where the folder may not be written there is no writer to wait for either.
        let lock = self.lock();
        let bytes = world.read(self.path());
        drop(lock);
        match bytes {
            Ok(bytes) => Ok(Reading::of(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Reading::default()),
            Err(error) => Err(self.error("read", error)),
        }
    }
}
