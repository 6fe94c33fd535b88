//! What an author of YAML would notice.

mod decode;
mod errors;
mod hostile;
mod offsets;
mod tree;

use super::{ErrorCode, Limits, Node, YamlError, parse, parse_all};

pub(super) fn tree(source: &str) -> Node {
    parse(source, &Limits::default()).unwrap_or_else(|errors| panic!("{errors:#?}\n{source}"))
}

pub(super) fn errors(source: &str) -> Vec<YamlError> {
    parse_all(source, &Limits::default()).errors
}

/// `line:column code "text at the place" message`, for short comparisons.
pub(super) fn brief(source: &str, error: &YamlError) -> String {
    let before = &source[..error.span.start];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let code = error.code;
    format!(
        "{line}:{column} {code:?} {:?} {}",
        error.span.text(source),
        error.message
    )
}

pub(super) fn briefs(source: &str) -> Vec<String> {
    errors(source).iter().map(|error| brief(source, error)).collect()
}

pub(super) fn codes(source: &str) -> Vec<ErrorCode> {
    errors(source).iter().map(|error| error.code).collect()
}
