//! In which ways one segment can be read that is not a literal: which affixed
//! parameters it matches, and for which of them its value is accepted.
//!
//! Some affixed parameters never accept a segment together. For example, next
//! to `{x}.json`, `@{y}` refuses a value that ends in `.json`. So an example is
//! made for each way and read as a segment of a request is read.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::path::automaton::reading::{MOST_MATCHED, Reading};
use crate::path::automaton::tree::FixedParts;
use crate::path::template::ParameterKind;

/// One way in which a segment can be read that is not a literal.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct ReadingClass {
    /// The indices of the affixed parameters that it matches, each with whether
    /// its value is accepted.
    pub(crate) matched: Vec<(usize, bool)>,
    /// Whether it is accepted as a plain and as a text value.
    pub(crate) kinds: [bool; 2],
}

/// The possible `kinds` of a segment that matches no affixed parameter.
const KINDS: [[bool; 2]; 3] = [[true, true], [false, true], [false, false]];

/// Values for the examples.
#[derive(Clone, Debug)]
pub(crate) struct Fillers(Vec<Vec<u8>>);

impl Fillers {
    /// Values that none of these texts contains: each repeats one letter more
    /// often than any text.
    pub(crate) fn beside<'t>(texts: impl Iterator<Item = &'t [u8]>) -> Self {
        let mut runs = [0_usize; 256];
        for text in texts {
            for run in text.chunk_by(u8::eq_ignore_ascii_case) {
                let letter = run.first().map_or(0, u8::to_ascii_lowercase);
                if let Some(longest) = runs.get_mut(usize::from(letter)) {
                    *longest = run.len().max(*longest);
                }
            }
        }
        let letters = b"qxzj0123456789abcdefghiklmnoprstuvwy-_".iter();
        let fillers = letters.filter_map(|letter| {
            let run = runs.get(usize::from(*letter))?;
            Some(vec![*letter; run + 1])
        });
        Self(fillers.collect())
    }
}

/// All ways in which a segment can be read, and the steps that were taken.
/// `None` if this takes more than `most_steps`, or if a segment matches more
/// affixed parameters than a reading can contain.
pub(crate) fn of(
    parts: &[&FixedParts],
    fillers: &Fillers,
    most_steps: usize,
    read: impl Fn(&[u8]) -> Option<Reading>,
) -> Option<(BTreeSet<ReadingClass>, usize)> {
    // Each segment has a longest fixed part that it begins with, and a longest
    // one that it ends with.
    let before: BTreeSet<&[u8]> = parts.iter().map(|parts| &*parts.before).collect();
    let behind: BTreeSet<&[u8]> = parts.iter().map(|parts| &*parts.behind).collect();
    let compared = before.len().checked_mul(behind.len())?;
    let mut search = Search {
        fillers,
        read,
        cost: parts.len() / 8 + 1,
        steps: compared.checked_mul(parts.len())? / 8,
        most_steps,
        settled: BTreeSet::new(),
        found: BTreeSet::new(),
    };
    if search.steps > most_steps {
        return None;
    }
    search.found.extend(KINDS.map(|kinds| ReadingClass {
        matched: Vec::new(),
        kinds,
    }));
    for before in &before {
        for behind in &behind {
            // What such a segment matches depends only on its length.
            let mut matched: Vec<(usize, usize)> = parts
                .iter()
                .enumerate()
                .filter(|(_, own)| before.starts_with(&own.before) && behind.ends_with(&own.behind))
                .map(|(place, own)| (own.before.len() + own.behind.len(), place))
                .collect();
            if matched.len() > MOST_MATCHED {
                return None;
            }
            matched.sort_unstable();
            for group in 0..matched.len() {
                let next = matched.get(group + 1).map(|(length, _)| *length);
                let length = matched.get(group).map(|(length, _)| *length);
                if next != length {
                    let places = matched.iter().take(group + 1).map(|(_, place)| *place);
                    let mut places: Vec<usize> = places.collect();
                    places.sort_unstable();
                    let least = length.unwrap_or(0).saturating_add(1);
                    search.look_for(&places, before, behind, least, next)?;
                }
            }
        }
    }
    Some((search.found, search.steps))
}

struct Search<'s, R> {
    fillers: &'s Fillers,
    read: R,
    /// The steps that reading one example costs, and those taken so far.
    cost: usize,
    steps: usize,
    most_steps: usize,
    /// The sets of parameters that need no more examples.
    settled: BTreeSet<Vec<usize>>,
    found: BTreeSet<ReadingClass>,
}

/// What the examples for a set of affixed parameters have shown.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Some segment matches exactly these.
    matches: bool,
    /// All of them accept it; only some of them do.
    fits: bool,
    fits_some: bool,
}

