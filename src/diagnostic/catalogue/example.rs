//! 5xx: the cases that a rule carries.

use crate::diagnostic::code::{Code, CodeInfo, Severity};

/// The family, by code.
pub const ALL: &[&CodeInfo] = &[
    &EXAMPLE_MISSES,
    &COUNTEREXAMPLE_MATCHES,
    &CAPTURES_DIFFER,
    &FIX_DIFFERS,
    &NO_EXAMPLE,
    &NO_COUNTEREXAMPLE,
    &OTHER_RULE_WINS,
    &VERDICT_DIFFERS,
];

/// E501: an example is not matched by its rule
pub static EXAMPLE_MISSES: CodeInfo = CodeInfo {
    code: Code("E501"),
    name: "example-misses",
    severity: Severity::Error,
    summary: "an example is not matched by its rule",
    explanation: "The rule was run over its own example, through the code that heals, and did not fire. The message says which step or condition failed first, and which line came nearest to it.

Right: either the pattern is too narrow (a wording of another version, other quotes, other spacing), or the example is not what the tool prints. Copy examples from a real run rather than from memory.",
};

/// E502: a counterexample is matched by its rule
pub static COUNTEREXAMPLE_MATCHES: CodeInfo = CodeInfo {
    code: Code("E502"),
    name: "counterexample-matches",
    severity: Severity::Error,
    summary: "a counterexample is matched by its rule",
    explanation: r#"A counterexample looks alike but means something else; the rule fired on it. The marker underlines the text that matched.

Wrong:

```yaml
match: { regex: "KeyError: (?P<key>.+)" }
counterexamples: [ "logged: a KeyError: happened inside a sentence" ]
```

Right: anchor the pattern, or add a condition.

```yaml
match: { regex: "^KeyError: (?P<key>.+)" }
```"#,
};

/// E503: an example captures something else than it expects
pub static CAPTURES_DIFFER: CodeInfo = CodeInfo {
    code: Code("E503"),
    name: "captures-differ",
    severity: Severity::Error,
    summary: "an example captures something else than it expects",
    explanation: r#"The rule fired, but a captured or derived value is not the one that the example promises. The difference is shown word by word.

Right: correct the pattern if the captured text is wrong (too greedy, quotes included), or the expectation if it is. Values are text: write `line: "3"`."#,
};

/// E504: an example renders another fix than it expects
pub static FIX_DIFFERS: CodeInfo = CodeInfo {
    code: Code("E504"),
    name: "fix-differs",
    severity: Severity::Error,
    summary: "an example renders another fix than it expects",
    explanation: "The rule fired and its fix was rendered, but not as the example promises. The difference is shown word by word. This is what protects a rule from a change in a table, a template or a condition that somebody made for another rule.",
};

/// W505: a rule without an example
pub static NO_EXAMPLE: CodeInfo = CodeInfo {
    code: Code("W505"),
    name: "no-example",
    severity: Severity::Warning,
    summary: "a rule without an example",
    explanation: r#"Nothing shows that the rule fires at all, now or after the next change. Take the text from a real run and name the tool's version.

```yaml
examples:
  - name: "pip 24.0"
    output: "ModuleNotFoundError: No module named 'yaml'"
    expect: { captures: { module: yaml } }
```"#,
};

/// W506: a rule without a counterexample
pub static NO_COUNTEREXAMPLE: CodeInfo = CodeInfo {
    code: Code("W506"),
    name: "no-counterexample",
    severity: Severity::Warning,
    summary: "a rule without a counterexample",
    explanation: r#"Examples show that the rule fires; a counterexample shows that it does not fire on everything. Take a line that looks alike and means something else.

```yaml
counterexamples: [ "ImportError: cannot import name 'x' from 'yaml'" ]
```"#,
};

/// E507: another rule wins on this example
pub static OTHER_RULE_WINS: CodeInfo = CodeInfo {
    code: Code("E507"),
    name: "other-rule-wins",
    severity: Severity::Error,
    summary: "another rule wins on this example",
    explanation: "Several rules match the example, and one that is ranked higher would be acted on. Rules are ranked by specificity (length of the required text, number of required steps), then confidence, then layer, then id; the message shows both ranks.

Right: make this rule more specific where it is meant to win, give the other rule a condition that excludes this case, or merge the two as causes of one signature.",
};

/// E508: an example leads to another cause, place or confidence than it expects
pub static VERDICT_DIFFERS: CodeInfo = CodeInfo {
    code: Code("E508"),
    name: "verdict-differs",
    severity: Severity::Error,
    summary: "an example leads to another cause, place or confidence than it expects",
    explanation: "The rule fired, but what it concludes is not what the example promises: another cause is likelier, the reported place is another line, or the confidence lies outside of `at_least` and `at_most`. For every cause the message shows the base and each piece of evidence, held or not.

Right: correct the evidence, or give the example the files, programs and probes that the evidence asks about.",
};
