//! Systems without Landlock: nothing is run, and the reason is said.

use super::{Limits, Ran, Reach, SandboxError, Support};
use crate::exec::Command;

/// What this machine can enforce: nothing.
pub fn support() -> &'static Support {
    static NONE: Support = Support {
        landlock: false,
        namespaces: false,
        missing: Vec::new(),
    };
    &NONE
}

/// Refuses.
///
/// # Errors
/// Always [`SandboxError::NoLandlock`].
pub fn run(_: &Command, _: &Reach, _: &Limits) -> Result<Ran, SandboxError> {
    Err(SandboxError::NoLandlock)
}

/// Refuses.
///
/// # Errors
/// Always [`SandboxError::NoLandlock`].
pub(super) fn confined(_: &Command, _: &Reach, _: &Limits, _: bool) -> Result<Ran, SandboxError> {
    Err(SandboxError::NoLandlock)
}
