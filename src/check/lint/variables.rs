//! Which names a rule's templates may use, and which of them may be without a value.

use std::collections::BTreeSet;
use std::ops::Range;

use regex_syntax::ast::{Ast, GroupKind, RepetitionKind, RepetitionRange, parse::Parser};

use super::Known;
use super::walk::{Rule, Within};
use crate::pack::groups::names_in;
use crate::yaml::Node;

/// Names that every error has.
pub const REPORTED: [&str; 6] = ["file", "line", "column", "function", "source", "message"];
/// What stands below `ctx.` besides the environments.
const CONTEXT: [&str; 8] = ["command", "args", "line", "cwd", "project", "exit_code", "user", "home"];

/// A named group.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// Its name.
    pub name: String,
    /// The regex that has it.
    pub regex: &'a Node,
    /// Where the name stands in the regex, where the regex parses.
    pub range: Option<Range<usize>>,
    /// A match may come about without it.
    pub optional: bool,
    /// The step of its regex.
    pub step: Option<usize>,
}

/// The names of a rule.
#[derive(Debug, Default)]
pub struct Names<'a> {
    /// Groups of the match, in order.
    pub groups: Vec<Group<'a>>,
    derived: Vec<(String, Option<usize>)>,
    base: BTreeSet<String>,
}

/// The names that a rule itself defines.
#[must_use]
pub fn of_rule<'a>(rule: &Rule<'a>) -> Names<'a> {
    let mut names = Names::default();
    if let Some(matching) = rule.node.get("match") {
        if let Some(regex) = matching.get("regex") {
            names.groups.extend(groups(regex, false, None));
        }
        for (k, step) in matching
            .get("steps")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .enumerate()
        {
            let optional = step.get("optional").and_then(Node::as_str) == Some("true");
            if let Some(regex) = step.get("regex") {
                names.groups.extend(groups(regex, optional, Some(k)));
            }
        }
    }
    for (name, definition, cause) in &rule.derives {
        if let Some(name) = name.as_str() {
            names.derived.push((name.to_owned(), *cause));
            // What is found in files says where.
            if definition.get("in_file").is_some() {
                names.derived.push((format!("{name}_file"), *cause));
                names.derived.push((format!("{name}_line"), *cause));
            }
        }
    }
    names
}

impl Names<'_> {
    /// Names of the rule that an override changes.
    pub fn add_base<'n>(&mut self, groups: &[String], derived: impl Iterator<Item = &'n String>) {
        self.base.extend(groups.iter().cloned());
        self.base.extend(derived.cloned());
    }

    /// All names that may be used at a place.
    #[must_use]
    pub fn at(&self, within: Within, known: &Known) -> BTreeSet<String> {
        let mut all = run_names(known);
        all.extend(REPORTED.map(str::to_owned));
        all.extend(self.groups.iter().map(|g| g.name.clone()));
        all.extend(self.base.iter().cloned());
        let here = self
            .derived
            .iter()
            .filter(|(_, cause)| cause.is_none() || *cause == within.cause);
        all.extend(here.map(|(name, _)| name.clone()));
        all
    }

    /// Whether a group may be without a value whenever the rule matches.
    #[must_use]
    pub fn optional(&self, name: &str) -> bool {
        let mut own = self.groups.iter().filter(|g| g.name == name).peekable();
        let derived = self.derived.iter().any(|(known, _)| known == name);
        own.peek().is_some() && own.all(|g| g.optional) && !derived && !REPORTED.contains(&name)
    }
}

/// Whether a group has a value wherever another one has: they stand in the same branch.
#[must_use]
pub fn comes_with(rule: &Rule<'_>, name: &str, other: &str) -> bool {
    /// What a part of a regex says: the other may be set in it, the name always is, and it is wherever the
    /// other is.
    #[derive(Clone, Copy, Default)]
    struct Says {
        other: bool,
        always: bool,
        with: bool,
    }
    fn says(ast: &Ast, name: &str, other: &str) -> Says {
        match ast {
            Ast::Group(group) => {
                let inner = says(&group.ast, name, other);
                match &group.kind {
                    GroupKind::CaptureName { name: own, .. } if own.name == name => Says {
                        always: true,
                        with: true,
                        ..inner
                    },
                    GroupKind::CaptureName { name: own, .. } if own.name == other => Says {
                        other: true,
                        with: inner.always,
                        ..inner
                    },
                    _ => inner,
                }
            }
            Ast::Repetition(repetition) => Says {
                always: false,
                ..says(&repetition.ast, name, other)
            },
            Ast::Alternation(all) => {
                let parts: Vec<Says> = all.asts.iter().map(|a| says(a, name, other)).collect();
                Says {
                    other: parts.iter().any(|p| p.other),
                    always: parts.iter().all(|p| p.always),
                    with: parts.iter().all(|p| p.with || !p.other),
                }
            }
            Ast::Concat(all) => {
                let parts: Vec<Says> = all.asts.iter().map(|a| says(a, name, other)).collect();
                let always = parts.iter().any(|p| p.always);
                Says {
                    other: parts.iter().any(|p| p.other),
                    always,
                    with: always || parts.iter().any(|p| p.other && p.with),
                }
            }
            _ => Says::default(),
        }
    }
    let Some(matching) = rule.node.get("match") else {
        return false;
    };
    let steps = matching.get("steps").map(Node::items).unwrap_or_default();
    let mut regexes = matching
        .get("regex")
        .into_iter()
        .chain(steps.iter().filter_map(|s| s.get("regex")));
    regexes.any(|regex| {
        let ast = regex.as_str().and_then(|r| Parser::new().parse(r).ok());
        ast.is_some_and(|ast| {
            let found = says(&ast, name, other);
            found.other && found.with
        })
    })
}

