//! The policy decision point: one request in, one [`Decision`] out.
//!
//! # Combining
//!
//! Default deny, deny overrides. [`Engine::authorize`] asks eighteen questions;
//! each may add a reason to refuse. The reason of the earliest question is the
//! one that counts, and only where there is none does the one line of this
//! file that allows allow.
//!
//! Questions 1 to 8 ask about the credential and were settled when the
//! [`Principal`] was made, but for the revocation, which is read here, live.
//! Questions 9 to 18 are asked here.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use thiserror::Error;

use crate::credential::Means;
use crate::decision::{Allowance, Confinement, Decision, Denial};
use crate::endpoint::{CatalogueEntry, Endpoint, Operation, Outcome, TenantMode};
use crate::key::{KeyKind, KeyState};
use crate::method::Method;
use crate::policy::{Policy, ReleaseRules};
use crate::principal::Principal;
use crate::privilege::PrivilegeSet;
use crate::reason::{Reason, Reasons};
use crate::release::{Deployment, Release, Techniques};
use crate::stamp::Stamp;
use crate::target;
use crate::tenancy::{ResolvedScope, Tenancy, Tenant, TenantName, TenantSet};

/// Decides the requests of one deployment by one policy.
///
/// An engine is immutable, shares its policy and can be used from any number
/// of threads at once. Deciding allocates nothing, takes no lock, and cannot
/// fail or panic.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use portcullis::{Confinement, Credential, Decision, Deployment, Directory, EMBEDDED_DIRECTORY, Engine, Policy};
/// use portcullis::{UnixSeconds, VerifiedToken};
///
/// let policy = Arc::new(Policy::embedded()?);
/// let directory = Directory::from_yaml(EMBEDDED_DIRECTORY, &policy)?;
/// let engine = Engine::new(policy, Deployment::new("5.5.0".parse()?))?;
///
/// let now = UnixSeconds::new(1_764_000_000);
/// let token = VerifiedToken::new("k1", Some("msp"), Some(UnixSeconds::new(1_763_999_940)), None);
/// let principal = directory.principal(&Credential::Token(token), now);
///
/// let cases = engine.endpoint("GET", "/connect/api/v1/cases");
/// match engine.authorize(&principal, cases, directory.tenant(None)) {
///     Decision::Allow(allowance) => match allowance.confinement() {
///         Confinement::Tenants(tenants) => assert_eq!(tenants.len(), 2),
///         other => panic!("a partner is confined to its group: {other:?}"),
///     },
///     Decision::Deny(denial) => panic!("{}", denial.reason()),
/// }
///
/// let usage = engine.endpoint("GET", "/connect/api/v1/storage-usages");
/// let decision = engine.authorize(&principal, usage, directory.tenant(None));
/// assert_eq!(decision.reason().map(|reason| reason.code()), Some("restricted_endpoint"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    policy: Arc<Policy>,
    /// The policy's own, at hand.
    stamp: Stamp,
    deployment: Deployment,
    /// Whether scoped keys exist in this deployment.
    has_scoped_keys: bool,
    /// The techniques that ordinary endpoints take, a bit per [`Means`].
    ordinary_means: u8,
    /// What each method of each entry needs, restricted table folded in.
    rules: Box<[[Rule; METHODS]]>,
    /// What each profile holds: a row of bits per profile, rows end to end.
    privileges: Box<[u64]>,
    /// The words of a row.
    row: usize,
}

/// Methods per entry, filled up to a power of two.
const METHODS: usize = 8;

/// The techniques that the exchange of a key for a token takes, a bit per
/// [`Means`]: keys in either way, in every release.
const EXCHANGE_MEANS: u8 = 1 << Means::KeyByBearer as u8 | 1 << Means::KeyByBasic as u8;

/// A resolved target: what the path and the query of a request name.
#[derive(Clone, Copy, Debug)]
pub struct Target<'t> {
    /// What the method and the path resolved to.
    pub endpoint: Endpoint<'t>,
    /// The tenant that the query names, to be resolved by the tenancy.
    pub tenant: Option<&'t str>,
}

/// The policy lacks the release.
///
/// There is no nearest release and no default one: deciding by another
/// release's table could open what is restricted.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("the policy has no release `{release}`; it has {}", list(.known))]
pub struct UnknownReleaseError {
    /// The release that was asked for.
    pub release: Release,
    /// The releases that the policy has, in its order.
    pub known: Vec<Release>,
}

fn list(releases: &[Release]) -> String {
    let names: Vec<String> = releases.iter().map(ToString::to_string).collect();
    names.join(", ")
}

