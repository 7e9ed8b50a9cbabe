//! Short names of tenants, found in one place of memory.

use alloc::vec;
use alloc::vec::Vec;

/// The most bytes of a name that has a slot. The names that vendors make, 32
/// hexadecimal digits, just fit.
const LONGEST: usize = 32;

/// A short name as integers: its bytes, eight to a word, zeros behind the end,
/// and how many there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct ShortName {
    words: [u64; 4],
    length: u32,
}

impl ShortName {
    /// What no text is.
    const NONE: Self = Self {
        words: [0; 4],
        length: u32::MAX,
    };

    /// The name; `None` where it is too long for a slot.
    #[inline]
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut rest = text.as_bytes();
        if rest.len() > LONGEST {
            return None;
        }
        let length = u32::try_from(rest.len()).ok()?;
        let last = last(rest);
        let words = [(); 4].map(|()| match rest.split_first_chunk::<8>() {
            Some((eight, behind)) => {
                rest = behind;
                u64::from_le_bytes(*eight)
            }
            None => {
                // In two steps, since a word cannot be shifted out at once.
                let word = last >> 8 >> (56 - 8 * rest.len());
                rest = &[];
                word
            }
        });
        Some(Self { words, length })
    }

    #[inline]
    fn hash(self) -> u64 {
        let [first, second, third, fourth] = self.words;
        let begin = folded(first ^ SEEDS[0], second ^ SEEDS[1]);
        let end = folded(third ^ SEEDS[2], fourth ^ SEEDS[3]);
        folded(begin ^ SEEDS[4], end ^ u64::from(self.length))
    }
}

/// The last eight bytes of a text, with zeros before its beginning.
#[inline]
fn last(text: &[u8]) -> u64 {
    match text.last_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => text
            .iter()
            .fold(0, |word, byte| word >> 8 | u64::from(*byte) << 56),
    }
}

/// Odd numbers without a pattern: digits of pi.
const SEEDS: [u64; 5] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7345,
    0xa409_3822_299f_31d1,
    0x082e_fa98_ec4e_6c89,
    0x4528_21e6_38d0_1377,
];

/// Both halves of a product, as one word.
#[inline]
fn folded(left: u64, right: u64) -> u64 {
    let product = u128::from(left).wrapping_mul(u128::from(right));
    (product >> 64) as u64 ^ product as u64
}

/// One slot: a name and the number of its tenant.
#[derive(Clone, Copy, Debug)]
struct Slot {
    name: ShortName,
    number: u32,
}

/// The number in a slot that was never used.
const FREE: u32 = u32::MAX;
/// The number in a slot whose name was removed.
const REMOVED: u32 = u32::MAX - 1;

impl Slot {
    const FREE: Self = Self {
        name: ShortName::NONE,
        number: FREE,
    };
}

/// Numbers of tenants by their short names.
///
/// A name is in its slot, so that looking it up reads one or two lines of
/// memory and no text elsewhere. Open addressing with at least half of the
/// slots free. A look-up reads at most as many slots as the longest run has.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// A power of two of them, or none.
    slots: Vec<Slot>,
    /// How many are not free.
    used: usize,
    /// The longest run.
    probes: usize,
    /// The bits of a hash that are not used.
    shift: u32,
}

impl Names {
    /// The number of the tenant that has a name.
    #[inline]
    pub(super) fn find(&self, name: ShortName) -> Option<u32> {
        let home = self.home(name);
        for distance in 0..self.probes {
            let slot = self
                .slots
                .get(home.wrapping_add(distance) & (self.slots.len() - 1))?;
            if slot.name == name {
                return Some(slot.number);
            }
            if slot.number == FREE {
                return None;
            }
        }
        None
    }

    /// Adds a name that is not there.
    pub(super) fn insert(&mut self, name: ShortName, number: u32) {
        if (self.used + 1).saturating_mul(2) > self.slots.len() {
            self.make_room();
        }
        self.enter(Slot { name, number });
    }

    /// Removes a name.
    pub(super) fn remove(&mut self, name: ShortName) {
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.name == name) {
            *slot = Slot {
                name: ShortName::NONE,
                number: REMOVED,
            };
        }
    }

    #[inline]
    fn home(&self, name: ShortName) -> usize {
        (name.hash() >> (self.shift & 63)) as usize
    }

    /// Puts a slot where it belongs; there is room.
    fn enter(&mut self, new: Slot) {
        let home = self.home(new.name);
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

    /// Makes the slots anew, at most a quarter of them used.
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
    use std::string::String;

    fn short(text: &str) -> ShortName {
        ShortName::of(text).unwrap()
    }

    #[test]
    fn every_text_up_to_32_bytes_is_another_name() {
        let mut seen = std::collections::BTreeSet::new();
        for length in 0..=32 {
            let text: String = ('0'..).take(length).collect();
            let padded = [text.as_str(), "\0"].concat();
            let texts = [Some(text.clone()), Some(padded).filter(|_| length < 32)];
            for text in texts.into_iter().flatten() {
                let name = short(&text);
                let bytes = name.words.map(u64::to_le_bytes).concat();
                assert_eq!(&bytes[..text.len()], text.as_bytes());
                assert!(bytes[text.len()..].iter().all(|byte| *byte == 0));
                assert!(seen.insert((name.words, name.length)), "{text:?}");
            }
        }
        assert_eq!(ShortName::of(&"a".repeat(33)), None);
    }

    #[test]
    fn names_are_found_until_they_are_removed() {
        let mut names = Names::default();
        let name = |number: u32| short(&format!("name{number}"));
        assert_eq!(names.find(name(0)), None);
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
            assert_eq!(names.find(name(number)), Some(number).filter(|_| there));
        }
        for unknown in ["", "name", "name9000", "\0", "name1\0"] {
            assert_eq!(names.find(short(unknown)), None, "{unknown:?}");
        }
        assert!(names.probes <= 40, "{} slots in a run", names.probes);
    }

    #[test]
    fn a_slot_that_is_given_up_again_and_again_does_not_fill_the_table() {
        let mut names = Names::default();
        for number in 0..10_000 {
            names.insert(short("alpha"), number);
            assert_eq!(names.find(short("alpha")), Some(number));
            names.remove(short("alpha"));
            assert_eq!(names.find(short("alpha")), None);
        }
        assert!(names.slots.len() <= 16, "{} slots", names.slots.len());
    }
}
