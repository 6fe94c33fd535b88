//! `chmod`: a symbolic mode such as `u+x`.

use std::path::Path;

use crate::fixer::plan::{ModeChange, PlanError, absolute};
use crate::world::World;

/// The mode afterwards.
pub fn plan(path: &str, mode: &str, world: &dyn World, cwd: &Path) -> Result<ModeChange, PlanError> {
    let path = absolute(path, cwd);
    let meta = world.stat(&path).map_err(|e| PlanError::Unreadable {
        path: path.clone(),
        message: e.to_string(),
    })?;
    let after = apply(meta.mode, mode)
        .ok_or_else(|| PlanError::Invalid(format!("`{mode}` is not a symbolic mode such as `u+x`")))?;
    if after == meta.mode {
        return Err(PlanError::NotThere(format!("{} has that mode already", path.display())));
    }
    Ok(ModeChange {
        path,
        before: meta.mode,
        after,
    })
}

/// `[ugoa]*[+-=][rwx]+`, several separated by commas.
#[must_use]
pub fn apply(mut mode: u32, symbolic: &str) -> Option<u32> {
    for clause in symbolic.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, rest) = clause.split_at(at);
        let (operator, what) = rest.split_at(1);
        let mut bits = 0;
        for c in what.chars() {
            bits |= match c {
                'r' => 0o4,
                'w' => 0o2,
                'x' => 0o1,
                _ => return None,
            };
        }
        if what.is_empty() {
            return None;
        }
        let who = if who.is_empty() { "a" } else { who };
        for c in who.chars() {
            let shifts: &[u32] = match c {
                'u' => &[6],
                'g' => &[3],
                'o' => &[0],
                'a' => &[6, 3, 0],
                _ => return None,
            };
            for &shift in shifts {
                match operator {
                    "+" => mode |= bits << shift,
                    "-" => mode &= !(bits << shift),
                    _ => mode = (mode & !(0o7 << shift)) | (bits << shift),
                }
            }
        }
    }
    Some(mode)
}

#[cfg(test)]
mod tests {
    use super::apply;

    #[test]
    fn symbolic_modes() {
        assert_eq!(apply(0o644, "u+x"), Some(0o744));
        assert_eq!(apply(0o755, "a-x"), Some(0o644));
        assert_eq!(apply(0o644, "+x"), Some(0o755));
        assert_eq!(apply(0o644, "u=rw,go="), None);
        assert_eq!(apply(0o644, "777"), None);
    }
}
