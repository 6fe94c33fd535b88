//! What was expected and what came, word by word.

use similar::{ChangeTag, TextDiff};

/// A difference on one line: `[-gone-]` and `{+come+}` around the words that differ.
#[must_use]
pub fn words(expected: &str, got: &str) -> String {
    let (old, new) = (split(expected), split(got));
    let diff = TextDiff::from_slices(&old, &new);
    let mut out = String::new();
    let mut open = ChangeTag::Equal;
    for change in diff.iter_all_changes() {
        let tag = change.tag();
        if tag != open {
            out.push_str(close(open));
            out.push_str(match tag {
                ChangeTag::Delete => "[-",
                ChangeTag::Insert => "{+",
                ChangeTag::Equal => "",
            });
            open = tag;
        }
        out.push_str(change.value());
    }
    out.push_str(close(open));
    out
}

fn close(tag: ChangeTag) -> &'static str {
    match tag {
        ChangeTag::Delete => "-]",
        ChangeTag::Insert => "+}",
        ChangeTag::Equal => "",
    }
}

/// Words, and every other character by itself.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() || c == '_' {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            parts.push(&text[from..at]);
        }
        parts.push(&text[at..at + c.len_utf8()]);
    }
    if let Some(from) = start {
        parts.push(&text[from..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_differs_is_marked() {
        assert_eq!(
            super::words("pip install yaml", "pip install PyYAML"),
            "pip install [-yaml-]{+PyYAML+}"
        );
        assert_eq!(super::words("same", "same"), "same");
        assert_eq!(super::words("", "é→x"), "{+é→x+}");
    }
}
