//! Names in a query, as upstreams may read them.

use crate::path::hex_pair;
use crate::path::target_fault::TargetRule;

/// The most bytes of a skeleton that are kept. A longer one is not reserved: a
/// parameter name has at most 64 bytes, and an `s` may follow.
const LONGEST_SKELETON: usize = 127;

/// The number of words of [`Name::cuts`], which has one bit for every length of
/// a skeleton.
const CUT_WORDS: usize = LONGEST_SKELETON / 64 + 1;

/// Skeletons of parameters that change the method in some framework, whatever
/// surrounds them.
pub(crate) const METHOD_OVERRIDES: [&[u8]; 4] = [
    b"xhttpmethod",
    b"xhttpmethodoverride",
    b"xmethodoverride",
    b"xtunneledmethod",
];

/// A name, decoded until no `%` is left: its letters and digits in lower case,
/// and the positions of brackets and dots among them.
///
/// Some upstreams read a `+` as a blank. Neither is a letter, a digit, a bracket
/// or a dot, so the rules do not distinguish them.
pub(super) struct Name {
    skeleton: [u8; LONGEST_SKELETON],
    length: usize,
    /// The bit `n` is set if a `[`, `]` or `.` follows the first `n` letters and
    /// digits. Parsers end a name at one of them, drop it, or replace it by `_`:
    /// PHP reads `cust.id[0]` as `cust_id`.
    cuts: [u64; CUT_WORDS],
    first: Option<u8>,
}

impl Name {
    /// Decodes a name.
    ///
    /// # Errors
    ///
    /// The broken rule, and the offset of the byte in the name.
    pub(super) fn decode(written: &[u8]) -> Result<Self, (TargetRule<'static>, usize)> {
        let mut name = Self {
            skeleton: [0; LONGEST_SKELETON],
            length: 0,
            cuts: [0; CUT_WORDS],
            first: None,
        };
        let mut strange = None;
        decode_fully(written, |byte, place| {
            if !matches!(byte, b' '..=b'~') {
                strange = strange.or(Some((TargetRule::NameByte(byte), place)));
            }
            name.push(byte);
        })
        .map_err(|place| (TargetRule::Percent, place))?;
        strange.map_or(Ok(name), Err)
    }

    fn push(&mut self, byte: u8) {
        self.first = self.first.or(Some(byte));
        if matches!(byte, b'[' | b']' | b'.') {
            if let Some(word) = self.cuts.get_mut(self.length / 64) {
                *word |= 1 << (self.length % 64);
            }
        }
        if !byte.is_ascii_alphanumeric() {
            return;
        }
        // If it is too long to be reserved, only its length is kept.
        if let Some(free) = self.skeleton.get_mut(self.length) {
            *free = byte.to_ascii_lowercase();
        }
        self.length = self.length.saturating_add(1);
    }

    /// Whether it begins with a bracket. Some upstreams drop the bracket and take
    /// its content for the name.
    pub(super) fn begins_with_bracket(&self) -> bool {
        self.first == Some(b'[')
    }

    /// Whether some upstream could take it for an override of the method.
    pub(super) fn could_be_method(&self) -> bool {
        let is_letter = self.first.is_some_and(|first| first.is_ascii_alphabetic());
        self.is_like(|text| METHOD_OVERRIDES.contains(&text) || (text == b"method" && !is_letter))
    }

    /// Whether its skeleton is of this kind, or the part of it before some bracket
    /// or dot.
    pub(super) fn is_like(&self, is_of_the_kind: impl Fn(&[u8]) -> bool) -> bool {
        let of_the_kind = |length| self.skeleton.get(..length).is_some_and(&is_of_the_kind);
        of_the_kind(self.length) || self.cuts().any(of_the_kind)
    }

    fn cuts(&self) -> impl Iterator<Item = usize> {
        self.cuts.iter().enumerate().flat_map(|(number, word)| {
            let bits =
                core::iter::successors(Some(*word), |rest| Some(rest & rest.wrapping_sub(1)));
            bits.take_while(|rest| *rest != 0)
                .map(move |rest| number * 64 + rest.trailing_zeros() as usize)
        })
    }
}

/// The most bytes that can wait in [`decode_fully`]. Each waiting `%` was made by
/// an earlier round of decoding than the one before it, so their number is at
/// most the square root of the target's size.
const MOST_PENDING: usize = 256;

