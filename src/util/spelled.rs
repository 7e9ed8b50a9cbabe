//! Strict reading for types that derive `Deserialize`.
//!
//! Derived code also accepts a list for an object, and an object for a word.
//! Both are mistakes or attacks, and are refused here. So the format must
//! describe itself, as JSON does: a format that writes objects as bare lists
//! cannot be read.

use core::fmt::{self, Display};
use core::marker::PhantomData;
use core::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::time::UnixSeconds;

/// Reads a text and parses it.
pub(crate) fn spelled<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    deserializer.deserialize_str(Name(PhantomData))
}

/// Reads a name, or `None` if there is none.
pub(crate) fn spelled_if_any<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    Ok(Option::<Spelled<T>>::deserialize(deserializer)?.map(|Spelled(name)| name))
}

/// Reads a value that may be absent, but not `null`.
pub(crate) fn not_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

struct Spelled<T>(T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Spelled<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        spelled(deserializer).map(Self)
    }
}

struct Name<T>(PhantomData<T>);

impl<T: FromStr<Err: Display>> Visitor<'_> for Name<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// An object, not a list of the same values.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Record(PhantomData)).map(Self)
    }
}

struct Record<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Record<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<T, M::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// A text that is not kept.
pub(crate) struct AnyText;

impl<'de> Deserialize<'de> for AnyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Unkept)
    }
}

struct Unkept;

impl Visitor<'_> for Unkept {
    type Value = AnyText;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<AnyText, E> {
        Ok(AnyText)
    }
}

/// A text or a list of texts that is not kept.
pub(crate) struct AnyTexts;

impl<'de> Deserialize<'de> for AnyTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMore)
    }
}

struct OneOrMore;

impl<'de> Visitor<'de> for OneOrMore {
    type Value = AnyTexts;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a list of texts")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<AnyTexts, E> {
        Ok(AnyTexts)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<AnyTexts, A::Error> {
        while list.next_element::<AnyText>()?.is_some() {}
        Ok(AnyTexts)
    }
}

impl<'de> Deserialize<'de> for UnixSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Self::new)
    }
}
