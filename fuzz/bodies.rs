//! What each fuzz target does with its bytes, and what must hold whatever they are.
//!
//! One file for both: `cargo fuzz` calls a function here for every input that it thinks of, and the
//! test program `fuzz` runs the same functions over the committed corpora, so that no nightly
//! compiler is needed to keep what was once found from coming back.
#![allow(clippy::unwrap_used, reason = "a wrong assumption here is a finding")]

use std::path::Path;
use std::sync::{Arc, OnceLock};

use heal::analyzer::{Action, Edit, EditChange, RangeEdit};
use heal::changelog::{Changelog, Incident, Reading, Redactor};
use heal::check::{self, Options};
use heal::detector::{Matcher, Scan, ScanOptions, Scanner, StreamKind};
use heal::diagnostic::{Format, clean_text, render};
use heal::fixer::{PlanError, plan};
use heal::language::{self, Repair};
use heal::pack::model::{CaptureType, Language, SetFormat};
use heal::pack::{Sources, load};
use heal::syntax;
use heal::template::{Renderer, Value, Vars};
use heal::transaction;
use heal::world::{Memory, World};

/// A target's name and what it does.
pub type Body = (&'static str, fn(&[u8]));

/// Every target.
pub const ALL: [Body; 12] = [
    ("brackets", brackets),
    ("changelog", changelog),
    ("edit", edit),
    ("journal", journal),
    ("pack", pack),
    ("ranges", ranges),
    ("rewrite", rewrite),
    ("scanner", scanner),
    ("set", set),
    ("shell", shell),
    ("syntax", syntax),
    ("template", template),
];

/// Looks a target up, for the fuzzer's own programs.
#[allow(dead_code, reason = "the test program uses the list")]
pub fn run(name: &str, bytes: &[u8]) {
    let (_, body) = ALL.iter().find(|(known, _)| *known == name).unwrap();
    body(bytes);
}

/// The parts of an input, cut at lines `----`, so that a corpus can be read and written by people.
fn parts<const N: usize>(bytes: &[u8]) -> [String; N] {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.splitn(N, "\n----\n").map(str::to_owned);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// A number out of a text, for choices.
fn number(text: &str) -> usize {
    text.bytes()
        .fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
}

/// How the output is cut into pieces changes nothing of what is found in it.
pub fn scanner(bytes: &[u8]) {
    static MATCHER: OnceLock<Arc<Matcher>> = OnceLock::new();
    let matcher = MATCHER.get_or_init(|| Arc::new(Matcher::new(&load(&Memory::new(), &Sources::default()).rules)));
    let scan = |size: usize| -> Scan {
        let mut scanner = Scanner::new(Arc::clone(matcher), ScanOptions::default());
        for piece in bytes.chunks(size.max(1)) {
            scanner.feed(StreamKind::Stderr, piece);
        }
        scanner.finish()
    };
    let whole = scan(bytes.len());
    let size = 1 + bytes.first().map_or(0, |first| usize::from(first % 37));
    assert!(whole == scan(size), "pieces of {size} bytes are read otherwise");
}

/// Anything at all as a pack: diagnostics in every format, and nothing in them drives a terminal.
pub fn pack(bytes: &[u8]) {
    let world = Memory::new().with_file("/project/pack.yaml", bytes);
    let options = Options {
        paths: vec!["/project/pack.yaml".into()],
        sources: Sources {
            without_built_in: true,
            ..Sources::default()
        },
        ..Options::default()
    };
    let found = check::run(&world, &options);
    for format in Format::ALL {
        let text = render(&found, format, false, 80).replace('\n', "");
        assert_eq!(clean_text(&text), text.as_str());
    }
}

/// A template with any values. What reaches a command fits its types and begins as the template says.
pub fn template(bytes: &[u8]) {
    const KINDS: [CaptureType; 10] = [
        CaptureType::PythonModule,
        CaptureType::Package,
        CaptureType::Path,
        CaptureType::Identifier,
        CaptureType::Name,
        CaptureType::Host,
        CaptureType::Integer,
        CaptureType::Version,
        CaptureType::Id,
        CaptureType::Code,
    ];
    let [template, kind, value, other] = parts::<4>(bytes);
    let mut vars = Vars::default();
    vars.declare("absent");
    vars.set("x", Value::typed(value.clone(), KINDS[number(&kind) % KINDS.len()]));
    vars.set("file", Value::typed(other, CaptureType::Path));
    vars.set("said", Value::text(value.clone()));
    vars.set("ctx.cwd", Value::typed("/work", CaptureType::Path));
    let renderer = Renderer::new();
    let _ = heal::template::names(&template);
    let _ = renderer.text(&template, &vars);
    let _ = renderer.for_file(&template, &vars);
    if let Ok(argument) = renderer.checked(&template, &vars) {
        assert!(!argument.contains('\0'));
        let literal = template.contains('-');
        assert!(literal || !argument.starts_with('-'), "{template:?} gives {argument:?}");
    }
    // In a regex a value stands for itself.
    let pattern = renderer.regex("^{{said}}$", &vars).unwrap();
    assert!(regex::Regex::new(&pattern).is_ok_and(|regex| regex.is_match(&value)));
}

/// Any bytes as the journal of a session: listing, recovering and undoing touch nothing that the
/// project does not hold.
pub fn journal(bytes: &[u8]) {
    for name in ["journal", "journal.ended"] {
        let folder = "/project/self_healing_logs/sessions/0123456789ab";
        let memory = Memory::new()
            .with_dir("/project/.git")
            .with_file("/project/app.conf", "mode = old\n")
            .with_file("/outside/victim.conf", "mode = old\n")
            .with_dir(folder);
        let path = Path::new(folder).join(name);
        memory.write_atomic(&path, bytes, None).unwrap();
        let _ = memory.set_mode(&path, 0o600);
        let world: Arc<dyn World> = Arc::new(memory);
        let (root, log_dir) = (Path::new("/project"), Path::new("/project/self_healing_logs"));
        let mut run = |_: &[String]| Err("nothing is run here".to_owned());
        let _ = transaction::list(&*world, log_dir);
        let _ = transaction::recover(&world, root, log_dir, &mut run);
        let _ = transaction::undo(&world, root, log_dir, None, &mut run);
        let victim = world.read(Path::new("/outside/victim.conf")).unwrap();
        assert_eq!(victim, b"mode = old\n");
    }
}

/// Any bytes as a changelog: read as far as possible, and what is appended is there afterwards.
pub fn changelog(bytes: &[u8]) {
    let first = Reading::of(bytes);
    let _ = first.statistics();
    let memory = Memory::new().with_file("/logs/log.json", bytes);
    let world: Arc<dyn World> = Arc::new(memory);
    let changelog = Changelog::new(Arc::clone(&world), Path::new("/logs"), "log.json", Redactor::default());
    let now = world.now();
    let mut incident = Incident::new(
        heal::changelog::EventType::FixApplied,
        heal::changelog::Severity::Info,
        now,
    );
    incident.error_message = Some("what was appended".to_owned());
    changelog.append(std::slice::from_ref(&incident)).unwrap();
    let reading = changelog.read().unwrap();
    let last = reading.incidents.last().and_then(|i| i.error_message.as_deref());
    assert_eq!(last, Some("what was appended"));
    // What was there before and is no incident stays, and is told.
    assert!(reading.bad.len() <= first.bad.len(), "{:?}", reading.bad);
}

fn planned(action: &Action, world: &Memory) -> Result<Option<(Vec<u8>, Vec<u8>)>, PlanError> {
    let plan = plan(action, world, Path::new("/project"))?;
    let _ = plan.diff(Path::new("/project"));
    let _ = plan.changed_lines();
    Ok(plan
        .writes
        .into_iter()
        .next()
        .map(|write| (write.before.unwrap_or_default(), write.after)))
}

/// A key set in any file of every format: what parsed parses afterwards, and setting it again
/// changes nothing more.
pub fn set(bytes: &[u8]) {
    let [format, key, value, content] = parts::<4>(bytes);
    let (name, format) = match number(&format) % 5 {
        0 => ("a.ini", SetFormat::Ini),
        1 => ("a.toml", SetFormat::Toml),
        2 => ("a.yaml", SetFormat::Yaml),
        3 => ("a.json", SetFormat::Json),
        _ => ("a.tf", SetFormat::Hcl),
    };
    // As values of captures are: in one line.
    if key.contains(char::is_control) || value.contains(char::is_control) {
        return;
    }
    let path = Path::new("/project").join(name);
    let action = Action::Set {
        file: name.to_owned(),
        format: None,
        key,
        value,
        create: false,
        if_missing: false,
    };
    let world = Memory::new().with_file(&path, &content);
    let Ok(Some((_, after))) = planned(&action, &world) else {
        return;
    };
    let text = String::from_utf8(after.clone()).unwrap();
    match format {
        SetFormat::Toml => assert!(toml::from_str::<toml::Table>(&text).is_ok(), "{text}"),
        SetFormat::Json if serde_json::from_str::<serde_json::Value>(&content).is_ok() => {
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
        }
        SetFormat::Hcl => assert_eq!(heal::structure::parses(Language::Hcl, &text), Some(true), "{text}"),
        _ => {}
    }
    let world = Memory::new().with_file(&path, &after);
    let again = planned(&action, &world);
    assert!(
        matches!(again, Err(PlanError::NotThere(_))),
        "set again: {again:?}\n{text}"
    );
}

/// Edits of lines of any file: what is not edited stays.
pub fn edit(bytes: &[u8]) {
    let [choice, find, with, content] = parts::<4>(bytes);
    let number = number(&choice);
    let all = number & 1 == 1;
    let change = match (number >> 1) % 6 {
        0 => EditChange::Replace {
            find,
            with,
            word: number & 64 != 0,
            all,
            column: (number & 128 != 0).then_some(3),
        },
        1 => EditChange::ReplaceRegex { regex: find, with, all },
        2 => EditChange::InsertBefore(with),
        3 => EditChange::InsertAfter(with),
        4 => EditChange::Append(with),
        _ => EditChange::Delete,
    };
    let line = u32::try_from((number >> 8) % 5).unwrap();
    let action = Action::Edit(Edit {
        file: "a.py".to_owned(),
        line: (line > 0).then_some(line),
        end_line: (number & 4096 != 0).then_some(line + 1),
        change,
        parses: (number & 8192 != 0).then_some(Language::Python),
        line_matches: None,
    });
    let world = Memory::new().with_file("/project/a.py", &content);
    if let Ok(Some((before, after))) = planned(&action, &world)
        && line > 0
    {
        let first = before
            .split_inclusive(|b| *b == b'\n')
            .take(line as usize - 1)
            .map(<[u8]>::len)
            .sum();
        assert_eq!(before.get(..first), after.get(..first), "lines before the edited one");
    }
}

/// Ranges as a probe may give them.
pub fn ranges(bytes: &[u8]) {
    let [edits, content] = parts::<2>(bytes);
    let Ok(edits) = serde_json::from_str::<Vec<RangeEdit>>(&edits) else {
        return;
    };
    let world = Memory::new().with_file("/project/a.py", &content);
    let _ = planned(&Action::Ranges(edits), &world);
}

/// A structural rewrite in every language.
pub fn rewrite(bytes: &[u8]) {
    const LANGUAGES: [Language; 4] = [Language::Python, Language::Bash, Language::Hcl, Language::Yaml];
    let [choice, pattern, with, content] = parts::<4>(bytes);
    let number = number(&choice);
    let action = Action::Rewrite {
        language: LANGUAGES[number % LANGUAGES.len()],
        file: "a".to_owned(),
        line: (number & 8 != 0).then_some(1),
        column: (number & 16 != 0).then_some(1),
        pattern,
        constraints: Vec::new(),
        with,
        all: number & 32 != 0,
    };
    let _ = planned(&action, &Memory::new().with_file("/project/a", &content));
}

/// The repair of shell scripts: a repair parses.
pub fn shell(bytes: &[u8]) {
    repaired(Language::Bash, bytes);
}

/// The repair of brackets and quotes of the other languages.
pub fn brackets(bytes: &[u8]) {
    let _ = heal::brackets::propose(&String::from_utf8_lossy(bytes));
    repaired(Language::Hcl, bytes);
    repaired(Language::Yaml, bytes);
}

fn repaired(language: Language, bytes: &[u8]) {
    let valid = language::parses(language, bytes, None).is_ok();
    let proposals = match language::repair(language, bytes, None, None) {
        Repair::Valid => {
            assert!(valid);
            return;
        }
        Repair::Clear { best, others } => std::iter::once(best).chain(others).collect(),
        Repair::Unclear { candidates, .. } => candidates,
    };
    for proposal in proposals {
        let parses = language::parses(language, &proposal.content, None);
        assert!(parses.is_ok(), "a proposal does not parse: {}", proposal.description);
    }
}

/// The repair of Python: valid text is left alone, and every repair parses.
pub fn syntax(bytes: &[u8]) {
    let options = syntax::Options::default();
    let valid = syntax::check(bytes, options.target).is_empty();
    match syntax::repair(bytes, &options) {
        syntax::Outcome::Valid => assert!(valid),
        syntax::Outcome::Repaired { best, runners_up } => {
            assert!(!valid);
            for candidate in std::iter::once(&best).chain(&runners_up) {
                assert!(syntax::check(&syntax::apply(bytes, &candidate.edits), options.target).is_empty());
            }
        }
        syntax::Outcome::Unclear { .. } => assert!(!valid),
    }
}
