//! The keys of a directory, with the cells of the matrix that apply to them.

use alloc::vec::Vec;

use crate::audit::axes::{Axes, Row};
use crate::audit::cell::{Circumstance, Circumstances, Presentation, Relation};
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

/// One key of a directory with its owner, and the cells that apply to it.
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
    /// The circumstances that can occur with this kind of account and key,
    /// however the key is presented and whichever tenant is named. At a given
    /// endpoint there can be fewer: see [`KeyHolder::circumstances_on`].
    pub circumstances: Circumstances,
    /// Why the key is not valid, if it is not. Then nothing is allowed, whatever
    /// the cells say.
    pub refused: Option<Reason>,
}

impl KeyHolder {
    /// Every key of a directory, in its order, judged at an instant.
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
                refused: refusal(directory, engine, key, now),
                user: user.clone(),
                key: key.clone(),
                profile: account.profile,
            })
        };
        directory.keys().filter_map(holder).collect()
    }

    /// The circumstances that can occur with this key at one endpoint-method of a
    /// policy, given as a row of axes that include the policy.
    ///
    /// If the path names the tenant, and the name of every tenant of the scope
    /// equals a literal of another endpoint, no request can name a tenant of the
    /// scope here.
    pub fn circumstances_on(
        &self,
        row: &Row,
        policy: &Policy,
        directory: &Directory,
    ) -> Circumstances {
        let account = directory.account(self.user.as_str());
        let scope = account.and_then(|account| account.scope);
        let can_name_tenant =
            scope.is_some_and(|scope| can_name_tenant(row, policy, &scope, directory.tenancy()));
        if can_name_tenant {
            self.circumstances
        } else {
            self.circumstances.without_inside()
        }
    }

    /// The index of the profile on some axes.
    pub fn profile_on(&self, axes: &Axes) -> Option<usize> {
        axes.profiles()
            .iter()
            .position(|profile| *profile == self.profile)
    }
}

/// Why a key is not valid at an instant, whatever it is used for.
fn refusal(
    directory: &Directory,
    engine: &Engine,
    key: &KeyId,
    now: UnixSeconds,
) -> Option<Reason> {
    let credential = Credential::ApiKey(VerifiedKey::bearer(key.as_str()));
    let principal = directory.principal(&credential, now);
    // An empty path is refused by question 9 or 10 at the latest, and by an
    // earlier one if the credential is not valid.
    let decision = engine.authorize(&principal, engine.endpoint("", ""), directory.tenant(None));
    decision
        .reason()
        .filter(|reason| reason.question() < Question::Technique)
}

/// Whether some request can name a tenant of the scope at a row.
pub(super) fn can_name_tenant(
    row: &Row,
    policy: &Policy,
    scope: &Scope,
    tenancy: &Tenancy,
) -> bool {
    let can_name_tenant =
        |tenant: &TenantId| row.check_tenant_path(policy, tenant.as_str()).is_ok();
    !row.names_tenant_in_path()
        || match scope {
            Scope::Root => tenancy.tenants().any(can_name_tenant),
            Scope::Partner(group) => tenancy
                .group(group)
                .is_some_and(|tenants| tenants.iter().any(can_name_tenant)),
            Scope::Tenant(tenant) => can_name_tenant(tenant),
        }
}

/// The relations to a tenant that can occur for a user of this scope.
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