impl<R: Fn(&[u8]) -> Option<Reading>> Search<'_, R> {
    /// Looks for segments that match these affixed parameters. They begin and
    /// end with these parts, and their length is from `least` up to `most`.
    /// `None` if it takes too many steps.
    fn look_for(
        &mut self,
        places: &[usize],
        before: &[u8],
        behind: &[u8],
        least: usize,
        most: Option<usize>,
    ) -> Option<()> {
        if self.settled.contains(places) {
            return Some(());
        }
        let mut seen = Seen::default();
        // The fixed parts of two affixed parameters may overlap.
        let both = before.len() + behind.len();
        for segment in overlapping(
            before,
            behind,
            least..=most.map_or(both, |most| most.min(both)),
        ) {
            self.example(places, &segment, &mut seen)?;
        }
        let tails = hidden(behind);
        let is_settled = |seen: &Seen| seen.fits && (seen.fits_some || tails.is_empty());
        if most.is_none() {
            for filler in &self.fillers.0 {
                if is_settled(&seen) {
                    break;
                }
                self.example(places, &[before, filler, behind].concat(), &mut seen)?;
                for tail in &tails {
                    self.example(places, &[before, filler, tail].concat(), &mut seen)?;
                }
            }
            if !seen.matches {
                // The examples do not prove that these cannot be accepted.
                self.found.extend(KINDS.map(|kinds| ReadingClass {
                    matched: places.iter().map(|place| (*place, true)).collect(),
                    kinds,
                }));
            }
        }
        if is_settled(&seen) {
            self.settled.insert(places.to_vec());
        }
        Some(())
    }

    /// Reads an example. It counts if it matches these affixed parameters.
    fn example(&mut self, places: &[usize], segment: &[u8], seen: &mut Seen) -> Option<()> {
        self.steps = self.steps.saturating_add(self.cost);
        if self.steps > self.most_steps {
            return None;
        }
        let Some(reading) = (self.read)(segment) else {
            return Some(());
        };
        let fits = |kind| reading.is_value(kind) && !reading.is_shadowed(kind);
        let is_shadowed = reading.is_shadowed(ParameterKind::Plain);
        let matched: Vec<(usize, bool)> = reading
            .matched()
            .map(|matched| (matched.place, matched.is_value && !is_shadowed))
            .collect();
        if !matched.iter().map(|(place, _)| place).eq(places) {
            return Some(());
        }
        seen.matches = true;
        let [plain, text] = [ParameterKind::Plain, ParameterKind::Text].map(fits);
        let fitting = matched.iter().filter(|(_, fits)| *fits).count();
        if fitting == matched.len() {
            seen.fits = true;
        } else if fitting > 0 || plain || text {
            seen.fits_some = true;
        } else {
            return Some(());
        }
        // Other values may be a shadow as a text value. If the affixed
        // parameter refuses them, they may be only a text value, or neither.
        let is_free = fitting < matched.len();
        for [plain, text] in KINDS
            .into_iter()
            .filter(|kinds| kinds[0] == plain || is_free && plain)
            .filter(|kinds| text || !kinds[1])
        {
            self.found.insert(ReadingClass {
                matched: matched.clone(),
                kinds: [plain, text],
            });
        }
        Some(())
    }
}

/// The segments of these lengths that begin with one part and end with the
/// other, with nothing between them.
fn overlapping(
    before: &[u8],
    behind: &[u8],
    lengths: RangeInclusive<usize>,
) -> impl Iterator<Item = Vec<u8>> {
    lengths.filter_map(move |length| {
        // How many bytes belong to both parts.
        let common = (before.len() + behind.len()).checked_sub(length)?;
        let rest = behind.get(common..)?;
        let is_one = before.ends_with(behind.get(..common)?);
        is_one.then(|| [before, rest].concat())
    })
}

/// A `%` and the fixed part, if its first two letters are hexadecimal digits. A
/// decoded value does not end in the fixed part then.
fn hidden(behind: &[u8]) -> Vec<Vec<u8>> {
    let is_digit = |at: usize| behind.get(at).is_some_and(u8::is_ascii_hexdigit);
    let mut hidden = Vec::new();
    if is_digit(0) {
        let digits = [b"%2", b"%3", b"%4", b"%5", b"%6", b"%7"];
        hidden.extend(digits.map(|digit| [digit, behind].concat()));
    }
    if is_digit(0) && is_digit(1) {
        hidden.push([b"%", behind].concat());
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::automaton::reading::Siblings;

    #[test]
    fn the_search_ends_after_the_most_steps() {
        let parts = [FixedParts {
            before: b"a".as_slice().into(),
            behind: b"".as_slice().into(),
        }];
        let siblings = Siblings {
            affixes: &[0],
            parts: &parts,
            is_literal: |_: &[u8], _| false,
        };
        let fillers = Fillers::beside(core::iter::empty());
        let search = |most| of(&[&parts[0]], &fillers, most, |text| siblings.read(text));
        assert!(search(0).is_none());
        let (classes, steps) = search(100).unwrap();
        assert!(search(steps).is_some());
        assert!(search(steps - 1).is_none());
        let accepted = ReadingClass {
            matched: vec![(0, true)],
            kinds: [true, true],
        };
        assert!(classes.contains(&accepted));
    }
}
