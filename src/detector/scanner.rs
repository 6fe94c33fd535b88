//! Scanning a command's output as it flows.
//!
//! Bytes are kept for a while in a [`Buffer`]; complete lines are passed over until a literal (or a
//! control sequence, behind which one may hide) shows up, and only the lines around it are prepared
//! and matched. While a rule or report of several lines is under way and has steps
//! without literals, every line is. What is found depends on the bytes of each stream and the order
//! in which the two arrived, never on how they were cut.

mod live;

use std::sync::Arc;

use super::buffer::{Buffer, PIECE};
use super::collect::{Collected, frames};
use super::likely::likely;
use super::matcher::{Matcher, Owner, Program};
use super::normalise::{NormLine, normalise};
use super::scan::{Hit, KeptLine, ReportHit, Scan, ScanOptions, StreamKind, Totals};
use super::unit::{Found, MESSAGE, Unit, UnitLine, bounded};
use super::wrap::{LONGEST_RUN, continues};
use crate::pack::model::StreamName;
use crate::pattern::{Asked, StepLine, StepMachine, StepMatch};

/// Lines before a report that are kept with it.
const BEFORE: usize = 3;
/// Longest text of one line of a match of several lines.
const STEP_TEXT: usize = 400;

/// Scans one run of a command.
#[derive(Debug)]
pub struct Scanner {
    matcher: Arc<Matcher>,
    options: ScanOptions,
    streams: Vec<Stream>,
    found: Collected,
    fed: u64,
}

impl Scanner {
    /// A scanner for one run.
    #[must_use]
    pub fn new(matcher: Arc<Matcher>, options: ScanOptions) -> Self {
        Self {
            found: Collected::new(options.hits_per_rule),
            matcher,
            options,
            streams: Vec::new(),
            fed: 0,
        }
    }

    /// Takes the next bytes of a stream, cut anywhere.
    pub fn feed(&mut self, stream: StreamKind, bytes: &[u8]) {
        let index = match self.streams.iter().position(|s| s.kind == stream) {
            Some(index) => index,
            None => {
                self.streams.push(Stream::new(stream, &self.matcher));
                self.streams.len() - 1
            }
        };
        let this = &mut self.streams[index];
        for piece in bytes.chunks(PIECE) {
            this.buffer.append(piece, self.fed);
            self.fed += piece.len() as u64;
            // Without a newline no line became complete.
            if memchr::memrchr(b'\n', piece).is_some() {
                this.advance(&self.matcher, self.options.head, Upto::Safe, &mut self.found);
            }
        }
    }

    /// The end of both streams.
    #[must_use]
    pub fn finish(mut self) -> Scan {
        let mut totals = Totals {
            bytes: self.fed,
            ..Totals::default()
        };
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        for stream in &mut self.streams {
            stream.advance(&self.matcher, self.options.head, Upto::End, &mut self.found);
            stream.end(&self.matcher, &mut self.found);
            totals.lines += stream.number - 1;
            totals.cut += stream.buffer.cut;
            head.append(&mut stream.head);
            tail.extend(stream.tail(self.options.tail));
        }
        head.sort_by_key(|l| l.at);
        head.truncate(self.options.head);
        tail.sort_by_key(|l| l.at);
        tail.drain(..tail.len().saturating_sub(self.options.tail));
        totals.hits = self.found.total();
        let (hits, reports) = self.found.sorted();
        Scan {
            hits,
            reports,
            likely: likely(&tail).or_else(|| likely(&head)).cloned(),
            tail,
            head,
            totals,
        }
    }
}

/// Scans a text that is there as a whole.
#[must_use]
pub fn scan_all(matcher: &Arc<Matcher>, stream: StreamKind, text: &[u8]) -> Scan {
    let mut scanner = Scanner::new(Arc::clone(matcher), ScanOptions::default());
    scanner.feed(stream, text);
    scanner.finish()
}

