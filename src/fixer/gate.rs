//! The policy gate: the one place that every action passes before anything happens.
//!
//! It is a pure function of facts, so that it can be tested over all of them: what kind of action,
//! its safety and effects, the confidence, the config, who is there to be asked.

use crate::pack::model::{Effect, Safety};

/// What the config and the command line allow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// At or above, a safe fix acts by itself.
    pub auto: f64,
    /// At or above, a fix is offered; below it is advice.
    pub ask: f64,
    /// Everything needs approval (`safety.require_approval`, `--ask`).
    pub require_approval: bool,
    /// Approval is given in advance (`--yes`).
    pub yes: bool,
    /// Somebody sits at a terminal and can be asked.
    pub can_ask: bool,
    /// Nothing that needs the network (`--offline`).
    pub offline: bool,
    /// Nothing is changed at all (`safety.dry_run`).
    pub dry_run: bool,
}

/// What an action reaches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Nothing but time and the next run's environment.
    Nothing,
    /// Files, all of them allowed.
    Files,
    /// A command that is on the allow-list.
    Command {
        /// It can be taken back.
        undoable: bool,
    },
    /// Something that is not allowed, and why.
    Forbidden(String),
    /// Only words.
    Words,
}

/// The facts of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts<'a> {
    /// What the action reaches for.
    pub reach: Reach,
    /// Kind of change.
    pub safety: Safety,
    /// Effects.
    pub effects: &'a [Effect],
    /// How sure the analyzer is.
    pub confidence: f64,
    /// The rule may run commands by itself.
    pub trusted: bool,
}

/// What may be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Do it.
    Allow,
    /// Show what would be done and ask.
    Ask(String),
    /// Show it as what a person should do.
    Advise(String),
    /// Not allowed: manual intervention, logged.
    Refuse(String),
}

/// Decides. The order of the questions is the table: what is forbidden stays forbidden whatever else
/// is said, approval given in advance never lifts a refusal, and nothing destructive happens unasked.
#[must_use]
pub fn decide(facts: &Facts<'_>, policy: &Policy) -> Decision {
    let advise = |why: &str| Decision::Advise(why.to_owned());
    if facts.reach == Reach::Words || facts.safety == Safety::Manual {
        return advise("it is for a person to do");
    }
    if let Reach::Forbidden(why) = &facts.reach {
        return Decision::Refuse(why.clone());
    }
    if facts.confidence < policy.ask {
        return advise("the cause is not sure enough");
    }
    if policy.offline && facts.effects.contains(&Effect::Network) {
        return advise("it needs the network, and heal is offline");
    }
    let is_command = matches!(facts.reach, Reach::Command { .. });
    if is_command && !facts.trusted {
        return advise("its pack is not trusted to run commands (`heal trust`)");
    }
    let destructive = facts
        .effects
        .iter()
        .any(|e| matches!(e, Effect::Delete | Effect::Destructive | Effect::RemoteState));
    let reason = if destructive {
        Some("it cannot be taken back")
    } else if policy.require_approval {
        Some("every change needs approval")
    } else if facts.confidence < policy.auto {
        Some("the cause is likely, not certain")
    } else if facts.safety == Safety::Unsafe {
        Some("it changes behaviour")
    } else if facts.reach == (Reach::Command { undoable: false }) {
        Some("the command cannot be undone")
    } else {
        None
    };
    match reason {
        None => Decision::Allow,
        // What is destructive is never done on a yes that was given before it was known.
        Some(why) if destructive && !policy.can_ask => advise(why),
        Some(_) if policy.yes && !destructive => Decision::Allow,
        Some(why) if policy.can_ask => Decision::Ask(why.to_owned()),
        Some(why) => advise(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy() -> Policy {
        Policy {
            auto: 0.8,
            ask: 0.5,
            require_approval: false,
            yes: false,
            can_ask: false,
            offline: false,
            dry_run: false,
        }
    }

    fn facts(reach: Reach, safety: Safety, effects: &[Effect], confidence: f64) -> Facts<'_> {
        Facts {
            reach,
            safety,
            effects,
            confidence,
            trusted: true,
        }
    }

    #[test]
    fn the_usual_cases() {
        let command = Reach::Command { undoable: true };
        assert_eq!(
            decide(
                &facts(command.clone(), Safety::Safe, &[Effect::Network], 0.95),
                &policy()
            ),
            Decision::Allow
        );
        assert!(matches!(
            decide(&facts(command.clone(), Safety::Safe, &[], 0.7), &policy()),
            Decision::Advise(_)
        ));
        assert!(matches!(
            decide(&facts(command.clone(), Safety::Unsafe, &[], 0.95), &policy()),
            Decision::Advise(_)
        ));
        assert_eq!(
            decide(
                &facts(command, Safety::Unsafe, &[], 0.95),
                &Policy { yes: true, ..policy() }
            ),
            Decision::Allow
        );
        let ask = Policy {
            can_ask: true,
            require_approval: true,
            ..policy()
        };
        assert!(matches!(
            decide(&facts(Reach::Files, Safety::Safe, &[], 0.95), &ask),
            Decision::Ask(_)
        ));
    }

    fn any_facts() -> impl Strategy<Value = (Reach, Safety, Vec<Effect>, f64, bool)> {
        let reach = prop_oneof![
            Just(Reach::Nothing),
            Just(Reach::Files),
            Just(Reach::Command { undoable: true }),
            Just(Reach::Command { undoable: false }),
            Just(Reach::Forbidden("no".into())),
            Just(Reach::Words),
        ];
        let safety = prop_oneof![Just(Safety::Safe), Just(Safety::Unsafe), Just(Safety::Manual)];
        let effect = prop_oneof![
            Just(Effect::Network),
            Just(Effect::Delete),
            Just(Effect::Packages),
            Just(Effect::RemoteState)
        ];
        (
            reach,
            safety,
            proptest::collection::vec(effect, 0..3),
            0.0f64..1.0,
            any::<bool>(),
        )
    }

    fn any_policy() -> impl Strategy<Value = Policy> {
        (0.0f64..1.0, 0.0f64..1.0, any::<[bool; 5]>()).prop_map(|(auto, ask, b)| Policy {
            auto,
            ask,
            require_approval: b[0],
            yes: b[1],
            can_ask: b[2],
            offline: b[3],
            dry_run: b[4],
        })
    }

    proptest! {
        #[test]
        fn the_gate_never_allows_what_is_forbidden((reach, safety, effects, confidence, trusted) in any_facts(), policy in any_policy()) {
            let f = Facts { reach: reach.clone(), safety, effects: &effects, confidence, trusted };
            let decision = decide(&f, &policy);
            if decision == Decision::Allow {
                prop_assert!(!matches!(&reach, Reach::Forbidden(_) | Reach::Words), "forbidden");
                prop_assert!(safety != Safety::Manual);
                prop_assert!(confidence >= policy.ask);
                prop_assert!(!(policy.offline && effects.contains(&Effect::Network)));
                prop_assert!(!effects.iter().any(|e| matches!(e, Effect::Delete | Effect::RemoteState)));
                prop_assert!(policy.yes || !policy.require_approval);
                prop_assert!(policy.yes || (safety == Safety::Safe && confidence >= policy.auto));
                let command = matches!(&reach, Reach::Command { .. });
                prop_assert!(trusted || !command);
            }
            if let Reach::Forbidden(why) = &reach
                && safety != Safety::Manual
            {
                prop_assert_eq!(decision, Decision::Refuse(why.clone()));
            }
        }
    }
}
