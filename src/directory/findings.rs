//! Findings about keys that need attention.

use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use crate::credential::{Credential, VerifiedKey};
use crate::directory::Directory;
use crate::directory::listing::{KeyListing, KeyStatus};
use crate::engine::Engine;
use crate::key::KeyKind;
use crate::reason::Reason;
use crate::tenancy::Tenant;
use crate::time::UnixSeconds;

/// A year, and a day more for a leap year.
const YEAR: u64 = 366 * 86_400;

/// The reasons that depend on the owner of a key, not on the endpoint.
const OF_THE_OWNER: [Reason; 5] = [
    Reason::AccountDisabled,
    Reason::SsoAccount,
    Reason::InconsistentPrincipal,
    Reason::AccountNotEligible,
    Reason::KeyKindRefused,
];

/// The age at which a key that was never used needs attention: ninety days.
const QUARTER: u64 = 90 * 86_400;

/// A finding about a key that is neither revoked nor expired.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyFinding {
    /// It is a valid legacy key: it can access the whole platform, without the
    /// limits of a scoped key.
    LegacySuperAdmin,
    /// It never expires.
    Endless,
    /// It is valid for more than a year.
    LongLived,
    /// Its time has not begun.
    NotYetValid,
    /// It is older than ninety days and was never used, in a directory that
    /// records when keys are used. Only [`Directory::audit_keys`] reports it.
    NeverUsed,
    /// Its owner cannot use it, for this reason. It would be usable again if
    /// the owner's account changed back.
    Unusable(Reason),
}

impl KeyFinding {
    /// Every code, the most urgent first.
    pub const CODES: [&'static str; 10] = [
        "legacy_super_admin",
        "endless",
        "account_disabled",
        "sso_account",
        "inconsistent_principal",
        "account_not_eligible",
        "key_kind_refused",
        "not_yet_valid",
        "long_lived",
        "never_used",
    ];

    /// The stable `snake_case` code, such as `long_lived`, or the code of the
    /// reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LegacySuperAdmin => "legacy_super_admin",
            Self::Endless => "endless",
            Self::LongLived => "long_lived",
            Self::NotYetValid => "not_yet_valid",
            Self::NeverUsed => "never_used",
            Self::Unusable(reason) => reason.code(),
        }
    }

    /// What it means, as one line.
    pub const fn text(self) -> &'static str {
        match self {
            Self::LegacySuperAdmin => {
                "the legacy key has the whole platform; replace it by a scoped key"
            }
            Self::Endless => "the key never expires; replace it by one that does",
            Self::LongLived => {
                "the key lives longer than a year; replace it by one that ends earlier"
            }
            Self::NotYetValid => "the key is not valid yet; check that it is meant to start later",
            Self::NeverUsed => "the key was never used; revoke it",
            Self::Unusable(reason) => reason.text(),
        }
    }

    /// How urgent it is: a smaller number is more urgent. Findings with the
    /// same number are equally urgent.
    ///
    /// First come keys that give the most to a thief, then keys that are usable
    /// again when an account changes back, then those that only need a plan.
    pub const fn rank(self) -> u8 {
        match self {
            Self::LegacySuperAdmin => 0,
            Self::Endless => 1,
            Self::Unusable(_) => 2,
            Self::NotYetValid => 3,
            Self::LongLived => 4,
            Self::NeverUsed => 5,
        }
    }
}

impl Serialize for KeyFinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl Directory {
    /// Every key with its findings: those of [`Directory::key_findings`], and
    /// whether it was never used. In the order of [`Directory::key_listings`].
    pub fn audit_keys(
        &self,
        engine: Option<&Engine>,
        now: UnixSeconds,
    ) -> Vec<(KeyListing<'_>, Vec<KeyFinding>)> {
        let listings: Vec<KeyListing<'_>> = self.key_listings(now).collect();
        let records_use = listings.iter().any(|listing| listing.last_access.is_some());
        let audited = listings.into_iter().map(|listing| {
            let mut findings = self.key_findings(listing.key.as_str(), engine, now);
            let age = now.since(listing.created_at).unwrap_or_default();
            let is_unused = listing.last_access.is_none() && age > QUARTER;
            if records_use && is_unused && listing.status == KeyStatus::Active {
                findings.push(KeyFinding::NeverUsed);
            }
            (listing, findings)
        });
        audited.collect()
    }

    /// The findings about a key at the instant `now`, the most urgent first.
    /// Empty if the key is revoked or has expired.
    ///
    /// With an engine, also whether its deployment gives the owner any access.
    /// Releases without scoped keys give most owners none.
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
        let lives = |listing: &KeyListing<'_>| match listing.status {
            KeyStatus::Active | KeyStatus::NotYetValid => true,
            KeyStatus::Expired | KeyStatus::Revoked => false,
        };
        let Some(listing) = listing.filter(lives) else {
            return findings;
        };
        match life(&listing) {
            None => findings.push(KeyFinding::Endless),
            Some(seconds) if seconds > YEAR => findings.push(KeyFinding::LongLived),
            Some(_) => {}
        }
        if listing.status == KeyStatus::NotYetValid {
            findings.push(KeyFinding::NotYetValid);
        }
        let principal = self.principal(&Credential::ApiKey(VerifiedKey::bearer(key)), now);
        // Without an endpoint, only the reasons for all endpoints count.
        let reasons = engine.map_or(principal.refusals, |engine| {
            engine
                .request(&principal, &engine.endpoint("GET", ""), Tenant::NOT_NAMED)
                // The listing has shown whether the key is revoked.
                .reasons(false)
        });
        let refused: Vec<Reason> = OF_THE_OWNER
            .into_iter()
            .filter(|reason| reasons.contains(*reason))
            .collect();
        let works = refused.is_empty() && listing.status == KeyStatus::Active;
        if works && listing.kind == KeyKind::Legacy {
            findings.push(KeyFinding::LegacySuperAdmin);
        }
        findings.extend(refused.into_iter().map(KeyFinding::Unusable));
        findings.sort_by_key(|finding| finding.rank());
        findings
    }
}

/// The seconds from the creation of a key to its end. `None` without an end.
fn life(listing: &KeyListing<'_>) -> Option<u64> {
    let end = listing.expires_at?;
    Some(end.since(listing.created_at).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::KeyFinding;
    use crate::directory::Directory;
    use crate::policy::Policy;
    use crate::time::UnixSeconds;

    /// A key counts as never used only if use is recorded.
    #[test]
    fn a_key_that_was_never_used_is_found_where_use_is_recorded() {
        let policy = Policy::embedded().unwrap();
        let text = "version: 1\ntenants: [alpha]\ngroups: {}\nusers:\n  ann: { scope: root, profile: user }\nkeys:\n  \
                    old: { owner: ann, name: old, created_at: 0, expires_at: 20000000 }\n  \
                    used: { owner: ann, name: used, created_at: 0, expires_at: 20000000 }\n  \
                    new: { owner: ann, name: new, created_at: 9000000, expires_at: 20000000 }\n";
        let directory = Directory::from_yaml(text, &policy).unwrap();
        let now = UnixSeconds::new(10_000_000);
        let unused = || -> Vec<String> {
            let audited = directory.audit_keys(None, now).into_iter();
            let unused = audited.filter(|(_, found)| found.contains(&KeyFinding::NeverUsed));
            unused.map(|(listing, _)| listing.key.to_string()).collect()
        };
        assert_eq!(unused(), Vec::<String>::new());
        directory.record_access("used", now).unwrap();
        assert_eq!(unused(), ["old"]);
    }
}
