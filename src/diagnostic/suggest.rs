//! "Did you mean …?"

/// The known name that `name` was most probably meant to be.
///
/// Equal but for case, a slip of the fingers (one edit in three characters, swapped neighbours
/// count once), the same words in another order, or the only known name that begins with it.
/// Rather none than a wild guess: a wrong suggestion sends the reader astray.
pub fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The distance is quadratic in the length; names are short, hostile input is not.
    const LONGEST: usize = 100;
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    let wanted = name.to_lowercase();
    let most = (wanted.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    let mut beginning: Vec<&str> = Vec::new();
    for candidate in known {
        if candidate.len() > LONGEST || candidate == name {
            continue;
        }
        let lower = candidate.to_lowercase();
        let distance = if words(&lower) == words(&wanted) {
            0
        } else {
            strsim::damerau_levenshtein(&wanted, &lower)
        };
        // With two or three letters everything is one or two edits away from everything.
        let enough = distance <= most && distance < wanted.chars().count();
        if enough && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
        if wanted.chars().count() >= 3 && lower.starts_with(&wanted) {
            beginning.push(candidate);
        }
    }
    match (best, beginning.as_slice()) {
        (Some((_, candidate)), _) => Some(candidate),
        (None, [only]) => Some(only),
        _ => None,
    }
}

/// The words of a name, sorted: `exists_file` and `file-exists` are the same words.
fn words(name: &str) -> Vec<&str> {
    let mut words: Vec<&str> = name.split(['_', '-', '.', ' ']).filter(|w| !w.is_empty()).collect();
    words.sort_unstable();
    words
}
