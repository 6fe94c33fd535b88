//! One pack file: text → tree → types, with every mistake and its place.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::model::{EnvironmentKey, Head, Map, Override, Pack, Probe, Rule, Table};
use crate::diagnostic::suggest;
use crate::yaml::{self, DecodeKind, Decoded, ErrorCode, Limits, Node, Path as NodePath, Span};

/// The only version of the format so far.
pub const FORMAT: u32 = 1;

/// A mistake in a pack, with its place. The code is one of the catalogue's (`heal explain CODE`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Code of the diagnostic, e.g. `E102`.
    pub code: &'static str,
    /// Where, as bytes of the source.
    pub span: Span,
    /// What is wrong.
    pub title: String,
    /// What stands at the place.
    pub label: String,
    /// Other places that belong to it.
    pub secondary: Vec<(Span, String)>,
    /// What would be right.
    pub help: Vec<String>,
    /// Text to put at a place that puts it right.
    pub patch: Option<(Span, String)>,
}

impl Problem {
    /// A problem at a place.
    #[must_use]
    pub fn new(code: &'static str, span: Span, title: impl Into<String>) -> Self {
        Self {
            code,
            span,
            title: title.into(),
            label: String::new(),
            secondary: Vec::new(),
            help: Vec::new(),
            patch: None,
        }
    }

    /// With a label.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Whether the pack cannot be used with it: codes of errors start with `E`.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.code.starts_with('E')
    }
}

/// A pack file as it was read.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file; for built-in packs a path under `rules/`.
    pub file: PathBuf,
    /// Its text.
    pub source: Arc<str>,
    /// Its tree, as far as it could be read.
    pub tree: Option<Node>,
    /// The pack, with the rules that could be read; none where its head is wrong.
    pub pack: Option<Pack>,
    /// For each rule of `pack` its index in the file.
    pub rule_index: Vec<usize>,
    /// For each override of `pack` its index in the file.
    pub override_index: Vec<usize>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// The parts of a pack that are decoded in one piece; rules and overrides one by one.
#[derive(Deserialize)]
struct Frame {
    heal: u32,
    pack: Head,
    #[serde(default)]
    environment: Option<EnvironmentKey>,
    #[serde(default)]
    probes: Map<Probe>,
    #[serde(default)]
    tables: Map<Table>,
    // Only named here, so that they are known keys.
    #[serde(default)]
    #[expect(dead_code, reason = "decoded one by one from the tree")]
    rules: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    #[expect(dead_code, reason = "decoded one by one from the tree")]
    overrides: Option<serde::de::IgnoredAny>,
}

impl Document {
    /// Reads a pack. Never fails: what is wrong stands in `problems`.
    #[must_use]
    pub fn read(file: &Path, source: &str) -> Self {
        let parsed = yaml::parse_all(source, &Limits::default());
        let mut document = Self {
            file: file.to_path_buf(),
            source: Arc::from(source),
            tree: None,
            pack: None,
            rule_index: Vec::new(),
            override_index: Vec::new(),
            problems: parsed.errors.iter().map(yaml_problem).collect(),
        };
        if let Some(root) = parsed.root {
            document.decode(&root);
            document.tree = Some(root);
        }
        document.problems.sort_by_key(|p| (p.span.start, p.code));
        document
    }

    /// Bytes that are not text.
    #[must_use]
    pub fn unreadable(file: &Path, code: &'static str, message: String) -> Self {
        Self {
            file: file.to_path_buf(),
            source: Arc::from(""),
            tree: None,
            pack: None,
            rule_index: Vec::new(),
            override_index: Vec::new(),
            problems: vec![Problem::new(code, Span::at(0), message)],
        }
    }

