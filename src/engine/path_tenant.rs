//! Question 17 if the path names the tenant. These functions are separate, so that
//! other endpoints do not pay for them.
//!
//! The principal's own tenancy resolves the value when the request is decided,
//! whatever the host passes.

use crate::engine::decision::Confinement;
use crate::engine::questions;
use crate::engine::{Engine, Request};
use crate::id::TenantId;
use crate::path::endpoint::{CatalogueEntry, Endpoint, TenantMode};
use crate::principal::Principal;
use crate::reason::Reasons;
use crate::tenancy::Tenant;

impl Engine {
    /// The tenant that the path names, resolved by the principal's tenancy.
    /// `None` if the path does not name a tenant, if the endpoint does not list
    /// the method, if another policy resolved the endpoint, or for an anonymous
    /// principal.
    pub(crate) fn tenant_in_path(
        &self,
        principal: &Principal<'_>,
        endpoint: Endpoint<'_>,
    ) -> Option<Tenant> {
        let entry = self.entry(endpoint)?;
        endpoint.found.method()?;
        entry.tenant_in_path(endpoint.path, principal.tenancy?)
    }
}

/// Answers question 17 if the path names the tenant. Returns the confinement, or
/// `None` to refuse. Called only after every other question has passed. So the tenant
/// of the path and the tenant that the host passed come from one tenancy, and their
/// numbers can be compared. It takes the parts of a [`Request`]: with a reference the
/// compiler would keep every `Request` on the stack, not in registers.
#[cold]
#[inline(never)]
fn judge_path<'a>(
    entry: &CatalogueEntry,
    principal: &Principal<'a>,
    endpoint: &Endpoint<'a>,
    host_tenant: u32,
) -> Option<Confinement<'a>> {
    let method = endpoint.found.method()?;
    let tenant = entry.tenant_in_path(endpoint.path, principal.tenancy?)?;
    let inside = inside_by_path(principal, tenant, host_tenant)?;
    Some(match entry.tenant_mode(method)? {
        TenantMode::None => Confinement::NotTenantData,
        TenantMode::Scoped | TenantMode::Platform => Confinement::One(inside),
    })
}

/// The tenant of a path, if it is known and inside the scope, and if the host
/// passed the same one or none.
fn inside_by_path<'a>(
    principal: &Principal<'a>,
    tenant: Tenant,
    host_tenant: u32,
) -> Option<&'a TenantId> {
    if host_tenant != Tenant::NOT_NAMED.number && host_tenant != tenant.number {
        return None;
    }
    principal
        .tenancy?
        .inside(tenant.number, principal.scope_mask)
}

impl<'a> Request<'_, 'a> {
    /// Every reason to refuse, of all eighteen questions.
    pub(crate) fn reasons(&self, is_revoked: bool) -> Reasons {
        let inside = || {
            let tenant = self.engine.tenant_in_path(self.principal, *self.endpoint)?;
            inside_by_path(self.principal, tenant, self.tenant.number)
        };
        let is_inside = !self.rule.has_tenant_in_path() || inside().is_some();
        self.reasons_but_path(is_revoked)
            .union(questions::tenant_in_path(is_inside))
    }

    /// The confinement if the path gives it, or if the answer has no data of
    /// tenants.
    #[inline]
    pub(super) fn confinement_by_path(&self) -> Option<Confinement<'a>> {
        if self.rule.has_tenant_in_path() {
            judge_path(
                self.entry?,
                self.principal,
                self.endpoint,
                self.tenant.number,
            )
        } else {
            Some(Confinement::NotTenantData)
        }
    }
}
