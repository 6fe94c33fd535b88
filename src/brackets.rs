//! Repair of brackets by indentation: where in a file one closing bracket is missing, or one too many.
//!
//! A parser says that a block is open at the end of the file; people say with indentation where it
//! should have ended. This module reads only brackets, strings, comments, heredocs and indentation of
//! HCL text. It does not know any tool, and it does not decide whether a proposal parses: its caller
//! asks the parser. It proposes nothing where the file's own indentation contradicts itself.

/// One change of whole lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The whole text afterwards.
    pub text: String,
    /// What it does, in the imperative.
    pub description: String,
}

/// A bracket that is open.
struct Open {
    bracket: char,
    /// Indentation of the line that opened it.
    indent: usize,
}

/// A missing closing bracket: it belongs after this line (0-based; `None`: before the first).
struct Missing {
    after: usize,
    bracket: char,
    indent: usize,
}

/// A closing bracket that closes nothing, alone on this line (0-based).
struct Extra {
    line: usize,
}

/// What a look at the whole file showed.
#[derive(Default)]
struct Findings {
    missing: Vec<Missing>,
    extra: Vec<Extra>,
    /// Pairs whose lines are indented differently: the layout is no evidence then.
    crooked: usize,
    /// A string, comment or heredoc is not closed: brackets cannot be told from text.
    unreadable: bool,
}

/// The one change by which the brackets of an HCL text agree with its indentation; `None` where
/// there is none, or where more than one line would have to change.
#[must_use]
pub fn propose(text: &str) -> Option<Proposal> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let found = read(&lines);
    if found.unreadable || found.crooked > 0 {
        return None;
    }
    match (found.missing.as_slice(), found.extra.as_slice()) {
        ([one], []) => Some(insert(&lines, one)),
        ([], [one]) => Some(remove(&lines, one)),
        _ => None,
    }
}

fn insert(lines: &[&str], missing: &Missing) -> Proposal {
    let ending = if lines.iter().any(|l| l.ends_with("\r\n")) {
        "\r\n"
    } else {
        "\n"
    };
    let mut text = String::new();
    for (k, line) in lines.iter().enumerate() {
        text.push_str(line);
        if k == missing.after {
            if !line.ends_with('\n') {
                text.push_str(ending);
            }
            text.push_str(&" ".repeat(missing.indent));
            text.push(missing.bracket);
            text.push_str(ending);
        }
    }
    Proposal {
        text,
        description: format!("write `{}` after line {}", missing.bracket, missing.after + 1),
    }
}

fn remove(lines: &[&str], extra: &Extra) -> Proposal {
    let text = lines
        .iter()
        .enumerate()
        .filter(|(k, _)| *k != extra.line)
        .map(|(_, l)| *l)
        .collect();
    Proposal {
        text,
        description: format!("remove the bracket on line {}, which closes nothing", extra.line + 1),
    }
}

const fn closing(open: char) -> char {
    match open {
        '{' => '}',
        '[' => ']',
        _ => ')',
    }
}

/// Walks over the lines once. A line that is indented no deeper than the line of an open bracket, and
/// does not close it, shows that this bracket should have been closed above.
fn read(lines: &[&str]) -> Findings {
    let mut found = Findings::default();
    let mut stack: Vec<Open> = Vec::new();
    let mut state = State::default();
    let mut last_code = 0;
    for (k, raw) in lines.iter().enumerate() {
        let line = raw.trim_end_matches(['\n', '\r']);
        let fresh = state.plain();
        let trimmed = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - trimmed.len();
        let tokens = state.tokens(line);
        if state.broken {
            found.unreadable = true;
            return found;
        }
        if trimmed.is_empty() || !fresh || is_comment(trimmed) {
            if !fresh {
                last_code = k;
                apply(&tokens, indent, &mut stack, &mut found, k, trimmed);
            }
            continue;
        }
        settle(&mut stack, &mut found, trimmed, indent, last_code);
        apply(&tokens, indent, &mut stack, &mut found, k, trimmed);
        last_code = k;
    }
    if !state.plain() {
        found.unreadable = true;
    }
    for open in stack.iter().rev() {
        found.missing.push(Missing {
            after: last_code,
            bracket: closing(open.bracket),
            indent: open.indent,
        });
    }
    found
}

fn is_comment(trimmed: &str) -> bool {
    trimmed.starts_with('#') || trimmed.starts_with("//")
}

/// Closes, as missing, what this line's indentation shows to have ended above it.
fn settle(stack: &mut Vec<Open>, found: &mut Findings, trimmed: &str, indent: usize, last_code: usize) {
    let closer = trimmed.chars().next().filter(|c| matches!(c, '}' | ']' | ')'));
    while let Some(top) = stack.last() {
        let ended = match closer {
            // Its own bracket stands further out: this one was never closed.
            Some(c) => top.indent > indent && stack.iter().any(|o| o.indent == indent && closing(o.bracket) == c),
            None => top.indent >= indent,
        };
        if !ended {
            break;
        }
        found.missing.push(Missing {
            after: last_code,
            bracket: closing(top.bracket),
            indent: top.indent,
        });
        stack.pop();
    }
}

fn apply(tokens: &[char], indent: usize, stack: &mut Vec<Open>, found: &mut Findings, k: usize, trimmed: &str) {
    for (n, &token) in tokens.iter().enumerate() {
        match token {
            '{' | '[' | '(' => stack.push(Open { bracket: token, indent }),
            _ => match stack.last() {
                Some(top) if closing(top.bracket) == token => {
                    if n == 0 && trimmed.starts_with(token) && top.indent != indent {
                        found.crooked += 1;
                    }
                    stack.pop();
                }
                Some(_) => found.crooked += 1,
                None if tokens.len() == 1 && trimmed.trim_end() == token.to_string() => {
                    found.extra.push(Extra { line: k });
                }
                None => found.crooked += 1,
            },
        }
    }
}

