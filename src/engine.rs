//! The policy decision point: one request in, one [`Decision`] out.
//!
//! Default deny, deny overrides. Each of the eighteen questions may add a reason to
//! refuse; the reason of the earliest question counts. [`Engine::authorize`] combines
//! the answers. Only `decide_fast` and `Request::allowance` create an [`Allowance`],
//! and only the function `decision` of this file creates a [`Decision::Allow`]. For a
//! public endpoint only two things count: question 10, and that this policy resolved
//! the endpoint.
//!
//! What each question refuses, and when it is asked, is in `questions`.

pub(crate) mod decision;
pub(crate) mod explain;
pub(crate) mod facts;
mod fast_path;
mod fault;
mod path_tenant;
mod questions;
mod rule;
pub(crate) mod standing;
mod unknown_release;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;

use crate::engine::rule::{Rule, rules_of};
use crate::id::TenantId;
use crate::method::Method;
use crate::path::endpoint::{CatalogueEntry, Endpoint, Found};
use crate::path::target::{self, Target, TenantSource};
use crate::policy::Policy;
use crate::principal::Principal;
use crate::reason::{Reason, Reasons};
use crate::release::Deployment;
use crate::tenancy::Tenant;
use crate::util::stamp::Stamp;

pub use crate::engine::decision::{Allowance, Confinement, Decision, Denial, OwnedConfinement};
pub use crate::engine::explain::answer::{Answer, Explanation, Verdict};
pub use crate::engine::unknown_release::UnknownReleaseError;
pub use crate::question::Question;

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
    /// The stamp of the policy, copied for speed.
    stamp: Stamp,
    deployment: Deployment,
    /// The index of the deployment's release in the policy.
    release: u32,
    /// Whether there are scoped keys. In early access: only if they are switched on.
    has_scoped_keys: bool,
    /// What each method of each entry requires in this deployment, with
    /// [`Found::SLOTS_PER_ENTRY`] rules for each entry.
    rules: Box<[Rule]>,
    /// The rule if no endpoint was found or the method is not listed.
    no_endpoint: Rule,
    /// For each list of privileges that a rule can require, a bit set of the
    /// profiles that hold all of them.
    holders: Box<[u64]>,
}

