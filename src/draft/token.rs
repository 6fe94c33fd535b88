//! A line as words that stay the same from one failure to the next, and values that do not.
//!
//! What a value is shows in its form alone; nothing here knows what tool printed the line.

use std::sync::LazyLock;

use regex::Regex;

use crate::pack::model::CaptureType;

/// What kind of value stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A date or time of day.
    Time,
    /// The name of a thread or process that a logger put there.
    Thread,
    /// An identifier made by a machine: a UUID, a digest.
    Id,
    /// A web address.
    Url,
    /// A host, by name or number.
    Host,
    /// A version.
    Version,
    /// A file's path.
    Path,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// A name: letters, digits, `_`, `-`, `.`.
    Name,
    /// Anything else.
    Text,
}

impl Kind {
    /// The type of capture that holds it.
    #[must_use]
    pub fn capture_type(self) -> CaptureType {
        match self {
            Self::Id => CaptureType::Id,
            Self::Host => CaptureType::Host,
            Self::Version => CaptureType::Version,
            Self::Path => CaptureType::Path,
            Self::Integer => CaptureType::Integer,
            Self::Name => CaptureType::Name,
            Self::Time | Self::Thread | Self::Url | Self::Decimal | Self::Text => CaptureType::Text,
        }
    }

    /// What both this and another kind are.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        if self == other { self } else { Self::Text }
    }
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Letters, digits and `_`, as they are.
    Word(String),
    /// What stands between words, as it is.
    Between(String),
    /// A value.
    Value {
        /// What it is.
        kind: Kind,
        /// The value in this line.
        text: String,
        /// The quote that it stands in, and so cannot hold.
        quote: Option<char>,
    },
}

impl Token {
    /// The text of the piece.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Between(text) | Self::Value { text, .. } => text,
        }
    }
}

const TIME: &str = r"\d{4}[-/]\d{2}[-/]\d{2}(?:[T\x20]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|\s?[+-]\d{2}:?\d{2})?)?|\d{2}:\d{2}:\d{2}(?:[.,]\d+)?|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}\s\d{2}:\d{2}:\d{2}";

/// What a logger puts before the message: the time; for system logs the host and program too; names
/// of threads and numbers of processes in brackets.
static PREFIX: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"^[\[(]?(?:{TIME})[\])]?(?:[\s,;|-]+(?:{TIME}))?\s*(?:\S+\s[\w./-]+\[\d+\]:\s)?(?:[\s|-]*[\[(][^\])\s]*\d[^\])\s]*[\])])?[\s|-]*"
    ))
    .ok()
});

