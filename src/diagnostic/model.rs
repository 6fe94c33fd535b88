//! The diagnostic itself.

use std::ops::Range;
use std::sync::Arc;

use super::code::{Code, CodeInfo, Severity};
use super::source::SourceFile;

/// A place with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Byte offsets in the file.
    pub span: Range<usize>,
    /// What is there; may be empty.
    pub message: String,
    /// Whether this is the place of the problem (`^^^`) or one that explains it (`---`).
    pub primary: bool,
}

/// A change that would put it right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The bytes to replace; empty to insert.
    pub range: Range<usize>,
    /// What to put there.
    pub replacement: String,
    /// What the change does, in the imperative.
    pub message: String,
}

/// One problem in something that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its entry in the catalogue.
    pub info: &'static CodeInfo,
    /// Its severity here; the catalogue's unless changed.
    pub severity: Severity,
    /// One line: what is wrong with this.
    pub title: String,
    /// Where. The first primary label is the place that short formats print.
    pub labels: Vec<Label>,
    /// More facts.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// Changes that put it right, each on its own.
    pub patches: Vec<Patch>,
}

impl Diagnostic {
    /// A diagnostic without place yet.
    #[must_use]
    pub fn new(info: &'static CodeInfo, title: impl Into<String>) -> Self {
        Self {
            info,
            severity: info.severity,
            title: title.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            patches: Vec::new(),
        }
    }

    /// Adds the place of the problem.
    #[must_use]
    pub fn primary(
        mut self,
        file: &Arc<SourceFile>,
        span: impl Into<Range<usize>>,
        message: impl Into<String>,
    ) -> Self {
        let (file, span, message) = (file.clone(), span.into(), message.into());
        self.labels.push(Label {
            file,
            span,
            message,
            primary: true,
        });
        self
    }

    /// Adds a place that explains the problem.
    #[must_use]
    pub fn secondary(
        mut self,
        file: &Arc<SourceFile>,
        span: impl Into<Range<usize>>,
        message: impl Into<String>,
    ) -> Self {
        let (file, span, message) = (file.clone(), span.into(), message.into());
        self.labels.push(Label {
            file,
            span,
            message,
            primary: false,
        });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a change that puts it right.
    #[must_use]
    pub fn patch(
        mut self,
        file: &Arc<SourceFile>,
        range: impl Into<Range<usize>>,
        replacement: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        self.patches.push(Patch {
            file: file.clone(),
            range: range.into(),
            replacement: replacement.into(),
            message: message.into(),
        });
        self
    }

    /// Changes the severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.info.code
    }

    /// The place that stands for the whole: the first primary label, else the first one.
    #[must_use]
    pub fn place(&self) -> Option<&Label> {
        self.labels
            .iter()
            .find(|label| label.primary)
            .or_else(|| self.labels.first())
    }
}

/// Orders by file, place, severity and code, so that output does not depend on the order of checks.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| {
            let place = d.place().map(|label| (label.file.name.clone(), label.span.start));
            (place, d.severity, d.info.code, d.title.clone())
        };
        key(a).cmp(&key(b))
    });
}
