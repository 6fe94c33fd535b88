//! What can be wrong with a regex of a pack, with the place inside it.

use regex_syntax::ast::{self, ErrorKind};
use regex_syntax::hir::translate::Translator;

use super::line::build;

/// What kind of fault a regex has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternFault {
    /// It does not parse.
    Syntax,
    /// It looks ahead or behind, which a linear-time engine cannot do.
    LookAround,
    /// It refers back to a group.
    BackReference,
    /// It compiles to more than the size limit, or nests too deep.
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

/// Deepest nesting of groups and repetitions.
pub(super) const NEST_LIMIT: u32 = 100;

/// Checks a regex without keeping it.
///
/// # Errors
/// The first fault, with its place.
pub fn validate(regex: &str) -> Result<(), PatternError> {
    let tree = ast::parse::ParserBuilder::new()
        .nest_limit(NEST_LIMIT)
        .build()
        .parse(regex)
        .map_err(|e| from_ast(&e))?;
    // Lines are bytes, so a match may end inside a character that is none.
    let hir = regex_syntax::hir::translate::TranslatorBuilder::new()
        .utf8(false)
        .build();
    let hir = translate(hir, regex, &tree)?;
    let compiled = build(regex).map_err(|e| PatternError {
        offset: 0,
        kind: PatternFault::TooBig,
        message: match e {
            regex::Error::CompiledTooBig(limit) => {
                format!("compiles to more than the limit of {limit} bytes")
            }
            other => other.to_string().lines().last().unwrap_or_default().to_owned(),
        },
        help: "use smaller counted repetitions, or `\\d` and `[A-Za-z]` with `(?-u:…)`".to_owned(),
    })?;
    // A regex such as `^\s*$` is empty only on blank lines and may be meant; one that is found in
    // any text is not.
    let empty = hir.properties().minimum_len() == Some(0);
    if empty && compiled.is_match(b"\x01\x02\x03") {
        return Err(PatternError {
            offset: 0,
            kind: PatternFault::EmptyMatch,
            message: "matches every line, as nothing in it is required".to_owned(),
            help: "name some text that the line must contain".to_owned(),
        });
    }
    Ok(())
}

fn translate(mut translator: Translator, regex: &str, tree: &ast::Ast) -> Result<regex_syntax::hir::Hir, PatternError> {
    translator.translate(regex, tree).map_err(|e| PatternError {
        offset: e.span().start.offset,
        kind: PatternFault::Syntax,
        message: lower(&e.kind().to_string()),
        help: String::new(),
    })
}

fn from_ast(error: &ast::Error) -> PatternError {
    let (kind, help) = match error.kind() {
        ErrorKind::UnsupportedLookAround => (
            PatternFault::LookAround,
            "match the line without it and say what is not meant in `unless`",
        ),
        ErrorKind::UnsupportedBackreference => (
            PatternFault::BackReference,
            "capture both texts under two names and compare them with the condition `equal`",
        ),
        ErrorKind::NestLimitExceeded(_) | ErrorKind::CaptureLimitExceeded => (PatternFault::TooBig, "write it flatter"),
        ErrorKind::GroupUnclosed => (PatternFault::Syntax, "close it with `)`, or write `\\(`"),
        ErrorKind::GroupUnopened => (PatternFault::Syntax, "write `\\)` for the character itself"),
        ErrorKind::ClassUnclosed => (PatternFault::Syntax, "close it with `]`, or write `\\[`"),
        ErrorKind::RepetitionMissing => (PatternFault::Syntax, "write `\\` before the character itself"),
        ErrorKind::RepetitionCountUnclosed
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::RepetitionCountInvalid => (PatternFault::Syntax, "write `\\{` for a brace"),
        _ => (PatternFault::Syntax, ""),
    };
    PatternError {
        offset: error.span().start.offset,
        kind,
        message: lower(&error.kind().to_string()),
        help: help.to_owned(),
    }
}

/// The library's messages as fragments: no capital, no full stop.
fn lower(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(regex: &str) -> (usize, PatternFault) {
        let error = validate(regex).expect_err(regex);
        (error.offset, error.kind)
    }

    #[test]
    fn faults_have_their_place() {
        assert_eq!(fault("abc(def"), (3, PatternFault::Syntax));
        assert_eq!(fault("ab[c"), (2, PatternFault::Syntax));
        assert_eq!(fault("foo(?!bar)"), (3, PatternFault::LookAround));
        assert_eq!(fault("(?P<a>x) \\1"), (9, PatternFault::BackReference));
        assert_eq!(fault("(?:\\w{1000}){1000}").1, PatternFault::TooBig);
    }

    #[test]
    fn a_regex_that_is_found_everywhere_is_refused() {
        assert_eq!(fault(".*").1, PatternFault::EmptyMatch);
        assert_eq!(fault("(?:error)?").1, PatternFault::EmptyMatch);
        assert_eq!(fault("^").1, PatternFault::EmptyMatch);
        assert_eq!(validate("^\\s*$"), Ok(()));
        assert_eq!(validate("Error: (?P<m>.+)"), Ok(()));
        assert_eq!(validate("^$"), Ok(()));
    }
}
