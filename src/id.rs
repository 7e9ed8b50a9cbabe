//! Names of users, tenants, groups, profiles and keys.
//!
//! Every name is checked once, when it is parsed, and compared byte for byte
//! ever after: nothing folds case, trims or normalises, so no two names can be
//! mistaken for each other. A name of at most 38 bytes is in the value itself,
//! so that comparing it reads no other memory; a longer one is shared text.
//! Cloning either allocates nothing.

use alloc::string::String;
use alloc::sync::Arc;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::util::bytes::are_same;
use crate::util::limits;
use crate::util::short_name::ShortName;
use crate::util::table::Named;

/// The most bytes that a name may have; a profile's has one less.
const LONGEST: usize = limits::NAME_BYTES;

/// Why a text is no name.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ParseIdError {
    /// There is no text.
    #[error("a name has at least one character")]
    Empty,
    /// The text is longer than a name may be.
    #[error("a name has at most {most} characters, and this has {length}")]
    TooLong {
        /// The bytes it has.
        length: usize,
        /// The most bytes it may have.
        most: usize,
    },
    /// A character is not allowed in its position.
    #[error("a name may not have {character:?} at byte {at}; use {allowed}")]
    Character {
        /// The character.
        character: char,
        /// Its offset in bytes.
        at: usize,
        /// What is allowed there, in words.
        allowed: &'static str,
    },
}

/// Whether a byte is allowed in a name: `A-Z`, `a-z`, `0-9`, `-` or `_`.
pub(crate) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn common(text: &str) -> Result<(), ParseIdError> {
    spelled(text, LONGEST, "letters, digits, `-` and `_`", |_, byte| {
        is_name_byte(byte)
    })
}

fn user(text: &str) -> Result<(), ParseIdError> {
    spelled(
        text,
        LONGEST,
        "letters, digits, `-`, `_` and, not first, `.`",
        |at, byte| is_name_byte(byte) || byte == b'.' && at > 0,
    )
}

fn profile(text: &str) -> Result<(), ParseIdError> {
    spelled(
        text,
        LONGEST - 1,
        "letters and, not first, digits, `-`, `_` and `.`",
        |at, byte| byte.is_ascii_alphabetic() || at > 0 && (is_name_byte(byte) || byte == b'.'),
    )
}

/// Checks the length of a name, and each of its bytes with its offset.
fn spelled(
    text: &str,
    most: usize,
    allowed: &'static str,
    may_be: impl Fn(usize, u8) -> bool,
) -> Result<(), ParseIdError> {
    if text.is_empty() {
        return Err(ParseIdError::Empty);
    }
    if text.len() > most {
        return Err(ParseIdError::TooLong {
            length: text.len(),
            most,
        });
    }
    match text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii() && may_be(*at, *c as u8)))
    {
        Some((at, character)) => Err(ParseIdError::Character {
            character,
            at,
            allowed,
        }),
        None => Ok(()),
    }
}

/// What is left of a privilege or the id of a profile where case and the
/// separators `-`, `_`, `.` and `:` are set aside. Two names of which this is
/// the same are easily taken for each other.
pub(crate) fn look_of(name: &str) -> String {
    let letters = name.bytes().filter(|byte| !b"-_.:".contains(byte));
    letters
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect()
}

/// The most bytes of a text that is in the value itself.
const SHORT: usize = 38;

/// The text of a name: ASCII, and not empty.
///
/// Equal texts have the same form, since the length decides it.
#[derive(Clone)]
enum Text {
    /// The text, zeros behind its end.
    Short {
        length: u8,
        bytes: [u8; SHORT],
    },
    Long(Arc<str>),
}

