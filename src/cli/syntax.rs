//! `heal fix --syntax FILE…`: the engine's own repair, without running anything.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::json;

use super::args::{self, Format};
use super::common::Base;
use super::{exit, show};
use crate::fixer::unified;
use crate::language::{self, Candidate, Repair};
use crate::pack::model::Language;
use crate::transaction::Transaction;

pub fn fix(args: &args::Fix, base: &Base) -> anyhow::Result<u8> {
    let engine = base.engine()?;
    let mut code = exit::OK;
    let mut documents = Vec::new();
    for file in &args.files {
        let environment = crate::validator::environment_of(engine.rules(), file);
        let language = environment.and_then(|e| e.checks.language).unwrap_or(Language::Python);
        let content = super::scan::read(file)?;
        let repair = language::repair(language, &content, None, None);
        let (chosen, reason, others) = match &repair {
            Repair::Valid => (None, None, Vec::new()),
            Repair::Clear { best, others } => (Some(best), None, others.iter().collect::<Vec<_>>()),
            Repair::Unclear { reason, candidates } if args.all => {
                (candidates.first(), Some(reason), candidates.iter().skip(1).collect())
            }
            Repair::Unclear { reason, candidates } => (None, Some(reason), candidates.iter().collect()),
        };
        let repaired = chosen.is_some();
        if !repaired && repair != Repair::Valid {
            code = exit::FINDINGS;
        }
        if let Some(best) = chosen
            && !base.loaded.config.safety.dry_run
        {
            write(base, file, &content, best)?;
        }
        if args.common.format == Format::Json {
            let entry = |c: &Candidate| json!({ "description": c.description, "probability": c.probability, "diff": unified(file, Some(&content), &c.content) });
            documents.push(json!({
                "file": file, "valid": repair == Repair::Valid, "repaired": repaired, "reason": reason,
                "best": chosen.map(entry), "runners_up": others.iter().map(|c| entry(c)).collect::<Vec<_>>(),
            }));
        } else if !args.common.quiet {
            match chosen {
                Some(best) => {
                    super::out::diff(&unified(file, Some(&content), &best.content));
                    show::line(&format!(
                        "heal: {}: {} (probability {:.2})",
                        file.display(),
                        best.description,
                        best.probability
                    ));
                }
                None if repair == Repair::Valid => show::line(&format!("heal: {}: nothing to fix", file.display())),
                None => {
                    show::error_line(&format!(
                        "{}: not repaired: {}",
                        file.display(),
                        reason.map_or("", String::as_str)
                    ));
                    for candidate in others.iter().take(3) {
                        show::line(&format!(
                            "  possible ({:.2}): {}",
                            candidate.probability, candidate.description
                        ));
                    }
                }
            }
        }
    }
    if args.common.format == Format::Json {
        super::out::json(&documents)?;
    }
    Ok(code)
}

fn write(base: &Base, file: &Path, before: &[u8], best: &Candidate) -> anyhow::Result<()> {
    let id = uuid::Uuid::now_v7().simple().to_string()[4..16].to_owned();
    let mut transaction = Transaction::open(Arc::clone(&base.world), &base.loaded.root, &base.loaded.log_dir, &id);
    transaction.keep_backups(base.loaded.config.safety.backup_before_fix);
    // The file was named by the user, so its folder is allowed wherever it lies.
    let path = base.world.absolute(file);
    if let Some(folder) = path.parent() {
        transaction.allow_root(folder);
    }
    transaction
        .write_file(&path, &best.content, Some(before))
        .with_context(|| file.display().to_string())?;
    transaction.commit().with_context(|| file.display().to_string())?;
    Ok(())
}
