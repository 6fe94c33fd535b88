//! 1xx: keys and values that are not those of a pack.

use crate::diagnostic::code::{Code, CodeInfo, Severity};

/// The family, by code.
pub const ALL: &[&CodeInfo] = &[
    &WRONG_TYPE,
    &UNKNOWN_KEY,
    &MISSING_KEY,
    &UNKNOWN_NAME,
    &EXCLUSIVE_OR_EMPTY,
    &MALFORMED_ID,
];

/// E101: a value has the wrong type or form
pub static WRONG_TYPE: CodeInfo = CodeInfo {
    code: Code("E101"),
    name: "wrong-type",
    severity: Severity::Error,
    summary: "a value has the wrong type or form",
    explanation: r#"The key exists, its value is not what it takes: a list where text is expected, `yes` where `true` is, a number with quotes, a duration without unit, a version that is not one.

Wrong:

```yaml
run: pip install requests        # a list of arguments is expected
within: "30"                     # quoted values are text
backoff: { first: 2 }            # which unit?
```

Right:

```yaml
run: [pip, install, requests]
within: 30
backoff: { first: 2s }
```

Where text is expected, a plain value is taken as written: `version: 1.10` stays `1.10`."#,
};

/// E102: a key that does not exist here
pub static UNKNOWN_KEY: CodeInfo = CodeInfo {
    code: Code("E102"),
    name: "unknown-key",
    severity: Severity::Error,
    summary: "a key that does not exist here",
    explanation: r#"A misspelt key would otherwise be ignored, and the rule would quietly do something else than it says. If the key is close to a known one, that one is suggested and `heal check --rules --fix` puts it in.

Often the key is right but stands in the wrong place: `regex` belongs below `match`, `undo` below a fix.

Wrong:

```yaml
match: { regx: "^Error" }
```

Right:

```yaml
match: { regex: "^Error" }
```"#,
};

/// E103: a key that must be there is not
pub static MISSING_KEY: CodeInfo = CodeInfo {
    code: Code("E103"),
    name: "missing-key",
    severity: Severity::Error,
    summary: "a key that must be there is not",
    explanation: r#"The message names the key and what it is for. A rule needs at least an `id`, a `title` and a `match`; a fix a `title`, a `safety` and one verb.

Wrong:

```yaml
- id: missing-module
  match: { regex: "^ModuleNotFoundError" }
```

Right:

```yaml
- id: missing-module
  title: A module cannot be imported
  match: { regex: "^ModuleNotFoundError" }
```"#,
};

/// E104: a condition, verb, safety, effect or type that does not exist
pub static UNKNOWN_NAME: CodeInfo = CodeInfo {
    code: Code("E104"),
    name: "unknown-name",
    severity: Severity::Error,
    summary: "a condition, verb, safety, effect or type that does not exist",
    explanation: "Some keys take one of a fixed set of names. The message lists them and names the nearest.

Wrong:

```yaml
safety: careful
when: [ { file_exist: requirements.txt } ]
```

Right:

```yaml
safety: unsafe
when: [ { file_exists: requirements.txt } ]
```",
};

/// E105: keys that exclude each other, or none of those of which one is needed
pub static EXCLUSIVE_OR_EMPTY: CodeInfo = CodeInfo {
    code: Code("E105"),
    name: "exclusive-or-empty",
    severity: Severity::Error,
    summary: "keys that exclude each other, or none of those of which one is needed",
    explanation: r#"A `match` is either one `regex` or several `steps`. A fix does exactly one thing: it has one verb. With two, nobody could say which one counts; with none there is nothing to do. Several fixes are several list items, best first.

Wrong:

```yaml
fix:
  - title: Install and retry
    safety: unsafe
    run: [pip, install, "{{dist}}"]
    retry: { attempts: 2 }
```

Right:

```yaml
fix:
  - title: Install
    safety: unsafe
    run: [pip, install, "{{dist}}"]
  - title: Try again
    safety: safe
    retry: { attempts: 2 }
```"#,
};

/// E106: an id that cannot be one
pub static MALFORMED_ID: CodeInfo = CodeInfo {
    code: Code("E106"),
    name: "malformed-id",
    severity: Severity::Error,
    summary: "an id that cannot be one",
    explanation: "Ids appear in logs, configuration, overrides and on the command line, so they are plain: lower-case letters, digits and hyphens, beginning with a letter, at most 64 characters. The pack's name is put in front by itself: `missing-module` in the pack `python` is `python/missing-module`.

Wrong:

```yaml
id: Missing Module
id: python/missing-module
```

Right:

```yaml
id: missing-module
```",
};
