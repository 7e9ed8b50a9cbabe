//! Decides one cell at a time, through the public API only.

use std::sync::Arc;

use portcullis::audit::{Axes, Circumstance, Extent, Matrix, Outcome, Presentation, Relation, Row};
use portcullis::credential::Technique;
use portcullis::scope::ScopeLevel;
use portcullis::{
    Account, AccountKind, ApiKey, Confinement, Credential, Decision, Deployment, Engine, KeyKind,
};
use portcullis::{
    KeyState, Policy, Principal, ProfileId, Scope, Tenancy, Tenant, TenantId, UnixSeconds,
};
use portcullis::{VerifiedKey, VerifiedToken};

use crate::worlds::World;

const NOW: UnixSeconds = UnixSeconds::new(1_764_000_000);

/// Loads a world.
pub fn policy(world: &World) -> Arc<Policy> {
    let yaml = world.yaml();
    Arc::new(Policy::from_yaml(&yaml).unwrap_or_else(|faults| panic!("{faults}\n{yaml}")))
}

/// Every scope with every circumstance that can occur there. If the path names the
/// tenant, a tenant is named in all of them.
pub fn corners(row: &Row) -> impl Iterator<Item = (ScopeLevel, Circumstance)> + use<> {
    let in_path = row.names_tenant_in_path();
    let occurs = move |cell: &Circumstance| match cell.tenant() {
        Relation::Inside | Relation::Outside => true,
        Relation::NotNamed | Relation::EmptyGroup => !in_path,
    };
    ScopeLevel::ALL.into_iter().flat_map(move |scope| {
        Circumstance::all_at(scope)
            .filter(occurs)
            .map(move |cell| (scope, cell))
    })
}

/// A tenancy with users and keys for every cell.
pub struct Brute {
    tenancy: Tenancy,
}

impl Brute {
    pub fn new() -> Self {
        let tenant = |name: &str| name.parse::<TenantId>().unwrap();
        let tenants = ["alpha", "beta", "gamma"].map(tenant);
        let groups = [
            (
                "one".parse().unwrap(),
                vec![tenant("beta"), tenant("alpha")],
            ),
            ("none".parse().unwrap(), vec![]),
        ];
        Self {
            tenancy: Tenancy::new(tenants, groups).unwrap(),
        }
    }

    /// The outcome of one cell. If the cell means several requests, all of them are
    /// decided and must have the same outcome.
    pub fn ask(
        &self,
        engine: &Engine,
        row: &Row,
        profile: &ProfileId,
        scope: ScopeLevel,
        cell: Circumstance,
    ) -> Outcome {
        let base = row.base_path().to_string();
        let (none, one) = (
            Scope::Partner("none".parse().unwrap()),
            Scope::Partner("one".parse().unwrap()),
        );
        let alpha = Scope::Tenant("alpha".parse().unwrap());
        // Scopes with the tenants they name: every request of the cell.
        let asked: Vec<(Scope, Option<&str>)> = match (scope, cell.tenant()) {
            (ScopeLevel::Root, Relation::NotNamed) => vec![(Scope::Root, None)],
            (ScopeLevel::Root, Relation::Inside) => ["alpha", "beta", "gamma"]
                .map(|tenant| (Scope::Root, Some(tenant)))
                .into(),
            (ScopeLevel::Root, Relation::Outside) => {
                vec![(Scope::Root, Some("delta")), (Scope::Root, Some(""))]
            }
            (ScopeLevel::Partner, Relation::NotNamed) => vec![(one, None)],
            (ScopeLevel::Partner, Relation::Inside) => {
                vec![(one.clone(), Some("alpha")), (one, Some("beta"))]
            }
            (ScopeLevel::Partner, Relation::Outside) => {
                vec![
                    (one.clone(), Some("gamma")),
                    (one, Some("delta")),
                    (none.clone(), Some("alpha")),
                    (none, Some("x y")),
                ]
            }
            (ScopeLevel::Partner, Relation::EmptyGroup) => vec![(none, None)],
            (ScopeLevel::Tenant, Relation::NotNamed) => vec![(alpha, None)],
            (ScopeLevel::Tenant, Relation::Inside) => vec![(alpha, Some("alpha"))],
            (ScopeLevel::Tenant, Relation::Outside) => ["beta", "gamma", "delta", "ALPHA"]
                .map(|tenant| (alpha.clone(), Some(tenant)))
                .into(),
            (ScopeLevel::Root | ScopeLevel::Tenant, Relation::EmptyGroup) => {
                panic!("there is no such cell")
            }
        };
        let outcomes: Vec<Outcome> = asked
            .into_iter()
            .filter(|(scope, named)| is_sent(engine, row, scope, *named))
            .map(|(scope, named)| {
                let is_of_one = matches!(&scope, Scope::Partner(group) if group.as_str() == "one");
                let inside = if is_of_one { "beta" } else { "alpha" };
                let in_path = row.sample_naming(named.unwrap_or_default(), inside);
                let path = base.clone() + in_path.as_deref().unwrap_or(row.sample());
                let account = account(profile, scope, cell.account());
                self.decide(engine, row, &path, account, cell, named)
            })
            .collect();
        assert!(
            outcomes.windows(2).all(|pair| pair[0] == pair[1]),
            "{} {profile} {cell:?}: {outcomes:?}",
            row.sample()
        );
        outcomes[0]
    }

