//! Masks secrets before anything is stored or shown.
//!
//! A secret is known by its own shape (a key with a telling prefix, credentials in a URL, a
//! private key) or by the name in front of it (`DB_PASSWORD=…`, `--api-key …`, `"token": "…"`).
//! Better to mask a harmless word than to store a secret; but what an error says must stay
//! readable, so the name itself is kept.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Longest pattern of a site, in bytes, after compilation: a bound against a pattern that would
/// take all memory.
const PATTERN_BYTES: usize = 1 << 20;

/// Parts of a name that make its value a secret.
const SECRET_NAME: &str = r"(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|encryption[_-]?key|signing[_-]?key|credentials?|auth[_-]?key|session[_-]?key)";

/// Patterns whose group `s` is the secret.
static BUILT_IN: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let name = format!(r"[A-Za-z0-9_.-]*{SECRET_NAME}s?(?:[_.-][A-Za-z0-9_.-]*)?");
    let patterns = [
        // A private key, whole or cut off.
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?P<s>(?s:.*?))(?:-----END |\z)".to_owned(),
        // Credentials in a URL: the password, or a token in place of the user.
        r"(?i)\b[a-z][a-z0-9+.-]*://[^\s/:@'\x22]*:(?P<s>[^\s/@'\x22]+)@".to_owned(),
        r"(?i)\bhttps?://(?P<s>[^\s/:@'\x22]{16,})@".to_owned(),
        r"(?i)[?&](?:sig|signature|x-amz-signature|x-amz-credential|x-goog-signature|code|auth)=(?P<s>[^\s&#'\x22]+)".to_owned(),
        // Headers.
        r"(?i)\b(?:proxy-)?authorization\b['\x22]?\s*[:=]\s*['\x22]?(?:(?:bearer|basic|token|digest|negotiate|apikey)\s+)?(?P<s>[^\s'\x22]+)".to_owned(),
        r"(?i)\bbearer\s+(?P<s>[A-Za-z0-9._~+/-]{12,}=*)".to_owned(),
        r"(?i)\b(?:set-)?cookie\s*:\s*(?P<s>[^\r\n'\x22]+)".to_owned(),
        // Keys with a shape of their own.
        r"\b(?P<s>(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{16})\b".to_owned(),
        r"\b(?P<s>gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})".to_owned(),
        r"\b(?P<s>gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat)-[A-Za-z0-9_.-]{16,})".to_owned(),
        r"\b(?P<s>xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,})".to_owned(),
        r"\b(?P<s>AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{20,})".to_owned(),
        r"\b(?P<s>(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{16,})".to_owned(),
        r"\b(?P<s>sk-(?:[a-z]+-)*[A-Za-z0-9_-]{20,})".to_owned(),
        r"\b(?P<s>npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{32,}|hf_[A-Za-z0-9]{30,}|dckr_pat_[A-Za-z0-9_-]{20,}|do[opr]_v1_[a-f0-9]{40,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|hv[sbr]\.[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{40,}|AGE-SECRET-KEY-1[A-Z0-9]{50,}|dapi[a-f0-9]{32}|glsa_[A-Za-z0-9_]{30,}|rubygems_[a-f0-9]{40,}|ATATT3[A-Za-z0-9_=-]{30,})".to_owned(),
        r"\b(?P<s>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)".to_owned(),
        r"(?i)\bAccountKey=(?P<s>[A-Za-z0-9+/=]{20,})".to_owned(),
        // `NAME=value`, `name = "value"`, `--name=value`; not a comparison, not `name=` alone.
        format!(r#"(?i)\b{name}['"]?\s{{0,4}}:?=\s{{0,4}}(?:"(?P<s>(?:[^"\\\n]|\\.)+)"|'(?P<t>(?:[^'\\\n]|\\.)+)'|(?P<u>[^\s'"=;,&)\]}}]+))"#),
        // `"name": "value"`.
        format!(r#"(?i)['"]{name}['"]\s{{0,4}}:\s{{0,4}}(?:"(?P<s>(?:[^"\\\n]|\\.)+)"|'(?P<t>(?:[^'\\\n]|\\.)+)'|(?P<u>[^\s'",}}\]]+))"#),
        // `name: value` as the only thing on a line.
        format!(r#"(?im)^[ \t+-]*{name}[ \t]*:[ \t]+(?:"(?P<s>(?:[^"\\\n]|\\.)+)"|'(?P<t>(?:[^'\\\n]|\\.)+)'|(?P<u>[^\s'"][^\r\n]*))"#),
        // `--name value`.
        format!(r#"(?i)(?:^|\s)--?{name}\s+(?:"(?P<s>[^"\n]+)"|'(?P<t>[^'\n]+)'|(?P<u>[^\s'"-][^\s'"]*))"#),
        // `-u user:password`.
        r"(?:^|\s)(?:-u|--user|--proxy-user)[= ]['\x22]?[^\s:'\x22]+:(?P<s>[^\s'\x22]+)".to_owned(),
    ];
    patterns
        .iter()
        .map(|pattern| Regex::new(pattern).expect("built-in patterns are compiled by a test"))
        .collect()
});

/// Characters that nobody sees, but line ends and tabs.
static UNSEEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}&&[^\n\r\t]]")
        .expect("built-in patterns are compiled by a test")
});