/// Values that show by their form, the more particular first.
static VALUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let path = r"(?:~|\.{1,2})?/[^\s'\x22`):,;\]<>|]+|(?:[\w.@+-]+/)+[\w@+-][\w.@+-]*|[\w@+-][\w.@+-]*\.[A-Za-z][A-Za-z0-9]{0,4}";
    Regex::new(&format!(
        r"(?x)
        \b(?P<time>{TIME})\b
        | \b(?P<url>[a-z][a-z0-9+.-]*://[^\s'\x22`)>\]]*[^\s'\x22`)>\].,;:])
        | \b(?P<uuid>[0-9a-fA-F]{{8}}-(?:[0-9a-fA-F]{{4}}-){{3}}[0-9a-fA-F]{{12}}|0x[0-9a-fA-F]+)\b
        | \b(?P<address>\d{{1,3}}(?:\.\d{{1,3}}){{3}})\b
        | (?:^|[^\w])(?:'(?P<single>[^'\n]{{1,200}})'|\x22(?P<double>[^\x22\n]{{1,200}})\x22|`(?P<back>[^`'\n]{{1,200}})[`']|‘(?P<curly>[^’\n]{{1,200}})’)(?:[^\w]|$)
        | \b(?P<host>localhost|(?:[A-Za-z0-9-]+\.)+[A-Za-z]{{2,}}):\d{{2,5}}\b
        | (?:^|[\s=(\[<:,])(?P<path>{path})
        | \b(?P<version>v?\d+(?:\.\d+){{2,}}[\w.+-]*)\b
        | \b(?P<hex>[0-9a-f]{{7,64}})\b
        | \b(?P<decimal>\d+\.\d+)(?:[a-zA-Z%]{{1,3}})?\b
        | \b(?P<integer>\d+)(?:ns|us|µs|ms|s|min|h|[kKMGT]i?B?|B)?\b
        "
    ))
    .ok()
});

/// Endings by which a word with a dot in it is a file's name.
const ENDINGS: &[&str] = &[
    "bin",
    "c",
    "cc",
    "cfg",
    "conf",
    "cpp",
    "crt",
    "css",
    "csv",
    "db",
    "env",
    "go",
    "gz",
    "h",
    "hcl",
    "hpp",
    "html",
    "ini",
    "ipynb",
    "jar",
    "java",
    "js",
    "json",
    "jsx",
    "key",
    "kt",
    "lock",
    "log",
    "lua",
    "md",
    "mjs",
    "pem",
    "php",
    "pid",
    "pl",
    "properties",
    "py",
    "rb",
    "rs",
    "sh",
    "so",
    "sock",
    "sql",
    "sqlite",
    "swift",
    "tar",
    "tf",
    "tfvars",
    "tgz",
    "toml",
    "ts",
    "tsv",
    "tsx",
    "txt",
    "whl",
    "xml",
    "yaml",
    "yml",
    "zip",
];

/// Words after which a number says which error it is, and not how much of something.
const CODES: &[&str] = &[
    "code", "errno", "error", "errors", "exit", "exited", "http", "oserror", "rc", "returned", "signal", "sqlstate",
    "status",
];

/// A line in pieces; together they are the line, but for what a logger put before it.
#[must_use]
pub fn tokens(line: &str) -> Vec<Token> {
    let rest = message(line);
    let mut out = Vec::new();
    let Some(regex) = VALUE.as_ref() else {
        words(rest, &mut out);
        return out;
    };
    let mut done = 0;
    let mut at = 0;
    while at <= rest.len()
        && let Some(found) = regex.captures_at(rest, at)
    {
        let Some((range, kind, quote)) = value(rest, &found) else {
            // Nothing of it is a value; what begins inside of it may be.
            let whole = found.get(0).map_or(at, |m| m.start());
            at = whole + rest[whole..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        words(&rest[done..range.start], &mut out);
        out.push(Token::Value {
            kind,
            text: rest[range.clone()].to_owned(),
            quote,
        });
        done = range.end;
        at = range.end;
    }
    words(&rest[done..], &mut out);
    out
}

/// What a line says, without what a logger put before it.
#[must_use]
pub fn message(line: &str) -> &str {
    let line = line.trim();
    let prefix = PREFIX.as_ref().and_then(|r| r.find(line)).map_or(0, |m| m.end());
    if prefix == line.len() { line } else { &line[prefix..] }
}

/// The time that a logger put at the start of a line.
#[must_use]
pub fn time(line: &str) -> Option<&str> {
    static START: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r"^[\[(]?(?P<time>{TIME})")).ok());
    let found = START.as_ref()?.captures(line.trim_start())?;
    found.name("time").map(|m| m.as_str())
}

type Found = (std::ops::Range<usize>, Kind, Option<char>);

fn value(line: &str, found: &regex::Captures<'_>) -> Option<Found> {
    let of = |name: &str| found.name(name).map(|m| m.range());
    for (name, quote) in [("single", '\''), ("double", '"'), ("back", '`'), ("curly", '’')] {
        if let Some(range) = of(name) {
            let text = &line[range.clone()];
            // A sign in quotes is what the message is about, not one value of many.
            if !text.chars().any(char::is_alphanumeric) {
                return None;
            }
            return Some((range, kind_of(text), Some(quote)));
        }
    }
    if let Some(range) = of("path") {
        let text = &line[range.clone()];
        // `folder out/2024`
        let before = line[..range.start]
            .trim_end()
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default();
        let said = text.contains('/') && ["dir", "directory", "file", "folder", "path"].contains(&before);
        return (said || is_path(text)).then_some((range, Kind::Path, None));
    }
    if let Some(range) = of("host")
        && is_path(&line[range.clone()])
    {
        return Some((range, Kind::Path, None));
    }
    if let Some(range) = of("hex") {
        let text = &line[range.clone()];
        let both = text.contains(|c: char| c.is_ascii_digit()) && text.contains(|c: char| c.is_ascii_alphabetic());
        return if both {
            Some((range, Kind::Id, None))
        } else if text.bytes().all(|b| b.is_ascii_digit()) {
            number(line, range)
        } else {
            None
        };
    }
    if let Some(range) = of("integer") {
        return number(line, range);
    }
    let plain = [
        ("time", Kind::Time),
        ("url", Kind::Url),
        ("uuid", Kind::Id),
        ("address", Kind::Host),
        ("host", Kind::Host),
        ("version", Kind::Version),
        ("decimal", Kind::Decimal),
    ];
    plain.into_iter().find_map(|(name, kind)| Some((of(name)?, kind, None)))
}

