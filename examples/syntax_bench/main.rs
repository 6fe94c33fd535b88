//! Measures the Python syntax repairer.
//!
//! `syntax_bench data FILE.jsonl [LIMIT]` scores pairs of `broken` and `fixed` texts.
//! `syntax_bench inject [PER_FAMILY] [SEED] [FOLDER]` makes faults in the files of a folder (the standard
//! library of the machine's Python unless given) and scores them per family.
//! `syntax_bench tools [PER_FAMILY] [SEED] [FOLDER]` runs ruff, autopep8 and lib2to3, where installed, on
//! the same faults.
//! `syntax_bench show FILE` prints every repair that is offered for a file.
//! `syntax_bench valid [FOLDER]` counts valid files that are touched. `-v` prints every case, `-d` the
//! change that was made where it is wrong; `--target=3.8` judges as that version does (3.11 otherwise).
//! Times are CPU time of the thread where the system tells it.

mod corpus;
mod inject;
mod score;
mod source;
mod tools;

use heal::syntax::{Options, Outcome, PyVersion, repair};
use score::{Score, score};
use std::collections::BTreeMap;
use std::time::Duration;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let code = run(&args);
    std::process::exit(code);
}

fn run(args: &[String]) -> i32 {
    let minor = args
        .iter()
        .find_map(|a| a.strip_prefix("--target=3."))
        .and_then(|m| m.parse().ok());
    let target = PyVersion {
        major: 3,
        minor: minor.unwrap_or(11),
    };
    let verbose = args.iter().any(|a| a == "-v");
    let show = args.iter().any(|a| a == "-d");
    let args: Vec<&String> = args.iter().filter(|a| !a.starts_with('-')).collect();
    let number = |i: usize, default: usize| args.get(i).and_then(|n| n.parse().ok()).unwrap_or(default);
    let folder = |i: usize| {
        args.get(i)
            .map(std::path::PathBuf::from)
            .or_else(corpus::standard_library)
            .unwrap_or_default()
    };
    match args.first().map(|a| a.as_str()) {
        Some("data") => {
            let Some(path) = args.get(1) else { return 2 };
            let limit = args.get(2).and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let mut table = Table::default();
            let mut cases: Vec<serde_json::Value> = text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
            let step = (cases.len() / limit.max(1)).max(1);
            cases = cases.into_iter().step_by(step).collect();
            for case in &cases {
                let field = |k: &str| case[k].as_str().unwrap_or("");
                let s = score(field("broken"), field("fixed"), target, Duration::from_millis(3000));
                if verbose {
                    line(field("id"), &s);
                }
                if show && !s.tree {
                    changes(field("id"), field("broken"), field("fixed"), &s);
                }
                table.add("all", &s);
                let message: String = field("message")
                    .split(['\'', '('])
                    .next()
                    .unwrap_or("")
                    .trim()
                    .chars()
                    .take(44)
                    .collect();
                table.add(&message, &s);
            }
            table.print();
            0
        }
        Some("inject") => {
            let texts = corpus::valid_files(&folder(3), target);
            let mut table = Table::default();
            for (n, case) in corpus::cases(&texts, number(1, 20), number(2, 1) as u64, target)
                .iter()
                .enumerate()
            {
                let s = score(&case.broken, &case.fixed, target, Duration::from_millis(3000));
                let id = format!("{}-{n}", case.family);
                if verbose {
                    line(&id, &s);
                }
                if show && !s.tree {
                    changes(&id, &case.broken, &case.fixed, &s);
                }
                table.add("all", &s);
                table.add(&case.family, &s);
            }
            table.print();
            0
        }
        Some("tools") => {
            let texts = corpus::valid_files(&folder(3), target);
            let cases = corpus::cases(&texts, number(1, 5), number(2, 1) as u64, target);
            let mut table = Table::default();
            for (name, scores) in tools::run(&cases, target) {
                scores.iter().for_each(|s| table.add(name, s));
            }
            table.print();
            0
        }
        Some("show") => {
            let Some(source) = args.get(1).and_then(|p| std::fs::read(p).ok()) else {
                return 2;
            };
            show_repairs(&source, target);
            0
        }
        Some("valid") => {
            let texts = corpus::valid_files(&folder(1), target);
            let touched = texts
                .iter()
                .filter(|t| {
                    repair(
                        t.as_bytes(),
                        &Options {
                            target,
                            ..Options::default()
                        },
                    ) != Outcome::Valid
                })
                .count();
            let scores = Score {
                note: format!("{touched} of {} valid files touched", texts.len()),
                ..Score::default()
            };
            line("valid", &scores);
            i32::from(touched > 0)
        }
        _ => 2,
    }
}