/// An option whose next argument is a secret.
static SECRET_OPTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)^--?[a-z0-9_.-]*{SECRET_NAME}s?(?:[_.-][a-z0-9_.-]*)?$"))
        .expect("built-in patterns are compiled by a test")
});

/// A site's pattern that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("redaction pattern {index} `{pattern}`: {message}")]
pub struct RedactError {
    /// Which pattern of the list, counted from 1.
    pub index: usize,
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub message: String,
}

/// Masks secrets of known shapes, and what a site's own patterns match.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    site: Vec<Regex>,
}

impl Redactor {
    /// A redactor with a site's patterns besides the built-in ones. A site's pattern masks its
    /// group `secret`, or all that it matches.
    ///
    /// # Errors
    /// The first pattern that does not compile, or that matches the empty text (which would
    /// mask between all letters).
    pub fn new(patterns: &[String]) -> Result<Self, RedactError> {
        let site = patterns
            .iter()
            .enumerate()
            .map(|(index, pattern)| {
                let refuse = |message: String| RedactError {
                    index: index + 1,
                    pattern: pattern.clone(),
                    message,
                };
                let regex = regex::RegexBuilder::new(pattern)
                    .size_limit(PATTERN_BYTES)
                    .build()
                    .map_err(|error| refuse(error.to_string()))?;
                if regex.is_match("") {
                    return Err(refuse("it matches the empty text".to_owned()));
                }
                Ok(regex)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { site })
    }

    /// The text with secrets replaced by [`MASK`].
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // `pass<nothing>word=…` is a password for everybody who sees it.
        if UNSEEN.is_match(text) {
            let seen = UNSEEN.replace_all(text, "");
            if let Cow::Owned(masked) = self.mask_all(&seen) {
                return Cow::Owned(masked);
            }
        }
        self.mask_all(text)
    }

    fn mask_all<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = Cow::Borrowed(text);
        for (regex, groups) in BUILT_IN
            .iter()
            .map(|regex| (regex, ["s", "t", "u"]))
            .chain(self.site.iter().map(|regex| (regex, ["secret"; 3])))
        {
            // A replacement that changed nothing keeps what it borrowed.
            if let Cow::Owned(masked) = regex.replace_all(&out, |found: &Captures<'_>| mask(found, &groups)) {
                out = Cow::Owned(masked);
            }
        }
        out
    }

    /// The arguments of a command with secrets replaced, also those that follow an option such
    /// as `--password`.
    pub fn argv(&self, argv: &[String]) -> Vec<String> {
        let mut next_is_secret = false;
        argv.iter()
            .map(|argument| {
                let secret = next_is_secret && !argument.starts_with('-');
                next_is_secret = SECRET_OPTION.is_match(argument);
                if secret {
                    MASK.to_owned()
                } else {
                    self.text(argument).into_owned()
                }
            })
            .collect()
    }

    /// Masks every text inside a JSON value, and the whole of those whose key names a secret.
    pub fn value(&self, value: &mut serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::String(text) => {
                if let Cow::Owned(masked) = self.text(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(fields) => {
                for (name, field) in fields.iter_mut() {
                    if field.is_string() && SECRET_OPTION.is_match(&format!("-{name}")) {
                        *field = Value::String(MASK.to_owned());
                    } else {
                        self.value(field);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// What was found, with the first of these groups masked; all of it where there is none.
fn mask(found: &Captures<'_>, groups: &[&str; 3]) -> String {
    let whole = found.get_match();
    let secret = groups.iter().find_map(|name| found.name(name)).unwrap_or(whole);
    let text = whole.as_str();
    let (start, end) = (secret.start() - whole.start(), secret.end() - whole.start());
    format!("{}{MASK}{}", &text[..start], &text[end..])
}
