//! Settings as programs read and write them.

use std::path::Path;

use super::error::Error;
use crate::config::{self, ConfigError, Flags, SelfHealingConfig};
use crate::world::{Memory, Real, World};

impl SelfHealingConfig {
    /// The defaults, changed by the `SELF_HEAL_*` variables of the environment.
    ///
    /// ```
    /// let config = heal::Config::from_env()?;
    /// assert!(config.retry.max_attempts >= 1);
    /// # Ok::<(), heal::Error>(())
    /// ```
    ///
    /// # Errors
    /// A variable has none of its possible values.
    pub fn from_env() -> Result<Self, Error> {
        // A world with the variables and no file in it: nothing but the environment counts.
        let mut world = Memory::new();
        for (name, _) in config::VARIABLES {
            if let Some(value) = Real.env(name) {
                world = world.with_env(name, value);
            }
        }
        Ok(config::load(&world, None, &Flags::default())?.config)
    }

    /// Settings of a file (TOML, or JSON by its name), changed by the environment. Folders in it are relative to
    /// its own; in what is given here they are absolute.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("self_healing_config.json");
    /// std::fs::write(&file, r#"{"retry": {"max_attempts": 5}}"#)?;
    /// let config = heal::Config::from_file(&file)?;
    /// assert_eq!(config.retry.max_attempts, 5);
    /// assert_eq!(config.logging.log_directory, folder.path().join("self_healing_logs"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// It cannot be read, or a setting is not right: file, line and what would be right.
    pub fn from_file(file: impl AsRef<Path>) -> Result<Self, Error> {
        let loaded = config::load(&Real, Some(file.as_ref()), &Flags::default())?;
        let mut config = loaded.config;
        config.logging.log_directory = loaded.log_dir;
        Ok(config)
    }

    /// The settings that the command `heal` would use here: of the project, else of the user, else the defaults.
    ///
    /// # Errors
    /// See [`from_file`](Self::from_file).
    pub fn discover() -> Result<Self, Error> {
        let loaded = config::load(&Real, None, &Flags::default())?;
        let mut config = loaded.config;
        config.logging.log_directory = loaded.log_dir;
        Ok(config)
    }

    /// Writes all settings, whole or not at all: as JSON where the name ends in `.json`, else as TOML.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("config.json");
    /// let mut config = heal::Config::default();
    /// config.safety.dry_run = true;
    /// config.save_to_file(&file)?;
    /// assert!(heal::Config::from_file(&file)?.safety.dry_run);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A value is not possible, or the operating system's error.
    pub fn save_to_file(&self, file: impl AsRef<Path>) -> Result<(), Error> {
        self.validate()?;
        self.write_to(&Real, file.as_ref())?;
        Ok(())
    }

    /// Whether every value is possible.
    ///
    /// ```
    /// let mut config = heal::Config::default();
    /// config.retry.max_attempts = 0;
    /// assert!(config.validate().is_err());
    /// ```
    ///
    /// # Errors
    /// The first one that is not, and what would be.
    pub fn validate(&self) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).map_err(|error| ConfigError::Unwritable {
            path: "config.json".into(),
            source: error.into(),
        })?;
        config::parse(Path::new("config.json"), &text)?;
        Ok(())
    }
}
