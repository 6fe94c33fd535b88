//! `heal check --rules --against LOG`: what each rule makes of an output, through the code that
//! heals, and why it makes nothing of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::examples::{Engine, miss, rendered_line};
use super::packs::{self, Set};
use super::run::Options;
use crate::analyzer::{Analysis, CauseVerdict, Context, NoProbes, analyze};
use crate::detector::{DetectContext, Scan, ScanOptions, Scanner, StreamKind, WorldFiles, detect, recognise};
use crate::diagnostic::clean_line;
use crate::orchestrator::rank;
use crate::pack::LoadedRule;
use crate::world::World;

/// Longest line of the output that is shown, in characters.
const SHOWN: usize = 160;

/// What to try rules on.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// The output.
    pub output: Vec<u8>,
    /// Only this rule: full id, or short where it is the only one of that name.
    pub rule: Option<String>,
    /// The command that printed it; empty where that is not known.
    pub command: Vec<String>,
    /// Its exit code.
    pub exit_code: Option<i32>,
}

/// Says what rules make of an output. 0: something matched, 1: nothing did, 2: there is no such rule.
#[must_use]
pub fn against(world: &dyn World, options: &Options, question: &Against) -> (String, u8) {
    let set = packs::read(world, &options.paths, &options.sources, options.without_built_in);
    let engine = Engine::new(&set.packs.rules);
    let wanted = match &question.rule {
        None => None,
        Some(id) => match engine.rules.find(id) {
            Some(rule) => Some(rule),
            None => return (no_such_rule(id, &set), 2),
        },
    };
    let mut scanner = Scanner::new(Arc::clone(&engine.matcher), ScanOptions::default());
    scanner.feed(StreamKind::Both, &question.output);
    let scan = scanner.finish();
    let errors = analysed(world, &engine, question, &scan);
    let mut out = String::new();
    let mut matched = 0;
    for (place, analysis) in errors.iter().enumerate() {
        let Some(rule) = analysis.error.rule.and_then(|index| engine.rules.rules.get(index)) else {
            continue;
        };
        if wanted.is_some_and(|w| w.id != rule.id) {
            continue;
        }
        matched += 1;
        told(&mut out, rule, analysis, place + 1);
    }
    let text = String::from_utf8_lossy(&question.output);
    let hit = |rule: &LoadedRule| {
        let index = engine.rules.rules.iter().position(|r| r.id == rule.id);
        errors.iter().any(|a| a.error.rule.is_some() && a.error.rule == index)
    };
    match wanted {
        Some(rule) if matched == 0 => missed(&mut out, rule, &text),
        Some(_) => {}
        None => {
            let mut silent = 0;
            for rule in engine.rules.rules.iter().filter(|r| !hit(r)) {
                // Of rules that say nothing only those that began are news.
                if begun(rule, &text) {
                    missed(&mut out, rule, &text);
                } else {
                    silent += 1;
                }
            }
            let _ = writeln!(
                out,
                "{matched} matches; {silent} other rules have no line here (`--rule ID` says why)"
            );
        }
    }
    (out, u8::from(matched == 0))
}

fn no_such_rule(id: &str, set: &Set) -> String {
    let ids = set.packs.rules.rules.iter().map(|r| r.id.as_str());
    let near = crate::diagnostic::suggest(id, ids).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
    format!("there is no rule `{}`{near}\n", clean_line(id))
}

/// Errors of the output, ranked and analysed with the project as it is now. Probes are not run:
/// the output may come from another machine.
fn analysed(world: &dyn World, engine: &Engine<'_>, question: &Against, scan: &Scan) -> Vec<Analysis> {
    let cwd = world.cwd();
    let env = |name: &str| world.env(name).map(|v| v.to_string_lossy().into_owned());
    let files = WorldFiles(world);
    let recognised = recognise(&question.command, &cwd, &env, &files, engine.rules);
    let detected = detect(
        scan,
        engine.rules,
        &DetectContext {
            cwd: &cwd,
            project_root: &cwd,
            recognised: &recognised,
            exit_code: question.exit_code,
            files: &files,
        },
    );
    let programs: BTreeMap<String, PathBuf> = recognised
        .programs
        .iter()
        .map(|(name, p)| (name.clone(), p.path.clone()))
        .collect();
    let output: Vec<String> = scan.head.iter().chain(&scan.tail).map(|l| l.text.clone()).collect();
    let context = Context {
        world,
        rules: engine.rules,
        renderer: &engine.renderer,
        probes: &NoProbes,
        cwd: Path::new(&cwd),
        project: Path::new(&cwd),
        writable: &[],
        argv: &question.command,
        exit_code: question.exit_code,
        programs: &programs,
        environment: recognised.environment.as_deref(),
        output: &output,
        interactive: false,
        seen: &BTreeMap::new(),
        extra: &BTreeMap::new(),
    };
    let mut errors: Vec<Analysis> = detected.iter().map(|e| analyze(e, &context)).collect();
    rank(&mut errors, recognised.environment.as_deref(), engine.rules);
    errors
}

