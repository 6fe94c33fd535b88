//! Putting a confinement together, and running a command in it.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::keeper::{Bind, Keeper, Namespaces, STAGES};
use super::watch::{Seen, watch};
use super::{Breach, Limits, Ran, Reach, SandboxError, Support, rules};
use crate::exec::{CaptureLimits, Captured, Command, SpawnError, capture_prepared};

/// Sockets of daemons that are covered at most.
const MAX_SOCKETS: usize = 256;

/// What this machine can enforce; found out once, by trying.
pub fn support() -> &'static Support {
    static FOUND: OnceLock<Support> = OnceLock::new();
    FOUND.get_or_init(find_out)
}

fn find_out() -> Support {
    let version = rules::version();
    let mut support = Support {
        landlock: version > 0,
        ..Support::default()
    };
    if !support.landlock {
        return support;
    }
    let nothing = Command::new(["/bin/true"]).in_folder("/");
    let works = confined(&nothing, &Reach::default(), &Limits::default(), true).is_ok_and(|ran| ran.success());
    support.namespaces = works;
    let mut missing = |what: &str| support.missing.push(what.to_owned());
    if !works {
        missing("files outside keep their content, but their modes, owners and times could be changed");
        if version < 4 {
            missing("the network cannot be cut off");
        } else {
            missing("of the network only TCP can be cut off");
        }
        if version < 6 {
            missing("other processes of this user could be signalled");
        }
        if rustix::process::geteuid().is_root() {
            missing("the number of processes is watched, not limited");
        }
    }
    if version < 3 {
        missing("files outside could be cut to nothing by a program that asks for just that");
    }
    support
}

/// Runs a command confined, to its end and that of all it started.
///
/// # Errors
/// It was not run.
pub fn run(command: &Command, reach: &Reach, limits: &Limits) -> Result<Ran, SandboxError> {
    let support = support();
    if !support.landlock {
        return Err(SandboxError::NoLandlock);
    }
    confined(command, reach, limits, support.namespaces)
}

/// Runs a command with or without namespaces.
///
/// # Errors
/// It was not run.
pub(super) fn confined(
    command: &Command,
    reach: &Reach,
    limits: &Limits,
    namespaces: bool,
) -> Result<Ran, SandboxError> {
    let (reader, writer) = io::pipe().map_err(SpawnError::from)?;
    // What is shown elsewhere by itself, too: seen from there it lies below nothing else.
    let shown = reach.shown_at.iter().map(|(what, _)| what);
    let writable: Vec<&Path> = reach.writable.iter().chain(shown).map(PathBuf::as_path).collect();
    let ruleset = rules::ruleset(&writable, !reach.network && !namespaces)
        .map_err(|error| SandboxError::Rules(error.to_string()))?
        .ok_or(SandboxError::NoLandlock)?;
    let cwd = command.cwd.clone().unwrap_or_else(|| PathBuf::from("/"));
    let keeper = Arc::new(Keeper {
        namespaces: namespaces.then(|| own_view(reach)).transpose()?,
        ruleset,
        limits: resource_limits(limits),
        cwd: text(&cwd)?,
        report: OwnedFd::from(writer),
        wall: limits.wall,
    });
    let folder = reach.writable.first().cloned().unwrap_or_else(std::env::temp_dir);
    let bounds = *limits;
    let watcher = std::thread::spawn(move || watch(reader, bounds, &folder));
    let outcome = start(command, limits, keeper);
    let seen = watcher.join().unwrap_or_default();
    finish(outcome, &seen)
}

/// Runs it; the keeper's end of the report is gone when this returns.
#[allow(unsafe_code, reason = "the keeper works between fork and exec")]
fn start(command: &Command, limits: &Limits, keeper: Arc<Keeper>) -> Result<Captured, SpawnError> {
    let bounds = CaptureLimits {
        // The keeper ends it in time; this is for a keeper that does not.
        timeout: limits.wall.checked_add(Duration::from_secs(10)),
        ..CaptureLimits::default()
    };
    capture_prepared(
        command,
        &bounds,
        &mut |process| {
            let keeper = Arc::clone(&keeper);
            // SAFETY: the keeper makes bare system calls only, as its module says.
            unsafe { process.pre_exec(move || keeper.enter()) };
            Ok(())
        },
        &mut |_, _| {},
    )
}

