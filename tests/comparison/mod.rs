//! The engine and the reference side by side.
//!
//! A test includes it beside `mod reference;`.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::VerifiedToken;
use portcullis::credential::Technique;
use portcullis::scope::ScopeLevel;
use portcullis::{
    Account, AccountKind, ApiKey, Confinement, Credential, Decision, Deployment, Engine, KeyKind,
};
use portcullis::{
    KeyState, Policy, Principal, Release, Scope, Tenancy, Tenant, UnixSeconds, VerifiedKey,
};

use super::reference::decide::{self, Outcome};
use super::reference::request::{self, Request, Resource};
use super::reference::standing::outline;
use super::reference::world::World;

/// The engines of every deployment of one world.
pub(crate) struct Engines {
    policy: Arc<Policy>,
    tenancy: Tenancy,
    engines: BTreeMap<(String, bool), Engine>,
}

impl Engines {
    pub(crate) fn of(policy: &str, world: &World) -> Self {
        let policy = Arc::new(Policy::from_yaml(policy).unwrap());
        let tenants = world.tenants.iter().map(|tenant| tenant.parse().unwrap());
        let groups = world.groups.iter().map(|(group, members)| {
            (
                group.parse().unwrap(),
                members
                    .iter()
                    .map(|member| member.parse().unwrap())
                    .collect(),
            )
        });
        let tenancy = Tenancy::new(tenants, groups).unwrap();
        let mut engines = BTreeMap::new();
        for name in world.releases.keys() {
            let release: Release = name.parse().unwrap();
            let off = Engine::new(policy.clone(), Deployment::new(release)).unwrap();
            let on = Engine::new(policy.clone(), Deployment::with_scoped_keys(release)).unwrap();
            engines.insert((name.clone(), false), off);
            engines.insert((name.clone(), true), on);
        }
        Self {
            policy,
            tenancy,
            engines,
        }
    }

    /// Puts one request to the engine and reads the result with `read`.
    pub(crate) fn with<T>(
        &self,
        request: &Request,
        read: impl FnOnce(&Engine, &Principal<'_>, portcullis::Endpoint<'_>, Tenant) -> T,
    ) -> T {
        let engine = &self.engines[&(request.release.clone(), request.scoped_keys)];
        let account = account(&request.principal);
        let key = request.credential.key.as_ref().map(key);
        let credential = credential(&request.credential);
        let now = UnixSeconds::new(request.now);
        let principal = Principal::new(
            &self.policy,
            &self.tenancy,
            Some(&account),
            &credential,
            key.as_ref(),
            now,
        );
        let (endpoint, named) = match &request.resource {
            Resource::Target(target) => {
                let target = engine.target(&request.method, target);
                (target.endpoint, target.tenant)
            }
            Resource::Path { path, tenant } => {
                (engine.endpoint(&request.method, path), tenant.as_deref())
            }
        };
        read(engine, &principal, endpoint, self.tenancy.tenant(named))
    }

    pub(crate) fn decide(&self, request: &Request) -> Outcome {
        self.with(request, |engine, principal, endpoint, tenant| {
            outcome(engine.authorize(principal, endpoint, tenant))
        })
    }
}

fn account(written: &request::Principal) -> Account {
    let level = match written.scope.as_str() {
        "root" => ScopeLevel::Root,
        "partner" => ScopeLevel::Partner,
        "tenant" => ScopeLevel::Tenant,
        other => panic!("no scope: {other}"),
    };
    let group = written.group.as_ref().map(|group| group.parse().unwrap());
    let tenant = written
        .tenant
        .as_ref()
        .map(|tenant| tenant.parse().unwrap());
    Account {
        user: written.user.parse().unwrap(),
        kind: if written.account == "local" {
            AccountKind::Local
        } else {
            AccountKind::Sso
        },
        enabled: written.enabled,
        scope: Scope::from_parts(level, group, tenant),
        profile: written.profile.parse().unwrap(),
    }
}

