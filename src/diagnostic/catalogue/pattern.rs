//! 2xx: regular expressions, their captures and what they cost.

use crate::diagnostic::code::{Code, CodeInfo, Severity};

/// The family, by code.
pub const ALL: &[&CodeInfo] = &[
    &INVALID_REGEX,
    &UNSUPPORTED_REGEX,
    &REGEX_TOO_LARGE,
    &DUPLICATE_CAPTURE,
    &MATCHES_EMPTY,
    &NO_LITERAL,
    &COMMON_LITERAL,
    &LITERAL_NOT_IMPLIED,
    &COSTLY_REGEX,
];

/// E201: the regular expression cannot be parsed
pub static INVALID_REGEX: CodeInfo = CodeInfo {
    code: Code("E201"),
    name: "invalid-regex",
    severity: Severity::Error,
    summary: "the regular expression cannot be parsed",
    explanation: r"The marker stands at the character where it goes wrong. In single quotes a backslash is itself and `''` is one quote, so patterns read best there; in double quotes every backslash must be doubled.

Wrong:

```yaml
regex: 'No module named (?P<module>[\w.]+'
```

Right:

```yaml
regex: 'No module named (?P<module>[\w.]+)'
```",
};

/// E202: look-around or a back-reference
pub static UNSUPPORTED_REGEX: CodeInfo = CodeInfo {
    code: Code("E202"),
    name: "unsupported-regex",
    severity: Severity::Error,
    summary: "look-around or a back-reference",
    explanation: r#"Patterns are matched in time proportional to the text, whatever the text is; that rules out look-ahead (`(?=…)`), look-behind (`(?<=…)`) and back-references (`\1`). A log must not be able to stop heal.

Wrong:

```yaml
regex: "(?<=module )'(?P<module>\\w+)'"
regex: "^(?!DEBUG).*failed"
```

Right: match what stands before as well and capture only the part you want; put an exclusion into a condition.

```yaml
regex: "module '(?P<module>\\w+)'"
match: { regex: "^(?P<level>[A-Z]+) .*failed" }
when: [ { not: { capture: { level: '^DEBUG$' } } } ]
```"#,
};

/// E203: the regular expression exceeds the limit of size or nesting
pub static REGEX_TOO_LARGE: CodeInfo = CodeInfo {
    code: Code("E203"),
    name: "regex-too-large",
    severity: Severity::Error,
    summary: "the regular expression exceeds the limit of size or nesting",
    explanation: r"A compiled pattern may take a few megabytes and nest a few dozen levels. Counted repetitions multiply: `(\w{1,100}){1,100}` stands for ten thousand copies, and `\w` alone covers all alphabets.

Right: use `+` or `*` instead of large counts, `[0-9A-Za-z_]` or `(?-u:\w)` instead of `\w` within counts, and split a long alternation into a table.",
};

/// E204: two steps capture the same name
pub static DUPLICATE_CAPTURE: CodeInfo = CodeInfo {
    code: Code("E204"),
    name: "duplicate-capture",
    severity: Severity::Error,
    summary: "two steps capture the same name",
    explanation: r#"All named groups of a match are variables of one rule, so a name can be filled by one step only; which of two values counts would depend on the order of the log.

Wrong:

```yaml
steps:
  - { regex: 'File "(?P<name>[^"]+)"' }
  - { regex: "named '(?P<name>\\w+)'" }
```

Right:

```yaml
steps:
  - { regex: 'File "(?P<file>[^"]+)"' }
  - { regex: "named '(?P<module>\\w+)'" }
```

Within one pattern a name may stand once only, in the alternatives of `|` too."#,
};

/// E205: the pattern can match the empty text
pub static MATCHES_EMPTY: CodeInfo = CodeInfo {
    code: Code("E205"),
    name: "matches-empty",
    severity: Severity::Error,
    summary: "the pattern can match the empty text",
    explanation: "A pattern such as `.*` or `(error)?` matches every line of every log, so the rule would fire always.

Wrong:

```yaml
regex: '(?:Error)?'
```

Right: demand something.

```yaml
regex: '^Error: '
```",
};

/// W206: nothing in the pattern is required, so it runs on every line
pub static NO_LITERAL: CodeInfo = CodeInfo {
    code: Code("W206"),
    name: "no-literal",
    severity: Severity::Warning,
    summary: "nothing in the pattern is required, so it runs on every line",
    explanation: r"heal looks for fixed pieces of text first and runs a pattern only on lines that hold its piece; thousands of rules cost as much as one search. A pattern without any fixed piece of at least three characters runs on every line of every log.

Wrong:

```yaml
regex: '^\w+: \d+$'
```

Right: name what the tool always prints.

```yaml
regex: '^errno: \d+$'
```

If the tool really prints nothing fixed, allow it: `# heal: allow W206` above the rule.",
};

/// W207: the fixed piece of the pattern is in too many lines
pub static COMMON_LITERAL: CodeInfo = CodeInfo {
    code: Code("W207"),
    name: "common-literal",
    severity: Severity::Warning,
    summary: "the fixed piece of the pattern is in too many lines",
    explanation: "The piece by which lines are chosen (`error`, `line`, ` at `) is so common that the pattern runs on a large part of an ordinary log. The message says how large on the sample that comes with heal.

Right: lengthen the fixed part (`ModuleNotFoundError: ` instead of `Error: `), or name a rarer one that every match holds in `literals`.",
};

/// E208: a listed literal hides matches
pub static LITERAL_NOT_IMPLIED: CodeInfo = CodeInfo {
    code: Code("E208"),
    name: "literal-not-implied",
    severity: Severity::Error,
    summary: "a listed literal hides matches",
    explanation: r#"`literals` promises that every match holds one of these pieces of text; lines without them are never looked at. The pattern can match without this one, so those matches would be lost silently.

Wrong:

```yaml
literals: ["No module named"]
regex: "ModuleNotFoundError|ImportError"
```

Right: drop `literals` (they are derived from the pattern), or list one for every alternative.

```yaml
literals: [ModuleNotFoundError, ImportError]
regex: "ModuleNotFoundError|ImportError"
```"#,
};

/// W209: a part of the pattern costs time and decides nothing
pub static COSTLY_REGEX: CodeInfo = CodeInfo {
    code: Code("W209"),
    name: "costly-regex",
    severity: Severity::Warning,
    summary: "a part of the pattern costs time and decides nothing",
    explanation: r"`^.*` or `.*$` around a pattern matches anyway; nested repetition (`(a+)+`) says nothing that `a+` does not; Unicode classes (`\w`, `\d`) are many times larger than ASCII ones where names and numbers are ASCII.

Wrong:

```yaml
regex: '^.*error: (?P<path>(?:\w+/)+\w+).*$'
```

Right:

```yaml
regex: 'error: (?P<path>[\w/]+)'
```",
};
