//! Makes faults in valid files: one family each, chosen by a seeded generator.

pub use crate::source::{File, Rng};
use ruff_python_ast::token::TokenKind as K;

/// Families, in the order of the tables.
pub const FAMILIES: [&str; 14] = [
    "colon",
    "comma",
    "bracket",
    "bracket-lines",
    "quotes",
    "triple",
    "indent",
    "keyword",
    "operator",
    "foreign",
    "python2",
    "paste",
    "fstring",
    "number",
];

/// One fault of `family` somewhere in the file; `None` when there is no place for it.
pub fn inject(family: &str, file: &File, rng: &mut Rng) -> Option<String> {
    let f = file;
    match family {
        "colon" => {
            let i = *rng.pick(&f.headers())?;
            Some(f.swap(i, if rng.below(6) == 0 { ";" } else { "" }))
        }
        "comma" => {
            let commas = f.find(|i| f.kind(i) == K::Comma && !f.closes(i + 1));
            let i = *rng.pick(&commas)?;
            Some(f.swap(i, if rng.below(8) == 0 { ",," } else { "" }))
        }
        "bracket" | "bracket-lines" => bracket(f, rng, family == "bracket-lines"),
        "quotes" => quotes(f, rng),
        "triple" => {
            let all = f.find(|i| f.kind(i) == K::String && is_triple(f.str(i)));
            let i = *rng.pick(&all)?;
            let (start, end) = (f.tokens[i].1, f.tokens[i].2);
            let open = start + f.str(i).find(['"', '\''])?;
            Some(match rng.below(5) {
                0 | 1 => f.splice(end - 3, end, ""),
                2 => f.splice(open, open + 3, ""),
                3 => f.splice(end - 1, end, ""),
                _ => f.splice(open, open + 1, ""),
            })
        }
        "indent" => indent(f, rng),
        "keyword" => keyword(f, rng),
        "operator" => operator(f, rng),
        "foreign" => foreign(f, rng),
        "python2" => python2(f, rng),
        "paste" => paste(f, rng),
        "fstring" => fstring(f, rng),
        "number" => {
            let all = f.find(|i| {
                f.kind(i) == K::Int
                    && f.str(i).len() < 4
                    && f.str(i).bytes().all(|b| b.is_ascii_digit())
                    && !f.str(i).starts_with('0')
            });
            let i = *rng.pick(&all)?;
            Some(f.swap(i, &format!("0{}", f.str(i))))
        }
        _ => None,
    }
}

fn is_triple(text: &str) -> bool {
    text.ends_with("\"\"\"") || text.ends_with("'''")
}

fn bracket(f: &File, rng: &mut Rng, lines: bool) -> Option<String> {
    let pairs: Vec<(usize, usize)> = f
        .find(|i| f.opens(i))
        .into_iter()
        .filter_map(|i| f.partner(i).map(|j| (i, j)))
        .filter(|&(i, j)| (f.line_of(f.tokens[i].1) != f.line_of(f.tokens[j].1)) == lines)
        .collect();
    let &(i, j) = rng.pick(&pairs)?;
    let other = |text: &str| match text {
        ")" => "]",
        "]" => ")",
        _ => ")",
    };
    Some(match rng.below(10) {
        0..=4 => f.swap(j, ""),
        5 | 6 => f.swap(i, ""),
        7 => f.swap(j, &f.str(j).repeat(2)),
        8 => f.swap(j, other(f.str(j))),
        _ => f.swap(i, &f.str(i).repeat(2)),
    })
}

