//! All rules of a set, ready to be matched: patterns, the literals that lead to them, and which
//! rule or report uses which pattern.
//!
//! Three stages, each asked only where the one before said yes: literals in raw bytes, literals on
//! the normalised line, regexes. As long as nothing of several lines is under way, only the literals
//! of what may begin are looked for. Rules whose regexes require no literal look at every line; there
//! should be few of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use super::prefilter::{Exact, Prefilter};
use crate::pack::RuleSet;
use crate::pack::model::{Keep, Step, StreamName};
use crate::pattern::{LinePattern, Literal, Required, StepProgram, StepSpec, analyse, implies_any};

/// Window of a rule's steps where it names none, in lines.
const RULE_WITHIN: u32 = 60;
/// Window of a report's steps where it names none: deep stacks are long.
const REPORT_WITHIN: u32 = 400;

/// A rule with one regex.
#[derive(Debug)]
pub(super) struct Single {
    pub rule: usize,
    pub pattern: usize,
    pub unless: Option<usize>,
    pub stream: Option<StreamName>,
    pub specificity: u32,
}

/// Whose steps these are.
#[derive(Debug)]
pub(super) enum Owner {
    Rule(usize),
    Report { environment: String, report: usize },
}

/// A rule or report with steps.
#[derive(Debug)]
pub(super) struct Program {
    pub owner: Owner,
    pub steps: StepProgram,
    /// Pattern of each step.
    pub patterns: Vec<usize>,
    /// Pattern of each step's `until`.
    pub untils: Vec<Option<usize>>,
    pub unless: Option<usize>,
    pub stream: Option<StreamName>,
    pub specificity: u32,
    /// While it is under way it must see every line, as not all its patterns have literals.
    pub greedy: bool,
}

/// What scanners share: the patterns of all rules and reports, and the literals that lead to them.
#[derive(Debug, Default)]
pub struct Matcher {
    pub(super) patterns: Vec<LinePattern>,
    /// Whether lines without the pattern's literals can be passed over.
    pub(super) selective: Vec<bool>,
    pub(super) singles: Vec<Single>,
    pub(super) programs: Vec<Program>,
    /// By pattern: singles and programs that use it.
    pub(super) singles_of: Vec<Vec<usize>>,
    pub(super) programs_of: Vec<Vec<usize>>,
    /// Those that look at every line.
    pub(super) always_singles: Vec<usize>,
    pub(super) always_programs: Vec<usize>,
    literals: Vec<Literal>,
    patterns_of: Vec<Vec<u32>>,
    /// Literals of what may begin.
    beginnings: OnceLock<Prefilter>,
    all: OnceLock<Prefilter>,
    exact: OnceLock<Exact>,
}

impl Matcher {
    /// Prepares a rule set. Compiles no regex.
    #[must_use]
    pub fn new(rules: &RuleSet) -> Self {
        Builder::new(true).build(rules)
    }

    /// The same without any literals, so that every regex looks at every line: what results are
    /// compared with.
    #[doc(hidden)]
    #[must_use]
    pub fn naive(rules: &RuleSet) -> Self {
        Builder::new(false).build(rules)
    }

    /// Rules (indices into [`RuleSet::rules`]) that look at every line, for want of a literal.
    #[must_use]
    pub fn without_literals(&self) -> Vec<usize> {
        let singles = self.always_singles.iter().map(|&s| self.singles[s].rule);
        let programs = self
            .always_programs
            .iter()
            .filter_map(|&p| match self.programs[p].owner {
                Owner::Rule(rule) => Some(rule),
                Owner::Report { .. } => None,
            });
        let mut all: Vec<usize> = singles.chain(programs).collect();
        all.sort_unstable();
        all
    }

    /// Whether some rule or report must see every line.
    pub(super) fn sees_all(&self) -> bool {
        !self.always_singles.is_empty() || !self.always_programs.is_empty()
    }

    /// Finds places in raw bytes where a match may begin, or also go on.
    pub(super) fn prefilter(&self, under_way: bool) -> &Prefilter {
        if under_way {
            return self.all.get_or_init(|| Prefilter::new(self.literals.clone()));
        }
        self.beginnings.get_or_init(|| {
            let singles = self.singles.iter().map(|s| s.pattern);
            let starters = |p: &Program| p.steps.starters().map(|s| p.patterns[s]).collect::<Vec<_>>();
            let mut begins = vec![false; self.patterns.len()];
            for pattern in singles.chain(self.programs.iter().flat_map(starters)) {
                begins[pattern] = true;
            }
            let used = self.literals.iter().zip(&self.patterns_of);
            let used = used.filter(|(_, patterns)| patterns.iter().any(|p| begins[*p as usize]));
            Prefilter::new(used.map(|(literal, _)| literal.clone()).collect())
        })
    }

