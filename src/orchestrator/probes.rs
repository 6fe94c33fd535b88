//! Probes on the real machine, each run at most once a session.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::analyzer::{ProbeOutput, Probes};
use crate::exec::{self, CaptureLimits};
use crate::world::World;

/// Command, folder and input of a probe.
type Question = (Vec<String>, PathBuf, String);

/// Runs probes and remembers their answers until something is changed.
#[derive(Debug)]
pub struct RealProbes<'a> {
    world: &'a dyn World,
    answers: RefCell<HashMap<Question, ProbeOutput>>,
}

impl<'a> RealProbes<'a> {
    /// Nothing asked yet.
    pub fn new(world: &'a dyn World) -> Self {
        Self {
            world,
            answers: RefCell::default(),
        }
    }

    /// Forgets all answers: something was changed.
    pub fn forget(&self) {
        self.answers.borrow_mut().clear();
    }
}

impl Probes for RealProbes<'_> {
    fn run(&self, name: &str, argv: &[String], cwd: &Path, seconds: u32) -> ProbeOutput {
        self.ask(name, argv, cwd, seconds, "")
    }

    fn ask(&self, _: &str, argv: &[String], cwd: &Path, seconds: u32, input: &str) -> ProbeOutput {
        let key = (argv.to_vec(), cwd.to_path_buf(), input.to_owned());
        if let Some(known) = self.answers.borrow().get(&key) {
            return known.clone();
        }
        let known_program = argv.first().is_some_and(|p| self.world.which(p).is_some());
        let limits = CaptureLimits {
            timeout: Some(Duration::from_secs(u64::from(seconds))),
            ..CaptureLimits::default()
        };
        let output = if known_program {
            let mut command = exec::Command::new(argv).in_folder(cwd);
            command.input = input.as_bytes().to_vec();
            exec::capture(&command, &limits).map_or_else(
                |_| ProbeOutput::default(),
                |c| ProbeOutput {
                    stdout: String::from_utf8_lossy(&c.stdout).into_owned(),
                    code: if c.timed_out { None } else { c.exit.code },
                },
            )
        } else {
            ProbeOutput::default()
        };
        self.answers.borrow_mut().insert(key, output.clone());
        output
    }
}
