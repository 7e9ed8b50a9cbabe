//! Canonical paths: reject, never repair.
//!
//! A path is authorised only if it is already in its one canonical spelling.
//! Nothing is decoded, merged or resolved before matching, so what is
//! authorised and what an upstream sees are the same bytes, and no later
//! transformation finds anything to act on. This file knows spelling; it knows
//! no catalogue.

use core::fmt;

use crate::id::is_name_byte;

/// The most bytes of a path.
pub(crate) const LONGEST_PATH: usize = 2048;
/// The most bytes of a segment, as written.
pub(crate) const LONGEST_SEGMENT: usize = 255;
/// The most segments of a path.
pub(crate) const MOST_SEGMENTS: usize = 32;

/// The text is not in canonical spelling.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Malformed;

/// The segments of a path, each checked as it is taken.
///
/// Checked here are the rules that hold whatever the catalogue says: origin
/// form, sizes, bytes, no empty segment, no `.` and no `..`. Only once all
/// segments were taken without a fault is the whole path known to be clean.
#[derive(Clone, Debug)]
pub(crate) struct Segments<'p> {
    /// What has not been taken yet; empty at the end, else begins with `/`.
    rest: &'p [u8],
    /// How many more segments there may be.
    room: usize,
}

impl<'p> Segments<'p> {
    /// The segments of a whole path.
    pub(crate) fn of(path: &'p [u8]) -> Result<Self, Malformed> {
        if path.is_empty() || path.len() > LONGEST_PATH {
            return Err(Malformed);
        }
        Ok(Self {
            rest: path,
            room: MOST_SEGMENTS,
        })
    }

    /// Takes the next segment; `None` at the end of the path.
    #[inline]
    fn take(&mut self) -> Result<Option<&'p [u8]>, Malformed> {
        let Some((first, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        if *first != b'/' || self.room == 0 {
            return Err(Malformed);
        }
        let mut length = 0;
        for byte in rest {
            if *byte == b'/' {
                break;
            }
            if !is_path_byte(*byte) {
                return Err(Malformed);
            }
            length += 1;
        }
        let (segment, rest) = rest.split_at_checked(length).ok_or(Malformed)?;
        if segment.is_empty() || length > LONGEST_SEGMENT || segment == b"." || segment == b".." {
            return Err(Malformed);
        }
        self.rest = rest;
        self.room -= 1;
        Ok(Some(segment))
    }

    /// Checks all of them.
    pub(crate) fn check(mut self) -> Result<(), Malformed> {
        while self.take()?.is_some() {}
        Ok(())
    }
}

/// Whether a byte may stand in a segment of a path.
const fn is_path_byte(byte: u8) -> bool {
    is_value_byte(byte) || byte == b'%'
}

/// Whether a byte may stand in the decoded value of a parameter.
const fn is_value_byte(byte: u8) -> bool {
    is_name_byte(byte) || matches!(byte, b'.' | b'~' | b':' | b'@' | b'=')
}

/// The value of `%HH`, given the two digits.
pub(crate) const fn hex_pair(high: u8, low: u8) -> Option<u8> {
    match (hex_digit(high), hex_digit(low)) {
        (Some(high), Some(low)) => Some(high << 4 | low),
        _ => None,
    }
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The value of one path parameter, decoded as it is read.
///
/// The value consists of `A-Z a-z 0-9 - _ . ~ : @ =`, begins with a letter,
/// digit, `-` or `_`, does not end with a dot and has no two dots in a row.
/// Compare it with `==`, print it, or iterate over its characters; nothing is
/// allocated.
#[derive(Clone, Copy)]
pub struct ParameterValue<'p> {
    written: &'p [u8],
}

impl<'p> ParameterValue<'p> {
    /// Checks a segment that stands where a template has a parameter.
    #[inline]
    pub(crate) fn of(segment: &'p [u8]) -> Result<Self, Malformed> {
        let value = Self { written: segment };
        let mut before = b'.';
        let mut bytes = segment;
        while let Some((byte, rest)) = bytes.split_first() {
            let (byte, rest) = match (byte, rest) {
                (b'%', [high, low, rest @ ..]) => match hex_pair(*high, *low) {
                    Some(byte) if byte != b'.' => (byte, rest),
                    _ => return Err(Malformed),
                },
                (byte, rest) => (*byte, rest),
            };
            let first_or_behind_a_dot = before == b'.';
            if !is_value_byte(byte) || (first_or_behind_a_dot && byte == b'.') {
                return Err(Malformed);
            }
            before = byte;
            bytes = rest;
        }
        let begins_well = value.bytes().next().is_some_and(is_name_byte);
        if begins_well && before != b'.' {
            Ok(value)
        } else {
            Err(Malformed)
        }
    }

    /// A value of a path that has been checked already.
    pub(crate) fn checked(segment: &'p [u8]) -> Self {
        Self { written: segment }
    }

