//! The known name that is nearest to a mistyped one.

use alloc::vec::Vec;

/// The longest name that is compared, in bytes.
pub(crate) const LONGEST: usize = 128;

/// The most typing errors in a name for which another is suggested.
const MOST_ERRORS: usize = 4;

/// The known name that is nearest to a mistyped one; of several the first.
/// `None` if none is near, or if the text has more than 128 bytes. A name is
/// near if it has at most one typing error for every three bytes, and at most
/// four. A typing error is a missing, extra or wrong character, or two
/// neighbours swapped. Case is ignored.
///
/// # Examples
///
/// ```
/// use portcullis::document::nearest;
///
/// assert_eq!(nearest("MPS", ["ann", "msp"]), Some("msp"));
/// assert_eq!(nearest("nobody", ["ann", "msp"]), None);
/// ```
pub fn nearest<'k>(typed: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if typed.is_empty() || typed.len() > LONGEST {
        return None;
    }
    let typed = typed.to_ascii_lowercase();
    let mut most = (typed.len() / 3).clamp(1, MOST_ERRORS);
    let mut best = None;
    for name in known {
        if name.len().abs_diff(typed.len()) > most {
            continue;
        }
        let lower = name.to_ascii_lowercase();
        let errors = distance(typed.as_bytes(), lower.as_bytes(), most);
        if errors <= most {
            best = Some(name);
            // From now on only a nearer name counts.
            let Some(fewer) = errors.checked_sub(1) else {
                break;
            };
            most = fewer;
        }
    }
    best
}

/// How many bytes must be added, dropped, replaced or swapped with their
/// neighbour to turn one name into the other. If this is more than `most`, any
/// number above `most`. The usual table is computed row by row, but only up to
/// `most` from its diagonal.
fn distance(left: &[u8], right: &[u8], most: usize) -> usize {
    let far = most + 1;
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut before = Vec::new();
    let mut l_before = None;
    for (row, l) in left.iter().enumerate() {
        let mut current = Vec::with_capacity(above.len());
        let mut last = row + 1;
        current.push(last);
        let mut r_before = None;
        for (column, (r, pair)) in right.iter().zip(above.windows(2)).enumerate() {
            last = match pair {
                [diagonal, up] if column.abs_diff(row) <= most => {
                    let replaced = diagonal + usize::from(l != r);
                    let swapped = match column.checked_sub(1).and_then(|at| before.get(at)) {
                        Some(two_up) if l_before == Some(r) && r_before == Some(l) => two_up + 1,
                        Some(_) | None => far,
                    };
                    replaced.min(swapped).min(up + 1).min(last + 1)
                }
                _ => far,
            };
            current.push(last);
            r_before = Some(r);
        }
        if current.iter().all(|errors| *errors > most) {
            return far;
        }
        l_before = Some(l);
        before = core::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(far)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{distance, nearest};

    #[test]
    fn a_typing_error_finds_the_name_that_was_meant() {
        let known = [
            "cases.view",
            "cases.create",
            "reports.manage",
            "system.users.keys.revoke",
        ];
        assert_eq!(nearest("case.view", known), Some("cases.view"));
        assert_eq!(nearest("cases.veiw", known), Some("cases.view"));
        assert_eq!(nearest("Cases.View", known), Some("cases.view"));
        assert_eq!(nearest("casesview", known), Some("cases.view"));
        assert_eq!(
            nearest("system.user.key.revoke", known),
            Some("system.users.keys.revoke")
        );
        assert_eq!(nearest("reports.schedule", known), None);
        assert_eq!(nearest("cases.view", []), None);
        assert_eq!(nearest("", ["a"]), None);
        assert_eq!(nearest("MSP", ["ann", "msp"]), Some("msp"));
        assert_eq!(nearest("root_user", ["root-user"]), Some("root-user"));
        assert_eq!(nearest(&"ann".repeat(1_000_000), ["ann"]), None);
    }

    #[test]
    fn short_names_need_to_be_nearer() {
        assert_eq!(nearest("GTE", ["PUT", "GET"]), Some("GET"));
        assert_eq!(nearest("ab", ["xy", "ac"]), Some("ac"));
        assert_eq!(nearest("ab", ["xy"]), None);
    }

    #[test]
    fn the_first_of_equals_is_taken() {
        assert_eq!(nearest("beta1", ["beta2", "beta3"]), Some("beta2"));
    }

    /// The distance by its definition, without a table.
    fn naive(left: &[u8], right: &[u8]) -> usize {
        match (left, right) {
            ([], rest) | (rest, []) => rest.len(),
            ([l, left_rest @ ..], [r, right_rest @ ..]) => {
                let mut errors = naive(left_rest, right_rest) + usize::from(l != r);
                errors = errors.min(naive(left_rest, right) + 1);
                errors = errors.min(naive(left, right_rest) + 1);
                if let ([a, b, left_rest @ ..], [c, d, right_rest @ ..]) = (left, right) {
                    if a == d && b == c {
                        errors = errors.min(naive(left_rest, right_rest) + 1);
                    }
                }
                errors
            }
        }
    }

    #[test]
    fn the_table_is_the_definition() {
        let mut words: Vec<Vec<u8>> = Vec::from([Vec::new()]);
        for length in 0..4 {
            let longer: Vec<Vec<u8>> = words
                .iter()
                .filter(|word| word.len() == length)
                .flat_map(|word| b"abc".map(|letter| [word.as_slice(), &[letter]].concat()))
                .collect();
            words.extend(longer);
        }
        for left in &words {
            for right in &words {
                let errors = naive(left, right);
                for most in 0..5 {
                    let found = distance(left, right, most);
                    let expected = errors.min(most + 1);
                    assert_eq!(found.min(most + 1), expected, "{left:?} {right:?} {most}");
                }
            }
        }
    }
}
