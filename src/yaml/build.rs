//! Parser events → tree: one pass, with every problem that does not stop the parser.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError};

use super::parse::Limits;
use super::problem::{ErrorCode, YamlError};
use super::scalar::Core;
use super::syntax;
use super::tree::{Node, NodeKind, Scalar, Span, Style};

/// What one pass over the events yields.
#[derive(Debug, Default)]
pub(super) struct Pass {
    pub(super) root: Option<Node>,
    pub(super) errors: Vec<YamlError>,
    pub(super) comments: Vec<Span>,
    /// The problem after which the parser could not go on.
    pub(super) stop: Option<Stop>,
}

/// Where and in what state the parser stopped.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) error: ScanError,
    /// Byte offset of the error.
    pub(super) at: usize,
    /// End of the last event before it.
    pub(super) last_end: usize,
    /// The innermost `[` or `{` that was still open.
    pub(super) open: Option<Span>,
}

/// One pass over the events of `source`, which is `original` with some lines blanked out.
///
/// `strict` also refuses quoted text and brackets that continue to the left of their key; such a
/// thing is legal enough to accept, but usually the trace of a missing quote or bracket.
pub(super) fn run(original: &str, source: &str, limits: &Limits, strict: bool) -> Pass {
    let depth = limits.max_depth.min(255);
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        strict_indentation: strict,
        max_buffered_comment_events: 1 << 20,
        // One more than ours, so that the builder reports the limit with its own words.
        flow_nesting_limit: depth + 1,
        block_nesting_limit: depth + 1,
    };
    let mut builder = Builder::new(original, source, limits);
    for item in Parser::new_from_str_with_options(source, options) {
        match item {
            Ok((event, span)) => {
                if !builder.event(event, &span) {
                    break;
                }
            }
            Err(error) => {
                builder.stopped(error);
                break;
            }
        }
    }
    builder.finish()
}

/// A collection that is still open.
struct Frame {
    start: Span,
    flow: bool,
    kind: FrameKind,
}

enum FrameKind {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<(Node, Node)>,
        key: Option<Node>,
        seen: HashMap<String, Span>,
    },
}

struct Builder<'s> {
    /// Decides where characters begin: a blanked one of three bytes is three spaces in `source`.
    original: &'s str,
    source: &'s str,
    limits: &'s Limits,
    frames: Vec<Frame>,
    nodes: usize,
    last_end: usize,
    documents: usize,
    pass: Pass,
}

impl<'s> Builder<'s> {
    fn new(original: &'s str, source: &'s str, limits: &'s Limits) -> Self {
        Self {
            original,
            source,
            limits,
            frames: Vec::new(),
            nodes: 0,
            last_end: 0,
            documents: 0,
            pass: Pass::default(),
        }
    }

    fn report(&mut self, error: YamlError) {
        if self.pass.errors.len() < self.limits.max_errors {
            self.pass.errors.push(error);
        }
    }

    /// The parser's span in our terms. Its offsets are trusted only after a check.
    fn span(&self, span: &granit_parser::Span) -> Span {
        let start = boundary(self.original, span.start.byte_offset().unwrap_or(self.last_end));
        let end = boundary(self.original, span.end.byte_offset().unwrap_or(start));
        Span::new(start, end)
    }

