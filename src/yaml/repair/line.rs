//! Lines of a text, and what a line of YAML consists of: indentation, dashes, key, value, comment.

/// The lines of a text, without their ends.
#[derive(Debug)]
pub(super) struct Lines<'s> {
    lines: Vec<&'s str>,
}

impl<'s> Lines<'s> {
    pub(super) fn of(text: &'s str) -> Self {
        Self {
            lines: text.split('\n').collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// A line without its carriage return; empty beyond the end.
    pub(super) fn get(&self, number: usize) -> &'s str {
        let line = self.lines.get(number).copied().unwrap_or("");
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// The text with some lines replaced; line ends stay as they are.
    pub(super) fn with(&self, changes: &[(usize, String)]) -> String {
        let mut text = String::new();
        for (number, line) in self.lines.iter().enumerate() {
            if number > 0 {
                text.push('\n');
            }
            match changes.iter().rev().find(|(n, _)| *n == number) {
                Some((_, new)) => {
                    text.push_str(new);
                    if line.ends_with('\r') {
                        text.push('\r');
                    }
                }
                None => text.push_str(line),
            }
        }
        text
    }

    /// Whether a line says something: it is neither blank nor a comment nor a document's mark.
    pub(super) fn says(&self, number: usize) -> bool {
        let text = self.get(number).trim();
        !text.is_empty() && !text.starts_with('#') && text != "---" && text != "..."
    }

    pub(super) fn before(&self, number: usize) -> Option<usize> {
        (0..number.min(self.len())).rev().find(|&n| self.says(n))
    }

    pub(super) fn after(&self, number: usize) -> Option<usize> {
        (number + 1..self.len()).find(|&n| self.says(n))
    }

    /// Spaces at the start of a line.
    pub(super) fn depth(&self, number: usize) -> usize {
        let line = self.get(number);
        line.len() - line.trim_start_matches(' ').len()
    }

    /// By how many spaces this text indents, as most of its lines show; 2 where none do.
    pub(super) fn unit(&self) -> usize {
        let mut counts = [0_usize; 9];
        let mut last = 0;
        for number in (0..self.len()).filter(|&n| self.says(n) && !self.get(n).starts_with('\t')) {
            let depth = self.depth(number);
            if let Some(count) = depth.checked_sub(last).and_then(|step| counts.get_mut(step)) {
                *count += 1;
            }
            last = depth;
        }
        (2..9)
            .max_by_key(|&n| (counts[n], 9 - n))
            .filter(|&n| counts[n] > 0)
            .unwrap_or(2)
    }
}

/// The parts of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts<'s> {
    /// White space and dashes before the first word.
    pub(super) lead: &'s str,
    /// The key, where one stands with its colon and white space (or the line's end) after it.
    pub(super) key: Option<&'s str>,
    /// What stands between lead (and key) and value: `: ` and the like.
    pub(super) between: &'s str,
    /// The value, without white space after it.
    pub(super) value: &'s str,
    /// White space and comment after the value.
    pub(super) tail: &'s str,
}

/// Takes a line apart.
pub(super) fn parts(line: &str) -> Parts<'_> {
    let mut at = line.len() - line.trim_start_matches([' ', '\t']).len();
    while line[at..].starts_with("- ") {
        at += 1;
        at += line[at..].len() - line[at..].trim_start_matches(' ').len();
    }
    let (lead, rest) = line.split_at(at);
    let word = word(rest);
    let after = &rest[word.len()..];
    let colon = after.strip_prefix(':');
    let is_key = !word.is_empty() && colon.is_some_and(|r| r.is_empty() || r.starts_with([' ', '\t']));
    let (key, between, text) = if is_key {
        let blank = after[1..].len() - after[1..].trim_start_matches([' ', '\t']).len();
        (Some(word), &after[..=blank], &after[1 + blank..])
    } else {
        (None, "", rest)
    };
    let (value, tail) = split_comment(text);
    Parts {
        lead,
        key,
        between,
        value,
        tail,
    }
}

/// The name at the start of a text, as keys are written: letters, digits, `_`, `.` and `-`.
pub(super) fn word(text: &str) -> &str {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return "";
    }
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')))
        .unwrap_or(text.len());
    &text[..end]
}

/// A value, and the white space and comment after it. A `#` in quotes begins no comment.
fn split_comment(text: &str) -> (&str, &str) {
    let mut quote = None;
    let mut cut = text.len();
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') if last == ' ' || at == 0 => quote = Some(c),
            (Some(q), c) if c == q => quote = None,
            (None, '#') if last.is_whitespace() && at > 0 => {
                cut = at;
                break;
            }
            _ => {}
        }
        last = c;
    }
    let value = text[..cut].trim_end();
    (value, &text[value.len()..])
}

/// A line whose value is another one.
pub(super) fn with_value(line: &str, value: &str) -> String {
    let p = parts(line);
    format!("{}{}{}{value}{}", p.lead, p.key.unwrap_or(""), p.between, p.tail)
}