fn key(written: &request::Key) -> ApiKey {
    ApiKey {
        id: written.id.parse().unwrap(),
        owner: written.owner.parse().unwrap(),
        kind: if written.kind == "scoped" {
            KeyKind::Scoped
        } else {
            KeyKind::Legacy
        },
        created_at: UnixSeconds::new(written.created_at),
        expires_at: written.expires_at.map(UnixSeconds::new),
        state: match written.state.as_str() {
            "active" => KeyState::active(),
            // Revoked is a state: it holds whenever it was recorded.
            _ => KeyState::revoked(UnixSeconds::new(u64::MAX)),
        },
    }
}

fn credential(written: &request::Credential) -> Credential<'_> {
    let technique = written
        .technique
        .as_deref()
        .map(|technique| match technique {
            "basic" => Technique::Basic,
            _ => Technique::Bearer,
        });
    let subject = written.subject.as_deref();
    match written.kind.as_str() {
        "none" => Credential::missing(),
        "password" => Credential::Password,
        "sso_session" => Credential::SsoSession,
        "api_key" => {
            let key = VerifiedKey::presented(&written.names, technique.unwrap(), subject);
            let end = written.expires_at.map(UnixSeconds::new);
            Credential::ApiKey(end.map_or(key, |end| key.expiring(end)))
        }
        _ => {
            let issued_at = written.issued_at.map(UnixSeconds::new);
            let token = VerifiedToken::new(
                &written.names,
                subject,
                issued_at,
                written.expires_at.map(UnixSeconds::new),
            );
            let begin = written.not_before.map(UnixSeconds::new);
            let token = begin.map_or(token, |begin| token.not_before(begin));
            Credential::Token(technique.map_or(token, |technique| token.presented(technique)))
        }
    }
}

pub(crate) fn outcome(decision: Decision<'_>) -> Outcome {
    match decision {
        Decision::Deny(denial) => Outcome::Deny {
            reason: denial.reason().code(),
            status: denial.status(),
            class: denial.class().as_str(),
        },
        Decision::Allow(allowance) => Outcome::Allow {
            endpoint: allowance.endpoint().to_string(),
            parameters: allowance
                .parameters()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            confinement: match allowance.confinement() {
                Confinement::Unconfined => decide::Confinement::Unconfined,
                Confinement::NotTenantData => decide::Confinement::NotTenantData,
                Confinement::One(tenant) => decide::Confinement::One(tenant.to_string()),
                Confinement::Tenants(set) => {
                    decide::Confinement::Tenants(set.iter().map(ToString::to_string).collect())
                }
            },
        },
    }
}

/// Compares requests one by one and tells the first of each kind of difference.
pub(crate) struct Comparison<'w> {
    world: &'w World,
    engines: &'w Engines,
    pub(crate) compared: usize,
    differences: BTreeMap<String, String>,
}

impl<'w> Comparison<'w> {
    pub(crate) fn new(world: &'w World, engines: &'w Engines) -> Self {
        Self {
            world,
            engines,
            compared: 0,
            differences: BTreeMap::new(),
        }
    }

    pub(crate) fn compare(&mut self, request: &Request) -> Outcome {
        let (engine, reference) = (
            self.engines.decide(request),
            decide::decide(self.world, request),
        );
        if engine != reference {
            let kind = format!(
                "engine: {}, reference: {}",
                outline(&engine),
                outline(&reference)
            );
            self.differences
                .entry(kind)
                .or_insert_with(|| format!("{engine:?} is not {reference:?} for {request:?}"));
        }
        self.compared += 1;
        reference
    }

    pub(crate) fn assert_equal(&self, at_least: usize) {
        assert!(
            self.compared >= at_least,
            "only {} were compared",
            self.compared
        );
        let all = self.differences();
        assert!(all.is_none(), "{}", all.unwrap_or_default());
    }

    /// The first difference of each kind, if there are any.
    pub(crate) fn differences(&self) -> Option<String> {
        let all: Vec<String> = self
            .differences
            .iter()
            .map(|(kind, example)| format!("{kind}\n    {example}"))
            .collect();
        (!all.is_empty()).then(|| all.join("\n"))
    }
}
