//! How somebody reaches one endpoint-method in one deployment.

use crate::audit::cell::{Circumstances, Presentation};
use crate::audit::matrix::Sheet;
use crate::scope::ScopeLevel;

/// How somebody reaches one endpoint-method. [`Reach`], [`Impact`] and the
/// report on what a user can call all use this.
///
/// [`Reach`]: super::Reach
/// [`Impact`]: super::Impact
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Ways {
    /// The endpoint is public: everybody reaches it, also without a credential.
    Public,
    /// In these circumstances, with a valid key. If there are none, the
    /// endpoint is not reached.
    By(Circumstances),
}

impl Ways {
    /// The endpoint is not reached.
    pub const NONE: Self = Self::By(Circumstances::NONE);

    /// How a profile at a scope reaches a row, by keys with some circumstances;
    /// `None` is a profile that the axes do not have.
    pub(crate) fn of(
        sheet: &Sheet,
        row: usize,
        column: Option<(usize, ScopeLevel)>,
        own: Circumstances,
    ) -> Self {
        // For a public endpoint the key does not matter.
        if sheet.is_public(row) {
            return Self::Public;
        }
        let allowed = column.map_or(Circumstances::NONE, |(profile, scope)| {
            sheet.allowed(row, profile, scope)
        });
        Self::By(allowed.intersection(own))
    }

    /// Whether the endpoint is reached.
    pub fn reaches(self) -> bool {
        self != Self::NONE
    }

    /// The ways that are not in another set. A public endpoint is reached in
    /// all ways.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        match (self, other) {
            (Self::Public, Self::By(_)) => Self::Public,
            (_, Self::Public) => Self::NONE,
            (Self::By(own), Self::By(other)) => Self::By(own.without(other)),
        }
    }

    /// The ways with a key.
    pub(crate) fn circumstances(self) -> Circumstances {
        match self {
            Self::Public => Circumstances::NONE,
            Self::By(circumstances) => circumstances,
        }
    }

    /// Whether a credential may be presented like this. If none is required,
    /// any may be.
    pub fn allows(self, presentation: Presentation) -> bool {
        match self {
            Self::Public => true,
            Self::By(own) => own.iter().any(|way| way.presentation() == presentation),
        }
    }
}
