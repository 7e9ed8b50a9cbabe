//! Is the credential good? Questions 1 to 8 of a decision.
//!
//! They are answered when a principal is made, for one instant. Only question
//! 4, the revocation, stays open: it is asked when the decision is made. The
//! requirements of rules that the principal does not meet are noted here, too.
//! What each question refuses is in `questions`.

use crate::account::Account;
use crate::credential::{Credential, Means, VerifiedKey, VerifiedToken};
use crate::engine::facts::{AccountFacts, KeyFacts};
use crate::engine::questions;
use crate::key::{ApiKey, KeyState};
use crate::policy::Policy;
use crate::principal::Principal;
use crate::profile::ProfileRef;
use crate::reason::Reasons;
use crate::tenancy::{Reach, ResolvedScope, Tenancy};
use crate::time::UnixSeconds;

/// The state where there is no key: nobody revokes it.
static NO_KEY: KeyState = KeyState::active();

/// The end of a key that has none.
const NO_END: UnixSeconds = UnixSeconds::new(u64::MAX);

impl Principal<'static> {
    /// A request that presents nothing, or nothing that could be verified:
    /// every decision about it is `no_credential`.
    pub const fn anonymous() -> Self {
        Self {
            user: None,
            key: None,
            tenancy: None,
            reach: Reach::NOTHING,
            tenants: None,
            profile: ProfileRef::NOBODY,
            state: &NO_KEY,
            kind: None,
            key_end: NO_END,
            means: Means::Nothing,
            settled: questions::credential(Means::Nothing),
            unmet: Reasons::NONE,
        }
    }
}

