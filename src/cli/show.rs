//! What people read, in the manner of a good compiler. Goes to stderr: stdout is the command's.
//!
//! Captured text passes through [`clean`]: no control character of a log reaches the terminal.

use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::out;
use crate::analyzer::{Action, Analysis};
use crate::changelog::Redactor;
use crate::diagnostic::clean_line;
use crate::fixer::Decision;
use crate::orchestrator::{Approval, Approver, Candidate, Diagnosis, FinalResult, HealingSession, Witness};
use crate::pack::model::Safety;
use crate::transaction::{Recovered, Restored};

/// Longest advice or diff that is shown, in lines.
const MOST_LINES: usize = 60;

/// Longest piece of captured text that is shown, in characters.
const LONGEST: usize = 400;

/// A line of heal's own on stderr. A closed stderr is no reason to fail.
pub fn line(text: &str) {
    out::say(&format!("{text}\n"));
}

/// An error of heal's own.
pub fn error_line(text: &str) {
    for part in text.lines() {
        line(&format!("heal: {}", clean_line(part)));
    }
}

/// Whether a question can be asked: a terminal on both ends.
#[must_use]
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A question that is answered with yes or no; what is neither, or the end of the input, is a no.
pub fn confirm(question: &str) -> bool {
    out::say(&format!("heal: {}? [y]es, [n]o: ", clean_line(question)));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "yes")
}

/// What was put back of a session that had been killed.
pub fn recovered(session: &Recovered, quiet: bool) {
    if !quiet {
        line(&format!(
            "heal: session {} was interrupted; put back: {}",
            session.session,
            files(&session.restored)
        ));
    }
    could_not(&session.restored);
}

