//! The Landlock rules of a confinement.

use std::os::fd::OwnedFd;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr, Scope,
    path_beneath_rules,
};

/// The newest version of Landlock whose rights we know; older kernels enforce what they have.
const NEWEST: ABI = ABI::V6;

/// Devices that programs write to and that keep nothing.
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// A ruleset that allows writing only below `writable`, and no TCP with `cut_tcp`. `None` where
/// the kernel has no Landlock.
pub(super) fn ruleset(writable: &[&Path], cut_tcp: bool) -> Result<Option<OwnedFd>, landlock::RulesetError> {
    let writing = AccessFs::from_write(NEWEST);
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(writing)?
        .scope(Scope::from_all(NEWEST))?;
    if cut_tcp {
        rules = rules.handle_access(AccessNet::from_all(NEWEST))?;
    }
    let places = writable.iter().copied().chain(DEVICES.iter().map(Path::new));
    let created = rules.create()?.add_rules(path_beneath_rules(places, writing))?;
    Ok(created.into())
}

/// The version of Landlock that this kernel has; 0: none.
#[allow(unsafe_code, reason = "no library tells the version without making rules")]
pub(super) fn version() -> i64 {
    const VERSION_FLAG: libc::c_uint = 1;
    let nothing: *const libc::c_void = std::ptr::null();
    // SAFETY: with this flag the kernel looks at neither pointer nor size.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, nothing, 0_usize, VERSION_FLAG) };
    version.max(0)
}