fn finish(outcome: Result<Captured, SpawnError>, seen: &Seen) -> Result<Ran, SandboxError> {
    let stage = seen.stage.and_then(|stage| STAGES.get(usize::try_from(stage).ok()?));
    match (outcome, stage) {
        (Err(source), Some(stage)) => Err(SandboxError::Setup { stage, source }),
        (Err(source), None) => Err(SandboxError::Spawn(source)),
        (Ok(mut captured), _) => {
            if let Some(signal) = seen.signal {
                (captured.exit.code, captured.exit.signal) = (None, Some(signal));
            }
            let time_up = captured.timed_out.then_some(Breach::Time);
            Ok(Ran {
                breach: seen.breach.or(time_up),
                left_running: u32::try_from(seen.left).unwrap_or(0),
                captured,
            })
        }
    }
}

fn text(path: &Path) -> Result<CString, SandboxError> {
    CString::new(path.as_os_str().as_bytes())
        .map_err(|error| SandboxError::Spawn(SpawnError::Setup(io::Error::new(io::ErrorKind::InvalidInput, error))))
}

/// Everything read-only, but what may be written; and nothing that listens.
fn own_view(reach: &Reach) -> Result<Namespaces, SandboxError> {
    let mut binds = Vec::new();
    let mut bind = |from: &Path, to: &Path, place: bool| -> Result<(), SandboxError> {
        let (from, to) = (text(from)?, text(to)?);
        binds.push(Bind {
            from,
            to,
            writable: place,
            needed: place,
        });
        Ok(())
    };
    // A daemon would do outside what the command may not do itself. The sockets first: a place
    // that is shown elsewhere lies over them.
    for socket in sockets() {
        if !reach.writable.iter().any(|place| socket.starts_with(place)) {
            bind(Path::new("/dev/null"), &socket, false)?;
        }
    }
    for place in &reach.writable {
        bind(place, place, true)?;
    }
    for (what, place) in &reach.shown_at {
        bind(what, place, true)?;
    }
    let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    Ok(Namespaces {
        cut_network: !reach.network,
        uid_map: whole_map("/proc/self/uid_map"),
        gid_map: whole_map("/proc/self/gid_map"),
        own_uid_map: format!("{uid} {uid} 1").into_bytes(),
        own_gid_map: format!("{gid} {gid} 1").into_bytes(),
        binds,
    })
}

/// All users as they are here, so that nobody's files change their owner.
fn whole_map(file: &str) -> Vec<u8> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut map = String::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if let (Some(inside), Some(_), Some(count)) = (words.next(), words.next(), words.next()) {
            map.push_str(&format!("{inside} {inside} {count}\n"));
        }
    }
    map.into_bytes()
}

/// Sockets in the file system on which somebody may listen.
fn sockets() -> Vec<PathBuf> {
    let table = fs::read_to_string("/proc/net/unix").unwrap_or_default();
    let mut found: Vec<PathBuf> = table
        .lines()
        .filter_map(|line| line.split_whitespace().nth(7))
        .filter(|name| name.starts_with('/'))
        .filter_map(|name| fs::canonicalize(name).ok())
        .filter(|path| fs::symlink_metadata(path).is_ok_and(|about| about.file_type().is_socket()))
        .collect();
    found.sort();
    found.dedup();
    found.truncate(MAX_SOCKETS);
    found
}

fn resource_limits(limits: &Limits) -> Vec<(libc::c_int, u64)> {
    let mut list = vec![
        (libc::RLIMIT_FSIZE as libc::c_int, limits.file),
        (libc::RLIMIT_DATA as libc::c_int, limits.memory),
        (libc::RLIMIT_CPU as libc::c_int, limits.wall.as_secs().max(1)),
        (libc::RLIMIT_CORE as libc::c_int, 0),
    ];
    // It counts all that the user runs, so that what runs already is added. It does not bind root.
    if !rustix::process::geteuid().is_root()
        && let Some(now) = running_now()
    {
        list.push((libc::RLIMIT_NPROC as libc::c_int, now + limits.processes));
    }
    list
}

/// Threads that this user runs.
fn running_now() -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    let own = rustix::process::geteuid().as_raw();
    let mut count = 0;
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let number = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
        if number && entry.metadata().is_ok_and(|about| about.uid() == own) {
            count += fs::read_dir(entry.path().join("task")).map_or(1, |tasks| tasks.count() as u64);
        }
    }
    Some(count)
}
