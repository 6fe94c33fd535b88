//! A rule's tree, sorted by what its parts mean: patterns, templates, names of variables, tables
//! and probes, conditions and fixes, each node with the cause and fix that it belongs to.
//!
//! The tree is walked rather than the decoded rule: a rule with a wrong type in one place is
//! still looked at in all others, and every part has its place. Parts of an unexpected shape are
//! passed over; decoding has reported them.

use crate::yaml::Node;

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A template for people.
    Text,
    /// A template that reaches a command or a file.
    Action,
    /// A template in a question about the project: an absent value makes the answer "no".
    Question,
    /// A template that becomes a regex.
    Regex,
    /// A plain regex for lines of the output.
    Match,
}

/// Which part of a rule something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Within {
    /// Index into [`Rule::causes`].
    pub cause: Option<usize>,
    /// Index into [`Rule::fixes`].
    pub fix: Option<usize>,
}

/// A text of a rule.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'a> {
    /// The scalar.
    pub node: &'a Node,
    /// What it is for.
    pub using: Use,
    /// Where it belongs.
    pub within: Within,
}

/// A fix of a rule.
#[derive(Debug, Clone, Copy)]
pub struct Fix<'a> {
    /// Its mapping.
    pub node: &'a Node,
    /// Its cause; none for the rule's one cause.
    pub cause: Option<usize>,
}

/// A condition of a rule: its only key, and the value.
#[derive(Debug, Clone, Copy)]
pub struct Condition<'a> {
    /// The key.
    pub key: &'a Node,
    /// The value.
    pub value: &'a Node,
    /// Where it belongs.
    pub within: Within,
    /// It stands below a `not`.
    pub negated: bool,
    /// It is a piece of evidence: what hangs on it is confidence, not whether something happens.
    pub evidence: bool,
}

/// A rule, or the parts of one that an override brings.
#[derive(Debug)]
pub struct Rule<'a> {
    /// Its mapping.
    pub node: &'a Node,
    /// Its causes, where they are written as such.
    pub causes: Vec<&'a Node>,
    /// All fixes.
    pub fixes: Vec<Fix<'a>>,
    /// All texts.
    pub slots: Vec<Slot<'a>>,
    /// Variables that are named without a template.
    pub variables: Vec<Slot<'a>>,
    /// Tables that are named.
    pub tables: Vec<&'a Node>,
    /// Probes that are named.
    pub probes: Vec<&'a Node>,
    /// All conditions, nested ones too.
    pub conditions: Vec<Condition<'a>>,
    /// Definitions of derived variables: name, definition, cause.
    pub derives: Vec<(&'a Node, &'a Node, Option<usize>)>,
    at: Within,
    negated: bool,
    evidence: bool,
}

impl<'a> Rule<'a> {
    /// Of a rule's mapping.
    #[must_use]
    pub fn new(node: &'a Node) -> Self {
        let mut rule = Self::empty(node);
        rule.matching(node.get("match"));
        rule.shared(node);
        rule.text(node.get("cause"), Use::Text);
        for cause in node.get("causes").map(Node::items).unwrap_or_default() {
            rule.at.cause = Some(rule.causes.len());
            rule.causes.push(cause);
            rule.shared(cause);
        }
        rule
    }

    /// Names of the variables that a derived one is made of.
    #[must_use]
    pub fn needs(derive: &Node) -> Vec<String> {
        let mut rule = Rule::empty(derive);
        rule.derive_one(derive);
        rule.names().collect()
    }

