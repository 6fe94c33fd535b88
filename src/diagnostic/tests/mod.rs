//! What a reader of diagnostics would notice.

mod catalogue;
mod patches;
mod rendering;
mod suggestions;