/// Files in a list.
fn files(restored: &Restored) -> String {
    if restored.files.is_empty() {
        return "nothing had changed".to_owned();
    }
    restored
        .files
        .iter()
        .map(|f| f.display().to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

/// What could not be put back, honestly.
pub fn could_not(restored: &Restored) {
    for rest in &restored.could_not_undo {
        let before = rest
            .before
            .as_ref()
            .map(|b| format!("; a copy of what was there: {}", b.display()))
            .unwrap_or_default();
        line(&format!(
            "heal: could not put back {}: {}{before}",
            clean_line(&rest.what),
            clean_line(&rest.reason)
        ));
    }
}

/// Prints diagnoses and sessions.
pub struct Printer {
    /// Coloured.
    pub color: bool,
    /// Nothing but errors.
    pub quiet: bool,
    /// Evidence that did not hold, and other causes.
    pub verbose: bool,
    /// Masks secrets.
    pub redactor: Redactor,
    /// The project, for relative paths.
    pub root: PathBuf,
}

impl Printer {
    fn paint(&self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn bold(&self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    fn red(&self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    fn blue(&self, text: &str) -> String {
        self.paint(AnsiColor::Blue.on_default().bold(), text)
    }

    fn clean(&self, text: &str) -> String {
        let text = clean_line(&self.redactor.text(text)).into_owned();
        if text.chars().count() > LONGEST {
            format!("{}…", text.chars().take(LONGEST).collect::<String>())
        } else {
            text
        }
    }

    /// One error with its causes and fixes.
    #[must_use]
    pub fn error(&self, diagnosis: &Diagnosis, index: usize) -> String {
        let Some(analysis) = diagnosis.errors.get(index) else {
            return String::new();
        };
        let mut out = String::new();
        let error = &analysis.error;
        let (id, headline) = match analysis.causes.first() {
            Some(cause) => (cause.rule.clone(), cause.explanation.clone()),
            None => ("unclassified".to_owned(), error.message.clone()),
        };
        let _ = writeln!(
            out,
            "{}{}",
            self.red(&format!("error[{id}]")),
            self.bold(&format!(": {}", self.clean(&headline)))
        );
        self.place(&mut out, analysis);
        for (number, cause) in analysis.causes.iter().enumerate() {
            if number > 0 && !self.verbose {
                break;
            }
            let held: Vec<String> = cause
                .evidence
                .iter()
                .filter(|e| e.held)
                .map(|e| self.clean(&e.because))
                .collect();
            let because = if held.is_empty() {
                self.clean(&cause.title)
            } else {
                held.join(" · ")
            };
            let _ = writeln!(out, "   {} cause ({:.2}): {because}", self.blue("="), cause.confidence);
            if self.verbose {
                let _ = writeln!(out, "     {}#{} base {:.2}", cause.rule, cause.cause, cause.base);
                for piece in &cause.evidence {
                    let mark = if piece.held { "yes" } else { "no " };
                    let _ = writeln!(out, "     {mark} {:+.2} {}", piece.add, self.clean(&piece.because));
                }
            }
        }
        let fixes: Vec<&Candidate> = diagnosis.candidates.iter().filter(|c| c.error == index).collect();
        for candidate in fixes.iter().take(if self.verbose { 10 } else { 3 }) {
            self.fix(&mut out, candidate);
        }
        out
    }

    fn place(&self, out: &mut String, analysis: &Analysis) {
        let error = &analysis.error;
        let Some(location) = &error.location else {
            if !analysis.causes.is_empty() {
                let _ = writeln!(out, "   {} it said: {}", self.blue("|"), self.clean(&error.message));
            }
            return;
        };
        let mut place = clean_line(&location.shown).into_owned();
        if let Some(number) = location.line {
            let _ = write!(place, ":{number}");
        }
        if let Some(column) = location.column {
            let _ = write!(place, ":{column}");
        }
        let _ = writeln!(out, "  {} {place}", self.blue("-->"));
        let source = location
            .line
            .and_then(|n| source_line(&location.file, n))
            .or_else(|| location.source.clone());
        let (Some(number), Some(source)) = (location.line, source) else {
            let _ = writeln!(out, "   {} {}", self.blue("|"), self.clean(&error.message));
            return;
        };
        let gutter = number.to_string();
        let pad = " ".repeat(gutter.len());
        let source = source.trim_end().replace('\t', "    ");
        let start = location.column.map_or_else(
            || source.chars().take_while(|c| c.is_whitespace()).count(),
            |c| (c as usize).saturating_sub(1).min(source.chars().count()),
        );
        let width = if location.column.is_some() {
            source
                .chars()
                .skip(start)
                .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '.')
                .count()
                .max(1)
        } else {
            source.trim().chars().count().clamp(1, 60)
        };
        let carets = format!("{}{}", " ".repeat(start), self.red(&"^".repeat(width)));
        let _ = writeln!(out, " {pad} {}", self.blue("|"));
        let _ = writeln!(
            out,
            " {} {} {}",
            self.blue(&gutter),
            self.blue("|"),
            self.clean(&source)
        );
        let _ = writeln!(out, " {pad} {} {carets} {}", self.blue("|"), self.clean(&error.message));
    }

    fn fix(&self, out: &mut String, candidate: &Candidate) {
        let suggestion = &candidate.suggestion;
        let equals = self.blue("=");
        match &suggestion.action {
            Action::Advice { text } => {
                let text = self.redactor.text(text).into_owned();
                let mut lines = text.lines().map(|l| clean_line(l).into_owned());
                let _ = writeln!(out, "   {equals} help: {}", lines.next().unwrap_or_default());
                for rest in lines {
                    let _ = writeln!(out, "           {rest}");
                }
                return;
            }
            Action::Run { argv, .. } => {
                let _ = writeln!(
                    out,
                    "   {equals} fix: {}",
                    self.clean(&crate::analyzer::shell_line(&self.redactor.argv(argv)))
                );
            }
            action => {
                let _ = writeln!(
                    out,
                    "   {equals} fix: {} ({} {})",
                    self.clean(&suggestion.title),
                    action.verb(),
                    self.clean(&action.short())
                );
            }
        }
        match &candidate.decision {
            Decision::Allow => {}
            Decision::Ask(why) => {
                let _ = writeln!(out, "          needs approval: {}", self.clean(why));
            }
            Decision::Advise(why) => {
                let hint = if candidate.plan.is_some() && suggestion.safety != Safety::Manual {
                    " (`--yes` or `--ask` lets heal do it where that is allowed)"
                } else {
                    ""
                };
                let _ = writeln!(out, "          not done by itself: {}{hint}", self.clean(why));
            }
            Decision::Refuse(why) => {
                let _ = writeln!(out, "          refused: {}", self.clean(why));
            }
        }
        if let Some(plan) = &candidate.plan {
            for note in &plan.notes {
                let _ = writeln!(out, "          {}", self.clean(note));
            }
            self.diff(out, &plan.diff(&self.root));
        }
    }

    fn diff(&self, out: &mut String, diff: &str) {
        let total = diff.lines().count();
        for text in diff.lines().take(MOST_LINES) {
            let clean = self.clean(text);
            let painted = match text.as_bytes().first() {
                Some(b'+') => self.paint(AnsiColor::Green.on_default(), &clean),
                Some(b'-') => self.paint(AnsiColor::Red.on_default(), &clean),
                _ => clean,
            };
            let _ = writeln!(out, "     {painted}");
        }
        if total > MOST_LINES {
            let _ = writeln!(out, "     … {} more lines", total - MOST_LINES);
        }
    }

    /// What a session came to.
    pub fn end(&self, session: &HealingSession) {
        if let Some(trouble) = &session.trouble {
            error_line(trouble);
        }
        if let Some(restored) = &session.restored {
            could_not(restored);
        }
        if self.quiet {
            return;
        }
        let kept: Vec<&str> = session
            .fixes
            .iter()
            .filter(|f| f.kept)
            .map(|f| f.title.as_str())
            .collect();
        let what = self.clean(&kept.join("; "));
        let id = &session.id;
        let undo = if session
            .fixes
            .iter()
            .any(|f| f.kept && (f.command.is_some() || !f.paths.is_empty()))
        {
            format!(" · `heal undo {id}` takes it back")
        } else {
            String::new()
        };
        match session.final_result {
            FinalResult::NothingToDo => {}
            FinalResult::Success => {
                line(&format!(
                    "heal: fixed ({what}) · ran again, exit {} · session {id}{undo}",
                    session.exit_code
                ));
            }
            FinalResult::Applied => line(&format!("heal: applied ({what}), not proven · session {id}{undo}")),
            FinalResult::DryRun => line("heal: dry run, nothing was changed"),
            FinalResult::Failed | FinalResult::ManualInterventionRequired => {
                let why = session.reason.as_deref().unwrap_or("not healed");
                let back = match &session.restored {
                    None => "nothing was changed; ",
                    Some(restored) if restored.is_complete() => "everything is as it was; ",
                    Some(_) => "not everything could be put back; ",
                };
                line(&format!(
                    "heal: not fixed: {} · {back}a person must look · session {id}",
                    self.clean(why)
                ));
                for patch in session.restored.iter().flat_map(|r| &r.patches) {
                    line(&format!("heal: what was tried is kept in {}", patch.display()));
                }
            }
            FinalResult::Interrupted => {
                let whole = session.restored.as_ref().is_none_or(Restored::is_complete);
                line(if whole {
                    "heal: interrupted; everything is as it was"
                } else {
                    "heal: interrupted; not everything could be put back"
                });
            }
        }
    }
}

/// A line of a file, for a caret below it.
pub fn source_line(file: &Path, number: u32) -> Option<String> {
    // Only what is on disk now; a huge or special file is not opened for a caret.
    let real = std::fs::canonicalize(file).ok()?;
    let meta = std::fs::metadata(&real).ok()?;
    if !meta.is_file() || meta.len() > (8 << 20) || ["/proc", "/sys", "/dev"].iter().any(|f| real.starts_with(f)) {
        return None;
    }
    let bytes = std::fs::read(&real).ok()?;
    String::from_utf8_lossy(&bytes)
        .lines()
        .nth(usize::try_from(number).ok()?.checked_sub(1)?)
        .map(str::to_owned)
}

impl Witness for Printer {
    fn failed(&mut self, _: u32, diagnosis: &Diagnosis) {
        if self.quiet {
            return;
        }
        let mut text = String::from("\n");
        if diagnosis.errors.is_empty() {
            text.push_str("heal: the command failed and printed nothing that says why\n");
        }
        let count = if self.verbose { diagnosis.errors.len() } else { 3 };
        for index in 0..diagnosis.errors.len().min(count) {
            // Alternatives of one line are one story; only the best is told.
            if index > 0 && diagnosis.errors[index].error.alternative_of.is_some() && !self.verbose {
                continue;
            }
            text.push_str(&self.error(diagnosis, index));
        }
        out::say(&text);
    }

    fn applying(&mut self, _: &Diagnosis, candidate: &Candidate) {
        if !self.quiet {
            line(&format!("heal: {}", self.clean(&candidate.suggestion.title)));
        }
    }

    fn trying(&mut self, _: &Candidate, missing: &[String]) {
        if !self.quiet {
            line("heal: tried in a copy of the project first");
            for what in missing {
                line(&format!("heal: not enforced on this system: {what}"));
            }
        }
    }

    fn noticed(&mut self, what: &str) {
        if !self.quiet {
            line(&format!("heal: {}", self.clean(what)));
        }
    }

    fn taken_back(&mut self, _: &Candidate, why: &str) {
        if !self.quiet {
            line(&format!("heal: taken back: {}", self.clean(why)));
        }
    }

    fn running_again(&mut self, attempt: u32) {
        if self.verbose {
            line(&format!("heal: run {attempt}"));
        }
    }

    fn waiting(&mut self, delay: Duration, attempt: u32, of: u32) {
        if !self.quiet {
            line(&format!(
                "heal: trying again in {:.1} s ({} of {of})",
                delay.as_secs_f64(),
                attempt + 1
            ));
        }
    }
}

/// Asks at the terminal, with the exact command and diff.
pub struct Terminal<'a> {
    /// Prints.
    pub printer: &'a Printer,
}

impl Approver for Terminal<'_> {
    fn approve(&mut self, _: &Diagnosis, candidate: &Candidate, why: &str) -> Approval {
        let mut text = String::new();
        self.printer.fix(&mut text, candidate);
        out::say(&text);
        loop {
            out::say(&format!(
                "heal: do this ({})? [y]es, [n]o, [a]ll, [q]uit: ",
                self.printer.clean(why)
            ));
            let _ = std::io::stderr().flush();
            let mut answer = String::new();
            match std::io::stdin().lock().read_line(&mut answer) {
                Ok(0) | Err(_) => return Approval::Quit,
                Ok(_) => {}
            }
            match answer.trim() {
                "y" | "yes" => return Approval::Yes,
                "n" | "no" => return Approval::No,
                "a" | "all" => return Approval::All,
                "q" | "quit" => return Approval::Quit,
                _ => {}
            }
        }
    }
}
