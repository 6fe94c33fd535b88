//! For which version of its language a file is judged: the one that the failing program speaks.

use super::verdict::Scope;
use crate::pack::model::Language;
use crate::template::Vars;

/// The name under which the question is put to [`super::Probes`].
pub const PROBE: &str = "version";

/// The version that a rule names, or else the one that the environment's program says it speaks; none where
/// nobody knows.
pub(super) fn version(stated: Option<&str>, language: Language, vars: &Vars, scope: &Scope<'_>) -> Option<String> {
    let context = scope.context;
    if let Some(template) = stated {
        return context.renderer.text(template, vars).ok().filter(|v| !v.is_empty());
    }
    let environments = &context.rules.environments;
    let environment = environments.values().find(|e| e.checks.language == Some(language))?;
    environment.checks.version.iter().find_map(|templates| {
        let argv: Option<Vec<String>> = templates.iter().map(|t| context.renderer.text(t, vars).ok()).collect();
        let argv = argv?;
        let answer = context.probes.run(PROBE, &argv, context.cwd, 10);
        let version = answer.stdout.trim();
        (answer.code == Some(0) && !version.is_empty()).then(|| version.to_owned())
    })
}
