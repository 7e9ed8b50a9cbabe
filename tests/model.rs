//! The engine against the reference, reason and confinement included: on every
//! cell of two worlds, on every standing of a credential, on hostile targets.
//!
//! The reference in `tests/reference/` reads the documents by itself and asks
//! each question without an index and without an early return. Where the two
//! disagree, one of them is wrong about the rules.

mod reference;
mod worlds;

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::{
    Account, AccountKind, ApiKey, Confinement, Credential, Decision, Deployment,
    EMBEDDED_DIRECTORY, EMBEDDED_POLICY, Engine, KeyKind, KeyState, Policy, Principal, Release,
    Scope, ScopeLevel, Technique, Tenancy, Tenant, UnixSeconds, Verdict, VerifiedKey,
    VerifiedToken,
};
use proptest::prelude::*;
use reference::decide::{self, Outcome};
use reference::request::{self, Request, Resource};
use reference::space::Space;
use reference::standing::{crossed, one_of_each_outcome, outline};
use reference::world::World;
use reference::{hostile, peculiar};

/// The engines of every deployment of one world.
struct Engines {
    policy: Arc<Policy>,
    tenancy: Tenancy,
    engines: BTreeMap<(String, bool), Engine>,
}

impl Engines {
    fn of(policy: &str, world: &World) -> Self {
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
    fn with<T>(
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

    fn decide(&self, request: &Request) -> Outcome {
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
        "api_key" => Credential::ApiKey(VerifiedKey::presented("key", technique.unwrap(), subject)),
        _ => {
            let issued_at = written.issued_at.map(UnixSeconds::new);
            let token = VerifiedToken::new(
                "key",
                subject,
                issued_at,
                written.expires_at.map(UnixSeconds::new),
            );
            Credential::Token(technique.map_or(token, |technique| token.presented(technique)))
        }
    }
}

fn outcome(decision: Decision<'_>) -> Outcome {
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
struct Comparison<'w> {
    world: &'w World,
    engines: &'w Engines,
    compared: usize,
    differences: BTreeMap<String, String>,
}

impl<'w> Comparison<'w> {
    fn new(world: &'w World, engines: &'w Engines) -> Self {
        Self {
            world,
            engines,
            compared: 0,
            differences: BTreeMap::new(),
        }
    }

    fn compare(&mut self, request: &Request) -> Outcome {
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

    fn assert_equal(&self, at_least: usize) {
        assert!(
            self.compared >= at_least,
            "only {} were compared",
            self.compared
        );
        let all: Vec<String> = self
            .differences
            .iter()
            .map(|(kind, example)| format!("{kind}\n    {example}"))
            .collect();
        assert!(all.is_empty(), "{}", all.join("\n"));
    }
}

fn embedded() -> (World, Engines) {
    let world = World::from_yaml(EMBEDDED_POLICY, EMBEDDED_DIRECTORY);
    let engines = Engines::of(EMBEDDED_POLICY, &world);
    (world, engines)
}

fn odd() -> (World, Engines) {
    let world = peculiar::world();
    let engines = Engines::of(peculiar::POLICY, &world);
    (world, engines)
}

/// Every cell, and on one cell of each outcome every pair of standings.
fn compare_space((world, engines): (World, Engines), at_least: usize) {
    let mut comparison = Comparison::new(&world, &engines);
    let space = Space::of(&world);
    let cells = one_of_each_outcome(space.requests().map(|request| {
        let outcome = comparison.compare(&request);
        (request, outcome)
    }));
    assert!(
        cells.len() >= 10,
        "only {} outcomes: the interplay would not be tested",
        cells.len()
    );
    for request in crossed(&cells) {
        let _ = comparison.compare(&request);
    }
    comparison.assert_equal(at_least);
}

fn compare_hostile((world, engines): (World, Engines), at_least: usize) {
    let mut comparison = Comparison::new(&world, &engines);
    for request in hostile::requests(&world).chain(hostile::requests_by_path(&world)) {
        let _ = comparison.compare(&request);
    }
    comparison.assert_equal(at_least);
}

#[test]
fn the_engine_agrees_on_every_cell_and_standing_of_the_embedded_policy() {
    compare_space(embedded(), 1_400_000);
}

#[test]
fn the_engine_agrees_on_hostile_targets_of_the_embedded_policy() {
    compare_hostile(embedded(), 800_000);
}

#[test]
fn the_engine_agrees_on_every_cell_and_standing_of_a_peculiar_policy() {
    compare_space(odd(), 300_000);
}

#[test]
fn the_engine_agrees_on_hostile_targets_of_a_peculiar_policy() {
    compare_hostile(odd(), 100_000);
}

#[test]
fn an_explanation_never_disagrees_with_its_decision() {
    let (world, engines) = embedded();
    let space = Space::of(&world);
    let mut explained = 0;
    // Every cell: the numbers of the space are walked, whole.
    for request in space.requests() {
        engines.with(&request, |engine, principal, endpoint, tenant| {
            let explanation = engine.explain(principal, endpoint, tenant);
            let decision = engine.authorize(principal, endpoint, tenant);
            let first = explanation
                .answers()
                .iter()
                .find_map(|answer| match answer.verdict {
                    Verdict::Refused(reason) => Some(reason),
                    Verdict::Passed | Verdict::NotAsked => None,
                });
            assert_eq!(first, decision.reason(), "{request:?}");
            assert_eq!(
                outcome(explanation.decision()),
                outcome(decision),
                "{request:?}"
            );
            assert_eq!(explanation.answers().len(), 18);
        });
        explained += 1;
    }
    assert_eq!(explained, space.len());
}

#[test]
fn an_explanation_answers_each_question_as_the_reference_does() {
    let (world, engines) = embedded();
    let cells = one_of_each_outcome(Space::of(&world).requests().step_by(7).map(|request| {
        let outcome = decide::decide(&world, &request);
        (request, outcome)
    }));
    let mut compared = 0;
    for request in crossed(&cells).step_by(11) {
        let expected = decide::answers(&world, &request);
        engines.with(&request, |engine, principal, endpoint, tenant| {
            for (answer, expected) in engine
                .explain(principal, endpoint, tenant)
                .answers()
                .iter()
                .zip(expected)
            {
                match answer.verdict {
                    Verdict::Refused(reason) => {
                        assert_eq!(Some(reason.code()), expected, "{answer:?} {request:?}")
                    }
                    Verdict::Passed => assert_eq!(None, expected, "{answer:?} {request:?}"),
                    // What nobody asked, an earlier refusal explains.
                    Verdict::NotAsked => {}
                }
            }
        });
        compared += 1;
    }
    assert!(compared > 10_000, "only {compared}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_agrees_on_random_policies(
        made in worlds::worlds(worlds::Size { endpoints: 12, profiles: 4, privileges: 6, releases: 3 }),
        start in 0_usize..1_000,
    ) {
        let policy = made.yaml();
        let world = World::from_yaml(&policy, &worlds::directory(&made, 1, 1));
        let engines = Engines::of(&policy, &world);
        let mut comparison = Comparison::new(&world, &engines);
        let space = Space::of(&world);
        // A stride without a factor in common with the space meets every axis.
        for number in (start..space.len()).step_by(1_009.min(space.len() / 100 + 1)) {
            let _ = comparison.compare(&space.request(number));
        }
        for request in hostile::requests(&world).skip(start).step_by(97) {
            let _ = comparison.compare(&request);
        }
        comparison.assert_equal(50);
    }
}
