//! What would allow a request: every single change that makes an allow of a denial.
//!
//! The result reveals the rules. Show it to administrators, never to callers.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::account::{Account, AccountKind};
use crate::audit::cell::{KEYS, Presentation};
use crate::credential::{Credential, Technique, VerifiedKey, VerifiedToken};
use crate::engine::Engine;
use crate::engine::decision::{Decision, OwnedConfinement};
use crate::id::{ProfileId, TenantId};
use crate::key::{ApiKey, KeyKind, KeyState};
use crate::path::endpoint::Endpoint;
use crate::policy::Policy;
use crate::principal::Principal;
use crate::release::{Deployment, Release};
use crate::scope::Scope;
use crate::tenancy::Tenancy;
use crate::time::UnixSeconds;

/// A request, with everything that a change can replace.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'s> {
    /// The deployment that decides it.
    pub deployment: Deployment,
    /// The time of the request.
    pub now: UnixSeconds,
    /// The account of the user; `None` if the user does not exist.
    pub account: Option<&'s Account>,
    /// The credential.
    pub credential: Credential<'s>,
    /// The key of the credential; `None` if it does not exist.
    pub key: Option<&'s ApiKey>,
    /// The endpoint, resolved by an engine of the same policy.
    pub endpoint: Endpoint<'s>,
    /// The name of the tenant, if the request names one outside the path.
    pub tenant: Option<&'s str>,
}

/// One single change of a request. Nothing else is tried.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SingleChange {
    /// The account has this profile.
    Profile(ProfileId),
    /// The account has this scope.
    Scope(Scope),
    /// The account is enabled.
    Enabled,
    /// The account is a local one.
    Local,
    /// This release is installed; the switch for scoped keys stays as it is.
    Release(Release),
    /// Scoped keys are switched the other way.
    ScopedKeys(bool),
    /// The request names this tenant, or none.
    Tenant(Option<TenantId>),
    /// The key is not revoked.
    KeyActive,
    /// The key is not too young and has not expired.
    KeyInTime,
    /// The key is of the other kind.
    KeyKind(KeyKind),
    /// The key, or a token just issued for it, is presented like this, in its
    /// owner's name. This is also the remedy for a token that is too old.
    Presentation(Presentation),
}

/// A change that turns the denial into an allow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remedy {
    /// The change.
    pub change: SingleChange,
    /// The tenants to which the answer would be confined.
    pub confinement: OwnedConfinement,
}

/// Finds every single change that would allow a request, by deciding the request
/// with each change. Empty if no single change does, and for a request that is
/// already allowed.
///
/// The cost is one decision for each profile, release, group and tenant.
pub fn what_if(policy: &Arc<Policy>, tenancy: &Tenancy, situation: &Situation<'_>) -> Vec<Remedy> {
    // The state of the key is read once. It can change in another thread, and all
    // remedies must be for the same state.
    let key = situation.key.map(copy);
    let key = key.as_ref();
    let situation = &Situation { key, ..*situation };
    if decide(policy, tenancy, situation).is_some() {
        return Vec::new();
    }
    let remedy = |change: SingleChange| {
        let confinement = changed(policy, tenancy, situation, &change)?;
        Some(Remedy {
            change,
            confinement,
        })
    };
    changes(policy, tenancy, situation)
        .into_iter()
        .filter_map(remedy)
        .collect()
}

/// Every change to try.
fn changes(policy: &Policy, tenancy: &Tenancy, situation: &Situation<'_>) -> Vec<SingleChange> {
    let mut changes = Vec::new();
    if let Some(account) = situation.account {
        let profiles = policy
            .profiles()
            .filter(|profile| **profile != account.profile);
        changes.extend(profiles.cloned().map(SingleChange::Profile));
        let groups = tenancy
            .groups()
            .map(|(group, _)| Scope::Partner(group.clone()));
        let tenants = tenancy.tenants().cloned().map(Scope::Tenant);
        let scopes = core::iter::once(Scope::Root).chain(groups).chain(tenants);
        changes.extend(
            scopes
                .filter(|scope| account.scope.as_ref() != Some(scope))
                .map(SingleChange::Scope),
        );
        changes.extend((!account.enabled).then_some(SingleChange::Enabled));
        changes.extend((account.kind == AccountKind::Sso).then_some(SingleChange::Local));
    }
    let deployment = situation.deployment;
    changes.extend(
        policy
            .releases()
            .filter(|release| *release != deployment.release())
            .map(SingleChange::Release),
    );
    changes.push(SingleChange::ScopedKeys(!deployment.scoped_keys()));
    let named = |tenant: &TenantId| situation.tenant == Some(tenant.as_str());
    changes.extend(
        situation
            .tenant
            .is_some()
            .then_some(SingleChange::Tenant(None)),
    );
    changes.extend(
        tenancy
            .tenants()
            .filter(|tenant| !named(tenant))
            .cloned()
            .map(|tenant| SingleChange::Tenant(Some(tenant))),
    );
    if let Some(key) = situation.key {
        changes.extend([SingleChange::KeyActive, SingleChange::KeyInTime]);
        changes.extend(
            KEYS.into_iter()
                .filter(|kind| *kind != key.kind)
                .map(SingleChange::KeyKind),
        );
        changes.extend(
            Presentation::ALL
                .into_iter()
                .map(SingleChange::Presentation),
        );
    }
    changes
}

