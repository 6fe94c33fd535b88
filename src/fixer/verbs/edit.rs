//! `edit`: lines of a file. Everything beside the edited text stays as it is, byte for byte.

use std::ops::Range;
use std::path::Path;

use crate::analyzer::{Edit, EditChange};
use crate::fixer::plan::{FileWrite, PlanError, absolute, read};
use crate::language;
use crate::pack::model::{FileConvert, Language};
use crate::world::World;

/// The edited file.
pub fn plan(edit: &Edit, world: &dyn World, cwd: &Path) -> Result<FileWrite, PlanError> {
    let path = absolute(&edit.file, cwd);
    let before = read(&path, world)?;
    let after = apply(edit, &before)?;
    if after == before {
        return Err(PlanError::NotThere(format!("{} is so already", edit.file)));
    }
    if let Some(language) = edit.parses
        && let Err(fault) = language::parses(language, &after, None)
        && !moves_on(language, &before, &after, &fault)
    {
        return Err(PlanError::Invalid(format!(
            "{} would not parse afterwards: line {}: {}",
            edit.file, fault.line, fault.message
        )));
    }
    Ok(FileWrite {
        path,
        before: Some(before),
        after,
    })
}

/// Whether the first fault now lies further down: a file with several faults is mended one by one,
/// and all is taken back unless the last of them is mended too.
fn moves_on(language: Language, before: &[u8], after: &[u8], fault: &language::Fault) -> bool {
    let Err(first) = language::parses(language, before, None) else {
        return false;
    };
    let lines = |text: &[u8]| text.iter().filter(|&&b| b == b'\n').count();
    let added = u32::try_from(lines(after).saturating_sub(lines(before))).unwrap_or(0);
    first.line > 0 && fault.line > first.line + added
}

/// The new content.
pub fn apply(edit: &Edit, before: &[u8]) -> Result<Vec<u8>, PlanError> {
    if let EditChange::Convert(convert) = &edit.change {
        return Ok(convert_file(*convert, before));
    }
    let (range, ending) = match edit.line {
        Some(line) => {
            let first = line_range(before, line)
                .ok_or_else(|| PlanError::NotThere(format!("{} has no line {line}", edit.file)))?;
            let last = match edit.end_line {
                Some(end) if end >= line => line_range(before, end)
                    .ok_or_else(|| PlanError::NotThere(format!("{} has no line {end}", edit.file)))?,
                Some(end) => return Err(PlanError::Invalid(format!("line {end} is before line {line}"))),
                None => first.clone(),
            };
            (first.start..last.end, line_ending(before))
        }
        None => (0..before.len(), line_ending(before)),
    };
    let text = std::str::from_utf8(&before[range.clone()])
        .map_err(|_| PlanError::Invalid(format!("{} is not UTF-8 at that place", edit.file)))?;
    if let Some(guard) = &edit.line_matches {
        let guard = regex::Regex::new(guard).map_err(|e| PlanError::Invalid(e.to_string()))?;
        if !guard.is_match(text.trim_end_matches(['\r', '\n'])) {
            return Err(PlanError::NotThere(format!(
                "the line is not the one that was reported: {}",
                text.trim()
            )));
        }
    }
    let new = change(edit, text, ending)?;
    let mut after = Vec::with_capacity(before.len() + new.len());
    after.extend_from_slice(&before[..range.start]);
    after.extend_from_slice(new.as_bytes());
    after.extend_from_slice(&before[range.end..]);
    Ok(after)
}