impl Engine {
    /// Compiles a policy for one deployment.
    ///
    /// # Errors
    ///
    /// [`UnknownReleaseError`] if the policy does not have the release.
    pub fn new(policy: Arc<Policy>, deployment: Deployment) -> Result<Self, UnknownReleaseError> {
        let release = deployment.release();
        let found = policy.rules(release).zip(policy.release_number(release));
        let Some((asked, number)) = found else {
            return Err(UnknownReleaseError {
                release,
                known: policy.releases().collect(),
            });
        };
        let has_scoped_keys = asked.access.has_scoped_keys(deployment.scoped_keys());
        let no_endpoint = Rule::without_endpoint(has_scoped_keys, asked.techniques);
        let (holders, width) = holders(&policy);
        let entries = (0..).zip(policy.endpoints());
        let rules = entries
            .flat_map(|(number, entry)| rules_of(number, entry, asked, width, no_endpoint))
            .collect();
        let stamp = policy.stamp();
        Ok(Self {
            policy,
            stamp,
            deployment,
            release: number,
            has_scoped_keys,
            rules,
            no_endpoint,
            holders,
        })
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
    /// forwarded. Never fails: the result is an endpoint or the refusal
    /// `malformed_path`, `unknown_endpoint`, `ambiguous_endpoint` or
    /// `method_not_listed`.
    ///
    /// The path is the part of the target before the query. A `?` in it is
    /// malformed. For a whole target see [`Engine::target`].
    #[inline]
    pub fn endpoint<'p, P: AsRef<[u8]> + ?Sized>(&self, method: &str, path: &'p P) -> Endpoint<'p> {
        let (found, path) =
            self.policy
                .catalogue()
                .find(Method::parse(method), path.as_ref(), self.release);
        Endpoint {
            policy: self.stamp,
            found,
            path,
        }
    }

    /// Resolves a method and a whole target, path and query, as they were
    /// received and will be forwarded.
    ///
    /// Only the endpoint's tenant parameter is read from the query. A query from
    /// which an upstream could read another tenant or another method is refused
    /// as `malformed_path`: it contains another spelling of the parameter, the
    /// parameter twice, a bad value, a name such as `_method`, or bytes outside
    /// printable ASCII. If requests for the endpoint name the tenant in the path
    /// or in a header, no value is read, but the query is still checked.
    #[inline]
    pub fn target<'t, T: AsRef<[u8]> + ?Sized>(&self, method: &str, target: &'t T) -> Target<'t> {
        let target = target.as_ref();
        let malformed = Endpoint {
            policy: self.stamp,
            found: Found::MALFORMED,
            path: target,
        };
        let Ok((path, query)) = target::split(target) else {
            return Target {
                endpoint: malformed,
                tenant: None,
            };
        };
        let endpoint = self.endpoint(method, path);
        let Some(query) = query else {
            return Target {
                endpoint,
                tenant: None,
            };
        };
        let source = self.tenant_source(endpoint);
        match self.policy.tenant_parameters().tenant(query, source) {
            Ok(tenant) => Target { endpoint, tenant },
            Err(_) => Target {
                endpoint: malformed,
                tenant: None,
            },
        }
    }

    /// Where a request for an endpoint names its tenant.
    #[inline]
    fn tenant_source(&self, endpoint: Endpoint<'_>) -> TenantSource<'_> {
        match self.entry(endpoint) {
            Some(entry) => entry.tenant_parameter().into(),
            None => TenantSource::NoEndpoint,
        }
    }

    /// The entry that the path of an endpoint matched, even if it does not list the
    /// method. A host reads from it where the tenant is named, and may log it. `None`
    /// if there is none, or if another policy resolved the endpoint.
    #[inline]
    pub fn entry(&self, endpoint: Endpoint<'_>) -> Option<&CatalogueEntry> {
        let known = endpoint.policy == self.stamp;
        let entry = self.policy.catalogue().entry(endpoint.found.row());
        entry.filter(|_| known)
    }

    /// Whether an endpoint is public: everybody may call it, and credential,
    /// account and tenant are not checked. `false` if no endpoint was found, or
    /// if another policy resolved it.
    ///
    /// For a public endpoint, a host may skip the verification of credentials
    /// and pass [`Principal::anonymous`]. An allow does not mean that the
    /// principal is authenticated.
    pub fn is_public(&self, endpoint: Endpoint<'_>) -> bool {
        let rule = self.rules.get(endpoint.found.rule());
        endpoint.policy == self.stamp && rule.is_some_and(|rule| rule.is_public())
    }

    /// Decides one request.
    ///
    /// If the endpoint is public ([`Engine::is_public`]), everybody is allowed,
    /// whatever `principal` and `tenant` are.
    ///
    /// `tenant` is what the request names in the query, in a header or
    /// elsewhere. If the path names the tenant, the engine reads it from there, and
    /// any other `tenant` than the same one or [`Tenant::NOT_NAMED`] is refused.
    ///
    /// Never fails: every combination of arguments gets a decision. If another
    /// policy or another tenancy resolved a value, question 11 refuses with
    /// `stale_resolution`. For a public endpoint, only the endpoint must be
    /// current. Allocates nothing, takes no lock, cannot panic.
    #[expect(
        clippy::inline_always,
        reason = "as a call, a decision takes a fifth longer"
    )]
    #[inline(always)]
    pub fn authorize<'a>(
        &'a self,
        principal: &Principal<'a>,
        endpoint: Endpoint<'a>,
        tenant: Tenant,
    ) -> Decision<'a> {
        match self.decide_fast(principal, &endpoint, tenant) {
            Some(decision) => decision,
            None => self.decide_general(principal, &endpoint, tenant),
        }
    }

    /// Decides every request that the fast path leaves.
    #[cold]
    #[inline(never)]
    fn decide_general<'a>(
        &'a self,
        principal: &Principal<'a>,
        endpoint: &Endpoint<'a>,
        tenant: Tenant,
    ) -> Decision<'a> {
        let request = self.request(principal, endpoint, tenant);
        request.decision(request.reasons_but_path(principal.state.is_revoked()))
    }

    /// A request with the rule that decides it.
    #[inline]
    pub(crate) fn request<'r, 'a>(
        &'a self,
        principal: &'r Principal<'a>,
        endpoint: &'r Endpoint<'a>,
        tenant: Tenant,
    ) -> Request<'r, 'a> {
        // An index from another policy must not be looked up in this one.
        let (rule, entry) = if endpoint.policy == self.stamp {
            let found = endpoint.found;
            let entry = self.policy.catalogue().entry(found.row());
            (self.rules.get(found.rule()), entry)
        } else {
            (None, None)
        };
        let tenancy = principal.tenancy.filter(|tenancy| tenancy.resolved(tenant));
        let inside = tenancy.and_then(|own| own.inside(tenant.number, principal.scope_mask));
        let outside = questions::tenant(inside.is_some(), tenant.is_named());
        Request {
            engine: self,
            principal,
            endpoint,
            tenant,
            is_resolved: tenancy.is_some(),
            inside,
            outside,
            rule: rule.unwrap_or(&self.no_endpoint),
            entry,
        }
    }

    /// Whether a profile holds all privileges of a list. `list` is the index of
    /// the first word of its bit set. `false` if it is out of bounds.
    #[inline]
    fn holds(&self, profile: u32, list: u32) -> bool {
        let word = profile as usize / 64 + list as usize;
        let held = self.holders.get(word).copied().unwrap_or(0);
        held >> (profile % 64) & 1 == 1
    }

    /// Two entries that make a path ambiguous. `None` if the path is not ambiguous,
    /// or if another policy resolved the endpoint.
    pub(crate) fn rivals(
        &self,
        endpoint: Endpoint<'_>,
    ) -> Option<(&CatalogueEntry, &CatalogueEntry)> {
        let current = endpoint.policy == self.stamp;
        let catalogue = self.policy.catalogue();
        let (path, _) = target::parts(endpoint.path);
        let rivals = catalogue.rivals(path, self.release);
        rivals.filter(|_| current && endpoint.refusal() == Some(Reason::AmbiguousEndpoint))
    }

    /// Whether this deployment has scoped keys.
    pub(crate) fn has_scoped_keys(&self) -> bool {
        self.has_scoped_keys
    }
}

