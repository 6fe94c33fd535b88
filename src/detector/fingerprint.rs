//! What stays the same of an error from one run to the next.

use std::sync::LazyLock;

use regex::Regex;

/// What differs between runs of the same failure, and what stands for it. In order: what is a part
/// of something longer comes later.
static VOLATILE: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\x1b\[[0-9;]*[A-Za-z]", ""),
        (
            r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
            "<id>",
        ),
        (r"\b0x[0-9a-fA-F]+\b", "<address>"),
        (
            r#"(?:/private)?(?:/var/folders|/var/tmp|/tmp|/dev/shm)/[^\s'":,;)]+"#,
            "<temporary>",
        ),
        (r"\b(?:[0-9]+[a-fA-F]|[a-fA-F]+[0-9])[0-9a-fA-F]{6,}\b", "<hex>"),
        (r"\b\d+(?:[.:]\d+)*\b", "<n>"),
        (r"\s+", " "),
    ]
    .into_iter()
    .filter_map(|(regex, with)| Some((Regex::new(regex).ok()?, with)))
    .collect()
});

/// A message with everything taken out that differs between runs of one failure.
#[must_use]
pub fn generalise(message: &str) -> String {
    let mut text = message.trim().to_owned();
    for (regex, with) in VOLATILE.iter() {
        if regex.is_match(&text) {
            text = regex.replace_all(&text, *with).into_owned();
        }
    }
    text
}

/// A stable hash: who said it (rule or environment), what, and about which file.
#[must_use]
pub fn fingerprint(who: &str, message: &str, file: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [who, &generalise(message), &generalise(file)] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_one_failure_are_one_and_others_are_not() {
        let f = |m: &str| fingerprint("p/r", m, "a.py");
        assert_eq!(f("at 0x7f00ab in 12 s"), f("at 0x7f11cd in 9 s"));
        assert_eq!(f("/tmp/tmpab12/x: no"), f("/tmp/tmpzz9/x: no"));
        assert_eq!(f("port 8080 in use"), f("port 8081 in use"));
        assert_ne!(f("No module named 'bs4'"), f("No module named 'cv2'"));
        assert_ne!(f("KeyError: 'a'"), f("KeyError: 'b'"));
        assert_ne!(f("x"), fingerprint("p/r", "x", "b.py"));
    }
}
