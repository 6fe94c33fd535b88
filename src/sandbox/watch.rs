//! What no limit of the kernel's bounds for every user: how many processes there are at once, and
//! how much is written in all. Looked at often and cheaply; counted exactly only on suspicion.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, Signal};

use super::keeper::Told;
use super::{Breach, Limits};

/// How often to look.
const EVERY: Duration = Duration::from_millis(15);

/// A disk with less room left than this is nearly full.
const RESERVE: u64 = 128 << 20;

/// What the keeper told, and what was found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub breach: Option<Breach>,
    pub left: i32,
    pub signal: Option<i32>,
    pub stage: Option<i32>,
}

/// Watches until the keeper is gone, and ends everything that goes beyond the limits.
pub(super) fn watch(mut report: std::io::PipeReader, limits: Limits, folder: &Path) -> Seen {
    let mut seen = Seen::default();
    let mut head = None;
    let tasks = tasks();
    let room = room(folder);
    loop {
        let every = Timespec::try_from(EVERY).ok();
        let mut fds = [PollFd::new(&report, PollFlags::IN)];
        let ready = rustix::event::poll(&mut fds, every.as_ref()).is_ok_and(|count| count > 0);
        if ready {
            let mut record = [0_u8; 8];
            if report.read_exact(&mut record).is_err() {
                return seen;
            }
            let [what, number] = [0, 4].map(|at| {
                let mut bytes = [0_u8; 4];
                bytes.copy_from_slice(&record[at..at + 4]);
                i32::from_ne_bytes(bytes)
            });
            match what {
                _ if what == Told::Head as i32 => head = Pid::from_raw(number),
                _ if what == Told::Stage as i32 => seen.stage = Some(number),
                _ if what == Told::Left as i32 => seen.left = number,
                _ if what == Told::TimeUp as i32 => {
                    seen.breach.get_or_insert(Breach::Time);
                }
                _ => seen.signal = Some(number),
            }
            continue;
        }
        let Some(head) = head.filter(|_| seen.breach.is_none()) else {
            continue;
        };
        let breach = too_many(head, tasks, limits.processes).or_else(|| too_much(folder, room, limits.disk));
        if let Some(breach) = breach {
            seen.breach = Some(breach);
            // Failure means that it is gone.
            let _ = rustix::process::kill_process(head, Signal::KILL);
        }
    }
}

/// Processes and threads on the whole machine, as the kernel counts them anyway.
fn tasks() -> Option<u64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').nth(3)?.split_once('/')?.1.parse().ok()
}

fn too_many(head: Pid, before: Option<u64>, limit: u64) -> Option<Breach> {
    if tasks()?.saturating_sub(before?) <= limit {
        return None;
    }
    (descendants(head) > limit).then_some(Breach::Processes)
}

/// How many processes descend from one.
fn descendants(head: Pid) -> u64 {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // `pid (name) state parent …`, where the name may hold anything.
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut count = 0;
    let mut open = vec![head.as_raw_nonzero().get()];
    while let Some(pid) = open.pop() {
        let below = children.remove(&pid).unwrap_or_default();
        count += below.len() as u64;
        open.extend(below);
    }
    count
}

/// Bytes that are left on the file system of a folder.
fn room(folder: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(folder).ok()?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

fn too_much(folder: &Path, before: Option<u64>, limit: u64) -> Option<Breach> {
    let (before, now) = (before?, room(folder)?);
    let used = before.saturating_sub(now);
    let nearly_full = now < RESERVE && used > RESERVE / 2;
    if used <= limit && !nearly_full {
        return None;
    }
    (size(folder) > limit.min(used / 2)).then_some(Breach::Disk)
}

/// Bytes that a folder takes on the disk.
pub(super) fn size(folder: &Path) -> u64 {
    let mut bytes = 0;
    let mut folders: Vec<PathBuf> = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(about) = entry.metadata() else { continue };
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                bytes += about.blocks() * 512;
            }
        }
    }
    bytes
}
