//! The known name that comes closest to an unknown one.

use alloc::vec::Vec;

/// Names with more bytes than this are not compared.
pub(super) const LONGEST: usize = 128;

/// Stands for more changes than anybody counts.
const FAR: usize = usize::MAX / 2;

/// Looks for names until it has done its work.
///
/// A suggestion is a courtesy: where a document full of faults and of long
/// names would make it expensive, the last faults do without.
#[derive(Debug)]
pub(super) struct Search {
    /// How many pairs of characters may still be compared.
    left: usize,
}

impl Default for Search {
    fn default() -> Self {
        Self { left: 20_000_000 }
    }
}

impl Search {
    /// The known name closest to `name`, the first of several; `None` where none
    /// is so close that it may have been meant. Case does not matter.
    pub(super) fn nearest<'k>(
        &mut self,
        name: &str,
        known: impl Iterator<Item = &'k str>,
    ) -> Option<&'k str> {
        if name.len() > LONGEST {
            return None;
        }
        let name = name.to_ascii_lowercase();
        let mut limit = (name.len() / 3).clamp(1, 4);
        let mut best = None;
        for candidate in known.filter(|candidate| candidate.len().abs_diff(name.len()) <= 4) {
            let lower = candidate.to_ascii_lowercase();
            if let Some(found) = self.distance(name.as_bytes(), lower.as_bytes(), limit) {
                best = Some(candidate);
                if found == 0 {
                    break;
                }
                // From here on only a closer one counts.
                limit = found - 1;
            }
        }
        best
    }

    /// How many characters must be added, dropped, replaced or swapped with
    /// their neighbour to make one name of the other; `None` where it is more
    /// than `most`.
    fn distance(&mut self, left: &[u8], right: &[u8], most: usize) -> Option<usize> {
        if left.len().abs_diff(right.len()) > most {
            return None;
        }
        let mut before: Vec<usize> = Vec::new();
        let mut above: Vec<usize> = (0..=right.len()).collect();
        let at = |line: &[usize], column: Option<usize>| {
            column
                .and_then(|column| line.get(column).copied())
                .unwrap_or(FAR)
        };
        for (row, l) in left.iter().enumerate() {
            // Further from the diagonal the names differ in too much anyway.
            let (low, high) = (row.saturating_sub(most), (row + most + 1).min(right.len()));
            self.left = self.left.checked_sub(high.saturating_sub(low) + 1)?;
            let mut current = Vec::with_capacity(right.len() + 1);
            current.resize(low, FAR);
            current.push(if low == 0 { row + 1 } else { FAR });
            for column in low..high {
                let r = right.get(column);
                let replaced = at(&above, Some(column)) + usize::from(Some(l) != r);
                let added = at(&current, Some(column)) + 1;
                let dropped = at(&above, Some(column + 1)) + 1;
                let mut fewest = replaced.min(added).min(dropped);
                let pair = (
                    row.checked_sub(1).and_then(|at| left.get(at)),
                    column.checked_sub(1),
                );
                if pair.0 == r && pair.1.is_some_and(|at| right.get(at) == Some(l)) {
                    fewest = fewest.min(at(&before, pair.1) + 1);
                }
                current.push(fewest);
            }
            if current.iter().min().is_some_and(|least| *least > most) {
                return None;
            }
            current.resize(right.len() + 1, FAR);
            before = core::mem::replace(&mut above, current);
        }
        above.last().copied().filter(|found| *found <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
        Search::default().nearest(name, known)
    }

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

    #[test]
    fn the_work_ends() {
        let known: Vec<std::string::String> = (0..9999)
            .map(|n| std::format!("{}{n:04}", "a".repeat(120)))
            .collect();
        let mut search = Search::default();
        let mut found = 0;
        for _ in 0..100 {
            let name = std::format!("{}x", "a".repeat(123));
            found += usize::from(
                search
                    .nearest(&name, known.iter().map(AsRef::as_ref))
                    .is_some(),
            );
        }
        assert!(0 < found && found < 100, "{found}");
    }
}