impl Engine {
    /// Compiles a policy for one deployment.
    ///
    /// # Errors
    ///
    /// [`UnknownReleaseError`] if the policy lacks the deployment's release.
    pub fn new(policy: Arc<Policy>, deployment: Deployment) -> Result<Self, UnknownReleaseError> {
        let release = deployment.release();
        let Some(asked) = policy.rules(release) else {
            return Err(UnknownReleaseError { release, known: policy.releases().collect() });
        };
        let has_scoped_keys = asked.access.has_scoped_keys(deployment.scoped_keys());
        let ordinary_means = ordinary_means(asked.techniques);
        let entries = (0..).zip(policy.endpoints());
        let rules = entries.map(|(number, entry)| rules_of(number, entry, asked, has_scoped_keys)).collect();
        let privileges = policy.privilege_sets().flat_map(PrivilegeSet::words).copied().collect();
        let row = policy.privilege_sets().map(|set| set.words().len()).next().unwrap_or(0);
        let stamp = policy.stamp();
        Ok(Self { stamp, deployment, has_scoped_keys, ordinary_means, rules, privileges, row, policy })
    }

    /// The policy that decides.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The deployment whose requests are decided.
    pub fn deployment(&self) -> Deployment {
        self.deployment
    }

    /// Resolves a method and a path, as they were received and will be
    /// forwarded. Total: bytes of any kind give an endpoint or the refusal
    /// `malformed_path`, `unknown_endpoint` or `method_not_listed`.
    ///
    /// The path is the part of the target before the query; a `?` in it is
    /// malformed. For a whole target see [`Engine::target`].
    #[inline]
    pub fn endpoint<'p, P: AsRef<[u8]> + ?Sized>(&self, method: &str, path: &'p P) -> Endpoint<'p> {
        let (outcome, path) = self.policy.catalogue().find(Method::parse(method), path.as_ref());
        Endpoint { policy: self.stamp, outcome, path }
    }

    /// Resolves a method and a whole target, path and query, as they were
    /// received and will be forwarded.
    ///
    /// Of the query only the endpoint's own tenant parameter is read, and
    /// whatever an upstream could take for one is refused as `malformed_path`:
    /// another spelling, a repetition, an empty or ill-formed value.
    #[inline]
    pub fn target<'t, T: AsRef<[u8]> + ?Sized>(&self, method: &str, target: &'t T) -> Target<'t> {
        let stamp = self.stamp;
        let malformed = Endpoint { policy: stamp, outcome: Outcome::Malformed, path: &[] };
        let Ok((path, query)) = target::split(target.as_ref()) else {
            return Target { endpoint: malformed, tenant: None };
        };
        let endpoint = self.endpoint(method, path);
        let Some(query) = query else {
            return Target { endpoint, tenant: None };
        };
        let parameter = self.entry(endpoint).map_or(target::DEFAULT_TENANT_PARAMETER, CatalogueEntry::tenant_parameter);
        match self.policy.tenant_parameters().tenant(query, parameter) {
            Ok(tenant) => Target { endpoint, tenant },
            Err(_) => Target { endpoint: malformed, tenant: None },
        }
    }

    /// The entry that an endpoint's path matched, whether or not it lists the
    /// method: for a host's log, before or without a decision. `None` where
    /// there is none, or where another policy resolved the endpoint.
    #[inline]
    pub fn entry(&self, endpoint: Endpoint<'_>) -> Option<&CatalogueEntry> {
        let number = endpoint.outcome.entry().filter(|_| endpoint.policy == self.stamp)?;
        self.policy.catalogue().entry(number)
    }

    /// Decides one request.
    ///
    /// Total: every combination of arguments gets a decision. A value that
    /// another policy or another tenancy resolved is refused as
    /// `stale_resolution`. Allocates nothing, takes no lock, cannot panic.
    #[inline]
    pub fn authorize<'a>(&'a self, principal: &Principal<'a>, endpoint: Endpoint<'a>, tenant: Tenant) -> Decision<'a> {
        let request = self.request(principal, endpoint, tenant);
        match (request.reasons().first(), request.allowance()) {
            (None, Some(allowance)) => Decision::Allow(allowance),
            (reason, _) => {
                let reason = reason.unwrap_or(Reason::StaleResolution);
                Decision::Deny(Denial { reason, entry: request.entry() })
            }
        }
    }

    /// Puts a request beside the rules that it is decided by.
    #[inline]
    pub(crate) fn request<'r, 'a>(
        &'a self,
        principal: &'r Principal<'a>,
        endpoint: Endpoint<'a>,
        tenant: Tenant,
    ) -> Request<'r, 'a> {
        // An index of another policy is never looked up in this one.
        let known = endpoint.policy == self.stamp;
        let rule = match endpoint.outcome {
            Outcome::Found { entry, method } if known => {
                self.rules.get(entry as usize).and_then(|rules| rules.get(method.index())).copied()
            }
            _ => None,
        };
        Request { engine: self, principal, endpoint, tenant, rule: rule.unwrap_or(Rule::CLOSED) }
    }

    /// Whether a profile holds a privilege; what is out of bounds it does not.
    #[inline]
    fn holds(&self, profile: usize, privilege: usize) -> bool {
        let word = privilege / 64;
        // A privilege beyond the row must not be read from the next profile's.
        let at = profile.saturating_mul(self.row).saturating_add(word);
        word < self.row && self.privileges.get(at).is_some_and(|bits| bits >> (privilege % 64) & 1 == 1)
    }

    /// Whether scoped keys exist in this deployment.
    pub(crate) fn has_scoped_keys(&self) -> bool {
        self.has_scoped_keys
    }
}