fn change(edit: &Edit, text: &str, ending: &str) -> Result<String, PlanError> {
    let body = text.trim_end_matches(['\r', '\n']);
    let own_ending = &text[body.len()..];
    let line = |new: &str| new.replace('\n', ending);
    Ok(match &edit.change {
        EditChange::Delete => String::new(),
        // A last line without an ending keeps being the last line without one.
        EditChange::InsertBefore(new) => format!("{}{ending}{text}", line(new)),
        EditChange::InsertAfter(new) if own_ending.is_empty() => format!("{text}{ending}{}", line(new)),
        EditChange::InsertAfter(new) => format!("{text}{}{ending}", line(new)),
        EditChange::Append(new) => {
            let at = code_end(body);
            format!("{}{new}{}{own_ending}", &body[..at], &body[at..])
        }
        EditChange::Replace {
            find,
            with,
            word,
            all,
            column,
        } => {
            let mut places: Vec<Range<usize>> =
                text.match_indices(find.as_str()).map(|(i, m)| i..i + m.len()).collect();
            if *word {
                places.retain(|r| is_word(text, r));
            }
            if let (Some(column), true) = (column, places.len() > 1) {
                let at = text
                    .char_indices()
                    .nth(column.saturating_sub(1) as usize)
                    .map_or(text.len(), |(i, _)| i);
                places.retain(|r| r.contains(&at));
            }
            replace_at(text, &places, |_| with.clone(), *all, &edit.file, find)?
        }
        EditChange::ReplaceRegex { regex, with, all } => {
            let compiled = regex::RegexBuilder::new(regex)
                .multi_line(true)
                .build()
                .map_err(|e| PlanError::Invalid(e.to_string()))?;
            let found: Vec<regex::Captures<'_>> = compiled.captures_iter(text).collect();
            let places: Vec<Range<usize>> = found.iter().filter_map(|c| c.get(0).map(|m| m.range())).collect();
            let expand = |index: usize| {
                let mut out = String::new();
                if let Some(captures) = found.get(index) {
                    captures.expand(with, &mut out);
                }
                out
            };
            replace_at(text, &places, expand, *all, &edit.file, regex)?
        }
        EditChange::Convert(_) => text.to_owned(),
    })
}

