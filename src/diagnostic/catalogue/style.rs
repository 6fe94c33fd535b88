//! 7xx: nothing is broken, but readers will thank you.

use crate::diagnostic::code::{Code, CodeInfo, Severity};

/// The family, by code.
pub const ALL: &[&CodeInfo] = &[
    &TITLE_STYLE,
    &NO_EXPLANATION,
    &DEPRECATED_KEY,
    &UNUSED_ALLOW,
    &NO_REFERENCES,
    &NO_MODELINE,
    &BLANK_LEFT,
];

/// W701: a title that is not one short sentence without full stop
pub static TITLE_STYLE: CodeInfo = CodeInfo {
    code: Code("W701"),
    name: "title-style",
    severity: Severity::Warning,
    summary: "a title that is not one short sentence without full stop",
    explanation: "Titles stand in lists, logs and reports, one line each. At most 80 characters, a capital letter first, no full stop, no line break; say what is wrong, not what to do.

Wrong: `title: install the module.` Right: `title: A module cannot be imported`",
};

/// W702: a rule that never says what its cause is
pub static NO_EXPLANATION: CodeInfo = CodeInfo {
    code: Code("W702"),
    name: "no-explanation",
    severity: Severity::Warning,
    summary: "a rule that never says what its cause is",
    explanation: r#"Whoever sees the fix wants to know why. One sentence below `explain` (or `cause`), with the captured names in it, is what turns a command into an answer.

```yaml
explain: "The interpreter that ran has no module `{{module}}`; its distribution is `{{dist}}`."
```"#,
};

/// W703: a key that has a new name
pub static DEPRECATED_KEY: CodeInfo = CodeInfo {
    code: Code("W703"),
    name: "deprecated-key",
    severity: Severity::Warning,
    summary: "a key that has a new name",
    explanation: "It still works. `heal check --rules --fix` writes the new name.",
};

/// W704: an allow comment that allows nothing
pub static UNUSED_ALLOW: CodeInfo = CodeInfo {
    code: Code("W704"),
    name: "unused-allow",
    severity: Severity::Warning,
    summary: "an allow comment that allows nothing",
    explanation: "`# heal: allow W206` silences a warning for the rule below it. This one silences nothing any more: the warning is gone, or the code is misspelt. Remove it, so that it cannot hide the next problem.",
};

/// W705: a rule about a version-dependent message names no version
pub static NO_REFERENCES: CodeInfo = CodeInfo {
    code: Code("W705"),
    name: "no-references",
    severity: Severity::Warning,
    summary: "a rule about a version-dependent message names no version",
    explanation: r#"Messages change between releases. An example that names the tool's version (`name: "terraform 1.9"`) tells the next author which wording is old."#,
};

/// W706: the pack does not name its schema
pub static NO_MODELINE: CodeInfo = CodeInfo {
    code: Code("W706"),
    name: "no-modeline",
    severity: Severity::Warning,
    summary: "the pack does not name its schema",
    explanation: "With this as its first line, editors complete and check keys while you type:

```yaml
# yaml-language-server: $schema=../schemas/pack.v1.json
```

`heal check --rules --fix` adds it.",
};

/// E707: a blank of a draft that nobody filled in
pub static BLANK_LEFT: CodeInfo = CodeInfo {
    code: Code("E707"),
    name: "blank-left",
    severity: Severity::Error,
    summary: "a blank of a draft that nobody filled in",
    explanation: r#"`heal rules new` writes a rule as far as it can be known from a log. What only a person knows (what happened, why, what to do) is marked `[[FILL IN: …]]`. People who meet the failure would read these marks instead of an answer.

Wrong:

```yaml
title: "[[FILL IN: what happened, in a short sentence without captures]]"
```

Right:

```yaml
title: A widget waits for parts that never come
```"#,
};
