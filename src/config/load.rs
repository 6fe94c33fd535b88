//! Finding the settings and merging file, environment and flags.

use std::path::{Path, PathBuf};

use super::check::check;
use super::file::{invalid, read, tree};
use super::{ConfigError, Flags, Loaded, SelfHealingConfig, parse, project_root};
use crate::world::World;

/// Names of configuration files in a project, first found wins.
const NAMES: [&str; 3] = ["heal.toml", ".heal/config.toml", "self_healing_config.json"];

/// The environment variables that set something, each with what it sets. One that is empty
/// counts as not set.
pub const VARIABLES: [(&str, &str); 6] = [
    ("SELF_HEAL_ENABLED", "enabled"),
    ("SELF_HEAL_DRY_RUN", "safety.dry_run"),
    ("SELF_HEAL_MAX_ATTEMPTS", "retry.max_attempts"),
    ("SELF_HEAL_LOG_DIR", "logging.log_directory"),
    ("SELF_HEAL_VERBOSE", "logging.verbose"),
    ("SELF_HEAL_BACKUP", "safety.backup_before_fix"),
];

/// Finds, reads, merges and checks all settings.
///
/// `file` is `--config FILE`; without it `heal.toml`, `.heal/config.toml` and
/// `self_healing_config.json` are looked for, in this order, in the current folder and those
/// above it up to the project root, then `heal/config.toml` in the user's configuration folder.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn load(world: &dyn World, file: Option<&Path>, flags: &Flags) -> Result<Loaded, ConfigError> {
    let cwd = world.cwd();
    let root = project_root(world, &cwd);
    let (path, of_project) = match file {
        Some(path) => (Some(world.absolute(path)), false),
        None => match in_project(world, &cwd, &root) {
            Some(path) => (Some(path), true),
            None => (of_user(world), false),
        },
    };
    let mut config = SelfHealingConfig::default();
    let mut base = root.clone();
    if let Some(path) = &path {
        let text = read(world, path)?;
        config = parse(path, &text)?;
        if of_project && config.packs.trust_project {
            // Whoever sends a project could else let its rules run commands.
            let tree = tree(path, &text)?;
            let span = tree
                .at(&["packs", "trust_project"])
                .map_or(0..0, |node| node.span.clone());
            let message = "packs.trust_project: a project cannot vouch for itself".to_owned();
            let help = "say `heal trust`, pass `--trust-project`, or set it in your own configuration";
            return Err(invalid(path, &text, span, message, Some(help.to_owned())));
        }
        let folder = path.parent().unwrap_or(&root);
        // What lies in `.heal` speaks about the folder around it.
        let of_heal = of_project && folder.file_name().is_some_and(|name| name == ".heal");
        base = if of_heal {
            folder.parent().unwrap_or(folder)
        } else {
            folder
        }
        .to_path_buf();
        if !of_project && file.is_none() {
            // The user's own settings are for all projects: a relative folder is each one's.
            base.clone_from(&root);
        }
    }
    let anchor = |paths: &mut Vec<PathBuf>| {
        paths.iter_mut().for_each(|path| *path = base.join(&path));
    };
    anchor(&mut config.packs.paths);
    anchor(&mut config.roots.writable);
    anchor(&mut config.safety.protected_paths);
    let mut log_dir = base.join(&config.logging.log_directory);

    if let Some(dir) = variables(world, &mut config)? {
        log_dir = cwd.join(&dir);
        config.logging.log_directory = dir;
    }
    if let Some(dir) = &flags.log_dir {
        log_dir = cwd.join(dir);
        config.logging.log_directory.clone_from(dir);
    }
    flags.apply(world, &mut config)?;
    Ok(Loaded {
        config,
        file: path,
        log_dir: tidy(&log_dir),
        root,
    })
}

fn in_project(world: &dyn World, cwd: &Path, root: &Path) -> Option<PathBuf> {
    cwd.ancestors()
        .take_while(|folder| folder.starts_with(root))
        .flat_map(|folder| NAMES.iter().map(move |name| folder.join(name)))
        .find(|path| world.is_file(path))
}

fn of_user(world: &dyn World) -> Option<PathBuf> {
    let folder = world
        .env("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .or_else(|| world.env("HOME").map(|home| PathBuf::from(home).join(".config")))?;
    let path = folder.join("heal/config.toml");
    world.is_file(&path).then_some(path)
}

/// Applies the environment; returns the log directory that it names.
fn variables(world: &dyn World, config: &mut SelfHealingConfig) -> Result<Option<PathBuf>, ConfigError> {
    let get = |name: &'static str| world.env(name).filter(|value| !value.is_empty());
    let refuse = |name, value: &std::ffi::OsStr, right: &str| ConfigError::Variable {
        name,
        message: format!("`{}` is not {right}", value.to_string_lossy()),
    };
    let switch = |name: &'static str, setting: &mut bool| {
        let Some(value) = get(name) else {
            return Ok(());
        };
        *setting = match value.to_str().map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "1" | "yes") => true,
            Some("false" | "0" | "no") => false,
            _ => return Err(refuse(name, &value, "one of true, false, 1, 0, yes, no")),
        };
        Ok(())
    };
    switch("SELF_HEAL_ENABLED", &mut config.enabled)?;
    switch("SELF_HEAL_DRY_RUN", &mut config.safety.dry_run)?;
    switch("SELF_HEAL_VERBOSE", &mut config.logging.verbose)?;
    switch("SELF_HEAL_BACKUP", &mut config.safety.backup_before_fix)?;
    let attempts = "SELF_HEAL_MAX_ATTEMPTS";
    if let Some(value) = get(attempts) {
        config.retry.max_attempts = value
            .to_str()
            .and_then(|text| text.parse().ok())
            .filter(|number| (1..=100).contains(number))
            .ok_or_else(|| refuse(attempts, &value, "a whole number from 1 to 100"))?;
    }
    Ok(get("SELF_HEAL_LOG_DIR").map(PathBuf::from))
}

impl Flags {
    fn apply(&self, world: &dyn World, config: &mut SelfHealingConfig) -> Result<(), ConfigError> {
        fn set<T: Clone>(setting: &mut T, flag: Option<&T>) {
            if let Some(value) = flag {
                setting.clone_from(value);
            }
        }
        set(&mut config.safety.dry_run, self.dry_run.as_ref());
        set(&mut config.safety.require_approval, self.require_approval.as_ref());
        set(&mut config.retry.max_attempts, self.max_attempts.as_ref());
        set(&mut config.logging.verbose, self.verbose.as_ref());
        set(&mut config.environments, self.environments.as_ref());
        set(&mut config.packs.trust_project, self.trust_project.as_ref());
        config
            .packs
            .paths
            .extend(self.packs.iter().map(|path| world.absolute(path)));
        // File and environment are in order by now: what is wrong is a flag's.
        check(config).map_err(|violation| ConfigError::Flag {
            name: if violation.path.last().is_some_and(|key| key == "max_attempts") {
                "--max-attempts"
            } else {
                "the command line"
            },
            message: format!("{} ({})", violation.message, violation.help.unwrap_or_default()),
        })
    }
}

/// Without `.` components, which a default brings in.
fn tidy(path: &Path) -> PathBuf {
    path.components().collect()
}
