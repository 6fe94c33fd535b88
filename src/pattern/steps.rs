//! The step machine: several lines, in order, that are one match.
//!
//! Lines are offered one after another; the machine asks which steps a line fulfils, and only for
//! those that it waits for. It keeps no text but what the steps captured, and its answer depends on
//! the lines alone, so output may reach it in pieces of any size.
//!
//! How a line is used, in words:
//! * An attempt waits for the next required step and every optional one before it, and for a
//!   `repeat` or `keep: last` step that it has just passed to come once more.
//! * A line that fulfils several of these counts for the one with the most fixed text; among
//!   equals for the earliest step still ahead.
//! * A line that no attempt uses and that fulfils a first step starts an attempt. Where the first
//!   step keeps the last, older attempts end there.
//! * After the last required step the match stands; trailing optional and repeated steps are
//!   awaited as long as the window, `after` and `until` allow.
use std::collections::BTreeMap;

/// Attempts that wait side by side at most.
const MOST_ATTEMPTS: usize = 8;
/// Lines of an attempt that are kept at most: the first half and the last.
const MOST_LINES: usize = 64;

/// One step; its regexes stay with the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepSpec {
    /// May be missing.
    pub optional: bool,
    /// The last occurrence counts, not the first.
    pub keep_last: bool,
    /// Every occurrence is a frame.
    pub repeat: bool,
    /// At most this many lines after the step before.
    pub after: Option<u32>,
    /// Whether it has an `until`.
    pub until: bool,
    /// Fixed characters of its regex.
    pub weight: u32,
}

/// Steps in order, bounded by a window.
#[derive(Debug, Clone, Default)]
pub struct StepProgram {
    /// The steps.
    pub steps: Vec<StepSpec>,
    /// At most this many lines from the first step to the last.
    pub within: u32,
}

impl StepProgram {
    /// Steps that can begin a match: the first required one and all before it.
    #[must_use]
    pub fn starters(&self) -> std::ops::Range<usize> {
        self.ahead(0)
    }

    /// Steps from `from` up to and with the first required one.
    fn ahead(&self, from: usize) -> std::ops::Range<usize> {
        let end = (from..self.steps.len())
            .find(|&k| !self.steps[k].optional)
            .map_or(self.steps.len(), |k| k + 1);
        from..end
    }

    /// Steps behind that may come once more while the attempt stands at `at`.
    fn again(&self, at: usize) -> Vec<usize> {
        let mut found = Vec::new();
        for k in (0..=at).rev() {
            let step = &self.steps[k];
            if step.repeat || step.keep_last {
                found.push(k);
            }
            if !step.optional {
                break;
            }
        }
        found
    }
}

/// A line that fulfils a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepLine {
    /// First and last raw line, 1-based.
    pub lines: (u64, u64),
    /// When it arrived.
    pub at: u64,
    /// Bytes of the raw stream that the match covers.
    pub span: (u64, u64),
    /// Named groups.
    pub captures: BTreeMap<String, String>,
    /// Its text, bounded by the caller.
    pub text: String,
}

/// A finished match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepMatch {
    /// The lines with the step that each fulfils, in order.
    pub lines: Vec<(usize, StepLine)>,
    /// Index into `lines` of the last required step; of the last line where all are optional.
    pub anchor: usize,
}

impl StepMatch {
    /// First and last raw line.
    #[must_use]
    pub fn range(&self) -> (u64, u64) {
        (
            self.lines.first().map_or(0, |(_, l)| l.lines.0),
            self.lines.last().map_or(0, |(_, l)| l.lines.1),
        )
    }

    /// All named groups; a later line's win.
    #[must_use]
    pub fn captures(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for (_, line) in &self.lines {
            all.extend(line.captures.iter().map(|(k, v)| (k.clone(), v.clone())));
        }
        all
    }
}

/// What the machine asks about the line that is offered.
pub trait Asked {
    /// The line as a fulfilment of this step, if it is one.
    fn step(&mut self, step: usize) -> Option<StepLine>;
    /// Whether the line matches this step's `until`.
    fn until(&mut self, step: usize) -> bool;
}

