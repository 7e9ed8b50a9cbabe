//! Instants, as the host passes them. The crate has no clock.

use core::fmt;

use serde::{Serialize, Serializer};

/// An instant in whole seconds since the Unix epoch, `0` to [`u64::MAX`].
///
/// Every value is safe everywhere in the crate: all arithmetic on instants is
/// checked or saturating.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UnixSeconds(u64);

impl UnixSeconds {
    /// The instant `seconds` after the epoch.
    pub const fn new(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The seconds since the epoch.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The seconds from `earlier` to this instant; `None` where `earlier` is
    /// in fact later.
    pub const fn since(self, earlier: Self) -> Option<u64> {
        self.0.checked_sub(earlier.0)
    }

    /// The instant `seconds` later, at most the last one there is.
    #[must_use]
    pub const fn saturating_add(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl From<u64> for UnixSeconds {
    fn from(seconds: u64) -> Self {
        Self(seconds)
    }
}

impl fmt::Display for UnixSeconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl Serialize for UnixSeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}