/// The table [`Engine::holders`], and how many words each of its bit sets has.
fn holders(policy: &Policy) -> (Box<[u64]>, u32) {
    let sets = policy.privilege_sets();
    let width = sets.len().div_ceil(64);
    // The table has at most `NO_LIST` words, so the index `NO_LIST` is out of bounds.
    let size = width.saturating_mul(policy.lists().len());
    let mut holders = vec![0; size.min(Rule::NO_LIST as usize)];
    for (profile, set) in sets.enumerate() {
        for privilege in set.iter() {
            // List number `n` contains privilege number `n` alone; longer lists follow.
            // INVARIANT: a set holds privileges of its policy only.
            if let Some(word) = holders.get_mut(privilege * width + profile / 64) {
                *word |= 1 << (profile % 64);
            }
        }
    }
    // A longer list has the bits that are set for every one of its privileges.
    let first = width.saturating_mul(policy.privileges().len());
    for (number, list) in policy.lists().longer().enumerate() {
        for at in 0..width {
            let held = list
                .iter()
                .map(|privilege| *privilege as usize * width + at);
            let held = held.map(|place| holders.get(place).copied().unwrap_or(0));
            let all = held.fold(u64::MAX, |all, held| all & held);
            if let Some(word) = holders.get_mut(first + number * width + at) {
                *word = all;
            }
        }
    }
    // INVARIANT: documents have at most one MiB, so far fewer than 2^32 profiles.
    (holders.into(), u32::try_from(width).unwrap_or(u32::MAX))
}

/// The decision for an allowance, or for the first reason to refuse.
#[inline]
fn decision<'a>(
    allowance: Result<Allowance<'a>, Reason>,
    entry: Option<&'a CatalogueEntry>,
) -> Decision<'a> {
    match allowance {
        Ok(allowance) => Decision::Allow(allowance),
        Err(reason) => Decision::Deny(Denial { reason, entry }),
    }
}

