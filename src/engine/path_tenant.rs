//! Question 17 where the path names the tenant: out of the way of all other
//! endpoints.
//!
//! The value is judged whatever the host passes: it is resolved here, by the
//! principal's own tenancy, when the request is decided.

use crate::decision::Confinement;
use crate::endpoint::{Endpoint, TenantMode};
use crate::id::TenantId;
use crate::principal::Principal;
use crate::reason::{Reason, Reasons};
use crate::tenancy::Tenant;

use super::{Engine, Request};

impl Engine {
    /// The tenant that the path names, as the principal's tenancy knows it.
    /// `None` where the path names none: the endpoint names its tenant
    /// elsewhere, does not list the method, or is another policy's.
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

impl<'a> Request<'_, 'a> {
    /// Every reason to refuse, of all eighteen questions.
    pub(crate) fn reasons(&self, is_revoked: bool) -> Reasons {
        let outside = self.rule.has_tenant_in_path() && self.inside_by_path().is_none();
        self.reasons_but_path(is_revoked)
            .union(Reasons::when(outside, Reason::TenantOutOfScope))
    }

    /// What an answer is confined to where no scope confines it.
    #[inline]
    pub(super) fn confinement_by_path(&self) -> Result<Confinement<'a>, Reason> {
        if self.rule.has_tenant_in_path() {
            self.judge_path()
        } else {
            Ok(Confinement::NotTenantData)
        }
    }

    /// 17, and what the answer is confined to.
    #[cold]
    #[inline(never)]
    fn judge_path(&self) -> Result<Confinement<'a>, Reason> {
        let inside = self.inside_by_path().ok_or(Reason::TenantOutOfScope)?;
        let method = self.endpoint.found.method();
        let mode = self
            .entry
            .zip(method)
            .and_then(|(entry, method)| entry.tenant_mode(method));
        Ok(match mode {
            Some(TenantMode::None) => Confinement::NotTenantData,
            Some(TenantMode::Scoped | TenantMode::Platform) | None => Confinement::One(inside),
        })
    }

    /// The tenant that the path names, if it is known and inside the scope, and
    /// if the host passed the same one or none.
    fn inside_by_path(&self) -> Option<&'a TenantId> {
        let tenant = self.engine.tenant_in_path(self.principal, *self.endpoint)?;
        if self.tenant.is_named() && self.tenant != tenant {
            return None;
        }
        let tenancy = self.principal.tenancy?;
        tenancy.inside(tenant.number, self.principal.reach)
    }
}
