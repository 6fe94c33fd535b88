//! A rule set from a pack's text, and an output scanned and put together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use heal::detector::{DetectContext, DetectedError, Files, Matcher, Recognised, Scan, StreamKind, detect, scan_all};
use heal::pack::model::{EnvironmentKey, Pack};
use heal::pack::{LoadedRule, RuleSet};

pub fn rules(yaml: &str) -> RuleSet {
    let pack: Pack = serde_yaml::from_str(yaml).expect("a valid pack");
    let mut set = RuleSet::default();
    let environment = match pack.environment {
        Some(EnvironmentKey::Defined(e)) => {
            let name = e.name.clone();
            set.environments.insert(name.clone(), Arc::new(*e));
            Some(name)
        }
        Some(EnvironmentKey::Named(name)) => Some(name),
        None => None,
    };
    for rule in pack.rules {
        set.rules.push(LoadedRule {
            id: format!("{}/{}", pack.pack.name, rule.id),
            pack: 0,
            environment: environment.clone(),
            rule,
            trusted: true,
            overridden: Vec::new(),
        });
    }
    set
}

/// Several packs as one set.
pub fn together(sets: Vec<RuleSet>) -> RuleSet {
    let mut all = RuleSet::default();
    for set in sets {
        all.rules.extend(set.rules);
        all.environments.extend(set.environments);
    }
    all
}

pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path, _: usize) -> Option<Vec<u8>> {
        None
    }
    fn exists(&self, _: &Path) -> bool {
        false
    }
    fn which(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

pub fn scan(set: &RuleSet, text: &str) -> Scan {
    scan_all(&Arc::new(Matcher::new(set)), StreamKind::Both, text.as_bytes())
}

pub fn errors(set: &RuleSet, text: &str) -> Vec<DetectedError> {
    let context = DetectContext {
        cwd: Path::new("/w"),
        project_root: Path::new("/w"),
        recognised: &Recognised::default(),
        exit_code: Some(1),
        files: &NoFiles,
    };
    detect(&scan(set, text), set, &context)
}
