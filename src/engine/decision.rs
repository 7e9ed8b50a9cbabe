//! Decisions: allow with a confinement, or deny with a reason.

use core::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::id::TenantId;
use crate::method::Method;
use crate::path::endpoint::{CatalogueEntry, Parameters};
use crate::path::template::Template;
use crate::reason::{Reason, ReasonClass};
use crate::tenancy::TenantSet;

/// The answer to one request.
///
/// A decision is a value: a denial is not an error, and there is no third
/// case. The enum is exhaustive, so a host must handle both.
///
/// Serialises as `{"decision":"allow","endpoint":…,"parameters":{…},"confinement":…}`
/// or `{"decision":"deny","reason":…,"class":…,"status":…}`.
#[must_use = "check the decision: a denied request must not go on"]
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// The request may go on, within the allowance's confinement.
    Allow(Allowance<'a>),
    /// The request ends here.
    Deny(Denial<'a>),
}

impl<'a> Decision<'a> {
    /// The reason of a denial; `None` for an allow.
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Self::Allow(_) => None,
            Self::Deny(denial) => Some(denial.reason()),
        }
    }

    /// The confinement of an allow; `None` for a denial.
    pub const fn confinement(&self) -> Option<Confinement<'a>> {
        match self {
            Self::Allow(allowance) => Some(allowance.confinement()),
            Self::Deny(_) => None,
        }
    }
}

impl fmt::Display for Decision<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allow(allowance) => write!(
                formatter,
                "allow {}, {}",
                allowance.endpoint(),
                allowance.confinement()
            ),
            Self::Deny(denial) => {
                let (reason, class) = (denial.reason(), denial.class().as_str());
                write!(
                    formatter,
                    "deny {reason} ({}, {class}): {}",
                    reason.status(),
                    reason.text()
                )
            }
        }
    }
}

impl Serialize for Decision<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut decision = serializer.serialize_struct("Decision", 4)?;
        match self {
            Self::Allow(allowance) => {
                decision.serialize_field("decision", "allow")?;
                decision.serialize_field("endpoint", allowance.endpoint())?;
                decision.serialize_field("parameters", &allowance.parameters())?;
                decision.serialize_field("confinement", &allowance.confinement())?;
            }
            Self::Deny(denial) => {
                decision.serialize_field("decision", "deny")?;
                decision.serialize_field("reason", &denial.reason())?;
                decision.serialize_field("class", &denial.class())?;
                decision.serialize_field("status", &denial.status())?;
            }
        }
        decision.end()
    }
}

/// A request that may go on, with the limits that the host must apply.
#[derive(Clone, Copy, Debug)]
pub struct Allowance<'a> {
    // Only the engine can make one.
    pub(super) entry: &'a CatalogueEntry,
    pub(super) path: &'a [u8],
    pub(super) confinement: Confinement<'a>,
}

impl<'a> Allowance<'a> {
    /// The tenants to which the answer must be limited.
    pub const fn confinement(&self) -> Confinement<'a> {
        self.confinement
    }

    /// The template that matched, without the base path.
    pub fn endpoint(&self) -> &'a Template {
        self.entry.template()
    }

    /// The parameters of the path. Values are decoded when they are read.
    pub fn parameters(&self) -> Parameters<'a> {
        Parameters {
            template: self.entry.template(),
            path: self.path,
        }
    }
}

/// A request that ends here, and why.
#[derive(Clone, Copy, Debug)]
pub struct Denial<'a> {
    pub(crate) reason: Reason,
    pub(crate) entry: Option<&'a CatalogueEntry>,
}

impl<'a> Denial<'a> {
    /// The first reason, in the order of the questions.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The HTTP status for the caller.
    pub const fn status(&self) -> u16 {
        self.reason.status()
    }

    /// The class of the reason.
    pub const fn class(&self) -> ReasonClass {
        self.reason.class()
    }

    /// The template that matched, if one did. For the host's log:
    /// unauthenticated callers must not learn about endpoints.
    pub fn endpoint(&self) -> Option<&'a Template> {
        self.entry.map(CatalogueEntry::template)
    }

    /// The methods that the endpoint lists, for the `Allow` header of a 405.
    /// Empty for every other reason.
    pub fn allowed_methods(&self) -> impl Iterator<Item = Method> + 'a {
        let entry = self
            .entry
            .filter(|_| self.reason == Reason::MethodNotListed);
        entry.into_iter().flat_map(CatalogueEntry::methods)
    }
}

/// The tenants to which the host must limit the answer of an allowed request.
///
/// Serialises as `"unconfined"`, `"not_tenant_data"`, `{"one":"alpha"}` or
/// `{"tenants":["alpha","beta"]}`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confinement<'a> {
    /// The whole platform: a root user who named no tenant.
    Unconfined,
    /// The tenants of the user's scope. The request named no tenant.
    Tenants(&'a TenantSet),
    /// The one tenant that was named.
    One(&'a TenantId),
    /// The endpoint has no tenant data.
    NotTenantData,
}

impl Confinement<'_> {
    /// An owned copy, for hosts that answer later. It allocates nothing, and at most
    /// increments a reference count.
    pub fn to_owned(self) -> OwnedConfinement {
        match self {
            Self::Unconfined => OwnedConfinement::Unconfined,
            Self::Tenants(set) => OwnedConfinement::Tenants(set.clone()),
            Self::One(tenant) => OwnedConfinement::One(tenant.clone()),
            Self::NotTenantData => OwnedConfinement::NotTenantData,
        }
    }
}

impl fmt::Display for Confinement<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unconfined => formatter.write_str("unconfined"),
            Self::NotTenantData => formatter.write_str("not tenant data"),
            Self::One(tenant) => write!(formatter, "tenant {tenant}"),
            Self::Tenants(tenants) => {
                formatter.write_str("tenants")?;
                tenants
                    .iter()
                    .try_for_each(|tenant| write!(formatter, " {tenant}"))
            }
        }
    }
}

/// A [`Confinement`] that borrows nothing.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnedConfinement {
    /// See [`Confinement::Unconfined`].
    Unconfined,
    /// See [`Confinement::Tenants`].
    Tenants(TenantSet),
    /// See [`Confinement::One`].
    One(TenantId),
    /// See [`Confinement::NotTenantData`].
    NotTenantData,
}

impl OwnedConfinement {
    /// The borrowed form.
    pub fn as_borrowed(&self) -> Confinement<'_> {
        match self {
            Self::Unconfined => Confinement::Unconfined,
            Self::Tenants(set) => Confinement::Tenants(set),
            Self::One(tenant) => Confinement::One(tenant),
            Self::NotTenantData => Confinement::NotTenantData,
        }
    }
}
