//! Words, quotations, expansions and redirections: the parser's view of single characters.
//!
//! Knows nothing of commands; [`super::parse`] decides what a word means.

use super::outline::{Kind, OpenHeredoc, Stop};
use super::parse::{End, Parser};

/// A here-document whose body has not been reached yet.
pub(super) struct Pending {
    operator: usize,
    delimiter: Vec<u8>,
    strip_tabs: bool,
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.src.get(self.pos).copied()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.src.get(at).copied()
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.src[self.pos..].starts_with(text.as_bytes())
    }

    /// Whether the word `text` stands here, by itself.
    pub(super) fn word_is(&self, text: &str) -> bool {
        if !self.starts_with(text) {
            return false;
        }
        match self.byte(self.pos + text.len()) {
            None | Some(b' ' | b'\t' | b'\n' | b'\r') => true,
            // `{` is a word, not an operator: `{echo` is a command's name.
            Some(b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')') => text != "{",
            Some(_) => false,
        }
    }

    /// Blanks, line continuations and a comment; never a line's end.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.pos += 1,
                Some(b'\r') if self.byte(self.pos + 1) == Some(b'\n') => self.pos += 1,
                Some(b'\\') if self.byte(self.pos + 1) == Some(b'\n') => self.pos += 2,
                Some(b'\\') if self.src[self.pos + 1..].starts_with(b"\r\n") => self.pos += 3,
                Some(b'#') if self.at_word_start() => {
                    while !matches!(self.peek(), None | Some(b'\n')) {
                        self.pos += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn at_word_start(&self) -> bool {
        self.pos == 0
            || matches!(
                self.src[self.pos - 1],
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')'
            )
    }

    /// Blanks, comments and line ends; reads the here-documents that begin after a line end.
    pub(super) fn skip_lines(&mut self) {
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'\n') {
                return;
            }
            self.pos += 1;
            self.read_heredocs();
        }
    }

    fn read_heredocs(&mut self) {
        for doc in std::mem::take(&mut self.pending) {
            let body = self.pos;
            loop {
                if self.pos >= self.src.len() {
                    self.out.heredocs.push(OpenHeredoc {
                        operator: doc.operator,
                        delimiter: String::from_utf8_lossy(&doc.delimiter).into_owned(),
                        strip_tabs: doc.strip_tabs,
                        body,
                    });
                    break;
                }
                let end = self.src[self.pos..]
                    .iter()
                    .position(|&c| c == b'\n')
                    .map_or(self.src.len(), |n| self.pos + n);
                let mut line = &self.src[self.pos..end];
                line = line.strip_suffix(b"\r").unwrap_or(line);
                if doc.strip_tabs {
                    while let Some(rest) = line.strip_prefix(b"\t") {
                        line = rest;
                    }
                }
                let done = line == doc.delimiter.as_slice();
                self.pos = (end + 1).min(self.src.len());
                if done {
                    break;
                }
            }
            self.out.text.push(body..self.pos);
        }
    }

    /// Moves over `( )` when nothing stands between, else stays.
    pub(super) fn skip_empty_parens(&mut self) {
        let start = self.pos;
        if self.peek() == Some(b'(') {
            self.pos += 1;
            self.skip_blanks();
            if self.peek() == Some(b')') {
                self.pos += 1;
                return;
            }
        }
        self.pos = start;
    }

    pub(super) fn operator_text(&self) -> String {
        [";;&", ";;", ";&", "&&", "||", "|&"]
            .into_iter()
            .find(|o| self.starts_with(o))
            .map_or_else(|| self.char_text(), str::to_owned)
    }

    pub(super) fn char_text(&self) -> String {
        self.peek().map_or_else(String::new, |c| char::from(c).to_string())
    }

    /// The word or operator that stands here, for messages.
    pub(super) fn token_text(&self) -> String {
        let rest = &self.src[self.pos..];
        let len = rest
            .iter()
            .position(|c| b" \t\r\n;&|<>()".contains(c))
            .unwrap_or(rest.len());
        if len == 0 {
            self.operator_text()
        } else {
            String::from_utf8_lossy(&rest[..len.min(40)]).into_owned()
        }
    }

    /// One word, with everything quoted or expanded in it. Stays where no word starts.
    pub(super) fn word(&mut self) -> Result<(), ()> {
        self.word_until(b" \t\n;&|<>()")
    }

    /// The right-hand side of `=~`, where parentheses and bars are ordinary inside a word.
    pub(super) fn regex_word(&mut self) -> Result<(), ()> {
        let mut depth = 0usize;
        loop {
            self.word_until(b" \t\n;&|<>()")?;
            match self.peek() {
                Some(b'(') => depth += 1,
                Some(b')') if depth > 0 => depth -= 1,
                Some(b'|' | b'<' | b'>') if depth > 0 => {}
                Some(b'|') if self.byte(self.pos + 1) != Some(b'|') => {}
                Some(b' ') if depth > 0 => {}
                _ => return Ok(()),
            }
            self.pos += 1;
        }
    }

    fn word_until(&mut self, stops: &[u8]) -> Result<(), ()> {
        let start = self.pos;
        while let Some(c) = self.peek() {
            match c {
                b'\r' if self.byte(self.pos + 1) == Some(b'\n') => break,
                b'(' if self.pos > start => {
                    let before = self.src[self.pos - 1];
                    let name = &self.src[start..self.pos - 1];
                    if before == b'=' && is_assignable(name) {
                        self.array()?;
                    } else if b"?*+@!".contains(&before) {
                        self.extended_glob()?;
                    } else {
                        break;
                    }
                }
                _ if stops.contains(&c) => break,
                _ => self.piece(true)?,
            }
        }
        Ok(())
    }

    /// One character, quotation or expansion.
    fn piece(&mut self, outside_quotes: bool) -> Result<(), ()> {
        match self.peek() {
            Some(b'\\') => self.pos = (self.pos + 2).min(self.src.len()),
            Some(b'\'') if outside_quotes => self.single(self.pos)?,
            Some(b'"') => self.double(self.pos)?,
            Some(b'`') => self.backtick()?,
            Some(b'$') => self.dollar(outside_quotes)?,
            _ => self.pos += 1,
        }
        Ok(())
    }

    fn single(&mut self, start: usize) -> Result<(), ()> {
        let frame = self.enter(Kind::Single, start, start)?;
        self.pos += 1;
        while let Some(c) = self.peek() {
            self.pos += 1;
            if c == b'\'' {
                self.leave(frame, self.pos - 1);
                return Ok(());
            }
        }
        self.fail(self.pos, Stop::Eof)
    }

    fn ansi(&mut self) -> Result<(), ()> {
        let frame = self.enter(Kind::Single, self.pos, self.pos)?;
        self.pos += 2;
        while let Some(c) = self.peek() {
            self.pos += 1;
            match c {
                b'\\' => self.pos = (self.pos + 1).min(self.src.len()),
                b'\'' => {
                    self.leave(frame, self.pos - 1);
                    return Ok(());
                }
                _ => {}
            }
        }
        self.fail(self.pos, Stop::Eof)
    }

    fn double(&mut self, start: usize) -> Result<(), ()> {
        let frame = self.enter(Kind::Double, start, start)?;
        self.pos += 1;
        loop {
            match self.peek() {
                None => return self.fail(self.pos, Stop::Eof),
                Some(b'"') => {
                    self.leave(frame, self.pos);
                    self.pos += 1;
                    return Ok(());
                }
                Some(_) => self.piece(false)?,
            }
        }
    }

    fn backtick(&mut self) -> Result<(), ()> {
        let frame = self.enter(Kind::Backtick, self.pos, self.pos)?;
        self.pos += 1;
        loop {
            match self.peek() {
                None => return self.fail(self.pos, Stop::Eof),
                Some(b'\\') => self.pos = (self.pos + 2).min(self.src.len()),
                Some(b'`') => {
                    self.leave(frame, self.pos);
                    self.pos += 1;
                    return Ok(());
                }
                Some(_) => self.pos += 1,
            }
        }
    }

    fn dollar(&mut self, outside_quotes: bool) -> Result<(), ()> {
        let start = self.pos;
        match self.byte(start + 1) {
            Some(b'(') if self.byte(start + 2) == Some(b'(') && self.arithmetic_ends(start + 3) => {
                self.pos += 3;
                let frame = self.enter(Kind::Arithmetic, start, start)?;
                self.arithmetic("))", frame)
            }
            Some(b'(') => {
                self.pos += 1;
                self.parens(start)
            }
            Some(b'[') => {
                self.pos += 2;
                let frame = self.enter(Kind::Arithmetic, start, start)?;
                self.arithmetic("]", frame)
            }
            Some(b'{') => self.parameter(outside_quotes),
            Some(b'\'') if outside_quotes => self.ansi(),
            Some(b'"') if outside_quotes => {
                self.pos += 1;
                self.double(start)
            }
            // `$$`, `$#`, `$'` inside double quotes: no more than two characters.
            Some(b'$' | b'#' | b'!' | b'?' | b'*' | b'@' | b'-') => {
                self.pos += 2;
                Ok(())
            }
            _ => {
                self.pos += 1;
                Ok(())
            }
        }
    }

    /// `( list )` as part of a word; `self.pos` is at the `(`.
    fn parens(&mut self, start: usize) -> Result<(), ()> {
        let frame = self.enter(Kind::Parens, start, start)?;
        self.pos += 1;
        self.list(End::Paren, false)?;
        self.leave(frame, self.pos);
        self.pos += 1;
        Ok(())
    }

    fn parameter(&mut self, outside_quotes: bool) -> Result<(), ()> {
        let frame = self.enter(Kind::Parameter, self.pos, self.pos)?;
        self.pos += 2;
        loop {
            match self.peek() {
                None => return self.fail(self.pos, Stop::Eof),
                Some(b'}') => {
                    self.leave(frame, self.pos);
                    self.pos += 1;
                    return Ok(());
                }
                Some(_) => self.piece(outside_quotes)?,
            }
        }
    }

    /// Whether `))` ends what starts at `from` before a lone `)` does: else `((` are two subshells.
    pub(super) fn arithmetic_ends(&self, from: usize) -> bool {
        let mut depth = 0usize;
        let mut at = from;
        while let Some(c) = self.byte(at) {
            match c {
                b'\\' => at += 1,
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b')' => return self.byte(at + 1) == Some(b')'),
                b';' if depth > 0 => return false,
                _ => {}
            }
            at += 1;
        }
        true
    }

    pub(super) fn arithmetic(&mut self, close: &str, frame: usize) -> Result<(), ()> {
        let mut depth = 0usize;
        loop {
            if depth == 0 && self.starts_with(close) {
                self.leave(frame, self.pos);
                self.pos += close.len();
                return Ok(());
            }
            match self.peek() {
                None => return self.fail(self.pos, Stop::Eof),
                Some(b'(' | b'[') => {
                    depth += 1;
                    self.pos += 1;
                }
                Some(b')' | b']') => {
                    depth = depth.saturating_sub(1);
                    self.pos += 1;
                }
                Some(_) => self.piece(true)?,
            }
        }
    }

    /// The elements of `name=( … )`; `self.pos` is at the `(`.
    fn array(&mut self) -> Result<(), ()> {
        let frame = self.enter(Kind::Parens, self.pos, self.pos)?;
        self.pos += 1;
        loop {
            self.skip_lines();
            let at = self.pos;
            match self.peek() {
                None => return self.fail(at, Stop::Eof),
                Some(b')') => {
                    self.leave(frame, at);
                    self.pos += 1;
                    return Ok(());
                }
                Some(b'<' | b'>') => self.redirection()?,
                Some(b';' | b'&' | b'|' | b'(') => {
                    let token = self.operator_text();
                    return self.fail(at, Stop::Unexpected(token));
                }
                Some(_) => self.word()?,
            }
        }
    }

    fn extended_glob(&mut self) -> Result<(), ()> {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                None | Some(b'\n') => return self.fail(self.pos, Stop::Unexpected("(".to_owned())),
                Some(b'(') => {
                    depth += 1;
                    self.pos += 1;
                }
                Some(b')') => {
                    depth -= 1;
                    self.pos += 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                Some(_) => self.piece(true)?,
            }
        }
    }

    pub(super) fn redirection(&mut self) -> Result<(), ()> {
        let start = self.pos;
        const OPERATORS: [&str; 12] = ["&>>", "<<<", "<<-", "&>", "<<", ">>", "<&", ">&", "<>", ">|", "<", ">"];
        let Some(operator) = OPERATORS.into_iter().find(|o| self.starts_with(o)) else {
            self.pos += 1;
            return Ok(());
        };
        if operator.len() == 1 && self.byte(start + 1) == Some(b'(') {
            self.pos += 1;
            return self.parens(start);
        }
        self.pos += operator.len();
        self.skip_blanks();
        let target = self.pos;
        if matches!(self.peek(), Some(b'<' | b'>')) && self.byte(self.pos + 1) == Some(b'(') {
            return self.redirection();
        }
        self.word()?;
        if self.pos == target {
            let token = if matches!(self.peek(), None | Some(b'\n')) {
                "newline".to_owned()
            } else {
                self.operator_text()
            };
            return self.fail(target, Stop::Unexpected(token));
        }
        if operator == "<<" || operator == "<<-" {
            let raw = &self.src[target..self.pos];
            let delimiter = raw.iter().copied().filter(|c| !b"'\"\\".contains(c)).collect();
            self.pending.push(Pending {
                operator: start,
                delimiter,
                strip_tabs: operator == "<<-",
            });
        }
        Ok(())
    }
}

/// `name`, `name[…]`, with or without a `+` behind it.
fn is_assignable(name: &[u8]) -> bool {
    let name = name.strip_suffix(b"+").unwrap_or(name);
    let name = name.iter().position(|&c| c == b'[').map_or(name, |n| &name[..n]);
    !name.is_empty() && !name[0].is_ascii_digit() && name.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'_')
}
