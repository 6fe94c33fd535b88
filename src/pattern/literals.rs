//! Literals that every match of a regex contains.

/// Alternatives of which every match contains at least one, and how well they select.
#[derive(Debug, Clone, PartialEq)]
pub struct Required {
    /// The alternatives; never empty, none of them empty.
    pub any_of: Vec<Vec<u8>>,
    /// Bits of surprise of the worst alternative in ordinary logs: higher is rarer.
    pub score: f64,
}

/// The best set of required literals, or `None` where a match need not contain any.
#[must_use]
pub fn literals(regex: &str) -> Option<Required> {
    let _ = regex;
    None
}

/// Whether every match of the regex contains this literal.
#[must_use]
pub fn implies(regex: &str, literal: &str) -> bool {
    implies_any(regex, &[literal])
}

/// Whether every match of the regex contains at least one of these literals.
#[must_use]
pub fn implies_any(regex: &str, literals: &[&str]) -> bool {
    let _ = (regex, literals);
    false
}
