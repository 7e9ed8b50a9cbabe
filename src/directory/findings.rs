//! What deserves a second look about keys.

use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use crate::credential::{Credential, VerifiedKey};
use crate::directory::Directory;
use crate::directory::listing::{KeyListing, KeyStatus};
use crate::engine::Engine;
use crate::reason::Reason;
use crate::tenancy::Tenant;
use crate::time::UnixSeconds;

/// A year, and a day more for a leap year.
const YEAR: u64 = 366 * 86_400;

/// The reasons that lie with the owner of a key, whatever is called with it.
const OF_THE_OWNER: [Reason; 5] = [
    Reason::AccountDisabled,
    Reason::SsoAccount,
    Reason::InconsistentPrincipal,
    Reason::AccountNotEligible,
    Reason::KeyKindRefused,
];

/// What deserves a second look about a key that is active.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyFinding {
    /// From its creation to its end it is more than a year, or it has no end.
    LongLived,
    /// Its owner cannot use it, for this reason. It would work again if the
    /// owner's account changed back.
    Unusable(Reason),
}

impl KeyFinding {
    /// The stable `snake_case` code: `long_lived`, or that of the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LongLived => "long_lived",
            Self::Unusable(reason) => reason.code(),
        }
    }

    /// What it means, as one line.
    pub const fn text(self) -> &'static str {
        match self {
            Self::LongLived => {
                "the key lives longer than a year; replace it by one that ends earlier"
            }
            Self::Unusable(reason) => reason.text(),
        }
    }
}

impl Serialize for KeyFinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl Directory {
    /// What deserves a second look about a key at the instant `now`; nothing
    /// where the key is revoked or has expired.
    ///
    /// With an engine also whether its deployment gives the owner any access:
    /// before there are scoped keys it gives most of them none.
    ///
    /// # Examples
    ///
    /// ```
    /// use portcullis::{Directory, EMBEDDED_DIRECTORY, Policy, Reason, UnixSeconds};
    /// use portcullis::directory::KeyFinding;
    ///
    /// let policy = Policy::embedded()?;
    /// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
    /// let now = UnixSeconds::new(1_764_000_000);
    /// let findings = directory.key_findings("bob-key", None, now);
    /// assert!(findings.contains(&KeyFinding::Unusable(Reason::AccountDisabled)));
    /// assert_eq!(directory.key_findings("msp-revoked-key", None, now), []);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn key_findings(
        &self,
        key: &str,
        engine: Option<&Engine>,
        now: UnixSeconds,
    ) -> Vec<KeyFinding> {
        let mut findings = Vec::new();
        let listing = self
            .keys
            .find(key.as_bytes())
            .filter(|_| self.listed(key).is_some());
        let listing = listing.and_then(|number| self.listing(number, now));
        let Some(listing) = listing.filter(|listing| listing.status == KeyStatus::Active) else {
            return findings;
        };
        if is_long_lived(&listing) {
            findings.push(KeyFinding::LongLived);
        }
        let principal = self.principal(&Credential::ApiKey(VerifiedKey::bearer(key)), now);
        // No endpoint is asked for, so only what holds for all of them counts.
        let reasons = engine.map_or(principal.settled, |engine| {
            engine
                .request(&principal, &engine.endpoint("GET", ""), Tenant::NOT_NAMED)
                // Whether the key is revoked the listing has said.
                .reasons(false)
        });
        let refused = OF_THE_OWNER
            .into_iter()
            .filter(|reason| reasons.contains(*reason));
        findings.extend(refused.map(KeyFinding::Unusable));
        findings
    }
}

fn is_long_lived(listing: &KeyListing<'_>) -> bool {
    listing.expires_at.is_none_or(|end| {
        end.since(listing.created_at)
            .is_some_and(|life| life > YEAR)
    })
}
