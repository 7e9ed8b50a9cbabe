//! Text, eight bytes at a time.
//!
//! A router that looks at one byte after the other guesses wrong at the end of
//! nearly every segment. Words of eight bytes find the end of most segments
//! without a loop, and make a literal two integers to compare.

/// A byte in each of the eight places.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The highest bit of each byte.
const HIGH: u64 = each(0x80);

/// The first eight bytes of a text, the first in the lowest bits, with zeros
/// behind the end. `last` is the [`last`] of a text that ends where this one
/// does.
#[inline]
pub(crate) fn load(text: &[u8], last: u64) -> u64 {
    match text.first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        // In two steps, since a word cannot be shifted out at once.
        None => last >> 8 >> (56 - 8 * text.len()),
    }
}

/// The last eight bytes of a text, with zeros before its beginning: what the
/// end of the text is read from without looking behind it.
#[inline]
pub(crate) fn last(text: &[u8]) -> u64 {
    match text.last_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => short(text),
    }
}

/// As [`last`], for a text of fewer than eight bytes.
#[cold]
fn short(text: &[u8]) -> u64 {
    text.iter()
        .fold(0, |word, byte| word >> 8 | u64::from(*byte) << 56)
}

/// The first `length` bytes of a word, zeros in the other places.
#[inline]
pub(crate) const fn head(word: u64, length: usize) -> u64 {
    if length >= 8 {
        word
    } else {
        word & ((1 << (8 * length)) - 1)
    }
}

/// Where in a word the first `/` stands; 8 where there is none.
#[inline]
pub(crate) const fn slash(word: u64) -> usize {
    let zero_where_slash = word ^ each(b'/');
    // The lowest marked byte is exact; marks above it may be carries.
    let marks = zero_where_slash.wrapping_sub(each(1)) & !zero_where_slash & HIGH;
    marks.trailing_zeros() as usize / 8
}

/// Whether the first `length` bytes are all lower-case letters, digits, `-` or
/// `_`: the bytes that no upstream folds, decodes or cuts at.
#[inline]
pub(crate) const fn is_plain(word: u64, length: usize) -> bool {
    // A place behind the end counts as a letter.
    let word = head(word, length) | !head(u64::MAX, length) & each(b'a');
    if word & HIGH != 0 {
        return false;
    }
    let plain = within(word, b'a', b'z')
        | within(word, b'0', b'9')
        | within(word, b'-', b'-')
        | within(word, b'_', b'_');
    plain & HIGH == HIGH
}

/// Marks the bytes from `low` to `high` in a word without highest bits.
const fn within(word: u64, low: u8, high: u8) -> u64 {
    (word + each(0x80 - low)) & !(word + each(0x7f - high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_word_is_the_bytes_from_an_offset_on() {
        for length in 0..24_usize {
            let text: Vec<u8> = (1..=length).map(|byte| byte as u8).collect();
            for at in 0..=length {
                let mut eight = [0; 8];
                for (place, byte) in eight.iter_mut().zip(&text[at..]) {
                    *place = *byte;
                }
                // The end is found from any text that ends there.
                for before in 0..=at {
                    let read = load(&text[at..], last(&text[before..]));
                    assert_eq!(read, u64::from_le_bytes(eight), "{length} {at}");
                }
            }
        }
    }

    #[test]
    fn the_first_slash_is_found_beside_any_byte() {
        for byte in 0..=u8::MAX {
            for at in 0..=8_usize {
                let mut text = [byte; 8];
                if byte == b'/' {
                    text = [b'0'; 8];
                }
                if let Some(place) = text.get_mut(at) {
                    *place = b'/';
                }
                assert_eq!(slash(u64::from_le_bytes(text)), at, "{byte}");
            }
        }
        assert_eq!(slash(u64::from_le_bytes(*b"ab/c/d0/")), 2);
    }

    #[test]
    fn plain_bytes_are_told_from_all_others() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut text = *b"a-z_0zzz";
                text[at] = byte;
                let plain = byte.is_ascii_lowercase()
                    || byte.is_ascii_digit()
                    || byte == b'-'
                    || byte == b'_';
                for length in 0..=8 {
                    assert_eq!(
                        is_plain(u64::from_le_bytes(text), length),
                        plain || at >= length,
                        "{byte} {at}"
                    );
                }
            }
        }
    }
}
