//! Text, eight bytes at a time.
//!
//! In a router that reads one byte after the other, the processor mispredicts
//! the end of nearly every segment. With words of eight bytes, most segments
//! need no loop, and a literal is compared as two integers.

/// A word of eight equal bytes.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The highest bit of each byte.
const HIGH: u64 = each(0x80);

/// The first eight bytes of a text, the first in the lowest bits. A shorter
/// text is filled with zeros. `last` is the result of [`last`] for a text with
/// the same end.
#[inline]
pub(crate) fn load(text: &[u8], last: u64) -> u64 {
    match text.first_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        // In two steps, since a word cannot be shifted by 64 bits.
        None => last >> 8 >> (56 - 8 * text.len()),
    }
}

/// The last eight bytes of a text. A shorter text has zeros before it. With
/// this, [`load`] reads the end of a text without reading past it.
#[inline]
pub(crate) fn last(text: &[u8]) -> u64 {
    match text.last_chunk::<8>() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => short(text),
    }
}

/// [`last`] for a text of fewer than eight bytes.
#[cold]
fn short(text: &[u8]) -> u64 {
    text.iter()
        .fold(0, |word, byte| word >> 8 | u64::from(*byte) << 56)
}

/// The first `length` bytes of a word, and zeros in the other bytes.
#[inline]
pub(crate) const fn head(word: u64, length: usize) -> u64 {
    if length >= 8 {
        word
    } else {
        word & ((1 << (8 * length)) - 1)
    }
}

/// The index of the first `/` in a word; 8 if there is none.
#[inline]
pub(crate) const fn slash(word: u64) -> usize {
    let zero_where_slash = word ^ each(b'/');
    // The lowest marked byte is right. Marks above it may be carries.
    let marks = zero_where_slash.wrapping_sub(each(1)) & !zero_where_slash & HIGH;
    marks.trailing_zeros() as usize / 8
}

/// Whether the first `length` bytes are all lower-case letters, digits, `-` or
/// `_`: the bytes that no upstream folds, decodes or cuts at.
#[inline]
pub(crate) const fn is_plain(word: u64, length: usize) -> bool {
    // Bytes behind the end count as letters.
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

/// Marks the bytes from `low` to `high`. No byte of the word may have its
/// highest bit.
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
