//! The people of a real directory, placed in the matrix.

use alloc::vec::Vec;

use super::axes::Axes;
use super::cell::{Circumstance, Circumstances, Presentation, Relation};
use crate::credential::{Credential, VerifiedKey};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::id::{KeyId, ProfileId, UserId};
use crate::reason::Reason;
use crate::scope::{Scope, ScopeLevel};
use crate::tenancy::{Tenancy, TenantSet};
use crate::time::UnixSeconds;

/// One key of a directory with its owner, and the cells that are theirs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyHolder {
    /// The owner.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The owner's profile.
    pub profile: ProfileId,
    /// The level of the owner's scope.
    pub scope: ScopeLevel,
    /// The circumstances that can be theirs: with this kind of account and of
    /// key, however it is presented and whichever tenant is named.
    pub circumstances: Circumstances,
    /// Why the credential does not stand, if it does not: then nothing is
    /// allowed, whatever the cells say.
    pub refused: Option<Reason>,
}

impl KeyHolder {
    /// Every key of a directory, in its order, as it stands at an instant.
    pub fn all(directory: &Directory, engine: &Engine, now: UnixSeconds) -> Vec<Self> {
        let holder = |(key, user): (&KeyId, &UserId)| {
            let (account, record) = (
                directory.account(user.as_str())?,
                directory.key(key.as_str())?,
            );
            let scope = account.scope.as_ref()?;
            let relations = relations(scope, directory.tenancy());
            let presented = Presentation::ALL.into_iter();
            let circumstances = presented.flat_map(|presentation| {
                let cell = move |tenant: &Relation| {
                    Circumstance::new(account.kind, presentation, record.kind, *tenant)
                };
                relations.iter().map(cell)
            });
            Some(Self {
                circumstances: circumstances.collect(),
                scope: scope.level(),
                refused: standing(directory, engine, key, now),
                user: user.clone(),
                key: key.clone(),
                profile: account.profile,
            })
        };
        directory.keys().filter_map(holder).collect()
    }

    /// The place of the profile on some axes.
    pub fn profile_on(&self, axes: &Axes) -> Option<usize> {
        axes.profiles()
            .iter()
            .position(|profile| *profile == self.profile)
    }
}

/// Why a key does not stand, whatever it is used for.
fn standing(
    directory: &Directory,
    engine: &Engine,
    key: &KeyId,
    now: UnixSeconds,
) -> Option<Reason> {
    let credential = Credential::ApiKey(VerifiedKey::bearer(key.as_str()));
    let principal = directory.principal(&credential, now);
    // No path at all: refused by question 9 or 10 at the latest, and by an
    // earlier one where the credential does not stand.
    let decision = engine.authorize(&principal, engine.endpoint("", ""), directory.tenant(None));
    decision.reason().filter(|reason| reason.question() < 9)
}

/// The relations to a tenant that a user of this scope can bring about.
fn relations(scope: &Scope, tenancy: &Tenancy) -> Vec<Relation> {
    let holds_tenants = match scope {
        Scope::Root => tenancy.tenants().next().is_some(),
        Scope::Partner(group) => tenancy
            .group(group)
            .is_some_and(|tenants| !TenantSet::is_empty(tenants)),
        Scope::Tenant(_) => true,
    };
    match (scope, holds_tenants) {
        (Scope::Partner(_), false) => Vec::from([Relation::EmptyGroup, Relation::Outside]),
        (_, true) => Vec::from([Relation::NotNamed, Relation::Inside, Relation::Outside]),
        (Scope::Root | Scope::Tenant(_), false) => {
            Vec::from([Relation::NotNamed, Relation::Outside])
        }
    }
}
