//! A strict parser of shell grammar: commands, compound commands and lists.
//!
//! Tree-sitter recovers from every fault and so never says where the first one is; this one stops
//! there, as bash does, and remembers what was open. It knows the grammar that bash, dash and ksh
//! share plus bash's additions, and no command.

use super::lex::Pending;
use super::outline::{BracketFault, Fault, Frame, Kind, Outline, Statement, Stop};

/// Nesting beyond this is not code that anybody wrote; the limit keeps the stack bounded.
const MAX_DEPTH: usize = 120;

/// Where a list of commands may end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Eof,
    Words(&'static [&'static str]),
    Paren,
    /// `;;`, `;&`, `;;&` or `esac`.
    Clause,
}

const RESERVED: &[&str] = &["then", "else", "elif", "fi", "do", "done", "esac", "}"];

/// The parse so far; `Err(())` everywhere means that [`Outline::fault`] is set.
pub(super) struct Parser<'a> {
    pub src: &'a [u8],
    pub pos: usize,
    pub out: Outline,
    pub open: Vec<usize>,
    pub pending: Vec<Pending>,
    depth: usize,
}

/// Parses a whole script.
pub(super) fn outline(src: &[u8]) -> Outline {
    let mut parser = Parser {
        src,
        pos: 0,
        out: Outline::default(),
        open: Vec::new(),
        pending: Vec::new(),
        depth: 0,
    };
    if src.starts_with(b"\xef\xbb\xbf") {
        parser.pos = 3;
    }
    // The result is in `out.fault`; nothing else is to be learnt from it.
    let _ = parser.list(End::Eof, false);
    parser.out
}

