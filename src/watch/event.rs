//! What a watch tells as it happens.

use std::path::Path;

use super::reload::Status;
use crate::orchestrator::{Diagnosis, HealingSession};

/// Something happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// The watch began.
    Started {
        /// How many logs.
        files: usize,
        /// The rules.
        rules: &'a Status,
    },
    /// A log is not there yet.
    Waiting {
        /// The log.
        file: &'a Path,
    },
    /// A log is followed from here.
    Opened {
        /// The log.
        file: &'a Path,
        /// Bytes before it.
        offset: u64,
    },
    /// Another file has its name now; the rest of the old one is still read.
    Rotated {
        /// The log.
        file: &'a Path,
    },
    /// It was emptied or overwritten; it is read from its start.
    Truncated {
        /// The log.
        file: &'a Path,
    },
    /// Lines may have been missed, or it cannot be read.
    Trouble {
        /// The log.
        file: &'a Path,
        /// What happened.
        why: &'a str,
    },
    /// An error was found.
    Detected {
        /// The log.
        file: &'a Path,
        /// Line in it, where lines were counted from its start.
        line: Option<u64>,
        /// Everything known about this moment's errors.
        diagnosis: &'a Diagnosis,
        /// Which of its errors.
        index: usize,
        /// Generation of the rules that found it.
        generation: u64,
        /// How often the same error was found before.
        before: u64,
    },
    /// A session changed something. Not proven: a log cannot be run again.
    Applied {
        /// The log.
        file: &'a Path,
        /// What it did.
        session: &'a HealingSession,
    },
    /// Nothing was changed, and why.
    NotApplied {
        /// The log.
        file: &'a Path,
        /// Why.
        why: &'a str,
        /// The session, where one began.
        session: Option<&'a HealingSession>,
    },
    /// Packs changed on disk.
    Reloaded(&'a Status),
    /// The watch's own records cannot be written.
    Unrecorded {
        /// Why.
        why: &'a str,
    },
    /// The watch ended.
    Stopped {
        /// Lines scanned.
        lines: u64,
        /// Errors found.
        errors: u64,
        /// Fixes applied.
        fixes: u64,
    },
}

/// Is told.
pub trait Sink {
    /// Something happened.
    fn event(&mut self, event: &Event<'_>);
}

impl<F: FnMut(&Event<'_>)> Sink for F {
    fn event(&mut self, event: &Event<'_>) {
        self(event);
    }
}
