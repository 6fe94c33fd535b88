//! 6xx: packs, layers and overrides taken together.

use crate::diagnostic::code::{Code, CodeInfo, Severity};

/// The family, by code.
pub const ALL: &[&CodeInfo] = &[
    &DUPLICATE_RULE,
    &UNKNOWN_OVERRIDE,
    &NO_REASON,
    &UNREACHABLE_RULE,
    &DUPLICATE_PATTERN,
    &STALE_OVERRIDE,
];

/// E601: two rules have the same full id
pub static DUPLICATE_RULE: CodeInfo = CodeInfo {
    code: Code("E601"),
    name: "duplicate-rule",
    severity: Severity::Error,
    summary: "two rules have the same full id",
    explanation: "Ids are `pack/rule` and name one rule everywhere. A second one would shadow the first depending on the order of loading.

Right: give it another id. To change a rule that somebody else wrote, use `overrides`; to rename one of your own, name the old id in `replaces`.",
};

/// E602: an override changes a rule that does not exist
pub static UNKNOWN_OVERRIDE: CodeInfo = CodeInfo {
    code: Code("E602"),
    name: "unknown-override",
    severity: Severity::Error,
    summary: "an override changes a rule that does not exist",
    explanation: "The pack that holds it is missing, or the rule was renamed or removed. The nearest id is suggested.

Wrong:

```yaml
overrides:
  - { rule: python/mising-module, because: we have a mirror, disable: true }
```

Right:

```yaml
overrides:
  - { rule: python/missing-module, because: we have a mirror, disable: true }
```",
};

/// E603: an override does not say why
pub static NO_REASON: CodeInfo = CodeInfo {
    code: Code("E603"),
    name: "no-reason",
    severity: Severity::Error,
    summary: "an override does not say why",
    explanation: "Whoever wonders next year why a rule is off reads `because`. It is shown by `heal rules show` and in the changelog.

Wrong:

```yaml
overrides: [ { rule: python/missing-module, disable: true } ]
```

Right:

```yaml
overrides: [ { rule: python/missing-module, because: installs need a ticket here, disable: true } ]
```",
};

/// W604: a rule never wins, not even on its own examples
pub static UNREACHABLE_RULE: CodeInfo = CodeInfo {
    code: Code("W604"),
    name: "unreachable-rule",
    severity: Severity::Warning,
    summary: "a rule never wins, not even on its own examples",
    explanation: "On each of its examples a rule that is ranked higher wins, so this one will hardly ever be acted on.

Right: remove it, make it more specific, or give the other rule a condition that leaves these cases to this one.",
};

/// W605: two rules have the same pattern
pub static DUPLICATE_PATTERN: CodeInfo = CodeInfo {
    code: Code("W605"),
    name: "duplicate-pattern",
    severity: Severity::Warning,
    summary: "two rules have the same pattern",
    explanation: "They fire on the same lines, and only one can win. If they have different causes in mind, write one rule with two `causes`, each with its own evidence.",
};

/// W607: the rule under an override has changed since the override was written
pub static STALE_OVERRIDE: CodeInfo = CodeInfo {
    code: Code("W607"),
    name: "stale-override",
    severity: Severity::Warning,
    summary: "the rule under an override has changed since the override was written",
    explanation: "The override replaces parts of a rule whose other parts have become different, so the two may not fit together any more. The hash beside the override names the version that it was written for.

Right: compare (`heal rules show` names where each part comes from), adjust the override, and renew its `base` hash with `heal check --rules --fix`.",
};
