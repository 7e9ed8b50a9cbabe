//! Canonical paths: reject, never repair.
//!
//! A path is authorised only in its one canonical spelling. Nothing is decoded,
//! merged or resolved before matching. So an upstream sees the same bytes that
//! were authorised, and later transformations have nothing to change. This file
//! checks the spelling, without a catalogue.

pub(crate) mod automaton;
pub(crate) mod catalogue;
pub(crate) mod endpoint;
pub(crate) mod target;
pub(crate) mod target_fault;
pub(crate) mod template;
pub(crate) mod tenant_parameter;
mod word;

use core::fmt;

use crate::id::is_name_byte;
use crate::path::target_fault::MOST_SEGMENTS;

pub use crate::path::endpoint::{CatalogueEntry, Endpoint, Parameters, TenantMode};
pub use crate::path::target::{DEFAULT_TENANT_PARAMETER, Target};
pub(crate) use crate::path::target_fault::{LONGEST_PATH, LONGEST_SEGMENT};
pub use crate::path::target_fault::{TargetFault, TargetPlace, TargetRule};
pub use crate::path::template::error::ParseTemplateError;
pub use crate::path::template::{Parameter, ParameterKind, Segment, Template};
pub use crate::path::tenant_parameter::TenantParameter;

/// The text is not in canonical spelling.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Malformed;

/// A segment and its position in the path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed<'p> {
    /// Its number, counted from 1.
    pub(crate) number: usize,
    /// The offset in the path at which it begins.
    pub(crate) offset: usize,
    /// Its bytes, as written.
    pub(crate) written: &'p [u8],
}

impl<'p> Placed<'p> {
    /// The fault if the byte at this offset in the segment breaks a rule.
    pub(crate) fn fault<'f>(self, rule: TargetRule<'f>, at: usize) -> TargetFault<'f>
    where
        'p: 'f,
    {
        TargetFault {
            rule,
            place: TargetPlace::Segment {
                number: self.number,
                written: self.written,
            },
            offset: self.offset.saturating_add(at),
        }
    }
}

/// The segments of a path that begins with `/`.
pub(crate) fn segments(path: &[u8]) -> impl Iterator<Item = Placed<'_>> {
    let mut offset = 0;
    let numbered = path.split(|byte| *byte == b'/').enumerate();
    let placed = numbered.map(move |(number, written)| {
        let placed = Placed {
            number,
            offset,
            written,
        };
        offset += written.len() + 1;
        placed
    });
    placed.skip(1)
}

/// Checks the rules that do not depend on the catalogue: origin form, sizes,
/// bytes, no empty segment, no `.` and no `..`, encoded or not. A final `/` is
/// ignored if `may_end_in_slash`.
///
/// # Errors
///
/// The first broken rule. The size of the whole is checked first.
pub(crate) fn check(path: &[u8], may_end_in_slash: bool) -> Result<(), TargetFault<'_>> {
    let whole = |rule, offset| TargetFault {
        rule,
        place: TargetPlace::Target,
        offset,
    };
    if path.first() != Some(&b'/') {
        return Err(whole(TargetRule::OriginForm, 0));
    }
    if path.len() > LONGEST_PATH {
        return Err(whole(TargetRule::PathTooLong, LONGEST_PATH));
    }
    let inner = path.strip_suffix(b"/").filter(|_| may_end_in_slash);
    // The path `/` has no segment then.
    let inner = inner.unwrap_or(path);
    for segment in segments(inner) {
        let wrong = segment.written.iter().position(|byte| !is_path_byte(*byte));
        if let Some((at, byte)) = wrong.and_then(|at| Some((at, *segment.written.get(at)?))) {
            return Err(segment.fault(path_byte(byte), at));
        }
        let rule = match segment.written {
            b"" => TargetRule::EmptySegment,
            dots if is_dots(dots) => TargetRule::DotSegment,
            long if long.len() > LONGEST_SEGMENT => TargetRule::SegmentTooLong,
            _ if segment.number > MOST_SEGMENTS => TargetRule::TooManySegments,
            _ => continue,
        };
        return Err(segment.fault(rule, 0));
    }
    Ok(())
}

