//! 4xx: what a fix may do, and what it must bring along.

use crate::diagnostic::code::{Code, CodeInfo, Severity};

/// The family, by code.
pub const ALL: &[&CodeInfo] = &[
    &COMMAND_NOT_ALLOWED,
    &SHELL_IN_COMMAND,
    &SAFETY_CONTRADICTION,
    &SAFE_WITHOUT_GUARD,
    &NO_VERIFY,
    &PATH_ESCAPE,
    &UNBOUNDED_RETRY,
];

/// E401: a fix runs a program that is not on the allow list
pub static COMMAND_NOT_ALLOWED: CodeInfo = CodeInfo {
    code: Code("E401"),
    name: "command-not-allowed",
    severity: Severity::Error,
    summary: "a fix runs a program that is not on the allow list",
    explanation: "Which programs fixes may start is decided by the configuration, not by a pack: a pack that could name any program would be a program itself.

Right: use one of the programs that are allowed, turn the fix into `advice`, or let whoever runs heal add the program to `allow_commands` in the configuration.",
};

/// E402: a shell, a pipe or a program name from a template
pub static SHELL_IN_COMMAND: CodeInfo = CodeInfo {
    code: Code("E402"),
    name: "shell-in-command",
    severity: Severity::Error,
    summary: "a shell, a pipe or a program name from a template",
    explanation: r#"`run` is a list of arguments given to a program as they are. There is no shell that would expand `*`, `$HOME`, `&&` or `|`, and there must not be one: a captured text that holds `; rm -rf ~` would be executed. For the same reason the program itself cannot come from the log.

Wrong:

```yaml
run: [sh, -c, "pip install {{dist}} && pytest"]
run: ["{{tool}}", init]
```

Right:

```yaml
run: [pip, install, "{{dist}}"]
verify: { rerun: true }
```

`{{ctx.command}}` and other facts below `ctx` may be the program: they come from heal, not from the log."#,
};

/// E403: a fix calls itself safe but has effects that are not
pub static SAFETY_CONTRADICTION: CodeInfo = CodeInfo {
    code: Code("E403"),
    name: "safety-contradiction",
    severity: Severity::Error,
    summary: "a fix calls itself safe but has effects that are not",
    explanation: r#"`safe` means: restores what the author evidently meant, and may be done without asking. What needs root, deletes, cannot be taken back or changes shared state elsewhere is never that. A command that uses the network, installs packages or changes the system can be, if it says how it is taken back.

Wrong:

```yaml
- { title: Install it, safety: safe, effects: [network, packages], run: [pip, install, "{{dist}}"] }
- { title: Unlock it, safety: safe, effects: [remote-state], run: [tool, unlock, "{{id}}"], undo: none }
```

Right:

```yaml
- title: Install it
  safety: safe
  effects: [network, packages]
  run: [pip, install, "{{dist}}"]
  undo: [pip, uninstall, -y, "{{dist}}"]
- { title: Unlock it, safety: unsafe, effects: [remote-state], run: [tool, unlock, "{{id}}"] }
```

Policy decides whether an `unsafe` fix runs by itself, asks, or is only shown."#,
};

/// E404: a safe fix changes something but can neither be checked nor undone
pub static SAFE_WITHOUT_GUARD: CodeInfo = CodeInfo {
    code: Code("E404"),
    name: "safe-without-guard",
    severity: Severity::Error,
    summary: "a safe fix changes something but can neither be checked nor undone",
    explanation: r#"What may run without being asked needs a net. A command names its `undo`: another command, the paths to put back, or `none` where there is nothing to undo (then somebody is asked). Edits are taken back by heal itself; but one that inserts, appends or deletes hits whatever stands on the line that the log names, so something must have looked at that line: a `guard`, or a condition such as `source_line`, `file_contains` or `structure`. (`replace` looks by itself: it is refused where the text is not there.)

Wrong:

```yaml
- { title: Fetch it, safety: safe, run: [git, fetch, origin] }
- { title: Close the block, safety: safe, edit: { file: "{{file}}", line: "{{line}}", append: ":" } }
```

Right:

```yaml
- { title: Fetch it, safety: safe, run: [git, fetch, origin], undo: none }
- title: Close the block
  safety: safe
  edit: { file: "{{file}}", line: "{{line}}", append: ":", guard: { parses: python } }
```"#,
};

/// W405: a fix does not say how to know that it worked
pub static NO_VERIFY: CodeInfo = CodeInfo {
    code: Code("W405"),
    name: "no-verify",
    severity: Severity::Warning,
    summary: "a fix does not say how to know that it worked",
    explanation:
        "The proof of a fix is that the failed command works when it is run again; that is the default and need not be written. With `verify: { rerun: false }` and nothing in its place heal can only say that the fix ran.

Wrong:

```yaml
verify: { rerun: false }
```

Right:

```yaml
verify: { rerun: false, run: [tool, status] }
```",
};

/// E406: an edit could reach a file outside the project
pub static PATH_ESCAPE: CodeInfo = CodeInfo {
    code: Code("E406"),
    name: "path-escape",
    severity: Severity::Error,
    summary: "an edit could reach a file outside the project",
    explanation: r#"The file name comes from a log, and a log can say anything: `../../etc/passwd`, `/root/.ssh/config`. An edit must either name a file that is fixed, or carry the condition that the place lies inside the project.

Wrong:

```yaml
- { title: Add the key, safety: unsafe, edit: { file: "/etc/{{name}}", append: "x" } }
```

Right:

```yaml
- title: Add the key
  safety: unsafe
  if: [ { inside_project: "{{name}}" } ]
  edit: { file: "{{name}}", append: "x" }
```"#,
};

/// E407: a retry without limit, or one that could take hours
pub static UNBOUNDED_RETRY: CodeInfo = CodeInfo {
    code: Code("E407"),
    name: "unbounded-retry",
    severity: Severity::Error,
    summary: "a retry without limit, or one that could take hours",
    explanation: "The message shows the time that the retries could take in the worst case. Somebody, or some pipeline, waits for it.

Wrong:

```yaml
retry: { attempts: 20, backoff: { first: 10s, factor: 2 } }   # about 121 days
```

Right:

```yaml
retry: { attempts: 4, backoff: { first: 2s, factor: 2, max: 30s, jitter: full } }
```",
};
