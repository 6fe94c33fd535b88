//! From the parser's words to words that help: where the mistake was made, not where the parser
//! noticed it.

use granit_parser::{ErrorKind, ScanError};

use super::build::Stop;
use super::indent;
use super::problem::{ErrorCode, YamlError};
use super::tree::Span;

/// Whether the parser stopped because of nesting.
pub(super) fn is_depth(error: &ScanError) -> bool {
    matches!(error.kind(), ErrorKind::RecursionLimitExceeded)
}

/// Whether the error of the strict pass is the trace of a quote or bracket that is never closed.
pub(super) fn is_left_of_key(error: &ScanError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidQuotedScalarIndent | ErrorKind::InvalidIndentation
    )
}

/// Describes why the parser stopped.
pub(super) fn explain(source: &str, stop: &Stop) -> YamlError {
    let at = stop.at;
    let error = |span, message: &str| YamlError::new(ErrorCode::Syntax, span, message);
    match stop.error.kind() {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => {
            let quote = opening_quote(source, stop).unwrap_or(at);
            error(character(source, quote), "this quote is never closed")
                .label("opened here")
                .help("add the closing quote at the end of the text")
        }
        ErrorKind::InvalidIndentation
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnclosedFlowCollection { .. }
            if stop.open.is_some() =>
        {
            unclosed(source, stop)
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            let message = format!("`{close}` closes what `{open}` opened");
            let base = error(character(source, at), &message).label("the wrong bracket");
            opened(base, stop)
        }
        ErrorKind::ExpectedFlowMappingSeparator => opened(
            error(character(source, at), "a `,` or `}` is missing")
                .label("unexpected")
                .help("text that holds `{{`, `,`, `[`, `]`, `{` or `}` needs quotes here"),
            stop,
        ),
        ErrorKind::ExpectedFlowSequenceSeparator | ErrorKind::InvalidColonPlacement => opened(
            error(character(source, at), "a `,` or `]` is missing").label("unexpected"),
            stop,
        ),
        ErrorKind::UnknownQuotedScalarEscape => bad_escape(source, at),
        ErrorKind::UnexpectedCharacter { character: c } => {
            let message = format!("plain text cannot begin with `{c}`");
            error(character(source, at), &message)
                .label("needs quotes")
                .help("put the whole value in single quotes")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            trailing(source, stop)
        }
        ErrorKind::TabInPlainScalar
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabAtBlockScalarStart => tab(source, at),
        ErrorKind::MappingValueNotAllowed => indent::explain(source, at).unwrap_or_else(|| two_colons(source, at)),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            indent::explain(source, at).unwrap_or_else(|| {
                error(rest_of_line(source, at), "neither a key nor a value")
                    .label("a `:` is missing here")
                    .help("write `key: value`, or indent the line if it continues the one above")
            })
        }
        ErrorKind::InvalidMappingValueWhitespace
        | ErrorKind::InvalidBlockEntryWhitespace
        | ErrorKind::CommentNotSeparated => {
            error(character(source, at), &lower_first(&stop.error.kind().to_string())).label("a space is missing")
        }
        _ => indent::explain(source, at).unwrap_or_else(|| {
            error(character(source, at), &lower_first(&stop.error.kind().to_string())).label("here")
        }),
    }
}

/// Adds "opened here" for the innermost open bracket.
fn opened(error: YamlError, stop: &Stop) -> YamlError {
    match stop.open {
        Some(open) => error.secondary(open, "opened here"),
        None => error,
    }
}

fn unclosed(source: &str, stop: &Stop) -> YamlError {
    let open = stop.open.unwrap_or(Span::at(stop.at));
    let bracket = open.text(source);
    let close = if bracket == "{" { '}' } else { ']' };
    YamlError::new(ErrorCode::Syntax, open, format!("`{bracket}` is never closed"))
        .label(format!("a `{close}` is missing"))
        .help("text that itself begins with a bracket needs quotes")
}

/// The quote that opened the text in which the parser stopped.
fn opening_quote(source: &str, stop: &Stop) -> Option<usize> {
    if source[stop.at..].starts_with(['"', '\'']) && stop.at >= stop.last_end {
        return Some(stop.at);
    }
    let between = source.get(stop.last_end..stop.at)?;
    between.find(['"', '\'']).map(|at| stop.last_end + at)
}

/// Text behind a closing quote. If the quote was opened on an earlier line, it is that one which
/// lacks its partner.
fn trailing(source: &str, stop: &Stop) -> YamlError {
    let span = rest_of_line(source, stop.at);
    let error = YamlError::new(ErrorCode::Syntax, span, "text behind a closing quote")
        .label("does not belong to the value")
        .help("double a single quote inside single quotes ('it''s'); write \\\" inside double ones");
    match opening_quote(source, stop) {
        Some(open) if open < stop.at => error.secondary(character(source, open), "opened here"),
        _ => error,
    }
}

/// Finds the escape that YAML does not know.
fn bad_escape(source: &str, at: usize) -> YamlError {
    const KNOWN: &str = "0abtnvfre \"/\\N_LPxuU\t\n\r";
    let mut place = None;
    let mut chars = source[at..].char_indices().skip(1);
    while let Some((offset, c)) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some((_, escaped)) if KNOWN.contains(escaped) => {}
                Some((_, escaped)) => {
                    place = Some((at + offset, escaped));
                    break;
                }
                None => break,
            },
            _ => {}
        }
    }
    let (offset, name) = place.unwrap_or((at, '?'));
    let end = place.map_or(at + 1, |(offset, c)| offset + 1 + c.len_utf8());
    let message = format!("`\\{}` is not an escape of YAML", name.escape_default());
    YamlError::new(ErrorCode::Syntax, Span::new(offset, end), message)
        .label("unknown escape")
        .help("regular expressions read best in single quotes, where a backslash is itself")
}

/// Points at the tab itself.
fn tab(source: &str, at: usize) -> YamlError {
    let line = source[..at].rfind('\n').map_or(0, |n| n + 1);
    let before = source[line..at].find('\t').map(|tab| line + tab);
    let offset = before
        .or_else(|| source[at..].find('\t').map(|tab| at + tab))
        .unwrap_or(at);
    YamlError::new(
        ErrorCode::Syntax,
        Span::new(offset, offset + 1),
        "a tab stands in the indentation",
    )
    .label("a tab")
    .help("YAML indents with spaces only")
}

/// `key: a: b` on one line.
fn two_colons(source: &str, at: usize) -> YamlError {
    YamlError::new(ErrorCode::Syntax, character(source, at), "a second `: ` on one line")
        .label("would begin another value")
        .help("put the value in quotes, or the inner key on its own line")
}

/// The character at `at`; empty at the end.
fn character(source: &str, at: usize) -> Span {
    let end = source[at..]
        .chars()
        .next()
        .filter(|&c| c != '\n')
        .map_or(at, |c| at + c.len_utf8());
    Span::new(at, end)
}

/// From `at` to the end of its line, without trailing blanks.
fn rest_of_line(source: &str, at: usize) -> Span {
    let line = source[at..].lines().next().unwrap_or("");
    Span::new(at, at + line.trim_end().len())
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
