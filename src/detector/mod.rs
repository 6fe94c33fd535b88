//! The detector: finds errors in a command's output as it flows, and says which environment the
//! command belongs to.
//!
//! It knows packs (as data) and patterns; it never decides what to do about an error.
mod assemble;
mod files;
mod matcher;
mod recognise;
mod scan;

pub use assemble::{DetectContext, DetectedError, Location, detect};
pub use files::{Files, RealFiles};
pub use matcher::Matcher;
pub use recognise::{Found, Program, Recognised, recognise};
pub use scan::{Frame, Hit, KeptLine, ReportHit, Scan, ScanOptions, Scanner, StreamKind, Totals, scan_all};
