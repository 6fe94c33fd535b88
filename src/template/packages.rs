//! What an installer takes for a package's name, and what for something else.
//!
//! Every installer has words that are no names: options, URLs, version control, files and folders,
//! aliases of other packages, a suffix that removes instead of installing. heal knows no installer,
//! so a value must be a plain name for all of them before it may stand in a command.

/// Whether the text can be nothing but names of packages with their extras and versions:
/// `name`, `@scope/name`, `name[extra]>=1,<2`, `name@1.2`, `name=1.2-3`, `name:arch`, and lists of
/// them with commas.
pub fn is_installable(text: &str) -> bool {
    text.split(',').enumerate().all(|(index, item)| {
        // `>=1,<2`: the further bounds of the name before; `a[x,y]`: its further extras.
        let is_further = index > 0;
        match split_name(item) {
            Some((name, tail)) => is_name(name) && is_tail(tail),
            None => is_further && is_bound(item),
        }
    })
}

/// The name, with its scope, and what follows it.
fn split_name(item: &str) -> Option<(&str, &str)> {
    let from = usize::from(item.starts_with('@'));
    let body = item.get(from..)?;
    body.starts_with(|c: char| c.is_ascii_alphanumeric()).then_some(())?;
    let end = body
        .find(|c: char| !(c.is_ascii_alphanumeric() || "._+-/".contains(c)))
        .map_or(item.len(), |at| at + from);
    Some(item.split_at(end))
}

fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            // `name-` takes the package away with some installers.
            && !part.ends_with(['-', '.'])
            && !part.contains("..")
            && !part.contains('/')
            && !is_archive(part)
    };
    match name.strip_prefix('@') {
        // Without a scope a `/` makes it a folder, or a repository of somebody's.
        Some(scoped) => scoped
            .split_once('/')
            .is_some_and(|(scope, name)| part(scope) && part(name)),
        None => part(name),
    }
}

/// A file of a package: installed from the current folder, whatever it holds.
fn is_archive(name: &str) -> bool {
    const ENDINGS: [&str; 12] = [
        ".whl", ".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".egg", ".deb", ".rpm", ".apk", ".json",
    ];
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Extras and version, or an architecture.
fn is_tail(tail: &str) -> bool {
    if tail.is_empty() {
        return true;
    }
    if let Some(rest) = tail.strip_prefix('[') {
        // The list of extras may go on behind the next comma, which is looked at by itself.
        return match rest.split_once(']') {
            Some((extra, rest)) => is_name(extra) && (rest.is_empty() || is_bound(rest)),
            None => is_name(rest),
        };
    }
    if let Some(rest) = tail.strip_prefix(']') {
        return rest.is_empty() || is_bound(rest);
    }
    if let Some(architecture) = tail.strip_prefix(':') {
        return !architecture.is_empty() && architecture.chars().all(|c| c.is_ascii_alphanumeric());
    }
    is_bound(tail)
}

/// An operator and a version, `==1.0`, `@^2`.
fn is_bound(text: &str) -> bool {
    let version = text.trim_start_matches(['=', '<', '>', '~', '!', '@', '^']);
    let operator = &text[..text.len() - version.len()];
    (1..=3).contains(&operator.len())
        && version.starts_with(|c: char| c.is_ascii_alphanumeric())
        && version
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".+-_!~*".contains(c))
        && !is_archive(version)
        && !version.contains("..")
}

#[cfg(test)]
mod tests {
    use super::is_installable;

    #[test]
    fn names_of_every_ecosystem() {
        for name in [
            "PyYAML",
            "PyYAML==6.0.1",
            "requests[socks]>=2,<3",
            "requests[socks,security]==2.1",
            "zope.interface",
            "g++",
            "libstdc++6",
            "curl=7.88.1-10+deb12u5",
            "libc6:i386",
            "@types/node",
            "@types/node@18.0.1",
            "left-pad@^1.3",
            "community.general",
            "python@3.12",
            "none",
            "a==1,b==2.0+cu118,c_d==3",
            "7zip",
        ] {
            assert!(is_installable(name), "{name}");
        }
    }

    #[test]
    fn what_an_installer_takes_for_something_else() {
        for name in [
            "",
            "-e",
            "openssh-server-",
            "evil/pkg",
            "a/b/c",
            "@evil",
            "@a/b/c",
            "yaml@npm:evil",
            "yaml@evil/pkg",
            "yaml@file:evil",
            "yaml@git+ssh",
            "yaml@https:evil",
            "evil.whl",
            "evil-1.0.tar.gz",
            "package.json",
            "a,,b",
            "a,-b",
            "a,./b",
            "a..b",
            "a==",
            "a====1",
            "git+ssh:a",
            "a;b",
            "a b",
            "a[../x]",
        ] {
            assert!(!is_installable(name), "{name}");
        }
    }
}