    /// Whether anything is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    /// 1-based line and column (in characters) of a byte offset.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut at = offset.min(self.source.len());
        while !self.source.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.source[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The node of a rule of `pack`.
    #[must_use]
    pub fn rule_node(&self, index: usize) -> Option<&Node> {
        self.tree
            .as_ref()?
            .get("rules")?
            .items()
            .get(*self.rule_index.get(index)?)
    }

    fn decode(&mut self, root: &Node) {
        if root.is_null() {
            self.problems.push(
                Problem::new("E103", root.span, "the pack is empty").help("a pack starts with `heal: 1` and `pack:`"),
            );
            return;
        }
        let frame = self.take::<Frame>(root, &NodePath::root());
        let (mut rules, mut overrides) = (Vec::new(), Vec::new());
        for (index, node) in root
            .get("rules")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .enumerate()
        {
            if let Some(rule) = self.take::<Rule>(node, &NodePath::root()) {
                rules.push(rule);
                self.rule_index.push(index);
            }
        }
        for key in ["rules", "overrides"] {
            if let Some(node) = root.get(key)
                && !node.is_null()
                && !matches!(node.kind, yaml::NodeKind::Sequence(_))
            {
                self.problems
                    .push(Problem::new("E101", node.span, format!("`{key}` must be a list")).label("not a list"));
            }
        }
        for (index, node) in root
            .get("overrides")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .enumerate()
        {
            if let Some(change) = self.take::<Override>(node, &NodePath::root()) {
                overrides.push(change);
                self.override_index.push(index);
            }
        }
        let Some(frame) = frame else { return };
        if frame.heal != FORMAT {
            let span = root.get("heal").map_or(root.span, |n| n.span);
            self.problems.push(
                Problem::new("E005", span, format!("pack format {} is not supported", frame.heal))
                    .label(format!("this heal reads format {FORMAT}")),
            );
            return;
        }
        if let Some(requires) = &frame.pack.requires
            && !self.meets(root, requires)
        {
            return;
        }
        self.pack = Some(Pack {
            heal: frame.heal,
            pack: frame.pack,
            environment: frame.environment,
            probes: frame.probes,
            tables: frame.tables,
            rules,
            overrides,
        });
    }

    /// Whether this engine is one that the pack works with; a pack for a newer one is skipped.
    fn meets(&mut self, root: &Node, requires: &str) -> bool {
        let span = root
            .get("pack")
            .and_then(|p| p.get("requires"))
            .map_or(root.span, |n| n.span);
        let engine = env!("CARGO_PKG_VERSION");
        match (semver::VersionReq::parse(requires), semver::Version::parse(engine)) {
            (Ok(wanted), Ok(version)) if !wanted.matches(&version) => {
                self.problems.push(
                    Problem::new("I006", span, format!("the pack is skipped: it needs heal {requires}"))
                        .label(format!("this is heal {engine}")),
                );
                false
            }
            (Err(error), _) => {
                self.problems.push(
                    Problem::new("E101", span, format!("`{requires}` is not a version requirement"))
                        .label(error.to_string())
                        .help("for example `>=0.1`"),
                );
                true
            }
            _ => true,
        }
    }

    fn take<T: serde::de::DeserializeOwned>(&mut self, node: &Node, _at: &NodePath) -> Option<T> {
        let Decoded { value, unknown, errors } = yaml::from_node_lenient::<T>(node);
        for key in unknown {
            let mut problem = Problem::new("E102", key.span, format!("unknown key `{}`", key.name))
                .label("not a key of this mapping");
            if let Some(near) = suggest(&key.name, key.known.iter().copied()) {
                problem.help.push(format!("did you mean `{near}`?"));
                problem.patch = Some((key.span, near.to_owned()));
            } else if !key.known.is_empty() {
                problem.help.push(format!("keys here are: {}", key.known.join(", ")));
            }
            self.problems.push(problem);
        }
        for error in errors {
            let code = match &error.kind {
                DecodeKind::MissingField { .. } => "E103",
                DecodeKind::UnknownField { .. } => "E102",
                DecodeKind::UnknownVariant { .. } => "E104",
                DecodeKind::NotOneKey { .. } => "E105",
                _ => "E101",
            };
            let mut problem = Problem::new(code, error.span, error.message.clone());
            if let DecodeKind::UnknownVariant { name, known } | DecodeKind::UnknownField { name, known } = &error.kind {
                if let Some(near) = suggest(name, known.iter().copied()) {
                    problem.patch = Some((error.span, near.to_owned()));
                    problem.help.push(format!("did you mean `{near}`?"));
                } else {
                    problem.help.push(format!("one of: {}", known.join(", ")));
                }
            } else {
                problem.help.extend(error.help);
            }
            let path = error.path.to_string();
            if !path.is_empty() {
                problem.label = format!("in `{path}`");
            }
            self.problems.push(problem);
        }
        value
    }
}

fn yaml_problem(error: &yaml::YamlError) -> Problem {
    let code = match error.code {
        ErrorCode::Syntax => "E001",
        ErrorCode::DuplicateKey => "E002",
        ErrorCode::Alias | ErrorCode::Anchor | ErrorCode::Tag | ErrorCode::Merge | ErrorCode::MultiDocument => "E003",
        ErrorCode::Budget | ErrorCode::Encoding => "E004",
    };
    let mut problem = Problem::new(code, error.span, error.message.clone()).label(error.label.clone());
    problem
        .secondary
        .extend(error.secondary.iter().map(|s| (s.span, s.message.clone())));
    problem.help.extend(error.help.clone());
    problem
}
