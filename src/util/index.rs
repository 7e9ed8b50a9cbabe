//! Finds the number of an entry by the hash of its name.

use alloc::vec;
use alloc::vec::Vec;

/// The number in a slot that was never used.
const FREE: u32 = u32::MAX;
/// The number in a slot whose entry was removed.
const REMOVED: u32 = u32::MAX - 1;

/// Half of a hash, and the number of an entry. With half of the hash, a look-up
/// reads nearly always only the wanted entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Slot {
    tag: u32,
    number: u32,
}

const NOTHING: Slot = Slot {
    tag: 0,
    number: FREE,
};

/// Numbers of entries, by the hashes of their names.
///
/// Open addressing, with at least a quarter of the slots free. The upper bits
/// of a hash give the slot, the lower ones are the tag.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Empty, or a power of two of them.
    slots: Vec<Slot>,
    /// How many slots are not free.
    used: usize,
    /// How many numbers there are.
    numbers: usize,
    /// The bits of a hash that are not used to find a slot.
    shift: u32,
}

impl Index {
    /// The wanted number with this hash.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is_wanted: impl Fn(u32) -> bool) -> Option<u32> {
        let at = self.slot(hash, is_wanted)?;
        self.slots.get(at).map(|slot| slot.number)
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> usize {
        self.numbers
    }

    /// Adds a number that is not in the index. `hash_of` returns the hashes of
    /// other numbers.
    pub(crate) fn insert(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        self.reserve(1, hash_of);
        self.enter(hash, number);
    }

    /// Removes the wanted number with this hash.
    pub(crate) fn remove(&mut self, hash: u64, is_wanted: impl Fn(u32) -> bool) -> Option<u32> {
        let at = self.slot(hash, is_wanted)?;
        let slot = self.slots.get_mut(at)?;
        let number = slot.number;
        *slot = Slot {
            tag: 0,
            number: REMOVED,
        };
        self.numbers = self.numbers.saturating_sub(1);
        Some(number)
    }

    /// Makes room for more numbers.
    pub(crate) fn reserve(&mut self, more: usize, hash_of: impl Fn(u32) -> u64) {
        let is_enough = |used: usize, slots: usize| {
            used.saturating_add(more).saturating_mul(4) <= slots.saturating_mul(3)
        };
        if is_enough(self.used, self.slots.len()) {
            return;
        }
        // Slots of removed numbers become free. The new table has room for half
        // as many more, so that the next addition does not do this again.
        let mut size = 4_usize;
        while !is_enough(self.numbers, size) || size < self.numbers.saturating_mul(2) {
            size = size.saturating_mul(2);
        }
        let old = core::mem::take(&mut self.slots);
        *self = Self {
            slots: vec![NOTHING; size],
            used: 0,
            numbers: 0,
            shift: 64 - size.trailing_zeros(),
        };
        for slot in old.iter().filter(|slot| slot.number < REMOVED) {
            self.enter(hash_of(slot.number), slot.number);
        }
    }

    /// The slot of the wanted number.
    #[inline]
    fn slot(&self, hash: u64, is_wanted: impl Fn(u32) -> bool) -> Option<usize> {
        let home = self.home(hash);
        let mask = self.slots.len().wrapping_sub(1);
        for distance in 0..self.slots.len() {
            let at = home.wrapping_add(distance) & mask;
            let slot = self.slots.get(at)?;
            if slot.tag == tag(hash) && slot.number < REMOVED && is_wanted(slot.number) {
                return Some(at);
            }
            if slot.number == FREE {
                return None;
            }
        }
        None
    }

    #[inline]
    fn home(&self, hash: u64) -> usize {
        // The table has fewer slots than a word has values.
        usize::try_from(hash >> (self.shift & 63)).unwrap_or(usize::MAX)
    }

    /// Puts a number into its slot. There is room.
    fn enter(&mut self, hash: u64, number: u32) {
        let home = self.home(hash);
        let mask = self.slots.len().wrapping_sub(1);
        for distance in 0..self.slots.len() {
            let slot = self.slots.get_mut(home.wrapping_add(distance) & mask);
            if let Some(free) = slot.filter(|slot| slot.number == FREE) {
                *free = Slot {
                    tag: tag(hash),
                    number,
                };
                self.used += 1;
                self.numbers += 1;
                return;
            }
        }
    }
}

/// The part of a hash that is kept with a number.
#[inline]
const fn tag(hash: u64) -> u32 {
    (hash & 0xffff_ffff) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hash with many equal homes and many equal tags.
    fn hash(number: u32) -> u64 {
        u64::from(number % 5) << 61 | u64::from(number % 3)
    }

    #[test]
    fn numbers_of_one_hash_are_kept_apart() {
        let mut index = Index::default();
        for number in 0..300 {
            index.insert(hash(number), number, hash);
        }
        for number in (0..300).step_by(2) {
            let removed = index.remove(hash(number), |other| other == number);
            assert_eq!(removed, Some(number));
        }
        index.reserve(1_000, hash);
        for number in 0..300 {
            let found = index.find(hash(number), |other| other == number);
            assert_eq!(found, Some(number).filter(|number| number % 2 == 1));
        }
        assert_eq!(index.len(), 150);
    }

    #[test]
    fn slots_that_are_given_up_are_used_again() {
        let mut index = Index::default();
        for number in 0..10_000 {
            index.insert(hash(number), number, hash);
            assert_eq!(index.len(), 1);
            assert_eq!(index.remove(hash(number), |_| true), Some(number));
        }
        assert!(index.slots.len() <= 16, "{} slots", index.slots.len());
    }

    #[test]
    fn an_empty_index_has_nothing() {
        let mut index = Index::default();
        assert_eq!(index.find(0, |_| true), None);
        assert_eq!(index.remove(u64::MAX, |_| true), None);
        index.reserve(1_000_000, hash);
        assert_eq!(index.slots.len(), 2 << 20);
    }
}