impl<'d> Principal<'d> {
    /// Makes the principal of a request from the records of a host that keeps
    /// its own users and keys. Total: whatever is wrong is told by the decision.
    ///
    /// `account` is the user for whom the request is made, and `key` the record
    /// of the key that the credential names; `None` is one that does not exist,
    /// and so is the record of another key. The principal is good for one
    /// request, at the instant `now`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use portcullis::{
    ///     Account, AccountKind, ApiKey, Credential, Decision, Deployment, Engine, KeyKind, KeyState, Policy, Principal,
    ///     Scope, Tenancy, TenantId, UnixSeconds, VerifiedKey,
    /// };
    ///
    /// let policy = Arc::new(Policy::embedded()?);
    /// let engine = Engine::new(policy.clone(), Deployment::new("5.5.0".parse()?))?;
    /// let tenancy = Tenancy::new(["alpha".parse::<TenantId>()?], [])?;
    ///
    /// let account = Account {
    ///     user: "collector".parse()?,
    ///     kind: AccountKind::Local,
    ///     enabled: true,
    ///     scope: Some(Scope::Tenant("alpha".parse()?)),
    ///     profile: "user".parse()?,
    /// };
    /// let key = ApiKey {
    ///     id: "k7".parse()?,
    ///     owner: "collector".parse()?,
    ///     kind: KeyKind::Scoped,
    ///     created_at: UnixSeconds::new(1_763_000_000),
    ///     expires_at: None,
    ///     state: KeyState::active(),
    /// };
    /// let credential = Credential::ApiKey(VerifiedKey::basic("k7", "collector"));
    /// let now = UnixSeconds::new(1_764_000_000);
    ///
    /// let principal = Principal::new(&policy, &tenancy, Some(&account), &credential, Some(&key), now);
    /// let endpoint = engine.endpoint("GET", "/connect/api/v1/cases");
    /// let decision = engine.authorize(&principal, endpoint, tenancy.tenant(Some("alpha")));
    /// assert!(matches!(decision, Decision::Allow(_)));
    ///
    /// key.state.revoke(now);
    /// let decision = engine.authorize(&principal, endpoint, tenancy.tenant(Some("alpha")));
    /// assert_eq!(decision.reason().map(|reason| reason.code()), Some("key_revoked"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        policy: &Policy,
        tenancy: &'d Tenancy,
        account: Option<&'d Account>,
        credential: &Credential<'_>,
        key: Option<&'d ApiKey>,
        now: UnixSeconds,
    ) -> Self {
        let account = account.map(|account| AccountFacts::of(account, policy, tenancy));
        // The record of another key says nothing about this credential.
        let another = |key: &ApiKey| {
            credential
                .key()
                .is_some_and(|named| named.as_bytes() != key.id.as_bytes())
        };
        let key = key.filter(|key| !another(key)).map(KeyFacts::of);
        Self::judge(tenancy, account, credential, key, now, |_| false)
    }

    /// Settles everything about a credential that does not wait for the
    /// decision. `also_named` says whether a user name that is not the id of
    /// the key's owner is another name of theirs; only Basic brings one.
    pub(crate) fn judge(
        tenancy: &'d Tenancy,
        account: Option<AccountFacts<'d>>,
        credential: &Credential<'_>,
        key: Option<KeyFacts<'d>>,
        now: UnixSeconds,
        also_named: impl FnOnce(&str) -> bool,
    ) -> Self {
        let (of_credential, key_end) = match credential {
            Credential::Missing | Credential::Password | Credential::SsoSession => {
                (questions::credential(Means::Nothing), NO_END)
            }
            Credential::ApiKey(presented) => (
                of_key(key, presented, now, also_named),
                end_of(key, presented),
            ),
            Credential::Token(presented) => (of_token(key, presented, now), NO_END),
        };
        let scope = account.map_or(ResolvedScope::Nowhere, |account| account.scope);
        let profile = account.map_or(ProfileRef::NOBODY, |account| account.profile);
        let kind = key.map(|key| key.kind);
        let tenants = tenancy.tenants_of(scope);
        let means = Means::of(credential);
        let is_exempt = questions::is_exempt(scope, profile);
        let settled = of_credential
            .union(questions::account_owner(key, account))
            .union(questions::account_enabled(account))
            .union(questions::account_kind(account))
            .union(questions::consistency(scope, profile))
            .union(questions::legacy_key(kind, is_exempt));
        let unmet = questions::technique_unmet(means)
            .union(questions::access_unmet(is_exempt))
            .union(questions::key_kind_unmet(kind))
            .union(questions::restriction_unmet(is_exempt))
            .union(questions::privilege_unmet(profile))
            .union(questions::root_scope_unmet(scope))
            .union(questions::tenants_unmet(tenants));
        Self {
            user: account.map(|account| account.user),
            key: key.map(|key| key.id),
            tenancy: Some(tenancy),
            reach: Reach::of(scope),
            tenants,
            profile,
            state: key.map_or(&NO_KEY, |key| key.state),
            kind,
            key_end,
            means,
            settled,
            unmet,
        }
    }
}

/// When a presented key ends: by its record or by what it says of itself.
fn end_of(key: Option<KeyFacts<'_>>, presented: &VerifiedKey<'_>) -> UnixSeconds {
    let recorded = key.and_then(|key| key.expires_at).unwrap_or(NO_END);
    recorded.min(presented.expires_at.unwrap_or(NO_END))
}

/// Questions 2, 3 and 5, of a key.
fn of_key(
    key: Option<KeyFacts<'_>>,
    presented: &VerifiedKey<'_>,
    now: UnixSeconds,
    also_named: impl FnOnce(&str) -> bool,
) -> Reasons {
    let Some(key) = key else {
        return questions::key_exists(None);
    };
    questions::key_owner(key, presented, also_named)
        .union(questions::key_time(key, now))
        .union(questions::presented_key_time(presented, now))
}

/// Questions 2, 3, 5 and 6, of a token.
fn of_token(key: Option<KeyFacts<'_>>, presented: &VerifiedToken<'_>, now: UnixSeconds) -> Reasons {
    let Some(key) = key else {
        return questions::key_exists(None);
    };
    questions::token_owner(key, presented)
        .union(questions::key_time(key, now))
        .union(questions::token_time(key, presented, now))
}