    /// All variables that the rule names, with repetitions.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        let templates = self.slots.iter().filter(|s| s.using != Use::Match);
        let in_templates = templates
            .filter_map(|s| crate::template::names(s.node.as_str()?).ok())
            .flatten()
            .map(|n| n.path);
        let plain = self.variables.iter().filter_map(|s| s.node.as_str().map(str::to_owned));
        in_templates.chain(plain)
    }

    fn empty(node: &'a Node) -> Self {
        Self {
            node,
            causes: Vec::new(),
            fixes: Vec::new(),
            slots: Vec::new(),
            variables: Vec::new(),
            tables: Vec::new(),
            probes: Vec::new(),
            conditions: Vec::new(),
            derives: Vec::new(),
            at: Within::default(),
            negated: false,
            evidence: false,
        }
    }

    /// What stands at the id, or at the first key where there is none.
    #[must_use]
    pub fn head(&self) -> crate::yaml::Span {
        self.node.get("id").map_or(self.node.head(), |id| id.span)
    }

    /// Keys that a rule and a cause have in common.
    fn shared(&mut self, node: &'a Node) {
        self.derive(node.get("derive"));
        self.all(node.get("when"));
        self.text(node.get("explain"), Use::Text);
        if let Some(confidence) = node.get("confidence") {
            for piece in confidence.get("evidence").map(Node::items).unwrap_or_default() {
                self.evidence = true;
                self.one_or_all(piece.get("if"));
                self.evidence = false;
                self.text(piece.get("because"), Use::Text);
            }
        }
        for fix in node.get("fix").map(Node::items).unwrap_or_default() {
            self.at.fix = Some(self.fixes.len());
            self.fixes.push(Fix {
                node: fix,
                cause: self.at.cause,
            });
            self.fix(fix);
            self.at.fix = None;
        }
    }

    fn text(&mut self, node: Option<&'a Node>, using: Use) {
        if let Some(node) = node.filter(|n| n.as_scalar().is_some()) {
            self.slots.push(Slot {
                node,
                using,
                within: self.at,
            });
        }
    }

    fn texts(&mut self, node: Option<&'a Node>, using: Use) {
        let Some(node) = node else { return };
        self.text(Some(node), using);
        for item in node.items() {
            self.text(Some(item), using);
        }
    }

    fn values(&mut self, node: Option<&'a Node>, using: Use) {
        for (_, value) in node.map(Node::entries).unwrap_or_default() {
            self.text(Some(value), using);
        }
    }

    fn variable(&mut self, node: &'a Node) {
        if node.as_scalar().is_some() {
            self.variables.push(Slot {
                node,
                using: Use::Question,
                within: self.at,
            });
        }
    }

    fn matching(&mut self, node: Option<&'a Node>) {
        let Some(node) = node else { return };
        self.text(node.get("regex"), Use::Match);
        self.text(node.get("unless"), Use::Match);
        for step in node.get("steps").map(Node::items).unwrap_or_default() {
            self.text(step.get("regex"), Use::Match);
            self.text(step.get("until"), Use::Match);
        }
    }

    fn derive(&mut self, node: Option<&'a Node>) {
        for (name, d) in node.map(Node::entries).unwrap_or_default() {
            self.derives.push((name, d, self.at.cause));
            self.derive_one(d);
        }
    }

    fn derive_one(&mut self, d: &'a Node) {
        if let Some(from) = d.get("from") {
            self.variable(from);
        }
        self.text(d.get("template"), Use::Question);
        self.text(d.get("regex"), Use::Regex);
        self.text(d.get("replace").and_then(|r| r.get("regex")), Use::Regex);
        self.text(d.get("in_output"), Use::Regex);
        self.texts(d.get("first_existing"), Use::Question);
        self.texts(d.get("unparsable").and_then(|u| u.get("files")), Use::Question);
        self.tables.extend(d.get("table"));
        for key in ["near", "only"] {
            self.among(d.get(key));
        }
        if let Some(source) = d.get("source_line") {
            self.text(source.get("file"), Use::Question);
            self.text(source.get("line"), Use::Question);
            self.text(source.get("regex"), Use::Regex);
        }
        if let Some(file) = d.get("in_file") {
            self.text(file.get("file"), Use::Question);
            self.text(file.get("regex"), Use::Regex);
        }
        if let Some(probe) = d.get("in_probe") {
            self.probes.extend(probe.get("probe"));
            self.text(probe.get("regex"), Use::Regex);
        }
        if let Some(probe) = d.get("probe") {
            self.probes.extend(probe.get("name"));
        }
        self.text(d.get("data").and_then(|data| data.get("file")), Use::Question);
        let otherwise = d.get("otherwise");
        if !matches!(otherwise.and_then(Node::as_str), Some("keep" | "none")) {
            self.text(otherwise, Use::Question);
        }
    }

    fn among(&mut self, node: Option<&'a Node>) {
        let Some(node) = node else { return };
        if let Some(tables) = node.get("tables") {
            self.tables.extend(tables.as_scalar().map(|_| tables));
            self.tables.extend(tables.items());
        }
        self.probes.extend(node.get("probe"));
        self.text(node.get("regex"), Use::Regex);
        for key in ["files", "in_files", "names"] {
            self.texts(node.get(key), Use::Question);
        }
        if let Some(of) = node.get("names_of") {
            self.texts(of.get("files"), Use::Question);
        }
    }

    fn all(&mut self, node: Option<&'a Node>) {
        for item in node.map(Node::items).unwrap_or_default() {
            self.condition(item);
        }
    }

    fn one_or_all(&mut self, node: Option<&'a Node>) {
        if let Some(node) = node {
            self.condition(node);
            self.all(Some(node));
        }
    }

    fn condition(&mut self, node: &'a Node) {
        let [(key, value)] = node.entries() else { return };
        self.conditions.push(Condition {
            key,
            value,
            within: self.at,
            negated: self.negated,
            evidence: self.evidence,
        });
        match key.as_str().unwrap_or_default() {
            "not" => {
                let outer = std::mem::replace(&mut self.negated, true);
                self.one_or_all(Some(value));
                self.negated = outer;
            }
            "any_of" | "all_of" => self.all(Some(value)),
            "file_exists"
            | "dir_exists"
            | "file_glob"
            | "inside_project"
            | "executable"
            | "owned_by_user"
            | "writable"
            | "declared_in_project"
            | "port_open"
            | "on_path"
            | "argument"
            | "equal" => {
                self.texts(Some(value), Use::Question);
            }
            "has" => {
                if value.as_scalar().is_some() {
                    self.variable(value);
                }
                for item in value.items() {
                    self.variable(item);
                }
            }
            "capture" => {
                for (name, _) in value.entries() {
                    self.variable(name);
                }
                self.values(Some(value), Use::Regex);
            }
            "env" => self.values(Some(value), Use::Regex),
            "output" => self.text(Some(value), Use::Regex),
            "source_line" if value.as_scalar().is_some() => self.text(Some(value), Use::Regex),
            "near" => {
                self.text(value.get("name"), Use::Question);
                self.among(value.get("among"));
            }
            "in_table" => {
                self.tables.extend(value.get("table"));
                self.text(value.get("key"), Use::Question);
                self.text(value.get("value"), Use::Regex);
            }
            "probe" => {
                self.probes.extend(value.get("name"));
                self.text(value.get("equals"), Use::Question);
                self.text(value.get("matches"), Use::Regex);
            }
            _ => {
                self.text(value.get("file"), Use::Question);
                self.text(value.get("line"), Use::Question);
                self.text(value.get("version"), Use::Question);
                self.text(value.get("pattern"), Use::Question);
                self.text(value.get("regex"), Use::Regex);
                self.values(value.get("constraints"), Use::Regex);
            }
        }
    }

    fn fix(&mut self, fix: &'a Node) {
        self.all(fix.get("if"));
        self.text(fix.get("title"), Use::Text);
        self.text(fix.get("advice"), Use::Text);
        for key in ["run", "rerun", "cwd", "mkdir"] {
            self.texts(fix.get(key), Use::Action);
        }
        for argv in fix.get("before").map(Node::items).unwrap_or_default() {
            self.texts(Some(argv), Use::Action);
        }
        self.values(fix.get("env"), Use::Action);
        if let Some(edit) = fix.get("edit") {
            for key in ["file", "line", "end_line", "insert_before", "insert_after", "append"] {
                self.text(edit.get(key), Use::Action);
            }
            if let Some(probe) = edit.get("from_probe") {
                self.probes.extend(probe.get("name"));
            }
            if let Some(replace) = edit.get("replace") {
                for key in ["find", "with"] {
                    self.text(replace.get(key), Use::Action);
                }
                self.text(replace.get("regex"), Use::Regex);
            }
            self.text(edit.get("guard").and_then(|g| g.get("line_matches")), Use::Regex);
        }
        if let Some(rewrite) = fix.get("rewrite") {
            for key in ["file", "line", "column", "pattern", "with"] {
                self.text(rewrite.get(key), Use::Action);
            }
            self.values(rewrite.get("constraints"), Use::Regex);
        }
        for (verb, keys) in [
            ("repair", &["file", "line"][..]),
            ("set", &["file", "key", "value"]),
            ("chmod", &["path", "mode"]),
        ] {
            for key in keys {
                self.text(fix.get(verb).and_then(|v| v.get(key)), Use::Action);
            }
        }
        if let Some(undo) = fix.get("undo").filter(|u| u.as_scalar().is_none()) {
            self.texts(Some(undo), Use::Action);
            self.texts(undo.get("restore"), Use::Action);
        }
        self.texts(fix.get("verify").and_then(|v| v.get("run")), Use::Action);
    }
}
