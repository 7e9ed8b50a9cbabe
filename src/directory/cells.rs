//! The part of a key that changes under `&self`: whether it is revoked or
//! purged, and when it was last used.
//!
//! Cells are stored in chunks. A directory and its successor share the chunks,
//! so a key has one cell however many directories know it, and a key that is
//! revoked in one of them is revoked in all.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::key::KeyState;
use crate::time::UnixSeconds;

/// The number of cells in a chunk of 4 KiB.
const CHUNK: usize = 256;

/// The most cells. Their numbers have 28 bits, so that four bits of a word are
/// free for other facts about a key.
pub(super) const MOST_CELLS: u32 = 1 << 28;

/// The most chunks.
const MOST_CHUNKS: usize = MOST_CELLS as usize / CHUNK;

/// The changing part of one key. Not `Clone`, like a state.
#[derive(Debug)]
pub(super) struct KeyCell {
    pub(super) state: KeyState,
    /// Zero for never, otherwise one more than the instant.
    accessed: AtomicU64,
}

impl KeyCell {
    const fn new() -> Self {
        Self {
            state: KeyState::active(),
            accessed: AtomicU64::new(0),
        }
    }

    /// Records that the key was used. The latest instant is kept. `u64::MAX` is
    /// recorded as the instant before it.
    ///
    /// Of many requests with one key in a second, only the first writes. A line
    /// of memory that is not written can be in the caches of all threads.
    pub(super) fn access(&self, at: UnixSeconds) {
        let new = at.get().saturating_add(1);
        if self.accessed.load(Ordering::Acquire) < new {
            self.accessed.fetch_max(new, Ordering::AcqRel);
        }
    }

    /// Joins another cell of the same key.
    pub(super) fn join(&self, other: &Self) {
        if let Some(at) = other.state.revoked_at() {
            self.state.revoke(at);
        }
        if let Some(at) = other.last_access() {
            self.access(at);
        }
    }

    /// When the key was last used, if it was.
    pub(super) fn last_access(&self) -> Option<UnixSeconds> {
        self.accessed
            .load(Ordering::Acquire)
            .checked_sub(1)
            .map(UnixSeconds::new)
    }
}

#[derive(Debug)]
struct Chunk {
    /// How many cells were requested, even if there was none left.
    given: AtomicUsize,
    /// One bit for each cell; set if its key was purged.
    purged: [AtomicU64; CHUNK / 64],
    cells: [KeyCell; CHUNK],
}

/// Cells by number.
#[derive(Debug, Default)]
pub(super) struct Cells {
    chunks: Vec<Arc<Chunk>>,
}

impl Cells {
    /// The same cells, for another directory that shares the chunks. Cells that
    /// either adds later are its own.
    pub(super) fn share(&self) -> Self {
        Self {
            chunks: self.chunks.clone(),
        }
    }

    /// Whether another directory shares some of the chunks.
    pub(super) fn is_shared(&self) -> bool {
        self.chunks.iter().any(|chunk| Arc::strong_count(chunk) > 1)
    }

    /// Whether so many more cells would be too many.
    pub(super) fn is_full(&self, more: usize) -> bool {
        self.chunks.len().saturating_add(more.div_ceil(CHUNK)) >= MOST_CHUNKS
    }

    /// A new cell, by its number: an active key, never used.
    pub(super) fn add(&mut self) -> Option<u32> {
        // The last chunk may be shared. The cell belongs to the directory that
        // increments the count first.
        if let Some(chunk) = self.chunks.last() {
            let given = chunk.given.fetch_add(1, Ordering::Relaxed);
            if given < CHUNK {
                return u32::try_from((self.chunks.len() - 1) * CHUNK + given).ok();
            }
            chunk.given.store(CHUNK, Ordering::Relaxed);
        }
        if self.is_full(1) {
            return None;
        }
        let number = u32::try_from(self.chunks.len() * CHUNK).ok()?;
        let cells = [const { KeyCell::new() }; CHUNK];
        self.chunks.push(Arc::new(Chunk {
            given: AtomicUsize::new(1),
            purged: [const { AtomicU64::new(0) }; CHUNK / 64],
            cells,
        }));
        Some(number)
    }