fn quotes(f: &File, rng: &mut Rng) -> Option<String> {
    let all = f.find(|i| f.kind(i) == K::String && !is_triple(f.str(i)) && f.str(i).len() > 3);
    let i = *rng.pick(&all)?;
    let (start, end) = (f.tokens[i].1, f.tokens[i].2);
    let open = start + f.str(i).find(['"', '\''])?;
    let mark = &f.text[open..open + 1];
    let other = if mark == "'" { "\"" } else { "'" };
    Some(match rng.below(10) {
        0..=4 => f.splice(end - 1, end, ""),
        5 | 6 => f.splice(open, open + 1, ""),
        7 | 8 => f.splice(end - 1, end, other),
        _ => {
            // An escaped quote loses its backslash.
            let p = f.str(i).find("\\'").or_else(|| f.str(i).find("\\\""))?;
            f.splice(start + p, start + p + 1, "")
        }
    })
}

fn indent(f: &File, rng: &mut Rng) -> Option<String> {
    let lines = f.statement_lines();
    let deep: Vec<usize> = lines
        .iter()
        .copied()
        .filter(|&l| f.line(l).starts_with([' ', '\t']))
        .collect();
    let set = |l: usize, by: isize| -> Option<String> {
        let (start, _) = f.lines[l];
        Some(if by > 0 {
            f.splice(start, start, &" ".repeat(by as usize))
        } else {
            let blanks = f.line(l).len() - f.line(l).trim_start().len();
            f.splice(start, start + blanks.min(by.unsigned_abs()), "")
        })
    };
    match rng.below(10) {
        0 => set(*rng.pick(&lines)?, 1 + rng.below(4) as isize),
        1 | 2 => set(*rng.pick(&deep)?, -(1 + rng.below(3) as isize)),
        3 | 4 => set(*rng.pick(&deep)?, -4),
        5 => {
            // A whole body moves to the left.
            let i = *rng.pick(&f.headers())?;
            let header = f.line_of(f.tokens[i].1);
            let width = |l: usize| f.line(l).len() - f.line(l).trim_start().len();
            let base = lines.iter().rev().find(|&&l| l <= header).map_or(0, |&l| width(l));
            let mut out = String::new();
            let mut inside = true;
            for (n, l) in f.text.split_inclusive('\n').enumerate() {
                if n > header && inside && !l.trim().is_empty() && width(n) <= base {
                    inside = false;
                }
                if n > header && inside && lines.contains(&n) && l.starts_with("    ") {
                    out.push_str(&l[4..]);
                } else {
                    out.push_str(l);
                }
            }
            Some(out)
        }
        6 => {
            let i = *rng.pick(&f.find(|i| f.kind(i) == K::Pass))?;
            Some(f.swap(i, ""))
        }
        7 => {
            let eights: Vec<usize> = deep
                .iter()
                .copied()
                .filter(|&l| f.line(l).starts_with("        "))
                .collect();
            let l = *rng.pick(&eights)?;
            let (start, _) = f.lines[l];
            Some(f.splice(start, start + 8, "\t"))
        }
        _ => {
            // The first line of a body.
            let i = *rng.pick(&f.headers())?;
            let l = lines.iter().copied().find(|&l| l > f.line_of(f.tokens[i].1))?;
            set(
                l,
                if rng.below(2) == 0 {
                    -4
                } else {
                    -(1 + rng.below(4) as isize)
                },
            )
        }
    }
}

fn misspell(word: &str, rng: &mut Rng) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = rng.below(letters.len());
    match rng.below(3) {
        0 if letters.len() > 2 => {
            letters.remove(at);
        }
        1 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}

