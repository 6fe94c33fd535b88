//! Compares a repair with the text that was meant.

use heal::syntax::{GATE, Options, Outcome, PyVersion, apply, check, repair};
use ruff_python_ast::comparable::ComparableMod;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;
use std::time::{Duration, Instant};

/// What one case came to.
#[derive(Default, Clone)]
pub struct Score {
    /// A repair was offered first and parses.
    pub parses: bool,
    /// Its tree is that of the known fix.
    pub tree: bool,
    /// Its tokens are those of the known fix.
    pub tokens: bool,
    /// Its kinds of tokens are those of the known fix.
    pub kinds: bool,
    /// One of the first three has the tree of the known fix.
    pub top3: bool,
    /// It touches the lines of the known fix, one line of slack.
    pub site: bool,
    /// It changes much more than the known fix.
    pub over: bool,
    /// It was offered but does not parse: must never happen.
    pub broken: bool,
    /// At or above the gate.
    pub sure: bool,
    pub probability: f64,
    pub time: Duration,
    /// Kind of the first repair, or the reason why there is none.
    pub note: String,
    pub output: String,
}

fn tokens(text: &str) -> Vec<(TokenKind, String)> {
    parse_unchecked(text, ParseOptions::from(Mode::Module))
        .tokens()
        .iter()
        .filter(|t| !matches!(t.kind(), TokenKind::Comment | TokenKind::NonLogicalNewline))
        .map(|t| {
            let blank = matches!(
                t.kind(),
                TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent | TokenKind::EndOfFile
            );
            let text = if blank {
                ""
            } else {
                &text[t.range().start().to_usize()..t.range().end().to_usize()]
            };
            (t.kind(), text.to_string())
        })
        .collect()
}

fn kind(kind: TokenKind) -> TokenKind {
    match kind {
        TokenKind::Int | TokenKind::Float | TokenKind::Complex => TokenKind::Int,
        other => other,
    }
}

/// Whether both texts have the same syntax tree.
pub fn same_tree(a: &str, b: &str) -> bool {
    let a = parse_unchecked(a, ParseOptions::from(Mode::Module));
    let b = parse_unchecked(b, ParseOptions::from(Mode::Module));
    ComparableMod::from(a.syntax()) == ComparableMod::from(b.syntax())
}

/// Lines (0-based) of `a` that differ from `b`: the span between the common head and tail.
fn span(a: &str, b: &str) -> (usize, usize, usize) {
    let x: Vec<&str> = a.lines().collect();
    let y: Vec<&str> = b.lines().collect();
    let head = x.iter().zip(&y).take_while(|(p, q)| p == q).count();
    let most = x.len().min(y.len()) - head;
    let tail = x
        .iter()
        .rev()
        .zip(y.iter().rev())
        .take(most)
        .take_while(|(p, q)| p == q)
        .count();
    (head, x.len().saturating_sub(tail), x.len().abs_diff(y.len()))
}

/// Time that this thread has spent on a processor; others may keep the machine busy.
#[cfg(unix)]
#[allow(unsafe_code)]
fn busy() -> Option<Duration> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one `timespec`, which lives here, and keeps no pointer to it.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    let seconds = u64::try_from(now.tv_sec).ok().filter(|_| failed == 0)?;
    Some(Duration::new(seconds, u32::try_from(now.tv_nsec).ok()?))
}

#[cfg(not(unix))]
fn busy() -> Option<Duration> {
    None
}

/// Repairs `broken` and compares with `fixed`.
pub fn score(broken: &str, fixed: &str, target: PyVersion, budget: Duration) -> Score {
    let options = Options {
        target,
        budget,
        hint_line: None,
    };
    let begin = Instant::now();
    let busy = busy();
    let outcome = repair(broken.as_bytes(), &options);
    let time = match (busy, self::busy()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => begin.elapsed(),
    };
    let mut score = Score {
        time,
        ..Score::default()
    };
    let (first, others) = match outcome {
        Outcome::Valid => {
            score.note = "valid".into();
            return score;
        }
        Outcome::Unclear { reason, candidates } => {
            score.note = format!("unclear: {reason}");
            let mut all = candidates.into_iter();
            (all.next(), all.collect::<Vec<_>>())
        }
        Outcome::Repaired { best, runners_up } => {
            score.note = best.kind.clone();
            score.sure = best.probability >= GATE;
            (Some(best), runners_up)
        }
    };
    let Some(best) = first else { return score };
    score.probability = best.probability;
    let text = |edits| String::from_utf8_lossy(&apply(broken.as_bytes(), edits)).into_owned();
    let output = text(&best.edits);
    let changed = best.edits.iter().map(|e| e.range.len() + e.replacement.len()).sum();
    compare(&mut score, broken, output, fixed, changed, target);
    score.top3 = score.tree || score.parses && others.iter().take(2).any(|c| same_tree(&text(&c.edits), fixed));
    score
}

/// Fills the score of `output`, which differs from `broken` in `changed` bytes.
fn compare(score: &mut Score, broken: &str, output: String, fixed: &str, changed: usize, target: PyVersion) {
    score.parses = check(output.as_bytes(), target).is_empty();
    score.broken = !score.parses && output != broken;
    if score.parses {
        score.tree = same_tree(&output, fixed);
        let (a, b) = (tokens(&output), tokens(fixed));
        score.tokens = a == b;
        score.kinds = a.iter().map(|t| kind(t.0)).eq(b.iter().map(|t| kind(t.0)));
        let (a0, a1, _) = span(broken, &output);
        let (b0, b1, _) = span(broken, fixed);
        score.site = a0 <= b1 + 1 && b0 <= a1 + 1;
        let meant = (b1.saturating_sub(b0) + 1) * 40;
        score.over = !score.tree && changed > 40 + 3 * meant;
    }
    score.output = output;
}

/// Scores what another program made of `broken` in `time`.
pub fn score_other(broken: &str, output: String, fixed: &str, time: Duration, target: PyVersion) -> Score {
    let mut score = Score {
        time,
        ..Score::default()
    };
    let changed = output.len().abs_diff(broken.len());
    compare(&mut score, broken, output, fixed, changed, target);
    score
}
