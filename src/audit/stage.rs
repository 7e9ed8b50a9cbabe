//! Who asks in the cells: made-up users, keys and tenants, one for each choice.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::axes::{Axes, Row};
use super::cell::{Answers, Circumstance, Outcome, Presentation, Reach, Relation};
use crate::account::Account;
use crate::credential::{Credential, Technique, VerifiedKey, VerifiedToken};
use crate::engine::Engine;
use crate::engine::decision::{Confinement, Decision};
use crate::id::{GroupId, ProfileId, TenantId, UserId};
use crate::key::{ApiKey, KeyKind, KeyState};
use crate::method::Method;
use crate::path::endpoint::{Endpoint, Found};
use crate::principal::Principal;
use crate::scope::{Scope, ScopeLevel};
use crate::tenancy::{Tenancy, TenantSet};
use crate::time::UnixSeconds;

/// The user of every cell.
const USER: &str = "somebody";
/// The key of every cell.
const KEY: &str = "key";
/// The tenant of tenant scope, one of the two of the group of partner scope.
const OWN: &str = "own";
const SISTER: &str = "sister";
/// A tenant that only root reaches.
const FOREIGN: &str = "foreign";
/// A tenant that does not exist.
const NOWHERE: &str = "nowhere";

/// What the tenants are called: a path that names one of them must be no other
/// endpoint's.
#[derive(Debug)]
struct Names {
    own: String,
    sister: String,
    foreign: String,
    nowhere: String,
}

/// The requests of one row: the paths that they are sent to.
#[derive(Debug)]
pub(crate) enum Sent {
    /// The tenant is named beside the path.
    Beside(String),
    /// The path names the tenant: its own one, a foreign one, one that does not
    /// exist.
    InPath([String; 3]),
}

