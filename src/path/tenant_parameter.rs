//! Where a request names its tenant.

use alloc::boxed::Box;

/// Where the requests of one endpoint name their tenant.
///
/// # What a host does with it
///
/// - [`Query`](Self::Query): [`Engine::target`](crate::Engine::target) reads
///   the tenant. A host that splits targets itself reads it from the query.
/// - [`Path`](Self::Path): nothing.
///   [`Engine::authorize`](crate::Engine::authorize) reads the value from the
///   path and judges it. A host may pass the same tenant as well; any other is
///   refused as `tenant_out_of_scope`.
/// - [`Header`](Self::Header): the host reads the header of this name, in any
///   case, and passes its value as the tenant. Without the header no tenant is
///   named. The host must refuse a request that has the header twice.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum TenantParameter {
    /// The query parameter of this name, spelled exactly like this. Without it
    /// no tenant is named.
    Query(Box<str>),
    /// The path parameter of this name. Its decoded value is the tenant, so a
    /// tenant is always named.
    Path(Box<str>),
    /// The header of this name, in lower case.
    Header(Box<str>),
}

impl TenantParameter {
    /// The name of the query parameter, of the path parameter, or of the
    /// header.
    pub fn name(&self) -> &str {
        match self {
            Self::Query(name) | Self::Path(name) | Self::Header(name) => name,
        }
    }

    /// The word that policy documents use: `query`, `path` or `header`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Query(_) => "query",
            Self::Path(_) => "path",
            Self::Header(_) => "header",
        }
    }

    /// The name of the query parameter, if it is one.
    pub(crate) fn query(&self) -> Option<&str> {
        match self {
            Self::Query(name) => Some(name),
            Self::Path(_) | Self::Header(_) => None,
        }
    }

    /// The name of the path parameter, if it is one.
    pub(crate) fn path(&self) -> Option<&str> {
        match self {
            Self::Path(name) => Some(name),
            Self::Query(_) | Self::Header(_) => None,
        }
    }
}
