//! On a terminal: a pseudo-terminal of ours plays the user's, with a shell in it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;

use super::wrap;

/// Somebody at a terminal.
struct User {
    shell: Child,
    keys: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl User {
    /// Sits down before an interactive shell, `$W` is the example.
    fn new() -> Self {
        let ours = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&ours).unwrap();
        rustix::pty::unlockpt(&ours).unwrap();
        let name = rustix::pty::ptsname(&ours, Vec::new()).unwrap();
        let theirs: OwnedFd = File::options()
            .read(true)
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap()
            .into();
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        rustix::termios::tcsetwinsize(&ours, size).unwrap();
        let mut shell = Command::new("bash");
        shell
            .args(["--norc", "--noprofile", "--noediting", "-i"])
            .env("W", wrap())
            .env("PS1", "PROMPT> ")
            .env("TERM", "xterm")
            .stdin(Stdio::from(theirs.try_clone().unwrap()))
            .stdout(Stdio::from(theirs.try_clone().unwrap()))
            .stderr(Stdio::from(theirs));
        #[allow(unsafe_code, reason = "a session is made between fork and exec")]
        // SAFETY: bare system calls.
        unsafe {
            shell.pre_exec(|| {
                // A test run in the background of a script ignores Ctrl-C, and so would all below.
                libc::signal(libc::SIGINT, libc::SIG_DFL);
                libc::signal(libc::SIGQUIT, libc::SIG_DFL);
                rustix::process::setsid()?;
                rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
                Ok(())
            });
        }
        let child = shell.spawn().unwrap();
        drop(shell);
        let keys = File::from(ours);
        let mut output = keys.try_clone().unwrap();
        let (sender, screen) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0u8; 4096];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let mut user = Self {
            shell: child,
            keys,
            screen,
            seen: String::new(),
        };
        user.wait_for("PROMPT> ");
        user
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads the screen up to `text`; what stood before it comes back.
    fn wait_for(&mut self, text: &str) -> String {
        let until = Instant::now() + Duration::from_secs(15);
        loop {
            if let Some(at) = self.seen.find(text) {
                let before = self.seen[..at].to_owned();
                self.seen.drain(..at + text.len());
                return before;
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("waited for {text:?}, saw {:?}", self.seen),
            }
        }
    }

    /// Types a line; what it printed up to the next prompt comes back.
    fn runs(&mut self, line: &str) -> String {
        self.types(&format!("{line}\n"));
        self.wait_for(&format!("{line}\r\n"));
        self.wait_for("PROMPT> ")
    }