impl Parser<'_> {
    pub(super) fn fail<T>(&mut self, at: usize, stop: Stop) -> Result<T, ()> {
        if self.out.fault.is_none() {
            self.out.fault = Some(Fault {
                at,
                stop,
                open: self.open.clone(),
            });
        }
        Err(())
    }

    pub(super) fn enter(&mut self, kind: Kind, start: usize, head: usize) -> Result<usize, ()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail(start, Stop::TooDeep);
        }
        let index = self.out.frames.len();
        self.out.frames.push(Frame {
            kind,
            start,
            head,
            body: None,
            condition: None,
            end: None,
        });
        self.open.push(index);
        Ok(index)
    }

    pub(super) fn leave(&mut self, index: usize, end: usize) {
        self.depth -= 1;
        self.out.frames[index].end = Some(end);
        self.open.pop();
    }

    fn body(&mut self, index: usize) {
        self.out.frames[index].body = Some(self.pos);
        self.out.frames[index].condition = None;
    }

    /// A list of commands up to `end`, which is left unread. Says how many commands there were.
    pub(super) fn list(&mut self, end: End, must: bool) -> Result<usize, ()> {
        let mut count = 0;
        loop {
            self.skip_lines();
            let at = self.pos;
            let Some(c) = self.peek() else {
                return if end == End::Eof {
                    Ok(count)
                } else {
                    self.fail(at, Stop::Eof)
                };
            };
            let reached = match end {
                End::Paren => c == b')',
                End::Clause => self.starts_with(";;") || self.starts_with(";&") || self.word_is("esac"),
                End::Words(words) => words.iter().any(|w| self.word_is(w)),
                End::Eof => false,
            };
            if reached {
                if must && count == 0 {
                    return self.fail(at, Stop::EmptyBody);
                }
                return Ok(count);
            }
            if let Some(word) = RESERVED.iter().find(|w| self.word_is(w)) {
                return self.fail(at, Stop::Unexpected((*word).to_owned()));
            }
            if matches!(c, b';' | b'&' | b'|' | b')') {
                let token = self.operator_text();
                return self.fail(at, Stop::Unexpected(token));
            }
            self.and_or()?;
            count += 1;
            self.skip_blanks();
            match self.peek() {
                None | Some(b'\n') => {}
                Some(b')') if end == End::Paren => {}
                Some(b';') if self.starts_with(";;") || self.starts_with(";&") => {
                    if end != End::Clause {
                        let token = self.operator_text();
                        return self.fail(self.pos, Stop::Unexpected(token));
                    }
                }
                Some(b';') => self.pos += 1,
                Some(b'&') => {
                    self.pos += 1;
                    let after = self.pos;
                    self.skip_blanks();
                    if self.peek() == Some(b';') && !self.starts_with(";;") {
                        return self.fail(self.pos, Stop::Unexpected(";".to_owned()));
                    }
                    self.pos = after;
                }
                Some(_) => {
                    let at = self.pos;
                    let token = self.token_text();
                    return self.fail(at, Stop::Unexpected(token));
                }
            }
        }
    }

    fn and_or(&mut self) -> Result<(), ()> {
        let start = self.pos;
        let frame = self.open.last().copied();
        let slot = self.out.statements.len();
        self.out.statements.push(Statement {
            start,
            end: start,
            frame,
        });
        loop {
            self.command()?;
            self.skip_blanks();
            let operator = ["&&", "||", "|&", "|"].into_iter().find(|o| self.starts_with(o));
            let Some(operator) = operator else { break };
            let at = self.pos;
            self.pos += operator.len();
            self.skip_lines();
            match self.peek() {
                None => return self.fail(self.pos, Stop::Eof),
                Some(b'|' | b'&' | b';' | b')') => {
                    let token = self.operator_text();
                    return self.fail(self.pos, Stop::Unexpected(token));
                }
                _ => {}
            }
            if operator.len() == 2 && operator != "|&" {
                self.note_operator_in_test(start, at);
            }
        }
        self.out.statements[slot].end = self.pos;
        Ok(())
    }

    fn command(&mut self) -> Result<(), ()> {
        loop {
            self.skip_blanks();
            if self.word_is("!") || self.word_is("time") {
                let len = if self.peek() == Some(b'!') { 1 } else { 4 };
                self.pos += len;
                self.skip_blanks();
                if self.starts_with("-p") {
                    self.pos += 2;
                }
                if matches!(self.peek(), None | Some(b'\n' | b';')) {
                    return Ok(());
                }
            } else {
                break;
            }
        }
        let head = self.pos;
        if let Some(word) = RESERVED.iter().find(|w| self.word_is(w)) {
            return self.fail(head, Stop::Unexpected((*word).to_owned()));
        }
        if self.compound(head)? {
            return self.redirections();
        }
        if self.word_is("function") {
            self.pos += 8;
            self.skip_blanks();
            self.word()?;
            self.skip_blanks();
            self.skip_empty_parens();
            return self.function_body(head);
        }
        self.simple(head)
    }

    /// A compound command, when one starts here.
    fn compound(&mut self, head: usize) -> Result<bool, ()> {
        let start = self.pos;
        if self.starts_with("((") && self.arithmetic_ends(start + 2) {
            self.pos += 2;
            let frame = self.enter(Kind::Arithmetic, start, head)?;
            self.arithmetic("))", frame)?;
        } else if self.peek() == Some(b'(') {
            let frame = self.enter(Kind::Subshell, start, head)?;
            self.pos += 1;
            self.body(frame);
            self.list(End::Paren, true)?;
            self.leave(frame, self.pos);
            self.pos += 1;
        } else if self.word_is("{") {
            let frame = self.enter(Kind::Brace, start, head)?;
            self.pos += 1;
            self.body(frame);
            self.list(End::Words(&["}"]), true)?;
            self.leave(frame, self.pos);
            self.pos += 1;
        } else if self.word_is("[[") {
            self.conditional(head)?;
        } else if self.word_is("if") {
            self.if_command(head)?;
        } else if self.word_is("while") || self.word_is("until") {
            let frame = self.enter(Kind::While, start, head)?;
            self.pos += 5;
            self.out.frames[frame].condition = Some(self.pos);
            self.list(End::Words(&["do"]), true)?;
            self.do_group(frame)?;
        } else if self.word_is("for") || self.word_is("select") {
            self.for_command(head)?;
        } else if self.word_is("case") {
            self.case_command(head)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn if_command(&mut self, head: usize) -> Result<(), ()> {
        let frame = self.enter(Kind::If, self.pos, head)?;
        self.pos += 2;
        loop {
            self.out.frames[frame].condition = Some(self.pos);
            self.list(End::Words(&["then"]), true)?;
            self.pos += 4;
            self.body(frame);
            self.list(End::Words(&["elif", "else", "fi"]), true)?;
            if self.word_is("elif") {
                self.pos += 4;
                continue;
            }
            if self.word_is("else") {
                self.pos += 4;
                self.list(End::Words(&["fi"]), true)?;
            }
            self.leave(frame, self.pos);
            self.pos += 2;
            return Ok(());
        }
    }

    fn do_group(&mut self, frame: usize) -> Result<(), ()> {
        self.pos += 2;
        self.body(frame);
        self.list(End::Words(&["done"]), true)?;
        self.leave(frame, self.pos);
        self.pos += 4;
        Ok(())
    }

    fn for_command(&mut self, head: usize) -> Result<(), ()> {
        let frame = self.enter(Kind::For, self.pos, head)?;
        self.pos += if self.word_is("for") { 3 } else { 6 };
        self.skip_blanks();
        if self.starts_with("((") {
            let inner = self.enter(Kind::Arithmetic, self.pos, head)?;
            self.pos += 2;
            self.arithmetic("))", inner)?;
        } else if self.peek() == Some(b'(') {
            return self.fail(self.pos, Stop::Unexpected("(".to_owned()));
        } else {
            self.word()?;
            self.skip_blanks();
            let before = self.pos;
            self.skip_lines();
            if self.word_is("in") {
                self.pos += 2;
                self.skip_blanks();
                while !matches!(
                    self.peek(),
                    None | Some(b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')
                ) {
                    self.word()?;
                    self.skip_blanks();
                }
            } else {
                self.pos = before;
            }
        }
        self.skip_blanks();
        let end_of_head = self.pos;
        if self.peek() == Some(b';') && !self.starts_with(";;") {
            self.pos += 1;
        }
        self.skip_lines();
        if self.word_is("{") {
            self.pos += 1;
            self.body(frame);
            self.list(End::Words(&["}"]), true)?;
            self.leave(frame, self.pos);
            self.pos += 1;
            return Ok(());
        }
        if !self.word_is("do") {
            let stop = if self.peek().is_none() { Stop::Eof } else { Stop::NoDo };
            return self.fail(if stop == Stop::NoDo { end_of_head } else { self.pos }, stop);
        }
        self.do_group(frame)
    }

    fn case_command(&mut self, head: usize) -> Result<(), ()> {
        let frame = self.enter(Kind::Case, self.pos, head)?;
        self.pos += 4;
        self.skip_blanks();
        self.word()?;
        self.skip_lines();
        if !self.word_is("in") {
            let token = self.token_text();
            return self.fail(self.pos, Stop::Unexpected(token));
        }
        self.pos += 2;
        self.body(frame);
        loop {
            self.skip_lines();
            if self.peek().is_none() {
                return self.fail(self.pos, Stop::Eof);
            }
            if self.word_is("esac") {
                self.leave(frame, self.pos);
                self.pos += 4;
                return Ok(());
            }
            if self.peek() == Some(b'(') {
                self.pos += 1;
            }
            let pattern = self.pos;
            loop {
                self.skip_blanks();
                let before = self.pos;
                self.word()?;
                self.skip_blanks();
                match self.peek() {
                    Some(b'|') => self.pos += 1,
                    Some(b')') if self.pos > before => break,
                    _ => return self.fail(pattern, Stop::Pattern),
                }
            }
            self.pos += 1;
            self.list(End::Clause, false)?;
            if !self.word_is("esac") {
                self.pos += if self.starts_with(";;&") { 3 } else { 2 };
            }
        }
    }

    fn conditional(&mut self, head: usize) -> Result<(), ()> {
        let frame = self.enter(Kind::Conditional, self.pos, head)?;
        self.pos += 2;
        self.body(frame);
        let mut parens = 0usize;
        let mut last = (self.pos, self.pos);
        let mut after_match = false;
        loop {
            self.skip_lines();
            let at = self.pos;
            match self.peek() {
                None => return self.fail(at, Stop::Eof),
                Some(b';') => {
                    self.note_close(last, true);
                    return self.fail(at, Stop::Unexpected(";".to_owned()));
                }
                Some(b'(') => {
                    parens += 1;
                    self.pos += 1;
                }
                Some(b')') => {
                    parens = parens.saturating_sub(1);
                    self.pos += 1;
                }
                Some(b'&' | b'|' | b'<' | b'>') => self.pos += 1,
                Some(_) if parens == 0 && self.word_is("]]") => {
                    self.leave(frame, at);
                    self.pos += 2;
                    return Ok(());
                }
                Some(_) => {
                    // The right-hand side of =~ may hold bare parentheses and bars.
                    if after_match {
                        self.regex_word()?
                    } else {
                        self.word()?
                    };
                    if self.pos == at {
                        self.pos += 1;
                    }
                }
            }
            last = (at, self.pos);
            after_match = &self.src[at..self.pos] == b"=~";
        }
    }

    fn simple(&mut self, head: usize) -> Result<(), ()> {
        let mut words: Vec<(usize, usize)> = Vec::new();
        loop {
            self.skip_blanks();
            let at = self.pos;
            match self.peek() {
                None | Some(b'\n' | b';' | b'|' | b')') => break,
                Some(b'&') if !self.starts_with("&>") => break,
                Some(b'&' | b'<' | b'>') => self.redirection()?,
                Some(b'(') => {
                    let function = words.len() == 1 && {
                        let name = self.pos;
                        self.skip_empty_parens();
                        self.pos > name
                    };
                    if function {
                        return self.function_body(head);
                    }
                    return self.fail(at, Stop::Unexpected("(".to_owned()));
                }
                Some(_) => {
                    self.word()?;
                    if self.pos == at {
                        return self.fail(at, Stop::Unexpected(self.char_text()));
                    }
                    if !self.is_descriptor(at) {
                        words.push((at, self.pos));
                    }
                }
            }
        }
        if self.pos == head {
            let token = self.token_text();
            return self.fail(head, Stop::Unexpected(token));
        }
        self.check_brackets(&words);
        Ok(())
    }

    fn function_body(&mut self, head: usize) -> Result<(), ()> {
        let after = self.pos;
        self.skip_lines();
        if self.peek().is_none() {
            return self.fail(self.pos, Stop::Eof);
        }
        if self.compound(head)? {
            self.redirections()
        } else {
            self.fail(after, Stop::NoFunctionBody)
        }
    }

    fn redirections(&mut self) -> Result<(), ()> {
        loop {
            self.skip_blanks();
            let at = self.pos;
            match self.peek() {
                Some(b'<' | b'>') => self.redirection()?,
                Some(b'&') if self.starts_with("&>") => self.redirection()?,
                Some(b'0'..=b'9' | b'{') => {
                    self.word()?;
                    if !self.is_descriptor(at) {
                        self.pos = at;
                        return Ok(());
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// `2` in `2>&1`, `{fd}` in `{fd}<file`: not an argument.
    fn is_descriptor(&self, at: usize) -> bool {
        let word = &self.src[at..self.pos];
        matches!(self.peek(), Some(b'<' | b'>'))
            && !word.is_empty()
            && (word.iter().all(u8::is_ascii_digit) || (word[0] == b'{' && word.ends_with(b"}")))
    }

    fn note_operator_in_test(&mut self, start: usize, operator: usize) {
        // `[ a && b ]`: the part before the operator was just noted as a `[` without its end.
        if let Some(last) = self.out.brackets.last_mut()
            && last.0 == BracketFault::NoClose
            && last.1 >= start
            && last.1 <= operator
        {
            *last = (BracketFault::Operator, last.1);
        }
    }

    fn note_close(&mut self, last: (usize, usize), double: bool) {
        let word = &self.src[last.0..last.1];
        if double && word == b"]" {
            self.out.brackets.push((BracketFault::SingleClose, last.1));
        } else if double && word.ends_with(b"]]") && word.len() > 2 {
            self.out.brackets.push((BracketFault::GluedClose, last.1 - 2));
        }
    }

    /// What can be wrong with the brackets of a simple command that the grammar accepts.
    fn check_brackets(&mut self, words: &[(usize, usize)]) {
        let (Some(&first), Some(&last)) = (words.first(), words.last()) else {
            return;
        };
        let text = |w: (usize, usize)| &self.src[w.0..w.1];
        let name = text(first);
        for keyword in [
            "if[", "elif[", "while[", "until[", "![", "if[[", "elif[[", "while[[", "until[[", "![[",
        ] {
            if name == keyword.as_bytes() {
                let brackets = if keyword.ends_with("[[") { 2 } else { 1 };
                self.out.brackets.push((BracketFault::GluedKeyword, first.1 - brackets));
                return;
            }
        }
        let closes = words.len() > 1 && text(last).ends_with(b"]");
        if name.starts_with(b"[[") && name.len() > 2 && closes {
            self.out.brackets.push((BracketFault::GluedOpen, first.0 + 2));
        } else if name.starts_with(b"[") && name.len() > 1 && name != b"[[" && closes {
            self.out.brackets.push((BracketFault::GluedOpen, first.0 + 1));
        } else if name == b"[" {
            let end = text(last);
            if words.len() > 1 && end == b"]]" {
                self.out.brackets.push((BracketFault::DoubleClose, last.0 + 1));
            } else if words.len() > 1
                && end.len() > 1
                && end.ends_with(b"]")
                && !end.ends_with(b"]]")
                && !end.contains(&b'[')
            {
                self.out.brackets.push((BracketFault::GluedClose, last.1 - 1));
            } else if end != b"]" || words.len() == 1 {
                self.out.brackets.push((BracketFault::NoClose, last.1));
            }
        }
    }
}
