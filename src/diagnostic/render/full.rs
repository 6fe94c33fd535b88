//! Source lines with markers, in the layout that Rust's compiler made familiar.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch as Change, Renderer as Printer, Snippet};

use super::Renderer;
use crate::diagnostic::clean::{clean_line, clean_source, clean_text};
use crate::diagnostic::code::Severity;
use crate::diagnostic::model::{Diagnostic, Label, Patch};
use crate::diagnostic::source::SourceFile;

/// Lines shown around a place.
const AROUND: usize = 1;
/// A label over more lines than this is shown at its first line only.
const LONGEST_LABEL: usize = 6;
/// Lines longer than this (in bytes) are not shown: no person reads them.
const LONGEST_LINE: usize = 4000;

pub(super) struct Full {
    pub(super) color: bool,
    /// Columns; 0 for the default.
    pub(super) width: usize,
}

impl Renderer for Full {
    fn render(&self, diagnostics: &[Diagnostic]) -> String {
        let base = if self.color {
            Printer::styled()
        } else {
            Printer::plain()
        };
        let width = if self.width == 0 { 100 } else { self.width.max(40) };
        let printer = base.decor_style(DecorStyle::Ascii).term_width(width);
        let mut out = String::new();
        for diagnostic in diagnostics {
            if !out.is_empty() {
                out.push('\n');
            }
            let rendered = printer.render(&groups(diagnostic));
            // The printer pads lines that hold nothing but the gutter.
            for line in rendered.lines() {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
        out
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

fn groups(diagnostic: &Diagnostic) -> Vec<Group<'static>> {
    let title = level(diagnostic.severity)
        .primary_title(clean_line(&diagnostic.title).into_owned())
        .id(diagnostic.code().0);
    let mut main = Group::with_title(title);
    for file in files(&diagnostic.labels) {
        let labels = diagnostic.labels.iter().filter(|label| label.file == file);
        main = main.element(snippet(&file, &labels.collect::<Vec<_>>()));
    }
    for note in &diagnostic.notes {
        main = main.element(Level::NOTE.message(clean_text(note).into_owned()));
    }
    for help in &diagnostic.help {
        main = main.element(Level::HELP.message(clean_text(help).into_owned()));
    }
    let changes = diagnostic.patches.iter().filter_map(change);
    std::iter::once(main).chain(changes).collect()
}

/// The files of the labels, that of the primary one first.
fn files(labels: &[Label]) -> Vec<Arc<SourceFile>> {
    let mut files: Vec<Arc<SourceFile>> = Vec::new();
    let primary = labels.iter().filter(|label| label.primary);
    for label in primary.chain(labels) {
        if !files.contains(&label.file) {
            files.push(label.file.clone());
        }
    }
    files
}

/// A part of a file, with spans relative to it. Only the part around the labels is given to the
/// printer, whose cost grows with the text.
struct Window {
    text: String,
    first_line: usize,
    start: usize,
}

impl Window {
    fn around(file: &SourceFile, spans: &[Range<usize>]) -> Option<Self> {
        let first = spans.iter().map(|span| span.start).min()?;
        let last = spans.iter().map(|span| span.end).max()?;
        let first_line = file.position(first).line.saturating_sub(AROUND).max(1);
        let last_line = (file.position(last).line + AROUND).min(file.line_count());
        let start = file.line_start(first_line);
        let end = file.line_start(last_line + 1);
        let text = file.text.get(start..end)?;
        if text.lines().any(|line| line.len() > LONGEST_LINE) {
            return None;
        }
        Some(Self {
            text: clean_source(text).into_owned(),
            first_line,
            start,
        })
    }

    fn span(&self, span: &Range<usize>) -> Range<usize> {
        let clamp = |at: usize| at.saturating_sub(self.start).min(self.text.len());
        clamp(span.start)..clamp(span.end)
    }
}

fn snippet(file: &SourceFile, labels: &[&Label]) -> Snippet<'static, Annotation<'static>> {
    let spans: Vec<_> = labels.iter().map(|label| shortened(file, &label.span)).collect();
    let name = clean_line(&file.name).into_owned();
    let Some(window) = Window::around(file, &spans) else {
        let line = labels.first().map_or(1, |label| file.position(label.span.start).line);
        return Snippet::source("(too long to show)")
            .path(name)
            .line_start(line)
            .annotation(AnnotationKind::Primary.span(0..0));
    };
    let annotations: Vec<_> = labels
        .iter()
        .zip(&spans)
        .map(|(label, span)| {
            let kind = if label.primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let text = clean_line(&label.message).into_owned();
            kind.span(window.span(span)).label((!text.is_empty()).then_some(text))
        })
        .collect();
    let line = window.first_line;
    Snippet::source(window.text)
        .path(name)
        .line_start(line)
        .annotations(annotations)
}

/// Cuts a label over many lines down to its first one.
fn shortened(file: &SourceFile, span: &Range<usize>) -> Range<usize> {
    let span = file.clamp_span(span);
    let text = &file.text[span.clone()];
    if text.matches('\n').count() < LONGEST_LABEL {
        return span;
    }
    let first = text.lines().next().unwrap_or("");
    span.start..span.start + first.trim_end().len()
}

fn change(patch: &Patch) -> Option<Group<'static>> {
    let range = patch.range.clone();
    patch.file.text.get(range.clone())?;
    let window = Window::around(&patch.file, std::slice::from_ref(&range))?;
    let span = window.span(&range);
    let replacement = clean_source(&patch.replacement).into_owned();
    let snippet = Snippet::source(window.text)
        .path(clean_line(&patch.file.name).into_owned())
        .line_start(window.first_line)
        .patch(Change::new(span, replacement));
    let title = Level::HELP.secondary_title(clean_line(&patch.message).into_owned());
    Some(Group::with_title(title).element(snippet))
}
