//! The people of a real directory, placed in the matrix.

use alloc::vec::Vec;

use super::axes::{Axes, Row};
use super::cell::{Circumstance, Circumstances, Presentation, Relation};
use crate::credential::{Credential, VerifiedKey};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::id::{KeyId, ProfileId, TenantId, UserId};
use crate::policy::Policy;
use crate::question::Question;
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
    /// key, however it is presented and whichever tenant is named. At one
    /// endpoint there may be fewer: see [`KeyHolder::circumstances_on`].
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

    /// The circumstances that can be theirs at one endpoint-method of a policy,
    /// which is a row of axes that the policy is on. Where the path names the
    /// tenant and every tenant of the scope is called like a literal that
    /// another endpoint has there, no request names a tenant of the scope.
    pub fn circumstances_on(
        &self,
        row: &Row,
        policy: &Policy,
        directory: &Directory,
    ) -> Circumstances {
        let account = directory.account(self.user.as_str());
        let scope = account.and_then(|account| account.scope);
        let is_reached =
            scope.is_some_and(|scope| is_reached(row, policy, &scope, directory.tenancy()));
        if is_reached {
            self.circumstances
        } else {
            self.circumstances.reaching_nobody()
        }
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
    decision
        .reason()
        .filter(|reason| reason.question() < Question::Technique)
}

/// Whether some request with a tenant of the scope reaches a row.
pub(super) fn is_reached(row: &Row, policy: &Policy, scope: &Scope, tenancy: &Tenancy) -> bool {
    let is_reached = |tenant: &TenantId| row.reached(policy, tenant.as_str()).is_ok();
    !row.names_tenant_in_path()
        || match scope {
            Scope::Root => tenancy.tenants().any(is_reached),
            Scope::Partner(group) => tenancy
                .group(group)
                .is_some_and(|tenants| tenants.iter().any(is_reached)),
            Scope::Tenant(tenant) => is_reached(tenant),
        }
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