    /// The decoded bytes, all ASCII.
    pub fn bytes(self) -> impl Iterator<Item = u8> + 'p {
        let mut bytes = self.written;
        core::iter::from_fn(move || {
            let (byte, rest) = bytes.split_first()?;
            if let (b'%', [high, low, behind @ ..]) = (byte, rest) {
                bytes = behind;
                return hex_pair(*high, *low);
            }
            bytes = rest;
            Some(*byte)
        })
    }

    /// The decoded characters.
    pub fn chars(self) -> impl Iterator<Item = char> + 'p {
        self.bytes().map(char::from)
    }

    /// The value without decoding, where it was written without `%`.
    pub fn as_str(self) -> Option<&'p str> {
        if self.written.contains(&b'%') {
            None
        } else {
            core::str::from_utf8(self.written).ok()
        }
    }
}

impl fmt::Display for ParameterValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.chars()
            .try_for_each(|character| formatter.write_char(character))
    }
}

impl fmt::Debug for ParameterValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{self}\"")
    }
}

impl PartialEq for ParameterValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl Eq for ParameterValue<'_> {}

impl PartialEq<str> for ParameterValue<'_> {
    fn eq(&self, other: &str) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl PartialEq<&str> for ParameterValue<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use std::string::{String, ToString};

    fn segments(path: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
        let mut all = Vec::new();
        let mut segments = Segments::of(path)?;
        while let Some(segment) = segments.take()? {
            all.push(segment);
        }
        Ok(all)
    }

    #[test]
    fn a_canonical_path_falls_into_its_segments() {
        assert_eq!(
            segments(b"/a/b-c_d/E~:@=%41.x").unwrap(),
            [&b"a"[..], b"b-c_d", b"E~:@=%41.x"]
        );
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let wrong: [&[u8]; 22] = [
            b"",
            b"a",
            b"/",
            b"//",
            b"/a/",
            b"/a//b",
            b"/.",
            b"/..",
            b"/a/./b",
            b"/a/../b",
            b"/a;b",
            b"/a\\b",
            b"/a b",
            b"/a+b",
            b"/a?b",
            b"/a#b",
            b"/a\0",
            b"/a*",
            b"/a,b",
            "/ä".as_bytes(),
            b"/\xff",
            b"http://host/a",
        ];
        for path in wrong {
            assert_eq!(
                segments(path),
                Err(Malformed),
                "{}",
                String::from_utf8_lossy(path)
            );
        }
    }

    #[test]
    fn only_these_bytes_may_stand_in_a_segment() {
        for byte in 0..=u8::MAX {
            let allowed = byte.is_ascii_alphanumeric() || b"-_.~:@=%/".contains(&byte);
            assert_eq!(
                segments(&[b'/', b'a', byte, b'b']).is_ok(),
                allowed,
                "{byte}"
            );
        }
    }

    #[test]
    fn sizes_have_both_ends() {
        let path = |count: usize, length: usize| ["/", &"a".repeat(length)].concat().repeat(count);
        assert!(segments(path(32, 1).as_bytes()).is_ok());
        assert!(segments(path(33, 1).as_bytes()).is_err());
        assert!(segments(path(1, 255).as_bytes()).is_ok());
        assert!(segments(path(1, 256).as_bytes()).is_err());
        assert!(segments(path(8, 255).as_bytes()).is_ok());
        assert!(segments((path(8, 255) + "/").as_bytes()).is_err());
        assert!(segments((path(7, 255) + &path(1, 254) + "/a").as_bytes()).is_err());
    }

    #[test]
    fn parameters_decode_once_into_the_safe_set() {
        let value =
            |text: &'static str| ParameterValue::of(text.as_bytes()).map(|value| value.to_string());
        assert_eq!(value("a%2Db").unwrap(), "a-b");
        assert_eq!(value("%61%5f").unwrap(), "a_");
        assert_eq!(value("a@b.example~:=").unwrap(), "a@b.example~:=");
        let wrong = [
            "%", "%4", "%4g", "a%2", "a%2E", "a%2e", "a%2Eb", "a%2Fb", "a%5C", "a%25", "a%2541",
            "a%00", "a%20", "a%7F", "a%C3%A4", "a.", "a..b", ".a", "~a", ":a", "@a", "=a", "%7Ea",
            "%3Aa", "a%3F", "a%23", "a%3B",
        ];
        for text in wrong {
            assert_eq!(value(text), Err(Malformed), "{text}");
        }
        let plain = ParameterValue::of(b"abc").unwrap();
        assert_eq!(plain.as_str(), Some("abc"));
        assert_eq!(plain, "abc");
        assert_eq!(ParameterValue::of(b"%61bc").unwrap(), plain);
        assert_eq!(std::format!("{plain:?}"), "\"abc\"");
        assert_ne!(ParameterValue::of(b"abd").unwrap(), plain);
        assert_ne!(plain, "abd");
        assert_ne!(plain, *"ab");
        assert_eq!(ParameterValue::of(b"%61bc").unwrap().as_str(), None);
    }
}
