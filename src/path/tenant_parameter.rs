//! Where a request names its tenant.

use alloc::boxed::Box;

/// Where the requests of one endpoint name their tenant.
///
/// # What a host does with it
///
/// - [`Query`](Self::Query): [`Engine::target`](crate::Engine::target) reads
///   the tenant. A host that splits targets itself reads it from the query.
/// - [`Path`](Self::Path): nothing. [`Engine::authorize`](crate::Engine::authorize)
///   reads the value from the path and judges it. A host may pass the same
///   tenant beside it; every other one is refused as `tenant_out_of_scope`.
/// - [`Header`](Self::Header): the host reads the header of this name, without
///   regard to case, and passes its value as the tenant. Where the header is
///   absent no tenant is named. A request that has it twice the host refuses.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum TenantParameter {
    /// The query parameter of this name, spelled exactly so. Where it is
    /// absent no tenant is named.
    Query(Box<str>),
    /// The parameter of the path that has this name: its decoded value is the
    /// tenant, so that one is always named.
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

    /// The name of the path's parameter, if it is one.
    pub(crate) fn path(&self) -> Option<&str> {
        match self {
            Self::Path(name) => Some(name),
            Self::Query(_) | Self::Header(_) => None,
        }
    }
}