impl Text {
    fn new(text: &str) -> Self {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(free), Ok(length)) => {
                free.copy_from_slice(text.as_bytes());
                Self::Short { length, bytes }
            }
            _ => Self::Long(text.into()),
        }
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        match self {
            // INVARIANT: the length is that of the text.
            Self::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            Self::Long(text) => text.as_bytes(),
        }
    }

    /// Whether this is the text.
    #[inline]
    fn is(&self, text: &[u8]) -> bool {
        match self {
            Self::Short { length, bytes } => {
                let own = bytes.get(..text.len());
                usize::from(*length) == text.len() && own.is_some_and(|own| are_same(own, text))
            }
            Self::Long(own) => own.as_bytes() == text,
        }
    }

    /// The text as integers, where it is short enough.
    #[inline]
    fn short(&self) -> Option<ShortName> {
        match self {
            Self::Short { length, bytes } => ShortName::padded(bytes.first_chunk()?, *length),
            Self::Long(_) => None,
        }
    }

    fn as_str(&self) -> &str {
        match self {
            // INVARIANT: the bytes are ASCII.
            Self::Short { .. } => core::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Self::Long(text) => text,
        }
    }
}

impl PartialEq for Text {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            // All of the bytes, so that no loop and no call is needed.
            (
                Self::Short { length, bytes },
                Self::Short {
                    length: other_length,
                    bytes: other_bytes,
                },
            ) => {
                let begin = bytes.first_chunk::<32>() == other_bytes.first_chunk();
                let end = bytes.last_chunk::<8>() == other_bytes.last_chunk();
                length == other_length && begin && end
            }
            (Self::Long(text), Self::Long(other)) => text == other,
            (Self::Short { .. }, Self::Long(_)) | (Self::Long(_), Self::Short { .. }) => false,
        }
    }
}

impl Eq for Text {}

