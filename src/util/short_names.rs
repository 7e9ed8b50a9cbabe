//! Finds numbers by short names, with one access to memory.

use alloc::vec;
use alloc::vec::Vec;

use crate::util::short_name::ShortName;

/// One slot: a name and its number.
#[derive(Clone, Copy, Debug)]
struct Slot {
    words: [u64; 4],
    length: u32,
    number: u32,
}

/// The number in a slot that was never used.
const FREE: u32 = u32::MAX;
/// The number in a slot whose name was removed.
const REMOVED: u32 = u32::MAX - 1;

impl Slot {
    const FREE: Self = Self::new(ShortName::NONE, FREE);

    const fn new(name: ShortName, number: u32) -> Self {
        Self {
            words: name.words,
            length: name.length,
            number,
        }
    }

    #[inline]
    const fn name(&self) -> ShortName {
        ShortName {
            words: self.words,
            length: self.length,
        }
    }
}

/// Numbers by short names.
///
/// The slot contains the name, so that a look-up reads one or two lines of
/// memory. Open addressing with at least half of the slots free. A look-up
/// reads at most as many slots as the longest run has.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShortNames {
    /// A power of two of them, or none.
    slots: Vec<Slot>,
    /// How many are not free.
    used: usize,
    /// The longest run.
    probes: usize,
    /// The bits of a hash that are not used.
    shift: u32,
}

impl ShortNames {
    /// The number of a name, or `unknown`: a number, which is less work than an
    /// `Option`.
    #[expect(
        clippy::inline_always,
        reason = "a name of five words would be passed in memory"
    )]
    #[inline(always)]
    pub(crate) fn find(&self, name: ShortName, unknown: u32) -> u32 {
        let home = self.home(name);
        for distance in 0..self.probes {
            let at = home.wrapping_add(distance) & self.slots.len().wrapping_sub(1);
            let Some(slot) = self.slots.get(at) else {
                return unknown;
            };
            if slot.name() == name {
                return slot.number;
            }
            if slot.number == FREE {
                return unknown;
            }
        }
        unknown
    }

    /// The number of a name, if it is a short one; else that which `long` finds.
    /// `unknown` if there is none.
    #[expect(
        clippy::inline_always,
        reason = "a name of five words would be passed in memory"
    )]
    #[inline(always)]
    pub(crate) fn find_or(
        &self,
        name: Option<ShortName>,
        unknown: u32,
        long: impl FnOnce() -> Option<u32>,
    ) -> u32 {
        match name {
            Some(name) => self.find(name, unknown),
            None => long().unwrap_or(unknown),
        }
    }

    /// Adds a name that is not in the table.
    pub(crate) fn insert(&mut self, name: ShortName, number: u32) {
        if (self.used + 1).saturating_mul(2) > self.slots.len() {
            self.make_room();
        }
        self.enter(Slot::new(name, number));
    }

    /// Removes a name.
    pub(crate) fn remove(&mut self, name: ShortName) {
        let home = self.home(name);
        let mask = self.slots.len().wrapping_sub(1);
        for distance in 0..self.probes {
            let slot = self.slots.get_mut(home.wrapping_add(distance) & mask);
            if let Some(slot) = slot.filter(|slot| slot.name() == name) {
                *slot = Slot::new(ShortName::NONE, REMOVED);
                return;
            }
        }
    }

    #[inline]
    fn home(&self, name: ShortName) -> usize {
        // The table has fewer slots than a word has values.
        usize::try_from(name.hash() >> (self.shift & 63)).unwrap_or(usize::MAX)
    }

    /// Puts a name into its slot. There is room.
    fn enter(&mut self, new: Slot) {
        let home = self.home(new.name());
        let mask = self.slots.len().wrapping_sub(1);
        for distance in 0..self.slots.len() {
            let slot = self.slots.get_mut(home.wrapping_add(distance) & mask);
            if let Some(free) = slot.filter(|slot| slot.number == FREE) {
                *free = new;
                self.used += 1;
                self.probes = self.probes.max(distance + 1);
                return;
            }
        }
    }

    /// Makes a new table, of which at most a quarter is used.
    fn make_room(&mut self) {
        let named = self.slots.iter().filter(|slot| slot.number < REMOVED);
        let named: Vec<Slot> = named.copied().collect();
        let size = ((named.len() + 1) * 4).next_power_of_two();
        *self = Self {
            slots: vec![Slot::FREE; size],
            used: 0,
            probes: 0,
            shift: 64 - size.trailing_zeros(),
        };
        for slot in named {
            self.enter(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn short(text: &str) -> ShortName {
        ShortName::of(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_slot_is_small() {
        assert_eq!(size_of::<Slot>(), 40);
    }

    #[test]
    fn names_are_found_until_they_are_removed() {
        let mut names = ShortNames::default();
        let name = |number: u32| short(&format!("name{number}"));
        assert_eq!(names.find(name(0), 7), 7);
        for number in 0..5_000 {
            names.insert(name(number), number);
        }
        for number in (0..5_000).step_by(3) {
            names.remove(name(number));
        }
        for number in 5_000..9_000 {
            names.insert(name(number), number);
        }
        for number in 0..9_000 {
            let there = number >= 5_000 || number % 3 != 0;
            let expected = if there { number } else { u32::MAX };
            assert_eq!(names.find(name(number), u32::MAX), expected);
        }
        for unknown in ["", "name", "name9000", "\0", "name1\0"] {
            let found = names.find(short(unknown), u32::MAX);
            assert_eq!(found, u32::MAX, "{unknown:?}");
        }
        assert!(names.probes <= 40, "{} slots in a run", names.probes);
    }

    #[test]
    fn a_slot_that_is_given_up_again_and_again_does_not_fill_the_table() {
        let mut names = ShortNames::default();
        for number in 0..10_000 {
            names.insert(short("alpha"), number);
            assert_eq!(names.find(short("alpha"), u32::MAX), number);
            names.remove(short("alpha"));
            assert_eq!(names.find(short("alpha"), u32::MAX), u32::MAX);
        }
        assert!(names.slots.len() <= 16, "{} slots", names.slots.len());
    }
}
