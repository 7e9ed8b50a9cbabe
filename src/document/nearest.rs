//! The known name that comes closest to an unknown one.

/// Names with more bytes than this are not compared.
pub(crate) const LONGEST: usize = 128;

/// The most changes that make one name of another which may have been meant.
const MOST_CHANGES: usize = 4;

/// The widest band around the diagonal.
const WIDEST: usize = 2 * MOST_CHANGES + 1;

/// Stands for more changes than anybody counts.
const FAR: usize = usize::MAX / 2;

/// Looks for names until it has done its work.
///
/// A suggestion is a courtesy: where a document full of faults and of long
/// names would make it expensive, the last faults do without.
#[derive(Debug)]
pub(crate) struct Search {
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
    pub(crate) fn nearest<'k>(
        &mut self,
        name: &str,
        known: impl Iterator<Item = &'k str>,
    ) -> Option<&'k str> {
        if name.len() > LONGEST {
            return None;
        }
        let name = name.to_ascii_lowercase();
        let mut limit = (name.len() / 3).clamp(1, MOST_CHANGES);
        let mut best = None;
        for candidate in
            known.filter(|candidate| candidate.len().abs_diff(name.len()) <= MOST_CHANGES)
        {
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
    ///
    /// The table of the textbook, row by row, and of each row only what lies
    /// within `most` of the diagonal: further out the names differ in too much.
    fn distance(&mut self, left: &[u8], right: &[u8], most: usize) -> Option<usize> {
        let width = 2 * most + 1;
        // The column of a place in the band.
        let column = |row: usize, place: usize| {
            let column = (row + place).checked_sub(most);
            column.filter(|column| *column <= right.len())
        };
        let mut before = [FAR; WIDEST];
        let mut above = [FAR; WIDEST];
        for (place, steps) in above.iter_mut().enumerate().take(width) {
            *steps = column(0, place).unwrap_or(FAR);
        }
        for (row, l) in (1_usize..).zip(left) {
            self.left = self.left.checked_sub(width)?;
            let l_before = left.get(row.wrapping_sub(2));
            let mut current = [FAR; WIDEST];
            let mut added = FAR;
            for (place, steps) in current.iter_mut().enumerate().take(width) {
                let Some(column) = column(row, place) else {
                    continue;
                };
                let r = right.get(column.wrapping_sub(1));
                let r_before = right.get(column.wrapping_sub(2));
                let replaced = at(&above, place) + usize::from(Some(l) != r);
                let dropped = at(&above, place + 1) + 1;
                let swapped = if l_before == r && Some(l) == r_before {
                    at(&before, place) + 1
                } else {
                    FAR
                };
                *steps = if column == 0 {
                    row
                } else {
                    replaced.min(dropped).min(added).min(swapped)
                };
                added = *steps + 1;
            }
            if current.iter().all(|steps| *steps > most) {
                return None;
            }
            before = core::mem::replace(&mut above, current);
        }
        let last = (right.len() + most).checked_sub(left.len())?;
        Some(at(&above, last)).filter(|found| *found <= most)
    }
}

fn at(band: &[usize; WIDEST], place: usize) -> usize {
    band.get(place).copied().unwrap_or(FAR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

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
        let known: Vec<String> = (0..9999)
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