/// Every repair that is offered for one file.
#[allow(clippy::print_stdout)]
fn show_repairs(source: &[u8], target: PyVersion) {
    match repair(
        source,
        &Options {
            target,
            ..Options::default()
        },
    ) {
        Outcome::Valid => println!("valid"),
        Outcome::Unclear { reason, candidates } => {
            println!("unclear: {reason}");
            candidates
                .iter()
                .for_each(|c| println!("  {:.3} {} {:?}", c.probability, c.description, c.edits));
        }
        Outcome::Repaired { best, runners_up } => {
            for c in std::iter::once(&best).chain(&runners_up) {
                println!("  {:.3} [{}] {} {:?}", c.probability, c.kind, c.description, c.edits);
            }
        }
    }
    for step in heal::syntax::training::steps(&String::from_utf8_lossy(source), target)
        .iter()
        .take(12)
    {
        println!(
            "    step {} prior {} score {} next {:?}",
            step.name, step.prior, step.score, step.next
        );
    }
}

/// What was meant and what was made, line by line; both texts go to the folder `SYNTAX_BENCH_WRONG`.
#[allow(clippy::print_stdout)]
fn changes(id: &str, broken: &str, fixed: &str, s: &Score) {
    if let Some(folder) = std::env::var_os("SYNTAX_BENCH_WRONG").map(std::path::PathBuf::from) {
        let wrote = std::fs::write(folder.join(format!("{id}.broken.py")), broken)
            .and_then(|()| std::fs::write(folder.join(format!("{id}.fixed.py")), fixed))
            .and_then(|()| std::fs::write(folder.join(format!("{id}.made.py")), &s.output));
        if let Err(error) = wrote {
            println!("{}: {error}", folder.display());
        }
    }
    println!("### {id} p={:.2} {} parses={}", s.probability, s.note, s.parses);
    let side = |text: &str, name: &str| {
        let old: Vec<&str> = broken.lines().collect();
        let new: Vec<&str> = text.lines().collect();
        let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let most = old.len().min(new.len()) - head;
        let tail = old
            .iter()
            .rev()
            .zip(new.iter().rev())
            .take(most)
            .take_while(|(a, b)| a == b)
            .count();
        if head > 0 {
            println!("  {name}  {}", clip(old[head - 1]));
        }
        for l in old[head..old.len() - tail].iter().take(6) {
            println!("  {name}- {}", clip(l));
        }
        for l in new[head..new.len() - tail].iter().take(6) {
            println!("  {name}+ {}", clip(l));
        }
    };
    side(fixed, "want");
    if s.parses {
        side(&s.output, "made");
    }
}

fn clip(line: &str) -> String {
    line.chars().take(150).collect()
}

#[allow(clippy::print_stdout)]
fn line(id: &str, s: &Score) {
    let mark = if s.broken {
        "BROKEN"
    } else if s.tree {
        "ok"
    } else if s.top3 {
        "top3"
    } else if s.parses {
        "wrong"
    } else {
        "none"
    };
    println!("{mark:6} {id} p={:.3} {:?} {}", s.probability, s.time, s.note);
}

#[derive(Default)]
struct Table {
    rows: BTreeMap<String, Vec<Score>>,
}

impl Table {
    fn add(&mut self, row: &str, s: &Score) {
        self.rows.entry(row.to_string()).or_default().push(s.clone());
    }

    #[allow(clippy::print_stdout)]
    fn print(&self) {
        println!(
            "{:44} {:>5} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>5} {:>4} {:>6} {:>6} {:>6} {:>6}",
            "family",
            "n",
            "parse",
            "tree",
            "top3",
            "token",
            "kinds",
            "site",
            "over",
            "brk",
            "cover",
            "prec",
            "p50ms",
            "p95ms"
        );
        for (name, scores) in &self.rows {
            let n = scores.len() as f64;
            let share = |f: &dyn Fn(&Score) -> bool| 100.0 * scores.iter().filter(|s| f(s)).count() as f64 / n;
            let sure = scores.iter().filter(|s| s.sure).count() as f64;
            let right = scores.iter().filter(|s| s.sure && s.tree).count() as f64;
            let mut times: Vec<f64> = scores.iter().map(|s| s.time.as_secs_f64() * 1000.0).collect();
            times.sort_by(f64::total_cmp);
            let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize];
            println!(
                "{name:44} {:5} {:6.1} {:6.1} {:6.1} {:6.1} {:6.1} {:6.1} {:5.1} {:4} {:6.1} {:6.1} {:6.1} {:6.1}",
                scores.len(),
                share(&|s| s.parses),
                share(&|s| s.tree),
                share(&|s| s.top3),
                share(&|s| s.tokens),
                share(&|s| s.kinds),
                share(&|s| s.site),
                share(&|s| s.over),
                scores.iter().filter(|s| s.broken).count(),
                100.0 * sure / n,
                if sure > 0.0 { 100.0 * right / sure } else { 0.0 },
                at(0.5),
                at(0.95),
            );
        }
    }
}
