//! 4xx: what fixes may do, and what they must bring along.

use super::variables::{Names, REPORTED};
use super::walk::{Condition, Fix, Rule, Within};
use super::{Known, Pack, retry};
use crate::check::packs::Set;
use crate::check::place::{Place, diagnostic};
use crate::config::SelfHealingConfig;
use crate::diagnostic::{Diagnostic, suggest};
use crate::pack::model::CaptureType;
use crate::template::{self, Renderer, Value, Vars};
use crate::yaml::Node;

/// Stands for the program of an environment; absolute, as it is when fixes run.
const PROGRAMS: &str = "/programs";
/// Operators of shells, which are nothing but text to a program.
const OPERATORS: [&str; 10] = ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>&1", "|&"];

/// Commands that fixes may run by the default configuration, as the packs declare them.
pub fn allowed(known: &Known, set: &Set) -> Vec<Vec<String>> {
    let (renderer, vars) = (Renderer::new(), placeholders(known));
    let mut prefixes = Vec::new();
    for entry in &SelfHealingConfig::default().safety.allowed_external_commands {
        let mut declared = false;
        for file in &set.packs.files {
            let environment = file.document.tree.as_ref().and_then(|t| t.get("environment"));
            let commands = environment.and_then(|e| e.get("fix_commands")?.get(entry));
            for argv in commands.map(Node::items).unwrap_or_default() {
                declared = true;
                let words = argv.items().iter().filter_map(Node::as_str);
                let words: Option<Vec<String>> = words.map(|w| renderer.text(w, &vars).ok()).collect();
                prefixes.extend(words.filter(|w| !w.is_empty()));
            }
        }
        if !declared {
            prefixes.push(entry.split_whitespace().map(str::to_owned).collect());
        }
    }
    prefixes
}

/// Facts of a run with values that can be told apart.
fn placeholders(known: &Known) -> Vars {
    let mut vars = Vars::default();
    for name in super::variables::run_names(known) {
        let value = name.strip_prefix("ctx.").unwrap_or(&name);
        vars.set(&name, Value::typed(format!("{PROGRAMS}/{value}"), CaptureType::Path));
    }
    vars
}

/// Fixes of a rule.
pub fn check(pack: &Pack<'_>, rule: &Rule<'_>, names: &Names<'_>, out: &mut Vec<Diagnostic>) {
    for (index, fix) in rule.fixes.iter().enumerate() {
        let within = Within {
            cause: fix.cause,
            fix: Some(index),
        };
        for key in ["run", "rerun", "undo"] {
            if let Some(argv) = fix.node.get(key) {
                shell(pack.place, argv, out);
            }
        }
        for argv in fix.node.get("before").map(Node::items).unwrap_or_default() {
            shell(pack.place, argv, out);
        }
        if safety(fix) != "manual"
            && let Some(argv) = fix.node.get("run")
        {
            on_the_list(pack, names, argv, within, out);
        }
        effects(pack.place, fix, out);
        net(pack.place, rule, fix, within, out);
        proof(pack.place, fix, out);
        escape(pack.place, rule, names, fix, within, out);
        if let Some(node) = fix.node.get("retry") {
            retry::check(pack.place, node, out);
        }
    }
}

fn text<'a>(node: &'a Node, key: &str) -> &'a str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

fn safety<'a>(fix: &Fix<'a>) -> &'a str {
    match text(fix.node, "safety") {
        "" => "manual",
        other => other,
    }
}

/// E402
fn shell(place: &Place<'_>, argv: &Node, out: &mut Vec<Diagnostic>) {
    let Some(first) = argv.items().first() else { return };
    let program = first.as_str().unwrap_or_default();
    for name in template::names(program).unwrap_or_default() {
        if !name.path.starts_with("ctx.") {
            out.push(
                diagnostic("E402", format!("which program runs would depend on `{}`", name.path))
                    .primary(
                        &place.file,
                        place.short(first.span),
                        "a log must not choose the program",
                    )
                    .help("name the program, or use one of heal's own facts such as `{{ctx.command}}`"),
            );
        }
    }
    let is_shell = program
        .rsplit(['/', '.'])
        .next()
        .unwrap_or_default()
        .trim_end_matches("}}")
        .ends_with("sh");
    for item in &argv.items()[1..] {
        let word = item.as_str().unwrap_or_default();
        let flag = is_shell && word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
        let operator = OPERATORS.contains(&word);
        if flag || operator || word.contains("$(") || word.contains('`') {
            let title = if flag {
                format!("`{program} {word}` is a shell: a captured text in it would be executed")
            } else {
                format!("`{word}` means something to a shell only")
            };
            out.push(
                diagnostic("E402", title)
                    .primary(&place.file, place.short(item.span), "there is no shell here")
                    .help("write one command with its arguments; several commands are several fixes"),
            );
        }
    }
}

