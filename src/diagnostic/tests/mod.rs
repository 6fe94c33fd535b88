//! What a reader of diagnostics would notice.

mod catalogue;
mod hostile;
mod patches;
mod rendering;
mod suggestions;
