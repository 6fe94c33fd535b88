//! Whether the project itself wants what a fix would install.
//!
//! A log is anybody's word. However sure a rule is, and however low a site sets its thresholds, a
//! package that a log brought up is named to a command only where something says so that strangers
//! cannot print: the user's own source, the project's manifests, or a table of the site.

use std::path::Path;

use super::condition;
use super::verdict::Scope;
use crate::pack::Layer;
use crate::pack::model::{CaptureType, Cause, Condition, Fix, SourceLine};
use crate::template::Vars;

/// Why a fix may not name its packages to a command; none where it names none, or the project
/// wants them.
#[must_use]
pub(super) fn unwanted(cause: &Cause, fix: &Fix, vars: &Vars, scope: &Scope<'_>) -> Option<String> {
    let named = names_package(fix, vars)?;
    let evidence = cause
        .confidence
        .as_ref()
        .or(scope.rule.rule.confidence.as_ref())
        .into_iter()
        .flat_map(|stated| stated.evidence.iter().flat_map(|piece| piece.when.iter()));
    let proven = (scope.rule.rule.when.iter())
        .chain(cause.when.iter())
        .chain(fix.when.iter())
        .chain(evidence)
        .any(|stated| shows(stated, vars, scope));
    (!proven).then(|| format!("nothing in the project itself says that it wants `{named}`"))
}

/// The first package that the fix names to a command.
fn names_package<'v>(fix: &Fix, vars: &'v Vars) -> Option<&'v str> {
    let commands = fix.run.iter().chain(&fix.before).chain(&fix.rerun);
    commands.flatten().find_map(|template| {
        crate::template::names(template)
            .unwrap_or_default()
            .iter()
            .filter_map(|name| vars.get(&name.path))
            .find(|value| value.kind == CaptureType::Package)
            .map(|value| value.text.as_str())
    })
}

/// Whether a condition holds by which the project or the site speaks for itself.
fn shows(stated: &Condition, vars: &Vars, scope: &Scope<'_>) -> bool {
    let speaks = match stated {
        Condition::AnyOf(list) | Condition::AllOf(list) => {
            return list.iter().any(|c| shows(c, vars, scope)) && holds(stated, vars, scope);
        }
        Condition::DeclaredInProject(_) => true,
        Condition::SourceLine(question) => is_own(&source_file(question, vars, scope), scope),
        // Without the name in it, the question is about something else.
        Condition::FileContains(question) => question.regex.contains("{{"),
        Condition::Structure(question) => {
            question.pattern.contains("{{") || question.constraints.values().any(|regex| regex.contains("{{"))
        }
        // What heal's own tables know is which names exist, not which are wanted.
        Condition::InTable(_) => scope.pack.origin.layer != Layer::BuiltIn,
        _ => false,
    };
    speaks && holds(stated, vars, scope)
}

fn holds(stated: &Condition, vars: &Vars, scope: &Scope<'_>) -> bool {
    condition::holds(std::slice::from_ref(stated), vars, scope) == condition::Outcome::Yes
}

fn source_file(question: &SourceLine, vars: &Vars, scope: &Scope<'_>) -> Option<String> {
    match question {
        SourceLine::At { file: Some(file), .. } => scope.context.renderer.text(file, vars).ok(),
        _ => vars.text("file").map(str::to_owned),
    }
}

/// Whether a file is the user's: in the project, or at or below what the command line names.
fn is_own(file: &Option<String>, scope: &Scope<'_>) -> bool {
    let context = scope.context;
    let Some(file) = file.as_ref().map(|f| context.path(f)) else {
        return false;
    };
    let real = |path: &Path| context.world.canonicalize(path).ok();
    context.is_inside(&file) || context.argv.iter().any(|argument| {
        let named = context.path(argument);
        let folder = if context.world.is_dir(&named) {
            Some(named.as_path())
        } else {
            named.parent()
        };
        context.world.exists(&named)
            && folder.is_some_and(|f| f != Path::new("/"))
            && matches!((folder.and_then(real), real(&file)), (Some(folder), Some(file)) if file.starts_with(&folder))
    })
}
