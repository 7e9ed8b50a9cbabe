//! What makes a target malformed: the rule, the place and the byte.
//!
//! For administrators. A caller learns only that the target is malformed.

use core::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::util::limits;

/// The most bytes of a target.
pub(crate) const LONGEST_TARGET: usize = limits::TARGET_BYTES;
/// The most bytes of a path.
pub(crate) const LONGEST_PATH: usize = limits::PATH_BYTES;
/// The most bytes of a segment, as written.
pub(crate) const LONGEST_SEGMENT: usize = limits::SEGMENT_BYTES;
/// The most segments of a path.
pub(crate) const MOST_SEGMENTS: usize = limits::SEGMENTS;
/// The most pairs of a query, empty ones counted.
pub(crate) const MOST_PAIRS: usize = limits::QUERY_PAIRS;

/// The most bytes of a tenant's name.
pub(crate) const LONGEST_TENANT: usize = limits::TENANT_BYTES;

/// The most bytes of a segment or a name that an error text shows.
const LONGEST_EXCERPT: usize = 80;

/// Why a target, or a path alone, is refused as `malformed_path`: one rule that
/// it breaks, and where.
///
/// A target may break several rules. This is one of them; faults of the path come
/// before those of the query. It prints as one line of printable ASCII, the place
/// first and the help last:
///
/// ```text
/// segment 5 `SUMMARY`, offset 22: some servers would read it as the literal `summary`; write that, or another value
/// ```
///
/// It names literals of the policy, so it is for administrators and logs, not for
/// callers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TargetFault<'t> {
    /// The rule that is broken.
    pub rule: TargetRule<'t>,
    /// The part of the target that breaks it.
    pub place: TargetPlace<'t>,
    /// The offset of the byte that breaks it, counted from 0 in the target. If
    /// bytes are missing, where they are missing, which may be the end. If a whole
    /// segment or name is wrong, its first byte.
    pub offset: usize,
}

/// The part of a target that breaks a rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TargetPlace<'t> {
    /// The target as a whole.
    Target,
    /// A segment of the path.
    Segment {
        /// Its number among the segments of the path, counted from 1.
        number: usize,
        /// The segment as it is written.
        written: &'t [u8],
    },
    /// A name in the query, as it is written.
    Name(&'t [u8]),
}