    /// Takes one event; `false` ends the pass.
    fn event(&mut self, event: Event<'_>, raw: &granit_parser::Span) -> bool {
        let span = self.span(raw);
        if let Some(tag) = raw.tag_span().map(|tag| self.span(&tag)) {
            self.report(
                YamlError::new(ErrorCode::Tag, tag, "tags are not used in packs")
                    .label("a tag")
                    .help("remove the tag; a quoted value is always text"),
            );
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.report(
                        YamlError::new(ErrorCode::MultiDocument, span, "a second document begins")
                            .label("everything from here on would be ignored")
                            .help("keep one document in a file"),
                    );
                    return false;
                }
            }
            Event::Comment(..) => self.pass.comments.push(span),
            Event::Anchor(_, name) => self.report(
                YamlError::new(ErrorCode::Anchor, span, format!("anchor `&{name}`"))
                    .label("anchors are not used in packs")
                    .help("write the value out; what several rules share belongs into a table"),
            ),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let text = span.text(self.source).to_owned();
                self.report(
                    YamlError::new(ErrorCode::Alias, span, format!("alias `{text}`"))
                        .label("aliases are not used in packs")
                        .help("write the value out; a text that starts with `*` needs quotes"),
                );
                return self.add(Node {
                    span,
                    kind: NodeKind::Null,
                });
            }
            Event::Scalar(value, style, ..) => return self.scalar(value, style, span),
            Event::SequenceStart(..) => return self.open(span, FrameKind::Sequence(Vec::new())),
            Event::MappingStart(..) => {
                let entries = Vec::new();
                let seen = HashMap::new();
                return self.open(
                    span,
                    FrameKind::Mapping {
                        entries,
                        key: None,
                        seen,
                    },
                );
            }
            Event::SequenceEnd | Event::MappingEnd => return self.close(span),
            _ => {}
        }
        self.last_end = self.last_end.max(span.end);
        true
    }

    fn scalar(&mut self, value: Cow<'_, str>, style: ScalarStyle, span: Span) -> bool {
        let style = match style {
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
            _ => Style::Plain,
        };
        let (span, body) = match style {
            Style::Plain => (span, span.start),
            Style::Single | Style::Double => (span, span.start + 1),
            Style::Literal | Style::Folded => self.block_scalar(span, style),
        };
        self.last_end = self.last_end.max(span.end);
        let empty = style == Style::Plain && span.start == span.end;
        let null = style == Style::Plain && Core::resolve(&value) == Core::Null;
        let kind = if empty || (null && !self.expects_key()) {
            NodeKind::Null
        } else {
            NodeKind::Scalar(Scalar {
                value: value.into_owned(),
                style,
                body,
            })
        };
        self.add(Node { span, kind })
    }

    /// The parser reports the content of a block scalar only: find its header, drop the blank
    /// lines behind it.
    fn block_scalar(&self, content: Span, style: Style) -> (Span, usize) {
        let indicator = if style == Style::Literal { '|' } else { '>' };
        let before = self.source.get(self.last_end..content.start).unwrap_or("");
        let start = before.find(indicator).map_or(content.start, |at| self.last_end + at);
        let header = self.source.get(start..).unwrap_or("");
        let body = header.find('\n').map_or(self.source.len(), |at| start + at + 1);
        let end = start + self.source.get(start..content.end).unwrap_or("").trim_end().len();
        (
            Span::new(boundary(self.original, start), boundary(self.original, end)),
            body,
        )
    }

    fn expects_key(&self) -> bool {
        let frame = self.frames.last().map(|frame| &frame.kind);
        matches!(frame, Some(FrameKind::Mapping { key: None, .. }))
    }

    fn open(&mut self, start: Span, kind: FrameKind) -> bool {
        if self.frames.len() >= self.limits.max_depth.min(255) {
            let message = format!("nested more than {} levels deep", self.limits.max_depth);
            self.report(YamlError::new(ErrorCode::Budget, start, message).label("too deep"));
            return false;
        }
        let flow = start.end > start.start;
        self.last_end = self.last_end.max(start.end);
        self.frames.push(Frame { start, flow, kind });
        true
    }

    fn close(&mut self, end: Span) -> bool {
        let Some(frame) = self.frames.pop() else {
            return true;
        };
        let (kind, last) = match frame.kind {
            FrameKind::Sequence(items) => {
                let last = items.last().map(|node| node.span.end);
                (NodeKind::Sequence(items), last)
            }
            FrameKind::Mapping { entries, .. } => {
                let last = entries.last().map(|(key, value)| key.span.end.max(value.span.end));
                (NodeKind::Mapping(entries), last)
            }
        };
        // A block ends where its last child does; the parser would say "at the next token".
        let end = if frame.flow {
            end.end
        } else {
            last.unwrap_or(frame.start.end)
        };
        self.last_end = self.last_end.max(end);
        self.add(Node {
            span: Span::new(frame.start.start, end),
            kind,
        })
    }

    fn add(&mut self, node: Node) -> bool {
        self.nodes += 1;
        if self.nodes > self.limits.max_nodes {
            let message = format!("more than {} values", self.limits.max_nodes);
            self.report(YamlError::new(ErrorCode::Budget, node.span, message).label("too many"));
            return false;
        }
        let source = self.source;
        let Some(frame) = self.frames.last_mut() else {
            self.pass.root = Some(node);
            return true;
        };
        let problem = match &mut frame.kind {
            FrameKind::Sequence(items) => {
                items.push(node);
                None
            }
            FrameKind::Mapping { entries, key, seen } => match key.take() {
                None => {
                    let braces =
                        matches!(node.kind, NodeKind::Mapping(_)) && frame.flow && node.span.start == frame.start.end;
                    let problem = if braces {
                        Some(template_without_quotes(source, frame.start, node.span))
                    } else {
                        check_key(&node, seen)
                    };
                    *key = Some(node);
                    problem
                }
                Some(name) => {
                    // Of two equal keys the first one is kept.
                    let first = name.as_str().and_then(|text| seen.get(text).copied());
                    if first == Some(name.span) {
                        entries.push((name, node));
                    }
                    None
                }
            },
        };
        if let Some(problem) = problem {
            self.report(problem);
        }
        true
    }

    fn stopped(&mut self, error: ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.last_end);
        let at = boundary(self.original, at);
        let open = self
            .frames
            .iter()
            .rev()
            .find(|frame| frame.flow)
            .map(|frame| frame.start);
        self.pass.stop = Some(Stop {
            error,
            at,
            last_end: self.last_end,
            open,
        });
    }

    fn finish(mut self) -> Pass {
        if let Some(stop) = &self.pass.stop
            && syntax::is_depth(&stop.error)
        {
            let message = format!("nested more than {} levels deep", self.limits.max_depth);
            let error = YamlError::new(ErrorCode::Budget, Span::at(stop.at), message);
            self.report(error.label("too deep"));
            self.pass.stop = None;
        }
        self.pass
    }
}

