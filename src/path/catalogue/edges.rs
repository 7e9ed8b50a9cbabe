//! The literals of the tree: how a segment is read, and where it leads.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use crate::path::LONGEST_SEGMENT;
use crate::path::word;

/// The number that means "none".
pub(super) const NONE: u32 = u32::MAX;

/// A segment as the walk reads it: its length, and its first sixteen bytes as
/// two words. If it is longer, the second word is mixed with all bytes that
/// follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    pub(super) length: usize,
    pub(super) words: [u64; 2],
}

impl Read {
    /// Reads the segment at the beginning of a text. `last` is the
    /// [`word::last`] of a text with the same end; `spread` is the multiplier
    /// of the table in which the segment is looked up.
    #[inline]
    pub(super) fn of(text: &[u8], last: u64, spread: u64) -> Self {
        let first = word::load(text, last);
        let length = word::slash(first).min(text.len());
        if length < 8 {
            return Self {
                length,
                words: [word::head(first, length), 0],
            };
        }
        let behind = text.get(8..).unwrap_or_default();
        let second = word::load(behind, last);
        let more = word::slash(second).min(behind.len());
        if more < 8 {
            return Self {
                length: 8 + more,
                words: [first, word::head(second, more)],
            };
        }
        let (length, rest) = end_of_long(text, spread);
        Self {
            length,
            words: [first, second ^ rest],
        }
    }

    /// Whether no upstream would read the segment in another way: it is neither
    /// empty nor too long, and all its bytes are plain.
    #[inline]
    pub(super) fn is_plain(self, text: &[u8]) -> bool {
        let [first, second] = self.words;
        match self.length {
            1..=8 => word::is_plain(first, self.length),
            9..=16 => word::is_plain(first, 8) && word::is_plain(second, self.length - 8),
            17..=LONGEST_SEGMENT => is_long_plain(segment(text, self.length)),
            _ => false,
        }
    }
}

/// The segment of this length at the beginning of a text.
pub(super) fn segment(text: &[u8], length: usize) -> &[u8] {
    text.get(..length).unwrap_or_default()
}

/// The length of a segment of sixteen bytes or more, and a mix of the bytes
/// after the sixteenth. Without it, literals with the same beginning would all
/// have the same home.
#[inline(never)]
fn end_of_long(text: &[u8], spread: u64) -> (usize, u64) {
    let last = word::last(text);
    let (mut length, mut mix) = (16, 0_u64);
    while let Some(rest) = text.get(length..).filter(|rest| !rest.is_empty()) {
        let read = word::load(rest, last);
        let more = word::slash(read).min(rest.len());
        if more > 0 {
            mix = (mix ^ word::head(read, more))
                .wrapping_mul(spread)
                .rotate_left(29);
        }
        length += more;
        if more < 8 {
            break;
        }
    }
    (length, mix)
}

/// Whether all bytes of a segment of more than sixteen bytes are plain.
#[inline(never)]
fn is_long_plain(text: &[u8]) -> bool {
    text.chunks(8).fold(true, |plain, chunk| {
        plain & word::is_plain(word::load(chunk, word::last(chunk)), chunk.len())
    })
}

/// A literal that leads on from a state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    words: [u64; 2],
    from: u32,
    to: u32,
    length: u32,
    /// Where this literal begins in the text of long literals.
    long: u32,
}

/// A free slot in the table of edges: no segment leads on from "none".
const FREE: Edge = Edge {
    words: [0; 2],
    from: NONE,
    to: NONE,
    length: 0,
    long: 0,
};

/// All literals of the automaton, hashed together with the state that they lead
/// on from.
///
/// Open addressing with at least half of the table free. Only the policy fills
/// the table. A look-up takes at most as many steps as the longest run of the
/// table.
///
/// # Crafted literals
///
/// If all literals of a policy had the same home, every look-up would have to
/// pass them. So the multiplier of the hash is not a constant. Several
/// multipliers are derived from a digest of the literals, which nobody can
/// predict, and the one with the shortest run is used. The same document always
/// gives the same table.
#[derive(Debug)]
pub(super) struct Edges {
    table: Box<[Edge]>,
    /// The multiplier of the hash.
    spread: u64,
    /// The bits of a hash that are not used.
    shift: u32,
    /// The number of slots in which an edge may be.
    probes: usize,
    /// The text of literals of more than sixteen bytes.
    long: Box<[u8]>,
}

/// The most literals to hash when the multiplier is chosen, in all attempts
/// together. It bounds the time.
const MOST_TRIED: usize = 1 << 17;

/// A run that is short enough.
const SHORT: usize = 2;

impl Edges {
    pub(super) fn new(edges: &[(u32, &str, u32)]) -> Self {
        let size = (edges.len() * 2).next_power_of_two().max(2);
        let shift = 64 - size.trailing_zeros();
        let spread = chosen_spread(edges, size, shift);
        let mut made = Self {
            table: vec![FREE; size].into(),
            spread,
            shift,
            probes: 0,
            long: Box::default(),
        };
        let mut long = Vec::new();
        for (from, literal, to) in edges {
            let read = Read::of(literal.as_bytes(), word::last(literal.as_bytes()), spread);
            // INVARIANT: numbers fit, because a document has at most one MiB.
            let edge = Edge {
                words: read.words,
                from: *from,
                to: *to,
                length: u32::try_from(read.length).unwrap_or(NONE),
                long: u32::try_from(long.len()).unwrap_or(NONE),
            };
            if read.length > 16 {
                long.extend_from_slice(literal.as_bytes());
            }
            let home = made.home(*from, read.words);
            for distance in 0..size {
                let place = made.table.get_mut(home.wrapping_add(distance) & (size - 1));
                if let Some(free) = place.filter(|edge| edge.from == NONE) {
                    *free = edge;
                    made.probes = made.probes.max(distance + 1);
                    break;
                }
            }
        }
        made.long = long.into();
        made
    }

