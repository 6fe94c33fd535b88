//! `heal fix --syntax FILE…`: the engine's own repair, without running anything.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::args::{self, Format};
use super::common::Base;
use super::{exit, fix, show};
use crate::diagnostic::clean_line;
use crate::fixer::{AllowList, Decision, Facts, Reach, decide, unified};
use crate::language::{self, Candidate, Repair};
use crate::orchestrator::{self, Engine, Limits};
use crate::pack::model::{Effect, Safety};
use crate::template::{Renderer, Vars};
use crate::transaction::Transaction;
use crate::validator;

/// What came of one file.
struct Outcome {
    content: Vec<u8>,
    repair: Repair,
    /// Repairs below the gate are wanted too.
    all: bool,
    /// Why the repair was not made, where the policy says no.
    refused: Option<String>,
}

impl Outcome {
    fn chosen(&self) -> Option<&Candidate> {
        match &self.repair {
            _ if self.refused.is_some() => None,
            Repair::Valid => None,
            Repair::Clear { best, .. } => Some(best),
            Repair::Unclear { candidates, .. } => candidates.first().filter(|_| self.all),
        }
    }

    fn others(&self) -> &[Candidate] {
        match &self.repair {
            Repair::Valid => &[],
            Repair::Clear { others, .. } => others,
            Repair::Unclear { candidates, .. } if self.all => candidates.get(1..).unwrap_or_default(),
            Repair::Unclear { candidates, .. } => candidates,
        }
    }

    fn reason(&self) -> Option<&str> {
        match &self.repair {
            Repair::Unclear { reason, .. } if self.refused.is_none() => Some(reason),
            _ => self.refused.as_deref(),
        }
    }
}

pub fn fix(args: &args::Fix, base: &Base) -> anyhow::Result<u8> {
    base.recover(args.common.quiet);
    let engine = base.engine()?;
    let mut code = exit::OK;
    let mut documents = Vec::new();
    let mut patch = String::new();
    for file in &args.files {
        let outcome = look(args, base, &engine, file).and_then(|outcome| match outcome.chosen() {
            Some(best) if !base.loaded.config.safety.dry_run => {
                let refused = write(args, base, &engine, file, &outcome.content, best)?;
                Ok(Outcome { refused, ..outcome })
            }
            _ => Ok(outcome),
        });
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                // The other files are as good as they were without this one.
                code = exit::HEAL_FAILED.max(code);
                show::error_line(&clean_line(&format!("{error:#}")));
                documents.push(json!({ "file": file, "valid": null, "repaired": false, "reason": format!("{error:#}"), "best": null, "runners_up": [] }));
                continue;
            }
        };
        let repaired = outcome.chosen().is_some();
        if let Some(best) = outcome.chosen() {
            patch.push_str(&unified(file, Some(&outcome.content), &best.content));
        }
        if !repaired && outcome.repair != Repair::Valid && code == exit::OK {
            code = exit::FINDINGS;
        }
        if args.common.format == Format::Json {
            let entry = |it: &Candidate| entry(file, &outcome.content, it);
            documents.push(json!({
                "file": file,
                "valid": outcome.repair == Repair::Valid,
                "repaired": repaired,
                "reason": outcome.reason(),
                "best": outcome.chosen().map(entry),
                "runners_up": outcome.others().iter().map(entry).collect::<Vec<_>>(),
            }));
        } else if !args.common.quiet {
            tell(file, &outcome);
        }
    }
    if args.common.format == Format::Json {
        super::out::json(&documents)?;
    }
    if let Some(target) = &args.patch {
        (base.world.write_atomic(target, patch.as_bytes(), None))
            .with_context(|| format!("cannot write {}", target.display()))?;
    }
    Ok(code)
}

fn look(args: &args::Fix, base: &Base, engine: &Engine, file: &Path) -> anyhow::Result<Outcome> {
    let content = super::scan::read(file)?;
    let environment = fix::environment_of(base, engine, file);
    let Some(language) = environment.and_then(|it| it.checks.language) else {
        anyhow::bail!("{}: not a kind of file whose syntax heal can repair", file.display());
    };
    let version = language::version_matters(language, &content)
        .then(|| version(base, engine, file))
        .flatten();
    let repair = language::repair(language, &content, None, version.as_deref());
    Ok(Outcome {
        content,
        repair,
        all: args.all,
        refused: None,
    })
}