/// A rule about the spelling of targets. Some describe the rule, some what breaks
/// it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TargetRule<'t> {
    /// A target begins with `/`.
    OriginForm,
    /// A target has at most 8,192 bytes.
    TargetTooLong,
    /// A path has at most 2,048 bytes.
    PathTooLong,
    /// A path has at most 32 segments.
    TooManySegments,
    /// A segment has at most 255 bytes.
    SegmentTooLong,
    /// This byte is not allowed in a path.
    PathByte(u8),
    /// There is no `#` anywhere.
    Fragment,
    /// A path that is passed without a query has no `?`.
    QuestionMark,
    /// No segment is empty.
    EmptySegment,
    /// No segment is `.` or `..`.
    DotSegment,
    /// Two hexadecimal digits follow each `%`; in a name also after each round of
    /// decoding.
    Percent,
    /// A dot is not written as `%2E`.
    EncodedDot,
    /// This byte, decoded, is not allowed in a value.
    ValueByte(u8),
    /// A value does not begin with this byte.
    ValueStart(u8),
    /// A value does not end with a dot.
    ValueEnd,
    /// A value has no two dots in a row.
    ValueDots,
    /// This byte, decoded, is not allowed in a text value.
    TextByte(u8),
    /// A text value does not begin or end with a blank.
    ValueBlank,
    /// A value does not contain this fixed part of a parameter in the same place.
    ValueHoldsFixedPart(&'t str),
    /// Some server could take the value for this literal in the same place.
    Shadow(&'t str),
    /// Some server could take the value for these fixed parts in the same place,
    /// with a value between them.
    ShadowOfAffix(&'t str, &'t str),
    /// The value is this literal, which is restricted in the release; the endpoint
    /// is not.
    ShadowOfRestricted(&'t str),
    /// The path with its final `/` added or removed belongs to another endpoint, or
    /// is ambiguous.
    FinalSlash,
    /// This byte is not allowed in a query as it is.
    QueryByte(u8),
    /// A query has at most 256 pairs, including empty ones.
    TooManyPairs,
    /// This byte, decoded, is not allowed in a name in the query.
    NameByte(u8),
    /// A name does not begin with `[`.
    NameBracket,
    /// Some server could take the name for a parameter that names the tenant. With
    /// the parameter that names the tenant here, if there is one.
    NameOfTenant(Option<&'t str>),
    /// Some server could take the name for an override of the method.
    NameOfMethod,
    /// The name of a tenant is not empty.
    TenantEmpty,
    /// This byte is not allowed in the name of a tenant.
    TenantByte(u8),
    /// The name of a tenant has at most 64 bytes.
    TenantTooLong,
    /// A tenant is named at most once.
    TenantTwice,
}

impl TargetRule<'_> {
    /// The stable code, in `snake_case`: `encoded_dot`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OriginForm => "origin_form",
            Self::TargetTooLong => "target_too_long",
            Self::PathTooLong => "path_too_long",
            Self::TooManySegments => "too_many_segments",
            Self::SegmentTooLong => "segment_too_long",
            Self::PathByte(_) => "path_byte",
            Self::Fragment => "fragment",
            Self::QuestionMark => "question_mark",
            Self::EmptySegment => "empty_segment",
            Self::DotSegment => "dot_segment",
            Self::Percent => "percent",
            Self::EncodedDot => "encoded_dot",
            Self::ValueByte(_) => "value_byte",
            Self::ValueStart(_) => "value_start",
            Self::ValueEnd => "value_end",
            Self::ValueDots => "value_dots",
            Self::TextByte(_) => "text_byte",
            Self::ValueBlank => "value_blank",
            Self::ValueHoldsFixedPart(_) => "value_holds_fixed_part",
            Self::Shadow(_) => "shadow",
            Self::ShadowOfAffix(..) => "shadow_of_affix",
            Self::ShadowOfRestricted(_) => "shadow_of_restricted",
            Self::FinalSlash => "final_slash",
            Self::QueryByte(_) => "query_byte",
            Self::TooManyPairs => "too_many_pairs",
            Self::NameByte(_) => "name_byte",
            Self::NameBracket => "name_bracket",
            Self::NameOfTenant(_) => "name_of_tenant",
            Self::NameOfMethod => "name_of_method",
            Self::TenantEmpty => "tenant_empty",
            Self::TenantByte(_) => "tenant_byte",
            Self::TenantTooLong => "tenant_too_long",
            Self::TenantTwice => "tenant_twice",
        }
    }
}