/// The rule that refuses a byte in a path.
const fn path_byte(byte: u8) -> TargetRule<'static> {
    match byte {
        b'#' => TargetRule::Fragment,
        b'?' => TargetRule::QuestionMark,
        other => TargetRule::PathByte(other),
    }
}

/// Whether a segment is `.` or `..`, encoded or not.
fn is_dots(segment: &[u8]) -> bool {
    let mut rest = segment;
    for _ in 0..2 {
        rest = match rest {
            [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
            _ => return false,
        };
        if rest.is_empty() {
            return true;
        }
    }
    false
}

/// Whether a byte is allowed in a segment of a path.
const fn is_path_byte(byte: u8) -> bool {
    is_value_byte(byte) || matches!(byte, b'*' | b'\'' | b'(' | b')' | b'&' | b'%')
}

/// Whether a byte is allowed in the decoded value of a plain parameter.
const fn is_value_byte(byte: u8) -> bool {
    is_name_byte(byte)
        || matches!(
            byte,
            b'.' | b'~' | b':' | b'@' | b'=' | b'+' | b'$' | b',' | b'!'
        )
}

/// Whether a byte is allowed in the decoded value of a text parameter.
const fn is_text_byte(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
        && !matches!(
            byte,
            b'/' | b'\\'
                | b'%'
                | b'?'
                | b'#'
                | b';'
                | b'"'
                | b'<'
                | b'>'
                | b'^'
                | b'{'
                | b'|'
                | b'}'
                | b'`'
        )
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

/// Checks a segment, or the part between two fixed parts, as the value of a
/// parameter.
///
/// # Errors
///
/// The broken rule, and the offset of the byte.
pub(crate) fn check_value(
    kind: ParameterKind,
    value: &[u8],
) -> Result<(), (TargetRule<'static>, usize)> {
    let mut before = None;
    let mut bytes = value;
    while let Some((byte, rest)) = bytes.split_first() {
        let fault = |rule| Err((rule, value.len() - bytes.len()));
        let (byte, rest) = match (byte, rest) {
            (b'%', [high, low, rest @ ..]) => match hex_pair(*high, *low) {
                Some(b'.') => return fault(TargetRule::EncodedDot),
                Some(byte) => (byte, rest),
                None => return fault(TargetRule::Percent),
            },
            (b'%', _) => return fault(TargetRule::Percent),
            (byte, _) if !is_path_byte(*byte) => return fault(path_byte(*byte)),
            (byte, rest) => (*byte, rest),
        };
        match kind {
            ParameterKind::Plain if !is_value_byte(byte) => {
                return fault(TargetRule::ValueByte(byte));
            }
            ParameterKind::Text if !is_text_byte(byte) => {
                return fault(TargetRule::TextByte(byte));
            }
            ParameterKind::Plain if before.is_none() && !is_name_byte(byte) => {
                return fault(TargetRule::ValueStart(byte));
            }
            ParameterKind::Text if before.is_none() && byte == b' ' => {
                return fault(TargetRule::ValueBlank);
            }
            ParameterKind::Plain | ParameterKind::Text => {}
        }
        if before == Some(b'.') && byte == b'.' {
            return fault(TargetRule::ValueDots);
        }
        before = Some(byte);
        bytes = rest;
    }
    match before {
        None => Err((TargetRule::EmptySegment, 0)),
        Some(b'.') => Err((TargetRule::ValueEnd, value.len() - 1)),
        Some(b' ') => Err((TargetRule::ValueBlank, value.len().saturating_sub(3))),
        Some(_) => Ok(()),
    }
}

/// The bytes of a text, each `%HH` decoded once. Ends at a `%` without digits.
pub(crate) fn decoded(mut bytes: &[u8]) -> impl Iterator<Item = u8> + Clone + '_ {
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

/// The value of one path parameter. It is decoded when it is read.
///
/// A plain value consists of `A-Z a-z 0-9 - _ . ~ : @ = + $ , !` and begins
/// with a letter, digit, `-` or `_`. A text value consists of printable ASCII
/// and blanks without `/ \ % ? # ; " < > ^ { | }` and the backtick, with no
/// blank at either end. Neither ends with a dot or has two dots in a row. The
/// value of a tail is one such value or more, with `/` between.
///
/// Compare it with `==`, print it, or iterate over its characters. Nothing is
/// allocated.
#[derive(Clone, Copy)]
pub struct ParameterValue<'p> {
    written: &'p [u8],
}

impl<'p> ParameterValue<'p> {
    /// A value of a path that has been checked already.
    pub(crate) fn checked(segment: &'p [u8]) -> Self {
        Self { written: segment }
    }

    /// The value as it is written.
    pub(crate) const fn written(self) -> &'p [u8] {
        self.written
    }

    /// The decoded bytes, all ASCII.
    pub fn bytes(self) -> impl Iterator<Item = u8> + 'p {
        decoded(self.written)
    }

    /// The decoded characters.
    pub fn chars(self) -> impl Iterator<Item = char> + 'p {
        self.bytes().map(char::from)
    }

    /// The value, if it was written without `%`.
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
        check(path, false).map_err(|_| Malformed)?;
        Ok(super::segments(path)
            .map(|segment| segment.written)
            .collect())
    }

    #[test]
    fn a_canonical_path_falls_into_its_segments() {
        assert_eq!(
            segments(b"/a/b-c_d/E~:@=%41.x/+$,!*'()&").unwrap(),
            [&b"a"[..], b"b-c_d", b"E~:@=%41.x", b"+$,!*'()&"]
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
            b"/a/%2e%2E/b",
            b"/a/.%2e",
            b"/a?b",
            b"/a#b",
            b"/a\0",
            b"/a[b",
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
            let allowed = byte.is_ascii_alphanumeric() || b"-_.~:@=%/+$,!*'()&".contains(&byte);
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
        let value = |text: &'static str| match check_value(ParameterKind::Plain, text.as_bytes()) {
            Ok(()) => Ok(ParameterValue::checked(text.as_bytes()).to_string()),
            Err(_) => Err(Malformed),
        };
        assert_eq!(value("a%2Db").unwrap(), "a-b");
        assert_eq!(value("%61%5f").unwrap(), "a_");
        assert_eq!(value("a@b.example~:=+$,!").unwrap(), "a@b.example~:=+$,!");
        let wrong = [
            "", "%", "%4", "%4g", "a%2", "a%2E", "a%2e", "a%2Eb", "a%2Fb", "a%5C", "a%25",
            "a%2541", "a%00", "a%20", "a%7F", "a%C3%A4", "a.", "a..b", ".a", "~a", ":a", "@a",
            "=a", "%7Ea", "%3Aa", "a%3F", "a%23", "a%3B", "a*", "a(b)", "a'b", "a&b", "+a",
        ];
        for text in wrong {
            assert_eq!(value(text), Err(Malformed), "{text}");
        }
        let plain = ParameterValue::checked(b"abc");
        assert_eq!(plain.as_str(), Some("abc"));
        assert_eq!(plain, "abc");
        assert_eq!(ParameterValue::checked(b"%61bc"), plain);
        assert_eq!(std::format!("{plain:?}"), "\"abc\"");
        assert_ne!(ParameterValue::checked(b"abd"), plain);
        assert_ne!(plain, "abd");
        assert_ne!(plain, *"ab");
        assert_eq!(ParameterValue::checked(b"%61bc").as_str(), None);
    }

    #[test]
    fn text_takes_more_and_not_what_servers_give_a_meaning() {
        let text = |text: &[u8]| check_value(ParameterKind::Text, text).is_ok();
        for right in [
            "a%20b", "(a)", "'a'", "*", "%5Ba%5D", "&", "a&b=c", "@a", "~", ".a", "%41", "a.b",
        ] {
            assert!(text(right.as_bytes()), "{right}");
        }
        for wrong in [
            "", "%20a", "a%20", "a b", "[a]", "a.", "a..b", ".", "..", "a%2Eb", "a%2Fb", "a%5Cb",
            "a%25", "a%3Fb", "a%23", "a%3B", "a%22", "a%3C", "a%3E", "a%5E", "a%7B", "a%7C",
            "a%7D", "a%60", "a%7F", "a%1F", "%C3%A4", "a%", "a%4", "a?b",
        ] {
            assert!(!text(wrong.as_bytes()), "{wrong}");
        }
    }
}