fn keyword(f: &File, rng: &mut Rng) -> Option<String> {
    let keywords = f.find(|i| {
        f.kind(i).is_non_soft_keyword() && f.str(i).len() > 1 && !matches!(f.kind(i), K::True | K::False | K::None)
    });
    match rng.below(12) {
        0..=4 => {
            let i = *rng.pick(&keywords)?;
            let word = misspell(f.str(i), rng);
            Some(f.swap(i, &word))
        }
        5 => {
            let i = *rng.pick(&f.find(|i| f.kind(i) == K::In))?;
            Some(f.splice(f.tokens[i].1, f.tokens[i + 1].1, ""))
        }
        6 => {
            let i =
                *rng.pick(&f.find(|i| f.kind(i) == K::Def && f.kind(i + 2) == K::Lpar && f.kind(i + 3) == K::Rpar))?;
            Some(f.splice(f.tokens[i + 2].1, f.tokens[i + 3].2, ""))
        }
        7 => {
            let i = *rng.pick(&f.find(|i| f.kind(i) == K::Elif))?;
            Some(f.swap(i, ["else if", "elseif", "elsif"][rng.below(3)]))
        }
        8 => {
            // A keyword glued to its neighbour.
            let i = *rng.pick(&keywords)?;
            let next = *f.tokens.get(i + 1)?;
            (next.1 > f.tokens[i].2).then(|| f.splice(f.tokens[i].2, next.1, ""))
        }
        9 => {
            let i = *rng.pick(&keywords)?;
            Some(
                f.swap(
                    i,
                    &f.str(i)
                        .to_uppercase()
                        .chars()
                        .take(1)
                        .chain(f.str(i).chars().skip(1))
                        .collect::<String>(),
                ),
            )
        }
        10 => {
            let i = *rng.pick(&f.find(|i| matches!(f.kind(i), K::Import | K::Def | K::As | K::Not)))?;
            Some(f.splice(f.tokens[i].1, f.tokens[i + 1].1, ""))
        }
        _ => {
            let i = *rng.pick(&f.find(|i| f.kind(i) == K::Async && f.kind(i + 1) == K::Def))?;
            Some(f.splice(f.tokens[i].1, f.tokens[i + 1].1, ""))
        }
    }
}

fn operator(f: &File, rng: &mut Rng) -> Option<String> {
    let replace = |kind: K, with: &str, rng: &mut Rng| -> Option<String> {
        let i = *rng.pick(&f.find(|i| f.kind(i) == kind))?;
        Some(f.swap(i, with))
    };
    match rng.below(14) {
        0 | 1 => replace(K::EqEqual, "=", rng),
        2 => replace(K::NotEqual, "=!", rng),
        3 => replace(K::LessEqual, "=<", rng),
        4 => replace(K::And, "&&", rng),
        5 => replace(K::Or, "||", rng),
        6 => {
            let i = *rng.pick(&f.find(|i| f.kind(i) == K::Not && f.kind(i + 1) != K::In))?;
            Some(f.splice(f.tokens[i].1, f.tokens[i + 1].1, "!"))
        }
        7 => {
            let i = *rng
                .pick(&f.find(|i| f.kind(i) == K::PlusEqual && f.str(i + 1) == "1" && f.kind(i + 2) == K::Newline))?;
            Some(f.splice(f.tokens[i - 1].2, f.tokens[i + 1].2, "++"))
        }
        8 | 9 => {
            let i = *rng.pick(&f.find(|i| f.kind(i) == K::Dot && f.kind(i + 1) == K::Name))?;
            Some(f.swap(i, [" ", "..", ","][rng.below(3)]))
        }
        10 => {
            let i = *rng.pick(&f.find(|i| f.kind(i) == K::Equal))?;
            Some(f.swap(i, ["", ":"][rng.below(2)]))
        }
        11 => {
            let i = *rng.pick(&f.find(|i| matches!(f.kind(i), K::Plus | K::Percent | K::Star)))?;
            Some(f.swap(i, ""))
        }
        12 => {
            // Two statements on one line.
            let i = *rng.pick(&f.find(|i| {
                f.kind(i) == K::Newline
                    && !matches!(
                        f.kind(i + 1),
                        K::Indent | K::Dedent | K::EndOfFile | K::NonLogicalNewline | K::Comment
                    )
            }))?;
            Some(f.splice(f.tokens[i].1, f.tokens[i + 1].1, " "))
        }
        _ => {
            let p: Vec<usize> = f.text.match_indices("\\\n").map(|m| m.0).collect();
            let &p = rng.pick(&p)?;
            Some(f.splice(p, p + 1, ["", "\\ "][rng.below(2)]))
        }
    }
}

