//! The known name that comes closest to an unknown one.

use alloc::vec::Vec;

/// Names longer than this are not compared.
const LONGEST: usize = 128;

/// The known name closest to `name`, the first of several; `None` where none is
/// so close that it may have been meant.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if name.len() > LONGEST {
        return None;
    }
    let name: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let mut limit = (name.len() / 3).clamp(1, 4);
    let mut best = None;
    for candidate in known.filter(|candidate| candidate.len() <= LONGEST) {
        let characters: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        if let Some(found) = distance(&name, &characters, limit) {
            if found == 0 {
                return Some(candidate);
            }
            best = Some(candidate);
            // From here on only a closer one counts.
            limit = found - 1;
        }
    }
    best
}

/// How many characters must be added, dropped, replaced or swapped with their
/// neighbour to make one name of the other; `None` where it is more than `most`.
fn distance(left: &[char], right: &[char], most: usize) -> Option<usize> {
    if left.len().abs_diff(right.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut left_before = None;
    for (row, l) in left.iter().enumerate() {
        let mut current = Vec::with_capacity(above.len());
        current.push(row + 1);
        let mut right_before = None;
        for (column, r) in right.iter().enumerate() {
            let at =
                |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&above, column) + usize::from(l != r);
            let mut best = replaced
                .min(at(&above, column + 1) + 1)
                .min(at(&current, column) + 1);
            if Some(l) == right_before && left_before == Some(r) {
                best = best.min(at(&before, column.wrapping_sub(1)) + 1);
            }
            current.push(best);
            right_before = Some(r);
        }
        if current.iter().min().is_some_and(|least| *least > most) {
            return None;
        }
        before = core::mem::replace(&mut above, current);
        left_before = Some(l);
    }
    above.last().copied().filter(|found| *found <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_understood() {
        let known = [
            "cases.view",
            "cases.edit",
            "alerts.view",
            "system.users.keys.revoke",
        ];
        let near = |name| nearest(name, known.into_iter());
        assert_eq!(near("case.view"), Some("cases.view"));
        assert_eq!(near("cases.veiw"), Some("cases.view"));
        assert_eq!(near("Cases.View"), Some("cases.view"));
        assert_eq!(near("casesview"), Some("cases.view"));
        assert_eq!(
            near("system.user.key.revoke"),
            Some("system.users.keys.revoke")
        );
        assert_eq!(near("reports.schedule"), None);
        assert_eq!(near(""), None);
        assert_eq!(near(&"x".repeat(200)), None);
    }

    #[test]
    fn short_names_need_to_be_closer() {
        assert_eq!(nearest("GTE", ["PUT", "GET"].into_iter()), Some("GET"));
        assert_eq!(nearest("ab", ["xy", "ac"].into_iter()), Some("ac"));
        assert_eq!(nearest("ab", ["xy"].into_iter()), None);
    }

    #[test]
    fn the_first_of_equals_is_taken() {
        assert_eq!(
            nearest("beta1", ["beta2", "beta3"].into_iter()),
            Some("beta2")
        );
    }
}
