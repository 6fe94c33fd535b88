//! The ways out: everything that heal prints passes here, whatever printed it.
//!
//! What heal shows of foreign text is cleaned and masked where it is put together; this is the net
//! below that. No control character leaves heal but line ends and, where colours are on, the
//! sequences that set them; in JSON such characters are escapes. The command's own output does not
//! come this way: it reaches the user byte for byte.

use std::fmt::Arguments;
use std::io::{IsTerminal as _, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::changelog::Redactor;
use crate::diagnostic::{clean_json, clean_output};

static COLOR: AtomicBool = AtomicBool::new(false);
static REDACTOR: OnceLock<Redactor> = OnceLock::new();

/// Lets heal's colours through from now on, or not.
pub fn allow_color(color: bool) {
    COLOR.store(color, Ordering::Relaxed);
}

/// Masks what a site calls secret in every further line of text. The first call counts.
pub fn mask_with(redactor: &Redactor) {
    let _ = REDACTOR.set(redactor.clone());
}

/// Text on stdout. A reader that went away (`heal log | head`) is no reason to fail.
pub fn text(text: Arguments<'_>) {
    let _ = std::io::stdout()
        .lock()
        .write_all(harmless(&text.to_string()).as_bytes());
}

/// Text on stderr, masked. A closed stderr is no reason to fail.
pub fn say(text: &str) {
    let masked = match REDACTOR.get() {
        Some(redactor) => redactor.text(text),
        None => text.into(),
    };
    let _ = std::io::stderr().lock().write_all(harmless(&masked).as_bytes());
}

/// A diff on stdout: to the byte where it is kept, as text that is safe to look at on a terminal.
pub fn diff(diff: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = if stdout.is_terminal() {
        stdout.write_all(harmless(diff).as_bytes())
    } else {
        stdout.write_all(diff.as_bytes())
    };
}

/// A document on stdout, for programs and for people who look at it.
///
/// # Errors
/// It cannot be written as JSON.
pub fn json(document: &(impl Serialize + ?Sized)) -> serde_json::Result<()> {
    let text = clean_json(serde_json::to_string_pretty(document)?);
    let _ = writeln!(std::io::stdout().lock(), "{text}");
    Ok(())
}

/// A document in one line on stdout.
///
/// # Errors
/// It cannot be written as JSON.
pub fn json_line(document: &impl Serialize) -> serde_json::Result<()> {
    let text = clean_json(serde_json::to_string(document)?);
    let _ = writeln!(std::io::stdout().lock(), "{text}");
    Ok(())
}

/// A document in one line on stderr: stdout belongs to the command.
///
/// # Errors
/// It cannot be written as JSON.
pub fn json_beside(document: &impl Serialize) -> serde_json::Result<()> {
    let text = clean_json(serde_json::to_string(document)?);
    let _ = writeln!(std::io::stderr().lock(), "{text}");
    Ok(())
}

fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    clean_output(text, COLOR.load(Ordering::Relaxed))
}