    fn decide(
        &self,
        engine: &Engine,
        row: &Row,
        path: &str,
        account: Account,
        cell: Circumstance,
        named: Option<&str>,
    ) -> Outcome {
        let key = ApiKey {
            id: "k".parse().unwrap(),
            owner: "u".parse().unwrap(),
            kind: cell.key(),
            created_at: UnixSeconds::new(1_763_913_600),
            expires_at: None,
            state: KeyState::active(),
        };
        let token = VerifiedToken::new("k", Some("u"), Some(UnixSeconds::new(1_763_999_940)), None);
        let credential = match cell.presentation() {
            Presentation::Token => Credential::Token(token),
            Presentation::TokenByBasic => Credential::Token(token.presented(Technique::Basic)),
            Presentation::KeyByBasic => Credential::ApiKey(VerifiedKey::basic("k", "u")),
            Presentation::KeyByBearer => Credential::ApiKey(VerifiedKey::bearer("k")),
        };
        let principal = Principal::new(
            engine.policy(),
            &self.tenancy,
            Some(&account),
            &credential,
            Some(&key),
            NOW,
        );
        let endpoint = engine.endpoint(row.method().as_str(), path);
        let beside = named.filter(|_| !row.names_tenant_in_path());
        match engine.authorize(&principal, endpoint, self.tenancy.tenant(beside)) {
            Decision::Deny(denial) => Outcome::Deny(denial.reason()),
            Decision::Allow(_) if lets_strangers_in(engine, row, path) => {
                Outcome::Allow(Extent::Public)
            }
            Decision::Allow(allowance) => Outcome::Allow(
                match (allowance.confinement(), account.scope.as_ref().unwrap()) {
                    (Confinement::NotTenantData, _) => Extent::NotTenantData,
                    (Confinement::One(tenant), _) if Some(tenant.as_str()) == named => {
                        Extent::Tenant
                    }
                    // This policy names the tenant in another segment of the path.
                    (Confinement::One(_), _) if names_two(row) => Extent::Beyond,
                    (Confinement::One(tenant), _) => panic!("{tenant} is not {named:?}"),
                    (Confinement::Unconfined, scope) => {
                        assert_eq!(*scope, Scope::Root);
                        Extent::Scope
                    }
                    (Confinement::Tenants(set), Scope::Partner(group)) => {
                        assert_eq!(Some(set), self.tenancy.group(group));
                        Extent::Scope
                    }
                    (Confinement::Tenants(set), Scope::Tenant(tenant)) => {
                        assert_eq!(set.iter().collect::<Vec<_>>(), [tenant]);
                        Extent::Scope
                    }
                    (Confinement::Tenants(_), Scope::Root) => panic!("root is no set"),
                },
            ),
        }
    }
}

/// Whether the path is answered without a credential.
fn lets_strangers_in(engine: &Engine, row: &Row, path: &str) -> bool {
    let endpoint = engine.endpoint(row.method().as_str(), path);
    let decision = engine.authorize(&Principal::anonymous(), endpoint, Tenant::NOT_NAMED);
    matches!(decision, Decision::Allow(_))
}

/// Whether two policies name the tenant in two segments of the path.
fn names_two(row: &Row) -> bool {
    let both = row.sample_naming("first", "second");
    both.is_some_and(|path| path.contains("second"))
}

/// Whether the request can be sent and is one of its cell. No segment of a path can
/// be empty or have a blank. A user with an empty group is refused the tenant in
/// the path only if the policy names it there.
fn is_sent(engine: &Engine, row: &Row, scope: &Scope, named: Option<&str>) -> bool {
    let of_none = matches!(scope, Scope::Partner(group) if group.as_str() == "none");
    let Some(path) = row.sample_naming(named.unwrap_or_default(), "alpha") else {
        return true;
    };
    let path = format!("{}{path}", row.base_path());
    let entry = engine.entry(engine.endpoint(row.method().as_str(), &path));
    let looks = entry.is_some_and(|entry| {
        matches!(
            entry.tenant_parameter(),
            portcullis::path::TenantParameter::Path(_)
        )
    });
    !matches!(named, Some("" | "x y")) && (!of_none || looks && !names_two(row))
}

fn account(profile: &ProfileId, scope: Scope, kind: AccountKind) -> Account {
    Account {
        user: "u".parse().unwrap(),
        kind,
        enabled: true,
        scope: Some(scope),
        profile: profile.clone(),
    }
}

/// The engines of the sheets of a matrix.
pub fn engines(matrix: &Matrix) -> Vec<Engine> {
    let engine = |deployment: Deployment| Engine::new(matrix.policy().clone(), deployment).unwrap();
    matrix
        .sheets()
        .iter()
        .map(|sheet| engine(sheet.deployment()))
        .collect()
}

/// Every row, profile, scope and circumstance of the axes.
pub fn places(axes: &Axes) -> impl Iterator<Item = (usize, usize, ScopeLevel, Circumstance)> {
    let profiles = axes.profiles().len();
    axes.rows()
        .iter()
        .enumerate()
        .flat_map(move |(row, asked)| {
            (0..profiles).flat_map(move |profile| {
                corners(asked).map(move |(scope, cell)| (row, profile, scope, cell))
            })
        })
}

/// A key of the kind, for those who count.
pub fn is_legacy(cell: Circumstance) -> bool {
    cell.key() == KeyKind::Legacy
}
