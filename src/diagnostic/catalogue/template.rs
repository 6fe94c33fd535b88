//! 3xx: what a rule calculates and where it uses it.

use crate::diagnostic::code::{Code, CodeInfo, Severity};

/// The family, by code.
pub const ALL: &[&CodeInfo] = &[
    &UNDEFINED_VARIABLE,
    &UNUSED_CAPTURE,
    &UNUSED_DEFINITION,
    &UNKNOWN_TABLE,
    &DERIVE_CYCLE,
    &TEMPLATE_SYNTAX,
    &UNKNOWN_HELPER,
    &OPTIONAL_CAPTURE,
    &HELPER_NAME,
];

/// E301: a template uses a name that nothing defines
pub static UNDEFINED_VARIABLE: CodeInfo = CodeInfo {
    code: Code("E301"),
    name: "undefined-variable",
    severity: Severity::Error,
    summary: "a template uses a name that nothing defines",
    explanation: r#"A template may use the named groups of the match, what `derive` calculates, and the facts below `ctx`. Anything else would be empty when the fix runs, so it is refused here.

Wrong:

```yaml
match: { regex: "No module named '(?P<module>\\w+)'" }
fix: [ { title: "Install {{modul}}", safety: unsafe, run: [pip, install, "{{modul}}"] } ]
```

Right:

```yaml
match: { regex: "No module named '(?P<module>\\w+)'" }
fix: [ { title: "Install {{module}}", safety: unsafe, run: [pip, install, "{{module}}"] } ]
```"#,
};

/// W302: a named group that nothing uses
pub static UNUSED_CAPTURE: CodeInfo = CodeInfo {
    code: Code("W302"),
    name: "unused-capture",
    severity: Severity::Warning,
    summary: "a named group that nothing uses",
    explanation: r#"A named group is there to be used in a condition, a template or an example. One that is not is usually a forgotten idea, or the sign of a misspelt name elsewhere.

Wrong:

```yaml
regex: "^line (?P<line>\\d+): error"   # nothing uses line
```

Right: use it, or do not name it.

```yaml
regex: "^line \\d+: error"
```"#,
};

/// W303: a table or derived value that nothing uses
pub static UNUSED_DEFINITION: CodeInfo = CodeInfo {
    code: Code("W303"),
    name: "unused-definition",
    severity: Severity::Warning,
    summary: "a table or derived value that nothing uses",
    explanation: "It costs reading time and suggests an effect that is not there. Remove it, or use it.",
};

/// E304: a table or probe that no pack has, or that cannot be read
pub static UNKNOWN_TABLE: CodeInfo = CodeInfo {
    code: Code("E304"),
    name: "unknown-table",
    severity: Severity::Error,
    summary: "a table or probe that no pack has, or that cannot be read",
    explanation:
        "`derive`, `in_table` and `near` look things up in tables, `probe` and `in_probe` ask probes: of the same pack, else of another. The nearest name is suggested. A table in a file lies beside its pack.

Wrong:

```yaml
tables: { distribution: { yaml: PyYAML } }
rules:
  - derive: { dist: { from: module, table: distributions } }
```

Right:

```yaml
tables: { distribution: { yaml: PyYAML } }
rules:
  - derive: { dist: { from: module, table: distribution } }
```",
};

/// E305: derived values that depend on each other in a circle
pub static DERIVE_CYCLE: CodeInfo = CodeInfo {
    code: Code("E305"),
    name: "derive-cycle",
    severity: Severity::Error,
    summary: "derived values that depend on each other in a circle",
    explanation: r#"Each derived value is calculated from captures or from other derived values. In a circle none of them can be first; the message shows the way round.

Wrong:

```yaml
derive:
  top:  { from: dist, split: ".", take: 0 }
  dist: { from: top, table: distribution }
```

Right:

```yaml
derive:
  top:  { from: module, split: ".", take: 0 }
  dist: { from: top, table: distribution }
```"#,
};

/// E306: a template cannot be parsed
pub static TEMPLATE_SYNTAX: CodeInfo = CodeInfo {
    code: Code("E306"),
    name: "template-syntax",
    severity: Severity::Error,
    summary: "a template cannot be parsed",
    explanation: r#"The marker stands where it goes wrong: an opening `{{` without `}}`, an `{{#if}}` without `{{/if}}`.

Wrong:

```yaml
cause: "Lock {{lock_id is held."
cause: "Held by {{#if who}}{{who}}."
```

Right:

```yaml
cause: "Lock {{lock_id}} is held."
cause: "Held by {{#if who}}{{who}}{{/if}}."
```

A `{{` that belongs to the text itself is written `\{{`."#,
};

/// E307: a template calls a helper or includes a partial that does not exist
pub static UNKNOWN_HELPER: CodeInfo = CodeInfo {
    code: Code("E307"),
    name: "unknown-helper",
    severity: Severity::Error,
    summary: "a template calls a helper or includes a partial that does not exist",
    explanation: r#"The helpers fit on a page and are the same everywhere; packs cannot bring their own, and templates do not include others (`{{> name}}`). The message lists what there is.

Wrong:

```yaml
run: [pip, install, "{{downcase module}}"]
```

Right: calculate it once with `derive`, or use a helper that exists.

```yaml
run: [pip, install, "{{lower module}}"]
```"#,
};

/// W308: a value that may be missing is used as if it were always there
pub static OPTIONAL_CAPTURE: CodeInfo = CodeInfo {
    code: Code("W308"),
    name: "optional-capture",
    severity: Severity::Warning,
    summary: "a value that may be missing is used as if it were always there",
    explanation: r#"A group in an optional step, or in one alternative of several, has no value when that part did not match. A text then has a hole, an argument is empty.

Wrong:

```yaml
steps: [ { regex: "state lock" }, { regex: 'Who:\s+(?P<who>\S+)', optional: true } ]
cause: "The lock is held by {{who}}."
```

Right:

```yaml
cause: "The lock is held by {{#if who}}{{who}}{{else}}an unknown holder{{/if}}."
```

In `run`, put the argument into a fix of its own with `if: [ { capture: { who: "." } } ]`."#,
};

/// E309: a capture or derived value has the name of a helper
pub static HELPER_NAME: CodeInfo = CodeInfo {
    code: Code("E309"),
    name: "helper-name",
    severity: Severity::Error,
    summary: "a capture or derived value has the name of a helper",
    explanation: r#"In a template the helper is meant, so the value would never be shown: `{{trim}}` calls `trim` with nothing. Give the value another name.

Wrong:

```yaml
match: { regex: "unknown trim (?P<trim>[a-z]+)" }
cause: "There is no trim {{trim}}."
```

Right:

```yaml
match: { regex: "unknown trim (?P<level>[a-z]+)" }
cause: "There is no trim {{level}}."
```"#,
};