fn foreign(f: &File, rng: &mut Rng) -> Option<String> {
    match rng.below(8) {
        0..=2 => {
            let all = f.find(|i| f.kind(i) == K::String && !is_triple(f.str(i)) && f.str(i).starts_with(['"', '\'']));
            let i = *rng.pick(&all)?;
            let text = f.str(i);
            let (a, b) = if text.starts_with('"') {
                ("\u{201c}", "\u{201d}")
            } else {
                ("\u{2018}", "\u{2019}")
            };
            Some(f.swap(i, &format!("{a}{}{b}", &text[1..text.len() - 1])))
        }
        3 | 4 => {
            let blanks: Vec<usize> = (1..f.tokens.len())
                .filter(|&i| f.tokens[i].1 == f.tokens[i - 1].2 + 1 && f.text.as_bytes()[f.tokens[i - 1].2] == b' ')
                .collect();
            let &i = rng.pick(&blanks)?;
            let at = f.tokens[i - 1].2;
            Some(f.splice(at, at + 1, ["\u{a0}", "\u{3000}", " \u{200b}"][rng.below(3)]))
        }
        5 => {
            let i = *rng.pick(&f.find(|i| matches!(f.kind(i), K::Comma | K::Colon | K::Lpar | K::Rpar)))?;
            Some(f.swap(
                i,
                match f.kind(i) {
                    K::Comma => "\u{ff0c}",
                    K::Colon => "\u{ff1a}",
                    K::Lpar => "\u{ff08}",
                    _ => "\u{ff09}",
                },
            ))
        }
        6 => {
            let i = *rng.pick(&f.find(|i| matches!(f.kind(i), K::Less | K::Greater | K::Minus)))?;
            Some(f.swap(
                i,
                match f.kind(i) {
                    K::Less => "&lt;",
                    K::Greater => "&gt;",
                    _ => "\u{2013}",
                },
            ))
        }
        _ => {
            let i = *rng.pick(&f.find(|i| f.kind(i) == K::Newline))?;
            Some(f.splice(f.tokens[i].1, f.tokens[i].1, ["$", "?", "`", "\u{200b}"][rng.below(4)]))
        }
    }
}

fn python2(f: &File, rng: &mut Rng) -> Option<String> {
    let calls = |name: &str| {
        f.find(|i| {
            f.str(i) == name
                && f.kind(i + 1) == K::Lpar
                && (i == 0 || matches!(f.kind(i - 1), K::Newline | K::Indent | K::Dedent | K::NonLogicalNewline))
        })
    };
    match rng.below(8) {
        0..=2 => {
            let all: Vec<(usize, usize)> = calls("print")
                .into_iter()
                .filter_map(|i| Some((i, f.partner(i + 1)?)))
                .filter(|&(i, j)| {
                    f.kind(j + 1) == K::Newline && j > i + 2 && !(i..j).any(|k| matches!(f.str(k), "=" | "*"))
                })
                .collect();
            if all.is_empty() {
                return None;
            }
            let every = rng.below(2) == 0;
            let chosen = if every { all.clone() } else { vec![*rng.pick(&all)?] };
            let mut text = f.text.to_string();
            for &(i, j) in chosen.iter().rev() {
                text.replace_range(f.tokens[j].1..f.tokens[j].2, "");
                text.replace_range(f.tokens[i + 1].1..f.tokens[i + 1].2, " ");
            }
            Some(text)
        }
        3 | 4 => {
            let all = f.find(|i| {
                f.kind(i) == K::As
                    && f.kind(i + 2) == K::Colon
                    && f.line(f.line_of(f.tokens[i].1)).trim_start().starts_with("except")
            });
            let i = *rng.pick(&all)?;
            Some(f.splice(f.tokens[i - 1].2, f.tokens[i].2, ","))
        }
        5 => {
            let all: Vec<(usize, usize)> = f
                .find(|i| {
                    f.kind(i) == K::Raise
                        && f.kind(i + 1) == K::Name
                        && f.kind(i + 2) == K::Lpar
                        && f.kind(i + 3) == K::String
                })
                .into_iter()
                .filter_map(|i| Some((i, f.partner(i + 2)?)))
                .filter(|&(i, j)| {
                    f.kind(j + 1) == K::Newline
                        && f.line_of(f.tokens[i].1) == f.line_of(f.tokens[j].1)
                        && !(i..j).any(|k| f.kind(k) == K::Comma)
                })
                .collect();
            let &(i, j) = rng.pick(&all)?;
            let mut text = f.swap(j, "");
            text.replace_range(f.tokens[i + 2].1..f.tokens[i + 2].2, ", ");
            Some(text)
        }
        6 => {
            let i = *rng.pick(&f.find(|i| f.kind(i) == K::NotEqual))?;
            Some(f.swap(i, "<>"))
        }
        _ => {
            let i = *rng.pick(&f.find(|i| f.kind(i) == K::Int))?;
            let text = f.str(i);
            Some(match text.strip_prefix("0o") {
                Some(octal) => f.swap(i, &format!("0{octal}")),
                None => f.swap(i, &format!("{text}L")),
            })
        }
    }
}

