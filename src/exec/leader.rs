//! The process between heal and a command that has a terminal of its own.
//!
//! It is a bare fork of heal, holds the session, waits for the command and ends as that ended; see
//! [`super::pty`] for why there must be one. It runs no Rust destructors and allocates nothing.

use std::io;
use std::os::unix::process::CommandExt;
use std::process;

/// Makes `process`, whose stdin is the command's side, run in a session of its own under a leader.
#[allow(unsafe_code, reason = "a session is made between fork and exec")]
pub(super) fn lead(process: &mut process::Command) {
    // SAFETY: between fork and exec in a copy of a program that may have threads only bare system
    // calls are allowed; `become_command` makes no others and allocates nothing.
    unsafe {
        process.pre_exec(become_command);
    }
}

/// Runs in the forked child: splits off the command, which returns from here and is executed; the
/// leader never returns.
#[allow(unsafe_code, reason = "fork and signal dispositions have no safe wrapper")]
fn become_command() -> io::Result<()> {
    rustix::process::setsid()?;
    rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
    // SAFETY: see `lead`; the child goes straight to exec, the parent uses system calls only.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            rustix::process::setpgid(None, None)?;
            take_foreground();
            Ok(())
        }
        command => lead_until_end(command),
    }
}

/// Makes the caller's group the foreground of its terminal, from the background, too.
#[allow(unsafe_code, reason = "signal dispositions have no safe wrapper")]
fn take_foreground() {
    // SAFETY: signal() with SIG_IGN and with what it returned is a bare system call.
    unsafe {
        let before = libc::signal(libc::SIGTTOU, libc::SIG_IGN);
        // A stream that is no terminal at all cannot be: stdin is our pseudo-terminal.
        let _ = rustix::termios::tcsetpgrp(rustix::stdio::stdin(), rustix::process::getpid());
        libc::signal(libc::SIGTTOU, before);
    }
}

/// The leader's life: waits for the command, stops when it stops, ends as it ended.
#[allow(unsafe_code, reason = "the leader is a bare fork: only system calls, no return")]
fn lead_until_end(command: i32) -> ! {
    // SAFETY: system calls on plain numbers, and pointers to locals. The descriptors that are
    // closed belong to nobody here: this process has no destructors left to run.
    unsafe {
        close_from(3);
        // heal's handlers are of no use here, and a leader must die of a hang-up: that is what
        // hangs up the command when heal is gone.
        for signal in 1..32 {
            if libc::signal(signal, libc::SIG_DFL) == libc::SIG_IGN {
                libc::signal(signal, libc::SIG_IGN);
            }
        }
        loop {
            let mut status = 0;
            if libc::waitpid(command, &raw mut status, libc::WUNTRACED) < 0 {
                if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted {
                    continue;
                }
                libc::_exit(125);
            }
            if libc::WIFSTOPPED(status) {
                // heal sees us stop, and continues us when its own job goes on.
                libc::kill(libc::getpid(), libc::SIGSTOP);
                libc::kill(-command, libc::SIGCONT);
                continue;
            }
            // The end of a leader hangs up the foreground: let that be nobody but us.
            take_foreground();
            libc::signal(libc::SIGHUP, libc::SIG_IGN);
            if libc::WIFSIGNALED(status) {
                let signal = libc::WTERMSIG(status);
                let no_core = libc::rlimit {
                    rlim_cur: 0,
                    rlim_max: 0,
                };
                libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core);
                libc::signal(signal, libc::SIG_DFL);
                libc::kill(libc::getpid(), signal);
                libc::_exit(128 + signal);
            }
            libc::_exit(libc::WEXITSTATUS(status));
        }
    }
}

/// Closes every descriptor from `first` on, among them the one by which std learns of exec.
#[allow(unsafe_code, reason = "closes descriptors that no owner in this process will use")]
unsafe fn close_from(first: i32) {
    #[cfg(target_os = "linux")]
    // SAFETY: the caller owns the whole process.
    if unsafe { libc::syscall(libc::SYS_close_range, first, i32::MAX, 0) } == 0 {
        return;
    }
    // SAFETY: as above.
    unsafe {
        let most = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 65_536);
        for fd in first..i32::try_from(most).unwrap_or(256) {
            libc::close(fd);
        }
    }
}
