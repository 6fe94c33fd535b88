//! The one place that decides whether text parses: the parser, the version checks and the symbol-table
//! checks of the interpreter. Knows nothing of repairs.

use ruff_python_ast::comparable::ComparableMod;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Mod, PythonVersion};
use ruff_python_parser::{
    InterpolatedStringErrorType, LexicalErrorType, Mode, ParseError, ParseErrorType, ParseOptions,
    UnsupportedSyntaxErrorKind, parse_unchecked,
};
use ruff_text_size::Ranged;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use super::{semantic, tabs};

/// One reason why text is refused. Offsets are bytes of the text.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub range: Range<usize>,
    pub message: String,
    /// A short stable name of the kind of error, for the ranking.
    pub class: String,
    /// Syntax that exists, but not in the target version.
    pub version: bool,
    /// Where it became certain: faults are ordered by this.
    pub at: usize,
}

/// Errors about a whole node: they become certain at its end, and whatever else is wrong inside it is
/// the likelier cause.
fn about_node(error: &ParseErrorType) -> bool {
    use ParseErrorType as E;
    !matches!(
        error,
        E::ExpectedToken { .. }
            | E::ExpectedExpression
            | E::Lexical(_)
            | E::OtherError(_)
            | E::FStringError(_)
            | E::TStringError(_)
            | E::SimpleStatementsOnSameLine
            | E::SimpleAndCompoundStatementOnSameLine
            | E::UnexpectedIndentation
            | E::UnexpectedTokenAfterAsync(_)
            | E::UnexpectedIpythonEscapeCommand
            | E::UnexpectedExpressionToken
    )
}

fn place(error: &ParseError) -> usize {
    if about_node(&error.error) {
        error.location.end().to_usize()
    } else {
        error.location.start().to_usize()
    }
}

fn options(version: PythonVersion) -> ParseOptions {
    ParseOptions::from(Mode::Module).with_target_version(version)
}

/// All faults in order of their place; the symbol-table checks run only on text that parses.
pub(super) fn faults(text: &str, version: PythonVersion) -> Vec<Fault> {
    verdict(text, version).0
}

/// The faults, and for text without any a hash of its syntax tree.
pub(super) fn verdict(text: &str, version: PythonVersion) -> (Vec<Fault>, u64) {
    let parsed = parse_unchecked(text, options(version));
    let mut out: Vec<Fault> = parsed
        .errors()
        .iter()
        .map(|e| Fault {
            range: clamp(text, e.location.start().to_usize()..e.location.end().to_usize()),
            message: e.error.to_string(),
            class: class(&e.error),
            version: false,
            at: place(e).min(text.len()),
        })
        .chain(parsed.unsupported_syntax_errors().iter().map(|e| Fault {
            range: clamp(text, e.range().start().to_usize()..e.range().end().to_usize()),
            message: e.to_string(),
            class: match e.kind {
                UnsupportedSyntaxErrorKind::Pep701FString(_) => "v:fstring".into(),
                UnsupportedSyntaxErrorKind::UnparenthesizedExceptionTypes => "v:except".into(),
                _ => "v:other".into(),
            },
            version: true,
            at: e.range().start().to_usize().min(text.len()),
        }))
        .collect();
    if out.is_empty()
        && let Some(at) = tabs::inconsistent(text, &parsed)
    {
        out.push(Fault {
            range: at..at,
            message: "inconsistent use of tabs and spaces in indentation".into(),
            class: "s:Tabs".into(),
            version: false,
            at,
        });
    }
    if out.is_empty()
        && let Some(module) = parsed.syntax().as_module()
    {
        out = semantic::faults(text, module, version);
    }
    out.sort_by_key(|f| (f.at, f.range.start, f.range.end));
    let tree = if out.is_empty() { tree(parsed.syntax()) } else { 0 };
    (out, tree)
}

/// A hash of the tree without places, the same on every machine.
fn tree(module: &Mod) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    ComparableMod::from(module).hash(&mut hasher);
    hasher.finish()
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = (self.0 ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Place of the first fault the parser finds and their number, without the symbol-table checks.
pub(super) fn first_fault(text: &str, version: PythonVersion) -> Option<(usize, usize)> {
    let parsed = parse_unchecked(text, options(version));
    let newer = parsed.unsupported_syntax_errors();
    let first = parsed
        .errors()
        .iter()
        .map(place)
        .chain(newer.iter().map(|e| e.range().start().to_usize()))
        .min()?;
    Some((first, parsed.errors().len() + newer.len()))
}

/// The oldest version that accepts text which only lacks newer syntax; `None` when it is plainly wrong.
pub(super) fn needed_version(text: &str, target: PythonVersion) -> Option<PythonVersion> {
    PythonVersion::iter().filter(|v| *v > target).find(|v| {
        let parsed = parse_unchecked(text, options(*v));
        parsed.errors().is_empty() && parsed.unsupported_syntax_errors().is_empty()
    })
}

fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = range.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

fn class(error: &ParseErrorType) -> String {
    use ParseErrorType as E;
    match error {
        E::ExpectedToken { expected, found } => {
            format!("exp:{}/{}", short(*expected), short(*found))
        }
        E::Lexical(LexicalErrorType::UnrecognizedToken { .. }) => "lex:char".into(),
        E::Lexical(LexicalErrorType::OtherError(_)) => "lex:number".into(),
        E::Lexical(LexicalErrorType::FStringError(e)) | E::FStringError(e) => match e {
            InterpolatedStringErrorType::UnclosedLbrace => "f:lbrace".into(),
            InterpolatedStringErrorType::SingleRbrace => "f:rbrace".into(),
            InterpolatedStringErrorType::UnterminatedString
            | InterpolatedStringErrorType::UnterminatedTripleQuotedString => "f:open".into(),
            _ => "f:other".into(),
        },
        E::Lexical(other) => {
            let name = format!("{other:?}");
            format!("lex:{}", name.split(['(', ' ', '{']).next().unwrap_or(""))
        }
        E::OtherError(message) => {
            let head: String = message.chars().take(24).collect();
            format!("o:{head}")
        }
        other => {
            let name = format!("{other:?}");
            name.split(['(', ' ', '{']).next().unwrap_or("").to_string()
        }
    }
}

fn short(kind: TokenKind) -> String {
    match kind {
        TokenKind::FStringStart | TokenKind::String => "Str".into(),
        TokenKind::Int | TokenKind::Float | TokenKind::Complex => "Num".into(),
        other => format!("{other:?}"),
    }
}