/// E401
fn on_the_list(pack: &Pack<'_>, names: &Names<'_>, argv: &Node, within: Within, out: &mut Vec<Diagnostic>) {
    let mut vars = placeholders(pack.known);
    for name in names.at(within, pack.known) {
        vars.set_default(&name, Value::typed("x", CaptureType::Name));
    }
    let renderer = Renderer::new();
    let words = argv.items().iter().filter_map(Node::as_str);
    let Some(words) = words.map(|w| renderer.text(w, &vars).ok()).collect::<Option<Vec<_>>>() else {
        return;
    };
    let Some(program) = words.first().filter(|_| !argv.items().is_empty()) else {
        return;
    };
    let covered = |prefix: &&Vec<String>| words.len() >= prefix.len() && words.iter().zip(*prefix).all(|(a, b)| a == b);
    if pack.known.allowed.iter().any(|p| covered(&p)) {
        return;
    }
    let place = pack.place;
    let same: Vec<&Vec<String>> = pack
        .known
        .allowed
        .iter()
        .filter(|p| p.first() == Some(program))
        .collect();
    let first = &argv.items()[0];
    let mut found = if same.is_empty() {
        diagnostic("E401", format!("`{}` is not on the allow-list", show(program))).primary(
            &place.file,
            place.short(first.span),
            "fixes may not run this program",
        )
    } else {
        // The first word that no allowed command has there.
        let longest = same
            .iter()
            .map(|p| words.iter().zip(p.iter()).take_while(|(a, b)| a == b).count())
            .max()
            .unwrap_or(1);
        let item = argv.items().get(longest).unwrap_or(first);
        diagnostic("E401", format!("fixes may not run `{}` like this", show(program))).primary(
            &place.file,
            place.short(item.span),
            "no allowed command goes on like this",
        )
    };
    for prefix in same.iter().take(6) {
        let words: Vec<String> = prefix.iter().map(|w| show(w)).collect();
        found = found.note(format!("allowed is `{}`", words.join(" ")));
    }
    let programs = pack.known.allowed.iter().filter_map(|p| p.first().map(String::as_str));
    if let Some(near) = suggest(program, programs) {
        found = found.help(format!("did you mean `{}`?", show(near)));
    }
    out.push(found.help(
        "declare it in `environment.fix_commands` below a name of `allowed_external_commands`, or make the fix `manual`",
    ));
}

fn show(word: &str) -> String {
    word.strip_prefix(PROGRAMS)
        .and_then(|w| w.strip_prefix('/'))
        .map_or_else(|| word.to_owned(), |name| format!("{{{{ctx.{name}}}}}"))
}

/// Effects of a fix with their nodes.
fn effect_nodes<'a>(fix: &Fix<'a>) -> &'a [Node] {
    fix.node.get("effects").map(Node::items).unwrap_or_default()
}

fn has_undo(fix: &Fix<'_>) -> bool {
    fix.node
        .get("undo")
        .is_some_and(|u| u.as_str() != Some("none") && !u.is_null())
}

/// What makes `safe` untrue; with an `undo`, or at all.
fn contradicts(effect: &str, undo: bool) -> bool {
    match effect {
        "sudo" | "delete" | "destructive" | "remote-state" => true,
        "network" | "packages" | "python-env" | "system" => !undo,
        _ => false,
    }
}

/// E403
fn effects(place: &Place<'_>, fix: &Fix<'_>, out: &mut Vec<Diagnostic>) {
    if safety(fix) != "safe" {
        return;
    }
    // Trying again, or another file's content, leaves nothing behind that would have to be undone.
    let undo = has_undo(fix) || fix.node.get("run").is_none();
    for effect in effect_nodes(fix) {
        let name = effect.as_str().unwrap_or_default();
        if !contradicts(name, undo) {
            continue;
        }
        let mut found = diagnostic("E403", format!("a fix with the effect `{name}` is not `safe`")).primary(
            &place.file,
            place.short(effect.span),
            "what it touches",
        );
        if let Some(node) = fix.node.get("safety") {
            found = found.secondary(&place.file, place.short(node.span), "what it calls itself");
        }
        let help = if contradicts(name, true) {
            "write `safety: unsafe`: policy then decides who has to agree"
        } else {
            "add the `undo` that takes it back, or write `safety: unsafe`"
        };
        out.push(found.help(help));
    }
}

