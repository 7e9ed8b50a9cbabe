//! The shapes of the values of a JSON line.
//!
//! Every type here accepts exactly one shape, and its error says what it
//! expects. Text without escapes is borrowed from the line.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

use portcullis::credential::Technique;
use portcullis::scope::ScopeLevel;
use portcullis::{AccountKind, KeyKind, UnixSeconds};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};
use serde::{Serialize, Serializer};

use crate::text::one_line;

/// Any string.
#[derive(Debug)]
pub(crate) struct Text<'l>(Cow<'l, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'l, 'l> Deserialize<'de> for Text<'l> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

/// An instant: a whole number. A number that needs rounding is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds(pub(crate) UnixSeconds);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SecondsVisitor;

        impl Visitor<'_> for SecondsVisitor {
            type Value = Seconds;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(
                    formatter,
                    "whole seconds since the epoch, 0 to {}",
                    u64::MAX
                )
            }

            fn visit_u64<E: Error>(self, seconds: u64) -> Result<Seconds, E> {
                Ok(Seconds(UnixSeconds::new(seconds)))
            }
        }

        deserializer.deserialize_u64(SecondsVisitor)
    }
}

/// A string that its own type parses: a name or a release.
#[derive(Debug)]
pub(crate) struct Parsed<T>(pub(crate) T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_str(ParsedVisitor(PhantomData))
            .map(Parsed)
    }
}

struct ParsedVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for ParsedVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse()
            .map_err(|error| E::custom(format_args!("`{}`: {error}", one_line(text))))
    }
}

/// A type whose values are a few words.
pub(crate) trait Words: Copy + 'static {
    /// Every word with its value.
    const WORDS: &'static [(&'static str, Self)];
}

impl Words for ScopeLevel {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Root.as_str(), Self::Root),
        (Self::Partner.as_str(), Self::Partner),
        (Self::Tenant.as_str(), Self::Tenant),
    ];
}

impl Words for AccountKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Local.as_str(), Self::Local),
        (Self::Sso.as_str(), Self::Sso),
    ];
}

impl Words for KeyKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Scoped.as_str(), Self::Scoped),
        (Self::Legacy.as_str(), Self::Legacy),
    ];
}

impl Words for Technique {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Basic.as_str(), Self::Basic),
        (Self::Bearer.as_str(), Self::Bearer),
    ];
}

/// One of the words of a type, exactly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<T>(pub(crate) T);

impl<'de, T: Words> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_str(WordVisitor(PhantomData))
            .map(Word)
    }
}

struct WordVisitor<T>(PhantomData<T>);

impl<T: Words> Visitor<'_> for WordVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (word, _)) in T::WORDS.iter().enumerate() {
            let before = match number {
                0 => "",
                _ if number + 1 == T::WORDS.len() => " or ",
                _ => ", ",
            };
            write!(formatter, "{before}`{word}`")?;
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let found = T::WORDS.iter().find(|(word, _)| *word == text);
        found
            .map(|(_, value)| *value)
            .ok_or_else(|| E::invalid_value(Unexpected::Str(&one_line(text)), &self))
    }
}

/// A JSON object; not an array of the same values in the same order.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_map(ObjectVisitor(PhantomData))
            .map(Object)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<T, M::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// The name of a record in the directory, or the record itself.
#[derive(Debug)]
pub(crate) enum Reference<N, T> {
    /// A name, for the directory to look up.
    Named(N),
    /// The record itself.
    Inline(T),
}

impl<'de, N: FromStr<Err: fmt::Display>, T: Deserialize<'de>> Deserialize<'de> for Reference<N, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReferenceVisitor(PhantomData))
    }
}

struct ReferenceVisitor<N, T>(PhantomData<(N, T)>);

impl<'de, N: FromStr<Err: fmt::Display>, T: Deserialize<'de>> Visitor<'de>
    for ReferenceVisitor<N, T>
{
    type Value = Reference<N, T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name in the directory, an object or null")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Reference<N, T>, E> {
        ParsedVisitor(PhantomData)
            .visit_str(text)
            .map(Reference::Named)
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Reference<N, T>, M::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Reference::Inline)
    }
}

/// The sender's name for a line: a string, a whole number or null. It is echoed
/// exactly. A number with a fraction could not be, so it is refused.
#[derive(Debug, Default)]
pub(crate) enum Id<'l> {
    /// Null, or missing.
    #[default]
    None,
    /// A string.
    Text(Cow<'l, str>),
    /// A whole number that is not negative.
    Natural(u64),
    /// A negative whole number.
    Negative(i64),
}

impl Serialize for Id<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Natural(number) => serializer.serialize_u64(*number),
            Self::Negative(number) => serializer.serialize_i64(*number),
        }
    }
}

impl<'de: 'l, 'l> Deserialize<'de> for Id<'l> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;

        impl<'de> Visitor<'de> for IdVisitor {
            type Value = Id<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string, a whole number of 64 bits or null")
            }

            fn visit_unit<E: Error>(self) -> Result<Id<'de>, E> {
                Ok(Id::None)
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Id<'de>, E> {
                Ok(Id::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Id<'de>, E> {
                Ok(Id::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Id<'de>, E> {
                Ok(Id::Natural(number))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Id<'de>, E> {
                Ok(Id::Negative(number))
            }
        }

        deserializer.deserialize_any(IdVisitor)
    }
}
