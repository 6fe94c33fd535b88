//! Which of several errors comes first, and which are other readings of the same line.

use super::assemble::DetectedError;
use super::recognise::Recognised;
use crate::pack::RuleSet;
use crate::pack::model::Fatal;

fn fatal(error: &DetectedError, rules: &RuleSet) -> Option<Fatal> {
    let environment = rules.environments.get(error.environment.as_ref()?)?;
    Some(environment.fatal)
}

/// Puts errors in order and numbers them.
///
/// Errors of one environment that follow each other without another's between them are a block,
/// ordered by what that environment says about which error is fatal. Blocks are ordered by what the
/// command's own environment says (where it is unknown: that of the last block), as it is the
/// command that failed. Errors that follow from others come last; other readings of a line stand
/// directly behind the most particular one.
pub fn arrange(mut errors: Vec<DetectedError>, rules: &RuleSet, recognised: &Recognised) -> Vec<DetectedError> {
    errors.sort_by_key(|e| (e.at, e.rule));
    let own = recognised
        .environment
        .as_ref()
        .and_then(|name| rules.environments.get(name))
        .map(|e| e.fatal);
    let run = own
        .or_else(|| errors.iter().rev().find_map(|e| fatal(e, rules)))
        .unwrap_or_default();
    let mut blocks: Vec<(Option<String>, Vec<DetectedError>)> = Vec::new();
    for error in errors {
        match blocks.last_mut() {
            Some((name, block)) if *name == error.environment => block.push(error),
            _ => blocks.push((error.environment.clone(), vec![error])),
        }
    }
    if run == Fatal::Last {
        blocks.reverse();
    }
    let mut sorted: Vec<DetectedError> = Vec::new();
    for (_, mut block) in blocks {
        let mode = block.first().and_then(|e| fatal(e, rules)).unwrap_or(run);
        if mode == Fatal::Last {
            block.reverse();
        }
        sorted.extend(block);
    }
    // Stable: what was decided above stays among causes, and among what follows from them.
    sorted.sort_by_key(|e| e.cascade);
    group(sorted)
}

/// Brings together the readings of one line, most particular first, and numbers all.
fn group(errors: Vec<DetectedError>) -> Vec<DetectedError> {
    let mut groups: Vec<Vec<DetectedError>> = Vec::new();
    for error in errors {
        let same = groups.iter_mut().find(|g| {
            g.iter()
                .any(|e| e.stream == error.stream && e.anchor.0 <= error.anchor.1 && error.anchor.0 <= e.anchor.1)
        });
        match same {
            Some(group) => group.push(error),
            None => groups.push(vec![error]),
        }
    }
    let mut all = Vec::new();
    for mut group in groups {
        group.sort_by_key(|e| (e.rule.is_none(), std::cmp::Reverse(e.specificity)));
        let first = all.len();
        let others: Vec<usize> = (first + 1..first + group.len()).collect();
        for (k, mut error) in group.into_iter().enumerate() {
            error.id = first + k;
            if k == 0 {
                error.alternatives.clone_from(&others);
            } else {
                error.alternative_of = Some(first);
            }
            all.push(error);
        }
    }
    all
}