fn applies(wanted: Option<StreamName>, stream: StreamKind) -> bool {
    match (wanted, stream) {
        (None, _) | (_, StreamKind::Both) => true,
        (Some(StreamName::Stdout), kind) => kind == StreamKind::Stdout,
        (Some(StreamName::Stderr), kind) => kind == StreamKind::Stderr,
    }
}

/// How far a stream is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upto {
    /// Lines of which it is known which lines they belong to.
    Safe,
    /// All complete lines.
    Complete,
    /// Everything; the last line may lack its newline.
    End,
}

/// One stream under way.
#[derive(Debug)]
struct Stream {
    kind: StreamKind,
    buffer: Buffer,
    /// Index in the buffer of the first line that was not looked at.
    done: usize,
    /// That line's number.
    number: u64,
    machines: Vec<StepMachine>,
    /// Programs with an attempt under way.
    active: Vec<usize>,
    /// Lines before the start of reports under way: program, line, text.
    before: Vec<(usize, u64, Vec<String>)>,
    /// The last line looked at, where it belongs to a run too long for a paragraph.
    long_run: Option<NormLine>,
    head: Vec<KeptLine>,
}

impl Stream {
    fn new(kind: StreamKind, matcher: &Matcher) -> Self {
        Self {
            kind,
            buffer: Buffer::default(),
            done: 0,
            number: 1,
            machines: vec![StepMachine::default(); matcher.programs.len()],
            active: Vec::new(),
            before: Vec::new(),
            long_run: None,
            head: Vec::new(),
        }
    }

    /// End of the line that starts here, without its newline.
    fn line_end(&self, start: usize, end: usize) -> usize {
        memchr::memchr(b'\n', &self.buffer.bytes()[start..end]).map_or(end, |k| start + k)
    }

    /// Start of the line before the one that starts here.
    fn line_before(&self, start: usize, low: usize) -> usize {
        memchr::memrchr(b'\n', &self.buffer.bytes()[low..start - 1]).map_or(low, |k| low + k + 1)
    }

    fn norm(&self, start: usize, end: usize) -> NormLine {
        normalise(&self.buffer.bytes()[start..self.line_end(start, end)])
    }

    /// Where the next line starts.
    fn next(&self, start: usize, end: usize) -> usize {
        (self.line_end(start, end) + 1).min(end)
    }

    /// Looks at all lines of which it is known which lines they belong to.
    fn advance(&mut self, matcher: &Matcher, head: usize, upto: Upto, found: &mut Collected) {
        let end = if upto == Upto::End {
            self.buffer.bytes().len()
        } else {
            self.buffer.complete()
        };
        if end <= self.done {
            return;
        }
        // Lines that go on with a run that was too long are no paragraph either.
        let mut alone = self.done;
        let mut long_run = self.long_run.take();
        while let Some(line) = &long_run {
            if alone >= end {
                break;
            }
            let next = self.norm(alone, end);
            if continues(line, &next) {
                alone = self.next(alone, end);
                long_run = Some(next);
            } else {
                long_run = None;
            }
        }
        let mut safe = end;
        if upto == Upto::Safe && long_run.is_none() && alone < end {
            let mut start = self.line_before(end, alone);
            let mut line = self.norm(start, end);
            let tip = line.clone();
            let mut count = 1;
            safe = start;
            while start > alone {
                let before = self.line_before(start, alone);
                let previous = self.norm(before, end);
                if !continues(&previous, &line) {
                    break;
                }
                count += 1;
                if count > LONGEST_RUN {
                    safe = end;
                    long_run = Some(tip);
                    break;
                }
                (start, line) = (before, previous);
                safe = start;
            }
        }
        self.long_run = long_run;
        if safe > self.done {
            self.look(matcher, safe, alone, head, found);
            self.done = self.buffer.forget(self.done);
        }
    }