impl fmt::Display for TargetRule<'_> {
    #[expect(clippy::too_many_lines, reason = "one sentence for each rule")]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match *self {
            Self::OriginForm => {
                "does not begin with `/`; send path and query alone, without scheme and host"
            }
            Self::TargetTooLong => {
                return write!(
                    formatter,
                    "the target has more than {LONGEST_TARGET} bytes; shorten the query"
                );
            }
            Self::PathTooLong => {
                return write!(
                    formatter,
                    "the path has more than {LONGEST_PATH} bytes; shorten it"
                );
            }
            Self::TooManySegments => {
                return write!(
                    formatter,
                    "the path has more than {MOST_SEGMENTS} segments; shorten it"
                );
            }
            Self::SegmentTooLong => {
                return write!(
                    formatter,
                    "the segment has more than {LONGEST_SEGMENT} bytes; shorten it"
                );
            }
            Self::PathByte(byte) => {
                return write!(
                    formatter,
                    "`{}` is not allowed in a path; remove it",
                    Escaped(&[byte])
                );
            }
            Self::Fragment => "`#` begins a fragment, which is not part of a request; remove it",
            Self::QuestionMark => {
                "`?` ends a path, and this is only a path; pass the query separately"
            }
            Self::EmptySegment => {
                "the segment is empty; write one `/` between segments, and one at the end only where a template ends so"
            }
            Self::DotSegment => "`.` and `..` are not names; write the path that they lead to",
            Self::Percent => {
                "two hexadecimal digits must follow a `%`, also where decoding makes one; correct or remove it"
            }
            Self::EncodedDot => "a dot is written as `%2E`; write `.`",
            Self::ValueByte(byte) => {
                return write!(
                    formatter,
                    "`{}` is not allowed in a value, encoded or not; use letters, digits and `-_.~:@=+$,!`",
                    Escaped(&[byte])
                );
            }
            Self::ValueStart(byte) => {
                return write!(
                    formatter,
                    "a value may not begin with `{}`; begin it with a letter, a digit, `-` or `_`",
                    Escaped(&[byte])
                );
            }
            Self::ValueEnd => "a value may not end with a dot; remove it",
            Self::ValueDots => "a value may not have two dots in a row; remove one",
            Self::Shadow(literal) => {
                return write!(
                    formatter,
                    "some servers would read it as the literal `{literal}`; write that, or another value"
                );
            }
            Self::TextByte(byte) => {
                return write!(
                    formatter,
                    "`{}` is not allowed in a text value, encoded or not; remove it",
                    Escaped(&[byte])
                );
            }
            Self::ValueBlank => "a value may not begin or end with a space; remove it",
            Self::ValueHoldsFixedPart(part) => {
                return write!(
                    formatter,
                    "some servers would read `{part}` as the end of the value; remove it"
                );
            }
            Self::ShadowOfAffix(before, behind) => {
                return write!(
                    formatter,
                    "some servers would read it as `{before}{{value}}{behind}`; write that, or another value"
                );
            }
            Self::ShadowOfRestricted(literal) => {
                return write!(
                    formatter,
                    "some servers would read it as the literal `{literal}`, which is restricted in this release; write another value"
                );
            }
            Self::FinalSlash => {
                "the path with the final `/`, or without it, belongs to another endpoint or to several; write another value"
            }
            Self::QueryByte(byte) => {
                return write!(
                    formatter,
                    "`{}` is not allowed in a query as it is; write `%{byte:02X}`",
                    Escaped(&[byte])
                );
            }
            Self::TooManyPairs => {
                return write!(
                    formatter,
                    "the query has more than {MOST_PAIRS} pairs, empty ones counted; send fewer"
                );
            }
            Self::NameByte(byte) => {
                return write!(
                    formatter,
                    "`{}` is not allowed in a name, encoded or not; use printable ASCII",
                    Escaped(&[byte])
                );
            }
            Self::NameBracket => "a name may not begin with `[`; write what comes before it",
            Self::NameOfTenant(Some(parameter)) => {
                return write!(
                    formatter,
                    "some servers would read it as a parameter that names the tenant; write `{parameter}`, or another name"
                );
            }
            Self::NameOfTenant(None) => {
                "some servers would read it as a parameter that names the tenant; leave it out, or write another name"
            }
            Self::NameOfMethod => {
                "some servers would read it as an override of the method; send that method, or write another name"
            }
            Self::TenantEmpty => "the tenant has no name; write it, or leave the parameter out",
            Self::TenantByte(byte) => {
                return write!(
                    formatter,
                    "`{}` is not allowed in a tenant's name; use letters, digits, `-` and `_`, none encoded",
                    Escaped(&[byte])
                );
            }
            Self::TenantTooLong => {
                return write!(
                    formatter,
                    "the tenant's name has more than {LONGEST_TENANT} bytes; write its id"
                );
            }
            Self::TenantTwice => "a tenant is named already; name one, once",
        };
        formatter.write_str(text)
    }
}

impl fmt::Display for TargetFault<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            TargetPlace::Target => {}
            TargetPlace::Segment { number, written } => {
                write!(formatter, "segment {number} `{}`, ", Escaped(written))?;
            }
            TargetPlace::Name(name) => write!(formatter, "query name `{}`, ", Escaped(name))?,
        }
        write!(formatter, "offset {}: {}", self.offset, self.rule)
    }
}

impl Serialize for TargetFault<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (segment, name) = match self.place {
            TargetPlace::Target => (None, None),
            TargetPlace::Segment { number, .. } => (Some(number), None),
            TargetPlace::Name(name) => (None, Some(Escaped(name))),
        };
        let mut fault = serializer.serialize_struct("TargetFault", 5)?;
        fault.serialize_field("rule", self.rule.code())?;
        fault.serialize_field("segment", &segment)?;
        fault.serialize_field("name", &name)?;
        fault.serialize_field("offset", &self.offset)?;
        fault.serialize_field("text", &Written(self))?;
        fault.end()
    }
}

/// A value as its text.
struct Written<'w, T>(&'w T);

impl<T: fmt::Display> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

/// Bytes of a request as printable ASCII, at most [`LONGEST_EXCERPT`] of them. They
/// must not control a terminal or a log.
struct Escaped<'b>(&'b [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.iter().take(LONGEST_EXCERPT) {
            if byte.is_ascii_graphic() && *byte != b'\\' || *byte == b' ' {
                write!(formatter, "{}", char::from(*byte))?;
            } else {
                write!(formatter, "{}", byte.escape_ascii())?;
            }
        }
        if self.0.len() > LONGEST_EXCERPT {
            formatter.write_str("...")?;
        }
        Ok(())
    }
}

impl Serialize for Escaped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
