//! Tabs and blanks in indentation, by the interpreter's rule: with tabs as eight columns and with tabs as
//! one the lines must nest alike. The parser is more lenient.

use ruff_python_ast::Mod;
use ruff_python_ast::token::TokenKind as K;
use ruff_python_parser::Parsed;
use ruff_text_size::Ranged;

/// Offset of the first line of parsed text that the interpreter refuses for its tabs.
pub(super) fn inconsistent(text: &str, parsed: &Parsed<Mod>) -> Option<usize> {
    if !text.contains('\t') {
        return None;
    }
    let mut stack = vec![(0usize, 0usize)];
    let mut first = true;
    for token in parsed.tokens() {
        match token.kind() {
            K::Newline => {
                first = true;
                continue;
            }
            K::NonLogicalNewline | K::Comment | K::Indent | K::Dedent | K::EndOfFile => continue,
            _ if !first => continue,
            _ => first = false,
        }
        let at = token.start().to_usize();
        let start = text[..at].rfind(['\n', '\r']).map_or(0, |i| i + 1);
        // A statement behind a backslash has no indentation of its own.
        if text[..start].trim_end_matches(['\n', '\r']).ends_with('\\') {
            continue;
        }
        let (column, other) = text[start..at].bytes().fold((0, 0), |(c, o), b| match b {
            b'\t' => ((c / 8 + 1) * 8, o + 1),
            0x0c => (0, 0),
            _ => (c + 1, o + 1),
        });
        while stack.len() > 1 && stack.last().is_some_and(|t| column < t.0) {
            stack.pop();
        }
        let &(top, top_other) = stack.last().unwrap_or(&(0, 0));
        if column > top {
            if other <= top_other {
                return Some(at);
            }
            stack.push((column, other));
        } else if other != top_other {
            return Some(at);
        }
    }
    None
}