/// The variables of all templates at and below a node.
pub fn in_templates(node: &Node, into: &mut BTreeSet<String>) {
    if let Some(text) = node.as_str() {
        let found = crate::template::names(text).unwrap_or_default();
        into.extend(found.into_iter().map(|name| name.path));
    }
    node.items().iter().for_each(|n| in_templates(n, into));
    node.entries().iter().for_each(|(_, n)| in_templates(n, into));
}

/// Whether each match sets at least one of these groups: `{{a}}{{b}}` of `(?P<a>…)|(?P<b>…)` is never
/// without a value.
#[must_use]
pub fn one_is_set(rule: &Rule<'_>, names: &[&str]) -> bool {
    fn sets(ast: &Ast, names: &[&str]) -> bool {
        match ast {
            Ast::Group(group) => {
                let own =
                    matches!(&group.kind, GroupKind::CaptureName { name, .. } if names.contains(&name.name.as_str()));
                own || sets(&group.ast, names)
            }
            Ast::Repetition(repetition) => {
                let least = match &repetition.op.kind {
                    RepetitionKind::OneOrMore => 1,
                    RepetitionKind::Range(
                        RepetitionRange::Exactly(n) | RepetitionRange::AtLeast(n) | RepetitionRange::Bounded(n, _),
                    ) => *n,
                    RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore => 0,
                };
                least > 0 && sets(&repetition.ast, names)
            }
            Ast::Alternation(all) => all.asts.iter().all(|a| sets(a, names)),
            Ast::Concat(all) => all.asts.iter().any(|a| sets(a, names)),
            _ => false,
        }
    }
    let Some(matching) = rule.node.get("match") else {
        return false;
    };
    let steps = matching.get("steps").map(Node::items).unwrap_or_default();
    let needed = steps
        .iter()
        .filter(|s| s.get("optional").and_then(Node::as_str) != Some("true"));
    let regexes = matching
        .get("regex")
        .into_iter()
        .chain(needed.filter_map(|s| s.get("regex")));
    regexes
        .filter_map(|r| Parser::new().parse(r.as_str()?).ok())
        .any(|ast| sets(&ast, names))
}

/// Names below `ctx.`.
#[must_use]
pub fn run_names(known: &Known) -> BTreeSet<String> {
    let fixed = CONTEXT.iter().map(|name| format!("ctx.{name}"));
    let environments = known.environments.iter().map(|name| format!("ctx.{name}"));
    fixed.chain(environments).collect()
}

fn groups<'a>(regex: &'a Node, optional: bool, step: Option<usize>) -> Vec<Group<'a>> {
    let Some(text) = regex.as_str() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    match Parser::new().parse(text) {
        Ok(ast) => collect(&ast, optional, &mut |name, range, optional| {
            found.push(Group {
                name,
                regex,
                range: Some(range),
                optional,
                step,
            });
        }),
        Err(_) => found.extend(names_in(text).into_iter().map(|name| Group {
            name,
            regex,
            range: None,
            optional,
            step,
        })),
    }
    found
}

type Sink<'s> = dyn FnMut(String, Range<usize>, bool) + 's;

fn collect(ast: &Ast, optional: bool, sink: &mut Sink<'_>) {
    match ast {
        Ast::Group(group) => {
            if let GroupKind::CaptureName { name, .. } = &group.kind {
                sink(
                    name.name.clone(),
                    name.span.start.offset..name.span.end.offset,
                    optional,
                );
            }
            collect(&group.ast, optional, sink);
        }
        Ast::Repetition(repetition) => {
            let none = match &repetition.op.kind {
                RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore => true,
                RepetitionKind::OneOrMore => false,
                RepetitionKind::Range(range) => match range {
                    RepetitionRange::Exactly(least)
                    | RepetitionRange::AtLeast(least)
                    | RepetitionRange::Bounded(least, _) => *least == 0,
                },
            };
            collect(&repetition.ast, optional || none, sink);
        }
        Ast::Alternation(all) => all.asts.iter().for_each(|a| collect(a, true, sink)),
        Ast::Concat(all) => all.asts.iter().for_each(|a| collect(a, optional, sink)),
        _ => {}
    }
}
