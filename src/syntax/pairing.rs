//! Pairs the brackets of a scanned text, broken or not, and says which have no partner.
//!
//! The evidence against a bracket that is still open is a line that can only start a statement.

use super::scan::{BracketFault, Kind, Scan};

/// Words that start a statement and cannot continue an expression.
const STARTERS: [&str; 17] = [
    "def", "class", "import", "return", "raise", "while", "with", "try", "elif", "except", "finally", "pass", "break",
    "continue", "del", "global", "assert",
];

impl Scan<'_> {
    /// Fills depth, string state and first token of each line, and pairs the brackets. A line that can
    /// only start a statement ends every bracket still open above it.
    pub(super) fn match_brackets(&mut self) {
        let mut stack: Vec<usize> = Vec::new();
        let mut line = 0;
        let mut string_until = 0;
        for i in 0..self.tokens.len() {
            let token = self.tokens[i];
            while line < self.lines.len() && self.lines[line].start <= token.start {
                let inside = self.lines[line].start < string_until;
                self.lines[line].token = i;
                self.lines[line].in_string = inside;
                if !inside && !stack.is_empty() && token.line == line && self.starts_statement(i, &stack) {
                    for open in stack.drain(..).rev() {
                        self.brackets.push(BracketFault {
                            open: Some(open),
                            close: None,
                            line,
                        });
                    }
                }
                self.lines[line].depth = stack.len();
                line += 1;
            }
            match token.kind {
                Kind::Op => match self.str(&token) {
                    "(" | "[" | "{" => stack.push(i),
                    close @ (")" | "]" | "}") => self.close_bracket(&mut stack, i, close),
                    _ => {}
                },
                Kind::Str => string_until = string_until.max(token.end),
                _ => {}
            }
        }
        while line < self.lines.len() {
            let l = &mut self.lines[line];
            l.token = self.tokens.len();
            l.in_string = l.start < string_until;
            l.depth = stack.len();
            line += 1;
        }
        let end = self.lines.len();
        for open in stack.into_iter().rev() {
            self.brackets.push(BracketFault {
                open: Some(open),
                close: None,
                line: end,
            });
        }
    }

    fn close_bracket(&mut self, stack: &mut Vec<usize>, at: usize, close: &str) {
        let line = self.tokens[at].line;
        if let Some(depth) = self.column_partner(stack, at, close) {
            for open in stack.drain(depth + 1..).rev() {
                self.brackets.push(BracketFault {
                    open: Some(open),
                    close: None,
                    line,
                });
            }
        }
        match stack.last().copied() {
            Some(open) if closer(self.at(open)) == close => {
                stack.pop();
                self.partner.insert(open, at);
                self.partner.insert(at, open);
            }
            Some(open) => {
                self.brackets.push(BracketFault {
                    open: Some(open),
                    close: Some(at),
                    line,
                });
                match stack.iter().rposition(|&o| closer(self.at(o)) == close) {
                    Some(i) => stack.truncate(i),
                    None => {
                        stack.pop();
                    }
                }
            }
            None => self.brackets.push(BracketFault {
                open: None,
                close: Some(at),
                line,
            }),
        }
    }

    /// For a closing bracket that starts its line: where in the stack the bracket is that ends a line
    /// beginning in the same column, if inner ones, begun on deeper lines, would have to be skipped.
    fn column_partner(&self, stack: &[usize], at: usize, close: &str) -> Option<usize> {
        let line = self.tokens[at].line;
        let column = self.lines[line].column;
        if self.tokens[at].start != self.lines[line].text {
            return None;
        }
        let hangs = |open: usize| {
            self.tokens
                .get(open + 1)
                .is_some_and(|n| matches!(n.kind, Kind::Newline | Kind::Comment))
        };
        let depth = stack.iter().rposition(|&open| {
            closer(self.at(open)) == close && hangs(open) && self.lines[self.tokens[open].line].column == column
        })?;
        let inner = &stack[depth + 1..];
        let deeper = |&open: &usize| self.lines[self.tokens[open].line].column > column;
        // `]))` closes the inner ones itself.
        let run = (at..self.tokens.len())
            .take_while(|&i| matches!(self.at(i), ")" | "]" | "}"))
            .count();
        (!inner.is_empty() && inner.iter().all(deeper) && run <= inner.len()).then_some(depth)
    }

    /// Whether the token at `i`, first of its line and below an open bracket, must start a statement.
    fn starts_statement(&self, i: usize, stack: &[usize]) -> bool {
        let word = self.at(i);
        let token = &self.tokens[i];
        let Some(&open) = stack.first() else {
            return false;
        };
        let open_line = self.tokens[open].line;
        let shallow = self.lines[token.line].column <= self.lines[open_line].column;
        if token.kind == Kind::Keyword {
            if STARTERS.contains(&word) {
                return true;
            }
            let rest = self.tokens[i..].iter().take_while(|t| t.kind != Kind::Newline);
            let mut last = "";
            let mut import = false;
            for t in rest.filter(|t| t.kind != Kind::Comment) {
                last = self.str(t);
                import |= last == "import";
            }
            return match word {
                "from" => import,
                "if" | "for" | "else" | "async" => last == ":",
                _ => false,
            };
        }
        if !shallow {
            return false;
        }
        // What stands no deeper than the bracket's line and follows a complete operand is a new statement.
        let before = self.tokens[..i]
            .iter()
            .rev()
            .find(|t| !matches!(t.kind, Kind::Newline | Kind::Comment));
        let complete = before.is_some_and(|t| match t.kind {
            Kind::Name | Kind::Number | Kind::Str => true,
            Kind::Op => matches!(self.str(t), ")" | "]" | "}"),
            _ => false,
        });
        if complete && token.kind == Kind::Name && self.lines[token.line].column < 64 {
            return true;
        }
        let assigns = token.kind == Kind::Name && matches!(self.at(i + 1), "=" | "+=" | "-=");
        let decorates = word == "@" && token.kind == Kind::Op;
        let ends_in_comma = self.tokens[i..]
            .iter()
            .take_while(|t| t.kind != Kind::Newline)
            .filter(|t| t.kind != Kind::Comment)
            .last()
            .is_some_and(|t| self.str(t) == ",");
        decorates || (assigns && !ends_in_comma && self.lines[token.line].column < 64)
    }
}

/// The closing bracket of an opening one; empty for anything else.
pub(super) fn closer(open: &str) -> &'static str {
    match open {
        "(" => ")",
        "[" => "]",
        "{" => "}",
        _ => "",
    }
}

/// The opening bracket of a closing one; empty for anything else.
pub(super) fn opener(close: &str) -> &'static str {
    match close {
        ")" => "(",
        "]" => "[",
        "}" => "{",
        _ => "",
    }
}
