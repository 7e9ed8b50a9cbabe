//! Checked values out of any data format, for types that derive `Deserialize`.

use core::fmt::{self, Display};
use core::marker::PhantomData;
use core::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::time::UnixSeconds;

/// Reads a text and checks it as the name that it should be.
pub(crate) fn spelled<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    deserializer.deserialize_str(Name(PhantomData))
}

/// Reads a name, or nothing where there is none.
pub(crate) fn spelled_if_any<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    Ok(Option::<Spelled<T>>::deserialize(deserializer)?.map(|Spelled(name)| name))
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

impl<'de> Deserialize<'de> for UnixSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Self::new)
    }
}
