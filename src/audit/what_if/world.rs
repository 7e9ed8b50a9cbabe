//! A request decided in a world with some changes.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::account::AccountKind;
use crate::audit::cell::Presentation;
use crate::audit::what_if::change::{PolicyChange, SingleChange};
use crate::audit::what_if::situation::Situation;
use crate::credential::{Credential, Technique, VerifiedKey, VerifiedToken};
use crate::engine::Engine;
use crate::engine::decision::{Decision, OwnedConfinement};
use crate::id::TenantId;
use crate::key::{ApiKey, KeyState};
use crate::path::endpoint::Endpoint;
use crate::policy::Policy;
use crate::principal::Principal;
use crate::reason::Reason;
use crate::release::{Deployment, Release};
use crate::tenancy::Tenancy;
use crate::time::UnixSeconds;
use crate::util::hash::Map;

/// Decides one request with any set of changes. Each policy and engine is made
/// once.
#[derive(Debug)]
pub(super) struct World<'s> {
    policy: &'s Arc<Policy>,
    tenancy: &'s Tenancy,
    situation: Situation<'s>,
    policies: Map<Vec<PolicyChange>, Arc<Policy>>,
    /// By the changes of the policy, the release and the switch.
    engines: Map<(Vec<PolicyChange>, Release, bool), Engine>,
}

impl<'s> World<'s> {
    /// The key of the situation must be a copy that no other thread changes.
    pub(super) fn new(
        policy: &'s Arc<Policy>,
        tenancy: &'s Tenancy,
        situation: Situation<'s>,
    ) -> Self {
        Self {
            policy,
            tenancy,
            situation,
            policies: Map::default(),
            engines: Map::default(),
        }
    }

    /// The policy with its changes.
    pub(super) fn policy(&mut self, changes: &[PolicyChange]) -> Option<Arc<Policy>> {
        if changes.is_empty() {
            return Some(self.policy.clone());
        }
        if let Some(made) = self.policies.get(changes) {
            return Some(made.clone());
        }
        let mut document = self.policy.document().clone();
        for change in changes {
            change.apply(&mut document)?;
        }
        let made = Arc::new(Policy::compile(document));
        self.policies.insert(changes.to_vec(), made.clone());
        Some(made)
    }

    /// Decides the request with these changes.
    ///
    /// # Errors
    ///
    /// The reason for a denial.
    pub(super) fn decide(&mut self, changes: &[&SingleChange]) -> Result<OwnedConfinement, Reason> {
        let (tenancy, now) = (self.tenancy, self.situation.now);
        let Situation {
            deployment,
            endpoint,
            mut credential,
            ..
        } = self.situation;
        let mut account = self.situation.account.cloned();
        let mut key = self.situation.key.map(copy);
        let (mut release, mut is_switched) = (deployment.release(), deployment.scoped_keys());
        let (mut tenant, mut tenant_in_path) = (self.situation.tenant, None);
        let mut of_policy = Vec::new();
        for change in changes {
            match change {
                SingleChange::Profile(profile) => {
                    if let Some(account) = &mut account {
                        account.profile = profile.clone();
                    }
                }
                SingleChange::Scope(scope) => {
                    if let Some(account) = &mut account {
                        account.scope = Some(scope.clone());
                    }
                }
                SingleChange::Enabled => {
                    if let Some(account) = &mut account {
                        account.enabled = true;
                    }
                }
                SingleChange::Local => {
                    if let Some(account) = &mut account {
                        account.kind = AccountKind::Local;
                    }
                }
                SingleChange::Release(other) => release = *other,
                SingleChange::ScopedKeys(on) => is_switched = *on,
                SingleChange::Tenant(named) => {
                    let named = named.as_ref().map(TenantId::as_str);
                    if named.is_some() && self.names_tenant_in_path() {
                        (tenant, tenant_in_path) = (None, named);
                    } else {
                        tenant = named;
                    }
                }
                SingleChange::KeyActive => {
                    if let Some(key) = &mut key {
                        key.state = KeyState::active();
                    }
                }
                SingleChange::KeyInTime => {
                    if let Some(key) = &mut key {
                        key.created_at = key.created_at.min(now);
                        key.expires_at = None;
                    }
                }
                SingleChange::KeyKind(kind) => {
                    if let Some(key) = &mut key {
                        key.kind = *kind;
                    }
                }
                SingleChange::Presentation(presentation) => {
                    if let Some(key) = self.situation.key {
                        credential = presented(key, *presentation, now);
                    }
                }
                SingleChange::Policy(change) => of_policy.push(change.clone()),
            }
        }
        let path = self.path(tenant_in_path).ok_or(Reason::UnknownEndpoint)?;
        let engine = self.engine(of_policy, release, is_switched);
        let engine = engine.ok_or(Reason::StaleResolution)?;
        let policy = engine.policy();
        // The endpoint of a path can depend on the release and its table.
        let method = endpoint.found.method();
        let number = policy.release_number(release);
        let number = number.ok_or(Reason::StaleResolution)?;
        let (found, path) = policy.catalogue().find(method, &path, number);
        // The name of this tenant equals a literal, so the path is another endpoint's.
        if tenant_in_path.is_some() && found != endpoint.found {
            return Err(Reason::UnknownEndpoint);
        }
        let endpoint = Endpoint {
            policy: policy.stamp(),
            found,
            path,
        };
        let principal = Principal::new(
            policy,
            tenancy,
            account.as_ref(),
            &credential,
            key.as_ref(),
            now,
        );
        match engine.authorize(&principal, endpoint, tenancy.tenant(tenant)) {
            Decision::Allow(allowance) => Ok(allowance.confinement().to_owned()),
            Decision::Deny(denial) => Err(denial.reason()),
        }
    }

    fn names_tenant_in_path(&self) -> bool {
        let entry = self.situation.endpoint.found.entry();
        let entry = entry.and_then(|entry| self.policy.catalogue().entry(entry));
        entry.is_some_and(|entry| entry.tenant_segment().is_some())
    }

    /// The whole path of the request; with another tenant in it if one is given.
    fn path(&self, tenant: Option<&str>) -> Option<Vec<u8>> {
        let endpoint = &self.situation.endpoint;
        let mut path = self.policy.base_path().to_string().into_bytes();
        match tenant {
            Some(tenant) => {
                let entry = self.policy.catalogue().entry(endpoint.found.entry()?)?;
                path.extend(entry.path_naming(endpoint.path, tenant)?);
            }
            None => path.extend(endpoint.path),
        }
        Some(path)
    }

    fn engine(
        &mut self,
        changes: Vec<PolicyChange>,
        release: Release,
        is_switched: bool,
    ) -> Option<&Engine> {
        let key = (changes, release, is_switched);
        if !self.engines.contains_key(&key) {
            let policy = self.policy(&key.0)?;
            let deployment = if is_switched {
                Deployment::with_scoped_keys(release)
            } else {
                Deployment::new(release)
            };
            let engine = Engine::new(policy, deployment).ok()?;
            self.engines.insert(key.clone(), engine);
        }
        self.engines.get(&key)
    }
}

/// The same key with a state of its own, so that changing it affects nothing else.
pub(super) fn copy(key: &ApiKey) -> ApiKey {
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