    /// Looks at the lines up to `end`, of which those before `alone` are no paragraphs.
    fn look(&mut self, matcher: &Matcher, end: usize, mut alone: usize, head: usize, found: &mut Collected) {
        self.take_head(end, head);
        let mut next: [Next; 4] = Default::default();
        let mut last = None;
        while self.done < end {
            let all = matcher.sees_all() || self.active.iter().any(|&p| matcher.programs[p].greedy);
            let candidate = if all {
                self.done
            } else {
                let under_way = !self.active.is_empty();
                if last.replace(under_way) != Some(under_way) {
                    next = Default::default();
                }
                let prefilter = matcher.prefilter(under_way);
                let bytes = &self.buffer.bytes()[..end];
                let [long, short, hidden, broken] = &mut next;
                let long = long.from(self.done, |p| prefilter.long(bytes, p));
                let short = short.from(self.done, |p| prefilter.short(bytes, p));
                let hidden = hidden.from(self.done, |p| prefilter.hidden(bytes, p));
                let broken = broken.from(self.done, |p| prefilter.broken(bytes, p));
                match [long, short, hidden, broken].into_iter().flatten().min() {
                    Some(at) => memchr::memrchr(b'\n', &bytes[self.done..at]).map_or(self.done, |k| self.done + k + 1),
                    None => {
                        self.pass(end);
                        break;
                    }
                }
            };
            let (start, stop, join) = self.run_around(candidate, end, &mut alone);
            self.pass(start);
            self.unit(matcher, stop, join, found);
        }
    }

    /// The run of lines that this line belongs to, and whether it may be a paragraph.
    fn run_around(&self, line: usize, end: usize, alone: &mut usize) -> (usize, usize, bool) {
        if line < *alone {
            return (line, self.next(line, end), false);
        }
        let low = self.done.max(*alone);
        let own = self.norm(line, end);
        let (mut start, mut first, mut count) = (line, own.clone(), 1);
        while start > low && count <= LONGEST_RUN {
            let before = self.line_before(start, low);
            let previous = self.norm(before, end);
            if !continues(&previous, &first) {
                break;
            }
            (start, first) = (before, previous);
            count += 1;
        }
        let (mut stop, mut tip) = (self.next(line, end), own);
        while stop < end {
            let next = self.norm(stop, end);
            if !continues(&tip, &next) {
                break;
            }
            (stop, tip) = (self.next(stop, end), next);
            count += 1;
        }
        if count > LONGEST_RUN {
            *alone = stop;
            (line, self.next(line, end), false)
        } else {
            (start, stop, true)
        }
    }

    /// Passes over lines that cannot match.
    fn pass(&mut self, to: usize) {
        let passed = &self.buffer.bytes()[self.done..to];
        let mut lines = memchr::memchr_iter(b'\n', passed).count() as u64;
        // The last line of the stream may lack its newline.
        if passed.last().is_some_and(|b| *b != b'\n') {
            lines += 1;
        }
        self.number += lines;
        self.done = to;
    }

    fn take_head(&mut self, end: usize, head: usize) {
        let (mut at, mut number) = (self.done, self.number);
        while self.head.len() < head && at < end {
            self.head.push(self.kept(at, end, number));
            at = self.next(at, end);
            number += 1;
        }
    }

    fn kept(&self, start: usize, end: usize, number: u64) -> KeptLine {
        let stop = self.line_end(start, end);
        KeptLine {
            stream: self.kind,
            number,
            at: self.arrival(stop),
            text: bounded(&self.norm(start, end).text, MESSAGE),
        }
    }

    /// When the line that ends here arrived.
    fn arrival(&self, stop: usize) -> u64 {
        let last = stop.min(self.buffer.bytes().len().saturating_sub(1));
        self.buffer.arrival(last).1
    }