/// A rule that matched: where, what it captured, and each cause with the evidence.
fn told(out: &mut String, rule: &LoadedRule, analysis: &Analysis, place: usize) {
    let error = &analysis.error;
    let lines = match error.lines {
        (a, b) if a == b => format!("line {a}"),
        (a, b) => format!("lines {a} to {b}"),
    };
    let _ = writeln!(out, "{}: {lines}, number {place} in the order of healing", rule.id);
    let _ = writeln!(out, "  {}", shortened(&error.message));
    for (name, text) in &error.captures {
        let _ = writeln!(out, "  {name} = {}", shortened(text));
    }
    if let Some(location) = &error.location {
        let line = location.line.map_or_else(String::new, |l| format!(":{l}"));
        let _ = writeln!(out, "  place {}{line}", clean_line(&location.shown));
    }
    for cause in &analysis.causes {
        told_cause(out, cause);
    }
    for (who, why) in &analysis.ruled_out {
        let who = who
            .split_once('#')
            .map_or_else(|| "the rule".to_owned(), |(_, c)| format!("cause {c}"));
        let _ = writeln!(out, "  {who} is ruled out: {} does not hold", clean_line(why));
    }
    out.push('\n');
}

fn told_cause(out: &mut String, cause: &CauseVerdict) {
    let _ = writeln!(
        out,
        "  cause {} {:.2}: {}",
        cause.cause,
        cause.confidence,
        shortened(&cause.explanation)
    );
    let _ = writeln!(out, "    {:.2} base", cause.base);
    for piece in &cause.evidence {
        let held = if piece.held { "" } else { " (does not hold)" };
        let _ = writeln!(out, "    {:+.2} {}{held}", piece.add, clean_line(&piece.because));
    }
    for fix in &cause.fixes {
        let _ = writeln!(
            out,
            "    fix {}: {}",
            clean_line(&fix.title),
            shortened(&rendered_line(fix))
        );
    }
}

/// Whether a part of the match is there: a step, or the line of a pattern that something excludes.
fn begun(rule: &LoadedRule, output: &str) -> bool {
    let matching = &rule.rule.matching;
    let first = matching.steps.iter().find(|s| !s.optional).map(|s| &s.regex);
    let Some(regex) = matching.regex.as_ref().or(first) else {
        return false;
    };
    let pattern = crate::pattern::LinePattern::new(regex);
    output
        .lines()
        .any(|l| pattern.is_match(&crate::detector::normalise::normalise(l.as_bytes()).text))
}

/// A rule that did not match: what failed, and the nearest line.
fn missed(out: &mut String, rule: &LoadedRule, output: &str) {
    let miss = miss(&rule.rule.matching, output);
    let _ = writeln!(out, "{}: no match: {}", rule.id, miss.why);
    if let Some(near) = miss.near {
        let number = output[..near.range.start].matches('\n').count() + 1;
        let _ = writeln!(out, "  nearest is line {number}: {}", shortened(&output[near.range]));
        let matching = &rule.rule.matching;
        let regex = match miss.step {
            None => matching.regex.as_ref(),
            Some(step) => matching.steps.get(step).map(|s| &s.regex),
        };
        if let Some(rest) = regex.and_then(|r| r.get(near.stopped)).filter(|r| !r.is_empty()) {
            let _ = writeln!(
                out,
                "  this part of the pattern does not match there: {}",
                clean_line(rest)
            );
        }
    }
    out.push('\n');
}

fn shortened(text: &str) -> String {
    let line = clean_line(text.trim());
    if line.chars().count() <= SHOWN {
        return line.into_owned();
    }
    let head: String = line.chars().take(SHOWN).collect();
    format!("{head}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    const PACK: &str = r#"heal: 1
pack: { name: demo, version: 1.0.0 }
rules:
  - id: missing
    title: A module is missing
    match: { regex: "^No module '(?P<module>\\w+)'" }
    causes:
      - id: declared
        confidence: { base: 0.5, evidence: [ { if: { file_exists: wanted.txt }, add: 0.3, because: wanted.txt is there }, { if: { file_exists: no.txt }, add: 0.1, because: no.txt is there } ] }
        explain: "{{module}} is not installed."
        fix: [ { title: Install it, advice: "Install {{module}}." } ]
      - { id: other, when: [ { file_exists: other.txt } ], explain: x }
  - id: locked
    title: Locked
    match: { steps: [ { regex: "^Error: locked" }, { regex: "^ID: (?P<id>[0-9]{8})" } ] }
"#;

    fn ask(rule: Option<&str>) -> (String, u8) {
        let world = Memory::new()
            .with_file("rules/p.yaml", PACK)
            .with_file("wanted.txt", "");
        let options = Options {
            paths: vec!["rules".into()],
            without_built_in: true,
            ..Options::default()
        };
        let question = Against {
            output: b"start\nError: locked\nID: 12\nNo module 'yaml'\n".to_vec(),
            rule: rule.map(str::to_owned),
            ..Against::default()
        };
        against(&world, &options, &question)
    }

    #[test]
    fn what_matched_is_told_with_the_evidence_for_and_against() {
        let (text, code) = ask(None);
        assert_eq!(code, 0);
        for piece in [
            "demo/missing: line 4, number 1 in the order of healing",
            "module = yaml",
            "cause declared 0.80: yaml is not installed.",
            "+0.30 wanted.txt is there\n",
            "+0.10 no.txt is there (does not hold)",
            "cause other is ruled out",
            "demo/locked: no match: step 2 matches no line",
        ] {
            assert!(text.contains(piece), "{piece:?} is missing in:\n{text}");
        }
    }

    #[test]
    fn what_did_not_match_is_told_with_the_nearest_line() {
        let (text, code) = ask(Some("locked"));
        assert_eq!(code, 1);
        assert!(text.contains("nearest is line 3: ID: 12"), "{text}");
        assert!(text.contains("[0-9]{8}"), "{text}");
        let (text, code) = ask(Some("demo/lokced"));
        assert_eq!(
            (text.contains("did you mean `demo/locked`?"), code),
            (true, 2),
            "{text}"
        );
    }
}