    /// The multiplier of the hash, for [`Read::of`].
    #[inline]
    pub(super) const fn spread(&self) -> u64 {
        self.spread
    }

    /// The longest run: the most slots that a look-up reads.
    #[cfg(test)]
    pub(super) const fn probes(&self) -> usize {
        self.probes
    }

    #[inline]
    fn home(&self, from: u32, words: [u64; 2]) -> usize {
        home(from, words, self.spread, self.shift)
    }

    /// Where the segment at the beginning of a text leads from a state, if it
    /// is a literal there.
    #[inline]
    pub(super) fn follow(&self, from: u32, read: Read, text: &[u8]) -> Option<u32> {
        let home = self.home(from, read.words);
        for distance in 0..self.probes {
            let edge = self
                .table
                .get(home.wrapping_add(distance) & (self.table.len() - 1))?;
            if edge.from == from && edge.words == read.words && edge.length as usize == read.length
            {
                if read.length <= 16 || self.is_long(edge, text) {
                    return Some(edge.to);
                }
            } else if edge.from == NONE {
                return None;
            }
        }
        None
    }

    /// Whether a text begins with the long literal of an edge.
    #[inline(never)]
    fn is_long(&self, edge: &Edge, text: &[u8]) -> bool {
        let (start, length) = (edge.long as usize, edge.length as usize);
        let literal = self.long.get(start..start + length);
        literal.is_some() && literal == text.get(..length)
    }
}

/// The slot in which a literal is looked up first.
#[inline]
pub(super) fn home(from: u32, [first, second]: [u64; 2], spread: u64, shift: u32) -> usize {
    let place = u64::from(from).wrapping_mul(spread);
    let mixed = (first ^ place).wrapping_mul(spread) ^ second;
    let home = mixed.wrapping_mul(spread) >> shift;
    // The table has fewer slots than a word has values. Beyond them the look-up
    // finds nothing.
    usize::try_from(home).unwrap_or(usize::MAX)
}

/// A number derived from some texts, in their order. Nobody can write texts for
/// a given number.
fn number_of<'t>(texts: impl Iterator<Item = &'t [u8]>) -> u64 {
    let mut hasher = Sha256::new_with_prefix("portcullis number 1\n");
    for text in texts {
        hasher.update(text.len().to_le_bytes());
        hasher.update(text);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    digest
        .first_chunk()
        .map_or(0, |first| u64::from_le_bytes(*first))
}

/// Of some multipliers derived from the literals, the one whose longest run is
/// the shortest.
fn chosen_spread(edges: &[(u32, &str, u32)], size: usize, shift: u32) -> u64 {
    let drawn = number_of(edges.iter().map(|(_, literal, _)| literal.as_bytes()));
    let attempts = (MOST_TRIED / edges.len().max(1)).clamp(4, 64);
    let mut best = (usize::MAX, drawn | 1);
    for attempt in (0_u64..).take(attempts) {
        let spread = mixed(drawn.wrapping_add(attempt)) | 1;
        let run = longest_run(edges, spread, size, shift);
        if run < best.0 {
            best = (run, spread);
        }
        if run <= SHORT {
            break;
        }
    }
    best.1
}

/// The longest run that a table of these literals would have.
fn longest_run(edges: &[(u32, &str, u32)], spread: u64, size: usize, shift: u32) -> usize {
    let mut taken = vec![false; size];
    let mut longest = 0;
    for (from, literal, _) in edges {
        let read = Read::of(literal.as_bytes(), word::last(literal.as_bytes()), spread);
        let home = home(*from, read.words, spread, shift);
        for distance in 0..size {
            let place = taken.get_mut(home.wrapping_add(distance) & (size - 1));
            if let Some(place) = place.filter(|taken| !**taken) {
                *place = true;
                longest = longest.max(distance + 1);
                break;
            }
        }
    }
    longest
}

/// A number that looks random, from one that may be near another (`SplitMix64`).
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another long segment can be read as the same length and the same two words.
    #[test]
    fn a_long_segment_is_compared_with_the_whole_literal() {
        let literal = "aaaaaaaabbbbbbbbcccccccc";
        let edges = Edges::new(&[(0, literal, 1)]);
        let spread = edges.spread();
        let read = |text: &[u8]| Read::of(text, word::last(text), spread);
        let literal = literal.as_bytes();
        let (_, mix) = end_of_long(literal, spread);
        for end in [b"dddddddd", b"eeeeeeee"] {
            let mut other = literal.to_vec();
            other[16..].copy_from_slice(end);
            let (_, other_mix) = end_of_long(&other, spread);
            let second = u64::from_le_bytes(*b"bbbbbbbb") ^ mix ^ other_mix;
            other[8..16].copy_from_slice(&second.to_le_bytes());
            let (own, same) = (read(&other), read(literal));
            assert_eq!((own.length, own.words), (same.length, same.words));
            assert_eq!(edges.follow(0, own, &other), None);
        }
        assert_eq!(edges.follow(0, read(literal), literal), Some(1));
    }
}