/// Decodes `%HH` until no `%` is left. Emits each byte with the offset at which
/// its encoding begins. A `%` without two digits, in any round, is malformed.
///
/// Running the rounds one after the other would be quadratic. Instead every byte
/// has the number of the round that made it, and a sequence is decoded as soon as
/// it is complete, if all of it existed in one round.
///
/// # Errors
///
/// The offset of the malformed sequence.
fn decode_fully(name: &[u8], mut emit: impl FnMut(u8, usize)) -> Result<(), usize> {
    let mut pending = [(0_u8, 0_u16); MOST_PENDING];
    let mut length = 0;
    let mut start = 0;
    for (place, byte) in name.iter().enumerate() {
        if length == 0 {
            start = place;
        }
        let mut next = (*byte, 0_u16);
        loop {
            let waiting = match pending.get(..length).ok_or(start)? {
                [.., (b'%', round)] => Some((*round, None)),
                [.., (b'%', round), (high, _)] => Some((*round, Some(*high))),
                _ => None,
            };
            match waiting {
                None if next.0 != b'%' => {
                    emit(next.0, start);
                    break;
                }
                // This round needs a digit that only a later round makes.
                Some((round, _)) if next.1 > round || (next.0 == b'%' && next.1 == round) => {
                    return Err(start);
                }
                Some((round, Some(high))) if next.0 != b'%' => {
                    next = (
                        hex_pair(high, next.0).ok_or(start)?,
                        round.saturating_add(1),
                    );
                    length -= 2;
                }
                _ => {
                    *pending.get_mut(length).ok_or(start)? = next;
                    length += 1;
                    break;
                }
            }
        }
    }
    if length == 0 { Ok(()) } else { Err(start) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::Malformed;
    use alloc::vec::Vec;
    use std::string::String;

    /// Round after round, as the rule is written.
    fn decode_in_rounds(name: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut text = name.to_vec();
        while text.contains(&b'%') {
            let mut next = Vec::new();
            let mut rest = &text[..];
            while let Some((byte, behind)) = rest.split_first() {
                if *byte == b'%' {
                    let [high, low, behind @ ..] = behind else {
                        return Err(Malformed);
                    };
                    next.push(hex_pair(*high, *low).ok_or(Malformed)?);
                    rest = behind;
                } else {
                    next.push(*byte);
                    rest = behind;
                }
            }
            text = next;
        }
        Ok(text)
    }

    fn decoded(name: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut out = Vec::new();
        decode_fully(name, |byte, _| out.push(byte))
            .map(|()| out)
            .map_err(|_| Malformed)
    }

    #[test]
    fn decoding_in_one_pass_is_decoding_in_rounds() {
        // Every text of up to seven of the bytes that matter.
        let alphabet = b"%25341x";
        let mut texts: Vec<Vec<u8>> = alloc::vec![Vec::new()];
        for _ in 0..7 {
            let longer: Vec<Vec<u8>> = texts
                .iter()
                .flat_map(|text| alphabet.iter().map(|byte| [&text[..], &[*byte]].concat()))
                .collect();
            for text in &longer {
                assert_eq!(
                    decoded(text),
                    decode_in_rounds(text),
                    "{}",
                    String::from_utf8_lossy(text)
                );
            }
            texts = longer;
        }
        for text in [
            "%25%32%35%34%31",
            "%25%25%34%31%34",
            "%252525252541b",
            "%2%35",
            "%%34%31",
        ] {
            assert_eq!(
                decoded(text.as_bytes()),
                decode_in_rounds(text.as_bytes()),
                "{text}"
            );
        }
    }

    #[test]
    fn the_deepest_encoding_that_fits_is_decoded() {
        let mut text = String::from("%");
        text.push_str(&"25".repeat(4000));
        text.push_str("41");
        assert_eq!(decoded(text.as_bytes()), Ok(b"A".to_vec()));
    }

    #[test]
    fn each_byte_is_handed_out_with_its_place() {
        let mut places = Vec::new();
        assert_eq!(
            decode_fully(b"a%41%2541+", |byte, place| places.push((byte, place))),
            Ok(())
        );
        assert_eq!(places, [(b'a', 0), (b'A', 1), (b'A', 4), (b'+', 9)]);
        for (name, place) in [(&b"ab%"[..], 2), (b"a%4", 1), (b"a%zz", 1), (b"ab%25%", 2)] {
            assert_eq!(decode_fully(name, |_, _| ()), Err(place));
        }
    }

    #[test]
    fn a_skeleton_stays_too_long() {
        let name = |length: usize| Name::decode("a".repeat(length).as_bytes()).ok().unwrap();
        for length in [1, 126, 127] {
            assert!(name(length).is_like(|skeleton| skeleton.len() == length));
        }
        assert!(!name(128).is_like(|_| true));
        let before = Name::decode(["ab[", &"a".repeat(300)].concat().as_bytes())
            .ok()
            .unwrap();
        assert!(before.is_like(|skeleton| skeleton == b"ab"));
    }
}