/// One request with the rule of its endpoint. It asks the questions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'r, 'a> {
    engine: &'a Engine,
    principal: &'r Principal<'a>,
    endpoint: &'r Endpoint<'a>,
    /// The tenant that the host passed.
    tenant: Tenant,
    /// Whether the principal's own tenancy resolved that tenant.
    is_resolved: bool,
    /// That tenant, if it is known and inside the scope.
    inside: Option<&'a TenantId>,
    /// The reason of question 17 for that tenant, or none.
    outside: Reasons,
    rule: &'a Rule,
    /// The entry that the path matched, if this policy resolved it.
    pub(crate) entry: Option<&'a CatalogueEntry>,
}

impl<'a> Request<'_, 'a> {
    /// All reasons except `tenant_out_of_scope` for a tenant in the path.
    /// [`Request::allowance`] checks that tenant (question 17) after all other
    /// questions. The order is still right: only question 18 comes after 17, and
    /// it is not asked if the path names the tenant.
    ///
    /// The caller reads the state of the key for question 4, once. Another
    /// thread may revoke the key between two readings, and the answers of one
    /// request must agree.
    #[inline]
    fn reasons_but_path(&self, is_revoked: bool) -> Reasons {
        self.principal
            .refusals
            .union(questions::key_state(is_revoked))
            .union(questions::endpoint(self.endpoint.found))
            .union(questions::current(self.is_current()))
            .union(self.unmet())
            .union(self.outside)
    }

    /// The decision that follows from the reasons of this request.
    #[inline]
    pub(crate) fn decision(&self, reasons: Reasons) -> Decision<'a> {
        // For a public endpoint no reason counts: its path was found and lists the method.
        let refused = reasons.first().filter(|_| !self.is_public());
        let reason = || self.reason_without_allowance();
        let allowance = refused.map_or_else(|| self.allowance().ok_or_else(reason), Err);
        decision(allowance, self.entry)
    }

    /// Whether the endpoint is public. Then only question 10 counts.
    #[inline]
    pub(crate) fn is_public(&self) -> bool {
        self.rule.is_public()
    }

    /// A part of 11: were all values resolved by this policy and this tenancy?
    #[inline]
    fn is_current(&self) -> bool {
        let stamp = self.engine.stamp;
        self.endpoint.policy == stamp && self.principal.profile.policy == stamp && self.is_resolved
    }

    /// Questions 9, 12 to 16, and 18: the requirements of the rule that the principal
    /// does not meet. Each of them is a reason to refuse.
    #[inline]
    fn unmet(&self) -> Reasons {
        let held = questions::privilege_held(self.holds_privilege());
        self.rule
            .requires
            .intersection(self.principal.unmet)
            .difference(held)
    }

    /// 15: does the profile hold the privileges?
    #[inline]
    fn holds_privilege(&self) -> bool {
        self.engine
            .holds(self.principal.profile.number, self.rule.holders)
    }

    /// The contents of an allow.
    #[inline]
    fn allowance(&self) -> Option<Allowance<'a>> {
        Some(Allowance {
            entry: self.entry?,
            path: self.endpoint.path,
            confinement: self.confinement()?,
        })
    }

    /// The reason to deny if no allowance can be built. If the path names the tenant,
    /// question 17 refuses. Otherwise the entry or the tenants of the scope were not
    /// found, although every question passed. That should not happen.
    #[inline]
    fn reason_without_allowance(&self) -> Reason {
        if self.rule.has_tenant_in_path() {
            Reason::TenantOutOfScope
        } else {
            Reason::StaleResolution
        }
    }

    #[inline]
    fn confinement(&self) -> Option<Confinement<'a>> {
        if !self.rule.needs_confinement() {
            return self.confinement_by_path();
        }
        if self.tenant.is_named() {
            return self.inside.map(Confinement::One);
        }
        if self.principal.scope_mask.is_root() {
            return Some(Confinement::Unconfined);
        }
        self.principal.tenants().map(Confinement::Tenants)
    }
}
