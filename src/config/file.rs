//! Configuration files: reading, with the place of every mistake, and writing.

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;

use super::check::{Violation, check};
use super::tree::{Node, from_json, from_toml};
use super::{ConfigError, Location, SelfHealingConfig};
use crate::world::World;

/// Reads settings from the text of a file: JSON where the name ends in `.json`, else TOML. What
/// the text does not set has its default.
///
/// # Errors
/// The first thing that is wrong: syntax, an unknown key, a wrong type, a value out of range.
pub fn parse(path: &Path, text: &str) -> Result<SelfHealingConfig, ConfigError> {
    let tree = tree(path, text)?;
    let config = SelfHealingConfig::deserialize(&tree)
        .map_err(|misfit| invalid(path, text, misfit.span.unwrap_or(0..0), misfit.message, misfit.help))?;
    check(&config).map_err(|violation| violated(path, text, &tree, violation))?;
    Ok(config)
}

pub(super) fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

pub(super) fn tree(path: &Path, text: &str) -> Result<Node, ConfigError> {
    // The byte order mark is no part of either language; positions count from behind it, as an
    // editor does.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tree = if is_json(path) {
        from_json(text)
    } else {
        from_toml(text)
    };
    tree.map_err(|fault| invalid(path, text, fault.span, fault.message, None))
}

/// An error at a place in a file.
pub(super) fn invalid(
    path: &Path,
    text: &str,
    span: Range<usize>,
    message: String,
    help: Option<String>,
) -> ConfigError {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let before = text.get(..span.start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    ConfigError::Invalid {
        at: Location {
            path: path.to_path_buf(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span,
        },
        message,
        help,
    }
}

fn violated(path: &Path, text: &str, tree: &Node, violation: Violation) -> ConfigError {
    let keys: Vec<&str> = violation.path.iter().map(String::as_str).collect();
    let span = tree.at(&keys).map_or(0..0, |node| node.span.clone());
    let message = format!("{}: {}", violation.path.join("."), violation.message);
    invalid(path, text, span, message, violation.help)
}

impl SelfHealingConfig {
    /// Writes all settings to a file, as JSON where its name ends in `.json`, else as TOML.
    ///
    /// # Errors
    /// Where it cannot be written, or a path in it is not text.
    pub(crate) fn write_to(&self, world: &dyn World, path: &Path) -> Result<(), ConfigError> {
        let unwritable = |source| ConfigError::Unwritable {
            path: path.to_path_buf(),
            source,
        };
        let text = if is_json(path) {
            serde_json::to_string_pretty(self)
                .map(|text| text + "\n")
                .map_err(|error| unwritable(error.into()))?
        } else {
            toml::to_string_pretty(self).map_err(|error| unwritable(std::io::Error::other(error)))?
        };
        world.write_atomic(path, text.as_bytes(), None).map_err(unwritable)
    }
}

pub(super) fn read(world: &dyn World, path: &Path) -> Result<String, ConfigError> {
    let bytes = world.read(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_path_buf(),
        source,
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        invalid(path, &text, at..at, "it is not text in UTF-8".to_owned(), None)
    })
}