/// `{{name}}` without quotes is a mapping whose key is a mapping.
fn template_without_quotes(source: &str, outer: Span, inner: Span) -> YamlError {
    let closed = source.get(inner.end..).is_some_and(|rest| rest.starts_with('}'));
    let span = Span::new(outer.start, inner.end + usize::from(closed));
    YamlError::new(ErrorCode::Syntax, span, "a value that begins with `{{` needs quotes")
        .label("read as a mapping within a mapping")
        .help("put the whole value in quotes: \"{{name}}\"")
}

/// Checks a key against those before it.
fn check_key(key: &Node, seen: &mut HashMap<String, Span>) -> Option<YamlError> {
    if key.is_null() {
        return Some(
            YamlError::new(ErrorCode::Syntax, key.span, "a key is missing").label("nothing stands in front of the `:`"),
        );
    }
    let Some(text) = key.as_str() else {
        return Some(
            YamlError::new(ErrorCode::Syntax, key.span, "a list or mapping stands where a key must")
                .label("not a key")
                .help("text that begins with `{` or `[` needs quotes"),
        );
    };
    let plain = key.as_scalar().is_some_and(|scalar| scalar.style == Style::Plain);
    if text == "<<" && plain {
        seen.entry(text.to_owned()).or_insert(key.span);
        return Some(
            YamlError::new(ErrorCode::Merge, key.span, "merge key `<<`")
                .label("merge keys are not used in packs")
                .help("write the keys out"),
        );
    }
    let first = *seen.entry(text.to_owned()).or_insert(key.span);
    (first != key.span).then(|| {
        YamlError::new(ErrorCode::DuplicateKey, key.span, format!("key `{text}` stands twice"))
            .label("again here")
            .secondary(first, "first here")
            .help("a mapping holds a key once: remove one, or merge the two")
    })
}

/// The next character boundary at or before `offset`, within the source.
fn boundary(source: &str, offset: usize) -> usize {
    source.floor_char_boundary(offset.min(source.len()))
}
