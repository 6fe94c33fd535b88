//! The command behind the command: wrappers, `sh -c`, `-m`, shebangs.

use crate::pack::RuleSet;
use crate::pack::model::Environment;

/// Most wrappers around one command.
const DEEPEST: usize = 8;

/// The last component of a path.
#[must_use]
pub fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Whether a name matches a pattern in which `*` stands for any text.
#[must_use]
pub fn glob(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => {
            let Some(name) = name.strip_prefix(start) else {
                return false;
            };
            (0..=name.len())
                .filter(|k| name.is_char_boundary(*k))
                .any(|k| glob(rest, &name[k..]))
        }
    }
}

/// Whether a program (by its base name) is one of these.
#[must_use]
pub fn is_one_of(program: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|p| glob(p, base(program)))
}

/// Names and globs of an environment's run-time program.
#[must_use]
pub fn runtime(environment: &Environment) -> &[String] {
    if environment.program.is_empty() {
        &environment.commands
    } else {
        &environment.program
    }
}

/// The environment that a program belongs to. Where several claim it, the one that names it
/// without a glob.
#[must_use]
pub fn environment_of<'r>(program: &str, rules: &'r RuleSet) -> Option<&'r str> {
    let exact = |e: &Environment| {
        let name = base(program);
        e.commands.iter().chain(&e.program).any(|c| c == name)
    };
    let any = |e: &Environment| is_one_of(program, &e.commands) || is_one_of(program, &e.program);
    let find = |test: &dyn Fn(&Environment) -> bool| {
        rules
            .environments
            .iter()
            .find(|(_, e)| test(e))
            .map(|(name, _)| name.as_str())
    };
    find(&exact).or_else(|| find(&any))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// The command behind a wrapper's own options. The first word that is a known command or program
/// is taken, since which options take a value differs from wrapper to wrapper; else the first word
/// that could be a command at all.
fn behind(words: &[String], exists: &dyn Fn(&str) -> bool) -> Option<Vec<String>> {
    let mut fallback = None;
    for (k, word) in words.iter().enumerate() {
        // `-S "program option"`, as in a shebang.
        let split = word
            .strip_prefix("-S")
            .or_else(|| word.strip_prefix("--split-string="))
            .filter(|rest| !rest.trim().is_empty())
            .or_else(|| (word.contains(' ') && k > 0 && words[k - 1] == "-S").then_some(word));
        if let Some(inner) = split.and_then(shlex::split) {
            return Some(inner.into_iter().chain(words[k + 1..].to_vec()).collect());
        }
        if word.starts_with('-') || is_assignment(word) {
            continue;
        }
        if exists(word) {
            return Some(words[k..].to_vec());
        }
        fallback = fallback.or(Some(k));
    }
    fallback.map(|k| words[k..].to_vec())
}

/// The simple commands of a shell text, in order: words without assignments, redirections and
/// keywords.
#[must_use]
pub fn simple_commands(text: &str) -> Vec<Vec<String>> {
    const KEYWORDS: [&str; 14] = [
        "if", "then", "else", "elif", "do", "while", "until", "!", "{", "(", "exec", "time", "command", "builtin",
    ];
    let mut commands = Vec::new();
    for line in split_commands(text) {
        let Some(words) = shlex::split(&line) else {
            continue;
        };
        let words: Vec<String> = words
            .into_iter()
            .skip_while(|w| is_assignment(w) || KEYWORDS.contains(&w.as_str()))
            .map(|w| w.trim_start_matches('(').to_owned())
            .collect();
        if words.first().is_some_and(|w| !w.is_empty()) {
            commands.push(words);
        }
    }
    commands
}

/// Splits at `;`, `&`, `|` and line ends outside quotes.
fn split_commands(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    let mut escaped = false;
    for c in text.chars() {
        let ends = quote.is_none() && !escaped && matches!(c, ';' | '&' | '|' | '\n');
        if ends {
            parts.push(String::new());
            continue;
        }
        match quote {
            Some(q) if c == q && !escaped => quote = None,
            None if !escaped && matches!(c, '\'' | '"') => quote = Some(c),
            _ => {}
        }
        escaped = c == '\\' && !escaped && quote != Some('\'');
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

/// The text of a shell's `-c`.
#[must_use]
pub fn shell_text(argv: &[String]) -> Option<&str> {
    // Shells are named so; `-c` takes its text alike in all of them, alone or behind others.
    if !base(argv.first()?).trim_start_matches('-').ends_with("sh") {
        return None;
    }
    let at = argv
        .iter()
        .skip(1)
        .position(|w| w.starts_with('-') && !w.starts_with("--") && w.ends_with('c') && w.len() <= 5)?;
    // Everything before it must be an option, or `-c` belongs to a script.
    if argv[1..=at].iter().any(|w| !w.starts_with('-')) {
        return None;
    }
    argv.get(at + 2).map(String::as_str)
}

/// The command behind wrappers and `sh -c`.
#[must_use]
pub fn inner(argv: &[String], rules: &RuleSet, on_path: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut words = argv.to_vec();
    for _ in 0..DEEPEST {
        let Some(program) = words.first() else { break };
        let wrapper = rules.environments.values().any(|e| is_one_of(program, &e.wrappers));
        let next = if let Some(text) = shell_text(&words) {
            let commands = simple_commands(text);
            let known = |c: &&Vec<String>| {
                let name = &c[0];
                environment_of(name, rules).is_some()
                    || rules.environments.values().any(|e| is_one_of(name, &e.wrappers))
            };
            commands
                .iter()
                .find(known)
                .or_else(|| commands.iter().find(|c| on_path(&c[0])))
                .cloned()
        } else if wrapper {
            behind(&words[1..], &|w| environment_of(w, rules).is_some() || on_path(w))
        } else {
            None
        };
        match next {
            Some(next) if !next.is_empty() && next != words => words = next,
            _ => break,
        }
    }
    words
}

/// The words of a script's first line.
#[must_use]
pub fn shebang(text: &[u8]) -> Option<Vec<String>> {
    let line = text.strip_prefix(b"#!")?;
    let line = line.split(|b| *b == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        assert!(glob("python3.*", "python3.12"));
        assert!(!glob("python3.*", "python3"));
        assert!(glob("*sh", "zsh"));
        assert!(glob("a*b*c", "aXbYc"));
    }

    #[test]
    fn commands_of_a_shell_text() {
        assert_eq!(
            simple_commands("set -e; cd a && X=1 python main.py 'a;b' | tee log"),
            [
                vec!["set", "-e"],
                vec!["cd", "a"],
                vec!["python", "main.py", "a;b"],
                vec!["tee", "log"]
            ]
        );
    }

    #[test]
    fn the_text_behind_dash_c() {
        let argv = |s: &str| shlex::split(s).unwrap_or_default();
        assert_eq!(shell_text(&argv("bash -ec 'a b'")), Some("a b"));
        assert_eq!(shell_text(&argv("bash -e -c 'a b' name")), Some("a b"));
        assert_eq!(shell_text(&argv("bash run.sh -c x")), None);
        assert_eq!(shell_text(&argv("python -c x")), None);
    }
}