/// E404
fn net(place: &Place<'_>, rule: &Rule<'_>, fix: &Fix<'_>, within: Within, out: &mut Vec<Diagnostic>) {
    if safety(fix) != "safe" {
        return;
    }
    let undo = has_undo(fix);
    if let Some(run) = fix.node.entry("run")
        && fix.node.get("undo").is_none()
        && !effect_nodes(fix)
            .iter()
            .any(|e| contradicts(e.as_str().unwrap_or_default(), undo))
    {
        out.push(
            diagnostic("E404", "a safe command has no `undo`")
                .primary(&place.file, place.short(run.0.span), "nothing takes this back")
                .help("add `undo: [command…]`, `undo: { restore: [paths] }`, or `undo: none` where there is nothing to undo"),
        );
    }
    let Some((key, edit)) = fix.node.entry("edit") else {
        return;
    };
    // Replacing is refused where the text is not there; other edits hit whatever stands on the line.
    let blind = ["insert_before", "insert_after", "append", "delete"]
        .iter()
        .find(|k| edit.get(k).is_some());
    let Some(operation) = blind else { return };
    let looked = rule.conditions.iter().any(|c| {
        let key = c.key.as_str().unwrap_or_default();
        let looks = matches!(
            key,
            "source_line" | "file_contains" | "structure" | "parses" | "starts_with" | "in_table"
        );
        looks && in_force(c, within)
    });
    if edit.get("guard").is_none() && !looked {
        out.push(
            diagnostic(
                "E404",
                format!("a safe edit uses `{operation}` on a line that nothing looks at"),
            )
            .primary(
                &place.file,
                place.short(key.span),
                "the log alone decides which line this is",
            )
            .help("add `guard: { line_matches: … }` or `guard: { parses: … }`, or a `source_line` condition"),
        );
    }
}

/// Whether a condition is about everything that happens within.
fn in_force(condition: &Condition<'_>, within: Within) -> bool {
    let of = condition.within;
    (of == within || of.fix.is_none()) && (of.cause.is_none() || of.cause == within.cause)
}

/// W405
fn proof(place: &Place<'_>, fix: &Fix<'_>, out: &mut Vec<Diagnostic>) {
    if let Some((key, verify)) = fix.node.entry("verify")
        && text(verify, "rerun") == "false"
        && verify.get("run").is_none()
    {
        out.push(
            diagnostic("W405", "nothing proves that the fix worked")
                .primary(
                    &place.file,
                    place.short(key.span),
                    "neither the command again nor another one",
                )
                .help("leave `rerun` at its default, or name a command in `verify.run` that must succeed"),
        );
    }
}

/// E406
fn escape(
    place: &Place<'_>,
    rule: &Rule<'_>,
    names: &Names<'_>,
    fix: &Fix<'_>,
    within: Within,
    out: &mut Vec<Diagnostic>,
) {
    if safety(fix) == "manual" {
        return;
    }
    let path = |verb: &str, key: &str| fix.node.get(verb).and_then(|v| v.get(key));
    let targets = [
        path("edit", "file"),
        path("rewrite", "file"),
        path("repair", "file"),
        path("set", "file"),
        path("chmod", "path"),
        fix.node.get("mkdir"),
    ];
    for node in targets.into_iter().flatten() {
        let Some(template) = node.as_str() else { continue };
        let outside = template.starts_with(['/', '~']) || template.split('/').any(|part| part == "..");
        if outside {
            out.push(
                diagnostic("E406", "this file lies outside of the project")
                    .primary(
                        &place.file,
                        place.short(node.span),
                        "fixes write inside the project only",
                    )
                    .help("give a path relative to the project, or make it advice"),
            );
            continue;
        }
        for name in template::names(template).unwrap_or_default() {
            let from_log = names.groups.iter().any(|g| g.name == name.path) && !REPORTED.contains(&name.path.as_str());
            let asked = rule.conditions.iter().any(|c| {
                c.key.as_str() == Some("inside_project")
                    && !c.negated
                    && !c.evidence
                    && in_force(c, within)
                    && c.value.as_str().is_some_and(|v| v.contains(&name.path))
            });
            if from_log && !asked {
                out.push(
                    diagnostic(
                        "E406",
                        format!("`{}` comes from the log and could name any file", name.path),
                    )
                    .primary(
                        &place.file,
                        place.short(node.span),
                        "nothing keeps this inside the project",
                    )
                    .help(format!("add `if: [ {{ inside_project: \"{{{{{}}}}}\" }} ]`", name.path)),
                );
            }
        }
    }
}
