//! Values that have the right type and yet cannot be meant.

use std::ops::RangeInclusive;

use super::model::SelfHealingConfig;

/// A value out of range.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Violation {
    /// The keys that lead to it; a number is a position in a list.
    pub path: Vec<String>,
    pub message: String,
    pub help: Option<String>,
}

/// The first value that cannot be meant.
pub(super) fn check(config: &SelfHealingConfig) -> Result<(), Violation> {
    let SelfHealingConfig {
        retry,
        logging,
        confidence,
        limits,
        redact,
        safety,
        ..
    } = config;
    number("retry.max_attempts", retry.max_attempts.into(), 1.0..=100.0)?;
    number("retry.backoff_multiplier", retry.backoff_multiplier, 1.0..=100.0)?;
    number("retry.initial_delay_seconds", retry.initial_delay_seconds, 0.0..=3600.0)?;
    number("retry.max_delay_seconds", retry.max_delay_seconds, 0.0..=86_400.0)?;
    number("confidence.auto", confidence.auto, 0.0..=1.0)?;
    number("confidence.ask", confidence.ask, 0.0..=1.0)?;
    number("limits.total_attempts", limits.total_attempts.into(), 1.0..=1000.0)?;
    number("limits.total_time_seconds", limits.total_time_seconds, 1.0..=604_800.0)?;
    number("limits.max_files", limits.max_files.into(), 1.0..=10_000.0)?;
    number("limits.max_lines", limits.max_lines.into(), 1.0..=1_000_000.0)?;

    if retry.initial_delay_seconds > retry.max_delay_seconds {
        return Err(violation(
            "retry.initial_delay_seconds",
            format!(
                "{} is above retry.max_delay_seconds, which is {}",
                retry.initial_delay_seconds, retry.max_delay_seconds
            ),
            "raise max_delay_seconds too",
        ));
    }
    if confidence.ask > confidence.auto {
        return Err(violation(
            "confidence.ask",
            format!(
                "{} is above confidence.auto, which is {}",
                confidence.ask, confidence.auto
            ),
            "a fix that is sure enough to be applied must be sure enough to be offered",
        ));
    }
    if logging.log_directory.as_os_str().is_empty() {
        return Err(violation(
            "logging.log_directory",
            "the name is empty".to_owned(),
            "a folder",
        ));
    }
    let file = &logging.changelog_file;
    if file.is_empty() || file.contains(['/', '\0']) || file.starts_with('.') {
        return Err(violation(
            "logging.changelog_file",
            format!("`{file}` is no name of a file"),
            "a name without folders; the folder is logging.log_directory",
        ));
    }
    for (position, command) in safety.allowed_external_commands.iter().enumerate() {
        if command.trim().is_empty() || command.trim().starts_with('-') {
            return Err(violation(
                &format!("safety.allowed_external_commands.{position}"),
                format!("`{command}` is no command"),
                "the name of a program, or a program with its leading arguments",
            ));
        }
    }
    for (position, path) in safety.protected_paths.iter().enumerate() {
        if path.as_os_str().is_empty() {
            return Err(violation(
                &format!("safety.protected_paths.{position}"),
                "the name is empty".to_owned(),
                "a folder",
            ));
        }
    }
    for (position, pattern) in redact.patterns.iter().enumerate() {
        let place = format!("redact.patterns.{position}");
        match regex::Regex::new(pattern) {
            Err(error) => {
                return Err(violation(
                    &place,
                    error.to_string(),
                    "a regular expression of Rust's regex crate",
                ));
            }
            Ok(regex) if regex.is_match("") => {
                return Err(violation(
                    &place,
                    "it matches the empty text, and would mask between all letters".to_owned(),
                    "a pattern that needs at least one character",
                ));
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

fn number(path: &str, value: f64, range: RangeInclusive<f64>) -> Result<(), Violation> {
    if range.contains(&value) {
        return Ok(());
    }
    let help = format!("from {} to {}", range.start(), range.end());
    Err(violation(path, format!("{value} is out of range"), &help))
}

fn violation(path: &str, message: String, help: &str) -> Violation {
    Violation {
        path: path.split('.').map(str::to_owned).collect(),
        message,
        help: Some(help.to_owned()),
    }
}