    /// Marks the key of a cell as purged. This also revokes it, because another
    /// directory that shares the chunk may still list it. Returns `true` to
    /// exactly one of all callers, now or later.
    pub(super) fn purge(&self, number: u32) -> bool {
        if let Some(cell) = self.get(number) {
            cell.state.revoke(UnixSeconds::new(u64::MAX));
        }
        let (word, bit) = purged_bit(number);
        self.chunks
            .get(number as usize / CHUNK)
            .and_then(|chunk| chunk.purged.get(word))
            .is_some_and(|word| word.fetch_or(bit, Ordering::AcqRel) & bit == 0)
    }

    /// Whether the key of a cell was purged, in any directory that shares the
    /// chunk.
    pub(super) fn is_purged(&self, number: u32) -> bool {
        let (word, bit) = purged_bit(number);
        self.chunks
            .get(number as usize / CHUNK)
            .and_then(|chunk| chunk.purged.get(word))
            .is_some_and(|word| word.load(Ordering::Acquire) & bit != 0)
    }

    /// The cell of this number.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&KeyCell> {
        let number = number as usize;
        self.chunks.get(number / CHUNK)?.cells.get(number % CHUNK)
    }
}

/// The word of a chunk and the bit in it for whether a key was purged.
const fn purged_bit(number: u32) -> (usize, u64) {
    let place = number as usize % CHUNK;
    (place / 64, 1 << (place % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purge_is_one_for_all_hands_and_concerns_one_cell() {
        let mut one = Cells::default();
        for _ in 0..600 {
            one.add().unwrap();
        }
        let two = one.share();
        for number in [0, 1, 63, 64, 255, 256, 599] {
            assert!(!two.is_purged(number));
            assert!(one.purge(number) && !two.purge(number), "{number}");
            assert!(two.is_purged(number) && two.get(number).unwrap().state.is_revoked());
        }
        let purged = (0..700).filter(|number| two.is_purged(*number));
        assert_eq!(purged.collect::<Vec<_>>(), [0, 1, 63, 64, 255, 256, 599]);
        assert!(!one.purge(9_999), "there is no such cell");
    }

    #[test]
    fn there_are_as_many_cells_as_28_bits_number_but_for_a_chunk() {
        let mut cells = Cells::default();
        let most = MOST_CELLS as usize;
        assert!(cells.is_full(most) && cells.is_full(most - CHUNK + 1));
        assert!(!cells.is_full(most - CHUNK));
        cells.add().unwrap();
        assert!(cells.is_full(most - CHUNK));
        assert!(cells.get(MOST_CELLS - 1).is_none());
    }

    #[test]
    fn two_hands_are_never_given_one_cell() {
        let mut one = Cells::default();
        for number in 0..300 {
            assert_eq!(one.add(), Some(number));
        }
        let mut two = one.share();
        assert!(one.is_shared());
        let mut ours: Vec<*const KeyCell> = Vec::new();
        for _ in 0..300 {
            for hand in [&mut one, &mut two] {
                let number = hand.add().unwrap();
                let cell = hand.get(number).unwrap();
                assert!(!ours.contains(&core::ptr::from_ref(cell)));
                ours.push(cell);
            }
        }
    }

    #[test]
    fn a_shared_cell_is_one_cell() {
        let mut one = Cells::default();
        let number = one.add().unwrap();
        let two = one.share();
        one.get(number).unwrap().state.revoke(UnixSeconds::new(7));
        two.get(number).unwrap().access(UnixSeconds::new(9));
        assert!(two.get(number).unwrap().state.is_revoked());
        assert_eq!(
            one.get(number).unwrap().last_access(),
            Some(UnixSeconds::new(9))
        );
    }

    #[test]
    fn the_latest_access_is_kept_at_both_ends_of_time() {
        let cell = KeyCell::new();
        assert_eq!(cell.last_access(), None);
        for (at, kept) in [
            (0, 0),
            (5, 5),
            (3, 5),
            (u64::MAX, u64::MAX - 1),
            (9, u64::MAX - 1),
        ] {
            cell.access(UnixSeconds::new(at));
            assert_eq!(cell.last_access(), Some(UnixSeconds::new(kept)));
        }
    }
}