/// One request beside the rule of its endpoint: where questions are asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'r, 'a> {
    engine: &'a Engine,
    principal: &'r Principal<'a>,
    endpoint: Endpoint<'a>,
    tenant: Tenant,
    rule: Rule,
}

impl<'a> Request<'_, 'a> {
    /// Every reason to refuse, of all eighteen questions.
    #[inline]
    pub(crate) fn reasons(&self) -> Reasons {
        self.standing()
            .and(Reasons::when(!self.takes_technique(), Reason::TechniqueRefused))
            .and(self.endpoint.outcome.refusal().map_or(Reasons::NONE, Reasons::only))
            .and(Reasons::when(!self.is_consistent(), Reason::InconsistentPrincipal))
            .and(Reasons::when(!self.is_fresh(), Reason::StaleResolution))
            .and(Reasons::when(!self.is_eligible(), Reason::AccountNotEligible))
            .and(Reasons::when(!self.takes_key_kind(), Reason::KeyKindRefused))
            .and(Reasons::when(!self.is_open(), Reason::RestrictedEndpoint))
            .and(Reasons::when(!self.holds_privilege(), Reason::PrivilegeMissing))
            .and(Reasons::when(!self.is_wide_enough(), Reason::RootScopeRequired))
            .and(Reasons::when(!self.tenant_is_inside(), Reason::TenantOutOfScope))
            .and(Reasons::when(!self.has_tenants(), Reason::EmptyScope))
    }

    /// 1 to 8: does the credential stand? Settled, but for the revocation.
    #[inline]
    fn standing(&self) -> Reasons {
        let standing = &self.principal.standing;
        let revoked = standing.state.is_some_and(KeyState::is_revoked);
        standing.settled.and(Reasons::when(revoked, Reason::KeyRevoked))
    }

    /// 9: does the endpoint take this technique in this release?
    #[inline]
    fn takes_technique(&self) -> bool {
        let means = if self.rule.has(Rule::EXCHANGE) { EXCHANGE_MEANS } else { self.engine.ordinary_means };
        let presented = self.principal.standing.means;
        presented == Means::Nothing || means >> presented as u8 & 1 == 1
    }

    /// 11: is the principal consistent?
    #[inline]
    fn is_consistent(&self) -> bool {
        self.principal.scope != ResolvedScope::Nowhere && self.principal.profile.is_known()
    }

    /// 11: were all values resolved by this policy and this tenancy?
    #[inline]
    fn is_fresh(&self) -> bool {
        let stamp = self.engine.stamp;
        self.endpoint.policy == stamp
            && self.principal.profile.policy == stamp
            && self.principal.tenancy.is_some_and(|tenancy| tenancy.resolved(self.tenant))
    }

    /// Whether the principal is a root user with the built-in Super Admin.
    #[inline]
    fn is_root_super_admin(&self) -> bool {
        self.principal.scope == ResolvedScope::Root
            && self.principal.profile.super_admin
    }

    /// 12: may this account call anything in this release?
    #[inline]
    fn is_eligible(&self) -> bool {
        self.engine.has_scoped_keys || self.is_root_super_admin()
    }

    /// 13: does a key of this kind give this owner access?
    #[inline]
    fn takes_key_kind(&self) -> bool {
        match self.principal.standing.kind {
            Some(KeyKind::Scoped) => self.engine.has_scoped_keys,
            Some(KeyKind::Legacy) => self.is_root_super_admin(),
            None => true,
        }
    }

    /// 14: is the endpoint unrestricted, or the principal exempt?
    #[inline]
    fn is_open(&self) -> bool {
        !self.rule.has(Rule::RESTRICTED) || self.is_root_super_admin()
    }

    /// 15: does the profile hold the privilege?
    #[inline]
    fn holds_privilege(&self) -> bool {
        let profile = self.principal.profile;
        self.rule.has(Rule::ANY_PRINCIPAL)
            || profile.super_admin
            || self.engine.holds(profile.number as usize, self.rule.privilege() as usize)
    }

    /// 16: does a platform-wide endpoint meet root scope?
    #[inline]
    fn is_wide_enough(&self) -> bool {
        !self.rule.has(Rule::PLATFORM) || self.principal.scope == ResolvedScope::Root
    }

    /// 17: is the named tenant known and inside the scope?
    #[inline]
    fn tenant_is_inside(&self) -> bool {
        match self.tenant.name {
            TenantName::NotNamed => true,
            TenantName::Unknown => false,
            TenantName::Known(tenant) => {
                self.tenancy().is_some_and(|tenancy| tenancy.is_inside(tenant, self.principal.scope))
            }
        }
    }

    /// 18: is there any tenant data to give?
    #[inline]
    fn has_tenants(&self) -> bool {
        self.tenant.is_named()
            || !self.rule.has(Rule::SCOPED)
            || self.scope_tenants().is_none_or(|tenants| !tenants.is_empty())
    }

    fn scope_tenants(&self) -> Option<&'a TenantSet> {
        self.principal.tenancy.and_then(|tenancy| tenancy.tenants_of(self.principal.scope))
    }

    /// The tenancy, if it is the one that resolved the tenant.
    #[inline]
    fn tenancy(&self) -> Option<&'a Tenancy> {
        self.principal.tenancy.filter(|tenancy| tenancy.resolved(self.tenant))
    }

    /// The entry that the path matched, if this policy resolved it.
    #[inline]
    pub(crate) fn entry(&self) -> Option<&'a CatalogueEntry> {
        self.engine.entry(self.endpoint)
    }

    /// What an allow would carry.
    #[inline]
    pub(crate) fn allowance(&self) -> Option<Allowance<'a>> {
        Some(Allowance { entry: self.entry()?, path: self.endpoint.path, confinement: self.confinement()? })
    }

    #[inline]
    fn confinement(&self) -> Option<Confinement<'a>> {
        if !self.rule.has(Rule::SCOPED) && !self.rule.has(Rule::PLATFORM) {
            return Some(Confinement::NotTenantData);
        }
        match self.tenant.name {
            TenantName::Known(number) => self.tenancy()?.tenant_name(number).map(Confinement::One),
            TenantName::Unknown => None,
            TenantName::NotNamed => match self.principal.scope {
                ResolvedScope::Root => Some(Confinement::Unconfined),
                ResolvedScope::Partner(_) | ResolvedScope::Tenant(_) => {
                    self.scope_tenants().map(Confinement::Tenants)
                }
                ResolvedScope::Nowhere => None,
            },
        }
    }
}