/// The same paths, resolved.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Resolved<'p> {
    /// See [`Sent::Beside`].
    Beside(Endpoint<'p>),
    /// See [`Sent::InPath`].
    InPath([Endpoint<'p>; 3]),
}

impl Sent {
    /// Resolves the paths.
    pub(crate) fn resolve(&self, engine: &Engine, method: Method) -> Resolved<'_> {
        let endpoint = |path| engine.endpoint(method.as_str(), path);
        match self {
            Self::Beside(path) => Resolved::Beside(endpoint(path)),
            Self::InPath([own, foreign, nowhere]) => {
                Resolved::InPath([own, foreign, nowhere].map(endpoint))
            }
        }
    }
}

impl<'p> Resolved<'p> {
    /// What all of them resolve to.
    pub(crate) fn found(self) -> Found {
        match self {
            Self::Beside(endpoint) | Self::InPath([endpoint, ..]) => endpoint.found,
        }
    }

    /// The endpoint to ask for, and the tenant to name beside it.
    fn naming(
        self,
        scope: ScopeLevel,
        relation: Relation,
        named: Option<&str>,
    ) -> (Endpoint<'p>, Option<&str>) {
        match (self, relation, scope) {
            (Self::Beside(endpoint), _, _) => (endpoint, named),
            (Self::InPath([_, _, nowhere]), Relation::Outside, ScopeLevel::Root) => (nowhere, None),
            (Self::InPath([_, foreign, _]), Relation::Outside, _) => (foreign, None),
            (Self::InPath([own, ..]), _, _) => (own, None),
        }
    }
}
const GROUP: &str = "group";
const EMPTY_GROUP: &str = "empty";

/// When everything is asked: the key was made long before, the token just now.
const NOW: UnixSeconds = UnixSeconds::new(1_000_000);
const CREATED_AT: UnixSeconds = UnixSeconds::new(1);
const ISSUED_AT: UnixSeconds = UnixSeconds::new(999_990);

/// The made-up tenancy, user and keys that principals are built on.
///
/// The names are all well-formed; were one not, its principals would lack an
/// account, a scope or a key and be refused everything.
#[derive(Debug)]
pub(crate) struct Stage {
    names: Names,
    tenancy: Tenancy,
    user: Option<UserId>,
    group: Option<Scope>,
    empty_group: Option<Scope>,
    tenant: Option<Scope>,
    scoped: Option<ApiKey>,
    legacy: Option<ApiKey>,
}

impl Stage {
    /// Sets the stage for the rows of some axes.
    pub(crate) fn new(axes: &Axes) -> Self {
        let name = |begin| axes.free_name(begin, |_| false);
        let names = Names {
            own: name(OWN),
            sister: name(SISTER),
            foreign: name(FOREIGN),
            nowhere: name(NOWHERE),
        };
        let tenants: Vec<TenantId> = [&names.own, &names.sister, &names.foreign]
            .into_iter()
            .filter_map(|name| name.parse().ok())
            .collect();
        let members = tenants.iter().take(2).cloned().collect();
        let groups = [(GROUP, members), (EMPTY_GROUP, vec![])];
        let groups = groups
            .into_iter()
            .filter_map(|(name, members)| Some((name.parse::<GroupId>().ok()?, members)));
        Self {
            tenancy: Tenancy::new(tenants, groups).unwrap_or_default(),
            user: USER.parse().ok(),
            group: GROUP.parse().ok().map(Scope::Partner),
            empty_group: EMPTY_GROUP.parse().ok().map(Scope::Partner),
            tenant: names.own.parse().ok().map(Scope::Tenant),
            names,
            scoped: key(KeyKind::Scoped),
            legacy: key(KeyKind::Legacy),
        }
    }

    /// The paths of the requests of a row, below a base path.
    pub(crate) fn sent(&self, base: &str, row: &Row) -> Sent {
        let names = [&self.names.own, &self.names.foreign, &self.names.nowhere];
        let paths = names.map(|name| row.sample_naming(name, &self.names.own));
        match paths {
            [Some(own), Some(foreign), Some(nowhere)] => {
                Sent::InPath([own, foreign, nowhere].map(|path| format!("{base}{path}")))
            }
            [..] => Sent::Beside(format!("{base}{}", row.sample())),
        }
    }

    /// Asks an engine for all decisions about one profile and one endpoint, by
    /// level of scope in the order of [`ScopeLevel::ALL`].
    pub(crate) fn ask(
        &self,
        engine: &Engine,
        profile: &ProfileId,
        endpoint: Resolved<'_>,
    ) -> [Answers; 3] {
        let in_path = matches!(endpoint, Resolved::InPath(_));
        ScopeLevel::ALL.map(|scope| {
            Answers::ask(scope, in_path, |circumstance| {
                self.decide(engine, profile, endpoint, scope, circumstance)
            })
        })
    }

    fn decide(
        &self,
        engine: &Engine,
        profile: &ProfileId,
        endpoint: Resolved<'_>,
        scope: ScopeLevel,
        circumstance: Circumstance,
    ) -> Outcome {
        let account = self.account(scope, circumstance, profile);
        let key = match circumstance.key() {
            KeyKind::Scoped => self.scoped.as_ref(),
            KeyKind::Legacy => self.legacy.as_ref(),
        };
        let credential = credential(circumstance.presentation());
        let principal = Principal::new(
            engine.policy(),
            &self.tenancy,
            account.as_ref(),
            &credential,
            key,
            NOW,
        );
        let named = self.tenant(scope, circumstance.tenant());
        let (endpoint, beside) = endpoint.naming(scope, circumstance.tenant(), named);
        match engine.authorize(&principal, endpoint, self.tenancy.tenant(beside)) {
            Decision::Allow(_) if engine.is_public(endpoint) => Outcome::Allow(Reach::Public),
            Decision::Allow(allowance) => {
                Outcome::Allow(self.reach(allowance.confinement(), scope, named))
            }
            Decision::Deny(denial) => Outcome::Deny(denial.reason()),
        }
    }

    fn account(
        &self,
        scope: ScopeLevel,
        circumstance: Circumstance,
        profile: &ProfileId,
    ) -> Option<Account> {
        let scope = match (scope, circumstance.tenant()) {
            (ScopeLevel::Root, _) => Some(Scope::Root),
            (ScopeLevel::Partner, Relation::EmptyGroup) => self.empty_group.clone(),
            (ScopeLevel::Partner, Relation::NotNamed | Relation::Inside | Relation::Outside) => {
                self.group.clone()
            }
            (ScopeLevel::Tenant, _) => self.tenant.clone(),
        };
        let user = self.user.clone()?;
        Some(Account {
            user,
            kind: circumstance.account(),
            enabled: true,
            scope,
            profile: profile.clone(),
        })
    }

    /// How far a confinement reaches for a principal of this scope that names
    /// this tenant.
    fn reach(&self, confinement: Confinement<'_>, scope: ScopeLevel, named: Option<&str>) -> Reach {
        let (own, sister) = (self.names.own.as_str(), self.names.sister.as_str());
        match (confinement, scope) {
            (Confinement::NotTenantData, _) => Reach::NotTenantData,
            (Confinement::One(tenant), _) if Some(tenant.as_str()) == named => Reach::Tenant,
            (Confinement::Unconfined, ScopeLevel::Root) => Reach::Scope,
            (Confinement::Tenants(set), ScopeLevel::Partner) if is_exactly(set, &[own, sister]) => {
                Reach::Scope
            }
            (Confinement::Tenants(set), ScopeLevel::Tenant) if is_exactly(set, &[own]) => {
                Reach::Scope
            }
            (Confinement::One(_) | Confinement::Unconfined | Confinement::Tenants(_), _) => {
                Reach::Beyond
            }
        }
    }

    /// The tenant that stands in this relation.
    fn tenant(&self, scope: ScopeLevel, relation: Relation) -> Option<&str> {
        match (relation, scope) {
            (Relation::NotNamed | Relation::EmptyGroup, _) => None,
            (Relation::Inside, _) => Some(&self.names.own),
            (Relation::Outside, ScopeLevel::Root) => Some(&self.names.nowhere),
            (Relation::Outside, ScopeLevel::Partner | ScopeLevel::Tenant) => {
                Some(&self.names.foreign)
            }
        }
    }
}

fn is_exactly(set: &TenantSet, names: &[&str]) -> bool {
    set.iter().map(TenantId::as_str).eq(names.iter().copied())
}

fn key(kind: KeyKind) -> Option<ApiKey> {
    let (id, owner) = (KEY.parse().ok()?, USER.parse().ok()?);
    Some(ApiKey {
        id,
        owner,
        kind,
        created_at: CREATED_AT,
        expires_at: None,
        state: KeyState::active(),
    })
}

fn credential(presentation: Presentation) -> Credential<'static> {
    let token = VerifiedToken::new(KEY, Some(USER), Some(ISSUED_AT), None);
    match presentation {
        Presentation::Token => Credential::Token(token),
        Presentation::TokenByBasic => Credential::Token(token.presented(Technique::Basic)),
        Presentation::KeyByBasic => Credential::ApiKey(VerifiedKey::basic(KEY, USER)),
        Presentation::KeyByBearer => Credential::ApiKey(VerifiedKey::bearer(KEY)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Confinement::{One, Tenants, Unconfined};
    use ScopeLevel::{Partner, Root, Tenant};

    /// No decision reaches beyond its scope. Were a rule ever to give one that
    /// does, it must not read like what the scope holds.
    #[test]
    fn more_than_the_scope_holds_is_told_as_such() {
        let tenants = |names: &[&str]| {
            let names: Vec<TenantId> = names.iter().map(|name| name.parse().unwrap()).collect();
            let group: GroupId = GROUP.parse().unwrap();
            let tenancy = Tenancy::new(names.clone(), [(group.clone(), names)]).unwrap();
            tenancy.group(&group).unwrap().clone()
        };
        let (own, both, all) = (
            tenants(&[OWN]),
            tenants(&[OWN, SISTER]),
            tenants(&[OWN, SISTER, FOREIGN]),
        );
        let foreign: TenantId = FOREIGN.parse().unwrap();
        let stage = Stage::new(&Axes::of(&[]));
        for (confinement, scope, named, expected) in [
            (Unconfined, Root, None, Reach::Scope),
            (Unconfined, Partner, None, Reach::Beyond),
            (Unconfined, Tenant, None, Reach::Beyond),
            (Tenants(&both), Partner, None, Reach::Scope),
            (Tenants(&all), Partner, None, Reach::Beyond),
            (Tenants(&own), Tenant, None, Reach::Scope),
            (Tenants(&both), Tenant, None, Reach::Beyond),
            (One(&foreign), Root, Some(FOREIGN), Reach::Tenant),
            (One(&foreign), Tenant, Some(OWN), Reach::Beyond),
            (One(&foreign), Tenant, None, Reach::Beyond),
        ] {
            let found = stage.reach(confinement, scope, named);
            assert_eq!(found, expected, "{confinement:?} {scope} {named:?}");
        }
    }
}
