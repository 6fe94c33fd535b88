//! Diagnostics: what heal says about a text that somebody wrote, and how it says it.
//!
//! A [`Diagnostic`] has a code from the [`catalogue`], a title, labels that point into files, notes,
//! help and patches. The same value is printed for people ([`Format::Full`], [`Format::Concise`]),
//! for programs ([`Format::Json`], [`Format::Sarif`]) and for code review ([`Format::Github`]).
//!
//! Nothing here knows what is checked. Every text that comes from outside (source lines, names,
//! messages) passes [`clean`](clean_text) before it is printed: a log or pack under inspection must
//! not be able to drive the terminal.

pub mod catalogue;
mod clean;
mod code;
mod model;
mod patch;
mod render;
mod source;
mod suggest;

#[cfg(test)]
mod tests;

pub use clean::{clean_json, clean_line, clean_output, clean_text};
pub use code::{Code, CodeInfo, Severity};
pub use model::{Diagnostic, Label, Patch, sort};
pub use patch::{Patched, apply_patches};
pub use render::{
    Counts, Format, JsonDiagnostic, JsonLabel, JsonPatch, JsonPlace, JsonReport, Renderer, render, uri,
    workflow_command,
};
pub use source::{Position, SourceFile};
pub use suggest::suggest;
