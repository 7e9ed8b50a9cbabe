//! Creates principals. This answers questions 1 to 8 except 4 (the standing of the
//! credential), and parts of 11 and 13, for one instant.
//!
//! Question 4, the revocation, is asked at each decision. The requirements that the
//! principal does not meet are computed here as well. What each question refuses is
//! in `questions`.

use crate::account::Account;
use crate::credential::{Credential, Means, VerifiedKey};
use crate::engine::facts::{AccountFacts, KeyFacts};
use crate::engine::questions;
use crate::id::{KeyId, UserId};
use crate::key::{ApiKey, KeyKind, KeyState};
use crate::policy::Policy;
use crate::principal::Principal;
use crate::profile::ProfileRef;
use crate::reason::Reasons;
use crate::tenancy::{ScopeMask, Tenancy};
use crate::time::UnixSeconds;
use crate::util::table::Named as _;

/// The state if there is no key. It is never revoked.
static NO_KEY: KeyState = KeyState::active();

/// The expiry time of a key that never expires.
const NO_END: UnixSeconds = UnixSeconds::new(u64::MAX);

impl Principal<'static> {
    /// The principal of a request without a credential, or with one that could not be
    /// verified.
    /// A public endpoint allows it. All other decisions about it are
    /// `no_credential`.
    pub const fn anonymous() -> Self {
        Self {
            user: None,
            key: None,
            tenancy: None,
            scope_mask: ScopeMask::NOTHING,
            group: None,
            profile: ProfileRef::NOBODY,
            state: &NO_KEY,
            kind: None,
            key_end: NO_END,
            means: Means::Nothing,
            refusals: questions::credential(Means::Nothing),
            unmet: Reasons::NONE,
        }
    }
}

impl<'d> Principal<'d> {
    /// Creates the principal of a request from the records of a host that
    /// stores its own users and keys. Never fails: if something is wrong, the
    /// decision has the reason.
    ///
    /// `account` is the user for whom the request is made, and `key` the record
    /// of the key that the credential names. Pass `None` if the account or the
    /// key does not exist. A key record whose id differs from the one that the
    /// credential names counts as `None`; an account that does not own the key is
    /// refused as `key_owner_mismatch`. The principal is for one request at the instant
    /// `now`.
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
    #[inline]
    pub fn new(
        policy: &Policy,
        tenancy: &'d Tenancy,
        account: Option<&'d Account>,
        credential: &Credential<'_>,
        key: Option<&'d ApiKey>,
        now: UnixSeconds,
    ) -> Self {
        // The record of another key says nothing about this credential.
        let is_named = |key: &ApiKey| match credential.key() {
            Some(named) => key.id.is(named.as_bytes()),
            // The credential names no key. Question 1 refuses it.
            None => true,
        };
        let key = key.filter(|key| is_named(key)).map(KeyFacts::of);
        let credential = CheckedCredential::of(credential, key, now, |_| false);
        // The account comes last, so that fewer values are live while its scope
        // and profile are looked up.
        let account = account.map_or(AccountFacts::NOBODY, |account| {
            AccountFacts::of(account, policy, tenancy)
        });
        Self::of(tenancy, account, credential)
    }

