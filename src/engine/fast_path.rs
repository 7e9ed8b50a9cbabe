//! The fast path of a decision, which nearly every request takes.
//!
//! It is for requests with nothing unusual: the account exists; every value is
//! current; the key is not revoked; the path matched an entry, even if it does not
//! list the method; the method is not public; the path does not name the tenant; and
//! the tenant, if one is named, is known and was never in several groups at once.
//! All others take the general path, [`Engine::decide_general`]. The general path
//! could decide every request, with the same result as the fast path. `explain`
//! never takes the fast path, so the tests that compare it with `authorize`
//! (`tests/model`) check this.

use crate::engine::decision::{Allowance, Confinement, Decision};
use crate::engine::{Engine, decision, questions};
use crate::path::endpoint::Endpoint;
use crate::principal::Principal;
use crate::reason::Reasons;
use crate::tenancy::Tenant;

impl Engine {
    /// Decides a request with nothing unusual. `None` for every other.
    #[expect(
        clippy::inline_always,
        reason = "as a call, a decision takes a fifth longer"
    )]
    #[inline(always)]
    pub(super) fn decide_fast<'a>(
        &'a self,
        principal: &Principal<'a>,
        endpoint: &Endpoint<'a>,
        tenant: Tenant,
    ) -> Option<Decision<'a>> {
        let found = endpoint.found;
        let rule = self.rules.get(found.rule())?;
        let entry = self.policy.catalogue().entry(found.row())?;
        let tenancy = principal.tenancy?;
        let place = tenancy.place(tenant)?;
        let profile = principal.profile;
        let is_current = endpoint.policy == self.stamp
            && profile.policy == self.stamp
            && tenancy.resolved(tenant);
        if !is_current || principal.state.is_revoked() || !rule.is_ordinary() || !place.is_enough()
        {
            return None;
        }
        let held = questions::privilege_held(self.holds(profile.number, rule.holders));
        // 9, 12 to 16, and 18: the requirements that the principal does not meet.
        let unmet = rule.requires.intersection(principal.unmet).difference(held);
        let is_inside = principal.scope_mask.covers(place);
        let reasons: Reasons = principal
            .refusals
            .union(questions::endpoint(found))
            .union(unmet)
            .union(questions::tenant(is_inside, tenant.is_named()));
        let Some(reason) = reasons.first() else {
            let confinement = if !rule.needs_confinement() {
                Confinement::NotTenantData
            } else if tenant.is_named() {
                Confinement::One(tenancy.name_of(tenant.number)?)
            } else if principal.scope_mask.is_root() {
                Confinement::Unconfined
            } else {
                Confinement::Tenants(principal.tenants()?)
            };
            let allowance = Allowance {
                entry,
                path: endpoint.path,
                confinement,
            };
            return Some(decision(Ok(allowance), Some(entry)));
        };
        Some(decision(Err(reason), Some(entry)))
    }
}
