//! Disks that are full, or become read-only in the middle of a session: real ones, small and in
//! memory, mounted where only the test sees them.
#![cfg(target_os = "linux")]

use crate::project::{EDIT, Ended, Project, pack};

/// Runs a script in a copy of the project on a small file system; `None` where this machine
/// lets nobody mount one. `$HEAL` is heal with the pack, `$TREE` prints the tree's checksums.
fn on_small_disk(project: &Project, kilobytes: u32, script: &str) -> Option<Ended> {
    let place = project.beside("disk");
    std::fs::create_dir_all(&place).unwrap();
    let begin = format!(
        "mount -t tmpfs -o size={kilobytes}k,mode=755 tmpfs {place} || exit 77
cp -a {root}/. {place} && cd {place}
heal() {{ {heal} \"$@\"; }}
tree() {{ find . -path ./self_healing_logs -prune -o -path ./full -prune -o -type f -print0 | sort -z | xargs -0 md5sum | md5sum; }}
{script}",
        place = place.display(),
        root = project.root().display(),
        heal = env!("CARGO_BIN_EXE_heal"),
    );
    let child = project.command("unshare", &["-rm", "sh", "-c", &begin]).spawn().ok()?;
    let ended = project.ended(child);
    let refused = ended.code == 77 || ended.stderr.starts_with("unshare:");
    (!refused).then_some(ended)
}

const RUN: &str = "#!/bin/sh
if grep -q old app.conf; then echo BROKEN app.conf >&2; exit 3; fi
[ ! -e then ] || { . ./then; }
echo fine
";

fn project() -> Project {
    // Large enough for backup, copy and new file to matter on a small disk.
    let conf = format!("mode = old\n{}", "# line\n".repeat(4000));
    Project::new(&[("run.sh", RUN), ("app.conf", &conf), ("site.yaml", &pack(EDIT))])
}

#[test]
fn a_full_disk_ends_at_the_start_or_at_success() {
    let project = project();
    let (mut failures, mut successes) = (0, 0);
    for room in [0, 8, 28, 40, 64, 72, 100, 128, 400] {
        let script = format!(
            "before=$(tree)
head -c 100000000 /dev/zero > full 2>/dev/null
head -c {room}k /dev/zero > room 2>/dev/null
truncate -s -{room}k full; rm -f room
heal run --pack site.yaml -- ./run.sh; code=$?
echo code $code
[ \"$(tree)\" = \"$before\" ] && echo as before
grep -q 'mode = new' app.conf && echo new
find . -name '.heal-*' | sed 's/^/left /'"
        );
        let Some(ended) = on_small_disk(&project, 2048, &script) else {
            return;
        };
        let out = ended.out();
        assert!(!out.contains("left "), "{room}: {out}");
        if out.contains("code 0") {
            assert!(out.contains("new"), "{room}: {out}\n{}", ended.stderr);
            successes += 1;
        } else {
            assert!(
                out.contains("as before") && out.contains("code 3"),
                "{room}: {out}\n{}",
                ended.stderr
            );
            assert!(
                ended.stderr.contains("No space left") || ended.stderr.contains("no storage space"),
                "{room}: the reason is told: {}",
                ended.stderr
            );
            failures += 1;
        }
    }
    assert!(failures > 3 && successes > 0, "{failures} {successes}");
}

#[test]
fn a_disk_that_becomes_read_only_is_put_back_by_the_next_heal() {
    let project = project();
    // The second run makes the disk read-only and fails: nothing can be put back then. heal's own
    // records lie elsewhere, as the system makes nothing read-only that is open for writing.
    let script = "printf 'mount -o remount,ro . ; exit 4' > then
before=$(tree)
log=$HOME/records
heal run --log-dir $log --pack site.yaml -- ./run.sh; echo code $?
grep -q 'mode = new' app.conf && echo stuck
mount -o remount,rw .
heal undo --log-dir $log; echo undo $?
[ \"$(tree)\" = \"$before\" ] && echo as before";
    let Some(ended) = on_small_disk(&project, 4096, script) else {
        return;
    };
    let out = ended.out();
    for words in ["code 4", "stuck", "as before"] {
        assert!(out.contains(words), "{words} is missing: {out}\n{}", ended.stderr);
    }
    for words in ["could not put back", "was interrupted; put back: ", "app.conf"] {
        assert!(ended.stderr.contains(words), "{words} is missing: {}", ended.stderr);
    }
}

#[test]
fn a_disk_that_is_read_only_from_the_start_is_told() {
    let project = project();
    let script = "before=$(tree); mount -o remount,ro .
heal run --pack site.yaml -- ./run.sh; echo code $?
[ \"$(tree)\" = \"$before\" ] && echo as before";
    let Some(ended) = on_small_disk(&project, 4096, script) else {
        return;
    };
    let out = ended.out();
    assert!(
        out.contains("code 3") && out.contains("as before"),
        "{out}\n{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("Read-only file system") || ended.stderr.contains("read-only"),
        "{}",
        ended.stderr
    );
}