#[derive(Debug, Clone)]
struct Attempt {
    start: u64,
    last: u64,
    at: usize,
    lines: Vec<(usize, StepLine)>,
}

impl Attempt {
    fn satisfied(&self, program: &StepProgram) -> bool {
        program.steps[self.at + 1..].iter().all(|s| s.optional)
    }

    fn in_reach(&self, program: &StepProgram, step: usize, line: u64) -> bool {
        program.steps[step]
            .after
            .is_none_or(|after| line.saturating_sub(self.last) <= u64::from(after))
    }

    /// Steps that the attempt could use a line for.
    fn wanted(&self, program: &StepProgram, line: u64) -> Vec<usize> {
        program
            .ahead(self.at + 1)
            .chain(program.again(self.at))
            .filter(|&k| self.in_reach(program, k, line))
            .collect()
    }

    fn over(&self, program: &StepProgram, line: u64) -> bool {
        if line.saturating_sub(self.start) > u64::from(program.within) {
            return true;
        }
        let ahead = program.ahead(self.at + 1);
        match ahead.clone().last() {
            // The next required step can no longer come.
            Some(k) if !program.steps[k].optional => !self.in_reach(program, k, line),
            _ => self.wanted(program, line).is_empty(),
        }
    }

    fn take(&mut self, program: &StepProgram, step: usize, line: StepLine) {
        let spec = &program.steps[step];
        if step <= self.at && spec.keep_last && !spec.repeat {
            // The last occurrence counts: what the earlier one brought is dropped.
            let first = self.lines.iter().position(|(k, _)| *k == step);
            self.lines.truncate(first.unwrap_or(self.lines.len()));
            if self.lines.is_empty() {
                self.start = line.lines.0;
            }
        }
        self.at = step;
        self.last = line.lines.1;
        self.lines.push((step, line));
        if self.lines.len() > MOST_LINES {
            self.lines.remove(MOST_LINES / 2);
        }
    }

    fn finish(self, program: &StepProgram) -> StepMatch {
        let anchor = self
            .lines
            .iter()
            .rposition(|(k, _)| !program.steps[*k].optional)
            .unwrap_or(self.lines.len().saturating_sub(1));
        StepMatch {
            lines: self.lines,
            anchor,
        }
    }
}

/// Runs a program over the lines of one stream.
#[derive(Debug, Clone, Default)]
pub struct StepMachine {
    attempts: Vec<Attempt>,
}

impl StepMachine {
    /// Whether an attempt is under way.
    #[must_use]
    pub fn active(&self) -> bool {
        !self.attempts.is_empty()
    }

    /// The line on which the newest attempt under way began.
    #[must_use]
    pub fn started(&self) -> Option<u64> {
        self.attempts.last().map(|a| a.start)
    }