/// Decides the request with one change: the confinement if it is allowed.
fn changed(
    policy: &Arc<Policy>,
    tenancy: &Tenancy,
    situation: &Situation<'_>,
    change: &SingleChange,
) -> Option<OwnedConfinement> {
    let account = |change: &dyn Fn(&mut Account)| {
        let mut account = situation.account?.clone();
        change(&mut account);
        decide(
            policy,
            tenancy,
            &Situation {
                account: Some(&account),
                ..*situation
            },
        )
    };
    let key = |change: &dyn Fn(&mut ApiKey)| {
        let mut key = copy(situation.key?);
        change(&mut key);
        decide(
            policy,
            tenancy,
            &Situation {
                key: Some(&key),
                ..*situation
            },
        )
    };
    let deployment = |deployment| {
        decide(
            policy,
            tenancy,
            &Situation {
                deployment,
                ..*situation
            },
        )
    };
    match change {
        SingleChange::Profile(profile) => account(&|account| account.profile = profile.clone()),
        SingleChange::Scope(scope) => account(&|account| account.scope = Some(scope.clone())),
        SingleChange::Enabled => account(&|account| account.enabled = true),
        SingleChange::Local => account(&|account| account.kind = AccountKind::Local),
        SingleChange::Release(release) => {
            deployment(with_switch(*release, situation.deployment.scoped_keys()))
        }
        SingleChange::ScopedKeys(on) => {
            deployment(with_switch(situation.deployment.release(), *on))
        }
        SingleChange::Tenant(tenant) => {
            let tenant = tenant.as_ref().map(TenantId::as_str);
            with_tenant(policy, tenancy, situation, tenant)
        }
        SingleChange::KeyActive => key(&|key| key.state = KeyState::active()),
        SingleChange::KeyInTime => key(&|key| {
            key.created_at = key.created_at.min(situation.now);
            key.expires_at = None;
        }),
        SingleChange::KeyKind(kind) => key(&|key| key.kind = *kind),
        SingleChange::Presentation(presentation) => {
            let credential = presented(situation.key?, *presentation, situation.now);
            decide(
                policy,
                tenancy,
                &Situation {
                    credential,
                    ..*situation
                },
            )
        }
    }
}

/// Decides the request with this tenant, or with none: outside the path, or in it
/// if the path names the tenant.
fn with_tenant(
    policy: &Arc<Policy>,
    tenancy: &Tenancy,
    situation: &Situation<'_>,
    tenant: Option<&str>,
) -> Option<OwnedConfinement> {
    let found = situation.endpoint.found.operation();
    let entry = found.and_then(|(entry, method)| {
        let entry = policy.catalogue().entry(entry)?;
        entry.tenant_segment()?;
        Some((method, entry))
    });
    let (Some((method, entry)), Some(named)) = (entry, tenant) else {
        return decide(
            policy,
            tenancy,
            &Situation {
                tenant,
                ..*situation
            },
        );
    };
    let mut path = policy.base_path().to_string().into_bytes();
    path.extend(entry.path_naming(situation.endpoint.path, named)?);
    let release = policy.release_number(situation.deployment.release())?;
    let (found, path) = policy.catalogue().find(Some(method), &path, release);
    // The name of this tenant equals a literal, so the path is another endpoint's.
    if found != situation.endpoint.found {
        return None;
    }
    let endpoint = Endpoint {
        path,
        ..situation.endpoint
    };
    let situation = Situation {
        endpoint,
        tenant: None,
        ..*situation
    };
    decide(policy, tenancy, &situation)
}

fn decide(
    policy: &Arc<Policy>,
    tenancy: &Tenancy,
    situation: &Situation<'_>,
) -> Option<OwnedConfinement> {
    let engine = Engine::new(policy.clone(), situation.deployment).ok()?;
    let principal = Principal::new(
        policy,
        tenancy,
        situation.account,
        &situation.credential,
        situation.key,
        situation.now,
    );
    match engine.authorize(
        &principal,
        situation.endpoint,
        tenancy.tenant(situation.tenant),
    ) {
        Decision::Allow(allowance) => Some(allowance.confinement().to_owned()),
        Decision::Deny(_) => None,
    }
}

fn with_switch(release: Release, on: bool) -> Deployment {
    if on {
        Deployment::with_scoped_keys(release)
    } else {
        Deployment::new(release)
    }
}

/// The same key with a state of its own, so that changing it affects nothing else.
fn copy(key: &ApiKey) -> ApiKey {
    let state = key
        .state
        .revoked_at()
        .map_or_else(KeyState::active, KeyState::revoked);
    ApiKey {
        id: key.id.clone(),
        owner: key.owner.clone(),
        state,
        ..*key
    }
}

fn presented(key: &ApiKey, presentation: Presentation, now: UnixSeconds) -> Credential<'_> {
    let (id, owner) = (key.id.as_str(), key.owner.as_str());
    let token = VerifiedToken::new(id, Some(owner), Some(now), None);
    match presentation {
        Presentation::Token => Credential::Token(token),
        Presentation::TokenByBasic => Credential::Token(token.presented(Technique::Basic)),
        Presentation::KeyByBasic => Credential::ApiKey(VerifiedKey::basic(id, owner)),
        Presentation::KeyByBearer => Credential::ApiKey(VerifiedKey::bearer(id)),
    }
}
