//! What would allow it: every single change that turns a denial into an allow.
//!
//! For administrators, never for callers: the answer tells the rules.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::cell::{KEYS, Presentation};
use crate::account::{Account, AccountKind};
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

/// A request, with everything in it that one change may touch.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'s> {
    /// Where it arrives.
    pub deployment: Deployment,
    /// When it arrives.
    pub now: UnixSeconds,
    /// For whom it is made; `None` is a user who does not exist.
    pub account: Option<&'s Account>,
    /// What it presents.
    pub credential: Credential<'s>,
    /// The key behind that; `None` is one that does not exist.
    pub key: Option<&'s ApiKey>,
    /// What it asks for, resolved by an engine of the same policy.
    pub endpoint: Endpoint<'s>,
    /// The tenant that it names.
    pub tenant: Option<&'s str>,
}

/// One single change. The list is closed: nothing else is tried.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
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
    /// The key exists already and has not expired.
    KeyInTime,
    /// The key is of the other kind.
    KeyKind(KeyKind),
    /// The key, or a token made from it just now, is presented like this, in
    /// its owner's name. Also the way out for a token that is too old.
    Presentation(Presentation),
}

/// A change that turns the denial into an allow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remedy {
    /// The change.
    pub change: Change,
    /// To which tenants the answer would be limited.
    pub confinement: OwnedConfinement,
}

