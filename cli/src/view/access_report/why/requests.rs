//! Made-up requests, one for each cell: the same users, keys and tenants as those of
//! the matrix, with names for people.

use std::fmt::Display;

use portcullis::audit::{Axes, Circumstance, Presentation, Relation, Row};
use portcullis::credential::Technique;
use portcullis::engine::Answer;
use portcullis::scope::ScopeLevel;
use portcullis::{
    Account, ApiKey, Credential, Engine, GroupId, KeyState, Principal, ProfileId, Scope, Tenancy,
    TenantId, UnixSeconds, VerifiedKey, VerifiedToken,
};

const USER: &str = "somebody";
const KEY: &str = "some-key";
const GROUP: &str = "some-group";
const EMPTY_GROUP: &str = "empty-group";
/// The instant of every request, long after the key was made.
const NOW: UnixSeconds = UnixSeconds::new(1_000_000);
const CREATED_AT: UnixSeconds = UnixSeconds::new(1);
const ISSUED_AT: UnixSeconds = UnixSeconds::new(999_990);

/// The made-up tenancy. All names are well-formed; without one everything would be
/// denied.
pub(super) struct Requests {
    tenancy: Tenancy,
    own: String,
    foreign: String,
    nowhere: String,
}

impl Requests {
    /// The requests for the rows of some axes.
    pub(super) fn new(axes: &Axes) -> Self {
        let paths: Vec<String> = axes
            .rows()
            .iter()
            .map(|row| row.template().to_string())
            .collect();
        // A tenant in a path must not be a literal of another endpoint.
        let free = |begin: &str| {
            let longer = (1..).map(|number| format!("{begin}-{number}"));
            let mut names = std::iter::once(begin.to_owned()).chain(longer);
            let is_free = |name: &String| !paths.iter().any(|path| path.contains(name.as_str()));
            names.find(is_free).unwrap_or_default()
        };
        let (own, foreign) = (free("own-tenant"), free("foreign-tenant"));
        let sister = free("sister-tenant");
        let id = |name: &String| name.parse::<TenantId>().ok();
        let members: Vec<TenantId> = [&own, &sister].into_iter().filter_map(id).collect();
        let tenants: Vec<TenantId> = members.iter().cloned().chain(id(&foreign)).collect();
        let groups = [(GROUP, members), (EMPTY_GROUP, Vec::new())];
        let groups = groups
            .into_iter()
            .filter_map(|(name, members)| Some((name.parse::<GroupId>().ok()?, members)));
        Self {
            tenancy: Tenancy::new(tenants, groups).unwrap_or_default(),
            nowhere: free("no-tenant"),
            own,
            foreign,
        }
    }

    /// The path of the request of a cell, and its answers.
    pub(super) fn explain(
        &self,
        engine: &Engine,
        row: &Row,
        profile: &ProfileId,
        scope: ScopeLevel,
        cell: Circumstance,
    ) -> (String, Vec<Answer>) {
        let named = self.named(scope, cell.tenant());
        let in_path = named.and_then(|tenant| row.sample_naming(tenant, &self.own));
        let beside = named.filter(|_| in_path.is_none());
        let below = in_path.unwrap_or_else(|| row.sample().to_owned());
        let path = joined(row.base_path(), &below);
        let account = self.account(profile, scope, cell);
        let key = account.as_ref().and_then(|account| key(account, cell));
        let token = VerifiedToken::new(KEY, Some(USER), Some(ISSUED_AT), None);
        let credential = match cell.presentation() {
            Presentation::Token => Credential::Token(token),
            Presentation::TokenByBasic => Credential::Token(token.presented(Technique::Basic)),
            Presentation::KeyByBasic => Credential::ApiKey(VerifiedKey::basic(KEY, USER)),
            Presentation::KeyByBearer => Credential::ApiKey(VerifiedKey::bearer(KEY)),
        };
        let principal = Principal::new(
            engine.policy(),
            &self.tenancy,
            account.as_ref(),
            &credential,
            key.as_ref(),
            NOW,
        );
        let endpoint = engine.endpoint(row.method().as_str(), &path);
        let tenant = self.tenancy.tenant(beside);
        let answers = engine
            .explain(&principal, endpoint, tenant)
            .answers()
            .to_vec();
        (path, answers)
    }

    fn named(&self, scope: ScopeLevel, relation: Relation) -> Option<&str> {
        match (relation, scope) {
            (Relation::NotNamed | Relation::EmptyGroup, _) => None,
            (Relation::Inside, _) => Some(&self.own),
            (Relation::Outside, ScopeLevel::Root) => Some(&self.nowhere),
            (Relation::Outside, ScopeLevel::Partner | ScopeLevel::Tenant) => Some(&self.foreign),
        }
    }

    fn account(
        &self,
        profile: &ProfileId,
        scope: ScopeLevel,
        cell: Circumstance,
    ) -> Option<Account> {
        let group = if cell.tenant() == Relation::EmptyGroup {
            EMPTY_GROUP
        } else {
            GROUP
        };
        Some(Account {
            user: USER.parse().ok()?,
            kind: cell.account(),
            enabled: true,
            scope: Some(match scope {
                ScopeLevel::Root => Scope::Root,
                ScopeLevel::Partner => Scope::Partner(group.parse().ok()?),
                ScopeLevel::Tenant => Scope::Tenant(self.own.parse().ok()?),
            }),
            profile: profile.clone(),
        })
    }
}

fn key(account: &Account, cell: Circumstance) -> Option<ApiKey> {
    Some(ApiKey {
        id: KEY.parse().ok()?,
        owner: account.user.clone(),
        kind: cell.key(),
        created_at: CREATED_AT,
        expires_at: None,
        state: KeyState::active(),
    })
}

fn joined(base: impl Display, below: &str) -> String {
    format!("{base}{below}")
}
