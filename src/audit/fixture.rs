//! The fixture of the matrix: made-up users, keys and tenants, one for each choice
//! of a cell.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::account::Account;
use crate::audit::axes::{Axes, Row};
use crate::audit::cell::{Answers, Circumstance, Extent, Outcome, Presentation, Relation};
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
/// The tenant of the user with tenant scope. The group of the partner has this one
/// and its sister.
const OWN: &str = "own";
const SISTER: &str = "sister";
/// A tenant that only root has in its scope.
const FOREIGN: &str = "foreign";
/// A tenant that does not exist.
const NOWHERE: &str = "nowhere";

/// The names of the tenants. They are chosen so that no path with one of them
/// resolves to another endpoint.
#[derive(Debug)]
struct Names {
    own: String,
    sister: String,
    foreign: String,
    nowhere: String,
}

/// The paths to which the requests of one row are sent.
#[derive(Debug)]
pub(crate) enum RequestPaths {
    /// The tenant is named outside the path.
    Beside(String),
    /// The path names the tenant: the own one, a foreign one, and one that does
    /// not exist.
    InPath([String; 3]),
}

/// The same paths, resolved.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ResolvedPaths<'p> {
    /// See [`RequestPaths::Beside`].
    Beside(Endpoint<'p>),
    /// See [`RequestPaths::InPath`].
    InPath([Endpoint<'p>; 3]),
}

impl RequestPaths {
    /// Resolves the paths.
    pub(crate) fn resolve(&self, engine: &Engine, method: Method) -> ResolvedPaths<'_> {
        let endpoint = |path| engine.endpoint(method.as_str(), path);
        match self {
            Self::Beside(path) => ResolvedPaths::Beside(endpoint(path)),
            Self::InPath([own, foreign, nowhere]) => {
                ResolvedPaths::InPath([own, foreign, nowhere].map(endpoint))
            }
        }
    }
}

impl<'p> ResolvedPaths<'p> {
    /// What they resolve to, all of them the same.
    pub(crate) fn found(self) -> Found {
        match self {
            Self::Beside(endpoint) | Self::InPath([endpoint, ..]) => endpoint.found,
        }
    }

    /// The endpoint of a request, and the tenant that it names outside the path.
    fn request(
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

/// The time of every request: long after the key was made, and just after the
/// token was issued.
const NOW: UnixSeconds = UnixSeconds::new(1_000_000);
const CREATED_AT: UnixSeconds = UnixSeconds::new(1);
const ISSUED_AT: UnixSeconds = UnixSeconds::new(999_990);

/// The made-up tenancy, user and keys that principals are built on.
///
/// All names are well-formed. If one were not, its principals would have no
/// account, scope or key, and everything would be denied to them.
#[derive(Debug)]
pub(crate) struct Fixture {
    names: Names,
    tenancy: Tenancy,
    user: Option<UserId>,
    group: Option<Scope>,
    empty_group: Option<Scope>,
    tenant: Option<Scope>,
    scoped: Option<ApiKey>,
    legacy: Option<ApiKey>,
}

impl Fixture {
    /// The fixture for the rows of some axes.
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

    /// The paths for the requests of a row, with the base path.
    pub(crate) fn request_paths(&self, row: &Row) -> RequestPaths {
        let base = row.base_path();
        let names = [&self.names.own, &self.names.foreign, &self.names.nowhere];
        let paths = names.map(|name| row.sample_naming(name, &self.names.own));
        match paths {
            [Some(own), Some(foreign), Some(nowhere)] => {
                RequestPaths::InPath([own, foreign, nowhere].map(|path| format!("{base}{path}")))
            }
            [..] => RequestPaths::Beside(format!("{base}{}", row.sample())),
        }
    }

    /// All answers of an engine for one profile and one endpoint, one for each
    /// scope in the order of [`ScopeLevel::ALL`].
    pub(crate) fn answers(
        &self,
        engine: &Engine,
        profile: &ProfileId,
        endpoint: ResolvedPaths<'_>,
    ) -> [Answers; 3] {
        let in_path = matches!(endpoint, ResolvedPaths::InPath(_));
        ScopeLevel::ALL.map(|scope| {
            Answers::compute(scope, in_path, |circumstance| {
                self.decide(engine, profile, endpoint, scope, circumstance)
            })
        })
    }

    fn decide(
        &self,
        engine: &Engine,
        profile: &ProfileId,
        endpoint: ResolvedPaths<'_>,
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
        let (endpoint, beside) = endpoint.request(scope, circumstance.tenant(), named);
        match engine.authorize(&principal, endpoint, self.tenancy.tenant(beside)) {
            Decision::Allow(_) if engine.is_public(endpoint) => Outcome::Allow(Extent::Public),
            Decision::Allow(allowance) => {
                Outcome::Allow(self.extent(allowance.confinement(), scope, named))
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

    /// The extent of a confinement for a principal of this scope that names this
    /// tenant.
    fn extent(
        &self,
        confinement: Confinement<'_>,
        scope: ScopeLevel,
        named: Option<&str>,
    ) -> Extent {
        let (own, sister) = (self.names.own.as_str(), self.names.sister.as_str());
        match (confinement, scope) {
            (Confinement::NotTenantData, _) => Extent::NotTenantData,
            (Confinement::One(tenant), _) if Some(tenant.as_str()) == named => Extent::Tenant,
            (Confinement::Unconfined, ScopeLevel::Root) => Extent::Scope,
            (Confinement::Tenants(set), ScopeLevel::Partner) if is_exactly(set, &[own, sister]) => {
                Extent::Scope
            }
            (Confinement::Tenants(set), ScopeLevel::Tenant) if is_exactly(set, &[own]) => {
                Extent::Scope
            }
            (Confinement::One(_) | Confinement::Unconfined | Confinement::Tenants(_), _) => {
                Extent::Beyond
            }
        }
    }

    /// The tenant with this relation to a scope.
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

    /// No decision gives more than its scope has. If a rule ever did, the report
    /// must not show it as the scope.
    #[test]
    fn more_than_the_scope_is_reported_as_beyond() {
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
        let fixture = Fixture::new(&Axes::of(&[]));
        for (confinement, scope, named, expected) in [
            (Unconfined, Root, None, Extent::Scope),
            (Unconfined, Partner, None, Extent::Beyond),
            (Unconfined, Tenant, None, Extent::Beyond),
            (Tenants(&both), Partner, None, Extent::Scope),
            (Tenants(&all), Partner, None, Extent::Beyond),
            (Tenants(&own), Tenant, None, Extent::Scope),
            (Tenants(&both), Tenant, None, Extent::Beyond),
            (One(&foreign), Root, Some(FOREIGN), Extent::Tenant),
            (One(&foreign), Tenant, Some(OWN), Extent::Beyond),
            (One(&foreign), Tenant, None, Extent::Beyond),
        ] {
            let found = fixture.extent(confinement, scope, named);
            assert_eq!(found, expected, "{confinement:?} {scope} {named:?}");
        }
    }
}
