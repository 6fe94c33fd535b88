//! 0xx: what makes a file unreadable.

use crate::diagnostic::code::{Code, CodeInfo, Severity};

/// The family, by code.
pub const ALL: &[&CodeInfo] = &[
    &YAML_SYNTAX,
    &DUPLICATE_KEY,
    &YAML_FEATURE,
    &UNREADABLE_FILE,
    &UNSUPPORTED_FORMAT,
    &NEEDS_NEWER_HEAL,
];

/// E001: the file is not YAML at this place
pub static YAML_SYNTAX: CodeInfo = CodeInfo {
    code: Code("E001"),
    name: "yaml-syntax",
    severity: Severity::Error,
    summary: "the file is not YAML at this place",
    explanation: r#"The text cannot be read as YAML. The rule around the place is left out; all others are still checked.

The usual causes are a key in the wrong column, a quote or bracket that is never closed, a tab in the indentation, and a value that begins with a character that means something in YAML (`@`, `` ` ``, `{`, `[`, `*`, `&`, `!`, `%`).

Wrong:

```yaml
- id: missing-module
  title: A module is missing
   match: { regex: "^ModuleNotFoundError" }   # one space too many
```

Right:

```yaml
- id: missing-module
  title: A module is missing
  match: { regex: "^ModuleNotFoundError" }
```"#,
};

/// E002: a key stands twice in one mapping
pub static DUPLICATE_KEY: CodeInfo = CodeInfo {
    code: Code("E002"),
    name: "duplicate-key",
    severity: Severity::Error,
    summary: "a key stands twice in one mapping",
    explanation: r#"YAML readers disagree about which of two equal keys counts, so neither can be meant. The first one is used for the rest of the check.

Wrong:

```yaml
match: { regex: "^one" }
match: { regex: "^two" }
```

Right: one key with what both were to say, for instance an alternative in the pattern or two rules.

```yaml
match: { regex: "^(?:one|two)" }
```"#,
};

/// E003: an anchor, alias, merge key, tag or second document
pub static YAML_FEATURE: CodeInfo = CodeInfo {
    code: Code("E003"),
    name: "yaml-feature",
    severity: Severity::Error,
    summary: "an anchor, alias, merge key, tag or second document",
    explanation: r#"Packs are plain YAML: what a rule does must be readable where the rule stands. Anchors (`&x`), aliases (`*x`) and merge keys (`<<:`) hide it elsewhere and let a small file unfold into a huge one; tags (`!!str`) change the meaning of a value invisibly; a second document (`---`) would be ignored.

Wrong:

```yaml
fix: *install
version: !!str 1.10
```

Right: write the value out; put what several rules share into a table; a version can stand as it is, because text is expected there.

```yaml
fix: [ { title: Install, safety: unsafe, effects: [network], run: [pip, install, "{{dist}}"] } ]
version: 1.10
```

A text that begins with `*`, `&` or `!` needs quotes: `regex: '*x'`."#,
};

/// E004: the file is too large, nested too deeply, or not UTF-8
pub static UNREADABLE_FILE: CodeInfo = CodeInfo {
    code: Code("E004"),
    name: "unreadable-file",
    severity: Severity::Error,
    summary: "the file is too large, nested too deeply, or not UTF-8",
    explanation: "A pack is read by programs on other people's behalf, so reading it costs a bounded amount of time and memory: there are limits for the size of a file, the depth of nesting and the number of values. A pack that a person wrote is far below them.

Right: split a large pack by topic; put large tables into a TSV file beside the pack (`tables: { name: { file: tables/name.tsv } }`); save the file with UTF-8 encoding.",
};

/// E005: the file has a format version that this heal does not know
pub static UNSUPPORTED_FORMAT: CodeInfo = CodeInfo {
    code: Code("E005"),
    name: "unsupported-format",
    severity: Severity::Error,
    summary: "the file has a format version that this heal does not know",
    explanation: "`heal:` in the first line is the version of the pack format, a whole number that changes only if old packs would mean something else. This heal reads the versions named in the message.

Wrong:

```yaml
heal: 2
```

Right:

```yaml
heal: 1
```

If the pack really is newer, update heal.",
};

/// I006: a pack or rule is skipped because it requires a newer heal
pub static NEEDS_NEWER_HEAL: CodeInfo = CodeInfo {
    code: Code("I006"),
    name: "needs-newer-heal",
    severity: Severity::Info,
    summary: "a pack or rule is skipped because it requires a newer heal",
    explanation: r#"`requires` names the versions of heal that a pack works with. This heal is older, so the pack is skipped as a whole: applying half of what somebody wrote would be worse. Nothing else is affected.

```yaml
pack: { name: acme, version: 1.2.0, requires: ">=0.4" }
```

Right: update heal, or, if the pack works with older versions as well, lower the bound."#,
};
