//! Lists of keys and accounts, for people.

use serde::Serialize;

use crate::account::Account;
use crate::directory::Directory;
use crate::directory::record::KeyRecord;
use crate::id::{KeyId, UserId};
use crate::key::KeyKind;
use crate::time::UnixSeconds;

/// The status of a key at an instant.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// It can be used.
    Active,
    /// Its time has not begun.
    NotYetValid,
    /// It has expired.
    Expired,
    /// It was revoked, for ever.
    Revoked,
}

impl KeyStatus {
    /// The word that lists use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// One key of a list.
///
/// It has the name that the owner gave the key. This is free text for the
/// owner's screen, not for a log.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KeyListing<'d> {
    /// The key.
    pub key: &'d KeyId,
    /// The owner.
    pub owner: &'d UserId,
    /// The name that the owner gave it.
    pub name: &'d str,
    /// Its kind.
    pub kind: KeyKind,
    /// Its status at the instant of the list.
    pub status: KeyStatus,
    /// The first instant at which it is valid.
    pub created_at: UnixSeconds,
    /// The first instant at which it is no longer valid, if it expires.
    pub expires_at: Option<UnixSeconds>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<UnixSeconds>,
    /// When it was last used, if it was.
    pub last_access: Option<UnixSeconds>,
}

impl KeyListing<'_> {
    /// Whether a list still shows the key: a revoked one until `retention`
    /// seconds after its revocation, every other one always.
    pub fn is_retained(&self, now: UnixSeconds, retention: u64) -> bool {
        self.revoked_at
            .is_none_or(|at| now.since(at).unwrap_or(0) < retention)
    }
}

/// One account with everything that a directory has about it.
///
/// The e-mail address is for the host's records, not for a log.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AccountListing<'d> {
    /// The account. It has no scope if its tenant or group was removed.
    pub account: Account,
    /// The e-mail address, if there is one.
    pub email: Option<&'d str>,
    /// Whether the user chose to use a second factor.
    pub second_factor: bool,
}

impl Directory {
    /// Every account, in the order in which they were added. A host that
    /// stores a directory as a whole uses [`Directory::to_yaml`],
    /// [`Directory::key_states`] and [`Directory::removals`].
    pub fn accounts(&self) -> impl Iterator<Item = AccountListing<'_>> {
        self.users.iter().filter_map(|(number, _, record)| {
            Some(AccountListing {
                account: self.account_at(number)?,
                email: self.emails.of(number),
                second_factor: record.second_factor,
            })
        })
    }

    /// Every key with its status at the instant `now`, in a stable order,
    /// without purged keys. For the host's own reports. For users see
    /// [`Directory::list_keys`].
    pub fn key_listings(&self, now: UnixSeconds) -> impl Iterator<Item = KeyListing<'_>> {
        let listed = self
            .keys
            .iter()
            .filter(|(_, _, record)| self.is_shown(record));
        listed.filter_map(move |(number, ..)| self.listing(number, now))
    }

    /// One key with its status at an instant.
    pub(super) fn listing(&self, number: u32, now: UnixSeconds) -> Option<KeyListing<'_>> {
        let (key, record) = self.keys.get(number)?;
        let cell = self.cells.get(record.cell())?;
        let (expires_at, revoked_at) = (record.expires_at(), cell.state.revoked_at());
        let status = match (revoked_at, expires_at) {
            (Some(_), _) => KeyStatus::Revoked,
            (None, Some(end)) if now >= end => KeyStatus::Expired,
            (None, _) if now < record.created_at => KeyStatus::NotYetValid,
            (None, _) => KeyStatus::Active,
        };
        Some(KeyListing {
            key,
            owner: self.users.name(record.owner)?,
            name: self.details.name(number),
            kind: record.kind(),
            status,
            created_at: record.created_at,
            expires_at,
            revoked_at,
            last_access: cell.last_access(),
        })
    }

    /// The listed keys of a user, by number, the newest first.
    pub(super) fn keys_of(&self, user: u32) -> impl Iterator<Item = (u32, &KeyRecord)> {
        self.known_keys_of(user)
            .filter(|(_, record)| record.is_listed())
    }

    /// Whether lists show a key: its record is here, and it was not purged.
    pub(super) fn is_shown(&self, record: &KeyRecord) -> bool {
        record.is_listed() && self.is_known(record)
    }
}
