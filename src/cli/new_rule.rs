//! `heal rules new --from LOG`: a rule drafted from a failure that no rule knows.

use std::path::Path;

use anyhow::Context as _;

use super::args;
use super::common::Base;
use super::{exit, show, unclassified};
use crate::check::{self, Options};
use crate::diagnostic::Diagnostic;
use crate::draft::{self, Draft, Failures, Question};
use crate::pack::{self, Document};
use crate::world::Memory;
use crate::yaml::Node;

pub fn new(args: &args::NewRule) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    if let Some(id) = &args.id {
        let right = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.len() <= 64
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        anyhow::ensure!(right, "`{id}` cannot be an id: lower-case letters, digits and hyphens");
    }
    let rules = pack::load(&*base.world, &base.sources).rules;
    let failures = unclassified::failures(&base, &rules, &args.from, args.line)?;
    let draft = drafted(args, &failures)?;
    let environment = args.common.environments.first().map(String::as_str);
    let (rule, left) = best(&draft, environment);
    for diagnostic in left {
        show::error_line(&format!("the draft needs more than its blanks: {}", diagnostic.title));
    }
    match &args.into {
        None => out!("{}", whole(&rule, environment)),
        Some(file) => {
            let text = match std::fs::read_to_string(file) {
                Ok(old) => appended(file, &old, &rule)?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => whole(&rule, environment),
                Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
            };
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            }
            base.world
                .write_atomic(&base.world.absolute(file), text.as_bytes(), None)
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
    }
    if !args.common.quiet {
        let file = args
            .into
            .as_ref()
            .map_or_else(|| "FILE".to_owned(), |f| f.display().to_string());
        show::line(&format!(
            "heal: drafted `{}`; fill in what is marked {}…]], then `heal check --rules {file}`",
            draft.id,
            draft::BLANK
        ));
    }
    Ok(exit::OK)
}

/// The failure that was asked for, or the one that is worth most.
fn drafted(args: &args::NewRule, failures: &Failures) -> anyhow::Result<Draft> {
    let examples: Vec<String> = failures.unknown.iter().map(|(c, _)| c.example.clone()).collect();
    // Of failures that are equally frequent the last is what ended a run.
    let most = failures.unknown.first().map_or(0, |(c, _)| c.count);
    let chosen = failures
        .unknown
        .iter()
        .filter(|(c, _)| c.count == most)
        .max_by_key(|(c, _)| c.last.line);
    let (unknown, cluster) = match (args.line, &failures.wanted, chosen, &failures.last) {
        (Some(line), None, _, _) => anyhow::bail!("{} has no line {line}", args.from.display()),
        (Some(_), Some(wanted), _, _) => (wanted, None),
        (None, _, Some((cluster, unknown)), _) => (unknown, Some(cluster)),
        (None, _, None, Some((_, last))) if failures.known.is_empty() => (last, None),
        _ => {
            let known: Vec<String> = failures
                .known
                .iter()
                .map(|(id, line)| format!("{id} (line {line})"))
                .collect();
            anyhow::ensure!(!known.is_empty(), "{} says nothing", args.from.display());
            anyhow::bail!(
                "every failure in {} has a rule: {}; `--line N` drafts one all the same",
                args.from.display(),
                known.join(", ")
            );
        }
    };
    let around = unknown
        .lines
        .iter()
        .enumerate()
        .filter(|(k, _)| *k != unknown.at)
        .map(|(_, l)| l.clone());
    let others: Vec<String> = around.chain(examples).collect();
    Ok(draft::draft(&Question {
        unknown,
        cluster,
        id: args.id.as_deref(),
        others: &others,
    }))
}

/// The first form of the draft in which a check finds nothing once its blanks are filled in, and what
/// it finds in the last one otherwise.
fn best(draft: &Draft, environment: Option<&str>) -> (String, Vec<Diagnostic>) {
    let mut left = Vec::new();
    for rule in &draft.rules {
        let world = Memory::new().with_file("/project/draft.yaml", filled(&whole(rule, environment)));
        let options = Options {
            paths: vec!["/project/draft.yaml".into()],
            ..Options::default()
        };
        left = check::run(&world, &options);
        if left.is_empty() {
            return (rule.clone(), left);
        }
    }
    (draft.rules.last().cloned().unwrap_or_default(), left)
}

/// A draft with something in its blanks.
fn filled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, blank)) = rest.split_once(draft::BLANK) {
        out.push_str(before);
        out.push_str("Filled in");
        rest = blank.split_once("]]").map_or("", |(_, after)| after);
    }
    out + rest
}

fn whole(rule: &str, environment: Option<&str>) -> String {
    let environment = environment.map_or_else(String::new, |name| format!("environment: {name}\n"));
    format!(
        "# yaml-language-server: $schema=../pack.v1.json\nheal: 1\npack: {{ name: site, version: 0.1.0 }}\n{environment}rules:\n{rule}"
    )
}

/// A pack with one more rule.
fn appended(file: &Path, old: &str, rule: &str) -> anyhow::Result<String> {
    let document = Document::read(file, old);
    let tree = document.tree.as_ref().filter(|_| !document.has_errors());
    let tree = tree.with_context(|| format!("{} has errors; `heal check --rules` shows them", file.display()))?;
    let Some(rules) = tree.get("rules").filter(|r| !r.is_null()) else {
        let line = if tree.get("rules").is_some() { "" } else { "rules:\n" };
        anyhow::ensure!(
            !line.is_empty(),
            "{}: `rules:` is empty; remove it first",
            file.display()
        );
        return Ok(format!("{}\n{line}{rule}", old.trim_end()));
    };
    let last = rules
        .items()
        .last()
        .context("`rules` is an empty list; remove it first")?;
    let before = &old[..last.span.start];
    let dash = before.rfind('-').context("`rules` is not written as a list of lines")?;
    let column = dash - before[..dash].rfind('\n').map_or(0, |at| at + 1);
    anyhow::ensure!(
        old[..dash].ends_with(&format!("\n{}", " ".repeat(column))),
        "{}: `rules` is not written as a list of lines",
        file.display()
    );
    let end = end_of(last, old);
    // The draft is indented by two.
    let shifted: String = rule
        .lines()
        .map(|l| match column {
            2 => format!("{l}\n"),
            0 => format!("{}\n", l.strip_prefix("  ").unwrap_or(l)),
            n if l.is_empty() => format!("{}\n", &" ".repeat(n)[..0]),
            n => format!("{}{}\n", " ".repeat(n), l.strip_prefix("  ").unwrap_or(l)),
        })
        .collect();
    Ok(format!("{}\n\n{shifted}{}", old[..end].trim_end(), &old[end..]))
}

/// The start of the line after a node.
fn end_of(node: &Node, text: &str) -> usize {
    let end = node.span.end.min(text.len());
    if text[..end].ends_with('\n') {
        return end;
    }
    text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
}