/// What the program that would run this file speaks.
fn version(base: &Base, engine: &Engine, file: &Path) -> Option<String> {
    fix::commands(base, engine, file, |checks| &checks.version)
        .find_map(|argv| validator::language_version(&argv, &base.world.cwd()))
}

/// A repair as JSON: the bytes that are replaced, and the same as a diff.
fn entry(file: &Path, content: &[u8], candidate: &Candidate) -> Value {
    let edits = candidate.edits.iter().map(|edit| {
        let before = &content[..edit.range.start.min(content.len())];
        let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        json!({
            "start": edit.range.start,
            "end": edit.range.end,
            "line": before.iter().filter(|&&b| b == b'\n').count() + 1,
            "column": String::from_utf8_lossy(&before[line_start..]).chars().count() + 1,
            "replacement": edit.replacement,
        })
    });
    json!({
        "description": candidate.description,
        "probability": candidate.probability,
        "edits": edits.collect::<Vec<_>>(),
        "diff": unified(file, Some(content), &candidate.content),
    })
}

fn tell(file: &Path, outcome: &Outcome) {
    let name = file.display().to_string();
    let name = clean_line(&name);
    if let Some(best) = outcome.chosen() {
        super::out::diff(&unified(file, Some(&outcome.content), &best.content));
        let (what, sure) = (&best.description, best.probability);
        return show::line(&format!("heal: {name}: {} (probability {sure:.2})", clean_line(what)));
    }
    let Some(reason) = outcome.reason() else {
        return show::line(&format!("heal: {name}: nothing to fix"));
    };
    show::error_line(&format!("{name}: not repaired: {}", clean_line(reason)));
    for candidate in outcome.others().iter().take(3) {
        let what = clean_line(&candidate.description);
        show::line(&format!("  possible ({:.2}): {what}", candidate.probability));
        let diff = unified(file, Some(&outcome.content), &candidate.content);
        for line in diff.lines().skip(2) {
            show::line(&format!("     {}", clean_line(line)));
        }
    }
}

/// Writes the repaired file, or says why the policy forbids it.
fn write(
    args: &args::Fix,
    base: &Base,
    engine: &Engine,
    file: &Path,
    before: &[u8],
    best: &Candidate,
) -> anyhow::Result<Option<String>> {
    let path = base.world.absolute(file);
    let mut config = base.loaded.config.clone();
    // The file was named by the user, so its folder is allowed wherever it lies; a link that leads
    // elsewhere, and what is protected, is not.
    let folder = path.parent().filter(|_| !path.starts_with(&base.loaded.root));
    config.roots.writable.extend(folder.map(Path::to_path_buf));
    let limits = Limits {
        world: &*base.world,
        config: &config,
        root: &base.loaded.root,
        log_dir: &base.loaded.log_dir,
        allow: &AllowList::new(&[], engine.rules(), &Renderer::new(), &Vars::default()),
    };
    let facts = Facts {
        reach: limits.may_write(&path).map_or_else(Reach::Forbidden, |()| Reach::Files),
        safety: Safety::Safe,
        effects: &[Effect::ProjectFiles],
        // Which repairs are sure enough was asked for on the command line.
        confidence: 1.0,
        trusted: true,
    };
    match decide(&facts, &base.policy(&args.common)) {
        Decision::Allow => {}
        Decision::Ask(why) => {
            show::line(unified(file, Some(before), &best.content).trim_end());
            if !show::confirm(&format!("repair {} ({why})", file.display())) {
                return Ok(Some("it was not approved".to_owned()));
            }
        }
        Decision::Advise(why) | Decision::Refuse(why) => return Ok(Some(why)),
    }
    let id = orchestrator::session_id();
    let mut transaction = Transaction::open(Arc::clone(&base.world), &base.loaded.root, &base.loaded.log_dir, &id);
    transaction.keep_backups(config.safety.backup_before_fix);
    if let Some(folder) = folder {
        transaction.allow_root(folder);
    }
    transaction
        .write_file(&path, &best.content, Some(before))
        .with_context(|| file.display().to_string())?;
    transaction.commit().with_context(|| file.display().to_string())?;
    Ok(None)
}