/// What one method of one entry needs in one deployment, in 32 bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Rule(u32);

impl Rule {
    /// Needs a privilege that nobody is granted: what is not listed is closed.
    const CLOSED: Self = Self(Self::PRIVILEGE);

    /// The bits that hold the privilege's number.
    const PRIVILEGE: u32 = (1 << 24) - 1;
    /// Root users with Super Admin only.
    const RESTRICTED: u32 = 1 << 24;
    /// Takes a key and never a token.
    const EXCHANGE: u32 = 1 << 25;
    /// Needs no privilege.
    const ANY_PRINCIPAL: u32 = 1 << 26;
    /// Holds data of tenants.
    const SCOPED: u32 = 1 << 27;
    /// Concerns the whole platform.
    const PLATFORM: u32 = 1 << 28;

    fn new(operation: Operation, restricted: bool, exchange: bool) -> Self {
        // INVARIANT: a document of one MiB declares fewer than 2^24 privileges.
        let need = match operation.privilege {
            Some(number) => number.min(Self::PRIVILEGE),
            None => Self::ANY_PRINCIPAL,
        };
        let tenant = match operation.tenant {
            TenantMode::Scoped => Self::SCOPED,
            TenantMode::Platform => Self::PLATFORM,
            TenantMode::None => 0,
        };
        let restricted = if restricted { Self::RESTRICTED } else { 0 };
        let exchange = if exchange { Self::EXCHANGE } else { 0 };
        Self(need | tenant | restricted | exchange)
    }

    #[inline]
    const fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }

    #[inline]
    const fn privilege(self) -> u32 {
        self.0 & Self::PRIVILEGE
    }
}

fn ordinary_means(techniques: Techniques) -> u8 {
    let basic = u8::from(techniques.basic) << Means::KeyByBasic as u8;
    let token = u8::from(techniques.token) << Means::TokenByBearer as u8;
    basic | token
}

fn rules_of(number: u32, entry: &CatalogueEntry, release: &ReleaseRules, has_scoped_keys: bool) -> [Rule; METHODS] {
    let restricted = has_scoped_keys && release.restricting_row(number).is_some();
    let mut rules = [Rule::CLOSED; METHODS];
    for (rule, operation) in rules.iter_mut().zip(entry.operations) {
        if let Some(operation) = operation {
            *rule = Rule::new(operation, restricted, entry.exchange);
        }
    }
    rules
}