fn replace_at(
    text: &str,
    places: &[Range<usize>],
    with: impl Fn(usize) -> String,
    all: bool,
    file: &str,
    what: &str,
) -> Result<String, PlanError> {
    match places.len() {
        0 => return Err(PlanError::NotThere(format!("`{what}` is not there in {file}"))),
        1 => {}
        _ if all => {}
        n => return Err(PlanError::Ambiguous(format!("`{what}` is there {n} times in {file}"))),
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (index, place) in places.iter().enumerate() {
        out.push_str(&text[at..place.start]);
        out.push_str(&with(index));
        at = place.end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

fn is_word(text: &str, range: &Range<usize>) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    !text[..range.start].chars().next_back().is_some_and(part) && !text[range.end..].chars().next().is_some_and(part)
}

/// Where the code of a line ends: before white space and a trailing `#` comment outside quotes.
fn code_end(line: &str) -> usize {
    let mut quote: Option<char> = None;
    let mut escaped = false;
    let mut before = ' ';
    for (index, c) in line.char_indices() {
        match quote {
            Some(q) if c == q && !escaped => quote = None,
            None if c == '#' && (before.is_whitespace() || index == 0) => return line[..index].trim_end().len(),
            None if (c == '"' || c == '\'') && !escaped => quote = Some(c),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        before = c;
    }
    line.trim_end().len()
}

/// Bytes of a 1-based line, its ending included.
fn line_range(content: &[u8], line: u32) -> Option<Range<usize>> {
    let mut start = 0;
    for _ in 1..line {
        start += content.get(start..)?.iter().position(|&b| b == b'\n')? + 1;
    }
    if line == 0 || (start >= content.len() && start > 0) {
        return None;
    }
    let end = content[start..]
        .iter()
        .position(|&b| b == b'\n')
        .map_or(content.len(), |i| start + i + 1);
    Some(start..end)
}

/// The line ending that the file uses.
fn line_ending(content: &[u8]) -> &'static str {
    let at = content.iter().position(|&b| b == b'\n');
    if at.is_some_and(|i| i > 0 && content[i - 1] == b'\r') {
        "\r\n"
    } else {
        "\n"
    }
}

fn convert_file(convert: FileConvert, before: &[u8]) -> Vec<u8> {
    const BOM: &[u8] = b"\xef\xbb\xbf";
    match convert {
        FileConvert::NoBom => before.strip_prefix(BOM).unwrap_or(before).to_vec(),
        FileConvert::Lf => {
            let mut out = Vec::with_capacity(before.len());
            for (i, &b) in before.iter().enumerate() {
                if !(b == b'\r' && before.get(i + 1) == Some(&b'\n')) {
                    out.push(b);
                }
            }
            out
        }
        FileConvert::Spaces => {
            let unit = indent_unit(before);
            let mut out = Vec::with_capacity(before.len());
            for line in before.split_inclusive(|&b| b == b'\n') {
                let blank = line.iter().take_while(|&&b| b == b' ' || b == b'\t').count();
                for &b in &line[..blank] {
                    if b == b'\t' {
                        out.extend(std::iter::repeat_n(b' ', unit));
                    } else {
                        out.push(b);
                    }
                }
                out.extend_from_slice(&line[blank..]);
            }
            out
        }
    }
}

/// The least indentation by spaces that a line has; 2 where there is none.
fn indent_unit(content: &[u8]) -> usize {
    content
        .split(|&b| b == b'\n')
        .map(|line| line.iter().take_while(|&&b| b == b' ').count())
        .filter(|&n| n > 1)
        .min()
        .unwrap_or(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edit(line: u32, change: EditChange) -> Edit {
        Edit {
            file: "f".into(),
            line: Some(line),
            end_line: None,
            change,
            parses: None,
            line_matches: None,
        }
    }

    fn run(line: u32, change: EditChange, before: &str) -> String {
        String::from_utf8(apply(&edit(line, change), before.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn append_goes_before_the_comment_and_keeps_the_rest() {
        let append = || EditChange::Append(":".into());
        assert_eq!(
            run(2, append(), "a\r\nif x  # why '#'\r\n\tb"),
            "a\r\nif x:  # why '#'\r\n\tb"
        );
        assert_eq!(run(1, append(), "if x == '#'"), "if x == '#':");
    }

    #[test]
    fn insertions_take_the_files_line_ending() {
        assert_eq!(
            run(1, EditChange::InsertAfter("b".into()), "a\r\nc\r\n"),
            "a\r\nb\r\nc\r\n"
        );
        assert_eq!(run(1, EditChange::InsertAfter("b".into()), "a"), "a\nb");
        assert_eq!(run(2, EditChange::InsertBefore("b".into()), "a\nc"), "a\nb\nc");
    }

    #[test]
    fn what_is_there_twice_is_not_guessed() {
        let replace = |column| EditChange::Replace {
            find: "x".into(),
            with: "y".into(),
            word: true,
            all: false,
            column,
        };
        assert!(matches!(
            apply(&edit(1, replace(None)), b"x + x"),
            Err(PlanError::Ambiguous(_))
        ));
        assert_eq!(run(1, replace(Some(5)), "x + x"), "x + y");
        assert_eq!(run(1, replace(None), "xx + x"), "xx + y");
    }

    #[test]
    fn conversions() {
        let convert = |c| Edit {
            line: None,
            ..edit(1, EditChange::Convert(c))
        };
        assert_eq!(
            apply(&convert(FileConvert::Lf), b"a\r\nb\rc\r\n").unwrap(),
            b"a\nb\rc\n"
        );
        assert_eq!(apply(&convert(FileConvert::NoBom), b"\xef\xbb\xbfa").unwrap(), b"a");
    }

    proptest! {
        #[test]
        fn no_bytes_and_no_line_panic(content in proptest::collection::vec(any::<u8>(), 0..200), line in 0u32..20, end in proptest::option::of(0u32..20)) {
            for change in [EditChange::Append(":".into()), EditChange::Delete, EditChange::InsertAfter("x".into()), EditChange::Convert(FileConvert::Spaces)] {
                let mut e = edit(line, change);
                e.end_line = end;
                let _ = apply(&e, &content);
            }
        }

        #[test]
        fn an_edit_of_one_line_leaves_the_others(lines in proptest::collection::vec("[a-z ]{1,8}", 1..6), at in 0usize..6) {
            prop_assume!(at < lines.len());
            let text = lines.join("\n");
            let out = run(u32::try_from(at).unwrap() + 1, EditChange::Append(";".into()), &text);
            let new: Vec<&str> = out.split('\n').collect();
            prop_assert_eq!(new.len(), lines.len());
            for (i, line) in lines.iter().enumerate() {
                if i != at {
                    prop_assert_eq!(new[i], line.as_str());
                }
            }
        }
    }
}