    /// The modes of the terminal, as the shell leaves them for a command.
    fn modes(&mut self) -> String {
        self.runs("stty -g")
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

#[test]
fn the_command_has_a_terminal_and_the_user_gets_it_back() {
    let mut user = User::new();
    let before = user.modes();
    let seen = user.runs("$W sh -c 'tty; stty size; test -t 0 && test -t 1 && test -t 2; exit 3'");
    assert!(
        seen.starts_with("/dev/pts/") && seen.contains("\r\n24 80\r\n"),
        "{seen:?}"
    );
    assert_eq!(user.runs("echo code $?"), "code 3\r\n");
    assert_eq!(user.modes(), before);
    assert_eq!(
        user.runs("$W no-such-tool; echo code $?"),
        "wrap: no-such-tool: command not found\r\ncode 127\r\n"
    );
    assert_eq!(user.modes(), before);
}

#[test]
fn keys_reach_the_command() {
    let mut user = User::new();
    user.types("$W sh -c 'echo Name; read x; echo Hello $x; cat'\n");
    user.wait_for("Name\r\n");
    user.types("you\n");
    user.wait_for("Hello you\r\n");
    user.types("line\n");
    user.wait_for("line\r\nline\r\n");
    user.types("\u{4}");
    user.wait_for("PROMPT> ");
    assert_eq!(user.runs("echo code $?"), "code 0\r\n");
}

#[test]
fn ctrl_c_ends_the_command_and_is_reported() {
    let mut user = User::new();
    let before = user.modes();
    user.types("$W --report sh -c 'echo ready; sleep 60'\n");
    user.wait_for("ready\r\n");
    // A shell about to start its child does not pass Ctrl-C on.
    std::thread::sleep(Duration::from_millis(300));
    user.types("\u{3}");
    let seen = user.wait_for("PROMPT> ");
    assert!(seen.contains("signal=Some(2) interrupted=Some(2)"), "{seen}");
    assert_eq!(user.modes(), before);
}

#[test]
fn ctrl_z_stops_the_whole_job_and_fg_continues_it() {
    let mut user = User::new();
    let before = user.modes();
    user.types("$W sh -c 'echo ready; sleep 60; echo not reached'\n");
    user.wait_for("ready\r\n");
    // Everybody in the pipeline has to be there.
    std::thread::sleep(Duration::from_millis(300));
    user.types("\u{1a}");
    user.wait_for("Stopped");
    user.wait_for("PROMPT> ");
    assert_eq!(user.modes(), before);
    user.types("fg\n");
    user.wait_for("sleep 60");
    std::thread::sleep(Duration::from_millis(300));
    user.types("\u{3}");
    user.wait_for("PROMPT> ");
    assert_eq!(user.runs("echo code $?"), "code 130\r\n");
}

#[test]
fn in_the_background_the_keyboard_is_left_alone() {
    let mut user = User::new();
    user.types("$W sh -c 'test -t 1 && echo shown; sleep 1; echo over' &\n");
    user.wait_for("shown\r\n");
    assert_eq!(user.runs("echo mine"), "mine\r\n");
    user.wait_for("over\r\n");
}

#[test]
fn a_resize_reaches_the_command() {
    for line in ["$W", ": | $W"] {
        let mut user = User::new();
        user.types(&format!(
            "{line} sh -c 'trap \"stty size <&1\" WINCH; echo ready; while :; do sleep 0.1; done'\n"
        ));
        user.wait_for("ready\r\n");
        let size = Winsize {
            ws_row: 31,
            ws_col: 97,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        rustix::termios::tcsetwinsize(&user.keys, size).unwrap();
        user.wait_for("31 97\r\n");
        // A shell that is not waiting for its child at the moment survives Ctrl-C.
        std::thread::sleep(Duration::from_millis(300));
        user.types("\u{3}");
        user.wait_for("PROMPT> ");
    }
}

#[test]
fn a_terminal_for_one_stream_stays_one() {
    let mut user = User::new();
    let probe = "sh -c 'for i in 0 1 2; do test -t $i && echo $i yes >&2 || echo $i no >&2; done'";
    let seen = user.runs(&format!("$W {probe} | cat"));
    assert_eq!(seen, "0 yes\r\n1 no\r\n2 yes\r\n");
    let seen = user.runs(&format!(": | $W {probe}"));
    assert_eq!(seen, "0 no\r\n1 yes\r\n2 yes\r\n");
    let seen = user.runs(&format!("$W {probe} 2>&1 | cat"));
    assert_eq!(seen, "0 yes\r\n1 no\r\n2 no\r\n");
}

#[test]
fn output_to_a_terminal_is_not_processed_twice() {
    let mut user = User::new();
    for line in ["$W", ": | $W"] {
        assert_eq!(user.runs(&format!("{line} printf 'a\\nb\\r\\n'")), "a\r\nb\r\r\n");
    }
}

#[test]
fn a_background_process_outlives_the_command_and_its_terminal() {
    let mut user = User::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alive");
    let line = format!(
        "$W sh -c '(sleep 1; echo late; echo yes > {}) & echo early'",
        file.display()
    );
    assert_eq!(user.runs(&line), "early\r\n");
    user.wait_for("late");
    let until = Instant::now() + Duration::from_secs(10);
    while !file.exists() {
        assert!(Instant::now() < until, "it was hung up");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_killed_heal_hangs_up_the_command() {
    let mut user = User::new();
    user.types("$W sh -c 'echo pid $$ .; exec sleep 60'\n");
    user.wait_for("pid ");
    let pid = user.wait_for(" .\r\n");
    let heal = Command::new("pgrep")
        .args(["-P", &user.shell.id().to_string()])
        .output()
        .unwrap();
    let heal = String::from_utf8(heal.stdout).unwrap();
    Command::new("kill").args(["-9", heal.trim()]).status().unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while std::path::Path::new("/proc").join(&pid).exists() {
        assert!(Instant::now() < until, "{pid} is still there");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_editor_works() {
    if Command::new("vim").arg("--version").output().is_err() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text");
    let mut user = User::new();
    let before = user.modes();
    user.types(&format!("$W vim -u NONE {}\n", file.display()));
    user.wait_for("[New");
    user.types("ihealed\u{1b}:wq\r");
    user.wait_for("PROMPT> ");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "healed\n");
    assert_eq!(user.modes(), before);
}

#[test]
fn a_pager_at_the_end_of_a_pipeline_gets_its_keys() {
    for pager in ["less", "more"] {
        if Command::new(pager).arg("--version").output().is_err() {
            continue;
        }
        let mut user = User::new();
        let before = user.modes();
        user.types(&format!("seq 1000 | $W {pager}\n"));
        user.wait_for("\r\n20");
        user.types(" ");
        user.wait_for("\r\n40");
        user.types("q");
        user.wait_for("PROMPT> ");
        assert_eq!(user.modes(), before, "{pager}");
    }
}

#[test]
fn an_editor_that_reads_its_text_from_a_pipe_gets_its_keys() {
    if Command::new("vim").arg("--version").output().is_err() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text");
    let mut user = User::new();
    let before = user.modes();
    user.types("echo piped | $W vim -u NONE -\n");
    user.wait_for("piped");
    std::thread::sleep(Duration::from_millis(300));
    user.types(&format!("Ahealed\u{1b}:w {}\r:q!\r", file.display()));
    user.wait_for("PROMPT> ");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "pipedhealed\n");
    assert_eq!(user.modes(), before);
}

#[test]
fn ctrl_c_and_ctrl_z_work_in_a_pipeline() {
    let mut user = User::new();
    let before = user.modes();
    user.types("sleep 61 | $W --report sh -c 'echo ready; sleep 60'\n");
    user.wait_for("ready\r\n");
    // Everybody in the pipeline has to be there.
    std::thread::sleep(Duration::from_millis(300));
    user.types("\u{1a}");
    user.wait_for("Stopped");
    user.wait_for("PROMPT> ");
    user.types("fg\n");
    user.wait_for("sleep 60");
    std::thread::sleep(Duration::from_millis(300));
    user.types("\u{3}");
    let seen = user.wait_for("PROMPT> ");
    assert!(seen.contains("signal=Some(2) interrupted=Some(2)"), "{seen}");
    assert_eq!(user.modes(), before);
}

#[test]
fn a_panic_gives_the_terminal_back() {
    for line in ["$W --panic sh -c 'echo x; sleep 1'", "seq 100 | $W --panic less"] {
        let mut user = User::new();
        let before = user.modes();
        let seen = user.runs(line);
        assert!(seen.contains("as asked for"), "{seen}");
        assert_eq!(user.modes(), before);
    }
}