    /// The last lines up to where it was looked, oldest first.
    fn tail(&self, count: usize) -> Vec<KeptLine> {
        let end = self.done;
        let low = end.saturating_sub(super::buffer::BEHIND);
        // A line that is not kept whole does not count.
        let low = match low {
            0 => 0,
            _ => self.next(low, end),
        };
        let mut lines = Vec::new();
        let (mut start, mut number) = (end, self.number);
        while start > low && lines.len() < count {
            start = self.line_before(start, low);
            number -= 1;
            lines.push(self.kept(start, end, number));
        }
        lines.reverse();
        lines
    }

    /// Matches the lines from `done` to `stop`.
    fn unit(&mut self, matcher: &Matcher, stop: usize, join: bool, found: &mut Collected) {
        let mut lines = Vec::new();
        let (mut at, mut number) = (self.done, self.number);
        while at < stop {
            let end = self.line_end(at, stop);
            lines.push(UnitLine {
                norm: self.norm(at, stop),
                raw: self.buffer.bytes()[at..end].to_vec(),
                number,
                start: self.buffer.arrival(at).0,
                at: self.arrival(end),
            });
            number += 1;
            at = self.next(at, stop);
        }
        let unit = Unit::new(matcher, lines, join);
        let mut singles = matcher.always_singles.clone();
        let mut programs = matcher.always_programs.clone();
        for pattern in unit.patterns() {
            singles.extend(&matcher.singles_of[pattern]);
            programs.extend(&matcher.programs_of[pattern]);
        }
        programs.extend(&self.active);
        for set in [&mut singles, &mut programs] {
            set.sort_unstable();
            set.dedup();
        }
        for &k in &singles {
            let single = &matcher.singles[k];
            if !applies(single.stream, self.kind) {
                continue;
            }
            for line in 0..unit.lines.len() {
                let Some(hit) = unit.find(single.pattern, line) else {
                    continue;
                };
                if single.unless.is_some_and(|u| unit.also(&hit, u)) {
                    continue;
                }
                found.hit(self.single_hit(&unit, single.rule, single.specificity, &hit));
            }
        }
        for &k in &programs {
            if applies(matcher.programs[k].stream, self.kind) {
                self.offer(matcher, k, &unit, found);
            }
        }
        self.number = number;
        self.done = stop;
    }

    fn single_hit(&self, unit: &Unit<'_>, rule: usize, specificity: u32, hit: &Found) -> Hit {
        let (first, last) = (&unit.lines[hit.first], &unit.lines[hit.last]);
        Hit {
            rule,
            captures: hit.captures.clone(),
            stream: self.kind,
            lines: (first.number, last.number),
            anchor: first.number,
            at: last.at,
            span: hit.span,
            excerpt: unit.excerpt(hit),
            message: unit.message(hit).trim().to_owned(),
            specificity,
        }
    }

    /// Offers all lines of a unit to a program.
    fn offer(&mut self, matcher: &Matcher, k: usize, unit: &Unit<'_>, found: &mut Collected) {
        let program = &matcher.programs[k];
        let mut out = Vec::new();
        for line in 0..unit.lines.len() {
            let number = unit.lines[line].number;
            let mut asked = Line { unit, program, line };
            let fresh = out.len();
            self.machines[k].offer(&program.steps, number, &mut asked, &mut out);
            let starts =
                self.machines[k].started() == Some(number) || out[fresh..].iter().any(|m| m.range().0 == number);
            if starts && matches!(program.owner, Owner::Report { .. }) {
                let before = self.lines_before(unit, line);
                self.before.push((k, number, before));
            }
        }
        self.active.retain(|p| *p != k);
        if self.machines[k].active() {
            self.active.push(k);
        }
        for done in out {
            self.program_hit(program, k, &done, found);
        }
        let active = &self.active;
        self.before.retain(|(p, _, _)| active.contains(p));
        if self.before.len() > 64 {
            self.before.remove(0);
        }
    }

