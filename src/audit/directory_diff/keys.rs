//! What was done to the keys of each user.

use alloc::vec::Vec;

use crate::audit::directory_diff::accounts::UserFact;
use crate::directory::{Directory, KeyListing};
use crate::id::{KeyId, UserId};
use crate::time::UnixSeconds;
use crate::util::hash::Map;

/// What was done to keys, by owner: the keys of the first directory in its order,
/// then those that are new.
pub(super) fn facts([first, second]: [(&Directory, UnixSeconds); 2]) -> Map<UserId, Vec<UserFact>> {
    let [before, after] = [first, second].map(|(directory, now)| {
        let listings = directory.key_listings(now);
        listings
            .map(|listing| (listing.key, listing))
            .collect::<Map<&KeyId, KeyListing<'_>>>()
    });
    let mut facts: Map<UserId, Vec<UserFact>> = Map::default();
    let mut add = |owner: &UserId, fact: UserFact| {
        facts.entry(owner.clone()).or_default().push(fact);
    };
    let is_same =
        |was: &KeyListing<'_>, is: &KeyListing<'_>| (was.owner, was.kind) == (is.owner, is.kind);
    for (key, was) in &before {
        let Some(is) = after.get(*key).filter(|is| is_same(was, is)) else {
            let removed = UserFact::KeyRemoved {
                key: (*key).clone(),
                kind: was.kind,
                status: was.status,
            };
            add(was.owner, removed);
            continue;
        };
        if was.status != is.status {
            let status = UserFact::KeyStatus {
                key: (*key).clone(),
                before: was.status,
                after: is.status,
            };
            add(was.owner, status);
        }
        let lifetime = |own: &KeyListing<'_>| (own.created_at, own.expires_at);
        if lifetime(was) != lifetime(is) {
            let changed = UserFact::KeyLifetime {
                key: (*key).clone(),
                before: lifetime(was),
                after: lifetime(is),
            };
            add(was.owner, changed);
        }
    }
    for (key, is) in &after {
        if before.get(*key).is_none_or(|was| !is_same(was, is)) {
            let made = UserFact::KeyMade {
                key: (*key).clone(),
                kind: is.kind,
                status: is.status,
                expires_at: is.expires_at,
            };
            add(is.owner, made);
        }
    }
    facts
}