/// Where in the text the reader is, from line to line.
#[derive(Default)]
struct State {
    heredoc: Option<String>,
    comment: bool,
    broken: bool,
}

impl State {
    /// Whether the next line begins outside of strings, comments and heredocs.
    const fn plain(&self) -> bool {
        self.heredoc.is_none() && !self.comment
    }

    /// The brackets of a line, without those in strings and comments.
    fn tokens(&mut self, line: &str) -> Vec<char> {
        let mut out = Vec::new();
        if let Some(marker) = &self.heredoc {
            if line.trim() == marker {
                self.heredoc = None;
            }
            return out;
        }
        let chars: Vec<char> = line.chars().collect();
        let mut k = 0;
        while k < chars.len() {
            let rest = &chars[k..];
            if self.comment {
                if rest.starts_with(&['*', '/']) {
                    self.comment = false;
                    k += 1;
                }
            } else if rest.starts_with(&['/', '*']) {
                self.comment = true;
                k += 1;
            } else if rest[0] == '#' || rest.starts_with(&['/', '/']) {
                break;
            } else if rest[0] == '"' {
                match string_end(&chars, k) {
                    Some(end) => k = end,
                    None => {
                        self.broken = true;
                        return out;
                    }
                }
            } else if rest.starts_with(&['<', '<']) {
                let marker: String = rest[2..].iter().collect();
                let marker = marker.trim_start_matches('-').trim();
                if !marker.is_empty() && marker.chars().all(|c| c.is_alphanumeric() || c == '_') {
                    self.heredoc = Some(marker.to_owned());
                    break;
                }
            } else if matches!(rest[0], '{' | '}' | '[' | ']' | '(' | ')') {
                out.push(rest[0]);
            }
            k += 1;
        }
        out
    }
}

/// Index of the quote that ends the string which begins at `start`; templates in it may hold strings.
fn string_end(chars: &[char], start: usize) -> Option<usize> {
    let mut k = start + 1;
    let mut depth = 0_u32;
    while k < chars.len() {
        match chars[k] {
            '\\' if depth == 0 => k += 1,
            '$' | '%'
                if depth == 0 && chars.get(k + 1) == Some(&'{') && chars.get(k.wrapping_sub(1)) != Some(&chars[k]) =>
            {
                depth = 1;
                k += 1;
            }
            '{' if depth > 0 => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '"' if depth > 0 => k = string_end(chars, k)?,
            '"' => return Some(k),
            _ => {}
        }
        k += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(text: &str) -> Option<String> {
        propose(text).map(|p| p.text)
    }

    #[test]
    fn a_block_open_at_the_end_is_closed_there() {
        assert_eq!(
            fixed("a \"x\" {\n  b = 1\n").as_deref(),
            Some("a \"x\" {\n  b = 1\n}\n")
        );
        assert_eq!(fixed("a {\n  b = 1").as_deref(), Some("a {\n  b = 1\n}\n"));
    }

    #[test]
    fn a_block_open_in_mid_file_is_closed_before_what_stands_further_out() {
        let broken = "a {\n  b = 1\n\n# next\nc {\n  d = 2\n}\n";
        assert_eq!(
            fixed(broken).as_deref(),
            Some("a {\n  b = 1\n}\n\n# next\nc {\n  d = 2\n}\n")
        );
    }

    #[test]
    fn an_inner_block_is_closed_at_its_own_indentation() {
        let broken = "a {\n  l {\n    x = true\n}\n\nv {\n  d = 1\n}\n";
        assert_eq!(
            fixed(broken).as_deref(),
            Some("a {\n  l {\n    x = true\n  }\n}\n\nv {\n  d = 1\n}\n")
        );
        let list = "locals {\n  l = [\n    \"a\",\n    \"b\"\n}\n";
        assert_eq!(
            fixed(list).as_deref(),
            Some("locals {\n  l = [\n    \"a\",\n    \"b\"\n  ]\n}\n")
        );
        let map = "locals {\n  t = {\n    a = 1\n  u = 2\n}\n";
        assert_eq!(
            fixed(map).as_deref(),
            Some("locals {\n  t = {\n    a = 1\n  }\n  u = 2\n}\n")
        );
    }

    #[test]
    fn a_bracket_that_closes_nothing_is_removed() {
        assert_eq!(
            fixed("a {\n  b = 1\n}\n}\nc {\n}\n").as_deref(),
            Some("a {\n  b = 1\n}\nc {\n}\n")
        );
    }

    #[test]
    fn brackets_in_strings_comments_and_heredocs_do_not_count() {
        let broken = "a {\n  b = \"}${f(\"{\")}\" # }\n  c = <<-EOT\n}\n  EOT\n  /* { */\n";
        assert_eq!(fixed(broken), Some(format!("{broken}}}\n")));
    }

    #[test]
    fn line_endings_are_kept() {
        assert_eq!(fixed("a {\r\n  b = 1\r\n").as_deref(), Some("a {\r\n  b = 1\r\n}\r\n"));
    }

    #[test]
    fn nothing_is_proposed_where_the_layout_is_no_evidence() {
        assert_eq!(
            fixed("a {\nb {\nc = 1\n}\n"),
            None,
            "no indentation: either block may be the open one"
        );
        assert_eq!(fixed("a {\n  b = \"x\n}\n"), None, "the string is open");
        assert_eq!(fixed("a {\n  b {\n    c {\n"), None, "three are missing");
        assert_eq!(fixed("a {\n  b = 1\n}\n"), None, "nothing is wrong");
    }
}
