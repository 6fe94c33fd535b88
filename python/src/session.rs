//! What a session of the engine needs from Python: the failed thing run again, a witness, an answer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use heal::changelog::Redactor;
use heal::detector::{Scan, ScanOptions, Scanner, StreamKind};
use heal::exec;
use heal::orchestrator::{
    self, Approval, Approver, Attempt, Candidate, Diagnosis, Engine, EngineError, Subject, SubjectError, Witness,
};
use pyo3::prelude::*;
use serde_json::{Value, json};

use crate::shape::Shape;

/// The number that a shell gives for Ctrl-C: how a session learns that Python wants to stop.
const STOP: i32 = 2;

/// An exception that ends the session and goes on to Python's caller when it is over.
#[derive(Debug, Clone, Default)]
pub struct Pending(Arc<Mutex<Option<PyErr>>>);

impl Pending {
    fn keep(&self, error: PyErr) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.get_or_insert(error);
    }

    fn is_some(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The exception, if there is one.
    pub fn take(&self) -> Option<PyErr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// How the failed thing is run again.
#[derive(Debug)]
pub enum Again {
    /// A function: given the variables of the next run (JSON); it returns `None` when all went well, else
    /// what the failure printed.
    Call(Py<PyAny>),
    /// The command itself.
    Command,
    /// Not at all.
    Never,
}

/// Something that failed already: its first output is known.
pub struct Failed {
    /// The command, as far as it is known.
    pub argv: Vec<String>,
    /// Its folder.
    pub cwd: PathBuf,
    /// What it printed; taken by the first attempt.
    pub first: Option<Vec<u8>>,
    /// Its exit code.
    pub code: i32,
    /// How it is run again.
    pub again: Again,
    /// The engine.
    pub engine: Arc<Engine>,
    /// What Python raised meanwhile.
    pub pending: Pending,
}

impl Failed {
    fn scan(&self, text: &[u8]) -> Scan {
        let mut scanner = Scanner::new(Arc::clone(&self.engine.matcher), ScanOptions::default());
        for chunk in text.chunks(64 << 10) {
            scanner.feed(StreamKind::Both, chunk);
        }
        scanner.finish()
    }

    fn failed(&self, text: &[u8]) -> Attempt {
        Attempt {
            code: Some(self.code),
            shell_code: self.code,
            success: false,
            interrupted: None,
            scan: self.scan(text),
        }
    }

    fn call(&self, function: &Py<PyAny>, env: &[(String, String)]) -> Attempt {
        let env = json!(env).to_string();
        let said = Python::attach(|py| -> PyResult<Option<String>> { function.call1(py, (env,))?.extract(py) });
        match said {
            Ok(None) => Attempt {
                code: Some(0),
                shell_code: 0,
                success: true,
                interrupted: None,
                scan: Scan::default(),
            },
            Ok(Some(text)) => self.failed(text.as_bytes()),
            Err(error) => {
                self.pending.keep(error);
                Attempt {
                    interrupted: Some(STOP),
                    ..self.failed(b"")
                }
            }
        }
    }

    fn command(&self, env: &[(String, String)], instead: Option<&[String]>) -> Result<Attempt, SubjectError> {
        let command = orchestrator::command(&self.argv, &self.cwd, env, instead);
        let limits = exec::CaptureLimits {
            timeout: None,
            ..exec::CaptureLimits::default()
        };
        let (attempt, _) = orchestrator::capture(&self.engine, &command, &limits)?;
        Ok(attempt)
    }
}

impl Subject for Failed {
    fn argv(&self) -> &[String] {
        &self.argv
    }

    fn cwd(&self) -> &Path {
        &self.cwd
    }

    fn attempt(&mut self, env: &[(String, String)], instead: Option<&[String]>) -> Result<Attempt, SubjectError> {
        if let Some(text) = self.first.take() {
            return Ok(self.failed(&text));
        }
        match &self.again {
            Again::Call(_) if instead.is_some() => Err(SubjectError::Other(
                "the fix is another command, and what failed is a function".to_owned(),
            )),
            Again::Call(function) => Ok(self.call(function, env)),
            Again::Command => self.command(env, instead),
            Again::Never => Err(SubjectError::Other("a captured output cannot be run again".to_owned())),
        }
    }

    fn can_repeat(&self) -> Result<(), String> {
        match self.again {
            Again::Never => Err("a captured output cannot be run again".to_owned()),
            _ => Ok(()),
        }
    }

    fn interrupted(&self) -> Option<i32> {
        if self.pending.is_some() {
            return Some(STOP);
        }
        // Ctrl-C while the engine works: Python's own handler has noted it, and says so here.
        match Python::attach(|py| py.check_signals()) {
            Ok(()) => None,
            Err(error) => {
                self.pending.keep(error);
                Some(STOP)
            }
        }
    }

    fn engine(&mut self) -> Result<Arc<Engine>, EngineError> {
        Ok(Arc::clone(&self.engine))
    }
}

/// Tells Python what happens: a function of an event's name and its facts as JSON.
pub struct Teller {
    /// The function.
    pub function: Option<Py<PyAny>>,
    /// The engine.
    pub engine: Arc<Engine>,
    /// Masks secrets.
    pub redactor: Arc<Redactor>,
    /// What the function raised.
    pub pending: Pending,
}

impl Teller {
    fn shape(&self) -> Shape<'_> {
        Shape {
            engine: &self.engine,
            redactor: &self.redactor,
        }
    }

    fn tell(&self, event: &str, facts: impl FnOnce(&Shape<'_>) -> Value) {
        let Some(function) = &self.function else { return };
        let facts = facts(&self.shape()).to_string();
        if let Err(error) = Python::attach(|py| function.call1(py, (event, facts))) {
            self.pending.keep(error);
        }
    }

    fn index(diagnosis: &Diagnosis, candidate: &Candidate) -> usize {
        let same = |c: &Candidate| {
            (c.error, c.cause) == (candidate.error, candidate.cause) && c.suggestion == candidate.suggestion
        };
        diagnosis.candidates.iter().position(same).unwrap_or(0)
    }
}

impl Witness for Teller {
    fn failed(&mut self, attempt: u32, diagnosis: &Diagnosis) {
        self.tell("failed", |shape| {
            let mut value = shape.diagnosis(diagnosis);
            value["attempt"] = json!(attempt);
            value
        });
    }

    fn applying(&mut self, diagnosis: &Diagnosis, candidate: &Candidate) {
        self.tell("applying", |shape| {
            shape.candidate(diagnosis, Self::index(diagnosis, candidate), candidate)
        });
    }

    fn taken_back(&mut self, candidate: &Candidate, why: &str) {
        let title = candidate.suggestion.title.clone();
        self.tell(
            "taken_back",
            |shape| json!({"description": shape.redactor.text(&title), "reason": shape.redactor.text(why)}),
        );
    }

    fn running_again(&mut self, attempt: u32) {
        self.tell("running_again", |_| json!({"attempt": attempt}));
    }

    fn waiting(&mut self, delay: Duration, attempt: u32, of: u32) {
        self.tell(
            "waiting",
            |_| json!({"seconds": delay.as_secs_f64(), "attempt": attempt, "of": of}),
        );
    }
}

/// Asks Python: a function of a fix (JSON) and the reason why it is asked.
pub struct Asker {
    /// The function; none: nobody can be asked.
    pub function: Option<Py<PyAny>>,
    /// Shapes what is asked.
    pub teller: Arc<Teller>,
}

impl Approver for Asker {
    fn approve(&mut self, diagnosis: &Diagnosis, candidate: &Candidate, why: &str) -> Approval {
        let Some(function) = &self.function else {
            return Approval::No;
        };
        let index = Teller::index(diagnosis, candidate);
        let facts = self.teller.shape().candidate(diagnosis, index, candidate).to_string();
        let answer = Python::attach(|py| function.call1(py, (facts, why))?.extract::<bool>(py));
        match answer {
            Ok(true) => Approval::Yes,
            Ok(false) => Approval::No,
            Err(error) => {
                self.teller.pending.keep(error);
                Approval::Quit
            }
        }
    }
}
