//! Settings: read, checked and turned into an engine's setup, always by the engine's own code.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use heal::config::{self, Flags, SelfHealingConfig};
use heal::orchestrator::Setup;
use heal::pack::Sources;
use heal::world::{Memory, Real, World};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Deserialize;

/// An error of the engine as Python's `ValueError`.
pub fn value_error(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// JSON text of a value.
pub fn json(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(value_error)
}

/// The defaults, as JSON.
#[pyfunction]
pub fn default_config() -> PyResult<String> {
    json(&SelfHealingConfig::default())
}

/// The defaults with the variables of the environment, as JSON.
#[pyfunction]
pub fn config_from_environment() -> PyResult<String> {
    // A world with the variables and no file in it: nothing but the environment counts.
    let mut world = Memory::new();
    for (name, _) in config::VARIABLES {
        if let Some(value) = Real.env(name) {
            world = world.with_env(name, value);
        }
    }
    let loaded = config::load(&world, None, &Flags::default()).map_err(value_error)?;
    json(&loaded.config)
}

/// Settings of a file (or of the project's, where none is named) with the environment's, as JSON:
/// `config`, `file`, `log_dir` and `root`.
#[pyfunction]
#[pyo3(signature = (file=None))]
pub fn load_config(file: Option<PathBuf>) -> PyResult<String> {
    let loaded = config::load(&Real, file.as_deref(), &Flags::default()).map_err(value_error)?;
    json(&serde_json::json!({
        "config": loaded.config,
        "file": loaded.file,
        "log_dir": loaded.log_dir,
        "root": loaded.root,
    }))
}

/// Raises `ValueError` where settings (JSON) are not right.
#[pyfunction]
pub fn check_config(text: &str) -> PyResult<()> {
    parse(text).map(drop)
}

/// The project around a folder.
#[pyfunction]
pub fn project_root(folder: PathBuf) -> PathBuf {
    config::project_root(&Real, &folder)
}

fn parse(text: &str) -> PyResult<SelfHealingConfig> {
    config::parse(Path::new("SelfHealingConfig.json"), text).map_err(value_error)
}

/// What the package tells about an engine that it wants.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    config: serde_json::Value,
    root: PathBuf,
    log_dir: PathBuf,
}

impl Wanted {
    /// The engine's setup.
    pub fn setup(&self, world: Arc<dyn World>) -> PyResult<Setup> {
        let config = parse(&self.config.to_string())?;
        let mut sources = Sources::usual(&*world, &self.root);
        sources.given.clone_from(&config.packs.paths);
        sources.trust_project = config.packs.trust_project;
        Ok(Setup {
            world,
            config,
            root: self.root.clone(),
            log_dir: self.log_dir.clone(),
            sources,
        })
    }
}