    /// Patterns that have a literal in this text, each once, in order.
    pub(super) fn candidates(&self, text: &[u8]) -> Vec<u32> {
        let exact = self.exact.get_or_init(|| Exact::new(self.literals.clone()));
        let mut literals = Vec::new();
        exact.find(text, &mut literals);
        let mut found: Vec<u32> = literals
            .iter()
            .flat_map(|l| self.patterns_of[*l as usize].iter().copied())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

struct Builder {
    matcher: Matcher,
    with_literals: bool,
    pattern_ids: HashMap<String, usize>,
    literal_ids: HashMap<Literal, usize>,
    /// Fixed characters by pattern.
    weights: Vec<u32>,
}

impl Builder {
    fn new(with_literals: bool) -> Self {
        Self {
            matcher: Matcher::default(),
            with_literals,
            pattern_ids: HashMap::new(),
            literal_ids: HashMap::new(),
            weights: Vec::new(),
        }
    }

    fn build(mut self, rules: &RuleSet) -> Matcher {
        for (index, loaded) in rules.rules.iter().enumerate() {
            let matching = &loaded.rule.matching;
            let unless = matching.unless.as_deref().map(|r| self.pattern(r, &[]));
            if let Some(regex) = &matching.regex {
                let pattern = self.pattern(regex, &matching.literals);
                self.matcher.singles.push(Single {
                    rule: index,
                    pattern,
                    unless,
                    stream: matching.stream,
                    specificity: self.weights[pattern],
                });
            } else if !matching.steps.is_empty() {
                let within = matching.within.unwrap_or(RULE_WITHIN);
                let mut program = self.program(Owner::Rule(index), &matching.steps, within);
                program.unless = unless;
                program.stream = matching.stream;
                self.matcher.programs.push(program);
            }
        }
        for (name, environment) in &rules.environments {
            for (k, report) in environment.report.iter().enumerate() {
                if report.steps.is_empty() {
                    continue;
                }
                let owner = Owner::Report {
                    environment: name.clone(),
                    report: k,
                };
                let within = report.within.unwrap_or(REPORT_WITHIN);
                let program = self.program(owner, &report.steps, within);
                self.matcher.programs.push(program);
            }
        }
        self.index();
        self.matcher
    }

    fn index(&mut self) {
        let m = &mut self.matcher;
        m.singles_of = vec![Vec::new(); m.patterns.len()];
        m.programs_of = vec![Vec::new(); m.patterns.len()];
        for (k, single) in m.singles.iter().enumerate() {
            m.singles_of[single.pattern].push(k);
            if !m.selective[single.pattern] {
                m.always_singles.push(k);
            }
        }
        for (k, program) in m.programs.iter().enumerate() {
            let mut used: Vec<usize> = program.patterns.clone();
            used.extend(program.untils.iter().flatten());
            used.sort_unstable();
            used.dedup();
            for pattern in used {
                m.programs_of[pattern].push(k);
            }
            let blind = |s: usize| !m.selective[program.patterns[s]];
            if program.steps.starters().any(blind) {
                m.always_programs.push(k);
            }
        }
    }

    fn program(&mut self, owner: Owner, steps: &[Step], within: u32) -> Program {
        let patterns: Vec<usize> = steps.iter().map(|s| self.pattern(&s.regex, &[])).collect();
        let untils: Vec<Option<usize>> = steps
            .iter()
            .map(|s| s.until.as_deref().map(|r| self.pattern(r, &[])))
            .collect();
        let specs: Vec<StepSpec> = steps
            .iter()
            .zip(&patterns)
            .map(|(s, &pattern)| StepSpec {
                optional: s.optional,
                keep_last: s.keep == Keep::Last,
                repeat: s.repeat,
                after: s.after,
                until: s.until.is_some(),
                weight: self.weights[pattern],
            })
            .collect();
        let needed = specs.iter().filter(|s| !s.optional);
        let specificity = needed.map(|s| s.weight.saturating_add(4)).sum();
        let greedy = patterns
            .iter()
            .chain(untils.iter().flatten())
            .any(|&p| !self.matcher.selective[p]);
        Program {
            owner,
            steps: StepProgram { steps: specs, within },
            patterns,
            untils,
            unless: None,
            stream: None,
            specificity,
            greedy,
        }
    }

    fn pattern(&mut self, regex: &str, listed: &[String]) -> usize {
        if let Some(&known) = self.pattern_ids.get(regex) {
            return known;
        }
        let id = self.matcher.patterns.len();
        self.matcher.patterns.push(LinePattern::new(regex));
        self.pattern_ids.insert(regex.to_owned(), id);
        let (derived, weight) = analyse(regex);
        self.weights.push(weight);
        let required = if self.with_literals {
            required(regex, derived, listed)
        } else {
            Vec::new()
        };
        self.matcher.selective.push(!required.is_empty());
        for literal in required {
            let fresh = self.matcher.literals.len();
            let at = *self.literal_ids.entry(literal.clone()).or_insert(fresh);
            if at == fresh {
                self.matcher.literals.push(literal);
                self.matcher.patterns_of.push(Vec::new());
            }
            self.matcher.patterns_of[at].push(u32::try_from(id).unwrap_or(u32::MAX));
        }
        id
    }
}

/// Literals of which every match has one: derived; or listed, where they are needed and true.
fn required(regex: &str, derived: Option<Required>, listed: &[String]) -> Vec<Literal> {
    if let Some(found) = derived {
        return found.any_of;
    }
    let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
    let usable = !listed.is_empty() && listed.iter().all(|l| !l.trim().is_empty());
    if usable && implies_any(regex, &listed) {
        return listed.iter().map(|l| Literal::exact(l.as_bytes())).collect();
    }
    Vec::new()
}

/// Named groups by name.
pub(super) type Captures = BTreeMap<String, String>;
