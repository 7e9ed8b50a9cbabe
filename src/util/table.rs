//! Records by name, numbered densely in order of insertion.
//!
//! A number has 32 bits and is never used twice: a removed entry leaves a hole.
//! So a number that was resolved before never means another entry.

use alloc::vec::Vec;
use core::fmt;
use core::hash::BuildHasher;
use core::slice;

use crate::util::hash::Hasher;
use crate::util::index::Index;
use crate::util::short_name::ShortName;

/// The most entries of a table. The largest numbers are free for special
/// values.
const MOST: usize = u32::MAX as usize - 8;

/// What has a name in a [`Table`].
pub(crate) trait Named {
    /// The bytes of the name.
    fn name(&self) -> &[u8];

    /// Whether this is the name.
    fn is(&self, name: &[u8]) -> bool {
        self.name() == name
    }

    /// The name as integers, where it is short enough.
    fn short(&self) -> Option<ShortName>;
}

/// An alignment for entries of 64 bytes, so that each is in one line of memory.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Line;

/// One entry: a name, and its record until it is removed. It is aligned like
/// `Alignment`.
#[derive(Clone)]
pub(crate) struct Entry<Name, Record, Alignment> {
    _begins: [Alignment; 0],
    name: Name,
    record: Option<Record>,
}

impl<Name, Record, Alignment> Entry<Name, Record, Alignment> {
    const fn new(name: Name, record: Option<Record>) -> Self {
        Self {
            _begins: [],
            name,
            record,
        }
    }
}

/// Records by name. The order is the order of insertion.
///
/// An entry costs its name and its record, rounded up to `Alignment`, and 11 to
/// 22 bytes of index.
#[derive(Clone)]
pub(crate) struct Table<Name, Record, Alignment = ()> {
    entries: Vec<Entry<Name, Record, Alignment>>,
    /// The numbers of the entries with a record, by the hash of their names.
    numbers: Index,
}

impl<Name, Record, Alignment> Default for Table<Name, Record, Alignment> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            numbers: Index::default(),
        }
    }
}

impl<Name: Named, Record, Alignment> Table<Name, Record, Alignment> {
    /// Makes room for more entries, but no more than needed.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.entries.reserve_exact(more);
        let entries = &self.entries;
        self.numbers
            .reserve(more, |number| hash_of(entries, number));
    }

    /// The number of an entry.
    #[inline]
    pub(crate) fn find(&self, name: &[u8]) -> Option<u32> {
        self.numbers
            .find(hash(name), |number| is_named(&self.entries, number, name))
    }

    /// The number that a name most likely has. No entry is read.
    pub(crate) fn likely(&self, name: &[u8]) -> Option<u32> {
        self.numbers.find(hash(name), |_| true)
    }

    /// An entry by its number.
    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<(&Name, &Record)> {
        let entry = self.entries.get(number as usize)?;
        Some((&entry.name, entry.record.as_ref()?))
    }

    /// The record of an entry, for changes.
    pub(crate) fn record_mut(&mut self, number: u32) -> Option<&mut Record> {
        self.entries.get_mut(number as usize)?.record.as_mut()
    }

    /// The name of a number, even if its entry was removed.
    #[inline]
    pub(crate) fn name(&self, number: u32) -> Option<&Name> {
        self.entries.get(number as usize).map(|entry| &entry.name)
    }

    /// Whether so many more entries would be too many.
    pub(crate) fn is_full(&self, more: usize) -> bool {
        self.entries.len().saturating_add(more) > MOST
    }

    /// Adds an entry and returns its number. Returns `None` and adds nothing if
    /// the name is in use or the table is full.
    pub(crate) fn insert(&mut self, name: Name, record: Record) -> Option<u32> {
        if self.is_full(1) || self.find(name.name()).is_some() {
            return None;
        }
        let number = u32::try_from(self.entries.len()).ok()?;
        let hash = hash(name.name());
        self.entries.push(Entry::new(name, Some(record)));
        let entries = &self.entries;
        self.numbers
            .insert(hash, number, |number| hash_of(entries, number));
        Some(number)
    }

    /// Adds a hole: a name with a number but no entry.
    pub(crate) fn insert_hole(&mut self, name: Name) -> Option<u32> {
        let number = u32::try_from(self.entries.len())
            .ok()
            .filter(|_| !self.is_full(1))?;
        self.entries.push(Entry::new(name, None));
        Some(number)
    }

    /// Removes an entry. Its number stays a hole. Another entry can have its
    /// name, with another number.
    pub(crate) fn take(&mut self, name: &[u8]) -> Option<(u32, Record)> {
        let entries = &self.entries;
        let number = self
            .numbers
            .remove(hash(name), |number| is_named(entries, number, name))?;
        let record = self.entries.get_mut(number as usize)?.record.take()?;
        Some((number, record))
    }

    /// Every entry with its number, in order.
    pub(crate) fn iter(&self) -> Entries<'_, Name, Record, Alignment> {
        Entries {
            rest: self.entries.iter(),
            at: 0,
            left: self.numbers.len(),
        }
    }

    /// Every entry with its record to be changed, in order.
    pub(crate) fn entries_mut(&mut self) -> impl Iterator<Item = (u32, &Name, &mut Record)> {
        (0..)
            .zip(&mut self.entries)
            .filter_map(|(number, entry)| Some((number, &entry.name, entry.record.as_mut()?)))
    }

    /// How many entries there are, without holes.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// The hash of a name.
