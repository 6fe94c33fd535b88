//! The figures of the changelog: the specification's, and a table per rule.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{EventType, Incident};

/// The figures of a changelog.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Statistics {
    /// Entries in the changelog.
    pub total_incidents: usize,
    /// Fixes that passed validation.
    pub successful_fixes: usize,
    /// Fix attempts that failed.
    pub failed_fixes: usize,
    /// Successful among successful and failed, in percent; 0 where there was none.
    pub success_rate: f64,
    /// How often a person was needed.
    pub manual_interventions: usize,
    /// Errors that were caught.
    pub errors_detected: usize,
    /// How often changes were rolled back.
    pub rollbacks: usize,
    /// Sessions that left an entry.
    pub sessions: usize,
    /// Errors by environment; those of an unknown one under `unknown`.
    pub by_environment: BTreeMap<String, usize>,
    /// Errors by type; those without one under `unclassified`.
    pub by_error_type: BTreeMap<String, usize>,
    /// One line a rule, most fixes first.
    pub rules: Vec<RuleStatistics>,
}

/// The figures of one rule.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RuleStatistics {
    /// Full id, `pack/rule`.
    pub rule_id: String,
    /// Errors that it recognised.
    pub detected: usize,
    /// Fixes of it that were applied.
    pub applied: usize,
    /// Those that passed validation.
    pub successful: usize,
    /// Those that failed.
    pub failed: usize,
    /// Successful among successful and failed, in percent.
    pub success_rate: f64,
    /// How often a person was needed.
    pub manual_interventions: usize,
    /// Mean confidence of its entries that have one.
    pub mean_confidence: Option<f64>,
}

impl Statistics {
    /// Counts.
    pub fn of(incidents: &[Incident]) -> Self {
        let mut all = Self {
            total_incidents: incidents.len(),
            ..Self::default()
        };
        let mut rules: BTreeMap<&str, (RuleStatistics, f64, usize)> = BTreeMap::new();
        let mut sessions = BTreeSet::new();
        for incident in incidents {
            sessions.extend(incident.session_id.as_deref());
            let mut nobody = Default::default();
            let (rule, sum, count) = incident
                .rule_id
                .as_deref()
                .map_or(&mut nobody, |id| rules.entry(id).or_default());
            if let Some(confidence) = incident.confidence {
                *sum += confidence;
                *count += 1;
            }
            match incident.event_type {
                EventType::ErrorDetected => {
                    all.errors_detected += 1;
                    rule.detected += 1;
                    let named = |name: &Option<String>, other: &str| name.clone().unwrap_or_else(|| other.to_owned());
                    *all.by_environment
                        .entry(named(&incident.environment, "unknown"))
                        .or_default() += 1;
                    *all.by_error_type
                        .entry(named(&incident.error_type, "unclassified"))
                        .or_default() += 1;
                }
                EventType::FixApplied => rule.applied += 1,
                EventType::FixValidated => {
                    all.successful_fixes += 1;
                    rule.successful += 1;
                }
                EventType::FixFailed => {
                    all.failed_fixes += 1;
                    rule.failed += 1;
                }
                EventType::RollbackPerformed => all.rollbacks += 1,
                EventType::ManualInterventionRequired => {
                    all.manual_interventions += 1;
                    rule.manual_interventions += 1;
                }
                EventType::AnalysisComplete | EventType::FixGenerated | EventType::HealingComplete => {}
            }
        }
        all.sessions = sessions.len();
        all.success_rate = percent(all.successful_fixes, all.failed_fixes);
        all.rules = rules
            .into_iter()
            .map(|(id, (rule, sum, count))| RuleStatistics {
                rule_id: id.to_owned(),
                success_rate: percent(rule.successful, rule.failed),
                mean_confidence: (count > 0).then(|| sum / count as f64),
                ..rule
            })
            .collect();
        all.rules
            .sort_by_key(|rule| std::cmp::Reverse((rule.applied, rule.detected)));
        all
    }
}

fn percent(successful: usize, failed: usize) -> f64 {
    match successful + failed {
        0 => 0.0,
        tried => successful as f64 * 100.0 / tried as f64,
    }
}
