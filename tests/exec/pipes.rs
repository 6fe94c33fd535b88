//! Without a terminal: codes, streams, stdin, signals.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::shell;

/// What a shell line wrote to a pipe as stdout, to stderr, and its code.
fn run(line: &str) -> (String, String, i32) {
    run_in(Path::new("/"), line)
}

fn run_in(folder: &Path, line: &str) -> (String, String, i32) {
    let output = shell(line).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap_or(-1),
    )
}

fn stdout(line: &str) -> String {
    run(line).0
}

#[test]
fn codes_and_streams_pass_through() {
    let seen = run("$W sh -c 'echo out; echo err >&2; exit 7'");
    assert_eq!(seen, ("out\n".into(), "err\n".into(), 7));
    assert_eq!(run("$W sh -c 'kill -9 $$'").2, 137);
    assert_eq!(run("$W no-such-tool").2, 127);
    assert_eq!(run("$W /tmp").2, 126);
}

#[test]
fn a_script_without_interpreter_runs_as_in_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    fs::write(&script, "echo \"$0 $1\"\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(run_in(folder.path(), "$W ./script one").0, "./script one\n");
    assert_eq!(
        run_in(folder.path(), "$W sh -c 'exec ./script two'").0,
        "./script two\n"
    );
}

#[test]
fn bytes_are_unchanged() {
    // Every byte value, no newline at the end, more than any buffer.
    let line = "head -c 3000000 /dev/urandom > all; $W cat all | cmp - all && \
                $W sh -c 'cat all >&2' 2>&1 >/dev/null | cmp - all && echo same";
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run_in(folder.path(), line), ("same\n".into(), String::new(), 0));
}

#[test]
fn output_comes_at_once() {
    let mut child = shell("$W sh -c 'printf now; sleep 30'")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let mut first = [0u8; 3];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut first).unwrap();
    assert_eq!(&first, b"now");
    assert!(start.elapsed() < Duration::from_secs(10));
    signal("TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn a_reader_that_leaves_ends_the_command_as_in_a_shell() {
    assert_eq!(stdout("$W yes | head -1; echo ${PIPESTATUS[0]}"), "y\n141\n");
    let seen = run("$W sh -c 'yes; echo told $? >&2' | head -1");
    assert_eq!(seen.0, "y\n");
    assert_eq!(seen.1, "told 141\n", "the other stream lives on");
}

#[test]
fn a_full_disk_is_reported() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let seen = run("$W --report sh -c 'yes; exit 3' > /dev/full").1;
    assert!(seen.contains("lost=Some((Stdout, StorageFull))"), "{seen}");
}

#[test]
fn stdin_reaches_the_command() {
    assert_eq!(stdout(r#"echo '{"a":1}' | $W cat"#), "{\"a\":1}\n");
    assert_eq!(stdout("$W cat < /dev/null"), "");
    assert_eq!(stdout("$W cat <&-"), "");
    assert_eq!(stdout("seq 300000 | $W md5sum"), stdout("seq 300000 | md5sum"));
    assert_eq!(stdout("(sleep 0.3; echo late) | $W cat"), "late\n");
    assert_eq!(stdout("yes | $W head -c 4"), "y\ny\n");
}

#[test]
fn the_next_attempt_reads_the_same_stdin() {
    let twice = |input: &str, command: &str| {
        stdout(&format!(
            "{input} | $W --stdout stream --attempts 2 sh -c '{command}; exit 1'"
        ))
    };
    assert_eq!(twice("seq 3", "cat"), "1\n2\n3\n1\n2\n3\n");
    assert_eq!(twice("seq 3", "read x; echo got $x"), "got 1\ngot 1\n");
    // Beyond the page, the bulk threshold and memory.
    let sum = stdout("seq 1000000 | md5sum");
    assert_eq!(twice("seq 1000000", "md5sum"), sum.repeat(2));
    assert_eq!(
        twice("(seq 500000; sleep 0.2; seq 500001 1000000)", "md5sum"),
        sum.repeat(2)
    );
}

#[test]
fn a_second_attempt_may_read_further_than_the_first() {
    let line = "seq 5 | $W --stdout stream --attempts 2 \
                sh -c 'if mkdir d 2>/dev/null; then read x; echo $x; exit 1; fi; cat'";
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run_in(folder.path(), line).0, "1\n1\n2\n3\n4\n5\n");
}

#[test]
fn a_regular_file_is_wound_back_to_where_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    let line = "seq 4 > in; { read x; $W --stdout stream --attempts 2 sh -c 'cat; exit 1'; } < in";
    assert_eq!(run_in(folder.path(), line).0, "2\n3\n4\n2\n3\n4\n");
}

