//! A valid file with its tokens, and the generator that chooses places in it.

use ruff_python_ast::token::TokenKind as K;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

/// A small generator (splitmix64): the same seed gives the same faults on every machine.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}

/// A valid file with its tokens.
pub struct File<'a> {
    pub text: &'a str,
    pub tokens: Vec<(K, usize, usize)>,
    pub lines: Vec<(usize, usize)>,
}

impl<'a> File<'a> {
    pub fn new(text: &'a str) -> Self {
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
        let tokens = parsed
            .tokens()
            .iter()
            .map(|t| (t.kind(), t.range().start().to_usize(), t.range().end().to_usize()))
            .collect();
        let mut lines = Vec::new();
        let mut at = 0;
        for l in text.split_inclusive('\n') {
            lines.push((at, at + l.trim_end_matches(['\n', '\r']).len()));
            at += l.len();
        }
        File { text, tokens, lines }
    }

    pub fn str(&self, i: usize) -> &'a str {
        self.tokens.get(i).map_or("", |t| &self.text[t.1..t.2])
    }

    pub fn find(&self, f: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.tokens.len()).filter(|&i| f(i)).collect()
    }

    pub fn kind(&self, i: usize) -> K {
        self.tokens.get(i).map_or(K::EndOfFile, |t| t.0)
    }

    pub fn splice(&self, start: usize, end: usize, with: &str) -> String {
        format!("{}{with}{}", &self.text[..start], &self.text[end..])
    }

    pub fn swap(&self, i: usize, with: &str) -> String {
        self.splice(self.tokens[i].1, self.tokens[i].2, with)
    }

    pub fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|l| l.0 <= offset).saturating_sub(1)
    }

    pub fn line(&self, l: usize) -> &'a str {
        self.lines.get(l).map_or("", |l| &self.text[l.0..l.1])
    }

    /// Token of the bracket that closes the one at `i`.
    pub fn partner(&self, i: usize) -> Option<usize> {
        let mut depth = 0;
        for j in i..self.tokens.len() {
            match self.kind(j) {
                K::Lpar | K::Lsqb | K::Lbrace => depth += 1,
                K::Rpar | K::Rsqb | K::Rbrace => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(j);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// First lines of statements: a token on them follows a newline, indent or dedent.
    pub fn statement_lines(&self) -> Vec<usize> {
        let mut out = Vec::new();
        for i in 0..self.tokens.len() {
            let first = i == 0
                || matches!(
                    self.kind(i - 1),
                    K::Newline | K::Indent | K::Dedent | K::NonLogicalNewline | K::Comment
                );
            let code = !matches!(
                self.kind(i),
                K::Comment | K::NonLogicalNewline | K::Newline | K::Indent | K::Dedent | K::EndOfFile
            );
            if first && code {
                let mut j = i;
                while j > 0
                    && matches!(
                        self.kind(j - 1),
                        K::Indent | K::Dedent | K::NonLogicalNewline | K::Comment
                    )
                {
                    j -= 1;
                }
                if j == 0 || self.kind(j - 1) == K::Newline {
                    out.push(self.line_of(self.tokens[i].1));
                }
            }
        }
        out.dedup();
        out
    }

    pub fn closes(&self, i: usize) -> bool {
        matches!(self.kind(i), K::Rpar | K::Rsqb | K::Rbrace)
    }

    pub fn opens(&self, i: usize) -> bool {
        matches!(self.kind(i), K::Lpar | K::Lsqb | K::Lbrace)
    }

    /// Colons that end a header.
    pub fn headers(&self) -> Vec<usize> {
        self.find(|i| self.kind(i) == K::Colon && matches!(self.kind(i + 1), K::Newline | K::Comment))
    }
}
