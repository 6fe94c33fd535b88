//! Packs for tests: a language with stack traces, a tool that draws boxes, a shell.

pub const LANGUAGE: &str = r#"
heal: 1
pack: { name: python, version: 1.0.0 }
environment:
  name: python
  commands: [python]
  fatal: last
  report:
    - name: traceback
      within: 400
      steps:
        - { regex: '^Traceback \(most recent call last\):' }
        - { regex: '^  File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?', repeat: true }
        - { regex: '^    (?P<source>\S.*)', optional: true }
        - { regex: '^(?P<message>[\w.]+(?:Error|Exception|Exit|Interrupt)(?:: .*)?)$' }
    - name: syntax
      within: 6
      steps:
        - { regex: '^  File "(?P<file>[^"]+)", line (?P<line>\d+)$' }
        - { regex: '^    (?P<source>\S.*)', optional: true }
        - { regex: '^(?P<message>(?:Syntax|Indentation|Tab)Error: .*)$' }
rules:
  - { id: missing-module, title: t, match: { regex: "^ModuleNotFoundError: No module named '(?P<module>[^']+)'" } }
  - { id: import, title: t, match: { regex: "^(?:ModuleNotFound|Import)Error: .*" } }
  - { id: key, title: t, match: { regex: "^KeyError: '(?P<key>[^']+)'" } }
  - { id: colon, title: t, match: { regex: "^SyntaxError: expected ':'" } }
  - { id: called, title: t, cascade: true, match: { regex: "^subprocess.CalledProcessError: " } }
  - { id: any, title: t, fallback: true, match: { regex: "^\\w+Error: (?P<what>.+)" } }
"#;

pub const BOXES: &str = r#"
heal: 1
pack: { name: terraform, version: 1.0.0 }
environment:
  name: terraform
  commands: [terraform]
  fatal: first
  report:
    within: 40
    steps:
      - { regex: '^Error: (?P<message>.+)' }
      - { regex: '^  on (?P<file>\S+) line (?P<line>\d+)(?:, in (?P<function>.+?))?:', optional: true, after: 3 }
      - { regex: '^ +\d+: (?P<source>.+)', optional: true, after: 2 }
rules:
  - { id: backend, title: t, match: { regex: 'Error: Backend initialization required' } }
  - id: advice
    title: t
    match: { regex: 'Changes to backend configurations require reinitialization\. This allows Terraform to set up the new configuration, copy existing state, etc\. Please run "terraform init" with either the "-reconfigure" or "-migrate-state" flags' }
  - id: module
    title: t
    match: { within: 20, steps: [ { regex: 'Error: Module not installed' }, { regex: 'This module is not yet installed\. Run "terraform init" to install all modules required' } ] }
"#;

pub const SHELL: &str = r#"
heal: 1
pack: { name: bash, version: 1.0.0 }
environment: { name: bash, commands: [sh, bash] }
rules:
  - id: command
    title: t
    match: { regex: '^(?P<file>[^:]+): line (?P<line>\d+): (?P<command>[^:]+): command not found' }
  - { id: status, title: t, cascade: true, match: { regex: '^make: \*\*\* .* Error \d+' } }
"#;
