//! Unified diffs that `git apply` and `patch` take, of any bytes.

use std::path::Path;

use similar::{Algorithm, DiffOp, DiffTag};

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// One side of a diff.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The content; `None`: the file does not exist.
    pub content: Option<&'a [u8]>,
    /// The permission bits, where they are known.
    pub mode: Option<u32>,
}

/// The difference between two versions of a file; empty where there is none.
///
/// `name` is the path to print, relative to the project. A file with NUL bytes is binary and
/// only named.
pub fn unified(name: &Path, before: Side<'_>, after: Side<'_>) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    let modes = match (before.mode, after.mode) {
        (Some(old), Some(new)) if old != new && before.content.is_some() && after.content.is_some() => Some((old, new)),
        _ => None,
    };
    if before.content == after.content && modes.is_none() {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut put = |parts: &[&[u8]]| parts.iter().for_each(|part| out.extend_from_slice(part));
    let name = quoted(name.as_os_str().as_bytes());
    let (a, b) = (prefixed(b"a/", &name), prefixed(b"b/", &name));
    put(&[b"diff --git ", &a, b" ", &b, b"\n"]);
    let git_mode = |mode: Option<u32>| {
        if mode.unwrap_or(0) & 0o111 == 0 {
            "100644"
        } else {
            "100755"
        }
    };
    if before.content.is_none() {
        put(&[b"new file mode ", git_mode(after.mode).as_bytes(), b"\n"]);
    }
    if after.content.is_none() {
        put(&[b"deleted file mode ", git_mode(before.mode).as_bytes(), b"\n"]);
    }
    if let Some((old, new)) = modes {
        put(&[format!("old mode 100{old:03o}\nnew mode 100{new:03o}\n").as_bytes()]);
    }
    let (old, new) = (before.content.unwrap_or_default(), after.content.unwrap_or_default());
    if old == new {
        return out;
    }
    if old.contains(&0) || new.contains(&0) {
        put(&[b"Binary files ", &a, b" and ", &b, b" differ\n"]);
        return out;
    }
    put(&[b"--- ", if before.content.is_some() { &a } else { b"/dev/null" }, b"\n"]);
    put(&[b"+++ ", if after.content.is_some() { &b } else { b"/dev/null" }, b"\n"]);
    hunks(old, new, &mut out);
    out
}

fn hunks(old: &[u8], new: &[u8], out: &mut Vec<u8>) {
    let old: Vec<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').collect();
    let new: Vec<&[u8]> = new.split_inclusive(|byte| *byte == b'\n').collect();
    let ops = similar::capture_diff_slices(Algorithm::Myers, &old, &new);
    for group in similar::group_diff_ops(ops, CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let olds = first.old_range().start..last.old_range().end;
        let news = first.new_range().start..last.new_range().end;
        out.extend_from_slice(format!("@@ -{} +{} @@\n", span(&olds), span(&news)).as_bytes());
        for op in &group {
            lines(op, &old, &new, out);
        }
    }
}

fn lines(op: &DiffOp, old: &[&[u8]], new: &[&[u8]], out: &mut Vec<u8>) {
    let mut put = |sign: u8, line: &[u8]| {
        out.push(sign);
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    };
    if op.tag() == DiffTag::Equal {
        old[op.old_range()].iter().for_each(|line| put(b' ', line));
    } else {
        old[op.old_range()].iter().for_each(|line| put(b'-', line));
        new[op.new_range()].iter().for_each(|line| put(b'+', line));
    }
}

/// A range of lines as hunks name it: the line before the range where it is empty.
fn span(range: &std::ops::Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        count => format!("{},{count}", range.start + 1),
    }
}

fn prefixed(prefix: &[u8], name: &[u8]) -> Vec<u8> {
    match name.strip_prefix(b"\"") {
        Some(rest) => [b"\"", prefix, rest].concat(),
        None => [prefix, name].concat(),
    }
}

/// A name as git writes it: quoted, in C's manner, where it holds quotes, control characters or
/// bytes outside ASCII.
fn quoted(name: &[u8]) -> Vec<u8> {
    if name
        .iter()
        .all(|byte| (0x20..0x7f).contains(byte) && *byte != b'"' && *byte != b'\\')
    {
        return name.to_vec();
    }
    let mut out = vec![b'"'];
    for byte in name {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0x20..0x7f => out.push(*byte),
            _ => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
    out.push(b'"');
    out
}