// As texts compare and hash, since a name is looked up by its text.
impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Text);

        impl $name {
            /// The name as it was written.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The bytes of the name, all ASCII: quicker to compare than the
            /// text.
            #[inline]
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }
        }

        impl Named for $name {
            #[inline]
            fn name(&self) -> &[u8] {
                self.0.as_bytes()
            }

            #[inline]
            fn is(&self, name: &[u8]) -> bool {
                self.0.is(name)
            }

            #[inline]
            fn short(&self) -> Option<ShortName> {
                self.0.short()
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $check(text)?;
                Ok(Self(Text::new(text)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

id! {
    /// A user: the account behind a principal.
    ///
    /// One to 64 bytes of `A-Z`, `a-z`, `0-9`, `-`, `_` or, not first, `.`.
    UserId, user
}

impl UserId {
    /// A name that no user can have, because it has a space.
    pub(crate) fn nobody() -> Self {
        Self(Text::new("somebody else"))
    }
}

id! {
    /// A tenant: the resource side of every decision.
    ///
    /// One to 64 bytes of `A-Z`, `a-z`, `0-9`, `-` or `_`.
    TenantId, common
}
id! {
    /// A tenant group: what a partner's scope names.
    ///
    /// One to 64 bytes of `A-Z`, `a-z`, `0-9`, `-` or `_`.
    GroupId, common
}
id! {
    /// An API key's public identifier, never its secret.
    ///
    /// One to 64 bytes of `A-Z`, `a-z`, `0-9`, `-` or `_`.
    KeyId, common
}
id! {
    /// A profile: a named set of privileges.
    ///
    /// A letter, then at most 62 of `A-Z`, `a-z`, `0-9`, `-`, `_` or `.`.
    ProfileId, profile
}
id! {
    /// An invariant of a policy. Spelled like a profile.
    InvariantId, profile
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_name_is_kept_as_it_was_written() {
        let id: TenantId = "817418af76d44358922636e34be9627c".parse().unwrap();
        assert_eq!(id.as_str(), "817418af76d44358922636e34be9627c");
        assert_ne!("Alpha".parse::<TenantId>(), "alpha".parse::<TenantId>());
    }

    #[test]
    fn a_name_is_its_text_whatever_its_length() {
        let texts: std::vec::Vec<String> = (1..=64)
            .flat_map(|length| ["a", "b"].map(|letter| letter.repeat(length)))
            .collect();
        let hash = |value: &dyn Fn(&mut std::hash::DefaultHasher)| {
            let mut hasher = std::hash::DefaultHasher::new();
            value(&mut hasher);
            hasher.finish()
        };
        for text in &texts {
            let id: UserId = text.parse().unwrap();
            assert_eq!((id.as_str(), id.as_bytes()), (&**text, text.as_bytes()));
            assert_eq!(
                hash(&|hasher| id.hash(hasher)),
                hash(&|hasher| text.as_str().hash(hasher))
            );
            assert_eq!(std::format!("{id:?}"), std::format!("UserId({text:?})"));
            for other in &texts {
                let other_id: UserId = other.parse().unwrap();
                assert_eq!(id.cmp(&other_id), text.cmp(other), "{text} {other}");
                assert_eq!(id == other_id, text == other);
                assert_eq!(id.is(other.as_bytes()), text == other);
            }
        }
        assert_eq!(size_of::<UserId>(), 40);
    }

    #[test]
    fn lengths_have_both_ends() {
        assert_eq!("".parse::<UserId>(), Err(ParseIdError::Empty));
        assert!("a".repeat(64).parse::<UserId>().is_ok());
        assert_eq!(
            "a".repeat(65).parse::<UserId>(),
            Err(ParseIdError::TooLong {
                length: 65,
                most: 64
            })
        );
        assert!("a".repeat(63).parse::<ProfileId>().is_ok());
        assert_eq!(
            "a".repeat(64).parse::<ProfileId>(),
            Err(ParseIdError::TooLong {
                length: 64,
                most: 63
            })
        );
    }

    #[test]
    fn a_user_name_may_have_points_behind_its_first_byte() {
        for good in ["ann.smith", "a.", "a..b", "-.", "_.a"] {
            assert!(good.parse::<UserId>().is_ok(), "{good}");
            assert!(good.parse::<TenantId>().is_err(), "{good}");
            assert!(good.parse::<GroupId>().is_err(), "{good}");
            assert!(good.parse::<KeyId>().is_err(), "{good}");
        }
        // Every byte, first and behind the first.
        for byte in (0..=0x7f_u8).map(char::from) {
            let inside = byte.is_ascii_alphanumeric() || matches!(byte, '-' | '_');
            let first = std::format!("{byte}a").parse::<UserId>();
            let second = std::format!("a{byte}").parse::<UserId>();
            assert_eq!(first.is_ok(), inside, "{byte:?}");
            assert_eq!(second.is_ok(), inside || byte == '.', "{byte:?}");
        }
    }

    #[test]
    fn the_message_names_the_character_and_the_way_out() {
        assert_eq!(
            "a@b".parse::<UserId>().unwrap_err().to_string(),
            "a name may not have '@' at byte 1; use letters, digits, `-`, `_` and, not first, `.`"
        );
        assert_eq!(
            "al pha".parse::<TenantId>().unwrap_err().to_string(),
            "a name may not have ' ' at byte 2; use letters, digits, `-` and `_`"
        );
        assert_eq!(
            "1st".parse::<ProfileId>().unwrap_err().to_string(),
            "a name may not have '1' at byte 0; use letters and, not first, digits, `-`, `_` and `.`"
        );
        assert_eq!(
            "first:responder"
                .parse::<ProfileId>()
                .unwrap_err()
                .to_string(),
            "a name may not have ':' at byte 5; use letters and, not first, digits, `-`, `_` and `.`"
        );
    }

    #[test]
    fn a_profile_begins_with_a_letter() {
        for byte in (0..=0x7f_u8).map(char::from) {
            let first = std::format!("{byte}a").parse::<ProfileId>();
            let second = std::format!("a{byte}").parse::<ProfileId>();
            assert_eq!(first.is_ok(), byte.is_ascii_alphabetic(), "{byte:?}");
            let inside = byte.is_ascii_alphanumeric() || matches!(byte, '-' | '_' | '.');
            assert_eq!(second.is_ok(), inside, "{byte:?}");
        }
        assert!("é".parse::<ProfileId>().is_err() && "aé".parse::<ProfileId>().is_err());
    }

    #[test]
    fn names_look_the_same_without_case_and_separators() {
        assert_eq!(look_of("Super-Admin"), look_of("super_admin"));
        assert_eq!(look_of("agent:read"), look_of("Agent.Read"));
        assert_eq!(look_of("a.bc"), look_of("ab.c"));
        assert_ne!(look_of("cases.view"), look_of("case.view"));
    }
}
