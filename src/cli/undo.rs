//! `heal undo` and `heal gc`

use super::args;
use super::common::{Base, run_undo};
use super::{exit, show};
use crate::transaction::{self, Retention, UndoError};

/// Characters of a command that are shown.
const SHOWN: usize = 100;

pub fn undo(args: args::Undo) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    if args.list {
        return list(&base, &args);
    }
    base.recover(args.common.quiet);
    let root = base.loaded.root.clone();
    let mut run = |argv: &[String]| run_undo(argv, &root);
    match transaction::undo(
        &base.world,
        &base.loaded.root,
        &base.loaded.log_dir,
        args.session.as_deref(),
        &mut run,
    ) {
        Ok(report) => {
            if !args.common.quiet {
                show::line(&format!("heal: session {} taken back", report.session));
                for file in &report.restored.files {
                    show::line(&format!("  {}", file.display()));
                }
                for argv in &report.restored.commands_undone {
                    let line = crate::analyzer::shell_line(&base.redactor.argv(argv));
                    // Some undo commands carry a small program; its beginning says enough here.
                    let shown: String = line.chars().take(SHOWN).collect();
                    let more = if shown.len() < line.len() { " …" } else { "" };
                    show::line(&format!("  ran {shown}{more}"));
                }
            }
            show::could_not(&report.restored);
            Ok(if report.restored.is_complete() {
                exit::OK
            } else {
                exit::FINDINGS
            })
        }
        Err(UndoError::ChangedSince { path, before, after }) => {
            show::error_line(&format!(
                "{} was changed after heal had changed it; nothing was put back",
                path.display()
            ));
            let copy = |p: Option<std::path::PathBuf>| {
                p.map_or_else(|| "(it did not exist)".to_owned(), |p| p.display().to_string())
            };
            show::line(&format!("  before heal: {}", copy(before)));
            show::line(&format!("  after heal:  {}", copy(after)));
            show::line(&format!("  now:         {}", path.display()));
            Ok(exit::FINDINGS)
        }
        Err(error @ UndoError::Nothing) => {
            show::error_line(&error.to_string());
            Ok(exit::FINDINGS)
        }
        Err(error) => Err(error.into()),
    }
}

fn list(base: &Base, args: &args::Undo) -> anyhow::Result<u8> {
    for session in transaction::list(&*base.world, &base.loaded.log_dir)? {
        outln!(
            "{}  {}  {:?}  {} files",
            session.session,
            session.started.format("%Y-%m-%d %H:%M:%S"),
            session.state,
            session.files.len()
        );
        for (argv, undoable) in &session.commands {
            let note = if *undoable {
                ""
            } else {
                "  (cannot be undone by a command)"
            };
            outln!("    {}{note}", crate::analyzer::shell_line(&base.redactor.argv(argv)));
        }
        if args.common.verbose {
            for file in &session.files {
                outln!("    {}", file.display());
            }
        }
    }
    Ok(exit::OK)
}

pub fn gc(args: args::Gc) -> anyhow::Result<u8> {
    let base = Base::new(&args.common)?;
    let retention = Retention {
        max_age: chrono::TimeDelta::days(i64::from(args.days)),
        max_sessions: args.sessions,
    };
    let collected = transaction::gc(&*base.world, &base.loaded.log_dir, retention)?;
    outln!(
        "{} sessions dropped, {} bytes freed",
        collected.sessions.len(),
        collected.bytes
    );
    Ok(exit::OK)
}
