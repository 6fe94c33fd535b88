//! Structural search and rewriting of source code, through ast-grep and its tree-sitter grammars.
//!
//! Patterns are code with metavariables (`$NAME`); what a pattern binds is taken from the source as
//! it stands, so a rewrite moves nothing but the node. It knows languages, and nothing of rules.

use std::ops::Range;

use ast_grep_core::matcher::{Pattern, PatternError};
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc};
use ast_grep_core::{Doc, NodeMatch};
use ast_grep_language::SupportLang;

use crate::pack::model::Language;

/// Larger sources are not searched.
const LARGEST: usize = 4 << 20;

/// A node that a pattern matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its bytes.
    pub range: Range<usize>,
    /// First and last line, 1-based.
    pub lines: (u32, u32),
    /// What the metavariables bound.
    pub bound: Vec<(String, String)>,
}

fn grammar(language: Language) -> Option<SupportLang> {
    match language {
        Language::Python => Some(SupportLang::Python),
        Language::Bash => Some(SupportLang::Bash),
        Language::Hcl => Some(SupportLang::Hcl),
        Language::Yaml => Some(SupportLang::Yaml),
        Language::Json | Language::Toml => None,
    }
}

/// Why a pattern cannot be used.
///
/// # Errors
/// The parser's words, or that the language has no structural search.
pub fn check_pattern(language: Language, pattern: &str) -> Result<(), String> {
    let grammar = grammar(language).ok_or_else(|| format!("{language:?} has no structural patterns"))?;
    compile(grammar, pattern).map(drop).map_err(|error| error.to_string())
}

fn compile(grammar: SupportLang, pattern: &str) -> Result<Pattern, PatternError> {
    Pattern::try_new(pattern, grammar)
}

/// All nodes that match, innermost and outermost alike, in order.
///
/// `constraints` are regexes on metavariables. With `line`, the node must touch that line and none
/// larger than the statement on it counts: it must start on it, or end on it. With `column` (1-based,
/// in characters), the node must reach over it.
#[must_use]
pub fn find(
    language: Language,
    source: &str,
    pattern: &str,
    constraints: &[(String, String)],
    line: Option<u32>,
    column: Option<u32>,
) -> Vec<Found> {
    let Some(grammar) = grammar(language) else {
        return Vec::new();
    };
    if source.len() > LARGEST {
        return Vec::new();
    }
    let Ok(pattern) = compile(grammar, pattern) else {
        return Vec::new();
    };
    let regexes: Option<Vec<(&str, regex::Regex)>> = constraints
        .iter()
        .map(|(name, r)| regex::Regex::new(r).ok().map(|r| (name.as_str(), r)))
        .collect();
    let Some(regexes) = regexes else { return Vec::new() };
    let tree = grammar.ast_grep(source);
    let mut found = Vec::new();
    for node in tree.root().find_all(&pattern) {
        let range = node.range();
        let lines = (line_at(source, range.start), line_at(source, range.end.max(1) - 1));
        if line.is_some_and(|line| lines.0 != line && lines.1 != line) {
            continue;
        }
        if let (Some(line), Some(column)) = (line, column)
            && !offset_of(source, line, column).is_some_and(|at| range.contains(&at))
        {
            continue;
        }
        let bound = variables(&node);
        let fits = regexes
            .iter()
            .all(|(name, r)| bound.iter().any(|(n, text)| n == name && r.is_match(text)));
        if fits && !found.iter().any(|f: &Found| f.range == range) {
            found.push(Found { range, lines, bound });
        }
    }
    found
}

