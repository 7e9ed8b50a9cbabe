//! Scopes: the part of the platform that an account can access.

use core::fmt;

use serde::Serialize;

use crate::id::{GroupId, TenantId};

/// The three levels of scope, from narrow to wide.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeLevel {
    /// One tenant.
    Tenant,
    /// The tenants of exactly one group.
    Partner,
    /// The whole platform.
    Root,
}

impl ScopeLevel {
    /// Every level, from wide to narrow, as reports show them.
    pub const ALL: [Self; 3] = [Self::Root, Self::Partner, Self::Tenant];

    /// The word that documents and requests use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Partner => "partner",
            Self::Tenant => "tenant",
        }
    }
}

impl fmt::Display for ScopeLevel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The part of the platform that an account can access.
///
/// A `Scope` is always consistent: root names nothing, a partner names one
/// group, a tenant user one tenant. A [`Tenancy`](crate::Tenancy) knows whether
/// that group or tenant exists.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Scope {
    /// The whole platform.
    Root,
    /// The tenants of one group.
    Partner(GroupId),
    /// One tenant.
    Tenant(TenantId),
}

impl Scope {
    /// The scope of the three fields that user records have. `None` if they
    /// contradict each other.
    ///
    /// ```
    /// use portcullis::Scope;
    /// use portcullis::scope::ScopeLevel;
    ///
    /// assert_eq!(Scope::from_parts(ScopeLevel::Root, None, None), Some(Scope::Root));
    /// let contradiction = Scope::from_parts(ScopeLevel::Root, None, Some("alpha".parse()?));
    /// assert_eq!(contradiction, None);
    /// # Ok::<(), portcullis::id::ParseIdError>(())
    /// ```
    pub fn from_parts(
        level: ScopeLevel,
        group: Option<GroupId>,
        tenant: Option<TenantId>,
    ) -> Option<Self> {
        match (level, group, tenant) {
            (ScopeLevel::Root, None, None) => Some(Self::Root),
            (ScopeLevel::Partner, Some(group), None) => Some(Self::Partner(group)),
            (ScopeLevel::Tenant, None, Some(tenant)) => Some(Self::Tenant(tenant)),
            (ScopeLevel::Root | ScopeLevel::Partner | ScopeLevel::Tenant, _, _) => None,
        }
    }

    /// The level of this scope.
    pub const fn level(&self) -> ScopeLevel {
        match self {
            Self::Root => ScopeLevel::Root,
            Self::Partner(_) => ScopeLevel::Partner,
            Self::Tenant(_) => ScopeLevel::Tenant,
        }
    }
}