    /// The lines just before a line of a unit, at most three.
    fn lines_before(&self, unit: &Unit<'_>, line: usize) -> Vec<String> {
        let mut lines: Vec<String> = unit.lines[..line]
            .iter()
            .rev()
            .take(BEFORE)
            .map(|l| bounded(&l.norm.text, STEP_TEXT))
            .collect();
        let mut start = self.done;
        while start > 0 && lines.len() < BEFORE {
            let before = self.line_before(start, 0);
            lines.push(bounded(&self.norm(before, start).text, STEP_TEXT));
            start = before;
        }
        lines.reverse();
        lines
    }

    fn program_hit(&self, program: &Program, k: usize, done: &StepMatch, found: &mut Collected) {
        let Some((_, anchor)) = done.lines.get(done.anchor) else {
            return;
        };
        let excerpt: Vec<&str> = done.lines.iter().map(|(_, l)| l.text.as_str()).collect();
        let excerpt = bounded(excerpt.join("\n").as_bytes(), 2 * MESSAGE);
        let captures = done.captures();
        let message = anchor.text.trim().to_owned();
        match &program.owner {
            Owner::Rule(rule) => found.hit(Hit {
                rule: *rule,
                stream: self.kind,
                lines: done.range(),
                anchor: anchor.lines.0,
                at: anchor.at,
                span: (
                    done.lines.first().map_or(0, |(_, l)| l.span.0),
                    done.lines.last().map_or(0, |(_, l)| l.span.1),
                ),
                excerpt,
                message,
                captures,
                specificity: program.specificity,
            }),
            Owner::Report { environment, report } => {
                let first = done.range().0;
                let before = self
                    .before
                    .iter()
                    .rev()
                    .find(|(p, line, _)| *p == k && *line == first)
                    .map(|(_, _, text)| text.clone())
                    .unwrap_or_default();
                found.report(ReportHit {
                    environment: environment.clone(),
                    report: *report,
                    frames: frames(done),
                    message: captures.get("message").cloned().unwrap_or(message),
                    stream: self.kind,
                    lines: done.range(),
                    anchor: anchor.lines.0,
                    at: anchor.at,
                    excerpt,
                    before,
                    captures,
                });
            }
        }
    }

    /// The end of the stream: what was under way ends.
    fn end(&mut self, matcher: &Matcher, found: &mut Collected) {
        for k in std::mem::take(&mut self.active) {
            let program = &matcher.programs[k];
            let mut out = Vec::new();
            self.machines[k].expire(&program.steps, self.number, &mut out);
            self.machines[k].finish(&program.steps, &mut out);
            for done in out {
                self.program_hit(program, k, &done, found);
            }
        }
    }
}

/// Where something comes next, looked for only when the last place was passed.
#[derive(Debug, Default)]
struct Next {
    known: Option<Option<usize>>,
}

impl Next {
    fn from(&mut self, low: usize, look: impl FnOnce(usize) -> Option<usize>) -> Option<usize> {
        match self.known {
            Some(None) => None,
            Some(Some(at)) if at >= low => Some(at),
            _ => {
                let at = look(low);
                self.known = Some(at);
                at
            }
        }
    }
}

/// One line of a unit as a program's steps see it.
struct Line<'u, 'm> {
    unit: &'u Unit<'m>,
    program: &'u Program,
    line: usize,
}

impl Asked for Line<'_, '_> {
    fn step(&mut self, step: usize) -> Option<StepLine> {
        let hit = self.unit.find(self.program.patterns[step], self.line)?;
        let deciding = step + 1 == self.program.patterns.len();
        if deciding && self.program.unless.is_some_and(|u| self.unit.also(&hit, u)) {
            return None;
        }
        let (first, last) = (&self.unit.lines[hit.first], &self.unit.lines[hit.last]);
        Some(StepLine {
            lines: (first.number, last.number),
            at: last.at,
            span: hit.span,
            text: bounded(self.unit.message(&hit).as_bytes(), STEP_TEXT),
            captures: hit.captures,
        })
    }

    fn until(&mut self, step: usize) -> bool {
        self.program.untils[step].is_some_and(|p| self.unit.find(p, self.line).is_some())
    }
}