    /// Steps that a line could fulfil now, starters apart.
    #[must_use]
    pub fn wanted(&self, program: &StepProgram, line: u64) -> Vec<usize> {
        let mut all: Vec<usize> = self.attempts.iter().flat_map(|a| a.wanted(program, line)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Ends attempts that cannot go on at this line; those that are complete are matches.
    pub fn expire(&mut self, program: &StepProgram, line: u64, out: &mut Vec<StepMatch>) {
        let mut k = 0;
        while k < self.attempts.len() {
            if self.attempts[k].over(program, line) {
                let attempt = self.attempts.remove(k);
                if attempt.satisfied(program) {
                    out.push(attempt.finish(program));
                }
            } else {
                k += 1;
            }
        }
    }

    /// Offers a line.
    pub fn offer(&mut self, program: &StepProgram, line: u64, asked: &mut dyn Asked, out: &mut Vec<StepMatch>) {
        self.expire(program, line, out);
        let mut used = false;
        let mut k = 0;
        while k < self.attempts.len() {
            // A line inside a joined one has been used with it, but for what follows on its last.
            if self.attempts[k].last > line {
                used = true;
                break;
            }
            if let Some((step, found)) = self.best(program, k, line, asked) {
                used = true;
                let attempt = &mut self.attempts[k];
                attempt.take(program, step, found);
                if attempt.satisfied(program) {
                    // Later and earlier starts were waiting for this very line.
                    let attempt = self.attempts.swap_remove(k);
                    self.attempts.retain(|a| a.satisfied(program));
                    for old in self.attempts.drain(..) {
                        out.push(old.finish(program));
                    }
                    if attempt.wanted(program, line + 1).is_empty() {
                        out.push(attempt.finish(program));
                    } else {
                        self.attempts.push(attempt);
                    }
                }
                break;
            }
            if self.attempts[k].last == line {
                used = true;
                break;
            }
            let ended = program
                .ahead(self.attempts[k].at + 1)
                .any(|s| program.steps[s].until && asked.until(s));
            if ended {
                let attempt = self.attempts.remove(k);
                if attempt.satisfied(program) {
                    out.push(attempt.finish(program));
                }
            } else {
                k += 1;
            }
        }
        if !used {
            self.start(program, asked, out);
        }
    }

    /// The step that attempt `k` uses the line for.
    fn best(&self, program: &StepProgram, k: usize, line: u64, asked: &mut dyn Asked) -> Option<(usize, StepLine)> {
        let this = &self.attempts[k];
        let behind = match this.lines.last() {
            Some((_, last)) if this.last == line => last.span.1,
            _ => 0,
        };
        let mut best: Option<(usize, StepLine)> = None;
        for step in self.attempts[k].wanted(program, line) {
            let heavier = best
                .as_ref()
                .is_none_or(|(b, _)| program.steps[step].weight > program.steps[*b].weight);
            if heavier
                && let Some(found) = asked.step(step)
                && found.span.0 >= behind
            {
                best = Some((step, found));
            }
        }
        best
    }

    fn start(&mut self, program: &StepProgram, asked: &mut dyn Asked, out: &mut Vec<StepMatch>) {
        let Some((step, line)) = program.starters().find_map(|s| asked.step(s).map(|line| (s, line))) else {
            return;
        };
        // A complete match that the line does not belong to is over; and so is anything older
        // where the last start counts.
        let newest_only = program.steps[step].keep_last;
        let mut k = 0;
        while k < self.attempts.len() {
            let satisfied = self.attempts[k].satisfied(program);
            if satisfied || newest_only {
                let old = self.attempts.remove(k);
                if satisfied {
                    out.push(old.finish(program));
                }
            } else {
                k += 1;
            }
        }
        if self.attempts.len() == MOST_ATTEMPTS {
            self.attempts.remove(1);
        }
        let mut attempt = Attempt {
            start: line.lines.0,
            last: line.lines.1,
            at: step,
            lines: Vec::new(),
        };
        let next = line.lines.1 + 1;
        attempt.lines.push((step, line));
        if attempt.satisfied(program) && attempt.wanted(program, next).is_empty() {
            out.push(attempt.finish(program));
        } else {
            self.attempts.push(attempt);
        }
    }

    /// The end of the stream: complete attempts are matches.
    pub fn finish(&mut self, program: &StepProgram, out: &mut Vec<StepMatch>) {
        for attempt in self.attempts.drain(..) {
            if attempt.satisfied(program) {
                out.push(attempt.finish(program));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::LinePattern;
    use super::*;

    struct Line<'a> {
        number: u64,
        text: &'a str,
        regexes: &'a [(&'a str, Option<&'a str>)],
    }

    impl Asked for Line<'_> {
        fn step(&mut self, step: usize) -> Option<StepLine> {
            let captures = LinePattern::new(self.regexes[step].0).captures(self.text.as_bytes())?;
            Some(StepLine {
                lines: (self.number, self.number),
                at: self.number,
                span: (0, 0),
                captures,
                text: self.text.to_owned(),
            })
        }
        fn until(&mut self, step: usize) -> bool {
            self.regexes[step]
                .1
                .is_some_and(|r| LinePattern::new(r).is_match(self.text.as_bytes()))
        }
    }

    fn run(program: &StepProgram, regexes: &[(&str, Option<&str>)], text: &str) -> Vec<(u64, u64, String)> {
        let mut machine = StepMachine::default();
        let mut out = Vec::new();
        for (n, line) in text.lines().enumerate() {
            let number = n as u64 + 1;
            let mut asked = Line {
                number,
                text: line,
                regexes,
            };
            machine.offer(program, number, &mut asked, &mut out);
        }
        machine.finish(program, &mut out);
        out.iter()
            .map(|m| {
                let caps: Vec<String> = m.captures().iter().map(|(k, v)| format!("{k}={v}")).collect();
                (m.range().0, m.range().1, caps.join(" "))
            })
            .collect()
    }

    fn step() -> StepSpec {
        StepSpec::default()
    }

    #[test]
    fn gaps_are_allowed_and_the_window_is_kept() {
        let program = StepProgram {
            steps: vec![step(), step()],
            within: 3,
        };
        let regexes = [("^A (?P<a>.)", None), ("^B (?P<b>.)", None)];
        assert_eq!(
            run(&program, &regexes, "A 1\nx\ny\nB 2\nB 3"),
            [(1, 4, "a=1 b=2".to_owned())]
        );
        assert!(run(&program, &regexes, "A 1\nx\ny\nz\nB 2").is_empty());
    }

    #[test]
    fn which_occurrence_counts() {
        let regexes = [("^A (?P<a>.)", None), ("^B", None)];
        let mut program = StepProgram {
            steps: vec![step(), step()],
            within: 9,
        };
        assert_eq!(run(&program, &regexes, "A 1\nA 2\nB")[0].2, "a=1");
        program.steps[0].keep_last = true;
        assert_eq!(run(&program, &regexes, "A 1\nA 2\nB\nB"), [(2, 3, "a=2".to_owned())]);
    }

    #[test]
    fn a_first_occurrence_out_of_the_window_gives_way_to_the_next() {
        let regexes = [("^A (?P<a>.)", None), ("^B", None)];
        let program = StepProgram {
            steps: vec![step(), step()],
            within: 2,
        };
        assert_eq!(run(&program, &regexes, "A 1\nA 2\nx\nB")[0].2, "a=2");
    }

    #[test]
    fn frames_repeat_with_what_follows_them() {
        let optional = StepSpec {
            optional: true,
            ..step()
        };
        let program = StepProgram {
            steps: vec![
                optional.clone(),
                StepSpec {
                    repeat: true,
                    weight: 6,
                    ..step()
                },
                optional,
                step(),
            ],
            within: 50,
        };
        let regexes = [
            ("^Trace", None),
            ("^  File (?P<file>\\w+)", None),
            ("^ +(?P<source>.+)", None),
            ("^(?P<message>\\w+: .*)", None),
        ];
        let text = "Trace\n  File a\n    one\n  File b\n  File c\n    three\nE: bad\n";
        let mut machine = StepMachine::default();
        let mut out = Vec::new();
        for (n, line) in text.lines().enumerate() {
            let mut asked = Line {
                number: n as u64 + 1,
                text: line,
                regexes: &regexes,
            };
            machine.offer(&program, n as u64 + 1, &mut asked, &mut out);
        }
        let steps: Vec<usize> = out[0].lines.iter().map(|(s, _)| *s).collect();
        assert_eq!(steps, [0, 1, 2, 1, 1, 2, 3]);
        assert_eq!(out[0].lines[out[0].anchor].1.text, "E: bad");
    }

    #[test]
    fn a_trailing_optional_step_is_awaited_but_not_needed() {
        let program = StepProgram {
            steps: vec![
                step(),
                StepSpec {
                    optional: true,
                    after: Some(1),
                    ..step()
                },
            ],
            within: 9,
        };
        let regexes = [("^A", None), ("^who (?P<w>.)", None)];
        assert_eq!(run(&program, &regexes, "A\nwho x")[0].2, "w=x");
        assert_eq!(run(&program, &regexes, "A\n-\nwho x"), [(1, 1, String::new())]);
        assert_eq!(run(&program, &regexes, "A\nA\nwho x").len(), 2);
    }

    #[test]
    fn until_ends_an_attempt() {
        let program = StepProgram {
            steps: vec![step(), StepSpec { until: true, ..step() }],
            within: 9,
        };
        let regexes = [("^A", None), ("^B", Some("^$"))];
        assert!(run(&program, &regexes, "A\n\nB").is_empty());
        assert_eq!(run(&program, &regexes, "A\nx\nB").len(), 1);
    }
}