    /// The principal of an account that presents a credential. Answers what needs the
    /// account: questions 7 and 8, and parts of 3, 11 and 13. Computes which
    /// requirements the principal does not meet.
    #[expect(
        clippy::inline_always,
        reason = "a call would pass a dozen values on the stack"
    )]
    #[inline(always)]
    pub(crate) fn of(
        tenancy: &'d Tenancy,
        account: AccountFacts<'d>,
        credential: CheckedCredential<'d>,
    ) -> Self {
        let AccountFacts { scope, profile, .. } = account;
        let CheckedCredential { kind, means, .. } = credential;
        let group = tenancy.partners(scope);
        let is_exempt = questions::is_exempt(scope, profile);
        Self {
            user: account.user,
            key: credential.key,
            tenancy: Some(tenancy),
            scope_mask: ScopeMask::of(scope),
            group,
            profile,
            state: credential.state,
            kind,
            key_end: credential.key_end,
            means,
            refusals: credential
                .refusals
                .union(questions::account_owner(credential.owner, account.user))
                .union(questions::account_enabled(account))
                .union(questions::account_kind(account))
                .union(questions::consistency(scope, profile))
                .union(questions::legacy_key(kind, is_exempt)),
            unmet: questions::technique_unmet(means)
                .union(questions::access_unmet(is_exempt))
                .union(questions::key_kind_unmet(kind))
                .union(questions::restriction_unmet(is_exempt))
                .union(questions::privilege_unmet(profile))
                .union(questions::root_scope_unmet(scope))
                .union(questions::tenants_unmet(group)),
        }
    }
}

/// A credential and the key that it names, judged at one instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckedCredential<'d> {
    /// The key, if it exists.
    key: Option<&'d KeyId>,
    owner: Option<&'d UserId>,
    kind: Option<KeyKind>,
    state: &'d KeyState,
    means: Means,
    /// See [`Principal::key_end`].
    key_end: UnixSeconds,
    /// Questions 1, 2, 5 and 6, and a part of 3.
    refusals: Reasons,
}

impl<'d> CheckedCredential<'d> {
    /// Answers what does not need the account. `also_named(name)` returns whether this
    /// user name of Basic authentication is another name of the key's owner, such as an
    /// e-mail address.
    #[inline]
    pub(crate) fn of(
        credential: &Credential<'_>,
        key: Option<KeyFacts<'d>>,
        now: UnixSeconds,
        also_named: impl FnOnce(&str) -> bool,
    ) -> Self {
        let Some(key) = key else {
            return Self::without_key(credential);
        };
        let (means, key_end, refusals) = match credential {
            Credential::Missing | Credential::Password | Credential::SsoSession => {
                let means = Means::Nothing;
                (means, NO_END, questions::credential(means))
            }
            Credential::ApiKey(presented) => (
                Means::of_key(presented.technique),
                end_of(key.expires_at, presented),
                questions::key_owner(key, presented, also_named)
                    .union(questions::key_time(key, now))
                    .union(questions::presented_key_time(presented, now)),
            ),
            Credential::Token(presented) => (
                Means::of_token(presented.technique),
                NO_END,
                questions::token_owner(key, presented)
                    .union(questions::key_time(key, now))
                    .union(questions::token_time(key, presented, now)),
            ),
        };
        Self {
            key: Some(key.id),
            owner: Some(key.owner),
            kind: Some(key.kind),
            state: key.state,
            means,
            key_end,
            refusals,
        }
    }

    /// A credential that names no key, or names one that does not exist.
    #[inline]
    fn without_key(credential: &Credential<'_>) -> Self {
        let (means, key_end) = match credential {
            Credential::Missing | Credential::Password | Credential::SsoSession => {
                (Means::Nothing, NO_END)
            }
            Credential::ApiKey(presented) => {
                (Means::of_key(presented.technique), end_of(None, presented))
            }
            Credential::Token(presented) => (Means::of_token(presented.technique), NO_END),
        };
        // Question 1 refuses a credential that names no key, so question 2 need not.
        let passes = means == Means::Nothing;
        Self {
            key: None,
            owner: None,
            kind: None,
            state: &NO_KEY,
            means,
            key_end,
            refusals: questions::credential(means).union(questions::key_exists(passes)),
        }
    }
}

/// The expiry time of a presented key: the earlier of the one in its record and the
/// one that the request presents.
#[inline]
fn end_of(recorded: Option<UnixSeconds>, presented: &VerifiedKey<'_>) -> UnixSeconds {
    let presented = presented.expires_at.unwrap_or(NO_END);
    recorded.unwrap_or(NO_END).min(presented)
}