/// A number that is a value: not a part of a name (`utf-8`), not the number of the error.
fn number(line: &str, range: std::ops::Range<usize>) -> Option<Found> {
    let before = &line[..range.start];
    let joined = before
        .strip_suffix(['-', '_'])
        .is_some_and(|b| b.ends_with(char::is_alphanumeric));
    let word = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    let word = word.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let names_error = CODES.contains(&word.to_lowercase().as_str())
        && before.len() - before.trim_end_matches(|c: char| !c.is_alphanumeric()).len() <= 3;
    (!joined && !names_error).then_some((range, Kind::Integer, None))
}

/// Whether something with slashes or a dot in it is a path: `and/or` and `e.g` are none.
fn is_path(text: &str) -> bool {
    let known = text
        .rsplit_once('.')
        .is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_lowercase().as_str()));
    known || text.starts_with(['/', '~', '.']) && text.len() > 1 && text.contains('/') || text.matches('/').count() > 1
}

/// What a value in quotes is.
#[must_use]
pub fn kind_of(text: &str) -> Kind {
    static FORMS: LazyLock<Vec<(Regex, Kind)>> = LazyLock::new(|| {
        [
            (r"^\d+$", Kind::Integer),
            (r"^\d+\.\d+$", Kind::Decimal),
            (r"^v?\d+(?:\.\d+){2,}[\w.+-]*$", Kind::Version),
            (r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$", Kind::Id),
            (r"^[a-z][a-z0-9+.-]*://\S+$", Kind::Url),
        ]
        .into_iter()
        .filter_map(|(regex, kind)| Some((Regex::new(regex).ok()?, kind)))
        .collect()
    });
    if let Some((_, kind)) = FORMS.iter().find(|(regex, _)| regex.is_match(text)) {
        return *kind;
    }
    let is = |kind: Kind| crate::template::fits(text, kind.capture_type()).is_ok();
    if !text.contains(char::is_whitespace) && (is_path(text) || text.contains('/')) && is(Kind::Path) {
        Kind::Path
    } else if is(Kind::Name) {
        Kind::Name
    } else {
        Kind::Text
    }
}

/// Words and what stands between them.
fn words(text: &str, out: &mut Vec<Token>) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let wordy = is_word(first);
        let end = rest.find(|c| is_word(c) != wordy).unwrap_or(rest.len());
        let piece = rest[..end].to_owned();
        out.push(if wordy {
            Token::Word(piece)
        } else {
            Token::Between(piece)
        });
        rest = &rest[end..];
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(line: &str) -> String {
        let piece = |t: &Token| match t {
            Token::Value { kind, .. } => format!("<{kind:?}>"),
            other => other.text().to_owned(),
        };
        tokens(line).iter().map(piece).collect()
    }

    #[test]
    fn values_are_told_from_words_by_their_form() {
        for (line, wanted) in [
            ("No module named 'yaml'", "No module named '<Name>'"),
            (
                "can't open file '/srv/my app/x.py': [Errno 2] No such file",
                "can't open file '<Text>': [Errno 2] No such file",
            ),
            ("src/app.py:12:5: error: bad", "<Path>:<Integer>:<Integer>: error: bad"),
            (
                "connect to db.example.org:5432 failed after 30s",
                "connect to <Host>:<Integer> failed after <Integer>s",
            ),
            ("GET https://x.org/a?b=1, then 10.0.0.7", "GET <Url>, then <Host>"),
            (
                "lock 9db590f1-b6fe-c5f2-2678-8804f089deba at 0x7f00",
                "lock <Id> at <Id>",
            ),
            (
                "needs 3.11.4 and/or utf-8, exit code 137",
                "needs <Version> and/or utf-8, exit code 137",
            ),
            ("expected ':' but got `end`", "expected ':' but got `<Name>`"),
            ("port 8080 is in use", "port <Integer> is in use"),
            (
                "no folder out/2024 and/or read/write access",
                "no folder <Path> and/or read/write access",
            ),
            ("java.lang.NullPointerException: x", "java.lang.NullPointerException: x"),
            (
                "2024-01-15 10:30:15,123 ERROR [worker-3] it broke",
                "ERROR [worker-3] it broke",
            ),
            ("Jan  5 10:00:01 web1 app[311]: it broke", "it broke"),
            ("[2024-01-15T10:30:15Z] it broke at 10:31:00", "it broke at <Time>"),
        ] {
            assert_eq!(shape(line), wanted, "{line}");
        }
    }

    #[test]
    fn pieces_make_the_line_again() {
        for line in ["a 'b' \"c d\" é→ 12x 'unclosed", "", "   ", "'a''b'", "=/x=/y"] {
            let all: String = tokens(line).iter().map(Token::text).collect();
            assert_eq!(all, line.trim());
        }
    }
}
