//! Names of at most 32 bytes, as integers.

/// The most bytes of a short name. The 32 hexadecimal digits of many vendors
/// fit.
pub(crate) const LONGEST: usize = 32;

/// A short name as integers: its bytes, eight to a word, filled with zeros, and
/// their number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShortName {
    pub(crate) words: [u64; 4],
    pub(crate) length: u32,
}

impl PartialEq for ShortName {
    // Word by word: the words were just computed. To read two of them at once,
    // a processor would wait until they are in memory.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.words.iter().zip(&other.words);
        let differ = pairs.fold(0, |differ, (own, other)| differ | (own ^ other));
        differ == 0 && self.length == other.length
    }
}

impl Eq for ShortName {}

impl ShortName {
    /// Not the name of any text.
    pub(crate) const NONE: Self = Self {
        words: [0; 4],
        length: u32::MAX,
    };

    /// The text as a short name. `None` if it is too long.
    #[inline]
    pub(crate) fn of(text: &[u8]) -> Option<Self> {
        let mut rest = text;
        if rest.len() > LONGEST {
            return None;
        }
        let length = u32::try_from(rest.len()).ok()?;
        let last = last(rest);
        let words = [(); 4].map(|()| {
            if let Some((eight, behind)) = rest.split_first_chunk::<8>() {
                rest = behind;
                u64::from_le_bytes(*eight)
            } else {
                // In two steps, since a word cannot be shifted by 64 bits.
                let word = last >> 8 >> (56 - 8 * rest.len());
                rest = &[];
                word
            }
        });
        Some(Self { words, length })
    }

    /// The name of the first `length` bytes, which are followed by zeros.
    /// `None` if it is too long.
    #[inline]
    pub(crate) fn padded(bytes: &[u8; LONGEST], length: u8) -> Option<Self> {
        if usize::from(length) > LONGEST {
            return None;
        }
        let length = u32::from(length);
        let mut rest = bytes.as_slice();
        let words = [(); 4].map(|()| {
            // INVARIANT: there are four times eight bytes.
            let Some((eight, behind)) = rest.split_first_chunk::<8>() else {
                return 0;
            };
            rest = behind;
            u64::from_le_bytes(*eight)
        });
        Some(Self { words, length })
    }

    /// A number that most likely differs for other names.
    #[inline]
    pub(crate) fn hash(self) -> u64 {
        let [first, second, third, fourth] = self.words;
        let begin = folded(first ^ SEEDS[0], second ^ SEEDS[1]);
        let end = folded(third ^ SEEDS[2], fourth ^ SEEDS[3]);
        begin ^ end
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
const SEEDS: [u64; 4] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7345,
    0xa409_3822_299f_31d1,
    0x082e_fa98_ec4e_6c89,
];

/// Both halves of a product, as one word.
#[inline]
fn folded(left: u64, right: u64) -> u64 {
    let product = u128::from(left).wrapping_mul(u128::from(right));
    (product >> 64) as u64 ^ (product & 0xffff_ffff_ffff_ffff) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn every_text_up_to_32_bytes_is_another_name() {
        let mut seen = std::collections::BTreeSet::new();
        for length in 0..=32 {
            let text: String = ('0'..).take(length).collect();
            let padded = [text.as_str(), "\0"].concat();
            let texts = [Some(text.clone()), Some(padded).filter(|_| length < 32)];
            for text in texts.into_iter().flatten() {
                let name = ShortName::of(text.as_bytes()).unwrap();
                let bytes = name.words.map(u64::to_le_bytes).concat();
                assert_eq!(&bytes[..text.len()], text.as_bytes());
                assert!(bytes[text.len()..].iter().all(|byte| *byte == 0));
                assert!(seen.insert((name.words, name.length)), "{text:?}");
                let mut padded = [0; LONGEST];
                padded[..text.len()].copy_from_slice(text.as_bytes());
                let length = u8::try_from(text.len()).unwrap();
                assert_eq!(ShortName::padded(&padded, length), Some(name));
            }
        }
        assert_eq!(ShortName::of(&[b'a'; 33]), None);
        assert_eq!(ShortName::padded(&[b'a'; LONGEST], 33), None);
    }
}
