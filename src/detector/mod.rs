//! The detector: finds errors in a command's output as it flows, and says which environment the
//! command belongs to.
//!
//! It knows packs (as data) and patterns; it never decides what to do about an error.
mod assemble;
mod breaks;
mod buffer;
mod collect;
mod command;
mod files;
mod fingerprint;
mod grams;
mod keep;
mod likely;
mod matcher;
pub mod normalise;
mod order;
pub(crate) mod place;
mod prefilter;
mod profile;
mod recognise;
mod scan;
mod scanner;
mod unit;
mod wrap;

pub use assemble::{DetectContext, DetectedError, Location, detect};
pub use files::{Files, WorldFiles};
pub use likely::{Loudness, loudness};
pub use matcher::Matcher;
pub use profile::{Cost, Profile, Profiler};
pub use recognise::{Found, Program, Recognised, recognise};
pub use scan::{Frame, Hit, KeptLine, ReportHit, Scan, ScanOptions, StreamKind, Totals};
pub use scanner::{Scanner, scan_all};