fn paste(f: &File, rng: &mut Rng) -> Option<String> {
    let lines = f.statement_lines();
    let l = *rng.pick(&lines)?;
    let at = f.lines[l].0;
    Some(match rng.below(6) {
        0 => f.splice(
            at,
            at,
            ["<<<<<<< HEAD\n", "=======\n", ">>>>>>> branch\n"][rng.below(3)],
        ),
        1 => format!(
            "```python\n{}{}```\n",
            f.text,
            if f.text.ends_with('\n') { "" } else { "\n" }
        ),
        2 => {
            let mut out = String::new();
            for (n, line) in f.text.split_inclusive('\n').enumerate() {
                let first = n == 0 || !line.starts_with([' ', '\t']);
                out.push_str(if first { ">>> " } else { "... " });
                out.push_str(line);
            }
            (f.lines.len() < 60).then_some(out)?
        }
        3 => {
            let end = (l + 1 + rng.below(4)).min(f.lines.len());
            let mut out = String::new();
            for (n, line) in f.text.split_inclusive('\n').enumerate() {
                if (l..end).contains(&n) {
                    out.push('+');
                }
                out.push_str(line);
            }
            out
        }
        4 => f.splice(at, at, "%matplotlib inline\n"),
        _ => {
            let last = f.lines.last()?.1;
            f.splice(last, last, "\n```")
        }
    })
}

fn fstring(f: &File, rng: &mut Rng) -> Option<String> {
    match rng.below(3) {
        0 => {
            let i = *rng.pick(&f.find(|i| {
                f.kind(i) == K::Rbrace && f.kind(i + 1) == K::FStringMiddle
                    || f.kind(i) == K::Rbrace && f.kind(i + 1) == K::FStringEnd
            }))?;
            Some(f.swap(i, ""))
        }
        1 => {
            let i = *rng.pick(&f.find(|i| {
                f.kind(i) == K::Lbrace && i > 0 && matches!(f.kind(i - 1), K::FStringMiddle | K::FStringStart)
            }))?;
            Some(f.swap(i, ""))
        }
        _ => {
            // Inner quotes of the outer kind.
            let i = *rng.pick(&f.find(|i| {
                f.kind(i) == K::String
                    && f.str(i).starts_with('\'')
                    && (0..i)
                        .rev()
                        .take(12)
                        .any(|j| f.kind(j) == K::FStringStart && f.str(j).ends_with('"'))
                    && !(i.saturating_sub(12)..i).any(|j| f.kind(j) == K::FStringEnd)
            }))?;
            let text = f.str(i);
            Some(f.swap(i, &format!("\"{}\"", &text[1..text.len() - 1])))
        }
    }
}