/// Finds every single change that would allow a request, by asking the engine
/// about each. Empty where no single change does, and for a request that is
/// allowed as it is.
///
/// The cost grows with the profiles, releases, groups and tenants that there
/// are: one decision for each.
pub fn what_if(policy: &Arc<Policy>, tenancy: &Tenancy, situation: &Situation<'_>) -> Vec<Remedy> {
    // The state of the key is read once: it may change meanwhile, and what is
    // told here is one answer.
    let key = situation.key.map(copy);
    let key = key.as_ref();
    let situation = &Situation { key, ..*situation };
    if decide(policy, tenancy, situation).is_some() {
        return Vec::new();
    }
    let remedy = |change: Change| {
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

/// Every change that can be tried.
fn changes(policy: &Policy, tenancy: &Tenancy, situation: &Situation<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    if let Some(account) = situation.account {
        let profiles = policy
            .profiles()
            .filter(|profile| **profile != account.profile);
        changes.extend(profiles.cloned().map(Change::Profile));
        let groups = tenancy
            .groups()
            .map(|(group, _)| Scope::Partner(group.clone()));
        let tenants = tenancy.tenants().cloned().map(Scope::Tenant);
        let scopes = core::iter::once(Scope::Root).chain(groups).chain(tenants);
        changes.extend(
            scopes
                .filter(|scope| account.scope.as_ref() != Some(scope))
                .map(Change::Scope),
        );
        changes.extend((!account.enabled).then_some(Change::Enabled));
        changes.extend((account.kind == AccountKind::Sso).then_some(Change::Local));
    }
    let deployment = situation.deployment;
    changes.extend(
        policy
            .releases()
            .filter(|release| *release != deployment.release())
            .map(Change::Release),
    );
    changes.push(Change::ScopedKeys(!deployment.scoped_keys()));
    let named = |tenant: &TenantId| situation.tenant == Some(tenant.as_str());
    changes.extend(situation.tenant.is_some().then_some(Change::Tenant(None)));
    changes.extend(
        tenancy
            .tenants()
            .filter(|tenant| !named(tenant))
            .cloned()
            .map(|tenant| Change::Tenant(Some(tenant))),
    );
    if let Some(key) = situation.key {
        changes.extend([Change::KeyActive, Change::KeyInTime]);
        changes.extend(
            KEYS.into_iter()
                .filter(|kind| *kind != key.kind)
                .map(Change::KeyKind),
        );
        changes.extend(Presentation::ALL.into_iter().map(Change::Presentation));
    }
    changes
}

/// Decides the request with one change: the confinement of an allow.
fn changed(
    policy: &Arc<Policy>,
    tenancy: &Tenancy,
    asked: &Situation<'_>,
    change: &Change,
) -> Option<OwnedConfinement> {
    let account = |change: &dyn Fn(&mut Account)| {
        let mut account = asked.account?.clone();
        change(&mut account);
        decide(
            policy,
            tenancy,
            &Situation {
                account: Some(&account),
                ..*asked
            },
        )
    };
    let key = |change: &dyn Fn(&mut ApiKey)| {
        let mut key = copy(asked.key?);
        change(&mut key);
        decide(
            policy,
            tenancy,
            &Situation {
                key: Some(&key),
                ..*asked
            },
        )
    };
    let deployment = |deployment| {
        decide(
            policy,
            tenancy,
            &Situation {
                deployment,
                ..*asked
            },
        )
    };
    match change {
        Change::Profile(profile) => account(&|account| account.profile = profile.clone()),
        Change::Scope(scope) => account(&|account| account.scope = Some(scope.clone())),
        Change::Enabled => account(&|account| account.enabled = true),
        Change::Local => account(&|account| account.kind = AccountKind::Local),
        Change::Release(release) => {
            deployment(with_switch(*release, asked.deployment.scoped_keys()))
        }
        Change::ScopedKeys(on) => deployment(with_switch(asked.deployment.release(), *on)),
        Change::Tenant(tenant) => {
            let tenant = tenant.as_ref().map(TenantId::as_str);
            name(policy, tenancy, asked, tenant)
        }
        Change::KeyActive => key(&|key| key.state = KeyState::active()),
        Change::KeyInTime => key(&|key| {
            key.created_at = key.created_at.min(asked.now);
            key.expires_at = None;
        }),
        Change::KeyKind(kind) => key(&|key| key.kind = *kind),
        Change::Presentation(presentation) => {
            let credential = presented(asked.key?, *presentation, asked.now);
            decide(
                policy,
                tenancy,
                &Situation {
                    credential,
                    ..*asked
                },
            )
        }
    }
}

/// Decides the request as one that names this tenant, or none: beside the path,
/// or in it where the path names the tenant.
fn name(
    policy: &Arc<Policy>,
    tenancy: &Tenancy,
    asked: &Situation<'_>,
    tenant: Option<&str>,
) -> Option<OwnedConfinement> {
    let found = asked.endpoint.found.operation();
    let entry = found.and_then(|(entry, method)| {
        let entry = policy.catalogue().entry(entry)?;
        entry.tenant_segment()?;
        Some((method, entry))
    });
    let (Some((method, entry)), Some(named)) = (entry, tenant) else {
        return decide(policy, tenancy, &Situation { tenant, ..*asked });
    };
    let mut path = policy.base_path().to_string().into_bytes();
    path.extend(entry.path_naming(asked.endpoint.path, named)?);
    let release = policy.release_number(asked.deployment.release())?;
    let (found, path) = policy.catalogue().find(Some(method), &path, release);
    // A tenant that is called like a literal is not to be had by this path.
    if found != asked.endpoint.found {
        return None;
    }
    let endpoint = Endpoint {
        path,
        ..asked.endpoint
    };
    let asked = Situation {
        endpoint,
        tenant: None,
        ..*asked
    };
    decide(policy, tenancy, &asked)
}

fn decide(
    policy: &Arc<Policy>,
    tenancy: &Tenancy,
    asked: &Situation<'_>,
) -> Option<OwnedConfinement> {
    let engine = Engine::new(policy.clone(), asked.deployment).ok()?;
    let principal = Principal::new(
        policy,
        tenancy,
        asked.account,
        &asked.credential,
        asked.key,
        asked.now,
    );
    match engine.authorize(&principal, asked.endpoint, tenancy.tenant(asked.tenant)) {
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

/// The same key with a state of its own, for a request that is only supposed.
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