/// Every text that a metavariable binds in a source, each once, in order.
#[must_use]
pub fn bound(language: Language, source: &str, pattern: &str, name: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for found in find(language, source, pattern, &[], None, None) {
        for (variable, text) in found.bound {
            if variable == name && !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    texts
}

/// The replacement for a node: `$NAME` and `$$$NAME` become what was bound.
///
/// # Errors
/// A metavariable that the pattern does not bind.
pub fn fill(template: &str, found: &Found) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = rest[at..].trim_start_matches('$');
        let length = after
            .find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
            .unwrap_or(after.len());
        let name = &after[..length];
        if name.is_empty() {
            out.push('$');
            rest = &rest[at + 1..];
            continue;
        }
        let (_, text) = found
            .bound
            .iter()
            .find(|(n, _)| n == name)
            .ok_or_else(|| format!("the pattern does not bind `${name}`"))?;
        out.push_str(text);
        rest = &after[length..];
    }
    out.push_str(rest);
    Ok(out)
}

fn variables<D: Doc<Source = String>>(node: &NodeMatch<'_, D>) -> Vec<(String, String)> {
    use ast_grep_core::meta_var::MetaVariable;
    let env = node.get_env();
    let mut bound = Vec::new();
    for variable in env.get_matched_variables() {
        match variable {
            MetaVariable::Capture(name, _) => {
                if let Some(node) = env.get_match(&name) {
                    bound.push((name, node.text().into_owned()));
                }
            }
            MetaVariable::MultiCapture(name) => {
                let nodes = env.get_multiple_matches(&name);
                let text = match (nodes.first(), nodes.last()) {
                    (Some(first), Some(last)) => {
                        // From the first to the last as it stands, separators and comments included.
                        let start = first.range().start - node.range().start;
                        let end = last.range().end - node.range().start;
                        node.text().get(start..end).unwrap_or_default().to_owned()
                    }
                    _ => String::new(),
                };
                bound.push((name, text));
            }
            _ => {}
        }
    }
    bound
}

fn line_at(source: &str, offset: usize) -> u32 {
    let before = source.as_bytes().get(..offset).unwrap_or(source.as_bytes());
    u32::try_from(before.iter().filter(|&&b| b == b'\n').count() + 1).unwrap_or(u32::MAX)
}

/// Byte offset of a 1-based line and column in characters.
fn offset_of(source: &str, line: u32, column: u32) -> Option<usize> {
    let mut start = 0;
    for _ in 1..line {
        start += source.get(start..)?.find('\n')? + 1;
    }
    let text = source.get(start..)?.lines().next().unwrap_or_default();
    let column = usize::try_from(column.checked_sub(1)?).ok()?;
    Some(start + text.char_indices().nth(column).map_or(text.len(), |(i, _)| i))
}

/// Whether the tree-sitter grammar reads the whole source without an error node.
#[must_use]
pub fn parses(language: Language, source: &str) -> Option<bool> {
    let grammar = grammar(language)?;
    let tree: ast_grep_core::AstGrep<StrDoc<SupportLang>> = grammar.ast_grep(source);
    Some(!tree.root().dfs().any(|node| node.is_error() || node.is_missing()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_node_on_the_line_and_fills_the_template() {
        let source = "a = d['x']\nb = d['yy'] + e['x']  # d['x']\n";
        let found = find(
            Language::Python,
            source,
            "$D[$K]",
            &[("K".into(), "x".into())],
            Some(2),
            None,
        );
        assert_eq!(found.len(), 1);
        assert_eq!(&source[found[0].range.clone()], "e['x']");
        assert_eq!(fill("$D.get($K, 0)", &found[0]).unwrap(), "e.get('x', 0)");
        assert!(fill("$Z", &found[0]).is_err());
    }

    #[test]
    fn binds_names() {
        let names = bound(
            Language::Python,
            "def alpha(): pass\ndef beta(x): pass\n",
            "def $NAME($$$A): $$$B",
            "NAME",
        );
        assert_eq!(names, ["alpha", "beta"]);
    }

    #[test]
    fn a_column_chooses_among_equals() {
        let source = "v = d['a'] + d['a']\n";
        let found = find(Language::Python, source, "$D[$K]", &[], Some(1), Some(15));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].range.start, 13);
    }

    #[test]
    fn no_input_panics() {
        for source in ["", "\0", "def (", "\u{feff}é", "x = '''"] {
            let _ = find(Language::Python, source, "$A", &[], Some(1), Some(9));
        }
    }
}