#[test]
fn past_the_bound_there_is_no_second_attempt() {
    let line = "seq 100000 | $W --stdin-limit 2048 --attempts 2 --report sh -c 'md5sum; exit 1'";
    let seen = run(line);
    assert_eq!(
        seen.0,
        stdout("seq 100000 | md5sum"),
        "the command still gets everything"
    );
    assert!(seen.1.contains("repeat=Err(\"it read more than 2 KiB "), "{}", seen.1);
    assert!(!seen.1.contains("attempt=2"), "{}", seen.1);
    let unread = run("yes | $W --stdin-limit 2048 --attempts 2 --report false").1;
    assert!(unread.contains("attempt=2"), "what nobody read is no loss: {unread}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_command_leaves_is_there_for_the_next() {
    assert_eq!(stdout("seq 3 | { $W true; cat; }"), "1\n2\n3\n");
    assert_eq!(
        stdout("seq 3 | { $W sh -c 'read x; echo $x'; echo then; cat; }"),
        "1\nthen\n2\n3\n"
    );
    // Page after page: dd reads exactly what it is told.
    let line = "seq 20000 | { $W dd bs=1000 count=50 2>/dev/null; cat; }";
    assert_eq!(stdout(line), stdout("seq 20000"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_socket_for_stdin_behaves_like_a_pipe() {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let line = "$W --stdout stream --attempts 2 sh -c 'read x; echo got $x; exit 1'; cat";
    let child = shell(line)
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    (&ours).write_all(b"one\ntwo\n").unwrap();
    ours.shutdown(std::net::Shutdown::Write).unwrap();
    let seen = child.wait_with_output().unwrap().stdout;
    assert_eq!(String::from_utf8(seen).unwrap(), "got one\ngot one\ntwo\n");
}

#[test]
fn a_file_keeps_the_last_attempt_only() {
    let folder = tempfile::tempdir().unwrap();
    let fail = "sh -c 'echo try >> n; wc -l < n; exit 1'";
    let file = |line: &str| {
        let _ = fs::remove_file(folder.path().join("n"));
        let _ = fs::remove_file(folder.path().join("out"));
        run_in(folder.path(), &line.replace("FAIL", fail));
        let names = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 2, "nothing but n and out is left behind");
        fs::read_to_string(folder.path().join("out")).unwrap()
    };
    assert_eq!(file("$W --attempts 3 FAIL > out"), "3\n");
    assert_eq!(
        file("{ echo head; $W --attempts 3 FAIL; echo foot; } > out"),
        "head\n3\nfoot\n"
    );
    assert_eq!(file("echo old > out; $W --attempts 3 FAIL >> out"), "old\n3\n");
    assert_eq!(file("echo 123456 > out; $W --attempts 3 FAIL 1<> out"), "3\n3456\n");
    assert_eq!(file("$W --stdout stream --attempts 3 FAIL > out"), "1\n2\n3\n");
    assert_eq!(file("$W --stdout final --attempts 3 FAIL > out"), "3\n");
    assert_eq!(
        file("$W --attempts 3 FAIL > out 2>&1"),
        "1\n2\n3\n",
        "a log keeps everything"
    );
    assert_eq!(file("$W --attempts 3 FAIL | cat > out"), "1\n2\n3\n");
    assert_eq!(file("$W --stdout final --attempts 3 FAIL | cat > out"), "3\n");
}

#[test]
fn a_file_that_others_write_to_is_not_cut() {
    let folder = tempfile::tempdir().unwrap();
    let line = "$W --attempts 2 sh -c 'echo mine; sleep 0.3; echo theirs >> out; exit 1' > out; cat out";
    let seen = run_in(folder.path(), line).0;
    assert!(seen.matches("theirs").count() >= 1 && seen.contains("mine"), "{seen}");
    assert!(
        seen.starts_with("mine\n"),
        "the first attempt's line was not taken back: {seen}"
    );
}

#[test]
fn held_output_survives_heal() {
    let folder = tempfile::tempdir().unwrap();
    let line = "$W sh -c 'echo precious; sleep 30' >> out & sleep 1; kill -9 $!; sleep 0.2";
    run_in(folder.path(), line);
    let kept = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains(".heal-stdout-"))
        .expect("a file beside the output");
    assert_eq!(fs::read_to_string(&kept).unwrap(), "precious\n");
    assert_eq!(
        fs::metadata(kept).unwrap().permissions().mode() & 0o077,
        0,
        "for nobody else"
    );
}

#[test]
fn a_background_process_keeps_its_output_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let line = "$W sh -c '(sleep 1.5; echo late; echo survived > alive) & echo early' | \
                { read a; echo $a; read b; echo $b; }; sleep 0.2; cat alive";
    assert_eq!(run_in(folder.path(), line).0, "early\nlate\nsurvived\n");
    let start = Instant::now();
    run_in(folder.path(), "$W sh -c 'sleep 5 & echo x' > /dev/null 2>&1");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}

#[test]
fn a_process_substitution_is_read_to_its_end() {
    let line = "$W bash -c 'exec > >(sleep 0.1; cat); seq 20000' | tail -1";
    assert_eq!(stdout(line), "20000\n");
}

fn signal(name: &str, pid: u32) {
    let done = std::process::Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status()
        .unwrap();
    assert!(done.success());
}

/// Starts a line that says `ready` when it is, sends it a signal, gives back what it said.
fn signalled(line: &str, name: &str) -> (String, String, Option<i32>) {
    let mut child = shell(&format!("exec {line}"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0u8; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    assert_eq!(&ready, b"ready\n");
    signal(name, child.id());
    let output = child.wait_with_output().unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code(),
    )
}

#[test]
fn a_signal_reaches_the_command_once_and_is_reported() {
    for (name, number) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("QUIT", 3)] {
        let script = format!("trap 'echo caught' {name}; echo ready; for i in 1 2 3 4 5; do sleep 0.2; done; exit 9");
        let seen = signalled(&format!("$W --report bash -c \"{script}\""), name);
        assert_eq!(seen.0, "caught\n", "{name}");
        assert_eq!(seen.2, Some(9), "heal waits for the command's own end");
        assert!(seen.1.contains(&format!("interrupted=Some({number})")), "{}", seen.1);
        let seen = signalled("$W --report sh -c 'echo ready; exec sleep 30'", name);
        assert_eq!(seen.2, Some(128 + number));
    }
}

#[test]
fn a_signal_for_the_command_only_is_no_interruption() {
    let script = "trap 'echo caught; exit 4' USR1; echo ready; while :; do sleep 0.1; done";
    let seen = signalled(&format!("$W --report bash -c \"{script}\""), "USR1");
    assert_eq!((seen.0.as_str(), seen.2), ("caught\n", Some(4)));
    assert!(seen.1.contains("interrupted=None"), "{}", seen.1);
}

#[test]
fn an_ignored_signal_stays_ignored() {
    let line = "bash -c 'trap \"\" HUP; exec $W sh -c \"echo ready; sleep 0.5; echo fine\"'";
    assert_eq!(signalled(line, "HUP").0, "fine\n");
}

#[test]
fn a_signal_held_up_by_a_slow_reader_still_arrives() {
    // Nobody reads: heal is stuck in its write, the command in its own.
    let mut child = shell("exec $W sh -c 'echo $$ > /dev/stderr; exec yes'")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pid = String::new();
    let mut messages = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut messages, &mut pid).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    signal("TERM", child.id());
    let start = Instant::now();
    let gone = || {
        let state = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        !Path::new("/proc/self/stat").exists() || state.is_empty() || state.contains(") Z ")
    };
    while !gone() {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "the command never got the signal"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[cfg(target_os = "linux")]
#[test]
fn a_stream_that_nobody_reads_does_not_hold_up_the_other() {
    let mut child = shell("exec $W sh -c 'head -c 3000000 /dev/zero & echo now >&2; wait'")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let mut words = String::new();
    let mut messages = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut messages, &mut words).unwrap();
    assert_eq!(words, "now\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.stdout.len(), output.status.code()), (3_000_000, Some(0)));
}