#[inline]
fn hash(name: &[u8]) -> u64 {
    match ShortName::of(name) {
        Some(name) => name.hash(),
        None => Hasher::default().hash_one(name),
    }
}

fn hash_of<Name: Named, Record, Alignment>(
    entries: &[Entry<Name, Record, Alignment>],
    number: u32,
) -> u64 {
    // INVARIANT: the index has only numbers of entries.
    entries
        .get(number as usize)
        .map_or(0, |entry| hash(entry.name.name()))
}

#[inline]
fn is_named<Name: Named, Record, Alignment>(
    entries: &[Entry<Name, Record, Alignment>],
    number: u32,
    name: &[u8],
) -> bool {
    entries
        .get(number as usize)
        .is_some_and(|entry| entry.name.is(name))
}

impl<Name, Record, Alignment> fmt::Debug for Table<Name, Record, Alignment> {
    /// Prints only the size, because records may contain what does not belong
    /// in a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Table")
            .field("entries", &self.numbers.len())
            .finish_non_exhaustive()
    }
}

/// The entries of a [`Table`], in order.
pub(crate) struct Entries<'t, Name, Record, Alignment> {
    rest: slice::Iter<'t, Entry<Name, Record, Alignment>>,
    /// The number of the next entry.
    at: u32,
    left: usize,
}

impl<'t, Name, Record, Alignment> Iterator for Entries<'t, Name, Record, Alignment> {
    type Item = (u32, &'t Name, &'t Record);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = self.rest.next()?;
            let number = self.at;
            self.at = self.at.saturating_add(1);
            if let Some(record) = &entry.record {
                self.left = self.left.saturating_sub(1);
                return Some((number, &entry.name, record));
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<Name, Record, Alignment> ExactSizeIterator for Entries<'_, Name, Record, Alignment> {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::{String, ToString};

    impl Named for String {
        fn name(&self) -> &[u8] {
            self.as_bytes()
        }

        fn short(&self) -> Option<ShortName> {
            ShortName::of(self.as_bytes())
        }
    }

    #[test]
    fn numbers_are_dense_and_stable() {
        let mut table: Table<String, u8> = Table::default();
        for (number, name) in ["a", "b", "c"].into_iter().enumerate() {
            assert_eq!(
                table.insert(name.to_string(), 7),
                Some(u32::try_from(number).unwrap())
            );
        }
        assert_eq!(table.insert("b".to_string(), 8), None);
        assert_eq!(table.find(b"b"), Some(1));
        assert_eq!(table.find(b"B"), None);
        assert_eq!(table.get(1), Some((&"b".to_string(), &7)));
        assert_eq!(
            table.iter().map(|(number, ..)| number).collect::<Vec<_>>(),
            [0, 1, 2]
        );
    }

    impl Named for Vec<u8> {
        fn name(&self) -> &[u8] {
            self
        }

        fn short(&self) -> Option<ShortName> {
            ShortName::of(self)
        }
    }

    #[test]
    fn names_with_the_same_hash_are_different_names() {
        // The hash multiplies the first two words. The first one makes its factor zero.
        let first = 0x243f_6a88_85a3_08d3_u64.to_le_bytes();
        let name = |second: [u8; 8]| [first, second].concat();
        let (one, other) = (name(*b"the_one_"), name(*b"another_"));
        assert_eq!(hash(&one), hash(&other));
        let mut table: Table<Vec<u8>, u8> = Table::default();
        assert_eq!(table.insert(one.clone(), 1), Some(0));
        assert_eq!(table.find(&other), None);
        assert_eq!(table.insert(other.clone(), 2), Some(1));
        assert_eq!((table.find(&one), table.find(&other)), (Some(0), Some(1)));
    }

    #[test]
    fn a_table_is_full_only_where_numbers_would_run_out() {
        let mut table: Table<String, u8> = Table::default();
        assert!(!table.is_full(0xffff_fff7) && table.is_full(0xffff_fff8));
        table.insert("a".to_string(), 1);
        assert!(!table.is_full(0xffff_fff6) && table.is_full(0xffff_fff7));
    }

    #[test]
    fn a_number_is_never_given_twice() {
        let mut table: Table<String, u8> = Table::default();
        table.insert("a".to_string(), 1);
        table.insert("b".to_string(), 2);
        assert_eq!(table.take(b"a"), Some((0, 1)));
        assert_eq!(table.take(b"a"), None);
        assert_eq!((table.find(b"a"), table.get(0)), (None, None));
        assert_eq!(table.name(0), Some(&"a".to_string()));
        assert_eq!(table.insert("a".to_string(), 3), Some(2));
        assert_eq!(table.insert_hole("d".to_string()), Some(3));
        assert_eq!(
            (table.find(b"d"), table.name(3)),
            (None, Some(&"d".to_string()))
        );
        assert_eq!(
            table
                .iter()
                .map(|(number, _, record)| (number, *record))
                .collect::<Vec<_>>(),
            [(1, 2), (2, 3)]
        );
        assert_eq!((table.iter().len(), table.len()), (2, 2));
    }

    #[test]
    fn many_entries_are_found_again() {
        let mut table: Table<String, usize> = Table::default();
        for number in 0..5_000 {
            table.insert(format!("name{number}"), number);
        }
        for number in 0..5_000 {
            let found = table
                .find(format!("name{number}").as_bytes())
                .and_then(|found| table.get(found));
            assert_eq!(found.map(|(_, record)| *record), Some(number));
        }
    }
}
